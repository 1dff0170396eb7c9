"""Colours of things: kept with their objects, renamed and removed with them, and nothing else changes."""

from __future__ import annotations

from designer.edits.colours import colour
from designer.edits.create import create
from designer.edits.fields import rename
from designer.edits.remove import remove
from designer.model import EMPTY_PROJECT, FrozenMap
from designer.storage import decode, encode

NODE = "Node:node-1"
BASE = create(EMPTY_PROJECT, "Node").project


def test_a_colour_is_given_changed_and_taken_away() -> None:
    red = colour(BASE, (NODE,), "rose")
    assert (red.label, red.project.canvas.colours) == ("Colour rose", FrozenMap({NODE: "rose"}))
    assert red.project.objects is BASE.objects
    assert colour(red.project, (NODE,), "rose").project is red.project
    assert colour(red.project, (NODE,), "").project.canvas.colours == FrozenMap()
    assert not colour(BASE, (NODE,), "plaid").ok


def test_it_goes_with_its_object() -> None:
    project = colour(BASE, (NODE,), "teal").project
    assert rename(project, NODE, "edge").project.canvas.colours == FrozenMap({"Node:edge": "teal"})
    assert remove(project, (NODE,)).project.canvas.colours == FrozenMap()


def test_it_is_kept_in_the_file_and_files_without_colours_stay_as_they_are() -> None:
    opened, problems = decode(encode(colour(BASE, (NODE,), "teal").project))
    assert not problems
    assert opened is not None and opened.canvas.colours == FrozenMap({NODE: "teal"})
    assert b"colours" not in encode(BASE)
    assert b"colours" not in encode(rename(BASE, NODE, "edge").project)
