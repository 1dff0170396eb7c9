"""A short message that hangs below a field, inside the window, until it is no longer true."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.messages import IconLabel
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

WIDEST = 460


class Callout(QWidget):
    """What is wrong with a field and what to do, in a small frame below it; a click takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("callout")
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setFont(ui_font(SMALL + 1))
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(IconLabel("error", 16, "error"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self.hide()

    def text(self) -> str:
        """The message, "" when there is none."""
        return self._words.text()

    def show_below(self, field: QWidget, words: str) -> None:
        """Nothing; shows the message below a field of the same window."""
        self._words.setText(words)
        self.setAccessibleName(f"Error: {words}")
        window = field.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        corner = field.mapTo(window, QPoint(0, field.height() + 4))
        line = self._words.fontMetrics().horizontalAdvance(words) + 54
        width = max(160, min(WIDEST, line, window.width() - 16))
        self.resize(width, max(self.heightForWidth(width), 32))
        self.move(max(8, min(corner.x(), window.width() - width - 8)), corner.y())
        self.show()
        self.raise_()

    def clear(self) -> None:
        """Nothing; takes the message away."""
        self._words.setText("")
        self.hide()

    def mousePressEvent(self, event: object) -> None:
        """Nothing; goes away."""
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the frame."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("error"), 1))
        painter.setBrush(theme.color("error_fill"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()
