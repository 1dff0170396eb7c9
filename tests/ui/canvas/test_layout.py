"""Laid out by the program, things never overlap, stand on the grid, and stay where they are."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from designer.edits.arrange import place
from designer.edits.create import create
from designer.edits.fields import replace_object
from designer.edits.palette import PALETTE_KINDS
from designer.edits.templates import TEMPLATES, add_template
from designer.model import CANVAS_VIEWS, EMPTY_PROJECT, NetworkPolicy, Node, Placement
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.layout_boxes import (
    FRAME_MARGIN,
    GAP,
    Box,
    Columns,
    Spot,
    arrange_fresh,
    grid_columns,
    put_stack,
)
from designer.ui.canvas.layout_keeping import arrange, rearrange
from designer.ui.canvas.layout_layers import depths
from designer.ui.canvas.scene import CanvasScene
from tests.ui.canvas.bench import Bench
from tests.ui.canvas.projects import SAMPLES, sample_state


def test_nodes_that_come_later_stand_beside_the_others_and_not_below_the_policies(qtbot: QtBot) -> None:
    state = sample_state("shop")
    bench = Bench(qtbot, state.project)
    nodes = [node.id for node in state.project.of(Node)]
    policies = [policy.id for policy in state.project.of(NetworkPolicy)]
    shelf = min(bench.scene.drawn()[oid].rect.top() for oid in policies)
    right = max(bench.scene.drawn()[oid].rect.right() for oid in nodes)
    for _ in range(3):
        bench.session.apply(create(bench.project, "Node"))
    drawn = bench.scene.drawn()
    for new in [node.id for node in bench.project.of(Node) if node.id not in nodes]:
        assert drawn[new].rect.left() > right and drawn[new].rect.top() < shelf
    things = [item for item in drawn.values() if not isinstance(item, FrameItem)]
    zones = [item for item in drawn.values() if isinstance(item, FrameItem) and item.facts.zone]
    assert len(zones) == 3
    for one, other in combinations([*things, *zones], 2):
        if other.oid not in getattr(one.facts, "members", ()) and one.oid not in getattr(other.facts, "members", ()):
            assert not one.rect.intersects(other.rect), f"{one.oid} covers {other.oid}"


@pytest.mark.parametrize("view", CANVAS_VIEWS)
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_overlaps_in_a_sample(qapp: object, name: str, view: str) -> None:
    scene = CanvasScene()
    scene.set_view(view)
    scene.show(sample_state(name))
    items = list(scene.drawn().values())
    things = [item for item in items if not isinstance(item, FrameItem)]
    assert len(things) > 3
    for one, other in combinations(things, 2):
        assert not one.rect.intersects(other.rect), f"{one.oid} covers {other.oid}"
    frames = [item for item in items if isinstance(item, FrameItem)]
    for frame, other_frame in combinations(frames, 2):
        if other_frame.oid in frame.facts.members or frame.oid in other_frame.facts.members:
            whole, part = (frame, other_frame) if other_frame.oid in frame.facts.members else (other_frame, frame)
            assert whole.rect.contains(part.rect), f"{part.oid} is not in {whole.oid}"
            continue
        assert not frame.rect.intersects(other_frame.rect), f"{frame.oid} covers {other_frame.oid}"
    for frame in frames:
        for item in things:
            inside = item.oid in frame.facts.members
            assert frame.rect.contains(item.rect) if inside else not frame.rect.intersects(item.rect)


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_stands_on_the_grid_of_eight(qapp: object, name: str) -> None:
    scene = CanvasScene()
    scene.show(sample_state(name))
    off = {oid: item.rect for oid, item in scene.drawn().items() if item.rect.x() % 8 or item.rect.y() % 8}
    assert off == {}


COLUMNS = st.sampled_from(["outside", "balancer", "ingress", "service", "node", "policy"])
SIZES = st.sampled_from([48.0, 96.0, 184.0, 256.0])


@st.composite
def box_lists(draw: st.DrawFn) -> list[Box]:
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=24))
    inside = ("ingress", "service", "node", "policy")
    return [
        Box(f"o{place}", column, draw(SIZES), draw(SIZES), "cluster" if column in inside else "")
        for place, column in enumerate(columns)
    ]


SHELF = [Box(f"o{place}", "policy", w, h, "cluster") for place, (w, h) in enumerate([(184, 96), (48, 184), (256, 184)])]


@given(box_lists(), st.integers(0, 24))
@example(SHELF, 0)
def test_new_boxes_find_room_and_old_ones_stay(boxes: list[Box], first: int) -> None:
    old = arrange(boxes[:first], {}) if boxes[:first] else {}
    spots = arrange(boxes, old)
    assert set(spots) == {box.oid for box in boxes}
    assert {oid: (spots[oid].x, spots[oid].y) for oid in old} == {oid: (s.x, s.y) for oid, s in old.items()}
    for oid in set(spots) - set(old):
        assert not any(spots[oid].overlaps(spot) for other, spot in spots.items() if other != oid)


def test_a_grown_box_pushes_what_it_covers_and_not_what_is_held() -> None:
    boxes = [Box("a", "node", 100, 300, "f"), Box("b", "node", 100, 100, "f"), Box("c", "node", 100, 100, "f")]
    known = {"a": Spot(0, 0, 100, 100), "b": Spot(0, 120, 100, 100), "c": Spot(200, 120, 100, 100)}
    spots = arrange(boxes, known, ("a",))
    assert spots["b"].y == 300 + GAP + (-(300 + GAP) % 8)
    assert spots["c"].y == 120
    known["b"].held = True
    assert arrange(boxes, known, ("a",))["b"].y == 120


def test_what_is_pushed_a_little_past_the_next_row_does_not_stay_on_it() -> None:
    # A Node above two rows of policies that stand close grows by less than a row's height: the first row comes to lie a
    # little below the top of the second one.
    sizes = {"node": (300.0, 140.0), "first": (100.0, 40.0), "second": (100.0, 40.0), "third": (100.0, 40.0)}
    known = {"node": Spot(0, 0, 300, 100), "first": Spot(0, 110, 100, 40), "second": Spot(0, 156, 100, 40),
             "third": Spot(0, 212, 100, 40)}  # fmt: skip
    boxes = [Box(oid, "node" if oid == "node" else "policy", w, h, "f") for oid, (w, h) in sizes.items()]
    spots = arrange(boxes, known, ("node",))
    assert all(spots[oid].y >= 140 for oid in ("first", "second", "third"))
    for oid, spot in spots.items():
        assert not any(spot.overlaps(other) for name, other in spots.items() if name != oid), oid


def test_a_cluster_of_many_nodes_is_about_as_wide_as_a_screen() -> None:
    assert grid_columns(3, 500, 200) == 1
    columns = grid_columns(5000, 504, 376)
    rows = -(-5000 // columns)
    assert 1.2 < columns * (504 + GAP) / (rows * (376 + GAP)) < 2.4


def test_calls_go_from_left_to_right_and_loops_are_cut() -> None:
    boxes = [
        Box("web", "layer", 1, 1),
        Box("api", "layer", 1, 1, beside=("web", "db")),
        Box("db", "layer", 1, 1, beside=("api",)),
    ]
    found = depths(boxes)
    assert found["web"] == 0
    assert found["web"] < found["api"]
    assert sorted(found.values()) == [0, 1, 2]


@pytest.mark.parametrize(("outside", "left"), [(0.0, True), (560.0, False)])
def test_services_that_come_to_a_node_stand_left_of_it_where_nothing_from_outside_is_in_the_way(
    outside: float, left: bool
) -> None:
    # The order of DESIGN.md: outside, Services, Nodes. A frame never grows over what is outside the cluster.
    boxes = [Box("Internet", "outside", 104.0, 40.0), Box("Node:n", "node", 400.0, 160.0, "cluster")]
    known = {"Internet": Spot(outside, 96.0, 104.0, 40.0), "Node:n": Spot(800.0, 400.0, 400.0, 160.0, True)}
    services = [Box(f"Service:default/s{n}", "service", 140.0, 40.0, "cluster") for n in range(3)]
    spots = arrange([*boxes, *services], known)
    for box in services:
        assert (spots[box.oid].x + box.w + GAP <= 800.0) is left
        assert spots[box.oid].x - FRAME_MARGIN >= outside + 104.0
    assert spots["Node:n"] == known["Node:n"]


def test_laying_out_again_covers_nothing_that_a_person_pinned() -> None:
    nodes = [Box(f"Node:n{n}", "node", 300.0, 120.0, "cluster") for n in range(3)]
    services = [Box(f"Service:default/s{n}", "service", 140.0, 40.0, "cluster") for n in range(4)]
    # A person put the Nodes where the layout would have the Services, and the other way round.
    fresh = arrange_fresh([*nodes, *services])
    pinned = {
        box.oid: Spot(fresh[services[place].oid].x, fresh[services[place].oid].y, box.w, box.h, True)
        for place, box in enumerate(nodes)
        if place != 1
    }
    spots = rearrange([*nodes, *services], pinned)
    assert {oid: (spot.x, spot.y) for oid, spot in spots.items() if oid in pinned} == {
        oid: (spot.x, spot.y) for oid, spot in pinned.items()
    }
    ids = sorted(spots)
    clashes = [
        (one, other)
        for at, one in enumerate(ids)
        for other in ids[at + 1 :]
        if spots[one].overlaps(spots[other]) and not (one in pinned and other in pinned)
    ]
    assert clashes == []


@pytest.mark.parametrize("count", [7, 12, 13, 18])
def test_boxes_of_several_columns_keep_their_order_from_top_to_bottom(count: int) -> None:
    made = Columns()
    put_stack(made, [Box(f"b{place}", "service", 184.0, 48.0) for place in range(count)], 0.0, 0.0, 300.0)
    spots = [made.spots[f"b{place}"] for place in range(count)]
    assert len({spot.x for spot in spots}) > 1 or count == 7
    # What is later in the order never stands higher: edges to things in the same order need not cross.
    assert [spot.y for spot in spots] == sorted(spot.y for spot in spots)
    assert not any(one.overlaps(other) for place, one in enumerate(spots) for other in spots[place + 1 :])


def frames(bench: Bench) -> dict[str, QRectF]:
    """The rectangles of the frames of Namespaces."""
    return {oid: QRectF(rect) for oid, rect in bench.gestures.stage.namespaces()}


def covering(scene: CanvasScene) -> list[tuple[str, str]]:
    """What covers what: things each other, frames each other, and frames what is not in them."""
    items = list(scene.drawn().values())
    frames = [item for item in items if isinstance(item, FrameItem)]
    things = [item for item in items if not isinstance(item, FrameItem)]
    found = [(a.oid, b.oid) for a, b in combinations(things, 2) if a.rect.intersects(b.rect)]
    for frame in frames:
        inside = {frame.oid, *frame.facts.members}
        others = [*things, *(other for other in frames if frame.oid not in other.facts.members)]
        found += [
            (frame.oid, each.oid) for each in others if each.oid not in inside and frame.rect.intersects(each.rect)
        ]
    return found


@pytest.mark.parametrize("second", TEMPLATES)
@pytest.mark.parametrize("first", TEMPLATES)
def test_a_template_after_another_one_or_in_its_place_covers_nothing(qtbot: QtBot, first: str, second: str) -> None:
    """Taken back, the first one leaves no traces: the second stands as it stands in an empty project."""
    alone, bench = Bench(qtbot, EMPTY_PROJECT), Bench(qtbot, EMPTY_PROJECT)
    alone.session.apply(add_template(alone.project, second))
    bench.session.apply(add_template(bench.project, first))
    assert covering(bench.scene) == []
    stood = {oid: QRectF(item.rect) for oid, item in bench.scene.drawn().items()}
    bench.session.undo()
    bench.session.redo()
    assert {oid: item.rect for oid, item in bench.scene.drawn().items()} == stood
    bench.session.undo()
    bench.session.apply(add_template(bench.project, second))
    if first != second:
        rects = {oid: item.rect for oid, item in bench.scene.drawn().items()}
        assert rects == {oid: item.rect for oid, item in alone.scene.drawn().items()}
    bench.session.apply(add_template(bench.project, first))
    assert covering(bench.scene) == []


def test_zones_that_come_by_labels_part_and_what_a_person_placed_stays(qtbot: QtBot) -> None:
    bench = Bench(qtbot, EMPTY_PROJECT)
    bench.session.apply(add_template(bench.project, "three-tier"))
    second = bench.scene.rect_of("Node:node-2")
    assert second is not None
    bench.session.apply(place(bench.project, "nodes", {"Node:node-2": Placement(x=second.x(), y=second.y())}))
    where = QRectF(bench.scene.rect_of("Node:node-2") or second)
    for node, zone in (("node-1", "a"), ("node-2", "b")):
        data = bench.project.find(Node, f"Node:{node}").dump()  # type: ignore[union-attr]
        data["metadata"].setdefault("labels", {})["topology.kubernetes.io/zone"] = zone
        assert bench.session.apply(replace_object(bench.project, f"Node:{node}", data))
    assert covering(bench.scene) == []
    now = bench.scene.rect_of("Node:node-2")
    assert now is not None and now.topLeft() == where.topLeft()


@pytest.mark.parametrize("view", CANVAS_VIEWS)
@pytest.mark.parametrize("kind", sorted(PALETTE_KINDS))
@pytest.mark.parametrize("name", ["shop", "exposure"])
def test_one_more_object_moves_nothing_but_what_a_grown_box_pushes(
    qtbot: QtBot, name: str, kind: str, view: str
) -> None:
    bench = Bench(qtbot, sample_state(name).project)
    bench.view.show_view(view)
    before = {oid: QRectF(item.rect) for oid, item in bench.scene.drawn().items() if not isinstance(item, FrameItem)}
    then = frames(bench)
    bench.session.apply(create(bench.project, kind, view=view))
    after = {oid: item.rect for oid, item in bench.scene.drawn().items() if oid in before}
    grown = [oid for oid, rect in after.items() if rect.height() > before[oid].height()]
    moved = [oid for oid, rect in after.items() if rect.topLeft() != before[oid].topLeft()]
    now = frames(bench)
    for oid in moved:
        # Only down, and only what a higher box or a frame that grew would cover.
        assert after[oid].x() == before[oid].x() and after[oid].y() > before[oid].y(), oid
        mine = next((frame for frame, rect in then.items() if rect.contains(before[oid])), "")
        covered = [frame for frame, rect in now.items() if frame in then and mine and rect.intersects(then[mine])]
        above = [box for box in grown if before[box].bottom() <= before[oid].top()]
        assert above or set(covered) - {mine}, (oid, grown)
    items = [item for item in bench.scene.drawn().values() if not isinstance(item, FrameItem)]
    assert not [(a.oid, b.oid) for a, b in combinations(items, 2) if a.rect.intersects(b.rect)]
    bench.view.close()
