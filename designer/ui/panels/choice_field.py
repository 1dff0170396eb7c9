"""A line to type in that offers choices: filtered by what is typed, all of them on Down or by its arrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractButton, QApplication, QCompleter, QLabel, QLineEdit, QListView, QWidget

from designer.present.request_choices import Choice
from designer.ui.kit.filters import while_alive
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.icons import icon, kind_icon
from designer.ui.kit.style import set_role

_VALUE = int(Qt.ItemDataRole.UserRole)


class ChoiceField(QLineEdit):
    """A field with its name inside, on the left. `value` is that of the picked choice, or the text as typed.

    `wanted` comes before the list is shown, for whoever fills it; `picked` carries the value of a choice; `entered`
    comes with Return.
    """

    wanted = Signal()
    picked = Signal(str)
    entered = Signal()

    def __init__(self, name: str, hint: str, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint = hint
        self.setObjectName(f"request{name}")
        self.setAccessibleName(f"{name}: {hint}")
        self.setPlaceholderText(placeholder)
        self.setToolTip(hint)
        self._picked: tuple[str, str] | None = None
        self._model = QStandardItemModel(self)
        self._name = QLabel(name, self)
        self._name.setFont(ui_font(SMALL))
        self._name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        set_role(self._name, "muted")
        self._name.adjustSize()
        self.setTextMargins(self._name.width() + 10, 0, 0, 0)
        completer = QCompleter(self._model, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setMaxVisibleItems(12)
        completer.activated[QModelIndex].connect(self._on_activated)  # type: ignore[index]
        self._list = QListView()
        completer.setPopup(self._list)  # a popup of ours: its size can be set, and it is known to be there
        self._list.setIconSize(QSize(16, 16))
        self._list.setMinimumWidth(360)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # the end gets an ellipsis
        self._list.installEventFilter(self)
        self.setCompleter(completer)
        arrow = QAction(icon("expand", "muted"), "Show all choices", self)
        arrow.triggered.connect(self.show_all)
        self.addAction(arrow, QLineEdit.ActionPosition.TrailingPosition)
        self.textEdited.connect(self._on_edited)
        # A long choice is cut off.
        self.textChanged.connect(lambda text: self.setToolTip(f"{text}\n{self.hint}" if text else self.hint))
        self.returnPressed.connect(self.entered)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Nothing; fills the list."""
        self._model.clear()
        for choice in choices:
            item = QStandardItem(kind_icon(choice.kind), choice.text)
            item.setData(choice.value, _VALUE)
            item.setToolTip(choice.kind)
            item.setEditable(False)
            self._model.appendRow(item)

    def choices(self) -> list[str]:
        """The texts in the list."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def value(self) -> str:
        """The picked choice's value, that of a choice whose text was typed in full, or the text itself."""
        text = self.text()
        if self._picked is not None and self._picked[0] == text:
            return self._picked[1]
        found = self._model.findItems(text, Qt.MatchFlag.MatchExactly) if text else []
        return str(found[0].data(_VALUE)) if found else text

    def set_choice(self, text: str, value: str) -> None:
        """Nothing; shows a text that stands for a value."""
        self._picked = (text, value)
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)

    def show_all(self) -> None:
        """Nothing; opens the list with everything in it."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.wanted.emit()
        completer = self.completer()
        completer.setCompletionPrefix("")
        completer.complete()

    def _on_edited(self, _text: str) -> None:
        self._picked = None

    def _on_activated(self, index: QModelIndex) -> None:
        text, value = str(index.data(Qt.ItemDataRole.EditRole)), str(index.data(_VALUE))
        self.set_choice(text, value)
        self.picked.emit(value)

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether an event of the list was used: a press beside the list closes it and still presses its button.

        The completer would swallow that press, and a click on Trace right after typing would do nothing.
        """
        if (
            isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonPress
            and not self._list.rect().contains(event.position().toPoint())
        ):
            self._list.hide()
            below = QApplication.widgetAt(event.globalPosition().toPoint())
            if isinstance(below, QAbstractButton) and event.button() == Qt.MouseButton.LeftButton:
                QTimer.singleShot(0, below, below.click)
            elif isinstance(below, QLineEdit):
                below.setFocus(Qt.FocusReason.MouseFocusReason)
            return True
        return super().eventFilter(watched, event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing; shows the beginning of a long text again."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.setCursorPosition(0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Nothing; brings the list up to date, and selects the text to be typed over when one comes by keyboard."""
        self.wanted.emit()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Down opens the list."""
        if event.key() == Qt.Key.Key_Down and not self._list.isVisible():
            if self.text():
                self.wanted.emit()
                self.completer().setCompletionPrefix(self.text() if self._picked is None else "")
                self.completer().complete()
            else:
                self.show_all()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; the name keeps its place."""
        super().resizeEvent(event)
        self._name.move(10, (self.height() - self._name.height()) // 2)
