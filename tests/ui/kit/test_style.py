"""Dressing the application: palette, sheet, choices, and the signal that a theme has changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from designer.ui.kit.sheet import style_sheet
from designer.ui.kit.style import (
    SYSTEM,
    THEME_CHOICES,
    apply_theme,
    chosen_theme,
    current_theme,
    set_property,
    set_role,
    system_theme,
    theme_changed,
)
from designer.ui.kit.tokens import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme
from tests.ui.kit.pictures import solid_colors

EACH_THEME = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())


@EACH_THEME
def test_the_palette_follows_the_theme(qapp: QApplication, theme: Theme) -> None:
    assert apply_theme(qapp, theme.name) is theme
    assert current_theme() is theme
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window) == theme.color("panel")
    assert palette.color(QPalette.ColorRole.WindowText) == theme.color("text")
    assert palette.color(QPalette.ColorRole.Highlight) == theme.color("selection")
    dimmed = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
    assert dimmed == theme.color("disabled")


@EACH_THEME
def test_the_sheet_is_filled_in_and_its_pictures_exist(qapp: QApplication, theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert "$" not in sheet
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert len(pictures) > 10
    assert all(Path(picture).is_file() for picture in pictures)
    apply_theme(qapp, theme)
    assert qapp.styleSheet() == sheet


def test_a_change_is_announced_after_it_happened(qapp: QApplication) -> None:
    seen: list[tuple[str, str]] = []

    def look(theme: Theme) -> None:
        seen.append((theme.name, qapp.palette().color(QPalette.ColorRole.Window).name()))

    theme_changed.connect(look)
    try:
        apply_theme(qapp, "dark")
    finally:
        theme_changed.disconnect(look)
    assert seen == [("dark", DARK.panel.lower())]


def test_the_choices_are_system_and_every_theme() -> None:
    assert THEME_CHOICES == ("system", "light", "dark", "high-contrast")
    assert chosen_theme("high-contrast") is HIGH_CONTRAST
    assert chosen_theme(DARK) is DARK
    assert chosen_theme("a name of an older version") is system_theme()


def test_system_follows_the_desktop_and_a_fixed_choice_does_not(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Theme] = [LIGHT]
    monkeypatch.setattr("designer.ui.kit.style.system_theme", lambda: asked[0])
    apply_theme(qapp, SYSTEM)
    assert current_theme() is LIGHT
    asked[0] = DARK
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert current_theme() is DARK
    apply_theme(qapp, "light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert current_theme() is LIGHT


def test_following_the_system_is_set_up_once(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Theme] = [LIGHT]
    monkeypatch.setattr("designer.ui.kit.style.system_theme", lambda: asked[0])
    for _ in range(3):
        apply_theme(qapp, SYSTEM)
    asked[0] = DARK
    spy = QSignalSpy(theme_changed)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert spy.count() == 1


@EACH_THEME
def test_the_primary_button_is_the_accent_and_others_are_not(qapp: QApplication, qtbot: QtBot, theme: Theme) -> None:
    apply_theme(qapp, theme)
    plain, primary = QPushButton("Cancel"), QPushButton("Trace")
    for button in (plain, primary):
        qtbot.addWidget(button)
    set_property(primary, "primary", True)
    assert theme.accent.lower() in solid_colors(primary.grab())
    assert theme.accent.lower() not in solid_colors(plain.grab())
    set_property(primary, "primary", False)
    assert theme.accent.lower() not in solid_colors(primary.grab())


@EACH_THEME
def test_keyboard_focus_is_drawn_in_the_accent(qapp: QApplication, qtbot: QtBot, theme: Theme) -> None:
    apply_theme(qapp, theme)
    first, second = QLineEdit(), QLineEdit()
    for edit in (first, second):
        qtbot.addWidget(edit)
    with qtbot.waitExposed(first):
        first.show()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    assert theme.accent.lower() in solid_colors(first.grab())
    assert theme.accent.lower() not in solid_colors(second.grab())


@EACH_THEME
def test_a_wrong_field_has_an_edge_in_the_error_colour(qapp: QApplication, qtbot: QtBot, theme: Theme) -> None:
    apply_theme(qapp, theme)
    edit = QLineEdit()
    qtbot.addWidget(edit)
    set_property(edit, "invalid", True)
    assert theme.error.lower() in solid_colors(edit.grab())


@EACH_THEME
def test_a_combo_box_shows_its_arrow(qapp: QApplication, qtbot: QtBot, theme: Theme) -> None:
    apply_theme(qapp, theme)
    box = QComboBox()
    qtbot.addWidget(box)
    box.resize(120, 28)
    picture = box.grab().toImage()
    arrow = picture.copy(picture.width() - 26, 4, 22, picture.height() - 8)
    ground = theme.color("field")
    differing = [
        (x, y)
        for x in range(arrow.width())
        for y in range(arrow.height())
        if abs(arrow.pixelColor(x, y).lightness() - ground.lightness()) > 60
    ]
    assert len(differing) >= 6


def test_roles_colour_labels(qapp: QApplication, qtbot: QtBot) -> None:
    label = QLabel("██████")
    qtbot.addWidget(label)
    set_role(label, "error")
    assert LIGHT.error.lower() in solid_colors(label.grab())
    set_role(label, "muted")
    assert LIGHT.muted.lower() in solid_colors(label.grab())
