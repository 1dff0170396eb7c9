"""Gestures with the mouse on a real view: the project changes at the end, in one step, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF
from pytestqt.qtbot import QtBot

from designer.edits.create import create
from designer.edits.notes import add_note
from designer.model import Pod
from tests.ui.canvas.bench import CART, CLIENT, Bench, Key, Keys
from tests.ui.canvas.projects import project_of


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot, project_of())
    yield bench
    bench.gestures.cancel()
    bench.view.close()


def test_a_click_selects_and_a_click_beside_selects_nothing(bench: Bench) -> None:
    bench.click(bench.middle(CART))
    assert list(bench.selection.ids) == [CART]
    bench.click(bench.middle(CLIENT), Keys.ShiftModifier)
    assert list(bench.selection.ids) == [CART, CLIENT]
    bench.click(bench.middle(CART), Keys.ControlModifier)
    assert list(bench.selection.ids) == [CLIENT]
    bench.click(bench.free())
    assert list(bench.selection.ids) == []


def test_a_rubber_band_marks_what_lies_in_it_and_escape_brings_back_what_was(bench: Bench) -> None:
    told: list[tuple[str, ...]] = []
    bench.click(bench.middle(CART))
    bench.selection.changed.connect(told.append)
    extent = bench.scene.stock.extent().adjusted(-24, -24, 24, 24)
    start, end = bench.view.mapFromScene(extent.topLeft()), bench.view.mapFromScene(extent.bottomRight())
    bench.press(start)
    bench.move(end)
    assert {CART, CLIENT, "Node:node-1"} <= bench.scene.marks.selected
    assert bench.scene.marks == replace(bench.scene.marks, drafted=True) and list(bench.selection.ids) == [CART]
    bench.key(Key.Key_Escape)
    assert bench.scene.marks.selected == {CART}
    bench.release(end)
    assert list(bench.selection.ids) == [CART] and len(told) == 0
    bench.drag(start, end, Keys.ShiftModifier)
    assert bench.selection.ids[0] == CART
    assert len(bench.selection.ids) > 4 and told == [bench.selection.ids]
    assert bench.scene.marks == replace(bench.scene.marks, selected=frozenset(bench.selection.ids), drafted=False)


# --- moving


def test_a_drag_moves_on_the_grid_in_one_step_that_undo_takes_back(bench: Bench) -> None:
    before = bench.project
    start = bench.middle(CLIENT)
    bench.drag(start, start + QPoint(-93, 141))
    placed = bench.project.canvas.placement(CLIENT, "nodes")
    assert placed is not None
    assert placed.pinned
    assert bench.undo_label == "Move ExternalClient client"
    rect = bench.scene.rect_of(CLIENT)
    assert rect is not None
    assert (rect.x(), rect.y()) == (placed.x, placed.y)
    bench.session.undo()
    assert bench.project is before
    assert bench.middle(CLIENT) == start


def test_two_drags_of_the_same_thing_are_two_steps(bench: Bench) -> None:
    for _ in range(2):
        start = bench.middle(CLIENT)
        bench.drag(start, start + QPoint(0, 200))
    placed = bench.project.canvas.placement(CLIENT, "nodes")
    bench.session.undo()
    again = bench.project.canvas.placement(CLIENT, "nodes")
    assert placed is not None
    assert again is not None
    assert again.y < placed.y


def test_several_things_move_together_by_the_same_way(bench: Bench) -> None:
    bench.click(bench.middle(CLIENT))
    bench.click(bench.middle(CART), Keys.ShiftModifier)
    before = [bench.scene.rect_of(oid) for oid in (CLIENT, CART)]
    start = bench.middle(CART)
    bench.drag(start, start + QPoint(0, 300))
    after = [bench.scene.rect_of(oid) for oid in (CLIENT, CART)]
    ways = {(b.x() - a.x(), b.y() - a.y()) for a, b in zip(before, after, strict=True) if a and b}
    assert len(ways) == 1
    assert ways != {(0.0, 0.0)}
    assert bench.undo_label == "Move 2 objects"


def test_escape_gives_a_move_up(bench: Bench) -> None:
    before = bench.project
    start = bench.middle(CART)
    bench.press(start)
    bench.move(start + QPoint(150, 150))
    assert bench.middle(CART) != start
    bench.key(Key.Key_Escape)
    assert bench.project is before
    assert bench.middle(CART) == start
    bench.release(start + QPoint(150, 150))
    assert bench.project is before


def test_a_node_moves_with_its_pods(bench: Bench) -> None:
    pod = next(pod for pod in bench.session.state.control.pods.values() if pod.node == "node-1")
    before = bench.scene.rect_of(pod.id)
    start = bench.header("Node:node-1")
    bench.drag(start, start + QPoint(40, -120))
    after = bench.scene.rect_of(pod.id)
    assert before is not None
    assert after is not None
    assert after.y() < before.y()


# --- Pods and Namespaces


def test_a_pod_that_stands_for_itself_can_be_taken_to_another_node(qtbot: QtBot) -> None:
    bench = Bench(qtbot, create(project_of(), "Pod", namespace="shop", target="Node:node-1").project)
    pod = next(iter(bench.project.of(Pod)))
    assert pod.spec.nodeName == "node-1"
    bench.drag(bench.middle(pod.id), bench.header("Node:node-2"))
    moved = bench.project.get(pod.id)
    assert isinstance(moved, Pod)
    assert moved.spec.nodeName == "node-2"
    assert "node-2" in bench.undo_label
    bench.session.undo()
    assert next(iter(bench.project.of(Pod))).spec.nodeName == "node-1"


def test_a_derived_pod_pins_its_workload(bench: Bench) -> None:
    pod = next(pod for pod in bench.session.state.control.pods.values() if pod.node == "node-1" and pod.owner)
    bench.drag(bench.middle(pod.id), bench.header("Node:node-2"))
    assert bench.undo_label == "Pin all Pods of Deployment cart to Node node-2"
    assert {p.node for p in bench.session.state.control.pods.values() if p.owner == pod.owner} == {"node-2"}


def test_a_thing_dropped_on_a_namespace_lives_there(qtbot: QtBot) -> None:
    project = create(project_of(), "Service", namespace="other").project
    bench = Bench(qtbot, project)
    bench.view.show_view("namespaces")
    bench.view.zoom_to_fit(animated=False)
    frame = bench.scene.rect_of("Namespace:other")
    assert frame is not None
    bench.drag(bench.middle(CART), bench.view.mapFromScene(QPointF(frame.center().x(), frame.bottom() - 8)))
    assert bench.project.get(CART) is None
    assert bench.project.get("Service:other/cart") is not None
    assert bench.undo_label == "Move Service cart to namespace other"


# --- resizing


def test_a_corner_gives_a_node_another_size(bench: Bench) -> None:
    bench.click(bench.header("Node:node-1"))
    rect = bench.scene.rect_of("Node:node-1")
    assert rect is not None
    corner = bench.view.mapFromScene(rect.bottomRight())
    bench.drag(corner, corner + QPoint(160, 90))
    wider = bench.scene.rect_of("Node:node-1")
    assert wider is not None
    assert wider.width() > rect.width() + 80
    assert wider.topLeft() == rect.topLeft()
    assert bench.undo_label == "Resize Node node-1"
    bench.session.undo()
    assert bench.scene.rect_of("Node:node-1") == rect


def test_what_is_tiny_on_the_screen_is_moved_not_resized(bench: Bench) -> None:
    """From afar the handles of its corners would lie over all of a Node: no drag could move it."""
    bench.view.zoom_to(0.05)
    rect = bench.scene.rect_of("Node:node-1")
    assert rect is not None and rect.height() * bench.view.zoom < 30
    bench.click(bench.middle("Node:node-1"))
    header = bench.view.mapFromScene(QPointF(rect.left() + 60, rect.top() + 8))
    bench.selection.select(("Node:node-1",))
    bench.drag(header, header + QPoint(0, 30))
    after = bench.scene.rect_of("Node:node-1")
    assert after is not None
    assert after.size() == rect.size() and after.top() > rect.top() + 200
    assert bench.undo_label.startswith("Move")


def test_a_note_can_be_made_larger_and_smaller(qtbot: QtBot) -> None:
    project = add_note(project_of(), "remember", -400, 0).project
    bench = Bench(qtbot, project)
    bench.selection.select(("Note:note-1",))
    for by in (QPoint(80, 80), QPoint(-120, -100)):
        rect = bench.scene.rect_of("Note:note-1")
        assert rect is not None
        corner = bench.view.mapFromScene(rect.bottomRight())
        bench.drag(corner, corner + by)
        after = bench.scene.rect_of("Note:note-1")
        assert after is not None
        assert (after.width() > rect.width()) == (by.x() > 0)
        assert (after.height() > rect.height()) == (by.y() > 0)
