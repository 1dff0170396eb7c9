"""Ways laid beside each other step by step, and where two of them part: a failing request beside one that works.

Pure alignment of hop lists (global alignment by dynamic programming, Needleman and Wunsch 1970, without gap costs): a
step stands beside the step of the other way that does the same job, at the same place where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from designer.engine.trace.hops import RELAYS, Hop, Path

# What two steps beside each other differ in, the gravest first. Places and packets differ wherever two requests have
# other ends: they alone do not make two ways part.
Aspect = Literal["missing", "outcome", "decided", "place", "packet"]
PARTING: Final[tuple[Aspect, ...]] = ("missing", "outcome", "decided")

_SAME_PLACE, _SAME_JOB = 5, 3
# Steps that only carry a packet on: which device does so follows from the ends, and decides nothing.
_CARRYING = frozenset(("send", "interface", "encapsulate", "decapsulate", "wire", "route", "conntrack"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the lockstep: for each way the index of its hop, None where it has none beside the others."""

    hops: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Lockstep:
    """Two ways in lockstep. `aspects[i]` is what differs in `rows[i]`, the gravest first; () where nothing does.

    `first` is the first row in which the ways part (None: they never do), `deciding` the row that makes their verdicts
    differ (None where they end alike): where the outcomes differ, or where the way that fails has its last step.
    """

    left: Path
    right: Path
    rows: tuple[Row, ...]
    aspects: tuple[tuple[Aspect, ...], ...]
    first: int | None
    deciding: int | None

    def hops_at(self, row: int) -> tuple[Hop | None, Hop | None]:
        """The hops of both ways in a row."""
        left, right = self.rows[row].hops
        return (
            None if left is None else self.left.hops[left],
            None if right is None else self.right.hops[right],
        )


def side_by_side(paths: Sequence[Path]) -> tuple[Row, ...]:
    """The rows of any number of ways laid beside each other; each way's hops stand in their own order."""
    if not paths:
        return ()
    rows = [Row((at,)) for at in range(len(paths[0].hops))]
    for count, path in enumerate(paths[1:], start=1):
        rows = _with(rows, paths[:count], path)
    return tuple(rows)


def lockstep(left: Path, right: Path) -> Lockstep:
    """Two ways in lockstep, with what differs in each row and where they part."""
    rows = side_by_side((left, right))
    pairs = [_pair(row, left, right) for row in rows]
    aspects = tuple(_aspects(one, other) for one, other in pairs)
    first = next((at for at, found in enumerate(aspects) if any(each in PARTING for each in found)), None)
    deciding = _deciding(rows, aspects, left, right) if left.verdict != right.verdict else None
    return Lockstep(left, right, rows, aspects, first, deciding)


def _pair(row: Row, left: Path, right: Path) -> tuple[Hop | None, Hop | None]:
    one, other = row.hops
    return (None if one is None else left.hops[one], None if other is None else right.hops[other])


def _aspects(one: Hop | None, other: Hop | None) -> tuple[Aspect, ...]:
    if one is None or other is None:
        return ("missing",)
    found: list[Aspect] = []
    if one.outcome != other.outcome:
        found.append("outcome")
    if one.kind not in _CARRYING and _decision(one) != _decision(other):
        found.append("decided")
    if (one.place, one.at, one.toward) != (other.place, other.at, other.toward):
        found.append("place")
    if (one.before, one.after) != (other.before, other.after):
        found.append("packet")
    return tuple(found)


def _decision(hop: Hop) -> tuple[tuple[str, str], ...]:
    # The same rule on another node is the same decision.
    return tuple(("" if found.object.startswith("Node:") else found.object, found.text) for found in hop.decided_by)


def _deciding(rows: Sequence[Row], aspects: Sequence[tuple[Aspect, ...]], left: Path, right: Path) -> int | None:
    """The row of the last step of the way that fails first; of two failures that of the shorter one."""
    ends = []
    for side, path in enumerate((left, right)):
        if path.verdict != "delivered" and path.hops:
            ends.append(next(at for at, row in enumerate(rows) if row.hops[side] == len(path.hops) - 1))
    if not ends:
        return None
    end = min(ends)
    # A step before the end whose outcome differs has decided already: a name that was not found, a port not open.
    told = [at for at in range(end + 1) if "outcome" in aspects[at] and _fails(rows[at], left, right)]
    return told[0] if told else end


# Outcomes that stop a packet, as the hops word them.
FIRST_ERROR = 400  # the first HTTP status that is an error
_STOPPING = frozenset(("denied", "rejected", "dropped", "refused", "cannot tell", "name not found", "no answer"))


def _fails(row: Row, left: Path, right: Path) -> bool:
    return any(hop is not None and _stops(hop) for hop in _pair(row, left, right))


def _stops(hop: Hop) -> bool:
    """Whether the request goes no further from this hop: also where a relay answers it with an error itself."""
    code = hop.outcome.removeprefix("gRPC status ")
    refused = hop.kind in RELAYS and code.isdigit() and (code != hop.outcome or int(code) >= FIRST_ERROR)
    return hop.outcome in _STOPPING or refused


def _with(rows: Sequence[Row], before: Sequence[Path], path: Path) -> list[Row]:
    """The rows with one more way beside them."""
    worth = [[_row_score(row, before, hop) for hop in path.hops] for row in rows]
    best = _table(worth, len(rows), len(path.hops))
    empty: tuple[int | None, ...] = (None,) * len(before)
    found: list[Row] = []
    at, hop = 0, 0
    while at < len(rows) or hop < len(path.hops):
        if (
            at < len(rows)
            and hop < len(path.hops)
            and worth[at][hop]
            and (best[at][hop] == worth[at][hop] + best[at + 1][hop + 1])
        ):
            found.append(Row((*rows[at].hops, hop)))
            at, hop = at + 1, hop + 1
        elif at < len(rows) and best[at][hop] == best[at + 1][hop]:
            found.append(Row((*rows[at].hops, None)))
            at += 1
        else:
            found.append(Row((*empty, hop)))
            hop += 1
    return found


def _table(worth: list[list[int]], rows: int, hops: int) -> list[list[int]]:
    """For each place the best score of what is left from there on."""
    best = [[0] * (hops + 1) for _ in range(rows + 1)]
    for at in range(rows - 1, -1, -1):
        for hop in range(hops - 1, -1, -1):
            skipped = max(best[at + 1][hop], best[at][hop + 1])
            both = worth[at][hop] + best[at + 1][hop + 1] if worth[at][hop] else 0
            best[at][hop] = max(skipped, both)
    return best


def _row_score(row: Row, paths: Sequence[Path], hop: Hop) -> int:
    return max(_score(paths[way].hops[at], hop) for way, at in enumerate(row.hops) if at is not None)


def _score(one: Hop, other: Hop) -> int:
    """How well two steps stand beside each other; 0 where they do not do the same job."""
    if (one.direction, one.kind, _stage(one)) != (other.direction, other.kind, _stage(other)):
        return 0
    return _SAME_PLACE if one.at == other.at else _SAME_JOB


def _stage(hop: Hop) -> str:
    """The job that a step does among those of its kind: the hook of a node, the direction of a policy."""
    if hop.kind in ("rules", "policy", "conntrack"):
        return hop.place.partition(" · ")[2].partition(" ")[0]
    if hop.kind == "interface":
        return "out" if hop.at.startswith("Pod:") else "in"
    return ""
