"""The small editors of a form: a line of text for every kind of value, a choice, a tick."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSizePolicy, QWidget

from designer.ui.kit.fonts import mono_font
from designer.ui.panels.inspector.fields import Converter, Options


class LineEditor(QLineEdit):
    """A value as text. What is typed stays, right or wrong, until Enter or leaving commits it or Escape takes it back.

    `committed` carries the new value, `edited` the value while it is typed, `refused` the words for a text that is none
    ("" when it is mended), `reverted` the value that there was, when what was typed since is taken back.
    """

    committed = Signal(object)
    edited = Signal(object)
    refused = Signal(str)
    reverted = Signal(object)

    def __init__(self, converter: Converter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._converter = converter
        self._value: Any = None
        self._touched = False
        self.setMinimumWidth(24)
        if converter.mono:
            self.setFont(mono_font(12))
        self.textEdited.connect(self._on_edited)
        self.editingFinished.connect(self.commit)

    def value(self) -> Any:
        """The value that was set last; what is typed and not committed does not count."""
        return self._value

    def pending(self) -> bool:
        """Whether something is typed that is not the value."""
        return self.text() != self._converter.write(self._value)

    def set_value(self, value: Any) -> None:
        """Nothing; shows a value. The same value again leaves what is being typed."""
        if value == self._value and self.pending():
            return
        self._value = value
        self._touched = False
        text = self._converter.write(value)
        self.setText(text)
        # A long value is cut off in a narrow form.
        self.setToolTip(text)
        self.setCursorPosition(0)

    def commit(self) -> None:
        """Nothing; announces the typed value, or why it is none."""
        if not self.pending():
            if self._touched:
                self._revert()
            return
        try:
            value = self._converter.read(self.text())
        except ValueError as error:
            self.refused.emit(str(error))
            return
        if value == self._value:
            self._revert()
        else:
            self.committed.emit(value)

    def _revert(self) -> None:
        self._touched = False
        self.setText(self._converter.write(self._value))
        self.refused.emit("")
        self.reverted.emit(self._value)

    def _on_edited(self, text: str) -> None:
        self._touched = True
        try:
            value = self._converter.read(text)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.edited.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Escape takes back what was typed, Enter is Qt's (it ends the editing)."""
        if event.key() == Qt.Key.Key_Escape and self.pending():
            self._revert()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Nothing; Tab selects the text, ready to be typed over."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()


class ChoiceEditor(QComboBox):
    """One of a few values, each with its words; a value that is none of them is shown as it is."""

    committed = Signal(object)

    def __init__(self, options: Options, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options: Options = ()
        self._value: Any = None
        self._chosen: Any = None
        # A long choice must not widen the whole form.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(76)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_options(options)
        self.activated.connect(self._on_activated)

    def set_options(self, options: Options) -> None:
        """Nothing; offers other values."""
        if options != self._options:
            self._options = options
            self.set_value(self._value)

    def value(self) -> Any:
        """The value that was set last."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Nothing; shows a value."""
        self._value = self._chosen = value
        shown = list(self._options)
        if not any(option == value for option, _ in shown):
            shown.append((value, "not set" if value is None else str(value)))
        self.clear()
        for _option, words in shown:
            self.addItem(words)
        self._shown = shown
        self.setCurrentIndex(next(n for n, (option, _) in enumerate(shown) if option == value))

    def _on_activated(self, place: int) -> None:
        # Compared with the choice before, not with the value: a choice that was refused can be taken back.
        value = self._shown[place][0]
        if value != self._chosen:
            self._chosen = value
            self.committed.emit(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nothing; leaves the wheel to the form unless a person is in this field."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class TickEditor(QCheckBox):
    """Yes or no; None counts as no."""

    committed = Signal(object)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda checked=False: self.committed.emit(bool(checked)))

    def value(self) -> bool:
        """Whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        """Nothing; shows a value."""
        self.setChecked(bool(value))
