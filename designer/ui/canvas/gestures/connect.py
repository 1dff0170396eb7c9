"""A line from a route, ListenerSet, TLS policy, Ingress, Service or policy to its target, by its handle or by clicks.

The handle is a dot beside the one selected object that can be connected; dragging it draws the line, a click on it (or
*Connect to…* in the menu) waits for a second click, which the keyboard can make as well.
"""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QLineF, QPointF, Qt

from designer.edits.connecting import connect, connects, may_connect
from designer.edits.drops import DropAnswer
from designer.ui.canvas.facts import owner_of
from designer.ui.canvas.gestures.gesture import Gesture, Keys
from designer.ui.canvas.gestures.hint import Hint
from designer.ui.canvas.gestures.marks import LINK_OFFSET, GestureMarks
from designer.ui.canvas.gestures.request import TwoClicks
from designer.ui.canvas.gestures.stage import Stage
from designer.ui.canvas.items.gateway import GatewayItem

REACH = 9.0


def link_start(stage: Stage) -> QPointF | None:
    """Where the line of the one selected object starts: the middle of its card's right side; None where it has none."""
    oid = stage.selection.single
    if not oid or not connects(stage.project, oid):
        return None
    rect = stage.scene.rect_of(oid)
    if rect is None:
        return None
    item = stage.scene.item_of(oid)
    card = item.entry_rect() if isinstance(item, GatewayItem) else rect
    return QPointF(rect.right(), card.center().y())


def link_at(stage: Stage, point: QPointF) -> bool:
    """Whether a scene point is on the handle of the selected object."""
    start = link_start(stage)
    if start is None:
        return False
    zoom = stage.view.zoom
    middle = QPointF(start.x() + LINK_OFFSET / zoom, start.y())
    return QLineF(middle, point).length() <= REACH / zoom


def _aimed(stage: Stage, source: str, at: QPointF) -> tuple[str, DropAnswer]:
    """What is at a point, and what a line there would do."""
    target = owner_of(stage.scene.object_at(at) or "")
    return target, may_connect(stage.project, source, target) if target else DropAnswer(False)


def _apply(stage: Stage, source: str, target: str) -> None:
    stage.apply(connect(stage.project, source, target))


class Link(Gesture):
    """Draws the line with the button held down; what cannot take it is greyed, and words say why."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, stage: Stage, marks: GestureMarks, start: QPointF, keys: Keys, hint: Hint) -> None:
        super().__init__(stage, marks, start, keys)
        self._source = stage.selection.single or ""
        self._hint = hint
        self._target = ""
        cards = stage.scene.stock.cards
        seen = (cards.items[place].oid for place in cards.visible(stage.seen(), 0.0))
        refusing = tuple(
            oid for oid in seen if oid != self._source and not may_connect(stage.project, self._source, oid).ok
        )
        stage.scene.set_marks(greyed=refusing)

    def move(self, at: QPointF, keys: Keys) -> None:
        """Nothing; the line follows the mouse, and what it would lead to is marked."""
        target, answer = _aimed(self.stage, self._source, at)
        self._target = target if answer.ok else ""
        self.marks.line = QLineF(link_start(self.stage) or self.start, at)
        self.marks.update()
        self.stage.scene.set_marks(drop_target=self._target)
        self._hint.show_at(at, answer.reason, ok=answer.ok)

    def finish(self, at: QPointF) -> None:
        """Nothing; the two are connected, as one step."""
        target = self._target
        self.cancel()
        if target:
            _apply(self.stage, self._source, target)

    def cancel(self) -> None:
        """Nothing; no line is left."""
        super().cancel()
        self._hint.hide()
        self.stage.scene.set_marks(drop_target="", greyed=())


class LinkClicks(TwoClicks):
    """The second click of a line whose first end is known."""

    ask_destination: ClassVar[str] = (
        "Now click what it should lead to, or take it from a list with Ctrl+J. Esc cancels."
    )

    def __init__(self, stage: Stage, marks: GestureMarks, hint: Hint) -> None:
        super().__init__(stage, marks, hint, lambda source, target: _apply(stage, source, target))

    def move(self, at: QPointF) -> None:
        """Nothing; the line follows the mouse, with words of what it would do."""
        super().move(at)
        answer = _aimed(self._stage, self.source, at)[1]
        if answer.reason:
            self._say(self._stage.view.mapFromScene(at), answer.reason, ok=answer.ok)

    def choose_object(self, oid: str, at: QPointF) -> None:
        """Nothing; connects the two, or says why it cannot be."""
        target = owner_of(oid)
        answer = may_connect(self._stage.project, self.source, target) if target else DropAnswer(False)
        if not answer.ok:
            self._say(self._stage.view.mapFromScene(at), answer.reason, ok=not answer.reason)
            return
        source = self.source
        self.cancel()
        self._asked(source, target)
