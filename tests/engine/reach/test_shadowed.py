"""Lines of ``{ingress-controller}``: copies of requests have theirs, what no request reaches has none.

Authorities: Gateway API, HTTPRouteRule ``matches`` (precedence of equal matches: older route, then ``namespace/name``,
then the earlier rule) and HTTPRequestMirrorFilter; ingress-nginx, controller.go (oldest Ingress; its canaries).
The workload listens on 8080 (Service port 80) and 9090 (Service port 81).
"""

import pytest

from designer.engine.reach import Reach
from tests.engine.reach.test_gateway_backends import CLASS, OPEN, PARENT, found, gateway, lines
from tests.engine.reach.test_ingress_controllers import WEB

FIRST, SECOND = "{backendRefs: [{name: web, port: 80}]MORE}", "{backendRefs: [{name: web, port: 81}]MORE}"
OLD, YOUNG = '"2024-01-01T00:00:00Z"', '"2025-01-01T00:00:00Z"'


def route(rules: list[str], name: str = "web", created: str = "", hosts: str = "[www.example.com]") -> str:
    stamp = f", creationTimestamp: {created}" if created else ""
    return (
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
        f"metadata: {{name: {name}, namespace: shop{stamp}}}\n"
        f"spec: {{parentRefs: [{PARENT}], hostnames: {hosts}, rules: [{', '.join(rules)}]}}\n"
    )


def at(path: str, rule: str, kind: str = "PathPrefix", more: str = "") -> str:
    match = f", matches: [{{path: {{type: {kind}, value: {path}}}{more}}}]"
    return rule.replace("MORE", match)


def answer(*routes: str) -> Reach:
    return found(WEB, CLASS, gateway(OPEN), *routes)


def ports(reach: Reach) -> str:
    return lines(reach).get("shop/web[Deployment]", "")


BOTH, ONE = "TCP 8080, TCP 9090", "TCP 8080"


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        # one route, the same match twice: the earlier rule takes everything
        ([route([at("/a", FIRST), at("/a", SECOND)])], ONE),
        ([route([at("/a", FIRST), at("/b", SECOND)])], BOTH),
        ([route([at("/a", FIRST), at("/a", SECOND, "Exact")])], BOTH),
        ([route([at("/a", FIRST), at("/a", SECOND, more=", method: GET")])], BOTH),
        # two routes: the older one, whatever their names
        ([route([at("/a", SECOND)], "a", YOUNG), route([at("/a", FIRST)], "b", OLD)], ONE),
        ([route([at("/a", FIRST)], "a", OLD), route([at("/a", SECOND)], "b", OLD)], ONE),
        # of two routes of which one has no age, either may be the older one
        ([route([at("/a", FIRST)], "a"), route([at("/a", SECOND)], "b")], BOTH),
        ([route([at("/a", FIRST)], "a", OLD), route([at("/a", SECOND)], "b")], BOTH),
        # another host name is another rule
        ([route([at("/a", FIRST)], "a", OLD), route([at("/a", SECOND)], "b", YOUNG, "[b.example.com]")], BOTH),
        ([route([at("/a", FIRST)], "a", OLD),
          route([at("/a", SECOND)], "b", YOUNG, "[www.example.com, b.example.com]")], BOTH),
    ],
)  # fmt: skip
def test_a_rule_whose_requests_another_rule_takes_has_no_line(routes: list[str], expected: str) -> None:
    reach = answer(*routes)
    assert ports(reach) == expected
    assert [note.endswith("takes all its requests.") for note in reach.notes] == ([True] if expected == ONE else [])


def test_the_note_names_the_rule_and_the_one_that_takes_its_requests() -> None:
    (note,) = answer(route([at("/a", FIRST), at("/a", SECOND)])).notes
    assert note == (
        "HTTPRoute shop/web, rule 2 (PathPrefix /a): not listed, HTTPRoute shop/web, rule 1 (PathPrefix /a) "
        "takes all its requests."
    )


def test_without_gateways_only_rules_of_one_route_are_compared() -> None:
    assert ports(found(WEB, route([at("/a", FIRST), at("/a", SECOND)]))) == ONE
    two = route([at("/a", FIRST)], "a", OLD), route([at("/a", SECOND)], "b", YOUNG)
    assert ports(found(WEB, *two)) == BOTH, "they may stand at different listeners"


MIRROR = "filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web, port: 81}MORE}}]"


@pytest.mark.parametrize(
    ("more", "expected"),
    [("", BOTH), (", percent: 1", BOTH), (", percent: 0", ONE), (", fraction: {numerator: 0}", ONE)],
)
def test_a_backend_of_request_mirror_receives_requests_too(more: str, expected: str) -> None:
    mirror = MIRROR.replace("MORE", more)
    whole = f"{{backendRefs: [{{name: web, port: 80}}], {mirror}}}"
    own = f"{{backendRefs: [{{name: web, port: 80, {mirror}}}]}}"
    for rule in (whole, own):
        assert ports(answer(route([rule]))) == expected


