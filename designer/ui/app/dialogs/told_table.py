"""A table of a dialog with its bar, and below it the chosen row in full: long sentences need no wide column."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from designer.ui.kit.style import set_role
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.table_bar import TableBar

LINES = 5
"""Lines of a row in full that are seen without scrolling."""
HINT = "Choose a row to read all of it here."


def small_note() -> QLabel:
    """A line for what was taken for granted, hidden while there is nothing."""
    note = QLabel()
    note.setWordWrap(True)
    set_role(note, "small")
    note.hide()
    return note


def show_notes(label: QLabel, notes: Sequence[str]) -> None:
    """Nothing; says what was taken for granted."""
    label.setText("Taken for granted: " + " ".join(notes) if notes else "")
    label.setVisible(bool(notes))


class ToldTable(QWidget):
    """Search, sort, copy and export above, `tell(row)` of the chosen row below.

    A row may hold more values than there are columns; those are for `tell` and for who listens to `table`.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        nouns: tuple[str, str, str],
        empty_text: str,
        tell: Callable[[Row], str] | None = None,
    ) -> None:
        super().__init__()
        name, noun, plural = nouns
        self._columns = tuple(columns)
        self._tell = tell or self._all
        self.table = FittedTable(columns, [min(column.width, 120) for column in columns], name, empty_text)
        self.bar = TableBar(self.table, noun, plural)
        self.detail = QPlainTextEdit()
        self.detail.setReadOnly(True)
        self.detail.setTabChangesFocus(True)
        self.detail.setPlaceholderText(HINT)
        self.detail.setAccessibleName(f"{name}: the chosen row in full")
        self.detail.setFixedHeight(self.detail.fontMetrics().lineSpacing() * LINES + 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.bar)
        column.addWidget(self.table, 1)
        column.addWidget(self.detail)
        self.table.row_selected.connect(self._show)

    def add_action(self, button: QPushButton) -> None:
        """Nothing; puts a button into the bar that can be pressed while a row is chosen."""
        button.setAutoDefault(False)
        button.setEnabled(False)
        self.bar.add(button)
        self.table.row_selected.connect(lambda row: button.setEnabled(row is not None))

    def set_rows(self, rows: Sequence[Row], empty_text: str) -> None:
        """Nothing; shows rows, or the words for none."""
        self.table.empty_text = empty_text
        self.table.set_rows(rows)
        if self.table.first_selected() is None:
            self._show(None)

    def _show(self, row: Row | None) -> None:
        self.detail.setPlainText(self._tell(row) if row is not None else "")

    def _all(self, row: Row) -> str:
        """Every column with its title, one a line."""
        pairs = zip(self._columns, row, strict=False)
        return "\n".join(f"{column.title}: {value}" for column, value in pairs if str(value))
