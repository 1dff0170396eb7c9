"""What the API server refuses of Gateway API objects (CRD schemas and CEL rules of gateway-api v1.5)."""

from typing import Any

import pytest
import yaml

from tests.engine.l7.gateway.gate import CERTIFICATE, ask, codes, gateway, http, made, route, table

GW = gateway("web", http())
GOOD = "[{backendRefs: [{name: a, port: 80}]}]"


def http_rule(text: str) -> str:
    return f"[{{backendRefs: [{{name: a, port: 80}}], {text}}}]"


def filters(*found: str) -> str:
    return f"[{{filters: [{', '.join(found)}]}}]"


REDIRECT = "{type: RequestRedirect, requestRedirect: {scheme: https}}"
REWRITE = "{type: URLRewrite, urlRewrite: {hostname: a.example.com}}"
HEADERS = "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: '1'}]}}"
PREFIX = "{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /x}}}"

HTTP_ROUTES = (
    ("a path without slash", http_rule("matches: [{path: {value: cart}}]"), "matches[0].path.value"),
    ("doubled slashes", http_rule("matches: [{path: {value: /a//b}}]"), "matches[0].path.value"),
    ("a dot segment", http_rule("matches: [{path: {value: /a/../b}}]"), "matches[0].path.value"),
    ("an encoded slash", http_rule("matches: [{path: {value: /a%2Fb}}]"), "matches[0].path.value"),
    ("a fragment", http_rule("matches: [{path: {value: '/a#b'}}]"), "matches[0].path.value"),
    ("a path that ends in dots", http_rule("matches: [{path: {value: /a/.., type: Exact}}]"), "matches[0].path.value"),
    ("white space in a path", http_rule("matches: [{path: {value: '/a b'}}]"), "matches[0].path.value"),
    ("an unknown path type", http_rule("matches: [{path: {value: /a, type: Glob}}]"), "matches[0].path.type"),
    ("a method in lower case", http_rule("matches: [{method: get}]"), "matches[0].method"),
    ("a header name with a colon", http_rule("matches: [{headers: [{name: ':path', value: x}]}]"),
     "matches[0].headers[0].name"),
    ("an empty header value", http_rule("matches: [{headers: [{name: a, value: ''}]}]"), "matches[0].headers[0].value"),
    ("one header twice", http_rule("matches: [{headers: [{name: a, value: b}, {name: a, value: c}]}]"),
     "matches[0].headers[1].name"),
    ("redirect and backends", http_rule(f"filters: [{REDIRECT}]"), "filters"),
    ("redirect and rewrite", filters(REDIRECT, REWRITE), "filters"),
    ("a filter twice", filters(HEADERS, HEADERS), "filters"),
    ("a filter without its field", filters("{type: URLRewrite}"), "filters[0]"),
    ("a filter with another's field", filters("{type: URLRewrite, requestRedirect: {}}"), "filters[0]"),
    ("an unknown filter", filters("{type: Magic}"), "filters[0].type"),
    ("ReplacePrefixMatch with Exact",
     http_rule(f"matches: [{{path: {{value: /a, type: Exact}}}}], filters: [{PREFIX}]"), "matches"),
    ("ReplacePrefixMatch with two matches",
     http_rule(f"matches: [{{path: {{value: /a}}}}, {{path: {{value: /b}}}}], filters: [{PREFIX}]"), "matches"),
    ("ReplaceFullPath without value",
     http_rule("filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath}}}]"),
     "filters[0].urlRewrite.path"),
    ("a redirect of status 304", filters("{type: RequestRedirect, requestRedirect: {statusCode: 304}}"),
     "filters[0].requestRedirect.statusCode"),
    ("a redirect to a wildcard", filters("{type: RequestRedirect, requestRedirect: {hostname: '*.example.com'}}"),
     "filters[0].requestRedirect.hostname"),
    ("percent and fraction",
     http_rule("filters: [{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, percent: 1, "
               "fraction: {numerator: 1}}}]"), "filters[0].requestMirror"),
    ("a fraction above one",
     http_rule("filters: [{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}, "
               "fraction: {numerator: 101}}}]"), "filters[0].requestMirror.fraction"),
    ("* beside other origins", http_rule("filters: [{type: CORS, cors: {allowOrigins: ['*', 'https://a.com']}}]"),
     "filters[0].cors.allowOrigins"),
    ("an origin without scheme", http_rule("filters: [{type: CORS, cors: {allowOrigins: [a.com]}}]"),
     "filters[0].cors.allowOrigins[0]"),
    ("a backend without port", "[{backendRefs: [{name: a}]}]", "backendRefs[0].port"),
    ("a port as text", "[{backendRefs: [{name: a, port: '80'}]}]", "backendRefs[0].port"),
    ("a negative weight", "[{backendRefs: [{name: a, port: 80, weight: -1}]}]", "backendRefs[0].weight"),
    ("a weight above a million", "[{backendRefs: [{name: a, port: 80, weight: 1000001}]}]", "backendRefs[0].weight"),
    ("a backend's timeout longer than the request's", http_rule("timeouts: {request: 1s, backendRequest: 1m}"),
     "timeouts"),
    ("a timeout that is no duration", http_rule("timeouts: {request: 1 second}"), "timeouts.request"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "text", "field"), HTTP_ROUTES, ids=[row[0] for row in HTTP_ROUTES])
