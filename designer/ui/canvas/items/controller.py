"""An Ingress controller: a card with class and address, the rules it serves as rows under it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import ControllerFacts, RuleRow
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.look import Look, write, write_pair
from designer.ui.kit.tokens import OBJECT_RADIUS, RADIUS

WIDTH, CARD, GAP, ROW, PADDING = 224.0, 48.0, 8.0, 16.0, 8.0


def row_rects(rect: QRectF, top: float, rows: tuple[RuleRow, ...]) -> list[QRectF]:
    """One rectangle a row, below `top` inside `rect`."""
    return [QRectF(rect.x(), top + PADDING + place * ROW, rect.width(), ROW) for place in range(len(rows))]


def rows_by_ingress(rows: tuple[RuleRow, ...], rects: list[QRectF]) -> tuple[tuple[str, QRectF], ...]:
    """The rectangle that each Ingress covers: all its rows."""
    found: dict[str, QRectF] = {}
    for row, rect in zip(rows, rects, strict=True):
        found[row.ingress] = found[row.ingress].united(rect) if row.ingress in found else QRectF(rect)
    return tuple(found.items())


def paint_rows(painter: QPainter, look: Look, panel: QRectF, rows: tuple[RuleRow, ...], rects: list[QRectF]) -> None:
    """Nothing; draws the panel of rules; the rows of a selected or pointed at Ingress are lit."""
    theme = look.theme
    painter.setPen(look.edge("", "line"))
    painter.setBrush(theme.color("chip"))
    painter.drawRoundedRect(panel, RADIUS, RADIUS)
    size = look.size_of(10.5, 12)
    for row, rect in zip(rows, rects, strict=True):
        if look.is_selected(row.ingress) or look.is_lifted(row.ingress):
            painter.fillRect(rect.adjusted(1, 0, -1, 0), theme.color("selection"))
        token = "warning" if row.doubt else "text"
        write(painter, rect.adjusted(12, 0, -10, 0), row.text, size, theme.color(token), mono=True)


class ControllerItem(CanvasItem[ControllerFacts]):
    """An Ingress controller with its rules."""

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """The card, and a panel with a row for each rule."""
        rows = len(self.facts.rows)
        return QSizeF(WIDTH, CARD + (GAP + 2 * PADDING + rows * ROW if rows else 0))

    def _card(self) -> QRectF:
        return QRectF(self.rect.x(), self.rect.y(), self.rect.width(), CARD)

    def _panel(self) -> QRectF:
        return self.rect.adjusted(0, CARD + GAP, 0, 0)

    def _rows(self) -> list[QRectF]:
        return row_rects(self.rect, self.rect.y() + CARD + GAP, self.facts.rows)

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; the card and its rows."""
        card = self._card()
        painter.setPen(look.edge(self.oid))
        painter.setBrush(look.fill(self.oid))
        painter.drawRoundedRect(card, OBJECT_RADIUS, OBJECT_RADIUS)
        write_pair(painter, card.adjusted(14, 0, -10, 0), self.facts.name, self.facts.line, look)
        if self.facts.rows:
            paint_rows(painter, look, self._panel(), self.facts.rows, self._rows())
        self.paint_badge(painter, look)

    def contains(self, point: QPointF) -> bool:
        """Whether a scene point is on the card or the rows, not in the gap."""
        return self._card().contains(point) or (bool(self.facts.rows) and self._panel().contains(point))

    def part_at(self, point: QPointF) -> str:
        """The Ingress of the row under the point, else the controller."""
        for row, rect in zip(self.facts.rows, self._rows(), strict=True):
            if rect.contains(point):
                return row.ingress
        return self.oid

    def part_rects(self) -> tuple[tuple[str, QRectF], ...]:
        """The rows of each Ingress."""
        return rows_by_ingress(self.facts.rows, self._rows())

    def row_edges(self) -> tuple[tuple[RuleRow, QPointF], ...]:
        """Each rule with the point at its right end, where its edge starts."""
        rects = self._rows()
        return tuple(
            (row, QPointF(rect.right(), rect.center().y())) for row, rect in zip(self.facts.rows, rects, strict=True)
        )

    def accessible_name(self) -> str:
        """Kind, name, what it listens to, and how many rules it serves."""
        return f"Ingress controller {self.facts.name}, {self.facts.line}, {len(self.facts.rows)} rules"
