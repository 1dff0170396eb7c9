"""What a keyboard and a screen reader need of a part of the window, as a list of the faults that it has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QMenu,
    QMenuBar,
    QPushButton,
    QScrollArea,
    QTabBar,
    QWidget,
)

# A class of a toolkit, as it would be read out where nobody gave a name.
_CLASS = re.compile(r"^(Q[A-Z]\w+|[A-Z]\w+(Widget|View|Panel|Dialog|Edit|Box|Bar|Field|Row|Button|Grid))$")


def said_of(widget: QWidget) -> str:
    """What a screen reader calls a widget: of a box of choices its label or description, its name being the choice."""
    interface = QAccessible.queryAccessibleInterface(widget)
    if isinstance(widget, QComboBox) and not widget.isEditable():
        labels = [
            made.text(QAccessible.Text.Name) for made, _how in interface.relations(QAccessible.RelationFlag.Label)
        ]
        return ". ".join(filter(None, [*labels, interface.text(QAccessible.Text.Description)])).strip()
    return interface.text(QAccessible.Text.Name).strip()


def _belongs_to_qt(widget: QWidget) -> bool:
    """Whether a widget is a part that Qt made for a control of ours, which speaks for it."""
    parent = widget.parentWidget()
    if widget.objectName().startswith("qt_") or isinstance(widget, QMenu | QMenuBar):
        return True
    return isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget


def takes_focus(root: QWidget) -> list[QWidget]:
    """Every widget that the keyboard can go to in a part of the window, as it is shown now."""
    return [
        widget
        for widget in (root, *root.findChildren(QWidget))
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisibleTo(root)
        and widget.window() is root.window()
        and not _belongs_to_qt(widget)
    ]


def _what(widget: QWidget) -> str:
    chain: list[str] = []
    at = widget.parentWidget()
    while at is not None and len(chain) < 2:
        chain.append(type(at).__name__)
        at = at.parentWidget()
    return f"{type(widget).__name__} {said_of(widget)!r} in {' in '.join(chain)}"


def nameless(root: QWidget) -> Iterator[str]:
    """Widgets without a name, or with that of a class."""
    for widget in takes_focus(root):
        said = said_of(widget)
        if isinstance(widget, QScrollArea) and widget.focusProxy() is None and not said:
            yield f"a scroll area that takes the focus has no name: {_what(widget)}"
        elif not said:
            yield f"no name: {_what(widget)}"
        elif _CLASS.match(said):
            yield f"the name of a class: {_what(widget)}"


def alike(root: QWidget) -> Iterator[str]:
    """Controls of one kind that are called the same in one named part, so that nobody can tell them apart by ear.

    The name of a part (a message, a chain of a port) is read out when the keyboard enters it.
    """
    shown = [widget for widget in takes_focus(root) if not isinstance(widget, QTabBar)]
    counted = Counter((type(each).__name__, said_of(each), _named_part(each)) for each in shown if said_of(each))
    for (kind, said, _part), number in counted.items():
        if number > 1:
            yield f"{number} × {kind} {said!r}"


def _named_part(widget: QWidget) -> str:
    at = widget.parentWidget()
    while at is not None and not at.accessibleName():
        at = at.parentWidget()
    return at.accessibleName() if at is not None else ""


def without_buddy(root: QWidget) -> Iterator[str]:
    """Labels whose words end in a colon, or hold a letter to press, and lead to no field."""
    for label in root.findChildren(QLabel):
        words = label.text()
        if label.isVisibleTo(root) and label.buddy() is None and re.search(r"(?<!&)&(?!&)\w", words):
            yield f"a label with a letter and no field: {words!r}"


def clashes(root: QWidget) -> Iterator[str]:
    """Letters that two controls of one dialog are pressed by."""
    texts = [each.text() for each in root.findChildren(QAbstractButton) if each.isVisibleTo(root)]
    texts += [each.text() for each in root.findChildren(QLabel) if each.buddy() is not None and each.isVisibleTo(root)]
    letters = Counter(found[1].lower() for text in texts for found in [re.search(r"(?<!&)&(\w)", text)] if found)
    yield from (f"two controls have the letter {letter}" for letter, number in letters.items() if number > 1)


def _place(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def _part_of(widget: QWidget) -> QWidget | None:
    at = widget.parentWidget()
    while at is not None and not isinstance(at, QScrollArea | QDialogButtonBox):
        at = at.parentWidget()
    return at


def tab_chain(root: QWidget) -> list[QWidget]:
    """Where Tab goes in a window, in its order, one time round."""
    found: list[QWidget] = []
    at = root.nextInFocusChain()
    while at is not None and at is not root:
        if (
            at.focusPolicy() & Qt.FocusPolicy.TabFocus
            and at.isVisibleTo(root)
            and at.isEnabled()
            and root.isAncestorOf(at)
            and not _belongs_to_qt(at)
            and at.focusProxy() is None
        ):
            found.append(at)
        at = at.nextInFocusChain()
    return found


def out_of_order(root: QWidget) -> Iterator[str]:
    """Steps of Tab against the way of reading: back to the left in a row, or up in a column.

    What is scrolled or in the row of buttons is held against its own neighbours only: the ring goes round there.
    """
    for one, other in pairwise(tab_chain(root)):
        if _part_of(one) is not _part_of(other):
            continue
        a, b = _place(one), _place(other)
        same_row = min(a.bottom(), b.bottom()) - max(a.top(), b.top()) > min(a.height(), b.height()) // 2
        if (same_row and b.right() < a.left()) or (not same_row and b.bottom() <= a.top() and b.left() < a.right()):
            yield f"Tab goes back from {_what(one)} to {_what(other)}"


def badly_ended(dialog: QDialog) -> Iterator[str]:
    """A default button that destroys, or a row of buttons without a way out."""
    boxes = dialog.findChildren(QDialogButtonBox)
    for box in boxes:
        roles = QDialogButtonBox.ButtonRole
        if not [b for b in box.buttons() if box.buttonRole(b) in (roles.RejectRole, roles.AcceptRole)]:
            yield "no button that closes it"
        for button in box.buttons():
            risky = box.buttonRole(button) == roles.DestructiveRole
            if risky and isinstance(button, QPushButton) and button.isDefault():
                yield f"Enter destroys: {button.text()}"


def faults(root: QWidget) -> list[str]:
    """All of it."""
    found = [*nameless(root), *alike(root), *without_buddy(root), *clashes(root)]
    if isinstance(root, QDialog):
        found += [*out_of_order(root), *badly_ended(root)]
        if not root.windowTitle().strip():
            found.append("a dialog without a title")
    return found
