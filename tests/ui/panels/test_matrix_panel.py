"""The Matrix panel as a person uses it: cells, evidence, groups, filters, focus, keyboard, what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from designer.__main__ import main
from designer.edits.remove import remove
from designer.engine.compile import compile_project
from designer.model import NetworkPolicy
from designer.present.matrix_table import ALL, NONE, SOME, VALUES
from designer.ui.kit.messages import EmptyState
from designer.ui.panels.link_button import LinkButton
from designer.ui.panels.matrix_cells import count_words
from designer.ui.panels.matrix_menu import cell_menu
from designer.ui.panels.matrix_panel import NO_PODS, NO_POLICIES, MatrixPanel
from tests.present.matrix_cluster import POLICIES, WORKLOADS, deployment, project_of
from tests.present.tiered_cluster import tiered
from tests.ui.panels.conftest import Desk

API, DB, FRONTEND, PROBER = "shop/api", "shop/db", "shop/frontend", "monitoring/prober"


def row(panel: MatrixPanel, name: str) -> int:
    return [node.text for node in panel.axes.rows].index(name)


def column(panel: MatrixPanel, name: str) -> int:
    return [node.text for node in panel.axes.columns].index(name)


def value(panel: MatrixPanel, src: str, dst: str) -> str:
    line = panel.grid.line(row(panel, src))
    assert line is not None
    return VALUES[int(line.codes[column(panel, dst)])]


def choose(panel: MatrixPanel, src: str, dst: str) -> None:
    panel.grid.choose(row(panel, src), column(panel, dst))


def verdict(desk: Desk) -> str:
    assert desk.player.result is not None
    return desk.player.result.verdict


def settle(desk: Desk, panel: MatrixPanel) -> None:
    desk.settle(panel)


def test_cells_are_what_the_policies_say(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    # The manifests of the sample: frontend may call api, api may call db, the prober may ask api, nobody else.
    assert value(panel, FRONTEND, API) == "some"
    assert value(panel, API, DB) == "some"
    assert value(panel, FRONTEND, DB) == "none"
    assert value(panel, PROBER, DB) == "none"
    assert value(panel, API, API) == "same"


def test_a_cell_shows_ports_and_rules_and_is_traced(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    choose(panel, FRONTEND, API)
    assert panel.detail.text == "TCP 8080"
    assert panel.detail.trace_button.text() == "Trace TCP 8080"
    with shop.qtbot.waitSignal(panel.traced):
        panel.detail.trace_button.click()
    assert verdict(shop) == "delivered"
    choose(panel, FRONTEND, DB)
    assert panel.detail.text == "closed"
    panel.detail.trace_button.click()
    assert verdict(shop) == "denied"


def test_a_link_of_the_evidence_leads_to_the_rule(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    choose(panel, FRONTEND, API)
    wanted: list[tuple[str, str]] = []
    panel.policyWanted.connect(lambda oid, path: wanted.append((oid, path)))
    links = panel.detail.findChildren(LinkButton)
    for link in links:
        link.click()
    assert [oid for oid, _ in wanted] and all(shop.project.get(oid) is not None for oid, _ in wanted)
    assert any(path.startswith("spec.ingress[0]") for _, path in wanted)


def test_arrows_move_the_choice_over_bands(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    grid = panel.grid
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    first = (1, 1)  # the first row and column are the band of the first namespace
    assert grid.current == first and panel.axes.rows[0].is_band
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.current == (3, 1), "the band between two namespaces has no cells"
    assert grid.accessibleDescription() == panel.cell_words(3, 1)
    for _ in range(20):
        QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current == (3, len(panel.axes.columns) - 1)
    QTest.keyClick(grid, Qt.Key.Key_Home)
    assert grid.current == (3, 1)


def test_keys_open_and_close_groups_and_workloads(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    choose(panel, FRONTEND, API)
    QTest.keyClick(panel.grid, Qt.Key.Key_Plus)
    below = [node for node in panel.axes.rows if node.pod is not None]
    pods = [pod.id for pod in shop.session.state.control.pods.values() if pod.owner == "Deployment:shop/frontend"]
    assert [node.pod.id for node in below if node.pod] == pods
    QTest.keyClick(panel.grid, Qt.Key.Key_Minus)
    assert not [node for node in panel.axes.rows if node.pod is not None]
    QTest.keyClick(panel.grid, Qt.Key.Key_Minus)
    assert "shop" in [node.name for node in panel.axes.rows if node.level == "group" and not node.is_band]
    assert FRONTEND not in [node.text for node in panel.axes.rows]
    assert FRONTEND in [node.text for node in panel.axes.columns]


def test_enter_goes_to_the_evidence(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    choose(panel, FRONTEND, API)
    panel.grid.setFocus()
    QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    shop.qtbot.waitUntil(panel.detail.trace_button.hasFocus)


def test_a_click_chooses_the_cell_under_the_mouse(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel, height=400)
    place = row(panel, API), column(panel, DB)
    spot = panel.grid.rect_of(*place).center()
    QTest.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert panel.grid.current == place
    assert panel.detail.text == "TCP 5432"


def test_a_click_on_a_name_closes_a_group_and_a_double_click_zooms_in(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel, height=400)
    grid = panel.grid
    spot = grid.rect_of(row(panel, "shop: 3 workloads"), 1).center()
    spot.setX(30)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert FRONTEND not in [node.text for node in panel.axes.rows]
    panel.bar.close_all.click()
    assert {node.level for node in (*panel.axes.rows, *panel.axes.columns)} == {"group"}
    names = [node.name for node in panel.axes.rows]
    rect = grid.rect_of(names.index("shop"), names.index("shop"))
    QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert value(panel, FRONTEND, API) == "some"


def test_a_cell_of_groups_counts_and_leads_to_its_pairs(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    panel.bar.close_all.click()
    names = [node.name for node in panel.axes.rows]
    panel.grid.choose(names.index("shop"), names.index("shop"))
    # Three workloads make six pairs; only frontend → api and api → db are open.
    assert "2 of 6 pairs are open" in panel.cell_words(*panel.grid.current)
    link = next(one for one in panel.detail.findChildren(LinkButton) if one.text().startswith(f"{API} → {DB}"))
    link.click()
    assert panel.grid.current is not None
    assert [node.text for node in panel.node_at(*panel.grid.current)] == [API, DB]
    assert panel.detail.text == "TCP 5432"


def test_who_reaches_a_port(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    QTest.keyClicks(panel.bar.ports, "5432")
    QTest.keyClick(panel.bar.ports, Qt.Key.Key_Return)
    settle(shop, panel)
    assert value(panel, API, DB) == "all"
    assert value(panel, FRONTEND, API) == "none"
    panel.bar.ports.clear()
    QTest.keyClicks(panel.bar.ports, "http")
    QTest.keyClick(panel.bar.ports, Qt.Key.Key_Return)
    assert panel.banner.isVisible() and "Write a port like" in panel.bar.ports.accessibleDescription()


def test_filters_choose_rows_and_columns(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    QTest.keyClicks(panel.bar.targets, "db")
    QTest.keyClick(panel.bar.targets, Qt.Key.Key_Return)
    assert [node.text for node in panel.axes.columns if node.level == "peer"] == [DB]
    assert FRONTEND in [node.text for node in panel.axes.rows]
    panel.bar.targets.clear()


def test_focus_on_one_workload_and_back(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    every = len(panel.axes.rows)
    choose(panel, API, DB)
    menu = cell_menu(panel)
    next(action for action in menu.actions() if action.text() == f"Only {DB}").trigger()
    assert DB in [node.text for node in panel.axes.rows] and FRONTEND not in [node.text for node in panel.axes.rows]
    assert "shop/frontend" not in panel.writing.text("csv")
    panel.bar.unfocus.click()
    assert len(panel.axes.rows) == every


def test_workloads_are_grouped_by_a_label(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    bar = panel.bar
    place = bar.groups.findData("app")
    assert place > 0
    bar.groups.setCurrentIndex(place)
    bar.groups.activated.emit(place)
    settle(shop, panel)
    assert "app=api" in [node.name for node in panel.axes.rows if node.level == "group"]


def test_an_edit_is_followed_and_the_choice_stays(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    choose(panel, FRONTEND, DB)
    assert shop.session.apply(remove(shop.project, sorted(shop.project.slice(NetworkPolicy))))
    settle(shop, panel)
    assert panel.detail.text == "all connections"
    assert value(panel, FRONTEND, DB) == "all"
    panel.grid.current = None
    panel.bar.changed.emit()
    said = " ".join(label.text() for label in panel.detail.findChildren(QLabel))
    assert NO_POLICIES in said


def test_exposure_is_what_the_command_prints(desk_of: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    desk = desk_of(project_of(*WORKLOADS, POLICIES))
    panel = desk.panel(MatrixPanel)
    panel.bar.views.set_value("exposure")
    desk.qtbot.waitUntil(lambda: bool(panel.exposure.rows))
    assert desk.session.save(tmp_path / "p.cnd")
    assert main(["connectivity", str(tmp_path / "p.cnd"), "--exposure"]) == 0
    printed = capsys.readouterr().out.partition("Exposure")[2]
    for workload, _way, peer, ports, _decided, _oid in panel.exposure.rows:
        assert workload in printed
        assert f"{ports} from {peer}" in printed or f"{ports} to {peer}" in printed
    # redis takes TCP 6379 of a cart in shop, and nothing of anybody else.
    told = {(one[0], one[1], one[2]): one[3] for one in panel.exposure.rows}
    assert told["data/redis[Deployment]", "accepts from", "any Pod of any namespace"] == "nothing"
    assert "TCP 6379" in [ports for (name, way, _), ports in told.items() if name.startswith("data/") and "from" in way]


def test_notes_are_told_once_and_exposure_knows_tiers(desk_of: Any) -> None:
    desk = desk_of(tiered())
    panel = desk.panel(MatrixPanel)
    assert panel.banner.isVisible(), "Calico does not enforce the Cilium policy: that is told"
    panel.banner.dismiss()
    assert desk.session.apply(remove(desk.project, ("Deployment:watch/prober",)))
    settle(desk, panel)
    assert not panel.banner.isVisible()
    panel.bar.views.set_value("exposure")
    desk.qtbot.waitUntil(lambda: bool(panel.exposure.rows))
    told = {(one[0], one[1], one[2]): one[3] for one in panel.exposure.rows}
    # The GlobalNetworkPolicy lets anybody reach web on TCP 8080, and nothing else.
    assert told["shop/web[Deployment]", "accepts from", "any Pod of any namespace"] == "TCP 8080"


def test_an_empty_project_says_how_to_begin(empty: Desk) -> None:
    panel = empty.panel(MatrixPanel)
    assert panel._stack.currentIndex() == 0
    assert not panel.banner.isVisible()


def test_on_a_low_panel_rows_come_before_the_names_across(desk_of: Any) -> None:
    long = deployment("shop", "a-workload-with-a-name-that-nobody-can-read-in-one-glance", 80)
    panel = desk_of(project_of(*WORKLOADS, long)).panel(MatrixPanel, height=230)
    grid = panel.grid
    assert grid.titles <= grid.viewport().height() / 2
    panel.resize(1280, 600)
    assert grid.titles > 120, "where there is room the names are longer"


def test_many_workloads_begin_as_namespaces(desk_of: Any) -> None:
    project = project_of(*(deployment(f"ns{n % 5}", f"w{n}", 80, 1) for n in range(45)))
    assert len(compile_project(project).control.pods) >= 45
    panel = desk_of(project).panel(MatrixPanel)
    assert [node.name for node in panel.axes.rows if node.level == "group"][:5] == [f"ns{n}" for n in range(5)]
    assert not [node for node in panel.axes.rows if node.level == "peer" and node.name.startswith("w")]
    panel.bar.open_all.click()
    assert len([node for node in panel.axes.rows if node.level == "peer"]) >= 45


def test_a_click_on_a_column_tells_who_reaches_it_and_by_which_rules(shop: Desk) -> None:
    """The manifests: only api may ask db on TCP 5432, from the one rule of the policy db; the rest is denied."""
    panel = shop.panel(MatrixPanel, height=420)
    rect = panel.grid.rect_of(row(panel, API), column(panel, DB))
    QTest.mouseClick(
        panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.center().x(), panel.grid.titles - 40)
    )
    said = [label.text() for label in panel.detail.findChildren(QLabel)]
    assert said[0] == f"Who can reach {DB}"
    assert said[1].startswith("1 of ")
    (link,) = panel.detail.findChildren(LinkButton)
    assert link.text() == f"{API}: TCP 5432"
    (why,) = [one for one in said if one.startswith("Egress:")]
    egress, ingress = why.splitlines()
    assert egress.startswith("Egress: NetworkPolicy shop/api, spec.egress[")
    assert ingress.startswith("Ingress: NetworkPolicy shop/db, spec.ingress[0]")
    assert shop.revealed == [f"StatefulSet:{DB}"]
    link.click()
    assert panel.grid.current == (row(panel, API), column(panel, DB))


def test_the_menu_of_a_cell_tells_whom_its_row_reaches(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    choose(panel, API, DB)
    next(one for one in cell_menu(panel).actions() if one.text() == f"Whom {API} can reach").trigger()
    links = [one.text() for one in panel.detail.findChildren(LinkButton)]
    assert f"{DB}: TCP 5432" in links and not any(one.startswith(FRONTEND) for one in links)
    assert panel.detail.first_link is not None and panel.detail.first_link.hasFocus()


def test_what_is_outside_is_found_as_the_internet(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    QTest.keyClicks(panel.bar.targets, "internet")
    QTest.keyClick(panel.bar.targets, Qt.Key.Key_Return)
    assert {node.name for node in panel.axes.columns if node.level == "group"} == {"outside"}
    panel.bar.targets.clear()


def test_policies_without_workloads_say_what_is_missing(desk_of: Any) -> None:
    desk = desk_of(project_of(POLICIES))
    panel = desk.panel(MatrixPanel)
    shown = [one.accessibleName() for one in panel.findChildren(EmptyState) if one.isVisible()]
    assert shown == [NO_PODS]


def test_the_fields_stand_in_a_row_of_their_own_where_it_is_narrow(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel, width=800)
    assert panel.bar.ports.y() + panel.bar._finding.y() > panel.bar.groups.y() + panel.bar.groups.height() - 1
    assert panel.bar.minimumSizeHint().width() < 700
    panel.resize(1280, 230)
    QTest.qWait(1)
    assert panel.bar._finding.y() <= panel.bar.groups.y()


def test_a_count_is_short_and_never_rounds_to_all_or_none() -> None:
    assert [count_words(SOME, *one) for one in ((3, 12), (99, 100), (995, 1000), (10, 9900), (250, 9900))] == [
        "3/12", "99/100", "99 %", "<1 %", "2 %",
    ]  # fmt: skip
    assert count_words(ALL, 90, 90) == "90" and count_words(NONE, 0, 90) == ""
