"""Which routes attach where, and their conditions (shared_types.go, ``parentRefs``; conformance: where named)."""

from typing import Any

import pytest

from tests.engine.l7.gateway.gate import ask, codes, condition, gateway, http, made, route, table, to

R, GW = "HTTPRoute shop/r", "Gateway infra/web"
SAME = "name: same, port: 80, protocol: HTTP"


def parent(**ref: Any) -> dict[str, Any]:
    return {"parentRefs": [{"name": "web", "namespace": "infra", **ref}]}


def attached(found: Any, listener: str = "http", owner: str = GW) -> int:
    (count,) = [x.attached for x in found.listeners if (x.object, x.listener) == (owner, listener)]
    return int(count)


def test_a_route_of_another_namespace_is_not_allowed_by_default() -> None:
    """ingress-gateway.md 6, row 'Attachment, namespaces', and ingress-gateway.md 8, row 'Not attached'."""
    found = table(gateway("web", SAME), route("r", to("a")))
    assert condition(found, R, "Accepted") == ("False", "NotAllowedByListeners")
    assert condition(found, R, "ResolvedRefs") == ("True", "ResolvedRefs")
    assert attached(found, "same") == 0
    assert ask(found, "http://x/").status == 404
    assert codes(found) == [("GW-01", "spec.parentRefs[0]")]


@pytest.mark.parametrize(
    ("selector", "good"),
    [
        ("{matchLabels: {team: shop}}", True),
        ("{matchLabels: {team: other}}", False),
        ("{matchLabels: {kubernetes.io/metadata.name: shop}}", True),
        ("{matchExpressions: [{key: team, operator: In, values: [shop, x]}]}", True),
        ("{matchExpressions: [{key: team, operator: DoesNotExist}]}", False),
    ],
)
def test_namespaces_by_selector(selector: str, good: bool) -> None:
    namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n"
    listener = f"{SAME}, allowedRoutes: {{namespaces: {{from: Selector, selector: {selector}}}}}"
    found = table(namespace, gateway("web", listener), route("r", to("a")))
    assert condition(found, R, "Accepted")[0] == str(good)


def test_a_kind_that_the_listener_does_not_allow() -> None:
    """ingress-gateway.md 6, row 'Attachment, kinds'."""
    # conformance: httproute-disallowed-kind, tlsroute-invalid-no-matching-listener
    listener = "name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: All}}"
    rules = "[{backendRefs: [{name: a, port: 80}]}]"
    found = table(gateway("web", listener, http()), route("r", to("a"), **parent(sectionName="tls")),
                  route("t", rules, "a.example.com", "TLSRoute", **parent(sectionName="http")))  # fmt: skip
    assert condition(found, R, "Accepted") == ("False", "NotAllowedByListeners")
    assert condition(found, "TLSRoute shop/t", "Accepted") == ("False", "NotAllowedByListeners")


@pytest.mark.parametrize("ref", [{"sectionName": "none"}, {"port": 81}, {"sectionName": "http", "port": 8080}])
def test_section_name_and_port_must_select_a_listener(ref: dict[str, Any]) -> None:
    """ingress-gateway.md 6, row 'Attachment, section and port'."""
    found = table(gateway("web", http(), http("other", 8080)), route("r", to("a"), **parent(**ref)))
    assert condition(found, R, "Accepted") == ("False", "NoMatchingParent")
    assert codes(found) == [("GW-93", "spec.parentRefs[0]")]


def test_port_and_section_name_select_single_listeners() -> None:
    """ingress-gateway.md 6, row 'One listener is enough'."""
    found = table(
        gateway("web", http("a", 80), http("b", 8080)),
        route("r", to("a"), **parent(port=8080)), route("s", to("b"), **parent(sectionName="a")),
    )  # fmt: skip
    assert [ask(found, "http://x/", port=port).backend for port in (80, 8080)] == ["shop/b", "shop/a"]
    assert (attached(found, "a"), attached(found, "b")) == (1, 1)
    assert condition(found, "HTTPRoute shop/s", "Accepted", "a", GW) == ("True", "Accepted")


def test_a_parent_that_does_not_exist_gets_no_condition_but_a_problem() -> None:
    found = table(gateway("web", http()), route("r", to("a"), parentRefs=[{"name": "none"}]))
    assert [c for c in found.conditions if c.object == R] == []
    assert codes(found) == [("GW-93", "spec.parentRefs[0]")]


