"""The scene: shows a compiled project in one of the views, and answers what is where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtWidgets import QGraphicsItem

from designer.engine.controlplane.state import PodState
from designer.model import EMPTY_MAP, Placement
from designer.ui.canvas.facts import OUTSIDE, TRAY, owner_of
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.table import AnyItem
from designer.ui.canvas.picture_scene import PictureScene
from designer.ui.canvas.places import border_point
from designer.ui.canvas.pod_layer import pod_words
from designer.ui.canvas.stock import Difference


class CanvasScene(PictureScene):
    """The picture, and what gestures and the trace ask of it.

    Coordinates are scene units; ids are object ids (Pods of workloads by ``Pod:namespace/name``), and those of `facts`:
    the outside, the tray of Pods without a Node, load balancers.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._said: dict[str, str] = {}

    def item_of(self, oid: str) -> AnyItem | None:
        """The drawn item of an id; None for Pods in a box, rows of a card, and what this view does not show."""
        return self.stock.items.get(oid)

    def placed_of(self, oid: str) -> AnyItem | None:
        """The item of an id, what is on a hidden layer too: it moves with its frame."""
        return self.stock.placed.get(oid)

    def hidden_by(self, oid: str) -> str:
        """The name of the hidden layer for which an object is not drawn; "" where it is drawn, or never is here."""
        if self._project is None or oid in self.stock.items or self.places.pod_rect(oid) is not None:
            return ""
        canvas, pod = self._project.canvas, self.pod_state(oid)
        name = self.hidden.get(oid) or canvas.layer_for(owner_of(oid), (pod.owner or "") if pod is not None else "")
        layer = canvas.layers.get(name)
        if layer is not None and layer.hidden:
            return name
        others = (self.places.folded.get(oid, ""), f"Node:{pod.node}" if pod is not None else "", owner_of(oid))
        return next((self.hidden[other] for other in others if other in self.hidden), "")

    def drawn(self) -> Mapping[str, AnyItem]:
        """All items by id, in the order in which they came."""
        return MappingProxyType(self.stock.items)

    def object_at(self, point: QPointF) -> str | None:
        """The id of the object at a scene point: a Pod before its Node, an Ingress before its controller."""
        item = self.stock.at(point)
        if item is None:
            return None
        oid = item.part_at(point)
        return None if oid == TRAY else oid

    def pod_at(self, point: QPointF) -> str | None:
        """The id of the Pod at a scene point."""
        box = self.stock.boxes.at(point)
        return box.pod_at(point) if box is not None else None

    def rect_of(self, oid: str) -> QRectF | None:
        """The rectangle of an object in the scene; its owner's where it is not drawn itself; None for nothing known."""
        return self.places.rect_of(oid)

    def anchor(self, oid: str, toward: QPointF) -> QPointF:
        """The point on an object's border from which a line to `toward` leaves; (0, 0) for what is not there."""
        rect = self.rect_of(oid)
        return QPointF() if rect is None else border_point(rect, toward)

    def pod_state(self, oid: str) -> PodState | None:
        """The Pod of an id, as the control plane made it."""
        return self._state.control.pods.get(oid) if self._state else None

    def tip_at(self, point: QPointF) -> str:
        """The words for what is at a scene point, "" for nothing."""
        item = self.stock.at(point)
        if item is None:
            return ""
        part = item.part_at(point)
        pod = self.pod_state(part)
        words = pod_words(pod) if pod is not None else item.tooltip()
        return f"{words}\n{self._said[part]}" if part in self._said else words

    def name_of(self, oid: str) -> str:
        """What a screen reader says of an object: its kind, name and what it shows."""
        pod = self.pod_state(oid)
        item = self.stock.items.get(oid)
        words = pod_words(pod) if pod is not None else item.accessible_name() if item is not None else ""
        words = words or self.places.words_on_cards(oid)
        given = self._project.canvas.colours.get(oid) if self._project is not None else None
        words = f"{words}, coloured {given}" if words and given else words
        return f"{words}. {self._said[oid]}" if words and oid in self._said else words

    def set_said(self, said: Mapping[str, str]) -> None:
        """Nothing; what else there is to say of objects: sentences by id, for tooltips and readers."""
        self._said = dict(said)

    def reading_order(self) -> tuple[str, ...]:
        """Ids of everything that can be selected, left to right in columns, top to bottom; Pods after their box."""
        found: list[str] = []
        for item in sorted(self.stock.items.values(), key=lambda item: (round(item.rect.x() / 64), item.rect.y())):
            if isinstance(item, FrameItem) and item.facts.is_cluster:
                continue
            if item.oid != TRAY:
                found.append(item.owner)
            found += [part for part, _rect in item.part_rects()]
            if isinstance(item, PodBoxItem):
                found += [pod.id for pod in item.facts.pods]
        return tuple(dict.fromkeys(found))

    def ids_in(self, area: QRectF) -> tuple[str, ...]:
        """Ids of the things that lie wholly in a rectangle, Pods included where their box does not."""
        found: list[str] = []
        rows: dict[str, int] = {}
        for index in (self.stock.cards, self.stock.boxes):
            inside = index.inside(area)
            found += index.owners(inside)
            seen = index.visible(area, 0.0)
            for place in seen[~inside[seen]]:
                item = index.items[place]
                if isinstance(item, PodBoxItem):
                    pods, first = item.facts.pods, int(self.pods.starts[place])
                    inside_it = {pods[number].id: first + number for number in self.pods.inside(int(place), area)}
                    found += inside_it
                    if item.oid not in inside_it:
                        rows |= inside_it
        self._marking.learn(rows)
        once = dict.fromkeys(found)
        once.pop(TRAY, None)
        return tuple(once)

    def laid_out(self) -> dict[str, Placement]:
        """The placements of an automatic layout of this view; what a person pinned stays and is left out.

        Meant for ``arrange.place(project, scene.current_view, scene.laid_out(), "Lay out")``.
        """
        project = self._project
        return self.stock.laid_out(project.canvas.placements.get(self._view, EMPTY_MAP)) if project else {}

    def group_of(self, oid: str) -> str:
        """The id of the group that an object is in or is itself, open or collapsed; "" for none in this view."""
        places = self.places
        cards = (card.oid for card in places.cards_of(oid))
        for other in filter(None, (oid, places.card_for(oid), places.box_of(oid), *cards)):
            if other in self.groups:
                return places.folded.get(other, other)
            found = next((group for group, members in self.groups.items() if other in members), "")
            if found:
                return found
        return ""

    def companions(self, oid: str) -> tuple[str, ...]:
        """What moves when a thing is moved: itself; a frame takes what is in it."""
        item = self.stock.items.get(oid)
        if isinstance(item, FrameItem) and item.facts.members:
            return item.facts.members
        return (oid,) if item is not None else ()

    # --- layers and gestures

    def add_layer(self, item: QGraphicsItem, z: float) -> None:
        """Nothing; puts a layer of someone else (trace, rubber band) over the picture, which has z 0."""
        item.setZValue(z)
        self.addItem(item)

    def shift(self, oids: Iterable[str], by: QPointF) -> None:
        """Nothing; moves drawn items for the time of a gesture; the next change puts everything where it belongs."""
        wanted = tuple(oids)
        self.lift(wanted)
        boxes, frames = self.stock.grasp.shift(wanted, by)
        self.pods.shift(boxes, by)
        self.lift(frames, frames)
        moved = frozenset(wanted)
        self.carried.carry(moved, by)
        self.edges.shift(moved, by)
        self._follow()

    def resize_item(self, oid: str, rect: QRectF) -> None:
        """Nothing; gives a drawn item another rectangle for the time of a gesture."""
        self.lift((oid,))
        self.carried.forget()
        self.stock.grasp.resize(oid, rect)
        box = self.stock.items[oid]
        if isinstance(box, PodBoxItem):
            self.pods.moved(box)
        self.edges.moved(frozenset((oid,)))
        self._follow()

    def restore(self) -> None:
        """Nothing; puts everything back where the project says: the end of a cancelled gesture."""
        self._settle()

    def _follow(self) -> None:
        self._reframe()
        self.update()


__all__ = ["OUTSIDE", "CanvasScene", "Difference", "FrameItem"]
