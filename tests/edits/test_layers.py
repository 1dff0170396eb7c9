"""Layers: made, renamed, hidden, taken away; they go with their objects and stay in files; no pass hears of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from designer.edits.create import create
from designer.edits.fields import rename
from designer.edits.layers import add_layer, hidden_layers, put_on_layer, remove_layer, rename_layer, show_layers
from designer.edits.notes import add_note
from designer.edits.remove import remove
from designer.engine.compile import compile_project
from designer.engine.controlplane.allocate import allocate
from designer.model import EMPTY_PROJECT, FrozenMap, Layer, Project
from designer.session.session import Session
from designer.storage import decode, encode

NODE = "Node:node-1"
BASE = create(EMPTY_PROJECT, "Node").project


def made(*oids: str) -> Project:
    return add_layer(BASE, "Machines", oids).project


def test_a_layer_is_made_with_what_is_on_it() -> None:
    edit = add_layer(BASE, "  Machines  of us ", (NODE,))
    assert (edit.label, edit.ok) == ("Add layer Machines of us", True)
    assert edit.project.canvas.layers == FrozenMap({"Machines of us": Layer()})
    assert edit.project.canvas.layer_of == FrozenMap({NODE: "Machines of us"})
    assert edit.project.objects is BASE.objects
    assert edit.project.ledger is BASE.ledger


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "machines", "MACHINES"])
def test_a_name_that_says_nothing_or_is_taken_is_refused(name: str) -> None:
    edit = add_layer(made(), name)
    assert not edit.ok
    assert edit.project is not None
    assert edit.project.canvas.layers == FrozenMap({"Machines": Layer()})


def test_it_is_hidden_and_shown_and_that_twice_is_nothing_new() -> None:
    project = made(NODE)
    hidden = show_layers(project, ("Machines",), False)
    assert (hidden.label, hidden_layers(hidden.project.canvas)) == ("Hide layer Machines", ("Machines",))
    assert show_layers(hidden.project, ("Machines",), False).project is hidden.project
    assert hidden_layers(show_layers(hidden.project, ("Machines",), True).project.canvas) == ()
    assert not show_layers(project, ("Nobody",), True).ok


def test_things_change_layers_and_come_off_them() -> None:
    project = add_layer(made(NODE), "Other").project
    moved = put_on_layer(project, (NODE,), "Other")
    assert moved.label == "Put Node node-1 on layer Other"
    assert moved.project.canvas.layer_of == FrozenMap({NODE: "Other"})
    assert put_on_layer(moved.project, (NODE,), "").project.canvas.layer_of == FrozenMap()
    assert not put_on_layer(project, (NODE,), "Nobody").ok


def test_a_new_name_keeps_members_and_whether_it_is_hidden() -> None:
    project = show_layers(made(NODE), ("Machines",), False).project
    named = rename_layer(project, "Machines", "machines").project
    assert named.canvas.layers == FrozenMap({"machines": Layer(hidden=True)})
    assert named.canvas.layer_of == FrozenMap({NODE: "machines"})
    assert not rename_layer(project, "Nobody", "x").ok
    assert not rename_layer(add_layer(project, "Other").project, "Other", "Machines").ok


def test_without_its_layer_an_object_stays() -> None:
    project = remove_layer(made(NODE), "Machines").project
    assert (project.canvas.layers, project.canvas.layer_of) == (FrozenMap(), FrozenMap())
    assert project.get(NODE) is not None
    assert not remove_layer(BASE, "Machines").ok


def test_it_goes_with_its_objects_and_notes() -> None:
    project = made(NODE)
    assert rename(project, NODE, "edge").project.canvas.layer_of == FrozenMap({"Node:edge": "Machines"})
    assert remove(project, (NODE,)).project.canvas.layer_of == FrozenMap()
    note = add_note(project, "here", 0, 0)
    noted = put_on_layer(note.project, note.select, "Machines").project
    assert remove(noted, note.select).project.canvas.layer_of == FrozenMap({NODE: "Machines"})


def test_what_was_put_on_none_is_on_that_of_its_workload_then_of_its_namespace() -> None:
    project = add_layer(add_layer(BASE, "Shop", ("Namespace:shop",)).project, "Web", ("Deployment:shop/web",)).project
    canvas = project.canvas
    assert canvas.layer_for("Pod:shop/web-1", "Deployment:shop/web") == "Web"
    assert canvas.layer_for("Pod:shop/db-0", "StatefulSet:shop/db") == "Shop"
    assert canvas.layer_for("Service:shop/web") == "Shop"
    assert canvas.layer_for("Namespace:shop") == "Shop"
    assert canvas.layer_for("Service:other/web") == ""
    assert canvas.layer_for(NODE) == ""
    lost = canvas.model_copy(update={"layers": canvas.layers.without("Web")})
    assert lost.layer_for("Deployment:shop/web") == "Shop"


def test_it_is_kept_in_the_file_and_files_without_layers_stay_as_they_are() -> None:
    opened, problems = decode(encode(show_layers(made(NODE), ("Machines",), False).project))
    assert not problems
    assert opened is not None
    assert opened.canvas.layers == FrozenMap({"Machines": Layer(hidden=True)})
    assert opened.canvas.layer_of == FrozenMap({NODE: "Machines"})
    assert b"layer" not in encode(BASE)
    assert b"layer" not in encode(rename(BASE, NODE, "edge").project)


def test_no_pass_runs_when_a_layer_is_hidden() -> None:
    project = made(NODE)
    project = replace(project, ledger=allocate(project)[0])
    state = compile_project(project)
    after = compile_project(show_layers(project, ("Machines",), False).project, state)
    assert (after.control, after.cni, after.policies, after.routes) == (
        state.control,
        state.cni,
        state.policies,
        state.routes,
    )
    assert after.control is state.control
    assert after.policies is state.policies


def test_hiding_is_one_step_that_can_be_undone() -> None:
    session = Session()
    session.new(BASE)
    session.apply(add_layer(session.project, "Machines", (NODE,)))
    before = session.project
    session.apply(show_layers(session.project, ("Machines",), False))
    assert session.undo_label == "Hide layer Machines"
    session.undo()
    assert session.project is before
