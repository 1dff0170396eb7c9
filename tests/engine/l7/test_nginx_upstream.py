"""Cases of ingress-nginx' own end-to-end tests: what its authors saw a running controller do.

kubernetes/ingress-nginx, test/e2e: annotations/canary.go, relativeredirects.go, mirror.go, rewrite.go, alias.go;
settings/forwarded_headers.go, disable_catch_all.go; ingress/pathtype_mixed.go; servicebackend/service_nil_backend.go.
What cases say of cookies and underscores comes from nginx: ngx_http_parse_multi_header_lines, underscores_in_headers.
"""

from fractions import Fraction

import pytest

from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway.table import compile_gateways
from designer.engine.l7.table import compile_routes
from designer.engine.l7.targets import Target, Targets
from tests.engine.l7.test_nginx import HOST, ask, made, row, went
from tests.engine.l7.test_nginx_options import told
from tests.engine.l7.web import control_of, controller, ingress_class, project, service

MAIN = made("m", row("/", "a"))


def shared(headers: dict[str, str], rules: dict[str, str], data: dict[str, str] | None = None) -> Fraction:
    """The share that a canary with these rules gets of requests with these headers."""
    found = told("/", MAIN, made("k", row("/", "b"), canary="true", **rules), data=data, headers=headers)
    assert found.kind == "backend", found.reason
    if not found.shares:
        return Fraction(int(went(found) == "b"))
    return next((share for name, _, share in found.shares if name.endswith("/b")), Fraction(0))


@pytest.mark.parametrize(
    ("rules", "headers", "share"),
    [
        ({"canary_by_header": "CanaryByHeader"}, {"CanaryByHeader": "badheadervalue"}, 0),
        ({"canary_by_header": "h", "canary_by_header_value": "DoCanary"}, {"h": "DoCanary"}, 100),
        ({"canary_by_header": "h", "canary_by_header_value": "DoCanary"}, {"h": "always"}, 0),
        ({"canary_by_header": "h", "canary_by_header_pattern": "^Do[A-Z][a-z]+y$"}, {"h": "DoCanary"}, 100),
        ({"canary_by_header": "h", "canary_by_header_pattern": "^Do[A-Z][a-z]+y$"}, {"h": "Docanary"}, 0),
        ({"canary_by_header": "h", "canary_by_header_pattern": "[][**da?$&*", "canary_weight": "50"},
         {"h": "DoCanary"}, 0),
        ({"canary_by_cookie": "Canary-By-Cookie"}, {"Cookie": "Canary-By-Cookie=badcookievalue"}, 0),
        ({"canary_by_cookie": "one"}, {"Cookie": "ONE=always; one=never"}, 100),
        ({"canary_by_cookie": "one"}, {"Cookie": "x=1,one=always"}, 100),
        ({"canary_by_header": "X_Canary"}, {"X-Canary": "always"}, 100),
        ({"canary_by_header": "X_Canary"}, {"X_Canary": "always"}, 0),
        ({"canary_weight": "1000", "canary_weight_total": "1000"}, {}, 100),
        ({"canary_weight": "0"}, {}, 0),
    ],
)  # fmt: skip
def test_rules_of_a_canary(rules: dict[str, str], headers: dict[str, str], share: int) -> None:
    assert shared(headers, rules) == Fraction(share, 100)


def test_headers_with_underscores_count_where_the_config_map_keeps_them() -> None:
    rules = {"canary_by_header": "X_Canary"}
    assert shared({"X_Canary": "always"}, rules, {"enable-underscores-in-headers": "true"}) == 1


@pytest.mark.parametrize(("text", "begin"), [("true", ""), ("false", f"http://{HOST}")])
def test_relative_redirects(text: str, begin: str) -> None:
    one = made("i", row("/something", "a"), permanent_redirect="/new-location", relative_redirects=text)
    assert (ask("/something", one).status, ask("/something", one).url) == (301, f"{begin}/new-location")
    slash = made("i", row("/foo/", "a"), relative_redirects=text)
    assert ask("/foo", slash).url == f"{begin}/foo/"


def test_relative_redirects_of_the_config_map() -> None:
    assert told("/foo", made("i", row("/foo/", "a")), data={"relative-redirects": "true"}).url == "/foo/"


