"""A table over the whole cluster, and its bar: sorted, filtered, copied, exported; a row leads to its object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.engine.compile import ClusterState
from designer.ui.bridge.selection import Selection
from designer.ui.kit.table_model import Column
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.row_link import RowLink
from designer.ui.panels.table_bar import TableBar


class FactTable(QWidget):
    """Rows of `read`, whose last value is an object's id; `told` says them in a sentence.

    `bar` searches and exports it; it stands where the panel puts it.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        least: Sequence[int],
        nouns: tuple[str, str, str],
        read: Callable[[ClusterState], list[Any]],
        told: Callable[[list[Any]], str],
        selection: Selection,
    ) -> None:
        super().__init__()
        name, noun, plural = nouns
        self._read, self._told = read, told
        self.table = FittedTable(columns, least, name, "")
        self.bar = TableBar(self.table, noun, plural)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        self._link = RowLink(self.table, selection, lambda row: str(row[-1]))

    def show_state(self, state: ClusterState) -> str:
        """The rows in a sentence; they are shown now."""
        rows = self._read(state)
        words = self._told(rows)
        self.table.empty_text = words
        self.table.set_rows(rows)
        return words
