"""Where the keyboard is can be seen on every kind of control, in every theme.

WCAG 2.2, 2.4.13: the pixels that change when the focus comes contrast at least 3 : 1 with what they were, over an area
as large as a line round the control; here a third of that line, since underlines and inner rings are as good, and never
more than 120 pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from designer.ui.app.actions import TABS
from designer.ui.app.window import MainWindow
from designer.ui.kit.buttons import push_button
from designer.ui.kit.player import PlayerSlider
from designer.ui.kit.style import apply_theme
from designer.ui.kit.tokens import THEMES
from tests.ui.app import surfaces
from tests.ui.app.walking import takes_focus

LOOKS = ("primary", "link", "segment", "framed", "bare", "kindButton", "search", "role")
MOST_ASKED = 120


@pytest.fixture(params=list(THEMES))
def themed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    apply_theme(qapp, request.param)
    flash = qapp.cursorFlashTime()
    qapp.setCursorFlashTime(0)
    yield request.param
    qapp.setCursorFlashTime(flash)
    apply_theme(qapp, "light")


def luminance(window: QWidget, rect: QRect) -> npt.NDArray[np.float64]:
    """The relative luminance of each pixel, as WCAG defines it."""
    picture = window.grab(rect).toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    channels = rows[:, : picture.width() * 3].reshape(picture.height(), picture.width(), 3) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def has_focus(widget: QWidget) -> bool:
    return QApplication.focusWidget() in (widget, widget.focusProxy())


def changed(widget: QWidget) -> int | None:
    """How many pixels contrast 3 : 1 with what they were before the focus came; None where it was taken away."""
    window = widget.window()
    rect = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-5, -5, 5, 5).intersected(window.rect())
    QApplication.processEvents()
    if not has_focus(widget):
        return None
    there = luminance(window, rect)
    widget.clearFocus()
    QApplication.processEvents()
    gone = luminance(window, rect)
    ratio = (np.maximum(there, gone) + 0.05) / (np.minimum(there, gone) + 0.05)
    return int((ratio >= 3).sum())


def asked(widget: QWidget) -> float:
    """How many have to. Of the timeline the knob is ringed, which is 14 pixels wide."""
    around = 4 * 14 if isinstance(widget, PlayerSlider) else 2 * (widget.width() + widget.height())
    return min(around / 3, MOST_ASKED)


def unseen(part: QWidget, known: set[object], qtbot: QtBot) -> list[str]:
    """The kinds of controls in a part of the window on which the focus is not seen."""
    window = part.window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    found = []
    for widget in takes_focus(part):
        kind = (type(widget).__name__, *(widget.property(look) for look in LOOKS))
        if kind in known or not widget.isEnabled() or widget.visibleRegion().isEmpty():
            continue
        got = None
        for attempt in range(6):  # a dialog may still be moving the keyboard itself, when an answer has come
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            got = changed(widget) if attempt >= 2 and has_focus(widget) else None
            if got is not None:
                break
        if got is None:
            continue
        known.add(kind)
        if got < asked(widget):
            found.append(f"{kind[0]} {widget.accessibleName()!r}: {got} of {asked(widget):.0f} pixels")
    return found


def test_on_the_window_and_the_forms(themed: str, sample: MainWindow, qtbot: QtBot) -> None:
    known: set[object] = set()
    found = [
        line
        for part in (sample.request_bar, sample.palette_panel, sample.canvas)
        for line in unseen(part, known, qtbot)
    ]
    for kind in ("cluster", "Service", "Deployment", "Node"):
        found += unseen(surfaces.form_of(sample, kind), known, qtbot)
    assert found == []
    assert len(known) > 10


def test_on_the_panels(themed: str, sample: MainWindow, qtbot: QtBot) -> None:
    sample.files.open_sample("exposure.cnd")
    sample.make_all()
    known: set[object] = set()
    found = []
    for name, _words in TABS:
        panel = sample.bottom.show_panel(name)
        qtbot.wait(80)
        found += unseen(panel, known, qtbot)
    found += unseen(sample.bottom, known, qtbot)
    assert found == []
    assert len(known) > 12


@pytest.mark.parametrize("names", [("ChangesDialog", "RepairDialog"), ("VerifyDialog", "FileDiffDialog", "about")])
def test_on_the_dialogs(themed: str, sample: MainWindow, qtbot: QtBot, names: tuple[str, ...]) -> None:
    known: set[object] = set()
    found = []
    for name in names:
        dialog = surfaces.opened(sample, name)
        qtbot.wait(80)
        found += unseen(dialog, known, qtbot)
        dialog.reject()
    assert found == []
    assert len(known) > 3


def test_a_control_that_shows_nothing_is_found(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    page = QWidget()
    window.setCentralWidget(page)
    column = QVBoxLayout(page)
    makers: tuple[Callable[[], QWidget], ...] = (lambda: push_button("Seen"), lambda: QCheckBox("Seen"), QWidget)
    for make in makers:
        widget = make()
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.setMinimumSize(60, 24)
        column.addWidget(widget)
    window.show()
    assert [line.partition(":")[0] for line in unseen(page, set(), qtbot)] == ["QWidget ''"]
