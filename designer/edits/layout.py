"""Layered layout: boxes in columns from left to right, few crossings, no overlaps. Pure geometry.

The method of Sugiyama in its plain form: the columns are given, the order in each comes from the mean place of the
neighbours (barycentre), the vertical places from a least-squares fit to the neighbours that keeps order and distance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# Distances in scene units.
GAP_X = 96.0
GAP_Y = 32.0
SWEEPS = 8
# Above this, counting crossings costs more than it gains; the last sweep is taken.
MAX_COUNTED_EDGES = 3000
# A column of more boxes than this becomes a grid.
MAX_ROWS = 14


@dataclass(frozen=True, slots=True)
class Rect:
    """A box: its top left corner and size."""

    x: float
    y: float
    w: float
    h: float

    def meets(self, other: Rect, gap: float = 0.0) -> bool:
        """Whether two boxes overlap, or come nearer than `gap`."""
        return (
            self.x < other.x + other.w + gap
            and other.x < self.x + self.w + gap
            and self.y < other.y + other.h + gap
            and other.y < self.y + self.h + gap
        )


Sizes = Mapping[str, tuple[float, float]]
Edges = Sequence[tuple[str, str]]


def layered(columns: Sequence[Sequence[str]], sizes: Sizes, edges: Edges, fixed: Mapping[str, Rect]) -> dict[str, Rect]:
    """The boxes of `columns` placed around the `fixed` ones, which stay; a fixed box is in no column."""
    ordered = reorder([column for column in columns if column], edges)
    neighbours = neighbours_of(edges)
    placed: dict[str, Rect] = dict(fixed)
    result: dict[str, Rect] = {}
    x = 0.0
    for column in ordered:
        strips = _strips(column)
        for strip in strips:
            width = max(sizes[oid][0] for oid in strip)
            rows = _rows(strip, sizes, neighbours, placed, free=len(strips) == 1)
            new = settle(strip, x, width, rows, sizes, fixed)
            result |= new
            placed |= new
            x += width + (GAP_Y if strip is not strips[-1] else GAP_X)
    return result


def neighbours_of(edges: Edges) -> dict[str, list[str]]:
    """The ids that each id has an edge to or from."""
    found: dict[str, list[str]] = {}
    for one, other in edges:
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def _strips(column: Sequence[str]) -> list[Sequence[str]]:
    """A long column as a grid: several strips of about as many rows as it has strips, filled row by row."""
    if len(column) <= MAX_ROWS:
        return [column]
    count = max(2, math.ceil(math.sqrt(len(column)) / 1.5))
    return [column[start::count] for start in range(count)]


def _rows(
    strip: Sequence[str], sizes: Sizes, neighbours: Mapping[str, list[str]], placed: Mapping[str, Rect], *, free: bool
) -> list[float]:
    """The top of each box: fitted to the neighbours where `free`, else one below the other around the middle."""
    heights = [sizes[oid][1] for oid in strip]
    total = sum(heights) + GAP_Y * (len(strip) - 1)
    tops, y = [], -total / 2
    for height in heights:
        tops.append(y)
        y += height + GAP_Y
    if not free:
        return tops
    wanted = []
    for oid, top, height in zip(strip, tops, heights, strict=True):
        near = [placed[other].y + placed[other].h / 2 for other in neighbours.get(oid, ()) if other in placed]
        wanted.append(sum(near) / len(near) - height / 2 if near else top)
    return fitted(wanted, heights)


def fitted(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Tops nearest to `wanted` (least squares) in this order, each below the one before: isotonic regression."""
    offsets = [0.0]
    for height in heights[:-1]:
        offsets.append(offsets[-1] + height + GAP_Y)
    # Pools of (sum, count): neighbours that want to pass each other share their mean.
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=False):
        pools.append((want - offset, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
            last, count = pools.pop()
            pools[-1] = (pools[-1][0] + last, pools[-1][1] + count)
    levels = [total / count for total, count in pools for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def settle(
    strip: Sequence[str], x: float, width: float, rows: Sequence[float], sizes: Sizes, fixed: Mapping[str, Rect]
) -> dict[str, Rect]:
    """The boxes of a strip at whole numbers, pushed down past each other and past fixed boxes that are in the way."""
    near = (rect for rect in fixed.values() if rect.x < x + width + GAP_Y and x < rect.x + rect.w + GAP_Y)
    obstacles = sorted(near, key=lambda rect: rect.y)
    result: dict[str, Rect] = {}
    floor = -math.inf
    for oid, row in zip(strip, rows, strict=True):
        w, h = sizes[oid]
        rect = Rect(float(round(x + (width - w) / 2)), float(math.ceil(max(row, floor))), w, h)
        for obstacle in obstacles:
            if rect.meets(obstacle, GAP_Y):
                rect = Rect(rect.x, float(math.ceil(obstacle.y + obstacle.h + GAP_Y)), w, h)
        result[oid] = rect
        floor = rect.y + h + GAP_Y
    return result


def reorder(columns: Sequence[Sequence[str]], edges: Edges) -> list[list[str]]:
    """The columns in the order with the fewest crossings that barycentre sweeps find."""
    index = {oid: number for number, oid in enumerate(oid for column in columns for oid in column)}
    level = np.array([depth for depth, column in enumerate(columns) for _ in column], dtype=np.intp)
    pairs = [(index[a], index[b]) for a, b in edges if a in index and b in index]
    ends = np.array([(a, b) for a, b in pairs if level[a] != level[b]], dtype=np.intp).reshape(-1, 2)
    if not len(ends):
        return [list(column) for column in columns]
    names = [oid for column in columns for oid in column]
    members = [np.flatnonzero(level == depth) for depth in range(len(columns))]
    place = np.concatenate([(np.arange(len(m)) + 0.5) / len(m) for m in members])
    # Every edge from its left to its right end.
    ends = np.where((level[ends[:, 0]] < level[ends[:, 1]])[:, None], ends, ends[:, ::-1])
    counted = len(ends) <= MAX_COUNTED_EDGES
    best, fewest = place.copy(), crossings(place, level, ends) if counted else 0
    for sweep in range(SWEEPS):
        rightwards = sweep % 2 == 0
        for depth in range(len(columns)) if rightwards else reversed(range(len(columns))):
            _sweep(place, members[depth], ends if rightwards else ends[:, ::-1])
        if not counted:
            best = place
        elif (count := crossings(place, level, ends)) < fewest:
            best, fewest = place.copy(), count
        if counted and not fewest:
            break
    return [[names[i] for i in m[np.argsort(best[m], kind="stable")]] for m in members]


def _sweep(place: np.ndarray, members: np.ndarray, ends: np.ndarray) -> None:
    """Order one column by the mean place of what its edges come from; a box without such stays where it is."""
    sums = np.bincount(ends[:, 1], weights=place[ends[:, 0]], minlength=len(place))[members]
    counts = np.bincount(ends[:, 1], minlength=len(place))[members]
    wanted = np.where(counts > 0, sums / np.maximum(counts, 1), place[members])
    # Equal wishes keep the order that they had.
    order = np.lexsort((place[members], wanted))
    place[members[order]] = (np.arange(len(members)) + 0.5) / len(members)


def crossings(place: np.ndarray, level: np.ndarray, ends: np.ndarray) -> int:
    """How many pairs of edges between the same two columns cross."""
    total = 0
    spans = level[ends[:, 0]] * (int(level.max()) + 1) + level[ends[:, 1]]
    for span in np.unique(spans):
        group = ends[spans == span]
        left, right = place[group[:, 0]], place[group[:, 1]]
        total += int(((left[:, None] < left) & (right[:, None] > right)).sum())
    return total


def free_spot(size: tuple[float, float], x: float, y: float, others: Sequence[Rect]) -> Rect:
    """The box at `x`, at `y` or as little below it as the others leave room."""
    near = [rect for rect in others if rect.x < x + size[0] + GAP_Y and x < rect.x + rect.w + GAP_Y]
    rect = Rect(float(round(x)), float(math.ceil(y)), *size)
    for other in sorted(near, key=lambda r: r.y):
        if rect.meets(other, GAP_Y):
            rect = Rect(rect.x, float(math.ceil(other.y + other.h + GAP_Y)), *size)
    return rect
