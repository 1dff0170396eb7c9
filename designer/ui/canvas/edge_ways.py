"""The curves of edges: where they leave and arrive, and how they run between. Plain geometry."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """A way from left to right that leaves and arrives level; one that leads back swings out."""
    path = QPainterPath(start)
    reach = max(32.0, abs(end.x() - start.x()) * 0.45) if end.x() >= start.x() else 72.0
    path.cubicTo(QPointF(start.x() + reach, start.y()), QPointF(end.x() - reach, end.y()), end)
    return path


def through(start: QPointF, vias: Sequence[QRectF], end: QPointF) -> QPainterPath:
    """A way that runs level through each passage on it."""
    path = QPainterPath(start)
    for via in vias:
        height = via.center().y()
        path.connectPath(curve(path.currentPosition(), QPointF(via.left(), height)))
        path.lineTo(via.right(), height)
    path.connectPath(curve(path.currentPosition(), end))
    return path


def side_points(source: QRectF, target: QRectF, entry: float = 0.5) -> tuple[QPointF, QPointF]:
    """Where an edge leaves and arrives: right to left as the reading goes; down where one stands above the other."""
    if target.left() >= source.right() - 8:
        return QPointF(source.right(), source.center().y()), QPointF(target.left(), _entry(target, entry))
    if target.right() <= source.left() + 8:
        return QPointF(source.left(), source.center().y()), QPointF(target.right(), _entry(target, entry))
    if target.top() >= source.bottom():
        return QPointF(source.center().x(), source.bottom()), QPointF(target.center().x(), target.top())
    return QPointF(source.center().x(), source.top()), QPointF(target.center().x(), target.bottom())


def _entry(rect: QRectF, entry: float) -> float:
    # Tall boxes are entered at their kube-proxy, not in the middle of their Pods.
    return rect.top() + min(52.0, rect.height() * entry) if rect.height() > 104 else rect.center().y()


def way(start: QPointF, end: QPointF, source: QRectF, target: QRectF, lane: float = 0.0) -> QPainterPath:
    """The curve between two side points, bent as their sides ask for.

    Up to `lane` (an x) it runs level: between the boxes of the columns that stand before its target.
    """
    if target.left() >= source.right() - 8:
        if not start.x() < lane < end.x():
            return curve(start, end)
        path = QPainterPath(start)
        path.lineTo(lane, start.y())
        path.connectPath(curve(QPointF(lane, start.y()), end))
        return path
    path = QPainterPath(start)
    if target.right() <= source.left() + 8:
        reach = max(32.0, (start.x() - end.x()) * 0.45)
        path.cubicTo(QPointF(start.x() - reach, start.y()), QPointF(end.x() + reach, end.y()), end)
        return path
    middle = (start.y() + end.y()) / 2
    path.cubicTo(QPointF(start.x(), middle), QPointF(end.x(), middle), end)
    return path


def upright_or_level(source: QRectF, target: QRectF, lane: float) -> QPainterPath:
    """The way to a Pod: upwards from a card on the shelf below, else level as all edges."""
    if target.bottom() < source.top():
        start, end = QPointF(source.center().x(), source.top()), QPointF(target.center().x(), target.bottom())
        path = QPainterPath(start)
        middle = max(end.y() + 16, start.y() - 96)
        path.cubicTo(QPointF(start.x(), middle), QPointF(end.x(), middle), end)
        return path
    start, end = side_points(source, target)
    return way(start, end, source, target, lane)
