"""Pieces of rows of the matrix as pictures, drawn when they are first seen and kept while they are near."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from designer.ui.kit.theme import current_theme
from designer.ui.panels.matrix_cells import CELL, CellPictures, count_words

if TYPE_CHECKING:
    from designer.ui.panels.matrix_grid import MatrixGrid

# So many columns are in one piece; so many pieces are kept (a piece is at most 100 kB).
SPAN: Final = 24
_MOST_KEPT: Final = 900


class Strips:
    """The pieces of a grid's rows."""

    def __init__(self, grid: MatrixGrid) -> None:
        self._grid = grid
        self._cells = CellPictures()
        self._kept: OrderedDict[tuple[int, int], QPixmap] = OrderedDict()
        self._look: tuple[str, float] = ("", 1.0)

    def forget(self) -> None:
        """Nothing; the grid shows other cells now."""
        self._kept.clear()

    def begin(self, ratio: float) -> None:
        """Nothing; called before painting: another theme or another screen has other pictures."""
        look = (current_theme().name, ratio)
        if look != self._look:
            self._look = look
            self._kept.clear()
        self._cells.begin(ratio)

    def strip(self, row: int, piece: int) -> QPixmap:
        """The cells of a row from column ``piece * SPAN`` on."""
        key = (row, piece)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._drawn(row, piece)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found

    def _drawn(self, row: int, piece: int) -> QPixmap:
        grid, ratio = self._grid, self._look[1]
        first, last = piece * SPAN, min((piece + 1) * SPAN, len(grid.columns.nodes))
        starts, sizes = grid.columns.starts[first:last].tolist(), grid.columns.sizes[first:last].tolist()
        width = starts[-1] + sizes[-1] - starts[0]
        pixmap = QPixmap(round(width * ratio), round(CELL * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        line = grid.line(row)
        if line is None:
            return pixmap
        counts = grid.rows.nodes[row].level == "group"
        painter = QPainter(pixmap)
        for place in range(first, last):
            node = grid.columns.nodes[place]
            if node.is_band:
                continue
            code, at = int(line.codes[place]), place - first
            words = ""
            if counts or node.level == "group":
                words = count_words(code, int(line.opened[place]), int(line.pairs[place]))
            painter.drawPixmap(starts[at] - starts[0], 0, self._cells.picture(code, words, sizes[at]))
        painter.end()
        return pixmap
