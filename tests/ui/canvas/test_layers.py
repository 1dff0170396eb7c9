"""Hidden layers on the canvas: what is on them is neither drawn nor found, nothing moves, and undo brings it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from designer.edits.collapse import collapse
from designer.edits.layers import add_layer, show_layers
from designer.ui.canvas.items.podbox import PodBoxItem
from tests.ui.canvas.bench import CART, Bench
from tests.ui.canvas.projects import project_of

CARTS = "Deployment:shop/cart"


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot, project_of())
    yield made
    made.view.close()


def hide(bench: Bench, *oids: str, name: str = "Away") -> None:
    assert bench.session.apply(add_layer(bench.project, name, oids))
    assert bench.session.apply(show_layers(bench.project, (name,), False))


def rects(bench: Bench) -> dict[str, QRectF]:
    return {oid: QRectF(item.rect) for oid, item in bench.scene.drawn().items()}


@pytest.mark.parametrize("view", ["nodes", "namespaces", "traffic"])
def test_what_is_on_a_hidden_layer_goes_and_comes_back_where_it_was(bench: Bench, view: str) -> None:
    bench.view.show_view(view)
    before = rects(bench)
    gone = CART if CART in before else CARTS
    assert gone in before
    hide(bench, gone)
    after = rects(bench)
    assert gone not in after
    assert bench.scene.hidden_by(gone) == "Away"
    assert bench.scene.object_at(before[gone].center()) != gone
    assert not [edge for edge in bench.scene.edges.edges if gone in (edge.source, edge.target)]
    assert {oid: rect for oid, rect in before.items() if oid in after and oid != "cluster"} == {
        oid: rect for oid, rect in after.items() if oid != "cluster"
    }
    assert bench.session.apply(show_layers(bench.project, ("Away",), True))
    assert rects(bench) == before
    assert bench.scene.hidden_by(gone) == ""
    assert not bench.scene.hidden


def test_a_workload_takes_its_pods_along_and_the_box_says_so(bench: Bench) -> None:
    pods = [pod for pod in bench.session.state.control.pods.values() if pod.owner == CARTS]
    assert len(pods) == 3
    hide(bench, CARTS)
    for pod in pods:
        assert bench.scene.hidden_by(pod.id) == "Away"
        box = bench.scene.item_of(f"Node:{pod.node}")
        assert isinstance(box, PodBoxItem)
        assert pod.id not in {each.id for each in box.facts.pods}
    told = [bench.scene.name_of(oid) for oid in ("Node:node-1", "Node:node-2")]
    boxes = [item for item in bench.scene.drawn().values() if isinstance(item, PodBoxItem)]
    assert sum(box.facts.unseen for box in boxes) == 3
    assert all("of them on hidden layers" in words for words in told)
    assert not [edge for edge in bench.scene.edges.edges if edge.source == CART]


def test_an_ingress_goes_from_its_card_and_the_other_rows_keep_their_lines(bench: Bench) -> None:
    rules = [edge for edge in bench.scene.edges.edges if edge.kind == "backend"]
    assert rules
    hide(bench, rules[0].via)
    left = [edge for edge in bench.scene.edges.edges if edge.kind == "backend"]
    assert {edge.via for edge in left} == {edge.via for edge in rules} - {rules[0].via}
    assert bench.scene.hidden_by(rules[0].via) == "Away"


def test_a_hidden_namespace_takes_what_lives_in_it(bench: Bench) -> None:
    bench.view.show_view("namespaces")
    inside = [oid for oid in bench.scene.drawn() if oid.partition(":")[2].startswith("shop/")]
    assert len(inside) > 3
    hide(bench, "Namespace:shop")
    assert not [oid for oid in (*inside, "Namespace:shop") if oid in bench.scene.drawn()]
    bench.view.show_view("nodes")
    assert CART not in bench.scene.drawn()
    bench.session.undo()
    assert CART in bench.scene.drawn()


def test_a_card_of_a_hidden_namespace_is_hidden_too(bench: Bench) -> None:
    bench.view.show_view("namespaces")
    hide(bench, "Namespace:shop")
    bench.session.apply(collapse(bench.project, ("Namespace:shop",)))
    assert "Namespace:shop" not in bench.scene.drawn()
    assert bench.scene.hidden_by(CART) == "Away"


def test_a_frame_takes_hidden_members_along(bench: Bench) -> None:
    bench.view.show_view("namespaces")
    before = rects(bench)[CART]
    hide(bench, CART)
    bench.selection.select(("Namespace:shop",))
    assert bench.gestures.board.nudge(80, 16)
    bench.session.apply(show_layers(bench.project, ("Away",), True))
    assert rects(bench)[CART] == before.translated(80, 16)


def test_it_is_not_selected_by_all_and_the_answer_of_the_engine_is_the_same(bench: Bench) -> None:
    state = bench.session.state
    hide(bench, CART)
    bench.gestures.board.select_all()
    assert CART not in bench.selection.ids
    assert bench.session.state.control is state.control
    assert bench.session.state.policies is state.policies


def test_layers_are_made_of_the_selection_put_shown_and_taken_away(bench: Bench) -> None:
    layers = bench.gestures.layers
    pod = next(pod.id for pod in bench.session.state.control.pods.values() if pod.owner == CARTS)
    bench.selection.select((CART, pod, "outside"))
    assert layers.add() == "Layer 1"
    assert dict(bench.project.canvas.layer_of) == {CART: "Layer 1", CARTS: "Layer 1"}
    assert (layers.count("Layer 1"), layers.layer_of_selection()) == (2, "Layer 1")
    bench.selection.select((CART,))
    assert layers.put("")
    assert (layers.count("Layer 1"), layers.layer_of_selection()) == (1, "")
    assert layers.put("Layer 1")
    assert layers.show("Layer 1", False)
    assert layers.hidden() == ("Layer 1",)
    assert layers.rename("Layer 1", "Carts")
    assert layers.is_hidden("Carts")
    assert not layers.rename("Carts", "  ")
    assert bench.problems[-1].fix == "Type one."
    assert layers.show_all()
    assert CART in bench.scene.drawn()
    assert layers.remove("Carts")
    assert layers.names() == ()
    assert bench.project.get(CART) is not None
