"""The matrix and the timeline as a screen reader meets them: cells as children, the chosen one focused, a value."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleValueInterface
from PySide6.QtTest import QTest

from designer.ui.kit.player import PlayerSlider
from designer.ui.panels.matrix_panel import MatrixPanel
from designer.ui.panels.matrix_reading import CellInterface
from tests.ui.panels.conftest import Desk

Name, Description = QAccessible.Text.Name, QAccessible.Text.Description


@pytest.fixture
def panel(shop: Desk) -> Any:
    return shop.panel(MatrixPanel, 1280, 700)


def cells(panel: Any) -> list[CellInterface]:
    whole = QAccessible.queryAccessibleInterface(panel.grid)
    found: list[Any] = [whole.child(place) for place in range(whole.childCount())]
    return [cell for cell in found if isinstance(cell, CellInterface)]


def test_each_cell_in_view_is_a_child_with_its_sentence_and_its_place(panel: Any) -> None:
    whole = QAccessible.queryAccessibleInterface(panel.grid)
    assert whole.role() == QAccessible.Role.Table
    found = cells(panel)
    rows = [n for n, node in enumerate(panel.grid.rows.nodes) if not node.is_band]
    columns = [n for n, node in enumerate(panel.grid.columns.nodes) if not node.is_band]
    assert [cell.place for cell in found] == [(row, column) for row in rows for column in columns]
    for cell in found:
        row, column = cell.place
        assert cell.text(Name) == panel.cell_words(row, column) != ""
        assert cell.text(Description).startswith(f"row {row + 1} of ")
        assert f"column {column + 1} of " in cell.text(Description)
        assert cell.role() == QAccessible.Role.Cell
        assert whole.child(whole.indexOfChild(cell)) is cell
        middle = cell.rect().center()
        assert whole.childAt(middle.x(), middle.y()) is cell


def test_the_chosen_cell_has_the_focus_and_is_announced(panel: Any) -> None:
    panel.grid.setFocus()
    QAccessible.setActive(True)
    try:
        QTest.keyClick(panel.grid, Qt.Key.Key_Down)
        QTest.keyClick(panel.grid, Qt.Key.Key_Right)
    finally:
        QAccessible.setActive(False)
    whole = QAccessible.queryAccessibleInterface(panel.grid)
    focused: Any = whole.focusChild()
    assert focused.place == panel.grid.current
    state: Any = focused.state()
    assert state.selected and state.focusable
    others: list[Any] = [cell.state() for cell in cells(panel) if cell is not focused]
    assert others and not any(other.selected for other in others)


def test_only_what_is_in_view_is_a_child(panel: Any) -> None:
    every = len(cells(panel))
    panel.resize(560, 260)
    few = cells(panel)
    assert 0 < len(few) < every
    last = (len(panel.grid.rows.nodes) - 1, len(panel.grid.columns.nodes) - 1)
    panel.grid.choose(*last)
    assert last in [cell.place for cell in cells(panel)], "a chosen cell is brought into view"


def test_the_timeline_is_a_slider_with_a_value(shop: Desk) -> None:
    slider = PlayerSlider()
    shop.qtbot.addWidget(slider)
    slider.set_trace(15, "delivered", first=1)
    slider.setValue(6)
    said: Any = QAccessible.queryAccessibleInterface(slider)
    assert said.role() == QAccessible.Role.Slider
    assert said.text(Name) == "Hop of the trace"
    assert said.text(Description) == "hop 7 of 16"
    assert said.text(QAccessible.Text.Value) in ("6", "")
    value: QAccessibleValueInterface = said.valueInterface()
    assert (value.minimumValue(), value.currentValue(), value.maximumValue()) == (0, 6, 15)
