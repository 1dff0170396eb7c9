"""Where the keyboard is in lists of groups, so that it stays there when their widgets are made anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from designer.ui.panels.inspector.groups import OneGroup

# Number of the entry and key of its cell, and again for a list in that cell; () when the keyboard is elsewhere.
Place = tuple[int | str, ...]


def _inner(editor: QWidget) -> Sequence[OneGroup]:
    """The entries of an editor that is a list itself."""
    return getattr(editor, "groups", ())


def focused(groups: Sequence[OneGroup]) -> Place:
    """Where the keyboard is."""
    holder = QApplication.focusWidget()
    for number, one in enumerate(groups):
        for cell, editor, _note in one.editors:
            inner = focused(_inner(editor))
            if inner:
                return (number, cell.key, *inner)
            if holder is not None and (holder is editor or editor.isAncestorOf(holder)):
                return (number, cell.key)
    return ()


def focus_at(groups: Sequence[OneGroup], place: Place) -> None:
    """Nothing; puts the keyboard where `focused` found it, where that is still there."""
    if len(place) < 2 or int(place[0]) >= len(groups):
        return
    one = groups[int(place[0])]
    # New widgets are shown a moment after they came: until then they cannot have the keyboard.
    one.setVisible(True)
    for cell, editor, _note in one.editors:
        if cell.key == place[1] and _inner(editor):
            focus_at(_inner(editor), place[2:])
        elif cell.key == place[1]:
            editor.setFocus(Qt.FocusReason.OtherFocusReason)
