"""Values of annotations that ingress-nginx refuses from v1.12 on; kubernetes/ingress-nginx, annotations/parser.

validators.go for the expressions, each annotation's parser for what it does with the error; cli-arguments.md
(`--enable-annotation-validation`, on by default since v1.12), configmap.md (`strict-validate-path-type`, likewise).
"""

import pytest

from designer.engine.l7.nginx_values import unfit
from tests.engine.l7.test_nginx import HOST, ask, made, row, went
from tests.engine.l7.test_nginx_options import told

OLD, NEW = "registry.k8s.io/ingress-nginx/controller:v1.11.5", "registry.k8s.io/ingress-nginx/controller:v1.15.1"
VARIABLE = {"permanent_redirect": "https://new.example.org$request_uri"}


@pytest.mark.parametrize(
    ("name", "value", "effect"),
    [
        ("permanent-redirect", "https://x.example/a?b=c", ""),
        ("permanent-redirect", "/new", ""),
        ("permanent-redirect", "https://x.example$request_uri", "out"),
        ("temporal-redirect", "https://x.example/{a}", "out"),
        ("permanent-redirect-code", "3o1", "out"),
        ("from-to-www-redirect", "yes", "out"),
        ("server-alias", "a.example, *.b.example", ""),
        ("server-alias", r"~^www\d+\.example\.com$", ""),
        ("server-alias", "a.example;", "out"),
        ("upstream-vhost", "inner.example:8080", ""),
        ("upstream-vhost", "$host;", "out"),
        ("default-backend", "errors", ""),
        ("default-backend", "other/errors", "out"),
        ("custom-http-errors", "404, 503", ""),
        ("custom-http-errors", "301", "out"),
        ("rewrite-target", "/$2", ""),
        ("rewrite-target", "https://x.example/$1", ""),
        ("rewrite-target", "/v2?from=old", "dropped"),
        ("app-root", "/app?x=1", "dropped"),
        ("canary-by-header-pattern", "^(a|b)+$", ""),
        ("canary-by-header-value", "a=b", "dropped"),
        ("cors-allow-origin", "https://*.a.example, http://b.example:8080", ""),
        ("cors-allow-origin", "https://a.example/path", "dropped"),
    ],
)
def test_what_is_refused(name: str, value: str, effect: str) -> None:
    assert unfit({name: value}).get(name, "") == effect


def test_a_permanent_redirect_is_not_looked_at_beside_a_temporal_one() -> None:
    both = {"temporal-redirect": "https://x.example", "permanent-redirect": "https://x.example$request_uri"}
    assert not unfit(both)


@pytest.mark.parametrize(
    ("image", "args", "expected"),
    [
        (OLD, (), "redirect 301"),
        (NEW, (), "default-404 404"),
        (NEW, ("--enable-annotation-validation=false",), "redirect 301"),
        (OLD, ("--enable-annotation-validation=true",), "default-404 404"),
        ("controller:latest", (), "cannot-tell 0"),
        (f"{NEW}@sha256:0123", (), "default-404 404"),
    ],
)
def test_an_ingress_with_such_a_redirect(image: str, args: tuple[str, ...], expected: str) -> None:
    """redirect.go hands the error on: the Ingress is left out."""
    found = told("/old?x=1", made("i", row("/old", "a"), **VARIABLE), image=image, args=args)
    assert went(found) == expected
    if expected == "redirect 301":
        assert found.url == "https://new.example.org/old?x=1"


def test_without_a_controller_in_the_input_it_is_open_for_that_host_only() -> None:
    one, other = made("i", row("/old", "a"), **VARIABLE), made("j", row("/", "b", host="b.example"))
    found = ask("/old", one, other)
    assert (found.kind, "refuses from 1.12 on" in found.reason) == ("cannot-tell", True)
    assert went(ask("/", one, other, host="b.example")) == "b"


@pytest.mark.parametrize(("image", "path"), [(OLD, "/v2?from=old&x=1"), (NEW, "")])
def test_a_rewrite_with_a_query(image: str, path: str) -> None:
    """rewrite/main.go goes on without the target."""
    found = told("/api?x=1", made("i", row("/api", "a"), rewrite_target="/v2?from=old"), image=image)
    assert (went(found), found.path) == ("a", path)


@pytest.mark.parametrize(
    ("image", "data", "expected"),
    [
        (NEW, {}, "default-404 404"),
        (NEW, {"strict-validate-path-type": "false"}, "a"),
        (OLD, {}, "a"),
        (OLD, {"strict-validate-path-type": "true"}, "default-404 404"),
    ],
)
def test_expressions_in_a_prefix_path(image: str, data: dict[str, str], expected: str) -> None:
    one = made("i", row("/foo(/|$)(.*)", "a"), use_regex="true")
    assert went(told("/foo/bar", one, image=image, data=data, host=HOST)) == expected
