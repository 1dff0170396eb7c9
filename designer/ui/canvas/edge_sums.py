"""The number on an edge of a collapsed group: how many relations it stands for."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from designer.ui.canvas.items.look import Look, cosmetic, text_width, write
from designer.ui.kit.fonts import SEMIBOLD

HEIGHT = 18.0


def paint_sum(painter: QPainter, look: Look, middle: QPointF, count: int, token: str = "line_strong") -> None:
    """Nothing; writes a count on the middle of an edge; nothing from so far away that it could not be read."""
    size = look.size_of(11, 15)
    if size is None:
        return
    theme, words = look.theme, str(count)
    width = max(HEIGHT, text_width(words, size, SEMIBOLD) + 12) * size / 11
    box = QRectF(0, 0, width, HEIGHT * size / 11)
    box.moveCenter(middle)
    painter.setPen(cosmetic(theme.color(token), 1.0, look.zoom))
    painter.setBrush(theme.color("canvas"))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    write(painter, box, words, size, theme.color("text"), weight=SEMIBOLD, align=Qt.AlignmentFlag.AlignHCenter)
    painter.setBrush(Qt.BrushStyle.NoBrush)
