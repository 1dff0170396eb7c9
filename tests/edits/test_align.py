"""Aligning and distributing: places worked out by hand, and what holds for any shapes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.edits.align import LINES, Unit, align, distribute
from designer.edits.layout import Rect
from designer.model import EMPTY_PROJECT, Project


def unit(oid: str, x: float, y: float, w: float, h: float) -> Unit:
    return Unit(Rect(x, y, w, h), {oid: (x, y)})


# Three boxes: from x 0 to 300 and from y 10 to 210 in all.
THREE = (unit("a", 0, 10, 100, 50), unit("b", 120, 60, 40, 20), unit("c", 200, 160, 100, 50))


def corners(project: Project) -> dict[str, tuple[float, float]]:
    return {oid: (place.x, place.y) for oid, place in project.canvas.placements["nodes"].items()}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("left", {"a": (0, 10), "b": (0, 60), "c": (0, 160)}),
        ("right", {"a": (200, 10), "b": (260, 60), "c": (200, 160)}),
        ("centre", {"a": (100, 10), "b": (130, 60), "c": (100, 160)}),
        ("top", {"a": (0, 10), "b": (120, 10), "c": (200, 10)}),
        ("bottom", {"a": (0, 160), "b": (120, 190), "c": (200, 160)}),
        ("middle", {"a": (0, 85), "b": (120, 100), "c": (200, 85)}),
    ],
)
def test_each_line(line: str, expected: dict[str, tuple[float, float]]) -> None:
    edit = align(EMPTY_PROJECT, "nodes", THREE, line)
    assert corners(edit.project) == expected
    assert edit.label == f"{LINES[line].words} of 3 objects"
    assert all(place.pinned for place in edit.project.canvas.placements["nodes"].values())


def test_distributing_leaves_equal_gaps_and_the_outermost() -> None:
    # Across: 300 - 100 - 40 - 100 = 60 of room, 30 on each side of b. Down: 200 - 50 - 20 - 50 = 80, 40 each.
    assert corners(distribute(EMPTY_PROJECT, "nodes", THREE, "horizontally").project) == {
        "a": (0, 10), "b": (130, 60), "c": (200, 160),
    }  # fmt: skip
    assert corners(distribute(EMPTY_PROJECT, "nodes", THREE, "vertically").project)["b"] == (120, 100)


def test_too_few_are_refused_with_what_to_do() -> None:
    for edit in (
        align(EMPTY_PROJECT, "nodes", THREE[:1], "left"),
        distribute(EMPTY_PROJECT, "nodes", THREE[:2], "vertically"),
    ):
        assert not edit.ok
        assert edit.project is EMPTY_PROJECT
        assert edit.problems[0].fix == "Select more of them."


def test_parts_of_a_frame_move_together() -> None:
    frame = Unit(Rect(50, 0, 400, 300), {"x": (70, 40), "y": (200, 90)})
    edit = align(EMPTY_PROJECT, "nodes", (unit("a", 10, 500, 100, 50), frame), "left")
    assert corners(edit.project) == {"a": (10, 500), "x": (30, 40), "y": (160, 90)}


NUMBERS = st.integers(-500, 500)
UNITS = st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(1, 300), st.integers(1, 300)), min_size=3, max_size=8)


@given(UNITS, st.sampled_from(["horizontally", "vertically"]))
def test_gaps_are_equal_for_any_shapes(shapes: list[tuple[int, int, int, int]], way: str) -> None:
    units = [unit(str(at), *shape) for at, shape in enumerate(shapes)]
    project = distribute(EMPTY_PROJECT, "nodes", units, way).project
    axis = 0 if way == "horizontally" else 1
    placed = {oid: corner[axis] for oid, corner in corners(project).items()}
    sizes = {str(at): shape[2 + axis] for at, shape in enumerate(shapes)}
    order = sorted(placed, key=lambda oid: placed[oid] + sizes[oid] / 2)
    gaps = [placed[b] - placed[a] - sizes[a] for a, b in itertools.pairwise(order)]
    if min(gaps) >= 0:  # overlapping shapes have no order of their own
        assert max(gaps) - min(gaps) < 1e-6
