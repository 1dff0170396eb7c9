"""JSON texts → plain values, through orjson; small ones get line numbers and a check for duplicate keys.

kubectl takes a text whose first character is ``{`` as JSON, and several objects one after the other.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from designer.manifests.yaml_reader import MAX_DEPTH, broken, read_document
from designer.model import Problem

# Above this size lines are not worth their time: it is a dump, not something that a person wrote.
LINES_BELOW = 1_000_000


def looks_like_json(text: str) -> bool:
    """Whether the text starts as JSON does: a bracket, then a quote or the closing bracket.

    ``{{`` begins a Helm template.
    """
    head = text[:2000].lstrip()
    if head.startswith("{{"):
        return False
    return head[:1] in ("{", "[") and head[1:].lstrip()[:1] in ('"', "{", "[", "}", "]", "")


def read_json(text: str, file: str) -> tuple[tuple[Any, ...] | None, Problem | None]:
    """The values of a JSON text (several when objects follow each other), or None with the problem of its syntax."""
    try:
        values: tuple[Any, ...] = (orjson.loads(text),)
    except orjson.JSONDecodeError as error:
        several, problem = read_stream(text, file, error)
        if several is None:
            return None, problem
        values = several
    if any(too_deep(value) for value in values):
        return None, broken(
            file,
            1,
            0,
            f"the text is nested more than {MAX_DEPTH} levels deep",
            "No Kubernetes object is; leave it out.",
        )
    if len(values) == 1 and len(text) < LINES_BELOW and "\t" not in text:
        lined, problem = read_document(text, 1, file)
        if problem is not None and "stands twice" in problem.title:
            return None, problem
        if problem is None and lined == values[0]:
            return (lined,), None
    return values, None


def read_stream(text: str, file: str, error: orjson.JSONDecodeError) -> tuple[tuple[Any, ...] | None, Problem | None]:
    """Objects that follow each other without a comma, as ``kubectl -o json`` in a loop gives them."""
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    found: list[Any] = []
    at = 0
    try:
        while at < len(text):
            while at < len(text) and text[at].isspace():
                at += 1
            if at == len(text):
                break
            value, at = decoder.raw_decode(text, at)
            found.append(value)
    except json.JSONDecodeError as inner:
        what = f"{inner.msg[:1].lower()}{inner.msg[1:]}"
        return None, broken(file, inner.lineno, inner.colno, f"the JSON is broken here: {what}", "Correct the JSON.")
    except (RecursionError, ValueError):
        return None, broken(
            file, error.lineno, error.colno, f"the JSON is not readable: {error.msg}", "Correct the JSON."
        )
    return tuple(found), None


def refuse_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which JSON has not."""
    raise ValueError(name)


def too_deep(value: Any) -> bool:
    """Whether containers are nested deeper than the reader allows; walks level by level."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = (
            [
                inner
                for outer in level
                for inner in (outer.values() if isinstance(outer, dict) else outer)
                if isinstance(inner, (dict, list))
            ]
            if level and isinstance(level[0], (dict, list))
            else []
        )
        if not level:
            return False
    return True
