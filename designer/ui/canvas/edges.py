"""Computed edges: thin, dashed and grey; in the accent, with rings round its Pods, where the source is picked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from designer.ui.canvas.edge_density import density_image
from designer.ui.canvas.edge_sums import paint_sum
from designer.ui.canvas.edge_table import EndIndex, span
from designer.ui.canvas.edge_ways import side_points, through, upright_or_level, way
from designer.ui.canvas.items.look import HAIRLINE, Look, cosmetic, write
from designer.ui.canvas.views.edge import Edge
from designer.ui.kit.tokens import RADIUS
from designer.ui.kit.verdict import draw_verdict

RectOf = Callable[[str], QRectF | None]

# More edges than this are no lines any more: from afar they are a shade, near only those of what is picked are drawn.
MOST_LINES = 2000
MOST_DASHED = 600
DENSITY_BELOW = 0.35
MANY_EDGES = 4000
MOST_PICKED = 200
# So many edges of picked things are drawn wide, so many with arrows and words, so many smoothly; so many Pods ringed.
FEW_PICKED, MANY_PICKED, MOST_SMOOTH, MOST_RINGS = 6, 60, 200, 400
# From this zoom on few of them are lines as wide as they should be; how far, in pixels, two hairlines stand apart.
WIDE_FROM, ASIDE = 1.25, 0.4
MANY_AREAS = 200


class Ground(Protocol):
    """What edges ask of the picture that they run over."""

    def item_rect(self, oid: str) -> QRectF | None:
        """The rectangle of a drawn thing."""

    def entry_rect(self, oid: str) -> QRectF | None:
        """The rectangle that edges to a drawn thing arrive at."""

    def row_start(self, edge: Edge) -> QPointF | None:
        """Where an edge that belongs to a row starts."""

    def lane_of(self, oid: str) -> float:
        """The x up to which the edges of a thing run level, 0 for none."""

    def vias_of(self, edge: Edge) -> list[QRectF]:
        """The passages that an edge takes between the boxes on its way."""


class EdgeLayer:
    """The edges of a view with their end points as a (n, 4) table; ends of things that are not there are left out."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.edges: list[Edge] = []
        self.ends: NDArray[np.float64] = np.zeros((0, 4))
        self._paths: list[QPainterPath | None] = []
        self._index = EndIndex()
        # Another number says that ends are elsewhere; while a gesture moves things the shade stays as it is.
        self._version = 0
        self._touched = False
        # Very many edges as they were given last.
        self._given: tuple[Edge, ...] = ()
        self._all = EndIndex()
        self._density: tuple[tuple[str, int], QRectF, QImage] | None = None

    def fill(self, edges: Sequence[Edge], touched: frozenset[str] = frozenset()) -> list[QRectF] | None:
        """The areas where edges came, went or run otherwise, None for too many; `touched` things moved or changed.

        Edges that are the same as before and touch none of those keep what was worked out for them.
        """
        if len(edges) > MOST_LINES:
            return self._fill_many(edges)
        # Of a shade nothing is known that lines could keep.
        whole = len(self.edges) > MOST_LINES
        if whole:
            self.edges, self._paths = [], []
        self._given = ()
        known = {id(edge): place for place, edge in enumerate(self.edges)}
        equal = {edge: place for place, edge in enumerate(self.edges)} if len(self.edges) <= MANY_EDGES else {}
        kept: set[int] = set()
        old_edges, old_ends, old_paths = self.edges, self.ends, self._paths
        self.edges, self._paths = [], []
        ends, fresh = [], []
        for edge in edges:
            place = known.get(id(edge), equal.get(edge) if equal else None)
            if place is not None and edge.source not in touched and edge.target not in touched:
                row, path = tuple(old_ends[place]), old_paths[place]
                kept.add(place)
            else:
                found = self._ends_of(edge)
                if found is None:
                    continue
                row, path = found, None
                fresh.append(len(self.edges))
            self.edges.append(edge)
            self._paths.append(path)
            ends.append(row)
        self._index, self.ends = EndIndex(self.edges), np.array(ends).reshape(-1, 4)
        self._version += 1
        gone = [place for place in range(len(old_edges)) if place not in kept]
        if whole or len(gone) + len(fresh) > MANY_AREAS:
            return None
        return [_area(old_ends[place]) for place in gone] + [_area(self.ends[place]) for place in fresh]

    def _fill_many(self, edges: Sequence[Edge]) -> list[QRectF] | None:
        """The same for more edges than are drawn as lines: together they are a shade, which depends on all of them."""
        given, before = tuple(edges), self._given
        first, last, behind = span(before, given)
        if not before or last - first > MANY_EDGES or behind - first > MANY_EDGES:
            self._all = EndIndex(given)
        elif (first, last, behind) != (len(before), len(before), len(given)):
            self._all = self._all.spliced(first, last, given[first:behind])
        self._given = given
        ends, drawn = self._all.points(self._ground.item_rect, self._ground.entry_rect)
        for place in self._all.rows:
            if drawn[place] and (start := self._ground.row_start(given[place])) is not None:
                ends[place, :2] = start.x(), start.y()
        same = len(self.edges) > MOST_LINES and not self._touched
        if drawn.all():
            self.edges, self._index = list(given), self._all
        else:
            self.edges, ends = [given[place] for place in np.flatnonzero(drawn)], ends[drawn]
            self._index = EndIndex(self.edges)
        self._paths = [None] * len(self.edges)
        if same and np.array_equal(ends, self.ends):
            return []
        self.ends, self._touched = ends, False
        self._version += 1
        return None

    def touching(self, oids: frozenset[str]) -> list[int]:
        """The places of the edges that start or end at any of these, or run by way of it."""
        return self._index.touching(oids)

    def visible(self, area: QRectF) -> NDArray[np.intp]:
        """The places of the edges whose box touches `area`."""
        return np.flatnonzero(_touch(self.ends, area))

    def areas(self, oids: frozenset[str]) -> list[QRectF]:
        """The rectangles of the edges that touch any of these things."""
        return [_area(self.ends[place]) for place in self.touching(oids)]

    def moved(self, oids: frozenset[str]) -> None:
        """Nothing; the edges of these things follow them."""
        self._touched = True
        for place in self.touching(oids):
            found = self._ends_of(self.edges[place])
            if found is not None:
                self.ends[place] = found
                self._paths[place] = None

    def shift(self, oids: frozenset[str], by: QPointF) -> None:
        """Nothing; all of these things were moved by the same: edges among them go along, others follow one end."""
        self._touched = True
        within, between = (places.tolist() for places in self._index.split(oids))
        self.ends[within] += (by.x(), by.y(), by.x(), by.y())
        for place in within:
            self._paths[place] = None
        for place in between:
            found = self._ends_of(self.edges[place])
            if found is not None:
                self.ends[place] = found
            self._paths[place] = None

    def _ends_of(self, edge: Edge) -> tuple[float, float, float, float] | None:
        source, target = self._ground.item_rect(edge.source), self._ground.entry_rect(edge.target)
        if source is None or target is None:
            return None
        start, end = side_points(source, target)
        start = self._ground.row_start(edge) or start
        return start.x(), start.y(), end.x(), end.y()

    def paint(self, painter: QPainter, look: Look, area: QRectF, skip: frozenset[str] = frozenset()) -> None:
        """Nothing; draws the edges at rest, but for those of the things in `skip`."""
        if len(self.edges) > MOST_LINES:
            if look.zoom < DENSITY_BELOW:
                self._paint_density(painter, look, area)
            return
        chosen = self.visible(area)
        left_out = set(self.touching(skip)) if skip else set()
        self._paint_plain(painter, look, [int(place) for place in chosen if place not in left_out])

    def _paint_density(self, painter: QPainter, look: Look, area: QRectF) -> None:
        """Nothing; where very many edges run, as a shade."""
        key = (look.theme.name, self._version)
        if self._density is None or self._density[0] != key:
            both = np.concatenate((self.ends[:, :2], self.ends[:, 2:]))
            low, high = both.min(axis=0), both.max(axis=0)
            covers = QRectF(QPointF(*low.tolist()), QPointF(*high.tolist())).adjusted(0, 0, 1, 1)
            self._density = (key, covers, density_image(self.ends, covers, look.theme))
        _key, covers, image = self._density
        part = covers.intersected(area)
        if part.isEmpty():
            return
        sx, sy = image.width() / covers.width(), image.height() / covers.height()
        source = QRectF((part.x() - covers.x()) * sx, (part.y() - covers.y()) * sy, part.width() * sx,
                        part.height() * sy)  # fmt: skip
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(part, image, source)

    def paint_within(self, painter: QPainter, look: Look, oids: frozenset[str], area: QRectF) -> None:
        """Nothing; draws the edges at rest that have both ends among these things."""
        self._paint_plain(painter, look, self._near(self._index.split(oids)[0], area)[:MOST_DASHED])

    def paint_between(
        self, painter: QPainter, look: Look, oids: frozenset[str], but: frozenset[str], area: QRectF
    ) -> None:
        """Nothing; draws the edges at rest between these things and others; none that touches one of `but`."""
        left_out = set(self.touching(but))
        near = self._near(self._index.split(oids)[1], area)
        self._paint_plain(painter, look, [place for place in near if place not in left_out][:MOST_DASHED])

    def _near(self, places: NDArray[np.intp], area: QRectF) -> list[int]:
        """Those of these edges that may be seen in `area`."""
        found: list[int] = places[_touch(self.ends[places], area)].tolist()
        return found

    def _paint_plain(self, painter: QPainter, look: Look, chosen: list[int]) -> None:
        plain = cosmetic(look.theme.color("line_strong"), 1.1, look.zoom)
        if len(self.edges) <= MOST_DASHED and look.zoom > 0.15:
            plain.setDashPattern([4, 4])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place in chosen:
            edge = self.edges[place]
            if edge.verdict:
                self._paint_judged(painter, look, place)
                continue
            painter.setPen(_solid(plain) if edge.kind in ("entry", "backend", "call") else plain)
            painter.setOpacity(0.45 if edge.weak else 0.8)
            painter.drawPath(self._path(place))
            painter.setOpacity(1.0)
            if edge.kind in ("entry", "backend", "call"):
                self._arrow(painter, look, place, "line_strong")
            if edge.count:
                paint_sum(painter, look, self._path(place).pointAtPercent(0.5), edge.count)

    def _paint_judged(self, painter: QPainter, look: Look, place: int) -> None:
        """Nothing; an edge that policies stop, or of which nobody can tell: its line and its mark half way."""
        edge, path = self.edges[place], self._path(place)
        pen = cosmetic(look.theme.verdict_color(edge.verdict), 1.4, look.zoom)
        pen.setDashPattern([2, 3])
        painter.setPen(pen)
        painter.drawPath(path)
        if look.zoom >= 0.3:
            middle = path.pointAtPercent(0.5)
            side = 14.0
            box = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
            draw_verdict(painter, box, edge.verdict, look.theme, look.theme.color("canvas"))

    def paint_picked(
        self, painter: QPainter, look: Look, oids: frozenset[str], rect_of_pod: RectOf, area: QRectF
    ) -> None:
        """Nothing; draws the edges of picked things in the accent, and rings round the Pods of a picked Service."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        places = self._near(self._index.rows_of(oids), area)[:MOST_DASHED]
        few = len(places) <= MANY_PICKED
        wide = look.zoom > WIDE_FROM and len(places) <= FEW_PICKED
        pen, aside = _picked_pen(look, 0 if wide else MOST_DASHED), 0.0 if wide or not few else ASIDE / look.zoom
        rings: list[QRectF] = []
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(places) <= MOST_SMOOTH)
        for place in places:
            edge = self.edges[place]
            painter.setPen(pen)
            if edge.kind == "selector" and edge.source in oids and len(rings) < MOST_RINGS:
                # A line to each Pod would run over the Pods before it: the line ends at their box, rings say which.
                rings += filter(None, map(rect_of_pod, edge.details[:MOST_PICKED]))
            painter.drawPath(self._path(place))
            if aside:
                # Two hairlines side by side are as strong as one wide line, and drawn in a tenth of its time.
                painter.translate(aside, aside)
                painter.drawPath(self._path(place))
                painter.translate(-aside, -aside)
            if not few:
                continue
            self._arrow(painter, look, place, "accent")
            if edge.label:
                self._label(painter, look, place)
            if edge.count:
                paint_sum(painter, look, self._path(place).pointAtPercent(0.5), edge.count, "accent")
        painter.restore()
        self.paint_rings(painter, look, [rect for rect in rings if rect.intersects(area)])

    def paint_to_pods(
        self, painter: QPainter, look: Look, source: str, pods: Sequence[str], rect_of: RectOf, area: QRectF
    ) -> None:
        """Nothing; draws quiet lines from a picked thing to Pods that it selects, and rings round these."""
        start_rect = self._ground.item_rect(source)
        if start_rect is None:
            return
        rects = [rect for rect in map(rect_of, pods[:MOST_PICKED]) if rect is not None]
        self.paint_rings(painter, look, [rect for rect in rects if rect.intersects(area)])
        painter.setPen(_picked_pen(look, len(rects)))
        painter.setOpacity(0.5)
        lane = self._ground.lane_of(source)
        for rect in rects:
            if rect.united(start_rect).adjusted(-80, -8, 80, 8).intersects(area):
                painter.drawPath(upright_or_level(start_rect, rect, lane))
        painter.setOpacity(1.0)

    def paint_rings(self, painter: QPainter, look: Look, rects: Sequence[QRectF]) -> None:
        """Nothing; draws rings round what a picked thing has made."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_picked_pen(look, len(rects)))
        for rect in rects:
            painter.drawRoundedRect(rect, RADIUS, RADIUS)

    def leading_to(self, pod: str, box: str) -> list[Edge]:
        """The edges that have a Pod among their details; `box` is what it is drawn in."""
        return [self.edges[place] for place in self.touching(frozenset((box,))) if pod in self.edges[place].details]

    def _arrow(self, painter: QPainter, look: Look, place: int, token: str) -> None:
        """Nothing; a small head at the end of an edge."""
        if look.zoom < 0.3:
            return
        path = self._path(place)
        end = path.currentPosition()
        before = path.pointAtPercent(0.97)
        length = max(1e-6, ((end.x() - before.x()) ** 2 + (end.y() - before.y()) ** 2) ** 0.5)
        ux, uy = (end.x() - before.x()) / length, (end.y() - before.y()) / length
        head = QPainterPath(end)
        head.lineTo(end.x() - 8 * ux - 4 * uy, end.y() - 8 * uy + 4 * ux)
        head.lineTo(end.x() - 8 * ux + 4 * uy, end.y() - 8 * uy - 4 * ux)
        head.closeSubpath()
        painter.fillPath(head, look.theme.color(token))

    def _label(self, painter: QPainter, look: Look, place: int) -> None:
        size = look.size_of(10.5, 12)
        middle = self._path(place).pointAtPercent(0.5)
        if size is not None:
            box = QRectF(middle.x() - 30, middle.y() - 18, 60, 16)
            write(painter, box, self.edges[place].label, size, look.theme.color("accent_text"), mono=True,
                  align=Qt.AlignmentFlag.AlignHCenter)  # fmt: skip

    def path_of(self, place: int) -> QPainterPath:
        """The way of an edge; the very same value as long as neither of its ends moves."""
        return self._path(place)

    def _path(self, place: int) -> QPainterPath:
        path = self._paths[place]
        if path is None:
            edge = self.edges[place]
            x1, y1, x2, y2 = self.ends[place].tolist()
            source, target = (
                self._ground.item_rect(edge.source) or QRectF(),
                self._ground.item_rect(edge.target) or QRectF(),
            )
            start, end = QPointF(x1, y1), QPointF(x2, y2)
            vias = self._ground.vias_of(edge)
            lane = self._ground.lane_of(edge.source)
            path = through(start, vias, end) if vias else way(start, end, source, target, lane)
            self._paths[place] = path
        return path


