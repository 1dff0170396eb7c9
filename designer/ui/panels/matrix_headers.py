"""The names beside and above the cells of the matrix, with the triangles of what can be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap

from designer.present.matrix_axis import AxisNode
from designer.ui.kit.fonts import SEMIBOLD, TINY, ui_font
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import tint_indexes
from designer.ui.panels.matrix_cells import CELL
from designer.ui.panels.matrix_layout import INDENTS

if TYPE_CHECKING:
    from designer.ui.panels.matrix_grid import MatrixGrid

MOST_NAMES: Final = 280
MOST_TITLES: Final = 150
_TRIANGLE: Final = 9
_MOST_KEPT: Final = 1500


class Headers:
    """Paints the names of a grid."""

    def __init__(self, grid: MatrixGrid) -> None:
        self._grid = grid
        self._tints: dict[str, int] = {}
        self._tinted: object = None
        self._kept: dict[tuple[int, int, bool], QPixmap] = {}
        self._look: object = None

    def forget(self) -> None:
        """Nothing; the grid shows other rows and columns now."""
        self._kept = {}

    def paint_cross(self, painter: QPainter, view: QRect) -> None:
        """Nothing; marks row and column under the mouse."""
        grid = self._grid
        if grid.hover is not None:
            rect, color = grid.rect_of(*grid.hover), current_theme().color("hover")
            painter.fillRect(QRect(grid.names, rect.top(), view.width(), CELL), color)
            painter.fillRect(QRect(rect.left(), grid.titles, rect.width(), view.height()), color)

    def paint_current(self, painter: QPainter) -> None:
        """Nothing; frames the chosen cell, stronger where the keyboard is."""
        grid = self._grid
        if grid.current is not None:
            box = QRectF(grid.rect_of(*grid.current)).adjusted(1, 1, -1, -1)
            painter.setPen(QPen(current_theme().color("accent"), 2.5 if grid.hasFocus() else 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)

    def paint_names(self, painter: QPainter, rows: Iterable[int]) -> None:
        """Nothing; draws the names of rows, set in by their level."""
        grid, theme = self._grid, current_theme()
        self._read_tints()
        painter.setClipRect(QRect(0, grid.titles, grid.names, grid.viewport().height()))
        painter.fillRect(QRect(0, grid.titles, grid.names, grid.viewport().height()), theme.color("panel"))
        top = grid.titles - grid.verticalScrollBar().value()
        for row in rows:
            y = int(grid.rows.starts[row]) + top
            if grid.hover is not None and grid.hover[0] == row:
                painter.fillRect(QRect(0, y, grid.names, CELL), theme.color("hover"))
            painter.drawPixmap(0, y, self._picture(0, row, grid.names, CELL, self._draw_name))
        painter.setClipping(False)

    def paint_titles(self, painter: QPainter, columns: Iterable[int]) -> None:
        """Nothing; draws the names of columns, turned upright, and what rows and columns are in the corner."""
        grid, theme = self._grid, current_theme()
        painter.fillRect(QRect(0, 0, grid.viewport().width(), grid.titles), theme.color("panel"))
        painter.setPen(theme.color("muted"))
        painter.setFont(ui_font(TINY, SEMIBOLD))
        corner = QRect(10, 0, grid.names - 16, grid.titles - 8)
        painter.drawText(corner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, "FROM ↓   TO →")
        painter.setClipRect(QRect(grid.names, 0, grid.viewport().width(), grid.titles))
        left = grid.names - grid.horizontalScrollBar().value()
        for column in columns:
            x, width = int(grid.columns.starts[column]) + left, int(grid.columns.sizes[column])
            if grid.hover is not None and grid.hover[1] == column:
                painter.fillRect(QRect(x, 0, width, grid.titles), theme.color("hover"))
            painter.drawPixmap(x, 0, self._picture(1, column, width, grid.titles, self._draw_title))
        painter.setClipping(False)

    def _picture(
        self, axis: int, place: int, width: int, height: int, draw: Callable[[QPainter, int, bool], None]
    ) -> QPixmap:
        """The name of a row (axis 0) or a column (1), drawn once as long as nothing about it changes."""
        grid = self._grid
        ratio = grid.devicePixelRatioF()
        look = (current_theme().name, ratio, grid.names, grid.titles)
        if look != self._look or len(self._kept) > _MOST_KEPT:
            self._kept, self._look = {}, look
        marked = place in [spot[axis] for spot in (grid.hover, grid.current) if spot is not None]
        found = self._kept.get((axis, place, marked))
        if found is None:
            found = QPixmap(round(width * ratio), round(height * ratio))
            found.setDevicePixelRatio(ratio)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(painter, place, marked)
            painter.end()
            self._kept[axis, place, marked] = found
        return found

    def _draw_name(self, painter: QPainter, row: int, marked: bool) -> None:
        grid = self._grid
        node = grid.rows.nodes[row]
        self._paint_tint(painter, QRectF(0, 3, 4, CELL - 6), node)
        x = 10 + INDENTS[node.level]
        if node.opens:
            self._paint_triangle(painter, QPointF(x + 3, CELL / 2), down=node.open)
        self._write(painter, QRectF(x + 12, 0, grid.names - x - 18, CELL), node, marked)

    def _draw_title(self, painter: QPainter, column: int, marked: bool) -> None:
        grid = self._grid
        node, width = grid.columns.nodes[column], int(grid.columns.sizes[column])
        self._paint_tint(painter, QRectF(3, grid.titles - 5, width - 6, 4), node)
        painter.translate(width / 2, grid.titles - 9)
        painter.rotate(-90)
        start = 1
        if node.opens:
            self._paint_triangle(painter, QPointF(4, 0), down=not node.open)
            start = 11
        self._write(painter, QRectF(start, -CELL / 2, grid.titles - 14 - start, CELL), node, marked)

    def _write(self, painter: QPainter, box: QRectF, node: AxisNode, marked: bool) -> None:
        font = ui_font(12, SEMIBOLD) if node.level == "group" else ui_font(12)
        token = "accent_text" if marked else "muted" if node.level == "pod" else "text"
        painter.setFont(font)
        painter.setPen(current_theme().color(token))
        words = QFontMetrics(font).elidedText(node.name, Qt.TextElideMode.ElideMiddle, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _read_tints(self) -> None:
        nodes = self._grid.rows.nodes
        if self._tinted is not nodes:
            self._tinted = nodes
            names = (node.tint for node in (*nodes, *self._grid.columns.nodes) if node.tint)
            self._tints = tint_indexes(tuple(sorted(dict.fromkeys(names))))

    def _paint_tint(self, painter: QPainter, box: QRectF, node: AxisNode) -> None:
        if node.tint:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current_theme().tint(self._tints.get(node.tint, 0)))
            painter.drawRoundedRect(box, 2, 2)

    def _paint_triangle(self, painter: QPainter, at: QPointF, *, down: bool) -> None:
        x, y, half = at.x(), at.y(), _TRIANGLE / 2
        if down:
            points = [QPointF(x - half, y - 2.5), QPointF(x + half, y - 2.5), QPointF(x, y + 3)]
        else:
            points = [QPointF(x - 2.5, y - half), QPointF(x - 2.5, y + half), QPointF(x + 3, y)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().color("muted"))
        painter.drawPolygon(points)
