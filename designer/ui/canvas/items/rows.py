"""The base of cards with rows under them: controllers with rules, Gateways with listeners, routes with rules."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import ControllerFacts, GatewayFacts, UnservedFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, write
from designer.ui.kit.tokens import RADIUS

R = TypeVar("R", ControllerFacts, GatewayFacts, UnservedFacts)

WIDTH, CARD, GAP, ROW, PADDING = 224.0, 48.0, 8.0, 16.0, 8.0


class RowsItem(CanvasItem[R]):
    """A card, a gap, and a panel with one row for each rule or listener; no panel where there is none."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """The card, and a panel with a row for each rule or listener."""
        rows = len(self.facts.rows)
        return QSizeF(WIDTH, CARD + (GAP + 2 * PADDING + rows * ROW if rows else 0))

    def card(self) -> QRectF:
        """Where name and line stand."""
        return QRectF(self.rect.x(), self.rect.y(), self.rect.width(), CARD)

    def panel(self) -> QRectF:
        """Where the rows stand."""
        return self.rect.adjusted(0, CARD + GAP, 0, 0)

    def row_rects(self) -> tuple[QRectF, ...]:
        """The rectangle of each row; its edges start at its right end."""
        panel = self.panel()
        top = panel.y() + PADDING
        return tuple(QRectF(panel.x(), top + place * ROW, panel.width(), ROW) for place in range(len(self.facts.rows)))

    def paint_rows(self, painter: QPainter, look: Look) -> None:
        """Nothing; draws the panel; the rows of a selected or pointed at Ingress are lit."""
        if not self.facts.rows:
            return
        theme = look.theme
        painter.setPen(look.edge("", "line"))
        painter.setBrush(theme.color("chip"))
        painter.drawRoundedRect(self.panel(), RADIUS, RADIUS)
        size = look.size_of(10.5, 12)
        for row, rect in zip(self.facts.rows, self.row_rects(), strict=True):
            if look.is_selected(row.ingress) or look.is_lifted(row.ingress):
                painter.fillRect(rect.adjusted(1, 0, -1, 0), theme.color("selection"))
            token = "warning" if row.doubt else "text"
            write(painter, rect.adjusted(12, 0, -10, 0), row.text, size, theme.color(token), mono=True)

    def contains(self, point: QPointF) -> bool:
        """Whether a scene point is on the card or the rows, not in the gap."""
        return self.card().contains(point) or (bool(self.facts.rows) and self.panel().contains(point))
