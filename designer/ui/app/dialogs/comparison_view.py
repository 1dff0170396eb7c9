"""A comparison to read: its summary, a choice of what to look at, a search, and the differences as a table."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.engine.comparison import Comparison
from designer.present.comparison_rows import ComparisonRow, comparison_rows, comparison_summary, heading_counts
from designer.present.words import VERDICT_SIGNS
from designer.ui.kit.buttons import SegmentedControl
from designer.ui.kit.fields import SearchField
from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column, Row

# Sign of a verdict → colour; signs that stand for several verdicts have a colour that all of them share.
_TOKENS = {
    f"{sign} ": "verdict:delivered" if verdict == "delivered" else "verdict:denied"
    for verdict, sign in VERDICT_SIGNS.items()
    if verdict != "cannot-tell"
}
ALL = "All"


def _color(place: int) -> object:
    def color(row: Row) -> str | None:
        return _TOKENS.get(str(row[place])[:2]) if row[0] == "Verdict" else None

    return color


def _columns(before: str, after: str) -> tuple[Column, ...]:
    return (
        Column("About", 84),
        Column("What", 300),
        Column("In which way", 150),
        Column(before, 250, color=_color(3)),  # type: ignore[arg-type]
        Column(after, 270, color=_color(4), stretch=True),  # type: ignore[arg-type]
    )


class ComparisonView(QWidget):
    """`objectWanted` carries the object of a row that was selected. The columns are named by `before` and `after`."""

    objectWanted = Signal(str)

    def __init__(self, before: str, after: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.search = SearchField("Find a difference")
        self.table = DataTable(_columns(before, after), "Differences", "Nothing differs.")
        self.table.attach_search(self.search)
        self.topics: SegmentedControl | None = None
        self._rows: tuple[ComparisonRow, ...] = ()
        self._bar = QHBoxLayout()
        self._bar.setContentsMargins(0, 0, 0, 0)
        self._bar.addStretch(1)
        self._bar.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addLayout(self._bar)
        column.addWidget(self.table, 1)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._select())

    def say(self, words: str) -> None:
        """Nothing; shows words in the place of a comparison: there is none yet, or it cannot be made."""
        self.summary.setText(words)
        self.table.empty_text = ""
        self._fill((), {})

    def show_comparison(self, found: Comparison) -> None:
        """Nothing; shows a comparison, all of it at first."""
        self.summary.setText(comparison_summary(found))
        self._fill(comparison_rows(found), heading_counts(found))

    def _fill(self, rows: tuple[ComparisonRow, ...], counts: dict[str, int]) -> None:
        self._rows = rows
        chosen = self.topics.value() if self.topics is not None else ALL
        if self.topics is not None:
            self._bar.removeWidget(self.topics)
            self.topics.hide()
            self.topics.deleteLater()
            self.topics = None
        if len(counts) > 1:
            options = [(ALL, ALL), *((heading, f"{heading} {count}") for heading, count in counts.items())]
            self.topics = SegmentedControl(options, "Show")
            if chosen in counts:
                self.topics.set_value(chosen)
            self.topics.changed.connect(lambda _key: self._show_rows())
            self._bar.insertWidget(0, self.topics)
            for one, other in pairwise((*self.topics.findChildren(QPushButton), self.search, self.table)):
                QWidget.setTabOrder(one, other)
        self._show_rows()

    def _show_rows(self) -> None:
        topic = self.topics.value() if self.topics is not None else ALL
        self.table.set_rows([row for row in self._rows if topic in (ALL, row[0])])

    def _select(self) -> None:
        row = self.table.first_selected()
        if row is not None and row[5]:
            self.objectWanted.emit(row[5])
