"""Shift+F10 opens the menu of what has the keyboard, as the Menu key does that many keyboards lack."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QApplication, QWidget


def opened_menu(event: QKeyEvent) -> bool:
    """Whether a key that nothing else wanted was Shift+F10, and the widget with the keyboard was asked for its menu."""
    focus = QApplication.focusWidget()
    if event.key() != Qt.Key.Key_F10 or event.modifiers() != Qt.KeyboardModifier.ShiftModifier or focus is None:
        return False
    # Of a scroll area the part in sight is asked, as Qt does for the Menu key.
    target: QWidget = focus.viewport() if isinstance(focus, QAbstractScrollArea) else focus
    place = target.rect().center()
    if isinstance(focus, QAbstractItemView) and focus.currentIndex().isValid():
        place = focus.visualRect(focus.currentIndex()).center()
        place = QPoint(min(max(place.x(), 0), 120), place.y())
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, target.mapToGlobal(place))
    QApplication.sendEvent(target, asked)
    return True
