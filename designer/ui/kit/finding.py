"""The mark of what a Linux kernel said: a rounded square with ✓, ✕ or –, so that it is no verdict's shape."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from designer.ui.kit.tokens import Theme

TOKENS: Final = {"confirmed": "verdict:delivered", "different": "error", "not-testable": "muted"}
# Lines in a square of 16.
_STROKES: Final = {
    "confirmed": (((4.4, 8.4), (7.0, 11.0), (11.8, 5.4)),),
    "different": (((5.0, 5.0), (11.0, 11.0)), ((11.0, 5.0), (5.0, 11.0))),
    "not-testable": (((4.8, 8.0), (11.2, 8.0)),),
}


def finding_token(status: str, *, stale: bool = False) -> str:
    """The colour token of a status; what may not hold any more is grey."""
    return "muted" if stale else TOKENS.get(status, "muted")


def draw_finding(painter: QPainter, box: QRectF, status: str, theme: Theme, *, stale: bool = False) -> None:
    """Nothing; draws the mark into a square; where the cluster was changed since, grey with a broken frame."""
    color = theme.color(finding_token(status, stale=stale))
    painter.save()
    painter.translate(box.topLeft())
    painter.scale(box.width() / 16, box.height() / 16)
    frame = QPen(color, 1.4)
    if stale:
        frame.setDashPattern([1.6, 1.4])
    painter.setPen(frame)
    painter.setBrush(theme.color("canvas"))
    painter.drawRoundedRect(QRectF(1, 1, 14, 14), 3.5, 3.5)
    stroke = QPen(color, 1.9)
    stroke.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroke.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(stroke)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in _STROKES.get(status, ()):
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
    painter.restore()
