"""What of the question who can reach whom cannot be told, with the reason: as text, table and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from designer.engine.reach import Explanation
from designer.present.connectivity_why import cell, ports_value


def undecided_reason(one: Explanation) -> str:
    """Why it cannot be told, with the direction of each end that leaves it open."""
    ends = (("egress", one.egress), ("ingress", one.ingress))
    return "; ".join(f"{title}: {end.reason.removesuffix('.')}" for title, end in ends if end.verdict == "cannot-tell")


def undecided_text(unsure: Iterator[Explanation]) -> Iterator[str]:
    """A part of its own: one line a pair with the ports and the reason; nothing where everything is told."""
    for number, one in enumerate(unsure):
        if not number:
            yield "\nCannot tell:\n"
        yield f"{one.src} => {one.dst} : {one.ports.text()} ({undecided_reason(one)})\n"


def undecided_markdown(unsure: Iterator[Explanation]) -> Iterator[str]:
    """A table under a heading of its own; nothing where everything is told."""
    for number, one in enumerate(unsure):
        if not number:
            yield "\n## Cannot tell\n\n| source | destination | ports | why |\n|---|---|---|---|\n"
        yield f"| {cell(one.src)} | {cell(one.dst)} | {one.ports.text()} | {cell(undecided_reason(one))} |\n"


def undecided_json(one: Explanation) -> dict[str, Any]:
    """``{"src", "dst", "ports", "reason", "policies"}``; the policies are those that leave it open."""
    ends = [end for end in (one.egress, one.ingress) if end.verdict == "cannot-tell"]
    return {
        "src": one.src,
        "dst": one.dst,
        "ports": ports_value(one.ports),
        "reason": undecided_reason(one),
        "policies": list(dict.fromkeys(policy for end in ends for policy in end.policies)),
    }
