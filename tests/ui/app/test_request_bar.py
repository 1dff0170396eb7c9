"""The request bar as a hand uses it: real presses of the window system, keys where the focus is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.edits.fields import set_field
from designer.engine.trace.hops import Request
from designer.model import Service
from designer.ui.app.window import MainWindow
from designer.ui.panels.matrix_panel import MatrixPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # popups of the offscreen platform
def test_one_click_on_trace_is_enough_while_the_list_of_choices_is_open(sample: MainWindow, qtbot: QtBot) -> None:
    bar = sample.request_bar
    asked: list[object] = []
    bar.asked.connect(asked.append)
    sample.activateWindow()
    bar.destination.setFocus()
    bar.destination.selectAll()
    QTest.keyClicks(bar.destination, "http://192.168.10.11:30080")
    popup = bar.destination.completer().popup()
    assert popup is not None
    assert popup.isVisible()
    # Where the window system sends a press while a popup is open: to the popup, wherever the mouse is.
    button = bar.trace_button
    at = popup.mapFromGlobal(button.mapToGlobal(button.rect().center()))
    QTest.mousePress(popup, LEFT, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseRelease(popup, LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert not popup.isVisible()
    qtbot.waitUntil(lambda: len(asked) == 1)


def test_after_the_answer_the_arrows_are_for_the_packet(sample: MainWindow) -> None:
    bar = sample.request_bar
    sample.activateWindow()
    bar.destination.setFocus()
    QTest.keyClick(bar.destination, Qt.Key.Key_Return)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus is bar.playing.slider
    QTest.keyClick(focus, Qt.Key.Key_Right)
    assert sample.shell.player.index == 1


def test_a_long_text_shows_its_beginning_when_the_keyboard_leaves(sample: MainWindow) -> None:
    field = sample.request_bar.destination
    field.setText("http://a-very-long-name.in-a-namespace.svc.cluster.local:8080/with/a/path")
    field.end(False)
    QApplication.sendEvent(field, QFocusEvent(QFocusEvent.Type.FocusOut))
    assert field.cursorPosition() == 0


def test_a_usual_destination_can_be_read_whole_on_a_small_window(sample: MainWindow) -> None:
    sample.showNormal()
    sample.resize(1280, 800)
    field = sample.request_bar.destination
    words = field.fontMetrics().horizontalAdvance("http://192.168.10.11:30080")
    assert field.width() - field.textMargins().left() - 24 - 2 * 8 >= words


def test_bare_arrows_move_the_packet_from_the_canvas_where_nothing_is_selected(sample: MainWindow) -> None:
    sample.canvas.setFocus()
    QTest.keyClick(sample.canvas, Qt.Key.Key_Right)
    assert sample.shell.player.index == 1
    assert sample.shell.selection.ids == ()
    QTest.keyClick(sample.canvas, Qt.Key.Key_Left)
    assert sample.shell.player.index == 0
    QTest.keyClick(sample.canvas, Qt.Key.Key_End)
    assert sample.shell.player.index == len(sample.shell.player.hops) - 1


def test_nothing_stays_marked_when_another_project_is_opened(sample: MainWindow) -> None:
    sample.shell.selection.hint.emit(("Node:node-2",))
    assert sample.scene.marks.hinted == {"Node:node-2"}
    sample.files.open_sample("shop.cnd")
    assert sample.scene.marks.hinted == frozenset()


def test_a_chosen_cell_is_marked_only_while_the_matrix_is_seen(sample: MainWindow, qtbot: QtBot) -> None:
    matrix = sample.bottom.show_panel("matrix")
    assert isinstance(matrix, MatrixPanel)
    qtbot.waitUntil(lambda: bool(matrix.axes.rows), timeout=5000)
    matrix.grid.choose(1, 1)
    assert sample.scene.marks.hinted
    sample.bottom.show_panel("trace")
    assert sample.scene.marks.hinted == frozenset()


def verdict(window: MainWindow) -> str:
    """The verdict of the way that is shown."""
    path = window.shell.player.path
    return path.verdict if path is not None else ""


def test_a_drawn_cluster_without_dns_is_offered_one(window: MainWindow) -> None:
    window.make_all()
    for kind in ("Node", "Deployment", "Service"):
        window.commands.edit.insert(kind)
    service = next(s for s in window.shell.bridge.project.of(Service))
    window.commands.simulate.ask(Request("Deployment:default/web", f"http://{service.name}"))
    assert verdict(window) == "cannot-tell"
    banner = window.messages.banner
    assert not banner.isHidden()
    banner.action_triggered.emit()
    assert verdict(window) == "delivered"
    assert not window.action_set.actions["insert.dns"].isEnabled()
    window.action_set.actions["edit.undo"].trigger()
    assert verdict(window) == "cannot-tell"


def test_who_asks_from_outside_is_not_offered_the_dns_of_the_cluster(window: MainWindow) -> None:
    window.make_all()
    window.commands.edit.insert("Node")
    window.commands.simulate.ask(Request("Internet", "http://web.example.com/"))
    assert verdict(window) == "cannot-tell"
    assert window.messages.banner.isHidden()


def test_no_trace_stands_behind_the_words_of_an_empty_canvas(sample: MainWindow) -> None:
    sample.action_set.actions["file.new"].trigger()
    sample.commands.edit.insert("Node")
    sample.commands.simulate.ask(Request("Internet", "http://web.example.com/"))
    layer = sample.trace_layer
    assert layer is not None and layer.course is not None
    sample.action_set.actions["edit.undo"].trigger()
    assert verdict(sample) == "cannot-tell"
    assert sample.canvas.empty.isVisibleTo(sample)
    assert layer.token_point is None
    assert not layer.token.isVisible() and not layer.card.isVisible()


def test_the_canvas_goes_where_the_packet_is(sample: MainWindow, qtbot: QtBot) -> None:
    layer, canvas, player = sample.trace_layer, sample.canvas, sample.shell.player
    assert layer is not None
    canvas.zoom_to(2.0)
    canvas.pan(4000.0, 4000.0)
    start = layer.token_point
    assert start is not None
    assert not canvas.seen().contains(start)
    player.step(1)
    player.step(1)
    qtbot.waitUntil(lambda: canvas.seen().contains(layer.token_point or start), timeout=3000)
    assert canvas.zoom == 2.0
    where = canvas.seen()
    player.step(1)  # well in sight already: nothing moves
    point = layer.token_point
    assert point is not None
    if where.adjusted(60, 60, -60, -60).contains(point):
        assert canvas.seen() == where


def test_an_edit_elsewhere_does_not_take_the_canvas_to_the_packet(sample: MainWindow) -> None:
    canvas = sample.canvas
    sample.shell.player.step(1)
    canvas.zoom_to(2.0)
    canvas.pan(4000.0, 4000.0)
    where = canvas.seen()
    project = sample.shell.bridge.project
    sample.shell.bridge.apply(set_field(project, "Service:default/backend", "spec.selector", {"app": "nobody"}))
    assert sample.shell.player.path is not None
    assert sample.shell.player.path.verdict == "rejected"
    assert canvas.seen() == where
