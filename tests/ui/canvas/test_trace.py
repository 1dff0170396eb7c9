"""The trace over the picture: every hop has its place, lines cross no thing, and the token follows the player."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from designer.edits.settings import use_cni
from designer.engine.compile import compile_project
from designer.engine.trace import HOP_KINDS, Request, trace
from designer.engine.trace.ask import ask
from designer.manifests import read_texts
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import ASIDE, ASIDE_TURNING, Course, course_of, ease
from designer.ui.canvas.trace.lines import Track, aside
from designer.ui.canvas.trace.placing import place
from designer.ui.canvas.trace.router import route
from designer.ui.canvas.trace.stations import pill_of
from designer.ui.canvas.trace.stops import journey_of
from designer.ui.canvas.trace.words import card_of, changed_lines, choices_of
from tests.engine.l7.gateway import gate
from tests.engine.trace.gates import addressed, shop
from tests.ui.canvas.projects import SAMPLES, sample_state
from tests.ui.canvas.traced import header, hop, scene_of, trace_of, traces

VIEWS = ("nodes", "namespaces", "traffic")


# --- which stations


def drawn(*ids: str):  # type: ignore[no-untyped-def]
    return lambda oid: oid if oid in ids else None


def test_hops_at_one_thing_are_one_visit_and_crossings_lie_between() -> None:
    hops = [
        hop("send", "Pod:a/p"),
        hop("interface", "Pod:a/p", toward="Node:n1"),
        hop("rules", "Node:n1"),
        hop("route", "Node:n1"),
        hop("wire", "Node:n1", toward="Node:n2"),
        hop("rules", "Node:n2"),
    ]
    journey = journey_of(hops, drawn("Pod:a/p", "Node:n1", "Node:n2"))
    assert [(v.station, v.hops) for v in journey.visits] == [("Pod:a/p", [0]), ("Node:n1", [2, 3]), ("Node:n2", [5])]
    assert journey.between == [[1], [4]]


def test_a_checkpoint_is_passed_on_the_node_and_a_refusal_ends_at_the_pod() -> None:
    pods = drawn("Pod:a/p", "Pod:a/q", "Node:n")
    begin = [hop("send", "Pod:a/p"), hop("rules", "Node:n")]
    passed = hop("policy", "Pod:a/q", node="n", outcome="allowed")
    journey = journey_of([*begin, passed, hop("deliver", "Pod:a/q")], pods)
    assert [v.station for v in journey.visits] == ["Pod:a/p", "Node:n", "Pod:a/q"]
    assert journey.visits[1].hops == [1, 2]
    refused = journey_of([*begin, hop("policy", "Pod:a/q", node="n", outcome="denied")], pods)
    assert refused.visits[-1].station == "Pod:a/q"
    own = journey_of([*begin, hop("policy", "Pod:a/p", node="n", outcome="denied")], pods)
    assert own.visits[-1].station == "Node:n"


def test_behind_a_load_balancer_the_wire_starts_there() -> None:
    hops = [
        hop("send", "ExternalClient:c"),
        hop("loadbalancer", "Service:a/s"),
        hop("wire", "ExternalClient:c", toward="Node:n"),
        hop("rules", "Node:n"),
    ]
    journey = journey_of(hops, drawn("ExternalClient:c", "LoadBalancer:a/s", "Service:a/s", "Node:n"))
    assert [v.station for v in journey.visits] == ["ExternalClient:c", "LoadBalancer:a/s", "Node:n"]


def test_hops_of_things_that_are_not_drawn_lie_on_the_way() -> None:
    hops = [
        hop("send", "Pod:a/p"),
        hop("interface", "Pod:a/p", toward="Node:n"),
        hop("rules", "Node:n"),
        hop("deliver", "Pod:a/q"),
    ]
    journey = journey_of(hops, drawn("Pod:a/p", "Pod:a/q"))
    assert [v.station for v in journey.visits] == ["Pod:a/p", "Pod:a/q"]
    assert journey.between == [[1, 2]]
    assert journey_of(hops, drawn()).visits == []


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_hop_of_every_way_of_the_samples_has_a_place_in_order(sample: str, view: str) -> None:
    scene = scene_of(sample_state(sample), view)
    extent = scene.stock.extent().adjusted(-64, -64, 64, 64)
    for result in traces(sample):
        for path in result.trace.paths():
            course = course_of(scene, path)
            assert course is not None
            assert len(course.lengths) == len(path.hops)
            assert list(course.lengths) == sorted(course.lengths)
            assert course.lengths[-1] <= course.track.length + 1e-6
            assert all(extent.contains(course.point_of(at)) for at in range(len(path.hops)))


def test_the_samples_show_every_kind_of_hop_but_those_of_ebpf_and_plain_relays() -> None:
    seen = {hop.kind for s in SAMPLES for r in traces(s) for path in r.trace.paths() for hop in path.hops}
    assert seen == set(HOP_KINDS) - {"lookup", "ebpf", "relay"}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("where", ["proxies", "no proxies", "nothing"])
def test_ways_through_gateways_have_their_places(where: str, view: str) -> None:
    cart = gate.route("r", gate.to("a", "/cart"), "shop.example.com")
    web = addressed("203.0.113.7") if where == "no proxies" else gate.gateway("web", gate.http())
    state = shop(web, cart, proxies=None if where == "proxies" else [])
    scene = scene_of(state, view)
    result, _ = ask(state, Request("Pod:shop/client", "http://shop.example.com/cart"))
    assert result is not None
    for path in result.trace.paths():
        course = course_of(scene, path)
        assert course is not None
        assert len(course.lengths) == len(path.hops)


@pytest.mark.parametrize(("plugin", "backend"), [("cilium", "vxlan"), ("calico", "ebpf")])
@pytest.mark.parametrize("view", VIEWS)
def test_ways_through_ebpf_have_their_places_too(plugin: str, backend: str, view: str) -> None:
    state = compile_project(use_cni(sample_state("shop").project, plugin, backend).project)
    scene = scene_of(state, view)
    seen = set()
    for asked in state.project.scenarios.values():
        result, _ = ask(state, Request(asked.source, asked.destination, method=asked.method))
        for path in result.trace.paths() if result is not None else ():
            course = course_of(scene, path)
            assert course is not None
            assert len(course.lengths) == len(path.hops)
            seen |= {hop.kind for hop in path.hops}
    assert {"lookup", "ebpf"} <= seen


def test_where_ebpf_answers_a_node_has_no_kube_proxy() -> None:
    state = compile_project(use_cni(sample_state("shop").project, "cilium", "vxlan").project)
    boxes = [box for box in scene_of(state).stock.boxes.items if box.facts.role == "node"]
    assert {box.facts.pill for box in boxes} == {"Cilium"}


# --- where they are


def inside(scene: CanvasScene, course: Course) -> list[tuple[str, QPointF]]:
    """Points of the lines that lie on a card."""
    found = []
    for leg in course.legs:
        for step in range(101):
            point = leg.path.pointAtPercent(step / 100)
            for card in scene.stock.cards.items:
                if card.rect.adjusted(2, 2, -2, -2).contains(point) and card.oid not in (leg.start, leg.end):
                    found.append((card.oid, point))
    return found


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_line_runs_over_a_thing_that_it_does_not_visit(sample: str) -> None:
    scene = scene_of(sample_state(sample))
    for result in traces(sample):
        for path in result.trace.paths():
            course = course_of(scene, path)
            assert course is not None
            assert inside(scene, course) == []


def test_pods_are_left_and_reached_at_their_border_and_nodes_at_their_pill() -> None:
    scene = scene_of(sample_state("first-steps"))
    for path in trace_of("first-steps", 0).trace.paths():
        course = course_of(scene, path)
        assert course is not None
        first = course.legs[0]
        chip = scene.rect_of(first.start)
        assert chip is not None
        start, end = first.path.pointAtPercent(0), first.path.pointAtPercent(1)
        assert start.y() == pytest.approx(chip.top())
        assert chip.left() < start.x() < chip.right()
        box = scene.item_of(first.end)
        assert box is not None
        assert pill_of(box).adjusted(-1, -1, 1, 1).contains(end)  # type: ignore[arg-type]


def test_a_reply_runs_beside_the_request_and_back() -> None:
    scene = scene_of(sample_state("first-steps"))
    path = trace_of("first-steps", 1).trace.paths()[0]
    course = course_of(scene, path)
    assert course is not None
    there, back = course.legs[0], course.legs[-1]
    assert (there.start, there.end) == (back.end, back.start)
    assert (there.direction, back.direction) == ("request", "reply")
    for part in (0.1, 0.5, 0.9):
        a, b = there.path.pointAtPercent(part), back.path.pointAtPercent(1 - part)
        assert 3 < abs(a.x() - b.x()) + abs(a.y() - b.y()) < 24


def test_a_packet_that_comes_back_to_its_sender_is_seen_to_turn() -> None:
    """A Pod that calls its own Service: there and back between two things close together, the lines well apart."""
    text = """apiVersion: v1
