"""How cells of the matrix look: one picture for each value, a shape and not only a colour, drawn once and kept."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from designer.present.matrix_table import ALL, NONE, SAME, SOME, SOME_UNKNOWN, UNKNOWN, VALUES
from designer.ui.kit.fonts import TINY, ui_font
from designer.ui.kit.theme import current_theme

CELL: Final = 22
# A cell that counts pairs.
WIDE: Final = 64
# Value → what it means in a legend.
MEANINGS: Final = (
    (ALL, "open on every port"),
    (SOME, "open on some ports, or for some pairs"),
    (NONE, "closed"),
    (UNKNOWN, "cannot tell"),
    (SOME_UNKNOWN, "some are open, some cannot be told"),
    (SAME, "not asked"),
)
# Value → token of its sign, opacity of its fill.
_LOOKS: Final = {
    NONE: ("verdict:denied", 26),
    SOME: ("verdict:delivered", 26),
    ALL: ("verdict:delivered", 62),
    UNKNOWN: ("verdict:cannot-tell", 40),
    SOME_UNKNOWN: ("verdict:cannot-tell", 40),
    SAME: ("muted", 12),
}
_MOST_KEPT = 4000


def count_words(code: int, opened: int, pairs: int) -> str:
    """What stands beside the sign of a cell that counts: ``3/12``, of many ``4 %``; for what is all alike how many.

    A share is cut, and never 0: ``99 %`` is not all, ``<1 %`` not none.
    """
    if code in (ALL, UNKNOWN):
        return _short(pairs)
    if code in (NONE, SAME):
        return ""
    both = f"{opened}/{pairs}"
    return both if len(both) <= 6 else f"{opened * 100 // pairs} %" if opened * 100 >= pairs else "<1 %"


def _short(number: int) -> str:
    return str(number) if number < 10_000 else f"{number // 1000}k"


class CellPictures:
    """The pictures of cells in the current theme, by value and words."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str, int], QPixmap] = {}
        self._look: tuple[str, float] = ("", 1.0)

    def begin(self, ratio: float) -> None:
        """Nothing; called before painting: another theme or another screen has other pictures."""
        look = (current_theme().name, ratio)
        if look != self._look or len(self._kept) > _MOST_KEPT:
            self._kept, self._look = {}, look

    def picture(self, code: int, words: str, width: int) -> QPixmap:
        """The picture of a cell."""
        key = (code, words, width)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._drawn(code, words, width)
        return found

    def _drawn(self, code: int, words: str, width: int) -> QPixmap:
        ratio = self._look[1]
        pixmap = QPixmap(round(width * ratio), round(CELL * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_cell(painter, QRectF(0, 0, width, CELL), code, words)
        painter.end()
        return pixmap


def draw_cell(painter: QPainter, rect: QRectF, code: int, words: str = "") -> None:
    """Nothing; draws a cell: its box, its sign, and its words beside the sign."""
    theme = current_theme()
    token, strength = _LOOKS[code]
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(theme.color(token, strength))
    painter.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
    at = QPointF(rect.left() + 12, rect.center().y()) if words else rect.center()
    _sign(painter, at, code, theme.color(token))
    if words:
        painter.setPen(theme.color("text"))
        painter.setFont(ui_font(TINY))
        room = rect.adjusted(21, 0, -4, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)


def _sign(painter: QPainter, at: QPointF, code: int, color: QColor) -> None:
    """A tick for all, a half-filled ring for some, a cross for none, a question mark for what cannot be told."""
    pen = QPen(color, 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y = at.x(), at.y()
    if code == ALL:
        painter.drawPolyline([QPointF(x - 4, y + 0.5), QPointF(x - 1, y + 3.5), QPointF(x + 4.5, y - 3)])
    elif code == NONE:
        painter.drawLine(QPointF(x - 3, y - 3), QPointF(x + 3, y + 3))
        painter.drawLine(QPointF(x + 3, y - 3), QPointF(x - 3, y + 3))
    elif code == SOME:
        painter.drawEllipse(at, 4.5, 4.5)
        painter.setBrush(color)
        painter.drawPie(QRectF(x - 4.5, y - 4.5, 9, 9), 90 * 16, 180 * 16)
    elif code in (UNKNOWN, SOME_UNKNOWN):
        diamond = [QPointF(x, y - 7), QPointF(x + 7, y), QPointF(x, y + 7), QPointF(x - 7, y)]
        painter.setPen(QPen(color, 1.2))
        painter.drawPolygon(diamond)
        if code == SOME_UNKNOWN:
            painter.setBrush(color)
            painter.drawPolygon([diamond[0], diamond[2], diamond[3]])
        else:
            painter.setFont(ui_font(TINY, 600))
            painter.drawText(QRectF(x - 7, y - 7, 14, 14), Qt.AlignmentFlag.AlignCenter, "?")


__all__ = ["CELL", "MEANINGS", "VALUES", "WIDE", "CellPictures", "count_words", "draw_cell"]
