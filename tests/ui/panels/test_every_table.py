"""What every table of the panels can do: sort, filter, copy, CSV, and lead from a row to the canvas and back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from designer.ui.bridge.overlays import Overlays
from designer.ui.kit.fields import SearchField
from designer.ui.kit.table import DataTable
from designer.ui.panels.addresses_panel import AddressesPanel
from designer.ui.panels.dns_panel import DnsPanel
from designer.ui.panels.exposure_view import ExposureView
from designer.ui.panels.live import LivePanel
from designer.ui.panels.matrix_panel import MatrixPanel
from designer.ui.panels.problems_panel import ProblemsPanel
from designer.ui.panels.requests_panel import RequestsPanel
from designer.ui.panels.routes_panel import RoutesPanel
from designer.ui.panels.trace_panel import TracePanel
from tests.ui.panels.conftest import Desk, sample


@dataclass(frozen=True)
class Case:
    """A table of a panel: how it is brought up, where it is, and what object a row is about (None: none)."""

    name: str
    project: str
    panel: type[LivePanel]
    table: Callable[[Any], DataTable]
    oid: Callable[[Any], str] | None
    prepare: Callable[[Desk, Any], object] = lambda desk, panel: None


def page(name: str) -> Callable[[Desk, Any], object]:
    return lambda desk, panel: panel.pages.set_value(name)


def last(row: Any) -> str:
    return str(row[-1])


def look_up(desk: Desk, panel: Any) -> None:
    panel.name.setText("kubernetes.default")
    panel.look_up()


def behind_the_answer(row: Any) -> str:
    return "Service:default/kubernetes" if row[4] else ""


def ask_url(desk: Desk, panel: Any) -> None:
    panel.url.setText("http://shop.example.com/")
    panel.ask()


def of_range(row: Any) -> str:
    return f"Node:{row[-1].owner}" if row[-1].owner else ""


def of_problem(row: Any) -> str:
    return str(row[-1].object)


CASES = (
    Case("addresses", "shop", AddressesPanel, lambda p: p.addresses, last),
    Case("ranges", "shop", AddressesPanel, lambda p: p.ranges, of_range),
    Case("room of Nodes", "shop", AddressesPanel, lambda p: p.nodes, last, page("nodes")),
    Case("rolling updates", "shop", AddressesPanel, lambda p: p.updates, last, page("updates")),
    Case("room left", "shop", AddressesPanel, lambda p: p.limits, None, page("room")),
    Case("DNS queries", "shop", DnsPanel, lambda p: p.table, behind_the_answer, look_up),
    Case("URL", "two-controllers", RoutesPanel, lambda p: p.table, last, ask_url),
    Case("who serves", "gateway", RoutesPanel, lambda p: p.facts["serving"].table, last, page("serving")),
    Case("conditions", "gateway", RoutesPanel, lambda p: p.facts["conditions"].table, last, page("conditions")),
    Case("problems", "broken", ProblemsPanel, lambda p: p.table, of_problem),
    Case("saved requests", "shop", RequestsPanel, lambda p: p.table, None),
    Case("trace", "shop", TracePanel, lambda p: p.table, None,
         lambda desk, panel: desk.ask("client", "http://192.168.10.12:30080")),
)  # fmt: skip


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def shown(request: pytest.FixtureRequest, desk_of: Callable[..., Desk]) -> tuple[Case, Desk, Any, DataTable]:
    case: Case = request.param
    desk = desk_of(sample(case.project))
    if case.panel is RequestsPanel:
        panel: Any = RequestsPanel(desk.session, desk.selection, desk.player, Overlays())
        desk.qtbot.addWidget(panel)
        panel.resize(1280, 420)
        panel.show()
    else:
        panel = desk.panel(case.panel, 1280, 420)
    case.prepare(desk, panel)
    desk.settle(panel)
    table = case.table(panel)
    assert table.rows_model.rowCount() > 1, "nothing to try it with"
    return case, desk, panel, table


def test_every_column_sorts_up_and_down_and_back(shown: tuple[Case, Desk, Any, DataTable]) -> None:
    _, _, _, table = shown
    model = table.rows_model
    before = list(model.shown())
    assert table.isSortingEnabled()
    for place in range(len(model.columns)):
        table.sortByColumn(place, Qt.SortOrder.AscendingOrder)
        up = list(model.shown())
        table.sortByColumn(place, Qt.SortOrder.DescendingOrder)
        down = list(model.shown())
        assert sorted(map(repr, up)) == sorted(map(repr, down)) == sorted(map(repr, before))
        assert [repr(row[place]) for row in up] == [repr(row[place]) for row in reversed(down)]
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert list(model.shown()) == before


def test_a_search_field_filters_it(shown: tuple[Case, Desk, Any, DataTable]) -> None:
    _, _, panel, table = shown
    (search,) = [field for field in panel.findChildren(SearchField) if field.next_widget is table]
    total = table.rows_model.rowCount()
    search.setText("zzzz-nothing")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert table.rows_model.rowCount() == 0
    QTest.keyClick(search, Qt.Key.Key_Escape)
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert table.rows_model.rowCount() == total
    QTest.keyClick(search, Qt.Key.Key_Down)
    assert table.hasFocus()


def test_rows_are_copied_and_exported(shown: tuple[Case, Desk, Any, DataTable]) -> None:
    _, _, _, table = shown
    table.select_place(1)
    table.setFocus()
    QGuiApplication.clipboard().clear()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied == table.selection_as_text()
    assert "\t" in copied
    lines = list(csv.reader(io.StringIO(table.csv_text())))
    assert len(lines) == 1 + table.rows_model.rowCount()
    assert lines[0] == [column.title for place, column in enumerate(table.rows_model.columns)
                        if not table.isColumnHidden(place)]  # fmt: skip
    offered = {action.text() for action in table.context_menu().actions()}
    assert {"Copy", "Export CSV…"} <= offered


def test_copy_and_export_are_buttons_too(shown: tuple[Case, Desk, Any, DataTable]) -> None:
    _, _, panel, _ = shown
    names = {button.accessibleName().lower() for button in panel.findChildren(QToolButton)}
    assert any("copy" in name for name in names), names
    assert any("export" in name or "csv" in name for name in names), names


def test_a_row_leads_to_its_object_and_the_object_to_its_row(shown: tuple[Case, Desk, Any, DataTable]) -> None:
    case, desk, _, table = shown
    if case.oid is None:
        return
    rows = list(table.rows_model.shown())
    place = next(n for n, row in enumerate(rows) if (oid := case.oid(row)) and known(desk, oid))
    oid = case.oid(rows[place])
    desk.selection.clear()
    table.select_place(place)
    assert desk.selection.single == oid
    desk.selection.clear()
    QApplication.processEvents()
    assert table.first_selected() is None
    desk.selection.select((oid,))
    chosen = table.first_selected()
    assert chosen is not None
    assert case.oid(chosen) == oid


def known(desk: Desk, oid: str) -> bool:
    project = desk.project
    return project.get(oid) is not None or oid in project.foreign or oid in desk.session.state.control.pods


def test_the_exposure_of_the_matrix_can_do_it_too(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(sample("shop"))
    panel = desk.panel(MatrixPanel, 1280, 420)
    (view,) = panel.findChildren(ExposureView)
    assert [field for field in panel.findChildren(SearchField) if field.next_widget is view.table]
    assert view.table.isSortingEnabled()
