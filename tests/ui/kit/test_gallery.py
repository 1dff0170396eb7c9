"""The gallery builds in every theme, so every widget paints in every theme without a Qt warning."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from designer.ui.kit.style import apply_theme
from designer.ui.kit.tokens import THEMES
from tests.ui.kit import gallery
from tests.ui.kit.pictures import solid_colors


@pytest.mark.parametrize("name", THEMES)
def test_every_widget_paints_in_every_theme(qapp: QApplication, qtbot: QtBot, name: str) -> None:
    theme = apply_theme(qapp, name)
    window = gallery.build()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    colors = solid_colors(window.grab().scaled(700, 560))
    assert {theme.panel.lower(), theme.selection.lower()} <= colors
    window.close()


def test_everything_that_takes_the_keyboard_has_a_name(qtbot: QtBot) -> None:
    window = gallery.build()
    qtbot.addWidget(window)
    ours = [
        widget
        for widget in window.findChildren(QWidget)
        # A banner's button is hidden while there is nothing to do, and has no words then.
        if type(widget).__module__.startswith("designer.ui.kit")
        and widget.focusPolicy().value
        and not widget.isHidden()
    ]
    assert ours
    assert [type(widget).__name__ for widget in ours if not widget.accessibleName()] == []
