"""The scene shows what the state holds, changes only what changed, and knows what is where."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF

from designer.edits.arrange import place
from designer.edits.create import create
from designer.edits.fields import set_field
from designer.edits.remove import remove
from designer.model import Placement
from designer.session import Session
from designer.ui.canvas.facts import OUTSIDE
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.stock import Difference
from tests.ui.canvas.projects import project_of, state_of

CART = "Service:shop/cart"
NODE = "Node:node-1"


class Bench:
    """A session and a scene that follows it, with the differences that were told."""

    def __init__(self) -> None:
        self.session = Session(project_of())
        self.scene = CanvasScene()
        self.scene.show(self.session.state)
        self.told: list[Difference] = []
        self.scene.shown.connect(self.told.append)
        self.session.subscribe(self.scene.reconcile)

    def rects(self) -> dict[str, QRectF]:
        return {oid: QRectF(item.rect) for oid, item in self.scene.drawn().items()}


@pytest.fixture
def bench(qapp: object) -> Bench:
    return Bench()


def test_every_object_has_its_item_by_its_id(bench: Bench) -> None:
    expected = {
        "Node:node-1",
        "Node:node-2",
        CART,
        "NetworkPolicy:shop/guard",
        "IngressController:shop/traefik",
        "Ingress:shop/lost",
        "ExternalClient:client",
        OUTSIDE,
        "cluster",
    }
    assert set(bench.scene.drawn()) == expected


def test_all_pods_are_in_the_boxes_of_their_nodes(bench: Bench) -> None:
    for pod in bench.session.state.control.pods.values():
        box = bench.scene.item_of(f"Node:{pod.node}")
        rect = bench.scene.rect_of(pod.id)
        assert box is not None and rect is not None
        assert box.rect.contains(rect)
        assert bench.scene.object_at(rect.center()) == pod.id
        assert bench.scene.pod_at(rect.center()) == pod.id


def test_moving_a_shape_touches_only_it_and_its_frame(bench: Bench) -> None:
    before, items = bench.rects(), dict(bench.scene.drawn())
    rect = before[CART]
    bench.session.apply(place(bench.session.project, "nodes", {CART: Placement(x=rect.x(), y=rect.y() + 400)}))
    (difference,) = bench.told
    assert (difference.added, difference.removed, difference.changed) == ((), (), ())
    assert set(difference.moved) == {CART, "cluster"}
    after = bench.rects()
    assert after[CART] == rect.translated(0, 400)
    assert {oid: r for oid, r in after.items() if oid not in difference.moved} == {
        oid: r for oid, r in before.items() if oid not in difference.moved
    }
    assert all(bench.scene.item_of(oid) is item for oid, item in items.items())


def test_undoing_the_first_move_brings_a_shape_back(bench: Bench) -> None:
    before = bench.rects()
    bench.session.apply(place(bench.session.project, "nodes", {CART: Placement(x=4000, y=4000)}))
    bench.session.undo()
    assert bench.rects() == before


def test_an_edit_changes_the_items_it_names_and_keeps_the_others(bench: Bench) -> None:
    items = dict(bench.scene.drawn())
    bench.session.apply(set_field(bench.session.project, CART, "spec.ports[0].port", 8888))
    (difference,) = bench.told
    assert CART in difference.changed
    assert (difference.added, difference.removed, difference.moved) == ((), (), ())
    assert dict(bench.scene.drawn()) == items
    service = bench.scene.item_of(CART)
    assert service is not None
    assert ":8888" in service.accessible_name()


def test_a_new_object_moves_nothing_that_is_there(bench: Bench) -> None:
    before = bench.rects()
    edit = create(bench.session.project, "Service", namespace="shop")
    bench.session.apply(edit)
    (new,) = edit.select
    after = bench.rects()
    assert new in after
    del before["cluster"]
    assert {oid: after[oid] for oid in before} == before
    assert not any(after[new].intersects(rect) for rect in before.values())


def test_a_removed_object_is_gone_and_everything_else_stays(bench: Bench) -> None:
    before = bench.rects()
    bench.session.apply(remove(bench.session.project, (CART,)))
    after = bench.rects()
    assert set(before) - set(after) == {CART}
    assert all(after[oid] == rect for oid, rect in before.items() if oid not in (CART, "cluster"))


def test_a_node_grows_with_its_pods_and_pushes_down_what_it_would_cover(bench: Bench) -> None:
    before = bench.rects()
    bench.session.apply(set_field(bench.session.project, "Deployment:shop/cart", "spec.replicas", 24))
    after = bench.rects()
    assert after[NODE].height() > before[NODE].height()
    assert after[NODE].topLeft() == before[NODE].topLeft()
    assert not after[NODE].intersects(after["Node:node-2"])
    chips = [bench.scene.rect_of(pod) for pod in bench.session.state.control.pods]
    assert len({(rect.x(), rect.y()) for rect in chips if rect is not None}) == 24


def test_an_ingress_is_a_row_of_its_controller(bench: Bench) -> None:
    card = bench.scene.item_of("IngressController:shop/traefik")
    row = bench.scene.rect_of("Ingress:shop/front")
    assert card is not None and row is not None
    assert card.rect.contains(row)
    assert bench.scene.object_at(row.center()) == "Ingress:shop/front"
    assert bench.scene.object_at(card.rect.topLeft() + QPointF(20, 20)) == "IngressController:shop/traefik"


def test_the_corner_of_a_hexagon_is_not_the_service(bench: Bench) -> None:
    service = bench.scene.item_of(CART)
    assert service is not None
    assert bench.scene.object_at(service.rect.center()) == CART
    assert bench.scene.object_at(service.rect.topLeft() + QPointF(1, 1)) is None


def test_an_anchor_is_on_the_border_towards_the_other_end(bench: Bench) -> None:
    rect = bench.scene.rect_of(CART)
    assert rect is not None
    right = bench.scene.anchor(CART, QPointF(rect.right() + 500, rect.center().y()))
    assert right == QPointF(rect.right(), rect.center().y())
    down = bench.scene.anchor(CART, QPointF(rect.center().x(), rect.bottom() + 500))
    assert down == QPointF(rect.center().x(), rect.bottom())


def test_what_is_not_there_has_no_place(bench: Bench) -> None:
    assert bench.scene.rect_of("Service:shop/none") is None
    assert bench.scene.item_of("Service:shop/none") is None
    assert bench.scene.object_at(QPointF(-9999, -9999)) is None
    bench.scene.set_marks(hovered="Service:shop/none", greyed=("Node:none",), drop_target="Pod:a/b")
    bench.scene.set_selected(("Service:shop/none",))


def test_a_gesture_moves_things_for_the_time_being(bench: Bench) -> None:
    before = bench.rects()
    bench.scene.shift((CART,), QPointF(16, 24))
    assert bench.rects()[CART] == before[CART].translated(16, 24)
    bench.scene.restore()
    assert bench.rects() == before


def test_the_pods_of_a_moved_node_move_with_it(bench: Bench) -> None:
    box = bench.scene.item_of(NODE)
    assert isinstance(box, PodBoxItem)
    pod = box.facts.pods[0].id
    before = QRectF(bench.scene.rect_of(pod) or QRectF())
    bench.scene.shift((NODE,), QPointF(80, 8))
    assert bench.scene.rect_of(pod) == before.translated(80, 8)
    assert bench.scene.object_at(before.translated(80, 8).center()) == pod


@pytest.mark.parametrize("view", ["nodes", "namespaces", "traffic"])
def test_every_view_shows_the_project_and_comes_back(bench: Bench, view: str) -> None:
    before = bench.rects()
    bench.scene.set_view(view)
    assert bench.scene.current_view == view
    pod = next(iter(bench.session.state.control.pods))
    assert bench.scene.rect_of(pod) is not None
    bench.scene.set_view("nodes")
    assert bench.rects() == before


def test_another_project_leaves_nothing_of_the_old_one(bench: Bench) -> None:
    other = state_of("apiVersion: v1\nkind: Node\nmetadata: {name: lone}\n")
    bench.session.new(other.project)
    assert "Node:lone" in bench.scene.drawn()
    assert CART not in bench.scene.drawn()
    assert bench.told[-1].whole


def test_the_reading_order_names_everything_that_can_be_selected_once(bench: Bench) -> None:
    order = bench.scene.reading_order()
    assert len(order) == len(set(order))
    pods = set(bench.session.state.control.pods)
    assert pods | {CART, NODE, "Ingress:shop/front", "ExternalClient:client"} <= set(order)
    assert "cluster" not in order
    assert order.index("ExternalClient:client") < order.index(CART) < order.index(NODE)


def test_a_rubber_band_takes_what_lies_wholly_in_it(bench: Bench) -> None:
    box = bench.scene.item_of(NODE)
    assert isinstance(box, PodBoxItem)
    chip = box.chip_rect(0)
    assert bench.scene.ids_in(chip.adjusted(-2, -2, 2, 2)) == (box.facts.pods[0].id,)
    assert NODE in bench.scene.ids_in(box.rect.adjusted(-2, -2, 2, 2))


def test_pending_pods_are_in_the_tray_with_the_reason(qapp: object) -> None:
    state = state_of(
        """
