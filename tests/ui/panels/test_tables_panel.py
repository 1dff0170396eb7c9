"""The Tables panel: the very text of the Node, search, chains, one Service, and the rules of the hop."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from designer.edits.fields import set_field
from designer.edits.remove import remove
from designer.edits.settings import set_cluster, use_cni
from designer.engine.kubeproxy import tables_text
from designer.ui.panels.tables_panel import TablesPanel
from tests.ui.panels.conftest import Desk

NODES = ["node-1", "node-2", "node-3"]


def text_of(desk: Desk, node: str) -> str:
    return tables_text(desk.session.state.control, desk.project.cluster, node, "iptables")[0]


def test_the_text_is_that_of_the_node(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    assert [panel.nodes.itemText(n) for n in range(panel.nodes.count())] == NODES
    assert panel.shown_text() == text_of(shop, "node-1")
    panel.nodes.setCurrentText("node-3")
    panel.nodes.activated.emit(2)
    shop.settle(panel)
    assert panel.shown_text() == text_of(shop, "node-3")


def test_it_opens_on_the_node_of_a_hop_that_was_reached_while_it_was_hidden(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    assert panel.nodes.currentText() == "node-1"
    panel.hide()
    shop.ask("Pod:shop/db-0", "http://frontend")
    hops = shop.player.hops
    place = next(n for n, hop in enumerate(hops) if hop.node == "node-3" and hop.rules)
    shop.player.seek(float(place))
    panel.show()
    shop.settle(panel)
    assert panel.nodes.currentText() == "node-3"
    assert panel.tables.node == "node-3"
    assert panel.view.lit


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_the_menu_of_a_rule_leads_to_its_service(shop: Desk, mode: str) -> None:
    panel = shop.panel(TablesPanel)
    choose_mode(shop, panel, mode)
    lines = panel.view.rules.lines
    place = next(n for n, line in enumerate(lines) if "shop/api" in line.text)
    panel.rule_menu.menu(place).actions()[0].trigger()
    assert shop.revealed == ["Service:shop/api"]
    head = panel.rule_menu.menu(0).actions()[0]
    assert not head.isEnabled(), "the first line is about the table"


def choose_mode(desk: Desk, panel: TablesPanel, mode: str) -> None:
    panel.modes.setCurrentText(mode)
    panel.modes.activated.emit(panel.modes.currentIndex())
    desk.settle(panel)


def test_every_mode_of_kube_proxy_can_be_read(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    control, cluster = shop.session.state.control, shop.project.cluster
    for mode in ("nftables", "ipvs", "iptables"):
        choose_mode(shop, panel, mode)
        assert panel.shown_text() == tables_text(control, cluster, "node-1", mode)[0]


def test_rules_that_cannot_be_there_are_said_plainly(shop: Desk) -> None:
    assert shop.session.apply(set_cluster(shop.project, "kubeProxy.ipvsScheduler", "none such"))
    panel = shop.panel(TablesPanel)
    assert not panel.banner.isVisible()
    choose_mode(shop, panel, "ipvs")
    assert panel.banner.isVisible()
    assert "none such" in panel.banner.message()
    assert panel.shown_text() == ""
    choose_mode(shop, panel, "iptables")
    assert not panel.banner.isVisible()


def test_only_a_service_and_its_chains_in_the_other_modes(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    panel.show_service("Service:shop/api")
    choose_mode(shop, panel, "nftables")
    shown = panel.shown_text().splitlines()
    assert any(line.startswith("add rule ip kube-proxy service-") for line in shown)
    assert all("shop/api" in line for line in shown)
    panel.chains.choose(next(name for name in panel.chains.chains() if "shop/api" in name))
    assert panel.view.rules.lines[panel.view.currentIndex().row()].text.startswith("add rule")
    choose_mode(shop, panel, "ipvs")
    address = shop.session.state.control.services["Service:shop/api"].cluster_ips[0]
    # One virtual server with its three ready Pods; its address on kube-ipvs0 and in two sets.
    assert [line for line in panel.shown_text().splitlines() if line.startswith("-")] == [
        f"-A -t {address}:8080 -s rr",
        *sorted(
            f"-a -t {address}:8080 -r {pod.ips[0]}:8080 -m -w 1"
            for pod in shop.session.state.control.pods.values()
            if pod.owner == "Deployment:shop/api"
        ),
    ]


def test_the_player_takes_the_panel_to_its_node_and_lights_its_rules(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    shop.ask("ExternalClient:client", "http://192.168.10.12:30080")
    hop_at = next(n for n, hop in enumerate(shop.player.hops) if hop.outcome == "translated")
    shop.player.seek(float(hop_at))
    shop.settle(panel)
    hop = shop.player.hops[hop_at]
    assert panel.nodes.currentText() == hop.node == "node-2"
    lines = text_of(shop, "node-2").splitlines()
    assert {lines[number - 1] for number in panel.view.lit} == {hit.text for hit in hop.rules}
    shop.player.step(1)
    assert panel.view.lit == frozenset()


def test_a_panel_that_was_out_of_sight_goes_to_the_hop_when_it_is_seen(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    shop.ask("ExternalClient:client", "http://192.168.10.12:30080")
    shop.settle(panel)
    panel.nodes.setCurrentText("node-1")
    panel.hide()
    hop_at = next(n for n, hop in enumerate(shop.player.hops) if hop.outcome == "translated")
    shop.player.seek(float(hop_at))
    panel.show()
    shop.settle(panel)
    hop = shop.player.hops[hop_at]
    assert panel.nodes.currentText() == hop.node == "node-2"
    lines = text_of(shop, "node-2").splitlines()
    assert {lines[number - 1] for number in panel.view.lit} == {hit.text for hit in hop.rules}


def test_searching_counts_and_goes_round(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    panel.search.setText("DNAT")
    panel.search.searched.emit("DNAT")
    wanted = [n for n, line in enumerate(text_of(shop, "node-1").splitlines(), 1) if "dnat" in line.lower()]
    assert panel.found.text() == f"1 of {len(wanted)} lines"
    seen = []
    for _ in range(len(wanted) + 1):
        seen.append(panel.view.rules.lines[panel.view.currentIndex().row()].number)
        panel.find_next(1)
    assert seen == [*wanted, wanted[0]]
    panel.find_next(-1)
    panel.search.searched.emit("no such words")
    assert panel.found.text() == "0 lines"
    panel.find_next(1)


def test_only_the_rules_of_a_service(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    assert not panel.only_service.isEnabled()
    panel.show_service("Service:shop/api")
    assert panel.only_service.text() == "Only api"
    shown = panel.shown_text().splitlines()
    every = text_of(shop, "node-1").splitlines()
    assert 0 < len(shown) < len(every)
    assert all(line in every for line in shown)
    assert all("kube-dns" not in line and "shop/frontend" not in line for line in shown)
    # One dispatch rule, one to mark, one an endpoint (three ready Pods), and two rules in each endpoint's chain.
    assert sum(line.startswith("-A") for line in shown) == 1 + 1 + 3 + 3 * 2
    panel.only_service.setChecked(False)
    assert panel.shown_text().splitlines() == every


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # popups of the offscreen platform
def test_a_chain_is_gone_to(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    QTest.keyClicks(panel.chains, "kube-postr")
    assert panel.chains.completer().completionCount() == 1
    QTest.keyClick(panel.chains, Qt.Key.Key_Return)
    QApplication.processEvents()
    line = panel.view.rules.lines[panel.view.currentIndex().row()]
    assert line.text.startswith("-A KUBE-POSTROUTING")
    assert panel.chains.text() == ""


def test_rules_are_copied_and_saved(shop: Desk, tmp_path: Path) -> None:
    panel = shop.panel(TablesPanel)
    panel.copy_all()
    assert QGuiApplication.clipboard().text() == text_of(shop, "node-1")
    assert panel.save_to(tmp_path / "node-1.csv") == ""
    assert (tmp_path / "node-1.csv").read_text(encoding="utf-8").startswith("line,family,table,chain,")
    assert panel.save_to(tmp_path / "node-1.rules") == ""
    assert (tmp_path / "node-1.rules").read_text(encoding="utf-8") == text_of(shop, "node-1")
    words = panel.save_to(tmp_path / "missing" / "x")
    assert "could not be written" in words and "Choose another place" in words


def test_an_edit_changes_the_rules(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    assert "shop/api" in panel.shown_text()
    assert shop.session.apply(remove(shop.project, ["Service:shop/api"]))
    shop.settle(panel)
    assert "shop/api:" not in panel.shown_text()


def test_the_changes_are_those_of_the_last_edit(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    panel.only_changes.setChecked(True)
    shop.settle(panel)
    assert panel.shown_text() == "" and panel.found.text() == "No edit yet"
    before = text_of(shop, "node-1").splitlines()
    shop.session.apply(remove(shop.project, ["Service:shop/api"]))
    shop.settle(panel)
    after = text_of(shop, "node-1").splitlines()
    signs = {sign: sorted(line.text for line in panel.view.rules.lines if line.sign == sign) for sign in "-+"}
    assert signs["-"] == sorted(set(before) - set(after)) and not signs["+"]
    assert any("shop/api" in line for line in signs["-"])
    shop.session.undo()
    shop.settle(panel)
    assert panel.shown_text() == ""
    panel.only_changes.setChecked(False)
    shop.settle(panel)
    assert panel.shown_text().splitlines() == before


def test_changes_without_an_edit_say_how_to_get_some(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    panel.only_changes.setChecked(True)
    shop.settle(panel)
    shown = panel._stack.currentWidget()
    assert any(label.text().startswith("No edit yet.") for label in shown.findChildren(QLabel))


def test_the_changes_of_an_edit_need_no_second_compilation(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from designer.ui.panels import table_reading

    panel = shop.panel(TablesPanel)
    first = shop.session.state
    assert shop.session.apply(set_field(shop.project, "Service:shop/api", "spec.sessionAffinity", "ClientIP"))
    assert shop.session.state_before is first
    monkeypatch.setattr(table_reading, "compile_project", None)
    panel.only_changes.setChecked(True)
    shop.settle(panel)
    signs = [line.sign for line in panel.view.rules.lines]
    # Three endpoints: each gets a rule that looks the client up, and its own rule remembers it.
    assert signs.count("+") == 6 and signs.count("-") == 3
    shop.session.undo()
    assert shop.session.state_before is None


def test_a_rule_leads_to_its_chain(shop: Desk) -> None:
    panel = shop.panel(TablesPanel)
    for mode, start in (
        ("iptables", "-A KUBE-SERVICES -m comment"),
        ("nftables", "add element ip kube-proxy service-ips"),
    ):
        choose_mode(shop, panel, mode)
        lines = panel.view.rules.lines
        place = next(n for n, line in enumerate(lines) if line.text.startswith(start) and "shop/api" in line.text)
        panel.view.activated.emit(panel.view.rules.index(place))
        there = lines[panel.view.currentIndex().row()].text
        wanted = (
            lines[place].text.split(" -j ")[-1]
            if mode == "iptables"
            else lines[place].text.split("goto ")[1].split()[0]
        )
        assert there.startswith((f"-A {wanted} ", f"add rule ip kube-proxy {wanted} "))
    before = panel.view.currentIndex()
    accepted = next(n for n, line in enumerate(lines) if line.text.endswith("masquerade fully-random"))
    panel.view.activated.emit(panel.view.rules.index(accepted))
    assert panel.view.currentIndex() == before


def test_where_ebpf_answers_the_entry_that_was_looked_up_is_lit(shop: Desk) -> None:
    shop.session.apply(use_cni(shop.project, "cilium", "vxlan"))
    panel = shop.panel(TablesPanel)
    shop.ask("ExternalClient:client", "http://192.168.10.12:30080")
    shop.player.seek(float(next(n for n, hop in enumerate(shop.player.hops) if hop.kind == "lookup")))
    shop.settle(panel)
    lit = [line.text for line in panel.view.rules.lines if line.number in panel.view.lit]
    assert len(lit) == 1
    assert lit[0].startswith("0.0.0.0:30080/TCP")
