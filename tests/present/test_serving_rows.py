"""Who serves what, and what is in conflict, over Gateways and Ingress controllers; reasons are the specification's."""

from __future__ import annotations

from designer.edits.kept import change_field
from designer.engine.compile import compile_project
from designer.present.conflict_rows import conflict_rows, conflict_summary
from designer.present.serving_rows import NOBODY, serving_rows, serving_summary
from tests.present.gateway_cluster import CART, CLOSED, EDGE, LOST, gateway_project, gateway_state
from tests.ui.canvas.projects import sample_state

REFUSED = "allowedRoutes.namespaces of listener inner is Same, and the route is in namespace shop"


def test_each_ingress_names_the_controller_of_its_class() -> None:
    rows = {(row[4], row[1], row[2]) for row in serving_rows(sample_state("two-controllers"))}
    assert ("Ingress:shop/shop", "IngressController ingress-nginx/ingress-nginx-controller", "class nginx") in rows
    assert {owner for oid, owner, _ in rows if oid.startswith("Ingress:blog/")} == {"IngressController traefik/traefik"}


def test_each_route_names_its_listener_or_why_nobody_serves_it() -> None:
    rows = serving_rows(gateway_state())
    assert [row[4] for row in rows[:2]] == [CLOSED, LOST], "what nobody serves comes first"
    assert rows[0][1:4] == (
        NOBODY,
        "at Gateway infra/edge",
        f"{REFUSED} (NotAllowedByListeners)",
    )
    assert ("HTTPRoute shop/cart", "Gateway infra/edge", "listener http", "", CART) in rows
    assert serving_summary(rows) == "4 Ingresses and routes, 2 not served."


def test_conflicts_lead_to_the_objects_that_they_are_about() -> None:
    rows = conflict_rows(gateway_state())
    assert {row[0] for row in rows} >= {CLOSED, LOST}
    assert all(row[0] in gateway_project().foreign for row in rows)


def test_a_gateway_whose_class_nobody_serves_is_a_conflict() -> None:
    edit = change_field(gateway_project(), EDGE, "spec.gatewayClassName", "gone")
    rows = [row for row in conflict_rows(compile_project(edit.project)) if row[0] == EDGE]
    assert rows[0][1] == "Accepted" and rows[0][3].startswith("Pending: GatewayClass gone does not exist")


def test_conflicts_are_counted_in_words_that_agree() -> None:
    lost, other = ("Ingress:a/b", "/", "Ingress c", "older"), ("Ingress:a/c", "all its rules", "", "nobody")
    assert conflict_summary([lost, other]) == "2 found: 1 loses to another rule, 1 is not served or not accepted."
    assert conflict_summary([other, other]) == "2 found: 2 are not served or not accepted."
