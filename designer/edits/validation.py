"""What pydantic says about wrong data, in a person's words.

Used wherever data enters: a field in the inspector, a pasted object, a project file.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from designer.edits.edit import spoken
from designer.edits.paths import path_text
from designer.model import Problem

# The parts of pydantic's locations that name its own machinery (union members, wrappers), not a field.
_MACHINERY = frozenset({"int", "str", "bool", "float"})

_WORDS: dict[str, str] = {
    "missing": "is required",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a group of fields",
    "model_type": "must be a group of fields",
    "model_attributes_type": "must be a group of fields",
}


def words_for(error: Any) -> str:
    """One error of pydantic as the end of a sentence: ``must be a whole number``."""
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "literal_error":
            return f"must be {context['expected'].replace(chr(39), '')}"
        case "greater_than_equal":
            return f"must be {context['ge']} or more"
        case "less_than_equal":
            return f"must be {context['le']} or less"
        case "too_long" | "too_short":
            return "has the wrong number of entries"
    return _WORDS.get(kind, "has a value that does not fit")


def field_of(location: tuple[int | str, ...]) -> str:
    """The path of a pydantic location: ``spec.ports[0].port``."""
    parts = [p for p in location if isinstance(p, int) or not (p in _MACHINERY or p.startswith(("function-", "dict[")))]
    if parts and parts[-1] == "[key]":
        parts = parts[:-2]
    return path_text(tuple(parts))


def problems_of(
    error: ValidationError, code: str, oid: str = "", *, file: str = "", line: int = 0, limit: int = 20
) -> tuple[Problem, ...]:
    """One problem a field of a ValidationError, in the order of the fields, at most `limit`."""
    words: dict[str, list[str]] = {}
    for entry in error.errors(include_url=False, include_input=False):
        said = words.setdefault(field_of(entry["loc"]), [])
        if (text := words_for(entry)) not in said:
            said.append(text)
    return tuple(
        Problem(
            code=code,
            severity="error",
            title=f"{field or 'The value'}{f' of {spoken(oid)}' if oid else ''} {_joined(texts)}",
            object=oid,
            field=field,
            why="The field does not have the type that Kubernetes gives it.",
            fix="Correct the value.",
            file=file,
            line=line,
        )
        for field, texts in list(words.items())[:limit]
    )


def _joined(texts: list[str]) -> str:
    """The words of a field whose value may have one of several types: ``must be a whole number or text``."""
    if all(text.startswith("must be ") for text in texts):
        return "must be " + " or ".join(text.removeprefix("must be ") for text in texts)
    return texts[0]
