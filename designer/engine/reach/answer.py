"""The whole answer of who can reach whom: the matrix of the policies, and what Ingresses let in from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from designer.engine.compile import ClusterState
from designer.engine.policy import PolicySet
from designer.engine.policy.matrix import Connectivity, MatrixPeer, connectivity
from designer.engine.policy.ports import PortSet
from designer.engine.reach.backends import IngressWay, ingress_ways
from designer.engine.reporter import SILENT, Reporter

INGRESS_CONTROLLER = "{ingress-controller}"
Blocks = Literal["pods", "outside"]


@dataclass(frozen=True, slots=True)
class Reach:
    """`matrix` has the pairs; `ways` what Ingresses and Routes lead to, by destination; `notes` what is left open.

    `focus` are the positions of the peers that a person asked for, None for all of them: a line is listed where one of
    its ends is among them.
    """

    matrix: Connectivity
    policies: PolicySet
    ways: tuple[IngressWay, ...]
    notes: tuple[str, ...]
    focus: frozenset[int] | None = None
    focus_ingress: bool = field(default=False)

    def rows(self) -> Iterator[tuple[MatrixPeer, list[int], list[int]]]:
        """For each source that reaches something: positions of its destinations, and the numbers of their port sets."""
        for position, src in enumerate(self.matrix.peers):
            if self.focus == frozenset():
                return
            numbers = self.matrix.numbers(src)
            if self.focus is not None and position not in self.focus:
                kept = np.zeros(len(numbers), dtype=bool)
                kept[sorted(self.focus)] = True
                numbers[~kept] = 0
            where = np.flatnonzero(numbers)
            if where.size:
                yield src, where.tolist(), numbers[where].tolist()

    def ingress_lines(self) -> Iterator[tuple[MatrixPeer, PortSet]]:
        """What an Ingress controller outside the input reaches, and on which ports."""
        for way in self.ways:
            if way.allowed and self.wants_way(way):
                yield way.dst, way.allowed

    def wants_way(self, way: IngressWay) -> bool:
        """Whether the line of an Ingress controller is among those that were asked for."""
        return self.focus is None or self.focus_ingress or self.matrix.layout.index[way.dst.text] in self.focus

    def wants_pair(self, src: int, dst: int) -> bool:
        """Whether a pair of peers (by position) is among those that were asked for."""
        return self.focus is None or src in self.focus or dst in self.focus

    def focused(self, name: str) -> Reach | None:
        """The lines of one workload, named ``ns/name[Kind]``, ``ns/name`` or ``name``; None where nobody is called so.

        A name that several have means them all. ``{ingress-controller}`` is a name too, as is a range of addresses.
        """
        if name in (INGRESS_CONTROLLER, INGRESS_CONTROLLER.strip("{}")):
            return replace(self, focus=frozenset(), focus_ingress=True)
        found = frozenset(n for n, peer in enumerate(self.matrix.peers) if name in names_of(peer))
        return replace(self, focus=found) if found else None


def names_of(peer: MatrixPeer) -> tuple[str, ...]:
    """What a person may call a peer: its text, without the labels that tell it apart, without kind, its bare name."""
    if peer.is_range:
        return (peer.text,)
    head, bracket, _ = peer.text.partition("]")
    path = head.partition("[")[0]
    return peer.text, head + bracket, path, path.partition("/")[2]


def with_blocks(policies: PolicySet, blocks: Blocks | None) -> PolicySet:
    """The same policies, an ipBlock matching addresses of Pods ("pods") or only addresses outside ("outside").

    None leaves it as the cluster's network plugin does it. What an ipBlock does to Nodes follows only where it is said
    to mean the outside.
    """
    if blocks is None:
        return policies
    engine = policies.enforcement
    if blocks == "pods":
        return replace(policies, enforcement=replace(engine, ip_block_matches_pods=True))
    return replace(policies, enforcement=replace(engine, ip_block_matches_pods=False, ip_block_matches_nodes=False))


def reach(state: ClusterState, blocks: Blocks | None = None, reporter: Reporter = SILENT) -> Reach:
    """All lines of a cluster. Raises `CancelledError` where `reporter` does."""
    policies = with_blocks(state.policies, blocks)
    matrix = connectivity(state.project, state.control, policies, reporter)
    reporter.step("Following Ingresses and routes", 3, 4)
    ways, notes = ingress_ways(state, policies, matrix)
    return Reach(matrix, policies, ways, (*matrix.notes, *notes))
