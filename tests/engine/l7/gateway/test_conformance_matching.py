"""Matching of HTTPRoutes as the conformance tests of Gateway API ask it; each case is named after its test there.

The routes are our own wording of what such a test asks. Compared with the files of kubernetes-sigs/gateway-api
conformance/tests: httproute-matching, -matching-across-routes, -header-matching, -method-matching, -path-match-order,
-query-param-matching, -hostname-intersection, -listener-port-matching, -exact-path-matching and
-listener-hostname-matching; the others state the rule that their test is named after.
"""

from typing import Any

import pytest
import yaml

from designer.engine.l7.gateway import GatewayTable
from tests.engine.l7.gateway.gate import ask, condition, gateway, http, route, table, to

GW = gateway("web", http())


def rules(*found: tuple[str, str]) -> str:
    """Rules of (match as a flow mapping without braces, Service)."""
    return yaml.safe_dump(
        [
            {
                "matches": [yaml.safe_load("{" + one + "}") for one in match.split(" | ")],
                "backendRefs": [{"name": service, "port": 80}],
            }
            for match, service in found
        ]
    )


def answers(found: GatewayTable, asks: str) -> None:
    """Hold lines of ``method url header=value … → service or status`` against a table."""
    for line in asks.strip().splitlines():
        wanted, expected = (part.strip() for part in line.split("→"))
        method, url, *headers = wanted.split()
        sent = dict(one.split("=", 1) for one in headers)
        answer = ask(found, url, method=method, **sent)
        assert (answer.backend.removeprefix("shop/") or str(answer.status)) == expected, f"{line}: {answer.reason}"


