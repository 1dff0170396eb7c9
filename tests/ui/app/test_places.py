"""Where the parts of the window stand: put elsewhere by menu and by mouse, and found there at the next start."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from designer.ui.app.actions import TABS
from designer.ui.app.window import MainWindow


def left(part: QWidget, window: MainWindow) -> int:
    return part.mapTo(window, QPoint(0, 0)).x()


def top(part: QWidget, window: MainWindow) -> int:
    return part.mapTo(window, QPoint(0, 0)).y()


def inspector(window: MainWindow) -> QWidget:
    return window.make_inspector()


Where = Callable[[MainWindow], bool]
ELSEWHERE: tuple[tuple[str, str, Where], ...] = (
    ("palette.right", "palette.left", lambda w: left(w.palette_panel, w) > left(w.canvas, w)),
    ("inspector.left", "inspector.right", lambda w: left(inspector(w), w) < left(w.canvas, w)),
    ("bottom.above", "bottom.below", lambda w: top(w.bottom, w) < top(w.canvas, w)),
    ("bottom.right", "bottom.below", lambda w: left(w.bottom, w) > left(w.canvas, w)),
)


@pytest.mark.parametrize(("there", "back", "is_there"), ELSEWHERE, ids=[each[0] for each in ELSEWHERE])
def test_a_part_goes_elsewhere_and_back(
    sample: MainWindow, make_window: Callable[[], MainWindow], there: str, back: str, is_there: Where
) -> None:
    sample.resize(2000, 1000)
    actions = sample.action_set.actions
    assert not is_there(sample)
    actions[f"view.place.{there}"].trigger()
    QApplication.processEvents()
    assert is_there(sample) and actions[f"view.place.{there}"].isChecked()
    assert not actions[f"view.place.{back}"].isChecked()
    sample.sides.remember(sample.shell.settings)
    again = make_window()
    again.showNormal()
    QApplication.processEvents()
    again.resize(2000, 1000)
    again.sides.arrange(again.shell.settings)
    QApplication.processEvents()
    assert is_there(again)
    actions[f"view.place.{back}"].trigger()
    QApplication.processEvents()
    assert not is_there(sample)


def test_large_panels_above_and_beside_take_the_canvas_place_and_give_it_back(sample: MainWindow) -> None:
    sample.resize(2000, 1000)
    actions = sample.action_set.actions
    for place in ("above", "right"):
        actions[f"view.place.bottom.{place}"].trigger()
        QApplication.processEvents()
        before, small = sample.sides.rows.sizes(), sample.bottom.size()
        actions["view.enlarge"].trigger()
        grown = sample.bottom.size()
        assert grown.width() + grown.height() > small.width() + small.height()
        actions["view.enlarge"].trigger()
        QApplication.processEvents()
        assert sample.sides.rows.sizes() == before


def test_a_tab_is_dragged_to_another_place_and_keeps_its_key(
    sample: MainWindow, make_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    names = tuple(name for name, _words in TABS)
    sample.resize(1400, 900)
    bar = sample.bottom.tabBar()
    start, end = bar.tabRect(3).center(), bar.tabRect(0).center()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 11):
        QTest.mouseMove(bar, start + (end - start) * step / 10 - QPoint(step, 0))
        QApplication.processEvents()
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=end - QPoint(10, 0))
    moved = ("problems", "trace", "tables", "matrix", *names[4:])
    assert sample.bottom.order() == moved
    assert bar.tabText(0).startswith("Problems")
    sample.action_set.actions["view.tab.trace"].trigger()
    assert sample.bottom.is_in_front("trace") and sample.bottom.currentIndex() == 1
    assert make_window().bottom.order() == moved
    sample.action_set.refresh()
    sample.action_set.actions["view.place.tabs"].trigger()
    assert sample.bottom.order() == names and not sample.bottom.moved
    assert make_window().bottom.order() == names


def test_panels_beside_the_canvas_need_a_window_that_is_wide_enough(sample: MainWindow) -> None:
    """A part that has no room would push the window over the edge of the screen."""
    sample.resize(1, 800)  # as narrow as it goes with the panels below
    QApplication.processEvents()
    narrow = sample.width()
    sample.action_set.refresh()
    assert not sample.action_set.actions["view.place.bottom.right"].isEnabled()
    sample.shell.settings.set("window/bottom", "right")
    sample.sides.arrange(sample.shell.settings)
    QApplication.processEvents()
    assert sample.sides.rows.orientation() == Qt.Orientation.Vertical and sample.width() == narrow
