"""The canvas by keyboard alone: Tab goes from thing to thing, arrows move, Enter names, Delete removes.

Ctrl+Space keeps what is selected: the keyboard then goes on without selecting, and Ctrl+Space takes more or gives back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent

from designer.ui.canvas.gestures.stage import GRID
from designer.ui.canvas.reading import announce_object

if TYPE_CHECKING:
    from designer.ui.canvas.gestures.controller import CanvasGestures

Key = Qt.Key
Keys = Qt.KeyboardModifier
ARROWS: dict[Qt.Key, tuple[float, float]] = {
    Key.Key_Left: (-1.0, 0.0),
    Key.Key_Right: (1.0, 0.0),
    Key.Key_Up: (0.0, -1.0),
    Key.Key_Down: (0.0, 1.0),
}
# How far an arrow with Shift moves things; with Ctrl as well it is one scene unit.
BIG_STEP = 5 * GRID
# What lies off the way of an arrow counts so many times its distance along it.
OFF_WAY = 2.5
# Among more things than this an arrow looks only round what is seen.
MANY = 3000


class Keyboard:
    """Keys of the view. The focus ring shows where the keyboard is; the thing there is also the selected one."""

    def __init__(self, gestures: CanvasGestures) -> None:
        self._gestures = gestures
        self._stage = gestures.stage
        self.focused = ""
        self._kept: tuple[str, ...] = ()
        self._order: tuple[str, ...] | None = None
        board = gestures.board
        self._commands: dict[tuple[Qt.Key, bool], Callable[[], object]] = {
            (Key.Key_A, True): board.select_all,
            (Key.Key_C, True): board.copy,
            (Key.Key_X, True): board.cut,
            (Key.Key_V, True): board.paste,
            (Key.Key_D, True): board.duplicate,
            (Key.Key_Delete, False): board.delete,
            (Key.Key_Backspace, False): board.delete,
            (Key.Key_Space, True): self.gather,
            (Key.Key_F2, False): self._rename,
            (Key.Key_Menu, False): self._menu,
        }

    def press(self, event: QKeyEvent) -> bool:
        """Whether a key was used."""
        key, keys = Qt.Key(event.key()), event.modifiers()
        if key == Key.Key_Escape:
            return self._escape()
        if key in (Key.Key_Tab, Key.Key_Backtab) and not keys & Keys.ControlModifier:
            return self._cycle(-1 if key == Key.Key_Backtab or keys & Keys.ShiftModifier else 1)
        if key in (Key.Key_Return, Key.Key_Enter):
            return self._enter(keys)
        if key in ARROWS:
            return self._arrow(key, keys)
        if key == Key.Key_F10 and keys & Keys.ShiftModifier:
            self._menu()
            return True
        if keys & (Keys.AltModifier | Keys.ShiftModifier):
            return False
        command = self._commands.get((key, bool(keys & Keys.ControlModifier)))
        if command is not None:
            command()
        return command is not None

    # --- where the keyboard is

    @property
    def gathering(self) -> bool:
        """Whether the keyboard walks without selecting, until something else is selected by other means."""
        return bool(self._kept) and self._kept == self._stage.selection.ids

    def gather(self) -> None:
        """Nothing; keeps what is selected while the keyboard goes on; there it takes one more, or gives one back."""
        selection, self.focused = self._stage.selection, self.focused or self._current()
        if self.gathering and self.focused:
            selection.toggle(self.focused)
        elif not selection.ids and self.focused:
            selection.select((self.focused,))
        self._kept = selection.ids
        self._tell()

    def _current(self) -> str:
        """The thing that the keyboard is at: where it walked to, else the one selected last, when it is drawn."""
        if self.gathering and self._stage.scene.rect_of(self.focused) is not None:
            return self.focused
        ids = self._stage.selection.ids
        last = ids[-1] if ids else ""
        return last if self._stage.scene.rect_of(last) is not None else ""

    def _cycle(self, by: int) -> bool:
        """Whether there was a next thing; after the last one Tab leaves the canvas."""
        order = self._reading_order()
        current = self._current()
        if not order:
            return False
        if current not in order:
            self.focus(order[0] if by > 0 else order[-1])
            return True
        place = order.index(current) + by
        if not 0 <= place < len(order):
            self.hide_ring()
            return False
        self.focus(order[place])
        return True

    def _reading_order(self) -> tuple[str, ...]:
        if self._order is None:
            self._order = self._stage.scene.reading_order()
        return self._order

    def forget(self) -> None:
        """Nothing; the scene shows other things now."""
        self._order = None
        self.refresh()

    def focus(self, oid: str) -> None:
        """Nothing; brings the keyboard to a thing, selects it and brings it into sight."""
        stage = self._stage
        self.focused = oid
        if not self._gestures.request.active and not self.gathering:
            stage.selection.select((oid,))
        stage.show(oid)
        self._tell()

    def _tell(self) -> None:
        """Nothing; the ring is drawn, and a screen reader hears where the keyboard is."""
        stage, oid = self._stage, self.focused
        chosen = oid in stage.selection.ids
        count = f"{'selected' if chosen else 'not selected'}, {len(stage.selection.ids)} selected in all"
        words = (stage.scene.name_of(oid), count if self.gathering else "", stage.view.words_beside(oid))
        stage.view.setAccessibleDescription(". ".join(filter(None, words)))
        self.refresh()
        announce_object(stage.view, oid)

    def refresh(self) -> None:
        """Nothing; the ring is where the focused thing is now."""
        self._stage.view.focused_object = self.focused
        rect = self._stage.scene.rect_of(self.focused) if self.focused else None
        self._gestures.marks.ring = rect if rect is not None else QRectF()
        self._gestures.marks.update()

    def hide_ring(self) -> None:
        """Nothing; the mouse took over."""
        if self.focused:
            self.focused = ""
            self.refresh()

    # --- keys

    def _escape(self) -> bool:
        if self._gestures.cancel():
            return True
        if self._stage.selection.ids:
            self._stage.selection.clear()
            self.hide_ring()
            return True
        return False

    def _enter(self, keys: Keys) -> bool:
        current = self.focused if self._gestures.request.active else self._current()
        if not current:
            return False
        if self._gestures.request.active:
            rect = self._stage.scene.rect_of(current)
            self._gestures.request.choose_object(current, rect.center() if rect is not None else QPointF())
        elif keys & (Keys.ShiftModifier | Keys.AltModifier) or not self._gestures.rename(current):
            self._gestures.inspectorWanted.emit(current)
        return True

    def _rename(self) -> None:
        current = self._current()
        if current and not self._gestures.rename(current):
            self._gestures.inspectorWanted.emit(current)

    def _menu(self) -> None:
        current = self._current()
        rect = self._stage.scene.rect_of(current) if current else None
        at = rect.center() if rect is not None else self._stage.seen().center()
        view = self._stage.view
        self._gestures.menu.open_at(view.viewport().mapToGlobal(view.mapFromScene(at)), at, current)

    def _arrow(self, key: Qt.Key, keys: Keys) -> bool:
        """Whether the arrow moved what is selected (Shift: far, with Ctrl: a hair), or else the keyboard."""
        dx, dy = ARROWS[key]
        fine = keys & Keys.ControlModifier and keys & Keys.ShiftModifier
        if keys & Keys.ControlModifier and not fine:
            return self._go(dx, dy)
        if dx and not self._current() and not self._gestures.request.active:
            return False  # nothing to move and nowhere to go from: sideways is for the packet
        step = 1.0 if fine else BIG_STEP if keys & Keys.ShiftModifier else GRID
        if not self._gestures.request.active and self._gestures.board.nudge(dx * step, dy * step):
            self.refresh()
            return True
        return self._go(dx, dy)

    def _go(self, dx: float, dy: float) -> bool:
        """Whether there was a thing in that direction; with Ctrl the arrows go there whatever is selected."""
        scene = self._stage.scene
        current = self.focused or self._current()
        here = scene.rect_of(current) if current else None
        if here is None:
            return self._cycle(1)
        order = self._reading_order()
        if len(order) > MANY:
            reach = self._stage.seen().united(here)
            order = scene.ids_in(reach.adjusted(-reach.width(), -reach.height(), reach.width(), reach.height()))
        best, least = "", float("inf")
        for oid in order:
            rect = scene.rect_of(oid)
            if oid == current or rect is None:
                continue
            way = rect.center() - here.center()
            along, off = way.x() * dx + way.y() * dy, abs(way.x() * dy) + abs(way.y() * dx)
            cost = along + OFF_WAY * off
            if along > 1 and cost < least:
                best, least = oid, cost
        if best:
            self.focus(best)
        return bool(best)
