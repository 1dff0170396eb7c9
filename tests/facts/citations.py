"""Where tests name a row of a facts document: `services.md 1, row 'Named port missing'`, read from the test files.

A citation counts in the docstring of a test function, and in the id of a
`pytest.param`, wherever it stands. Several rows of one section may follow each other: `services.md 1, rows 'A', 'B'`.
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
    """(name of the test or of the line, text) of every place in a file that may name a row."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "param":
            for keyword in node.keywords:
                if keyword.arg == "id" and isinstance(keyword.value, ast.Constant):
                    yield f"line {node.lineno}", str(keyword.value.value)


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
