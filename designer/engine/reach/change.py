"""What a change does to who can reach whom: lines opened, closed, and changed in ports.

Both sides are laid on the same peers: workloads by their names, ranges of addresses cut at every border of either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from designer.engine.policy.classes import LAST_V4, AddressRange
from designer.engine.policy.matrix import Connectivity
from designer.engine.policy.ports import NO_PORTS, PortSet
from designer.engine.policy.porttable import NOTHING, PortTable, Row
from designer.engine.reach.answer import INGRESS_CONTROLLER, Reach


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A pair with what was open and what will be; one of the two may be nothing."""

    src: str
    dst: str
    before: PortSet
    after: PortSet


@dataclass(frozen=True, slots=True)
class ReachChange:
    """Lines in the order of their ends. `appeared` and `gone` are workloads that only one side has."""

    opened: tuple[ChangedLine, ...]
    closed: tuple[ChangedLine, ...]
    changed: tuple[ChangedLine, ...]
    appeared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nobody can reach more or less than before."""
        return not (self.opened or self.closed or self.changed)


class _Side:
    """One side laid on common peers."""

    def __init__(self, matrix: Connectivity, names: Sequence[str], ranges: Sequence[AddressRange], table: PortTable):
        self.matrix = matrix
        first = matrix.layout.workloads
        lows = np.array([one.low for one in matrix.columns.ranges], dtype=np.int64)
        inside = np.searchsorted(lows, [one.low for one in ranges], side="right") - 1 + first
        known = [matrix.layout.index.get(name, -1) for name in names]
        # Where a common peer stands here; -1 where this side does not have it.
        self.places: npt.NDArray[np.int64] = np.concatenate([np.array(known, dtype=np.int64), inside.astype(np.int64)])
        self._table = table
        self._numbers: dict[int, int] = {}

    def row(self, position: int) -> Row:
        """The port sets from a common peer to every one, by numbers of the common table."""
        place = int(self.places[position])
        if place < 0:
            return np.zeros(len(self.places), dtype=np.int32)
        own = self.matrix.numbers(self.matrix.peers[place])
        found = np.where(self.places >= 0, own[self.places], NOTHING)
        for number in np.unique(found).tolist():
            if number not in self._numbers:
                self._numbers[number] = self._table.number(self.matrix.table[number])
        lookup = np.zeros(len(self.matrix.table), dtype=np.int32)
        for number, common in self._numbers.items():
            lookup[number] = common
        return np.asarray(lookup[found], dtype=np.int32)


def reach_change(before: Reach, after: Reach) -> ReachChange:
    """What `after` opens, closes and changes."""
    old, new = before.matrix, after.matrix
    names = sorted({p.text for p in (*old.peers, *new.peers) if not p.is_range})
    ranges = _common_ranges(old, new)
    texts = [*names, *(one.text for one in ranges)]
    table = PortTable()
    left, right = _Side(old, names, ranges, table), _Side(new, names, ranges, table)
    found: list[ChangedLine] = []
    for position, src in enumerate(texts):
        a, b = left.row(position), right.row(position)
        for index in np.flatnonzero(a != b).tolist():
            found.append(ChangedLine(src, texts[index], table[int(a[index])], table[int(b[index])]))
    found += _ingress_changes(before, after)
    known = {p.text for p in old.peers}, {p.text for p in new.peers}
    return ReachChange(
        tuple(line for line in found if not line.before),
        tuple(line for line in found if not line.after),
        tuple(line for line in found if line.before and line.after),
        tuple(name for name in names if name not in known[0]),
        tuple(name for name in names if name not in known[1]),
        (*(f"OLD: {note}" for note in before.notes), *(f"NEW: {note}" for note in after.notes)),
    )


def _common_ranges(old: Connectivity, new: Connectivity) -> tuple[AddressRange, ...]:
    """The address ranges cut at every border of either side."""
    lows = sorted({one.low for side in (old, new) for one in side.columns.ranges})
    return tuple(AddressRange(low, after - 1) for low, after in zip(lows, (*lows[1:], LAST_V4 + 1), strict=True))


def _ingress_changes(before: Reach, after: Reach) -> list[ChangedLine]:
    old = {dst.text: ports for dst, ports in before.ingress_lines()}
    new = {dst.text: ports for dst, ports in after.ingress_lines()}
    pairs = ((text, old.get(text, NO_PORTS), new.get(text, NO_PORTS)) for text in sorted({*old, *new}))
    return [ChangedLine(INGRESS_CONTROLLER, text, a, b) for text, a, b in pairs if a != b]
