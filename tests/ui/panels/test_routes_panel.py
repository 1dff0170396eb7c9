"""The URL box: the rule that takes a request, why the others lose, what is wrong with what was typed, conflicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.edits.edit import Edit
from designer.edits.kept import change_field
from designer.model import Ingress, IngressClass, IngressController, Project
from designer.present.url_rows import asked_url
from designer.ui.panels.routes_panel import RoutesPanel
from tests.present.gateway_cluster import CART, CLOSED, gateway_project
from tests.ui.panels.conftest import Desk


def ingress(name: str, path: str, service: str, created: str) -> Ingress:
    backend = {"service": {"name": service, "port": {"number": 8080}}}
    rule = {"host": "shop.example.com", "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
    metadata = {"name": name, "namespace": "shop", "creationTimestamp": created}
    return Ingress.model_validate({"metadata": metadata, "spec": {"ingressClassName": "nginx", "rules": [rule]}})


@pytest.fixture
def panel(shop: Desk) -> RoutesPanel:
    """The panel over the shop with an ingress-nginx and three Ingresses, two of which hold one path."""
    made = [
        IngressController.model_validate({"metadata": {"name": "edge", "namespace": "shop"},
                                          "spec": {"profile": "ingress-nginx", "controller": "k8s.io/ingress-nginx"}}),
        IngressClass.model_validate({"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}}),
        ingress("root", "/", "api", "2026-01-01T00:00:00Z"),
        ingress("old", "/cart", "api", "2026-01-02T00:00:00Z"),
        ingress("new", "/cart", "api", "2026-01-03T00:00:00Z"),
    ]  # fmt: skip

    assert shop.session.apply(Edit("Add Ingresses", shop.project.with_objects(made)))
    return shop.panel(RoutesPanel)


def test_the_rule_that_takes_it_and_those_that_lose(panel: RoutesPanel) -> None:
    panel.url.setText("http://shop.example.com/cart/1")
    QTest.keyClick(panel.url, Qt.Key.Key_Return)
    rows = [panel.table.rows_model.row(place) for place in range(panel.table.rows_model.rowCount())]
    # domain/ingress-gateway.md sections 2 and 4: the longest path, then the oldest Ingress.
    assert [(row[1], row[3]) for row in rows] == [
        ("✓ takes it", "Ingress shop/old"), ("loses", "Ingress shop/new"), ("loses", "Ingress shop/root")]  # fmt: skip
    assert [row[2] for row in rows][::2] == ["shop.example.com/cart (Prefix)", "shop.example.com/ (Prefix)"]
    assert "older Ingress" in rows[1][4]
    assert "longest path wins" in rows[2][4]
    assert panel.answer.text().startswith("IngressClass nginx: 200 shop/api")


def test_a_row_leads_to_its_object(panel: RoutesPanel, shop: Desk) -> None:
    panel.url.setText("http://shop.example.com/cart")
    panel.ask()
    panel.table.select_place(0)
    assert shop.selection.single == "Ingress:shop/old"


@pytest.mark.parametrize(
    ("url", "headers", "words"),
    [
        ("ftp://shop.example.com", "", "has no scheme that is known"),
        ("tcp://shop.example.com", "", "has no port of its own"),
        ("http://shop.example.com:99999", "", "is not one from 1 to 65535"),
        ("http:///cart", "", "names no host"),
        ("http://shop.example.com/a b", "", "holds white space"),
        ("http://shop.example.com", "nonsense", "is no header"),
        ("http://shop.example.com", "X Version: 2", "is no header"),
        ("http://shop.example.com", "Host: other.example.com", "the Host that is sent"),
    ],
)
def test_what_cannot_be_asked_is_said(panel: RoutesPanel, url: str, headers: str, words: str) -> None:
    panel.url.setText(url)
    panel.headers.setText(headers)
    panel.ask()
    assert words in panel.answer.text()
    assert panel.table.rows_model.rowCount() == 0
    assert words in panel.table.empty_text, "nothing is said about rules that were not asked"


def typed(panel: RoutesPanel, url: str, method: str = "GET", headers: str = "") -> list[Any]:
    """The rows after a person has typed a request and pressed Enter."""
    panel.method.setCurrentText(method)
    for field, text in ((panel.url, url), (panel.headers, headers)):
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClicks(field, text)
    QTest.keyClick(panel.url, Qt.Key.Key_Return)
    return rows_of(panel.table)


def test_a_rule_takes_nothing_where_the_answer_is_open(panel: RoutesPanel) -> None:
    # An Ingress is about ports 80 and 443: what listens on 8080 the controller's own configuration says.
    rows = typed(panel, "http://shop.example.com:8080/cart")
    assert "cannot tell" in panel.answer.text()
    assert {row[1] for row in rows} == {"? cannot tell"}


def test_an_ingress_controller_takes_no_plain_connection(panel: RoutesPanel) -> None:
    (row,) = typed(panel, "tcp://shop.example.com:5432")
    assert row[1] == "no connection" and "takes HTTP" in row[4]


def test_values_of_headers_keep_their_semicolons() -> None:
    asked, wrong = asked_url("http://a.example/", "GET", "Cookie: a=1; b=2; X-Version: 2; Accept: text/html;q=0.9")
    assert asked is not None and not wrong
    assert asked.headers == {"Cookie": "a=1; b=2", "X-Version": "2", "Accept": "text/html; q=0.9"}


@pytest.mark.parametrize(
    ("url", "method", "seen"),
    [
        ("grpc://a.example:50051/pkg.Echo/Say", "GET", ("http", 50051, "POST", "")),
        ("grpcs://a.example/pkg.Echo/Say", "GET", ("https", 443, "POST", "a.example")),
        ("https://a.example/pkg.Echo/Say", "gRPC", ("https", 443, "POST", "a.example")),
    ],
)
def test_a_grpc_call_by_scheme_or_by_method(url: str, method: str, seen: tuple[object, ...]) -> None:
    asked, _ = asked_url(url, method, "")
    assert asked is not None and asked.is_grpc
    assert (asked.scheme, asked.port, asked.method, asked.sni) == seen


def test_tls_has_a_server_name_and_no_method() -> None:
    asked, _ = asked_url("tls://db.example.com:5432", "GET", "")
    assert asked is not None and (asked.scheme, asked.sni, asked.method) == ("tls", "db.example.com", "")


def test_conflicts_are_listed_without_a_url(panel: RoutesPanel) -> None:
    panel.ask()
    (row,) = [panel.table.rows_model.row(place) for place in range(panel.table.rows_model.rowCount())]
    assert (row[0], row[2]) == ("Ingress shop/new", "shop.example.com/cart (Prefix)")
    assert row[1].startswith("shop/old")
    assert panel.answer.text() == "1 found: 1 loses to another rule."


def rows_of(table: Any) -> list[Any]:
    return [table.rows_model.row(place) for place in range(table.rows_model.rowCount())]


@pytest.fixture
def edge(desk_of: Callable[[Project], Desk]) -> tuple[RoutesPanel, Desk]:
    """The panel over a cluster with a Gateway."""
    found = desk_of(gateway_project())
    return found.panel(RoutesPanel), found


def test_a_gateway_answers_a_url_and_its_rows_lead_to_the_routes(edge: tuple[RoutesPanel, Desk]) -> None:
    panel, desk = edge
    panel.url.setText("http://cart.example.com/cart/1")
    panel.ask()
    (row,) = rows_of(panel.table)
    assert row[0] == "Gateway infra/edge" and row[1] == "✓ takes it" and row[3] == "HTTPRoute shop/cart"
    panel.table.select_place(0)
    assert desk.selection.single == CART


def test_pages_show_who_serves_conflicts_and_conditions(edge: tuple[RoutesPanel, Desk]) -> None:
    panel, desk = edge
    panel.pages.set_value("conditions")
    table = panel.facts["conditions"].table
    assert panel.answer.text().endswith("2 of them need attention.")
    assert [row[0] for row in rows_of(table)[:2]] == ["HTTPRoute shop/closed", "HTTPRoute shop/far"]
    table.select_place(0)
    assert desk.selection.single == CLOSED
    assert table.csv_text().splitlines()[0] == "Object,Listener,Parent,Type,Status,Reason,Message"
    panel.pages.set_value("serving")
    assert panel.answer.text() == "4 Ingresses and routes, 2 not served."
    panel.pages.set_value("conflicts")
    assert {row[0] for row in rows_of(panel.facts["conflicts"].table)} >= {
        "HTTPRoute shop/closed",
        "HTTPRoute shop/lost",
    }


def test_conditions_follow_an_edit(edge: tuple[RoutesPanel, Desk]) -> None:
    panel, desk = edge
    panel.pages.set_value("conditions")
    edit = change_field(desk.project, CLOSED, "spec.parentRefs[0].sectionName", "http")
    assert desk.session.apply(edit)
    assert [row[0] for row in rows_of(panel.facts["conditions"].table) if row[4].startswith("✕")] == [
        "HTTPRoute shop/far"
    ]
