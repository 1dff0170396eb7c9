"""A workload in the traffic view: a card with icon, name and what it is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import CallerFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, write_pair
from designer.ui.kit.icons import KINDS, has_icon, paint_icon
from designer.ui.kit.tokens import OBJECT_RADIUS, TINT_BAR

WIDTH, HEIGHT = 208.0, 48.0


class CallerItem(CanvasItem[CallerFacts]):
    """A workload that calls or is called."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Fixed: cards align."""
        return QSizeF(WIDTH, HEIGHT)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; card, tint, icon and words."""
        rect, theme = self.rect, look.theme
        painter.setPen(look.edge(self.oid))
        painter.setBrush(look.fill(self.oid))
        painter.drawRoundedRect(rect, OBJECT_RADIUS, OBJECT_RADIUS)
        painter.fillRect(QRectF(rect.x(), rect.y() + 8, TINT_BAR, rect.height() - 16), theme.tint(self.facts.tint))
        if look.zoom >= 0.3:
            name = self.facts.kind.lower()
            icon = name if has_icon(name, KINDS) else "deployment"
            paint_icon(painter, QRectF(rect.x() + 13, rect.center().y() - 9, 18, 18), icon, theme.value("muted"), KINDS)
        write_pair(painter, rect.adjusted(40, 0, -10, 0), self.facts.name, self.facts.line, look)
        self.paint_badge(painter, look)

    def accessible_name(self) -> str:
        """Kind, name and namespace."""
        return f"{self.facts.kind} {self.facts.name} in {self.facts.namespace}, {self.facts.line}"
