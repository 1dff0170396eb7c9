"""HTTPRoute and GRPCRoute: matching and precedence, one test for each rule of the specification."""

from typing import Any

import pytest

from tests.engine.l7.gateway.gate import (
    CERTIFICATE,
    CLASS,
    ask,
    codes,
    condition,
    gateway,
    http,
    https,
    route,
    table,
    to,
)

GW = gateway("web", http())


def backend(rules: str, url: str, **how: Any) -> str:
    return ask(table(GW, route("r", rules)), f"http://x{url}", **how).backend


@pytest.mark.parametrize(
    ("kind", "path", "url", "good"),
    [
        # PathMatchType: Exact and PathPrefix, the examples of their texts
        ("Exact", "/abc", "/abc", True), ("Exact", "/abc", "/abc/", False), ("Exact", "/abc", "/Abc", False),
        ("Exact", "/abc", "/abcd", False), ("Exact", "/abc", "/abc?x=1", True), ("Exact", "/abc/", "/abc", False),
        ("PathPrefix", "/abc", "/abc", True), ("PathPrefix", "/abc", "/abc/", True),
        ("PathPrefix", "/abc", "/abc/def", True), ("PathPrefix", "/abc", "/abcd", False),
        ("PathPrefix", "/abc/", "/abc", True), ("PathPrefix", "/abc/", "/abc/def", True),
        ("PathPrefix", "/abc/", "/abcd", False), ("PathPrefix", "/abc", "/ABC", False),
        ("PathPrefix", "/", "/anything/at/all", True), ("PathPrefix", "/", "", True),
        ("RegularExpression", "/v[0-9]+/.*", "/v12/x", True), ("RegularExpression", "/v[0-9]+/.*", "/vx/x", False),
        ("RegularExpression", "/[[:alpha:]]+", "/abc", True),
    ],
)  # fmt: skip
def test_paths(kind: str, path: str, url: str, good: bool) -> None:
    """ingress-gateway.md 6, row 'PathPrefix by element'."""
    assert backend(to("a", path, kind), url) == ("shop/a" if good else "")


def test_a_rule_without_matches_takes_every_request() -> None:
    """ingress-gateway.md 6, row 'Default match'."""
    assert backend("[{backendRefs: [{name: a, port: 80}]}]", "/x") == "shop/a"
    assert backend("[{matches: [{method: GET}], backendRefs: [{name: a, port: 80}]}]", "/x") == "shop/a"


def test_matches_of_a_rule_are_alternatives_and_fields_of_a_match_are_joined() -> None:
    """ingress-gateway.md 6, row 'Matches and fields'."""
    # HTTPRouteRule ``matches``, the example of its text
    rules = """
    - matches:
      - {path: {value: /foo}, headers: [{name: version, value: v2}]}
      - {path: {value: /v2/foo}}
      backendRefs: [{name: a, port: 80}]
    """
    assert backend(rules, "/foo", version="v2") == "shop/a"
    assert backend(rules, "/v2/foo") == "shop/a"
    assert backend(rules, "/foo") == "" == backend(rules, "/foo", version="v1")


HEADERS = "- {matches: [{headers: [%s]}], backendRefs: [{name: a, port: 80}]}"


@pytest.mark.parametrize(
    ("wanted", "sent", "good"),
    [
        ("{name: Version, value: one}", {"version": "one"}, True),
        ("{name: version, value: one}", {"VERSION": "One"}, False),
        ("{name: version, value: one}", {}, False),
        ("{name: a, value: '1'}, {name: b, value: '2'}", {"a": "1", "b": "2"}, True),
        ("{name: a, value: '1'}, {name: b, value: '2'}", {"a": "1"}, False),
        ("{name: foo, value: '1'}, {name: Foo, value: '2'}", {"foo": "1"}, True),
        ("{name: foo, value: '1'}, {name: Foo, value: '2'}", {"foo": "2"}, False),
        ("{name: v, value: 'v[12]', type: RegularExpression}", {"v": "v2"}, True),
        ("{name: v, value: 'v[12]', type: RegularExpression}", {"v": "w2"}, False),
        ("{name: Host, value: x}", {}, True),
    ],
)
def test_headers_by_name_in_any_case_and_the_first_of_equivalent_names(
    wanted: str, sent: dict[str, str], good: bool
) -> None:
    assert backend(HEADERS % wanted, "/", **sent) == ("shop/a" if good else "")


