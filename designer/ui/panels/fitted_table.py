"""A table whose columns always fit its width: all of them can be read, none hides behind a scroll bar."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column


class FittedTable(DataTable):
    """Columns have the width of their `Column` where there is room, with the rest for the stretching ones.

    Where there is less room, they shrink together, each down to its place in `least`. A width that a person sets by
    hand stays as it is.
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
        widths = {place: column.width for place, column in enumerate(columns) if place not in self._by_hand}
        room = self.viewport().width() - sum(self.columnWidth(place) for place in self._by_hand)
        spare = room - sum(widths.values())
        if spare >= 0:
            stretching = [place for place in widths if columns[place].stretch] or list(widths)[-1:]
            for number, place in enumerate(stretching):
                widths[place] += (spare + number) // len(stretching)
        else:
            give = {place: max(0, width - self._least[place]) for place, width in widths.items()}
            total = sum(give.values())
            for place in widths:
                # Rounded up: one pixel too many would bring the scroll bar.
                widths[place] -= ceil(give[place] * min(1.0, -spare / total)) if total else 0
        self._fitting = True
        for place, width in widths.items():
            self.setColumnWidth(place, width)
        self._fitting = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; fits the columns to the new width."""
        super().resizeEvent(event)
        self.fit()
