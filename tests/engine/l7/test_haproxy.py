"""HAProxy Technologies' controller: haproxytech/kubernetes-ingress, pkg/route/route.go and its switching rules.

Exact and Prefix paths are rows of one map, looked up as a whole; prefixes are rows of another, of which the longest
that begins the path wins; both with the host that the map of hosts gave: the host itself, else ``*.`` one label up,
else none.
"""

import pytest

from tests.engine.l7.web import controller, ingress, ingress_class, routes

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


def test_the_longest_row_wins_and_an_exact_one_first() -> None:
    rows = (HOST, "/", "Prefix", "a"), (HOST, "/foo", "Prefix", "b"), (HOST, "/foo", "Exact", "c")
    assert [went(path, *rows) for path in ("/foo", "/foo/x", "/x")] == ["c", "b", "a"]
