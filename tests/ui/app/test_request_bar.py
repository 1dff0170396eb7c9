"""The request bar as a hand uses it: real presses of the window system, keys where the focus is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.engine.trace.hops import Request
from designer.model import Service
from designer.ui.app.window import MainWindow

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
    assert popup.isVisible()
    # Where the window system sends a press while a popup is open: to the popup, wherever the mouse is.
    button = bar.trace_button
    at = popup.mapFromGlobal(button.mapToGlobal(button.rect().center()))
    QTest.mousePress(popup, LEFT, Qt.KeyboardModifier.NoModifier, at)
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
    qtbot.waitUntil(lambda: bool(matrix.peers), timeout=5000)
    matrix.grid.chosen.emit(0, 1)
    assert sample.scene.marks.hinted
    sample.bottom.show_panel("trace")
    assert sample.scene.marks.hinted == frozenset()


def test_a_drawn_cluster_without_dns_is_offered_one(window: MainWindow) -> None:
    window.make_all()
    for kind in ("Node", "Deployment", "Service"):
        window.commands.edit.insert(kind)
    service = next(s for s in window.shell.bridge.project.of(Service))
    window.commands.simulate.ask(Request("Deployment:default/web", f"http://{service.name}"))
    assert window.shell.player.path is not None
    assert window.shell.player.path.verdict == "cannot-tell"
    banner = window.messages.banner
    assert not banner.isHidden()
    banner.action_triggered.emit()
    assert window.shell.player.path.verdict == "delivered"
    assert not window.action_set.actions["insert.dns"].isEnabled()
    window.action_set.actions["edit.undo"].trigger()
    assert window.shell.player.path.verdict == "cannot-tell"
