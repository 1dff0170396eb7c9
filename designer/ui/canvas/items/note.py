"""A note: a text that a person put on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import NoteFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, font_for
from designer.ui.kit.tokens import RADIUS


class NoteItem(CanvasItem[NoteFacts]):
    """A note."""

    resizable = True

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """The size that it was given."""
        return QSizeF(max(80.0, self.facts.w), max(40.0, self.facts.h))

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the text on a quiet fill."""
        painter.setPen(look.edge(self.oid))
        painter.setBrush(look.theme.color("selection" if look.is_selected(self.oid) else "warning_fill"))
        painter.drawRoundedRect(self.rect, RADIUS, RADIUS)
        size = look.size_of(12.5, 16)
        if size is not None:
            painter.setFont(font_for(size))
            painter.setPen(look.theme.color("text"))
            inside: QRectF = self.rect.adjusted(12, 10, -12, -10)
            painter.drawText(inside, int(Qt.TextFlag.TextWordWrap), self.facts.text)

    def accessible_name(self) -> str:
        """The text."""
        return f"Note: {self.facts.text}"
