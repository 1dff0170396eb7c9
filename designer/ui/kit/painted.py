"""What is painted, not made of widgets, as a screen reader meets it: parts with a name, states and a place.

Qt knows nothing of what a widget paints. Its interface lists such parts as children; each is made when somebody asks
for it, and where no screen reader runs, nobody does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QColor, QWindow
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from designer.ui.kit.theme import current_theme

Maker = Callable[[QObject], QAccessibleInterface | None]
_makers: list[Maker] = []
_installed: list[Callable[[str, QObject], QAccessibleInterface | None]] = []


class PaintedPart(QAccessibleInterface):
    """The base of such a part: a leaf below `whole`. Parts say their words, role, state and place."""

    def __init__(self, whole: QAccessibleWidget) -> None:
        super().__init__()
        self._whole = whole

    def object(self) -> QObject | None:  # type: ignore[override]
        """None: it is painted, it is no QObject."""
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        """None: its parent says."""
        return None

    def relations(self, match: Any = None) -> list[Any]:
        """Nothing to tell."""
        return []

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """None: it has no children."""
        return None

    def parent(self) -> QAccessibleInterface:
        """The widget that paints it."""
        return self._whole

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None: parts are leaves."""
        return None

    def childCount(self) -> int:
        """None."""
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None."""
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Never there."""
        return -1

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing: what is painted is changed elsewhere."""

    def foregroundColor(self) -> QColor:
        """The colour of words."""
        return current_theme().color("text")

    def backgroundColor(self) -> QColor:
        """The colour behind them."""
        return current_theme().color("canvas")


def on_screen(widget: QWidget, inside: QRect) -> QRect:
    """Where a rectangle of a widget stands on the screen."""
    return QRect(widget.mapToGlobal(inside.topLeft()), inside.size())


def make_readable(maker: Maker) -> None:
    """Nothing; from now on Qt asks `maker` too for the interface of a widget; None there leaves it to the others."""
    if maker not in _makers:
        _makers.append(maker)
    if not _installed:
        _installed.append(_interface_for)
        QAccessible.installFactory(_interface_for)


def _interface_for(_name: str, thing: QObject) -> QAccessibleInterface | None:
    return next((made for maker in _makers if (made := maker(thing)) is not None), None)


def drop(part: QAccessibleInterface) -> None:
    """Nothing; takes a part out of Qt's list."""
    QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(part))


def announce_focus(widget: QWidget, place: int) -> None:
    """Nothing; tells screen readers that the keyboard is at the child at that place of a widget now."""
    event = QAccessibleEvent(widget, QAccessible.Event.Focus)
    event.setChild(place)
    QAccessible.updateAccessibility(event)
