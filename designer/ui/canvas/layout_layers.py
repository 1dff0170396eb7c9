"""Layers from left to right along the calls of the traffic view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from designer.ui.canvas.layout_boxes import Box, Spot

STEP_X = 320.0
STEP_GAP = 24.0
TOP = 40.0
# The height that a passing call takes.
PASSAGE = 8.0
MOST = 12


def depths(boxes: Sequence[Box]) -> dict[str, int]:
    """The layer of each box: the longest way to it from one that nobody calls; `beside` are its callers.

    Loops are cut at the call that closes them, on the way from the outside in.
    """
    callers = {box.oid: [oid for oid in box.beside if oid != box.oid] for box in boxes}
    calls: dict[str, list[str]] = {oid: [] for oid in callers}
    for oid, found in callers.items():
        for caller in found:
            if caller in calls:
                calls[caller].append(oid)
    order, closing = _order(sorted(callers, key=lambda oid: (any(c in callers for c in callers[oid]), oid)), calls)
    depth = dict.fromkeys(callers, 0)
    for oid in order:
        for called in calls[oid]:
            if (oid, called) not in closing:
                depth[called] = max(depth[called], depth[oid] + 1)
    return depth


def _order(starts: Sequence[str], calls: dict[str, list[str]]) -> tuple[list[str], set[tuple[str, str]]]:
    """All ids so that callers come first, and the calls that close a loop: a depth-first walk without recursion."""
    done: set[str] = set()
    finished: list[str] = []
    closing: set[tuple[str, str]] = set()
    for start in starts:
        if start in done:
            continue
        way = [(start, iter(sorted(calls[start])))]
        on_way = {start}
        done.add(start)
        while way:
            oid, rest = way[-1]
            called = next(rest, None)
            if called is None:
                way.pop()
                on_way.discard(oid)
                finished.append(oid)
            elif called in on_way:
                closing.add((oid, called))
            elif called not in done:
                done.add(called)
                on_way.add(called)
                way.append((called, iter(sorted(calls[called]))))
    return finished[::-1], closing


@dataclass(frozen=True, slots=True)
class _Seat:
    """One place in a layer: of a box, or of a call that passes the layer on its way (`box` None)."""

    oid: str
    callers: tuple[str, ...]
    box: Box | None = None

    @property
    def height(self) -> float:
        return self.box.h if self.box else PASSAGE


def arrange_layers(boxes: Sequence[Box], left: float) -> dict[str, Spot]:
    """Spots of the boxes, one column a layer; within it level with the callers, those without calls below the others.

    A call that passes layers gets a passage in each, so that its line runs between the boxes: `via_id` names its spot.
    """
    from designer.ui.canvas.layout_boxes import Spot

    spots: dict[str, Spot] = {}
    x = left
    for layer in _layers(boxes):
        columns = max(1, ceil(sum(seat.box is not None for seat in layer) / MOST))
        share = ceil(len(layer) / columns)
        ranked = sorted(layer, key=lambda seat: _rank(seat, spots))
        for column in range(columns):
            part = ranked[column * share : (column + 1) * share]
            for seat, top in zip(part, _tops(part, spots), strict=True):
                width = seat.box.w if seat.box else max((s.box.w for s in part if s.box), default=0.0)
                spots[seat.oid] = Spot(x, top, width, seat.height)
            x += STEP_X
    if spots:
        up = min(spot.y for spot in spots.values()) - TOP
        for spot in spots.values():
            spot.y -= round(up / 8) * 8
    return spots


def via_id(source: str, target: str, level: int) -> str:
    """The id of the passage of a call through a layer."""
    return f"via:{source}>{target}@{level}"


def _layers(boxes: Sequence[Box]) -> list[list[_Seat]]:
    """The seats of each layer: its boxes, and the calls that pass it."""
    depth = depths(boxes)
    layers: list[list[_Seat]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for box in boxes:
        callers = []
        for caller in box.beside:
            # What stands in no layer stands left of all: the ways in from outside.
            first, last = depth.get(caller, -1), depth[box.oid]
            before = caller
            for level in range(first + 1, last):
                seat = _Seat(via_id(caller, box.oid, level), (before,))
                layers[level].append(seat)
                before = seat.oid
            callers.append(before)
        layers[depth[box.oid]].append(_Seat(box.oid, tuple(callers), box))
    return layers


def _rank(seat: _Seat, spots: Mapping[str, Spot]) -> tuple[bool, float, str]:
    lonely = seat.box is not None and not seat.box.first
    return lonely, _level_with(seat, spots) or 0.0, seat.oid


def _level_with(seat: _Seat, spots: Mapping[str, Spot]) -> float | None:
    """The mean height of the middle of what leads to a seat, None where nothing does."""
    heights = [spots[oid].y + spots[oid].h / 2 for oid in seat.callers if oid in spots]
    return sum(heights) / len(heights) if heights else None


def _tops(seats: Sequence[_Seat], spots: Mapping[str, Spot]) -> list[float]:
    """Where the seats of a layer begin: in order, with a gap between, as a whole level with what leads to them."""
    tops, pull = [], []
    y = 0.0
    for seat in seats:
        tops.append(y)
        wanted = _level_with(seat, spots)
        if wanted is not None:
            pull.append(wanted - seat.height / 2 - y)
        y += seat.height + STEP_GAP
    down = sum(pull) / len(pull) if pull else -y / 2
    return [float(round((top + down) / 8) * 8) for top in tops]
