"""Every saved request asked, and its answer held against the verdict that is expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from designer.engine.compile import ClusterState
from designer.engine.reporter import SILENT, Reporter
from designer.engine.trace.ask import ask, scenario_request
from designer.engine.trace.hops import TraceResult
from designer.model import Problem, Scenario, scenarios_in_order

Standing = Literal["as expected", "not as expected", "nothing expected", "not understood"]


@dataclass(frozen=True, slots=True)
class Answered:
    """A saved request with its answer; `result` is None, and `problems` say why, where it was not understood."""

    scenario: Scenario
    result: TraceResult | None
    problems: tuple[Problem, ...]
    standing: Standing

    @property
    def good(self) -> bool:
        """Whether it is as it should be; a request without expectation is, when it is understood."""
        return self.standing in ("as expected", "nothing expected")


def answer_scenario(state: ClusterState, scenario: Scenario) -> Answered:
    """One saved request with its answer. A verdict that holds on some ways only is not the expected one."""
    result, problems = ask(state, scenario_request(scenario))
    if result is None:
        return Answered(scenario, None, problems, "not understood")
    if scenario.expect is None:
        return Answered(scenario, result, problems, "nothing expected")
    met = result.verdict == scenario.expect and not result.mixed
    return Answered(scenario, result, problems, "as expected" if met else "not as expected")


def answer_scenarios(
    state: ClusterState, saved: Mapping[str, Scenario] | None = None, reporter: Reporter = SILENT
) -> tuple[Answered, ...]:
    """All saved requests with their answers, in their order.

    `saved` are those of the project where it has changed since the state was compiled; by default those of the state.
    """
    scenarios = scenarios_in_order(state.project.scenarios if saved is None else saved)
    found = []
    for done, scenario in enumerate(scenarios):
        reporter.step("Saved requests", done, len(scenarios))
        found.append(answer_scenario(state, scenario))
    return tuple(found)
