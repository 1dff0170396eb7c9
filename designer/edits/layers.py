"""Named layers of the drawing: made, renamed, taken away, hidden; and what is on them.

A layer is a way to look at the drawing and nothing more: no engine pass reads it, and no answer depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from designer.edits.edit import Edit, refusal, refused, spoken
from designer.model import Canvas, FrozenMap, Layer, Project

LONGEST_NAME = 60


def add_layer(project: Project, name: str, oids: Iterable[str] = ()) -> Edit:
    """The edit that makes a layer, and puts objects on it."""
    name = " ".join(name.split())
    label = f"Add layer {name}".rstrip()
    wrong = _wrong_name(project, label, name)
    if wrong is not None:
        return wrong
    layers = project.canvas.layers.set(name, Layer())
    return Edit(label, _with(project, layers=layers, layer_of=_put(project.canvas, oids, name)))


def rename_layer(project: Project, old: str, new: str) -> Edit:
    """The edit that gives a layer another name; what is on it stays there."""
    new = " ".join(new.split())
    label = f"Rename layer {old}"
    if old not in project.canvas.layers:
        return _no_layer(label, project, old)
    if new == old:
        return Edit(label, project)
    wrong = _wrong_name(project, label, new, but=old)
    if wrong is not None:
        return wrong
    canvas = project.canvas
    layers = canvas.layers.without(old).set(new, canvas.layers[old])
    layer_of = FrozenMap({oid: new if on == old else on for oid, on in canvas.layer_of.items()})
    return Edit(label, _with(project, layers=layers, layer_of=layer_of))


def remove_layer(project: Project, name: str) -> Edit:
    """The edit that takes a layer away; what was on it stays in the project, on no layer."""
    label = f"Delete layer {name}"
    canvas = project.canvas
    if name not in canvas.layers:
        return _no_layer(label, project, name)
    layer_of = canvas.layer_of.without(*(oid for oid, on in canvas.layer_of.items() if on == name))
    return Edit(label, _with(project, layers=canvas.layers.without(name), layer_of=layer_of))


def put_on_layer(project: Project, oids: Iterable[str], name: str) -> Edit:
    """The edit that puts objects and notes on a layer; "" takes them off any."""
    wanted = tuple(dict.fromkeys(oids))
    what = spoken(wanted[0]) if len(wanted) == 1 else f"{len(wanted)} objects"
    label = f"Put {what} on layer {name}" if name else f"Take {what} off the layer"
    if name and name not in project.canvas.layers:
        return _no_layer(label, project, name)
    return Edit(label, _with(project, layer_of=_put(project.canvas, wanted, name)))


def show_layers(project: Project, names: Iterable[str], shown: bool) -> Edit:
    """The edit that shows or hides layers."""
    wanted = tuple(dict.fromkeys(names))
    word = "Show" if shown else "Hide"
    label = f"{word} layer {wanted[0]}" if len(wanted) == 1 else f"{word} {len(wanted)} layers"
    layers = project.canvas.layers
    unknown = next((name for name in wanted if name not in layers), None)
    if unknown is not None:
        return _no_layer(label, project, unknown)
    changed = {name: Layer(hidden=not shown) for name in wanted if layers[name].hidden is shown}
    return Edit(label, _with(project, layers=layers.merged(changed) if changed else layers))


def hidden_layers(canvas: Canvas) -> tuple[str, ...]:
    """The names of the layers that are hidden, in order."""
    return tuple(sorted(name for name, layer in canvas.layers.items() if layer.hidden))


def _put(canvas: Canvas, oids: Iterable[str], name: str) -> FrozenMap[str, str]:
    wanted = tuple(dict.fromkeys(oids))
    if name:
        return canvas.layer_of.merged(dict.fromkeys(wanted, name)) if wanted else canvas.layer_of
    return canvas.layer_of.without(*(oid for oid in wanted if oid in canvas.layer_of))


def _with(project: Project, **changes: Any) -> Project:
    """The project with these fields of its canvas; the very same one when they say nothing new."""
    canvas = project.canvas
    new = {field: value for field, value in changes.items() if getattr(canvas, field) != value}
    return replace(project, canvas=canvas.model_copy(update=new)) if new else project


def _wrong_name(project: Project, label: str, name: str, but: str = "") -> Edit | None:
    """The refusal of a name that is empty, too long, or differs from a known one at most by capitals; else None."""
    if not name:
        title, fix = "A layer needs a name", "Type one."
    elif len(name) > LONGEST_NAME:
        title, fix = "The name of the layer is too long", f"Take at most {LONGEST_NAME} characters."
    elif any(name.casefold() == known.casefold() for known in project.canvas.layers if known != but):
        title, fix = f"There is a layer {name} already", "Choose another name."
    else:
        return None
    return refused(label, project, refusal("EDIT-14", title, fix=fix))


def _no_layer(label: str, project: Project, name: str) -> Edit:
    problem = refusal("EDIT-14", f"There is no layer {name}", fix="Choose a layer that is in the list.")
    return refused(label, project, problem)
