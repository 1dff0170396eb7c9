"""What ingress-nginx is told for all Ingresses, and names of servers; predicted from its sources before looking.

kubernetes/ingress-nginx v1.15: docs/user-guide/nginx-configuration/configmap.md, cli-arguments.md;
internal/ingress/controller/template/template.go (isLocationInLocationList: beginnings of locations), controller.go
(getDefaultUpstream), rootfs/etc/nginx/template/nginx.tmpl (server_name of hosts and of aliases, CORS), lua_ingress.lua
(redirect_to_https); nginx.org, "Server names": exact, then the longest wildcard, then expressions in their order.
"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import yaml

from designer.engine.l7 import RouteDecision, compile_routes
from designer.model import ForeignObject, FrozenMap
from tests.engine.l7.test_nginx import HOST, ask, made, row, went
from tests.engine.l7.web import control_of, controller, ingress_class, project, service


def told(
    uri: str,
    *ingresses: str,
    data: dict[str, str] | None = None,
    args: tuple[str, ...] = (),
    image: str = "ingress-nginx/controller",
    **more: Any,
) -> RouteDecision:
    """The decision of a controller whose container has these arguments and whose ConfigMap has these keys."""
    words = ["/nginx-ingress-controller", "--configmap=$(POD_NAMESPACE)/nginx-config", *args]
    spec = {"containers": [{"name": "controller", "image": image, "args": words}]}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
    workload = {"kind": "Deployment", "metadata": {"name": "nginx", "namespace": "edge"},
                "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}  # fmt: skip
    own = controller("ingress-nginx", workload="Deployment:edge/nginx")
    parts = [own, ingress_class("c", "k8s.io/ingress-nginx"), yaml.safe_dump(workload), *ingresses]
    found = project("---\n".join([*parts, *(service(name) for name in ("a", "b"))]))
    oid = "v1/ConfigMap:edge/nginx-config"
    found = replace(found, foreign=FrozenMap({oid: ForeignObject(oid, {"kind": "ConfigMap", "data": data or {}})}))
    host = more.pop("host", HOST)
    table = compile_routes(found, control_of(found))
    return table.route("IngressController:default/ingress-nginx", host, uri, more.pop("tls", False), **more)


SECURE = made("i", row("/", "a"), row("/.well-known/acme-challenge/x", "b"), tls=(HOST,))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, "redirect 308"),
        ({"ssl-redirect": "false"}, "a"),
        ({"http-redirect-code": "301"}, "redirect 301"),
        ({"http-redirect-code": "200"}, "redirect 308"),
        ({"no-tls-redirect-locations": "/"}, "a"),
        ({"ssl-redirect": "false", "force-ssl-redirect": "true"}, "redirect 308"),
    ],
)
def test_redirects_to_https_as_the_config_map_says(data: dict[str, str], expected: str) -> None:
    assert went(told("/x", SECURE, data=data)) == expected


def test_an_annotation_goes_before_the_config_map() -> None:
    kept = made("i", row("/", "a"), tls=(HOST,), ssl_redirect="true")
    assert told("/x", kept, data={"ssl-redirect": "false"}).status == 308
    off = made("i", row("/", "a"), tls=(HOST,), force_ssl_redirect="false")
    assert went(told("/x", off, data={"force-ssl-redirect": "true", "ssl-redirect": "false"})) == "a"


def test_challenges_of_certificates_are_not_redirected() -> None:
    # no-tls-redirect-locations: /.well-known/acme-challenge by default; the location's path counts, not the request's.
    assert went(told("/.well-known/acme-challenge/x", SECURE)) == "b"
    assert told("/.well-known/acme-challenge/y", SECURE).status == 308, "its location is /"
    assert told("/.well-known/acme-challenge/x", SECURE, data={"no-tls-redirect-locations": ""}).status == 308


def test_source_ranges_of_the_config_map() -> None:
    plain = made("i", row("/", "a"))
    data = {"whitelist-source-range": "10.0.0.0/8"}
    assert told("/", plain, data=data, source="192.0.2.1").status == 403
    assert went(told("/", plain, data=data, source="10.1.1.1")) == "a"
    own = made("i", row("/", "a"), whitelist_source_range="192.0.2.0/24")
    assert went(told("/", own, data=data, source="192.0.2.1")) == "a"


@pytest.mark.parametrize("key", ["server-snippet", "location-snippet", "global-auth-url", "block-cidrs"])
def test_keys_that_may_answer_themselves_are_not_guessed(key: str) -> None:
    found = told("/", made("i", row("/", "a")), data={key: "x"})
    assert (found.kind, key in found.reason) == ("cannot-tell", True)


def test_the_default_backend_of_the_command_line() -> None:
    named = ("--default-backend-service=default/b",)
    assert went(told("/", made("i", row("/", "a")), args=named, host="other.example.com")) == "b"
    assert went(told("/y", made("i", row("/x", "a")), args=named)) == "b"
    missing = ("--default-backend-service=default/none",)
    assert went(told("/y", made("i", row("/x", "a")), args=missing)) == "default-404 404"


def test_ssl_passthrough_needs_its_flag() -> None:
    passed = made("i", row("/", "a"), ssl_passthrough="true")
    assert went(told("/", passed)) == "a", "the controller ignores the annotation without --enable-ssl-passthrough"
    assert told("/", passed, args=("--enable-ssl-passthrough",)).kind == "cannot-tell"
    assert ask("/", passed).kind == "cannot-tell", "its arguments are not in the input"


# Names of servers


def test_a_www_redirect_goes_before_a_wildcard_host() -> None:
    www = made("i", row("/", "a"), from_to_www_redirect="true")
    wild = made("w", ("*.shop.example.com", "/", "Prefix", "b"))
    found = ask("/x", www, wild, host=f"www.{HOST}")
    assert (found.status, found.url) == (308, f"http://{HOST}/x")
    assert went(ask("/x", www, wild, host=f"api.{HOST}")) == "b"


def test_a_wildcard_alias_is_nginx_own() -> None:
    table = made("i", row("/", "a"), server_alias="*.example.org")
    assert went(ask("/", table, host="x.example.org")) == "a"
    assert went(ask("/", table, host="x.y.example.org")) == "a", "any number of labels, unlike a host of a rule"
    assert went(ask("/", table, host="example.org")) == "default-404 404"


def test_an_alias_that_is_an_expression_is_not_computed() -> None:
    table = made("i", row("/", "a"), server_alias=r"~^www\d+\.example\.com$")
    assert ask("/", table, host="www1.example.com").kind == "cannot-tell"
    assert went(ask("/", table)) == "a", "an exact name goes before expressions"


# What nginx answers itself, and whom it calls


@pytest.mark.parametrize(
    ("notes", "headers", "expected"),
    [
        ({"enable_cors": "true"}, {}, "answered 204"),
        ({"enable_cors": "true", "cors_allow_origin": "https://a.example"}, {"Origin": "https://a.example"},
         "answered 204"),
        ({"enable_cors": "true", "cors_allow_origin": "https://a.example"}, {"Origin": "HTTPS://A.example"},
         "answered 204"),
        ({"enable_cors": "true", "cors_allow_origin": "https://a.example"}, {"Origin": "https://b.example"}, "a"),
        ({"enable_cors": "true", "cors_allow_origin": "https://*.a.example, http://b"}, {"Origin": "https://x.a.example"},
         "answered 204"),
        ({"enable_cors": "true", "cors_allow_origin": "https://*.a.example, http://b"}, {"Origin": "http://b"},
         "answered 204"),
        ({"enable_cors": "true", "cors_allow_origin": "https://*.a.example"}, {"Origin": "https://x.y.a.example"}, "a"),
        ({"enable_cors": "true", "cors_allow_origin": "https://*.a.example"}, {"Origin": "https://a.example"}, "a"),
        ({"enable_cors": "true", "cors_allow_origin": "https://a.example"}, {}, "a"),
        ({"enable_cors": "false"}, {"Origin": "https://a.example"}, "a"),
    ],
)  # fmt: skip
def test_preflights(notes: dict[str, str], headers: dict[str, str], expected: str) -> None:
    """nginx.tmpl, CORS; template.go, buildCorsOriginRegex: without case, a star is one label."""
    table = made("i", row("/", "a"), **notes)
    assert went(ask("/", table, method="OPTIONS", headers=headers)) == expected
    assert went(ask("/", table, method="GET", headers=headers)) == "a"


def test_service_upstream_calls_the_address_of_the_service() -> None:
    assert ask("/", made("i", row("/", "a"), service_upstream="true")).by_address
    assert not ask("/", made("i", row("/", "a"))).by_address


@pytest.mark.parametrize(
    ("pattern", "kind"), [("[[:digit:]]+", "cannot-tell"), ("(?<n>x)", "cannot-tell"), ("^x$", "backend")]
)
def test_a_canary_by_an_expression_that_only_pcre_reads(pattern: str, kind: str) -> None:
    canary = made("k", row("/", "b"), canary="true", canary_by_header="X", canary_by_header_pattern=pattern)
    main = made("i", row("/", "a"))
    assert ask("/", main, canary, headers={"X": "x"}).kind == kind
    assert went(ask("/", main, canary)) == "a", "without the header nothing hangs on it"


def test_a_canary_of_all_requests() -> None:
    canary = made("k", row("/", "b"), canary="true", canary_weight="100")
    assert ask("/", made("i", row("/", "a")), canary).shares == (("Service:default/b", 80, Fraction(1)),)
