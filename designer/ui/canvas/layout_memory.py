"""Where the layout put what nobody placed, in a form that a project file keeps: a drawing is opened as it was saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.model import EMPTY_MAP, KIND_BY_NAME, Canvas, FrozenMap, Placement, Project
from designer.ui.canvas.layout_boxes import Spot


def begun(memory: dict[str, dict[str, Spot]], layout: str, canvas: Canvas) -> dict[str, Spot]:
    """The spots of a layout in `memory` by id; of one that is not there yet, what the project's file remembers."""
    if layout not in memory:
        found = canvas.remembered.get(layout, EMPTY_MAP)
        memory[layout] = {oid: Spot(place.x, place.y, place.w, place.h) for oid, place in found.items()}
    return memory[layout]


def remembering(project: Project, memory: Mapping[str, Mapping[str, Spot]]) -> Project:
    """`project` with what its file is to remember: of each layout that was shown its spots, of others what it had."""
    shown = {
        layout: FrozenMap(
            {
                oid: Placement(x=spot.x, y=spot.y, w=spot.w, h=spot.h)
                for oid, spot in spots.items()
                if not _is_gone(project, oid)
            }
        )
        for layout, spots in memory.items()
    }
    found = FrozenMap({**project.canvas.remembered, **shown})
    if found == project.canvas.remembered:
        return project
    return replace(project, canvas=project.canvas.model_copy(update={"remembered": found}))


def _is_gone(project: Project, oid: str) -> bool:
    """Whether it was an object that the project no longer has; what is no object, such as Outside, never was one."""
    kind = oid.partition(":")[0]
    return (kind in KIND_BY_NAME and project.get(oid) is None) or ("/" in kind and oid not in project.foreign)
