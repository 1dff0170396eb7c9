"""Widgets that tell: an empty place with ways to begin, a banner inside a panel, a toast over the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from designer.ui.kit import motion
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.filters import while_alive
from designer.ui.kit.fonts import BODY, ui_font
from designer.ui.kit.icons import ACTIONS, icon_pixmap
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.style import set_property, set_role
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

# kind: (icon, token of icon and edge, token of the fill)
_KINDS: Final[dict[str, tuple[str, str, str]]] = {
    "info": ("info", "accent_text", "info_fill"),
    "success": ("check", "verdict:delivered", "panel"),
    "warning": ("warning", "warning", "warning_fill"),
    "error": ("error", "error", "error_fill"),
}
BANNER_KINDS: Final = tuple(_KINDS)
# What the hidden button of a message without action is called: nothing that takes the keyboard is nameless.
NO_ACTION = "Nothing to do"


class IconLabel(QWidget):
    """One icon at a fixed size in a token's colour, drawn afresh in each theme; not read out."""

    def __init__(self, name: str, size: int, token: str, folder: str = ACTIONS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._size, self._token, self._folder = name, size, token, folder
        self.setFixedSize(size, size)

    def set_icon(self, name: str, token: str) -> None:
        """Nothing; shows another icon."""
        self._name, self._token = name, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the icon."""
        painter = QPainter(self)
        color = current_theme().value(self._token)
        pixmap = icon_pixmap(self._name, self._size, color, self.devicePixelRatioF(), self._folder)
        painter.drawPixmap(0, 0, pixmap)
        painter.end()


class EmptyState(QWidget):
    """What an empty place says: an icon, one sentence, and up to three ways to begin (the first is the main one)."""

    MOST_BUTTONS = 3

    def __init__(
        self,
        icon_name: str,
        sentence: str,
        actions: Sequence[tuple[str, Callable[[], object]]] = (),
        *,
        folder: str = ACTIONS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if len(actions) > self.MOST_BUTTONS:
            raise ValueError("an empty place offers at most three ways to begin")
        self.setAccessibleName(sentence)
        words = QLabel(sentence)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words.setWordWrap(True)
        words.setMaximumWidth(420)
        # A wrapped label asks for as few pixels as its longest word: give it the line it would like.
        width = min(420, round(QFontMetricsF(words.font()).horizontalAdvance(sentence)) + 8)
        words.setMinimumWidth(width)
        # Standing centred it would get one line, however many it needs.
        words.setMinimumHeight(words.heightForWidth(width))
        set_role(words, "muted")
        self.buttons: list[QPushButton] = []
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for place, (label, clicked) in enumerate(actions):
            button = push_button(label, clicked, primary=place == 0)
            self.buttons.append(button)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 24, 16, 24)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(IconLabel(icon_name, 32, "muted", folder), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(row)
        column.addStretch(1)


class InlineBanner(QWidget):
    """A message inside a panel, with one thing to do about it and a close button. Hidden until `show_message`."""

    action_triggered = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "info"
        self._icon = IconLabel("info", 18, "accent_text")
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setFont(ui_font(BODY))
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = push_button("", self.action_triggered.emit)
        self._action.setAccessibleName(NO_ACTION)
        set_property(self._action, "link", True)
        self._action.hide()
        self._close = tool_button("close", "Close this message", size=16, color_token="muted")
        self._close.clicked.connect(self.dismiss)
        for button in (self._action, self._close):
            # A click leaves the keyboard where it is: it would go on to some field when the message goes.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 8, 7)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def message(self) -> str:
        """The words shown last."""
        return self._words.text()

    def kind(self) -> str:
        """One of `BANNER_KINDS`."""
        return self._kind

    def show_message(self, message: str, kind: str = "info", action: str = "") -> None:
        """Nothing; shows a message of a kind (info, success, warning, error), with a button when `action` is given."""
        name, token, _fill = _KINDS[kind]
        self._kind = kind
        self._icon.set_icon(name, token)
        message = plain_words(message)
        self._words.setText(message)
        self._action.setText(action)
        self._action.setAccessibleName(action or NO_ACTION)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{kind.capitalize()}: {message}")
        self.show()
        self._take_lines()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; where it is narrower it takes the lines that its words need."""
        super().resizeEvent(event)
        self._take_lines()

    def _take_lines(self) -> None:
        """Nothing; layouts give no more height than its words would like, which is that of wider lines."""
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))

    def dismiss(self) -> None:
        """Nothing; hides the banner and says so."""
        self.hide()
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the quiet fill and the edge in the colour of the kind."""
        theme = current_theme()
        _name, token, fill = _KINDS[self._kind]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.color(token, 110) if theme.name != "high-contrast" else theme.color(token)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(theme.color(fill))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()


# A window's property: so many pixels at its bottom have something else over them, which a toast does not cover.
COVERED = "coveredBelow"


class Toast(InlineBanner):
    """A banner that floats over the lower right corner of a window and goes by itself.

    It waits while the mouse is on it, and while the keyboard is.

    Errors stay until they are closed: nobody should miss one by looking away.
    """

    SHOWN_MS = 6000
    _MARGIN = 24
    _WIDEST = 560

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.timeout.connect(self.dismiss)
        self._effect = QGraphicsOpacityEffect(self)
        self._effect.setEnabled(False)
        self.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.finished.connect(self._faded)
        for watched in (over, self._action, self._close):
            watched.installEventFilter(self)

    def show_message(self, message: str, kind: str = "info", action: str = "") -> None:
        """Nothing; shows the message over the window and starts its time, except for an error."""
        super().show_message(message, kind, action)
        self._place()
        self.raise_()
        self._leave.stop()
        if kind != "error":
            self._leave.start(self.SHOWN_MS)
        time = motion.duration(motion.VIEW_MS)
        if time:
            self._effect.setEnabled(True)
            self._fade.stop()
            self._fade.setDuration(time)
            self._fade.setStartValue(0.0)
            self._fade.setEndValue(1.0)
            self._fade.start()

    def dismiss(self) -> None:
        """Nothing; hides the toast at once."""
        self._leave.stop()
        self._fade.stop()
        self._effect.setEnabled(False)
        focus: QWidget | None = self.window().focusWidget()
        over: QWidget | None = self.parentWidget()
        if over is not None and focus is not None and self.isAncestorOf(focus):
            over.setFocus(Qt.FocusReason.OtherFocusReason)
        super().dismiss()

    def _take_lines(self) -> None:
        """Nothing; it gives itself its size, and no layout does."""

    def _faded(self) -> None:
        # A standing effect would redraw the toast through an image for ever, unsharp on scaled screens.
        self._effect.setEnabled(False)

    def _place(self) -> None:
        over = self.parentWidget()
        if over is None:
            return
        widest = min(self._WIDEST, over.width() - 2 * self._MARGIN)
        words = QFontMetricsF(self._words.font()).horizontalAdvance(self._words.text())
        rest = self.sizeHint().width() - self._words.sizeHint().width()
        width = max(160, min(widest, round(words) + rest + 12))
        size = QSize(width, max(self.heightForWidth(width), self.minimumSizeHint().height()))
        self.resize(size)
        covered = int(over.property(COVERED) or 0)
        # In the corner: the middle is where people work. The minimap has the other one.
        self.move(over.width() - width - self._MARGIN, over.height() - covered - size.height() - self._MARGIN)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Nothing; stops the clock while somebody reads."""
        self._leave.stop()
        super().enterEvent(event)

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """False always; follows the window's size, and stops the clock while one of its buttons has the keyboard."""
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.isVisible():
            self._place()
        elif event.type() == QEvent.Type.FocusIn and watched in (self._action, self._close):
            self._leave.stop()
        elif event.type() == QEvent.Type.FocusOut and watched in (self._action, self._close):
            self._go_on()
        return False

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing; starts the clock again."""
        self._go_on()
        super().leaveEvent(event)

    def _go_on(self) -> None:
        if self.isVisible() and self._kind != "error":
            self._leave.start(self.SHOWN_MS)
