"""Keys of the program that a text field would keep for itself: they work with the cursor in a field, too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from designer.ui.kit.filters import while_alive

# With Ctrl. On X11 a field takes these as a terminal would: to the end of the line, delete to the end of the line.
_TAKEN = (Qt.Key.Key_E, Qt.Key.Key_K)
_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)


def has_own_step(field: QObject, key: QKeyEvent) -> bool:
    """Whether Undo (or Redo) has something to take back (or do again) in a field itself: typing not yet taken over."""
    inner = field.lineEdit() if isinstance(field, QAbstractSpinBox | QComboBox) else field
    undo = key.matches(QKeySequence.StandardKey.Undo)
    if isinstance(inner, QLineEdit):
        return inner.isUndoAvailable() if undo else inner.isRedoAvailable()
    if isinstance(inner, QPlainTextEdit | QTextEdit):
        return inner.document().isUndoAvailable() if undo else inner.document().isRedoAvailable()
    return False


class FieldKeys(QObject):
    """Watches only the field that has the cursor: a filter over all events of the program would be slow."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        # Not in dialogs: their keys are their own. Qt keeps one filter of an object, however often it is installed.
        if isinstance(new, _FIELDS) and new.window() is self._window:
            new.installEventFilter(self)

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether a key is kept from the field: Qt then looks for the action that it belongs to."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            step = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
            if (control and event.key() in _TAKEN) or (step and not has_own_step(watched, event)):
                event.ignore()
                return True
        return super().eventFilter(watched, event)
