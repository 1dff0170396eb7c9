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

    Loops are cut where they close.
    """
    callers = {box.oid: box.beside for box in boxes}
    found: dict[str, int] = {}

    def depth(oid: str, on_way: frozenset[str]) -> int:
        if oid not in found:
            before = [depth(c, on_way | {oid}) for c in callers[oid] if c in callers and c not in on_way and c != oid]
            found[oid] = max(before, default=-1) + 1
        return found[oid]

    for oid in sorted(callers):
        depth(oid, frozenset())
    return found


def arrange_layers(boxes: Sequence[Box], left: float) -> dict[str, Spot]:
    """Spots of the boxes, one column a layer; within a layer level with the callers, by name where there are none, and those
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
