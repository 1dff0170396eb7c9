"""Gateways and routes on the canvas: cards between outside and Services, edges by row, gestures and menus."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.edits.create import create
from designer.edits.edit import Edit
from designer.ui.canvas.facts import GatewayFacts
from designer.ui.canvas.gestures.gesture import Keys
from designer.ui.canvas.gestures.move import Move
from designer.ui.canvas.items.aside import AsideItem
from designer.ui.canvas.items.gateway import GatewayItem
from designer.ui.canvas.menu import Target
from tests.present.gateway_cluster import CART, CLOSED, EDGE, FAR, GRANT, LOST, gateway_project
from tests.ui.canvas.bench import Bench

CARDS = (EDGE, CART, FAR, LOST, CLOSED)


def facts(bench: Bench, oid: str) -> GatewayFacts:
    found = bench.scene.stock.items[oid].facts
    assert isinstance(found, GatewayFacts)
    return found


@pytest.mark.parametrize("view", ["nodes", "namespaces"])
def test_every_gateway_and_route_has_a_card(qtbot: QtBot, view: str) -> None:
    bench = Bench(qtbot, gateway_project())
    bench.scene.set_view(view)
    assert all(isinstance(bench.scene.stock.items.get(oid), GatewayItem) for oid in CARDS)
    assert [bool(facts(bench, oid).trouble) for oid in CARDS] == [False, False, False, True, True]
    assert bench.scene.stock.items[CART].accessible_name() == "HTTPRoute cart in shop, cart.example.com, 3 rules"
    assert "takes no requests: attached to no Gateway" in bench.scene.stock.items[LOST].accessible_name()


def test_it_reads_from_left_to_right(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    order = ("outside", "LoadBalancer:infra/edge-own", EDGE, CART, "Service:shop/cart", "Node:node-1")
    lefts = [bench.scene.stock.items[oid].rect.left() for oid in order]
    assert lefts == sorted(lefts) and len(set(lefts)) == len(lefts)


def test_edges_lead_from_listener_to_route_to_service(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    edges = {(e.source, e.target, e.row): e for e in bench.scene.edges.edges if e.kind in ("backend", "entry")}
    assert ("LoadBalancer:infra/edge-own", EDGE, -1) in edges
    assert edges[(EDGE, CART, 0)].verdict == ""
    assert edges[(EDGE, CLOSED, -1)].verdict == "denied", "it names the Gateway and is not attached"
    assert not any(target == LOST for _source, target, _row in edges)
    assert edges[(CART, "Service:shop/cart", 0)].verdict == edges[(CART, "Service:shop/cart-new", 1)].verdict == ""
    assert edges[(FAR, "Service:far/vault", 0)].verdict == "denied", "nothing permits the reference"
    granted = Bench(qtbot, gateway_project(GRANT))
    (edge,) = [e for e in granted.scene.edges.edges if e.source == FAR]
    assert edge.verdict == ""


def test_an_edge_starts_at_its_row_and_ends_at_the_card(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    edges = bench.scene.edges
    place = next(n for n, e in enumerate(edges.edges) if e.source == EDGE and e.target == CART)
    x1, y1, _x2, y2 = edges.ends[place]
    gateway, route = bench.scene.stock.items[EDGE], bench.scene.stock.items[CART]
    assert isinstance(gateway, GatewayItem) and isinstance(route, GatewayItem)
    assert (x1, y1) == (gateway.rect.right(), gateway.row_rects()[0].center().y())
    assert y2 == route.entry_rect().center().y()


def test_the_traffic_view_goes_through_the_proxies(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    bench.scene.set_view("traffic")
    ways = {(edge.source, edge.target) for edge in bench.scene.edges.edges}
    assert ("LoadBalancer:infra/edge-own", "Deployment:infra/edge-own") in ways
    assert ("Deployment:infra/edge-own", "Deployment:shop/cart") in ways


def test_cards_are_renamed_copied_and_deleted_like_others(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    QTest.mouseClick(bench.view.viewport(), Qt.MouseButton.LeftButton, pos=bench.middle(CART))
    assert bench.selection.ids == (CART,)
    target = Target(CART, bench.scene.stock.items[CART].rect.center())
    words = {action.text().partition("\t")[0] for action in bench.gestures.menu.build(target).actions()}
    assert {"Rename…", "Copy", "Duplicate", "Cut", "Edit YAML"} <= words
    bench.gestures.board.duplicate()
    copy = CART.replace("shop/cart", "shop/cart-2")
    assert copy in bench.project.foreign and copy in bench.scene.stock.items
    assert bench.gestures.rename(EDGE)
    field = bench.gestures.name_field
    assert field is not None
    field.setText("front")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.project.foreign[CART].data["spec"]["parentRefs"][0]["name"] == "front"
    bench.session.undo()
    assert EDGE in bench.project.foreign
    bench.selection.select((CART,))
    bench.gestures.board.delete()
    assert CART not in bench.scene.stock.items
    bench.session.undo()
    assert CART in bench.scene.stock.items


def test_a_route_dragged_onto_a_service_leads_there_and_stays_where_it_was(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    start, end = (bench.scene.stock.items[oid].rect.topLeft() + QPointF(60, 20) for oid in (CART, "Service:far/vault"))
    before = bench.scene.stock.items[CART].rect.topLeft()
    bench.selection.select((CART,))
    gestures = bench.gestures
    drag = Move(gestures.stage, gestures.marks, start, Keys.NoModifier, CART, gestures.hint)
    drag.move(end, Keys.AltModifier)
    assert gestures.hint.text() == (
        "HTTPRoute cart will also lead to Service vault: its first rule then shares its requests among its Services."
    )
    drag.finish(end)
    refs = bench.project.foreign[CART].data["spec"]["rules"][0]["backendRefs"]
    assert refs[-1] == {"name": "vault", "namespace": "far", "port": 80}
    assert bench.scene.stock.items[CART].rect.topLeft() == before


def test_a_route_dragged_onto_its_own_gateway_is_only_moved(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    route = LOST
    start, end = (bench.scene.stock.items[oid].rect.topLeft() + QPointF(60, 20) for oid in (route, EDGE))
    bench.selection.select((route,))
    gestures = bench.gestures
    drag = Move(gestures.stage, gestures.marks, start, Keys.NoModifier, route, gestures.hint)
    drag.move(end, Keys.AltModifier)
    drag.finish(end)
    assert bench.project.foreign[route].data["spec"]["parentRefs"][-1] == {"name": "edge", "namespace": "infra"}
    drag = Move(gestures.stage, gestures.marks, start, Keys.NoModifier, route, gestures.hint)
    drag.move(end, Keys.AltModifier)
    assert gestures.hint.text() == "It names this parent already."
    drag.cancel()


def test_the_first_routes_stand_below_their_gateway_and_move_nothing(qtbot: QtBot) -> None:
    project = gateway_project()
    routes = [oid for oid in project.foreign if "/HTTPRoute:" in oid]
    bench = Bench(qtbot, replace(project, foreign=project.foreign.without(*routes)))
    before = {oid: item.rect.topLeft() for oid, item in bench.scene.stock.items.items() if "rame" not in oid}
    assert bench.session.apply(Edit("Add routes", replace(bench.project, foreign=project.foreign)))
    items = bench.scene.stock.items
    assert all(items[oid].rect.left() == items[EDGE].rect.left() for oid in routes)
    assert all(items[oid].rect.top() > items[EDGE].rect.bottom() for oid in routes)
    assert [oid for oid in before if oid in (EDGE, "Service:shop/cart", "Node:node-1")
            and items[oid].rect.topLeft() != before[oid]] == []  # fmt: skip


@pytest.mark.parametrize("view", ["nodes", "namespaces"])
def test_grants_classes_and_tls_policies_stand_on_the_shelf(qtbot: QtBot, view: str) -> None:
    project = gateway_project(GRANT)
    made = create(project, "BackendTLSPolicy", namespace="shop", target="Service:shop/cart")
    bench = Bench(qtbot, made.project)
    bench.scene.set_view(view)
    found = {oid: item for oid, item in bench.scene.stock.items.items() if isinstance(item, AsideItem)}
    kinds = sorted(item.facts.kind for item in found.values())
    assert kinds == ["BackendTLSPolicy", "GatewayClass", "ReferenceGrant"]
    policy = found[made.select[0]]
    assert policy.accessible_name() == "BackendTLSPolicy cart-tls in shop, TLS to cart"
    QTest.mouseClick(bench.view.viewport(), Qt.MouseButton.LeftButton, pos=bench.middle(policy.oid))
    assert bench.selection.ids == (policy.oid,)
    rects = [item.rect for item in bench.scene.stock.items.values() if "rame" not in type(item).__name__]
    assert not any(policy.rect.intersects(rect) for rect in rects if rect is not policy.rect), "overlaps nothing"
