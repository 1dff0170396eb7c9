"""Collapsed groups: cards with counts, summed edges, what is hidden goes to its card, undo, and no engine pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from designer.edits.collapse import collapse, expand
from designer.engine.compile import compile_project
from designer.engine.trace import trace
from designer.engine.trace.hops import Request
from designer.model import FrozenMap, Placement, Project
from designer.storage import decode, encode
from designer.ui.canvas.facts import FrameFacts, GroupFacts
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.group import GroupItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import course_of
from designer.ui.canvas.views import Edge
from tests.ui.canvas.bench import CART, Bench, Key, Keys
from tests.ui.canvas.projects import NODE, SHOP, project_of

TEAM = "Namespace:shop"
ZONED = SHOP.replace("metadata: {name: node-1}", "metadata: {name: node-1, labels: {topology.kubernetes.io/zone: a}}")
ZONED = ZONED.replace("metadata: {name: node-2}", "metadata: {name: node-2, labels: {topology.kubernetes.io/zone: b}}")
ZONED = (
    NODE.replace("{name: %s}", "{name: %s, labels: {topology.kubernetes.io/zone: a}}") % ("node-3", "10.9.9.9") + ZONED
)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot, project_of())
    bench.view.show_view("namespaces")
    yield bench
    bench.gestures.cancel()
    bench.view.close()


def facts_of(bench: Bench | CanvasScene, oid: str) -> GroupFacts:
    scene = bench.scene if isinstance(bench, Bench) else bench
    item = scene.item_of(oid)
    assert isinstance(item, GroupItem)
    return item.facts


def shown(project: Project, view: str) -> CanvasScene:
    scene = CanvasScene()
    scene.set_view(view)
    scene.show(compile_project(project))
    return scene


def collapsed(bench: Bench) -> tuple[str, ...]:
    return bench.project.canvas.collapsed


def edges_of(scene: CanvasScene) -> list[Edge]:
    return scene.edges.edges


def test_a_double_click_on_the_title_collapses_and_one_on_the_card_opens(bench: Bench) -> None:
    before, state = bench.project, bench.session.state
    frame = bench.scene.item_of(TEAM)
    assert isinstance(frame, FrameItem)
    title = bench.view.mapFromScene(frame.title_rect().center())
    bench.double(title)
    assert collapsed(bench) == (TEAM,)
    assert bench.undo_label == "Collapse Namespace shop"
    assert bench.session.state is state  # no engine pass ran
    facts = facts_of(bench, TEAM)
    # One Deployment of three Pods; the manifests have one Service and one policy, and no kubelet runs here to say no.
    assert facts.pods == "3 of 3 Pods ready"
    assert facts.contents == "1 Service · 1 policy"
    assert bench.scene.item_of(CART) is None
    bench.double(bench.middle(TEAM))
    assert collapsed(bench) == ()
    assert bench.scene.item_of(CART) is not None
    bench.session.undo()
    bench.session.undo()
    assert bench.project is before


def test_the_key_collapses_the_group_of_what_is_selected(bench: Bench) -> None:
    bench.selection.select((CART,))
    assert bench.gestures.board.groups() == (TEAM,)
    assert bench.gestures.board.toggle(bench.gestures.board.groups())
    # What is selected is hidden now: it leads to the card, and the same key opens it again.
    assert bench.selection.ids == (CART,)
    assert bench.scene.rect_of(CART) == bench.scene.rect_of(TEAM)
    assert bench.scene.group_of(CART) == TEAM
    assert bench.gestures.board.toggle(bench.gestures.board.groups())
    assert collapsed(bench) == ()


def test_pods_policies_and_rules_inside_lead_to_the_card() -> None:
    scene = shown(collapse(project_of(), (TEAM,)).project, "namespaces")
    card = scene.rect_of(TEAM)
    assert scene.state is not None
    pods = [pod.id for pod in scene.state.control.pods.values()]
    for oid in (*pods, "Deployment:shop/cart", "NetworkPolicy:shop/guard", "Ingress:shop/front", "Ingress:shop/lost"):
        assert scene.rect_of(oid) == card, oid
        assert scene.group_of(oid) == TEAM, oid


def test_edges_of_a_card_are_summed() -> None:
    scene = shown(collapse(project_of(ZONED), ("Zone:a", "Node:node-2")).project, "nodes")
    slices = compile_project(project_of(ZONED)).control.slices[CART]
    nodes = [endpoint.node for found in slices for endpoint in found.endpoints]
    by_target = {edge.target: edge for edge in edges_of(scene) if edge.source == CART}
    in_zone = sum(node in ("node-1", "node-3") for node in nodes)
    assert len(nodes) == 3
    assert set(by_target) == {"Zone:a", "Node:node-2"}
    assert len(by_target["Zone:a"].details) == in_zone
    assert by_target["Zone:a"].count == in_zone > 1
    # One relation needs no number.
    assert by_target["Node:node-2"].count == (0 if nodes.count("node-2") == 1 else nodes.count("node-2"))


def test_zones_frame_their_nodes_and_collapse_to_a_card() -> None:
    scene = shown(project_of(ZONED), "nodes")
    frame = scene.item_of("Zone:a")
    assert isinstance(frame, FrameItem)
    assert frame.facts == FrameFacts("Zone:a", "a", ("Node:node-1", "Node:node-3"), zone=True)
    others = [scene.rect_of(oid) for oid in ("Node:node-1", "Node:node-3")]
    assert all(rect is not None and frame.rect.contains(rect) for rect in others)
    outside = scene.rect_of("Node:node-2")
    assert outside is not None and not frame.rect.intersects(outside)
    cluster = scene.item_of("cluster")
    assert cluster is not None and cluster.rect.contains(frame.rect)
    scene = shown(collapse(project_of(ZONED), ("Zone:a",)).project, "nodes")
    assert facts_of(scene, "Zone:a").contents == "2 Nodes · endpoints of 1 Service"
    assert scene.rect_of("Node:node-3") == scene.rect_of("Zone:a")
    zone_b = scene.item_of("Zone:b")
    assert isinstance(zone_b, FrameItem)


def test_collapsing_one_moves_nothing_else_and_expanding_brings_everything_back(bench: Bench) -> None:
    bench.session.apply(expand(bench.project, ()))
    before = {oid: item.rect.topLeft() for oid, item in bench.scene.drawn().items()}
    corner = bench.scene.item_of(TEAM)
    assert corner is not None
    at = corner.rect.topLeft()
    bench.gestures.board.toggle((TEAM,))
    card = bench.scene.item_of(TEAM)
    assert card is not None and (card.rect.topLeft() == at or len(bench.scene.groups) == 1)
    bench.gestures.board.toggle((TEAM,))
    assert {oid: item.rect.topLeft() for oid, item in bench.scene.drawn().items()} == before


def test_collapse_all_and_expand_all_are_one_step_each(bench: Bench) -> None:
    bench.view.show_view("nodes")
    bench.gestures.board.collapse_all(True)
    assert collapsed(bench) == ("Node:node-1", "Node:node-2")
    assert bench.undo_label == "Collapse 2 groups"
    one, other = (bench.scene.item_of(oid) for oid in bench.project.canvas.collapsed)
    assert isinstance(one, GroupItem) and isinstance(other, GroupItem)
    assert not one.rect.intersects(other.rect)
    bench.gestures.board.collapse_all(False)
    assert bench.undo_label == "Expand 2 groups"
    assert collapsed(bench) == ()


def test_namespaces_that_are_all_collapsed_stand_close_to_each_other() -> None:
    pod = "\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: tail-%d}\nspec: {containers: [{name: c}]}"
    project = project_of(SHOP + "".join(pod % number for number in range(4)))
    scene = shown(project, "namespaces")
    names = tuple(oid for oid in scene.drawn() if oid.startswith("Namespace:"))
    assert len(names) >= 5
    folded = collapse(project, names).project
    scene.show(compile_project(folded))
    assert all(isinstance(scene.item_of(oid), GroupItem) for oid in names)
    # As when the same file is opened, where no frame was open that a card could have taken the corner of.
    opened = shown(folded, "namespaces")
    assert {oid: scene.rect_of(oid) for oid in names} == {oid: opened.rect_of(oid) for oid in names}


def test_a_trace_into_a_collapsed_node_goes_to_its_card() -> None:
    project = replace(project_of(SHOP.split("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy")[0]))
    project = collapse(project, ("Node:node-1", "Node:node-2")).project
    state = compile_project(project)
    scene = CanvasScene()
    scene.show(state)
    pods = sorted(pod.id for pod in state.control.pods.values())
    result = trace(state, Request(pods[0], "10.96.0.1:1"))
    course = course_of(scene, result.trace.paths()[0])
    assert course is not None
    assert {station for station, _rect in course.stations} <= {"Node:node-1", "Node:node-2", "outside"}


def test_it_is_kept_in_the_file_and_files_without_it_open() -> None:
    project = collapse(project_of(), (TEAM, "Node:node-1")).project
    opened, problems = decode(encode(project))
    assert not problems
    assert opened is not None and opened.canvas.collapsed == ("Namespace:shop", "Node:node-1")
    bare, problems = decode(encode(project).replace(b'"collapsed"', b'"unknown"'))
    assert bare is not None and bare.canvas.collapsed == ()


def test_expanding_forgets_the_place_of_a_frames_card_and_of_nothing_else(bench: Bench) -> None:
    bench.gestures.board.toggle((TEAM,))
    start = bench.middle(TEAM)
    bench.drag(start, start + (bench.free() - start) / 4)
    assert TEAM in bench.project.canvas.placements["namespaces"]
    bench.gestures.board.toggle((TEAM,))
    assert TEAM not in bench.project.canvas.placements["namespaces"]
    nodes = collapse(project_of(), ("Node:node-1",)).project
    places: FrozenMap[str, Placement] = FrozenMap({"Node:node-1": Placement(x=1, y=2)})
    by_view = nodes.canvas.placements.set("nodes", places)
    nodes = replace(nodes, canvas=nodes.canvas.model_copy(update={"placements": by_view}))
    assert "Node:node-1" in expand(nodes, ("Node:node-1",)).project.canvas.placements["nodes"]


def test_the_sign_on_a_title_is_clicked(bench: Bench) -> None:
    frame = bench.scene.item_of(TEAM)
    assert isinstance(frame, FrameItem)
    bench.click(bench.view.mapFromScene(frame.toggle_rect().center()))
    assert collapsed(bench) == (TEAM,)
    bench.key(Key.Key_Escape, Keys.NoModifier)
