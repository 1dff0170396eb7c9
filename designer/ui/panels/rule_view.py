"""A node's rule text as a list of lines: line numbers, lit rules, found words; smooth at 100,000 lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, QStringListModel, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from designer.present.table_rows import TableLine
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.theme import current_theme

_HEIGHT = 18
_GUTTER = 56
_SIGN_TOKENS = {"-": "error", "+": "verdict:delivered"}
AnyIndex = QModelIndex | QPersistentModelIndex


class RuleModel(QStringListModel):
    """The lines that are shown.

    Qt asks for the number of rows once for each row that it lays out: a model that answers in Python takes a second
    for 200,000 lines. So Qt holds as many empty texts as there are lines; what is shown comes from the lines.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: Sequence[TableLine] = ()

    def set_lines(self, lines: Sequence[TableLine]) -> None:
        """Nothing; shows other lines."""
        self.lines = lines
        self.setStringList([""] * len(lines))

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a line."""
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = {"-": "Gone: ", "+": "New: "}.get(line.sign, "")
            return f"{said}line {line.number}: {line.text}" if said else f"Line {line.number}: {line.text}"
        return None


class _LineDelegate(QStyledItemDelegate):
    """Draws one line: number, a mark and a band where the rule was hit, the found words marked, then the text."""

    def __init__(self, view: RuleView) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Nothing; draws one line."""
        view, theme, area = self._view, current_theme(), option.rect
        line = view.rules.lines[index.row()]
        lit = line.number in view.lit
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("selection"))
        elif lit:
            painter.fillRect(area, theme.color("accent", 36))
        if line.sign:
            painter.fillRect(area, theme.color(_SIGN_TOKENS[line.sign], 28))
        painter.setFont(view.line_font)
        if lit:
            painter.fillRect(QRect(area.left(), area.top(), 4, area.height()), theme.color("accent"))
        gutter = QRect(area.left() + 8, area.top(), _GUTTER - 16, area.height())
        painter.setPen(theme.color("text" if lit else "muted"))
        number = str(line.number) if line.number else ""
        painter.drawText(gutter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        if line.sign:
            sign = QRect(area.left() + 4, area.top(), 12, area.height())
            painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, "−" if line.sign == "-" else "+")
        if index.row() < len(view.parts):
            self._mark_part(painter, area, line, view.parts[index.row()])
        if view.needle:
            self._mark_found(painter, area, line.text)
        painter.setPen(theme.color(_token(line.text)))
        words = area.adjusted(_GUTTER, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, line.text)

    def _mark_part(self, painter: QPainter, area: QRect, line: TableLine, part: tuple[int, int]) -> None:
        """Nothing; marks what differs from the line that it is laid beside."""
        width = self._view.letter_width
        left, right = (round(area.left() + _GUTTER + place * width) for place in part)
        if right > left:
            painter.fillRect(QRect(left, area.top() + 1, right - left, _HEIGHT - 2), theme_tint(line.sign))

    def _mark_found(self, painter: QPainter, area: QRect, text: str) -> None:
        lower, width = text.lower(), self._view.letter_width
        for word in self._view.needle.lower().split():
            at = lower.find(word)
            while at >= 0:
                box = QRect(
                    round(area.left() + _GUTTER + at * width), area.top() + 1, round(len(word) * width), _HEIGHT - 2
                )
                painter.fillRect(box, current_theme().color("warning", 70))
                at = lower.find(word, at + len(word))

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """One height for all, as wide as the longest line."""
        return QSize(self._view.widest, _HEIGHT)


def theme_tint(sign: str) -> QColor:
    """The colour behind what went or came within a line."""
    return current_theme().color(_SIGN_TOKENS[sign], 70)


def _token(text: str) -> str:
    if text.startswith("####"):
        return "accent_text"
    if text.startswith(("*", "COMMIT", "## ")):
        return "accent_text"
    quiet = (":", "#", "add chain", "add set", "add map", "create ")
    return "muted" if text.startswith(quiet) else "text"


class RuleView(QListView):
    """Lines of rules. `lit` holds the numbers of lines to light, `needle` the words to mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rules = RuleModel(self)
        self.lit: frozenset[int] = frozenset()
        self.needle = ""
        self.parts: Sequence[tuple[int, int]] = ()
        self.line_font = mono_font(12)
        self.letter_width = QFontMetricsF(self.line_font).horizontalAdvance("m")
        self.widest = 200
        self.setAccessibleName("Rules of the Node")
        self.setModel(self.rules)
        self.setItemDelegate(_LineDelegate(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def set_lines(self, lines: Sequence[TableLine], parts: Sequence[tuple[int, int]] = ()) -> None:
        """Nothing; shows other lines from the top. `parts` are what differs within each; the first is scrolled to."""
        self.parts = parts
        longest = max((len(line.text) for line in lines), default=0)
        self.widest = round(_GUTTER + longest * self.letter_width + 16)
        self.rules.set_lines(lines)
        first = next((part for part in parts if part[1] > part[0]), None)
        if first is not None:
            QTimer.singleShot(0, self, lambda: self._show_part(first))

    def _show_part(self, part: tuple[int, int]) -> None:
        """Nothing; scrolls sideways where what differs is out of sight."""
        end = round(_GUTTER + part[1] * self.letter_width) + 24
        if end > self.viewport().width():
            start = round(part[0] * self.letter_width)
            self.horizontalScrollBar().setValue(min(end - self.viewport().width(), start))

    def light(self, numbers: Sequence[int]) -> None:
        """Nothing; lights lines by number and brings the last of them into view, the one that decided."""
        self.lit = frozenset(numbers)
        self.viewport().update()
        if numbers:
            self.go_to_line(numbers[-1])

    def go_to_line(self, number: int, *, select: bool = False) -> bool:
        """Whether a line of that number is shown; brings it to the middle."""
        place = next((n for n, line in enumerate(self.rules.lines) if line.number == number), -1)
        if place < 0:
            return False
        index = self.rules.index(place)
        if select:
            self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        # scrollTo also goes sideways, to the middle of a long line.
        self.horizontalScrollBar().setValue(0)
        return True

    def top_line(self) -> int:
        """The number of the first line in view, 0 for none."""
        index = self.indexAt(QPoint(4, 4))
        return self.rules.lines[index.row()].number if index.isValid() else 0

    def selected_lines(self) -> list[TableLine]:
        """The selected lines, top to bottom."""
        places = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.rules.lines[place] for place in places]

    def selected_text(self) -> str:
        """The selected lines as text."""
        return "\n".join(line.text for line in self.selected_lines())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Ctrl+C copies the selected lines, the rest is Qt's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            if text := self.selected_text():
                QGuiApplication.clipboard().setText(text)
            return
        super().keyPressEvent(event)
