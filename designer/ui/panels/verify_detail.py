"""One request of Verify on Linux in full: why, and both sides beside each other, the lines that differ marked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.model import VerifiedRow
from designer.present.verification_rows import (
    ResultRow,
    SideLine,
    asked_text,
    end_lines,
    row_status,
    rule_lines,
    status_text,
    why_text,
)
from designer.ui.kit.fonts import BODY, SEMIBOLD, mono_font, ui_font
from designer.ui.kit.style import set_role
from designer.ui.kit.theme import current_theme, theme_changed

TITLES = ("", "Predicted", "Linux did")
SIGN_WIDTH = 24
ENDS, RULES = "How the connections end", "Rules, in the order in which they were hit"
HEADINGS = (ENDS, RULES)
SIDES = "sides"


class SidesTable(QTableWidget):
    """Two columns of lines that wrap; ≠ stands before a pair that is not the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(TITLES), parent)
        self.setAccessibleName("Predicted and observed")
        self.setHorizontalHeaderLabels(list(TITLES))
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        # The titles stand over the sides, below why they are shown; readers get them from the header all the same.
        self.horizontalHeader().hide()
        titles = self.horizontalHeader()
        titles.setHighlightSections(False)
        titles.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        titles.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        titles.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        titles.setMinimumSectionSize(SIGN_WIDTH)
        self.setColumnWidth(0, SIGN_WIDTH)
        self._lines: tuple[tuple[str, SideLine | None], ...] = ()
        theme_changed.connect(self._fill)

    def show_lines(self, lines: tuple[tuple[str, SideLine | None], ...]) -> None:
        """Nothing; shows pairs of lines, and headings where a line is None."""
        self._lines = lines
        self._fill()

    def texts(self) -> list[tuple[str, str, str]]:
        """What stands in each row."""
        return [tuple(self._text(row, column) for column in range(3)) for row in range(self.rowCount())]  # type: ignore[misc]

    def _text(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return item.text() if item is not None else ""

    def _fill(self, _theme: object = None) -> None:
        theme = current_theme()
        self.clearSpans()
        self.setRowCount(len(self._lines))
        for place, (heading, line) in enumerate(self._lines):
            if line is None:
                words = QTableWidgetItem(heading)
                words.setFont(ui_font(BODY, SEMIBOLD if heading in HEADINGS else 400))
                words.setForeground(theme.color("muted" if heading in HEADINGS else "text"))
                words.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                words.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.setItem(place, 0, words)
                self.setSpan(place, 0, 1, 3)
                continue
            title = heading == SIDES
            for column, text in enumerate(("≠" if line.differs else "", line.predicted, line.observed)):
                item = QTableWidgetItem(text)
                item.setFont(mono_font(11) if column and not title else ui_font(BODY, SEMIBOLD))
                item.setForeground(theme.color("muted" if title else "error" if line.differs else "text"))
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                self.setItem(place, column, item)
        self._fit_rows()

    def _fit_rows(self) -> None:
        """Nothing; gives each row the height of its lines; Qt would wrap a heading in its first column."""
        self.resizeRowsToContents()
        width = self.viewport().width() - 12
        for place, (heading, line) in enumerate(self._lines):
            item = self.item(place, 0)
            if line is None and item is not None:
                room = QFontMetrics(item.font()).boundingRect(0, 0, width, 4000, Qt.TextFlag.TextWordWrap, heading)
                self.setRowHeight(place, room.height() + 10)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; lines wrap anew."""
        super().resizeEvent(event)
        self._fit_rows()


class VerifyDetail(QWidget):
    """The selected request: status, what was asked, why, and both sides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Details of the request")
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sides = SidesTable()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self.sides, 1)
        # What takes the room below while there are no sides to show.
        column.addStretch(0)
        self.show_row(None)

    def show_row(self, found: ResultRow | None) -> None:
        """Nothing; shows a request, or what to do to see one."""
        if found is None:
            title = "Select a request to see both sides, and its trace on the canvas."
        else:
            title = f"{status_text(row_status(found.row))}: {found.source} → {asked_text(found.row)}"
        self._title.setText(title)
        self._title.setFont(ui_font(BODY, SEMIBOLD if found is not None else 400))
        set_role(self._title, "" if found is not None else "muted")
        lines = _lines(found.row) if found is not None else ()
        self.sides.show_lines(lines)
        self.sides.setVisible(bool(lines))

    def text(self) -> str:
        """All words shown."""
        return "\n".join((self._title.text(), *(" ".join(filter(None, line)) for line in self.sides.texts())))


def _why(row: VerifiedRow) -> str:
    """What is to be said of a request before both sides."""
    said = why_text(row)
    if row.status != "confirmed" or row_status(row) != "confirmed":
        return said
    tried = "once" if row.attempts <= 1 else f"{row.attempts} times"
    rules = " The rules that the kernel hit are those of the trace." if row.rules is not None else ""
    return " ".join(filter(None, (f"Tried {tried}; every answer was predicted.{rules}", said)))


def _lines(row: VerifiedRow) -> tuple[tuple[str, SideLine | None], ...]:
    ends: list[tuple[str, SideLine | None]] = [("", line) for line in end_lines(row)]
    rules: list[tuple[str, SideLine | None]] = [("", line) for line in rule_lines(row)]
    if rules:
        ends, rules = [(ENDS, None), *ends], [(RULES, None), *rules]
    why, sides = _why(row), (SIDES, SideLine(TITLES[1], TITLES[2]))
    return (*([(why, None)] if why else ()), *([sides] if ends else ()), *ends, *rules)
