"""An Ingress that no controller serves: a warned card with its reason and its rules."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import RuleRow, UnservedFacts
from designer.ui.canvas.items.controller import CARD, GAP, PADDING, ROW, WIDTH, paint_rows, row_rects
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, cosmetic, write, write_pair
from designer.ui.kit.icons import paint_icon
from designer.ui.kit.tokens import OBJECT_RADIUS


class UnservedItem(CanvasItem[UnservedFacts]):
    """An Ingress without controller."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """The card, and a panel with a row for each rule."""
        return QSizeF(WIDTH, CARD + GAP + 2 * PADDING + len(self.facts.rows) * ROW)

    def _card(self) -> QRectF:
        return QRectF(self.rect.x(), self.rect.y(), self.rect.width(), CARD)

    def _rows(self) -> list[QRectF]:
        return row_rects(self.rect, self.rect.y() + CARD + GAP, self.facts.rows)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; a card with a dashed warning edge, the reason in words."""
        card, theme = self._card(), look.theme
        pen = look.edge(self.oid) if look.is_selected(self.oid) else cosmetic(theme.color("warning"), 1.2, look.zoom)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.color("selection" if look.is_selected(self.oid) else "warning_fill"))
        painter.drawRoundedRect(card, OBJECT_RADIUS, OBJECT_RADIUS)
        paint_icon(painter, QRectF(card.x() + 10, card.center().y() - 8, 16, 16), "warning", theme.value("warning"))
        words = card.adjusted(32, 0, -8, 0)
        small = look.size_of(10.5, 11)
        write_pair(painter, words, self.facts.name, "" if small is None else " ", look)
        lower = QRectF(words.x(), words.center().y(), words.width(), 17)
        write(painter, lower, self.facts.reason, small, theme.color("warning"))
        paint_rows(painter, look, self.rect.adjusted(0, CARD + GAP, 0, 0), self.facts.rows, self._rows())
        self.paint_badge(painter, look)

    def row_edges(self) -> tuple[tuple[RuleRow, QPointF], ...]:
        """Nothing leads anywhere from an Ingress that nobody serves."""
        return ()

    def accessible_name(self) -> str:
        """Kind, name and why nobody serves it."""
        return f"Ingress {self.facts.name}, not served: {self.facts.reason}"
