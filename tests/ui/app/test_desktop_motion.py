"""The desktop's wish for less motion: which answers count, and what obeys it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QPropertyAnimation
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QProxyStyle, QStyle, QStyleOption, QWidget

from designer.ui.app.desktop_motion import DesktopMotion, asks_for_less
from designer.ui.app.dialogs.preferences import PreferencesDialog
from designer.ui.app.window import MainWindow
from designer.ui.kit import motion

APPEARANCE, GNOME = "org.freedesktop.appearance", "org.gnome.desktop.interface"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    motion.set_asked_by_desktop(False)
    motion.set_reduced_motion(False)


class _Variant:
    """A value as D-Bus wraps it."""

    def __init__(self, inside: Any) -> None:
        self._inside = inside

    def variant(self) -> Any:
        return self._inside


@pytest.mark.parametrize(
    ("namespace", "key", "answer", "less"),
    [
        (APPEARANCE, "reduced-motion", 1, True),
        (APPEARANCE, "reduced-motion", 0, False),
        (GNOME, "enable-animations", False, True),
        (GNOME, "enable-animations", True, False),
        (GNOME, "enable-animations", _Variant(_Variant(False)), True),
        (GNOME, "enable-animations", 0, False),
        (GNOME, "clock-show-date", False, False),
        (APPEARANCE, "reduced-motion", "", False),
    ],
)
def test_which_answers_ask_for_less(namespace: str, key: str, answer: object, less: bool) -> None:
    assert asks_for_less(namespace, key, answer) is less


class _Still(QProxyStyle):
    """A desktop on which effects are off."""

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        data: Any = None,
    ) -> int:
        return (
            0
            if hint == QStyle.StyleHint.SH_Widget_Animation_Duration
            else super().styleHint(hint, option, widget, data)
        )


class _App:
    """Of the application, what is asked for here."""

    def style(self) -> QStyle:
        return _Still()


def test_effects_that_are_off_reduce_motion_and_what_is_shown_is_told(qapp: QApplication) -> None:
    told: list[bool] = []
    owner = QObject()
    DesktopMotion(_App(), lambda: told.append(motion.reduced_motion()), owner)  # type: ignore[arg-type]
    assert told == [True]
    assert motion.duration(200) == 0
    motion.set_reduced_motion(False)
    assert motion.reduced_motion(), "the choice of the program does not take it back"


def test_the_path_has_numbers_and_the_preferences_say_why(sample: MainWindow) -> None:
    layer = sample.trace_layer
    assert layer is not None
    assert not layer._numbers
    motion.set_asked_by_desktop(True)
    sample.shell.settings.changed.emit("view/reducedMotion", False)
    assert len(layer._numbers) > 2
    dialog = PreferencesDialog(sample.shell.settings, sample)
    assert dialog.findChild(QCheckBox) is not None
    assert any("desktop asks for less motion" in label.text() for label in dialog.findChildren(QLabel))
    dialog.deleteLater()


def test_with_reduced_motion_nothing_that_moves_takes_time(sample: MainWindow) -> None:
    motion.set_reduced_motion(True)
    sample.shell.settings.changed.emit("view/reducedMotion", True)
    sample.commands.view.show("namespaces")
    assert not sample.canvas.glide.running
    sample.canvas.zoom_to_fit()
    sample.messages.tell("Something happened.", "info")
    toast = sample.messages.toast
    assert toast.isVisible()
    assert toast._fade.state() == QPropertyAnimation.State.Stopped
    assert not toast._effect.isEnabled(), "it is shown as it is, at once"
