"""The three views as words in the upper left corner of the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from designer.ui.canvas.quiet_ground import paint_quiet_ground
from designer.ui.kit.fonts import BODY, REGULAR, SEMIBOLD, ui_font
from designer.ui.kit.theme import current_theme

TABS = (("nodes", "By Node"), ("namespaces", "By Namespace"), ("traffic", "Traffic"))


class _Tab(QPushButton):
    """One word; semibold in the accent when it is the chosen one, underlined when it has the focus."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setCheckable(True)
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFont(ui_font(BODY, SEMIBOLD))
        width = self.fontMetrics().horizontalAdvance(words)
        self.setFixedSize(width + 16, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the word."""
        painter = QPainter(self)
        theme = current_theme()
        chosen = self.isChecked()
        painter.setFont(ui_font(BODY, SEMIBOLD if chosen else REGULAR))
        painter.setPen(theme.color("accent_text" if chosen else "text" if self.underMouse() else "muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            painter.fillRect(8, self.height() - 3, self.width() - 16, 2, theme.color("accent"))
        painter.end()


class ViewTabs(QWidget):
    """A choice of the view; `chosen` carries its name. Left and Right change it."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewTabs")
        self.setAccessibleName("View of the canvas")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 4)
        row.setSpacing(8)
        for place, (name, words) in enumerate(TABS):
            tab = _Tab(words)
            tab.setAccessibleName(f"View: {words}")
            tab.setChecked(name == TABS[0][0])
            self._group.addButton(tab, place)
            row.addWidget(tab)
        self._group.idClicked.connect(self._on_clicked)
        self.adjustSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; a quiet ground, so that the words can be read over the picture."""
        paint_quiet_ground(self)

    def show_view(self, name: str) -> None:
        """Nothing; marks the view that is shown, without saying so."""
        names = [key for key, _words in TABS]
        if name in names:
            self._group.button(names.index(name)).setChecked(True)

    def _on_clicked(self, place: int) -> None:
        self.chosen.emit(TABS[place][0])
