"""Names that no DNS query can carry: RFC 1035 sections 2.3.4 and 3.1."""

import pytest

from designer.engine.trace.lookup import unsendable


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
