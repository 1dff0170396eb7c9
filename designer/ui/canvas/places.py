"""Where everything is in the scene: rectangles of things, Pods and rows, and the points that lines are drawn to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QPointF, QRectF

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.model import EMPTY_MAP, split_id
from designer.ui.canvas.facts import BALANCER, TRAY, owner_of
from designer.ui.canvas.items.gateway import GatewayItem
from designer.ui.canvas.items.group import GroupItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.rows import RowsItem
from designer.ui.canvas.items.table import AnyItem
from designer.ui.canvas.stock import Stock
from designer.ui.canvas.views import Edge


class Places:
    """Looks things up in a stock. Pods of workloads, rows of cards and load balancers have places too."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.state: ClusterState | None = None
        # What is hidden in collapsed groups, and the card that stands for it.
        self.folded: Mapping[str, str] = EMPTY_MAP
        # The place of each Pod in the boxes that were asked for one, with the Pods that it is of.
        self._chips: dict[str, tuple[tuple[PodState, ...], dict[str, int]]] = {}

    def rect_of(self, oid: str) -> QRectF | None:
        """The rectangle of an object; that of what it belongs to where it is not drawn itself; None if nothing is."""
        found = self._own_rect(oid)
        if found is not None or self.state is None:
            return found
        for other in self._standing_for(oid):
            found = self._own_rect(other)
            if found is not None:
                return found
        return None

    def _standing_for(self, oid: str) -> Iterator[str]:
        """Ids of what may stand for an object that is not drawn itself: its Node, its owner, the card of its group."""
        pod = self.state.control.pods.get(oid) if self.state else None
        others = (f"Node:{pod.node}", pod.owner or "") if pod else (oid.partition("#")[0], owner_of(oid))
        yield from others
        yield from (self.folded[other] for other in (oid, *others) if other in self.folded)

    def card_for(self, oid: str) -> str:
        """The id of the card of the collapsed group that hides an object, "" where none does."""
        if oid in self.stock.items or self.pod_rect(oid) is not None:
            return ""
        found = (other for other in self._standing_for(oid) if isinstance(self.stock.items.get(other), GroupItem))
        return next(found, "")

    def _own_rect(self, oid: str) -> QRectF | None:
        chip = self.pod_rect(oid)
        if chip is not None:
            return chip
        item = self.stock.items.get(oid)
        if item is not None:
            return QRectF(item.rect)
        if oid.startswith("Ingress:"):
            for card in self.stock.cards.items:
                for part, rect in card.part_rects():
                    if part == oid:
                        return QRectF(rect)
        return None

    def cards_of(self, oid: str) -> tuple[AnyItem, ...]:
        """The items that show an object on themselves: the cards with an Ingress' rows, a Service's load balancer."""
        if oid.startswith("Ingress:"):
            return tuple(card for card in self.stock.cards.items if any(part == oid for part, _r in card.part_rects()))
        if oid.startswith("Service:"):
            balancer = self.stock.items.get(oid.replace("Service:", f"{BALANCER}:", 1))
            return (balancer,) if balancer is not None else ()
        return ()

    def words_on_cards(self, oid: str) -> str:
        """What cards say of an object that has no item of its own: an Ingress' rows, a Service's load balancer."""
        kind, namespace, name = split_id(oid)
        found = []
        for card in self.cards_of(oid):
            rows = [row.text for row in getattr(card.facts, "rows", ()) if getattr(row, "ingress", "") == oid]
            found += [f"{', '.join(rows)} at {card.accessible_name()}"] if rows else [card.accessible_name()]
        own = f"{kind} {name}" + (f" in {namespace}" if namespace else "")
        return f"{own}, {', '.join(found)}" if found else ""

    def item_rect(self, oid: str) -> QRectF | None:
        """The rectangle of a drawn item."""
        item = self.stock.items.get(oid)
        return None if item is None else item.rect

    def entry_rect(self, oid: str) -> QRectF | None:
        """The rectangle that edges to a drawn item arrive at."""
        item = self.stock.items.get(oid)
        return item.entry_rect() if isinstance(item, GatewayItem) else None if item is None else item.rect

    def pod_rect(self, oid: str) -> QRectF | None:
        """The rectangle of a Pod's chip, None for what is no Pod or not drawn."""
        box, place = self.chip_of(oid)
        return None if box is None else box.chip_rect(place)

    def chip_of(self, oid: str) -> tuple[PodBoxItem | None, int]:
        """The box that a Pod is drawn in, with its place there; None for what is no Pod or not drawn."""
        box = self.stock.items.get(self.box_of(oid))
        if not isinstance(box, PodBoxItem):
            return None, -1
        pods = box.facts.pods
        known = self._chips.get(box.oid)
        if known is None or known[0] is not pods:
            known = self._chips[box.oid] = (pods, {pod.id: place for place, pod in enumerate(pods)})
        place = known[1].get(oid)
        return (None, -1) if place is None else (box, place)

    def box_of(self, oid: str) -> str:
        """The id of the box that a Pod is drawn in, "" for what is no Pod or in no box of this view."""
        pod = self.state.control.pods.get(oid) if self.state else None
        if pod is None:
            return ""
        boxes = (f"Node:{pod.node}" if pod.node else TRAY, pod.owner or pod.id)
        return next((box for box in boxes if isinstance(self.stock.items.get(box), PodBoxItem)), "")

    def row_start(self, edge: Edge) -> QPointF | None:
        """Where the edge of a rule or listener starts: at the end of its row."""
        card = self.stock.items.get(edge.source)
        if edge.row < 0 or not isinstance(card, RowsItem):
            return None
        rects = card.row_rects()
        return QPointF(rects[edge.row].right(), rects[edge.row].center().y()) if edge.row < len(rects) else None

    def vias_of(self, edge: Edge) -> list[QRectF]:
        """The passages that an edge takes between the boxes on its way."""
        return self.stock.vias_of(edge.source, edge.target)

    def lane_of(self, oid: str) -> float:
        """The x up to which the edges of a thing run level, 0 for none."""
        return self.stock.lane_of(oid)


def border_point(rect: QRectF, toward: QPointF) -> QPointF:
    """The point on a rectangle's border on the way from its centre to a point."""
    centre = rect.center()
    dx, dy = toward.x() - centre.x(), toward.y() - centre.y()
    if abs(dx) < 1e-9 and abs(dy) < 1e-9:
        return centre
    across = rect.width() / 2 / abs(dx) if dx else float("inf")
    upright = rect.height() / 2 / abs(dy) if dy else float("inf")
    reach = min(across, upright)
    return QPointF(centre.x() + dx * reach, centre.y() + dy * reach)
