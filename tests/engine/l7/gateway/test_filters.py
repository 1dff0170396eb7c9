"""Filters (httproute_types.go): headers, redirects, rewrites, mirrors, CORS, extensions; URLs against RFC 3986."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import yaml

from designer.engine.l7.outcome import Answer
from tests.engine.l7.gateway.gate import (
    CERTIFICATE,
    ask,
    asked,
    codes,
    condition,
    gateway,
    http,
    https,
    made,
    route,
    table,
)

GW = gateway("web", http(), http("odd", 8080), https(), https("odds", 8443))


def rule(*filters: dict[str, Any], path: str = "/", refs: Any = None, own: Any = None) -> str:
    ref = {"name": "a", "port": 80, **({"filters": own} if own else {})}
    data: dict[str, Any] = {"matches": [{"path": {"value": path}}], "filters": list(filters)}
    if refs is not False:
        data["backendRefs"] = refs or [ref]
    return yaml.safe_dump([data])


def filtered(url: str, *filters: dict[str, Any], path: str = "/", own: Any = None, **how: Any) -> Answer:
    refs = False if any("requestRedirect" in f for f in filters) else None
    return ask(table(CERTIFICATE, GW, route("r", rule(*filters, path=path, refs=refs, own=own))), url, **how)


def headers(kind: str = "Request", **edit: Any) -> dict[str, Any]:
    name = f"{kind[0].lower()}{kind[1:]}HeaderModifier"
    named = {key: value if key == "remove" else [{"name": n, "value": v} for n, v in value.items()]
             for key, value in edit.items()}  # fmt: skip
    return {"type": f"{kind}HeaderModifier", name: named}


@pytest.mark.parametrize(
    ("edit", "sent", "expected"),
    [
        # HTTPHeaderFilter, the examples of its text
        ({"set": {"my-header": "bar"}}, {"my-header": "foo"}, {"my-header": "bar"}),
        ({"add": {"my-header": "bar,baz"}}, {"my-header": "foo"}, {"my-header": "foo,bar,baz"}),
        ({"remove": ["my-header1", "my-header3"]}, {"my-header1": "foo", "my-header2": "bar", "my-header3": "baz"},
         {"my-header2": "bar"}),
        ({"set": {"X-New": "1"}}, {}, {"X-New": "1"}),
        ({"add": {"X-New": "1"}}, {"other": "x"}, {"other": "x", "X-New": "1"}),
        ({"set": {"MY-HEADER": "bar"}}, {"my-header": "foo"}, {"my-header": "bar"}),
        ({"remove": ["MY-Header"]}, {"my-header": "foo"}, {}),
        ({"set": {"a": "1"}, "add": {"b": "2"}, "remove": ["c"]}, {"a": "0", "b": "1", "c": "9"},
         {"a": "1", "b": "1,2"}),
    ],
)  # fmt: skip
def test_request_headers(edit: dict[str, Any], sent: dict[str, str], expected: dict[str, str]) -> None:
    """ingress-gateway.md 6, row 'Header modifiers'."""
    answer = filtered("http://x/", headers(**edit), **{k.replace("-", "_"): v for k, v in sent.items()})
    assert answer.forwarded is not None and answer.forwarded.headers == expected


def test_response_headers_are_those_of_the_backend_after_the_filter() -> None:
    found = table(GW, route("r", rule(headers("Response", set={"a": "1"}, add={"b": "2"}, remove=["C"]))))
    request = replace(asked("http://x/"), backend_headers={"A": "0", "b": "1", "c": "9", "d": "4"})
    answer = found.answer("infra/web", request)
    assert answer.response_headers == {"A": "1", "b": "1,2", "d": "4"}


@pytest.mark.parametrize("edit", [{"set": {"a": "1"}, "add": {"A": "2"}}, {"add": {"a": "1"}, "remove": ["a"]}])
def test_several_actions_for_one_header_make_the_rule_invalid(edit: dict[str, Any]) -> None:
    found = table(CERTIFICATE, GW, route("r", rule(headers(**edit))))
    assert condition(found, "HTTPRoute shop/r", "Accepted") == ("False", "UnsupportedValue")
    assert codes(found) == [("GW-91", "spec.rules[0].filters[0]")]
    assert ask(found, "http://x/").status == 404


def redirect(**fields: Any) -> dict[str, Any]:
    return {"type": "RequestRedirect", "requestRedirect": fields}


@pytest.mark.parametrize(
    ("fields", "url", "port", "expected"),
    [
        # conformance: httproute-redirect-port-and-scheme
        ({"hostname": "example.org"}, "http://x/a", 80, "http://example.org/a"),
        ({"hostname": "example.org", "port": 80}, "http://x/a", 80, "http://example.org/a"),
        ({"hostname": "example.org", "port": 8080}, "http://x/a", 80, "http://example.org:8080/a"),
        ({"hostname": "example.org", "scheme": "https"}, "http://x/a", 80, "https://example.org/a"),
        ({"hostname": "example.org", "scheme": "https", "port": 443}, "http://x/a", 80, "https://example.org/a"),
        ({"hostname": "example.org", "scheme": "https", "port": 8443}, "http://x/a", 80, "https://example.org:8443/a"),
        ({"hostname": "example.org"}, "http://x/a", 8080, "http://example.org:8080/a"),
        ({"hostname": "example.org", "port": 80}, "http://x/a", 8080, "http://example.org/a"),
        ({"hostname": "example.org", "scheme": "https"}, "http://x/a", 8080, "https://example.org/a"),
        ({"hostname": "example.org"}, "https://x/a", 443, "https://example.org/a"),
        ({"hostname": "example.org", "port": 8443}, "https://x/a", 443, "https://example.org:8443/a"),
        ({"hostname": "example.org", "scheme": "http"}, "https://x/a", 443, "http://example.org/a"),
        ({"hostname": "example.org", "scheme": "http", "port": 8080}, "https://x/a", 443, "http://example.org:8080/a"),
        ({"scheme": "https"}, "http://shop.example.com:8080/a?b=1#c", 8080, "https://shop.example.com/a?b=1"),
        ({"port": 443}, "http://shop.example.com/a", 80, "http://shop.example.com:443/a"),
        ({"scheme": "https"}, "http://[2001:db8::1]:80/a", 80, "https://[2001:db8::1]/a"),
        ({}, "http://Shop.example.com/a", 80, "http://Shop.example.com/a"),
        ({}, "http://x/a%2Fb/c%20d?e=%26", 80, "http://x/a%2Fb/c%20d?e=%26"),
    ],
)
def test_where_a_redirect_leads(fields: dict[str, Any], url: str, port: int, expected: str) -> None:
    """ingress-gateway.md 6, row 'RequestRedirect'."""
    answer = filtered(url, redirect(**fields), port=port)
    assert (answer.status, answer.redirect, answer.backend) == (302, expected, "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_status_of_a_redirect(status: int) -> None:
    assert filtered("http://x/", redirect(statusCode=status)).status == status


# HTTPPathModifier, the table of its text: path, prefix, replacement, new path.
PREFIXES = (
    ("/foo/bar", "/foo", "/xyz", "/xyz/bar"), ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
    ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"), ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
    ("/foo", "/foo", "/xyz", "/xyz"), ("/foo/", "/foo", "/xyz", "/xyz/"), ("/foo/bar", "/foo", "", "/bar"),
    ("/foo/", "/foo", "", "/"), ("/foo", "/foo", "", "/"), ("/foo/", "/foo", "/", "/"), ("/foo", "/foo", "/", "/"),
    ("/bar", "/", "/xyz", "/xyz/bar"), ("/foo/a%2Fb", "/foo", "/xyz", "/xyz/a%2Fb"),
)  # fmt: skip


@pytest.mark.parametrize(("path", "prefix", "text", "expected"), PREFIXES)
def test_a_matched_prefix_replaced_in_rewrite_and_redirect(path: str, prefix: str, text: str, expected: str) -> None:
    """ingress-gateway.md 6, row 'URLRewrite'."""
    edit = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": text}}
    answer = filtered(f"http://x{path}?q=1", {"type": "URLRewrite", "urlRewrite": edit}, path=prefix)
    assert answer.forwarded is not None and answer.forwarded.url == f"http://x{expected}?q=1"
    assert filtered(f"http://x{path}?q=1", redirect(**edit), path=prefix).redirect == f"http://x{expected}?q=1"


def test_full_path_and_hostname_rewritten() -> None:
    edit = {"hostname": "one.example.org", "path": {"type": "ReplaceFullPath", "replaceFullPath": "/one"}}
    answer = filtered("http://x:80/a/b?q=1", {"type": "URLRewrite", "urlRewrite": edit})
    assert answer.forwarded is not None
    assert (answer.forwarded.url, answer.forwarded.method) == ("http://one.example.org/one?q=1", "GET")
    assert filtered("http://x/a", redirect(path=edit["path"])).redirect == "http://x/one"


def mirror(name: str = "b", **more: Any) -> dict[str, Any]:
    return {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": name, "port": 80}, **more}}


def test_mirrors_by_percent_and_fraction_and_several() -> None:
    """ingress-gateway.md 6, row 'RequestMirror'."""
    answer = filtered(
        "http://x/", mirror(), mirror("c", percent=20), mirror(fraction={"numerator": 1}),
        mirror("c", fraction={"numerator": 1, "denominator": 3}), mirror(percent=0),
    )  # fmt: skip
    assert answer.backend == "shop/a"
    assert [(m.backend, m.percent) for m in answer.mirrors] == [
        ("shop/b", 100), ("shop/c", 20), ("shop/b", 1), ("shop/c", Fraction(100, 3)), ("shop/b", 0),
    ]  # fmt: skip


def test_a_mirror_that_does_not_hold_is_left_out_and_the_request_goes_on() -> None:
    found = table(CERTIFICATE, GW, route("r", rule(mirror("none"))))
    answer = ask(found, "http://x/")
    assert (answer.status, answer.backend, answer.mirrors) == (200, "shop/a", ())
    assert condition(found, "HTTPRoute shop/r", "ResolvedRefs") == ("False", "BackendNotFound")
    assert codes(found) == [("GW-92", "spec.rules[0].filters[0].requestMirror.backendRef")]


def test_filters_of_a_backend_apply_to_its_own_requests() -> None:
    refs = [
        {"name": "a", "port": 80, "weight": 3, "filters": [headers(set={"to": "a"})]},
        {"name": "b", "port": 80, "filters": [headers(add={"all": "b"}), mirror("c")]},
    ]
    found = table(GW, route("r", rule(headers(set={"all": "1"}), refs=refs)))
    answer = ask(found, "http://x/", to="0")
    assert {key: one.headers for key, one in answer.by_backend.items()} == {
        "shop/a": {"to": "a", "all": "1"},
        "shop/b": {"to": "0", "all": "1,b"},
    }
    assert answer.backends == {"shop/a": Fraction(3, 4), "shop/b": Fraction(1, 4)}
    alone = filtered("http://x/", own=[headers(set={"to": "a"})])
    assert alone.forwarded is not None and alone.forwarded.headers == {"to": "a"}


def test_backends_that_redirect_to_different_places_are_told_with_their_shares() -> None:
    # conformance: httproute-backend-request-redirect, two backends of equal weight with a redirect each
    refs = [
        {"name": name, "port": 80, "weight": weight, "filters": [redirect(hostname=f"{name}.example.org")]}
        for name, weight in (("a", 1), ("b", 3))
    ]
    answer = ask(table(gateway("web", http()), route("r", str([{"backendRefs": refs}]))), "http://x/")
    assert (answer.status, answer.redirect) == (302, "http://b.example.org/"), "the largest share"
    assert "25 % of requests are redirected to http://a.example.org/ with status 302" in answer.reason
    assert "75 % of requests are redirected to http://b.example.org/ with status 302" in answer.reason
    assert "It redirects" not in answer.reason


def test_a_redirect_of_the_only_backend() -> None:
    answer = filtered("http://x/", own=[redirect(hostname="example.org", statusCode=301)])
    assert (answer.status, answer.redirect, answer.backends) == (301, "http://example.org/", {})


EXTENSION = {"type": "ExtensionRef", "extensionRef": {"group": "example.com", "kind": "Wasm", "name": "w"}}


def test_an_extension_that_does_not_exist_fails_and_one_that_exists_is_not_guessed() -> None:
    """ingress-gateway.md 6, row 'Unknown filter'."""
    missing = table(GW, route("r", rule(EXTENSION)))
    assert ask(missing, "http://x/").status == 500
    assert condition(missing, "HTTPRoute shop/r", "ResolvedRefs")[0] == "False"
    there = table(GW, made("Wasm", "shop/w", {}, "example.com/v1"), route("r", rule(EXTENSION)))
    assert ask(there, "http://x/").undecided


def test_an_authorisation_server_decides_or_fails_closed() -> None:
    """ingress-gateway.md 6, row 'ExternalAuth'."""

    def guarded(name: str) -> dict[str, Any]:
        auth = {"protocol": "HTTP", "backendRef": {"name": name, "port": 80}, "http": {}}
        return {"type": "ExternalAuth", "externalAuth": auth}

    assert filtered("http://x/", guarded("none")).status == 500
    assert filtered("http://x/", guarded("b")).undecided


@pytest.mark.parametrize(
    ("servers", "partly"), [(("none", "b"), True), (("none", ""), True), (("none", "none"), False), (("b", ""), False)]
)
def test_a_route_with_a_filter_that_fails_in_some_rules_is_partially_invalid(
    servers: tuple[str, ...], partly: bool
) -> None:
    """ingress-gateway.md 6, row 'PartiallyInvalid'."""
    # conformance: httproute-external-auth-partially-invalid
    rules = [
        {
            "matches": [{"path": {"value": f"/{place}"}}],
            "backendRefs": [{"name": "a", "port": 80}],
            "filters": [
                {"type": "ExternalAuth",
                 "externalAuth": {"protocol": "HTTP", "backendRef": {"name": server, "port": 80}, "http": {}}}
            ] if server else [],
        }
        for place, server in enumerate(servers)
    ]  # fmt: skip
    found = table(gateway("web", http()), route("r", str(rules)))
    told = [one.status for one in found.conditions if one.type == "PartiallyInvalid"]
    assert told == (["True"] if partly else [])
    assert condition(found, "HTTPRoute shop/r", "Accepted") == ("True", "Accepted")
    reason = "BackendNotFound" if "none" in servers else "ResolvedRefs"
    assert condition(found, "HTTPRoute shop/r", "ResolvedRefs")[1] == reason
