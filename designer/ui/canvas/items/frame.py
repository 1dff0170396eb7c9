"""A frame round other things: the cluster, or a namespace."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter

from designer.present.words import count_text, zone_words
from designer.ui.canvas.facts import FrameFacts
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, cosmetic, write
from designer.ui.canvas.layout_zones import ZONE_MARGIN, ZONE_TITLE
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.icons import paint_icon
from designer.ui.kit.tokens import NODE_RADIUS, TINT_BAR

TITLE = 48.0
MARGIN = 24.0
TOGGLE = 18.0


class FrameItem(CanvasItem[FrameFacts]):
    """The dashed frame of the cluster, the dotted one of a zone, or a namespace's with its tint."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """An empty frame; the layout grows it round its members."""
        return QSizeF(max(width, 320.0), 160.0)

    @property
    def resizable(self) -> bool:  # type: ignore[override]
        """A namespace's frame may be given a size, the cluster's follows what is in it."""
        return self.facts.tint is not None

    @property
    def margins(self) -> tuple[float, float]:
        """How far the frame stands above and beside its members."""
        return self.margins_of(zone=self.facts.zone)

    @staticmethod
    def margins_of(*, zone: bool) -> tuple[float, float]:
        """How far a frame of a zone, or of a namespace or the cluster, stands above and beside its members."""
        return (ZONE_TITLE, ZONE_MARGIN) if zone else (TITLE, MARGIN)

    def title_rect(self) -> QRectF:
        """The band with the title: where the frame can be taken."""
        return QRectF(self.rect.x(), self.rect.y(), self.rect.width(), self.margins[0])

    def toggle_rect(self) -> QRectF:
        """Where the sign is that collapses it; nothing where it cannot be."""
        if self.facts.is_cluster or not self.facts.members:
            return QRectF()
        band = self.title_rect()
        return QRectF(band.right() - 14 - TOGGLE, band.center().y() - TOGGLE / 2, TOGGLE, TOGGLE)

    def contains(self, point: QPointF) -> bool:
        """Whether a scene point is on its title band: the inside belongs to what stands in it."""
        return not self.facts.is_cluster and self.title_rect().contains(point)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the frame, its title, the namespace's tint as a bar."""
        theme, facts = look.theme, self.facts
        if facts.tint is None:
            pen = cosmetic(theme.color("line"), 1.2, look.zoom)
            pen.setStyle(Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([2, 3] if facts.zone else [6, 5])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            wash = QColor(theme.tint(facts.tint))
            wash.setAlpha(14)
            painter.setPen(look.edge(self.oid))
            painter.setBrush(wash)
        painter.drawRoundedRect(self.rect, NODE_RADIUS, NODE_RADIUS)
        band = self.title_rect().adjusted(18, 0, -18, 0)
        if facts.zone:
            write(painter, band, zone_words(facts.title), look.size_of(12, 26), theme.color("muted"), weight=SEMIBOLD)
            self._paint_toggle(painter, look)
            return
        if facts.tint is None:
            write(painter, band, facts.title, look.size_of(11.5, 26), theme.color("muted"))
            return
        bar = QRectF(self.rect.x(), self.rect.y() + NODE_RADIUS, TINT_BAR, self.rect.height() - 2 * NODE_RADIUS)
        painter.fillRect(bar, theme.tint(facts.tint))
        write(painter, band, facts.title, look.size_of(13, 31), theme.color("text"), weight=SEMIBOLD)
        self._paint_toggle(painter, look)
        self.paint_badge(painter, look)

    def _paint_toggle(self, painter: QPainter, look: Look) -> None:
        if look.zoom >= 0.4 and not self.toggle_rect().isNull():
            paint_icon(painter, self.toggle_rect(), "expand", look.theme.value("muted"))

    def paint_marked(self, painter: QPainter, look: Look) -> None:
        """Nothing; only the outline: what stands inside stays as it is."""
        painter.setPen(look.edge(self.oid))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect, NODE_RADIUS, NODE_RADIUS)

    def accessible_name(self) -> str:
        """Cluster, zone or namespace, with the line of its title."""
        if self.facts.zone:
            return f"Zone {self.facts.title}, {count_text(len(self.facts.members), 'Node')}"
        return f"Cluster {self.facts.title}" if self.facts.tint is None else f"Namespace {self.facts.title}"
