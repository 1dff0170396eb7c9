"""Lines drawn from routes and Ingresses: by the handle with the mouse, by two clicks, from the menu."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.edits.create import create
from designer.model import Ingress
from designer.ui.canvas.gestures.connect import link_at, link_start
from designer.ui.canvas.gestures.marks import LINK_OFFSET
from designer.ui.canvas.menu import Target
from tests.present.gateway_cluster import CART, EDGE, LOST, gateway_project
from tests.ui.canvas.bench import Bench

VAULT = "Service:far/vault"
Left = Qt.MouseButton.LeftButton


def handle(bench: Bench) -> QPoint:
    """Where the handle of what is selected is on the screen."""
    start = link_start(bench.gestures.stage)
    assert start is not None
    return bench.view.mapFromScene(QPointF(start.x() + LINK_OFFSET / bench.view.zoom, start.y()))


def card(bench: Bench, oid: str) -> QPoint:
    return bench.view.mapFromScene(bench.scene.stock.items[oid].rect.topLeft() + QPointF(60, 20))


def drag(bench: Bench, start: QPoint, end: QPoint, *, drop: bool = True) -> None:
    view = bench.view.viewport()
    QTest.mousePress(view, Left, pos=start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    if drop:
        QTest.mouseRelease(view, Left, pos=end)


def refs(bench: Bench, oid: str) -> list[str]:
    return [ref["name"] for ref in bench.project.foreign[oid].data["spec"]["rules"][0]["backendRefs"]]


def test_the_handle_is_there_for_what_can_be_connected(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    for oid, there in ((CART, True), (EDGE, False), ("Service:shop/cart", True), ("Node:node-1", False)):
        bench.selection.select((oid,))
        assert (bench.gestures.marks.link is not None) is there, oid
    bench.selection.select((CART, LOST))
    assert bench.gestures.marks.link is None, "one at a time"


def test_the_handle_dragged_to_a_service_leads_there_in_one_step(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    bench.selection.select((CART,))
    before, place = refs(bench, CART), bench.scene.stock.items[CART].rect.topLeft()
    assert link_at(bench.gestures.stage, bench.view.mapToScene(handle(bench)))
    drag(bench, handle(bench), card(bench, VAULT), drop=False)
    assert bench.gestures.hint.text().startswith("HTTPRoute cart will also lead to Service vault")
    QTest.mouseRelease(bench.view.viewport(), Left, pos=card(bench, VAULT))
    assert refs(bench, CART) == [*before, "vault"]
    assert bench.undo_label == "Lead HTTPRoute cart to Service vault"
    assert bench.scene.stock.items[CART].rect.topLeft() == place, "the card was not moved"
    bench.session.undo()
    assert refs(bench, CART) == before


def test_the_handle_dragged_to_a_gateway_attaches_the_route(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    bench.selection.select((LOST,))
    drag(bench, handle(bench), card(bench, EDGE))
    assert bench.project.foreign[LOST].data["spec"]["parentRefs"][-1] == {"name": "edge", "namespace": "infra"}


@pytest.mark.parametrize("target", ["Node:node-1", "Service:shop/cart"])
def test_what_cannot_take_the_line_says_why_and_changes_nothing(qtbot: QtBot, target: str) -> None:
    bench = Bench(qtbot, gateway_project())
    bench.selection.select((CART,))
    before = bench.project
    drag(bench, handle(bench), card(bench, target), drop=False)
    words = {
        "Node:node-1": "Connect it to a Gateway",
        "Service:shop/cart": "Its first rule leads to this Service already.",
    }
    assert bench.gestures.hint.text().startswith(words[target])
    QTest.mouseRelease(bench.view.viewport(), Left, pos=card(bench, target))
    assert bench.project is before and bench.problems == []


def test_a_click_on_the_handle_waits_for_a_second_one(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    bench.selection.select((CART,))
    QTest.mouseClick(bench.view.viewport(), Left, pos=handle(bench))
    assert bench.gestures.linking.active and bench.selection.ids == (CART,)
    QTest.mouseClick(bench.view.viewport(), Left, pos=card(bench, VAULT))
    assert refs(bench, CART)[-1] == "vault" and not bench.gestures.linking.active


def test_the_menu_begins_a_line_and_escape_ends_it(qtbot: QtBot) -> None:
    bench = Bench(qtbot, gateway_project())
    bench.selection.select((CART,))
    menu = bench.gestures.menu.build(Target(CART, QPointF()))
    (action,) = [one for one in menu.actions() if one.text() == "Connect to…"]
    action.trigger()
    assert bench.gestures.linking.active and bench.gestures.linking.source == CART
    QTest.keyClick(bench.view, Qt.Key.Key_Escape)
    assert not bench.gestures.under_way
    node = bench.gestures.menu.build(Target("Node:node-1", QPointF()))
    assert "Connect to…" not in [one.text() for one in node.actions()]


def test_an_ingress_leads_to_one_more_service(qtbot: QtBot) -> None:
    project = gateway_project()
    project = create(project, "Ingress", namespace="shop", target="Service:shop/cart").project
    ingress = next(iter(project.of(Ingress)))
    bench = Bench(qtbot, replace(project))
    bench.selection.select((ingress.id,))
    drag(bench, handle(bench), card(bench, "Service:shop/cart-new"))
    found = bench.project.find(Ingress, ingress.id)
    assert found is not None and found.spec.rules[0].http is not None
    assert [path.path for path in found.spec.rules[0].http.paths] == ["/", "/cart-new"]
