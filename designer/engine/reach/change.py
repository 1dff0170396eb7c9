"""What a change does to who can reach whom: lines opened, closed, and changed in ports.

Both sides are laid on the same peers: workloads by their names, ranges of addresses cut at every border of either side.
A port counts as opened or closed only where both sides are sure; where one cannot tell, it is unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from designer.engine.policy.matrix import Connectivity, MatrixPeer
from designer.engine.policy.ports import NO_PORTS, PortSet
from designer.engine.policy.porttable import NOTHING, PortTable, Row
from designer.engine.policy.ranges import AddressRange, RangeCuts, common_ranges
from designer.engine.reach.answer import INGRESS_CONTROLLER, Reach


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A pair with what was open and what will be; one of the two may be nothing. `unclear`: they only may be open."""

    src: str
    dst: str
    before: PortSet
    after: PortSet
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class ReachChange:
    """Lines in the order of their ends. `appeared` and `gone` are workloads that only one side has.

    `unclear` has what one of the sides cannot tell and the other does not leave open too: what may be open `before` and
    `after`.
    """

    opened: tuple[ChangedLine, ...]
    closed: tuple[ChangedLine, ...]
    changed: tuple[ChangedLine, ...]
    appeared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unclear: tuple[ChangedLine, ...] = ()

    @property
    def lines(self) -> tuple[ChangedLine, ...]:
        """All of them, what cannot be told last and marked as such."""
        unclear = (replace(one, unclear=True) for one in self.unclear)
        return (*self.closed, *self.changed, *self.opened, *unclear)

    @property
    def empty(self) -> bool:
        """Whether nobody can reach more or less than before, for sure."""
        return not (self.opened or self.closed or self.changed or self.unclear)


class _Side:
    """One side laid on common peers."""

    def __init__(self, matrix: Connectivity, names: Sequence[str], ranges: Sequence[AddressRange], table: PortTable):
        self.matrix = matrix
        first = matrix.layout.workloads
        cuts = RangeCuts(matrix.columns.ranges)
        known = [matrix.layout.index.get(name, -1) for name in names]
        # Where a common peer stands here; -1 where this side does not have it.
        self.places = np.array([*known, *(first + cuts.place(one) for one in ranges)], dtype=np.int64)
        self._table = table
        self._numbers: dict[int, int] = {}

    def rows(self, position: int) -> tuple[Row, Row]:
        """The port sets from a common peer to every one, by numbers of the common table: sure, and not to be told."""
        place = int(self.places[position])
        if place < 0:
            nothing = np.zeros(len(self.places), dtype=np.int32)
            return nothing, nothing
        src = self.matrix.peers[place]
        return self._common(src, self.matrix.numbers(src)), self._common(src, self.matrix.undecided_numbers(src))

    def _common(self, src: MatrixPeer, own: Row) -> Row:
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
    ranges = common_ranges((old.columns.ranges, new.columns.ranges))
    texts = [*names, *(one.text for one in ranges)]
    table = PortTable()
    left, right = _Side(old, names, ranges, table), _Side(new, names, ranges, table)
    found: list[ChangedLine] = []
    unclear: list[ChangedLine] = []
    for position, src in enumerate(texts):
        (a, a_open), (b, b_open) = left.rows(position), right.rows(position)
        for index in np.flatnonzero((a != b) | (a_open != b_open)).tolist():
            parts = (table[int(a[index])], table[int(a_open[index])], table[int(b[index])], table[int(b_open[index])])
            _compare(src, texts[index], parts, found, unclear)
    for dst, parts in _ingress_parts(before, after):
        _compare(INGRESS_CONTROLLER, dst, parts, found, unclear)
    known = {p.text for p in old.peers}, {p.text for p in new.peers}
    return ReachChange(
        tuple(line for line in found if not line.before),
        tuple(line for line in found if not line.after),
        tuple(line for line in found if line.before and line.after),
        tuple(name for name in names if name not in known[0]),
        tuple(name for name in names if name not in known[1]),
        (*(f"OLD: {note}" for note in before.notes), *(f"NEW: {note}" for note in after.notes)),
        tuple(unclear),
    )


# Open for sure and not to be told, before and after.
Parts = tuple[PortSet, PortSet, PortSet, PortSet]


def _compare(src: str, dst: str, parts: Parts, found: list[ChangedLine], unclear: list[ChangedLine]) -> None:
    """Sort what differs into what is sure on both sides, and what one side cannot tell."""
    was, was_open, now, now_open = parts
    a, b = was - now_open, now - was_open
    if a != b:
        found.append(ChangedLine(src, dst, a, b))
    doubt = (was_open | now_open) - (was_open & now_open)
    if doubt:
        unclear.append(ChangedLine(src, dst, (was | was_open) & doubt, (now | now_open) & doubt))


def _ingress_parts(before: Reach, after: Reach) -> Iterator[tuple[str, Parts]]:
    """For each workload what controllers reach for sure and what cannot be told, on both sides."""
    sides = []
    for side in (before, after):
        sure, unsure = {}, {}
        for way in side.ways:
            if side.wants_way(way):
                sure[way.dst.text], unsure[way.dst.text] = way.allowed, way.undecided
        sides.append((sure, unsure))
    for text in sorted({*sides[0][0], *sides[1][0]}):
        was, was_open, now, now_open = (part.get(text, NO_PORTS) for side in sides for part in side)
        yield text, (was, was_open, now, now_open)