def test_a_refused_http_route_does_not_exist_and_the_others_hold(name: str, text: str, field: str) -> None:
    """ingress-gateway.md 6, row 'ReplacePrefixMatch'."""
    found = table(GW, route("r", text), route("other", GOOD, "other.example.com"))
    assert codes(found) == [("GW-90", f"spec.rules[0].{field}")], name
    (problem,) = found.problems
    assert problem.object == "gateway.networking.k8s.io/v1/HTTPRoute:shop/r" and problem.fix and problem.why
    assert [c for c in found.conditions if c.object == "HTTPRoute shop/r"] == []
    assert ask(found, "http://x/").status == 404
    assert ask(found, "http://other.example.com/").status == 200


@pytest.mark.parametrize(
    "host", ["shop.example.com:8080", "*", "a.*.example.com", "SHOP.example.com", "shop_x", "-a.com"]
)
def test_a_host_that_is_no_hostname(host: str) -> None:
    found = table(GW, route("r", GOOD, host))
    assert codes(found) == [("GW-90", "spec.hostnames[0]")]
    assert f'"{host}"' in found.problems[0].title


@pytest.mark.parametrize(
    "changes",
    [{"parentRefs": [{"name": "web"}, {"name": "web"}]},
     {"parentRefs": [{"name": "web"}, {"name": "web", "sectionName": "http"}]},
     {"parentRefs": [{"name": "web", "sectionName": "a"}, {"name": "web", "sectionName": "a"}]},
     {"parentRefs": [{"name": "web", "port": 80}, {"name": "web", "port": 80}]},
     {"parentRefs": [{"name": "web"}, {"name": "web", "sectionName": "a", "port": 80}]},
     {"parentRefs": [{"name": "web", "sectionName": "a"}, {"name": "web", "port": 443}]},
     {"parentRefs": [{"name": "web", "sectionName": "a"}, {"name": "web", "sectionName": "a", "port": 443}]},
     # group and kind have defaults, which the API server writes before it looks
     {"parentRefs": [{"name": "web"}, {"name": "web", "kind": "Gateway", "group": "gateway.networking.k8s.io"}]}],
)  # fmt: skip
def test_one_parent_named_twice_must_be_told_apart(changes: dict[str, Any]) -> None:
    """CommonRouteSpec ``parentRefs``; cases of tests/cel/httproute_experimental_test.go."""
    assert codes(table(GW, route("r", GOOD, **changes)))[0] == ("GW-90", "spec.parentRefs")


