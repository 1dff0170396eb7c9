"""Where the Pods stand in a box: plain arithmetic, for sizes, painting and finding the Pod under a point."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

CHIP_W, CHIP_H, CHIP_GAP = 152.0, 56.0, 8.0
PADDING = 16.0
HEADER = 32.0
PILL = 24.0

# Up to so many Pods, that many columns: boxes stay wider than high.
_COLUMNS = ((9, 3), (20, 4), (42, 6), (72, 8))
_MOST = 10


def columns_for(pods: int) -> int:
    """The columns of a box of natural width."""
    return next((columns for most, columns in _COLUMNS if pods <= most), _MOST)


def width_of(columns: int) -> float:
    """The width of a box with so many columns."""
    return 2 * PADDING + columns * CHIP_W + (columns - 1) * CHIP_GAP


def columns_in(width: float) -> int:
    """The columns that a box of this width has room for, at least one."""
    return max(1, int((width - 2 * PADDING + CHIP_GAP) // (CHIP_W + CHIP_GAP)))


def top_of(pill: bool) -> float:
    """How far below the top of the box the first row of Pods stands."""
    return HEADER + (CHIP_GAP + PILL + CHIP_GAP if pill else PADDING)


def height_of(pods: int, columns: int, pill: bool) -> float:
    """The height of a box with so many Pods; a box without any keeps room for one row."""
    rows = max(1, ceil(pods / columns))
    return top_of(pill) + rows * CHIP_H + (rows - 1) * CHIP_GAP + PADDING


def chip_rects(x: float, y: float, columns: int, pods: int, pill: bool) -> NDArray[np.float64]:
    """(n, 4) array of x, y, width, height of the chips of a box at (x, y), row by row."""
    places = np.arange(pods)
    rects = np.empty((pods, 4))
    rects[:, 0] = x + PADDING + (places % columns) * (CHIP_W + CHIP_GAP)
    rects[:, 1] = y + top_of(pill) + (places // columns) * (CHIP_H + CHIP_GAP)
    rects[:, 2] = CHIP_W
    rects[:, 3] = CHIP_H
    return rects


def all_chip_rects(
    corners: NDArray[np.float64], columns: NDArray[np.intp], pods: NDArray[np.intp], pills: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(n, 4) array of the chips of all boxes, one box after the other: `chip_rects` of each, worked out at once.

    A row of each table is a box: its corner as x, y; its columns, its Pods, and whether it has a pill.
    """
    boxes = np.repeat(np.arange(len(pods)), pods)
    places = np.arange(int(pods.sum())) - np.repeat(np.cumsum(pods) - pods, pods)
    rects = np.empty((len(boxes), 4))
    tops = corners[:, 1] + np.where(pills, top_of(True), top_of(False))
    rects[:, 0] = (corners[:, 0] + PADDING)[boxes] + (places % columns[boxes]) * (CHIP_W + CHIP_GAP)
    rects[:, 1] = tops[boxes] + (places // columns[boxes]) * (CHIP_H + CHIP_GAP)
    rects[:, 2] = CHIP_W
    rects[:, 3] = CHIP_H
    return rects


def place_at(dx: float, dy: float, columns: int, pods: int, pill: bool) -> int | None:
    """Which Pod is at a point relative to the box's corner; None in gaps and margins."""
    column, in_x = divmod(dx - PADDING, CHIP_W + CHIP_GAP)
    row, in_y = divmod(dy - top_of(pill), CHIP_H + CHIP_GAP)
    if not 0 <= column < columns or row < 0 or in_x > CHIP_W or in_y > CHIP_H:
        return None
    place = int(row) * columns + int(column)
    return place if place < pods else None
