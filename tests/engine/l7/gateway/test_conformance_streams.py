"""TCPRoutes, UDPRoutes and ListenerSets as the conformance tests of Gateway API ask them, named after these.

The objects are our own wording of what such a test asks. Compared with the files of kubernetes-sigs/gateway-api
conformance/tests: listenerset-hostname-conflict, -protocol-conflict, -protocol-and-route-kind-conflicts,
-allowed-routes-namespaces, -allowed-namespace-same, -dual-parentref-independence and -reference-grant,
tcproute-parentref-port-and-section-name, -weighted-routing, -reference-grant and -multiple-routes-attachment,
udproute-simple, -invalid-cross-namespace-backend-ref, -multiple-routes-attachment and -not-allowed-by-listeners, and
with apis/v1 tcproute_types.go; the others state the rule that their test is named after.
"""

from fractions import Fraction
from typing import Any

import pytest
import yaml

from tests.engine.l7.gateway.gate import ask, condition, gateway, http, made, route, table, to

GROUP = "gateway.networking.k8s.io"
ACCEPTED = ("True", "Accepted")
SERVICES = "".join(
    f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {space}}}\n"
    f"spec: {{ports: [{{name: {protocol.lower()}, port: 80, protocol: {protocol}}}]}}\n"
    for space, name in (("shop", "udp1"), ("shop", "udp2"), ("other", "far"))
    for protocol in (("UDP",) if name != "far" else ("TCP",))
)
KINDS = [("TCPRoute", "TCP", "tcp", "a", "b"), ("UDPRoute", "UDP", "udp", "udp1", "udp2")]


def listener(protocol: str, name: str, port: int) -> str:
    return f"name: {name}, port: {port}, protocol: {protocol}, allowedRoutes: {{namespaces: {{from: All}}}}"


def stream(kind: str, name: str, *found: dict[str, Any], **parent: Any) -> str:
    ref = {"name": "web", "namespace": "infra", **parent}
    backends = yaml.safe_dump([{"backendRefs": [{"port": 80, **one} for one in found]}])
    return route(name, backends, kind=kind, parentRefs=[ref])


@pytest.mark.parametrize(("kind", "protocol", "scheme", "one", "two"), KINDS)
def test_parentref_port_and_section_name(kind: str, protocol: str, scheme: str, one: str, two: str) -> None:
    """tcproute-parentref-port-and-section-name, udproute-parentref-port-and-section-name."""
    found = table(
        SERVICES, gateway("web", *(listener(protocol, f"l{port}", port) for port in (5300, 5301, 5302))),
        stream(kind, "port", {"name": one}, port=5300), stream(kind, "section", {"name": two}, sectionName="l5301"),
        stream(kind, "both", {"name": one}, sectionName="l5302", port=5302),
    )  # fmt: skip
    asked = [ask(found, f"{scheme}://x:{port}", port=port).backend for port in (5300, 5301, 5302)]
    assert asked == [f"shop/{one}", f"shop/{two}", f"shop/{one}"]
    assert [x.attached for x in found.listeners] == [1, 1, 1]


@pytest.mark.parametrize(("kind", "protocol", "scheme", "one", "two"), KINDS)
def test_parentref_attach_all(kind: str, protocol: str, scheme: str, one: str, two: str) -> None:
    """tcproute-parentref-attach-all, udproute-parentref-port-and-section-name (neither set)."""
    gate = gateway("web", *(listener(protocol, f"l{port}", port) for port in (5300, 5301)))
    found = table(SERVICES, gate, stream(kind, "every", {"name": two}))
    assert [ask(found, f"{scheme}://x:{port}", port=port).backend for port in (5300, 5301)] == [f"shop/{two}"] * 2


@pytest.mark.parametrize(("kind", "protocol", "scheme", "one", "two"), KINDS)
def test_weighted_routing(kind: str, protocol: str, scheme: str, one: str, two: str) -> None:
    """tcproute-weighted-routing, udproute-weighted-routing: weight 0 gets nothing."""
    gate, refs = (
        gateway("web", listener(protocol, "l", 5300)),
        ({"name": one, "weight": 70}, {"name": two, "weight": 30}),
    )
    answer = ask(table(SERVICES, gate, stream(kind, "s", *refs)), f"{scheme}://x:5300", port=5300)
    assert answer.backends == {f"shop/{one}": Fraction(7, 10), f"shop/{two}": Fraction(3, 10)}
    none = table(SERVICES, gate, stream(kind, "s", {"name": one, "weight": 0}, {"name": two, "weight": 1}))
    assert ask(none, f"{scheme}://x:5300", port=5300).backends == {f"shop/{two}": 1}


