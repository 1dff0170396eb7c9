"""Paths into an object's data, such as ``spec.ports[0].port``, and reading and changing plain data by them.

Forms: ``a.b`` a key, ``a[0]`` an element, ``a[+]`` one more element at the end, ``a[+2]`` a new element before
element 2, ``a["x.y/z"]`` or ``a[x.y/z]`` a key that holds dots (labels, annotations).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Insert:
    """A new element of a list: before `index`, at the end when None."""

    index: int | None = None


Part = str | int | Insert


class PathError(ValueError):
    """The path is misspelt or leads nowhere; the text says so to a person."""


_TOKEN = re.compile(r"""\["(?P<quoted>[^"]*)"\]|\[\+(?P<insert>\d*)\]|\[(?P<bracket>[^\]]+)\]|\.?(?P<key>[^.\[\]]+)""")
# The names that Python reserves: the model calls these fields `from_` and `except_`.
_PYTHON_NAMES = {"from_": "from", "except_": "except"}


def parse_path(path: str) -> tuple[Part, ...]:
    """The parts of a path. Raises PathError when it is empty or misspelt."""
    parts: list[Part] = []
    at = 0
    while at < len(path):
        match = _TOKEN.match(path, at)
        if match is None:
            raise PathError(f"The path {path} is misspelt at character {at + 1}.")
        at = match.end()
        if match["quoted"] is not None:
            parts.append(match["quoted"])
        elif match["insert"] is not None:
            parts.append(Insert(int(match["insert"]) if match["insert"] else None))
        elif match["bracket"] is not None:
            text = match["bracket"]
            parts.append(int(text) if text.isdecimal() and text.isascii() else text)
        else:
            parts.append(_PYTHON_NAMES.get(match["key"], match["key"]))
    if not parts:
        raise PathError("The path is empty.")
    return tuple(parts)


def path_text(parts: tuple[Part, ...]) -> str:
    """The path as text; `parse_path` reads it back."""
    text = ""
    for part in parts:
        if isinstance(part, Insert):
            text += "[+]" if part.index is None else f"[+{part.index}]"
        elif isinstance(part, int):
            text += f"[{part}]"
        elif not part or re.search(r'[.\[\]"]', part) or part.isdecimal():
            text += f'["{part}"]'
        else:
            text += f".{part}" if text else part
    return text


# Deeper than any Kubernetes object: what comes in by hand must not exhaust those who walk it.
MAX_DEPTH = 100


def is_too_deep(value: Any) -> bool:
    """Whether plain data nests deeper than any Kubernetes object does."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for entry in level
            if isinstance(entry, dict | list)
            for inner in (entry.values() if isinstance(entry, dict) else entry)
        ]
        if not level:
            return False
    return True


def read(data: Any, parts: tuple[Part, ...]) -> Any:
    """The value at a path in plain data, None where there is none."""
    for part in parts:
        if isinstance(data, dict) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def write(data: dict[str, Any], parts: tuple[Part, ...], value: Any) -> None:
    """Put `value` at a path of plain data, making what is missing on the way; None takes the value out.

    Raises PathError where the path runs through a value that is neither a group nor a list, or past a list's end.
    """
    target: Any = data
    for position, part in enumerate(parts[:-1]):
        target = _enter(target, part, parts[position + 1], parts[: position + 1], create=value is not None)
        if target is None:
            return
    _put(target, parts[-1], value, parts)


def _enter(target: Any, part: Part, following: Part, so_far: tuple[Part, ...], *, create: bool) -> Any:
    """What stands at `part` of `target`, made when missing and `create`; None when there is nothing."""
    fresh: Any = {} if isinstance(following, str) else []
    if isinstance(part, str):
        if not isinstance(target, dict):
            raise PathError(f"{path_text(so_far)} leads into a value that has no fields.")
        if target.get(part) is None:
            if not create:
                return None
            target[part] = fresh
        return target[part]
    if not isinstance(target, list):
        raise PathError(f"{path_text(so_far)} leads into a value that is not a list.")
    if isinstance(part, Insert):
        at = len(target) if part.index is None else part.index
        target.insert(at, fresh)
        return target[min(at, len(target) - 1)]
    if part >= len(target):
        raise PathError(f"{path_text(so_far)} does not exist: the list has {len(target)} entries.")
    return target[part]


def _put(target: Any, part: Part, value: Any, parts: tuple[Part, ...]) -> None:
    if isinstance(part, str):
        if not isinstance(target, dict):
            raise PathError(f"{path_text(parts)} leads into a value that has no fields.")
        if value is None:
            target.pop(part, None)
        else:
            target[part] = value
        return
    if not isinstance(target, list):
        raise PathError(f"{path_text(parts)} leads into a value that is not a list.")
    if isinstance(part, Insert):
        if value is not None:
            target.insert(len(target) if part.index is None else part.index, value)
        return
    if part >= len(target):
        raise PathError(f"{path_text(parts)} does not exist: the list has {len(target)} entries.")
    if value is None:
        del target[part]
    else:
        target[part] = value
