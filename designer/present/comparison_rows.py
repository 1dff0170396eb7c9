"""A comparison of two states as rows and as text."""

from __future__ import annotations

from typing import Any

from designer.engine.comparison import Comparison, Difference
from designer.model import VERDICTS
from designer.present.words import count_text

# Topic → its heading, in the order of a reader's questions.
TOPICS = {
    "cluster": "Cluster",
    "request": "Request",
    "mode": "By design",
    "policy": "Policy",
    "address": "Address",
}
ComparisonRow = tuple[str, str, str, str, str, str]


def comparison_rows(found: Comparison) -> tuple[ComparisonRow, ...]:
    """One row a difference: topic, subject, aspect, before, after, object id ("" for none); by topic."""
    return tuple(_row(topic, each) for topic in TOPICS for each in found.differences if each.topic == topic)


def _row(topic: str, each: Difference) -> ComparisonRow:
    return TOPICS[topic], each.subject, each.aspect, _words(each.before), _words(each.after), each.object


def _words(value: str) -> str:
    return VERDICTS.get(value, value)


def comparison_summary(found: Comparison) -> str:
    """``7 of 24 requests answer otherwise; 2 settings, 9 addresses and 4 pairs of workloads differ.``"""
    if not found.differences:
        return f"Nothing differs; {count_text(found.asked, 'request')} asked on both sides."
    changed = len({each.subject for each in found.of("request")})
    counts = [
        count_text(len(found.of("cluster")), "setting"),
        count_text(len(found.of("address")), "address", "addresses"),
        count_text(len(found.of("policy")), "pair of who may call whom", "pairs of who may call whom"),
    ]
    asked = f"{changed} of {count_text(found.asked, 'request')} {'answers' if changed == 1 else 'answer'} otherwise"
    designed = len(found.of("mode"))
    more = f" {count_text(designed, 'more thing')} about Services differ by design." if designed else ""
    return f"{asked}; {', '.join(counts[:-1])} and {counts[-1]} differ.{more}"


def comparison_text(found: Comparison) -> str:
    """The whole comparison for a terminal: the summary, then each topic with its differences."""
    lines = [comparison_summary(found)]
    heading = ""
    for topic, subject, aspect, before, after, _ in comparison_rows(found):
        if topic != heading:
            heading = topic
            lines += ["", topic]
        what = aspect if topic == "Cluster" else f"{subject}: {aspect}"
        lines += [f"  {what}", f"    - {before or 'none'}", f"    + {after or 'none'}"]
    return "\n".join(lines)


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The comparison as a JSON value; see ``resources/schemas/compare.schema.json``."""
    return {
        "asked": found.asked,
        "differences": [
            {
                "topic": each.topic,
                "subject": each.subject,
                "aspect": each.aspect,
                "before": each.before,
                "after": each.after,
                "object": each.object,
            }
            for each in found.differences
        ],
    }
