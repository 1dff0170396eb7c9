"""The route table agrees with a literal reading of the API text on random Ingresses of one controller.

The API text: the most specific host, then the longest matching path, then Exact before Prefix; Prefix by element.
Only requests are compared whose best host has a matching path: what happens otherwise the text leaves open.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.l7.web import controller, ingress, ingress_class, routes

HOSTS = ("", "a.example.com", "b.example.com", "*.example.com", "x.a.example.com")
PATHS = ("/", "/a", "/a/", "/a/b", "/ab", "/a/b/c")
ASKED = ("a.example.com", "c.example.com", "x.a.example.com", "other.org")
REQUESTS = ("/", "/a", "/a/", "/a/b", "/abc", "/a/b/c/d", "/A", "/b")
row = st.tuples(
    st.sampled_from(HOSTS), st.sampled_from(PATHS), st.sampled_from(("Exact", "Prefix")), st.sampled_from("abc")
)
rows = st.lists(row, min_size=1, max_size=6, unique_by=lambda r: (r[0], r[1].rstrip("/"), r[2]))


def literal(table: list[Any], host: str, path: str) -> str | None:
    """The Service of the winning row, None where the best host has no row for the path."""

    def host_fits(pattern: str) -> bool:
        if pattern.startswith("*."):
            return host.count(".") == pattern.count(".") and host.split(".", 1)[1] == pattern[2:]
        return pattern in ("", host)

    def path_fits(pattern: str, kind: str) -> bool:
        if kind == "Exact":
            return path == pattern
        wanted = [part for part in pattern.split("/") if part]
        return [part for part in path.split("/") if part][: len(wanted)] == wanted

    fitting = [r for r in table if host_fits(r[0])]
    order = {host: 0, "": 2}
    best = min((order.get(r[0], 1) for r in fitting), default=0)
    found = [r for r in fitting if order.get(r[0], 1) == best and path_fits(r[1], r[2])]
    if not found:
        return None
    return str(min(found, key=lambda r: (-len(r[1].rstrip("/")), r[2] != "Exact"))[3])


@settings(max_examples=80)
@given(
    rows, st.sampled_from(("a.example.com", "c.example.com", "x.a.example.com", "other.org")), st.sampled_from(REQUESTS)
)
def test_the_winner_is_that_of_the_text(table: Any, host: str, path: str) -> None:
    strings = {"spec": "example.com/ingress-controller", "ingress-nginx": "k8s.io/ingress-nginx"}
    for profile, string in strings.items():
        found = routes(controller(profile), ingress_class("c", string), ingress("i", *table, cls="c"))
        decision = found.route(f"IngressController:default/{profile}", host, path)
        expected = literal(table, host, path)
        if decision.status == 301:
            # nginx adds the final slash that a rule's path has, where the API text leaves it out.
            assert any(r[1] == f"{path}/" for r in table)
        elif expected is not None:
            assert decision.service == f"Service:default/{expected}"
        else:
            assert decision.kind in ("default-404", "cannot-tell")
