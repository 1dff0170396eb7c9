"""Answers of Gateways and Ingress controllers in words: each kind of answer, shares, conditions that need attention."""

from fractions import Fraction

import pytest

from designer.engine.l7.gateway import Condition, GatewayTable
from designer.engine.l7.outcome import Answer, Forwarded, Mirrored, cannot_tell
from designer.present.route_rows import answer_json, condition_text, is_bad, number, outcome, routes_text

THIRDS = {"a/b": Fraction(1, 3), "a/c": Fraction(2, 3)}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404, "x"), "404"),
        (Answer(0, "x"), "no HTTP answer"),
        (cannot_tell("x"), "cannot tell"),
        (Answer(302, "x", redirect="http://y/"), "302 to http://y/"),
        (Answer(200, "x", backend="a/b", backends={"a/b": Fraction(1)}, endpoints=1), "200 from a/b (1 endpoint)"),
        (Answer(200, "x", backend="a/c", backends=THIRDS, endpoints=2), "200 from a/b (1/3), a/c (2/3) (2 endpoints)"),
        (Answer(0, "x", backend="a/b", backends={"a/b": Fraction(1)}, endpoints=1), "connected to a/b (1 endpoint)"),
        (Answer(200, "x", grpc=12), "200, gRPC status 12"),
    ],
)
def test_an_answer_in_a_few_words(answer: Answer, words: str) -> None:
    assert outcome(answer) == words


def test_what_filters_change_stands_below() -> None:
    answer = Answer(
        200, "because", forwarded=Forwarded("GET", "http://x/y", {"A": "1"}), response_headers={"B": "2"},
        mirrors=(Mirrored("a/m", Fraction(5, 2)),), by_backend={"a/b": Forwarded("GET", "http://x/z", {})},
    )  # fmt: skip
    assert routes_text([("one", answer)], GatewayTable()).splitlines() == [
        "one: 200", "  because", "  goes on as GET http://x/y with A: 1", "  answers with B: 2",
        "  mirrored to a/m: 2.5 % of requests", "  to a/b: http://x/z",
    ]  # fmt: skip


def test_shares_are_numbers_and_nothing_is_null() -> None:
    found = answer_json(7, Answer(200, "x", backends={"a/b": Fraction(1, 4), "a/c": Fraction(3, 4)}))
    assert found["backends"] == {"a/b": 0.25, "a/c": 0.75}
    assert (found["backend"], found["route"], found["redirect"], found["forwarded"]) == (None,) * 4
    assert "grpcStatus" not in found, "that is no gRPC call"
    assert answer_json(7, Answer(200, "x", grpc=0))["grpcStatus"] == 0
    assert number(Fraction(1)) == 1 and isinstance(number(Fraction(1)), int)


@pytest.mark.parametrize(
    ("kind", "status", "bad"),
    [("Accepted", "True", False), ("Accepted", "False", True), ("Accepted", "Unknown", True),
     ("Conflicted", "True", True), ("Conflicted", "False", False), ("PartiallyInvalid", "True", True)],
)  # fmt: skip
def test_conditions_that_need_attention(kind: str, status: str, bad: bool) -> None:
    one = Condition("HTTPRoute a/b", kind, status, "Why", "http", "Gateway a/g", "words")
    assert is_bad(one) is bad
    assert condition_text(one) == f"HTTPRoute a/b, listener http, parent Gateway a/g: {kind} {status} (Why): words"
    table = GatewayTable(conditions=(one,))
    assert ("Conditions that need attention:" in routes_text([("x", Answer(404, "y"))], table)) is bad
