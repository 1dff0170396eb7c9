"""Saved requests with their answers as rows, text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from designer.engine.trace.expectations import Answered, Standing
from designer.model import VERDICTS
from designer.present.request_choices import source_text
from designer.present.words import count_text, verdict_text

# A sign before the words: green and red are never told by colour alone.
STANDING_SIGNS: Final[dict[Standing, str]] = {
    "as expected": "✓",
    "not as expected": "✕",
    "nothing expected": "–",
    "not understood": "⚠",
}


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One line: the name, who asks whom, what is expected, what came, whether that is as expected, and why."""

    name: str
    asked: str
    expected: str
    got: str
    standing: str
    why: str


def scenario_row(answered: Answered) -> ScenarioRow:
    """A saved request with its answer in words."""
    scenario, result = answered.scenario, answered.result
    asked = f"{source_text(scenario.source)} → {scenario.destination}"
    expected = verdict_text(scenario.expect) if scenario.expect else "nothing in particular"
    standing = f"{STANDING_SIGNS[answered.standing]} {answered.standing}"
    if result is None:
        why = " ".join(f"{problem.title}. {problem.fix}".strip() for problem in answered.problems)
        return ScenarioRow(scenario.name, asked, expected, "", standing, why)
    got = verdict_text(result.verdict) + (" (not on every way)" if result.mixed else "")
    return ScenarioRow(scenario.name, asked, expected, got, standing, result.reason)


def counts_text(answers: Sequence[Answered]) -> str:
    """How many of the saved requests are as expected: ``4 of 5 as expected, 1 not as expected``."""
    if not answers:
        return "No saved requests."
    counts = {standing: sum(each.standing == standing for each in answers) for standing in STANDING_SIGNS}
    words = [f"{count} {standing}" for standing, count in counts.items() if count and standing != "as expected"]
    first = f"{counts['as expected']} of {count_text(len(answers), 'saved request')} as expected"
    return ", ".join((first, *words)) + "."


def scenarios_text(answers: Sequence[Answered]) -> str:
    """All lines for a terminal: each request with its verdict, its reason where it is not as expected, and the sum."""
    lines = []
    for each in answers:
        row = scenario_row(each)
        lines.append(f"{STANDING_SIGNS[each.standing]} {row.name}: {row.got or 'not understood'}")
        lines.append(f"    {row.asked}")
        if not each.good:
            if each.scenario.expect:
                lines.append(f"    expected {row.expected}")
            lines.append(f"    {row.why}")
    return "\n".join((*lines, counts_text(answers)))


def scenarios_json(answers: Sequence[Answered]) -> dict[str, Any]:
    """The answers as a JSON value; see ``resources/schemas/scenarios.schema.json``."""
    return {
        "scenarios": [
            {
                "name": each.scenario.name,
                "source": each.scenario.source,
                "destination": each.scenario.destination,
                "expected": each.scenario.expect,
                "verdict": each.result.verdict if each.result is not None else None,
                "mixed": each.result.mixed if each.result is not None else False,
                "standing": each.standing,
                "reason": scenario_row(each).why,
            }
            for each in answers
        ],
        "good": all(each.good for each in answers),
    }


EXPECTATIONS: Final[tuple[tuple[str | None, str], ...]] = (
    (None, "Nothing in particular"),
    *((verdict, verdict_text(verdict)) for verdict in VERDICTS),
)
"""What may be expected of a request, with the words of the choice."""
