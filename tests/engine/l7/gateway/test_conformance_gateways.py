"""Gateways, ListenerSets and filters, compared with the files of the conformance suite of Gateway API.

Each test names the one of kubernetes-sigs/gateway-api conformance/tests that it was compared with; the objects are our
own wording of what that asks.
"""

from typing import Any

import pytest
import yaml

from designer.engine.l7.gateway import GatewayTable
from tests.engine.l7.gateway.gate import CERTIFICATE, ask, codes, condition, gateway, http, made, route, table, to

GW = "Gateway infra/web"
ALL = {"namespaces": {"from": "All"}}
PASS = {"tls": {"mode": "Passthrough"}, "allowedRoutes": ALL}


def entry(name: str, host: str = "", protocol: str = "HTTP", port: int = 80, **more: Any) -> dict[str, Any]:
    named = {"hostname": host} if host else {}
    return {"name": name, "port": port, "protocol": protocol, "allowedRoutes": ALL, **named, **more}


def listener_set(name: str, *entries: dict[str, Any]) -> str:
    return made("ListenerSet", f"infra/{name}", {"parentRef": {"name": "web"}, "listeners": list(entries)})


def open_gateway(*entries: dict[str, Any]) -> str:
    listeners = [yaml.safe_dump(one, default_flow_style=True).strip()[1:-1] for one in entries]
    return gateway("web", *listeners, allowedListeners=ALL)


def fate(found: GatewayTable, shown: str, listener: str = "") -> list[tuple[str, str]]:
    kinds = ("Accepted", "Programmed", "Conflicted") if listener else ("Accepted", "Programmed")
    return [condition(found, shown, kind, listener) for kind in kinds]


GOOD = [("True", "Accepted"), ("True", "Programmed"), ("False", "NoConflicts")]


def lost(reason: str) -> list[tuple[str, str]]:
    return [("False", reason), ("False", reason), ("True", reason)]


def test_listenerset_protocol_conflict() -> None:
    """A listener that loses to one that goes before it takes none of its own set with it, and stops no later one."""
    found = table(
        open_gateway(entry("own", "own.com"), entry("taken", "taken.com")),
        listener_set("a", entry("one", "one.com"), entry("taken", protocol="TCP"), entry("two", "two.com")),
        listener_set("b", entry("taken", protocol="TCP")),
        listener_set("c", entry("three", "three.com"), entry("two", protocol="TCP")),
        route("r", to("a"), parentRefs=[{"kind": "ListenerSet", "name": "a", "namespace": "infra"}]),
        route("s", to("b"), parentRefs=[{"kind": "ListenerSet", "name": "c", "namespace": "infra"}]),
    )
    assert fate(found, GW, "own") == fate(found, GW, "taken") == GOOD
    assert fate(found, "ListenerSet infra/a", "one") == fate(found, "ListenerSet infra/a", "two") == GOOD
    assert fate(found, "ListenerSet infra/c", "three") == GOOD
    for name, listener in (("a", "taken"), ("b", "taken"), ("c", "two")):
        assert fate(found, f"ListenerSet infra/{name}", listener) == lost("ProtocolConflict")
    assert fate(found, "ListenerSet infra/b") == [("False", "ListenersNotValid")] * 2
    assert fate(found, "ListenerSet infra/a")[1] == fate(found, "ListenerSet infra/c")[1] == ("True", "Programmed")
    assert [ask(found, f"http://{host}.com/").backend for host in ("one", "two", "three")] == ["shop/a"] * 2 + [
        "shop/b"
    ]


def test_listeners_of_one_set_that_conflict_all_lose() -> None:
    """GatewaySpec, "Handling indistinct Listeners": none of them is picked."""
    found = table(
        open_gateway(entry("own", port=81)),
        listener_set("a", entry("one", "one.com"), entry("two", protocol="TCP"), entry("other", port=82)),
    )
    for name in ("one", "two"):
        assert fate(found, "ListenerSet infra/a", name) == lost("ProtocolConflict")
    assert fate(found, "ListenerSet infra/a", "other") == GOOD


HTTPS: dict[str, Any] = {"protocol": "HTTPS", "port": 8443, "tls": {"certificateRefs": [{"name": "cert"}]}}
TLS: dict[str, Any] = {"protocol": "TLS", "port": 8443, **PASS}


