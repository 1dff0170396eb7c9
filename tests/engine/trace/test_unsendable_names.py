"""Names that no DNS query can carry: RFC 1035 sections 2.3.4 and 3.1."""

import pytest

from designer.engine.trace.hops import Request
from designer.engine.trace.request import parse_request, unsendable


@pytest.mark.parametrize("name", ["cart", "cart.", "_http._tcp.cart", "a" * 63, ".".join(["a" * 49] * 5), "::1"])
def test_a_query_carries_these(name: str) -> None:
    assert unsendable(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".", "no label"), ("..", "no label"), ("a..b", "empty label"), (".a", "empty label"),
        ("a" * 64, "longer than 63"), (".".join(["a" * 60] * 5), "longer than 253"),
    ],
)  # fmt: skip
def test_no_query_carries_these(name: str, why: str) -> None:
    assert why in unsendable(name)


@pytest.mark.parametrize("destination", ["a..b", "a..b:80", "http://a..b/x", f"http://{'a' * 64}.example.com"])
def test_a_destination_that_no_query_carries_is_refused_and_says_what_to_mend(destination: str) -> None:
    parsed, problems = parse_request(Request("web", destination))
    assert parsed is None
    assert "is no name that can be looked up" in problems[0].title
    assert "dots" in problems[0].fix
