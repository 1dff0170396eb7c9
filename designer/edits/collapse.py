"""Collapsing groups of the canvas to one card: a Namespace, a Node, a zone; and opening them again.

Ids of groups are those of their objects, and ``Zone:name`` for a zone. A Namespace is a group in the view by Namespace,
a Node and a zone in the view by Node, so one list of ids keeps what is collapsed in each view.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from designer.edits.edit import Edit
from designer.model import Canvas, FrozenMap, Placement, Project, split_id

ZONE = "Zone"
# Frames stand round what is in them: the place of the card that one was means nothing once it is open.
FRAMES: dict[str, str] = {"Namespace": "namespaces", ZONE: "nodes"}


def zone_id(zone: str) -> str:
    """The id of a zone as a group: ``Zone:eu-a``."""
    return f"{ZONE}:{zone}"


def collapse(project: Project, oids: Iterable[str]) -> Edit:
    """The edit that shows these groups as cards; those that are cards already stay so."""
    known = set(project.canvas.collapsed)
    new = sorted(dict.fromkeys(oid for oid in oids if oid not in known))
    if not new:
        return Edit("Collapse", project)
    return Edit(_label("Collapse", new), _with(project, sorted((*known, *new)), project.canvas.placements))


def expand(project: Project, oids: Iterable[str]) -> Edit:
    """The edit that opens these groups; the place of a frame's card is forgotten, as the frame follows its members."""
    gone = sorted({oid for oid in oids if oid in project.canvas.collapsed})
    if not gone:
        return Edit("Expand", project)
    placements = dict(project.canvas.placements)
    for oid in gone:
        view = FRAMES.get(split_id(oid)[0], "")
        if oid in placements.get(view, {}):
            placements[view] = placements[view].without(oid)
    left = [oid for oid in project.canvas.collapsed if oid not in gone]
    return Edit(_label("Expand", gone), _with(project, left, FrozenMap(placements)))


def _label(word: str, oids: list[str]) -> str:
    if len(oids) > 1:
        return f"{word} {len(oids)} groups"
    kind, _, name = oids[0].partition(":")
    return f"{word} {kind.lower() if kind == ZONE else kind} {name}"


def _with(project: Project, collapsed: list[str], placements: FrozenMap[str, FrozenMap[str, Placement]]) -> Project:
    changes: dict[str, object] = {"collapsed": tuple(collapsed)}
    if placements != project.canvas.placements:
        changes["placements"] = placements
    canvas: Canvas = project.canvas.model_copy(update=changes)
    return replace(project, canvas=canvas)