@pytest.mark.parametrize(
    ("wanted", "query", "good"),
    [
        ("{name: animal, value: whale}", "?animal=whale", True),
        ("{name: animal, value: whale}", "?animal=Whale", False),
        ("{name: animal, value: whale}", "?Animal=whale", False),
        ("{name: animal, value: whale}", "?x=1&animal=whale&animal=dolphin", True),
        ("{name: animal, value: dolphin}", "?animal=whale&animal=dolphin", False),
        ("{name: a, value: 'x y'}", "?a=x%20y", True),
        ("{name: a, value: '1'}, {name: b, value: '2'}", "?a=1", False),
        ("{name: a, value: '[0-9]+', type: RegularExpression}", "?a=17", True),
    ],
)
def test_query_parameters_exact_by_name_and_the_first_of_repeated_ones(wanted: str, query: str, good: bool) -> None:
    rules = f"- {{matches: [{{queryParams: [{wanted}]}}], backendRefs: [{{name: a, port: 80}}]}}"
    assert backend(rules, f"/{query}") == ("shop/a" if good else "")


def test_method() -> None:
    rules = "- {matches: [{method: POST}], backendRefs: [{name: a, port: 80}]}"
    assert backend(rules, "/", method="POST") == "shop/a"
    assert backend(rules, "/") == ""


MATCH = "{path: {type: %s, value: %s}%s}"
PRECEDENCE: tuple[tuple[str, Any, Any, dict[str, str]], ...] = (
    # better match, worse match, request: HTTPRouteRule ``matches``, one row for each rule
    ("an Exact path before a longer prefix", ("Exact", "/a", ""), ("PathPrefix", "/a", ", method: GET"), {}),
    ("the longer prefix", ("PathPrefix", "/a/b", ""), ("PathPrefix", "/a", ", method: GET"), {}),
    ("a method before headers", ("PathPrefix", "/", ", method: GET"),
     ("PathPrefix", "/", ", headers: [{name: a, value: '1'}]"), {"a": "1"}),
    ("more headers", ("PathPrefix", "/", ", headers: [{name: a, value: '1'}, {name: b, value: '2'}]"),
     ("PathPrefix", "/", ", headers: [{name: a, value: '1'}], queryParams: [{name: q, value: '1'}]"),
     {"a": "1", "b": "2"}),
    ("more query parameters", ("PathPrefix", "/", ", queryParams: [{name: q, value: '1'}, {name: r, value: '1'}]"),
     ("PathPrefix", "/", ", queryParams: [{name: q, value: '1'}]"), {}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "better", "worse", "sent"), PRECEDENCE, ids=[row[0] for row in PRECEDENCE])
def test_precedence_within_and_across_routes(
    name: str, better: tuple[str, str, str], worse: tuple[str, str, str], sent: dict[str, str]
) -> None:
    """ingress-gateway.md 6, row 'Precedence of matches'."""
    rule = "- {matches: [%s], backendRefs: [{name: %s, port: 80}]}\n"
    first, second = rule % (MATCH % better, "a"), rule % (MATCH % worse, "b")
    url = "http://x/a/b?q=1&r=1" if better[0] == "PathPrefix" else "http://x/a?q=1&r=1"
    one_route = table(GW, route("r", second + first))
    # The worse match is in the older route with the smaller name: age counts after all of these only.
    two_routes = table(
        GW, route("z", first, created="2025-01-01T00:00:00Z"), route("b", second, created="2024-01-01T00:00:00Z")
    )
    for found in (one_route, two_routes):
        answer = ask(found, url, **sent)
        assert answer.backend == "shop/a", name
        assert "matches too and loses" in answer.reason


