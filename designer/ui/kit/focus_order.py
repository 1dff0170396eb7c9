"""Tab in the order in which things stand, in parts of the window whose contents are made anew again and again.

Qt's own order is that in which widgets were made: a port that was added to a form would come after everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLayout, QScrollArea, QSplitter, QWidget


def _in_layout(layout: QLayout | None) -> Iterator[QWidget]:
    for place in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(place) if layout is not None else None
        widget = item.widget() if item is not None else None
        if widget is not None:
            yield widget
        elif item is not None:
            yield from _in_layout(item.layout())


def _parts(widget: QWidget) -> Iterator[QWidget]:
    if isinstance(widget, QScrollArea | QSplitter):
        inner = [widget.widget()] if isinstance(widget, QScrollArea) else map(widget.widget, range(widget.count()))
        yield from (part for part in inner if part is not None)
    else:
        yield from _in_layout(widget.layout())


def _takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isVisible() and widget.isEnabled()


def in_order(root: QWidget) -> list[QWidget]:
    """What Tab goes to in `root`, as it stands from top to bottom; what is hidden or disabled is left out."""
    found: list[QWidget] = []
    for part in _parts(root):
        if part.isVisible():
            found += [part] if _takes_tab(part) and not isinstance(part, QScrollArea) else []
            found += in_order(part)
    return found


def _beyond(root: QWidget, forward: bool) -> QWidget | None:
    """What Tab goes to when it leaves `root`."""
    at = root.nextInFocusChain() if forward else root.previousInFocusChain()
    while at is not None and at is not root:
        if not root.isAncestorOf(at) and not at.isWindow() and _takes_tab(at):
            return at
        at = at.nextInFocusChain() if forward else at.previousInFocusChain()
    return None


def go_on(root: QWidget, forward: bool) -> bool:
    """Whether the keyboard has gone on from where it is in `root`: for `focusNextPrevChild`, False leaves it to Qt."""
    order, focus = in_order(root), QApplication.focusWidget()
    if focus not in order:
        return False
    place = order.index(focus) + (1 if forward else -1)
    target = order[place] if 0 <= place < len(order) else _beyond(root, forward)
    if target is None:
        return False
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True
