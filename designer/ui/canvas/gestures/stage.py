"""What every gesture works with: the view, its scene, the project being edited, the selection."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from designer.edits.edit import Edit
from designer.edits.keptreferences import is_gateway_api
from designer.edits.podkeys import owner_of
from designer.engine.controlplane.state import PodState
from designer.model import Placement, Project
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.group import GroupItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.table import AnyItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView

GRID = 8.0


def on_grid(value: float) -> float:
    """The nearest line of the grid."""
    return round(value / GRID) * GRID


@dataclass(slots=True)
class Stage:
    """The shared objects of all gestures of one view."""

    view: CanvasView
    session: SessionBridge
    selection: Selection

    @property
    def scene(self) -> CanvasScene:
        """The scene of the view."""
        return self.view.canvas

    @property
    def project(self) -> Project:
        """The project as it is now."""
        return self.session.project

    def apply(self, edit: Edit, *, select: bool = True) -> bool:
        """Whether an edit was applied; what it made is selected then."""
        if not self.session.apply(edit):
            return False
        if select and edit.select:
            self.selection.select(self.drawn_ids(edit.select))
        return True

    def placement_at(self, oid: str, view: str, x: float, y: float) -> Placement:
        """The placement by hand of a thing at a corner; a size that a person gave stays."""
        before = self.project.canvas.placement(oid, view)
        size = {"w": before.w, "h": before.h} if before is not None else {}
        return Placement(x=x, y=y, pinned=True, **size)

    def drawn_ids(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """The ids of edits (keys of derived Pods) as the scene and the selection use them."""
        state = self.scene.state
        if state is None or all(owner_of(oid) == oid for oid in ids):
            return ids
        by_key = {pod.key: pod.id for pod in state.control.pods.values()}
        return tuple(by_key.get(oid, oid) for oid in ids)

    def pod(self, oid: str) -> PodState | None:
        """The Pod of an id."""
        return self.scene.pod_state(oid)

    def key_of(self, oid: str) -> str:
        """The id that edits know a thing by: the key of a derived Pod, else the id itself."""
        pod = self.pod(oid)
        return pod.key if pod is not None else oid

    def object_of(self, oid: str) -> str | None:
        """The id of the object behind a thing, None where there is none (the outside, a Namespace that only exists)."""
        owner = owner_of(self.key_of(oid))
        project = self.project
        known = project.get(owner) is not None or owner in project.canvas.notes or owner in project.foreign
        return owner if known else None

    def is_copied(self, oid: str) -> bool:
        """Whether an object can be copied and renamed here: not one that is only kept, but for those of Gateway API."""
        return oid not in self.project.foreign or is_gateway_api(oid)

    def item_at(self, point: QPointF) -> AnyItem | None:
        """The drawn item at a scene point; no item for a Pod or a row."""
        return self.scene.stock.at(point)

    def on_toggle(self, point: QPointF) -> bool:
        """Whether a scene point is on the sign that collapses or opens a group."""
        item = self.item_at(point)
        return isinstance(item, FrameItem | GroupItem) and item.toggle_rect().contains(point)

    def on_title(self, point: QPointF) -> bool:
        """Whether a scene point is on the title of a group: a frame's, a Node's header, or anywhere on a card."""
        item = self.item_at(point)
        if item is None or item.oid not in self.scene.groups:
            return False
        header = item.rect.y() + podgrid.HEADER
        return not isinstance(item, PodBoxItem) or point.y() <= header

    def box_at(self, point: QPointF) -> PodBoxItem | None:
        """The box of Pods at a scene point."""
        return self.scene.stock.boxes.at(point)

    def namespace_at(self, point: QPointF) -> str | None:
        """The id of the Namespace whose frame is at a scene point, the innermost first."""
        return next((oid for oid, rect in self.namespaces() if rect.contains(point)), None)

    def namespaces(self) -> tuple[tuple[str, QRectF], ...]:
        """The frames of Namespaces, the uppermost first, where they are now."""
        frames = reversed(self.scene.stock.frames.items)
        return tuple((frame.oid, QRectF(frame.rect)) for frame in frames if frame.facts.tint is not None)

    def show(self, oid: str) -> None:
        """Nothing; brings a thing into sight when it is not; the picture stays where it is else."""
        rect = self.scene.rect_of(oid)
        if rect is not None and not self.seen().contains(rect):
            self.view.reveal(oid)

    def seen(self) -> QRectF:
        """The part of the scene that is seen."""
        return self.view.seen()