def test_listenerset_protocol_and_route_kind_conflicts() -> None:
    """A listener without host name leaves none to one of the other protocol, and the Gateway's goes before."""
    only_http = {**TLS, "port": 443, "allowedRoutes": {**ALL, "kinds": [{"kind": "HTTPRoute"}]}}
    found = table(
        CERTIFICATE, open_gateway(entry("https", **HTTPS)),
        listener_set("a", entry("kinds", "k.com", **only_http), entry("good", "abc.com", **{**TLS, "port": 9443}),
                     entry("bad", "abc.com", **TLS)),
    )  # fmt: skip
    assert condition(found, "ListenerSet infra/a", "ResolvedRefs", "kinds") == ("False", "InvalidRouteKinds")
    assert fate(found, "ListenerSet infra/a", "good") == fate(found, GW, "https") == GOOD
    assert fate(found, "ListenerSet infra/a", "bad") == lost("ProtocolConflict")


@pytest.mark.parametrize(
    ("controller", "left", "right", "good"),
    [
        # conformance: gateway-https-and-tls-passthrough-same-port, listenerset-protocol-and-route-kind-conflicts
        ("example.com/controller", "*.example.com", "abc.example.com", True),
        ("example.com/controller", "", "abc.example.com", False),
        ("example.com/controller", "abc.example.com", "abc.example.com", False),
        # envoyproxy/gateway#10013; istio/istio listenersDistinct
        ("gateway.envoyproxy.io/gatewayclass-controller", "", "abc.example.com", True),
        ("istio.io/gateway-controller", "*.example.com", "abc.example.com", True),
        ("istio.io/gateway-controller", "abc.example.com", "abc.example.com", False),
        # cilium/cilium#48092
        ("io.cilium/gateway-controller", "*.example.com", "abc.example.com", False),
        ("io.cilium/gateway-controller", "other.example.com", "abc.example.com", True),
    ],
)
def test_https_and_tls_on_one_port(controller: str, left: str, right: str, good: bool) -> None:
    text = "".join([CERTIFICATE, open_gateway(entry("one", left, **HTTPS), entry("two", right, **TLS))])
    mine = made("GatewayClass", "mine", {"controllerName": controller})
    found = table(mine, text.replace("gatewayClassName: gc", "gatewayClassName: mine"))
    for name in ("one", "two"):
        expected = ("False", "NoConflicts") if good else ("True", "ProtocolConflict")
        assert condition(found, GW, "Conflicted", name) == expected


def test_cors_allow_credentials_behavior() -> None:
    """A CORS filter that lists no origin lets every origin share the response."""
    cors = {"type": "CORS", "cors": {"allowCredentials": True}}
    found = table(gateway("web", http()), route("r", rule(filters=[cors], backendRefs=[{"name": "a", "port": 80}])))
    answer = ask(found, "http://a.com/", Origin="https://app.example", Cookie="sid=1")
    assert (answer.status, answer.backend) == (200, "shop/a")
    assert answer.response_headers == {
        "Access-Control-Allow-Origin": "https://app.example",
        "Access-Control-Allow-Credentials": "true",
    }


def rule(**fields: Any) -> str:
    return yaml.safe_dump([fields])


def direct(status: Any = 403, **more: Any) -> dict[str, Any]:
    return {"type": "DirectResponse", "directResponse": {"statusCode": status, **more}}


@pytest.mark.parametrize("status", [200, 204, 403])
def test_httproute_direct_response(status: int) -> None:
    """The Gateway answers by itself, with headers that a ResponseHeaderModifier sets (GEP-2826, "Conformance")."""
    json = {"name": "Content-Type", "value": "application/json"}
    filters = [direct(status), {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [json]}}]
    found = table(gateway("web", http()), route("r", rule(filters=filters)))
    answer = ask(found, "http://a.com/")
    assert (answer.status, answer.backend, answer.forwarded, answer.redirect) == (status, "", None, "")
    assert answer.response_headers == {"Content-Type": "application/json"}
    assert answer.route == "HTTPRoute shop/r"
    assert condition(found, "HTTPRoute shop/r", "ResolvedRefs") == ("True", "ResolvedRefs")


def test_a_direct_response_of_one_backend_is_not_guessed() -> None:
    """GEP-2826 supports the filter in a rule; nothing says what it does at a backendRef."""
    found = table(
        gateway("web", http()), route("r", rule(backendRefs=[{"name": "a", "port": 80, "filters": [direct()]}]))
    )
    assert ask(found, "http://a.com/").undecided


