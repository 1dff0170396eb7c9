"""What gestures draw over the picture: rubber band, guides, handles, focus ring, lines, a ghost."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.ui.canvas.items.look import Look, write
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.tokens import RADIUS

MARKS_Z = 20.0
HANDLE = 8.0
# A thing that is smaller on the screen has no handles: they would lie over all of it, and a drag could not move it.
LEAST_HANDLED = 6 * HANDLE


def handles_with_room(handles: Sequence[QPointF], zoom: float) -> Sequence[QPointF]:
    """The handles at the corners of a thing, none where it is too small on the screen to be taken between them."""
    if not handles:
        return ()
    across = handles[2] - handles[0]
    return handles if min(across.x(), across.y()) * zoom >= LEAST_HANDLED else ()


# How far the handle that lines are drawn from stands beside its card, and its radius, on the screen.
LINK_OFFSET, LINK_RADIUS = 11.0, 5.5


class GestureMarks(QGraphicsItem):
    """One item for all marks; scene coordinates, lines as wide on the screen at every zoom."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._scene = scene
        self.band = QRectF()
        self.guides: tuple[QLineF, ...] = ()
        self.handles: tuple[QPointF, ...] = ()
        self.link: QPointF | None = None
        self.ring = QRectF()
        self.line = QLineF()
        self.ghost = QRectF()
        self.ghost_name = ""
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        scene.add_layer(self, MARKS_Z)

    def clear(self) -> None:
        """Nothing; draws no mark of a gesture any more; handles and focus ring stay."""
        self.band, self.guides, self.line, self.ghost, self.ghost_name = QRectF(), (), QLineF(), QRectF(), ""
        self.update()

    def boundingRect(self) -> QRectF:
        """All of the scene: marks may be anywhere."""
        return QRectF(-1e7, -1e7, 2e7, 2e7)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing; draws what there is."""
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_band(painter, zoom)
        self._paint_ring(painter, zoom)
        self._paint_link(painter, zoom)
        self._paint_lines(painter, zoom)
        self._paint_ghost(painter, zoom)

    def _pen(self, width: float, zoom: float, token: str = "accent") -> QPen:
        return QPen(self._scene.theme.color(token), width / zoom)

    def _paint_band(self, painter: QPainter, zoom: float) -> None:
        if self.band.isNull():
            return
        painter.setPen(self._pen(1.0, zoom))
        painter.setBrush(self._scene.theme.color("accent", 28))
        painter.drawRect(self.band)

    def _paint_ring(self, painter: QPainter, zoom: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not self.ring.isNull():
            gap = 4 / zoom
            painter.setPen(self._pen(2.0, zoom))
            painter.drawRoundedRect(self.ring.adjusted(-gap, -gap, gap, gap), RADIUS + 2, RADIUS + 2)
        if self.handles:
            painter.setPen(self._pen(1.4, zoom))
            painter.setBrush(self._scene.theme.color("node"))
            half = HANDLE / 2 / zoom
            for at in handles_with_room(self.handles, zoom):
                painter.drawRect(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half))

    def _paint_link(self, painter: QPainter, zoom: float) -> None:
        """The handle of lines: a dot with an arrow in it, tied to its card."""
        if self.link is None:
            return
        middle, radius = QPointF(self.link.x() + LINK_OFFSET / zoom, self.link.y()), LINK_RADIUS / zoom
        painter.setPen(self._pen(1.4, zoom))
        painter.drawLine(self.link, QPointF(middle.x() - radius, middle.y()))
        painter.setBrush(self._scene.theme.color("accent"))
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(self._pen(1.4, zoom, "node"))
        tip, arm = QPointF(middle.x() + 2.5 / zoom, middle.y()), 2.3 / zoom
        painter.drawLine(QPointF(middle.x() - 2.5 / zoom, middle.y()), tip)
        painter.drawLine(tip, QPointF(tip.x() - arm, tip.y() - arm))
        painter.drawLine(tip, QPointF(tip.x() - arm, tip.y() + arm))

    def _paint_lines(self, painter: QPainter, zoom: float) -> None:
        painter.setPen(self._pen(1.0, zoom))
        for guide in self.guides:
            painter.drawLine(guide)
        if not self.line.isNull():
            pen = self._pen(2.0, zoom)
            pen.setDashPattern([4, 3])
            painter.setPen(pen)
            painter.drawLine(self.line)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._scene.theme.color("accent"))
            painter.drawEllipse(self.line.p1(), 4 / zoom, 4 / zoom)

    def _paint_ghost(self, painter: QPainter, zoom: float) -> None:
        if self.ghost.isNull():
            return
        fill = QColor(self._scene.theme.color("selection"))
        fill.setAlpha(220)
        painter.setPen(self._pen(1.4, zoom))
        painter.setBrush(fill)
        painter.drawRoundedRect(self.ghost, RADIUS, RADIUS)
        look = Look(self._scene.theme, zoom)
        inside = self.ghost.adjusted(12, 0, -8, 0)
        write(painter, inside, self.ghost_name, look.size_of(11.5, 24), look.theme.color("text"), weight=SEMIBOLD)
