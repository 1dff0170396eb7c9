"""Layers from left to right along the calls of the traffic view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from designer.ui.canvas.layout_boxes import Box, Spot

STEP_X = 320.0
STEP_Y = 80.0
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


def arrange_layers(boxes: Sequence[Box], left: float) -> dict[str, Spot]:
    """Spots of the boxes, one column a layer; within it level with the callers, by name where there are none, and those
    that nothing leads to or from below the others.
    """
    from designer.ui.canvas.layout_boxes import Spot

    by_depth: dict[int, list[Box]] = {}
    found = depths(boxes)
    for box in boxes:
        by_depth.setdefault(found[box.oid], []).append(box)
    tallest = min(MOST, max((len(layer) for layer in by_depth.values()), default=0))
    spots: dict[str, Spot] = {}
    x = left
    for level in sorted(by_depth):

        def height(box: Box) -> tuple[bool, float, str]:
            tops = [spots[oid].y for oid in box.beside if oid in spots]
            return not box.first, (sum(tops) / len(tops) if tops else 0.0), box.oid

        layer = sorted(by_depth[level], key=height)
        for start in range(0, len(layer), MOST):
            part = layer[start : start + MOST]
            top = 40.0 + (tallest - len(part)) * STEP_Y / 2
            for place, box in enumerate(part):
                spots[box.oid] = Spot(x, float(round((top + place * STEP_Y) / 8) * 8), box.w, box.h)
            x += STEP_X
    return spots
