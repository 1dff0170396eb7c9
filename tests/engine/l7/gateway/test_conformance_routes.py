"""Backends, filters and conditions of routes as the conformance tests of Gateway API ask them, named after these.

The objects are our own wording of what such a test asks. Compared with the files of kubernetes-sigs/gateway-api
conformance/tests: httproute-redirect-path, -rewrite-path, -request-mirror, -weight, -disallowed-kind,
-invalid-cross-namespace-parent-ref, -invalid-parentref-not-matching-listener-port,
-invalid-parentref-section-name-not-matching-port, -partially-invalid-via-invalid-reference-grant,
-external-auth-backend-unavailable, -external-auth-partially-invalid, -reference-grant, -invalid-reference-grant,
-invalid-backendref-unknown-kind, -invalid-nonexistent-backendref, -invalid-cross-namespace-backend-ref and
-invalid-parentref-not-matching-section-name; the others state the rule that their test is named after.
"""

from fractions import Fraction
from typing import Any

import pytest
import yaml

from tests.engine.l7.gateway.gate import ask, condition, gateway, http, made, route, table, to

GW, R = gateway("web", http()), "HTTPRoute shop/r"
ACCEPTED, RESOLVED = ("True", "Accepted"), ("True", "ResolvedRefs")
GROUP = "gateway.networking.k8s.io"
FAR = "---\napiVersion: v1\nkind: Service\nmetadata: {name: far, namespace: other}\nspec: {ports: [{port: 80}]}\n"


def refs(*found: dict[str, Any], **more: Any) -> str:
    return yaml.safe_dump([{"backendRefs": [{"name": "a", "port": 80, **one} for one in found], **more}])


def grant(where: str = "other", **changes: str) -> str:
    source = {"group": GROUP, "kind": "HTTPRoute", "namespace": "shop"}
    target = {"group": "", "kind": "Service"}
    for key, value in changes.items():
        end, _, field = key.partition("_")
        (source if end == "from" else target)[field] = value
    return made("ReferenceGrant", f"{where}/{'-'.join(changes.values()).lower() or 'good'}",
                {"from": [source], "to": [target]})  # fmt: skip


@pytest.mark.parametrize(
    ("name", "ref", "reason"),
    [
        ("httproute-invalid-backendref-unknown-kind", {"kind": "NonExistent"}, "InvalidKind"),
        ("httproute-invalid-nonexistent-backendref", {"name": "nonexistent"}, "BackendNotFound"),
        ("httproute-invalid-cross-namespace-backend-ref", {"name": "far", "namespace": "other"}, "RefNotPermitted"),
    ],
)
def test_backend_references(name: str, ref: dict[str, Any], reason: str) -> None:
    found = table(GW, FAR, route("r", refs(ref)))
    assert condition(found, R, "Accepted") == ACCEPTED, name
    assert condition(found, R, "ResolvedRefs") == ("False", reason), name
    assert ask(found, "http://x/").status == 500, name


def test_httproute_invalid_reference_grant() -> None:
    """Each grant of the test is right but for one thing; all of them together permit nothing."""
    wrong = (
        grant("shop"), grant(from_group="not-gateway.networking.k8s.io"), grant(from_kind="Gateway"),
        grant(from_namespace="not-shop"), grant(to_group="not-core"), grant(to_kind="Secret"),
        grant(to_name="not-far"),
    )  # fmt: skip
    found = table(GW, FAR, *wrong, route("r", refs({"name": "far", "namespace": "other"})))
    assert condition(found, R, "ResolvedRefs") == ("False", "RefNotPermitted")
    assert ask(found, "http://x/").status == 500


def test_httproute_reference_grant() -> None:
    found = table(GW, FAR, grant(), route("r", refs({"name": "far", "namespace": "other"})))
    assert condition(found, R, "ResolvedRefs") == RESOLVED
    assert ask(found, "http://x/").backend == "other/far"
    # the same route after the grant was deleted
    assert condition(table(GW, FAR, route("r", refs({"name": "far", "namespace": "other"}))), R, "ResolvedRefs") == (
        "False", "RefNotPermitted",
    )  # fmt: skip


def test_httproute_partially_invalid_via_invalid_reference_grant() -> None:
    text = (
        "- {matches: [{path: {value: /v2}}], backendRefs: [{name: far, namespace: other, port: 80}]}\n"
        "- {matches: [{path: {value: /}}], backendRefs: [{name: a, port: 80}]}\n"
    )
    found = table(GW, FAR, grant(to_name="not-far"), route("r", text))
    assert condition(found, R, "Accepted") == ACCEPTED
    assert condition(found, R, "ResolvedRefs") == ("False", "RefNotPermitted")
    assert ask(found, "http://x/v2").status == 500
    assert ask(found, "http://x/").backend == "shop/a"


