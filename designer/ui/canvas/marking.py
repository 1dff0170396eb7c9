"""What is painted over the picture: selection, hover, hints, what a gesture has lifted, veils over what is greyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.look import Look
from designer.ui.canvas.items.policy import PolicyItem
from designer.ui.canvas.painting import paint_pods
from designer.ui.canvas.pod_layer import draw_rects

if TYPE_CHECKING:
    from designer.ui.canvas.picture_scene import PictureScene

# Of more picked things than this only so many show what they belong to.
MOST_PICKED = 200


class Marking:
    """Paints the marks of a scene."""

    def __init__(self, scene: PictureScene) -> None:
        self._scene = scene
        self._veiled: tuple[frozenset[str], NDArray[np.float64]] = (frozenset(), np.zeros((0, 4)))

    def forget(self) -> None:
        """Nothing; things may stand elsewhere now."""
        self._veiled = (frozenset(), np.zeros((0, 4)))

    def paint(self, painter: QPainter, area: QRectF, look: Look) -> None:
        """Nothing; paints over the picture what is selected, hovered, pointed at, lifted or greyed."""
        scene = self._scene
        marks, stock = scene.marks, scene.stock
        self._paint_lifted(painter, look, area)
        shown = marks.selected | marks.hinted | frozenset((marks.hovered, marks.drop_target)) - {""}
        picked = shown - {marks.drop_target}
        if picked:
            self._scene.edges.paint_picked(painter, look, picked, self._scene.places.pod_rect)
            self._paint_relations(painter, look, picked)
        for oid in sorted(shown):
            for item in (stock.items.get(oid), *self._scene.places.cards_of(oid)):
                if item is not None and item.rect.intersects(area):
                    item.paint_marked(painter, look)
            box, number = self._scene.places.chip_of(oid)
            if box is not None and box.chip_rect(number).intersects(area):
                self._scene.pods.paint_one(painter, look, box, number)
            elif box is None and oid not in stock.items:
                # What is marked is hidden in a collapsed group: the mark goes to its card.
                card = stock.items.get(scene.places.card_for(oid))
                scene.edges.paint_rings(painter, look, [card.rect.adjusted(-3, -3, 3, 3)] if card else [])
        if marks.greyed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.theme.color("canvas", 170))
            draw_rects(painter, self._veils())

    def _veils(self) -> NDArray[np.float64]:
        """(n, 4) table of the rectangles over greyed things; looked up once while the same things are greyed."""
        if self._veiled[0] is not self._scene.marks.greyed:
            found = (self._scene.places.rect_of(oid) for oid in self._scene.marks.greyed)
            rows = [(r.x() - 1, r.y() - 1, r.width() + 2, r.height() + 2) for r in found if r is not None]
            self._veiled = (self._scene.marks.greyed, np.array(rows, dtype=np.float64).reshape(-1, 4))
        return self._veiled[1]

    def _paint_relations(self, painter: QPainter, look: Look, picked: frozenset[str]) -> None:
        """Nothing; a picked policy or workload shows its Pods, a picked Pod the Services that lead to it."""
        for oid in sorted(picked)[:MOST_PICKED]:
            self._scene.edges.paint_rings(painter, look, self._scene.owned.rects(self._scene.state, oid))
            if isinstance(self._scene.stock.items.get(oid), PolicyItem) and self._scene.state is not None:
                pods = self._scene.shields.selected_by(self._scene.state, oid)
                self._scene.edges.paint_to_pods(painter, look, oid, pods, self._scene.places.pod_rect)
            box = self._scene.places.box_of(oid)
            for edge in self._scene.edges.leading_to(oid, box) if box else ():
                self._scene.edges.paint_to_pods(painter, look, edge.source, (oid,), self._scene.places.pod_rect)

    def _paint_lifted(self, painter: QPainter, look: Look, area: QRectF) -> None:
        scene = self._scene
        if not scene.lifted:
            return
        scene.edges.paint_some(painter, look, scene.lifted)
        items = [scene.stock.items[oid] for oid in sorted(scene.lifted) if oid in scene.stock.items]
        # Frames lie under what stands in them.
        for item in sorted(items, key=lambda item: not isinstance(item, FrameItem)):
            if item.rect.intersects(area):
                item.paint(painter, look)
        boxes = sorted(scene.stock.boxes.places[oid] for oid in scene.lifted if oid in scene.stock.boxes.places)
        paint_pods(painter, look, scene, np.array(boxes, dtype=np.intp), area)
