"""The layout of Nodes that stand in zones: each zone a block of its own, with room for the frame round it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from designer.ui.canvas.layout_boxes import GAP, Box, Columns, grid_columns, on_grid, put_block

# What a zone's frame needs round its Nodes.
ZONE_TITLE, ZONE_MARGIN = 40.0, 16.0
# How much wider than high all zones together become.
WIDE = 1.4


def put_zones(into: Columns, boxes: Sequence[Box], x: float, y: float) -> None:
    """Nothing; places the zones in rows, by name; boxes without a zone come last."""
    zones = sorted({box.zone for box in boxes}, key=lambda zone: (not zone, zone))
    blocks = [_block([box for box in boxes if box.zone == zone], framed=bool(zone)) for zone in zones]
    sizes = [(block.right, block.bottom) for block in blocks]
    most = sqrt(sum((w + GAP) * (h + GAP) for w, h in sizes) * WIDE)
    room = max(most, max(w for w, _h in sizes))
    left, top, bottom = x, y, y
    for block, (w, h) in zip(blocks, sizes, strict=True):
        if left > x and left - x + w > room:
            left, top = x, on_grid(bottom + GAP)
        for oid, spot in block.spots.items():
            into.put(oid, left + spot.x, top + spot.y, spot.w, spot.h)
        into.right, into.bottom = max(into.right, left + w), max(into.bottom, top + h)
        left, bottom = on_grid(left + w + GAP), max(bottom, top + h)


def _block(boxes: Sequence[Box], *, framed: bool) -> Columns:
    """The boxes of one zone from (0, 0), its frame's margins included; `right` and `bottom` are its size."""
    made = Columns()
    title, margin = (ZONE_TITLE, ZONE_MARGIN) if framed else (0.0, 0.0)
    width, height = max(box.w for box in boxes), sum(box.h for box in boxes) / len(boxes)
    put_block(made, boxes, margin, title, max(1, grid_columns(len(boxes), width, height)))
    made.right, made.bottom = made.right + margin, made.bottom + margin
    return made
