"""The canvas as a screen reader meets it: children with names and states, the keyboard's place, problems and traces."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.engine.compile import compile_project
from designer.model import Problem
from designer.resources import resource_path
from designer.storage import open_file
from designer.ui.app.actions import SAMPLES
from designer.ui.canvas.reading import ObjectInterface
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from tests.ui.canvas.bench import CART, Bench, Key
from tests.ui.canvas.projects import project_of

VIEWS = ("nodes", "namespaces", "traffic")


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot, project_of())
    yield bench
    bench.gestures.cancel()
    bench.view.close()


def interface(bench: Bench) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(bench.view)


def objects(bench: Bench) -> list[Any]:
    canvas = interface(bench)
    children: list[Any] = [canvas.child(place) for place in range(canvas.childCount())]
    return [child for child in children if child.role() == QAccessible.Role.ListItem]


def name(thing: QAccessibleInterface) -> str:
    return thing.text(QAccessible.Text.Name)


def test_every_object_is_a_child_with_its_name_in_reading_order(bench: Bench) -> None:
    order = bench.scene.reading_order()
    found = objects(bench)
    assert [child.oid for child in found] == list(order)
    assert [name(child) for child in found] == [bench.scene.name_of(oid) for oid in order]
    assert all(name(child).strip() for child in found)
    canvas = interface(bench)
    for child in found:
        assert canvas.child(canvas.indexOfChild(child)) is child
        assert child.parent() is canvas


def test_widgets_on_the_canvas_stay_reachable(bench: Bench) -> None:
    canvas = interface(bench)
    widgets = {type(canvas.child(place).object()).__name__ for place in range(canvas.childCount())}
    assert {"ViewTabs", "Minimap", "EmptyState"} <= widgets


def test_the_place_on_the_screen_leads_back_to_the_object(bench: Bench) -> None:
    canvas = interface(bench)
    cart = next(child for child in objects(bench) if child.oid == CART)
    middle = cart.rect().center()
    assert bench.view.rect().contains(bench.view.mapFromGlobal(middle))
    assert canvas.childAt(middle.x(), middle.y()) is cart
    outside = bench.view.mapToGlobal(QPoint(-500, -500))
    assert canvas.childAt(outside.x(), outside.y()) is None


def test_selection_and_keyboard_are_states(bench: Bench) -> None:
    bench.view.setFocus()
    bench.key(Key.Key_Tab)
    first = objects(bench)[0]
    state: Any = first.state()
    assert state.selected
    assert state.focusable
    assert interface(bench).focusChild() is first
    bench.key(Key.Key_Tab)
    state = first.state()
    assert not state.selected
    assert interface(bench).focusChild() is objects(bench)[1]


def test_a_problem_and_the_trace_are_in_the_description(bench: Bench) -> None:
    bench.scene.set_problems((Problem("SVC-01", "warning", "It selects no Pod", object=CART),))
    bench.view.tellers.append(lambda oid: "In the trace: hop 2 denied" if oid == CART else "")
    cart = next(child for child in objects(bench) if child.oid == CART)
    assert cart.text(QAccessible.Text.Description) == "Warning: It selects no Pod. In the trace: hop 2 denied"


def test_an_object_that_is_deleted_is_no_child_any_more(bench: Bench) -> None:
    cart = next(child for child in objects(bench) if child.oid == CART)
    bench.selection.select((CART,))
    bench.key(Key.Key_Delete)
    assert CART not in {child.oid for child in objects(bench)}
    assert not shiboken6.isValid(cart)
    bench.session.undo()
    assert CART in {child.oid for child in objects(bench)}


def test_focus_is_announced_while_a_reader_listens(bench: Bench) -> None:
    QAccessible.setActive(True)
    try:
        bench.view.setFocus()
        for _ in bench.scene.reading_order():
            bench.key(Key.Key_Tab)
    finally:
        QAccessible.setActive(False)
    focused: Any = interface(bench).focusChild()
    assert focused.oid == bench.scene.reading_order()[-1]


def test_a_view_that_goes_takes_its_interfaces_along(qapp: QApplication) -> None:
    for _ in range(5):
        scene = CanvasScene()
        scene.show(compile_project(project_of()))
        view = CanvasView(scene)
        view.show()
        canvas = QAccessible.queryAccessibleInterface(view)
        kept = [canvas.child(place) for place in range(canvas.childCount())]
        assert len([child for child in kept if isinstance(child, ObjectInterface)]) == len(scene.reading_order())
        shiboken6.delete(view)
        gc.collect()
        assert not shiboken6.isValid(canvas)
        assert not any(shiboken6.isValid(child) for child in kept if isinstance(child, ObjectInterface))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", [name for name, _ in SAMPLES])
def test_nothing_of_any_sample_is_without_words(qapp: QApplication, name: str, view: str) -> None:
    project = open_file(resource_path("samples", name)).project
    assert project is not None
    scene = CanvasScene()
    scene.show(compile_project(project))
    scene.set_view(view)
    order = scene.reading_order()
    assert len(order) > 3
    assert [oid for oid in order if not scene.name_of(oid).strip()] == []


def test_an_ingress_on_its_controller_says_its_rules(bench: Bench) -> None:
    words = bench.scene.name_of("Ingress:shop/front")
    assert words.startswith("Ingress front in shop, ")
    assert "Ingress controller" in words
