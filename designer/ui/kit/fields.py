"""Widgets that ask: a labelled field with its message, a number field, and the search field."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import SMALL, TINY, ui_font
from designer.ui.kit.icons import icon
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.style import set_property, set_role
from designer.ui.kit.theme import current_theme

_INDENT = 8


def indent_spin_box(box: QAbstractSpinBox) -> None:
    """Nothing; moves the words in from the edge as in other fields: Qt leaves the sheet's padding out of spin boxes."""
    box.lineEdit().setTextMargins(_INDENT, 0, 0, 0)


class SpinBox(QSpinBox):
    """A field for a whole number that looks like the other fields and ignores the wheel until it has the cursor."""

    def __init__(self, least: int, most: int, value: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setValue(value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        indent_spin_box(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nothing; leaves the wheel to the form that is being scrolled, unless a person is in this field."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class FieldRow(QWidget):
    """A label over an editor, with room for one message below: an error, a warning or a hint.

    The message is also the editor's accessible description, so that it is read out where the cursor is. `whyWanted`:
    a person asks for the rule behind it.
    """

    whyWanted = Signal()

    def __init__(self, label: str, editor: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._hint = hint
        self._error = ""
        self._label = QLabel(label)
        self._label.setFont(ui_font(SMALL))
        self._label.setBuddy(editor)
        set_role(self._label, "muted")
        if isinstance(editor, QAbstractSpinBox):
            indent_spin_box(editor)
        editor.setAccessibleName(label.replace("&", ""))
        # Most fields have nothing to say below them: what says it is made when it is first needed.
        self._below: _Message | None = None
        self._why: QPushButton | None = None
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self._label)
        column.addWidget(editor)
        self.setFocusProxy(editor)
        self._show("", "")

    def label(self) -> str:
        """The words over the editor."""
        return self._label.text()

    def error(self) -> str:
        """The error shown, or an empty string."""
        return self._error

    def set_error(self, message: str, *, told: bool = False) -> None:
        """Nothing; shows what is wrong and what to do, or takes the error away with an empty message.

        With `told` the editor shows the words itself, nearer to what they are about.
        """
        new = bool(message) and message != self._error
        self._error = message
        self._show(message, "error" if message else "")
        if self._below is not None:
            self._below.setVisible(not told and bool(message or self._hint))
        if new and not told:
            QTimer.singleShot(0, self, self._bring_message)

    def offer_why(self, offered: bool) -> None:
        """Nothing; shows or hides the way to the rule behind the message: `whyWanted` comes when it is pressed."""
        if offered or self._why is not None:
            self.why.setVisible(offered)

    @property
    def why(self) -> QPushButton:
        """The button that asks for the rule behind the message; hidden while there is none."""
        if self._why is None:
            self._why = push_button("Why?", self.whyWanted.emit)
            set_property(self._why, "link", True)
            self._why.setAccessibleName(f"Why? The rule behind what is wrong with {self.label().replace('&', '')}")
            self._why.hide()
            self._column.addWidget(self._why, 0, Qt.AlignmentFlag.AlignLeft)
        return self._why

    def _bring_message(self) -> None:
        """Scroll to a message that came below what can be seen, as long as the field being typed in stays in sight."""
        area: QWidget | None = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        focus: QWidget | None = self.window().focusWidget()
        if area is None or focus is None or self._below is None or not self.isAncestorOf(focus):
            return
        needed = self._below.mapTo(self, self._below.rect().bottomLeft()).y() - focus.mapTo(self, QPoint(0, 0)).y()
        if needed + 16 <= area.viewport().height():
            area.ensureWidgetVisible(self._below, 0, 8)

    def set_warning(self, message: str) -> None:
        """Nothing; shows something worth knowing that does not make the value wrong."""
        self._error = ""
        self._show(message, "warning" if message else "")

    def _show(self, message: str, severity: str) -> None:
        shown = plain_words(message or self._hint)
        if shown and self._below is None:
            self._below = _Message()
            self._column.insertWidget(2, self._below)
        if self._below is not None:
            self._below.say(shown, severity)
        set_property(self.editor, "invalid", severity == "error")
        self.editor.setAccessibleDescription(shown)


class _Message(QWidget):
    """The words below a field, with the mark of an error or a warning."""

    def __init__(self) -> None:
        super().__init__()
        self._mark = QLabel()
        self._mark.setFixedSize(14, 14)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setFont(ui_font(SMALL))
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def say(self, words: str, severity: str) -> None:
        """Nothing; shows these words, or hides with none; `severity` is error, warning or "" for a hint."""
        self._words.setText(words)
        set_role(self._words, severity or "small")
        self._mark.setVisible(bool(severity))
        self._draw(severity)
        self.setVisible(bool(words))

    def _draw(self, severity: str) -> None:
        if severity in ("error", "warning"):
            self._mark.setPixmap(icon(severity, severity).pixmap(14, 14))

    def changeEvent(self, event: QEvent) -> None:
        """Nothing; draws the mark again in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw(self._words.property("role"))


class SearchField(QLineEdit):
    """A search box: magnifier, a clear button, its shortcut shown while empty, Escape to clear.

    `searched` comes a moment after the last key, `textChanged` at once. Down moves on to `next_widget` when set.
    """

    searched = Signal(str)
    PAUSE_MS = 120

    def __init__(self, placeholder: str = "Search", shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        set_property(self, "search", True)
        self.next_widget: QWidget | None = None
        self.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = QAction(icon("close", "muted"), "Clear the search", self)
        self._clear.triggered.connect(self.clear)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)
        self._hint = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        if shortcut:
            key = QShortcut(QKeySequence(shortcut), self, context=Qt.ShortcutContext.WindowShortcut)
            key.activated.connect(self.focus_and_select)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(self.PAUSE_MS)
        self._pause.timeout.connect(self._announce)
        self.textChanged.connect(self._on_text)

    def focus_and_select(self) -> None:
        """Nothing; moves the keyboard here with the old search selected, ready to be typed over."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def _on_text(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._pause.start()

    def _announce(self) -> None:
        self.searched.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Escape clears, Return searches at once, Down goes on to the results."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pause.stop()
            self._announce()
        if event.key() == Qt.Key.Key_Down and self.next_widget is not None:
            self.next_widget.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the field, then the shortcut as a small key while there is nothing else to show."""
        super().paintEvent(event)
        if self.text() or self.hasFocus() or not self._hint:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(TINY))
        width = painter.fontMetrics().horizontalAdvance(self._hint) + 10
        box = QRect(self.width() - width - 7, (self.height() - 17) // 2, width, 17)
        if box.left() > painter.fontMetrics().horizontalAdvance(self.placeholderText()) + 48:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.setBrush(theme.color("panel"))
            painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 4, 4)
            painter.setPen(theme.color("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._hint)
        painter.end()


def clear_errors(parent: QObject) -> None:
    """Nothing; takes the errors off every field row below a widget."""
    for row in parent.findChildren(FieldRow):
        row.set_error("")
