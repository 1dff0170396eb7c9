"""What cards say of Gateways and routes; fates and reasons are Gateway API's (``RouteConditionReason``)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from designer.edits.kept import change_field
from designer.engine.compile import compile_project
from designer.present.gateway_cards import CardRow, GatewayCard, Link, fronts, gateway_cards, reached_at, weight_text
from designer.present.words import object_text
from tests.present.gateway_cluster import CART, CLOSED, EDGE, FAR, GRANT, LOST, gateway_project, gateway_state


def cards(*more: str) -> dict[str, GatewayCard]:
    return {card.id: card for card in gateway_cards(gateway_state(*more))[0]}


def test_a_gateway_shows_class_address_and_listeners() -> None:
    card = cards()[EDGE]
    assert (card.kind, card.namespace, card.name, card.trouble) == ("Gateway", "infra", "edge", "")
    assert card.line == "class own · 203.0.113.10"
    assert [row.text for row in card.rows] == ["http 80  *.example.com", "inner HTTP 8080  every host"]


def test_a_route_shows_its_hosts_and_a_row_for_each_backend_with_its_share() -> None:
    card = cards()[CART]
    assert card.line == "cart.example.com" and card.trouble == ""
    assert card.rows == (
        CardRow("/cart · 75 %", "Service:shop/cart"),
        CardRow("/cart · 25 %", "Service:shop/cart-new"),
        CardRow("= /old → redirect"),
    )


def test_a_reference_into_another_namespace_needs_a_grant() -> None:
    (row,) = cards()[FAR].rows
    assert row.service == "Service:far/vault" and row.doubt.startswith("no ReferenceGrant in namespace far")
    (row,) = cards(GRANT)[FAR].rows
    assert row == CardRow("/", "Service:far/vault")


def test_routes_that_are_attached_nowhere_say_why() -> None:
    assert cards()[LOST].trouble == "attached to no Gateway that is there"
    assert cards()[CLOSED].trouble == (
        "allowedRoutes.namespaces of listener inner is Same, and the route is in namespace shop"
    )


def test_links_say_what_hangs_on_what_and_what_does_not() -> None:
    links = gateway_cards(gateway_state())[1]
    assert [link for link in links if not link.refused] == [Link(EDGE, CART, 0), Link(EDGE, FAR, 0)]
    (broken,) = [link for link in links if link.refused]
    assert broken.child == CLOSED and broken.refused.endswith("(NotAllowedByListeners)")


def test_a_gateway_is_reached_by_the_service_with_its_label() -> None:
    state = gateway_state()
    assert fronts(state) == {"Service:infra/edge-own": (EDGE,)}
    gateway = state.gateways.gateways["infra/edge"]
    assert reached_at(state, gateway) == ("203.0.113.10",)
    project = gateway_project()
    kept = project.foreign[EDGE]
    known = {"addresses": [{"type": "IPAddress", "value": "203.0.113.99"}]}
    foreign = project.foreign.set(EDGE, replace(kept, data={**kept.data, "status": known}))
    told = compile_project(replace(project, foreign=foreign))
    assert reached_at(told, told.gateways.gateways["infra/edge"]) == ("203.0.113.99",)


def test_a_route_that_the_api_server_refuses_says_so() -> None:
    edit = change_field(gateway_project(), CART, "spec.hostnames", ["cart.example.com:80"])
    found = {card.id: card for card in gateway_cards(compile_project(edit.project))[0]}
    assert found[CART].trouble == "refused by the API server" and found[CART].rows == ()


def test_a_gateway_without_class_carries_nothing() -> None:
    edit = change_field(gateway_project(), EDGE, "spec.gatewayClassName", "gone")
    found, links = gateway_cards(compile_project(edit.project))
    card = next(one for one in found if one.id == EDGE)
    assert card.trouble == "GatewayClass gone does not exist or is not accepted"
    assert links and all(link.refused for link in links)


def test_many_rows_are_cut_and_counted() -> None:
    rules = [{"backendRefs": [{"name": "cart", "port": 80}]} for _ in range(14)]
    edit = change_field(gateway_project(), CART, "spec.rules", rules)
    card = next(one for one in gateway_cards(compile_project(edit.project))[0] if one.id == CART)
    assert len(card.rows) == 12 and card.rows[-1] == CardRow("and 3 rows more")


@pytest.mark.parametrize(
    ("share", "words"), [(Fraction(9, 10), "90 %"), (Fraction(1, 3), "1/3"), (Fraction(1, 8), "12.5 %")]
)
def test_shares_are_exact(share: Fraction, words: str) -> None:
    assert weight_text(share) == words


def test_kinds_are_spoken_without_their_api() -> None:
    assert object_text(CART) == "HTTPRoute shop/cart"


def test_an_edited_route_is_made_anew_and_the_others_are_kept() -> None:
    before = compile_project(gateway_project())
    first = {card.id: card for card in gateway_cards(before)[0]}
    edit = change_field(before.project, CART, "spec.hostnames", ["other.example.com"])
    after = compile_project(edit.project, before)
    second = {card.id: card for card in gateway_cards(after)[0]}
    assert second[CART].line == "other.example.com" and second[FAR] is first[FAR]
    # A change of what routes refer to reaches them all: the Gateway's listener lets nobody in any more.
    closed = change_field(edit.project, EDGE, "spec.listeners[0].allowedRoutes.namespaces.from", "Same")
    third, links = gateway_cards(compile_project(closed.project, after))
    assert all(card.trouble for card in third if card.kind == "HTTPRoute") and all(link.refused for link in links)


def test_a_route_hangs_on_a_default_gateway_that_it_does_not_name() -> None:
    """GEP-3793: defaultScope of a Gateway, useDefaultGateways of a route."""
    state = gateway_state(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: all, namespace: infra}\n"
        "spec: {gatewayClassName: own, defaultScope: All, listeners: [{name: x, port: 80, protocol: HTTP, "
        "allowedRoutes: {namespaces: {from: All}}}]}\n",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: free, namespace: shop}\n"
        "spec: {useDefaultGateways: All, rules: [{backendRefs: [{name: cart, port: 80}]}]}\n",
    )
    links = [link for link in gateway_cards(state)[1] if link.child.endswith("HTTPRoute:shop/free")]
    assert links == [Link("gateway.networking.k8s.io/v1/Gateway:infra/all", links[0].child, 0)]
