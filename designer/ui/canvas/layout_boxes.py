"""Where things stand that nobody has placed: columns from left to right, on a grid of 8, without overlaps.

`layout_keeping` has what happens where a part of it stands already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt

GRID = 8
GAP = 24.0
COLUMN_GAP = 72.0
LEFT_GAP = 56.0
PAIR_GAP = 48.0
FRAME_MARGIN = 24.0
FRAME_TITLE = 48.0
# A namespace is about so many times as wide as high: as the canvas is between its panels.
WIDE = 2.6
LEFT_COLUMNS = ("outside", "balancer")
COLUMNS = ("ingress", "route", "service", "workload", "node")


@dataclass(frozen=True, slots=True)
class Box:
    """A thing to be placed: its id, column, size, and the ids that it should stand level with."""

    oid: str
    column: str
    w: float
    h: float
    frame: str = ""
    beside: tuple[str, ...] = ()
    first: bool = False
    zone: str = ""
    order: int = 0


@dataclass(slots=True)
class Spot:
    """A place: top left corner and size; `held` when it must not move."""

    x: float
    y: float
    w: float
    h: float
    held: bool = False

    def overlaps(self, other: Spot, gap: float = 0.0) -> bool:
        """Whether the two come nearer to each other than `gap`."""
        return (
            self.x < other.x + other.w + gap
            and other.x < self.x + self.w + gap
            and self.y < other.y + other.h + gap
            and other.y < self.y + self.h + gap
        )


@dataclass(slots=True)
class Columns:
    """Spots of one column layout while it is made, and how far it reaches."""

    spots: dict[str, Spot] = field(default_factory=dict)
    right: float = 0.0
    bottom: float = 0.0

    def put(self, oid: str, x: float, y: float, w: float, h: float) -> None:
        """Nothing; places one thing."""
        self.spots[oid] = Spot(x, y, w, h)
        self.right = max(self.right, x + w)
        self.bottom = max(self.bottom, y + h)


def on_grid(value: float) -> float:
    """The value rounded to the grid of 8."""
    return float(round(value / GRID) * GRID)


def grid_columns(count: int, w: float, h: float) -> int:
    """How many columns a block of equal boxes gets: one for up to three, else about as wide as a screen."""
    return 1 if count <= 3 else max(2, round(sqrt(count * (h + GAP) / (w + GAP) * 1.5)))


def put_block(into: Columns, boxes: Sequence[Box], x: float, y: float, columns: int, gap: float = GAP) -> float:
    """The right edge of a block of boxes placed row by row, each row as high as its highest box."""
    if not boxes:
        return x
    width = max(box.w for box in boxes)
    top = y
    for start in range(0, len(boxes), columns):
        row = boxes[start : start + columns]
        for place, box in enumerate(row):
            into.put(box.oid, x + place * (width + gap), top, box.w, box.h)
        top += max(box.h for box in row) + gap
    return x + min(columns, len(boxes)) * (width + gap) - gap


def put_stack(into: Columns, boxes: Sequence[Box], x: float, y: float, height: float) -> float:
    """The right edge of boxes stacked in as many columns as keep them about `height` high, spread over it.

    Columns are staggered, so that the level edges of one pass between the boxes of the next; boxes take turns, so that
    from top to bottom they stay in their order, and their edges do not cross.
    """
    if not boxes:
        return x
    total = sum(box.h + GAP for box in boxes) - GAP
    # A few may stand taller than what is beside them; very many must not.
    room = max(height * (1.45 if total < 3 * height else 1.0), 480.0)
    columns = max(1, ceil(total / room))
    share = ceil(len(boxes) / columns)
    columns = ceil(len(boxes) / share)
    width = max(box.w for box in boxes)
    stagger = 0.0
    for column in range(columns):
        part = boxes[column::columns]
        used = sum(box.h for box in boxes[:share])
        spare = (height - used) / max(1, share - 1) if share > 1 else GAP
        step = float(min(48, max(GAP, (spare // GRID) * GRID)))
        top = y + stagger
        for box in part:
            into.put(box.oid, x + column * (width + 2 * GAP), top, box.w, box.h)
            top += box.h + step
        pitch = used / share + step
        stagger = on_grid((stagger + pitch / min(columns, 3)) % pitch) if columns > 1 else 0.0
    return x + columns * (width + 2 * GAP) - 2 * GAP


def ordered(boxes: Sequence[Box], spots: Mapping[str, Spot]) -> list[Box]:
    """Boxes of a column from top to bottom: ways in first, in the order of what leads to them; then by the height of
    what they belong to, then by id; what belongs to nothing comes last."""

    def key(box: Box) -> tuple[bool, int, float, str]:
        heights = [spots[oid].y + spots[oid].h / 2 for oid in box.beside if oid in spots]
        return not box.first, box.order, round(sum(heights) / len(heights)) if heights else 1e9, box.oid

    return sorted(boxes, key=key)


def frame_inside(boxes: Sequence[Box], x: float, y: float) -> Columns:
    """The contents of a frame whose inside starts at (x, y): columns left to right, policies on a shelf below."""
    if any(box.column == "workload" for box in boxes):
        return put_pairs(boxes, x, y)
    made = Columns(right=x, bottom=y)
    by_column = {name: [box for box in boxes if box.column == name] for name in (*COLUMNS, "policy")}
    blocks = by_column["workload"] + by_column["node"]
    rehearsal = Columns(right=0.0, bottom=0.0)
    _put_blocks(rehearsal, blocks, 0.0, y)
    height = max(rehearsal.bottom - y, 320.0 if blocks else 480.0)
    left = x
    # Routes stand level with the Services that they lead to, wherever these come to stand.
    put_stack(rehearsal, ordered(by_column["service"], rehearsal.spots), 0.0, y, height)
    for name in ("ingress", "route", "service"):
        found = ordered(by_column[name], rehearsal.spots)
        if found:
            left = put_stack(made, found, left, y, height) + COLUMN_GAP
    _put_blocks(made, blocks, left, y)
    _put_shelf(made, by_column["policy"], x)
    return made


def _put_blocks(into: Columns, blocks: Sequence[Box], x: float, y: float) -> None:
    """Nothing; places the boxes of Nodes or workloads, zone by zone where they stand in zones."""
    if any(box.zone for box in blocks):
        from designer.ui.canvas.layout_zones import put_zones

        put_zones(into, blocks, x, y)
    elif blocks:
        put_block(into, blocks, x, y, max(1, grid_columns(len(blocks), *_mean_size(blocks))))


def put_pairs(boxes: Sequence[Box], x: float, y: float) -> Columns:
    """The contents of a namespace: each workload with the Services that lead to it on its left, in rows."""
    made = Columns(right=x, bottom=y)
    works = [box for box in boxes if box.column == "workload"]
    services = [box for box in boxes if box.column == "service"]
    cells = {work.oid: [s for s in services if s.beside[:1] == (work.oid,)] for work in works}
    works.sort(key=lambda work: not any(service.first for service in cells[work.oid]))
    rest = [s for s in services if s.beside[:1] == () or s.beside[0] not in cells]
    left = x
    for name in ("ingress", "route"):
        stack = [box for box in boxes if box.column == name]
        left = put_stack(made, stack, left, y, 640.0) + COLUMN_GAP if stack else left
    first = max((s.w for s in services), default=-PAIR_GAP)
    wide = first + PAIR_GAP + max(work.w for work in works)
    tall = sum(max(work.h, _stack_height(cells[work.oid])) for work in works) / len(works)
    across = 1 if len(works) == 1 else max(1, round(sqrt(len(works) * (tall + GAP) / (wide + 2 * GAP) * WIDE)))
    top = y
    for start in range(0, len(works), across):
        bottom = top
        for place, work in enumerate(works[start : start + across]):
            cell_x = left + place * (wide + 2 * GAP)
            made.put(work.oid, cell_x + first + PAIR_GAP, top, work.w, work.h)
            service_y = top + (28.0 if len(cells[work.oid]) == 1 else 0.0)
            for service in cells[work.oid]:
                made.put(service.oid, cell_x, service_y, service.w, service.h)
                service_y += service.h + GAP
            bottom = max(bottom, top + work.h, service_y - GAP)
        top = bottom + GAP
    put_block(made, rest, left, top, 5)
    _put_shelf(made, [box for box in boxes if box.column == "policy"], x)
    return made


def _stack_height(boxes: Sequence[Box]) -> float:
    return sum(box.h + GAP for box in boxes) - GAP


def _mean_size(boxes: Sequence[Box]) -> tuple[float, float]:
    return max(box.w for box in boxes), sum(box.h for box in boxes) / len(boxes)


def _put_shelf(made: Columns, policies: Sequence[Box], x: float) -> None:
    """Nothing; policies in rows across the width that is there."""
    if not policies:
        return
    width, height = max(box.w for box in policies), max(box.h for box in policies)
    room = max(made.right - x, 2 * width + GAP)
    across = min(len(policies), max(1, int((room + 16) // (width + 16))))
    spare = (room - across * width) / (across - 1) if across > 1 else 16.0
    gap = min(40.0, max(16.0, (spare // GRID) * GRID))
    top = made.bottom + (GAP if made.spots else 0.0)
    for place, box in enumerate(policies):
        row, column = divmod(place, across)
        made.put(box.oid, x + column * (width + gap), top + row * (height + 16), box.w, box.h)


def arrange_fresh(boxes: Sequence[Box]) -> dict[str, Spot]:
    """Spots of all boxes of a view in which nothing stands yet."""
    frames = list(dict.fromkeys(box.frame for box in boxes if box.frame))
    left_width = sum(
        max(box.w for box in boxes if box.column == name) + LEFT_GAP
        for name in LEFT_COLUMNS
        if any(box.column == name for box in boxes)
    )
    spots: dict[str, Spot] = {}
    frame_x, frame_y, row_bottom, widest = left_width, 0.0, 0.0, 0.0
    for frame in frames:
        inside = [box for box in boxes if box.frame == frame]
        x, y = frame_x + FRAME_MARGIN, frame_y + FRAME_TITLE
        made = frame_inside(inside, x, y)
        if frame_x > left_width and made.right - left_width > _row_width(boxes):
            frame_x, frame_y = left_width, on_grid(row_bottom + 2 * GAP)
            made = frame_inside(inside, frame_x + FRAME_MARGIN, frame_y + FRAME_TITLE)
        spots.update(made.spots)
        row_bottom = max(row_bottom, made.bottom + FRAME_MARGIN)
        frame_x = on_grid(made.right + FRAME_MARGIN + 2 * GAP)
        widest = max(widest, frame_x)
    from designer.ui.canvas.layout_layers import arrange_layers

    spots.update(arrange_layers([box for box in boxes if box.column == "layer"], left_width))
    _put_left(boxes, spots)
    _put_rest([box for box in boxes if box.oid not in spots], spots, left_width)
    return spots


def _row_width(boxes: Sequence[Box]) -> float:
    """How wide a row of frames may become: about a screen's shape for all of them."""
    area = sum((box.w + GAP) * (box.h + GAP) for box in boxes if box.frame)
    return max(1600.0, sqrt(area * 2.4) * 1.3)


