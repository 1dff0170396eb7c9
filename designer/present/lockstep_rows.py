"""Two requests in lockstep as rows and words: what each does at a step, where they part, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from designer.engine.trace.hops import HOP_KINDS, Hop
from designer.engine.trace.lockstep import PARTING, Aspect, Lockstep
from designer.model import VERDICTS
from designer.present.trace_rows import decided_text

# What stands beside a row: a sign and words, so that nothing is told by colour alone.
FIRST: Final = "≠ first difference"
DECIDING: Final = "✕ decides"
MARKS: Final[dict[Aspect, str]] = {
    "missing": "≠ only here",
    "outcome": "≠ outcome",
    "decided": "≠ decided by",
    "place": "other place",
    "packet": "other addresses",
}


@dataclass(frozen=True, slots=True)
class LockstepRow:
    """A row for the eye: the layer, the mark, and for each side number, place and what happened ("" for no step)."""

    layer: str
    mark: str
    left: str
    right: str
    left_hop: int | None
    right_hop: int | None
    parts: bool


def lockstep_rows(found: Lockstep) -> tuple[LockstepRow, ...]:
    """All rows of two ways in lockstep."""
    rows = []
    for at, row in enumerate(found.rows):
        one, other = found.hops_at(at)
        either = one or other
        assert either is not None  # a row has at least one hop
        left, right = row.hops
        rows.append(
            LockstepRow(
                HOP_KINDS[either.kind], mark_text(found, at), step_text(one, left), step_text(other, right),
                left, right,
                any(each in PARTING for each in found.aspects[at]),
            )
        )  # fmt: skip
    return tuple(rows)


def step_text(hop: Hop | None, index: int | None) -> str:
    """A step in one line: its number, its place, what happened and what came of it; "" for none."""
    if hop is None or index is None:
        return ""
    outcome = f": {hop.outcome}" if hop.outcome else ""
    return f"{index + 1}  {hop.place}{outcome}"


def mark_text(found: Lockstep, row: int) -> str:
    """What stands beside a row: where the ways part first, what decides, else the gravest difference; "" for none."""
    aspects = found.aspects[row]
    if row == found.deciding:
        return f"{FIRST}, {DECIDING}" if row == found.first else DECIDING
    if row == found.first:
        return FIRST
    return MARKS[aspects[0]] if aspects else ""


def lockstep_text(found: Lockstep, left: str, right: str) -> tuple[str, ...]:
    """Where the two part and why, as sentences; `left` and `right` name the requests."""
    ends = _ends(found, left, right)
    if found.first is None:
        return (ends, f"Step by step both do the same ({len(found.rows)} steps).")
    sentences = [ends, _first(found, left, right)]
    if found.deciding is not None and found.deciding != found.first:
        sentences.append(f"What decides is later. {_at(found, found.deciding, left, right)}")
    return tuple(sentences)


def _ends(found: Lockstep, left: str, right: str) -> str:
    one, other = VERDICTS[found.left.verdict], VERDICTS[found.right.verdict]
    if one == other:
        return f"Both end alike: {one}."
    return f"{left} ends with “{one}”, {right} with “{other}”."


def _first(found: Lockstep, left: str, right: str) -> str:
    row = found.first or 0
    before = f"Up to row {row} both are treated alike." if row else ""
    return f"{before} {_at(found, row, left, right)}".strip()


def _at(found: Lockstep, row: int, left: str, right: str) -> str:
    one, other = found.hops_at(row)
    if one is None or other is None:
        there = one or other
        assert there is not None
        who, whom = (left, right) if one is not None else (right, left)
        if _is_over(found, row, 0 if one is None else 1):
            return f"{whom} has ended there; {who} goes on: {_done(there)}."
        return f"Only {who} has this step: {_done(there)}.{_why(there)}"
    return f"{left}: {_done(one)}.{_why(one)} {right}: {_done(other)}.{_why(other)}"


def _is_over(found: Lockstep, row: int, side: int) -> bool:
    return all(later.hops[side] is None for later in found.rows[row:])


def _done(hop: Hop) -> str:
    decided = decided_text(hop)
    by = f", decided by {decided}" if decided != "–" else ""
    return f"{hop.place}{f' — {hop.outcome}' if hop.outcome else f' — {hop.what}'}{by}"


def _why(hop: Hop) -> str:
    return f" {hop.reason}" if hop.reason and hop.outcome in ("denied", "rejected", "dropped", "refused") else ""
