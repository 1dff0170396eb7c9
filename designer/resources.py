"""Where the files that travel with the program are: samples, icons, fonts, schemas.

The same call finds them in a checkout (`resources/` beside the package), in an installed wheel
(`designer/_resources`) and in a PyInstaller bundle (`resources/` in the folder it unpacks from).
"""

import sys
from functools import cache
from pathlib import Path


def candidate_roots() -> tuple[Path, ...]:
    """The folders that may hold the resources, the most specific installation first."""
    package = Path(__file__).resolve().parent
    bundle = getattr(sys, "_MEIPASS", None)
    bundled = (Path(bundle) / "resources",) if bundle else ()
    return (*bundled, package / "_resources", package.parent / "resources")


@cache
def resource_root() -> Path:
    """The folder that holds the resources of this installation; FileNotFoundError where none does."""
    roots = candidate_roots()
    for root in roots:
        if root.is_dir():
            return root
    looked = ", ".join(str(root) for root in roots)
    raise FileNotFoundError(
        f"This installation of Cluster Network Designer lacks its resources folder (looked in {looked})."
    )


def resource_path(*parts: str) -> Path:
    """The path of one resource, named by its parts below `resources/`: `resource_path("samples", "first-steps.cnd")`.

    The path is returned whether or not the file exists; `..` and absolute parts are refused with ValueError, so
    that a name taken from data never leaves the folder.
    """
    root = resource_root()
    path = root.joinpath(*parts)
    if not path.is_relative_to(root) or ".." in path.relative_to(root).parts:
        raise ValueError(f"not the name of a resource: {'/'.join(parts)}")
    return path


def read_text(*parts: str) -> str:
    """The text of one resource, read as UTF-8; FileNotFoundError where it does not exist."""
    return resource_path(*parts).read_text(encoding="utf-8")
