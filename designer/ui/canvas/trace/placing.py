"""Where a card goes: beside its point, off the names and the lines, within what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF

from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.scene import CanvasScene

# Where a card may stand round its point, best first: (x, y) of its nearest corner or side, in gaps.
SIDES: tuple[tuple[float, float], ...] = (
    (1, 1),
    (1, -1),
    (-1, 1),
    (-1, -1),
    (0, 1),
    (0, -1),
    (1, 0),
    (-1, 0),
)
DISTANCES = (1.0, 2.5, 5.0, 9.0)
# Overlap of a card with a name costs as much as this, overlap with a line a quarter of it, per unit of area.
NAME_COST, LINE_COST, OUT_COST = 2.0, 0.25, 6.0
# How fast a card gets dearer with its distance from the point.
FAR_COST = 2.0
# How close it stands to the thing that it is about, in gaps.
CLOSE = 0.2


def place(
    size: QSizeF,
    point: QPointF,
    gap: float,
    names: Sequence[QRectF],
    lines: Sequence[QPointF],
    seen: QRectF,
    also: QRectF | None = None,
) -> QRectF:
    """The rectangle for a card of that size: the candidate that covers least, near before far.

    Besides `point` it may stand above or below `also`, the thing that it is about.
    """
    best, least = QRectF(point, size), float("inf")
    sides = np.array([(name.left(), name.top(), name.right(), name.bottom()) for name in names]).reshape(-1, 4)
    for rect, cost in _candidates(size, point, gap, also):
        cost += _cost(rect, sides, lines, seen)
        if cost < least:
            best, least = rect, cost
    return best


def _candidates(size: QSizeF, point: QPointF, gap: float, also: QRectF | None) -> Iterable[tuple[QRectF, float]]:
    """Rectangles with what their distance costs."""
    for far in DISTANCES:
        for rank, side in enumerate(SIDES):
            yield _beside(size, point, side, gap * far), gap * (rank * 0.5 + far * far * FAR_COST)
    if also is not None:
        for x in (also.left(), also.center().x() - size.width() / 2):
            yield QRectF(QPointF(x, also.bottom() + gap * CLOSE), size), gap
            yield QRectF(QPointF(x, also.top() - gap * CLOSE - size.height()), size), gap * 2


def _beside(size: QSizeF, point: QPointF, side: tuple[float, float], gap: float) -> QRectF:
    across, down = side
    x = point.x() + across * gap - (size.width() * (1 - across) / 2)
    y = point.y() + down * gap - (size.height() * (1 - down) / 2)
    return QRectF(QPointF(x, y), size)


def _cost(rect: QRectF, names: NDArray[np.float64], lines: Sequence[QPointF], seen: QRectF) -> float:
    # All names at once: from far away there are thousands of them round a card.
    width = np.minimum(names[:, 2], rect.right()) - np.maximum(names[:, 0], rect.left())
    height = np.minimum(names[:, 3], rect.bottom()) - np.maximum(names[:, 1], rect.top())
    cost = float((np.maximum(width, 0.0) * np.maximum(height, 0.0)).sum()) * NAME_COST
    cost += sum(1 for point in lines if rect.contains(point)) * LINE_COST * rect.height() * 4
    if not seen.isEmpty():
        cost += (area(rect) - area(rect.intersected(seen))) * OUT_COST
    return cost


def area(rect: QRectF) -> float:
    """The area of a rectangle, 0 for an empty one."""
    return max(0.0, rect.width()) * max(0.0, rect.height())


def names_near(scene: CanvasScene, around: QRectF, least: float = 0.0) -> list[QRectF]:
    """The rectangles of everything with a name that a card should not cover, in an area of the scene.

    What is less than `least` high is left out: from so far away its name cannot be read.
    """
    stock = scene.stock
    cards = [stock.cards.items[at].rect for at in stock.cards.visible(around, 0.0)]
    found = [rect.adjusted(2, 4, -2, -4) for rect in cards if rect.height() >= least]
    if least > podgrid.CHIP_H:
        return found
    for at in stock.boxes.visible(around, 0.0):
        box = stock.boxes.items[at]
        found.append(QRectF(box.rect.x(), box.rect.y(), box.rect.width(), podgrid.HEADER))
        if box.has_pill:
            found.append(box.pill_rect())
        chips = (box.chip_rect(place) for place in range(len(box.facts.pods)))
        found += [chip for chip in chips if chip.intersects(around)]
    found += list(_titles(stock.frames.items, around))
    return found


def _titles(frames: Iterable[FrameItem], around: QRectF) -> Iterable[QRectF]:
    for frame in frames:
        title = frame.title_rect()
        title.setWidth(min(title.width(), 440.0))
        if title.intersects(around):
            yield title
