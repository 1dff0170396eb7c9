"""A box that holds Pods: a Node, a workload, or the tray of Pods without a Node. The Pods are painted by the layer."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from designer.present.words import count_text
from designer.ui.canvas.facts import PodBoxFacts
from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, cosmetic, text_width, write
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.tokens import NODE_RADIUS

PILL_WIDTH = 112.0


class PodBoxItem(CanvasItem[PodBoxFacts]):
    """A Node, workload or tray."""

    resizable = True
    # The last natural size with the facts and the width that it is of.
    _sized: tuple[tuple[PodBoxFacts, float], tuple[float, float]] | None = None

    @property
    def columns(self) -> int:
        """How many Pods stand beside each other."""
        return podgrid.columns_in(self.rect.width())

    @property
    def has_pill(self) -> bool:
        """Whether there is a pill between header and Pods."""
        return bool(self.facts.pill)

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """Wide enough for its columns (or `width`), high enough for its Pods."""
        # Asked of all boxes whenever anything is placed; another size comes with other facts.
        if self._sized is None or self._sized[0][0] is not self.facts or self._sized[0][1] != width:
            pods = len(self.facts.pods)
            columns = podgrid.columns_in(width) if width else self._natural_columns(pods)
            size = width or podgrid.width_of(columns), podgrid.height_of(pods, columns, self.has_pill)
            self._sized = ((self.facts, width), size)
        return QSizeF(*self._sized[1])

    def _natural_columns(self, pods: int) -> int:
        if self.facts.role == "workload":
            return 2 if pods <= 4 else podgrid.columns_for(pods)
        return podgrid.columns_for(pods)

    def pill_rect(self) -> QRectF:
        """Where the kube-proxy pill is."""
        top = self.rect.y() + podgrid.HEADER + podgrid.CHIP_GAP
        return QRectF(self.rect.x() + podgrid.PADDING, top, PILL_WIDTH, podgrid.PILL)

    def chip_rect(self, place: int) -> QRectF:
        """The rectangle of one Pod by its place."""
        row, column = divmod(place, self.columns)
        return QRectF(
            self.rect.x() + podgrid.PADDING + column * (podgrid.CHIP_W + podgrid.CHIP_GAP),
            self.rect.y() + podgrid.top_of(self.has_pill) + row * (podgrid.CHIP_H + podgrid.CHIP_GAP),
            podgrid.CHIP_W,
            podgrid.CHIP_H,
        )

    def pod_at(self, point: QPointF) -> str | None:
        """The id of the Pod at a scene point."""
        place = podgrid.place_at(
            point.x() - self.rect.x(),
            point.y() - self.rect.y(),
            self.columns,
            len(self.facts.pods),
            self.has_pill,
        )
        return None if place is None else self.facts.pods[place].id

    def part_at(self, point: QPointF) -> str:
        """The Pod at the point, else the box itself."""
        return self.pod_at(point) or self.oid

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the box with header and pill; header words shrink to the name when far."""
        theme, rect = look.theme, self.rect
        pen = look.edge(self.oid)
        if self.facts.role == "tray" or not self.facts.ready:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.color("node"))
        painter.drawRoundedRect(rect, NODE_RADIUS, NODE_RADIUS)
        self._paint_header(painter, look)
        if self.has_pill and look.zoom > 0.2:
            pill = self.pill_rect()
            painter.setPen(cosmetic(theme.color("line"), 1, look.zoom))
            painter.setBrush(theme.color("chip"))
            painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
            size = look.size_of(11, 18)
            write(painter, pill, self.facts.pill, size, theme.color("muted"), align=Qt.AlignmentFlag.AlignHCenter)
        if not self.facts.pods and look.zoom > 0.2:
            empty = QRectF(rect.x() + podgrid.PADDING, rect.bottom() - podgrid.PADDING - 40, rect.width(), 24)
            words = f"{count_text(self.facts.unseen, 'Pod')} on hidden layers" if self.facts.unseen else "No Pods"
            write(painter, empty, words, look.size_of(11, 14), theme.color("muted"))
        self.paint_badge(painter, look)

    def paint_marked(self, painter: QPainter, look: Look) -> None:
        """Nothing; only header and outline: what is inside stays as it is."""
        if look.is_selected(self.oid):
            self._paint_header(painter, look)
        painter.setPen(look.edge(self.oid))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect, NODE_RADIUS, NODE_RADIUS)
        self.paint_badge(painter, look)

    def _paint_header(self, painter: QPainter, look: Look) -> None:
        theme, rect, facts = look.theme, self.rect, self.facts
        header = QRectF(rect.x() + 0.5, rect.y() + 0.5, rect.width() - 1, podgrid.HEADER)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("selection" if look.is_selected(self.oid) else "node_header"))
        painter.drawPath(_top_rounded(header, NODE_RADIUS - 0.5))
        words = header.adjusted(14, 0, -14, 0)
        name_size = look.size_of(12.5, 31)
        write(painter, words, facts.name, name_size, theme.color("text"), weight=SEMIBOLD)
        data_size = look.size_of(11, 13)
        if data_size is None or name_size is None:
            return
        used = text_width(facts.name, name_size, SEMIBOLD) + 16
        mono = facts.role == "node"
        color = theme.color("muted" if facts.ready else "warning")
        corner = text_width(facts.corner, data_size, mono=True) if facts.corner else 0
        left = words.adjusted(used, 0, -(corner + 12) if corner else 0, 0)
        write(painter, left, facts.line, data_size, color, mono=mono)
        if corner:
            rest = words.adjusted(used, 0, 0, 0)
            write(painter, rest, facts.corner, data_size, color, mono=True, align=Qt.AlignmentFlag.AlignRight)

    def accessible_name(self) -> str:
        """What it is, name, addresses and how many Pods."""
        facts = self.facts
        count = count_text(len(facts.pods) + facts.unseen, "Pod")
        count += f", {facts.unseen} of them on hidden layers" if facts.unseen else ""
        if facts.role == "tray":
            return f"Pods without a Node: {count}, {facts.line}"
        if facts.role == "node":
            return f"Node {facts.name}, {facts.line}, {facts.corner}, {count}"
        return f"{facts.line} {facts.name} in {facts.namespace}, {count}"


def _top_rounded(rect: QRectF, radius: float) -> QPainterPath:
    """A rectangle whose upper corners are round."""
    path = QPainterPath(rect.bottomLeft())
    path.lineTo(rect.left(), rect.top() + radius)
    path.quadTo(rect.topLeft(), QPointF(rect.left() + radius, rect.top()))
    path.lineTo(rect.right() - radius, rect.top())
    path.quadTo(rect.topRight(), QPointF(rect.right(), rect.top() + radius))
    path.lineTo(rect.bottomRight())
    path.closeSubpath()
    return path