def test_a_backend_gets_the_host_that_a_believed_header_names() -> None:
    headers = {"X-Forwarded-Host": "myhost.com, another.host,example.net"}
    assert told("/", MAIN, data={"use-forwarded-headers": "true"}, headers=headers).vhost == "myhost.com"
    assert told("/", MAIN, headers=headers).vhost == ""


def test_a_mirror_is_told() -> None:
    target = "https://test.env.com/$request_uri"
    one = made("i", row("/", "a"), mirror_target=target)
    found = project("---\n".join([controller("ingress-nginx"), ingress_class("c", "k8s.io/ingress-nginx"), one,
                                  service("a")]))  # fmt: skip
    control = control_of(found)
    targets = Targets(found, control, compile_routes(found, control), compile_gateways(found, control))
    answer = targets.answer(Target(ingress_class="c"), Asked("http", HOST, 80))
    assert [(one.backend, one.percent) for one in answer.mirrors] == [(target, Fraction(100))]
    assert target in answer.reason


@pytest.mark.parametrize(
    ("uri", "expected"), [("/", "a"), ("/bar", "b"), ("/foo", "c"), ("/foo/bar", "d"), ("/foobar", "b")]
)
def test_exact_and_prefix_paths_side_by_side(uri: str, expected: str) -> None:
    rows = [row("/", "a", "Exact"), row("/", "b"), row("/foo", "c", "Exact"), row("/foo", "d")]
    ones = [made(f"i{place}", one, created=f"2026-01-0{place}T00:00:00Z") for place, one in enumerate(rows, start=1)]
    assert went(ask(uri, *ones, service("d"))) == expected


@pytest.mark.parametrize(
    ("first", "path", "target", "uri", "expected"),
    [
        ("/foo", "/foo.+", "/new/backend", "/foo", ""),
        ("/foo", "/foo.+", "/new/backend", "/foo/bar", "/new/backend"),
        ("/foo/bar/bar", "/foo/bar/[a-z]{3}", "/new/backend", "/foo/bar/bar", "/new/backend"),
        ("/other", "/foo/bar/(.+)", "/new/backend/$1", "/foo/bar/bar", "/new/backend/bar"),
        ("/.well-known/acme/challenge", "/", "/new/backend", "/.well-known/acme/challenge", ""),
    ],
)
def test_expressions_and_rewrites(first: str, path: str, target: str, uri: str, expected: str) -> None:
    plain = made("foo", row(first, "a", "ImplementationSpecific"))
    regex = made("regex", row(path, "a", "ImplementationSpecific"), use_regex="true", rewrite_target=target)
    found = ask(uri, plain, regex)
    assert (went(found), found.path) == ("a", expected)


def test_an_alias_holds_for_the_paths_of_all_ingresses_of_its_host() -> None:
    one = made("app-a", row("/app-a", "a", host="foo"))
    two = made("app-b", row("/app-b", "b", host="foo"), server_alias="bar")
    assert [went(ask("/app-a", one, two, host=host)) for host in ("foo", "bar")] == ["a", "a"]
    assert went(ask("/", made("i", row("/", "a", host="foo")), host="bar")) == "default-404 404"


def test_a_backend_that_is_no_service_answers_404() -> None:
    resource = "resource: {apiGroup: otherobj.testingress.com, kind: Anything, name: mytest}"
    head, _, tail = made("i", row("/", "a")).partition("      - backend:\n")
    _, _, rest = tail.partition("number: 80\n")
    assert went(ask("/", f"{head}      - backend:\n          {resource}\n{rest}")) == "default-404 404"


@pytest.mark.parametrize(
    ("args", "expected"),
    [(("--disable-catch-all=true",), "default-404 404"), ((), "a"), (("--disable-catch-all",), "default-404 404")],
)
def test_without_catch_alls_an_ingress_with_a_default_backend_is_left_out(args: tuple[str, ...], expected: str) -> None:
    """store.go, hasCatchAllIngressRule: rules besides the default backend do not save it."""
    assert went(told("/x", made("every", default="a"), MAIN, args=args, host="nobody.example")) == expected
    both = made("both", row("/rulepath", "a"), default="a")
    assert went(told("/rulepath", both, args=args)) == expected