@pytest.mark.parametrize(("kind", "protocol", "scheme"), [one[:3] for one in KINDS])
def test_invalid_cross_namespace_backend_ref(kind: str, protocol: str, scheme: str) -> None:
    """udproute-invalid-cross-namespace-backend-ref, and the same of TCPRoutes."""
    gate = gateway("web", listener(protocol, "l", 5300))
    found = table(SERVICES, gate, stream(kind, "s", {"name": "far", "namespace": "other"}))
    assert condition(found, f"{kind} shop/s", "Accepted") == ACCEPTED
    assert condition(found, f"{kind} shop/s", "ResolvedRefs") == ("False", "RefNotPermitted")
    answer = ask(found, f"{scheme}://x:5300", port=5300)
    assert (answer.backend, answer.closing) == ("", "rejected")


def test_tcproute_reference_grant() -> None:
    trusted = {"group": GROUP, "kind": "TCPRoute", "namespace": "shop"}
    grant = made("ReferenceGrant", "other/g", {"from": [trusted], "to": [{"group": "", "kind": "Service"}]})
    gate, text = (
        gateway("web", listener("TCP", "l", 5300)),
        stream("TCPRoute", "s", {"name": "far", "namespace": "other"}),
    )
    assert ask(table(SERVICES, gate, grant, text), "tcp://x:5300", port=5300).backend == "other/far"


@pytest.mark.parametrize(("kind", "protocol", "scheme", "one", "two"), KINDS)
def test_multiple_routes_attachment(kind: str, protocol: str, scheme: str, one: str, two: str) -> None:
    """tcproute-multiple-routes-attachment and the same of UDPRoutes: both are attached, only the oldest is asked."""

    def at(name: str, service: str, created: str) -> str:
        parent = {"name": "web", "namespace": "infra", "sectionName": "l"}
        rules = yaml.safe_dump([{"backendRefs": [{"name": service, "port": 80}]}])
        return route(name, rules, kind=kind, created=created, parentRefs=[parent])

    texts = [at("z-older", one, "2024-01-01T00:00:00Z"), at("a-newer", two, "2024-01-01T00:00:01Z")]
    found = table(SERVICES, gateway("web", listener(protocol, "l", 5300)), *texts)
    for name in ("z-older", "a-newer"):
        assert condition(found, f"{kind} shop/{name}", "Accepted") == ACCEPTED
    assert [x.attached for x in found.listeners] == [2]
    assert ask(found, f"{scheme}://x:5300", port=5300).backend == f"shop/{one}"


@pytest.mark.parametrize(("protocol", "more"), [("TCP", ""), ("TLS", ", tls: {mode: Passthrough}")])
def test_udproute_not_allowed_by_listeners(protocol: str, more: str) -> None:
    found = table(
        SERVICES, gateway("web", listener(protocol, "l", 443) + more), stream("UDPRoute", "s", {"name": "udp1"})
    )
    assert condition(found, "UDPRoute shop/s", "Accepted") == ("False", "NotAllowedByListeners")
    assert [x.attached for x in found.listeners] == [0]


ALL = {"allowedListeners": {"namespaces": {"from": "All"}}}


def listener_set(name: str, *entries: dict[str, Any], created: str = "", **spec: Any) -> str:
    parent = {"name": "web", "namespace": "infra"}
    return made(
        "ListenerSet", f"infra/{name}", {"parentRef": parent, "listeners": list(entries), **spec}, created=created
    )


def entry(name: str, port: int = 80, protocol: str = "HTTP", **more: Any) -> dict[str, Any]:
    return {
        "name": name, "port": port, "protocol": protocol, "allowedRoutes": {"namespaces": {"from": "All"}}, **more
    }  # fmt: skip


LS = "ListenerSet infra/set"


def test_listenerset_default_not_allowed() -> None:
    found = table(gateway("web", http()), listener_set("set", entry("x", 8080)))
    assert condition(found, LS, "Accepted") == ("False", "NotAllowed")


@pytest.mark.parametrize(("labels", "good"), [("{allowed: 'yes'}", True), ("{allowed: 'no'}", False), ("{}", False)])
def test_listenerset_allowed_namespace_selector(labels: str, good: bool) -> None:
    space = f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: infra, labels: {labels}}}\n"
    allowed = {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"allowed": "yes"}}}}
    found = table(space, gateway("web", http(), allowedListeners=allowed), listener_set("set", entry("x", 8080)))
    assert condition(found, LS, "Accepted") == (ACCEPTED if good else ("False", "NotAllowed"))


