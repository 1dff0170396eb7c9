"""Widgets that only show: section headers, pills, cards and values that can be copied."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from designer.ui.kit.buttons import tool_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, SMALL, TINY, mono_font, ui_font
from designer.ui.kit.icons import icon
from designer.ui.kit.style import set_role
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import PANEL_PADDING


class SectionHeader(QLabel):
    """A quiet header over a group: small capitals, muted; a path stays as it is written, for case matters in it.

    Screen readers get the words as they were written.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        font = ui_font(TINY, SEMIBOLD)
        if not text.startswith("/"):
            font.setCapitalization(QFont.Capitalization.AllUppercase)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.4)
        self.setFont(font)
        self.setContentsMargins(0, 8, 0, 2)
        set_role(self, "muted")
        self.setAccessibleName(text)

    def setText(self, text: str) -> None:
        """Nothing; changes the words, for eyes and for screen readers."""
        super().setText(text)
        self.setAccessibleName(text)


class Pill(QWidget):
    """A short word in a rounded frame: a path's name, a count, a state. `token` colours the words.

    `strong` also colours the frame and tints the inside, for a state that should be seen.
    """

    def __init__(
        self,
        text: str = "",
        token: str = "muted",
        *,
        strong: bool = False,
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text, self._token, self._strong = text, token, strong
        self._font = mono_font(SMALL) if mono else ui_font(SMALL, SEMIBOLD if strong else 400)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def text(self) -> str:
        """The words shown."""
        return self._text

    def set_text(self, text: str, token: str | None = None) -> None:
        """Nothing; changes the words and, when given, the colour token."""
        self._text = text
        self._token = token or self._token
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The room of the words and the round ends."""
        return QSize(round(QFontMetricsF(self._font).horizontalAdvance(self._text)) + 20, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the pill."""
        theme = current_theme()
        color = theme.color(self._token)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(color if self._strong else theme.color("line"), 1))
        painter.setBrush(theme.color(self._token, 22) if self._strong else theme.color("chip"))
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        painter.setPen(color)
        painter.setFont(self._font)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


class Card(QFrame):
    """A framed group with padding and, when given, a title. Add widgets with `add` or through `body`."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(PANEL_PADDING, 12, PANEL_PADDING, PANEL_PADDING)
        self.body.setSpacing(8)
        self.setAccessibleName(title)
        if title:
            label = QLabel(title)
            label.setFont(ui_font(BODY, SEMIBOLD))
            self.body.addWidget(label)

    def add(self, widget: QWidget) -> None:
        """Nothing; puts a widget below what the card holds already."""
        self.body.addWidget(widget)


class CopyableLabel(QWidget):
    """A value in the data typeface, selectable, with a button that copies all of it."""

    copied = Signal(str)
    SHOWN_MS = 1200

    def __init__(self, text: str = "", what: str = "value", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self._label = QLabel()
        self._label.setFont(mono_font(12))
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._button = tool_button("copy", f"Copy {what}", size=14, color_token="muted")
        self._button.clicked.connect(self.copy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._label)
        row.addWidget(self._button)
        row.addStretch(1)
        self._restore = QTimer(self)
        self._restore.setSingleShot(True)
        self._restore.setInterval(self.SHOWN_MS)
        self._restore.timeout.connect(self._show_copy)
        self.set_text(text)

    def text(self) -> str:
        """The value shown."""
        return self._label.text()

    def set_text(self, text: str) -> None:
        """Nothing; shows another value; with an empty one there is nothing to copy."""
        self._label.setText(text)
        self._label.setAccessibleName(f"{self._what}: {text}" if text else self._what)
        self._button.setVisible(bool(text))

    def copy(self) -> None:
        """Nothing; puts the whole value on the clipboard and shows for a moment that it did."""
        QGuiApplication.clipboard().setText(self.text())
        self._button.setIcon(icon("check", "verdict:delivered"))
        self._button.setToolTip("Copied")
        self._restore.start()
        self.copied.emit(self.text())

    def _show_copy(self) -> None:
        self._button.setIcon(icon("copy", "muted"))
        self._button.setToolTip(f"Copy {self._what}")

    def changeEvent(self, event: QEvent) -> None:
        """Nothing; keeps the data typeface when the application's font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._label.setFont(mono_font(12))