def test_the_oldest_route_then_the_first_by_name_then_the_first_rule() -> None:
    """ingress-gateway.md 6, row 'Ties', and ingress-gateway.md 7, row 'Same host and path'."""
    old, new = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
    aged = table(GW, route("z", to("a"), created=old), route("b", to("b"), created=new))
    assert ask(aged, "http://x/").backend == "shop/a"
    assert "the older route goes first" in ask(aged, "http://x/").reason
    named = table(GW, route("z", to("a"), created=old), route("b", to("b"), created=old))
    assert ask(named, "http://x/").backend == "shop/b"
    assert ask(table(GW, route("z", to("a")), route("b", to("b"))), "http://x/").backend == "shop/b"
    assert backend(to("c") + to("a"), "/") == "shop/c"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.example.com", "shop/a"), ("x.b.example.com", "shop/b"), ("x.y.b.example.com", "shop/b"),
        ("b.example.com", "shop/c"), ("z.example.com", "shop/c"), ("other.org", "shop/d"),
    ],
)  # fmt: skip
def test_the_more_specific_hostname_goes_before_everything_else(host: str, expected: str) -> None:
    """ingress-gateway.md 6, row 'Precedence of host names'."""
    # Characters in a matching non-wildcard hostname, then in a matching hostname; the others are older and Exact.
    old = "2020-01-01T00:00:00Z"
    found = table(
        GW,
        route("a", to("a"), "a.b.example.com"), route("b", to("b"), "*.b.example.com"),
        route("c", to("c", "/p", "Exact"), "*.example.com", created=old),
        route("d", to("d", "/p", "Exact"), created=old),
        services=("shop/a", "shop/b", "shop/c", "shop/d"),
    )  # fmt: skip
    assert ask(found, f"http://{host}/p").backend == expected


def test_a_rule_of_a_less_specific_hostname_holds_where_no_other_matches() -> None:
    found = table(GW, route("a", to("a", "/a"), "a.example.com"), route("b", to("b"), "*.example.com"))
    assert ask(found, "http://a.example.com/b").backend == "shop/b"


def test_routes_attached_with_equal_intersections_compete_by_their_own_hostnames() -> None:
    # conformance feature GatewayRouteHostnameIntersectionPrecedence
    listener = gateway("web", http(more="hostname: a.example.com"))
    found = table(listener, route("a", to("a"), "*.com"), route("z", to("b"), "*.example.com"))
    assert ask(found, "http://a.example.com/").backend == "shop/b"


REGEX = to("a", "/v[0-9]+", "RegularExpression") + to("b", "/v1")


def test_a_regular_expression_beside_another_path_is_not_decided_by_the_specification() -> None:
    """ingress-gateway.md 6, row 'RegularExpression', and ingress-gateway.md 7, row 'Regular expression'."""
    answer = ask(table(GW, route("r", REGEX)), "http://x/v1")
    assert answer.undecided and answer.status == 0 and "regular expressions" in answer.reason
    assert backend(REGEX, "/v2") == "shop/a"
    assert backend(REGEX, "/v1/x") == "", "does the expression match a part of the path? Dialects differ"


@pytest.mark.parametrize(
    ("controller", "expected"),
    [("gateway.envoyproxy.io/gatewayclass-controller", "shop/a"), ("istio.io/gateway-controller", "shop/b")],
)
def test_controllers_that_rank_regular_expressions(controller: str, expected: str) -> None:
    text = CLASS.replace("example.com/controller", controller).replace("name: gc", "name: known")
    found = table(text, GW.replace("gatewayClassName: gc", "gatewayClassName: known"), route("r", REGEX))
    assert ask(found, "http://x/v1").backend == expected
    assert ask(found, "http://x/v1/x").backend == "shop/b", "Envoy matches the whole path"


@pytest.mark.parametrize("text", ["/(a", "[z-a]", "*x", "a{2,1}"])
def test_an_invalid_regular_expression_drops_its_rule(text: str) -> None:
    both = table(GW, route("r", to("a", text, "RegularExpression") + to("b", "/b")))
    assert condition(both, "HTTPRoute shop/r", "Accepted") == ("True", "Accepted")
    assert condition(both, "HTTPRoute shop/r", "PartiallyInvalid") == ("True", "UnsupportedValue")
    assert codes(both) == [("GW-91", "spec.rules[0].matches[0].path.value")]
    assert [ask(both, f"http://x{path}").status for path in ("/b", "/a")] == [200, 404]
    alone = table(GW, route("r", to("a", text, "RegularExpression")))
    assert condition(alone, "HTTPRoute shop/r", "Accepted") == ("False", "UnsupportedValue")
    assert ask(alone, "http://x/a").status == 404


def test_an_expression_of_another_dialect_is_not_guessed() -> None:
    assert ask(table(GW, route("r", to("a", "/(?!b).*", "RegularExpression"))), "http://x/a").undecided


