"""Where tests name a row of a facts document: `services.md 1, row 'Named port missing'`, read from the test files.

A citation counts in the docstring of a test function and in the texts of a test file, such as the ids of its cases;
what a module's own docstring says does not. Several rows of one section may follow each other: `services.md 1, rows
'A', 'B'`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.house.source import sources

ROW = r"'[^']+'"
CITATION = re.compile(rf"([\w-]+\.md) (\d+), rows? ({ROW}(?:(?:, and |, | and ){ROW})*)")


@dataclass(frozen=True, slots=True)
class Document:
    """A document of facts: its file name, and by section its rows: "" where tests name it, else why no test can."""

    name: str
    rows: dict[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Citation:
    """One row that a test names: the row as (document, section, label) and the test as `path::function`."""

    row: tuple[str, int, str]
    test: str


def citations_in(text: str) -> list[tuple[str, int, str]]:
    """The rows that a text names, in its order; line breaks in it do not matter."""
    found = []
    for document, section, rows in CITATION.findall(" ".join(text.split())):
        found += [(document, int(section), row.strip("'")) for row in re.findall(ROW, rows)]
    return found


def _texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(name of the test or of the line, text) of every text in a file but what its own docstring says."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield f"line {node.lineno}", node.value


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None


@cache
def citations() -> tuple[Citation, ...]:
    """Every row that a test of this project names, in the order of the files; the tests of this mechanism left out."""
    return tuple(
        Citation(row, f"{source.path}::{where}")
        for source in sources("tests")
        if not source.path.startswith("tests/facts/test_citations")
        for where, text in _texts(source.tree)
        for row in citations_in(text)
    )


def faults(document: Document, named: tuple[Citation, ...]) -> list[str]:
    """What is wrong between a document's rows and the tests that name them, a sentence each; empty when all is well."""
    mine = [citation for citation in named if citation.row[0] == document.name]
    known = {
        (document.name, section, label): why for section, rows in document.rows.items() for label, why in rows.items()
    }
    found = [f"{c.test} names {c.row}, which no table of rows has" for c in mine if c.row not in known]
    held = {citation.row for citation in mine}
    for row, why in known.items():
        if not why and row not in held:
            found.append(f"no test names {row}, and no reason says why")
        if why and row in held:
            found.append(f"{row} is named by a test, so it needs no reason")
    return found