@pytest.mark.parametrize(
    "refs",
    [[{"name": "web", "port": 80}, {"name": "web", "port": 443}],
     [{"name": "web", "port": 443, "sectionName": "a"}, {"name": "web", "port": 443, "sectionName": "b"}],
     [{"name": "web", "namespace": "test"}, {"name": "web"}],
     [{"name": "web"}, {"name": "web", "kind": "ListenerSet"}]],
)  # fmt: skip
def test_parents_that_are_told_apart(refs: list[dict[str, Any]]) -> None:
    """The same, cases that the API server takes: a namespace that is left out is another one."""
    assert "GW-90" not in [code for code, _ in codes(table(GW, route("r", GOOD, parentRefs=refs)))]


def test_limits_of_lists() -> None:
    """ingress-gateway.md 6, row 'Limits'."""
    many = yaml.safe_dump([{"matches": [{"path": {"value": f"/{n}/{m}"}} for m in range(64)]} for n in range(3)])
    assert codes(table(GW, route("r", many))) == [("GW-90", "spec.rules")]
    assert codes(table(GW, route("r", yaml.safe_dump([{}] * 17)))) == [("GW-90", "spec.rules")]
    assert codes(table(GW, route("r", GOOD, " ".join(f"h{n}.com" for n in range(17))))) == [("GW-90", "spec.hostnames")]


GATEWAYS = (
    ("name: x, port: 0, protocol: HTTP", "port"),
    ("name: x, port: 80, protocol: 'not ok'", "protocol"),
    ("name: X, port: 80, protocol: HTTP", "name"),
    ("name: x, port: 80, protocol: HTTP, hostname: 'a:80'", "hostname"),
    ("name: x, port: 80, protocol: HTTP, tls: {mode: Terminate, certificateRefs: [{name: c}]}", "tls"),
    ("name: x, port: 443, protocol: HTTPS, tls: {mode: Passthrough}", "tls.mode"),
    ("name: x, port: 443, protocol: TLS", "tls"),
    ("name: x, port: 443, protocol: HTTPS, tls: {mode: Terminate}", "tls"),
    ("name: x, port: 53, protocol: UDP, hostname: a.example.com", "hostname"),
    ("name: x, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Some}}", "allowedRoutes.namespaces.from"),
    ("port: 80, protocol: HTTP", "name"),
)


@pytest.mark.parametrize(("listener", "field"), GATEWAYS)
def test_a_refused_gateway_does_not_exist(listener: str, field: str) -> None:
    found = table(CERTIFICATE, gateway("web", listener))
    assert codes(found) == [("GW-90", f"spec.listeners[0].{field}")]
    assert ask(found, "http://x/").status == 0 and found.gateways == {}


def test_listener_names_are_unique_and_there_is_one_at_least() -> None:
    assert codes(table(gateway("web", http(), http(port=81)))) == [("GW-90", "spec.listeners[1].name")]
    assert codes(table(gateway("web"))) == [("GW-90", "spec.listeners")]


OTHERS: tuple[tuple[str, str, Any, str], ...] = (
    ("GatewayClass", "x", {"controllerName": "no-slash"}, "spec.controllerName"),
    ("ReferenceGrant", "a/x", {"from": [], "to": [{"group": "", "kind": "Service"}]}, "spec.from"),
    ("TLSRoute", "a/x", {"rules": [{"backendRefs": [{"name": "a", "port": 80}]}]}, "spec.hostnames"),
    ("TLSRoute", "a/x", {"hostnames": ["10.0.0.1"], "rules": [{"backendRefs": [{"name": "a", "port": 80}]}]},
     "spec.hostnames"),
    ("TCPRoute", "a/x", {"rules": [{"backendRefs": []}]}, "spec.rules[0].backendRefs"),
    ("UDPRoute", "a/x", {"rules": [{"backendRefs": [{"name": "a", "port": 1}]}] * 2}, "spec.rules"),
    ("GRPCRoute", "a/x", {"rules": [{"matches": [{"method": {}}]}]}, "spec.rules[0].matches[0].method"),
    ("GRPCRoute", "a/x", {"rules": [{"matches": [{"method": {"service": "a/b"}}]}]},
     "spec.rules[0].matches[0].method.service"),
    ("GRPCRoute", "a/x", {"rules": [{"filters": [{"type": "URLRewrite"}]}]}, "spec.rules[0].filters[0].type"),
    ("BackendTLSPolicy", "a/x", {"targetRefs": [{"group": "", "kind": "Service", "name": "a"}],
                                 "validation": {"hostname": "a.com"}}, "spec.validation"),
    ("ListenerSet", "a/x", {"parentRef": {"name": "web"}, "listeners": []}, "spec.listeners"),
    ("HTTPRoute", "a/x", "text", "spec"),
    ("Gateway", "a/x", {"gatewayClassName": "gc", "listeners": {"name": "x"}}, "spec.listeners"),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "key", "spec", "field"), OTHERS)
