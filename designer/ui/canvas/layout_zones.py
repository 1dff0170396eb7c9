"""The layout of Nodes that stand in zones: each zone a block of its own, with room for the frame round it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from designer.ui.canvas.layout_boxes import GAP, Box, Columns, Spot, grid_columns, on_grid, put_block

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


@dataclass(slots=True)
class _Unit:
    """What moves as one: a zone with its Nodes and its frame, or a thing in no zone."""

    spots: list[Spot]
    zone: str

    @property
    def held(self) -> bool:
        """Whether a person placed any of it."""
        return any(spot.held for spot in self.spots)

    def sides(self) -> tuple[float, float, float, float]:
        """Left, right, top and bottom, the frame included."""
        title, margin = (ZONE_TITLE, ZONE_MARGIN) if self.zone else (0.0, 0.0)
        return (
            min(spot.x for spot in self.spots) - margin,
            max(spot.x + spot.w for spot in self.spots) + margin,
            min(spot.y for spot in self.spots) - title,
            max(spot.y + spot.h for spot in self.spots) + margin,
        )


def part_zones(boxes: Sequence[Box], spots: Mapping[str, Spot]) -> None:
    """Nothing; where the frame of a zone covers another one, or a thing in none, the lower of both moves down.

    Zones come when Nodes get labels and grow with their Nodes; the boxes alone keep no room for their frames. What a
    person placed stays. Nothing moves as long as no frame covers anything.
    """
    units = _units(boxes, spots)
    zones = [unit for unit in units if unit.zone]
    if not zones or not _covered(zones, units):
        return
    units.sort(key=lambda unit: (not unit.held, unit.sides()[2], unit.sides()[0]))
    settled = np.empty((len(units), 4))
    framed = np.array([bool(unit.zone) for unit in units])
    for place, unit in enumerate(units):
        left, right, top, bottom = unit.sides()
        start, height = top, bottom - top
        while not unit.held:
            known = settled[:place]
            hit = _meets(known, left, right, top, top + height) & (framed[:place] | bool(unit.zone) | (top > start))
            if not hit.any():
                break
            top = float(on_grid(known[hit, 3].max() + GAP))
        for spot in unit.spots if top > start else ():
            spot.y += top - start
        settled[place] = left, right, top, top + height


def _units(boxes: Sequence[Box], spots: Mapping[str, Spot]) -> list[_Unit]:
    """The zones and single things of the cluster."""
    zones: dict[str, _Unit] = {}
    units: list[_Unit] = []
    for box in boxes:
        if not box.frame or box.oid not in spots:
            continue
        if not box.zone:
            units.append(_Unit([spots[box.oid]], ""))
        elif box.zone in zones:
            zones[box.zone].spots.append(spots[box.oid])
        else:
            zones[box.zone] = _Unit([spots[box.oid]], box.zone)
    return [*zones.values(), *units]


def _covered(zones: Sequence[_Unit], units: Sequence[_Unit]) -> bool:
    """Whether the frame of a zone covers anything that is not in it."""
    sides = np.array([unit.sides() for unit in units])
    return any(int(_meets(sides, *zone.sides()).sum()) > 1 for zone in zones)


def _meets(sides: NDArray[np.float64], left: float, right: float, top: float, bottom: float) -> NDArray[np.bool_]:
    """Which of the rectangles one touches inside."""
    return (sides[:, 0] < right) & (left < sides[:, 1]) & (sides[:, 2] < bottom) & (top < sides[:, 3])
