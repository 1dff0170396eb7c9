"""A collapsed group: a card on a stack, with what it is, its Pods, and what else is in it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import GroupFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, write
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.icons import paint_icon
from designer.ui.kit.tokens import OBJECT_RADIUS, TINT_BAR

WIDTH, HEIGHT = 272.0, 84.0
# The card below the upper one shows so much of itself.
STACK = 5.0
TOGGLE = 18.0
WORDS = {"namespace": "Namespace", "node": "Node", "zone": "Zone"}


class GroupItem(CanvasItem[GroupFacts]):
    """A Namespace, Node or zone that is shown as one card."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Fixed: cards align."""
        return QSizeF(WIDTH, HEIGHT)

    def toggle_rect(self) -> QRectF:
        """Where the sign is that opens it."""
        return QRectF(self.rect.right() - STACK - 12 - TOGGLE, self.rect.y() + 8, TOGGLE, TOGGLE)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; two cards, name, counts."""
        theme, facts = look.theme, self.facts
        card = self.rect.adjusted(0, 0, -STACK, -STACK)
        painter.setPen(look.edge("", "line_strong"))
        painter.setBrush(theme.color("node_header"))
        painter.drawRoundedRect(card.translated(STACK, STACK), OBJECT_RADIUS, OBJECT_RADIUS)
        painter.setPen(look.edge(self.oid, "line_strong"))
        painter.setBrush(look.fill(self.oid))
        painter.drawRoundedRect(card, OBJECT_RADIUS, OBJECT_RADIUS)
        if facts.tint is not None:
            bar = QRectF(card.x(), card.y() + OBJECT_RADIUS, TINT_BAR, card.height() - 2 * OBJECT_RADIUS)
            painter.fillRect(bar, theme.tint(facts.tint))
        if look.zoom >= 0.4:
            paint_icon(painter, self.toggle_rect(), "collapse", theme.value("muted"))
        self._paint_words(painter, look, card.adjusted(16, 6, -14, -6))
        self.paint_badge(painter, look, card.topRight())

    def _paint_words(self, painter: QPainter, look: Look, inside: QRectF) -> None:
        theme, facts = look.theme, self.facts
        small = look.size_of(11, 15)
        name = look.size_of(13, 31)
        if small is None or name is None:
            write(painter, inside, facts.name, name, theme.color("text"), weight=SEMIBOLD)
            return
        title = QRectF(inside.x(), inside.y(), inside.width() - TOGGLE - 6, 20)
        write(painter, title, self._title(), name, theme.color("text"), weight=SEMIBOLD)
        height = max(18.0, small * 1.4)
        rows = QRectF(inside.x(), title.bottom() + 2, inside.width(), height)
        write(painter, rows, facts.pods, small, theme.color("muted"))
        write(
            painter,
            rows.translated(0, height),
            facts.contents,
            small,
            theme.color("muted"),
            align=Qt.AlignmentFlag.AlignLeft,
        )

    def _title(self) -> str:
        """What it is and its name, once where the name says it already (``zone-a``)."""
        word = WORDS[self.facts.role]
        return self.facts.name if self.facts.name.lower().startswith(word.lower()) else f"{word} {self.facts.name}"

    def accessible_name(self) -> str:
        """What it is, that it is collapsed, and its counts."""
        facts = self.facts
        return f"{WORDS[facts.role]} {facts.name}, collapsed, {facts.pods}, {facts.contents}"
