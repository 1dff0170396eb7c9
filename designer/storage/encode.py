"""`Project` → bytes: canonical JSON, the same bytes for equal projects.

Keys are sorted, each stands on its own line, and the file ends with a newline. An `Encoder` remembers the bytes of each
object by identity, so that saving again costs what was changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from designer.model import FrozenMap, FrozenModel, Project
from designer.model.collector import collector_paused
from designer.storage.envelope import FORMAT, VERSION

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS


def canonical(value: Any) -> bytes:
    """Plain JSON data as canonical bytes, without a newline at the end.

    orjson writes no numbers beyond 64 bits and no lone surrogates; the rare values that hold them go through the slow
    writer of the standard library, which has the same layout.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError:
        return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True).encode()


def indented(data: bytes, level: int) -> bytes:
    """Canonical bytes as they stand `level` steps deeper; safe because JSON writes newlines in texts as ``\\n``."""
    return data.replace(b"\n", b"\n" + b"  " * level)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A project with the bytes of its file, and those of each part by identity; made in any thread."""

    project: Project
    data: bytes
    known: dict[int, tuple[object, bytes]]


class Encoder:
    """Writes projects and remembers the bytes of every object, record and placement of the last one."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}
        self._fresh: dict[int, tuple[object, bytes]] = {}
        self._expected: Encoded | None = None

    def encode(self, project: Project) -> bytes:
        """The project file's bytes."""
        expected, self._expected = self._expected, None
        if expected is not None and expected.project is project:
            self._known = expected.known
            return expected.data
        with collector_paused():
            return self._encode(project)

    def encoded(self, project: Project) -> Encoded:
        """The project with its bytes, for `expect` of this encoder or another."""
        return Encoded(project, self.encode(project), self._known)

    def twin(self) -> Encoder:
        """An encoder that knows the same, for another thread: neither hears of what the other encodes."""
        made = Encoder()
        made._known = self._known
        return made

    def expect(self, encoded: Encoded) -> None:
        """Nothing; this very project is what is asked for next: its bytes are taken once, any other forgets them."""
        self._expected = encoded

    def expects(self, project: Project) -> bool:
        """Whether the bytes of this very project are there already."""
        return self._expected is not None and self._expected.project is project

    def _encode(self, project: Project) -> bytes:
        self._fresh = {}
        sections = {
            "canvas": self._canvas(project),
            "cluster": self._value(project.cluster, 1),
            "foreign": _map(
                (fid, indented(canonical({"data": f.data, "reason": f.reason}), 2))
                for fid, f in project.foreign.items()
            ),
            "format": canonical(FORMAT),
            "ledger": self._ledger(project),
            "objects": _map((oid, self._value(o, 2)) for found in project.objects.values() for oid, o in found.items()),
            "provenance": self._models(project.provenance, 2),
            "scenarios": self._models(project.scenarios, 2),
            "version": canonical(VERSION),
        }
        if project.verification is not None:
            sections["verification"] = self._value(project.verification, 1)
        # Only what this project holds is remembered: a closed project does not stay in memory.
        self._known, self._fresh = self._fresh, {}
        return _map(sections.items(), 0) + b"\n"

    def _value(self, value: FrozenModel, level: int) -> bytes:
        """The bytes of a value at its depth in the file; those of last time when it is the very same value."""
        key = id(value)
        known = self._known.get(key)
        if known is None or known[0] is not value:
            known = (value, indented(canonical(value.dump()), level))
        self._fresh[key] = known
        return known[1]

    def _models(self, found: FrozenMap[str, Any], level: int) -> bytes:
        return _map(((key, self._value(value, level)) for key, value in found.items()), level - 1)

    def _ledger(self, project: Project) -> bytes:
        """The ledger record by record: an edit changes few of many."""
        ledger = project.ledger
        rest = ledger.model_copy(update=dict.fromkeys(_RECORDS, FrozenMap())).dump()
        parts = {key: indented(canonical(value), 2) for key, value in rest.items() if key not in _RECORDS}
        for name in _RECORDS:
            if name in ledger.model_fields_set:
                parts[name] = self._models(getattr(ledger, name), 3)
        return _map(parts.items(), 1)

    def _canvas(self, project: Project) -> bytes:
        canvas = project.canvas
        rest = canvas.model_copy(update=dict.fromkeys(_PLACES, FrozenMap())).dump()
        parts = {key: indented(canonical(value), 2) for key, value in rest.items() if key not in _PLACES}
        for name in _PLACES:
            if name in canvas.model_fields_set:
                views = ((view, self._models(places, 4)) for view, places in getattr(canvas, name).items())
                parts[name] = _map(views, 2)
        return _map(parts.items(), 1)


_RECORDS = ("nodes", "pods", "services")
_PLACES = ("placements", "remembered")


def _map(entries: Iterable[tuple[str, bytes]], level: int = 1) -> bytes:
    """A JSON object at a depth of the file from keys and the bytes of their values, sorted as orjson sorts."""
    pad = b"\n" + b"  " * (level + 1)
    lines = [canonical(key) + b": " + value for key, value in sorted(entries, key=lambda entry: entry[0].encode())]
    return b"{" + pad + (b"," + pad).join(lines) + b"\n" + b"  " * level + b"}" if lines else b"{}"


def encode(project: Project) -> bytes:
    """The project file's bytes; equal projects give equal bytes."""
    return Encoder().encode(project)
