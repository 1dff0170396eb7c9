"""Both axes of the matrix as a person has set them: what is open, looked for, focused on; and the cells behind them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from designer.present.matrix_axis import (
    FEW_WORKLOADS,
    OUTSIDE,
    AxisChoice,
    AxisNode,
    Group,
    Order,
    axis,
    entry_key,
    group_key,
)
from designer.present.matrix_table import SAME, ColumnPlaces, Line, MatrixTable, column_places

# A group outside of the cluster with more ranges than these is closed at first.
FEW_RANGES = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for: words for rows and columns, the order, and whether to leave out what is closed."""

    sources: str = ""
    targets: str = ""
    order: Order = "name"
    only_open: bool = False


@dataclass(slots=True)
class Axes:
    """Rows and columns. `focus` is the text of a workload or range ("" for none); `touched` that a person opened some.

    `opened` holds the keys of what is open, of rows first and then of columns.
    """

    opened: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    focus: str = ""
    touched: bool = False
    rows: tuple[AxisNode, ...] = ()
    columns: tuple[AxisNode, ...] = ()
    _places: ColumnPlaces | None = None
    _focused: int = -1

    def begin(self, table: MatrixTable) -> None:
        """Nothing; opens what is small, unless a person has chosen."""
        if self.touched:
            return
        keys = {group_key(group) for group in table.groups if _small(table, group)}
        self.opened = (set(keys), set(keys))

    def fold(self, table: MatrixTable, *, opening: bool) -> None:
        """Nothing; opens or closes every group."""
        keys = {group_key(group) for group in table.groups} if opening else set()
        self.opened, self.touched = (set(keys), set(keys)), True

    def turn(self, key: str, *, across: bool) -> None:
        """Nothing; opens what is closed and closes what is open, of the rows or of the columns (`across`)."""
        keys = self.opened[across]
        keys.symmetric_difference_update((key,))
        self.touched = True

    def open_pair(self, table: MatrixTable, entries: tuple[int, int]) -> None:
        """Nothing; opens the groups of two entries, so that their cell stands there."""
        for keys, entry in zip(self.opened, entries, strict=True):
            keys.add(group_key(table.groups[int(table.group_of[entry])]))
        self.touched = True

    def arrange(self, table: MatrixTable, wish: Wish) -> None:
        """Nothing; makes rows and columns anew."""
        self._focused = next((n for n, entry in enumerate(table.entries) if entry.text == self.focus), -1)
        keep = table.neighbours(self._focused) if self._focused >= 0 else (None, None)
        opened = self.opened
        if self._focused >= 0:
            groups = {group_key(group) for group in table.groups}
            opened = (groups | self.opened[0], groups | self.opened[1])
        weights = (table.weight_out, table.weight_in)
        made = []
        for side, words in enumerate((wish.sources, wish.targets)):
            kept = keep[side]
            if wish.only_open and kept is None:
                kept = frozenset(n for n in range(len(table.entries)) if weights[side](n))
            if side == 1:  # nothing arrives at the Ingress controller
                every = frozenset(range(table.size))
                kept = every if kept is None else kept & every
            choice = AxisChoice(frozenset(opened[side]), words, kept, wish.order)
            made.append(axis(table.entries, table.groups, choice, table.pods_of, weights[side]))
        self.rows, self.columns = made
        self._places = column_places(self.columns)

    def line(self, table: MatrixTable, row: int) -> Line:
        """One row of cells; with a focus only those from or to it."""
        node = self.rows[row]
        assert self._places is not None
        found = table.line(node, self._places)
        if self._focused < 0 or node.entry == self._focused:
            return found
        other = np.array([column.entry != self._focused for column in self.columns], dtype=bool)
        codes = np.where(other, SAME, found.codes).astype(np.uint8)
        return Line(codes, np.where(other, 0, found.opened), np.where(other, 0, found.pairs))

    def place_of(self, entries: tuple[int, int]) -> tuple[int, int] | None:
        """Row and column of the cell of two entries, None where it is not shown."""
        found = [
            next((n for n, node in enumerate(nodes) if node.level == "peer" and node.entry == entry), -1)
            for nodes, entry in zip((self.rows, self.columns), entries, strict=True)
        ]
        return (found[0], found[1]) if min(found) >= 0 else None

    def open_entry(self, table: MatrixTable, entry: int) -> None:
        """Nothing; opens a workload into its Pods, in rows and columns."""
        for keys in self.opened:
            keys.add(entry_key(table.entries[entry]))
        self.touched = True


def _small(table: MatrixTable, group: Group) -> bool:
    if group.name == OUTSIDE:
        return len(group.members) <= FEW_RANGES
    few = FEW_WORKLOADS if len(table.groups) > 2 else 5 * FEW_WORKLOADS
    return table.workloads <= few
