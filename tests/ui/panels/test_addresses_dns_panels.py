"""Addresses and DNS: rows that lead to objects, and lookups as a Pod makes them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.edits.fields import set_field
from designer.ui.panels import dns_panel
from designer.ui.panels.addresses_panel import AddressesPanel, share_words
from designer.ui.panels.dns_panel import DnsPanel
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
    # kubeadm's /12 holds 2^20 addresses; the shop has four Services with a ClusterIP, one is headless.
    assert services[0] == "10.96.0.0/12"
    assert services[4] == 2**20 - 4


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
