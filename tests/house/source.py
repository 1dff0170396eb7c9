"""The program's source files as the house tests read them: their text, and the facts that the rules speak of."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "designer"


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root of the checkout, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax tree, parsed anew.

        Kept ones are a gigabyte of small objects, over which every later run of the garbage collector goes.
        """
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    @property
    def module(self) -> str:
        """The dotted name: `designer/model/core.py` is `designer.model.core`, a package is its folder."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def sources(folder: str = "designer") -> tuple[Source, ...]:
    """Every Python file below a folder of the checkout, sorted by path."""
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / folder).rglob("*.py"))
    )


def imported_modules(tree: ast.Module) -> list[tuple[int, str]]:
    """(line, dotted name) of everything a file imports, wherever in the file; `from a import b` gives `a` and `a.b`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.lineno, node.module))
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def is_below(name: str, parent: str) -> bool:
    """Whether a dotted name is the parent or inside it."""
    return name == parent or name.startswith(parent + ".")


def tracked_files() -> list[Path]:
    """The files that git tracks; where the tree is no checkout, none."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]
