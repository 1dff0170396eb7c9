"""GRPCRoutes, TLSRoutes and listeners as the conformance tests of Gateway API ask them, named after these.

The objects are our own wording of what such a test asks. Compared with the files of kubernetes-sigs/gateway-api
conformance/tests: tlsroute-invalid-no-matching-listener, -hostname-intersection, -mixed-termination-same-namespace,
-listener-mixed-termination-not-supported, -simple-same-namespace, -terminate-simple-same-namespace,
-invalid-reference-grant, -invalid-backendref-nonexistent, -invalid-no-matching-listener-hostname,
grpcroute-multiple-routes-attachment-same-hostname-intersection, -exact-method-matching, -header-matching, -weight,
gateway-overlapping-tls-config-hostnames and gateway-listener-protocol-and-route-kind-conflicts; the others state the
rule that their test is named after.
"""

from fractions import Fraction
from typing import Any

import pytest
import yaml

from designer.engine.l7.outcome import OK, UNAVAILABLE, UNIMPLEMENTED
from tests.engine.l7.gateway.gate import (
    CERTIFICATE,
    CLASS,
    ask,
    codes,
    condition,
    gateway,
    http,
    https,
    made,
    route,
    table,
    to,
)
from tests.engine.l7.gateway.test_conformance_routes import (
    ACCEPTED,
    EDIT,
    FAR,
    GW,
    RESOLVED,
    R,
    grant,
    mirror,
    refs,
)

ECHO = "images.grpcecho.GrpcEcho"


def calls(*found: tuple[dict[str, Any], str]) -> str:
    return yaml.safe_dump(
        [{"matches": [match] if match else [], "backendRefs": [{"name": name, "port": 80}]} for match, name in found]
    )


def grpc(text: str, path: str, **headers: str) -> tuple[int | None, str]:
    answer = ask(table(GW, route("g", text, kind="GRPCRoute")), f"http://x/{path}", method="POST", grpc=True, **headers)
    return answer.grpc, answer.backend


def test_grpcroute_exact_method_matching() -> None:
    text = calls(
        ({"method": {"service": ECHO, "method": "Echo"}}, "a"),
        ({"method": {"service": ECHO, "method": "EchoTwo"}}, "b"),
    )
    assert grpc(text, f"{ECHO}/Echo") == (OK, "shop/a")
    assert grpc(text, f"{ECHO}/EchoTwo") == (OK, "shop/b")
    assert grpc(text, f"{ECHO}/EchoThree") == (UNIMPLEMENTED, "")


def test_grpcroute_header_matching() -> None:
    def with_headers(**wanted: str) -> dict[str, Any]:
        return {"headers": [{"name": name, "value": value} for name, value in wanted.items()]}

    text = calls(
        (with_headers(version="one"), "a"), (with_headers(version="two"), "b"),
        (with_headers(version="two", color="orange"), "a"), (with_headers(color="red"), "b"),
    )  # fmt: skip
    for sent, expected in (
        ({"Version": "one"}, "shop/a"), ({"Version": "two"}, "shop/b"), ({"Color": "red"}, "shop/b"),
        ({"Version": "two", "Color": "orange"}, "shop/a"), ({"Some_Other": "one"}, ""), ({"Color": "purple"}, ""),
    ):  # fmt: skip
        assert grpc(text, f"{ECHO}/Echo", **sent) == (OK if expected else UNIMPLEMENTED, expected)


def test_grpcroute_weight_and_all_backends_weight_zero() -> None:
    weights = yaml.safe_dump([{"backendRefs": [{"name": n, "port": 80, "weight": w} for n, w in (("a", 7), ("b", 3))]}])
    answer = ask(table(GW, route("g", weights, kind="GRPCRoute")), "http://x/s/m", method="POST", grpc=True)
    assert answer.backends == {"shop/a": Fraction(7, 10), "shop/b": Fraction(3, 10)}
    none = yaml.safe_dump([{"backendRefs": [{"name": "a", "port": 80, "weight": 0}]}])
    assert grpc(none, "s/m") == (UNAVAILABLE, "")


def test_grpcroute_request_mirror_and_request_header_modifier() -> None:
    text = yaml.safe_dump([{"backendRefs": [{"name": "a", "port": 80}], "filters": [mirror("b"), EDIT]}])
    answer = ask(table(GW, route("g", text, kind="GRPCRoute")), "http://x/s/m", method="POST", grpc=True)
    assert [one.backend for one in answer.mirrors] == ["shop/b"]
    assert answer.forwarded is not None and answer.forwarded.headers["X-Header-Set"] == "set-overwrites-values"


