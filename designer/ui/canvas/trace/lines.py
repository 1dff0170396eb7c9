"""Lines of corner points: moved aside, with round corners, and measured, so that a token can run along them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from designer.ui.canvas.trace.router import Point, tidy

RADIUS = 8.0


def aside(points: Sequence[Point], by: float) -> list[Point]:
    """The line moved `by` units to the right of its direction; only for level and upright runs."""
    if not by or len(points) < 2:
        return list(points)
    shifts = []
    for (x1, y1), (x2, y2) in pairwise(points):
        length = hypot(x2 - x1, y2 - y1) or 1.0
        # The right hand of somebody who walks along it, with y downwards.
        shifts.append((-(y2 - y1) / length * by, (x2 - x1) / length * by))
    moved = [(points[0][0] + shifts[0][0], points[0][1] + shifts[0][1])]
    for at, (before, after) in enumerate(pairwise(shifts), 1):
        x, y = points[at]
        moved.append(
            (x + before[0] + (after[0] if after != before else 0), y + before[1] + (after[1] if after != before else 0))
        )
    moved.append((points[-1][0] + shifts[-1][0], points[-1][1] + shifts[-1][1]))
    return moved


def rounded(points: Sequence[Point], radius: float = RADIUS) -> QPainterPath:
    """The line as a path whose corners are round; at most half of each run is taken for a corner."""
    corners = tidy(points)
    path = QPainterPath()
    if not corners:
        return path
    path.moveTo(*corners[0])
    for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
        cut_in = min(radius, _distance(before, here) / 2)
        cut_out = min(radius, _distance(here, after) / 2)
        cut = min(cut_in, cut_out)
        path.lineTo(*_toward(here, before, cut))
        path.quadTo(QPointF(*here), QPointF(*_toward(here, after, cut)))
    path.lineTo(*corners[-1])
    return path


def _distance(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _toward(start: Point, end: Point, by: float) -> Point:
    length = _distance(start, end) or 1.0
    return start[0] + (end[0] - start[0]) / length * by, start[1] + (end[1] - start[1]) / length * by


def flattened(path: QPainterPath) -> list[Point]:
    """The path as points so near to each other that the line through them looks round."""
    found: list[Point] = []
    for polygon in path.toSubpathPolygons():
        for point in polygon.toList():
            found.append((point.x(), point.y()))
    return found or [(path.currentPosition().x(), path.currentPosition().y())]


class Track:
    """A line through points with the length up to each of them: lengths in scene units from its start."""

    def __init__(self, points: Sequence[Point]) -> None:
        table = np.array(points, dtype=np.float64).reshape(-1, 2)
        steps = np.hypot(*np.diff(table, axis=0).T) if len(table) > 1 else np.zeros(0)
        self._table = table
        self._lengths: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(steps)])
        self._marks = self._lengths.tolist()
        self._points: list[list[float]] = table.tolist()

    @property
    def length(self) -> float:
        """The whole length."""
        return self._marks[-1]

    def at(self, length: float) -> Point:
        """The point so far along the line, one of its ends beyond them."""
        place = bisect_right(self._marks, length)
        if place <= 0:
            return self._points[0][0], self._points[0][1]
        if place >= len(self._marks):
            return self._points[-1][0], self._points[-1][1]
        low, high = self._marks[place - 1], self._marks[place]
        part = (length - low) / (high - low) if high > low else 0.0
        (x1, y1), (x2, y2) = self._points[place - 1], self._points[place]
        return x1 + (x2 - x1) * part, y1 + (y2 - y1) * part

    def many(self, lengths: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) points for n lengths at once."""
        x = np.interp(lengths, self._lengths, self._table[:, 0])
        y = np.interp(lengths, self._lengths, self._table[:, 1])
        return np.column_stack([x, y])

    def between(self, start: float, end: float) -> list[Point]:
        """The part of the line from one length to another."""
        if end <= start:
            return []
        inner = [
            (self._points[place][0], self._points[place][1])
            for place in range(bisect_right(self._marks, start), len(self._marks))
            if self._marks[place] < end
        ]
        return [self.at(start), *inner, self.at(end)]
