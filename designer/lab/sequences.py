"""The rules that the kernel hit beside those of the trace: hook by hook, table by table, position by position.

The trace shows every hook where a rule has an effect. The kernel may pass others; there it may jump and return, but no
rule may decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.engine.netfilter.program import BUILT_IN
from designer.engine.trace.ground import Ground
from designer.lab.compare import Observed, fits
from designer.lab.plan import node_space
from designer.lab.policies import TABLE
from designer.lab.prediction import Segment, Way
from designer.lab.probes import Probe
from designer.model.verified import VerifiedStatus

POLICY_TABLE = TABLE.partition(" ")[2]
DECIDING = ("accept", "drop", "other")


@dataclass(frozen=True, slots=True)
class KernelSegment:
    """What the kernel hit at one hook of a Node; `decided` says that a rule there ended the walk of its chain."""

    node: str
    hook: str
    hits: tuple[tuple[str, str, int], ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class SequenceRow:
    """One traced connection: both sequences as lines, and whether they are equal."""

    source: str
    destination: str
    status: VerifiedStatus
    predicted: tuple[str, ...]
    observed: tuple[str, ...]
    why: str = ""


def kernel_segments(
    ground: Ground, node: str, family: int, events: Sequence[Sequence[Any]]
) -> tuple[KernelSegment, ...]:
    """The events of a Node by hook, in their order; consecutive tables of one hook are one segment."""
    bases = _bases(ground, node, family)
    found: list[tuple[str, list[tuple[str, str, int]], bool]] = []
    for _, table, chain, place, verdict in events:
        if table == POLICY_TABLE:
            continue
        hook = bases.get((str(table), str(chain)))
        if hook is not None and (not found or found[-1][0] != hook):
            found.append((hook, [], False))
        if not found:
            continue
        name, hits, decided = found[-1]
        hits.append((str(table), str(chain), int(place)))
        found[-1] = (name, hits, decided or verdict in DECIDING)
    return tuple(KernelSegment(node, hook, tuple(hits), decided) for hook, hits, decided in found)


def _bases(ground: Ground, node: str, family: int) -> dict[tuple[str, str], str]:
    """The hook of each base chain, by table and chain."""
    found = {(table, chain): chain.lower() for table, chains in BUILT_IN.items() for chain in chains}
    nft = ground.rules(node, 6 if family == 6 else 4).nftables
    if nft is not None:
        for hook in ("prerouting", "input", "forward", "output", "postrouting"):
            for base in nft.table.base_chains(hook):
                found[(nft.table.name, base.name)] = hook
    return found


def compare_sequence(
    ground: Ground, probe: Probe, end: Observed, seen: Mapping[str, Sequence[Sequence[Any]]]
) -> SequenceRow:
    """The kernel's rules of one connection beside those of the ways that end like it."""
    ways = [way for way in probe.prediction.ways if fits(ground, probe, end, way.end)]
    nodes = {node_space(name): name for name in ground.control.nodes}
    segments = tuple(
        segment
        for space, events in seen.items()
        if space in nodes
        for segment in kernel_segments(ground, nodes[space], probe.family, events)
    )
    shown = tuple(_line(segment) for segment in segments)
    if not ways:
        told = tuple(_line(segment) for way in probe.prediction.ways for segment in way.segments)
        return SequenceRow(
            probe.source, probe.destination, "different", told, shown, f"It ended otherwise: {end.text}."
        )
    reasons = [_differs(way, segments) for way in ways]
    best = min(range(len(ways)), key=lambda place: bool(reasons[place]))
    told = tuple(_line(segment) for segment in ways[best].segments if segment.hits)
    status: VerifiedStatus = "different" if reasons[best] else "confirmed"
    return SequenceRow(probe.source, probe.destination, status, told, shown, reasons[best])


def _differs(way: Way, segments: tuple[KernelSegment, ...]) -> str:
    """What differs between a predicted way and the kernel's segments, "" where nothing does."""
    left = list(segments)
    for wanted in way.segments:
        if not wanted.hits:
            continue
        place = next((i for i, one in enumerate(left) if (one.node, one.hook) == (wanted.node, wanted.hook)), None)
        if place is None:
            return f"The kernel hit no rule at {wanted.hook} of {wanted.node}."
        if left[place].hits != wanted.hits:
            return f"At {wanted.hook} of {wanted.node} the kernel hit other rules."
        del left[place]
    if way.end.kind == "unreachable":
        # The trace ends where a route is missing; a Node with a default route sends such a packet out by that one.
        return ""
    decided = next((one for one in left if one.decided), None)
    return "" if decided is None else f"At {decided.hook} of {decided.node} a rule of the kernel decided, unpredicted."


def _line(segment: Segment | KernelSegment) -> str:
    hits = ", ".join(f"{table} {chain} {place + 1}" for table, chain, place in segment.hits)
    return f"{segment.node} {segment.hook}: {hits}"
