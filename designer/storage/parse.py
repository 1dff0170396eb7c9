"""Bytes → plain JSON data, with everything that a hostile or damaged file can hold told apart.

Nesting is measured before parsing, duplicate keys are found, numbers of any size are kept exact.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

import orjson

from designer.model import Problem
from designer.storage.encode import canonical
from designer.storage.envelope import FORMAT, MAX_BYTES, MAX_DEPTH, file_problem

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
# Integers that may not fit 64 bits: orjson would read them as floats.
_LONG_NUMBER = re.compile(rb"[\s:\[,]-?[0-9]{19}")
# Every digit as "0", and so many of them: looked for first, because the expression takes a second for 30 MB.
_AS_ZEROS, _MANY_ZEROS = bytes.maketrans(b"123456789", b"000000000"), b"0" * 19
_YAML = re.compile(rb"\A(?:\s*#[^\n]*\n|\s)*(?:---|apiVersion:|kind:|metadata:|spec:|items:|- )")
_AS_MANIFEST = "Give its name the ending .yaml and open it again: it is then read as a manifest."
_OTHER = "Open a file that this program saved; if it was one, its backup (ending in .cnd.bak) may be whole."
_BACKUP = "The backup beside it (the same name with .bak at the end) may be whole."


_FORMAT_LINE = re.compile(rb'"format"\s*:\s*"' + FORMAT.encode() + rb'"')


def is_project(data: bytes) -> bool:
    """Whether bytes say that they are a project file, whole or damaged, whatever the name of their file is."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and _FORMAT_LINE.search(data) is not None


def depth_of(data: bytes) -> int:
    """How deep the brackets of a JSON text nest; brackets inside texts do not count."""
    depth = _bracket_depth(data)
    return _bracket_depth(_STRINGS.sub(b"", data)) if depth > MAX_DEPTH else depth


def _bracket_depth(data: bytes) -> int:
    return max(accumulate(_STEP[byte] for byte in data.translate(None, _NOT_BRACKETS)), default=0)


def parse_json(data: bytes, name: str) -> tuple[Any, tuple[Problem, ...]]:
    """The parsed value (None with problems when there is none)."""
    problem = _refusal_at_sight(data, name)
    if problem is not None:
        return None, (problem,)
    try:
        value = loads_exact(data)
    except (ValueError, RecursionError):
        return _second_reading(data, name)
    if canonical(value) == data.rstrip(b"\n"):
        return value, ()  # written by the program itself: no key can stand twice
    return value, _duplicates(data, name)


def _refusal_at_sight(data: bytes, name: str) -> Problem | None:
    """What can be said without parsing."""
    if not data.strip():
        return file_problem("FILE-02", f"{name} is empty", file=name, fix=_BACKUP)
    if len(data) > MAX_BYTES:
        return file_problem(
            "FILE-06", f"{name} is larger than {MAX_BYTES >> 20} MiB", file=name, fix="Open another file."
        )
    if b"\0" in data[:4096]:
        return _something_else(name, "it is a binary file", _OTHER)
    if _YAML.match(data):
        return _something_else(
            name,
            "it looks like a Kubernetes manifest",
            _AS_MANIFEST,
        )
    if depth_of(data) > MAX_DEPTH:
        title = f"{name} is nested more than {MAX_DEPTH} levels deep"
        why = "No Kubernetes object is: the file is damaged or was made to do harm."
        return file_problem("FILE-06", title, file=name, why=why, fix=_BACKUP)
    return None


def _something_else(name: str, why: str, fix: str) -> Problem:
    return file_problem("FILE-03", f"{name} is not a project file: {why}", file=name, fix=fix)


def not_a_project(value: Any, name: str) -> Problem:
    """The problem of JSON that is no project: a manifest is told apart from anything else."""
    if isinstance(value, dict) and "apiVersion" in value and "kind" in value:
        return _something_else(
            name,
            "it is a Kubernetes manifest",
            _AS_MANIFEST,
        )
    return _something_else(name, "it does not say that it is one", _OTHER)


def loads_exact(data: bytes) -> Any:
    """The parsed value, with integers of any size exact. Raises ValueError or RecursionError."""
    long = _MANY_ZEROS in data.translate(_AS_ZEROS) and _LONG_NUMBER.search(data)
    return _slow(data) if long else orjson.loads(data)


class _RefusedConstantError(ValueError):
    """``NaN`` and ``Infinity`` are no JSON."""


def _refuse_constant(text: str) -> Any:
    raise _RefusedConstantError(text)


def _slow(data: bytes) -> Any:
    """The standard library's reading: exact for numbers of any size."""
    return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)


def _second_reading(data: bytes, name: str) -> tuple[Any, tuple[Problem, ...]]:
    """What orjson refused, read by the standard library: it tells where the damage is, and reads lone surrogates."""
    try:
        return _slow(data), _duplicates(data, name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        title = f"{name} is damaged: byte {error.start} is not text"
        return None, (file_problem("FILE-04", title, file=name, line=line, fix=_BACKUP),)
    except json.JSONDecodeError as error:
        return None, (_damage(data, name, error),)
    except (ValueError, RecursionError):
        title = f"{name} holds a number that no program can read"
        return None, (file_problem("FILE-04", title, file=name, fix=_BACKUP),)


def _damage(data: bytes, name: str, error: json.JSONDecodeError) -> Problem:
    offset = len(error.doc[: error.pos].encode("utf-8", "surrogatepass"))
    if offset >= len(data.rstrip()) or error.msg.startswith("Unterminated string"):
        title = f"{name} ends in the middle, after {len(data)} bytes: it was cut off"
        return file_problem("FILE-04", title, file=name, line=data.count(b"\n") + 1, fix=_BACKUP)
    title = f"{name} is damaged in line {error.lineno}, at byte {offset}"
    fix = f"Correct the line if the file was edited by hand. {_BACKUP}"
    return file_problem("FILE-04", title, file=name, line=error.lineno, fix=fix)


def _duplicates(data: bytes, name: str) -> tuple[Problem, ...]:
    """A problem for each key that stands twice in the same group: one of its values would be lost unseen."""
    found: dict[str, None] = {}

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        group = dict(entries)
        if len(group) != len(entries):
            seen: set[str] = set()
            for key, _ in entries:
                if key in seen:
                    found[key] = None
                seen.add(key)
        return group

    try:
        json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return ()  # the reading before has already said so
    return tuple(
        file_problem(
            "FILE-08",
            f"{name} has {key} twice in the same group",
            file=name,
            line=last_line_of(data, key),
            oid=key if ":" in key else "",
            why="Only one of the two can be meant, and the file does not say which.",
            fix="Remove one of them; this happens when two versions of a file are merged.",
        )
        for key in found
    )


def line_of(data: bytes, key: str) -> int:
    """The 1-based line in which a key first stands, 0 when it is not found."""
    at = data.find(canonical(key) + b":")
    return data.count(b"\n", 0, at) + 1 if at >= 0 else 0


def last_line_of(data: bytes, key: str) -> int:
    """The 1-based line in which a key last stands, 0 when it is not found."""
    at = data.rfind(canonical(key) + b":")
    return data.count(b"\n", 0, at) + 1 if at >= 0 else 0
