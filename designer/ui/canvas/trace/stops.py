"""Which drawn things a packet visits, and which hops happen there or on the way: from hops, without any geometry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from designer.engine.trace.hops import Direction, Hop

# The id of the drawn thing that stands for an object, None where this view does not show it.
FindStation = Callable[[str], str | None]

CROSSINGS = frozenset({"interface", "wire"})
BALANCER = "LoadBalancer:"


@dataclass(slots=True)
class Visit:
    """A stay at one drawn thing: the indices of the hops that happen there (none where a line only turns there)."""

    station: str
    direction: Direction
    hops: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Journey:
    """Visits in order; `between[i]` are the hops on the way from visit i to visit i + 1."""

    visits: list[Visit] = field(default_factory=list)
    between: list[list[int]] = field(default_factory=list)


def journey_of(hops: Sequence[Hop], find: FindStation) -> Journey:
    """The visits of a packet. Every hop is at a visit or between two, unless nothing of the trace is drawn at all."""
    walk = _Walk(find)
    for index, hop in enumerate(hops):
        walk.take(index, hop, last=index == len(hops) - 1)
    return walk.finish()


class _Walk:
    """Takes hops one by one; `pending` are those since the last visit whose place is not known yet."""

    def __init__(self, find: FindStation) -> None:
        self._find = find
        self._journey = Journey()
        self._pending: list[int] = []
        self._ahead: str | None = None
        # What decided about the last hop without a place: where a line can end in a view without Nodes.
        self._behind: tuple[str, ...] = ()
        self._direction: Direction = "request"

    @property
    def _here(self) -> str | None:
        return self._journey.visits[-1].station if self._journey.visits else None

    def take(self, index: int, hop: Hop, *, last: bool) -> None:
        """Nothing; puts a hop where it belongs."""
        self._direction = hop.direction
        if hop.kind in CROSSINGS and hop.toward:
            self._cross(index, hop)
            return
        place = self._place_of(hop, last=last)
        if place is None:
            self._pending.append(index)
            self._behind = _deciding(hop)
            return
        self._reach(place)
        self._journey.visits[-1].hops.append(index)

    def _cross(self, index: int, hop: Hop) -> None:
        start, end = self._find(hop.at), self._find(hop.toward)
        here = self._here
        # Behind a load balancer the packet comes from there, whoever sent it.
        from_balancer = here is not None and here.startswith(BALANCER)
        if start is not None and start != here and not from_balancer and start != end:
            self._reach(start)
        self._pending.append(index)
        self._ahead = end

    def _place_of(self, hop: Hop, *, last: bool) -> str | None:
        if hop.kind == "policy" and hop.node:
            return self._checkpoint(hop, last=last)
        if hop.kind == "loadbalancer":
            return self._find(BALANCER + hop.at.partition(":")[2]) or self._find(hop.at)
        return self._find(hop.at)

    def _checkpoint(self, hop: Hop, *, last: bool) -> str | None:
        """A policy is enforced on the Node; where it stops the packet before its Pod, the line ends at that Pod."""
        pod = self._find(hop.at)
        came_from = {visit.station for visit in self._journey.visits}
        if last and pod is not None and pod not in came_from:
            return pod
        return self._find(f"Node:{hop.node}")

    def _reach(self, place: str) -> None:
        """Nothing; the packet is at `place` now; pending hops lie on the way, or here where there was none."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead not in (place, self._here):
            self._open(ahead)
        if place != self._here:
            self._open(place)
        elif self._pending:
            self._journey.visits[-1].hops += self._pending
            self._pending = []

    def _open(self, place: str) -> None:
        if self._journey.visits:
            self._journey.between.append(self._pending)
            self._journey.visits.append(Visit(place, self._direction))
        else:
            self._journey.visits.append(Visit(place, self._direction, self._pending))
        self._pending = []

    def finish(self) -> Journey:
        """The journey; what is still pending lies on the way to where the packet was going, or to what stopped it."""
        if self._ahead is not None and self._ahead != self._here:
            self._open(self._ahead)
        decided = [place for oid in self._behind if (place := self._find(oid)) is not None and place != self._here]
        if self._pending and self._journey.visits and decided:
            self._open(decided[0])
        if self._pending and self._journey.visits:
            self._journey.visits[-1].hops += self._pending
        return self._journey


def _deciding(hop: Hop) -> tuple[str, ...]:
    """Ids of what decided at a hop, that which a person made first; the tables of a Node are none of it."""
    return tuple(found.object for found in hop.decided_by if found.object and not found.object.startswith("Node:"))
