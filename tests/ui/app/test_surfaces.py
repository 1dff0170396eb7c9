"""Every dialog, message, panel, form and menu: named, in the order of reading, left by Escape, no letter twice.

What is asked is what WCAG 2.2 asks (2.1.1 keyboard, 2.4.3 focus order, 4.1.2 name, role, value); `walking` says how.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from designer.ui.app import busy, choosing
from designer.ui.app.actions import TABS
from designer.ui.app.bottom import PANELS
from designer.ui.app.desktop import tell_crash
from designer.ui.app.tour import STEPS, Tour
from designer.ui.app.window import MainWindow
from designer.ui.bridge.watch import Watch
from tests.ui.app import surfaces
from tests.ui.app.conftest import MakeWindow
from tests.ui.app.walking import faults, takes_focus

ASKED = choosing.what_with_changes  # before the fixture of the window answers it


def test_the_list_has_every_dialog_of_the_program() -> None:
    assert {cls.__name__ for cls in surfaces.dialog_classes()} == set(surfaces.DIALOGS)


@pytest.mark.parametrize("name", [*surfaces.DIALOGS, *surfaces.MORE])
def test_a_dialog_can_be_read_gone_through_and_left_by_keyboard(sample: MainWindow, qtbot: QtBot, name: str) -> None:
    dialog = surfaces.opened(sample, name)
    qtbot.wait(60)
    assert faults(dialog) == []
    assert takes_focus(dialog), "there is something that the keyboard can go to"
    focus = dialog.focusWidget()
    assert focus is not None
    assert not (isinstance(focus, QPushButton) and "throw" in focus.text().lower())
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def _asks_about_changes(parent: QWidget) -> object:
    return ASKED(parent, surfaces.LONG)


def _asks_whether(parent: QWidget) -> object:
    return choosing.agrees(parent, "Throw away", f"Throw {surfaces.LONG} away?", "Throw away")


def _asks_for_words(parent: QWidget) -> object:
    return choosing.text_for(parent, "A name", "Name of the request")


def _tells_a_crash(_parent: QWidget) -> object:
    tell_crash(Path("report.log"))
    return None


@pytest.mark.parametrize("ask", [_asks_about_changes, _asks_whether, _asks_for_words, _tells_a_crash])
def test_a_question_that_must_be_answered_too(window: MainWindow, ask: Callable[[QWidget], object]) -> None:
    seen: list[list[str]] = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox | QInputDialog)
        seen.append(faults(box))
        destructive = [button.text() for button in box.findChildren(QPushButton) if button.isDefault()]
        assert not any("throw" in words.lower() or "discard" in words.lower() for words in destructive)
        QTest.keyClick(box, Qt.Key.Key_Escape)

    QTimer.singleShot(50, look)
    answer = ask(window)
    assert seen == [[]]
    assert answer in (None, False, "cancel")


def test_work_that_takes_long_can_be_cancelled_by_escape(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "SHOWN_AFTER_MS", 0)
    seen: list[list[str]] = []

    def work(watch: Watch) -> str:
        while not watch.cancelled:
            pass
        return "never seen"

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        seen.append(faults(dialog))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    QTimer.singleShot(150, look)
    assert busy.while_watched(window, "Reading…", work) is None
    assert seen == [[]]


@pytest.mark.parametrize("kind", surfaces.form_kinds())
def test_every_form_of_the_inspector(sample: MainWindow, kind: str) -> None:
    panel = surfaces.form_of(sample, kind)
    assert faults(panel) == []
    assert len(takes_focus(panel)) > (1 if kind == "several" else 2)


def test_the_list_has_every_panel() -> None:
    assert {name for name, _words in TABS} | {"inspector"} == set(PANELS)


@pytest.mark.parametrize("project", ["first-steps.cnd", "exposure.cnd", "gateway.cnd", "broken.cnd"])
def test_every_panel(make_window: MakeWindow, qtbot: QtBot, project: str) -> None:
    window = make_window()
    window.start(None)
    window.files.open_sample(project)
    window.make_all()
    for name, _words in TABS:
        panel = window.bottom.show_panel(name)
        qtbot.wait(60)
        assert faults(panel) == [], name
        assert takes_focus(panel) or name == "verify", name
    assert faults(window) == []


def test_what_floats_over_the_window(sample: MainWindow, qtbot: QtBot) -> None:
    sample.shell.selection.select(("Service:default/backend",))
    actions = sample.action_set.actions
    for name in ("view.layers", "view.minimap", "help.contents", "help.guide", "sim.beside"):
        actions[name].trigger()
    sample.messages.tell("Something happened.", "info", "Undo", lambda: None)
    sample.messages.invite("Something can be done.", "Do it", lambda: None)
    qtbot.wait(60)
    assert faults(sample) == []
    tour = sample.findChild(Tour)
    assert tour is not None
    for place in range(len(STEPS)):
        tour.show_step(place)
        assert faults(tour) == []
    QTest.keyClick(tour, Qt.Key.Key_Escape)
    assert not tour.isVisible()


def test_every_menu_says_what_its_entries_do(sample: MainWindow) -> None:
    sample.make_all()
    sample.shell.selection.select(("Service:default/backend",))
    sample.bottom.show_panel("problems")
    menus = sample.findChildren(QMenu)
    assert len(menus) > 10
    for menu in menus:
        for action in menu.actions():
            assert action.isSeparator() or action.text().strip(), menu.title()


def _bad_dialog(parent: QWidget) -> QDialog:
    """A dialog with one of each fault."""
    dialog = QDialog(parent)
    column = QVBoxLayout(dialog)
    last, first, bare = QLineEdit(), QLineEdit(), QLineEdit()
    for field in (last, first):
        field.setAccessibleName("The same")
    column.addWidget(QLabel("&Name"))
    row = QHBoxLayout()
    row.addWidget(first)
    row.addWidget(last)
    column.addLayout(row)
    column.addWidget(bare)
    for words in ("&Do", "&Doubt"):
        column.addWidget(QPushButton(words))
    buttons = QDialogButtonBox()
    away = buttons.addButton("Throw away", QDialogButtonBox.ButtonRole.DestructiveRole)
    column.addWidget(buttons)
    away.setDefault(True)
    QWidget.setTabOrder(last, first)
    dialog.show()
    return dialog


def test_each_fault_is_found(window: MainWindow) -> None:
    found = "\n".join(faults(_bad_dialog(window)))
    for words in (
        "no name: QLineEdit",
        "2 × QLineEdit 'The same'",
        "a letter and no field: '&Name'",
        "the letter d",
        "Tab goes back from QLineEdit",
        "no button that closes it",
        "Enter destroys: Throw away",
        "without a title",
    ):
        assert words in found, found


@pytest.mark.parametrize("name", ["FinderDialog", "ConnectDialog", "find"])
def test_a_list_to_choose_from_is_as_high_as_it_says(sample: MainWindow, name: str) -> None:
    """The words below the list may wrap: Qt then takes a height of its own, and seven rows were left."""
    dialog = surfaces.opened(sample, name)
    assert dialog.size() == dialog.sizeHint()
    dialog.close()