def test_a_route_without_parent_attaches_nowhere() -> None:
    found = table(gateway("web", http()), route("r", to("a"), parentRefs=[]))
    assert codes(found) == [("GW-93", "spec.parentRefs")] and ask(found, "http://x/").status == 404


def test_a_parent_of_a_mesh_is_none_of_a_gateway() -> None:
    ref = {"group": "", "kind": "Service", "name": "a", "port": 80}
    found = table(gateway("web", http()), route("r", to("a"), parentRefs=[ref]))
    assert codes(found) == [] and [c for c in found.conditions if c.object == R] == []


@pytest.mark.parametrize(
    ("listener", "hosts", "good"),
    [
        # HTTPRouteSpec ``hostnames``, the examples of its text
        ("test.example.com", "test.example.com", True), ("test.example.com", "*.example.com", True),
        ("test.example.com", "", True), ("test.example.com", "example.com", False),
        ("*.example.com", "", True), ("*.example.com", "*.example.com", True),
        ("*.example.com", "test.example.com", True), ("*.example.com", "foo.test.example.com", True),
        ("*.example.com", "example.com", False), ("*.example.com", "test.example.net", False),
        ("*.example.com", "*.foo.example.com", True), ("*.foo.example.com", "*.example.com", True),
        ("*.example.com", "test.example.net test.example.com", True), ("", "anything.example", True),
        ("*.wildcard.io", "*.io", True), ("very.specific.com", "non.matching.com wildcard.io", False),
    ],
)  # fmt: skip
def test_hostnames_of_listener_and_route_must_intersect(listener: str, hosts: str, good: bool) -> None:
    """ingress-gateway.md 6, rows 'Attachment, host names', 'Route Accepted'."""
    more = f"hostname: '{listener}'" if listener else ""
    found = table(gateway("web", http(more=more)), route("r", to("a"), hosts))
    expected = ("True", "Accepted") if good else ("False", "NoMatchingListenerHostname")
    assert condition(found, R, "Accepted") == expected
    assert attached(found) == int(good)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("test.example.com", "shop/a"), ("test.example.net", ""), ("other.example.com", "")],
)
def test_hostnames_that_do_not_match_the_listener_are_ignored(host: str, expected: str) -> None:
    """ingress-gateway.md 6, row 'Other host names are ignored'."""
    found = table(
        gateway("web", http(more="hostname: '*.example.com'")), route("r", to("a"), "test.example.com test.example.net")
    )
    assert ask(found, f"http://{host}/").backend == expected


def test_one_route_at_two_gateways_has_conditions_of_each() -> None:
    refs = [{"name": "web", "namespace": "infra"}, {"name": "shy", "namespace": "infra"}]
    found = table(gateway("web", http()), gateway("shy", SAME), route("r", to("a"), parentRefs=refs))
    assert condition(found, R, "Accepted", parent=GW) == ("True", "Accepted")
    assert condition(found, R, "Accepted", parent="Gateway infra/shy") == ("False", "NotAllowedByListeners")
    assert ask(found, "http://x/", gateway="infra/shy").status == 404


def test_grpc_and_http_routes_with_common_hostnames_do_not_share_a_listener() -> None:
    # GRPCRouteSpec ``hostnames``: exactly one is accepted, the oldest.
    rules = "[{backendRefs: [{name: b, port: 80}]}]"
    old = route("g", rules, "a.example.com", "GRPCRoute", created="2024-01-01T00:00:00Z")
    found = table(gateway("web", http()), old, route("r", to("a"), "*.example.com", created="2025-01-01T00:00:00Z"))
    assert condition(found, "GRPCRoute shop/g", "Accepted") == ("True", "Accepted")
    assert condition(found, R, "Accepted")[0] == "False"
    other = table(gateway("web", http()), old, route("r", to("a"), "b.example.com"))
    assert condition(other, R, "Accepted") == ("True", "Accepted")
    first = table(gateway("web", http()), route("r", to("a")), route("g", rules, kind="GRPCRoute"))
    assert condition(first, "GRPCRoute shop/g", "Accepted")[0] == "True", "shop/g goes before shop/r by name"


SET = {"parentRef": {"name": "web", "namespace": "infra"},
       "listeners": [{"name": "extra", "port": 80, "protocol": "HTTP", "hostname": "set.example.com"}]}  # fmt: skip
