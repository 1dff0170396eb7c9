"""What is painted over the picture: selection, hover, hints, what a gesture has lifted, veils over what is greyed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from designer.ui.canvas.index import RectIndex
from designer.ui.canvas.items.look import HAIRLINE, Look, Marks
from designer.ui.canvas.items.policy import PolicyItem
from designer.ui.canvas.items.table import AnyItem
from designer.ui.canvas.pod_layer import INSET, draw_rects
from designer.ui.kit.tokens import RADIUS

if TYPE_CHECKING:
    from designer.ui.canvas.picture_scene import PictureScene

# Of more picked things than this none shows what it belongs to: together that would be a tangle.
MOST_RELATED = 24
# More marked things in sight than this are marked all at once: with a wash and an outline, their words left alone.
MANY = 40
# More of them than this get square outlines.
MOST_ROUND = 300
WASH = 46

Rows = NDArray[np.intp]
Marked = tuple[Rows, NDArray[np.bool_]]


# A number says where a thing is, when it is in one place only: in its upper bits one of the three tables or the layer
# of Pods, in its lower ones the row. Things in several places have none.
ROW_BITS, PODS, NOWHERE = 40, 3, -1


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a marked thing is that is in no place or in several: numbers of its rows, its card."""

    rows: tuple[int, ...] = ()
    card: str = ""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is marked: rows of frames, boxes, cards and Pods with whether each is selected; cards of what is folded."""

    tables: tuple[Marked, Marked, Marked]
    pods: Marked
    cards: tuple[str, ...]


class Marking:
    """Paints the marks of a scene. What they mean is looked up once, while marks and things stay the same."""

    def __init__(self, scene: PictureScene) -> None:
        self._scene = scene
        self._veiled: tuple[frozenset[str], NDArray[np.float64]] = (frozenset(), np.zeros((0, 4)))
        # Where things are: a number, or `NOWHERE` and what `_others` says. A rubber band asks for thousands of them
        # at each step.
        self._known: dict[str, int] = {}
        self._others: dict[str, _Where] = {}
        self._chosen: tuple[Marks, _Chosen] | None = None

    def forget(self) -> None:
        """Nothing; things may stand elsewhere now."""
        self._veiled = (frozenset(), np.zeros((0, 4)))
        self._known, self._others, self._chosen = {}, {}, None

    def learn(self, pods: Mapping[str, int]) -> None:
        """Nothing; the rows of these Pods, which are drawn in boxes of others."""
        self._known.update((oid, PODS << ROW_BITS | row) for oid, row in pods.items())

    def paint(self, painter: QPainter, area: QRectF, look: Look) -> None:
        """Nothing; paints over the picture what is selected, hovered, pointed at, lifted or greyed."""
        scene, marks = self._scene, self._scene.marks
        # Thousands may be selected: none of these sets is copied without need.
        more = (marks.hinted | {marks.hovered, marks.drop_target}) - {""} - marks.selected
        shown = marks.selected | more if more else marks.selected
        picked = shown - {marks.drop_target} if marks.drop_target else shown
        if scene.lifted:
            scene.carried.paint(painter, look, area, picked)
        if picked and not (marks.drafted and len(picked) > MOST_RELATED):
            scene.edges.paint_picked(painter, look, picked, scene.places.pod_rect, area)
            if len(picked) <= MOST_RELATED:
                self._paint_relations(painter, look, picked, area)
        if shown:
            chosen = self._choose(marks, shown)
            self._paint_items(painter, look, chosen, area)
            self._paint_pods(painter, look, chosen.pods, area)
            # What is marked is hidden in a collapsed group: the mark goes to its card.
            cards = [scene.stock.items[oid].rect.adjusted(-3, -3, 3, 3) for oid in chosen.cards]
            scene.edges.paint_rings(painter, look, [rect for rect in cards if rect.intersects(area)])
        if marks.greyed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.theme.color("canvas", 170))
            # Pieces of one veil meet without a seam only where their edges are not blended.
            smooth = painter.testRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            draw_rects(painter, self._veils())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)

    # --- what is marked

    def _choose(self, marks: Marks, shown: Iterable[str]) -> _Chosen:
        if self._chosen is None or self._chosen[0] is not marks:
            oids = list(shown)
            known = self._known
            numbers = np.array([known[oid] if oid in known else self._number(oid) for oid in oids], dtype=np.int64)
            selected = np.array([oid in marks.selected for oid in oids], dtype=bool)
            cards: dict[str, None] = {}
            more: list[tuple[int, bool]] = []
            for place in np.flatnonzero(numbers == NOWHERE).tolist():
                where = self._others[oids[place]]
                more += [(number, bool(selected[place])) for number in where.rows]
                if where.card:
                    cards[where.card] = None
            numbers = np.concatenate((numbers, np.array([number for number, _ in more], dtype=np.int64)))
            selected = np.concatenate((selected, np.array([chosen for _, chosen in more], dtype=bool)))
            first, second, third, pods = (_rows(numbers, selected, table) for table in range(PODS + 1))
            self._chosen = (marks, _Chosen((first, second, third), pods, tuple(sorted(cards))))
        return self._chosen[1]

    def _number(self, oid: str) -> int:
        """Where a thing is, `NOWHERE` for what is in `_others`."""
        where = self._where(oid)
        number = where.rows[0] if len(where.rows) == 1 and not where.card else NOWHERE
        if number == NOWHERE:
            self._others[oid] = where
        self._known[oid] = number
        return number

    def _where(self, oid: str) -> _Where:
        stock, places, pods = self._scene.stock, self._scene.places, self._scene.pods
        found = [item for item in (stock.items.get(oid), *places.cards_of(oid)) if item is not None]
        rows = ((n, table.places.get(item.oid)) for item in found for n, table in enumerate(self._tables()))
        numbers = tuple(dict.fromkeys(n << ROW_BITS | row for n, row in rows if row is not None))
        box, chip = places.chip_of(oid)
        if box is not None:
            return _Where((*numbers, PODS << ROW_BITS | int(pods.starts[pods.places[box.oid]]) + chip))
        card = places.card_for(oid) if oid not in stock.items else ""
        return _Where(numbers, card if card in stock.items else "")

    def _tables(self) -> tuple[RectIndex[Any], RectIndex[Any], RectIndex[Any]]:
        stock = self._scene.stock
        return stock.frames, stock.boxes, stock.cards

    # --- painting

    def _paint_items(self, painter: QPainter, look: Look, chosen: _Chosen, area: QRectF) -> None:
        seen: list[tuple[RectIndex[Any], Rows, NDArray[np.bool_]]] = []
        for table, (rows, selected) in zip(self._tables(), chosen.tables, strict=True):
            e = table.edges[rows]
            hit = (e[:, 0] <= area.right()) & (e[:, 2] >= area.left())
            hit &= (e[:, 1] <= area.bottom()) & (e[:, 3] >= area.top())
            seen.append((table, rows[hit], selected[hit]))
        if sum(len(rows) for _table, rows, _selected in seen) <= MANY:
            items: list[AnyItem] = [table.items[row] for table, rows, _selected in seen for row in rows]
            for item in sorted(items, key=lambda item: item.oid):
                item.paint_marked(painter, look)
            return
        for number, (table, rows, selected) in enumerate(seen):
            rects = table.edges[rows].copy()
            rects[:, 2:] -= rects[:, :2]
            # The ground of a frame or box belongs to what stands in it.
            self._paint_many(painter, look, rects, selected, wash=number == 2)

    def _paint_pods(self, painter: QPainter, look: Look, marked: Marked, area: QRectF) -> None:
        pods, (rows, selected) = self._scene.pods, marked
        rects = pods.rects[rows]
        hit = (rects[:, 0] <= area.right()) & (rects[:, 0] + rects[:, 2] >= area.left())
        hit &= (rects[:, 1] <= area.bottom()) & (rects[:, 1] + rects[:, 3] >= area.top())
        rows, rects, selected = rows[hit], rects[hit], selected[hit]
        if len(rows) <= MANY:
            for row in rows.tolist():
                pods.paint_one(painter, look, row)
            return
        self._paint_many(painter, look, rects, selected, wash=True)

    def _paint_many(
        self, painter: QPainter, look: Look, rects: NDArray[np.float64], selected: NDArray[np.bool_], *, wash: bool
    ) -> None:
        """Nothing; outlines rectangles (x, y, width, height), those of what is selected with a wash of the accent."""
        painter.save()
        for chosen, token in ((selected, "accent"), (~selected, "line_strong")):
            found, pen = rects[chosen], QPen(look.theme.color(token), HAIRLINE / look.zoom)
            round_ones = len(found) <= MOST_ROUND
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            if wash and token == "accent":
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.theme.color("accent", WASH))
                # Plain rectangles are filled several times as fast; within round outlines their corners hardly show.
                draw_rects(painter, found + INSET if round_ones else found)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen)
            if not round_ones:
                draw_rects(painter, found)
                continue
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            for x, y, w, h in found.tolist():
                painter.drawRoundedRect(QRectF(x, y, w, h), RADIUS, RADIUS)
        painter.restore()

    def _veils(self) -> NDArray[np.float64]:
        """(n, 4) table of the rectangles over greyed things; looked up once while the same things are greyed."""
        if self._veiled[0] is not self._scene.marks.greyed:
            found = (self._scene.places.rect_of(oid) for oid in self._scene.marks.greyed)
            whole = [r.adjusted(-1, -1, 1, 1) for r in found if r is not None]
            holes = [r for oid in self._scene.marks.spared if (r := self._scene.places.pod_rect(oid)) is not None]
            veils = without(whole, holes)
            rows = [(r.x(), r.y(), r.width(), r.height()) for r in veils]
            self._veiled = (self._scene.marks.greyed, np.array(rows, dtype=np.float64).reshape(-1, 4))
        return self._veiled[1]

    def _paint_relations(self, painter: QPainter, look: Look, picked: frozenset[str], area: QRectF) -> None:
        """Nothing; a picked policy or workload shows its Pods, a picked Pod the Services that lead to it."""
        scene = self._scene
        edges, rect_of = scene.edges, scene.places.pod_rect
        for oid in sorted(picked):
            edges.paint_rings(painter, look, [r for r in scene.owned.rects(scene.state, oid) if r.intersects(area)])
            if isinstance(scene.stock.items.get(oid), PolicyItem) and scene.state is not None:
                pods = scene.shields.selected_by(scene.state, oid)
                edges.paint_to_pods(painter, look, oid, pods, rect_of, area)
            box = scene.places.box_of(oid)
            for edge in edges.leading_to(oid, box) if box else ():
                edges.paint_to_pods(painter, look, edge.source, (oid,), rect_of, area)


def _rows(numbers: NDArray[np.int64], selected: NDArray[np.bool_], table: int) -> Marked:
    """The rows of one table in their order, and which of them are selected."""
    here = numbers >> ROW_BITS == table
    rows, places = np.unique(numbers[here] & ((1 << ROW_BITS) - 1), return_inverse=True)
    found = np.zeros(len(rows), dtype=bool)
    found[places[selected[here]]] = True
    return rows.astype(np.intp), found


def without(whole: Iterable[QRectF], holes: Sequence[QRectF]) -> list[QRectF]:
    """The pieces of rectangles that no hole takes; a hole that is not in them changes nothing."""
    pieces = list(whole)
    for hole in holes:
        left: list[QRectF] = []
        for piece in pieces:
            cut = piece.intersected(hole)
            if cut.isEmpty():
                left.append(piece)
                continue
            middle = (cut.top(), cut.bottom())
            left += [
                part
                for part in (
                    QRectF(piece.topLeft(), QPointF(piece.right(), middle[0])),
                    QRectF(QPointF(piece.left(), middle[1]), piece.bottomRight()),
                    QRectF(QPointF(piece.left(), middle[0]), QPointF(cut.left(), middle[1])),
                    QRectF(QPointF(cut.right(), middle[0]), QPointF(piece.right(), middle[1])),
                )
                if part.width() > 0 and part.height() > 0
            ]
        pieces = left
    return pieces
