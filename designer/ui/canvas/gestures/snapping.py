"""Where a moved thing comes to rest: in line with another one near by, else on the grid."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF

from designer.ui.canvas.gestures.stage import Stage, on_grid

# So near, in pixels, and one thing is drawn to the line of another.
REACH = 6.0


def neighbours(stage: Stage, moved: frozenset[str]) -> list[QRectF]:
    """The rectangles of the things in sight that stay where they are."""
    stock, seen = stage.scene.stock, stage.seen()
    found = []
    for index in (stock.boxes, stock.cards):
        found += [item.rect for at in index.visible(seen, 0.0) if (item := index.items[at]).oid not in moved]
    return found


def snapped(rect: QRectF, others: Sequence[QRectF], zoom: float) -> tuple[QPointF, tuple[QLineF, ...]]:
    """Where the corner of `rect` goes, and the guides to show: left, middle and right, top, middle and bottom."""
    reach = REACH / zoom
    across = _best(_edges(rect, 0), [(edge, other) for other in others for edge in _edges(other, 0)], reach)
    down = _best(_edges(rect, 1), [(edge, other) for other in others for edge in _edges(other, 1)], reach)
    x = rect.x() + across[0] if across else on_grid(rect.x())
    y = rect.y() + down[0] if down else on_grid(rect.y())
    placed = QRectF(QPointF(x, y), rect.size())
    guides = []
    if across:
        both = placed.united(across[2])
        guides.append(QLineF(across[1], both.top() - 8, across[1], both.bottom() + 8))
    if down:
        both = placed.united(down[2])
        guides.append(QLineF(both.left() - 8, down[1], both.right() + 8, down[1]))
    return QPointF(x, y), tuple(guides)


def _edges(rect: QRectF, axis: int) -> tuple[float, float, float]:
    if axis == 0:
        return rect.left(), rect.center().x(), rect.right()
    return rect.top(), rect.center().y(), rect.bottom()


def _best(
    own: Sequence[float], edges: Sequence[tuple[float, QRectF]], reach: float
) -> tuple[float, float, QRectF] | None:
    """How far to move to the nearest line within reach, that line, and whose it is; the same kind of edge only."""
    best: tuple[float, float, QRectF] | None = None
    for at, (edge, other) in enumerate(edges):
        by = edge - own[at % 3]
        if abs(by) <= reach and (best is None or abs(by) < abs(best[0])):
            best = (by, edge, other)
    return best
