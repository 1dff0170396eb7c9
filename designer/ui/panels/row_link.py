"""A table's rows and the selection, tied both ways: a chosen row shows its object, a chosen object finds its row."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from designer.ui.bridge.selection import Selection
from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Row


class RowLink(QObject):
    """Ties `table` to `selection`; `oid_of` gives a row's object id, "" for a row without one. Owned by the table."""

    def __init__(self, table: DataTable, selection: Selection, oid_of: Callable[[Row], str]) -> None:
        super().__init__(table)
        self._table = table
        self._selection = selection
        self._oid_of = oid_of
        self._busy = False
        table.row_selected.connect(self._on_row)
        table.row_activated.connect(self.reveal)
        selection.changed.connect(self._follow)

    def reveal(self, row: Row | None) -> None:
        """Nothing; selects the object of a row and brings it into view."""
        oid = self._oid_of(row) if row else ""
        if oid:
            self._selection.show(oid)

    def _on_row(self, row: Row | None) -> None:
        if not self._busy:
            self._busy = True
            self.reveal(row)
            self._busy = False

    def _follow(self, ids: tuple[str, ...]) -> None:
        if self._busy or not self._table.isVisible():
            return
        chosen = self._table.first_selected()
        if len(ids) == 1 and chosen and self._oid_of(chosen) == ids[0]:
            return
        rows = self._table.rows_model
        wanted = ids[0] if len(ids) == 1 else ""
        found = (place for place, row in enumerate(rows.shown()) if self._oid_of(row) == wanted)
        self._busy = True
        self._table.select_place(next(found, -1) if wanted else -1)
        self._busy = False
