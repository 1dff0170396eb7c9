"""Saved requests held against what is expected of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import Request, expectations
from designer.engine.trace.ask import ask
from designer.engine.trace.expectations import answer_scenarios
from designer.model import FrozenMap, Scenario
from designer.present.scenario_rows import counts_text, scenario_row, scenarios_json, scenarios_text
from tests.present.shop import state_of


def state_with(*scenarios: Scenario) -> ClusterState:
    kept = FrozenMap({each.name: each for each in scenarios})
    return compile_project(replace(state_of().project, scenarios=kept))


# The shop's policies (resources/samples/src): the web tier may ask the logic, only the logic may ask the data.
GOOD = Scenario(name="a", source="Deployment:shop/api", destination="db:5432", expect="delivered")
BAD = Scenario(name="b", source="Deployment:shop/frontend", destination="db:5432", expect="delivered")
OPEN = Scenario(name="c", source="Deployment:shop/frontend", destination="db:5432")
LOST = Scenario(name="d", source="Deployment:shop/nobody", destination="db:5432", expect="delivered")


def test_each_is_held_against_its_own_expectation() -> None:
    answers = answer_scenarios(state_with(GOOD, BAD, OPEN, LOST))
    assert [each.standing for each in answers] == [
        "as expected", "not as expected", "nothing expected", "not understood",
    ]  # fmt: skip
    assert [each.good for each in answers] == [True, False, True, False]


def test_a_verdict_on_some_ways_only_is_not_as_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    state = state_with(GOOD)
    result, _ = ask(state, Request(GOOD.source, GOOD.destination))
    assert result is not None
    monkeypatch.setattr(expectations, "ask", lambda *_args: (replace(result, mixed=True), ()))
    (found,) = answer_scenarios(state)
    assert found.result is not None and found.result.verdict == GOOD.expect
    assert found.standing == "not as expected"
    assert scenario_row(found).got == "✓ delivered (not on every way)"


def test_they_come_in_the_order_of_the_project() -> None:
    answers = answer_scenarios(state_with(GOOD.replace(order=2), BAD.replace(order=1), OPEN.replace(order=3)))
    assert [each.scenario.name for each in answers] == ["b", "a", "c"]


def test_the_words_tell_what_was_expected_and_why_it_is_not_so() -> None:
    answers = answer_scenarios(state_with(GOOD, BAD, LOST))
    row = scenario_row(answers[1])
    assert (row.expected, row.got, row.standing) == ("✓ delivered", "✕ denied by policy", "✕ not as expected")
    assert "shop/default-deny" in row.why
    assert "The source Deployment:shop/nobody is not clear." in scenario_row(answers[2]).why
    assert counts_text(answers) == "1 of 3 saved requests as expected, 1 not as expected, 1 not understood."
    assert counts_text(()) == "No saved requests."
    text = scenarios_text(answers)
    assert "✓ a: ✓ delivered" in text and "    expected ✓ delivered\n" in text
    assert scenarios_json(answers)["good"] is False
