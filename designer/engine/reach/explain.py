"""Why a pair may or may not talk: for each end the policies that allow or deny, for the ports where they say the same.

The same check is asked as for a trace, at one port of every interval that no rule of the two ends cuts; so what stands
here is the evidence of the matrix and never another opinion. What cannot be told is told apart, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from designer.engine.controlplane.state import PodState
from designer.engine.policy import Direction, Peer, PolicySet
from designer.engine.policy.families import pod_over
from designer.engine.policy.matrix import Connectivity, MatrixPeer
from designer.engine.policy.peers import Spots, Way, meeting, ways
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet
from designer.engine.reach.answer import INGRESS_CONTROLLER, Reach
from designer.engine.reach.asking import OPEN, Cuts, End, Parts, ask, end_of, over_families, rule_cuts

# A Pod or the first address of a range, with its column.
Side = tuple[PodState | str, int]
# Whether a connection passes, and what its two ends say.
Spoken = tuple[bool | None, End, End]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Ports of one pair about which both ends say the same; `allowed` is None where that cannot be told."""

    src: str
    dst: str
    ports: PortSet
    allowed: bool | None
    egress: End
    ingress: End


def explanations(found: Reach) -> Iterator[Explanation]:
    """Every pair that was asked for, what is allowed first, what cannot be told last; then Ingress controllers."""
    matrix = found.matrix
    why = _Why(found.policies, matrix)
    for s, src in enumerate(matrix.peers):
        for d, dst in enumerate(matrix.peers):
            if s != d and not (src.is_range and dst.is_range) and found.wants_pair(s, d):
                yield from why.pair(src, dst)
    yield from _of_ways(found)


def undecided(found: Reach) -> Iterator[Explanation]:
    """What cannot be told of the pairs that were asked for; nothing else."""
    matrix = found.matrix
    if not matrix.decided:
        why = _Why(found.policies, matrix)
        for s, src in enumerate(matrix.peers):
            for d in np.flatnonzero(matrix.undecided_numbers(src)).tolist():
                if found.wants_pair(s, d):
                    yield from (one for one in why.pair(src, matrix.peers[d]) if one.allowed is None)
    yield from (one for one in _of_ways(found) if one.allowed is None)


def _of_ways(found: Reach) -> Iterator[Explanation]:
    """What Ingress controllers do."""
    for way in found.ways:
        if found.wants_way(way):
            parts: dict[tuple[bool | None, End], PortSet] = {}
            for ports, verdict in way.verdicts:
                key = (verdict.passes, end_of(verdict))
                parts[key] = parts.get(key, NO_PORTS) | ports
            for (allowed, end), ports in sorted(parts.items(), key=lambda item: _ORDER.index(item[0][0])):
                yield Explanation(INGRESS_CONTROLLER, way.dst.text, ports, allowed, OPEN, end)


_ORDER = (True, False, None)


def _both(egress: End, ingress: End) -> bool | None:
    """Whether a connection passes both ends; None where that cannot be told."""
    said = (egress.verdict, ingress.verdict)
    if "deny" in said:
        return False
    return None if "cannot-tell" in said else True


