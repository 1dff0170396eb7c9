"""Addresses and DNS: rows that lead to objects, and lookups as a Pod makes them."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest

from designer.edits.fields import set_field
from designer.engine.controlplane.addresses import address_text
from designer.model import Project
from designer.ui.kit.labels import SectionHeader
from designer.ui.panels import dns_panel
from designer.ui.panels.addresses_panel import AddressesPanel, share_words
from designer.ui.panels.dns_panel import DnsPanel
from tests.engine.trace import test_node_cache as caches
from tests.ui.panels.conftest import Desk

FRONTEND = "Deployment:shop/frontend"


def frontend_pod(desk: Desk) -> str:
    return next(pod.id for pod in desk.session.state.control.pods.values() if pod.owner == FRONTEND)


def test_addresses_and_ranges_of_the_shop(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel)
    rows = {row[0]: row for row in panel.addresses.rows_model.shown()}
    assert rows["10.96.0.10"][1:3] == ("ClusterIP", "Service kube-system/kube-dns")
    assert rows["*:30080"][1:3] == ("NodePort", "Service shop/frontend")
    services = next(row for row in panel.ranges.rows_model.shown() if row[1] == "Services")
    # kubeadm's /12 holds 2^20 addresses; first and last are nobody's, and four Services of the shop have a ClusterIP.
    assert services[0] == "10.96.0.0/12"
    assert services[5] == 2**20 - 4 - 2


def test_before_the_first_answer_nothing_is_said_of_the_cluster(shop: Desk, empty: Desk) -> None:
    """It said that the cluster has no address ranges while they were counted."""
    panel = AddressesPanel(shop.session, shop.selection, shop.player)
    shop.qtbot.addWidget(panel)
    tables = (panel.ranges, panel.addresses, panel.limits, panel.nodes, panel.updates)
    assert {table.empty_text for table in tables} == {"Counting…"}
    counted = empty.panel(AddressesPanel)
    assert counted.addresses.empty_text == "No address yet. Add a Node and a Pod to the canvas."
    assert counted.nodes.empty_text == "No Node yet."


def test_an_address_leads_to_its_object_and_back(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel)
    place = next(n for n, row in enumerate(panel.addresses.rows_model.shown()) if row[0] == "10.96.0.10")
    panel.addresses.select_place(place)
    assert shop.selection.single == "Service:kube-system/kube-dns"
    shop.selection.select(("Node:node-2",))
    assert panel.addresses.first_selected()[0] == "192.168.10.12"


def test_an_edit_shows_at_once(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel)
    before = panel.addresses.rows_model.total()
    assert shop.session.apply(set_field(shop.project, FRONTEND, "spec.replicas", 5))
    shop.settle(panel)
    assert panel.addresses.rows_model.total() == before + 3


def test_a_map_with_room_says_in_each_cell_which_address_it_is(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel, 1600)
    rows = list(panel.ranges.rows_model.shown())
    panel.ranges.select_place(next(place for place, row in enumerate(rows) if row[2] == "node-1"))
    panel.pages.set_value("map")
    panel.map.resize(1000, 300)
    low = int(str(panel.map.use.range).split("/")[0].rsplit(".", 1)[1])
    # 64 addresses, each with the end of its own; all of them lie within the map.
    assert [panel.map.cell_name(place) for place in range(64)] == [f".{low + place}" for place in range(64)]
    assert all(panel.map.rect().contains(panel.map.box_of(place).toAlignedRect()) for place in range(64))
    panel.map.resize(300, 120)
    assert panel.map.cell_name(0) == ""


def test_a_range_shows_its_map_and_a_cell_leads_to_who_has_it(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel, 1600)
    rows = list(panel.ranges.rows_model.shown())
    panel.ranges.select_place(next(place for place, row in enumerate(rows) if row[2] == "node-1"))
    use = panel.map.use
    # Calico's block of 64: three Pods and the address of vxlan.calico.
    assert [sum(cell.used for cell in panel.map.cells), sum(cell.reserved for cell in panel.map.cells)] == [3, 1]
    assert "3 used, 1 reserved" in panel.map_words.text()
    taken = [place for place, cell in enumerate(panel.map.cells) if cell.used]
    panel.pages.set_value("map")
    panel.map.setFocus()
    for _ in range(taken[0]):
        QTest.keyClick(panel.map, Qt.Key.Key_Right)
    assert panel.map_words.text() == f"{address_text(4, use.first + taken[0])}: used"
    assert panel.map.accessibleDescription() == panel.map_words.text()
    QTest.keyClick(panel.map, Qt.Key.Key_Return)
    chosen = shop.selection.single or ""
    assert address_text(4, use.first + taken[0]) in shop.session.state.control.pods[chosen].ips
    assert panel.pages.value() == "addresses"


def test_a_click_on_a_node_port_leads_to_its_service(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel, 1600)
    rows = list(panel.ranges.rows_model.shown())
    panel.ranges.select_place(next(place for place, row in enumerate(rows) if row[0] == "30000-32767"))
    panel.pages.set_value("map")
    place = next(place for place, cell in enumerate(panel.map.cells) if cell.low <= 30080 <= cell.high)
    QTest.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=panel.map.box_of(place).center().toPoint())
    assert shop.selection.single == "Service:shop/frontend"


def test_room_nodes_and_updates_lead_to_their_objects(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel)
    # Nine Pods on three Nodes of 110 places.
    assert ("Pods", "maxPods of all Nodes", 321, 330) in [row[:4] for row in panel.limits.rows_model.shown()]
    assert panel.first.text().startswith("First to run out, counted in objects: 321 more Pods")
    panel.pages.set_value("nodes")
    panel.nodes.select_place(1)
    assert shop.selection.single == "Node:node-2"
    panel.pages.set_value("updates")
    place = next(n for n, row in enumerate(panel.updates.rows_model.shown()) if row[-1] == FRONTEND)
    panel.updates.select_place(place)
    assert shop.selection.single == FRONTEND
    # 25 % of two Pods is rounded up to one.
    assert panel.updates.rows_model.row(place)[1:4] == (2, 1, 321)


@pytest.mark.parametrize(("share", "words"), [(0.0, "0 %"), (0.00001, "< 1 %"), (0.25, "25 %"), (1.0, "100 %")])
def test_shares_in_words(share: float, words: str) -> None:
    assert share_words(share) == words


def test_a_name_is_looked_up_as_the_pod_does(shop: Desk) -> None:
    panel = shop.panel(DnsPanel)
    shop.selection.select((frontend_pod(shop),))
    assert panel.pods.currentData() == frontend_pod(shop)
    panel.name.setText("api")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    rows = list(panel.table.rows_model.shown())
    # ndots 5: the search list comes first, A and AAAA for each try (domain/dns.md, query counts).
    assert [(row[1], row[2], row[3]) for row in rows] == [
        ("A", "api.shop.svc.cluster.local", "NOERROR"),
        ("AAAA", "api.shop.svc.cluster.local", "NODATA"),
    ]
    address = shop.session.state.control.services["Service:shop/api"].cluster_ips[0]
    assert rows[0][4] == address
    assert panel.answer.text().startswith(f"api → {address} (api.shop.svc.cluster.local)")
    assert "search shop.svc.cluster.local svc.cluster.local cluster.local" in panel.conf.toPlainText()
    panel.owner_link.click()
    assert shop.selection.single == "Service:shop/api"


def test_a_name_that_nothing_has_says_so(shop: Desk) -> None:
    panel = shop.panel(DnsPanel)
    panel.name.setText("nowhere.shop.svc.cluster.local")
    panel.look_up()
    assert panel.badge.verdict == "name-not-found"
    assert panel.table.rows_model.row(0)[3] == "NXDOMAIN"
    panel.name.setText("www.example.com")
    panel.look_up()
    assert panel.badge.verdict == "cannot-tell"


def test_selecting_a_service_asks_for_its_name(shop: Desk) -> None:
    panel = shop.panel(DnsPanel)
    shop.selection.select((frontend_pod(shop),))
    shop.selection.select(("Service:shop/db",))
    assert panel.name.text() == "db"
    shop.selection.select(("Service:kube-system/kube-dns",))
    assert panel.name.text() == "kube-dns.kube-system"
    assert panel.lookup.answers == ("10.96.0.10",)


def test_the_name_of_a_file_is_not_put_into_capitals(shop: Desk) -> None:
    headers = {header.text(): header.font() for header in shop.panel(DnsPanel).findChildren(SectionHeader)}
    assert headers["/etc/resolv.conf"].capitalization() == QFont.Capitalization.MixedCase
    assert SectionHeader("Resolver").font().capitalization() == QFont.Capitalization.AllUppercase


def test_a_client_outside_has_no_resolv_conf(shop: Desk) -> None:
    panel = shop.panel(DnsPanel)
    panel.pods.setCurrentIndex(panel.pods.count() - 1)
    panel.name.setText("api")
    panel.look_up()
    assert "not known" in panel.conf.toPlainText()
    assert panel.lookup.status != "ok"


def test_a_pod_that_the_list_left_out_asks_once_it_is_selected(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_panel, "MOST_PODS", 1)
    panel = shop.panel(DnsPanel)
    assert panel.pods.count() == 2
    shop.selection.select((frontend_pod(shop),))
    assert panel.pods.currentData() == frontend_pod(shop)


def test_any_record_type_can_be_asked_for(shop: Desk) -> None:
    panel = shop.panel(DnsPanel)
    shop.selection.select((frontend_pod(shop),))
    panel.types.setCurrentIndex(panel.types.findData("PTR"))
    panel.name.setText("10.96.0.10")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    rows = list(panel.table.rows_model.shown())
    # domain/dns.md section 1: the PTR of a ClusterIP is the Service's own name.
    assert [(row[1], row[2], row[4], row[5]) for row in rows] == [
        ("PTR", "10.0.96.10.in-addr.arpa", "kube-dns.kube-system.svc.cluster.local.", "CoreDNS (10.96.0.10)")
    ]
    assert "UDP 53 to 10.96.0.10: answered" in panel.conf.toPlainText()
    assert panel.answer.text().endswith("(1 query)")


def test_who_answers_through_the_node_cache_is_read_whole_in_a_narrow_window(
    desk_of: Callable[[Project], Desk],
) -> None:
    """NodeLocal DNSCache answers at the Service's address too (KEP-1024); musl asks both servers at once."""
    project = caches.shop(*caches.cache(), spec={"dnsConfig": {"nameservers": ["10.96.0.99"]}}).project
    panel = desk_of(project).panel(DnsPanel, 1070)
    panel.pods.setCurrentIndex(next(n for n in range(panel.pods.count()) if panel.pods.itemText(n) == "asks · shop"))
    panel.name.setText("api.github.com")
    panel.look_up()
    rows = list(panel.table.rows_model.shown())
    assert rows[0][5] == "NodeLocal: CoreDNS (10.96.0.10)"
    assert rows[-1][5] == "NodeLocal: upstream (10.96.0.10)"
    assert panel.table.columnWidth(5) >= panel.table.sizeHintForColumn(5)
    assert sum(panel.table.columnWidth(place) for place in range(7)) <= panel.table.viewport().width()
    # One line has no room for the note: all of it stands below resolv.conf.
    note = "it asks 10.96.0.10, 10.96.0.99 at once and takes the first answer, NXDOMAIN too."
    assert panel.answer.text().endswith(note)
    assert "NXDOMAIN). A process with musl" in panel.answer.text()
    assert panel.conf.toPlainText().rstrip().endswith(note)
