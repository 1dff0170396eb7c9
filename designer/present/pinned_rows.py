"""Where an address is written down in a project: what keeps pointing at it when its Pod gets another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from designer.edits.paths import path_text
from designer.model import Project
from designer.present.words import object_text

_TOKEN = re.compile(r"[0-9A-Fa-f:.]+")
# What the cluster itself writes there is not written down by anybody.
_OWN = frozenset({"status"})


@dataclass(frozen=True, slots=True)
class PinnedRow:
    """One place that names the address: an object id, "" for a scenario, and its field."""

    oid: str
    object: str
    field: str


def pinned_to(project: Project, address: str, without: str = "") -> tuple[PinnedRow, ...]:
    """Every place that names `address`, ranges of this one address included; `without` is left out (the Pod itself)."""
    rows = [
        PinnedRow(obj.id, object_text(obj.id), field)
        for obj in project.all()
        if obj.id != without
        for field, text in _texts({key: value for key, value in obj.dump().items() if key not in _OWN}, ())
        if _names(text, address)
    ]
    rows += [
        PinnedRow("", f"Scenario {name}", "destination")
        for name, scenario in project.scenarios.items()
        if _names(scenario.destination, address)
    ]
    return tuple(rows)


def _texts(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _texts(entry, (*at, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _texts(entry, (*at, index))
    elif isinstance(value, str):
        yield path_text(at), value


def _names(text: str, address: str) -> bool:
    if address not in text:
        return False
    # An IPv4 address may be followed by a port.
    return any(
        token in (address, f"{address}:") or ("." in address and token.partition(":")[0] == address)
        for token in _TOKEN.findall(text)
    )