def test_a_path_that_gateways_may_tidy_up_first_is_not_guessed() -> None:
    found = table(GW, route("r", to("a", "/admin") + to("b")))
    assert ask(found, "http://x/public/../admin").undecided
    assert ask(found, "http://x//admin").undecided
    assert ask(found, "http://x/public/./page").backend == "shop/b"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        # RFC 3986 section 6.2.2.2: %61 is an a; only whether a proxy undoes it first is open. %2e is a dot.
        ("/%61dmin", False), ("/public/%2E%2e/admin", False), ("/admin%2Fx", False), ("/%61dmi%6e/x", False),
        # section 2.2: an escaped reserved sign is another path, which NGINX reads as the sign all the same
        ("/p%40q", False), ("/p@q", True),
        # no rule is reached by undoing these, nor can a match name what stands behind them
        ("/page%20two", True), ("/public/%61", True), ("/%zz", True), ("/%", True), ("/%C3%A4", True),
    ],
)  # fmt: skip
def test_an_escape_that_gateways_may_undo_first_is_not_guessed(path: str, told: bool) -> None:
    found = table(GW, route("r", to("a", "/admin") + to("c", "/p@q", "Exact") + to("b")))
    assert ask(found, f"http://x{path}").undecided is not told


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_final_dot_of_a_host_is_not_guessed(scheme: str) -> None:
    """Envoy's HttpConnectionManager keeps it unless strip_trailing_host_dot is set; NGINX drops it."""
    found = table(CERTIFICATE, gateway("web", http(), https()), route("r", to("a"), "shop.example"))
    assert ask(found, f"{scheme}://shop.example./").undecided
    assert ask(found, f"{scheme}://shop.example./", port=99).closing == "refused"
    assert ask(found, f"{scheme}://shop.example/").backend == "shop/a"


GRPC = """
- {matches: [{method: {service: shop.Cart, method: Get}}], backendRefs: [{name: a, port: 80}]}
- {matches: [{method: {service: shop.Cart}}], backendRefs: [{name: b, port: 80}]}
- {matches: [{method: {method: Get}, headers: [{name: v, value: '2'}]}], backendRefs: [{name: c, port: 80}]}
"""


@pytest.mark.parametrize(
    ("path", "sent", "expected", "code"),
    [
        ("/shop.Cart/Get", {}, "shop/a", 0), ("/shop.Cart/Put", {}, "shop/b", 0),
        ("/shop.Cart/Get", {"v": "2"}, "shop/a", 0), ("/shop.Other/Get", {"v": "2"}, "shop/c", 0),
        ("/shop.Other/Get", {}, "", 12), ("/shop.cart/Get", {}, "", 12),
    ],
)  # fmt: skip
def test_grpc_calls_by_service_method_and_header(path: str, sent: dict[str, str], expected: str, code: int) -> None:
    """ingress-gateway.md 6, rows 'GRPCRoute', 'No rule'."""
    answer = ask(table(GW, route("g", GRPC, kind="GRPCRoute")), f"http://x{path}", method="POST", grpc=True, **sent)
    assert (answer.backend, answer.grpc, answer.status) == (expected, code, 200)


def test_grpc_rules_with_longer_service_go_before_headers() -> None:
    rules = """
    - {matches: [{headers: [{name: v, value: '2'}]}], backendRefs: [{name: a, port: 80}]}
    - {matches: [{method: {service: s}}], backendRefs: [{name: b, port: 80}]}
    """
    found = table(GW, route("g", rules, kind="GRPCRoute"))
    assert ask(found, "http://x/s/M", grpc=True, v="2").backend == "shop/b"
    assert ask(found, "http://x/t/M", grpc=True, v="2").backend == "shop/a"


def test_what_is_no_grpc_call_matches_no_grpc_route() -> None:
    found = table(GW, route("g", "[{backendRefs: [{name: a, port: 80}]}]", kind="GRPCRoute"))
    assert ask(found, "http://x/s/M").status == 404
    assert ask(found, "http://x/s/M", content_type="application/grpc+proto").backend == "shop/a"


@pytest.mark.parametrize("refs", ["{name: none, port: 80}", "{name: a, port: 80, weight: 0}", ""])
def test_grpc_calls_without_backend_are_unavailable(refs: str) -> None:
    rules = f"[{{backendRefs: [{refs}]}}]"
    answer = ask(table(GW, route("g", rules, kind="GRPCRoute")), "http://x/s/M", grpc=True)
    assert (answer.grpc, answer.backend) == (14, "")
