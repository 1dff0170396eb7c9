"""Values as read → plain data without nulls, and the lines of their fields.

A ``null`` means an absent field in Kubernetes (API conventions, "Optional vs. Required"); inside a list it is the zero
value of the list's type, which `validating` fills in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from designer.manifests.yaml_reader import LineDict, LineList

PathPart = str | int
SCALARS = frozenset((str, int, float, bool))


def clean(value: Any) -> Any:
    """`value` as plain dicts and lists, without the keys whose value is null."""
    if isinstance(value, dict):
        return {
            key: inner if inner.__class__ in SCALARS else clean(inner)
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(value, list):
        return [inner if inner.__class__ in SCALARS else clean(inner) for inner in value]
    return value


def line_of(value: Any, path: Sequence[PathPart]) -> int:
    """The 1-based line of the field at `path`, of its nearest ancestor where the field is absent, 0 when unknown."""
    line = getattr(value, "line", 0)
    for part in path:
        if isinstance(value, LineDict) and part in value:
            line = value.key_lines.get(str(part), line)
            value = value[str(part)]
        elif isinstance(value, LineList) and isinstance(part, int) and part < len(value):
            line = value.item_lines[part]
            value = value[part]
        else:
            break
    return int(line)


def container_lines(
    value: Any, skip: frozenset[str] = frozenset(("metadata", "status")), *, leaves: bool = False
) -> dict[str, int]:
    """Lines of all mappings and lists inside `value`, by path (``spec.ports[0]``).

    A mapping or list under a key has the line of the key, an item of a list its own. Top-level keys in `skip` are left
    out. With `leaves` also those of single values that stand on another line than what they are in.
    """
    found: dict[str, int] = {}
    if isinstance(value, LineDict):
        for key, inner in value.items():
            if key not in skip and isinstance(inner, (LineDict, LineList)):
                found[key] = value.key_lines[key]
                collect(inner, key, found)
                if leaves:
                    collect_leaves(inner, key, found)
    return found


def collect_leaves(value: LineDict | LineList, path: str, found: dict[str, int]) -> None:
    """Add the lines of the single values inside `value` that a reader would not find on the line of what holds them."""
    if isinstance(value, LineDict):
        parts = [(f"{path}.{key}", inner, value.key_lines.get(key, 0)) for key, inner in value.items()]
    else:
        lines = value.item_lines
        parts = [(f"{path}[{place}]", inner, lines[place]) for place, inner in enumerate(value)]
    for here, inner, line in parts:
        if isinstance(inner, (LineDict, LineList)):
            collect_leaves(inner, here, found)
        elif line and line != found.get(path):
            found[here] = line


def collect(value: LineDict | LineList, path: str, found: dict[str, int]) -> None:
    """Add the lines of everything inside `value`, which stands at `path`."""
    if isinstance(value, LineDict):
        for key, inner in value.items():
            if isinstance(inner, (LineDict, LineList)):
                here = f"{path}.{key}"
                found[here] = value.key_lines[key]
                collect(inner, here, found)
    else:
        for index, inner in enumerate(value):
            if isinstance(inner, (LineDict, LineList)):
                here = f"{path}[{index}]"
                found[here] = value.item_lines[index]
                collect(inner, here, found)


def path_text(path: Sequence[PathPart]) -> str:
    """The path as a person writes it: ``spec.ports[0].targetPort``; keys with dots are put in brackets."""
    text = ""
    for part in path:
        if isinstance(part, int) or "." in part or "/" in part:
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