def test_httproute_weight() -> None:
    found = table(GW, route("r", refs({"weight": 70}, {"name": "b", "weight": 30}, {"name": "c", "weight": 0})))
    assert ask(found, "http://x/").backends == {"shop/a": Fraction(7, 10), "shop/b": Fraction(3, 10)}


def test_httproute_all_backends_weight_zero() -> None:
    found = table(GW, route("r", refs({"weight": 0}, {"name": "b", "weight": 0})))
    assert condition(found, R, "Accepted") == ACCEPTED and condition(found, R, "ResolvedRefs") == RESOLVED
    assert ask(found, "http://x/").status == 500


def test_httproute_invalid_cross_namespace_parent_ref() -> None:
    found = table(gateway("web", "name: http, port: 80, protocol: HTTP"), route("r", to("a")))
    assert condition(found, R, "Accepted") == ("False", "NotAllowedByListeners")
    assert [x.attached for x in found.listeners] == [0]


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("httproute-invalid-parentref-not-matching-listener-port", {"port": 81}),
        ("httproute-invalid-parentref-not-matching-section-name", {"sectionName": "no-such"}),
        ("httproute-invalid-parentref-section-name-not-matching-port", {"sectionName": "http", "port": 81}),
    ],
)
def test_parents_that_do_not_match(name: str, ref: dict[str, Any]) -> None:
    found = table(GW, route("r", to("a"), parentRefs=[{"name": "web", "namespace": "infra", **ref}]))
    assert condition(found, R, "Accepted") == ("False", "NoMatchingParent"), name
    assert [x.attached for x in found.listeners] == [0], name


def test_a_listener_that_is_not_programmed_counts_its_routes_all_the_same() -> None:
    """httproute-unresolved-gateway-with-one-attached-unresolved-route."""
    listener = (
        "name: tls, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: nonexistent}]}, "
        "allowedRoutes: {namespaces: {from: All}}"
    )
    found = table(gateway("web", listener), route("r", refs({"name": "nonexistent"})))
    assert condition(found, "Gateway infra/web", "Programmed", "tls")[0] == "False"
    assert condition(found, "Gateway infra/web", "ResolvedRefs", "tls")[0] == "False"
    assert [(x.attached, x.kinds) for x in found.listeners] == [(1, ("HTTPRoute", "GRPCRoute"))]


def rewrite(prefix: str, rest: dict[str, Any]) -> dict[str, Any]:
    return {"matches": [{"path": {"value": prefix}}], "backendRefs": [{"name": "a", "port": 80}], **rest}


EDIT = {
    "type": "RequestHeaderModifier",
    "requestHeaderModifier": {
        "set": [{"name": "X-Header-Set", "value": "set-overwrites-values"}],
        "add": [
            {"name": "X-Header-Add", "value": "header-val-1"},
            {"name": "X-Header-Add-Append", "value": "header-val-2"},
        ],
        "remove": ["X-Header-Remove"],
    },
}


def replaced(kind: str, text: str) -> dict[str, Any]:
    field = {"ReplaceFullPath": "replaceFullPath", "ReplacePrefixMatch": "replacePrefixMatch"}[kind]
    return {"type": "URLRewrite", "urlRewrite": {"path": {"type": kind, field: text}}}


