"""A policy: a small card with a shield, dashed where nothing enforces it, with a pause where it is staged."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainter, QPen

from designer.ui.canvas.facts import PolicyFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, write
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.tokens import RADIUS, TINT_BAR
from designer.ui.kit.verdict import draw_shield

WIDTH, HEIGHT = 184.0, 40.0


class PolicyItem(CanvasItem[PolicyFacts]):
    """A NetworkPolicy, or a policy of another kind."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Fixed: policies align."""
        return QSizeF(WIDTH, HEIGHT)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; shield, name and the directions that it isolates."""
        rect, theme = self.rect, look.theme
        pen = QPen(look.edge(self.oid))
        if self.facts.idle:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(look.fill(self.oid))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        bar = QRectF(rect.x(), rect.y() + 6, TINT_BAR, rect.height() - 12)
        painter.fillRect(bar, theme.tint(self.facts.tint) if self.facts.namespace else theme.color("line_strong"))
        if look.zoom >= 0.3:
            staged = self.facts.staged
            where = QRectF(rect.x() + 11, rect.center().y() - 9, 18, 18)
            draw_shield(painter, where, "", theme, struck=self.facts.idle and not staged, paused=staged)
        words = rect.adjusted(38, 0, -8, 0)
        small = look.size_of(10, 11)
        if small is None:
            write(painter, words, self.facts.name, look.size_of(11.5, 31), theme.color("text"), weight=SEMIBOLD)
        else:
            middle = words.center().y()
            upper = QRectF(words.x(), middle - 16, words.width(), 16)
            lower = QRectF(words.x(), middle, words.width(), 15)
            write(painter, upper, self.facts.name, look.size_of(11.5, 12), theme.color("text"), weight=SEMIBOLD)
            write(painter, lower, self.facts.directions, small, theme.color("muted"))
        self.paint_badge(painter, look)

    def accessible_name(self) -> str:
        """Kind, name, namespace and directions."""
        where = f"in {self.facts.namespace}" if self.facts.namespace else "for the whole cluster"
        return f"{self.facts.kind} {self.facts.name} {where}, {self.facts.directions}"
