"""The load balancer in front of a Service: a card with a fan."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from designer.ui.canvas.facts import BalancerFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, cosmetic, write_pair
from designer.ui.kit.tokens import OBJECT_RADIUS

WIDTH, HEIGHT = 200.0, 48.0


class BalancerItem(CanvasItem[BalancerFacts]):
    """A load balancer; selecting it selects its Service."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Fixed: cards align."""
        return QSizeF(WIDTH, HEIGHT)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the card, a fan of three ways, address; dashed while it has none."""
        rect = self.rect
        marked = self.owner if not look.is_lifted(self.oid) else self.oid
        pen = look.edge(marked)
        if self.facts.pending:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.fill(self.owner))
        painter.drawRoundedRect(rect, OBJECT_RADIUS, OBJECT_RADIUS)
        _fan(painter, QRectF(rect.x() + 12, rect.center().y() - 10, 20, 20), look)
        write_pair(painter, rect.adjusted(42, 0, -8, 0), self.facts.name, self.facts.line, look)
        self.paint_badge(painter, look)

    def accessible_name(self) -> str:
        """What it is for, and its address or why it has none."""
        name = self.facts.service.partition("/")[2]
        return f"Load balancer of Service {name}, {self.facts.pending or self.facts.line}"


def _fan(painter: QPainter, box: QRectF, look: Look) -> None:
    """Nothing; one dot on the left, ways to three on the right."""
    color = look.theme.color("muted")
    start = QPointF(box.left() + 2, box.center().y())
    ends = [QPointF(box.right() - 3, box.top() + 3 + place * (box.height() - 6) / 2) for place in range(3)]
    path = QPainterPath()
    for end in ends:
        path.moveTo(start)
        path.cubicTo(QPointF(box.center().x(), start.y()), QPointF(box.center().x(), end.y()), end)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(cosmetic(color, 1.3, look.zoom))
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for point in (start, *ends):
        painter.drawEllipse(point, 2.2, 2.2)
