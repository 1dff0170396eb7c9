"""The parts of the window for the keyboard: F6 goes from one to the next, back to where one was in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScrollArea, QWidget

from designer.ui.kit.focus_order import in_order
from designer.ui.panels.live import LivePanel

if TYPE_CHECKING:
    from designer.ui.app.window import MainWindow


def parts_of(window: MainWindow) -> list[QWidget]:
    """The parts that can be seen, as they are read: what floats over the window first, then from top to bottom."""
    tour = window.findChild(QWidget, "tour")
    panel = window.bottom.current_panel()
    known = (
        tour,
        window.messages.toast,
        window.messages.banner,
        window.request_bar,
        window.palette_panel,
        window.canvas,
        window.inspector,
        panel,
        window.help_dock.widget(),
    )
    return [part for part in known if part is not None and part.isVisible()]


def begin(part: QWidget) -> bool:
    """Whether the keyboard is at what a part is there for.

    Not where it was last: Qt has brought it to the first control of a tab that comes to the front.
    """
    return _to(_main(part))


def enter(part: QWidget) -> bool:
    """Whether the keyboard is in a part now: where it was there last, else at what the part is there for."""
    return _to(_usable(part, part.focusWidget()) or _main(part))


def _to(target: QWidget | None) -> bool:
    if target is None:
        return False
    target.setFocus(Qt.FocusReason.ShortcutFocusReason)
    return True


def go(window: MainWindow, by: int) -> None:
    """Nothing; brings the keyboard to the next part (1) or the one before (-1), round and round."""
    parts, focus = parts_of(window), QApplication.focusWidget()
    here = (
        next((n for n, part in enumerate(parts) if focus is part or part.isAncestorOf(focus)), None) if focus else None
    )
    at = here if here is not None else -1 if by > 0 else 0
    for step in range(1, len(parts) + 1):
        if enter(parts[(at + step * by) % len(parts)]):
            return


def _usable(part: QWidget, last: QWidget | None) -> QWidget | None:
    if last is None or last is part or not (last.isVisible() and last.isEnabled() and part.isAncestorOf(last)):
        return None
    return last


def _main(part: QWidget) -> QWidget | None:
    """Where the keyboard begins in a part: what the panel says, its table or text, else its first control."""
    wanted = part.start if isinstance(part, LivePanel) else None
    if wanted is not None and wanted.isVisible() and wanted.isEnabled():
        return wanted
    if part.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return part
    order = in_order(part)
    views = [one for one in order if isinstance(one, QAbstractScrollArea) and not isinstance(one, QScrollArea)]
    return next(iter((*views, *order)), None)
