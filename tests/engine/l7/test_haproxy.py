"""HAProxy Technologies' controller: haproxytech/kubernetes-ingress, pkg/route/route.go and its switching rules.

Exact and Prefix paths are rows of one map, looked up as a whole; prefixes are rows of another, of which the longest
that begins the path wins; both with the host that the map of hosts gave: the host itself, else ``*.`` one label up,
else none.
"""

import pytest

from designer.model import controller_profile
from tests.engine.l7.web import controller, ingress, ingress_class, routes, service

HOST = "shop.example.com"
Row = tuple[str, str, str, str]


def went(path: str, *rows: Row, host: str = HOST) -> str:
    """The Service's name, or the kind of answer."""
    table = routes(controller("haproxy"), ingress_class("c", "haproxy.org/ingress-controller"),
                   ingress("i", *rows, cls="c"))  # fmt: skip
    found = table.route("IngressController:default/haproxy", host, path)
    return found.service.rpartition("/")[2] or found.kind


@pytest.mark.parametrize(
    ("kind", "rule", "path", "expected"),
    [
        ("Exact", "/foo", "/foo", "a"),
        ("Exact", "/foo", "/foo/", "default-404"),
        ("Prefix", "/foo", "/foo", "a"),
        ("Prefix", "/foo", "/foo/bar", "a"),
        ("Prefix", "/foo", "/foobar", "default-404"),
        ("Prefix", "/foo/", "/foo", "a"),
        ("ImplementationSpecific", "/foo", "/foobar", "a"),
        ("ImplementationSpecific", "/foo", "/fo", "default-404"),
        ("Prefix", "/", "/x", "a"),
    ],
)
def test_path_types(kind: str, rule: str, path: str, expected: str) -> None:
    assert went(path, (HOST, rule, kind, "a")) == expected


def test_a_host_that_is_known_borrows_no_paths() -> None:
    rows = (HOST, "/api", "Prefix", "a"), ("*.example.com", "/", "Prefix", "b"), ("", "/", "Prefix", "c")
    assert went("/api", *rows) == "a"
    assert went("/other", *rows) == "default-404"
    assert went("/other", *rows, host="x.example.com") == "b"
    assert went("/other", *rows, host="x.y.example.com") == "c"


def test_the_longest_row_wins() -> None:
    rows = (HOST, "/", "Prefix", "a"), (HOST, "/foo", "Prefix", "b"), (HOST, "/foo/x/y", "Exact", "c")
    assert [went(path, *rows) for path in ("/foo", "/foo/x", "/x", "/foo/x/y")] == ["b", "b", "a", "c"]


def test_exact_and_prefix_of_one_path_are_rows_of_one_map() -> None:
    """route.go: both are written to the map of whole paths; maps/main.go sorts its rows, and so by backend's name."""
    rows = (HOST, "/foo", "Prefix", "b"), (HOST, "/foo", "Exact", "c")
    assert [went(path, *rows) for path in ("/foo", "/foo/", "/foo/x")] == ["cannot-tell", "b", "b"]
    same = (HOST, "/foo", "Prefix", "b"), (HOST, "/foo", "Exact", "b")
    assert went("/foo", *same) == "b"
    root = (HOST, "/", "Prefix", "b"), (HOST, "/", "Exact", "c")
    assert went("/", *root) == "c", "a Prefix / is in the map of prefixes only"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("haproxy.org/path-rewrite", "cannot-tell"),
        ("haproxy.com/whitelist", "cannot-tell"),
        ("ingress.kubernetes.io/auth-type", "cannot-tell"),
        ("haproxy.org/set-host", "cannot-tell"),
        ("haproxy.org/ssl-passthrough", "cannot-tell"),
        ("haproxy.org/backend-config-snippet", "cannot-tell"),
        ("haproxy.org/rate-limit-requests", "a"),
        ("haproxy.org/cors-enable", "a"),
    ],
)
def test_annotations_under_each_of_its_prefixes(key: str, expected: str) -> None:
    """documentation/annotations.md: three prefixes for the same annotations."""
    one = ingress("i", (HOST, "/", "Prefix", "a"), cls="c", annotations={key: "x"})
    table = routes(controller("haproxy"), ingress_class("c", "haproxy.org/ingress-controller"), one)
    found = table.route("IngressController:default/haproxy", HOST, "/")
    assert (found.service.rpartition("/")[2] or found.kind) == expected


def test_route_acl_stands_at_the_service() -> None:
    """documentation/annotations.md: route-acl is an annotation of Services; route.go, AddCustomRoute.

    The rule goes before all maps, for every path that begins with its own.
    """
    one = ingress(
        "i", (HOST, "/x", "Prefix", "web"), (HOST, "/x/b", "Prefix", "b"), (HOST, "/y", "Prefix", "b"), cls="c"
    )
    text = service("web").replace("annotations: {}", "annotations: {haproxy.org/route-acl: 'path_reg x'}")
    assert "route-acl" in text
    table = routes(controller("haproxy"), ingress_class("c", "haproxy.org/ingress-controller"), text, one)
    assert table.route("IngressController:default/haproxy", HOST, "/x").kind == "cannot-tell"
    assert table.route("IngressController:default/haproxy", HOST, "/x/b").kind == "cannot-tell"
    assert table.route("IngressController:default/haproxy", HOST, "/y").service == "Service:default/b"


def test_its_class_behind_a_slash_is_known() -> None:
    """documentation/ingressclass.md: spec.controller haproxy.org/ingress-controller/prod for --ingress.class=prod."""
    assert controller_profile("haproxy.org/ingress-controller/prod") == "haproxy"
    assert controller_profile("haproxy.org/ingress-controller") == "haproxy"
    assert controller_profile("haproxy.org/ingress-controllers") == ""
