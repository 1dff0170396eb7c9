"""Notes: texts that a person puts on the canvas, with their own place and size."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit, missing
from designer.model import Note, Project

PREFIX = "Note:note"
LEAST_W, LEAST_H = 80.0, 40.0


def add_note(project: Project, text: str, x: float, y: float) -> Edit:
    """The edit that puts a note with its corner at a place, in scene units."""
    number = 1
    while f"{PREFIX}-{number}" in project.canvas.notes:
        number += 1
    oid = f"{PREFIX}-{number}"
    return Edit("Add note", _with(project, oid, Note(text=text, x=x, y=y)), None, (oid,))


def write_note(project: Project, oid: str, text: str) -> Edit:
    """The edit that gives a note another text."""
    note = project.canvas.notes.get(oid)
    if note is None:
        return missing("Change note", project, oid)
    return Edit("Change note", _with(project, oid, note.model_copy(update={"text": text})), None, (oid,))


def shape_note(project: Project, oid: str, x: float, y: float, w: float, h: float) -> Edit:
    """The edit that gives a note another place and size; it is never smaller than a line of text."""
    note = project.canvas.notes.get(oid)
    if note is None:
        return missing("Resize note", project, oid)
    changed = note.model_copy(update={"x": x, "y": y, "w": max(LEAST_W, w), "h": max(LEAST_H, h)})
    return Edit("Resize note", _with(project, oid, changed), None, (oid,))


def _with(project: Project, oid: str, note: Note) -> Project:
    places = {view: found.without(oid) if oid in found else found for view, found in project.canvas.placements.items()}
    canvas = project.canvas.model_copy(
        update={"notes": project.canvas.notes.set(oid, note), "placements": type(project.canvas.placements)(places)}
    )
    return replace(project, canvas=canvas)
