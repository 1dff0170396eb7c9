"""The saved requests: asked, held against what is expected, drawn, put in order, edited."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtTest import QTest

from designer.edits.remove import remove
from designer.edits.scenarios import expect_of_scenario
from designer.model import Scenario, scenarios_in_order
from designer.ui.bridge.overlays import Overlays
from designer.ui.panels.requests_panel import RequestsPanel
from tests.ui.panels.conftest import Desk

DENIED = "4. The web tier must not reach the data"
WEB = "2. The web tier calls the logic"


@pytest.fixture
def panel(shop: Desk) -> Any:
    made = RequestsPanel(shop.session, shop.selection, shop.player, Overlays())
    shop.qtbot.addWidget(made)
    made.resize(1280, 260)
    made.show()
    shop.settle(made)
    return made


def choose(panel: RequestsPanel, *names: str) -> None:
    model, found = panel.table.rows_model, QItemSelection()
    for at, row in enumerate(model.shown()):
        if row[1] in names:
            found.select(model.index(at, 0), model.index(at, model.columnCount() - 1))
    panel.table.selectionModel().select(found, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def names(panel: RequestsPanel) -> list[str]:
    return [row[1] for row in panel.table.rows_model.shown()]


def test_all_are_asked_and_counted(panel: RequestsPanel, shop: Desk) -> None:
    assert panel.told.text() == "6 of 6 saved requests as expected."
    assert {row[0] for row in panel.table.rows_model.shown()} == {"✓ as expected"}
    counted: list[int] = []
    panel.counted.connect(counted.append)
    shop.session.apply(expect_of_scenario(shop.project, DENIED, "delivered"))
    shop.settle(panel)
    assert panel.told.text() == "5 of 6 saved requests as expected, 1 not as expected."
    assert counted[-1] == 1
    (red,) = [row for row in panel.table.rows_model.shown() if row[1] == DENIED]
    assert red[0] == "✕ not as expected" and red[3:5] == ("✓ delivered", "✕ denied by policy")


def test_before_the_first_answer_it_does_not_say_that_nothing_is_saved(shop: Desk) -> None:
    made = RequestsPanel(shop.session, shop.selection, shop.player, Overlays())
    shop.qtbot.addWidget(made)
    made.show()
    assert made.table.isVisible()
    assert made.table.empty_text == "Asking…"
    shop.settle(made)
    assert made.table.rows_model.rowCount() == 6


def test_a_red_one_opens_its_trace(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, DENIED)
    panel.table.setFocus()
    with shop.qtbot.waitSignal(panel.traced) as told:
        QTest.keyClick(panel.table, Qt.Key.Key_Return)
    asked: Scenario = told.args[0]
    assert asked.name == DENIED
    with shop.qtbot.waitSignal(panel.traced):
        QTest.mouseClick(panel.trace_button, Qt.MouseButton.LeftButton)


def test_what_is_expected_is_changed_in_the_form(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, WEB)
    assert panel.form.name.text() == WEB
    panel.form.expect.setCurrentIndex(panel.form.expect.findData("denied"))
    panel.form.expect.activated.emit(panel.form.expect.currentIndex())
    shop.settle(panel)
    assert shop.project.scenarios[WEB].expect == "denied"
    assert panel.names_selected() == (WEB,)
    assert "✕ not as expected" in panel.form.told.text()
    shop.session.undo()
    assert shop.project.scenarios[WEB].expect == "delivered"


def test_a_request_is_renamed_and_a_taken_name_is_refused(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, WEB)
    panel.form.name.setText(DENIED)
    panel.form.name.editingFinished.emit()
    assert "There is already a scenario" in panel.form.name_row.error()
    assert shop.failed == []
    panel.form.name.setText("  Web to logic ")
    panel.form.name.editingFinished.emit()
    shop.settle(panel)
    assert "Web to logic" in shop.project.scenarios and WEB not in shop.project.scenarios
    assert panel.names_selected() == ("Web to logic",)


def test_requests_are_moved_by_key_and_keep_their_order(panel: RequestsPanel, shop: Desk) -> None:
    before = names(panel)
    choose(panel, before[2])
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    shop.settle(panel)
    wanted = [before[0], before[2], before[1], *before[3:]]
    assert names(panel) == wanted == [each.name for each in scenarios_in_order(shop.project.scenarios)]
    assert panel.names_selected() == (before[2],)
    QTest.mouseClick(panel.down, Qt.MouseButton.LeftButton)
    shop.settle(panel)
    assert names(panel) == before


def test_delete_takes_the_selected_ones_away(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, WEB, DENIED)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    shop.settle(panel)
    assert len(shop.project.scenarios) == 4 and not {WEB, DENIED} & set(shop.project.scenarios)


def test_delete_in_the_name_takes_a_letter(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, WEB)
    panel.form.name.setFocus()
    panel.form.name.setCursorPosition(0)
    QTest.keyClick(panel.form.name, Qt.Key.Key_Delete)
    assert len(shop.project.scenarios) == 6
    assert panel.form.name.text() == WEB[1:]


def test_several_are_drawn_at_once_each_in_its_own_style(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, WEB, DENIED)
    QTest.mouseClick(panel.draw, Qt.MouseButton.LeftButton)
    assert list(panel.overlays.names) == [WEB, DENIED]
    assert [each.style for each in panel.overlays.shown] == [0, 1]
    assert {row[1]: row[5] for row in panel.table.rows_model.shown() if row[5]} == {WEB: "1", DENIED: "2"}
    assert panel.draw.text() == "Off canvas" and set(panel.names_selected()) == {WEB, DENIED}
    choose(panel, WEB)
    QTest.mouseClick(panel.draw, Qt.MouseButton.LeftButton)
    assert list(panel.overlays.names) == [DENIED]
    assert panel.overlays.style_of(DENIED) == 1  # its line does not change


def test_two_are_compared(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, WEB)
    assert not panel.compare.isEnabled()
    choose(panel, WEB, DENIED)
    with shop.qtbot.waitSignal(panel.compared) as told:
        QTest.mouseClick(panel.compare, Qt.MouseButton.LeftButton)
    assert [each.name for each in told.args] == [WEB, DENIED]


def test_without_saved_requests_it_says_how_to_get_one(empty: Desk) -> None:
    made = RequestsPanel(empty.session, empty.selection, empty.player, Overlays())
    empty.qtbot.addWidget(made)
    made.show()
    empty.settle(made)
    assert made._stack.currentIndex() == 0
    assert made.answers == ()


def test_what_is_drawn_follows_the_cluster_also_while_nobody_looks(panel: RequestsPanel, shop: Desk) -> None:
    choose(panel, DENIED)
    QTest.mouseClick(panel.draw, Qt.MouseButton.LeftButton)
    assert [each.path.verdict for each in panel.overlays.shown] == ["denied"]
    panel.hide()
    gone = ["NetworkPolicy:shop/default-deny", "NetworkPolicy:shop/frontend", "NetworkPolicy:shop/db"]
    shop.session.apply(remove(shop.project, [*gone, "NetworkPolicy:shop/allow-dns"]))
    shop.settle(panel)
    assert [each.path.verdict for each in panel.overlays.shown] == ["delivered"]
