"""F6 through the parts of the window, and the keyboard in a panel that was asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from designer.ui.app.actions import TABS
from designer.ui.app.dialogs.finder import FinderDialog
from designer.ui.app.parts import parts_of
from designer.ui.app.window import MainWindow
from designer.ui.kit.table import DataTable
from designer.ui.panels.matrix_grid import MatrixGrid


@pytest.fixture
def ready(sample: MainWindow, qtbot: QtBot) -> MainWindow:
    sample.make_all()
    sample.messages.withdraw()
    sample.messages.withdraw_invitation()
    sample.activateWindow()
    qtbot.waitUntil(sample.isActiveWindow)
    sample.canvas.setFocus()
    qtbot.waitUntil(sample.canvas.hasFocus)
    return sample


def part_with_focus(window: MainWindow) -> QWidget:
    focus = QApplication.focusWidget()
    assert focus is not None
    found = [part for part in parts_of(window) if part is focus or part.isAncestorOf(focus)]
    assert len(found) == 1, focus
    return found[0]


@pytest.mark.parametrize("key", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier])
def test_f6_goes_through_all_parts_and_comes_round(ready: MainWindow, key: Qt.KeyboardModifier) -> None:
    parts = parts_of(ready)
    assert parts == [ready.request_bar, ready.palette_panel, ready.canvas, ready.inspector, ready.bottom.panel("trace")]
    seen = []
    for _ in parts:
        QTest.keyClick(ready, Qt.Key.Key_F6, key)
        seen.append(part_with_focus(ready))
    step = -1 if key == Qt.KeyboardModifier.ShiftModifier else 1
    assert seen == [parts[(2 + step * (n + 1)) % 5] for n in range(5)]


def test_f6_comes_back_to_the_field_that_one_was_in(ready: MainWindow) -> None:
    assert ready.inspector is not None
    field = ready.inspector.findChildren(QLineEdit)[2]
    field.setFocus()
    QTest.keyClick(ready, Qt.Key.Key_F6)
    assert part_with_focus(ready) is not ready.inspector
    QTest.keyClick(ready, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert field.hasFocus()


def test_f6_leaves_out_what_is_hidden_and_goes_to_what_floats(ready: MainWindow) -> None:
    ready.sides.show_side("palette", False)
    ready.messages.invite("Something can be done.", "Do it", lambda: None)
    ready.commands.help.guide()
    parts = parts_of(ready)
    assert ready.palette_panel not in parts
    assert ready.messages.banner in parts
    ready.canvas.setFocus()
    seen = set()
    for _ in parts:
        QTest.keyClick(ready, Qt.Key.Key_F6)
        seen.add(part_with_focus(ready).objectName() or "unnamed")
    assert "tour" in seen
    assert len(seen) == len({part.objectName() or "unnamed" for part in parts})


@pytest.mark.parametrize(("number", "name"), list(enumerate([name for name, _ in TABS], 1)))
def test_a_panel_that_was_asked_for_has_the_keyboard(ready: MainWindow, qtbot: QtBot, number: int, name: str) -> None:
    QTest.keyClick(ready, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.AltModifier)
    panel = ready.bottom.panel(name)

    def arrived() -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and panel.isAncestorOf(focus) and bool(focus.focusPolicy() & Qt.FocusPolicy.TabFocus)

    qtbot.waitUntil(arrived)


def test_the_arrows_move_in_the_matrix_and_not_the_packet(ready: MainWindow, qtbot: QtBot) -> None:
    hop = ready.shell.player.index
    QTest.keyClick(ready, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), MatrixGrid))
    grid = QApplication.focusWidget()
    assert isinstance(grid, MatrixGrid)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(grid, key)
    assert grid.current is not None
    assert ready.shell.player.index == hop


def test_the_command_palette_finds_what_adds_by_what_it_does(ready: MainWindow) -> None:
    finder = FinderDialog(ready.shell, with_actions=True, parent=ready)
    for words in ("add deployment", "new deployment", "insert deployment"):
        finder.fill(words)
        assert finder.texts()[0] == "Deployment", words
    finder.deleteLater()


@pytest.mark.parametrize("name", ["tables", "problems"])
def test_a_panel_has_the_keyboard_also_when_another_one_had_it(ready: MainWindow, qtbot: QtBot, name: str) -> None:
    ready.commands.view.tab(name)
    qtbot.wait(50)
    QTest.keyClick(ready, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), MatrixGrid))
    ready.commands.view.tab(name)
    qtbot.wait(50)
    focus = QApplication.focusWidget()
    assert isinstance(focus, QAbstractScrollArea)
    assert ready.bottom.panel(name).isAncestorOf(focus)


def test_shift_f10_asks_a_table_for_its_menu(ready: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    ready.commands.view.tab("trace")
    table = QApplication.focusWidget()
    assert isinstance(table, DataTable)
    table.select_place(2)
    asked: list[QPoint] = []
    monkeypatch.setattr(table, "contextMenuEvent", lambda event: asked.append(event.pos()))
    QTest.keyClick(table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert len(asked) == 1
    assert table.rowAt(asked[0].y()) == 2, "the menu stands at the chosen row"
