"""A way of level and upright lines from one point to another, round rectangles that it must not cross.

The lines run beside the rectangles (a sparse grid of the lanes along their sides); the cheapest way counts its length
and its turns. Plain arithmetic: points are (x, y) pairs of scene units.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
# Left, top, right, bottom.
Box = tuple[float, float, float, float]

CLEAR = 8.0
LANE = 16.0
TURN_COST = 48.0
MOST_BOXES = 64
STUB = 16.0


def route(start: Point, leave: Point, end: Point, arrive: Point, boxes: Sequence[Box]) -> list[Point]:
    """Corner points from `start` to `end`. `leave` and `arrive` are unit steps away from what stands there.

    With more than `MOST_BOXES` boxes, or where they leave no way, the plain way with two turns is taken.
    """
    first = (start[0] + leave[0] * STUB, start[1] + leave[1] * STUB)
    last = (end[0] + arrive[0] * STUB, end[1] + arrive[1] * STUB)
    found = _search(first, last, boxes, leave) if len(boxes) <= MOST_BOXES else None
    middle = found or plain_way(first, last, leave[0] != 0, arrive[0] != 0)
    return tidy([start, *middle, end])


def plain_way(start: Point, end: Point, leaves_level: bool, arrives_level: bool) -> list[Point]:
    """The way with the fewest turns, past anything; the last upright run stands near the end."""
    (x1, y1), (x2, y2) = start, end
    if leaves_level and arrives_level:
        return [start, (x2, y1), end]
    if leaves_level:
        return [start, (x2, y1), end]
    if arrives_level:
        return [start, (x1, y2), end]
    return [start, (x1, (y1 + y2) / 2), (x2, (y1 + y2) / 2), end]


def tidy(points: Sequence[Point]) -> list[Point]:
    """The points without repeated ones, and without those in the middle of a straight run."""
    kept: list[Point] = []
    for point in points:
        if kept and abs(kept[-1][0] - point[0]) < 0.01 and abs(kept[-1][1] - point[1]) < 0.01:
            continue
        while len(kept) >= 2 and _straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _straight(a: Point, b: Point, c: Point) -> bool:
    level = abs(a[1] - b[1]) < 0.01 and abs(b[1] - c[1]) < 0.01
    upright = abs(a[0] - b[0]) < 0.01 and abs(b[0] - c[0]) < 0.01
    return level or upright


class _Grid:
    """The lanes along the boxes as lines of a grid, and which of its pieces run through a box."""

    def __init__(self, start: Point, end: Point, boxes: Sequence[Box]) -> None:
        table = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        self.xs = np.unique(np.concatenate([table[:, 0] - LANE, table[:, 2] + LANE, [start[0], end[0]]]))
        self.ys = np.unique(np.concatenate([table[:, 1] - LANE, table[:, 3] + LANE, [start[1], end[1]]]))
        left, top = table[:, 0] - CLEAR, table[:, 1] - CLEAR
        right, bottom = table[:, 2] + CLEAR, table[:, 3] + CLEAR
        in_row = (self.ys[:, None] > top) & (self.ys[:, None] < bottom)
        in_column = (self.xs[:, None] > left) & (self.xs[:, None] < right)
        spans_x = (self.xs[1:, None] > left) & (self.xs[:-1, None] < right)
        spans_y = (self.ys[1:, None] > top) & (self.ys[:-1, None] < bottom)
        # [row][column]: whether the piece to the next column (next row) is barred.
        self.level = _any_pair(in_row, spans_x).tolist()
        self.upright = _any_pair(in_column, spans_y).tolist()

    def place(self, point: Point) -> tuple[int, int]:
        """The column and row of one of the two end points."""
        return int(np.searchsorted(self.xs, point[0])), int(np.searchsorted(self.ys, point[1]))


def _any_pair(lines: NDArray[np.bool_], pieces: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(lines, pieces) table: whether some box has both the line and the piece in it."""
    return (lines.astype(np.uint8) @ pieces.astype(np.uint8).T) > 0


def _search(start: Point, end: Point, boxes: Sequence[Box], leave: Point) -> list[Point] | None:
    """The cheapest way over the grid (A*), None where there is none."""
    grid = _Grid(start, end, boxes)
    xs, ys = grid.xs.tolist(), grid.ys.tolist()
    goal = grid.place(end)
    begin = grid.place(start)
    first = (*begin, 0 if leave[0] != 0 else 1)
    cost: dict[tuple[int, int, int], float] = {first: 0.0}
    before: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    queue = [(0.0, first)]
    while queue:
        _, here = heappop(queue)
        column, row, axis = here
        if (column, row) == goal:
            return _points(here, before, xs, ys)
        for near_column, near_row, way in _neighbours(grid, column, row):
            step = abs(xs[near_column] - xs[column]) + abs(ys[near_row] - ys[row])
            spent = cost[here] + step + (TURN_COST if way != axis else 0.0)
            there = (near_column, near_row, way)
            if spent < cost.get(there, float("inf")) - 1e-9:
                cost[there] = spent
                before[there] = here
                left = abs(xs[near_column] - end[0]) + abs(ys[near_row] - end[1])
                heappush(queue, (spent + left, there))
    return None


def _neighbours(grid: _Grid, column: int, row: int) -> list[tuple[int, int, int]]:
    found = []
    if column + 1 < len(grid.xs) and not grid.level[row][column]:
        found.append((column + 1, row, 0))
    if column > 0 and not grid.level[row][column - 1]:
        found.append((column - 1, row, 0))
    if row + 1 < len(grid.ys) and not grid.upright[column][row]:
        found.append((column, row + 1, 1))
    if row > 0 and not grid.upright[column][row - 1]:
        found.append((column, row - 1, 1))
    return found


def _points(
    last: tuple[int, int, int],
    before: dict[tuple[int, int, int], tuple[int, int, int]],
    xs: list[float],
    ys: list[float],
) -> list[Point]:
    points = []
    here: tuple[int, int, int] | None = last
    while here is not None:
        points.append((xs[here[0]], ys[here[1]]))
        here = before.get(here)
    return points[::-1]
