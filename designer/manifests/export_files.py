"""An export in a folder: written over the files that are there, whose comments and order stay.

Each file is written whole beside its place and renamed, so that one that cannot be written is as it was before.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from designer.manifests.documents import decode
from designer.manifests.export import export
from designer.model import Problem, Project


def export_for(project: Project, folder: str | Path) -> tuple[tuple[str, str], ...]:
    """The files of `project` as pairs of name and text, for `folder`.

    Where the folder has a file of that name already, its text is edited: what did not change stays to the letter.
    """
    folder = Path(folder)
    texts = {name: text for name, _ in export(project) if (text := text_of(folder / name, name)) is not None}
    return export(project, texts)


def text_of(path: Path, name: str) -> str | None:
    """The text of a file, None where there is none that can be read."""
    try:
        return decode(path.read_bytes(), name)[0]
    except (OSError, ValueError):
        return None


def write_files(folder: str | Path, files: Iterable[tuple[str, str]]) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The files that were written into `folder`, and what could not be; it stops at the first that cannot."""
    folder = Path(folder)
    written: list[Path] = []
    for name, text in files:
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, text.encode("utf-8", "surrogatepass"))
        except (OSError, ValueError) as error:
            return tuple(written), (unwritable(target, error),)
        written.append(target)
    return tuple(written), ()


def replace_file(target: Path, data: bytes) -> None:
    """Put `data` in the place of `target`; a link stays one, permissions stay as they were."""
    target = target.resolve()
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder", str(target))
    mode = target.stat().st_mode & 0o7777 if target.exists() else None
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}-", suffix=".tmp", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, usual_mode() if mode is None else mode)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def usual_mode() -> int:
    """The permissions that a new file gets by the person's umask."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


# What the system says → the end of the sentence, and what to do.
REASONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (FileExistsError, "a part of its path is a file, not a folder", "Choose another folder."),
    (NotADirectoryError, "a part of its path is a file, not a folder", "Choose another folder."),
    (IsADirectoryError, "a folder of that name is there", "Choose another folder, or rename that one."),
    (PermissionError, "you have no permission", "Choose a folder that you may write to."),
)


def unwritable(path: Path, error: Exception) -> Problem:
    """The problem of a file that could not be written."""
    known = next(((why, fix) for kind, why, fix in REASONS if isinstance(error, kind)), None)
    said = getattr(error, "strerror", None) or str(error)
    why, fix = known or (f"{said[:1].lower()}{said[1:]}", "Choose a folder that you may write to.")
    return Problem(
        "WRITE-01",
        "error",
        f"{path} cannot be written: {why}",
        why="A file that was there before is as it was.",
        fix=fix,
        file=str(path),
    )