class _Why:
    """Explains pairs; what a class says about a class is asked once."""

    def __init__(self, policies: PolicySet, matrix: Connectivity) -> None:
        self._policies = policies
        self._matrix = matrix
        self._parts: dict[tuple[Direction, int, int, bool], Parts] = {}

    def pair(self, src: MatrixPeer, dst: MatrixPeer) -> Iterator[Explanation]:
        """The explanations of one pair. Of workloads whose Pods differ, those Pods count that reach something."""
        said: dict[Spoken, PortSet] = {}
        first: dict[Spoken, Spoken] = {}
        asked: dict[Spoken, tuple[Side, Side]] = {}
        for out, into in self._meetings(src, dst):
            for ports, spoken in self._spoken(out, into):
                # Pods of a workload that say the same are one entry: the first one's words stand for all.
                key = first.setdefault((spoken[0], spoken[1].bare, spoken[2].bare), spoken)
                said[key] = said.get(key, NO_PORTS) | ports
                asked.setdefault(key, (out, into))
        opened = self._matrix.ports(src, dst)
        unclear = self._matrix.undecided(src, dst)
        # Where Pods of a workload differ, a port that one of them reaches is open: only the others are denied.
        taken = {True: NO_PORTS, False: opened | unclear, None: opened}
        for allowed in _ORDER:
            for spoken, ports in said.items():
                left = ports - taken[allowed]
                if spoken[0] is allowed and left:
                    egress, ingress = spoken[1:]
                    if allowed is None:
                        out, into = asked[spoken]
                        egress = self._worded("egress", egress, out, into, left)
                        ingress = self._worded("ingress", ingress, out, into, left)
                    yield Explanation(src.text, dst.text, left, allowed, egress, ingress)

    def _spoken(self, out: Side, into: Side) -> list[tuple[PortSet, Spoken]]:
        """What both ends say of the ports between two; where IP families differ, what comes of both."""
        views = [self._over_one(*view) for view in self._views(out, into)]
        if len(views) == 1:
            return views[0]
        return [(ports, _over_both(a, b)) for some, a in views[0] for more, b in views[1] if (ports := some & more)]

    def _over_one(self, out: Side, into: Side) -> list[tuple[PortSet, Spoken]]:
        return [
            (ports, (_both(egress, ingress), egress, ingress))
            for some, egress in self._said("egress", out, into)
            for more, ingress in self._said("ingress", into, out)
            if (ports := some & more)
        ]

    def _views(self, out: Side, into: Side) -> list[tuple[Side, Side]]:
        """The two ends over each IP family that they have in common, where blocks tell families apart."""
        split = self._matrix.columns.split
        parts = split.columns(out[1], into[1]) if split is not None else ()
        return [(_over(out, a, family), _over(into, b, family)) for family, a, b in parts] or [(out, into)]

    def _meetings(self, src: MatrixPeer, dst: MatrixPeer) -> Iterator[tuple[Side, Side]]:
        """Every way in which Pods of the two may stand to each other: classes, and the same Node or another one."""
        resident = self._matrix.columns.resident
        placed = src.host_network != dst.host_network and bool(src.spots) and bool(dst.spots)
        for s, (out, column) in enumerate(self._sides(src)):
            for d, (into, target) in enumerate(self._sides(dst)):
                if not placed or isinstance(out, str) or isinstance(into, str):
                    yield (out, column), (into, target)
                    continue
                here, there = src.spots[s], dst.spots[d]
                meet = meeting(here, there)
                if meet.apart:
                    for way, (a, b) in self._apart(column, here, there).items():
                        sent = self._matrix.columns.carried[column] if way else column
                        yield (replace(out, node=a), sent), (replace(into, node=b), target)
                if meet.same:
                    node = min(meet.same)
                    yield (
                        (replace(out, node=node), resident.get(column, column)),
                        (replace(into, node=node), resident.get(target, target)),
                    )

    def _apart(self, column: int, here: Spots, there: Spots) -> dict[Way, tuple[str | None, str | None]]:
        """The ways between Pods on different Nodes, with a pair of Nodes each; one where they make no difference."""
        found = ways(self._matrix.senders, here, there)
        return found if column in self._matrix.columns.carried else {False: next(iter(found.values()))}

    def _sides(self, peer: MatrixPeer) -> list[Side]:
        if peer.is_range:
            return [(peer.text.partition("-")[0], peer.columns[0])]
        return list(zip(peer.pods, peer.columns, strict=True))

    def _said(self, direction: Direction, subject: Side, other: Side) -> Parts:
        """What `subject` says of the ports of a connection with `other`; an address says nothing."""
        pod, column = subject
        if isinstance(pod, str):
            return ((ALL_PORTS, OPEN),)
        key = (direction, column, other[1], self._unsure(direction, pod, other))
        known = self._parts.get(key)
        if known is None:
            there = None if isinstance(other[0], str) else other[0]
            destination = pod if direction == "ingress" else there
            cuts = self._cuts(direction, pod, destination, column, other[1])
            known = self._parts[key] = ask(self._policies, direction, pod, _peer(other), cuts)
        return known

    def _unsure(self, direction: Direction, subject: PodState, other: Side) -> bool:
        """Whether it is not known with which address the other end's packets come."""
        if direction == "egress" or other[1] not in self._matrix.columns.carried or isinstance(other[0], str):
            return False
        a, b = other[0].node, subject.node
        return a is None or b is None or self._matrix.senders.way(a, b) is None

    def _worded(self, direction: Direction, end: End, out: Side, into: Side, ports: PortSet) -> End:
        """The end in the words of these very Pods and of the first of the ports, where it cannot be told."""
        if end.verdict != "cannot-tell":
            return end
        protocol, port, _ = next(iter(ports))
        found = []
        for left, right in self._views(out, into):
            subject, other = (left, right) if direction == "egress" else (right, left)
            if isinstance(subject[0], str):
                return end
            found.append(end_of(self._policies.check(direction, subject[0], _peer(other), protocol, port)))
        said = found[0] if len(found) == 1 else over_families(*found)
        return said if said.verdict == "cannot-tell" else end

    def _cuts(
        self, direction: Direction, subject: PodState, destination: PodState | None, column: int, target: int
    ) -> Cuts:
        """Those of the rules, and those of the matrix' own cell; none where nothing isolates."""
        matrix = self._matrix
        rows = matrix.egress if direction == "egress" else matrix.ingress
        row = int(rows.keys[column])
        if row == 0 and not self._policies.selecting(direction, subject):
            return {}
        targets = [target, *filter(None, (matrix.columns.carried.get(target),))]
        cells = [matrix.table[int(part[row, one])] for one in targets for part in (rows.sure, rows.maybe)]
        return rule_cuts(self._policies, direction, subject, destination, *cells)


def _over_both(four: Spoken, six: Spoken) -> Spoken:
    """What comes of both IP families. Where each is denied, an end that denies one of them is named as denying."""
    allowed = four[0] if four[0] is six[0] else None
    ends = [over_families(a, b) for a, b in zip(four[1:], six[1:], strict=True)]
    if allowed is False:
        said = [{a.verdict, b.verdict} for a, b in zip(four[1:], six[1:], strict=True)]
        ends = [replace(end, verdict="deny") if "deny" in both else end for end, both in zip(ends, said, strict=True)]
    return allowed, ends[0], ends[1]


def _over(side: Side, column: int, family: int) -> Side:
    return (side[0] if isinstance(side[0], str) else pod_over(side[0], family)), column


def _peer(side: Side) -> Peer:
    return Peer.of_address(side[0]) if isinstance(side[0], str) else Peer.of_pod(side[0])
