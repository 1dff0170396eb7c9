"""Predict before play: what a guess was worth. The answers are known from the sample's policies."""

from __future__ import annotations

import pytest

from designer.engine.trace.hops import Request
from designer.present.prediction_text import Guess, Mark, judge
from tests.present.shop import answer, state_of

DENIED = Request("Deployment:shop/frontend", "db:5432")
NODE_PORT = Request("ExternalClient:client", "http://192.168.10.12:30080")


@pytest.mark.parametrize(
    ("request_", "guess", "mark"),
    [
        (DENIED, Guess("denied"), "right"),
        (DENIED, Guess("delivered"), "wrong"),
        # Egress is enforced on the sender's Node, at its Pod; the policy that decided is right too.
        (DENIED, Guess("denied", "Node:node-1"), "right"),
        (DENIED, Guess("", "Pod:shop/frontend-7dgh8mlph2-f4rwv"), "right"),
        (DENIED, Guess("", "Deployment:shop/frontend"), "right"),
        (DENIED, Guess("", "NetworkPolicy:shop/frontend"), "right"),
        (DENIED, Guess("", "StatefulSet:shop/db"), "wrong"),
        (DENIED, Guess("denied", "StatefulSet:shop/db"), "partly"),
        (DENIED, Guess("delivered", "Node:node-1"), "partly"),
        # Two Pods answer, each half of the requests.
        (NODE_PORT, Guess("delivered", "Deployment:shop/frontend"), "right"),
        (NODE_PORT, Guess("delivered", "Pod:shop/frontend-7dgh8mlph2-lqcnd"), "partly"),
        (NODE_PORT, Guess("", "Service:shop/frontend"), "wrong"),
        (NODE_PORT, Guess("", "Node:node-2"), "wrong"),  # it arrives in a Pod, not merely on the Node
        (NODE_PORT, Guess("cannot-tell"), "wrong"),
    ],
)
def test_what_a_guess_is_worth(request_: Request, guess: Guess, mark: Mark) -> None:
    assert judge(guess, answer(request_), state_of()).mark == mark


def test_the_deciding_rule_is_told_whatever_was_guessed() -> None:
    for verdict in ("denied", "delivered"):
        text = judge(Guess(verdict), answer(DENIED), state_of()).text()
        assert "no rule matches" in text and "shop/default-deny (policies.yaml:2)" in text
    assert (
        judge(Guess("denied"), answer(DENIED), state_of())
        .text()
        .startswith("✓ Right. It is denied by policy, as you said.")
    )
    wrong = judge(Guess("delivered"), answer(DENIED), state_of())
    assert wrong.sentences[0] == "You said delivered; it is denied by policy."


def test_shares_are_exact() -> None:
    told = judge(Guess("", "Pod:shop/frontend-7dgh8mlph2-lqcnd"), answer(NODE_PORT), state_of())
    assert "1/2 (50.0 %) of the requests end there" in told.sentences[0]


def test_a_service_is_told_as_no_end() -> None:
    told = judge(Guess("", "Service:shop/frontend"), answer(NODE_PORT), state_of())
    assert "No packet ends at a Service" in told.sentences[0]