def test_grpcroute_multiple_routes_attachment_same_hostname_intersection() -> None:
    """The route's own host name decides, not what it has in common with the listener; age does not."""
    for listener, older, newer in (
        ("abc.example.com", "*.example.com", "abc.example.com"), ("*.example.com", "*.com", "*.example.com"),
    ):  # fmt: skip
        found = table(
            gateway("web", http(more=f"hostname: '{listener}'")),
            route("old", calls(({}, "a")), older, "GRPCRoute", created="2024-01-01T00:00:00Z"),
            route("new", calls(({}, "b")), newer, "GRPCRoute", created="2025-01-01T00:00:00Z"),
        )
        assert ask(found, "http://abc.example.com/s/m", method="POST", grpc=True).backend == "shop/b"


PASS = "tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: All}}"
TLS = f"name: tls, port: 443, protocol: TLS, {PASS}"


def stream(kind: str, *found: dict[str, Any], hosts: str = "") -> str:
    return route("s", refs(*found), hosts, kind)


def test_tlsroute_simple_same_namespace() -> None:
    found = table(gateway("web", f"{TLS}, hostname: abc.example.com"), stream("TLSRoute", {}, hosts="abc.example.com"))
    assert condition(found, "TLSRoute shop/s", "Accepted") == ACCEPTED
    assert ask(found, "https://abc.example.com/").backend == "shop/a"
    assert ask(found, "https://other.example.com/").backend == ""


def test_tlsroute_terminate_simple_same_namespace() -> None:
    listener = (
        "name: tls, port: 443, protocol: TLS, tls: {mode: Terminate, certificateRefs: [{name: cert}]}, "
        "allowedRoutes: {namespaces: {from: All}}"
    )
    found = table(CERTIFICATE, gateway("web", listener), stream("TLSRoute", {}, hosts="abc.example.com"))
    assert ask(found, "tls://abc.example.com").backend == "shop/a"
    assert ask(found, "tls://def.example.com").closing == "rejected"


@pytest.mark.parametrize(
    ("name", "ref", "reason"),
    [
        ("tlsroute-invalid-reference-grant", {"name": "far", "namespace": "other"}, "RefNotPermitted"),
        ("tlsroute-invalid-backendref-nonexistent", {"name": "nonexistent"}, "BackendNotFound"),
        ("tlsroute-invalid-backendref-unknown-kind", {"kind": "NonExistent"}, "InvalidKind"),
    ],
)
def test_tlsroute_backend_references(name: str, ref: dict[str, Any], reason: str) -> None:
    found = table(gateway("web", TLS), FAR, grant(to_name="not-far"), stream("TLSRoute", ref, hosts="abc.example.com"))
    assert condition(found, "TLSRoute shop/s", "Accepted") == ACCEPTED, name
    assert condition(found, "TLSRoute shop/s", "ResolvedRefs") == ("False", reason), name
    assert ask(found, "tls://abc.example.com").closing == "rejected", name


def test_tlsroute_invalid_no_matching_listener() -> None:
    kinds = "allowedRoutes: {namespaces: {from: All}, kinds: [{kind: HTTPRoute}]}"
    only = f"name: tls, port: 443, protocol: TLS, tls: {{mode: Passthrough}}, {kinds}"
    for listener in (http(), https(), only):
        found = table(CERTIFICATE, gateway("web", listener), stream("TLSRoute", {}, hosts="abc.example.com"))
        assert condition(found, "TLSRoute shop/s", "Accepted") == ("False", "NotAllowedByListeners")
        assert [x.attached for x in found.listeners] == [0]
    section: dict[str, Any] = {"parentRefs": [{"name": "web", "namespace": "infra", "sectionName": "none"}]}
    found = table(gateway("web", TLS), route("s", refs({}), "abc.example.com", "TLSRoute", **section))
    assert condition(found, "TLSRoute shop/s", "Accepted") == ("False", "NoMatchingParent")
    found = table(gateway("web", f"{TLS}, hostname: def.example.com"), stream("TLSRoute", {}, hosts="abc.example.com"))
    assert condition(found, "TLSRoute shop/s", "Accepted") == ("False", "NoMatchingListenerHostname")


MODES = (
    f"name: through, port: 443, protocol: TLS, hostname: a.example.com, {PASS}",
    "name: ends, port: 443, protocol: TLS, hostname: b.example.com, tls: {certificateRefs: [{name: cert}]}",
)


