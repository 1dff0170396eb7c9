"""What is outside the cluster: clients, hosts and the rest of the world as capsules."""

from __future__ import annotations

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import OutsideFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, write_pair

WIDTH, HEIGHT = 144.0, 48.0
_ROLES = {"client": "External client", "host": "External host", "world": "Everything outside the cluster"}


class OutsideItem(CanvasItem[OutsideFacts]):
    """A client, a host, or the world."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Fixed: capsules align."""
        return QSizeF(WIDTH, HEIGHT)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; a capsule; the world's is dashed, since it is no object."""
        pen = look.edge(self.oid)
        if self.facts.role == "world" and not look.is_selected(self.oid):
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(look.fill(self.oid))
        painter.drawRoundedRect(self.rect, self.rect.height() / 2, self.rect.height() / 2)
        write_pair(painter, self.rect.adjusted(14, 0, -14, 0), self.facts.name, self.facts.line, look, centred=True)
        self.paint_badge(painter, look)

    def accessible_name(self) -> str:
        """What it is, its name and address."""
        return f"{_ROLES[self.facts.role]} {self.facts.name}, {self.facts.line}"
