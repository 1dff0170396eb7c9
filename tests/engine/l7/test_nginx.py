"""ingress-nginx as its own documents and source say it: locations, annotations, canaries.

kubernetes/ingress-nginx v1.15: docs/user-guide/nginx-configuration/annotations.md, ingress-path-matching.md (its
warnings are cases here), docs/examples/rewrite, internal/ingress/controller/location.go, balancer.lua.
"""

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.l7 import RouteDecision
from designer.engine.l7.nginx_notes import notes_of
from designer.engine.l7.uris import normal_uri
from tests.engine.l7.web import controller, ingress, ingress_class, routes

HOST = "shop.example.com"
N = "nginx.ingress.kubernetes.io/"
Row = tuple[str, str, str, str]


def made(name: str, *rows: Row, created: str = "2026-01-01T00:00:00Z", **annotations: Any) -> str:
    """An Ingress of class c; ``use_regex="true"`` is annotation use-regex."""
    tls, default = annotations.pop("tls", ()), annotations.pop("default", "")
    notes = {N + key.replace("_", "-"): value for key, value in annotations.items()}
    return ingress(name, *rows, cls="c", created=created, annotations=notes, tls=tls, default=default)


def ask(uri: str, *ingresses: str, host: str = HOST, **more: Any) -> RouteDecision:
    table = routes(controller("ingress-nginx"), ingress_class("c", "k8s.io/ingress-nginx"), *ingresses)
    return table.route("IngressController:default/ingress-nginx", host, uri, **more)


def went(found: RouteDecision) -> str:
    """The Service's name, or kind and status."""
    return found.service.rpartition("/")[2] or f"{found.kind} {found.status}"


def row(path: str, service: str, kind: str = "Prefix", host: str = HOST) -> Row:
    return (host, path, kind, service)


# Locations


@pytest.mark.parametrize(
    ("path", "kind", "uri", "expected"),
    [
        ("/foo", "Prefix", "/foo", "a"),
        ("/foo", "Prefix", "/foo/", "a"),
        ("/foo", "Prefix", "/foobar", "default-404 404"),
        ("/foo", "ImplementationSpecific", "/foo/bar", "a"),
        ("/foo", "ImplementationSpecific", "/foobar", "default-404 404"),  # SetDefaultNGINXPathType: Prefix
        ("/foo", "Exact", "/foo/", "default-404 404"),
        ("/foo", "Prefix", "/FOO", "default-404 404"),
        ("/foo/", "Prefix", "/foo/x", "a"),
        ("/foo/", "Prefix", "/foo", "redirect 301"),  # a location that ends in a slash, ngx_http_core_module
        ("/foo", "Prefix", "/bar/../foo/x", "a"),
        ("/foo", "Prefix", "//foo", "a"),
        ("/foo", "Prefix", "/f%6Fo", "a"),
        ("/foo", "Prefix", "/..", "unavailable 400"),
    ],
)
def test_path_types_become_locations(path: str, kind: str, uri: str, expected: str) -> None:
    assert went(ask(uri, made("i", row(path, "a", kind)))) == expected


def test_the_redirect_to_the_final_slash_names_the_path() -> None:
    assert ask("/foo?x=1", made("i", row("/foo/", "a"))).url == f"http://{HOST}/foo/?x=1"


def test_a_regular_expression_in_a_plain_path_leaves_the_ingress_out() -> None:
    """inspector/rules.go, `validPathType`: letters, digits and ``. _ - /`` only; the whole Ingress is left out.

    ingress-gateway.md 4, row 'Strict path types'.
    """
    assert went(ask("/ok", made("i", row("/a(b)", "a"), row("/ok", "b")))) == "default-404 404"
    assert went(ask("/a.b_c-d", made("i", row("/a.b_c-d", "a")))) == "a"


# Regular expressions: docs/user-guide/ingress-path-matching.md


def test_use_regex_on_one_path_makes_all_of_the_host_regular_expressions_without_case() -> None:
    """ingress-gateway.md 4, row 'Regular expressions of a host'."""
    regex = made("r", row("/x/[0-9]+", "b", "ImplementationSpecific"), use_regex="true")
    plain = made("p", row("/Plain", "a"))
    assert went(ask("/x/17", plain, regex)) == "b"
    assert went(ask("/x/seven", plain, regex)) == "default-404 404"
    assert went(ask("/plain/X", plain, regex)) == "a"
    assert went(ask("/plain", plain)) == "default-404 404"
    assert (
        went(ask("/plain", plain, made("o", row("/x", "b", host="other.org"), use_regex="true"))) == "default-404 404"
    )


