"""An Ingress that no controller serves: a warned card with its reason and its rules."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import UnservedFacts
from designer.ui.canvas.items.look import Look, cosmetic, write, write_pair
from designer.ui.canvas.items.rows import RowsItem
from designer.ui.kit.icons import paint_icon
from designer.ui.kit.tokens import OBJECT_RADIUS


class UnservedItem(RowsItem[UnservedFacts]):
    """An Ingress without controller."""

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; a card with a dashed warning edge, the reason in words."""
        card, theme = self.card(), look.theme
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
        self.paint_rows(painter, look)
        self.paint_badge(painter, look)

    def accessible_name(self) -> str:
        """Kind, name and why nobody serves it."""
        return f"Ingress {self.facts.name}, not served: {self.facts.reason}"
