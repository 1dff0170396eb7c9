"""Backends with nobody behind them: the problem says what a client gets (`domain/ingress-gateway.md`, status table)."""

from typing import Any

import pytest

from designer.model import ForeignObject, object_id
from tests.engine.checks.clusters import Data, deployment, obj, only, service, told
from tests.engine.checks.test_ingresses import BASE, ingress

API = "gateway.networking.k8s.io/v1"


def gate(kind: str, name: str, **spec: Any) -> ForeignObject:
    space = "" if kind == "GatewayClass" else "shop"
    data = {"apiVersion": API, **obj(kind, name, space, spec=spec)}
    return ForeignObject(object_id(f"{API}/{kind}", space, name), data)


CLASS = gate("GatewayClass", "gc", controllerName="example.com/c")
LISTENERS = [
    {"name": "http", "port": 80, "protocol": "HTTP"},
    {"name": "tcp", "port": 81, "protocol": "TCP"},
    {"name": "udp", "port": 82, "protocol": "UDP"},
]
GATEWAY = gate("Gateway", "gw", gatewayClassName="gc", listeners=LISTENERS)
EMPTY = service("empty", selector={"app": "nobody"})


def route(*refs: Data, kind: str = "HTTPRoute", parent: str = "gw", **rule: Any) -> ForeignObject:
    rules = [{"backendRefs": [{"port": 80, **ref} for ref in refs], **rule}]
    return gate(kind, "r", parentRefs=[{"name": parent}], rules=rules)


CLUSTER = (deployment(), service(), EMPTY)
KEPT = (CLASS, GATEWAY)


@pytest.mark.parametrize(
    ("kind", "gets"),
    [
        ("HTTPRoute", "Clients get status 503 by rule 1."),
        ("GRPCRoute", "Clients get gRPC status 14 (UNAVAILABLE) by rule 1."),
        ("TCPRoute", "Connections are refused by rule 1."),
    ],
)
def test_a_backend_of_a_route_without_ready_endpoint(kind: str, gets: str) -> None:
    found = only("GW-96", *CLUSTER, kept=(*KEPT, route({"name": "empty"}, kind=kind)))
    assert found.title == f"{kind} shop/r: Service shop/empty has no ready endpoint on port 80"
    assert (found.field, found.why) == ("spec.rules[0].backendRefs[0]", gets)
    assert told("GW-96", *CLUSTER, kept=(*KEPT, route({"name": "web"}, kind=kind))) == []


def test_the_share_of_requests_is_told() -> None:
    found = only("GW-96", *CLUSTER, kept=(*KEPT, route({"name": "web", "weight": 3}, {"name": "empty", "weight": 1})))
    assert (found.field, found.why) == (
        "spec.rules[0].backendRefs[1]", "Clients get status 503 for 1 of 4 requests by rule 1.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "quiet",
    [
        route({"name": "empty", "weight": 0}, {"name": "web"}),
        route({"name": "empty"}, parent="none"),
        route({"name": "nobody"}),
    ],
)
def test_no_request_goes_there_or_another_problem_says_why(quiet: ForeignObject) -> None:
    """Weight 0 gets nothing, a route that is not attached takes nothing, a Service that is not there is GW-92."""
    assert told("GW-96", *CLUSTER, kept=(*KEPT, quiet)) == []


def test_a_backend_of_an_ingress_without_endpoint() -> None:
    found = only("ING-96", *BASE, EMPTY, ingress(to="empty"))
    assert found.title == "Ingress shop/i: Service shop/empty has no ready endpoint"
    assert (found.field, found.why) == ("spec.rules[0].http.paths[0].backend.service", "ingress-nginx answers 503.")
    assert told("ING-96", *BASE, EMPTY, ingress()) == []
    other = only("ING-96", *BASE, EMPTY, ingress(to="empty", cls="traefik"))
    assert other.why == "Requests reach nobody; which status Traefik answers is not known."


def test_an_expression_that_nobody_can_read() -> None:
    def regex(path: str, on: bool = True) -> Data:
        made = ingress(meta={"annotations": {"nginx.ingress.kubernetes.io/use-regex": str(on).lower()}})
        made["spec"]["rules"][0]["http"]["paths"][0] |= {"path": path, "pathType": "ImplementationSpecific"}
        return made

    found = only("ING-97", *BASE, regex("/("))
    assert found.field == "spec.rules[0].http.paths[0].path"
    assert "shop.example.com" in found.why
    assert told("ING-97", *BASE, regex("/(a|b)")) == [] == told("ING-97", *BASE, regex("/(", on=False))