def test_regular_expressions_go_by_length_descending() -> None:
    """The document's example: `/foo/bar/.+` before `/foo/bar/bar` before `/foo/bar`."""
    rows = [row("/foo/bar", "a", "ImplementationSpecific"), row("/foo/bar/bar", "b", "ImplementationSpecific"),
            row("/foo/bar/[A-Z0-9]{3}", "c", "ImplementationSpecific")]  # fmt: skip
    table = made("i", *rows, use_regex="true")
    assert went(ask("/foo/bar/123", table)) == "c"
    assert went(ask("/foo/bar/bar", table)) == "c", "the document's warning: the longer expression takes it too"
    assert went(ask("/foo/barx", table)) == "a"


def test_an_expression_that_cannot_be_read_is_not_guessed() -> None:
    found = ask("/x", made("i", row("/x(", "a", "ImplementationSpecific"), use_regex="true"))
    assert (found.kind, "no regular expression" in found.reason) == ("cannot-tell", True)


# Rewrites: docs/examples/rewrite


@pytest.mark.parametrize(
    ("path", "target", "uri", "expected"),
    [
        ("/something(/|$)(.*)", "/$2", "/something", "/"),
        ("/something(/|$)(.*)", "/$2", "/something/", "/"),
        ("/something(/|$)(.*)", "/$2", "/something/new", "/new"),
        ("/something(/|$)(.*)", "/$2", "/something/new?x=1", "/new?x=1"),
        ("/api", "/", "/api/v1", "/"),
        ("/same", "/same", "/same", ""),
    ],
)
def test_rewrite_target(path: str, target: str, uri: str, expected: str) -> None:
    found = ask(uri, made("i", row(path, "a", "ImplementationSpecific"), rewrite_target=target))
    assert (went(found), found.path) == ("a", expected)


def test_app_root() -> None:
    found = ask("/", made("i", row("/", "a"), app_root="/app1"), host=f"{HOST}:8080")
    assert (found.kind, found.status, found.url) == ("redirect", 302, f"http://{HOST}:8080/app1")
    assert went(ask("/x", made("i", row("/", "a"), app_root="/app1"))) == "a"


# Redirects


@pytest.mark.parametrize(
    ("notes", "status", "url"),
    [
        ({"permanent_redirect": "https://www.example.org"}, 301, "https://www.example.org"),
        ({"permanent_redirect": "https://www.example.org", "permanent_redirect_code": "308"}, 308,
         "https://www.example.org"),
        ({"permanent_redirect": "https://www.example.org", "permanent_redirect_code": "404"}, 301,
         "https://www.example.org"),
        ({"temporal_redirect": "https://t.example.org", "permanent_redirect": "https://p.example.org"}, 302,
         "https://t.example.org"),
        ({"permanent_redirect": "/new"}, 301, f"http://{HOST}/new"),  # e2e relativeredirects.go
    ],
)  # fmt: skip
def test_redirects(notes: dict[str, str], status: int, url: str) -> None:
    found = ask("/old?x=1", made("i", row("/old", "a"), **notes))
    assert (found.kind, found.status, found.url) == ("redirect", status, url)


def test_a_redirect_holds_for_the_hosts_root_too() -> None:
    """createServers gives the root location of a new host all annotations of the Ingress."""
    assert ask("/else", made("i", row("/old", "a"), permanent_redirect="https://x.example.org")).status == 301


def test_a_redirect_with_an_unknown_variable_is_not_guessed() -> None:
    assert ask("/", made("i", row("/", "a"), permanent_redirect="https://$geoip_city.example")).kind == "cannot-tell"


