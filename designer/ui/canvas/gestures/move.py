"""Moving things, one or many, in one step; and handing a Pod to another Node or a thing to another Namespace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt

from designer.edits.arrange import place
from designer.edits.drops import DropAnswer, may_move, move
from designer.edits.gateways import ROUTE_KINDS
from designer.edits.keptreferences import kind_of
from designer.model import Placement
from designer.ui.canvas.gestures.card_members import carried
from designer.ui.canvas.gestures.gesture import Gesture, Keys
from designer.ui.canvas.gestures.hint import Hint
from designer.ui.canvas.gestures.marks import GestureMarks
from designer.ui.canvas.gestures.snapping import neighbours, snapped
from designer.ui.canvas.gestures.stage import Stage
from designer.ui.canvas.items.frame import FrameItem


def movable(stage: Stage, pressed: str) -> tuple[str, ...]:
    """The ids of the items that a drag of `pressed` (an item) moves: all that is selected when it is among it."""
    item = stage.scene.item_of(pressed)
    if item is None:
        return ()
    chosen = stage.selection.ids if item.owner == pressed and pressed in stage.selection.ids else ()
    found: dict[str, None] = dict.fromkeys(stage.scene.companions(pressed))
    for oid in chosen:
        found.update(dict.fromkeys(stage.scene.companions(oid)))
    return tuple(found)


class Move(Gesture):
    """Moves items: with the mouse over another Namespace's frame, the pressed thing goes to live there."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, stage: Stage, marks: GestureMarks, start: QPointF, keys: Keys, pressed: str, hint: Hint) -> None:
        super().__init__(stage, marks, start, keys)
        self.pressed = pressed
        self._hint = hint
        self._ids = movable(stage, pressed)
        item = stage.scene.item_of(pressed)
        self._from = QRectF(item.rect) if item is not None else QRectF()
        self._others = neighbours(stage, frozenset(self._ids))
        self._done = QPointF()
        # A frame grows with what is moved: what counts is where it was.
        self._frames = stage.namespaces()
        self._home = _at(self._frames, start)
        self._target: str | None = None

    def move(self, at: QPointF, keys: Keys) -> None:
        """Nothing; everything follows the mouse, in line with its neighbours (Alt: freely on the grid)."""
        by = at - self.start
        wanted = self._from.translated(by)
        others = self._others[:0] if keys & Keys.AltModifier else self._others
        corner, guides = snapped(wanted, others, self.stage.view.zoom)
        whole = corner - self._from.topLeft()
        self.stage.scene.shift(self._ids, whole - self._done)
        self._done = whole
        self.marks.guides = guides
        self.marks.update()
        self._aim(at)

    def _aim(self, at: QPointF) -> None:
        """Nothing; marks the Namespace that the thing would move to, or what a route would be attached or lead to."""
        target = _at(self._frames, at)
        item = self.stage.scene.item_of(self.pressed)
        if target == self._home or len(self._ids) != 1 or isinstance(item, FrameItem):
            target = None
        oid = self.stage.object_of(self.pressed)
        if oid and len(self._ids) == 1 and kind_of(oid) in ROUTE_KINDS:
            target = self._end_of_route(at) or target
        answer = may_move(self.stage.project, oid, target) if oid and target else DropAnswer(False)
        self._target = target if answer.ok else None
        self.stage.scene.set_marks(drop_target=self._target or "")
        self._hint.show_at(at, answer.reason if target else "", ok=answer.ok)

    def _end_of_route(self, at: QPointF) -> str | None:
        """The Gateway, ListenerSet or Service under the mouse, None where there is none."""
        cards = self.stage.scene.stock.cards
        found = (cards.items[place] for place in cards.visible(QRectF(at.x(), at.y(), 1, 1), 0.0))
        ends = ("Gateway", "ListenerSet", "XListenerSet", "Service")
        return next((c.oid for c in found if c.oid != self.pressed and c.contains(at) and kind_of(c.oid) in ends), None)

    def finish(self, at: QPointF) -> None:
        """Nothing; places what was moved, or does what its target means, as one step."""
        target, view = self._target, self.stage.scene.current_view
        self._end()
        if target is not None:
            self.stage.scene.restore()
            self.stage.apply(move(self.stage.project, self.stage.key_of(self.pressed), target))
            return
        if self._done.isNull():
            self.stage.scene.restore()
            return
        edit = place(self.stage.project, view, self._placements(view))
        if not self.stage.apply(replace(edit, merge_key=None), select=False):
            self.stage.scene.restore()

    def _placements(self, view: str) -> dict[str, Placement]:
        corners: dict[str, tuple[float, float]] = {}
        for oid in self._ids:
            item = self.stage.scene.placed_of(oid)
            if item is None or (isinstance(item, FrameItem) and item.facts.members):
                continue
            corners |= {oid: (item.rect.x(), item.rect.y()), **carried(self.stage, item)}
        return {oid: self.stage.placement_at(oid, view, x, y) for oid, (x, y) in corners.items()}

    def cancel(self) -> None:
        """Nothing; everything stands where it stood."""
        self._end()
        self.stage.scene.restore()

    def _end(self) -> None:
        self.marks.clear()
        self._hint.hide()
        self.stage.scene.set_marks(drop_target="", greyed=())


def _at(frames: Sequence[tuple[str, QRectF]], point: QPointF) -> str | None:
    return next((oid for oid, rect in frames if rect.contains(point)), None)


class MovePod(Gesture):
    """Takes a Pod by its chip to another Node (its workload's Pods with it), or to another Namespace."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, stage: Stage, marks: GestureMarks, start: QPointF, keys: Keys, pod: str, hint: Hint) -> None:
        super().__init__(stage, marks, start, keys)
        self.pod = pod
        self._hint = hint
        self._rect = stage.scene.rect_of(pod) or QRectF()
        self._target: str | None = None
        state = stage.pod(pod)
        self._name = state.name if state is not None else ""
        self._answers: dict[str, tuple[str | None, str]] = {}

    def move(self, at: QPointF, keys: Keys) -> None:
        """Nothing; a ghost of the chip follows the mouse; the box under it says whether it takes the Pod."""
        self.marks.ghost = self._rect.translated(at - self.start)
        self.marks.ghost_name = self._name
        self.marks.update()
        target, reason = self._aim(at)
        self._target = target
        self.stage.scene.set_marks(drop_target=target or "")
        self._hint.show_at(at, reason, ok=target is not None)

    def _aim(self, at: QPointF) -> tuple[str | None, str]:
        """What takes the Pod at a point, and the words for it."""
        box = self.stage.box_at(at)
        state = self.stage.pod(self.pod)
        over = box.oid if box is not None and box.facts.role == "node" else self.stage.namespace_at(at)
        if over is None or state is None or over in (f"Node:{state.node}", f"Namespace:{state.namespace}"):
            return None, ""
        if over not in self._answers:
            edit = move(self.stage.project, state.key, over)
            why = next((problem.title for problem in edit.problems), "")
            self._answers[over] = (over, edit.label) if edit.ok else (None, why)
        return self._answers[over]

    def finish(self, at: QPointF) -> None:
        """Nothing; the Pod runs on that Node from now on."""
        target = self._target
        self._end()
        if target is not None:
            self.stage.apply(move(self.stage.project, self.stage.key_of(self.pod), target))

    def cancel(self) -> None:
        """Nothing; the Pod stays."""
        self._end()

    def _end(self) -> None:
        self.marks.clear()
        self._hint.hide()
        self.stage.scene.set_marks(drop_target="", greyed=())
