"""Where a moved thing comes to rest: in line with another one near by, else on the grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF

from designer.ui.canvas.gestures.stage import Stage, on_grid

Table = NDArray[np.float64]

# So near, in pixels, and one thing is drawn to the line of another.
REACH = 6.0


def neighbours(stage: Stage, moved: frozenset[str]) -> Table:
    """The rectangles of the things in sight that stay where they are: rows of left, top, right, bottom."""
    stock, seen = stage.scene.stock, stage.seen()
    found: list[Table] = []
    for index in (stock.boxes, stock.cards):
        places = [place for place in index.visible(seen, 0.0).tolist() if index.items[place].oid not in moved]
        found.append(index.edges[places])
    return np.concatenate(found)


def snapped(rect: QRectF, others: Table, zoom: float) -> tuple[QPointF, tuple[QLineF, ...]]:
    """Where the corner of `rect` goes, and the guides to show: left, middle and right, top, middle and bottom."""
    reach = REACH / zoom
    across = _best((rect.left(), rect.center().x(), rect.right()), others[:, 0], others[:, 2], reach)
    down = _best((rect.top(), rect.center().y(), rect.bottom()), others[:, 1], others[:, 3], reach)
    x = rect.x() + across[0] if across else on_grid(rect.x())
    y = rect.y() + down[0] if down else on_grid(rect.y())
    placed = QRectF(QPointF(x, y), rect.size())
    guides = []
    if across:
        both = placed.united(_rect(others[across[2]]))
        guides.append(QLineF(across[1], both.top() - 8, across[1], both.bottom() + 8))
    if down:
        both = placed.united(_rect(others[down[2]]))
        guides.append(QLineF(both.left() - 8, down[1], both.right() + 8, down[1]))
    return QPointF(x, y), tuple(guides)


def _rect(row: Table) -> QRectF:
    left, top, right, bottom = row.tolist()
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def _best(own: tuple[float, float, float], low: Table, high: Table, reach: float) -> tuple[float, float, int] | None:
    """How far to move to the nearest line within reach, that line, and whose it is; the same kind of edge only.

    `low` and `high` are where the others begin and end; of lines equally near the first of the first one counts.
    """
    if len(low) == 0:
        return None
    edges = np.stack((low, (low + high) / 2, high), axis=1)
    by = edges - np.array(own)
    at = int(np.argmin(np.abs(by)))
    row, kind = divmod(at, 3)
    if abs(by[row, kind]) > reach:
        return None
    return float(by[row, kind]), float(edges[row, kind]), row
