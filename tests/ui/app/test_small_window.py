"""A small screen: the window fits 1024 pixels with everything in reach, and the panels below can be made large."""

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from designer.engine.trace.hops import Request
from designer.model import Service
from designer.ui.app.actions import TABS
from designer.ui.app.dialogs.frame import FramedDialog
from designer.ui.app.window import MainWindow
from designer.ui.kit.style import apply_theme

SMALL = 1000


def test_the_window_fits_a_small_screen_with_a_trace_and_a_service(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("exposure.cnd")
    sample.make_all()
    service = sample.shell.bridge.project.of(Service)[0].id
    sample.shell.selection.select((service,))
    for panel in ("tables", "dns", "trace"):
        sample.bottom.show_panel(panel)
    sample.commands.simulate.ask(Request("client", "http://192.168.10.11:1"))
    assert sample.shell.player.result is not None
    sample.resize(SMALL, 700)
    qtbot.waitUntil(lambda: sample.width() == SMALL)
    bar = sample.request_bar
    right = bar.playing.badge.mapTo(sample, QPoint(bar.playing.badge.width(), 0)).x()
    assert right <= SMALL
    assert bar.source.width() >= 120
    assert bar.destination.width() >= 120
    assert bar.playing.slider.width() >= 100


def test_the_window_fits_a_screen_of_1280_by_800_at_twice_the_size(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("exposure.cnd")
    sample.make_all()
    sample.shell.selection.select((sample.shell.bridge.project.of(Service)[0].id,))
    wanted = QSize(640, 400 - 24)  # what the title bar of a desktop leaves
    sample.showNormal()
    sample.resize(wanted)
    qtbot.waitUntil(lambda: sample.size() == wanted)
    bar = sample.request_bar
    assert bar.lines.folded
    for control in (bar.source, bar.destination, bar.trace_button, bar.playing.slider, bar.playing.badge):
        right = control.mapTo(sample, QPoint(control.width(), 0)).x()
        assert control.isVisible() and 0 < right <= 640
    for name, _words in TABS:
        panel = sample.bottom.show_panel(name)
        room = panel.parentWidget()
        assert room is not None
        # It is scrolled, not squeezed.
        qtbot.waitUntil(lambda: panel.size() == panel.size().expandedTo(panel.minimumSizeHint()))  # noqa: B023
        assert room.height() > 40
    assert sample.size() == wanted


def test_at_twice_the_size_the_canvas_is_more_than_a_strip(
    sample: MainWindow, qtbot: QtBot, qapp: QApplication
) -> None:
    """1280 by 800 at 175 %: the sides take no more than they need, until a person gives them more."""
    apply_theme(qapp, "light")
    sample.showNormal()
    sample.resize(731, 440)
    qtbot.waitUntil(lambda: sample.width() == 731)
    assert sample.canvas.width() >= 320 and sample.canvas.height() >= 100  # the line with Play is there, too
    inspector = sample.inspector
    assert inspector is not None
    found = [area for area in sample.findChildren(QScrollArea) if area.isAncestorOf(inspector)]
    qtbot.waitUntil(lambda: inspector.isVisible() and found[0].width() < 320)
    assert [area.horizontalScrollBar().maximum() for area in found] == [0]  # the form is not scrolled to its side
    sample.resize(1280, 800)
    qtbot.waitUntil(lambda: sample.width() == 1280)
    assert 240 <= sample.sides.rows.sizes()[1] <= 250
    sample.resize(2560, 1400)
    qtbot.waitUntil(lambda: sample.width() == 2560)
    assert sample.sides.rows.sizes()[1] > 330  # ten lines and more of a trace
    sample.resize(1280, 800)
    qtbot.waitUntil(lambda: sample.width() == 1280)
    handle = sample.sides.columns.handle(1)
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(handle, middle + QPoint(60, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 0))
    wide = sample.sides.columns.sizes()[0]
    assert wide > 220
    sample.resize(1400, 800)
    qtbot.waitUntil(lambda: sample.width() == 1400)
    assert sample.sides.columns.sizes()[0] == wide


def test_what_the_readme_asks_can_be_read_in_the_bar_at_1280(
    sample: MainWindow, qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp, "light")
    sample.showNormal()
    sample.resize(1280, 776)
    bar = sample.request_bar
    qtbot.waitUntil(lambda: sample.width() == 1280 and bar.width() < 1280 and bar.source.width() < 220)
    for field, text in ((bar.source, "frontend · default"), (bar.destination, "http://192.168.10.11:30080")):
        field.setText(text)
        field.end(False)
        assert field.cursorRect().right() <= field.width() - 24  # the arrow's place
    assert bar.playing.slider.width() >= 80


def test_where_there_is_room_nothing_is_scrolled_twice(sample: MainWindow, qtbot: QtBot) -> None:
    sample.make_all()
    sample.showNormal()
    sample.resize(1280, 900)
    sample.shell.selection.select(("Service:default/backend",))
    qtbot.waitUntil(lambda: sample.width() == 1280)
    inspector = sample.inspector
    assert inspector is not None
    for name in ("", *(name for name, _words in TABS)):
        part = sample.bottom.show_panel(name) if name else inspector
        qtbot.wait(20)
        room = part.parentWidget()
        while not isinstance(room, QScrollArea):
            assert room is not None
            room = room.parentWidget()
        assert room.horizontalScrollBar().maximum() == 0 or part.minimumSizeHint().width() > room.viewport().width()
        assert room.verticalScrollBar().maximum() == 0 or part.minimumSizeHint().height() > room.viewport().height()
    assert inspector.minimumSizeHint().height() < 240


def test_on_a_wide_window_the_request_is_one_line(sample: MainWindow, qtbot: QtBot) -> None:
    sample.showNormal()
    sample.resize(1280, 800)
    qtbot.waitUntil(lambda: sample.width() == 1280)
    qtbot.waitUntil(lambda: not sample.request_bar.lines.folded)
    low = sample.request_bar.sizeHint().height()
    qtbot.waitUntil(lambda: sample.request_bar.height() == low)
    sample.resize(2560, 800)
    qtbot.waitUntil(lambda: sample.request_bar.width() > 2400)
    assert sample.request_bar.trace_button.width() < 100
    assert sample.request_bar.destination.width() > 400
    assert sample.request_bar.playing.slider.width() > 900
    sample.resize(700, 800)
    qtbot.waitUntil(lambda: sample.request_bar.lines.folded)
    qtbot.waitUntil(lambda: sample.request_bar.height() > 1.5 * low)
    sample.resize(1280, 800)
    qtbot.waitUntil(lambda: not sample.request_bar.lines.folded)
    qtbot.waitUntil(lambda: sample.request_bar.height() == low)


@pytest.mark.parametrize("width", [840, 853, 880, 940])
def test_the_request_takes_two_lines_when_a_verdict_leaves_no_room_for_one(
    window: MainWindow, qtbot: QtBot, width: int
) -> None:
    # 853 pixels: what 1280 are at 150 %, where a trace comes after the window has its size.
    window.resize(width, 533)
    qtbot.waitUntil(lambda: window.width() == width)
    QApplication.processEvents()
    window.start(None)
    bar = window.request_bar
    qtbot.waitUntil(lambda: bar.lines.folded)
    parts = (bar.source, bar.destination, bar.trace_button, bar.playing.buttons, bar.playing.slider, bar.playing.badge)
    qtbot.waitUntil(lambda: all(part.width() >= part.minimumSizeHint().width() for part in parts))


def test_the_panels_below_take_most_of_the_window_and_give_it_back(sample: MainWindow) -> None:
    rows = sample.sides.rows
    before = rows.sizes()
    action = sample.action_set.actions["view.enlarge"]
    action.trigger()
    assert action.isChecked()
    assert rows.sizes()[1] > 1.5 * before[1]
    assert rows.sizes()[0] >= 200, "the canvas is still there"
    action.trigger()
    assert not action.isChecked()
    assert rows.sizes() == before


def test_the_button_beside_the_tabs_and_a_double_click_on_one_do_the_same(sample: MainWindow) -> None:
    rows = sample.sides.rows
    before = rows.sizes()
    button = sample.bottom.cornerWidget()
    assert isinstance(button, QToolButton)
    assert button.accessibleName()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert rows.sizes()[1] > before[1]
    place = sample.bottom.tabBar().tabRect(0).center()
    QTest.mouseClick(sample.bottom.tabBar(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(sample.bottom.tabBar(), Qt.MouseButton.LeftButton, pos=place)
    assert rows.sizes() == before


def test_large_panels_are_not_kept_for_the_next_start(sample: MainWindow) -> None:
    before = sample.sides.rows.sizes()
    sample.action_set.actions["view.enlarge"].trigger()
    sample.sides.remember(sample.shell.settings)
    assert sample.sides.rows.sizes() == before


def test_no_dialog_is_larger_than_the_screen(sample: MainWindow) -> None:
    dialog = FramedDialog("Large", sample)
    dialog.open_at(5000, 4000)
    free = sample.screen().availableSize()
    assert dialog.width() < free.width()
    assert dialog.height() < free.height()
    dialog.close()


def test_a_long_choice_is_whole_in_its_tooltip(sample: MainWindow) -> None:
    field = sample.request_bar.source
    name = "a-name-of-sixty-three-characters-is-the-longest-kubernetes-take · a-namespace-that-is-long-too"
    field.set_choice(name, "Pod:x/y")
    assert field.toolTip() == f"{name}\n{field.hint}"
    field.set_choice("", "")
    assert field.toolTip() == field.hint
