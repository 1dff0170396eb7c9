"""The small cards of the shelf: a bar in the Namespace's colour, a place for a sign, name and a line below it."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from designer.ui.canvas.items.look import Look, write
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.tokens import RADIUS, TINT_BAR

WIDTH, HEIGHT = 184.0, 40.0
SIGN = 18.0


def sign_place(rect: QRectF) -> QRectF:
    """Where the sign of a card stands."""
    return QRectF(rect.x() + 11, rect.center().y() - SIGN / 2, SIGN, SIGN)


def paint_ground(painter: QPainter, look: Look, oid: str, rect: QRectF, bar: QColor, *, dashed: bool) -> None:
    """Nothing; the card itself with its bar, dashed where it does nothing."""
    pen = QPen(look.edge(oid))
    if dashed:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(look.fill(oid))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    painter.fillRect(QRectF(rect.x(), rect.y() + 6, TINT_BAR, rect.height() - 12), bar)


def paint_words(painter: QPainter, look: Look, rect: QRectF, name: str, line: str, color: QColor) -> None:
    """Nothing; the name, and the line in its colour below where there is room for both."""
    words, theme = rect.adjusted(38, 0, -8, 0), look.theme
    small = look.size_of(10, 11)
    if small is None:
        write(painter, words, name, look.size_of(11.5, 31), theme.color("text"), weight=SEMIBOLD)
        return
    middle = words.center().y()
    upper = QRectF(words.x(), middle - 16, words.width(), 16)
    lower = QRectF(words.x(), middle, words.width(), 15)
    write(painter, upper, name, look.size_of(11.5, 12), theme.color("text"), weight=SEMIBOLD)
    write(painter, lower, line, small, color)
