"""What a file remembers of the layout: only what is there, each view by itself, and nothing new where nothing moved."""

from __future__ import annotations

from designer.model import Canvas, FrozenMap, Placement, Project
from designer.resources import resource_path
from designer.storage import decode, encode, open_file
from designer.ui.canvas.layout_boxes import Spot
from designer.ui.canvas.layout_memory import begun, remembering

BACKEND, NODE = "Service:default/backend", "Node:node-1"


def first_steps() -> Project:
    project = open_file(resource_path("samples", "first-steps.cnd")).project
    assert project is not None
    return project


def test_what_was_laid_out_is_kept_in_the_file() -> None:
    memory = {
        "nodes": {BACKEND: Spot(8, 16, 24, 32), "Service:default/gone": Spot(0, 0, 1, 1), "outside": Spot(1, 2, 3, 4)}
    }
    read, problems = decode(encode(remembering(first_steps(), memory)), "a.cnd")
    assert read is not None and not problems
    again: dict[str, dict[str, Spot]] = {}
    assert begun(again, "nodes", read.canvas) == {BACKEND: Spot(8, 16, 24, 32), "outside": Spot(1, 2, 3, 4)}
    assert begun(again, "traffic", read.canvas) == {}


def test_a_layout_that_was_not_shown_stays_as_the_file_has_it() -> None:
    one = remembering(first_steps(), {"nodes": {NODE: Spot(1, 1, 1, 1)}})
    two = remembering(one, {"traffic": {BACKEND: Spot(2, 2, 2, 2)}})
    assert set(two.canvas.remembered) == {"nodes", "traffic"}
    assert remembering(two, {"nodes": {NODE: Spot(1, 1, 1, 1)}}) is two


def test_what_is_in_memory_is_not_asked_of_the_file() -> None:
    canvas = Canvas(remembered=FrozenMap({"nodes": FrozenMap({NODE: Placement(x=5, y=5)})}))
    memory = {"nodes": {NODE: Spot(7, 7, 7, 7)}}
    assert begun(memory, "nodes", canvas) is memory["nodes"] and memory["nodes"][NODE].x == 7


def test_a_place_that_is_none_is_told_and_left_out() -> None:
    far = remembering(first_steps(), {"nodes": {NODE: Spot(1e30, 0, 1, 1), BACKEND: Spot(1, 1, 1, 1)}})
    read, problems = decode(encode(far), "a.cnd")
    assert read is not None
    assert [problem.code for problem in problems] == ["FILE-11"]
    assert set(read.canvas.remembered["nodes"]) == {BACKEND}
