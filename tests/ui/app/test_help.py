"""F1 and every "Why?": the topic of what is chosen, in the window's Help, with the keyboard there and back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.engine.trace.hops import Request
from designer.model import Problem
from designer.ui.app.dialogs.problem_list import ProblemListDialog
from designer.ui.app.dialogs.words import WordsDialog
from designer.ui.app.help_dock import HelpDock
from designer.ui.app.window import MainWindow
from designer.ui.panels.matrix_panel import MatrixPanel
from designer.ui.panels.problems_panel import ProblemsPanel
from designer.ui.panels.trace_panel import TracePanel
from tests.ui.app.conftest import MakeWindow


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room beside the rest, which the screen that is not there has not: floating windows take no keyboard on it."""
    monkeypatch.setattr(HelpDock, "has_room", lambda dock: True)


def f1(window: MainWindow) -> None:
    window.action_set.actions["help.here"].trigger()


def shown(window: MainWindow) -> str:
    assert window.help_dock.isVisible()
    return window.help_dock.panel.key


@pytest.fixture
def broken(make_window: MakeWindow) -> MainWindow:
    window = make_window()
    assert window.files.open_sample("broken.cnd")
    return window


def problems_of(window: MainWindow) -> ProblemsPanel:
    panel = window.bottom.show_panel("problems")
    assert isinstance(panel, ProblemsPanel)
    assert panel.wait()
    QApplication.processEvents()
    return panel


def test_without_anything_chosen_f1_shows_the_contents(window: MainWindow) -> None:
    assert not window.help_dock.isVisible()
    f1(window)
    assert shown(window) == ""


def test_f1_and_the_button_explain_the_chosen_problem(broken: MainWindow) -> None:
    panel = problems_of(broken)
    place = next(n for n, row in enumerate(panel.table.rows_model.shown()) if row[1] == "NP-05")
    panel.table.select_place(place)
    panel.table.setFocus()
    f1(broken)
    assert shown(broken) == "NP-05"
    panel.table.select_place(0)
    panel.detail.why_button.click()
    assert shown(broken) == panel.table.rows_model.row(0)[1]


def test_the_menu_of_a_row_explains_its_problem(broken: MainWindow) -> None:
    panel = problems_of(broken)
    panel.table.select_place(1)
    menu = panel.table.context_menu()
    next(action for action in menu.actions() if action.text() == "Why?").trigger()
    assert shown(broken) == panel.table.rows_model.row(1)[1]


def test_a_selected_object_on_the_canvas_is_explained_by_its_worst_problem(broken: MainWindow) -> None:
    problems_of(broken)
    broken.shell.selection.select(("Service:shop/frontend",))
    broken.canvas.setFocus()
    f1(broken)
    assert shown(broken) == "SVC-01"


def test_a_hop_is_explained_by_its_kind_and_the_last_one_by_the_end_of_the_way(sample: MainWindow) -> None:
    assert sample.files.open_sample("shop.cnd")
    scenario = next(s for s in sample.shell.bridge.project.scenarios.values() if s.expect == "denied")
    assert sample.tracing.ask_scenario(scenario)
    panel = sample.bottom.show_panel("trace")
    assert isinstance(panel, TracePanel)
    player = sample.shell.player
    player.pause()
    player.seek(0.0)
    panel.table.setFocus()
    f1(sample)
    assert shown(sample) == f"hop:{player.hops[0].kind}"
    player.seek(float(len(player.hops)))
    panel.table.setFocus()
    f1(sample)
    assert shown(sample) == "verdict:denied"
    panel.hop_view.helpWanted.emit("hop:policy")
    assert shown(sample) == "hop:policy"
    panel.why.click()
    assert shown(sample) == "verdict:denied"


def test_a_reason_that_is_known_is_explained_itself(broken: MainWindow) -> None:
    broken.commands.simulate.ask(Request("Deployment:shop/api", "http://frontend"))
    result = broken.shell.player.result
    assert result is not None and result.verdict == "rejected"
    broken.canvas.setFocus()
    f1(broken)
    assert shown(broken) == "reason:no-endpoints"


def test_the_evidence_of_a_cell_is_explained(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    panel = sample.bottom.show_panel("matrix")
    assert isinstance(panel, MatrixPanel)
    assert panel.wait()
    qtbot.waitUntil(lambda: panel.table is not None)
    panel.bar.folded.emit(True)
    rows, columns = ([node.text for node in nodes] for nodes in (panel.axes.rows, panel.axes.columns))
    panel.grid.choose(rows.index("shop/frontend"), columns.index("shop/db"))
    assert panel.help_key() == "policy:denied"
    panel.detail.helpWanted.emit("policy:denied")
    assert shown(sample) == "policy:denied"


def test_escape_closes_help_and_gives_the_keyboard_back(broken: MainWindow, qtbot: QtBot) -> None:
    panel = problems_of(broken)
    panel.table.select_place(0)
    panel.table.setFocus()
    f1(broken)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is broken.help_dock.panel.text)
    QTest.keyClick(broken.help_dock.panel.text, Qt.Key.Key_Escape)
    assert not broken.help_dock.isVisible()
    assert QApplication.focusWidget() is panel.table


def test_a_refused_edit_offers_its_rule(window: MainWindow) -> None:
    window.messages.show_problems((Problem("EDIT-08", "error", "It cannot stand there", fix="Move it nearer."),))
    assert window.messages.code == "EDIT-08"
    f1(window)
    assert shown(window) == "EDIT-08"
    window.commands.help.contents()
    window.messages.toast.action_triggered.emit()
    assert shown(window) == "EDIT-08"


def test_over_a_dialog_the_rule_stands_in_a_page_of_its_own(window: MainWindow, qtbot: QtBot) -> None:
    found = (
        Problem("FILE-13", "error", "It cannot be saved", why="No room.", fix="Free some."),
        Problem("READ-08", "warning", "It stands twice", fix="Remove one."),
    )
    window.messages.show_problems(found)
    window.messages.toast.action_triggered.emit()
    dialog = window.findChild(ProblemListDialog)
    assert dialog is not None
    assert dialog.help_key() == "FILE-13"
    cursor = dialog.text.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    dialog.text.setTextCursor(cursor)
    assert dialog.help_key() == "READ-08"
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is dialog)
    QTest.keyClick(dialog, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: dialog.findChild(WordsDialog) is not None, timeout=2000)
    page = dialog.findChild(WordsDialog)
    assert page is not None
    assert page.windowTitle().startswith("READ-08")
    assert not window.help_dock.isVisible()
    page.close()
    dialog.close()


def test_help_that_was_open_is_open_again(make_window: MakeWindow) -> None:
    first = make_window()
    f1(first)
    first.close()
    second = make_window()
    assert second.help_dock.isVisible()
    assert second.help_dock.panel.tree.topLevelItemCount() > 5