@pytest.mark.parametrize(
    ("filters", "more", "field"),
    [
        ([direct(99)], {}, "spec.rules[0].filters[0].directResponse.statusCode"),
        ([direct(600)], {}, "spec.rules[0].filters[0].directResponse.statusCode"),
        ([direct(200, body={})], {}, "spec.rules[0].filters[0].directResponse.body.string"),
        ([direct(200, body={"string": "x" * 4097})], {}, "spec.rules[0].filters[0].directResponse.body.string"),
        ([direct(), direct()], {}, "spec.rules[0].filters"),
        ([direct()], {"backendRefs": [{"name": "a", "port": 80}]}, "spec.rules[0].filters"),
    ],
)
def test_a_direct_response_that_the_api_server_refuses(filters: list[Any], more: dict[str, Any], field: str) -> None:
    """GEP-2826, "API" and "Interaction with backendRefs"."""
    found = table(gateway("web", http()), route("r", rule(filters=filters, **more)))
    assert codes(found) == [("GW-90", field)]


@pytest.mark.parametrize(
    ("tls", "field"),
    [
        ({"certificateRefs": [{"name": "cert"}]}, ""),  # the API server makes it Terminate
        ({}, "spec.listeners[0].tls"),
        (None, "spec.listeners[0].tls"),
    ],
)
def test_tls_mode_of_a_tls_listener(tls: dict[str, Any] | None, field: str) -> None:
    """ListenerSpec CEL, as its tests of the API server say (`tests/cel`, "tls config present but empty")."""
    found = table(CERTIFICATE, open_gateway(entry("tls", "", "TLS", 443, **({} if tls is None else {"tls": tls}))))
    assert codes(found) == ([("GW-90", field)] if field else [])
    if not field:
        assert fate(found, GW, "tls") == GOOD


@pytest.mark.parametrize(
    ("addresses", "field"),
    [
        ([{"value": "192.0.2.1"}, {"type": "IPAddress", "value": "2001:db8::1"}, {"type": "IPAddress"}], ""),
        ([{"type": "Hostname", "value": "*.example.com"}, {"type": "Hostname"}, {"type": "Hostname", "value": ""}], ""),
        ([{"value": "192.0.2.300"}], "spec.addresses[0].value"),
        ([{"type": "Hostname", "value": "Not_A_Host"}], "spec.addresses[0].value"),
        ([{"value": "192.0.2.1"}, {"type": "IPAddress", "value": "192.0.2.1"}], "spec.addresses"),
        ([{"type": "Hostname", "value": "a.com"}] * 2, "spec.addresses"),
        ([{"type": "nonsense", "value": "a.com"}], "spec.addresses[0].type"),
    ],
)
def test_addresses_of_a_gateway(addresses: list[dict[str, str]], field: str) -> None:
    """GatewaySpec ``addresses`` and GatewaySpecAddress, CEL; `gateway-optional-address-value` lets the value out."""
    found = table(gateway("web", http(), addresses=addresses))
    assert codes(found) == ([("GW-90", field)] if field else [])
    if not field:
        assert fate(found, GW) == GOOD[:2]


@pytest.mark.parametrize(
    ("timeouts", "said"),
    [
        ({"request": "500ms"}, "500ms"),
        ({"request": "2s", "backendRequest": "500ms"}, "500ms"),
        ({"request": "0s"}, ""),
        ({"request": "0s", "backendRequest": "1m30s"}, "1m30s"),
    ],
)
def test_httproute_timeout_request(timeouts: dict[str, str], said: str) -> None:
    """How long a backend takes is not in any manifest: the answer says when it would be 504 (and 0s: never)."""
    found = table(gateway("web", http()), route("r", rule(backendRefs=[{"name": "a", "port": 80}], timeouts=timeouts)))
    answer = ask(found, "http://a.com/")
    assert (answer.status, answer.backend) == (200, "shop/a")
    assert (f"longer than {said}, the client gets 504" in answer.reason) if said else ("504" not in answer.reason)


LABEL = "spec.infrastructure.labels"


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("labels", {"a.example.com/B_c.d": "1", "x": ""}, ""),
        ("labels", {f"l{n}": "" for n in range(9)}, LABEL),
        ("annotations", {f"l{n}": "" for n in range(9)}, "spec.infrastructure.annotations"),
        ("labels", {"-x": ""}, LABEL),
        ("labels", {"x" * 64: ""}, LABEL),
        ("labels", {"A.example.com/x": ""}, LABEL),
    ],
)
def test_labels_and_annotations_of_the_infrastructure(field: str, value: dict[str, str], place: str) -> None:
    """GatewayInfrastructure: eight of each, and the form of their names (CEL)."""
    found = table(gateway("web", http(), infrastructure={field: value}))
    assert codes(found) == ([("GW-90", place)] if place else [])


