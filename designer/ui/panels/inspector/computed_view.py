"""The read-only part of the inspector: what the engine computed, as quiet rows that lead to other objects."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.present.computed_rows import ComputedRow, ComputedSection
from designer.ui.kit.fonts import SMALL, mono_font, ui_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.pressable import PressableRow
from designer.ui.kit.style import set_role
from designer.ui.kit.theme import current_theme
from designer.ui.panels.inspector.notes import note_label

_LINE = 20
_GAP = 10


class RowView(PressableRow):
    """One row: the main word, then the rest, on one line or two. It can be pressed when it leads somewhere."""

    pressed = Signal(str)

    def __init__(self, row: ComputedRow, parent: QWidget | None = None) -> None:
        super().__init__(f"{row.main}, {row.rest}" if row.rest else row.main, bool(row.oid), parent)
        self.row = row
        self._main, self._rest = QFontMetrics(mono_font(12)), QFontMetrics(ui_font(SMALL))

    def _two_lines(self, width: int) -> bool:
        if not self.row.rest:
            return False
        needed = self._main.horizontalAdvance(self.row.main) + _GAP + self._rest.horizontalAdvance(self.row.rest)
        return needed > width

    def sizeHint(self) -> QSize:
        """The room for the row at its width."""
        return QSize(120, _LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; takes one line, or two where the words do not fit beside each other."""
        self.setFixedHeight(_LINE + 14 if self._two_lines(event.size().width()) else _LINE)

    def minimumSizeHint(self) -> QSize:
        """Narrow; the height follows the width."""
        return QSize(60, _LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the row."""
        theme, row = current_theme(), self.row
        painter = QPainter(self)
        area = QRectF(self.rect())
        if row.oid and self.underMouse():
            painter.fillRect(area, theme.color("hover"))
        painter.setFont(mono_font(12))
        painter.setPen(theme.color(row.mood or ("accent_text" if row.oid else "text")))
        first = QRectF(area.left(), area.top(), area.width(), _LINE)
        sign = {"warning": "! ", "error": "✕ "}.get(row.mood, "")
        main = self._main.elidedText(f"{sign}{row.main}", Qt.TextElideMode.ElideMiddle, round(area.width()))
        painter.drawText(first, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, main)
        if row.rest:
            painter.setFont(ui_font(SMALL))
            painter.setPen(theme.color("muted"))
            if self._two_lines(self.width()):
                box = QRectF(area.left(), area.top() + _LINE - 4, area.width(), 16)
            else:
                used = self._main.horizontalAdvance(f"{sign}{row.main}") + _GAP
                box = QRectF(area.left() + used, area.top(), area.width() - used, _LINE)
            words = self._rest.elidedText(row.rest, Qt.TextElideMode.ElideRight, max(0, round(box.width())))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()

    def press(self) -> None:
        """Nothing; says which object is wanted."""
        self.pressed.emit(self.row.oid)


class ComputedView(QWidget):
    """All sections. `objectWanted` carries the id of a pressed row."""

    objectWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Computed")
        self.sections: tuple[ComputedSection, ...] = ()
        self._rows: list[RowView] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def rows(self) -> list[RowView]:
        """The rows shown, top to bottom."""
        return list(self._rows)

    def show_sections(self, sections: Sequence[ComputedSection]) -> None:
        """Nothing; shows other sections; the same ones again change nothing."""
        wanted = tuple(sections)
        if wanted == self.sections:
            return
        self.sections = wanted
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Hidden first: a layout shows new widgets a moment later, and one without a parent is a window.
                widget.hide()
                widget.deleteLater()
        self._rows = []
        for section in wanted:
            self._column.addWidget(SectionHeader(section.title))
            for row in section.rows:
                view = RowView(row)
                view.pressed.connect(self.objectWanted)
                self._column.addWidget(view)
                self._rows.append(view)
            if section.more:
                more = note_label()
                more.setText(f"and {section.more} more")
                more.show()
                set_role(more, "small")
                self._column.addWidget(more)