@pytest.mark.parametrize(
    ("notes", "tls", "https", "expected"),
    [
        ({}, (HOST,), False, "redirect 308"),
        ({}, (HOST,), True, "a"),
        ({}, (), False, "a"),
        ({"ssl_redirect": "false"}, (HOST,), False, "a"),
        ({"force_ssl_redirect": "true"}, (), False, "redirect 308"),
        ({"force_ssl_redirect": "true"}, (), True, "a"),
        ({"permanent_redirect": "http://x.example.org"}, (HOST,), False, "redirect 301"),  # `return` goes before Lua
    ],
)
def test_https(notes: dict[str, str], tls: tuple[str, ...], https: bool, expected: str) -> None:
    """ingress-gateway.md 4, row 'ssl-redirect'."""
    found = ask("/a?b=c", made("i", row("/", "a"), tls=tls, **notes), tls=https)
    assert went(found) == expected
    if expected == "redirect 308":
        assert found.url == f"https://{HOST}/a?b=c"


def test_from_to_www() -> None:
    table = made("i", row("/", "a"), from_to_www_redirect="true")
    found = ask("/x/", table, host=f"www.{HOST}")
    assert (found.status, found.url) == (308, f"http://{HOST}/x")
    assert went(ask("/x", table)) == "a"


def test_server_alias() -> None:
    table = made("i", row("/", "a"), server_alias="old.example.com, older.example.com")
    assert went(ask("/", table, host="older.example.com")) == "a"
    assert went(ask("/", table, made("j", row("/", "b", host="old.example.com")), host="old.example.com")) == "b"


# Source ranges


@pytest.mark.parametrize(
    ("notes", "source", "expected"),
    [
        ({"whitelist_source_range": "10.0.0.0/24,172.10.0.1"}, "10.0.0.9", "a"),
        ({"whitelist_source_range": "10.0.0.0/24,172.10.0.1"}, "172.10.0.1", "a"),
        ({"whitelist_source_range": "10.0.0.0/24,172.10.0.1"}, "172.10.0.2", "unavailable 403"),
        ({"denylist_source_range": "10.0.0.0/24"}, "10.0.0.9", "unavailable 403"),
        ({"denylist_source_range": "10.0.0.0/24"}, "192.0.2.1", "a"),
        ({"denylist_source_range": "10.0.0.0/24", "whitelist_source_range": "10.0.0.0/8"}, "10.0.0.9",
         "unavailable 403"),
        ({"whitelist_source_range": "10.0.0.0/24"}, "", "cannot-tell 0"),
        ({"whitelist_source_range": "0.0.0.0/0"}, "", "a"),
        ({"whitelist_source_range": "no address"}, "192.0.2.1", "unavailable 503"),  # LocationDenied
        ({"denylist_source_range": "10.0.0.0/24,x"}, "192.0.2.1", "unavailable 503"),
        ({"allowlist_source_range": "", "whitelist_source_range": "10.0.0.0/24"}, "192.0.2.1", "unavailable 403"),
    ],
)  # fmt: skip
def test_source_ranges(notes: dict[str, str], source: str, expected: str) -> None:
    assert went(ask("/", made("i", row("/", "a"), **notes), source=source)) == expected


# Default backends


def test_default_backend_of_the_oldest_ingress_of_a_host_only() -> None:
    """ingress-gateway.md 4, row 'Oldest for the host'."""
    old = made("old", row("/x", "a"), created="2026-01-01T00:00:00Z")
    new = made("new", row("/y", "a"), created="2026-02-01T00:00:00Z", default="b")
    assert went(ask("/z", old, new)) == "default-404 404"
    assert went(ask("/z", new)) == "b"


def test_default_backend_annotation_takes_over_without_endpoints() -> None:
    table = made("i", row("/", "none"), default_backend="b")
    assert went(ask("/", table)) == "b"
    assert went(ask("/", made("i", row("/", "none")))) == "unavailable 503"


# Canaries: annotations.md, "Canary"


MAIN = made("main", row("/", "a"))