def test_tlsroute_listener_mixed_termination_not_supported() -> None:
    """Both conflict there, unless the implementation has the feature TLSRouteModeMixed: of any other, nobody knows."""
    found = table(CERTIFICATE, gateway("web", *MODES), stream("TLSRoute", {}, hosts="a.example.com"))
    for name in ("through", "ends"):
        for kind, status in {"Accepted": "Unknown", "Programmed": "Unknown", "ResolvedRefs": "True"}.items():
            assert condition(found, "Gateway infra/web", kind, name)[0] == status
    answer = ask(found, "tls://a.example.com")
    assert answer.undecided and not answer.backend and "Terminate" in answer.reason
    assert codes(found) == [("GW-04", "spec.listeners[0]"), ("GW-04", "spec.listeners[1]")]
    apart = table(CERTIFICATE, gateway("web", MODES[0], MODES[1].replace("443", "444")),
                  stream("TLSRoute", {}, hosts="a.example.com"))  # fmt: skip
    assert ask(apart, "tls://a.example.com").backend == "shop/a" and not codes(apart)


@pytest.mark.parametrize("controller", ["gateway.envoyproxy.io/gatewayclass-controller", "istio.io/gateway-controller"])
def test_tlsroute_mixed_termination_same_namespace(controller: str) -> None:
    """Those that have the feature take both modes on one port."""
    other = CLASS.replace("example.com/controller", controller).replace("name: gc", "name: mixing")
    gate = gateway("web", *MODES).replace("gatewayClassName: gc", "gatewayClassName: mixing")
    found = table(CERTIFICATE, other, gate, stream("TLSRoute", {}, hosts="a.example.com"))
    assert condition(found, "Gateway infra/web", "Accepted", "ends") == ACCEPTED
    assert ask(found, "tls://a.example.com").backend == "shop/a"


def test_a_set_beside_a_gateway_of_the_other_mode() -> None:
    """ListenerSetSpec, precedence: the Gateway's own listener is accepted either way, that of the set is not sure."""
    entry = {"name": "ends", "port": 443, "protocol": "TLS", "hostname": "b.example.com",
             "tls": {"certificateRefs": [{"name": "cert"}]}}  # fmt: skip
    late = made("ListenerSet", "infra/late", {"parentRef": {"name": "web"}, "listeners": [entry]})
    gate = gateway("web", MODES[0], allowedListeners={"namespaces": {"from": "All"}})
    found = table(CERTIFICATE, gate, late, stream("TLSRoute", {}, hosts="a.example.com"))
    assert ask(found, "tls://a.example.com").backend == "shop/a"
    assert ask(found, "tls://b.example.com").undecided


def test_gateway_overlapping_tls_config_hostnames() -> None:
    hosts = {"foo": "foo.example.com", "bar": "bar.bar.example.com", "wild": "*.example.com", "not": "example.com"}
    listeners = [https(name, more=f"hostname: '{host}'") for name, host in hosts.items()]
    found = table(CERTIFICATE, gateway("web", *listeners, https("port", 9443, "hostname: foo.example.com")))
    marked = [c.listener for c in found.conditions if (c.type, c.status, c.reason) == (
        "OverlappingTLSConfig", "True", "OverlappingHostnames")]  # fmt: skip
    assert marked == ["foo", "bar", "wild"]
    assert [c for c in found.conditions if c.type == "OverlappingTLSConfig" and c.listener in ("not", "port")] == []


def test_gateway_listener_protocol_and_route_kind_conflicts() -> None:
    shared = "hostname: abc.example.com, tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: All}}"
    found = table(
        CERTIFICATE,
        gateway("web", f"name: tls, port: 443, protocol: TLS, {shared}", https("one", 8443),
                f"name: two, port: 8443, protocol: TLS, {PASS}"),
        route("r", to("a"), parentRefs=[{"name": "web", "namespace": "infra", "sectionName": "tls"}]),
        stream("TLSRoute", {}, hosts="abc.example.com"),
    )  # fmt: skip
    assert condition(found, R, "ResolvedRefs") == RESOLVED
    assert condition(found, R, "Accepted") == ("False", "NotAllowedByListeners")
    for name in ("one", "two"):
        assert condition(found, "Gateway infra/web", "Accepted", name) == ("False", "Invalid")
        assert condition(found, "Gateway infra/web", "Programmed", name)[0] == "False"
        assert condition(found, "Gateway infra/web", "Conflicted", name) == ("True", "ProtocolConflict")
    assert ask(found, "tls://abc.example.com").backend == "shop/a"
    assert ask(found, "https://https.example.org/", port=8443).closing == "refused"
    assert ask(found, "tls://abc.example.com", port=8443).closing == "refused"
