"""Where the things in a collapsed group would stand were its card opened where it is: they go where the card goes."""

from __future__ import annotations

from designer.edits.collapse import FRAMES
from designer.model import split_id
from designer.ui.canvas.gestures.stage import Stage
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.group import GroupItem
from designer.ui.canvas.items.table import AnyItem


def carried(stage: Stage, item: AnyItem) -> dict[str, tuple[float, float]]:
    """The corners of the members of a card by their ids; nothing for what is no card of a frame.

    Members stand to each other as they did when the frame was open; those that were never drawn have no place yet.
    """
    scene = stage.scene
    view = scene.current_view
    if not isinstance(item, GroupItem) or FRAMES.get(split_id(item.oid)[0]) != view:
        return {}
    found: dict[str, tuple[float, float]] = {}
    for member in scene.groups.get(item.oid, ()):
        place = stage.project.canvas.placement(member, view)
        corner = (place.x, place.y) if place is not None else scene.stock.remembered(member)
        if corner is not None:
            found[member] = corner
    if not found:
        return {}
    title, margin = FrameItem.margins_of(zone=item.facts.role == "zone")
    dx = item.rect.x() + margin - min(x for x, _y in found.values())
    dy = item.rect.y() + title - min(y for _x, y in found.values())
    return {member: (x + dx, y + dy) for member, (x, y) in found.items()}
