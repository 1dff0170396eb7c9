"""What a gesture has lifted from the picture: painted once, and copied to where it is at each step of the move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

from designer.ui.canvas.index import RectIndex
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.look import Look
from designer.ui.canvas.painting import paint_pods

if TYPE_CHECKING:
    from designer.ui.canvas.picture_scene import PictureScene

# More device pixels than this are not kept for what is lifted: it is painted anew at each step.
MOST_PIXELS = 16_000_000
# So far badges and wide lines reach beyond the things themselves, in scene units.
REACH = 12.0


class Lifted:
    """Paints what is lifted: frames that follow and edges to what stays each time, all that moves as one copied."""

    def __init__(self, scene: PictureScene) -> None:
        self._scene = scene
        # The ids of what moves as one.
        self._carried: frozenset[str] = frozenset()
        self._picture = QPixmap()
        # The part of the scene that the picture shows, where that is now; and what it depends on besides.
        self._covers = QRectF()
        self._key: object = None

    def forget(self) -> None:
        """Nothing; what is lifted looks otherwise now, or nothing is any more."""
        self._carried, self._picture, self._key = frozenset(), QPixmap(), None

    def carry(self, oids: frozenset[str], by: QPointF) -> None:
        """Nothing; these were moved, all by the same."""
        if oids != self._carried:
            self.forget()
            self._carried = oids
        self._covers.translate(by)

    def paint(self, painter: QPainter, look: Look, area: QRectF, picked: frozenset[str]) -> None:
        """Nothing; paints what is lifted; edges of `picked` things to what stays are painted by another."""
        scene = self._scene
        items = [scene.stock.items[oid] for oid in scene.lifted if oid in scene.stock.items]
        scene.edges.paint_between(painter, look, scene.lifted, picked, area)
        frames = sorted((item for item in items if isinstance(item, FrameItem)), key=lambda f: not f.facts.is_cluster)
        for frame in frames:
            if frame.rect.intersects(area):
                frame.paint(painter, look)
        rest, bounds = [item for item in items if not isinstance(item, FrameItem)], QRectF()
        for item in rest:
            bounds = bounds.united(item.rect)
        bounds.adjust(-2 * REACH, -2 * REACH, 2 * REACH, 2 * REACH)
        together = all(item.oid in self._carried for item in rest)
        if not together or not self._copy(painter, look, area, bounds):
            self._draw(painter, look, area)

    def _copy(self, painter: QPainter, look: Look, area: QRectF, bounds: QRectF) -> bool:
        """Whether the picture could be copied to where the things are now; it is made when it does not show enough."""
        ratio = painter.device().devicePixelRatioF()
        to_device = painter.worldTransform() * QTransform.fromScale(ratio, ratio)
        if to_device.isRotating():
            return False
        scene, scale = self._scene, to_device.m11()
        key = (scale, ratio, look.theme.name, scene.lifted, scene.pods.version)
        needed = bounds.intersected(area)
        if needed.isEmpty():
            return True
        if key != self._key or not self._covers.adjusted(-0.01, -0.01, 0.01, 0.01).contains(needed):
            # As much again on each side: it comes into sight as the things are moved.
            wide, high = area.width() / 2, area.height() / 2
            covers = bounds.intersected(area.adjusted(-wide, -high, wide, high))
            if covers.width() * covers.height() * scale * scale > MOST_PIXELS:
                return False
            self._make(look, covers, scale, ratio)
            self._key = key
        at = to_device.map(self._covers.topLeft())
        painter.save()
        painter.resetTransform()
        painter.drawPixmap(QPointF(round(at.x()) / ratio, round(at.y()) / ratio), self._picture)
        painter.restore()
        return True

    def _make(self, look: Look, covers: QRectF, scale: float, ratio: float) -> None:
        picture = QPixmap(int(covers.width() * scale) + 1, int(covers.height() * scale) + 1)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.scale(scale, scale)
        painter.translate(-covers.topLeft())
        # Marks come over it, for they are painted anew at each step.
        self._draw(painter, Look(look.theme, look.zoom), covers)
        painter.end()
        picture.setDevicePixelRatio(ratio)
        self._picture, self._covers = picture, QRectF(covers)

    def _draw(self, painter: QPainter, look: Look, area: QRectF) -> None:
        """Nothing; edges among the lifted, then boxes and cards, then Pods."""
        scene = self._scene
        scene.edges.paint_within(painter, look, scene.lifted, area)
        stock, near = scene.stock, area.adjusted(-REACH, -REACH, REACH, REACH)
        boxes = self._rows(stock.boxes, near)
        for table, rows in ((stock.boxes, boxes), (stock.cards, self._rows(stock.cards, near))):
            for row in rows:
                table.items[row].paint(painter, look)
        paint_pods(painter, look, scene, np.array(boxes, dtype=np.intp), area)

    def _rows(self, table: RectIndex[Any], near: QRectF) -> list[int]:
        """The rows of what is lifted of a table, in painting order: to look at all that is in sight takes longer."""
        rows = (table.places.get(oid) for oid in self._scene.lifted)
        return sorted(row for row in rows if row is not None and table.items[row].rect.intersects(near))
