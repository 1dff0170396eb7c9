"""What the scene shows and how it is marked and painted; `scene.CanvasScene` adds the questions of gestures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsScene

from designer.engine.compile import ClusterState
from designer.model import CANVAS_VIEWS, EMPTY_MAP, Problem, Project
from designer.model.collector import collector_paused
from designer.session.change import Change
from designer.ui.canvas.beforehand import Beforehand
from designer.ui.canvas.describe import Describer, Memo, badges_of
from designer.ui.canvas.edges import EdgeLayer
from designer.ui.canvas.items.controller import ControllerItem
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.gateway import GatewayItem
from designer.ui.canvas.items.look import Look, Marks
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.table import AnyItem
from designer.ui.canvas.lifted import Lifted
from designer.ui.canvas.marking import Marking
from designer.ui.canvas.owned_pods import OwnedPods
from designer.ui.canvas.painting import PictureItem, paint_picture
from designer.ui.canvas.places import Places
from designer.ui.canvas.pod_layer import PodLayer
from designer.ui.canvas.shields import Shields
from designer.ui.canvas.stock import Difference, Stock
from designer.ui.canvas.views import Picture, picture_of
from designer.ui.kit.theme import current_theme, theme_changed
from designer.ui.kit.tokens import Theme

MARGIN = 240.0
# More changes than this at once, and everything is painted anew.
MOST_PATCHES = 200


class PictureScene(QGraphicsScene):
    """One picture of a state. `shown` carries a `stock.Difference` whenever items came, went, changed or moved.

    Things are drawn by one graphics item; `stock` holds what is drawn.
    """

    shown = Signal(object)
    viewChanged = Signal(str)
    # The picture is about to become another one: another view, or groups that open or close.
    leaving = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.stock = Stock()
        self.places = Places(self.stock)
        self.marks = Marks()
        self.theme: Theme = current_theme()
        self._state: ClusterState | None = None
        self._project: Project | None = None
        self._problems: tuple[Problem, ...] = ()
        self._view = "nodes"
        self.lifted: frozenset[str] = frozenset()
        self._describer: Describer | None = None
        self.shields = Shields()
        self._memo: Memo = {}
        self._beforehand: Beforehand | None = None

        def tint_of(namespace: str) -> int:
            return self._describer.tints.get(namespace, 0) if self._describer else 0

        self.pods = PodLayer(tint_of, self.shields.has)
        self.edges = EdgeLayer(self.places)
        self.owned = OwnedPods(self.places)
        self._marking = Marking(self)
        self.carried = Lifted(self)
        self.groups: Mapping[str, tuple[str, ...]] = EMPTY_MAP
        # What this view does not draw because it is on hidden layers, with the names of those.
        self.hidden: Mapping[str, str] = EMPTY_MAP
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
    def resting(self) -> bool:
        """Whether the picture is sharp and nothing more is being painted."""
        return self._picture.tiles.resting

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
            self.stock.forget()
            self._memo.clear()
            self.set_marks("", (), "")
            self.set_hinted(())
        elif change.before.canvas.collapsed != change.after.canvas.collapsed:
            self.leaving.emit()
        if change.before.canvas.colours != change.after.canvas.colours:
            self._picture.tiles.forget(stale=True)
        self._project = change.after
        known, self._beforehand = self._beforehand, None
        if known is not None and known.state is state:
            self._memo.update(known.memo)
            self.pods.learn(known.pods)
        if state is None:
            return
        if state is not self._state:
            self._state, self._describer = state, None
        if change.replaced and change.after.canvas.view != self._view:
            self.set_view(change.after.canvas.view)
            return
        self._settle()

    def expect(self, known: Beforehand) -> None:
        """Nothing; the next change brings this very state, of which this was worked out already."""
        self._beforehand = known

    def set_problems(self, problems: tuple[Problem, ...]) -> None:
        """Nothing; marks what the checker found, beside what the state itself says."""
        if problems != self._problems:
            known, self._problems = self._describer, problems
            if known is not None and known.badges == badges_of((*known.state.problems, *problems)):
                return  # nothing is marked otherwise: the same is said in other words, or of what is not drawn
            self._describer = None
            self._settle()

    def set_view(self, view: str) -> None:
        """Nothing; shows another view; an unknown one is ignored."""
        if view in CANVAS_VIEWS and view != self._view:
            self.leaving.emit()
            self._view = view
            self.marks = replace(self.marks, hovered="", drop_target="", greyed=frozenset())
            self._settle()
            self.viewChanged.emit(view)

    def set_theme(self, theme: Theme) -> None:
        """Nothing; draws in another theme."""
        self.theme = theme
        self._picture.tiles.forget()
        self.update()

    def _settle(self) -> None:
        # Ten thousands of items come into being at once: looking for garbage among them meanwhile takes seconds.
        with collector_paused():
            self._bring_in_line()

    def _bring_in_line(self) -> None:
        if self._state is None or self._project is None:
            return
        if self._describer is None:
            shown = replace(self._state, project=replace(self._state.project, canvas=self._project.canvas))
            self._describer = Describer(shown, self._problems, self._memo)
            self.shields.read(self._state)
        elif self._describer.state.project.canvas is not self._project.canvas:
            self._describer = self._describer.with_canvas(self._project.canvas)
        self.places.state = self._state
        picture = picture_of(self._view, self._describer)
        self.groups, self.places.folded, self.hidden = picture.groups, picture.folded, picture.hidden
        # The empty state says how to begin; the outside alone behind its words would only be in the way.
        self._picture.setVisible(not self.is_empty)
        before = {oid: QRectF(item.rect) for oid, item in self.stock.items.items()}
        edges = self.edges.edges
        difference = self.stock.settle(picture, self._project.canvas)
        self._marking.forget()
        same_edges = edges == list(picture.edges)
        if difference or self.lifted or not same_edges:
            self._redraw(difference, picture, before, same_edges)
        self._reframe()
        self.update()
        self.shown.emit(difference)

    def _redraw(self, difference: Difference, picture: Picture, before: dict[str, QRectF], same_edges: bool) -> None:
        """Nothing; tables and tiles follow a difference; only what it names is painted anew when that is little."""
        touched = frozenset((*difference.added, *difference.removed, *difference.changed, *difference.moved))
        touched |= self.lifted
        placed = bool(difference.added or difference.removed or difference.moved or difference.whole or self.lifted)
        changed = [self.stock.items[oid] for oid in difference.changed if oid in self.stock.items]
        self.lifted = frozenset()
        self.carried.forget()
        old = [before[oid] for oid in touched if oid in before]
        version = (self.shields.version, self._project.namespaces() if self._project else ())
        boxes = (item for item in changed if isinstance(item, PodBoxItem))
        if placed or version != self.pods.version or not all(map(self.pods.holds, boxes)):
            self.pods.version = version
            self.pods.fill(self.stock.boxes.items)
        # Badges come and go at thousands of things at once: where nothing moved, all edges run as they did.
        ways: list[QRectF] | None = []
        if placed or not same_edges or any(isinstance(item, ControllerItem | GatewayItem) for item in changed):
            ways = self.edges.fill(picture.edges, touched)
        if difference.whole or ways is None or len(touched) > MOST_PATCHES:
            self._picture.tiles.forget(stale=not difference.whole)
        else:
            self._picture.tiles.forget([*old, *ways, *areas_of(self.stock, self.edges, touched)])

    def _reframe(self) -> None:
        extent = self.stock.extent()
        self._picture.set_bounds(extent.adjusted(-32, -32, 32, 32))
        self.setSceneRect(extent.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))

    # --- marks and painting

    def set_marks(
        self,
        hovered: str | None = None,
        greyed: Iterable[str] | None = None,
        drop_target: str | None = None,
        spared: Iterable[str] = (),
    ) -> None:
        """Nothing; marks the hovered object, what cannot take a drop, and the target; None leaves it, "" ends it.

        `spared` belong to `greyed`: they are taken over with it only.
        """
        self._mark(
            replace(
                self.marks,
                hovered=self.marks.hovered if hovered is None else hovered,
                greyed=self.marks.greyed if greyed is None else frozenset(greyed),
                spared=self.marks.spared if greyed is None else frozenset(spared),
                drop_target=self.marks.drop_target if drop_target is None else drop_target,
            )
        )

    def set_selected(self, oids: Iterable[str], *, drafted: bool = False) -> None:
        """Nothing; marks what is selected; `drafted` while a gesture still chooses: lines to the rest come after it."""
        self._mark(replace(self.marks, selected=frozenset(oids), drafted=drafted))

    def set_hinted(self, oids: Iterable[str]) -> None:
        """Nothing; marks what a panel points at."""
        self._mark(replace(self.marks, hinted=frozenset(oids)))

    def ground(self) -> QColor:
        """The colour behind everything."""
        return self.theme.color("canvas")

    def _mark(self, marks: Marks) -> None:
        if marks != self.marks:
            self.marks = marks
            self.update()

    def paint_area(self, painter: QPainter, area: QRectF, zoom: float, theme: Theme | None = None) -> None:
        """Nothing; paints the part of the picture in `area`, unmarked; `zoom` is screen pixels a scene unit.

        What a gesture has lifted is left out: `paint_marked` paints it over the rest.
        """
        for _ in paint_picture(painter, Look(theme or self.theme, zoom), self, area):
            pass

    def paint_marked(self, painter: QPainter, area: QRectF, zoom: float) -> None:
        """Nothing; paints over the picture what is selected, hovered, pointed at, lifted or greyed."""
        self._marking.paint(painter, area, Look(self.theme, zoom, self.marks))

    def lift(self, oids: Iterable[str], stood: Mapping[str, QRectF] = EMPTY_MAP) -> None:
        """Nothing; from now on these are painted over the rest, so that moving them costs little.

        `stood` says where those were painted that have moved already.
        """
        new = frozenset(oid for oid in oids if oid in self.stock.items) - self.lifted
        if new:
            self.lifted |= new
            self._picture.tiles.forget(areas_of(self.stock, self.edges, new, stood))


def areas_of(
    stock: Stock, edges: EdgeLayer, oids: frozenset[str], stood: Mapping[str, QRectF] = EMPTY_MAP
) -> list[QRectF]:
    """What has to be painted anew when these things change: they and their edges."""
    found = [(stock.items[oid], stood.get(oid, stock.items[oid].rect)) for oid in oids if oid in stock.items]
    return [*(area for item, rect in found for area in _painted(item, rect)), *edges.areas(oids)]


def _painted(item: AnyItem, rect: QRectF) -> list[QRectF]:
    """The areas that an item paints on: of a frame without a ground of its own only title and border."""
    if not isinstance(item, FrameItem) or item.facts.tint is not None:
        return [QRectF(rect)]
    title, left, right, bottom = (QRectF(rect) for _ in range(4))
    title.setHeight(item.margins[0])
    left.setWidth(1)
    right.setLeft(rect.right() - 1)
    bottom.setTop(rect.bottom() - 1)
    return [title, left, right, bottom]
