"""Gestures with mouse and key events on a real view: the project changes at the end, in one step, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.edits.create import create
from designer.edits.notes import add_note
from designer.model import Pod, Problem, Project, Service, split_id
from designer.session import Session
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.canvas.gestures.controller import CanvasGestures
from designer.ui.canvas.gestures.palette_drop import MIME_KIND
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from tests.ui.canvas.projects import project_of

Left = Qt.MouseButton.LeftButton
Key = Qt.Key
Keys = Qt.KeyboardModifier
NONE = Keys.NoModifier
CART = "Service:shop/cart"
CLIENT = "ExternalClient:client"


class Bench:
    """A view that can be edited, with everything round it."""

    def __init__(self, qtbot: QtBot, project: Project) -> None:
        self.session = SessionBridge(Session(project))
        self.selection = Selection()
        self.scene = CanvasScene()
        self.scene.show(self.session.state, self.session.project)
        self.session.changed.connect(self.scene.reconcile)
        self.view = CanvasView(self.scene, self.selection)
        qtbot.addWidget(self.view)
        self.view.resize(1600, 1000)
        self.view.show()
        self.view.zoom_to_fit(animated=False)
        self.gestures = CanvasGestures(self.view, self.session, self.selection)
        self.problems: list[Problem] = []
        self.session.failed.connect(self.problems.extend)
        self.view.activateWindow()
        self.view.setFocus()
        QApplication.processEvents()

    @property
    def project(self) -> Project:
        return self.session.project

    @property
    def undo_label(self) -> str:
        return self.session.session.undo_label

    def middle(self, oid: str) -> QPoint:
        rect = self.scene.rect_of(oid)
        assert rect is not None
        return self.view.mapFromScene(rect.center())

    def header(self, node: str) -> QPoint:
        rect = self.scene.rect_of(node)
        assert rect is not None
        return self.view.mapFromScene(QPointF(rect.center().x(), rect.top() + 12))

    def free(self) -> QPoint:
        extent = self.scene.stock.extent()
        return self.view.mapFromScene(extent.bottomLeft() + QPointF(24, 24))

    def press(self, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.view.viewport(), Left, keys, at)

    def move(self, at: QPoint) -> None:
        QTest.mouseMove(self.view.viewport(), at)
        QApplication.processEvents()

    def release(self, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseRelease(self.view.viewport(), Left, keys, at)

    def drag(self, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(start, keys)
        self.move(start + (end - start) / 2)
        self.move(end)
        self.release(end, keys)

    def click(self, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.view.viewport(), Left, keys, at)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, keys)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot, project_of())
    yield bench
    bench.gestures.cancel()
    bench.view.close()


def palette_data(kind: str) -> QMimeData:
    data = QMimeData()
    data.setData(MIME_KIND, kind.encode())
    return data


def hover(bench: Bench, kind: str, at: QPoint) -> QDragMoveEvent:
    data, viewport = palette_data(kind), bench.view.viewport()
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, Left, NONE)
    QApplication.sendEvent(viewport, enter)
    assert enter.isAccepted()
    move = QDragMoveEvent(at, Qt.DropAction.CopyAction, data, Left, NONE)
    QApplication.sendEvent(viewport, move)
    return move


def drop(bench: Bench, kind: str, at: QPoint) -> QDropEvent:
    hover(bench, kind, at)
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, palette_data(kind), Left, NONE)
    QApplication.sendEvent(bench.view.viewport(), event)
    return event


# --- selecting


def test_a_click_selects_and_a_click_beside_selects_nothing(bench: Bench) -> None:
    bench.click(bench.middle(CART))
    assert list(bench.selection.ids) == [CART]
    bench.click(bench.middle(CLIENT), Keys.ShiftModifier)
    assert list(bench.selection.ids) == [CART, CLIENT]
    bench.click(bench.middle(CART), Keys.ControlModifier)
    assert list(bench.selection.ids) == [CLIENT]
    bench.click(bench.free())
    assert list(bench.selection.ids) == []


def test_a_rubber_band_selects_what_lies_in_it_and_escape_brings_back_what_was(bench: Bench) -> None:
    bench.click(bench.middle(CART))
    extent = bench.scene.stock.extent().adjusted(-24, -24, 24, 24)
    start, end = bench.view.mapFromScene(extent.topLeft()), bench.view.mapFromScene(extent.bottomRight())
    bench.press(start)
    bench.move(end)
    assert {CART, CLIENT, "Node:node-1"} <= set(bench.selection.ids)
    bench.key(Key.Key_Escape)
    assert bench.selection.ids == (CART,)
    bench.release(end)
    bench.drag(start, end, Keys.ShiftModifier)
    assert bench.selection.ids[0] == CART
    assert len(bench.selection.ids) > 4


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


# --- dropping from the palette


def test_a_drop_makes_a_named_object_where_it_was_dropped(bench: Bench) -> None:
    at = bench.free()
    point = bench.view.mapToScene(at)
    event = drop(bench, "Service", at)
    assert event.isAccepted()
    made = next(s for s in bench.project.of(Service) if s.id != CART)
    assert bench.selection.ids == (made.id,)
    placed = bench.project.canvas.placement(made.id, "nodes")
    assert placed is not None
    assert (placed.x % 8, placed.y % 8) == (0, 0)
    assert abs(placed.x - point.x()) < 32
    assert bench.gestures.name_field is not None
    assert bench.gestures.name_field.text() == made.name


def test_the_name_of_a_new_object_can_be_typed_at_once_and_escape_keeps_it(bench: Bench) -> None:
    drop(bench, "Node", bench.free())
    field = bench.gestures.name_field
    assert field is not None
    assert field.text() == "node-3"
    QTest.keyClicks(field, "edge-1")
    QTest.keyClick(field, Key.Key_Return)
    assert bench.project.get("Node:edge-1") is not None
    assert bench.selection.ids == ("Node:edge-1",)
    assert bench.gestures.rename("Node:edge-1")
    again = bench.gestures.name_field
    assert again is not None
    QTest.keyClicks(again, "other")
    QTest.keyClick(again, Key.Key_Escape)
    assert bench.project.get("Node:edge-1") is not None


def test_a_name_that_is_taken_is_refused_and_can_be_mended(bench: Bench) -> None:
    assert bench.gestures.rename("Node:node-1")
    field = bench.gestures.name_field
    assert field is not None
    QTest.keyClicks(field, "node-2")
    QTest.keyClick(field, Key.Key_Return)
    assert [problem.code for problem in bench.problems] == ["EDIT-05"]
    assert field.isVisible()
    QTest.keyClick(field, Key.Key_Escape)
    assert bench.project.get("Node:node-1") is not None


def test_a_pod_dropped_on_a_node_runs_there_also_over_its_pods(bench: Bench) -> None:
    chip = next(pod for pod in bench.session.state.control.pods.values() if pod.node == "node-2")
    drop(bench, "Pod", bench.middle(chip.id))
    assert [pod.spec.nodeName for pod in bench.project.of(Pod)] == ["node-2"]


def test_what_cannot_take_a_drop_is_greyed_and_says_why(bench: Bench) -> None:
    before = bench.project
    event = hover(bench, "Node", bench.middle(CART))
    assert not event.isAccepted()
    assert CART in bench.scene.marks.greyed
    assert bench.gestures.hint.isVisible()
    assert bench.gestures.hint.text() == "A Node cannot stand inside a Service."
    assert not drop(bench, "Node", bench.middle(CART)).isAccepted()
    assert bench.project is before
    assert bench.scene.marks.greyed == frozenset()
    assert not bench.gestures.hint.isVisible()


def test_a_drag_that_leaves_takes_its_marks_with_it(bench: Bench) -> None:
    event = hover(bench, "Ingress", bench.middle(CART))
    assert event.isAccepted()
    assert bench.scene.marks.drop_target == CART
    assert "lead to this Service" in bench.gestures.hint.text()
    QApplication.sendEvent(bench.view.viewport(), QDragLeaveEvent())
    assert bench.scene.marks.drop_target == ""
    assert bench.scene.marks.greyed == frozenset()


def test_a_drag_of_something_else_is_left_to_the_window(bench: Bench) -> None:
    data = QMimeData()
    data.setText("hello")
    event = QDragEnterEvent(bench.free(), Qt.DropAction.CopyAction, data, Left, NONE)
    QApplication.sendEvent(bench.view.viewport(), event)
    assert not event.isAccepted()


# --- keyboard


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
    moved = bench.scene.rect_of(CLIENT)
    assert moved is not None
    assert (moved.x(), moved.y()) == (rect.x() + 1, rect.y() + 24)
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
    assert bench.selection.ids == bench.scene.reading_order()
    bench.key(Key.Key_Escape)
    assert bench.selection.ids == ()


# --- two clicks, menus


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