@pytest.mark.parametrize(
    "rule",
    [
        f"{{backendRefs: [{{name: web, port: 80, weight: 0, {MIRROR}}}, {{name: web, port: 80}}]}}",
        f"{{backendRefs: [{{name: gone, port: 80, {MIRROR}}}, {{name: web, port: 80}}]}}",
    ],
)
def test_a_mirror_of_a_backend_that_gets_nothing_gets_no_copies(rule: str) -> None:
    assert ports(answer(route([rule.replace("MORE", "")]))) == ONE


def test_a_rule_whose_filter_fails_leads_nowhere_and_is_said() -> None:
    """Gateway API: a filter that cannot be resolved must not be skipped, requests get status 500."""
    lacking = "filters: [{type: ExtensionRef, extensionRef: {group: x.example.com, kind: Auth, name: gone}}]"
    reach = answer(route([f"{{backendRefs: [{{name: web, port: 80}}], {lacking}}}"]))
    assert ports(reach) == ""
    assert any("a filter of it fails" in note for note in reach.notes)


STREAM = """\
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: NAME, namespace: shopCREATED}
spec: {parentRefs: [{name: edge, namespace: infra}], rules: [{backendRefs: [{name: web, port: PORT}]}]}
"""
TCP = "{name: any, port: 53, protocol: TCP, allowedRoutes: {namespaces: {from: All}}}"


@pytest.mark.parametrize(("ages", "expected"), [((OLD, YOUNG), ONE), (("", ""), BOTH), ((OLD, ""), BOTH)])
def test_of_two_tcp_routes_only_one_that_is_surely_younger_has_no_line(ages: tuple[str, str], expected: str) -> None:
    routes = [
        STREAM.replace("NAME", name)
        .replace("PORT", port)
        .replace("CREATED", f", creationTimestamp: {age}" if age else "")
        for name, port, age in (("a", "80", ages[0]), ("b", "81", ages[1]))
    ]
    reach = found(WEB, CLASS, gateway(TCP), *routes)
    assert ports(reach) == expected
    assert len(reach.notes) == (1 if expected == ONE else 0)


NGINX = """\
---
apiVersion: design.cluster-network-designer/v1
kind: IngressController
metadata: {name: edge, namespace: infra}
spec: {profile: PROFILE, controller: example.com/edge, workload: WORKLOAD, watchWithoutClass: true}
"""
INGRESS = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: NAME, namespace: shopMORE}
spec: {rules: [{host: a.example.com, http: {paths: [PATHS]}}]}
"""


def path(port: int, where: str = "/", kind: str = "Prefix") -> str:
    return f"{{path: {where}, pathType: {kind}, backend: {{service: {{name: web, port: {{number: {port}}}}}}}}}"


def ingress(name: str, paths: list[str], more: str = "") -> str:
    return INGRESS.replace("NAME", name).replace("MORE", more).replace("PATHS", ", ".join(paths))


def created(stamp: str) -> str:
    return f", creationTimestamp: {stamp}"


CANARY = (
    ', annotations: {"nginx.ingress.kubernetes.io/canary": "true", "nginx.ingress.kubernetes.io/canary-weight": "5"}'
)


@pytest.mark.parametrize(
    ("texts", "nginx", "spec"),
    [
        # host, path and path type twice: ingress-nginx takes the first of one Ingress and the oldest of several
        ([ingress("a", [path(80), path(81)])], ONE, BOTH),
        ([ingress("a", [path(80)], created(OLD)), ingress("b", [path(81)], created(YOUNG))], ONE, BOTH),
        ([ingress("a", [path(81)], created(YOUNG)), ingress("b", [path(80)], created(OLD))], ONE, BOTH),
        # which is older is not known
        ([ingress("a", [path(80)]), ingress("b", [path(81)])], BOTH, BOTH),
        ([ingress("a", [path(80)], created(OLD)), ingress("b", [path(81)])], BOTH, BOTH),
        # another path, another type
        ([ingress("a", [path(80), path(81, "/b")])], BOTH, BOTH),
        ([ingress("a", [path(80, "/b"), path(81, "/b", "Exact")])], BOTH, BOTH),
        # a canary takes its share of the same host and path
        ([ingress("a", [path(80)], created(OLD)), ingress("b", [path(81)], created(YOUNG) + CANARY)], BOTH, BOTH),
    ],
)
def test_an_ingress_rule_that_surely_loses_its_place_has_no_line(texts: list[str], nginx: str, spec: str) -> None:
    for profile, expected in (("ingress-nginx", nginx), ("spec", spec), ("traefik", spec)):
        controller = NGINX.replace("PROFILE", profile).replace("WORKLOAD", "Deployment:infra/edge")
        reach = found(WEB, controller, *texts)
        assert ports(reach) == expected, profile
        assert [note for note in reach.notes if "not listed" in note] == [
            note for note in reach.notes if note.endswith("takes all its requests.")
        ]
        assert any("takes all its requests" in note for note in reach.notes) == (expected == ONE)
    assert ports(found(WEB, *texts)) == BOTH, "nobody knows which program serves them"
