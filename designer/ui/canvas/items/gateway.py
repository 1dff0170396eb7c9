"""A Gateway with its listeners, or a route with its rules: a card with rows under it, dashed where it is idle."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import GatewayFacts
from designer.ui.canvas.items.look import Look, cosmetic, write, write_pair
from designer.ui.canvas.items.rows import RowsItem
from designer.ui.kit.icons import KINDS, kind_icon_name, paint_icon
from designer.ui.kit.tokens import OBJECT_RADIUS, TINT_BAR

ICON = 18.0


class GatewayItem(RowsItem[GatewayFacts]):
    """A Gateway, a ListenerSet or a route of any kind."""

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the card with icon, name and line (the reason where it is idle), and its rows."""
        card, theme, facts = self.card(), look.theme, self.facts
        selected = look.is_selected(self.oid)
        pen = look.edge(self.oid)
        if facts.trouble:
            pen = pen if selected else cosmetic(theme.color("warning"), 1.2, look.zoom)
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.fill(self.oid, "warning_fill" if facts.trouble else "node"))
        painter.drawRoundedRect(card, OBJECT_RADIUS, OBJECT_RADIUS)
        bar = QRectF(card.x(), card.y() + 8, TINT_BAR, card.height() - 16)
        painter.fillRect(bar, theme.tint(facts.tint))
        box = QRectF(card.x() + 12, card.center().y() - ICON / 2, ICON, ICON)
        if facts.trouble:
            paint_icon(painter, box, "warning", theme.value("warning"))
        else:
            paint_icon(painter, box, kind_icon_name(facts.kind), theme.value("muted"), KINDS)
        words = card.adjusted(38, 0, -8, 0)
        small = look.size_of(10.5, 11)
        write_pair(painter, words, facts.name, (" " if small else "") if facts.trouble else facts.line, look)
        if facts.trouble:
            lower = QRectF(words.x(), words.center().y(), words.width(), 17)
            write(painter, lower, facts.trouble, small, theme.color("warning"))
        self.paint_rows(painter, look)
        self.paint_badge(painter, look)

    def entry_rect(self) -> QRectF:
        """Where edges arrive: at the card, not in the middle of its rows."""
        return self.card()

    def accessible_name(self) -> str:
        """Kind, name, namespace, what it listens to, how many rows it has, and why it is idle."""
        facts = self.facts
        what = "rule" if facts.is_route else "listener"
        rows = f"{len(facts.rows)} {what}{'' if len(facts.rows) == 1 else 's'}"
        idle = f", takes no requests: {facts.trouble}" if facts.trouble else ""
        return f"{facts.kind} {facts.name} in {facts.namespace}, {facts.line}, {rows}{idle}"
