"""The view zooms at the cursor, pans, fits, reveals, and offers ways to begin; the minimap and the tabs lead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.engine.compile import compile_project
from designer.model import EMPTY_PROJECT
from designer.ui.bridge.selection import Selection
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from tests.ui.canvas.projects import sample_state, state_of

Keys = Qt.KeyboardModifier


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[CanvasView]:
    scene = CanvasScene()
    shown = CanvasView(scene, Selection())
    shown.resize(900, 600)
    qtbot.addWidget(shown)
    with qtbot.waitExposed(shown):
        shown.show()
    scene.show(sample_state("two-controllers"))
    yield shown
    shown.hide()


def turn(view: CanvasView, at: QPoint, dx: int, dy: int, keys: Qt.KeyboardModifier = Keys.NoModifier) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(dx, dy),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_at_first_everything_is_seen(view: CanvasView) -> None:
    assert view.seen().contains(view.whole())
    assert view.zoom <= 1.0


@pytest.mark.parametrize("keys", [Keys.NoModifier, Keys.ControlModifier])
def test_the_wheel_zooms_at_the_cursor(view: CanvasView, keys: Qt.KeyboardModifier) -> None:
    at = QPoint(620, 340)
    before, zoom = view.mapToScene(at), view.zoom
    turn(view, at, 0, 120, keys)
    assert view.zoom == pytest.approx(zoom * 1.2)
    after = view.mapToScene(at)
    # The scroll bars hold whole pixels.
    assert abs(after.x() - before.x()) * view.zoom <= 1.5
    assert abs(after.y() - before.y()) * view.zoom <= 1.5


def test_the_zoom_has_limits(view: CanvasView) -> None:
    for _ in range(40):
        turn(view, QPoint(450, 300), 0, 240)
    assert view.zoom == pytest.approx(4.0)
    for _ in range(60):
        turn(view, QPoint(450, 300), 0, -240)
    assert view.zoom == pytest.approx(0.1)


def test_shift_and_alt_turn_the_wheel_into_a_pan(view: CanvasView) -> None:
    view.zoom_to(1.0)
    zoom, before = view.zoom, view.seen().center()
    turn(view, QPoint(450, 300), 0, -120, Keys.ShiftModifier)
    assert view.zoom == zoom
    assert view.seen().center().x() - before.x() == pytest.approx(60, abs=1)
    turn(view, QPoint(450, 300), -120, 0, Keys.AltModifier)
    assert view.seen().center().y() - before.y() == pytest.approx(60, abs=1)


def fingers(view: CanvasView, at: QPoint, pixels: QPoint, keys: Qt.KeyboardModifier = Keys.NoModifier) -> None:
    """Two fingers move on a touchpad: pixels, a phase, and the angle that stands for them (8 for each pixel here)."""
    where = QPointF(view.viewport().mapToGlobal(at))
    update = Qt.ScrollPhase.ScrollUpdate
    event = QWheelEvent(QPointF(at), where, pixels, pixels * 8, Qt.MouseButton.NoButton, keys, update, False)
    QApplication.sendEvent(view.viewport(), event)


def test_two_fingers_on_a_touchpad_drag_the_picture_pixel_by_pixel(view: CanvasView) -> None:
    view.zoom_to(1.0)
    zoom, before = view.zoom, view.seen().center()
    fingers(view, QPoint(450, 300), QPoint(-30, -20))
    assert view.zoom == zoom
    after = view.seen().center()
    assert (after.x() - before.x(), after.y() - before.y()) == pytest.approx((30, 20), abs=1)


def test_a_pinch_and_fingers_with_control_zoom_at_the_cursor(view: CanvasView) -> None:
    at = QPoint(620, 340)
    zoom, before = view.zoom, view.mapToScene(at)
    fingers(view, at, QPoint(0, 15), Keys.ControlModifier)
    assert view.zoom == pytest.approx(zoom * 1.2)
    where = QPointF(view.viewport().mapToGlobal(at))
    device = QPointingDevice.primaryPointingDevice()
    kind = Qt.NativeGestureType.ZoomNativeGesture
    pinch = QNativeGestureEvent(kind, device, 2, QPointF(at), QPointF(at), where, 0.25, QPointF())
    QApplication.sendEvent(view.viewport(), pinch)
    assert view.zoom == pytest.approx(zoom * 1.2 * 1.25)
    after = view.mapToScene(at)
    assert abs(after.x() - before.x()) * view.zoom <= 3
    assert abs(after.y() - before.y()) * view.zoom <= 3


def test_a_long_pinch_does_not_slip_away_from_the_fingers(view: CanvasView) -> None:
    at = QPoint(200, 150)
    before = view.mapToScene(at)
    where = QPointF(view.viewport().mapToGlobal(at))
    device = QPointingDevice.primaryPointingDevice()
    kind = Qt.NativeGestureType.ZoomNativeGesture
    for step in [0.01] * 60 + [-0.01] * 60:
        pinch = QNativeGestureEvent(kind, device, 2, QPointF(at), QPointF(at), where, step, QPointF())
        QApplication.sendEvent(view.viewport(), pinch)
    slipped = (view.mapToScene(at) - before) * view.zoom
    # Half a pixel a step at most, to all sides alike; it was more than one a step, always to the same side.
    assert abs(slipped.x()) <= 12 and abs(slipped.y()) <= 12


def test_the_middle_button_drags_the_picture(view: CanvasView, qtbot: QtBot) -> None:
    view.zoom_to(1.0)
    before = view.seen().center()
    target = view.viewport()
    QTest.mousePress(target, Qt.MouseButton.MiddleButton, Keys.NoModifier, QPoint(400, 300))
    QTest.mouseMove(target, QPoint(340, 280))
    QTest.mouseRelease(target, Qt.MouseButton.MiddleButton, Keys.NoModifier, QPoint(340, 280))
    moved = view.seen().center() - before
    assert moved.x() == pytest.approx(60, abs=1)
    assert moved.y() == pytest.approx(20, abs=1)


def test_space_makes_the_left_button_a_hand(view: CanvasView, qtbot: QtBot) -> None:
    view.zoom_to(1.0)
    before = view.seen().center()
    target = view.viewport()
    QTest.keyPress(view, Qt.Key.Key_Space)
    QTest.mousePress(target, Qt.MouseButton.LeftButton, Keys.NoModifier, QPoint(400, 300))
    QTest.mouseMove(target, QPoint(400, 250))
    QTest.mouseRelease(target, Qt.MouseButton.LeftButton, Keys.NoModifier, QPoint(400, 250))
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert (view.seen().center() - before).y() == pytest.approx(50, abs=1)
    assert view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_cursor_marks_what_is_under_it(view: CanvasView, qtbot: QtBot) -> None:
    service = next(oid for oid in view.canvas.drawn() if oid.startswith("Service:"))
    rect = view.canvas.rect_of(service)
    assert rect is not None
    QTest.mouseMove(view.viewport(), view.mapFromScene(rect.center()))
    assert view.canvas.marks.hovered == service
    QTest.mouseMove(view.viewport(), QPoint(2, 590))
    assert view.canvas.marks.hovered == ""


def test_reveal_brings_a_pod_into_the_middle_and_near(view: CanvasView) -> None:
    view.zoom_to(0.2)
    pod = next(iter(sample_state("two-controllers").control.pods))
    view.reveal(pod)
    rect = view.canvas.rect_of(pod)
    assert rect is not None
    assert view.zoom >= 0.6
    distance = view.mapFromScene(rect.center()) - view.viewport().rect().center()
    assert distance.manhattanLength() <= 4
    before = view.seen()
    view.reveal(pod)
    view.reveal("Pod:none/none")
    assert view.seen() == before


def test_zoom_to_the_selection_shows_it_whole(view: CanvasView) -> None:
    ids = [oid for oid in view.canvas.drawn() if oid.startswith("Node:")][:2]
    view.canvas.set_selected(ids)
    view.zoom_to_selection()
    united = QRectF()
    for oid in ids:
        united = united.united(view.canvas.rect_of(oid) or QRectF())
    assert view.seen().contains(united)
    assert view.seen().width() < view.whole().width()


def test_selection_and_reveal_come_through_the_bridge(qtbot: QtBot) -> None:
    selection = Selection()
    scene = CanvasScene()
    view = CanvasView(scene, selection)
    qtbot.addWidget(view)
    scene.show(state_of())
    selection.show("Service:shop/cart")
    assert scene.marks.selected == {"Service:shop/cart"}
    selection.hint.emit(("Node:node-1",))
    assert scene.marks.hinted == {"Node:node-1"}
    selection.clear()
    assert scene.marks.selected == frozenset()


def test_an_empty_canvas_offers_three_ways_to_begin(qtbot: QtBot) -> None:
    scene = CanvasScene()
    view = CanvasView(scene)
    qtbot.addWidget(view)
    scene.show(compile_project(EMPTY_PROJECT))
    assert not view.empty.isHidden()
    for button, signal in zip(view.empty.buttons, (view.beginSample, view.beginOpen, view.beginNode), strict=True):
        with qtbot.waitSignal(signal, timeout=500):
            button.click()
    scene.show(state_of())
    assert view.empty.isHidden()


def test_the_minimap_is_there_while_a_part_is_out_of_sight(view: CanvasView) -> None:
    there = []
    for zoom in (3.0, 0.3, 3.0):
        view.zoom_to(zoom)
        view.centre_on(view.whole().center())
        there.append(not view.minimap.isHidden())
    assert there == [True, False, True]
    view.show_minimap(False)
    assert view.minimap.isHidden()


def test_the_tabs_change_the_view_and_follow_it(view: CanvasView, qtbot: QtBot) -> None:
    tabs = {button.text(): button for button in view.tabs._group.buttons()}
    QTest.mouseClick(tabs["By Namespace"], Qt.MouseButton.LeftButton)
    assert view.canvas.current_view == "namespaces"
    assert view.seen().contains(view.whole())
    view.canvas.set_view("traffic")
    assert tabs["Traffic"].isChecked()


def test_dragging_in_the_minimap_goes_there(view: CanvasView, qtbot: QtBot) -> None:
    view.zoom_to(3.0)
    whole = view.whole()
    middle = view.minimap.rect().center()
    QTest.mouseClick(view.minimap, Qt.MouseButton.LeftButton, Keys.NoModifier, middle)
    off = view.seen().center() - whole.center()
    assert abs(off.x()) < whole.width() / 30 and abs(off.y()) < whole.height() / 30


def test_another_project_is_shown_whole(view: CanvasView) -> None:
    from designer.model import diff_projects
    from designer.session.change import Change

    view.zoom_to(4.0)
    old, new = sample_state("two-controllers"), sample_state("first-steps")
    diff = diff_projects(old.project, new.project)
    view.canvas.reconcile(Change(old.project, new.project, diff, "Open", new, replaced=True))
    assert view.seen().contains(view.whole())
