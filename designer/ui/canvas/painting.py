"""Painting a whole picture in the right order and with the right detail; one graphics item does it on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.model import COLOURS
from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.look import Look, cosmetic
from designer.ui.canvas.items.service import ServiceItem, hexagon
from designer.ui.canvas.pod_layer import draw_rects
from designer.ui.canvas.tiles import Tiles
from designer.ui.kit.tokens import OBJECT_RADIUS

if TYPE_CHECKING:
    from designer.ui.canvas.picture_scene import PictureScene

# Below this zoom Node boxes and cards are drawn in batches of plain rectangles when there are more than so many.
PLAIN_BELOW = 0.3
MANY = 250
# Below this zoom a Pod is smaller than 12 by 5 pixels: a box shows the average of its Pods.
TEXTURE_BELOW = 0.08


class PictureItem(QGraphicsItem):
    """The graphics item that paints frames, edges, boxes, Pods and cards of the scene's stock."""

    def __init__(self, scene: PictureScene) -> None:
        super().__init__()
        self._scene = scene
        self._bounds = QRectF()
        self.tiles = Tiles(scene.paint_area, scene.ground, scene.update, scene)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_bounds(self, bounds: QRectF) -> None:
        """Nothing; says how far the picture reaches."""
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = QRectF(bounds)

    def boundingRect(self) -> QRectF:
        """How far the picture reaches."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing; paints what is exposed."""
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if widget is None or painter.worldTransform().isRotating():
            self._scene.paint_area(painter, option.exposedRect, zoom)
        else:
            seen = painter.worldTransform().inverted()[0].mapRect(QRectF(0, 0, widget.width(), widget.height()))
            self.tiles.paint(painter, option.exposedRect, self._bounds, seen)
        self._scene.paint_marked(painter, option.exposedRect, zoom)


def paint_picture(painter: QPainter, look: Look, scene: PictureScene, area: QRectF, at_once: int = 0) -> Iterator[None]:
    """Nothing; paints the part of the picture in `area`, unmarked, and pauses after each `at_once` boxes or cards.

    With 0 it pauses between the layers alone. What a gesture has lifted is left out.
    """
    stock, lifted = scene.stock, scene.lifted
    for place in stock.frames.visible(area):
        if stock.frames.items[place].oid not in lifted:
            stock.frames.items[place].paint(painter, look)
    yield
    scene.edges.paint(painter, look, area, lifted)
    boxes, cards = stock.boxes.visible(area), stock.cards.visible(area)
    if lifted:
        boxes = boxes[[stock.boxes.items[place].oid not in lifted for place in boxes]]
        cards = cards[[stock.cards.items[place].oid not in lifted for place in cards]]
    plain = look.zoom < PLAIN_BELOW
    for piece in _pieces(boxes, at_once):
        yield
        paint_boxes(painter, look, scene, piece, plain and len(boxes) > MANY)
    for piece in _pieces(boxes, at_once):
        yield
        paint_pods(painter, look, scene, piece, area)
    for piece in _pieces(cards, at_once):
        yield
        paint_cards(painter, look, scene, piece, plain and len(cards) > MANY)
    yield
    paint_colours(painter, look, scene, area)


def _pieces(places: NDArray[np.intp], at_once: int) -> list[NDArray[np.intp]]:
    """The places in pieces of `at_once`, all of them together with 0."""
    step = at_once or max(1, len(places))
    return [places[first : first + step] for first in range(0, len(places), step)]


def paint_boxes(painter: QPainter, look: Look, scene: PictureScene, places: NDArray[np.intp], plain: bool) -> None:
    """Nothing; paints the boxes that hold Pods, one by one, or `plain` in batches, when many are small."""
    boxes = scene.stock.boxes
    if not plain:
        for place in places:
            boxes.items[place].paint(painter, look)
        return
    rects = boxes.edges[places].copy()
    rects[:, 2:] -= rects[:, :2]
    theme = look.theme
    painter.setPen(cosmetic(theme.color("line"), 1, look.zoom) if look.zoom > 0.06 else Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("node"))
    draw_rects(painter, rects)
    rects[:, 3] = podgrid.HEADER
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("node_header"))
    draw_rects(painter, rects)


def paint_pods(painter: QPainter, look: Look, scene: PictureScene, boxes: NDArray[np.intp], area: QRectF) -> None:
    """Nothing; paints the Pods of these boxes that are in `area`: one by one, as chips, or as a texture."""
    if look.zoom < TEXTURE_BELOW:
        scene.pods.paint_texture(painter, look, boxes)
    else:
        scene.pods.paint(painter, look, scene.pods.select(boxes, area))


def paint_cards(painter: QPainter, look: Look, scene: PictureScene, places: NDArray[np.intp], plain: bool) -> None:
    """Nothing; paints everything that is neither frame nor box; `plain` when many are small."""
    cards = scene.stock.cards
    if not plain:
        for place in places:
            cards.items[place].paint(painter, look)
        return
    theme = look.theme
    painter.setPen(cosmetic(theme.color("line_strong"), 1, look.zoom))
    painter.setBrush(theme.color("node"))
    if look.zoom < TEXTURE_BELOW:
        rects = cards.edges[places].copy()
        rects[:, 2:] -= rects[:, :2]
        draw_rects(painter, rects)
        return
    for place in places:
        item = cards.items[place]
        if isinstance(item, ServiceItem):
            painter.drawConvexPolygon(hexagon(item.rect))
        else:
            painter.drawRect(item.rect)


def paint_colours(painter: QPainter, look: Look, scene: PictureScene, area: QRectF) -> None:
    """Nothing; an outline in the colour that a person gave to a thing."""
    colours = scene.project.canvas.colours if scene.project is not None else {}
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for oid, name in colours.items():
        item = scene.stock.items.get(oid)
        if item is None or name not in COLOURS or oid in scene.lifted or not item.rect.intersects(area):
            continue
        painter.setPen(cosmetic(look.theme.tint(COLOURS.index(name)), 3.0, look.zoom))
        if isinstance(item, ServiceItem):
            painter.drawPolygon(hexagon(item.rect))
        else:
            painter.drawRoundedRect(item.rect, OBJECT_RADIUS, OBJECT_RADIUS)