def _put_rest(boxes: Sequence[Box], spots: dict[str, Spot], x: float) -> None:
    """Nothing; what has no column (an empty frame, a note without a place) stands in a row below everything."""
    top = on_grid(max((spot.y + spot.h for spot in spots.values()), default=0.0) + 2 * GAP)
    for box in boxes:
        spots[box.oid] = Spot(x, top, box.w, box.h)
        x += box.w + 2 * GAP


def _put_left(boxes: Sequence[Box], spots: dict[str, Spot]) -> None:
    """Nothing; what is outside the cluster, each level with what it leads to, balancers before clients."""
    x = 0.0
    places = {}
    for name in LEFT_COLUMNS:
        found = [box for box in boxes if box.column == name]
        if found:
            places[name] = x
            x += max(box.w for box in found) + LEFT_GAP
    for name in reversed(LEFT_COLUMNS):
        top = FRAME_TITLE
        for box in ordered([box for box in boxes if box.column == name], spots):
            heights = [spots[oid].y + spots[oid].h / 2 - box.h / 2 for oid in box.beside if oid in spots]
            wanted = on_grid(sum(heights) / len(heights)) if heights else top
            y = max(top, wanted)
            spots[box.oid] = Spot(places[name], y, box.w, box.h)
            top = y + box.h + GAP
