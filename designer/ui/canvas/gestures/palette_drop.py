"""Dropping a kind of the palette: what cannot take it is greyed, words beside the cursor say what a drop would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from designer.edits.create import create
from designer.edits.drops import DropAnswer, may_drop
from designer.edits.palette import PALETTE_KINDS, label_of
from designer.model import split_id
from designer.ui.canvas.facts import OUTSIDE
from designer.ui.canvas.gestures.hint import Hint
from designer.ui.canvas.gestures.stage import Stage, on_grid
from designer.ui.canvas.items.podbox import PodBoxItem

MIME_KIND = "application/x-cnd-kind"
# Where the corner of a new object stands from the cursor.
OFFSET = QPointF(16, 16)
# A Service that comes down so near to Pods or their workload selects them.
NEAR = 96.0
# What stands outside the cluster, as the world does.
OUTSIDE_KINDS = ("ExternalClient", "ExternalHost")


# More Pods than this in sight are greyed with their boxes: a drag must begin at once.
MOST_ASKED = 400


def kind_of(data: QMimeData) -> str | None:
    """The palette kind that a drag carries, None for another drag."""
    if not data.hasFormat(MIME_KIND):
        return None
    kind = bytes(data.data(MIME_KIND).data()).decode("utf-8", "replace")
    return kind if kind in PALETTE_KINDS else None


class PaletteDrop:
    """One drag from the palette over the canvas. `created` is called with the id of what a drop made."""

    def __init__(self, stage: Stage, hint: Hint, created: Callable[[str], None]) -> None:
        self._stage = stage
        self._hint = hint
        self._created = created
        self._kind = ""

    def enter(self, event: QDragEnterEvent) -> bool:
        """Whether the drag is ours; it is refused by what cannot take it, never by the canvas."""
        kind = kind_of(event.mimeData())
        if kind is None:
            return False
        self._kind = kind
        refusing = self._refusing(kind)
        self._stage.scene.set_marks(greyed=refusing, spared=self._taking_pods(kind, refusing))
        event.acceptProposedAction()
        return True

    def _refusing(self, kind: str) -> tuple[str, ...]:
        """The things in sight that cannot take this kind; a Pod's chip is left to its box."""
        stock, seen = self._stage.scene.stock, self._stage.seen()
        answers: dict[str, bool] = {}
        found = []
        for index in (stock.cards, stock.boxes):
            for at in index.visible(seen, 0.0):
                item = index.items[at]
                object_kind = item.owner.partition(":")[0]
                # What is refused is refused for its kind, but for labels, which are asked for one by one.
                known = kind not in ("Service", "NetworkPolicy") and object_kind in answers
                ok = answers[object_kind] if known else self._may(kind, item.owner).ok or self._goes_to(item.owner)
                answers[object_kind] = ok
                if not ok:
                    found.append(item.oid)
        found += [
            oid for oid, rect in self._stage.namespaces() if rect.intersects(seen) and not self._may(kind, oid).ok
        ]
        return tuple(found)

    def _taking_pods(self, kind: str, refusing: Sequence[str]) -> tuple[str, ...]:
        """The Pods that take this kind in boxes that do not; none where there are too many to ask each."""
        items = self._stage.scene.stock.items
        boxes = [item for oid in refusing if isinstance(item := items.get(oid), PodBoxItem)]
        pods = [pod.id for box in boxes for pod in box.facts.pods]
        return tuple(pod for pod in pods if self._may(kind, pod).ok) if len(pods) <= MOST_ASKED else ()

    def _may(self, kind: str, target: str | None) -> DropAnswer:
        oid = self._stage.object_of(target) if target else None
        if target and oid is None and not target.startswith("Namespace:"):
            # The outside, the tray of Pods: places, no objects.
            return DropAnswer(False, f"{label_of(kind)} cannot be put there: drop it on a free place.")
        return may_drop(self._stage.project, kind, self._stage.key_of(target) if target else None)

    def _goes_to(self, target: str | None) -> bool:
        """Whether the target is the world outside and the kind belongs there: it gives way to what is dropped on it."""
        return target == OUTSIDE and self._kind in OUTSIDE_KINDS

    def aim(self, at: QPointF) -> tuple[str | None, DropAnswer]:
        """The target of a drop at a scene point, and the answer. A Pod that cannot take it leaves it to its box."""
        target = self._stage.scene.object_at(at) or self._stage.namespace_at(at)
        if self._goes_to(target):
            target = None
        answer = self._may(self._kind, target)
        item = self._stage.item_at(at)
        if not answer.ok and isinstance(item, PodBoxItem) and target != item.oid:
            target, answer = item.oid, self._may(self._kind, item.oid)
        return target, answer

    def beside(self, at: QPointF, target: str | None) -> tuple[str | None, DropAnswer]:
        """What a Service on a free place would select: the nearest workload or Pod, None when none is near."""
        free = target is None or target.startswith("Namespace:")
        if self._kind != "Service" or not free:
            return None, DropAnswer(False)
        found: list[tuple[float, str, DropAnswer]] = []
        stock = self._stage.scene.stock
        around = QRectF(at.x() - NEAR, at.y() - NEAR, 2 * NEAR, 2 * NEAR)
        for place in stock.boxes.visible(around, 0.0):
            box = stock.boxes.items[place]
            parts = [(box.oid, box.rect)] if box.facts.role == "workload" else []
            if box.facts.role == "node":
                parts = [(pod.id, box.chip_rect(n)) for n, pod in enumerate(box.facts.pods)]
            for oid, rect in parts:
                if target is not None and target != f"Namespace:{split_id(oid)[1]}":
                    continue
                far, answer = distance(rect, at), self._may(self._kind, oid)
                if far <= NEAR and answer.ok:
                    found.append((far, oid, answer))
        if not found:
            return None, DropAnswer(False)
        _far, oid, answer = min(found, key=lambda entry: entry[:2])
        return oid, DropAnswer(True, f"{answer.reason.rstrip('.')} beside it. Alt: it selects nothing yet.")

    def _aimed(self, event: QDropEvent) -> tuple[QPointF, str | None, DropAnswer, str | None]:
        """Where a drop would be, on what, the answer, and what a Service there would select beside it."""
        at = self._stage.view.mapToScene(event.position().toPoint())
        target, answer = self.aim(at)
        alone = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        near, offer = (None, answer) if alone or not answer.ok else self.beside(at, target)
        return at, target, offer if near else answer, near

    def move(self, event: QDragMoveEvent) -> None:
        """Nothing; marks the target and says what a drop would do there."""
        _at, target, answer, near = self._aimed(event)
        target = near or target
        self._stage.scene.set_marks(drop_target=target if target and answer.ok else "")
        self._hint.show_on(event.position().toPoint(), answer.reason, ok=answer.ok)
        if answer.ok:
            event.acceptProposedAction()
        else:
            event.ignore()

    def leave(self) -> None:
        """Nothing; no mark stays."""
        self._hint.hide()
        self._stage.scene.set_marks(drop_target="", greyed=())

    def drop(self, event: QDropEvent) -> None:
        """Nothing; makes the object where it was dropped, selects it and lets it be named."""
        at, target, answer, near = self._aimed(event)
        self.leave()
        if not answer.ok:
            event.ignore()
            return
        event.acceptProposedAction()
        made = self.make(self._kind, at, near or target, at_place=near is not None)
        if made:
            self._created(made)

    def make(self, kind: str, at: QPointF, target: str | None, *, at_place: bool = False) -> str:
        """The id of a new object of `kind` at a scene point, "" when it was refused.

        On a target that is no Namespace it finds its own place beside it, unless it is to stand `at_place`.
        """
        corner = at - OFFSET
        free = at_place or target is None or target.startswith("Namespace:")
        edit = create(
            self._stage.project,
            kind,
            view=self._stage.scene.current_view,
            at=(on_grid(corner.x()), on_grid(corner.y())) if free else None,
            target=self._stage.key_of(target) if target else None,
        )
        return edit.select[0] if self._stage.apply(edit) and edit.select else ""


def distance(rect: QRectF, point: QPointF) -> float:
    """How far a point is from a rectangle, 0 inside."""
    dx = max(rect.left() - point.x(), 0.0, point.x() - rect.right())
    dy = max(rect.top() - point.y(), 0.0, point.y() - rect.bottom())
    return float((dx * dx + dy * dy) ** 0.5)
