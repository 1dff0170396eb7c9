"""Problems as rows, text and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from designer.model import Problem, Project
from designer.present.words import count_text, object_text, place_text

SEVERITY_SIGNS: dict[str, str] = {"error": "✕", "warning": "!", "info": "i"}


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One line of the Problems panel; `problem` is the finding itself."""

    severity: str
    code: str
    title: str
    object: str
    field: str
    place: str
    problem: Problem


def problem_rows(problems: Iterable[Problem]) -> tuple[ProblemRow, ...]:
    """Rows in the order in which a person should read them: errors first."""
    return tuple(
        ProblemRow(p.severity, p.code, p.title, object_text(p.object), p.field, place_text(p.file, p.line), p)
        for p in sorted(problems, key=lambda found: found.sort_key)
    )


def refused_objects(problems: Iterable[Problem], read: Project, said: Iterable[Problem]) -> tuple[Problem, ...]:
    """What the API server refuses among the objects that were `read`, without what was `said` of the same field.

    It shows when the cluster is made of them: `problems` are those of its state.
    """
    known = {(problem.object, problem.field) for problem in said}
    found = (p for p in problems if p.severity == "error" and read.get(p.object) is not None)
    return tuple(problem for problem in found if (problem.object, problem.field) not in known)


# How the API server begins: what kind of mistake, and the value, which a person sees in the field.
_REPEATED = re.compile(
    r"^(?:(?:Invalid|Unsupported|Duplicate) value: (?:'[^']*'|\"[^\"]*\"|[^\s:]+): |Invalid value: |Forbidden: )"
)


def beside_field(problem: Problem, field: str = "") -> str:
    """What is wrong and what to do, as it stands beside the field: without the names of the object and the field.

    What an edit of one field makes wrong about another keeps that field's name.
    """
    words = problem.title
    for path in (problem.field, field):
        words = (words.partition(f"{path}: ")[2] if path else "") or words
        words = words.removeprefix(f"{path} ") if path else words
    words = _REPEATED.sub("", words)
    words = "It is required" if words == "Required value" else words
    words = f"{words[:1].upper()}{words[1:]}"
    if field and problem.field and not (problem.field.startswith(field) or field.startswith(problem.field)):
        words = f"{problem.field}: {words[:1].lower()}{words[1:]}"
    fix = "" if problem.fix == "Correct the value." else problem.fix
    return f"{words}. {fix}".strip()


def problem_text(problem: Problem) -> str:
    """One problem as text: sign, code and title on the first line; place, reason and remedy indented below."""
    place = place_text(problem.file, problem.line)
    head = f"{SEVERITY_SIGNS[problem.severity]} {problem.code}  {problem.title}"
    below = [
        f"at {place}" if place else "",
        f"field {problem.field}" if problem.field else "",
        problem.why,
        f"→ {problem.fix}" if problem.fix else "",
    ]
    return "\n".join([head, *(f"    {line}" for line in below if line)])


def problems_text(problems: Iterable[Problem]) -> str:
    """All problems as text, errors first, with a closing line that counts them."""
    found = sorted(problems, key=lambda problem: problem.sort_key)
    if not found:
        return "No problems found."
    counts = {s: sum(p.severity == s for p in found) for s in ("error", "warning", "info")}
    closing = ", ".join(
        (
            count_text(counts["error"], "error"),
            count_text(counts["warning"], "warning"),
            count_text(counts["info"], "note"),
        )
    )
    return "\n".join([*(problem_text(problem) for problem in found), "", closing])


def problem_json(problem: Problem) -> dict[str, Any]:
    """One problem as a JSON value; see ``resources/schemas/check.schema.json``."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "title": problem.title,
        "object": problem.object,
        "field": problem.field,
        "why": problem.why,
        "fix": problem.fix,
        "file": problem.file,
        "line": problem.line,
    }
