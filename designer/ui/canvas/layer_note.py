"""The words about hidden layers in the upper right corner of the canvas, with a button that shows what they hide."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

LONGEST = 360


class LayerNote(QWidget):
    """One sentence and a button; it goes when there is nothing to say. `wanted` asks that the layers be shown."""

    wanted = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("layerNote")
        self._words = QLabel()
        self._words.setFont(ui_font(SMALL))
        self.button = push_button("Show", self.wanted.emit)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 4, 4)
        row.setSpacing(10)
        row.addWidget(self._words)
        row.addWidget(self.button)
        self.hide()

    @property
    def text(self) -> str:
        """What is said, whole."""
        return self.accessibleName()

    def say(self, words: str) -> None:
        """Nothing; says it, nothing with ""."""
        self.setAccessibleName(words)
        self.button.setAccessibleName(f"Show: {words}" if words else "Show")
        metrics = QFontMetrics(self._words.font())
        self._words.setText(words if metrics.horizontalAdvance(words) <= LONGEST else _shortened(metrics, words))
        self.setToolTip(words)
        self.setVisible(bool(words))
        self.adjustSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws a quiet card."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel", 245))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), RADIUS, RADIUS)
        painter.end()


def _shortened(metrics: QFontMetrics, words: str) -> str:
    """The words with a gap in their middle: what and which layer stand at the ends."""
    return metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, LONGEST)