WHALE, KRAKEN = (f"queryParams: [{{name: animal, value: {name}}}]" for name in ("whale", "kraken"))
CASES: dict[str, tuple[str, str]] = {
    "httproute-simple-same-namespace": (
        rules(("", "a")),
        "GET http://x/ → a",
    ),
    "httproute-exact-path-matching": (
        rules(("path: {type: Exact, value: /one}", "a"), ("path: {type: Exact, value: /two}", "b")),
        """
        GET http://x/one → a
        GET http://x/two → b
        GET http://x/ → 404
        GET http://x/one/example → 404
        GET http://x/two/ → 404
        GET http://x/Two → 404
        """,
    ),
    "httproute-matching": (
        rules(
            ("path: {type: PathPrefix, value: /} | headers: [{name: version, value: one}]", "a"),
            ("path: {type: PathPrefix, value: /v2} | headers: [{name: version, value: two}]", "b"),
        ),
        """
        GET http://x/ → a
        GET http://x/example → a
        GET http://x/ Version=one → a
        GET http://x/v2 → b
        GET http://x/v2/example → b
        GET http://x/ Version=two → b
        GET http://x/v2/ → b
        GET http://x/v2example → a
        GET http://x/foo/v2/example → a
        """,
    ),
    "httproute-header-matching": (
        rules(
            ("headers: [{name: version, value: one}]", "a"),
            ("headers: [{name: version, value: two}]", "b"),
            ("headers: [{name: version, value: two}, {name: color, value: orange}]", "a"),
            ("headers: [{name: color, value: blue}] | headers: [{name: color, value: green}]", "a"),
            ("headers: [{name: color, value: red}] | headers: [{name: color, value: yellow}]", "b"),
        ),
        """
        GET http://x/ Version=one → a
        GET http://x/ Version=two → b
        GET http://x/ Version=two Color=orange → a
        GET http://x/ Color=orange → 404
        GET http://x/ Some-Other-Header=one → 404
        GET http://x/ Color=blue → a
        GET http://x/ Color=green → a
        GET http://x/ Color=red → b
        GET http://x/ Color=yellow → b
        GET http://x/ Color=purple → 404
        """,
    ),
    "httproute-path-match-order": (
        rules(
            ("path: {type: Exact, value: /match/exact/one}", "c"),
            ("path: {type: Exact, value: /match/exact}", "b"),
            ("path: {type: Exact, value: /match}", "a"),
            ("path: {type: PathPrefix, value: /match/prefix/one}", "b"),
            ("path: {type: PathPrefix, value: /match/prefix/}", "a"),
            ("path: {type: PathPrefix, value: /match/}", "c"),
        ),
        """
        GET http://x/match/exact/one → c
        GET http://x/match/exact → b
        GET http://x/match → a
        GET http://x/match/prefix/one/any → b
        GET http://x/match/prefix/any → a
        GET http://x/match/any → c
        """,
    ),
    "httproute-method-matching": (
        rules(
            ("method: POST", "a"),
            ("method: GET", "b"),
            ("path: {value: /path1}, method: GET", "a"),
            ("headers: [{name: version, value: one}], method: PUT", "b"),
            ("path: {value: /path2}, headers: [{name: version, value: two}], method: POST", "c"),
            ("path: {value: /path3}, method: PATCH", "a"),
            ("path: {value: /path4}, headers: [{name: version, value: three}], method: DELETE", "a"),
            ("path: {value: /path5}", "a"),
            ("method: PATCH", "b"),
            ("headers: [{name: version, value: four}]", "c"),
        ),
        """
        POST http://x/ → a
        GET http://x/ → b
        HEAD http://x/ → 404
        GET http://x/path1 → a
        PUT http://x/ version=one → b
        POST http://x/path2 version=two → c
        PATCH http://x/path3 → a
        DELETE http://x/path4 version=three → a
        PUT http://x/ → 404
        PUT http://x/path4 → 404
        PATCH http://x/path5 → a
        PATCH http://x/ version=four → b
        """,
    ),
    "httproute-query-param-matching": (
        rules(
            ("queryParams: [{name: animal, value: whale}]", "a"),
            ("queryParams: [{name: animal, value: dolphin}]", "b"),
            ("queryParams: [{name: animal, value: dolphin}, {name: color, value: blue}]", "c"),
            ("queryParams: [{name: ANIMAL, value: Whale}]", "c"),
            ("path: {value: /path1}, queryParams: [{name: animal, value: whale}]", "a"),
            ("headers: [{name: version, value: one}], queryParams: [{name: animal, value: whale}]", "b"),
            (f"path: {{value: /path2}}, headers: [{{name: version, value: two}}], {WHALE}", "c"),
            ("path: {value: /path3}, queryParams: [{name: animal, value: shark}]", "a"),
            (f"path: {{value: /path4}}, headers: [{{name: version, value: three}}], {KRAKEN}", "a"),
            ("path: {value: /path5}", "a"),
            ("queryParams: [{name: animal, value: hydra}]", "b"),
            ("headers: [{name: version, value: four}]", "c"),
        ),
        """
        GET http://x/?animal=whale → a
        GET http://x/?animal=dolphin → b
        GET http://x/?animal=whale&otherparam=irrelevant → a
        GET http://x/?animal=dolphin&color=yellow → b
        GET http://x/?animal=dolphin&color=blue → c
        GET http://x/?ANIMAL=Whale → c
        GET http://x/?color=blue → 404
        GET http://x/?animal=dog → 404
        GET http://x/?animal=whaledolphin → 404
        GET http://x/ → 404
        GET http://x/path1?animal=whale → a
        GET http://x/?animal=whale version=one → b
        GET http://x/path2?animal=whale version=two → c
        GET http://x/path3?animal=shark → a
        GET http://x/path4?animal=kraken version=three → a
        GET http://x/?animal=shark → 404
        GET http://x/path4?animal=kraken → 404
        GET http://x/path5?animal=hydra → a
        GET http://x/?animal=hydra version=four → c
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_route(name: str) -> None:
    texts, asks = CASES[name]
    found = table(GW, route("r", texts))
    assert condition(found, "HTTPRoute shop/r", "Accepted") == ("True", "Accepted")
    assert condition(found, "HTTPRoute shop/r", "ResolvedRefs") == ("True", "ResolvedRefs")
    answers(found, asks)


def test_httproute_matching_across_routes() -> None:
    first = rules(("path: {value: /} | headers: [{name: version, value: one}]", "a"))
    second = rules(("path: {value: /v2} | headers: [{name: version, value: two}]", "b"))
    found = table(GW, route("part1", first, "example.com example.net"), route("part2", second, "example.com"))
    answers(
        found,
        """
        GET http://example.com/ → a
        GET http://example.com/example → a
        GET http://example.net/example → a
        GET http://example.com/example Version=one → a
        GET http://example.com/v2 → b
        GET http://example.com/v2/example → b
        GET http://example.com/ Version=two → b
        GET http://example.com/v2/ → b
        GET http://example.net/v2 → a
        GET http://example.com/v2example → a
        GET http://example.com/foo/v2/example → a
        """,
    )


def test_httproute_hostname_intersection() -> None:
    def at(name: str) -> dict[str, str]:
        return {"name": "web", "namespace": "infra", "sectionName": name}

    listeners = {"one": "very.specific.com", "two": "*.wildcard.io", "three": "*.anotherwildcard.io"}
    gate = gateway("web", *(http(name, more=f"hostname: '{host}'") for name, host in listeners.items()))
    found = table(
        gate,
        route("s1", to("a", "/s1"), "non.matching.com *.nonmatchingwildcard.io very.specific.com",
              parentRefs=[at("one")]),
        route("s2", to("b", "/s2"),
              "non.matching.com wildcard.io foo.wildcard.io bar.wildcard.io foo.bar.wildcard.io",
              parentRefs=[at("two")]),
        route("s3", to("c", "/s3"), "non.matching.com *.specific.com", parentRefs=[at("one")]),
        route("s4", to("a", "/s4"), "*.anotherwildcard.io", parentRefs=[at("three")]),
        route("s5", to("b", "/s5"), "specific.but.wrong.com wildcard.io"),
    )  # fmt: skip
    answers(
        found,
        """
        GET http://very.specific.com/s1 → a
        GET http://non.matching.com/s1 → 404
        GET http://foo.nonmatchingwildcard.io/s1 → 404
        GET http://bar.nonmatchingwildcard.io/s1 → 404
        GET http://very.specific.com/non-matching-prefix → 404
        GET http://bar.wildcard.io/s2 → b
        GET http://foo.bar.wildcard.io/s2 → b
        GET http://foo.wildcard.io/s2 → b
        GET http://non.matching.com/s2 → 404
        GET http://wildcard.io/s2 → 404
        GET http://very.specific.com/s2 → 404
        GET http://foo.wildcard.io/non-matching-prefix → 404
        GET http://very.specific.com/s3 → c
        GET http://non.matching.com/s3 → 404
        GET http://foo.specific.com/s3 → 404
        GET http://foo.wildcard.io/s3 → 404
        GET http://foo.anotherwildcard.io/s4 → a
        GET http://bar.anotherwildcard.io/s4 → a
        GET http://foo.bar.anotherwildcard.io/s4 → a
        GET http://anotherwildcard.io/s4 → 404
        GET http://foo.wildcard.io/s4 → 404
        GET http://specific.but.wrong.com/s5 → 404
        GET http://wildcard.io/s5 → 404
        """,
    )
    for name in ("s1", "s2", "s3", "s4"):
        assert condition(found, f"HTTPRoute shop/{name}", "Accepted")[0] == "True"
    assert condition(found, "HTTPRoute shop/s5", "Accepted") == ("False", "NoMatchingListenerHostname")
    assert condition(found, "HTTPRoute shop/s5", "ResolvedRefs") == ("True", "ResolvedRefs")


def test_httproute_listener_hostname_matching() -> None:
    def at(*names: str) -> dict[str, Any]:
        return {"parentRefs": [{"name": "web", "namespace": "infra", "sectionName": name} for name in names]}

    hosts = ("bar.com", "foo.bar.com", "*.bar.com", "*.foo.com")
    gate = gateway("web", *(http(f"l{n}", more=f"hostname: '{host}'") for n, host in enumerate(hosts, 1)))
    found = table(
        gate, route("r1", to("a"), **at("l1")), route("r2", to("b"), **at("l2")), route("r3", to("c"), **at("l3", "l4"))
    )
    answers(
        found,
        """
        GET http://bar.com/ → a
        GET http://foo.bar.com/ → b
        GET http://baz.bar.com/ → c
        GET http://boo.bar.com/ → c
        GET http://multiple.prefixes.bar.com/ → c
        GET http://multiple.prefixes.foo.com/ → c
        GET http://foo.com/ → 404
        GET http://no.matching.host/ → 404
        """,
    )


def test_httproute_listener_port_matching() -> None:
    def at(port: int) -> dict[str, Any]:
        return {"parentRefs": [{"name": "web", "namespace": "infra", "port": port}]}

    gate = gateway("web", http("one", 80), http("two", 8080), http("three", 8090))
    found = table(
        gate, route("r1", to("a"), **at(80)), route("r2", to("b"), **at(8080)), route("r3", to("c"), **at(8090))
    )
    assert [ask(found, "http://x/", port=port).backend for port in (80, 8080, 8090)] == ["shop/a", "shop/b", "shop/c"]
