"""The timeline and its buttons, by mouse, by keyboard and by the animation."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from designer.ui.kit.fonts import ui_font
from designer.ui.kit.style import current_theme
from designer.ui.kit.widgets import PlayerButtons, PlayerSlider
from tests.ui.kit.pictures import solid_colors


@pytest.fixture
def slider(qtbot: QtBot) -> PlayerSlider:
    made = PlayerSlider()
    qtbot.addWidget(made)
    made.resize(420, 28)
    made.set_trace(12, "delivered", marks=(4, 99))
    return made


def test_without_a_trace_there_is_nothing_to_seek(qtbot: QtBot) -> None:
    empty = PlayerSlider()
    qtbot.addWidget(empty)
    assert not empty.isEnabled()
    assert empty.count_text() == "no trace"


def test_the_count_is_shown_and_read_out(slider: PlayerSlider) -> None:
    slider.setValue(7)
    assert slider.count_text() == "hop 7 of 12"
    assert slider.accessibleDescription() == "hop 7 of 12"
    assert slider.accessibleName() == "Hop of the trace"


@pytest.mark.parametrize(
    ("key", "hop"),
    [
        (Qt.Key.Key_Right, 7),
        (Qt.Key.Key_Left, 5),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 12),
        (Qt.Key.Key_PageUp, 11),
        (Qt.Key.Key_PageDown, 1),
    ],
)
def test_the_keyboard_moves_it(qtbot: QtBot, slider: PlayerSlider, key: Qt.Key, hop: int) -> None:
    slider.setValue(6)
    heard: list[int] = []
    slider.seeked.connect(heard.append)
    QTest.keyClick(slider, key)
    assert slider.value() == hop
    assert heard == [hop]


def test_it_stops_at_the_ends_without_announcing(qtbot: QtBot, slider: PlayerSlider) -> None:
    heard: list[int] = []
    slider.seeked.connect(heard.append)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert slider.value() == 0
    assert heard == []


def test_a_click_jumps_and_a_drag_follows(qtbot: QtBot, slider: PlayerSlider) -> None:
    heard: list[int] = []
    slider.seeked.connect(heard.append)
    left, right = 10, 420 - 104 - 10
    middle = (left + right) // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(middle, 14))
    assert slider.value() == 6
    QTest.mouseMove(slider, QPoint(right, 14))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(right, 14))
    assert slider.value() == 12
    assert heard == [6, 12]


def test_the_count_is_short_where_there_is_little_room(slider: PlayerSlider) -> None:
    slider.setValue(7)
    slider.resize(220, 28)
    assert slider.shown_count() == "hop 7 of 12"
    slider.resize(slider.minimumSizeHint())
    assert slider.shown_count() == "7/12"
    assert slider.accessibleDescription() == "hop 7 of 12", "the words that are read out stay"
    left = slider.width() - slider._track().right()
    assert QFontMetrics(ui_font(12, tabular=True)).horizontalAdvance("99/99") < left


def test_moving_between_hops_draws_but_does_not_announce(slider: PlayerSlider) -> None:
    heard: list[int] = []
    slider.valueChanged.connect(heard.append)
    slider.set_progress(3.5)
    assert slider.progress() == 3.5
    assert slider.value() == 0
    assert heard == []
    slider.set_progress(99)
    assert slider.progress() == 12
    slider.setValue(3)
    assert slider.progress() == 3


def test_progress_wears_the_verdict(slider: PlayerSlider) -> None:
    slider.setValue(6)
    assert current_theme().verdicts["delivered"].lower() in solid_colors(slider.grab())
    slider.set_trace(12, "denied")
    slider.setValue(6)
    assert current_theme().verdicts["denied"].lower() in solid_colors(slider.grab())


def test_a_new_trace_starts_at_the_beginning(slider: PlayerSlider) -> None:
    slider.setValue(7)
    slider.set_progress(7.5)
    slider.set_trace(5, "dropped")
    assert (slider.value(), slider.progress(), slider.maximum()) == (0, 0.0, 5)


def test_the_buttons_say_what_was_pressed(qtbot: QtBot) -> None:
    buttons = PlayerButtons()
    qtbot.addWidget(buttons)
    buttons.set_position(3, 12)
    heard: list[str] = []
    for name in ("first", "back", "play", "pause", "forward", "last"):
        getattr(buttons, name).connect(lambda name=name: heard.append(name))
    drawn = buttons.findChildren(QToolButton)
    assert [button.accessibleName() for button in drawn] == [
        "To the start",
        "Step back",
        "Play",
        "Step forward",
        "To the end",
    ]
    for button in drawn:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    buttons.set_playing(True)
    assert drawn[2].accessibleName() == "Pause"
    QTest.mouseClick(drawn[2], Qt.MouseButton.LeftButton)
    assert heard == ["first", "back", "play", "forward", "last", "pause"]


@pytest.mark.parametrize(
    ("hop", "hops", "enabled"),
    [
        (0, 0, [False, False, False, False, False]),
        (0, 12, [False, False, True, True, True]),
        (5, 12, [True, True, True, True, True]),
        (12, 12, [True, True, True, False, False]),
    ],
)
def test_only_what_makes_sense_is_enabled(qtbot: QtBot, hop: int, hops: int, enabled: list[bool]) -> None:
    buttons = PlayerButtons()
    qtbot.addWidget(buttons)
    buttons.set_position(hop, hops)
    assert [button.isEnabled() for button in buttons.findChildren(QToolButton)] == enabled


def test_a_trace_of_one_hop_is_a_trace(qtbot: QtBot) -> None:
    slider = PlayerSlider()
    qtbot.addWidget(slider)
    slider.set_trace(0, "cannot-tell", first=1)
    assert slider.count_text() == "hop 1 of 1"
    slider.set_trace(0, "", first=1)
    assert slider.count_text() == "no trace"