def test_other_kinds(kind: str, key: str, spec: Any, field: str) -> None:
    assert codes(table(GW, made(kind, key, spec))) == [("GW-90", field)]


def test_a_version_that_nobody_serves() -> None:
    found = table(GW, made("HTTPRoute", "shop/r", yaml.safe_load("{rules: [{}]}"), "gateway.networking.k8s.io/v9"))
    assert codes(found) == [("GW-90", "apiVersion")]


@pytest.mark.parametrize(
    ("kind", "api", "spec"),
    [
        ("HTTPRoute", "v1beta1", {"rules": [{}]}), ("GRPCRoute", "v1alpha2", {"rules": [{}]}),
        ("TCPRoute", "v1alpha2", {"rules": [{}]}), ("TLSRoute", "v1alpha2", {"rules": [{}]}),
        ("ReferenceGrant", "v1", {"from": [{"group": "a.b", "kind": "C", "namespace": "d"}],
                                  "to": [{"group": "", "kind": "Service"}]}),
    ],
)  # fmt: skip
def test_older_versions_are_taken(kind: str, api: str, spec: Any) -> None:
    """ingress-gateway.md 1, row 'Gateway API'."""
    found = table(GW, made(kind, "shop/x", spec, f"gateway.networking.k8s.io/{api}"))
    assert "GW-90" not in [code for code, _ in codes(found)]


@pytest.mark.parametrize(
    ("auth", "field"),
    [
        ({"protocol": "HTTP"}, "externalAuth"),
        ({"protocol": "GRPC"}, "externalAuth"),
        ({"protocol": "GRPC", "grpc": {}, "http": {}}, "externalAuth.http"),
        ({"protocol": "HTTP", "grpc": {}, "http": {}}, "externalAuth.grpc"),
        ({"protocol": "HTTP", "http": {"allowedHeaders": ["X-Own"]}}, ""),
        ({"protocol": "GRPC", "grpc": {}}, ""),
        # hack/invalid-examples/experimental/httproute/invalid-filter-externalauth-bad-http-path, -no-protocol
        ({"protocol": "HTTP", "http": {"path": "/[]"}}, "externalAuth.http.path"),
        ({"protocol": "HTTP", "http": {"path": "/check/%20"}, "forwardBody": {"maxSize": 1024}}, ""),
        ({"protocol": "HTTP", "http": {}, "forwardBody": {"maxSize": -1}}, "externalAuth.forwardBody.maxSize"),
        ({"http": {}}, "externalAuth.protocol"),
    ],
)
def test_an_authorisation_server_has_settings_of_its_protocol_alone(auth: dict[str, Any], field: str) -> None:
    """HTTPExternalAuthFilter, the four rules of its CRD."""
    guard = {"type": "ExternalAuth", "externalAuth": {"backendRef": {"name": "a", "port": 80}, **auth}}
    rules = yaml.safe_dump([{"backendRefs": [{"name": "a", "port": 80}], "filters": [guard]}])
    found = codes(table(gateway("web", http()), route("r", rules)))
    assert found == ([("GW-90", f"spec.rules[0].filters[0].{field}")] if field else [])
