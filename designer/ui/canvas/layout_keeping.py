"""Where things go that are new among those that stand already, and where all go when they are laid out again.

What has a place keeps it; what is new goes to the first free spot of its column. Only a box that grew into its
neighbour pushes it down, and never one that a person pinned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from designer.model import EMPTY_MAP
from designer.ui.canvas.layout_boxes import (
    FRAME_MARGIN,
    FRAME_TITLE,
    GAP,
    GRID,
    LEFT_COLUMNS,
    LEFT_GAP,
    Box,
    Spot,
    arrange_fresh,
    frame_inside,
    on_grid,
)
from designer.ui.canvas.layout_zones import part_zones

# More new things than this at once get a layout of their own instead of single places.
MOST_SINGLE = 200


def arrange(
    boxes: Sequence[Box],
    known: Mapping[str, Spot],
    grown: Sequence[str] = (),
    corners: Mapping[str, tuple[float, float]] = EMPTY_MAP,
) -> dict[str, Spot]:
    """Spots of all boxes: those of `known` stay (with their box's size), the others find a place without overlaps.

    `grown` are ids of known boxes that are larger than they were: they push down what they now cover. `corners` say
    where a frame of which nothing stands yet is wanted: where the card stood that it is opened from.
    """
    spots = {box.oid: Spot(known[box.oid].x, known[box.oid].y, box.w, box.h, known[box.oid].held)
             for box in boxes if box.oid in known}  # fmt: skip
    new = [box for box in boxes if box.oid not in spots]
    if not spots:
        return arrange_fresh(boxes)
    _push_down(spots, grown)
    if len(new) > MOST_SINGLE:
        spots |= _below(arrange_fresh(new), spots)
        part_zones(boxes, spots)
        return spots
    fresh = arrange_fresh(boxes) if new else {}
    moved = _new_frames(boxes, spots, corners)
    shifts = _frame_shifts(boxes, fresh, spots)
    for box in new:
        spot = fresh[box.oid]
        dx, dy = shifts.get(box.frame, (0.0, 0.0))
        wanted = Spot(spot.x + dx, spot.y + dy, box.w, box.h)
        spots[box.oid] = moved.get(box.oid) or _free_spot(box, wanted, boxes, spots)
    _clear(corners, boxes, moved, spots)
    part_zones(boxes, spots)
    return spots


def _clear(
    corners: Mapping[str, tuple[float, float]],
    boxes: Sequence[Box],
    moved: Mapping[str, Spot],
    spots: Mapping[str, Spot],
) -> None:
    """Nothing; cards and what stands in no frame give way to a frame that was opened from a card just now."""
    alone = {box.oid: spots[box.oid] for box in boxes if box.frame in ("", box.oid) and box.column not in LEFT_COLUMNS}
    for frame, (x, y) in corners.items():
        inside = [moved[box.oid] for box in boxes if box.frame == frame and box.oid in moved]
        if inside:
            right = max(spot.x + spot.w for spot in inside) + FRAME_MARGIN
            bottom = max(spot.y + spot.h for spot in inside) + FRAME_MARGIN
            _push_down({**alone, frame: Spot(x, y, right - x, bottom - y, True)}, (frame,))


def _new_frames(
    boxes: Sequence[Box], spots: Mapping[str, Spot], corners: Mapping[str, tuple[float, float]]
) -> dict[str, Spot]:
    """Spots of what stands in frames of which nothing stands yet: at their corner, or below those that are there."""
    framed = [spots[box.oid] for box in boxes if box.frame and box.oid in spots]
    if not framed:
        return {}
    begun = {box.frame for box in boxes if box.oid in spots}
    found: dict[str, Spot] = {}
    left = min(spot.x for spot in framed)
    bottom = max(spot.y + spot.h for spot in framed)
    for frame in dict.fromkeys(box.frame for box in boxes if box.frame and box.frame not in begun):
        top = on_grid(bottom + FRAME_MARGIN + 2 * GAP + FRAME_TITLE)
        inside = [box for box in boxes if box.frame == frame]
        if frame in corners:
            x, y = corners[frame]
            found |= frame_inside(inside, x + FRAME_MARGIN, y + FRAME_TITLE).spots
            continue
        made = frame_inside(inside, left, top)
        found |= made.spots
        bottom = made.bottom
    return found


def _frame_shifts(
    boxes: Sequence[Box], fresh: Mapping[str, Spot], spots: Mapping[str, Spot]
) -> dict[str, tuple[float, float]]:
    """How far the contents of each frame stand from where they would if everything were laid out anew."""
    inside: dict[str, list[Box]] = {}
    for box in boxes:
        if box.frame and box.oid in fresh:
            inside.setdefault(box.frame, []).append(box)
    shifts: dict[str, tuple[float, float]] = {}
    for frame, its in inside.items():
        found = [spots[box.oid] for box in its if box.oid in spots]
        if found:
            left, top = min(s.x for s in found), min(s.y for s in found)
            wanted = _wanted(its, len(inside) == 1, left, boxes, fresh, spots)
            shifts[frame] = (left - min(s.x for s in wanted), top - min(s.y for s in wanted))
    return shifts


def _wanted(
    its: Sequence[Box],
    single: bool,
    left: float,
    boxes: Sequence[Box],
    fresh: Mapping[str, Spot],
    spots: Mapping[str, Spot],
) -> list[Spot]:
    """The fresh spots of a frame that what stands in it from `left` on is laid over.

    Of what stands alone, so that Services that are new go to the left of the Nodes, as they would anew; where another
    frame or what is outside stands there, of all, so that the frame grows to the right.
    """
    standing = [fresh[box.oid] for box in its if box.oid in spots]
    every = [fresh[box.oid] for box in its]
    outside = [spots[box.oid] for box in boxes if not box.frame and box.oid in spots and spots[box.oid].x < left]
    begins = left - min(s.x for s in standing) + min(s.x for s in every) - FRAME_MARGIN
    free = all(spot.x + spot.w + LEFT_GAP <= begins for spot in outside)
    return standing if single and free else every


def rearrange(boxes: Sequence[Box], pinned: Mapping[str, Spot]) -> dict[str, Spot]:
    """Spots of all boxes laid out anew, but for the pinned ones: these stay, and nothing covers them."""
    fresh = arrange_fresh(boxes)
    spots = {oid: spot for oid, spot in pinned.items() if oid in fresh}
    for box in boxes:
        if box.oid not in spots:
            spot = fresh[box.oid]
            free = not any(spot.overlaps(other, GRID) for other in pinned.values())
            others = {oid: other for oid, other in (fresh | spots).items() if oid != box.oid}
            spots[box.oid] = spot if free else _free_spot(box, spot, boxes, others)
    return spots


def _below(fresh: Mapping[str, Spot], spots: Mapping[str, Spot]) -> dict[str, Spot]:
    """Many new things keep their own layout, all of it below what is there."""
    bottom = max(spot.y + spot.h for spot in spots.values())
    down = on_grid(bottom - min(spot.y for spot in fresh.values()) + 4 * GAP)
    return {oid: Spot(spot.x, spot.y + down, spot.w, spot.h) for oid, spot in fresh.items()}


def _free_spot(box: Box, fresh: Spot, boxes: Sequence[Box], spots: Mapping[str, Spot]) -> Spot:
    """The first free place from its fresh one downwards, in the column that the box's like stand in."""
    like = [
        spots[b.oid]
        for b in boxes
        if b.column == box.column
        and b.frame == box.frame
        and b.zone == box.zone
        and b.oid in spots
        # A layer of calls is not the column of another layer.
        and b.column != "layer"
    ]
    if not like and box.column == "route":
        # There is no column of routes yet: below what they hang on, as all things keep their places.
        like = [spots[b.oid] for b in boxes if b.column == "ingress" and b.frame == box.frame and b.oid in spots]
    x = min((spot.x for spot in like), default=fresh.x)
    y = min((spot.y for spot in like), default=fresh.y)
    if box.zone and like:
        # Beside the others of its zone: below them the next zone may stand.
        beside = Spot(max(spot.x + spot.w for spot in like) + GAP, y, box.w, box.h)
        if not any(beside.overlaps(other, GAP - 1) for other in spots.values()):
            return beside
    if box.column in LEFT_COLUMNS:
        # What is outside the cluster stands to the left of its frame, wherever a person put what is in it.
        inside = min((spots[b.oid].x for b in boxes if b.frame and b.oid in spots), default=x + 1e9)
        x = min(x, float(floor((inside - FRAME_MARGIN - LEFT_GAP - box.w) / GRID) * GRID))
    spot = Spot(x, y, box.w, box.h)
    others = sorted((other for other in spots.values() if other.x < x + box.w + GAP and x < other.x + other.w + GAP),
                    key=lambda other: other.y)  # fmt: skip
    for other in others:
        if spot.overlaps(other, GAP - 1):
            spot.y = ceil((other.y + other.h + GAP) / GRID) * GRID
    return _with_nodes(box, spot, boxes, spots) if box.column == "node" else spot


def _with_nodes(box: Box, below: Spot, boxes: Sequence[Box], spots: Mapping[str, Spot]) -> Spot:
    """The place of a new Node: `below` those that stand, but to the right of them where policies stand in between."""
    its = [b for b in boxes if b.frame == box.frame and b.oid in spots]
    nodes = [spots[b.oid] for b in its if b.column == "node"]
    bottom = max((spot.y + spot.h for spot in nodes), default=0.0)
    if not nodes or not any(b.column == "policy" and bottom <= spots[b.oid].y < below.y for b in its):
        return below
    last = max(spot.x for spot in nodes)
    lowest = max(spot.y + spot.h for spot in nodes if spot.x == last)
    # Twice the gap leaves room for the frames of two zones side by side.
    places = [(last, lowest + GAP), (max(spot.x + spot.w for spot in nodes) + 2 * GAP, min(s.y for s in nodes))]
    for x, y in places:
        spot = Spot(on_grid(x), ceil(y / GRID) * GRID, box.w, box.h)
        fits = spot.y + spot.h <= bottom or spot.x > last
        if fits and not any(spot.overlaps(other, GAP - 1) for other in spots.values()):
            return spot
    return below


def _push_down(spots: Mapping[str, Spot], grown: Sequence[str]) -> None:
    """Nothing; moves down what a grown box covers, and what that covers then; held things stay."""
    waiting = deque(sorted((spots[oid] for oid in grown if oid in spots), key=lambda spot: spot.y))
    if not waiting:
        return
    free = [spot for spot in spots.values() if not spot.held]
    column = _Columns(free)
    places = {id(spot): place for place, spot in enumerate(free)}
    moves = 0
    while waiting and moves < 4 * len(spots):
        above, at = waiting.popleft(), -1
        while (at := column.next_covered(above, at)) >= 0:
            other = free[at]
            if other is above:
                continue
            if above.held or other.y >= above.y:
                # What was placed by hand stays where it is, so what it covers gives way, even if it began above it.
                lower, upper = other, above
            else:
                lower, upper = above, other
            lower.y = ceil((upper.y + upper.h + GAP) / GRID) * GRID
            column.moved(places[id(lower)], lower)
            waiting.append(lower)
            moves += 1


class _Columns:
    """Which rectangles a box covers, among tens of thousands that move up and down: only those above and below it are
    asked, which stay the same."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        sides = np.array([(s.x, s.x + s.w, s.y, s.y + s.h) for s in spots], dtype=np.float64).reshape(-1, 4)
        self._left, self._right, self._top, self._bottom = sides.T.copy()
        self._above: dict[tuple[float, float], NDArray[np.intp]] = {}

    def moved(self, place: int, spot: Spot) -> None:
        """Nothing; takes over where one stands now."""
        self._top[place], self._bottom[place] = spot.y, spot.y + spot.h

    def next_covered(self, spot: Spot, after: int) -> int:
        """The place of the next rectangle behind `after` that a spot touches inside, -1 for none."""
        left, right = spot.x, spot.x + spot.w
        found = self._above.get((left, right))
        if found is None:
            found = self._above[left, right] = np.flatnonzero((self._left < right) & (left < self._right))
        rest = found[np.searchsorted(found, after, side="right") :] if after >= 0 else found
        hit = (self._top[rest] < spot.y + spot.h) & (spot.y < self._bottom[rest])
        place = int(hit.argmax()) if len(hit) else 0
        return int(rest[place]) if len(hit) and hit[place] else -1