@pytest.mark.parametrize(
    ("notes", "headers", "share"),
    [
        ({"canary_weight": "20"}, {}, Fraction(1, 5)),
        ({"canary_weight": "0"}, {}, Fraction(0)),
        ({"canary_weight": "100"}, {}, Fraction(1)),
        ({"canary_weight": "1", "canary_weight_total": "1000"}, {}, Fraction(1, 1000)),
        ({"canary_by_header": "X-New"}, {"x-new": "always"}, Fraction(1)),
        ({"canary_by_header": "X-New"}, {}, Fraction(0)),
        ({"canary_by_header": "X-New", "canary_weight": "20"}, {"X-New": "never"}, Fraction(0)),
        ({"canary_by_header": "X-New", "canary_weight": "20"}, {"X-New": "maybe"}, Fraction(1, 5)),
        ({"canary_by_header": "X-New", "canary_by_header_value": "yes"}, {"X-New": "yes"}, Fraction(1)),
        ({"canary_by_header": "X-New", "canary_by_header_value": "yes"}, {"X-New": "always"}, Fraction(0)),
        ({"canary_by_header": "X-New", "canary_by_header_pattern": "^v[23]$"}, {"X-New": "v3"}, Fraction(1)),
        ({"canary_by_cookie": "new"}, {"Cookie": "a=b; new=always"}, Fraction(1)),
        ({"canary_by_cookie": "new", "canary_weight": "20"}, {"Cookie": "new=never"}, Fraction(0)),
        ({"canary_by_header": "X-New", "canary_by_cookie": "new"}, {"X-New": "never", "Cookie": "new=always"},
         Fraction(0)),
    ],
)  # fmt: skip
def test_canary(notes: dict[str, str], headers: dict[str, str], share: Fraction) -> None:
    found = ask("/", MAIN, made("canary", row("/", "b"), canary="true", **notes), headers=headers)
    expected = {"Service:default/a": 1 - share, "Service:default/b": share}
    shares = {service: part for service, _, part in found.shares} or {found.service: Fraction(1)}
    assert shares == {service: part for service, part in expected.items() if part}


def test_two_canaries_are_not_defined() -> None:
    twice = [made(name, row("/", name), canary="true", canary_weight="10") for name in ("b", "c")]
    assert ask("/", MAIN, *twice).kind == "cannot-tell"


def test_a_canary_without_a_main_ingress_serves_nothing() -> None:
    assert went(ask("/", made("canary", row("/", "b"), canary="true", canary_weight="50"))) == "default-404 404"


# What is not computed


@pytest.mark.parametrize("name", ["auth_url", "configuration_snippet", "enable_modsecurity"])
def test_annotations_that_may_answer_themselves_are_not_guessed(name: str) -> None:
    found = ask("/x", made("i", row("/x", "a"), **{name: "x"}), made("j", row("/y", "b")))
    assert (found.kind, name.replace("_", "-") in found.reason) == ("cannot-tell", True)
    assert went(ask("/y", made("i", row("/x", "a"), **{name: "x"}), made("j", row("/y", "b")))) == "b"


def test_a_rate_limit_is_no_matter_of_one_request() -> None:
    assert went(ask("/", made("i", row("/", "a"), limit_rps="5"))) == "a"


def test_a_server_snippet_leaves_all_of_the_host_open() -> None:
    snippet = made("i", row("/x", "a"), server_snippet="return 418;")
    assert ask("/y", snippet, made("j", row("/y", "b"))).kind == "cannot-tell"


def test_wildcard_hosts_have_one_label() -> None:
    wild = made("i", row("/", "a", host="*.example.com"))
    assert went(ask("/", wild, host="x.example.com")) == "a"
    assert went(ask("/", wild, host="x.y.example.com")) == "default-404 404"


@pytest.mark.parametrize(
    ("path", "normal"),
    [("/a//b", "/a/b"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/%41", "/A"), ("/a/", "/a/"), ("/a/..", "/"),
     ("/../a", None), ("/%zz", None), ("/%2e%2e/a", None), ("/a%2fb", "/a/b")],
)  # fmt: skip
def test_paths_are_compared_as_nginx_compares_them(path: str, normal: str | None) -> None:
    """ngx_http_parse_complex_uri: decoded once, then dots and slashes."""
    assert normal_uri(path) == normal


def test_values_that_cannot_be_read_are_left_out() -> None:
    """parser.GetBoolAnnotation and its kin: an invalid value counts as none."""
    notes = notes_of({f"{N}ssl-redirect": "no", f"{N}temporal-redirect": "ftp://x", f"{N}use-regex": "1"})
    assert (notes.ssl_redirect, notes.redirect, notes.regex) == (True, "", True)