apiVersion: v1
kind: Node
metadata: {name: full}
spec: {taints: [{key: a, value: b, effect: NoSchedule}]}
---
apiVersion: v1
kind: Pod
metadata: {name: waits}
spec: {containers: [{name: c}]}
"""
    )
    scene = CanvasScene()
    scene.show(state)
    tray = scene.item_of("tray")
    assert isinstance(tray, PodBoxItem)
    assert [pod.name for pod in tray.facts.pods] == ["waits"]
    reason = state.control.pods["Pod:default/waits"].pending
    assert reason and reason in tray.accessible_name()
    assert scene.object_at(tray.chip_rect(0).center()) == "Pod:default/waits"
    assert scene.object_at(tray.rect.topLeft() + QPointF(30, 10)) is None


def test_the_edges_come_from_endpoints_and_rules(bench: Bench) -> None:
    pods = bench.session.state.control.pods.values()
    found = {(edge.kind, edge.source, edge.target): edge for edge in bench.scene.edges.edges}
    for name in ("node-1", "node-2"):
        mine = tuple(sorted(pod.id for pod in pods if pod.node == name))
        assert found["selector", CART, f"Node:{name}"].details == mine
    assert ("backend", "IngressController:shop/traefik", CART) in found
    assert ("entry", "ExternalClient:client", "IngressController:shop/traefik") in found
    assert not any(source == "Ingress:shop/lost" for _kind, source, _target in found)


def test_everything_has_a_name_for_readers(bench: Bench) -> None:
    for view in ("nodes", "namespaces", "traffic"):
        bench.scene.set_view(view)
        for oid, item in bench.scene.drawn().items():
            assert item.accessible_name()
            if "/" in oid:
                assert oid.rpartition("/")[2] in item.accessible_name()
    pod = next(iter(bench.session.state.control.pods.values()))
    assert bench.scene.name_of(pod.id).startswith(f"Pod {pod.name} in shop, {pod.ips[0]}, on {pod.node}")
    rect = bench.scene.rect_of(pod.id)
    assert rect is not None
    bench.scene.set_view("nodes")
    assert pod.name in bench.scene.tip_at((bench.scene.rect_of(pod.id) or rect).center())


def test_laying_out_anew_undoes_moves_but_not_pins(bench: Bench) -> None:
    first = bench.rects()
    there = {
        CART: Placement(x=3000, y=2000),
        NODE: Placement(x=first["Node:node-2"].x() + 8, y=first["Node:node-2"].y() + 8, pinned=True),
    }
    bench.session.apply(place(bench.session.project, "nodes", there))
    found = bench.scene.laid_out()
    assert NODE not in found
    assert (found[CART].x, found[CART].y) == (first[CART].x(), first[CART].y())
    bench.session.apply(place(bench.session.project, "nodes", found, "Lay out"))
    after = bench.rects()
    assert (after[NODE].x(), after[NODE].y()) == (there[NODE].x, there[NODE].y)
    del after["cluster"]
    for oid, rect in after.items():
        assert oid == NODE or not rect.intersects(after[NODE])


def test_a_policy_knows_the_pods_that_it_selects(bench: Bench) -> None:
    state = bench.session.state
    assert bench.scene.shields.selected_by(state, "NetworkPolicy:shop/guard") == tuple(state.control.pods)
    assert bench.scene.shields.selected_by(state, "NetworkPolicy:shop/none") == ()
    assert all(bench.scene.shields.has(pod) for pod in state.control.pods.values())
    bench.session.apply(remove(bench.session.project, ("NetworkPolicy:shop/guard",)))
    assert not any(bench.scene.shields.has(pod) for pod in bench.session.state.control.pods.values())


@pytest.mark.parametrize("down", [-20, 0, 20])
def test_what_a_person_places_over_the_outside_makes_it_give_way(bench: Bench, down: int) -> None:
    client = "ExternalClient:client"
    there = bench.rects()[OUTSIDE]
    spot = Placement(x=there.x() + 8, y=there.y() + down)
    assert bench.session.apply(place(bench.session.project, "nodes", {client: spot})).ok
    held = bench.rects()
    assert not held[client].intersects(held[OUTSIDE])
    # The same when the thing comes back by undo and redo, and when the view comes back.
    bench.session.apply(remove(bench.session.project, (client,)))
    assert bench.rects()[OUTSIDE] == there, "with nothing in its place it stands where it stood"
    bench.session.undo()
    assert bench.rects() == held
    bench.scene.set_view("traffic")
    bench.scene.set_view("nodes")
    assert bench.rects() == held
