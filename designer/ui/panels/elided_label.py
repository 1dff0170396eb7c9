"""A sentence on one line that ends in an ellipsis where there is no room; the whole sentence is its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.ui.kit.fonts import ui_font
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.theme import current_theme


class ElidedLabel(QWidget):
    """One line of words in the colour of a token."""

    def __init__(self, text: str = "", token: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def text(self) -> str:
        """The whole sentence."""
        return self._text

    def set_text(self, text: str) -> None:
        """Nothing; shows another sentence."""
        self._text = text = plain_words(text)
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_token(self, token: str) -> None:
        """Nothing; writes in the colour of another token."""
        self._token = token
        self.update()

    def sizeHint(self) -> QSize:
        """The room of the whole sentence."""
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 2, 20)

    def minimumSizeHint(self) -> QSize:
        """Nothing: it gives way to its neighbours."""
        return QSize(0, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the sentence."""
        painter = QPainter(self)
        painter.setFont(ui_font())
        painter.setPen(current_theme().color(self._token))
        words = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()