RULE = "spec.rules[0]"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"retry": {"codes": [500, 503], "attempts": 3, "backoff": "100ms"}}, ""),
        ({"retry": {"codes": [200]}}, f"{RULE}.retry.codes[0]"),
        ({"retry": {"backoff": "soon"}}, f"{RULE}.retry.backoff"),
        ({"sessionPersistence": {"sessionName": "s", "type": "Cookie", "absoluteTimeout": "24h",
                                 "cookieConfig": {"lifetimeType": "Permanent"}}}, ""),
        ({"sessionPersistence": {"cookieConfig": {"lifetimeType": "Session"}}}, ""),
        ({"sessionPersistence": {"cookieConfig": {"lifetimeType": "Permanent"}}},
         f"{RULE}.sessionPersistence.absoluteTimeout"),
        ({"sessionPersistence": {"type": "Magic"}}, f"{RULE}.sessionPersistence.type"),
    ],
)  # fmt: skip
def test_retries_and_session_persistence(fields: dict[str, Any], place: str) -> None:
    """HTTPRouteRetry, SessionPersistence (GEP-1731, GEP-1619, CEL); a first request goes where it went without them."""
    found = table(gateway("web", http()), route("r", rule(backendRefs=[{"name": "a", "port": 80}], **fields)))
    assert codes(found) == ([("GW-90", place)] if place else [])
    assert ask(found, "http://a.com/").backend == ("" if place else "shop/a")


def test_listenerset_gateway_parent_section_name_not_found() -> None:
    """A parentRef to the Gateway reaches its own listeners only, whatever those of its ListenerSets are called."""
    gateway_ref = {"name": "web", "namespace": "infra", "sectionName": "only-set"}
    found = table(
        open_gateway(entry("own", "own.com")), listener_set("a", entry("only-set", "set.com")),
        route("good", to("a"), parentRefs=[{"kind": "ListenerSet", "name": "a", "namespace": "infra"}]),
        route("bad", to("b"), parentRefs=[gateway_ref]),
    )  # fmt: skip
    assert condition(found, "HTTPRoute shop/good", "Accepted") == ("True", "Accepted")
    assert condition(found, "HTTPRoute shop/bad", "Accepted") == ("False", "NoMatchingParent")
    assert ask(found, "http://set.com/").backend == "shop/a"
    counts = {(one.object, one.listener): one.attached for one in found.listeners}
    assert counts == {(GW, "own"): 0, ("ListenerSet infra/a", "only-set"): 1}


def test_gateway_invalid_default_frontend_client_certificate_validation() -> None:
    """A default validation that does not hold is about HTTPS listeners only: plain HTTP goes on."""
    missing = {"validation": {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "none"}]}}
    listeners = [entry("http"), entry("https", protocol="HTTPS", port=443, tls=HTTPS["tls"])]
    text = made("Gateway", "infra/web", {"gatewayClassName": "gc", "listeners": listeners, "tls": {
        "frontend": {"default": missing}}})  # fmt: skip
    found = table(CERTIFICATE, text, route("r", to("a")))
    assert fate(found, GW, "http") == GOOD
    assert condition(found, GW, "ResolvedRefs", "https") == ("False", "InvalidCACertificateRef")
    assert condition(found, GW, "Accepted", "https") == ("False", "NoValidCACertificate")
    assert condition(found, GW, "Programmed", "https")[0] == "False"
    assert ask(found, "http://example.org/").backend == "shop/a"
    assert (ask(found, "https://example.org/").status, ask(found, "https://example.org/").backend) == (0, "")


def test_gateway_static_addresses() -> None:
    """An address of an unknown type: the Gateway is not accepted; without it it is."""
    unknown, good = {"type": "test/fake-invalid-type", "value": "fake address"}, {"value": "192.0.2.1"}
    assert fate(table(gateway("web", http(), addresses=[unknown, good])), GW)[0] == ("False", "UnsupportedAddress")
    assert fate(table(gateway("web", http(), addresses=[good])), GW) == GOOD[:2]


@pytest.mark.parametrize("kind", ["InvalidRoute", "UDPRoute"])
def test_gateway_invalid_route_kind(kind: str) -> None:
    """A kind that cannot attach is left out of supportedKinds; the others of the same listener go on."""
    for kinds, supported, backend in (([kind], (), ""), ([kind, "HTTPRoute"], ("HTTPRoute",), "shop/a")):
        allowed = {**ALL, "kinds": [{"kind": one} for one in kinds]}
        found = table(open_gateway(entry("http", allowedRoutes=allowed)), route("r", to("a")))
        assert condition(found, GW, "ResolvedRefs", "http") == ("False", "InvalidRouteKinds")
        assert [(one.kinds, one.attached) for one in found.listeners] == [(supported, 1 if backend else 0)]
        assert ask(found, "http://a.com/").backend == backend
