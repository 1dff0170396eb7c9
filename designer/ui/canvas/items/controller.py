"""An Ingress controller: a card with class and address, the rules it serves as rows under it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import ControllerFacts
from designer.ui.canvas.items.look import Look, write_pair
from designer.ui.canvas.items.rows import RowsItem
from designer.ui.kit.tokens import OBJECT_RADIUS


class ControllerItem(RowsItem[ControllerFacts]):
    """An Ingress controller with its rules."""

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the card and its rows."""
        card = self.card()
        painter.setPen(look.edge(self.oid))
        painter.setBrush(look.fill(self.oid))
        painter.drawRoundedRect(card, OBJECT_RADIUS, OBJECT_RADIUS)
        write_pair(painter, card.adjusted(14, 0, -10, 0), self.facts.name, self.facts.line, look)
        self.paint_rows(painter, look)
        self.paint_badge(painter, look)

    def part_at(self, point: QPointF) -> str:
        """The Ingress of the row under the point, else the controller."""
        for row, rect in zip(self.facts.rows, self.row_rects(), strict=True):
            if rect.contains(point):
                return row.ingress
        return self.oid

    def part_rects(self) -> tuple[tuple[str, QRectF], ...]:
        """The rows of each Ingress."""
        found: dict[str, QRectF] = {}
        for row, rect in zip(self.facts.rows, self.row_rects(), strict=True):
            found[row.ingress] = found[row.ingress].united(rect) if row.ingress in found else QRectF(rect)
        return tuple(found.items())

    def accessible_name(self) -> str:
        """Kind, name, what it listens to, and how many rules it serves."""
        return f"Ingress controller {self.facts.name}, {self.facts.line}, {len(self.facts.rows)} rules"
