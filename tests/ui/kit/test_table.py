"""The table sorts, filters, copies, exports and activates, and asks only for what is on the screen."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.ui.kit.style import current_theme
from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column, Row, RowsModel, natural_key
from designer.ui.kit.widgets import SearchField
from tests.ui.kit.pictures import solid_colors

COLUMNS = (
    Column("Pod", 140),
    Column("Address", 140, mono=True, tooltip="given by the CNI"),
    Column("Restarts", 80, align="right"),
    Column("Verdict", 140, verdict=True),
)
ROWS = [
    ("cart-6b7c9", "10.244.2.8", 3, "delivered", "id-1"),
    ("ad-77f5b", "10.244.2.11", 0, "denied", "id-2"),
    ("frontend-2kq8z", "10.244.2.9", 12, None, "id-3"),
    ("redis-cart-0", None, 1, "cannot-tell", "id-4"),
]


@pytest.fixture
def table(qtbot: QtBot) -> DataTable:
    made = DataTable(COLUMNS, "Pods")
    qtbot.addWidget(made)
    made.resize(640, 300)
    made.set_rows(ROWS)
    return made


def names(table: DataTable) -> list[str]:
    return [table.rows_model.text(place, 0) for place in range(table.rows_model.rowCount())]


def test_the_model_keeps_the_rules_of_qt_models(qtbot: QtBot) -> None:
    model = RowsModel(COLUMNS)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows(ROWS)
    model.sort(1)
    model.set_filter("cart")
    model.sort(2, Qt.SortOrder.DescendingOrder)
    model.set_rows([])
    assert tester.model() is model
    assert model.total() == 0


def test_cells_are_words_a_person_reads(table: DataTable) -> None:
    model = table.rows_model
    assert [model.text(1, place) for place in range(4)] == ["ad-77f5b", "10.244.2.11", "0", "denied by policy"]
    assert model.text(3, 1) == "—"
    assert Column("Ready").text(True) == "yes"
    assert model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == "given by the CNI"
    cell = model.index(1, 1)
    assert model.data(cell, Qt.ItemDataRole.AccessibleTextRole) == "Address: 10.244.2.11"
    assert model.data(cell, Qt.ItemDataRole.FontRole).family() == "JetBrains Mono"
    assert model.data(cell, Qt.ItemDataRole.UserRole) is ROWS[1]
    assert model.data(model.index(1, 3), Qt.ItemDataRole.ForegroundRole) == current_theme().verdict_color("denied")


def test_addresses_sort_as_numbers_and_nothing_comes_last(table: DataTable) -> None:
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert names(table) == ["cart-6b7c9", "frontend-2kq8z", "ad-77f5b", "redis-cart-0"]
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert names(table) == ["frontend-2kq8z", "cart-6b7c9", "redis-cart-0", "ad-77f5b"]
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert names(table) == [row[0] for row in ROWS]


def test_mixed_values_sort_without_an_error() -> None:
    values: list[Any] = ["10", None, 3, "a2", "", "A10", 2.5, True, "10.0.0.0/8", "x"]
    assert sorted(values, key=natural_key)[:3] == [True, 2.5, 3]
    assert [value for value in sorted(values, key=natural_key) if isinstance(value, str) and value] == [
        "10",
        "10.0.0.0/8",
        "a2",
        "A10",
        "x",
    ]
    assert sorted(values, key=natural_key)[-2:] in ([None, ""], ["", None])


def test_a_column_may_bring_its_own_order(qtbot: QtBot) -> None:
    severity = {"error": 0, "warning": 1, "info": 2}
    table = DataTable((Column("Severity", sort_key=severity.__getitem__),), "Problems")
    qtbot.addWidget(table)
    table.set_rows([("info",), ("error",), ("warning",)])
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert names(table) == ["error", "warning", "info"]


def test_a_filter_wants_every_word_somewhere_in_the_row(table: DataTable) -> None:
    heard: list[tuple[int, int]] = []
    table.filtered.connect(lambda shown, total: heard.append((shown, total)))
    table.set_filter("CART 10.244")
    assert names(table) == ["cart-6b7c9"]
    table.set_filter("denied by")
    assert names(table) == ["ad-77f5b"]
    table.set_filter("10.244.2.8 3 delivered cart")
    assert names(table) == ["cart-6b7c9"]
    table.set_filter("id-1")
    assert names(table) == [], "what is not shown is not searched"
    table.set_filter("")
    assert names(table) == [row[0] for row in ROWS]
    assert heard == [(1, 4), (1, 4), (1, 4), (0, 4), (4, 4)]


def test_sorting_and_filter_stay_when_rows_change(table: DataTable) -> None:
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    table.set_filter("cart")
    table.set_rows([*ROWS, ("a-cart", "10.0.0.1", 0, None, "id-5")])
    assert names(table) == ["a-cart", "cart-6b7c9", "redis-cart-0"]


def test_the_selection_stays_on_its_row(table: DataTable) -> None:
    table.select_place(0)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert table.selected_rows() == [ROWS[0]]
    table.set_filter("cart")
    assert table.selected_rows() == [ROWS[0]]
    table.set_rows(ROWS[:2])
    assert table.selected_rows() == [ROWS[0]]
    heard: list[Any] = []
    table.row_selected.connect(heard.append)
    table.set_filter("denied")
    assert table.selected_rows() == []
    assert heard == [None]


def test_rows_are_copied_as_lines_with_tabs(qtbot: QtBot, table: DataTable) -> None:
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().split("\n")
    assert lines[0].split("\t") == ["cart-6b7c9", "10.244.2.8", "3", "delivered"]
    assert len(lines) == 4
    table.clearSelection()
    table.copy_selection(titles=True)
    assert QApplication.clipboard().text().split("\n") == lines, "nothing selected leaves the clipboard alone"
    table.select_place(1)
    table.copy_selection(titles=True)
    assert (
        QApplication.clipboard().text() == "Pod\tAddress\tRestarts\tVerdict\nad-77f5b\t10.244.2.11\t0\tdenied by policy"
    )


def test_copies_follow_the_columns_on_the_screen(table: DataTable) -> None:
    table.horizontalHeader().moveSection(1, 0)
    table.setColumnHidden(2, True)
    table.select_place(0)
    assert table.selection_as_text() == "10.244.2.8\tcart-6b7c9\tdelivered"


def test_what_is_shown_is_exported_as_csv(table: DataTable, tmp_path: Path) -> None:
    table.set_rows([('say "hi", twice', "10.0.0.1", 1, None), *ROWS])
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert table.export_csv(tmp_path / "pods.csv") == ""
    data = (tmp_path / "pods.csv").read_bytes()
    assert b"\r\n" in data
    assert b"\r\r" not in data
    read = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    assert read[0] == ["Pod", "Address", "Restarts", "Verdict"]
    assert read[1] == ["frontend-2kq8z", "10.244.2.9", "12", ""]
    assert ['say "hi", twice', "10.0.0.1", "1", ""] in read
    assert len(read) == 6


def test_an_export_that_fails_says_so(table: DataTable, tmp_path: Path) -> None:
    message = table.export_csv(tmp_path / "no-such-folder" / "pods.csv")
    assert "pods.csv" in message
    assert message.endswith("Choose another place.")


def test_return_and_double_click_activate_the_row(qtbot: QtBot, table: DataTable) -> None:
    with qtbot.waitExposed(table):
        table.show()
    heard: list[Any] = []
    table.row_activated.connect(heard.append)
    table.select_place(2)
    QTest.keyClick(table, Qt.Key.Key_Return)
    area = table.visualRect(table.rows_model.index(1, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=area)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=area)
    assert heard == [ROWS[2], ROWS[1]]


def test_choosing_a_row_is_announced(qtbot: QtBot, table: DataTable) -> None:
    heard: list[Any] = []
    table.row_selected.connect(heard.append)
    table.select_place(1)
    QTest.keyClick(table, Qt.Key.Key_Down)
    table.select_place(-1)
    assert heard == [ROWS[1], ROWS[2], None]


def test_a_search_field_filters_and_down_leads_into_the_table(qtbot: QtBot, table: DataTable) -> None:
    field = SearchField()
    qtbot.addWidget(field)
    table.attach_search(field)
    QTest.keyClicks(field, "frontend")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert names(table) == ["frontend-2kq8z"]
    assert field.next_widget is table


def test_an_empty_table_says_why(qtbot: QtBot) -> None:
    table = DataTable(COLUMNS, "Pods", empty_text="No Pod runs here. Drag one onto a Node.")
    qtbot.addWidget(table)
    table.resize(500, 200)
    muted = current_theme().muted.lower()
    assert muted in solid_colors(table.viewport().grab())
    table.set_rows(ROWS)
    assert muted not in solid_colors(table.viewport().grab())
    table.set_filter("nothing like it")
    assert muted in solid_colors(table.viewport().grab())


def test_verdicts_are_drawn_in_their_colour_and_the_selection_as_one_band(table: DataTable) -> None:
    table.select_place(0)
    theme = current_theme()
    picture = table.viewport().grab().toImage()
    assert theme.verdicts["denied"].lower() in solid_colors(picture)
    y = table.rowViewportPosition(0) + 1
    assert {picture.pixelColor(x, y).name() for x in range(0, 480, 7)} == {theme.selection.lower()}


def test_the_menu_offers_what_can_be_done(table: DataTable) -> None:
    def offered() -> dict[str, bool]:
        return {action.text(): action.isEnabled() for action in table.context_menu().actions() if action.text()}

    assert offered() == {"Copy": False, "Copy with titles": False, "Export CSV…": True}
    table.select_place(0)
    assert offered() == {"Copy": True, "Copy with titles": True, "Export CSV…": True}


def test_painting_100_000_rows_asks_only_for_those_on_the_screen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    table = DataTable(COLUMNS, "Pods")
    qtbot.addWidget(table)
    table.resize(640, 400)
    rows = [(f"pod-{n}", f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", n % 7, None) for n in range(100_000)]
    table.set_rows(rows)
    asked: list[int] = []
    usual = RowsModel.row

    def noted(self: RowsModel, shown: int) -> Row:
        asked.append(shown)
        return usual(self, shown)

    monkeypatch.setattr(RowsModel, "row", noted)
    table.grab()
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
    table.grab()
    on_screen = 400 // 22 + 2
    assert len(set(asked)) <= 2 * on_screen
    assert 99_999 in asked
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert table.rows_model.text(0, 0) == "pod-99999"
    table.set_filter("pod-99999 10.1")
    assert names(table) == ["pod-99999"]


@pytest.mark.parametrize("middle", [True, False])
def test_words_that_differ_at_their_end_look_different_where_the_middle_is_left_out(qtbot: QtBot, middle: bool) -> None:
    table = DataTable((Column("Request", 200, mono=True, middle=middle), Column("More", 60)), "Requests")
    qtbot.addWidget(table)
    table.resize(400, 200)
    table.show()
    url = "GET http://two.one.tenants.example.com/files"
    table.set_rows([(url, ""), (f"{url}/", "")])
    first, second = (table.viewport().grab(table.visualRect(table.rows_model.index(place, 0))) for place in (0, 1))
    assert (first.toImage() != second.toImage()) is middle
