"""The quiet ground of what floats over the canvas, so that words can be read over the picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS


def paint_quiet_ground(widget: QWidget) -> None:
    """Nothing; fills a widget's rounded ground. Call it in its ``paintEvent``."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(current_theme().color("canvas", 225))
    painter.drawRoundedRect(QRectF(widget.rect()).adjusted(2, 4, -2, 4), RADIUS, RADIUS)
    painter.end()
