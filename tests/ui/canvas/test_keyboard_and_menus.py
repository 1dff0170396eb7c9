"""The canvas by keyboard alone, its menus, and requests by two clicks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from designer.model import Problem, Project, Service, split_id
from designer.ui.canvas.edge_menu import edge_near
from designer.ui.canvas.menu import Target
from tests.ui.canvas.bench import CART, CLIENT, Bench, Key, Keys
from tests.ui.canvas.projects import project_of


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot, project_of())
    yield bench
    bench.gestures.cancel()
    bench.view.close()


def test_tab_goes_through_everything_in_reading_order_and_out(bench: Bench) -> None:
    order = bench.scene.reading_order()
    for oid in order:
        bench.key(Key.Key_Tab)
        assert bench.selection.ids == (oid,)
        assert not bench.gestures.marks.ring.isNull()
    assert bench.view.accessibleDescription() == bench.scene.name_of(order[-1])
    bench.key(Key.Key_Backtab)
    assert bench.selection.ids == (order[-2],)


def test_arrows_nudge_in_one_step_and_go_on_where_nothing_can_be_moved(bench: Bench) -> None:
    bench.selection.select((CLIENT,))
    rect = bench.scene.rect_of(CLIENT)
    assert rect is not None
    for _ in range(3):
        bench.key(Key.Key_Down)
    bench.key(Key.Key_Right, Keys.ShiftModifier)
    bench.key(Key.Key_Left, Keys.ShiftModifier | Keys.ControlModifier)
    moved = bench.scene.rect_of(CLIENT)
    assert moved is not None
    assert (moved.x(), moved.y()) == (rect.x() + 40 - 1, rect.y() + 24)
    bench.session.undo()
    assert bench.scene.rect_of(CLIENT) == rect
    pod = next(pod.id for pod in bench.session.state.control.pods.values() if pod.node == "node-1")
    bench.selection.select((pod,))
    bench.key(Key.Key_Down)
    assert bench.selection.ids != (pod,)


def test_enter_names_what_has_a_name_and_else_asks_for_the_inspector(bench: Bench) -> None:
    wanted: list[str] = []
    bench.gestures.inspectorWanted.connect(wanted.append)
    bench.selection.select((CART,))
    bench.key(Key.Key_Return)
    field = bench.gestures.name_field
    assert field is not None
    QTest.keyClick(field, Key.Key_Escape)
    pod = next(iter(bench.session.state.control.pods.values())).id
    bench.selection.select((pod,))
    bench.key(Key.Key_Return)
    assert wanted == [pod]


def test_copy_paste_cut_duplicate_and_delete_are_steps_with_names(bench: Bench) -> None:
    bench.selection.select((CART,))
    bench.key(Key.Key_C, Keys.ControlModifier)
    bench.key(Key.Key_V, Keys.ControlModifier)
    assert {s.name for s in bench.project.of(Service)} == {"cart", "cart-2"}
    bench.key(Key.Key_D, Keys.ControlModifier)
    assert len(tuple(bench.project.of(Service))) == 3
    assert bench.undo_label.startswith("Duplicate")
    bench.key(Key.Key_Delete)
    assert len(tuple(bench.project.of(Service))) == 2
    assert bench.selection.ids == ()
    bench.selection.select((CART,))
    bench.key(Key.Key_X, Keys.ControlModifier)
    assert bench.project.get(CART) is None
    assert bench.undo_label == "Cut Service cart"
    for _ in range(4):
        bench.session.undo()
    assert {s.name for s in bench.project.of(Service)} == {"cart"}


def test_text_that_is_no_copy_is_offered_to_whoever_reads_manifests(bench: Bench) -> None:
    found: list[str] = []
    bench.gestures.textPasted.connect(found.append)
    QGuiApplication.clipboard().setText("kind: Service\n")
    bench.key(Key.Key_V, Keys.ControlModifier)
    assert found == ["kind: Service\n"]
    assert bench.problems == []


def test_a_derived_pod_is_not_deleted(bench: Bench) -> None:
    before = bench.project
    bench.selection.select((next(iter(bench.session.state.control.pods)),))
    bench.key(Key.Key_Delete)
    assert bench.project is before


def test_select_all_and_escape(bench: Bench) -> None:
    bench.key(Key.Key_A, Keys.ControlModifier)
    assert bench.selection.ids == tuple(oid for oid in bench.scene.reading_order() if oid != "outside")
    bench.key(Key.Key_Escape)
    assert bench.selection.ids == ()


def test_two_clicks_ask_a_request(bench: Bench) -> None:
    asked: list[tuple[str, str]] = []
    bench.gestures.requested.connect(lambda source, destination: asked.append((source, destination)))
    before = bench.project
    bench.gestures.start_request()
    bench.click(bench.middle(CART))
    assert "Only Pods" in bench.gestures.hint.text()
    pod = next(iter(bench.session.state.control.pods.values())).id
    bench.click(bench.middle(pod))
    bench.move(bench.middle(CART))
    assert not bench.gestures.marks.line.isNull()
    bench.click(bench.middle(CART))
    assert asked == [(pod, "http://cart.shop")]
    assert not bench.gestures.request.active
    assert bench.project is before
    assert bench.selection.ids == ()


def test_two_clicks_can_be_given_up_and_made_with_the_keyboard(bench: Bench) -> None:
    asked: list[tuple[str, str]] = []
    bench.gestures.requested.connect(lambda source, destination: asked.append((source, destination)))
    bench.gestures.start_request(CLIENT)
    bench.key(Key.Key_Escape)
    assert not bench.gestures.request.active
    assert bench.gestures.marks.line.isNull()
    bench.gestures.start_request(CLIENT)
    while bench.gestures.keyboard.focused != CART:
        bench.key(Key.Key_Tab)
        bench.selection.select((bench.gestures.keyboard.focused,))
    bench.key(Key.Key_Return)
    assert asked == [(CLIENT, "http://cart.shop")]


def texts(bench: Bench, oid: str) -> list[str]:
    from designer.ui.canvas.menu import Target

    menu = bench.gestures.menu.build(Target(oid, QPointF(0, 0)))
    found = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
    menu.deleteLater()
    return found


def test_menus_offer_what_makes_sense(bench: Bench) -> None:
    pod = next(iter(bench.session.state.control.pods.values())).id
    service = texts(bench, CART)
    assert "Trace to here" in service
    assert "Select what it selects" in service
    assert "Trace from here…" not in service
    assert "Recreate Pod" not in service
    assert {"Trace from here…", "Trace to here", "Recreate Pod"} <= set(texts(bench, pod))
    assert "Delete" not in texts(bench, pod)
    assert {"Add here", "Paste", "Zoom to fit"} <= set(texts(bench, ""))


def test_menu_entries_do_what_they_say(bench: Bench) -> None:
    from designer.ui.canvas.menu import Target

    def run(oid: str, text: str) -> None:
        bench.selection.select((oid,))
        menu = bench.gestures.menu.build(Target(oid, QPointF(0, 0)))
        action = next(a for a in menu.actions() if a.text().partition("\t")[0] == text)
        action.trigger()
        menu.deleteLater()

    run(CART, "Select what it selects")
    assert {split_id(oid)[0] for oid in bench.selection.ids} == {"Pod"}
    assert len(bench.selection.ids) == 3
    run(CART, "Keep it here")
    assert bench.gestures.board.is_pinned(CART)
    run(CART, "Let the layout place it")
    assert not bench.gestures.board.is_pinned(CART)
    pod = next(iter(bench.session.state.control.pods.values()))
    run(pod.id, "Recreate Pod")
    assert bench.undo_label.startswith("Recreate")
    wanted: list[str] = []
    bench.gestures.yamlWanted.connect(wanted.append)
    run(bench.session.state.control.pods[next(iter(bench.session.state.control.pods))].id, "Edit YAML")
    assert wanted == ["Deployment:shop/cart"]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # the offscreen platform, of any menu
def test_the_right_button_selects_and_opens_the_menu(bench: Bench) -> None:
    from PySide6.QtGui import QContextMenuEvent

    at = bench.middle(CART)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, bench.view.viewport().mapToGlobal(at))
    QApplication.sendEvent(bench.view.viewport(), event)
    assert bench.selection.ids == (CART,)
    menu = bench.gestures.menu.menu
    assert menu is not None
    assert menu.isVisible()
    menu.close()


def test_nothing_happens_on_an_empty_canvas(qtbot: QtBot) -> None:
    bench = Bench(qtbot, Project())
    for key in (Key.Key_Tab, Key.Key_Return, Key.Key_Down, Key.Key_Delete, Key.Key_F2):
        bench.key(key)
    bench.gestures.board.copy()
    bench.gestures.board.duplicate()
    bench.gestures.start_request()
    bench.gestures.cancel()
    assert bench.problems == []


def test_arrows_go_from_pod_to_pod(bench: Bench) -> None:
    pods = [pod.id for pod in bench.session.state.control.pods.values()]
    node = bench.session.state.control.pods[pods[0]].node
    same = [oid for oid in pods if bench.session.state.control.pods[oid].node == node]
    assert len(same) > 1
    rects = {oid: bench.scene.rect_of(oid) for oid in same}
    first, second = sorted(same, key=lambda oid: (r.y(), r.x()) if (r := rects[oid]) else (0.0, 0.0))[:2]
    bench.selection.select((first,))
    bench.key(Key.Key_Right)
    assert bench.selection.ids == (second,)


def test_laying_out_again_leaves_what_was_pinned(bench: Bench) -> None:
    for oid in (CLIENT, CART):
        bench.selection.select((oid,))
        for _ in range(4):
            bench.key(Key.Key_Down)
    before = {oid: bench.scene.rect_of(oid) for oid in (CLIENT, CART)}
    bench.selection.select((CART,))
    bench.gestures.board.pin(False)
    bench.gestures.board.lay_out()
    assert bench.scene.rect_of(CLIENT) == before[CLIENT]
    assert bench.undo_label.startswith("Lay out")


def test_several_things_are_arranged_from_the_menu_in_one_step(bench: Bench) -> None:
    before = bench.project
    bench.selection.select((CLIENT, CART, "Node:node-1"))
    menu = bench.gestures.menu.build(Target(CART, QPointF()))
    ways = next(action.menu() for action in menu.actions() if action.text() == "Arrange")
    assert isinstance(ways, QMenu)
    by_words = {action.text(): action for action in ways.actions() if action.text()}
    assert len(by_words) == 8
    by_words["Align top edges"].trigger()
    rects = [bench.scene.rect_of(oid) for oid in bench.selection.ids]
    assert len({rect.top() for rect in rects if rect is not None}) == 1
    assert bench.undo_label == "Align top edges of 3 objects"
    bench.session.undo()
    assert bench.project is before
    bench.selection.select((CLIENT,))
    assert "Arrange" not in [a.text() for a in bench.gestures.menu.build(Target(CLIENT, QPointF())).actions()]


def test_a_colour_of_the_menu_is_seen_and_said(bench: Bench) -> None:
    bench.selection.select((CART,))
    menu = bench.gestures.menu.build(Target(CART, QPointF()))
    colours = next(action.menu() for action in menu.actions() if action.text() == "Colour")
    assert isinstance(colours, QMenu)
    before = bench.view.grab().toImage()
    next(action for action in colours.actions() if action.text() == "Teal").trigger()
    QApplication.processEvents()
    assert bench.undo_label == "Colour teal"
    assert bench.scene.name_of(CART).endswith(", coloured teal")
    bench.selection.clear()
    teal = bench.scene.theme.tint(2).name()
    rect = bench.scene.rect_of(CART)
    assert rect is not None
    QTest.qWait(250)
    after = bench.view.grab().toImage()
    at = bench.view.mapFromScene(QPointF(rect.center().x(), rect.top()))
    near = {after.pixelColor(at.x(), at.y() + dy).name() for dy in (-1, 0, 1)}
    assert teal in near
    assert teal not in {before.pixelColor(at.x(), at.y() + dy).name() for dy in (-1, 0, 1)}


def test_the_menu_of_a_thing_with_a_problem_asks_why(bench: Bench) -> None:
    wanted: list[str] = []
    bench.gestures.helpWanted.connect(wanted.append)
    target = Target(CART, QPointF())
    before = [action.text() for action in bench.gestures.menu.build(target).actions()]
    assert not [text for text in before if text.startswith("Why?")]
    bench.scene.set_problems((Problem("SVC-01", "warning", "It selects no Pod", object=CART),))
    (why,) = [a for a in bench.gestures.menu.build(target).actions() if a.text().startswith("Why?")]
    why.trigger()
    assert wanted == ["SVC-01"]


def test_a_line_has_a_menu_that_says_what_it_means_and_leads_to_its_ends(bench: Bench) -> None:
    """Computed edges are no objects, but a person points at them: the Service's selector, in words, with both ends."""
    from designer.ui.canvas.menu import Target

    place, edge = next(
        (place, edge)
        for place, edge in enumerate(bench.scene.edges.edges)
        if edge.kind == "selector" and edge.source == CART
    )
    path = bench.scene.edges.path_of(place)
    spots = [path.pointAtPercent(step / 100) for step in range(5, 96)]
    free = [at for at in spots if not bench.scene.object_at(at)]
    at = next(at for at in free if edge_near(bench.scene.edges, at, 2.0) == edge)
    menu = bench.gestures.menu.build(Target("", at))
    words = [action.text() for action in menu.actions()]
    pods = f"{len(edge.details)} Pod{'s' if len(edge.details) != 1 else ''}"
    assert words[0] == f"Service cart selects {pods} of Node {edge.target.partition(':')[2]}"
    assert not menu.actions()[0].isEnabled() and "Add here" in words and "Zoom to fit" in words
    next(action for action in menu.actions() if action.text() == "Select the Pods behind it").trigger()
    assert set(bench.selection.ids) == set(edge.details)
    next(action for action in menu.actions() if action.text() == "Go to Service cart").trigger()
    assert bench.selection.ids == (CART,)
    asked: list[str] = []
    bench.gestures.traceTo.connect(asked.append)
    next(action for action in menu.actions() if action.text().startswith("Trace to ")).trigger()
    assert len(asked) == 1 and "cart" in asked[0]
    menu.deleteLater()
    away = path.boundingRect().bottomRight() + QPointF(4000, 4000)
    plain = bench.gestures.menu.build(Target("", away))
    assert not [action for action in plain.actions() if action.text().startswith("Go to ")]
    plain.deleteLater()