@pytest.mark.parametrize(
    ("path", "expected", "edited"),
    [
        ("/prefix/one/two", "/one/two", False),
        ("/strip-prefix/three", "/three", False),
        ("/strip-prefix", "/", False),
        ("/full/one/two", "/one", False),
        ("/full/rewrite-path-and-modify-headers/test", "/test", True),
        ("/prefix/rewrite-path-and-modify-headers/one", "/prefix/one", True),
    ],
)
def test_httproute_rewrite_path(path: str, expected: str, edited: bool) -> None:
    text = yaml.safe_dump(
        [
            rewrite("/prefix/one", {"filters": [replaced("ReplacePrefixMatch", "/one")]}),
            rewrite("/strip-prefix", {"filters": [replaced("ReplacePrefixMatch", "/")]}),
            rewrite("/full/one", {"filters": [replaced("ReplaceFullPath", "/one")]}),
            rewrite("/full/rewrite-path-and-modify-headers", {"filters": [replaced("ReplaceFullPath", "/test"), EDIT]}),
            rewrite(
                "/prefix/rewrite-path-and-modify-headers",
                {"filters": [replaced("ReplacePrefixMatch", "/prefix"), EDIT]},
            ),
        ]
    )
    sent = {"X_Header_Remove": "remove-val", "X_Header_Add_Append": "append-val-1", "X_Header_Set": "set-val"}
    answer = ask(table(GW, route("r", text)), f"http://x{path}", **(sent if edited else {}))
    assert answer.forwarded is not None and answer.forwarded.url == f"http://x{expected}"
    if edited:
        assert answer.forwarded.headers == {
            "X-Header-Add": "header-val-1", "X-Header-Add-Append": "append-val-1,header-val-2",
            "X-Header-Set": "set-overwrites-values",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("/original-prefix/lemon", 302, "http://x/replacement-prefix/lemon"),
        ("/full/path/original", 302, "http://x/full-path-replacement"),
        ("/path-and-host", 302, "http://example.org/replacement-prefix"),
        ("/path-and-status", 301, "http://x/replacement-prefix"),
        ("/full-path-and-host", 302, "http://example.org/replacement-full"),
        ("/full-path-and-status", 301, "http://x/replacement-full"),
    ],
)
def test_httproute_redirect_path(path: str, status: int, expected: str) -> None:
    prefix = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/replacement-prefix"}
    full = {"type": "ReplaceFullPath", "replaceFullPath": "/replacement-full"}
    wanted: dict[str, dict[str, Any]] = {
        "/original-prefix": {"path": prefix},
        "/full": {"path": {**full, "replaceFullPath": "/full-path-replacement"}},
        "/path-and-host": {"hostname": "example.org", "path": prefix},
        "/path-and-status": {"path": prefix, "statusCode": 301},
        "/full-path-and-host": {"hostname": "example.org", "path": full},
        "/full-path-and-status": {"path": full, "statusCode": 301},
    }
    text = yaml.safe_dump(
        [
            {"matches": [{"path": {"value": path}}], "filters": [{"type": "RequestRedirect", "requestRedirect": edit}]}
            for path, edit in wanted.items()
        ]
    )
    answer = ask(table(GW, route("r", text)), f"http://x{path}")
    assert (answer.status, answer.redirect) == (status, expected)


def mirror(service: str, **share: Any) -> dict[str, Any]:
    return {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": service, "port": 80}, **share}}


@pytest.mark.parametrize(
    ("name", "filters", "expected"),
    [
        ("httproute-request-mirror", [mirror("b")], {"shop/b": 100}),
        ("httproute-request-multiple-mirrors", [mirror("b"), mirror("c")], {"shop/b": 100, "shop/c": 100}),
        ("httproute-request-percentage-mirror", [mirror("b", percent=20)], {"shop/b": 20}),
        ("httproute-request-percentage-mirror, fraction", [mirror("b", fraction={"numerator": 35})], {"shop/b": 35}),
        ("httproute-request-percentage-mirror, of fifty",
         [mirror("b", fraction={"numerator": 25, "denominator": 50})], {"shop/b": 50}),
    ],
)  # fmt: skip
def test_mirrors(name: str, filters: list[dict[str, Any]], expected: dict[str, int]) -> None:
    answer = ask(table(GW, route("r", refs({}, filters=filters))), "http://x/")
    assert answer.backend == "shop/a", name
    assert {one.backend: one.percent for one in answer.mirrors} == expected, name


def auth(service: str, port: int = 80) -> dict[str, Any]:
    ref = {"name": service, "port": port}
    return {"type": "ExternalAuth", "externalAuth": {"protocol": "HTTP", "backendRef": ref, "http": {"path": "/auth"}}}


@pytest.mark.parametrize(
    ("name", "found"), [("nonexistent service", auth("none")), ("nonexistent port", auth("a", 81))]
)
def test_httproute_external_auth_backendref_not_found(name: str, found: dict[str, Any]) -> None:
    result = table(GW, route("r", refs({}, filters=[found])))
    assert condition(result, R, "Accepted") == ACCEPTED, name
    assert condition(result, R, "ResolvedRefs") == ("False", "BackendNotFound"), name
    assert ask(result, "http://x/").status in (403, 500, 502, 503), name


def test_httproute_external_auth_backend_unavailable() -> None:
    """The request is denied, never sent on unasked; the test takes four statuses, so which one cannot be told."""
    silent = (
        '---\napiVersion: v1\nkind: Service\nmetadata: {name: auth, namespace: shop, annotations: {test/ready: "0"}}\n'
        "spec: {ports: [{port: 80}]}\n"
    )
    result = table(GW, silent, route("r", refs({}, filters=[auth("auth")])))
    assert condition(result, R, "ResolvedRefs") == RESOLVED
    answer = ask(result, "http://x/")
    assert answer.undecided and answer.backends == {} and answer.forwarded is None
    assert "is denied" in answer.reason and "403, 500, 502 or 503" in answer.reason


def test_an_authorisation_server_of_a_backend_without_endpoint_denies_its_share() -> None:
    silent = (
        '---\napiVersion: v1\nkind: Service\nmetadata: {name: auth, namespace: shop, annotations: {test/ready: "0"}}\n'
        "spec: {ports: [{port: 80}]}\n"
    )
    answer = ask(table(GW, silent, route("r", refs({"filters": [auth("auth")]}))), "http://x/")
    assert answer.undecided and "is denied" in answer.reason
