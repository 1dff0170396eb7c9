"""A table whose columns always fit its width: all of them can be read, none hides behind a scroll bar."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import ceil

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column, Row

WIDEST = 480
"""No column takes more than this from the others to show all that is in it, in pixels."""


def _take(widths: dict[int, int], give: dict[int, int], needed: int) -> int:
    """How many pixels were taken from `widths`: `needed` ones, where the columns can `give` as many; each its part."""
    total = sum(max(0, pixels) for pixels in give.values())
    if needed <= 0 or not total:
        return 0
    part = min(1.0, needed / total)
    before = sum(widths.values())
    for place, pixels in give.items():
        widths[place] -= ceil(max(0, pixels) * part)  # rounded up: one pixel too many would bring the scroll bar
    return before - sum(widths.values())


class FittedTable(DataTable):
    """Columns have the width of their `Column` where there is room, that of their content where there is more; the
    stretching ones get the rest.

    Where there is less room, columns with short content give what they do not need, then all shrink together, each
    down to its place in `least`. A width that a person sets by hand stays as it is.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        least: Sequence[int],
        name: str,
        empty_text: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(columns, name, empty_text, parent)
        self._least = tuple(least)
        self._fitting = False
        self._by_hand: set[int] = set()
        titles = self.horizontalHeader()
        titles.setStretchLastSection(False)
        for place in range(len(columns)):
            titles.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
        titles.setMinimumSectionSize(24)
        titles.sectionResized.connect(self._on_resized)
        self.fit()

    def _on_resized(self, place: int, _before: int, _after: int) -> None:
        if not self._fitting:
            self._by_hand.add(place)

    def fit(self) -> None:
        """Nothing; gives every column its width."""
        columns = self.rows_model.columns
        shown = [place for place in range(len(columns)) if not self.isColumnHidden(place)]
        widths = {place: columns[place].width for place in shown if place not in self._by_hand}
        room = self.viewport().width() - sum(self.columnWidth(place) for place in self._by_hand if place in shown)
        spare = room - sum(widths.values())
        if spare >= 0:
            stretching = [place for place in widths if columns[place].stretch] or list(widths)[-1:]
            wants = {place: self._missing(place, widths[place]) for place in widths if place not in stretching}
            # Those that lack least come first: a column is not cut for a few pixels because another one lacks hundreds.
            for left, place in zip(range(len(wants), 0, -1), sorted(wants, key=wants.__getitem__), strict=True):
                more = min(wants[place], spare // left)
                widths[place] += more
                spare -= more
            for number, place in enumerate(stretching):
                widths[place] += (spare + number) // len(stretching)
        else:
            # What nobody reads goes first: the room beside a column's words.
            if self.rows_model.rowCount():
                spare += _take(widths, {place: width - self._wanted(place) for place, width in widths.items()}, -spare)
            _take(widths, {place: width - self._least[place] for place, width in widths.items()}, -spare)
        self._fitting = True
        for place, width in widths.items():
            self.setColumnWidth(place, width)
        self._fitting = False

    def hide_columns(self, hidden: Collection[int]) -> None:
        """Nothing; leaves these columns out and shows all others."""
        self._fitting = True
        for place in range(len(self.rows_model.columns)):
            if self.isColumnHidden(place) != (place in hidden):
                self.setColumnHidden(place, place in hidden)
        self._fitting = False

    def _missing(self, place: int, width: int) -> int:
        """How many pixels a column lacks to show what is in it, as far as that is not too long."""
        return max(0, min(self.sizeHintForColumn(place) + 8, WIDEST) - width)

    def _wanted(self, place: int) -> int:
        """The width that shows all that is in a column, its title too."""
        return max(self.sizeHintForColumn(place) + 8, self.horizontalHeader().sectionSizeHint(place))

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Nothing; shows rows, in columns that suit them."""
        super().set_rows(rows)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; fits the columns to the new width."""
        super().resizeEvent(event)
        self.fit()
