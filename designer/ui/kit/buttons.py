"""Buttons made one way: icon buttons, push buttons, and the two-way switch between views of one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QWidget

from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.icons import icon
from designer.ui.kit.style import set_property
from designer.ui.kit.tokens import CONTROL_HEIGHT


def _with_shortcut(text: str, shortcut: str) -> str:
    native = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText) if shortcut else ""
    return f"{text} ({native})" if native else text


def tool_button(
    icon_name: str,
    text: str,
    *,
    shortcut: str = "",
    size: int = 18,
    framed: bool = False,
    primary: bool = False,
    checkable: bool = False,
    color_token: str = "text",
) -> QToolButton:
    """An icon button whose words are its tooltip and its accessible name; `shortcut` is set and shown too.

    `framed` draws it as a small box (player), `primary` fills it with the accent.
    """
    button = QToolButton()
    button.setIcon(icon(icon_name, "on_accent" if primary else color_token))
    button.setIconSize(QSize(size, size))
    button.setToolTip(_with_shortcut(text, shortcut))
    button.setAccessibleName(text)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if shortcut:
        button.setShortcut(QKeySequence(shortcut))
    if framed or primary:
        button.setFixedSize(30, CONTROL_HEIGHT)
        set_property(button, "primary" if primary else "framed", True)
    return button


def set_button_icon(button: QToolButton, icon_name: str, text: str) -> None:
    """Nothing; gives a button another picture and its other name, as when Play turns into Pause."""
    primary = button.property("primary") == "true"
    button.setIcon(icon(icon_name, "on_accent" if primary else "text"))
    button.setAccessibleName(text)
    button.setToolTip(_with_shortcut(text, button.shortcut().toString()))


class _PushButton(QPushButton):
    """A button that Enter presses too; Qt leaves that to dialogs, and what stands on the canvas would be deaf to it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Enter presses the button."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def push_button(
    text: str, clicked: Callable[[], object] | None = None, *, primary: bool = False, icon_name: str = ""
) -> QPushButton:
    """A button with words, calling `clicked` without arguments; `primary` for the one main thing to do."""
    button = _PushButton(text)
    button.setAccessibleName(text.replace("&", ""))
    if primary:
        set_property(button, "primary", True)
    if icon_name:
        button.setIcon(icon(icon_name, "on_accent" if primary else "text"))
        button.setIconSize(QSize(16, 16))
    if clicked is not None:
        button.clicked.connect(lambda _checked=False: clicked())
    return button


class SegmentedControl(QWidget):
    """A choice of one among a few words (Form | YAML). Left and Right change it; Tab enters and leaves it."""

    changed = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._keys: list[str] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for key, words in options:
            button = QPushButton(words)
            button.setCheckable(True)
            # In a dialog the button with the keys would else become its default one, with that one's colours.
            button.setAutoDefault(False)
            button.setFont(ui_font(SMALL))
            button.setAccessibleName(f"{name}: {words}")
            set_property(button, "segment", True)
            self._group.addButton(button, len(self._keys))
            self._keys.append(key)
            row.addWidget(button)
        if self._keys:
            self._group.button(0).setChecked(True)
        self._group.buttonToggled.connect(self._on_toggled)

    def _on_toggled(self, button: QAbstractButton, checked: bool) -> None:
        if checked:
            self.changed.emit(self._keys[self._group.id(button)])

    def value(self) -> str:
        """The key of the chosen option, or an empty string when there are none."""
        place = self._group.checkedId()
        return self._keys[place] if place >= 0 else ""

    def set_value(self, key: str) -> None:
        """Nothing; chooses an option by key, announcing it like a click; ValueError for an unknown key."""
        self._group.button(self._keys.index(key)).setChecked(True)
