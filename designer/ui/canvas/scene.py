"""The scene: shows a compiled project in one of the views, and answers what is where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.model import CANVAS_VIEWS, Problem, Project
from designer.session.change import Change
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.edges import EdgeLayer
from designer.ui.canvas.facts import OUTSIDE, TRAY, owner_of
from designer.ui.canvas.items.controller import ControllerItem
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.look import Look, Marks
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.table import AnyItem
from designer.ui.canvas.painting import PictureItem, paint_boxes, paint_cards
from designer.ui.canvas.pod_layer import PodLayer
from designer.ui.canvas.shields import Shields
from designer.ui.canvas.stock import Difference, Stock
from designer.ui.canvas.views import Edge, picture_of
from designer.ui.kit.theme import current_theme, theme_changed
from designer.ui.kit.tokens import Theme

MARGIN = 240.0


class CanvasScene(QGraphicsScene):
    """One picture of a state. `shown` is emitted with a `Difference` whenever items came, went, changed or moved.

    Things are drawn by one graphics item; `stock` holds what is drawn. Coordinates are scene units, ids are object ids
    (Pods of workloads by ``Pod:namespace/name``), and three ids of `facts`: the outside, the tray, load balancers.
    """

    shown = Signal(object)
    viewChanged = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.stock = Stock()
        self.marks = Marks()
        self.theme: Theme = current_theme()
        self._state: ClusterState | None = None
        self._project: Project | None = None
        self._problems: tuple[Problem, ...] = ()
        self._view = "nodes"
        self._describer: Describer | None = None
        self._shields = Shields()
        self.pods = PodLayer(self._tint_of, self._shields.has)
        self.edges = EdgeLayer(self._item_rect, self._row_start)
        self._picture = PictureItem(self)
        self.addItem(self._picture)
        theme_changed.connect(self.set_theme)

    # --- what is shown

    @property
    def current_view(self) -> str:
        """The view that is shown: "nodes", "namespaces" or "traffic"."""
        return self._view

    @property
    def project(self) -> Project | None:
        """The project that is shown, None before the first."""
        return self._project

    @property
    def state(self) -> ClusterState | None:
        """The compiled state that is shown."""
        return self._state

    @property
    def is_empty(self) -> bool:
        """Whether the project has nothing to draw."""
        return self._project is None or not (self._project.objects or self._project.canvas.notes)

    def show(self, state: ClusterState, project: Project | None = None, problems: tuple[Problem, ...] = ()) -> None:
        """Nothing; shows `state`, with the placements of `project` where that is newer (a moved shape)."""
        self._state, self._project, self._problems = state, project or state.project, problems
        self._describer = None
        self._settle()

    def reconcile(self, change: Change) -> None:
        """Nothing; brings the picture in line with a change. While a state is being compiled only places change."""
        state = change.state if change.state is not None else self._state
        if change.replaced:
            self.stock = Stock()
        self._project = change.after
        if state is None:
            return
        if state is not self._state:
            self._state, self._describer = state, None
        self._settle()

    def set_problems(self, problems: tuple[Problem, ...]) -> None:
        """Nothing; marks what the checker found, beside what the state itself says."""
        if problems != self._problems:
            self._problems, self._describer = problems, None
            self._settle()

    def set_view(self, view: str) -> None:
        """Nothing; shows another view; an unknown one is ignored."""
        if view in CANVAS_VIEWS and view != self._view:
            self._view = view
            self.marks = replace(self.marks, hovered="", drop_target="", greyed=frozenset())
            self._settle()
            self.viewChanged.emit(view)

    def set_theme(self, theme: Theme) -> None:
        """Nothing; draws in another theme."""
        self.theme = theme
        self.update()

    def _settle(self) -> None:
        if self._state is None or self._project is None:
            return
        if self._describer is None:
            shown = replace(self._state, project=replace(self._state.project, canvas=self._project.canvas))
            self._describer = Describer(shown, self._problems)
            self._shields.read(self._state)
        elif self._describer.state.project.canvas is not self._project.canvas:
            self._describer = self._describer.with_canvas(self._project.canvas)
        picture = picture_of(self._view, self._describer)
        difference = self.stock.settle(picture, self._project.canvas)
        self.pods.fill(self.stock.boxes.items)
        self.edges.fill(picture.edges)
        self._reframe()
        self.update()
        self.shown.emit(difference)

    def _reframe(self) -> None:
        extent = self.stock.extent()
        self._picture.set_bounds(extent.adjusted(-32, -32, 32, 32))
        self.setSceneRect(extent.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))

    # --- what is where

    def item_of(self, oid: str) -> AnyItem | None:
        """The drawn item of an id; None for Pods in a box, rows of a card, and what this view does not show."""
        return self.stock.items.get(oid)

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
        found = self._own_rect(oid)
        if found is not None or self._state is None:
            return found
        pod = self._state.control.pods.get(oid)
        for other in (f"Node:{pod.node}", pod.owner or "") if pod else (oid.partition("#")[0], owner_of(oid)):
            found = self._own_rect(other)
            if found is not None:
                return found
        return None

    def _own_rect(self, oid: str) -> QRectF | None:
        chip = self._pod_rect(oid)
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

    def _item_rect(self, oid: str) -> QRectF | None:
        item = self.stock.items.get(oid)
        return None if item is None else item.rect

    def _pod_rect(self, oid: str) -> QRectF | None:
        pod = self._state.control.pods.get(oid) if self._state else None
        if pod is None:
            return None
        for box_id in (f"Node:{pod.node}" if pod.node else TRAY, pod.owner or pod.id):
            box = self.stock.items.get(box_id)
            if isinstance(box, PodBoxItem):
                place = next((i for i, other in enumerate(box.facts.pods) if other.id == oid), None)
                if place is not None:
                    return box.chip_rect(place)
        return None

    def _row_start(self, edge: Edge) -> QPointF | None:
        card = self.stock.items.get(edge.source)
        if edge.row < 0 or not isinstance(card, ControllerItem):
            return None
        rows = card.row_edges()
        return rows[edge.row][1] if edge.row < len(rows) else None

    def anchor(self, oid: str, toward: QPointF) -> QPointF:
        """The point on an object's edge from which a line to `toward` leaves; (0, 0) for what is not there."""
        rect = self.rect_of(oid)
        if rect is None:
            return QPointF()
        centre = rect.center()
        dx, dy = toward.x() - centre.x(), toward.y() - centre.y()
        if abs(dx) < 1e-9 and abs(dy) < 1e-9:
            return centre
        reach = min(
            rect.width() / 2 / abs(dx) if dx else float("inf"), rect.height() / 2 / abs(dy) if dy else float("inf")
        )
        return QPointF(centre.x() + dx * reach, centre.y() + dy * reach)

    # --- marks, layers, gestures

    def set_marks(
        self, hovered: str | None = None, greyed: Iterable[str] | None = None, drop_target: str | None = None
    ) -> None:
        """Nothing; marks the hovered object, those that cannot take a drop, and the target; None leaves it, "" ends it."""
        self._mark(
            replace(
                self.marks,
                hovered=self.marks.hovered if hovered is None else hovered,
                greyed=self.marks.greyed if greyed is None else frozenset(greyed),
                drop_target=self.marks.drop_target if drop_target is None else drop_target,
            )
        )

    def set_selected(self, oids: Iterable[str]) -> None:
        """Nothing; marks what is selected."""
        self._mark(replace(self.marks, selected=frozenset(oids)))

    def set_hinted(self, oids: Iterable[str]) -> None:
        """Nothing; marks what a panel points at."""
        self._mark(replace(self.marks, hinted=frozenset(oids)))

    def _mark(self, marks: Marks) -> None:
        if marks != self.marks:
            self.marks = marks
            self.update()

    def add_layer(self, item: QGraphicsItem, z: float) -> None:
        """Nothing; puts a layer of someone else (trace, rubber band) over the picture, which has z 0."""
        item.setZValue(z)
        self.addItem(item)

    def shift(self, oids: Iterable[str], by: QPointF) -> None:
        """Nothing; moves drawn items for the time of a gesture; the next change puts everything where it belongs."""
        for oid in self.stock.shift(oids, by):
            if oid in self.pods.places:
                self.pods.moved(self.stock.items[oid])
        self._redraw_edges()

    def resize_item(self, oid: str, rect: QRectF) -> None:
        """Nothing; gives a drawn item another rectangle for the time of a gesture."""
        self.stock.resize(oid, rect)
        if oid in self.pods.places:
            self.pods.moved(self.stock.items[oid])
        self._redraw_edges()

    def restore(self) -> None:
        """Nothing; puts everything back where the project says: the end of a cancelled gesture."""
        self._settle()

    def _redraw_edges(self) -> None:
        self.edges.fill(self.edges.edges)
        self._reframe()
        self.update()

    # --- painting

    def paint_area(self, painter: QPainter, area: QRectF, zoom: float, theme: Theme | None = None) -> None:
        """Nothing; paints the part of the picture in `area`; `zoom` is screen pixels a scene unit."""
        look = Look(theme or self.theme, zoom, self.marks)
        stock = self.stock
        for place in stock.frames.visible(area):
            stock.frames.items[place].paint(painter, look)
        self.edges.paint(painter, look, area)
        boxes = stock.boxes.visible(area)
        paint_boxes(painter, look, self, boxes)
        self.pods.paint(painter, look, self.pods.select(boxes, area))
        paint_cards(painter, look, self, stock.cards.visible(area))
        picked = self.marks.selected | self.marks.hinted | frozenset({self.marks.hovered} - {""})
        if picked:
            self.edges.paint_picked(painter, look, picked, self._pod_rect)
        self._paint_greyed(painter, look)

    def _paint_greyed(self, painter: QPainter, look: Look) -> None:
        veil = look.theme.color("canvas", 170)
        for oid in self.marks.greyed:
            rect = self.rect_of(oid)
            if rect is not None:
                painter.fillRect(rect.adjusted(-1, -1, 1, 1), veil)

    def _tint_of(self, namespace: str) -> int:
        return self._describer.tints.get(namespace, 0) if self._describer else 0

    def pod_state(self, oid: str) -> PodState | None:
        """The Pod of an id, as the control plane made it."""
        return self._state.control.pods.get(oid) if self._state else None


__all__ = ["OUTSIDE", "CanvasScene", "Difference", "FrameItem"]
