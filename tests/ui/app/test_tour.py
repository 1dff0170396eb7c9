"""The guided tour: four steps at real parts of the window, by mouse and keyboard, left at any moment."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.ui.app.tour import STEPS, Tour
from designer.ui.app.window import MainWindow
from tests.ui.app.conftest import MakeWindow


@pytest.fixture
def tour(sample: MainWindow) -> Tour:
    sample.action_set.actions["help.guide"].trigger()
    (found,) = sample.findChildren(Tour)
    return found


def test_each_step_points_at_a_part_that_is_seen_and_covers_no_button_of_its_own(
    tour: Tour, sample: MainWindow
) -> None:
    assert len(STEPS) == 4
    for place in range(4):
        assert tour.place == place
        part = STEPS[place].target(sample)
        assert part.isVisibleTo(sample)
        assert tour.ring.geometry().intersects(tour.target)
        assert sample.rect().contains(tour.geometry())
        QApplication.processEvents()
        assert tour.words.height() >= tour.words.heightForWidth(tour.words.width())
        assert tour.count.text() == f"Step {place + 1} of 4"
        assert STEPS[place].title in tour.accessibleDescription()
        tour.next.click()
    assert tour.isHidden()


@pytest.mark.parametrize("steps", [0, 2])
def test_escape_leaves_at_any_step_and_the_window_is_as_before(sample: MainWindow, qtbot: QtBot, steps: int) -> None:
    project = sample.shell.bridge.project
    sample.commands.help.guide()
    (tour,) = sample.findChildren(Tour)
    for _ in range(steps):
        QTest.keyClick(tour, Qt.Key.Key_Right)
    assert tour.place == steps
    QTest.keyClick(tour, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not sample.findChildren(Tour), timeout=2000)
    assert sample.shell.bridge.project is project


def test_back_goes_back_and_a_second_tour_replaces_the_first(tour: Tour, sample: MainWindow, qtbot: QtBot) -> None:
    assert not tour.back.isEnabled()
    tour.next.click()
    tour.back.click()
    assert tour.place == 0
    sample.commands.help.guide()
    qtbot.waitUntil(lambda: len(sample.findChildren(Tour)) == 1, timeout=2000)


def test_it_follows_the_window(tour: Tour, sample: MainWindow) -> None:
    sample.resize(1000, 700)
    assert QRect(0, 0, 1000, 700).contains(tour.geometry())


def test_its_ring_follows_a_part_that_a_banner_moves(tour: Tour, sample: MainWindow, qtbot: QtBot) -> None:
    """The window keeps its size: the ring must not stay where the canvas was."""
    before = QRect(tour.ring.geometry())
    sample.messages.invite("Some words. " * 40, "Do it", lambda: None)
    qtbot.waitUntil(lambda: sample.canvas.mapTo(sample, sample.canvas.rect().topLeft()).y() > before.top() + 10)
    qtbot.waitUntil(lambda: tour.ring.geometry().top() > before.top() + 10, timeout=3000)
    assert tour.ring.geometry() == tour.target.adjusted(-2, -2, 2, 2).intersected(sample.rect())


def test_enter_presses_the_button_that_has_the_keyboard(tour: Tour) -> None:
    QTest.keyClick(tour.next, Qt.Key.Key_Return)
    assert tour.place == 1
    QTest.keyClick(tour.back, Qt.Key.Key_Enter)
    assert tour.place == 0


@pytest.mark.parametrize("place", range(4))
def test_left_at_any_step_it_goes_on_there(tour: Tour, sample: MainWindow, place: int) -> None:
    for _ in range(place):
        tour.next.click()
    tour.leave.click()
    assert sample.shell.settings.get("window/welcomed")
    sample.commands.help.guide()
    again = [found for found in sample.findChildren(Tour) if not found.isHidden()]
    assert [found.place for found in again] == [place]


def test_after_its_last_step_it_begins_at_the_first(tour: Tour, sample: MainWindow) -> None:
    for _ in STEPS:
        tour.next.click()
    assert sample.shell.settings.get("tour/step") == 0


def test_a_tour_that_nobody_left_goes_on_at_the_next_start(make_window: MakeWindow) -> None:
    first = make_window()
    first.start(None)
    first.commands.help.guide()
    (tour,) = first.findChildren(Tour)
    tour.next.click()
    first.close()
    second = make_window()
    assert not second.shell.settings.get("window/welcomed")
    second.commands.help.guide()
    (tour,) = second.findChildren(Tour)
    assert tour.place == 1
