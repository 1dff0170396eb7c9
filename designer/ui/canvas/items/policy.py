"""A policy: a small card with a shield, dashed where nothing enforces it, with a pause where it is staged."""

from __future__ import annotations

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import PolicyFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look
from designer.ui.canvas.items.small_card import HEIGHT, WIDTH, paint_ground, paint_words, sign_place
from designer.ui.kit.verdict import draw_shield


class PolicyItem(CanvasItem[PolicyFacts]):
    """A NetworkPolicy, or a policy of another kind."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Fixed: policies align."""
        return QSizeF(WIDTH, HEIGHT)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; shield, name and the directions that it isolates."""
        theme, facts = look.theme, self.facts
        bar = theme.tint(facts.tint) if facts.namespace else theme.color("line_strong")
        paint_ground(painter, look, self.oid, self.rect, bar, dashed=facts.idle)
        if look.zoom >= 0.3:
            struck = facts.idle and not facts.staged
            draw_shield(painter, sign_place(self.rect), "", theme, struck=struck, paused=facts.staged)
        paint_words(painter, look, self.rect, facts.name, facts.directions, theme.color("muted"))
        self.paint_badge(painter, look)

    def accessible_name(self) -> str:
        """Kind, name, namespace and directions."""
        where = f"in {self.facts.namespace}" if self.facts.namespace else "for the whole cluster"
        return f"{self.facts.kind} {self.facts.name} {where}, {self.facts.directions}"
