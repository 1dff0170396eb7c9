"""The row over a table: the panel's own choices, search, how many rows are shown, copy and export."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from designer.ui.kit.buttons import tool_button
from designer.ui.kit.fields import SearchField
from designer.ui.kit.style import set_role
from designer.ui.kit.table import DataTable

SEARCH_WIDTH, LEAST_SEARCH = 170, 96


class TableBar(QWidget):
    """Search and export of one table; `export` False leaves copying and exporting to the panel.

    What a panel adds with `add` stands left of the search field, with `add_last` at the right end.
    """

    def __init__(
        self, table: DataTable, noun: str, plural: str = "", parent: QWidget | None = None, *, export: bool = True
    ) -> None:
        super().__init__(parent)
        self._noun, self._plural = noun, plural or f"{noun}s"
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._count = QLabel()
        set_role(self._count, "small")
        self.search = SearchField(f"Filter {self._plural}")
        self.narrow_search(LEAST_SEARCH)
        table.attach_search(self.search)
        table.filtered.connect(self._show_count)
        self._row.addStretch(1)
        for widget in (self._count, self.search):
            self._row.addWidget(widget)
        self._left = 0
        if export:
            copy = tool_button("copy", f"Copy the selected {self._plural}", size=16)
            copy.clicked.connect(lambda: table.copy_selection())
            save = tool_button("download", f"Export the {self._plural} as CSV", size=16)
            save.clicked.connect(lambda: table.choose_and_export())
            self.add_last(copy)
            self.add_last(save)

    def narrow_search(self, least: int) -> None:
        """Nothing; lets the search field shrink to so many pixels where the bar has no room."""
        self.search.setMinimumWidth(least)
        self.search.setMaximumWidth(SEARCH_WIDTH)
        # A preferred width, as wide as any other: what is empty beside it gives way first.
        self.search.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add_last(self, widget: QWidget) -> None:
        """Nothing; puts a widget at the right end, behind the search field."""
        self._row.addWidget(widget)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Nothing; puts a widget left of the search field, after those added before."""
        self._row.insertWidget(self._left, widget, stretch)
        self._left += 1
        if stretch:
            # What grows takes all the room up to the search field: the empty space between them is for bars without it.
            self._row.setStretch(self._left, 0)

    def count_text(self) -> str:
        """How many rows are shown, in words."""
        return self._count.text()

    def _show_count(self, shown: int, total: int) -> None:
        words = self._noun if total == 1 else self._plural
        self._count.setText(f"{total} {words}" if shown == total else f"{shown} of {total} {words}")
