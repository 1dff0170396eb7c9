"""A line of text that leads somewhere: a button that looks like a link, elides at the end, and is read out whole."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from designer.ui.kit.fonts import mono_font, ui_font
from designer.ui.kit.theme import current_theme


class LinkButton(QPushButton):
    """One line in the accent colour that calls `clicked` when it is pressed; the whole text is its tooltip."""

    def __init__(
        self,
        text: str,
        clicked: Callable[[], object],
        *,
        mono: bool = False,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._font = mono_font(12) if mono else ui_font()
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{text}: {tip}" if tip else text)
        self.setToolTip(tip or text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda _checked=False: clicked())

    def set_words(self, text: str) -> None:
        """Nothing; shows other words, for eyes and for screen readers."""
        self.setText(text)
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The room of the words on one line."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 4, 20)

    def minimumSizeHint(self) -> QSize:
        """A few letters: the rest is elided."""
        return QSize(32, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the words, underlined under the mouse, framed when the keyboard is here."""
        theme = current_theme()
        painter = QPainter(self)
        font = self._font
        font.setUnderline(self.underMouse())
        painter.setFont(font)
        painter.setPen(theme.color("accent_text" if self.isEnabled() else "disabled"))
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 2)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)
        painter.end()