AT_SET: dict[str, Any] = {"parentRefs": [{"kind": "ListenerSet", "name": "set"}]}
LS = "ListenerSet shop/set"


def test_a_listener_set_needs_the_gateways_leave() -> None:
    """ingress-gateway.md 6, row 'ListenerSet'."""
    # conformance: listenerset-not-allowed
    found = table(gateway("web", http()), made("ListenerSet", "shop/set", SET), route("r", to("a"), **AT_SET))
    assert condition(found, LS, "Accepted") == ("False", "NotAllowed")
    assert condition(found, LS, "Programmed") == ("False", "NotAllowed")
    assert condition(found, R, "Accepted")[0] == "False"
    assert ask(found, "http://set.example.com/").status == 404


ALLOWED = {"allowedListeners": {"namespaces": {"from": "All"}}}


def test_routes_attach_to_a_listener_set_and_not_to_the_gateways_own_listeners() -> None:
    found = table(
        gateway("web", http(more="hostname: gw.example.com"), **ALLOWED), made("ListenerSet", "shop/set", SET),
        route("r", to("a"), **AT_SET), route("s", to("b")),
    )  # fmt: skip
    assert condition(found, LS, "Accepted") == ("True", "Accepted")
    assert condition(found, LS, "Programmed") == ("True", "Programmed")
    assert condition(found, R, "Accepted", parent=LS) == ("True", "Accepted")
    assert ask(found, "http://set.example.com/").backend == "shop/a"
    assert ask(found, "http://gw.example.com/").backend == "shop/b"
    assert (attached(found, "extra", LS), attached(found)) == (1, 1)


def test_of_conflicting_listeners_the_gateways_and_the_older_sets_go_before() -> None:
    # conformance: listenerset-hostname-conflict
    def listeners(*names: str) -> dict[str, Any]:
        found = [{"name": n, "port": 80, "protocol": "HTTP", "hostname": f"{n}.example.com"} for n in names]
        return {"parentRef": {"name": "web", "namespace": "infra"}, "listeners": found}

    found = table(
        gateway("web", http("gw", more="hostname: gw.example.com"), **ALLOWED),
        made("ListenerSet", "infra/one", listeners("gw", "own"), created="2024-01-01T00:00:00Z"),
        made("ListenerSet", "infra/two", listeners("gw"), created="2024-01-02T00:00:00Z"),
        made("ListenerSet", "infra/three", listeners("own", "last"), created="2024-01-03T00:00:00Z"),
    )
    assert condition(found, GW, "Accepted") == ("True", "Accepted")
    assert condition(found, GW, "Conflicted", "gw") == ("False", "NoConflicts")
    expected = {
        ("one", "gw"): "True", ("one", "own"): "False", ("two", "gw"): "True",
        ("three", "own"): "True", ("three", "last"): "False",
    }  # fmt: skip
    for (owner, name), conflicted in expected.items():
        assert condition(found, f"ListenerSet infra/{owner}", "Conflicted", name)[0] == conflicted
        assert condition(found, f"ListenerSet infra/{owner}", "Accepted", name)[0] != conflicted
    assert condition(found, "ListenerSet infra/one", "Accepted")[0] == "True"
    assert condition(found, "ListenerSet infra/two", "Accepted") == ("False", "ListenersNotValid")
    assert condition(found, "ListenerSet infra/two", "Programmed") == ("False", "ListenersNotValid")
    assert condition(found, "ListenerSet infra/three", "Programmed") == ("True", "Programmed")
    told = [problem for problem in found.problems if problem.code == "GW-04"]
    assert len(told) == 3 and all("of older ListenerSets go before" in problem.why for problem in told)


