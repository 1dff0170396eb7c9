"""Very many edges at once: the same points as one by one, the same edges of a thing as by looking at each."""

import random

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from designer.ui.canvas.edge_table import EndIndex, side_table
from designer.ui.canvas.edge_ways import side_points
from designer.ui.canvas.edges import MOST_LINES, EdgeLayer
from designer.ui.canvas.views.edge import Edge
from tests.ui.canvas.edge_ground import Ground


def some_rect(chance: random.Random) -> QRectF:
    # Heights on both sides of 104, where an edge arrives at the kube-proxy; places that touch, overlap and stand apart.
    return QRectF(*(chance.randrange(0, 400, 8) for _ in range(2)), *(chance.randrange(8, 240, 8) for _ in range(2)))


def test_all_points_are_those_of_each_pair_alone() -> None:
    chance = random.Random(6)
    pairs = [(some_rect(chance), some_rect(chance)) for _ in range(2000)]
    tables = [
        np.array([(r.left(), r.top(), r.right(), r.bottom()) for r in rects]) for rects in zip(*pairs, strict=True)
    ]
    found = side_table(*tables)
    for row, (source, target) in zip(found.tolist(), pairs, strict=True):
        start, end = side_points(source, target)
        assert row == [start.x(), start.y(), end.x(), end.y()], (source, target)


def test_edges_without_one_of_their_ends_are_known() -> None:
    rects = {"a": QRectF(0, 0, 10, 10), "b": QRectF(100, 0, 10, 10)}
    edges = [Edge("selector", "a", "b"), Edge("selector", "a", "gone"), Edge("selector", "gone", "b")]
    ends, drawn = EndIndex(edges).points(rects.get, rects.get)
    assert drawn.tolist() == [True, False, False] and ends[0].tolist() == [10, 5, 100, 5]
    assert EndIndex().points(rects.get, rects.get)[0].shape == (0, 4)


@pytest.mark.parametrize("seed", range(5))
def test_the_edges_of_things_are_found_as_by_looking_at_each(seed: int) -> None:
    chance = random.Random(seed)
    names, ways = [f"thing-{number}" for number in range(12)], ["", "", "way-1", "way-2"]
    edges = [
        Edge("backend", chance.choice(names), chance.choice(names), row=n, via=chance.choice(ways)) for n in range(80)
    ]
    index = EndIndex(edges)
    for count in (0, 1, 3):
        asked = frozenset(chance.sample([*names, "way-1", "nobody"], count))
        found = [n for n, e in enumerate(edges) if {e.source, e.target, e.via} & asked]
        assert index.touching(asked) == found
        assert index.rows_of(asked).tolist() == found
        within = [n for n, e in enumerate(edges) if {e.source, e.target} <= asked]
        assert [rows.tolist() for rows in index.split(asked)] == [within, [n for n in found if n not in within]]
    assert EndIndex().touching({"thing-1"}) == []


@pytest.fixture
def many() -> tuple[EdgeLayer, Ground, list[Edge]]:
    """More edges than are drawn as lines, from one card to a column of boxes."""
    ground = Ground({"card": QRectF(0, 0, 80, 40)})
    for number in range(MOST_LINES + 1):
        ground.rects[f"box-{number}"] = QRectF(400, 60 * number, 80, 40)
    edges = [Edge("selector", "card", f"box-{number}") for number in range(MOST_LINES + 1)]
    layer = EdgeLayer(ground)
    assert layer.fill(edges) is None
    return layer, ground, edges


def test_where_no_edge_of_very_many_runs_otherwise_nothing_is_painted_anew(
    many: tuple[EdgeLayer, Ground, list[Edge]],
) -> None:
    layer, _ground, edges = many
    again = [Edge("selector", edge.source, edge.target, weak=True) for edge in edges]
    assert layer.fill(again, frozenset({"card"})) == []
    assert layer.edges == again and layer.touching(frozenset({"box-7"})) == [7]


def test_one_of_very_many_that_runs_otherwise_changes_their_shade(
    many: tuple[EdgeLayer, Ground, list[Edge]],
) -> None:
    layer, ground, edges = many
    ground.rects["box-7"] = QRectF(400, -500, 80, 40)
    assert layer.fill(edges, frozenset({"box-7"})) is None
    assert layer.ends[7].tolist() == [80, 20, 400, -480]
    # A gesture moves it back for the time being, then the edit comes: what is drawn is not taken for settled.
    ground.rects["box-7"] = QRectF(400, 420, 80, 40)
    layer.moved(frozenset({"box-7"}))
    assert layer.fill(edges) is None and layer.fill(edges) == []
    assert layer.fill(edges[:10]) is None and layer.touching(frozenset({"card"})) == list(range(10))


def test_edges_that_stay_follow_their_ends(
    many: tuple[EdgeLayer, Ground, list[Edge]],
) -> None:
    layer, ground, edges = many
    before = layer.ends
    assert layer.fill(edges, frozenset({"box-7"})) == [] and layer.ends is before
    ground.rects["box-7"] = QRectF(400, -500, 80, 40)
    assert layer.fill(edges, frozenset({"box-7"})) is None and layer.ends[7].tolist() == [80, 20, 400, -480]
    del ground.rects["box-7"]
    assert layer.fill(edges, frozenset({"box-7"})) is None and len(layer.edges) == len(edges) - 1


@pytest.mark.parametrize("seed", range(12))
def test_a_layer_kept_up_over_edits_is_one_that_was_filled_at_once(seed: int) -> None:
    chance = random.Random(seed)
    ground = Ground({f"s{number}": QRectF(0, 50 * number, 80, 40) for number in range(30)})
    ground.rects |= {f"t{number}": QRectF(400, 60 * number, 80, 120) for number in range(300)}
    things = sorted(ground.rects)

    def some(count: int) -> list[Edge]:
        ways = ("", "", "way-1", "way-2")
        return [
            Edge("selector", f"s{chance.randrange(30)}", f"t{chance.randrange(300)}", via=chance.choice(ways))
            for _ in range(count)
        ]

    edges = some(MOST_LINES + 50)
    layer = EdgeLayer(ground)
    layer.fill(edges)
    for _ in range(8):
        at = chance.randrange(len(edges))
        edges = [*edges[:at], *some(chance.randrange(4)), *edges[at + chance.randrange(4) :]]
        touched = frozenset(chance.sample(things, chance.randrange(3)))
        for oid in touched:
            ground.rects[oid] = ground.rects[oid].translated(0, chance.choice((0, 8, 80)))
            if chance.random() < 0.1:
                del ground.rects[oid]
                things.remove(oid)
        before = layer.ends
        answer = layer.fill(edges, touched)
        anew = EdgeLayer(ground)
        anew.fill(edges)
        assert layer.edges == anew.edges
        assert np.array_equal(layer.ends, anew.ends)
        assert (answer == []) == np.array_equal(before, layer.ends)
        for oid in (*things, "way-1"):
            assert layer.touching(frozenset({oid})) == anew.touching(frozenset({oid}))
