"""Placing and laying out: no overlaps, pinned shapes stay, one more shape moves no other."""

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.edits import arrange
from designer.edits.layout import Rect, crossings, fitted, reorder
from designer.model import EMPTY_PROJECT, Canvas, FrozenMap, Placement, Project

KINDS = ["ExternalClient", "IngressController", "Ingress", "Service", "Deployment", "Node", "ExternalHost", "Other"]
SIZES = st.tuples(st.floats(1, 400), st.floats(1, 400))
BOXES = st.dictionaries(
    st.builds(lambda kind, number: f"{kind}:x{number}", st.sampled_from(KINDS), st.integers(0, 30)), SIZES, max_size=40
)
PLACES = st.builds(
    Placement, x=st.floats(-500, 1500), y=st.floats(-500, 500), w=st.just(0.0), h=st.just(0.0), pinned=st.booleans()
)


def with_places(places: dict[str, Placement]) -> Project:
    return replace(EMPTY_PROJECT, canvas=Canvas(placements=FrozenMap({"nodes": FrozenMap(places)})))


def rects(project: Project, boxes: dict[str, tuple[float, float]]) -> dict[str, Rect]:
    places = project.canvas.placements.get("nodes", FrozenMap())
    return {oid: Rect(places[oid].x, places[oid].y, *boxes[oid]) for oid in boxes}


def overlaps(found: dict[str, Rect], but: set[str]) -> list[tuple[str, str]]:
    """Pairs that overlap, without pairs that are both in `but`."""
    return [(a, b) for a, b in combinations(found, 2) if not {a, b} <= but and found[a].meets(found[b])]


@given(BOXES, st.data())
@settings(max_examples=80)
def test_no_two_boxes_overlap_and_pinned_ones_stay(boxes: dict[str, tuple[float, float]], data: st.DataObject) -> None:
    ids = sorted(boxes)
    edges = data.draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=60)) if ids else []
    places = data.draw(st.dictionaries(st.sampled_from(ids), PLACES, max_size=8)) if ids else {}
    edit = arrange.auto_layout(with_places(places), "nodes", boxes, edges)
    found = rects(edit.project, boxes)
    pinned = {oid for oid, place in places.items() if place.pinned}
    assert overlaps(found, pinned) == []
    assert all(edit.project.canvas.placement(oid, "nodes") == places[oid] for oid in pinned)


@given(BOXES.filter(bool), st.data())
@settings(max_examples=80)
def test_one_more_box_moves_no_other_and_overlaps_none(
    boxes: dict[str, tuple[float, float]], data: st.DataObject
) -> None:
    ids = sorted(boxes)
    new = data.draw(st.sampled_from(ids))
    edges = data.draw(st.lists(st.tuples(st.just(new), st.sampled_from(ids)), max_size=5))
    known = {oid: size for oid, size in boxes.items() if oid != new}
    before = arrange.auto_layout(EMPTY_PROJECT, "nodes", known, edges).project
    after = arrange.auto_layout(before, "nodes", boxes, edges, only_new=True).project
    assert all(after.canvas.placement(oid, "nodes") == before.canvas.placement(oid, "nodes") for oid in known)
    assert overlaps(rects(after, boxes), set()) == []


def test_columns_run_from_the_outside_to_the_nodes() -> None:
    boxes = {f"{kind}:x": (100.0, 50.0) for kind in KINDS}
    found = rects(arrange.auto_layout(EMPTY_PROJECT, "nodes", boxes).project, boxes)
    order = ["ExternalClient", "IngressController", "Ingress", "Service", "Deployment", "Node", "ExternalHost"]
    assert sorted(order, key=lambda kind: found[f"{kind}:x"].x) == order


def test_laying_out_twice_gives_the_same() -> None:
    boxes = {f"Service:x{n}": (90.0 + n, 40.0) for n in range(30)} | {f"Node:n{n}": (300.0, 200.0) for n in range(20)}
    edges = [(f"Service:x{n}", f"Node:n{n * 7 % 20}") for n in range(30)]
    once = arrange.auto_layout(EMPTY_PROJECT, "nodes", boxes, edges).project
    assert arrange.auto_layout(once, "nodes", boxes, edges).project is once


def test_a_hundred_nodes_stand_in_a_grid() -> None:
    boxes = {f"Node:n{n}": (300.0, 200.0) for n in range(100)}
    found = rects(arrange.auto_layout(EMPTY_PROJECT, "nodes", boxes).project, boxes).values()
    width = max(r.x + r.w for r in found) - min(r.x for r in found)
    height = max(r.y + r.h for r in found) - min(r.y for r in found)
    assert 0.25 < width / height < 4


def test_crossings_are_those_that_can_be_counted_by_hand() -> None:
    # Left column 0, 1, 2; right column 3, 4, 5. The full bipartite graph K3,3 has 9 crossings: C(3,2) squared.
    place = np.array([0.1, 0.5, 0.9, 0.1, 0.5, 0.9])
    level = np.array([0, 0, 0, 1, 1, 1])
    full = np.array([(a, b) for a in range(3) for b in range(3, 6)])
    assert crossings(place, level, full) == 9
    assert crossings(place, level, np.array([(0, 5), (1, 4), (2, 3)])) == 3
    assert crossings(place, level, np.array([(0, 3), (1, 4), (2, 5)])) == 0


@pytest.mark.parametrize("size", [3, 8, 20])
def test_a_graph_without_crossings_is_drawn_without(size: int) -> None:
    # Three columns joined by a permutation each: some order of the columns crosses nowhere.
    columns = [[f"{c}{n}" for n in range(size)] for c in "abc"]
    edges = [(f"a{n}", f"b{n * 7 % size}") for n in range(size)] + [(f"b{n}", f"c{size - 1 - n}") for n in range(size)]
    ordered = reorder(columns, edges)
    where = {oid: n for column in ordered for n, oid in enumerate(column)}
    assert not [
        1 for (a, b), (c, d) in combinations(edges[:size], 2) if (where[a] - where[c]) * (where[b] - where[d]) < 0
    ]
    assert not [
        1 for (a, b), (c, d) in combinations(edges[size:], 2) if (where[a] - where[c]) * (where[b] - where[d]) < 0
    ]


def test_tops_fit_their_wishes_as_well_as_order_and_distance_allow() -> None:
    # Two boxes of height 10 that both want 0: with the gap of 32 they share the distance, -21 and 21.
    assert fitted([0, 0], [10, 10]) == [-21, 21]
    assert fitted([0, 100], [10, 10]) == [0, 100]


def test_placing_is_one_step_that_merges_with_the_next_of_the_same_shapes() -> None:
    place = {"Node:a": Placement(x=1, y=2)}
    one = arrange.place(EMPTY_PROJECT, "nodes", place)
    two = arrange.place(one.project, "nodes", {"Node:a": Placement(x=2, y=2)})
    assert one.merge_key == two.merge_key is not None and one.label == "Move Node a"
    assert arrange.place(one.project, "nodes", place).project is one.project
    assert arrange.place(EMPTY_PROJECT, "nodes", {"Node:b": Placement(x=0, y=0)}).merge_key != one.merge_key


@pytest.mark.parametrize("x", [math.nan, math.inf, 1e12])
def test_a_place_where_nobody_finds_it_is_refused(x: float) -> None:
    assert not arrange.place(EMPTY_PROJECT, "nodes", {"Node:a": Placement(x=x, y=0)}).ok


def test_an_unknown_view_is_refused() -> None:
    assert not arrange.place(EMPTY_PROJECT, "attic", {}).ok
    assert not arrange.auto_layout(EMPTY_PROJECT, "attic", {}).ok