@pytest.mark.parametrize(
    ("names", "accepted", "programmed"),
    [
        (("missing",), ("False", "ListenersNotValid"), ("False", "ListenersNotValid")),
        (("missing", "plain"), ("True", "ListenersNotValid"), ("True", "Programmed")),
        (("plain",), ("True", "Accepted"), ("True", "Programmed")),
    ],
)
def test_a_listener_set_whose_only_listener_lacks_its_certificate_is_not_accepted(
    names: tuple[str, ...], accepted: tuple[str, str], programmed: tuple[str, str]
) -> None:
    # conformance: listenerset-reference-grant
    entries = {
        "missing": {
            "name": "missing", "port": 443, "protocol": "HTTPS",
            "tls": {"certificateRefs": [{"name": "far", "namespace": "certs"}]},
        },
        "plain": {"name": "plain", "port": 80, "protocol": "HTTP"},
    }  # fmt: skip
    spec = {"parentRef": SET["parentRef"], "listeners": [entries[name] for name in names]}
    found = table(gateway("web", http(port=8080), **ALLOWED), made("ListenerSet", "shop/set", spec))
    assert condition(found, LS, "Accepted") == accepted
    assert condition(found, LS, "Programmed") == programmed
    if "missing" in names:
        assert condition(found, LS, "ResolvedRefs", "missing") == ("False", "RefNotPermitted")
    assert condition(found, GW, "Accepted") == ("True", "Accepted"), "the Gateway's own listener stands for itself"


def test_the_experimental_listener_set_is_read_too() -> None:
    group = "gateway.networking.x-k8s.io"
    ref = {"group": group, "kind": "XListenerSet", "name": "set"}
    experimental = made("XListenerSet", "shop/set", SET, f"{group}/v1alpha1")
    found = table(gateway("web", http(), **ALLOWED), experimental, route("r", to("a"), parentRefs=[ref]))
    assert condition(found, R, "Accepted", parent="XListenerSet shop/set") == ("True", "Accepted")
    assert ask(found, "http://set.example.com/").backend == "shop/a"


@pytest.mark.parametrize(
    ("allowed", "namespace", "good"),
    [({"from": "Same"}, "infra", True), ({"from": "Same"}, "shop", False), ({"from": "None"}, "infra", False),
     ({"from": "Selector", "selector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}, "shop", True)],
)  # fmt: skip
def test_namespaces_of_listener_sets(allowed: dict[str, Any], namespace: str, good: bool) -> None:
    found = table(
        gateway("web", http(), allowedListeners={"namespaces": allowed}), made("ListenerSet", f"{namespace}/set", SET)
    )
    assert condition(found, f"ListenerSet {namespace}/set", "Accepted")[0] == str(good)


def test_a_listener_set_of_a_gateway_that_is_not_accepted() -> None:
    found = table(
        gateway("web", "name: odd, port: 90, protocol: example.com/odd", **ALLOWED),
        made("ListenerSet", "shop/set", SET),
    )
    assert condition(found, LS, "Accepted") == ("False", "ParentNotAccepted")
    assert condition(found, LS, "Programmed") == ("False", "ParentNotProgrammed")


def test_a_route_that_uses_default_gateways_names_none() -> None:
    """GEP-3793: a Gateway with defaultScope All is a parent of it, under the listeners' usual rules."""
    text = gateway("web", http(), defaultScope="All") + gateway("own", http())
    unnamed: dict[str, Any] = {"useDefaultGateways": "All", "parentRefs": []}
    found = table(text, route("r", to("a"), **unnamed), route("named", to("b", "/b"), useDefaultGateways="All"))
    assert condition(found, R, "Accepted", parent="Gateway infra/web") == ("True", "Accepted")
    assert [c.parent for c in found.conditions if c.object == "HTTPRoute shop/named" and c.type == "Accepted"] == [
        "Gateway infra/web"
    ]
    assert ask(found, "http://a.com/").backend == "shop/a" and ask(found, "http://a.com/b").backend == "shop/b"
    assert ask(found, "http://a.com/", gateway="infra/own").status == 404
    closed = gateway("web", "name: http, port: 80, protocol: HTTP", defaultScope="All")
    found = table(closed, route("r", to("a"), **unnamed))
    assert condition(found, R, "Accepted") == ("False", "NotAllowedByListeners")


@pytest.mark.parametrize(
    ("scope", "uses", "said"),
    [("None", "All", "no Gateway has defaultScope All"), ("All", "None", "names no parent"), ("All", "", "names no")],
)
def test_without_a_default_gateway_such_a_route_attaches_nowhere(scope: str, uses: str, said: str) -> None:
    more: dict[str, Any] = {"useDefaultGateways": uses} if uses else {}
    found = table(gateway("web", http(), defaultScope=scope), route("r", to("a"), parentRefs=[], **more))
    (problem,) = found.problems
    assert problem.code == "GW-93" and said in problem.title
    assert ask(found, "http://a.com/").status == 404