def test_listenerset_parent_not_accepted() -> None:
    gate = gateway("web", "name: odd, port: 80, protocol: example.com/odd", **ALL)
    found = table(gate, listener_set("set", entry("x", 8080)))
    assert condition(found, "Gateway infra/web", "Accepted")[0] == "False"
    assert condition(found, LS, "Accepted") == ("False", "ParentNotAccepted")
    assert condition(found, LS, "Programmed")[0] == "False"


@pytest.mark.parametrize(
    ("name", "other", "reason"),
    [
        ("listenerset-hostname-conflict", entry("x", 80, hostname="gw.example.com"), "HostnameConflict"),
        ("listenerset-protocol-conflict", entry("x", 80, "TCP"), "ProtocolConflict"),
    ],
)
def test_a_listener_of_a_set_that_conflicts_with_the_gateways(name: str, other: dict[str, Any], reason: str) -> None:
    """The Gateway's own one stands; that of the set says the conflict in all of its conditions."""
    gate = gateway("web", http("gw", more="hostname: gw.example.com"), **ALL)
    found = table(gate, listener_set("set", other, entry("y", 8080)), listener_set("alone", other))
    assert condition(found, "Gateway infra/web", "Accepted", "gw") == ACCEPTED, name
    for owner in (LS, "ListenerSet infra/alone"):
        assert condition(found, owner, "Accepted", "x") == ("False", reason), name
        assert condition(found, owner, "Programmed", "x") == ("False", reason), name
        assert condition(found, owner, "Conflicted", "x") == ("True", reason), name
    assert condition(found, LS, "Accepted")[0] == "True"
    assert condition(found, LS, "Programmed") == ("True", "Programmed")
    assert condition(found, "ListenerSet infra/alone", "Accepted") == ("False", "ListenersNotValid")
    assert condition(found, "ListenerSet infra/alone", "Programmed") == ("False", "ListenersNotValid")


def test_listenerset_hostname_conflict_among_wildcards_and_by_age() -> None:
    wild = entry("wild", 80, hostname="*.example.com")
    found = table(
        gateway("web", http("gw", 8080), **ALL),
        listener_set("b", wild, created="2024-01-01T00:00:01Z"),
        listener_set("a", wild, created="2024-01-01T00:00:00Z"),
    )
    assert condition(found, "ListenerSet infra/a", "Programmed", "wild") == ("True", "Programmed")
    assert condition(found, "ListenerSet infra/b", "Accepted", "wild") == ("False", "HostnameConflict")


def test_listenerset_dual_parentref_independence() -> None:
    """A route with two parents has conditions of each; a section that one of them lacks is that one's matter."""
    at_set = {"kind": "ListenerSet", "name": "set", "namespace": "infra"}
    both = [{"name": "web", "namespace": "infra"}, at_set]
    one = [{"name": "web", "namespace": "infra", "sectionName": "none"}, at_set]
    found = table(
        gateway("web", http("gw", more="hostname: gw-dual.com"), **ALL),
        listener_set("set", entry("x", 80, hostname="ls-dual.com")),
        route("both", to("a", "/dualboth"), parentRefs=both), route("one", to("b", "/dualone"), parentRefs=one),
    )  # fmt: skip
    assert {x.listener: x.attached for x in found.listeners} == {"gw": 1, "x": 2}
    for parent in ("Gateway infra/web", LS):
        assert condition(found, "HTTPRoute shop/both", "Accepted", parent=parent) == ACCEPTED
    assert condition(found, "HTTPRoute shop/one", "Accepted", parent=LS) == ACCEPTED
    assert condition(found, "HTTPRoute shop/one", "Accepted", "none", "Gateway infra/web") == (
        "False",
        "NoMatchingParent",
    )
    asked = {url: ask(found, f"http://{url}") for url in (
        "gw-dual.com/dualboth", "ls-dual.com/dualboth", "ls-dual.com/dualone", "gw-dual.com/dualone")}  # fmt: skip
    assert [answer.backend for answer in asked.values()] == ["shop/a", "shop/a", "shop/b", ""]
    assert asked["gw-dual.com/dualone"].status == 404


def test_listenerset_allowed_routes_supported_kinds() -> None:
    kinds = {"namespaces": {"from": "All"}, "kinds": [{"kind": "HTTPRoute"}]}
    wrong = {"namespaces": {"from": "All"}, "kinds": [{"kind": "TLSRoute"}]}
    found = table(
        gateway("web", http(), **ALL),
        listener_set(
            "set", {**entry("http", 8080), "allowedRoutes": kinds}, {**entry("tls", 8081), "allowedRoutes": wrong}
        ),
    )
    assert {x.listener: x.kinds for x in found.listeners if x.object == LS} == {"http": ("HTTPRoute",), "tls": ()}
    assert condition(found, LS, "ResolvedRefs", "tls") == ("False", "InvalidRouteKinds")