kind: Node
metadata: {name: n1}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.50, selector: {app: web}, ports: [{port: 80}]}
"""
    project = read_texts([("a.yaml", text)]).project
    assert project is not None
    state = compile_project(project)
    path = trace(state, Request("Pod:default/web", "10.96.0.50:80")).trace.paths()[0]
    course = course_of(scene_of(state), path)
    assert course is not None
    there, back = [leg for leg in course.legs if leg.direction == "request"]
    assert (there.start, there.end) == (back.end, back.start)
    apart = abs(there.path.pointAtPercent(0).x() - back.path.pointAtPercent(1).x())
    assert apart == pytest.approx(2 * (ASIDE + ASIDE_TURNING))


def test_the_end_of_a_refusal_is_at_the_pod_whose_policy_refused() -> None:
    scene = scene_of(sample_state("shop"))
    result = trace_of("shop", 5)
    assert result.verdict == "denied"
    course = course_of(scene, result.trace.paths()[0])
    assert course is not None
    chip = scene.rect_of("Pod:shop/db-0")
    assert chip is not None
    assert chip.adjusted(-8, -8, 8, 8).contains(course.end)
    assert [(s.verdict, s.hop) for s in course.shields] == [("denied", course.end_hop)]
    assert chip.contains(course.shields[0].rect)


def test_shields_stand_only_where_a_policy_had_a_say() -> None:
    path = trace_of("shop", 2).trace.paths()[0]
    course = course_of(scene_of(sample_state("shop")), path)
    assert course is not None
    assert [s.hop for s in course.shields] == [
        at for at, h in enumerate(path.hops) if h.kind == "policy" and h.decided_by
    ]
    assert {s.verdict for s in course.shields} == {"delivered"}


# --- routes and lines


def test_a_route_goes_round_what_stands_in_the_way() -> None:
    way = route((0, 50), (1, 0), (300, 50), (-1, 0), [(100, 0, 200, 100)])
    assert [way[0], way[-1]] == [(0, 50), (300, 50)]
    for (x1, y1), (x2, y2) in pairwise(way):
        assert x1 == x2 or y1 == y2
        run = QRectF(QPointF(min(x1, x2), min(y1, y2)), QPointF(max(x1, x2) + 0.1, max(y1, y2) + 0.1))
        assert not run.intersects(QRectF(100, 0, 100, 100))


def test_a_free_route_is_straight_and_one_that_is_shut_in_still_arrives() -> None:
    assert route((0, 0), (1, 0), (100, 0), (-1, 0), []) == [(0, 0), (100, 0)]
    shut = [
        (-40.0, -40.0, 60.0, -5.0),
        (-40.0, 5.0, 60.0, 40.0),
        (20.0, -40.0, 60.0, 40.0),
        (-60.0, -40.0, -10.0, 40.0),
    ]
    assert route((0, 0), (1, 0), (300, 0), (-1, 0), shut)[-1] == (300, 0)


def test_a_line_moved_aside_keeps_its_distance_to_the_right() -> None:
    assert aside([(0, 0), (10, 0), (10, 10)], 2) == [(0, 2), (8, 2), (8, 10)]


def test_a_track_measures_and_finds_points() -> None:
    track = Track([(0, 0), (30, 0), (30, 40)])
    assert track.length == 70
    assert track.at(-1) == (0, 0)
    assert track.at(50) == (30, 20)
    assert track.at(99) == (30, 40)
    assert track.many(np.array([10.0, 50.0])).tolist() == [[10, 0], [30, 20]]
    assert track.between(10, 50) == [(10, 0), (30, 0), (30, 20)]


def test_the_token_starts_and_ends_a_hop_slowly() -> None:
    assert (ease(0), ease(0.5), ease(1)) == (0, 0.5, 1)
    assert ease(0.1) < 0.1
    assert ease(0.9) > 0.9


# --- words


def test_a_card_says_what_was_translated_and_the_share() -> None:
    before, after = header(), header(dst="10.244.1.9", dport=8080)
    card = card_of(hop("rules", "Node:n", before=before, after=after), Fraction(1, 3))
    assert card is not None
    assert card.lines == ("to 10.96.0.10:80", "→ 10.244.1.9:8080  share 1/3")
    assert card_of(hop("rules", "Node:n", before=before, after=before)) is None


def test_changed_lines_tell_tunnels_and_ipv6() -> None:
    bare = header("fd00::1", "fd00::2")
    wrapped = header("fd00::1", "fd00::2", outer_src="192.168.1.1", outer_dst="192.168.1.2", tunnel="VXLAN")
    assert changed_lines(bare, wrapped) == ["VXLAN", "192.168.1.1 → 192.168.1.2"]
    assert changed_lines(wrapped, bare) == ["VXLAN taken off"]
    assert changed_lines(bare, header("fd00::1", "fd00::9")) == ["to [fd00::2]:80", "→ [fd00::9]:80"]


def test_choices_stand_at_the_hop_that_translates() -> None:
    result = trace_of("first-steps", 0)
    for path in result.trace.paths():
        choices = choices_of(result.trace, path)
        assert list(choices.values()) == [Fraction(1, 3)]
        at = path.hops[next(iter(choices))]
        assert at.before is not None
        assert at.after is not None
        assert at.before.dst != at.after.dst


def test_a_card_keeps_off_names_where_there_is_room() -> None:
    names = [QRectF(110, 90, 200, 60)]
    size = QRectF(0, 0, 80, 30).size()
    found = place(size, QPointF(100, 100), 10, names, (), QRectF(-400, -400, 900, 900))
    assert not found.intersects(names[0])
