"""Where things stand: placing by hand, and the automatic layout of a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.edits.edit import Edit, refusal, refused, spoken
from designer.model import CANVAS_VIEWS, EMPTY_MAP, Canvas, FrozenMap, Placement, Project


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
    if len(placements) == 1:
        label = f"{label} {spoken(next(iter(placements)))}"
    elif placements:
        label = f"{label} {len(placements)} objects"
    canvas = with_placements(project.canvas, view, placements)
    moved = project if canvas is project.canvas else replace(project, canvas=canvas)
    return Edit(label, moved, f"place:{view}:{','.join(sorted(placements))}", tuple(sorted(placements)))


def _no_such_view(label: str, project: Project, view: str) -> Edit:
    problem = refusal("EDIT-08", f"There is no view {view}", fix=f"Choose one of {', '.join(CANVAS_VIEWS)}.")
    return refused(label, project, problem)
