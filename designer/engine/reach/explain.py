"""Why a pair may or may not talk: for each end the policies that allow or deny, for the ports where they say the same.

The same check is asked as for a trace, at one port of every interval that no rule of the two ends cuts; so what stands
here is the evidence of the matrix and never another opinion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from designer.engine.controlplane.state import PodState
from designer.engine.policy import Direction, Peer, PolicySet
from designer.engine.policy.matrix import Connectivity, MatrixPeer
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet
from designer.engine.reach.answer import INGRESS_CONTROLLER, Reach
from designer.engine.reach.asking import OPEN, Cuts, End, Parts, ask, end_of, rule_cuts


@dataclass(frozen=True, slots=True)
class Explanation:
    """Ports of one pair about which both ends say the same."""

    src: str
    dst: str
    ports: PortSet
    allowed: bool
    egress: End
    ingress: End


def explanations(found: Reach) -> Iterator[Explanation]:
    """Every pair that was asked for, what is allowed first; then what Ingress controllers do."""
    matrix = found.matrix
    why = _Why(found.policies, matrix)
    for s, src in enumerate(matrix.peers):
        for d, dst in enumerate(matrix.peers):
            if s != d and not (src.is_range and dst.is_range) and found.wants_pair(s, d):
                yield from why.pair(src, dst)
    for way in found.ways:
        if found.wants_way(way):
            parts: dict[tuple[bool, End], PortSet] = {}
            for ports, verdict in way.verdicts:
                key = (bool(verdict.passes), end_of(verdict))
                parts[key] = parts.get(key, NO_PORTS) | ports
            for (allowed, end), ports in sorted(parts.items(), key=lambda item: not item[0][0]):
                yield Explanation(INGRESS_CONTROLLER, way.dst.text, ports, allowed, OPEN, end)


class _Why:
    """Explains pairs; what a class says about a class is asked once."""

    def __init__(self, policies: PolicySet, matrix: Connectivity) -> None:
        # What policies of other kinds may do is said in the notes; the matrix goes by those that are evaluated, too.
        self._policies = replace(policies, unread=())
        self._matrix = matrix
        self._parts: dict[tuple[Direction, int, int], Parts] = {}

    def pair(self, src: MatrixPeer, dst: MatrixPeer) -> Iterator[Explanation]:
        """The explanations of one pair. Of workloads whose Pods differ, those Pods count that reach something."""
        if self._matrix.same_node(src, dst):
            yield Explanation(src.text, dst.text, ALL_PORTS, True, OPEN, OPEN)
            return
        said: dict[tuple[End, End], PortSet] = {}
        first: dict[tuple[End, End], tuple[End, End]] = {}
        for out, column in self._sides(src):
            for into, target in self._sides(dst):
                for some, egress in self._said("egress", out, column, into, target):
                    for more, ingress in self._said("ingress", into, target, out, column):
                        if ports := some & more:
                            ends = (egress, ingress)
                            # Pods of a workload that say the same are one entry: the first one's words stand for all.
                            key = first.setdefault((egress.bare, ingress.bare), ends)
                            said[key] = said.get(key, NO_PORTS) | ports
        opened = self._matrix.ports(src, dst)
        for allowed in (True, False):
            for (egress, ingress), ports in said.items():
                passes = "deny" not in (egress.verdict, ingress.verdict)
                # Where Pods of a workload differ, a port that one of them reaches is open: only the others are denied.
                left = ports if passes else ports - opened
                if passes is allowed and left:
                    yield Explanation(src.text, dst.text, left, allowed, egress, ingress)

    def _sides(self, peer: MatrixPeer) -> list[tuple[PodState | str, int]]:
        if peer.is_range:
            return [(peer.text.partition("-")[0], peer.columns[0])]
        return list(zip(peer.pods, peer.columns, strict=True))

    def _said(
        self, direction: Direction, subject: PodState | str, column: int, other: PodState | str, target: int
    ) -> Parts:
        """What `subject` says of the ports of a connection with `other`; an address says nothing."""
        if isinstance(subject, str):
            return ((ALL_PORTS, OPEN),)
        key = (direction, column, target)
        # A Pod that shares its Node's network is told by its Node, which a class does not know.
        placed = subject.host_network or (not isinstance(other, str) and other.host_network)
        known = None if placed else self._parts.get(key)
        if known is None:
            peer = Peer.of_address(other) if isinstance(other, str) else Peer.of_pod(other)
            destination = subject if direction == "ingress" else (None if isinstance(other, str) else other)
            cuts = self._cuts(direction, subject, destination, column, target)
            known = self._parts[key] = ask(self._policies, direction, subject, peer, cuts)
        return known

    def _cuts(
        self, direction: Direction, subject: PodState, destination: PodState | None, column: int, target: int
    ) -> Cuts:
        """Those of the rules, and those of the matrix' own cell; none where nothing isolates."""
        matrix = self._matrix
        rows, keys = (
            (matrix.egress_rows, matrix.egress_key)
            if direction == "egress"
            else (matrix.ingress_rows, matrix.ingress_key)
        )
        row = int(keys[column])
        if row == 0 and not self._policies.selecting(direction, subject):
            return {}
        cell = matrix.table[int(rows[row, target])]
        return rule_cuts(self._policies, direction, subject, destination, cell)