def _touch(ends: NDArray[np.float64], area: QRectF) -> NDArray[np.bool_]:
    """Which of the edges with these ends, (n, 4), may be seen in `area`."""
    left, right = np.minimum(ends[:, 0], ends[:, 2]), np.maximum(ends[:, 0], ends[:, 2])
    top, bottom = np.minimum(ends[:, 1], ends[:, 3]), np.maximum(ends[:, 1], ends[:, 3])
    hit = (left < area.right() + 80) & (right > area.left() - 80)
    return np.asarray(hit & (top < area.bottom() + 80) & (bottom > area.top() - 80))


def _area(ends: NDArray[np.float64]) -> QRectF:
    """The rectangle that an edge with these ends stays in."""
    x1, y1, x2, y2 = ends.tolist()
    return QRectF(QPointF(min(x1, x2), min(y1, y2)), QPointF(max(x1, x2), max(y1, y2))).adjusted(-80, -8, 80, 8)


def _picked_pen(look: Look, count: int) -> QPen:
    """The pen of so many accented lines: of many each is thin, for Qt draws these up to sixty times as fast."""
    accent = look.theme.color("accent")
    pen = cosmetic(accent, 1.5, look.zoom) if count <= FEW_PICKED else QPen(accent, HAIRLINE / look.zoom)
    pen.setDashPattern([4, 3])
    return pen


def _solid(pen: QPen) -> QPen:
    copy = QPen(pen)
    copy.setStyle(Qt.PenStyle.SolidLine)
    return copy
