"""A Service: an elongated hexagon with its name and ClusterIP:port."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from designer.ui.canvas.facts import ServiceFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, write_pair

WIDTH, HEIGHT, POINT = 184.0, 48.0, 16.0


def hexagon(rect: QRectF, point: float = POINT) -> QPolygonF:
    """The outline: a rectangle with a point left and right."""
    middle = rect.center().y()
    return QPolygonF(
        [
            QPointF(rect.left(), middle),
            QPointF(rect.left() + point, rect.top()),
            QPointF(rect.right() - point, rect.top()),
            QPointF(rect.right(), middle),
            QPointF(rect.right() - point, rect.bottom()),
            QPointF(rect.left() + point, rect.bottom()),
        ]
    )


class ServiceItem(CanvasItem[ServiceFacts]):
    """A Service."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Fixed: all Services align."""
        return QSizeF(WIDTH, HEIGHT)

    def contains(self, point: QPointF) -> bool:
        """Whether a scene point is inside the hexagon."""
        return self.rect.contains(point) and hexagon(self.rect).containsPoint(point, Qt.FillRule.OddEvenFill)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the hexagon, name and address."""
        painter.setPen(look.edge(self.oid))
        painter.setBrush(look.fill(self.oid))
        painter.drawPolygon(hexagon(self.rect))
        write_pair(painter, self.rect.adjusted(22, 0, -14, 0), self.facts.name, self.facts.line, look)
        self.paint_badge(painter, look, QPointF(self.rect.right() - POINT - 4, self.rect.top() + 1))

    def accessible_name(self) -> str:
        """Kind, name, namespace, type and address."""
        facts = self.facts
        return f"Service {facts.name} in {facts.namespace}, {facts.type}, {facts.line}"
