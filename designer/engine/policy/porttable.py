"""Port sets by small numbers, so that numpy arrays can hold them; unions and intersections are computed once each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet

# One port set number per column of a row.
Row = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

NOTHING, EVERYTHING = 0, 1


class PortTable:
    """Port sets by number; 0 is the empty set, 1 all connections. It only grows."""

    __slots__ = ("_joins", "_meets", "_numbers", "_rests", "_sets")

    def __init__(self) -> None:
        self._sets: list[PortSet] = [NO_PORTS, ALL_PORTS]
        self._numbers: dict[PortSet, int] = {NO_PORTS: NOTHING, ALL_PORTS: EVERYTHING}
        self._joins: dict[tuple[int, int], int] = {}
        self._meets: dict[tuple[int, int], int] = {}
        self._rests: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self._sets)

    def __getitem__(self, number: int) -> PortSet:
        return self._sets[number]

    def number(self, ports: PortSet) -> int:
        """The number of a port set, a new one where it has none yet."""
        found = self._numbers.get(ports)
        if found is None:
            found = self._numbers[ports] = len(self._sets)
            self._sets.append(ports)
        return found

    def join(self, a: int, b: int) -> int:
        """The number of the union."""
        if a in (b, EVERYTHING) or b == NOTHING:
            return a
        if a == NOTHING or b == EVERYTHING:
            return b
        found = self._joins.get((a, b))
        if found is None:
            found = self._joins[(a, b)] = self.number(self._sets[a] | self._sets[b])
        return found

    def meet(self, a: int, b: int) -> int:
        """The number of the intersection."""
        if a in (b, NOTHING) or b == EVERYTHING:
            return a
        if b == NOTHING or a == EVERYTHING:
            return b
        found = self._meets.get((a, b))
        if found is None:
            found = self._meets[(a, b)] = self.number(self._sets[a] & self._sets[b])
        return found

    def rest(self, a: int, b: int) -> int:
        """The number of `a` without `b`."""
        if b == NOTHING or a == NOTHING:
            return a
        if a == b or b == EVERYTHING:
            return NOTHING
        found = self._rests.get((a, b))
        if found is None:
            found = self._rests[(a, b)] = self.number(self._sets[a] - self._sets[b])
        return found

    def add(self, row: Row, mask: Mask, ports: int) -> None:
        """Join `ports` into the columns of `row` that `mask` names, in place."""
        touched = row[mask]
        if not touched.size:
            return
        counts = np.bincount(touched)
        if counts[NOTHING] == touched.size:
            row[mask] = ports
            return
        lookup = np.zeros(counts.size, dtype=np.int32)
        for old in np.flatnonzero(counts):
            lookup[old] = self.join(int(old), ports)
        row[mask] = lookup[touched]

    def meet_rows(self, left: Row, right: Row) -> Row:
        """The intersection, column by column."""
        found = np.where(left == EVERYTHING, right, np.where((right == EVERYTHING) | (left == right), left, NOTHING))
        rest = (left > EVERYTHING) & (right > EVERYTHING) & (left != right)
        return self._rest(found.astype(np.int32, copy=False), rest, left, right, self.meet)

    def join_rows(self, left: Row, right: Row) -> Row:
        """The union, column by column."""
        found = np.where(left == NOTHING, right, np.where((right == NOTHING) | (left == right), left, EVERYTHING))
        rest = (left > EVERYTHING) & (right > EVERYTHING) & (left != right)
        return self._rest(found.astype(np.int32, copy=False), rest, left, right, self.join)

    def rest_rows(self, left: Row, right: Row) -> Row:
        """`left` without `right`, column by column."""
        found = np.where((left == right) | (right == EVERYTHING), NOTHING, left)
        rest = (left > NOTHING) & (right > EVERYTHING) & (left != right)
        return self._rest(found.astype(np.int32, copy=False), rest, left, right, self.rest)

    def _rest(self, row: Row, rest: Mask, left: Row, right: Row, both: Callable[[int, int], int]) -> Row:
        """`row` with the columns of `rest`, where two other sets meet, filled in: each pair of sets is met once."""
        if rest.any():
            size = len(self._sets)
            unique, inverse = np.unique(left[rest].astype(np.int64) * size + right[rest], return_inverse=True)
            row[rest] = np.array([both(int(code) // size, int(code) % size) for code in unique], dtype=np.int32)[
                inverse
            ]
        return row
