"""A comparison of two states as rows and as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from designer.engine.comparison import Comparison, Difference
from designer.model import VERDICTS
from designer.present.words import count_text, verdict_text

# Heading → which differences stand below it, in the order of a reader's questions.
HEADINGS: dict[str, Callable[[Difference], bool]] = {
    "Cluster": lambda each: each.topic == "cluster",
    "Verdict": lambda each: each.topic == "request" and each.aspect == "verdict",
    "Path": lambda each: each.topic == "request" and each.aspect != "verdict",
    "By design": lambda each: each.topic == "mode",
    "Policy": lambda each: each.topic == "policy",
    "Address": lambda each: each.topic == "address",
}
# What differs alike for many requests or pairs is told once, from this many on.
ALIKE = 3
GATHERED = ("Path", "Policy")
# How the matrix of policies names everybody outside, and the kind behind a workload's name.
_EVERYBODY = {
    "0.0.0.0-255.255.255.255": "any IPv4 address",
    "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": "any IPv6 address",
}
_KIND = re.compile(r"\[[A-Za-z]+\]")
ComparisonRow = tuple[str, str, str, str, str, str]


def comparison_rows(found: Comparison) -> tuple[ComparisonRow, ...]:
    """One row a difference: heading, subject, aspect, before, after, object id ("" for none); by heading.

    Paths and policies that differ in the very same way stand in one row together.
    """
    rows: list[ComparisonRow] = []
    for heading, belongs in HEADINGS.items():
        chosen = [each for each in found.differences if belongs(each)]
        rows += _gathered(heading, chosen) if heading in GATHERED else [_row(heading, each) for each in chosen]
    return tuple(rows)


def _row(heading: str, each: Difference) -> ComparisonRow:
    before, after = (_words(text, heading == "Verdict") for text in (each.before, each.after))
    return heading, _plain(each.subject), each.aspect, before, after, each.object


def _words(value: str, verdict: bool) -> str:
    return verdict_text(value) if verdict and value in VERDICTS else VERDICTS.get(value, value)


def _plain(subject: str) -> str:
    ends = [_EVERYBODY.get(end, _KIND.sub("", end)) for end in subject.split(" → ")]
    return " → ".join(ends)


def _gathered(heading: str, chosen: list[Difference]) -> list[ComparisonRow]:
    """Rows of differences, those alike in one: policies of one sender, paths of whatever request."""
    groups: dict[tuple[str, str, str, str], list[Difference]] = {}
    for each in chosen:
        sender = _plain(each.subject).partition(" → ")[0] if heading == "Policy" else ""
        groups.setdefault((sender, each.aspect, each.before, each.after), []).append(each)
    rows: list[ComparisonRow] = []
    for (sender, aspect, before, after), alike in groups.items():
        if len(alike) < ALIKE:
            rows += [_row(heading, each) for each in alike]
            continue
        names = [_plain(each.subject) for each in alike]
        if sender:
            names = [name.partition(" → ")[2] or name for name in names]
        count = count_text(len(alike), "workload" if sender else "request")
        subject = f"{sender} → {count}: {', '.join(names)}" if sender else f"{count}: {', '.join(names)}"
        rows.append((heading, subject, aspect, before, after, ""))
    return rows


def heading_counts(found: Comparison) -> dict[str, int]:
    """How many differences stand below each heading that has any, in their order."""
    counts = {heading: sum(map(belongs, found.differences)) for heading, belongs in HEADINGS.items()}
    return {heading: count for heading, count in counts.items() if count}


def comparison_summary(found: Comparison) -> str:
    """``7 of 24 requests end otherwise; 9 more go another way; 2 settings, 9 addresses and 4 pairs … differ.``"""
    if not found.differences:
        return f"Nothing differs; {count_text(found.asked, 'request')} asked on both sides."
    requests = found.of("request")
    ended = {each.subject for each in requests if each.aspect == "verdict"}
    moved = {each.subject for each in requests} - ended
    asked = count_text(found.asked, "request")
    ends = f"{len(ended)} of {asked} {'ends' if len(ended) == 1 else 'end'} otherwise" if ended else ""
    others = (
        f"{len(moved)} {'more ' if ended else ''}{'goes' if len(moved) == 1 else 'go'} another way" if moved else ""
    )
    parts = [ends or f"{asked} {'ends' if found.asked == 1 else 'end'} as before", others, *_sizes(found)]
    return f"{'; '.join(part for part in parts if part)}."


def _sizes(found: Comparison) -> list[str]:
    """How much else differs, what does not differ left out."""
    counted = (
        (len(found.of("cluster")), "setting", "settings"),
        (len(found.of("address")), "address", "addresses"),
        (len(found.of("policy")), "pair of who may call whom", "pairs of who may call whom"),
    )
    words = [count_text(count, one, several) for count, one, several in counted if count]
    differ = "differs" if sum(count for count, _, _ in counted) == 1 else "differ"
    listed = f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
    designed = len(found.of("mode"))
    by_design = f"{count_text(designed, 'rule')} for Services {'differs' if designed == 1 else 'differ'} by design"
    return [f"{listed} {differ}" if words else "", by_design if designed else ""]


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
