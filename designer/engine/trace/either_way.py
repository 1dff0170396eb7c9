"""Requests that are denied whatever an egress check says of which it cannot be told: the receiver's check decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from designer.engine.trace.flight import map_ends
from designer.engine.trace.hops import Trace


def either_way(found: Trace, let_out: Callable[[], Trace]) -> Trace:
    """The trace, followed on where it ends at a policy check that cannot be told and the packet is denied behind it.

    `let_out` gives the same trace with packets that go on behind such egress checks. A packet that is dropped at the
    first check or at the second one is denied by policy in both cases; everything else stays open.
    """
    return _settled(found, let_out()) if _is_open(found) else found


def _is_open(found: Trace) -> bool:
    """Whether some way ends at a policy check that cannot be told."""
    if found.branches:
        return any(_is_open(branch.trace) for branch in found.branches)
    return found.verdict == "cannot-tell" and bool(found.hops) and found.hops[-1].kind == "policy"


def _settled(found: Trace, let_out: Trace) -> Trace:
    if found.branches:
        if len(found.branches) != len(let_out.branches):
            return found
        both = zip(found.branches, let_out.branches, strict=True)
        return replace(
            found, branches=tuple(replace(one, trace=_settled(one.trace, other.trace)) for one, other in both)
        )
    if not _is_open(found) or any(path.verdict != "denied" for path in let_out.paths()):
        return found
    words = "Whether it is let out at all cannot be told, and changes nothing."
    return map_ends(let_out, lambda verdict, reason: (verdict, f"{reason} {words}"))
