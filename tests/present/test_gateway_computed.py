"""What the Inspector and the Routes panel say of Gateway API objects; reasons are the specification's."""

from __future__ import annotations

from designer.edits.kept import change_field
from designer.engine.compile import compile_project
from designer.present.computed_rows import ComputedRow, computed
from designer.present.condition_rows import condition_rows, condition_summary
from tests.present.gateway_cluster import API, CART, CLOSED, EDGE, FAR, GRANT, LOST, gateway_project, gateway_state


def sections(oid: str, *more: str) -> dict[str, tuple[ComputedRow, ...]]:
    return {part.title: part.rows for part in computed(gateway_state(*more), oid)}


def test_a_gateway_tells_class_address_listeners_and_who_names_it() -> None:
    found = sections(EDGE)
    (name,) = found["Class"]
    assert (name.main, name.oid) == ("own", f"{API}/GatewayClass:own")
    assert [(row.main, row.oid) for row in found["Reached at"]] == [
        ("203.0.113.10", ""),
        ("Service infra/edge-own", "Service:infra/edge-own"),
    ]
    # Routes cart and far name listener http; closed names inner, which takes routes of its own namespace only.
    assert [(row.main, row.rest) for row in found["Listeners"]] == [
        ("http", "attachedRoutes 2 · HTTPRoute, GRPCRoute"),
        ("inner", "attachedRoutes 0 · HTTPRoute, GRPCRoute"),
    ]
    assert [(row.oid, bool(row.mood)) for row in found["Named as parent by"]] == [
        (CART, False),
        (CLOSED, True),
        (FAR, False),
    ]
    assert [row.main for row in found["Conditions"]] == ["Accepted ✓ True", "Programmed ✓ True", "ResolvedRefs ✓ True"]


def test_a_route_tells_its_listener_and_what_stands_behind_its_rules() -> None:
    found = sections(CART)
    assert found["Attached to"] == (ComputedRow("Gateway infra/edge", "listener http", EDGE),)
    assert [(row.main, row.rest, row.mood) for row in found["Leads to"]] == [
        ("rule 1: 75 % → shop/cart:80", "2 ready endpoints", ""),
        ("rule 1: 25 % → shop/cart-new:80", "no endpoint is ready: requests get status 503", "warning"),
        ("rule 2", "redirects", ""),
    ]


def test_a_route_that_is_not_attached_gives_the_reason_of_the_specification() -> None:
    found = sections(CLOSED)
    (row,) = found["Attached to"]
    assert row.mood == "error" and row.rest.endswith("(NotAllowedByListeners)")
    accepted = found["Conditions"][0]
    assert accepted.main == "Accepted ✕ False" and accepted.rest.startswith("NotAllowedByListeners · ")
    (lost,) = sections(LOST)["Attached to"]
    assert lost.main == "nobody" and "Gateway infra/nowhere does not exist" in lost.rest
    assert "Conditions" not in sections(LOST), "nobody writes one"


def test_a_refused_reference_gives_its_reason_and_a_grant_says_what_it_permits() -> None:
    (row,) = sections(FAR)["Leads to"]
    assert row.mood == "error" and row.rest.endswith("(RefNotPermitted)")
    conditions = {row.main: row.rest for row in sections(FAR)["Conditions"]}
    assert conditions["ResolvedRefs ✕ False"].startswith("RefNotPermitted · ")
    grant = f"{API}beta1/ReferenceGrant:far/shop"
    assert sections(grant, GRANT)["Permits"] == (
        ComputedRow("HTTPRoute shop/far", "may lead to Service far/vault", FAR),
    )
    assert sections(FAR, GRANT)["Leads to"][0].mood != "error"


def test_a_class_names_its_gateways_and_a_service_its_routes() -> None:
    assert [row.oid for row in sections(f"{API}/GatewayClass:own")["Gateways of this class"]] == [EDGE]
    led = sections("Service:shop/cart")["Led to by"]
    assert ("/cart · 75 %", "HTTPRoute shop/cart", CART) in [(row.main, row.rest, row.oid) for row in led]


def test_what_the_api_server_refuses_is_told_field_by_field() -> None:
    edit = change_field(gateway_project(), CART, "spec.hostnames", ["cart.example.com:80"])
    (part,) = computed(compile_project(edit.project), CART)
    assert part.title == "Refused by the API server" and part.rows[0].main == "spec.hostnames[0]"


def test_conditions_that_need_attention_come_first() -> None:
    rows = condition_rows(gateway_state())
    bad = [row for row in rows if not row[4].startswith("✓")]
    assert rows[: len(bad)] == bad
    assert [(row[0], row[2], row[3], row[4], row[5], row[7]) for row in bad] == [
        ("HTTPRoute shop/closed", "Gateway infra/edge", "Accepted", "✕ False", "NotAllowedByListeners", CLOSED),
        ("HTTPRoute shop/far", "Gateway infra/edge", "ResolvedRefs", "✕ False", "RefNotPermitted", FAR),
    ]
    assert condition_summary(rows) == f"{len(rows)} conditions, 2 of them need attention."
    conflict = [row for row in rows if row[3] == "Conflicted"]
    assert {row[4] for row in conflict} == {"✓ False"}, "False is good where the condition is a bad one"
