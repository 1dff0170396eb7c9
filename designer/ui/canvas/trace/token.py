"""The token: a packet on the picture, alone with its own item, or hundreds at once from one cached pixmap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.ui.kit.tokens import Theme

SIDE = 18.0
SMALL = 10.0


def draw_token(painter: QPainter, centre: QPointF, theme: Theme, verdict: str, reply: bool, side: float = SIDE) -> None:
    """Nothing; draws a packet: a full disc for a request, a ring for a reply, set off from what is under it."""
    color = theme.verdict_color(verdict)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("canvas"))
    painter.drawEllipse(centre, side / 2, side / 2)
    if reply:
        width = side * 0.2
        painter.setPen(QPen(color, width))
        painter.setBrush(theme.color("canvas"))
        radius = side / 2 - 2 - width / 2
    else:
        painter.setBrush(color)
        radius = side / 2 - 2
    painter.drawEllipse(centre, radius, radius)


class TokenItem(QGraphicsItem):
    """The one token of the player, `SIDE` pixels wide at every zoom."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._verdict = "delivered"
        self._reply = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_as(self, theme: Theme, verdict: str, reply: bool) -> None:
        """Nothing; takes another look."""
        if (theme, verdict, reply) != (self._theme, self._verdict, self._reply):
            self._theme, self._verdict, self._reply = theme, verdict, reply
            self.update()

    def boundingRect(self) -> QRectF:
        """The square round it, in pixels."""
        return QRectF(-SIDE / 2 - 1, -SIDE / 2 - 1, SIDE + 2, SIDE + 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing; draws it."""
        draw_token(painter, QPointF(0, 0), self._theme, self._verdict, self._reply)


class Swarm:
    """Many small tokens at once: one cached pixmap for each look."""

    def __init__(self) -> None:
        self._pixmaps: dict[tuple[str, str, bool, float], QPixmap] = {}

    def paint(
        self, painter: QPainter, points: NDArray[np.float64], color: QColor, ground: QColor, zoom: float, reply: bool
    ) -> None:
        """Nothing; draws a token at each of (n, 2) scene points, `SMALL` pixels wide on the screen: a disc, or a ring.

        `zoom` is how many pixels a scene unit has, `ground` the colour that sets it off from the line under it.
        """
        ratio = painter.device().devicePixelRatioF()
        pixmap = self._pixmap(color, ground, reply, ratio)
        side = pixmap.width() / ratio / zoom
        source = QRectF(pixmap.rect())
        for x, y in (points - side / 2).tolist():
            painter.drawPixmap(QRectF(x, y, side, side), pixmap, source)

    def _pixmap(self, color: QColor, ground: QColor, reply: bool, ratio: float) -> QPixmap:
        key = (color.name(QColor.NameFormat.HexArgb), ground.name(QColor.NameFormat.HexArgb), reply, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            side = round((SMALL + 2) * ratio)
            found = QPixmap(side, side)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            middle, radius = QPointF(side / 2, side / 2), SMALL * ratio / 2
            painter.setBrush(ground)
            painter.drawEllipse(middle, radius + ratio, radius + ratio)
            painter.setBrush(color)
            painter.drawEllipse(middle, radius, radius)
            if reply:
                painter.setBrush(ground)
                painter.drawEllipse(middle, radius * 0.5, radius * 0.5)
            painter.end()
            self._pixmaps[key] = found
        return found
