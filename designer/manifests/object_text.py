"""The text of one object, as it is edited by hand, → data."""

from __future__ import annotations

from typing import Any

from designer.manifests.cleaning import clean, container_lines
from designer.manifests.converters import CONVERTERS, converted
from designer.manifests.raw_objects import Gathered, RawObject, gather
from designer.manifests.validating import validated
from designer.model import KIND_BY_NAME, Problem


def field_line(text: str, path: str) -> int:
    """The line of a field (``spec.ingress[0]``) in the text of one object, or of what it is in; 0 for neither."""
    gathered = Gathered()
    gather("", text, gathered)
    if len(gathered.objects) != 1:
        return 0
    lines = container_lines(gathered.objects[0].data)
    while path and path not in lines:
        cut = max(path.rfind("."), path.rfind("["))
        path = path[:cut] if cut > 0 else ""
    return lines.get(path, 0)


def parse_object(text: str) -> tuple[dict[str, Any] | None, tuple[Problem, ...]]:
    """The data of the one object that `text` (YAML or JSON) describes, and what stands against it, with lines.

    The data have the kind's current apiVersion and no nulls. None when the text holds no object, more than one, one of
    a kind that the program does not know, or one that does not fit its kind; the problems then say why. Their `file` is
    "": the text has no file.
    """
    raw, problems = _one(text)
    if raw is None:
        return None, tuple(problems)
    converter = CONVERTERS.get((raw.api_version, raw.kind))
    if converter is None:
        known = KIND_BY_NAME.get(raw.kind)
        fix = f"Write `apiVersion: {known.API_VERSION}`." if known else "Choose a kind that can be drawn."
        title = f"{raw.kind} of {raw.api_version or 'no apiVersion'} is not a kind that the program works with"
        return None, (*problems, Problem("READ-09", "error", title, field="kind", fix=fix, line=raw.line))
    data = clean(raw.data)
    data.setdefault("apiVersion", raw.api_version)
    data = converted(data, converter)
    obj, found_problems = validated(converter.kind, data, raw)
    problems += [plain(problem) for problem in found_problems]
    return (None if obj is None else data), tuple(problems)


def plain(problem: Problem) -> Problem:
    """The problem in the words of a text without a file."""
    title = problem.title.removeprefix(", ")
    title = title[:1].upper() + title[1:]
    return Problem(
        problem.code,
        problem.severity,
        title,
        problem.object,
        problem.field,
        "" if problem.code in ("READ-02", "READ-06") else problem.why,
        problem.fix,
        "",
        problem.line,
    )


def parse_kept(text: str) -> tuple[dict[str, Any] | None, tuple[Problem, ...]]:
    """The same for an object of any kind, which is not validated: one that the program only keeps."""
    raw, problems = _one(text)
    if raw is None:
        return None, tuple(problems)
    data = clean(raw.data)
    return (data if isinstance(data, dict) else None), tuple(problems)


def _one(text: str) -> tuple[RawObject | None, list[Problem]]:
    """The one object in a text, None with the reasons where there is none, or more."""
    gathered = Gathered()
    gather("", text, gathered)
    problems = [plain(problem) for problem in gathered.problems]
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    if len(gathered.objects) != 1:
        found = "no object" if not gathered.objects else f"{len(gathered.objects)} objects"
        fix = "Write one object with apiVersion, kind and metadata."
        line = gathered.objects[1].line if gathered.objects else 1
        return None, [*problems, Problem("READ-04", "error", f"The text holds {found}", fix=fix, line=line)]
    return gathered.objects[0], problems
