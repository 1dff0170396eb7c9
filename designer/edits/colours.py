"""Colours that a person gives to things on the canvas; nothing is computed from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from designer.edits.edit import Edit, refusal, refused
from designer.model import COLOURS, Project


def colour(project: Project, oids: Iterable[str], name: str) -> Edit:
    """The edit that gives things a colour of `COLOURS`; "" takes it away."""
    label = f"Colour {name}" if name else "No colour"
    if name and name not in COLOURS:
        problem = refusal("EDIT-13", f"There is no colour {name}", fix=f"Choose one of {', '.join(COLOURS)}.")
        return refused(label, project, problem)
    known, wanted = project.canvas.colours, tuple(dict.fromkeys(oids))
    new = known.merged(dict.fromkeys(wanted, name)) if name else known.without(*(oid for oid in wanted if oid in known))
    if new == known:
        return Edit(label, project)
    canvas = project.canvas.model_copy(update={"colours": new})
    return Edit(label, replace(project, canvas=canvas))
