"""Where things stand: placing by hand, and the automatic layout of a view."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from designer.edits.edit import Edit, refusal, refused, spoken
from designer.edits.layout import GAP_X, GAP_Y, Rect, free_spot, layered, neighbours_of
from designer.model import CANVAS_VIEWS, EMPTY_MAP, Canvas, FrozenMap, Placement, Project, split_id

# Scene units; beyond it a shape could never be found again, and a project file with it is told apart as damaged.
MAX_COORDINATE = 1e7


def with_placement(canvas: Canvas, view: str, oid: str, placement: Placement) -> Canvas:
    """The canvas in which `oid` stands at `placement` in `view`."""
    return with_placements(canvas, view, {oid: placement})


def with_placements(canvas: Canvas, view: str, placements: Mapping[str, Placement]) -> Canvas:
    """The canvas with these placements on top of those of `view`; the very same canvas when they say nothing new."""
    known: FrozenMap[str, Placement] = canvas.placements.get(view, EMPTY_MAP)
    new = {oid: place for oid, place in placements.items() if known.get(oid) != place}
    if not new:
        return canvas
    return canvas.model_copy(update={"placements": canvas.placements.set(view, known.merged(new))})


def place(project: Project, view: str, placements: Mapping[str, Placement], label: str = "Move") -> Edit:
    """The edit that puts shapes where `placements` (id or Pod key → place) says, in `view`.

    Steps of the same shapes merge: dragging is one step.
    """
    if view not in CANVAS_VIEWS:
        return _no_such_view(label, project, view)
    lost = [oid for oid, p in placements.items() if not all(map(_is_place, (p.x, p.y, p.w, p.h)))]
    if lost:
        title = f"{spoken(lost[0])} cannot be placed so far away"
        return refused(label, project, refusal("EDIT-08", title, oid=lost[0], fix="Move it nearer to the others."))
    if len(placements) == 1:
        label = f"{label} {spoken(next(iter(placements)))}".rstrip()
    elif placements:
        label = f"{label} {len(placements)} objects"
    canvas = with_placements(project.canvas, view, placements)
    moved = project if canvas is project.canvas else replace(project, canvas=canvas)
    return Edit(label, moved, f"place:{view}:{','.join(sorted(placements))}", tuple(sorted(placements)))


def _is_place(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= MAX_COORDINATE


def _no_such_view(label: str, project: Project, view: str) -> Edit:
    problem = refusal("EDIT-08", f"There is no view {view}", fix=f"Choose one of {', '.join(CANVAS_VIEWS)}.")
    return refused(label, project, problem)


# Columns from left to right by view. What a kind has no column for stands in the last one.
_TRAFFIC_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("ExternalClient",),
    ("IngressController", "IngressClass"),
    ("Ingress",),
    ("Service", "EndpointSlice"),
    ("NetworkPolicy",),
    (
        "Namespace",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Job",
        "CronJob",
        "Pod",
    ),
    ("Node",),
    ("ExternalHost",),
)
COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "nodes": _TRAFFIC_COLUMNS,
    "namespaces": _TRAFFIC_COLUMNS,
    "traffic": _TRAFFIC_COLUMNS,
}


_COLUMN_OF: dict[str, dict[str, int]] = {
    view: {kind: at for at, kinds in enumerate(columns) for kind in kinds} for view, columns in COLUMNS.items()
}


def _column_of(view: str, oid: str) -> int:
    return _COLUMN_OF[view].get(split_id(oid)[0], len(COLUMNS[view]) - 1)


def auto_layout(
    project: Project,
    view: str,
    boxes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]] = (),
    *,
    only_new: bool = False,
) -> Edit:
    """The edit that lays out `boxes` (id → width and height) of a view, without overlaps and with few crossings.

    Boxes that a person pinned stay. With `only_new` every box that has a place stays, and those without one get free
    space in their column. `edges` are pairs of ids; those to unknown ids are ignored.
    """
    label = "Lay out"
    if view not in CANVAS_VIEWS:
        return _no_such_view(label, project, view)
    known: FrozenMap[str, Placement] = project.canvas.placements.get(view, EMPTY_MAP)
    fixed = {
        oid: Rect(place.x, place.y, *boxes[oid])
        for oid, place in known.items()
        if oid in boxes and (only_new or place.pinned)
    }
    new = sorted((oid for oid in boxes if oid not in fixed), key=_natural)
    if only_new and fixed:
        rects = _beside(view, new, boxes, edges, fixed)
    else:
        columns: list[list[str]] = [[] for _ in COLUMNS[view]]
        for oid in new:
            columns[_column_of(view, oid)].append(oid)
        rects = layered(columns, boxes, edges, fixed)
    places = {oid: _moved_to(known.get(oid), rect) for oid, rect in rects.items()}
    canvas = with_placements(project.canvas, view, places)
    return Edit(label, project if canvas is project.canvas else replace(project, canvas=canvas))


def _moved_to(place: Placement | None, rect: Rect) -> Placement:
    """The placement at a new corner; a size that a person gave stays."""
    return place.model_copy(update={"x": rect.x, "y": rect.y}) if place else Placement(x=rect.x, y=rect.y)


def _natural(oid: str) -> tuple[tuple[int, int, str], ...]:
    """The order of ids in which ``node-2`` comes before ``node-10``."""
    parts = re.split(r"(\d+)", oid)
    return tuple((1, int(part), "") if part.isdecimal() and part.isascii() else (0, 0, part) for part in parts)


def _beside(
    view: str,
    new: Sequence[str],
    boxes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    fixed: Mapping[str, Rect],
) -> dict[str, Rect]:
    """Places for new boxes among placed ones, each in its column, near what it is connected to."""
    placed = dict(fixed)
    neighbours = neighbours_of(edges)
    for oid in new:
        column = _column_of(view, oid)
        mates = [rect for other, rect in placed.items() if _column_of(view, other) == column]
        left = [rect for other, rect in placed.items() if _column_of(view, other) < column]
        right = [rect for other, rect in placed.items() if _column_of(view, other) > column]
        if mates:
            x = min(rect.x for rect in mates)
        elif left:
            x = max(rect.x + rect.w for rect in left) + GAP_X
        else:
            x = min(rect.x for rect in right) - GAP_X - boxes[oid][0]
        near = [placed[other] for other in neighbours.get(oid, ()) if other in placed]
        if near:
            y = sum(rect.y + rect.h / 2 for rect in near) / len(near) - boxes[oid][1] / 2
        else:
            y = max((rect.y + rect.h + GAP_Y for rect in mates), default=0.0)
        placed[oid] = free_spot(boxes[oid], x, y, list(placed.values()))
    return {oid: placed[oid] for oid in new}
