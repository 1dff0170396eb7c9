"""A GatewayClass, ReferenceGrant or BackendTLSPolicy: a small card on the shelf, dashed where it does nothing."""

from __future__ import annotations

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import AsideFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look
from designer.ui.canvas.items.small_card import HEIGHT, WIDTH, paint_ground, paint_words, sign_place
from designer.ui.kit.icons import KINDS, kind_icon_name, paint_icon


class AsideItem(CanvasItem[AsideFacts]):
    """An object of Gateway API through which no request goes."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """As large as a policy: they stand in one row."""
        return QSizeF(WIDTH, HEIGHT)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; icon, name, and what it permits or asks for; the reason where it does nothing."""
        facts, theme = self.facts, look.theme
        bar = theme.tint(facts.tint) if facts.namespace else theme.color("line_strong")
        paint_ground(painter, look, self.oid, self.rect, bar, dashed=bool(facts.trouble))
        if look.zoom >= 0.3:
            if facts.trouble:
                paint_icon(painter, sign_place(self.rect), "warning", theme.value("warning"))
            else:
                paint_icon(painter, sign_place(self.rect), kind_icon_name(facts.kind), theme.value("muted"), KINDS)
        color = theme.color("warning" if facts.trouble else "muted")
        paint_words(painter, look, self.rect, facts.name, facts.trouble or facts.line, color)
        self.paint_badge(painter, look)

    def accessible_name(self) -> str:
        """Kind, name, namespace, what it says, and why it does nothing."""
        facts = self.facts
        where = f"in {facts.namespace}" if facts.namespace else "for the whole cluster"
        idle = f", does nothing: {facts.trouble}" if facts.trouble else ""
        return f"{facts.kind} {facts.name} {where}, {facts.line}{idle}"
