"""Who can reach whom under all policies: all pairs of workloads and address ranges, with exact port sets.

The result is kept factored: one row of port sets for each distinct set of policies that has a say, egress and ingress
apart; a pair's ports are the intersection of one egress and one ingress cell. What is no matter of policies is not
computed here: whether anything listens, and Services. What cannot be told is kept apart from what is open for sure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.engine.policy.classes import Columns, make_columns
from designer.engine.policy.evaluate import PolicySet
from designer.engine.policy.families import BOTH, SIX
from designer.engine.policy.notes import matrix_notes
from designer.engine.policy.owners import Senders, UnknownSenders
from designer.engine.policy.peers import (
    MatrixPeer,
    PeerLayout,
    Spots,
    layout_of,
    matrix_peers,
    meeting,
    visible_pods,
    ways,
)
from designer.engine.policy.ports import PortSet
from designer.engine.policy.porttable import NOTHING, PortTable, Row
from designer.engine.policy.ranges import AddressRange
from designer.engine.policy.rows import RowMaker, Rows
from designer.engine.policy.tiers import tier_policies
from designer.engine.reporter import SILENT, Reporter
from designer.model import Project
from designer.model.collector import collector_paused


@dataclass(frozen=True, slots=True)
class Connection:
    """Ports on which `src` may open connections to `dst`."""

    src: MatrixPeer
    dst: MatrixPeer
    ports: PortSet


@dataclass(frozen=True, slots=True)
class Connectivity:
    """The factored answer. `peers` are the workloads by text, then the ranges; `notes` say what it leaves open.

    A workload whose Pods differ (by address under an ipBlock, or by Node) counts as reaching what any of its Pods
    reaches; what none reaches for sure and one may reach cannot be told. Nor can what two dual-stack Pods may do over
    one IP family and not over the other. Whether two ends have a family in common at all is no matter of policies.
    """

    peers: tuple[MatrixPeer, ...]
    notes: tuple[str, ...]
    columns: Columns
    table: PortTable
    egress: Rows
    ingress: Rows
    layout: PeerLayout
    senders: Senders = field(default_factory=UnknownSenders, compare=False, repr=False)

    @property
    def decided(self) -> bool:
        """Whether every cell is told."""
        told = self.egress.decided and self.ingress.decided
        return told and self.columns.split is None and not self.columns.carried

    def row(self, column: int) -> Row:
        """The port set numbers from one column to every column, by the rules alone: what is open for sure."""
        return self._row(column, sure=True)

    def ports(self, src: MatrixPeer, dst: MatrixPeer) -> PortSet:
        """The ports on which some Pod of `src` may reach some Pod of `dst` for sure."""
        return self.table[self._number(src, dst, sure=True)]

    def undecided(self, src: MatrixPeer, dst: MatrixPeer) -> PortSet:
        """The ports of which it cannot be told whether some Pod of `src` may reach some Pod of `dst`."""
        if self.decided:
            return self.table[NOTHING]
        return self.table[self._number(src, dst, sure=False)] - self.ports(src, dst)

    def numbers(self, src: MatrixPeer) -> Row:
        """The port set numbers from a peer to every one of `peers`; 0 to itself and from addresses to addresses."""
        return self._numbers(src, sure=True)

    def undecided_numbers(self, src: MatrixPeer) -> Row:
        """The same for the ports that cannot be told."""
        if self.decided:
            return np.zeros(len(self.peers), dtype=np.int32)
        return self.table.rest_rows(self._numbers(src, sure=False), self._numbers(src, sure=True))

    def connections(self) -> Iterator[Connection]:
        """Every pair that may talk; not a workload with itself, not address with address, no empty port sets."""
        for src in self.peers:
            found = self.numbers(src)
            for index in np.flatnonzero(found).tolist():
                yield Connection(src, self.peers[index], self.table[int(found[index])])

    def as_json(self) -> dict[str, Any]:
        """``{"connections": [{"src", "dst", "ports": [{"protocol", "from", "to"}]}]}``."""
        return {
            "connections": [
                {
                    "src": line.src.text,
                    "dst": line.dst.text,
                    "ports": [{"protocol": p, "from": low, "to": high} for p, low, high in line.ports],
                }
                for line in self.connections()
            ]
        }

    def _row(self, column: int, sure: bool) -> Row:
        """What is open from one column to every one; over two IP families for sure over both, perhaps over either."""
        split = self.columns.split
        four = self._met(column, sure)
        if split is None:
            return four
        six = self._met(int(split.over_six[column]), sure)[split.over_six]
        common = split.families & split.families[column]
        both = self.table.meet_rows(four, six) if sure else self.table.join_rows(four, six)
        found: Row = np.where(common == BOTH, both, np.where(common == SIX, six, four))
        return found

    def _met(self, column: int, sure: bool) -> Row:
        """What both ends leave open from one column to every one."""
        egress, ingress = (self.egress.sure, self.ingress.sure) if sure else (self.egress.maybe, self.ingress.maybe)
        return self.table.meet_rows(egress[self.egress.keys[column]], ingress[self.ingress.keys, column])

    def _rows(self, src: MatrixPeer, sure: bool) -> dict[int, Row]:
        """The rows of all columns of a peer, those of hostNetwork Pods as residents and by a tunnel among them."""
        further = (self.columns.resident, self.columns.carried)
        columns = (*src.columns, *(more[column] for more in further for column in src.columns if column in more))
        return {column: self._row(column, sure) for column in columns}

    def _number(self, src: MatrixPeer, dst: MatrixPeer, sure: bool) -> int:
        rows = self._rows(src, sure)
        if src.host_network != dst.host_network and src.spots and dst.spots:
            return self._placed(src, dst, rows, sure)
        cells = (int(rows[column][target]) for column in src.columns for target in dst.columns)
        return reduce(self.table.join, cells, NOTHING)

    def _numbers(self, src: MatrixPeer, sure: bool) -> Row:
        rows = self._rows(src, sure)
        whole = reduce(self.table.join_rows, [rows[column] for column in src.columns])
        found: Row = whole[self.layout.first]
        for index, more in self.layout.others:
            for column in more:
                found[index] = self.table.join(int(found[index]), int(whole[column]))
        hosts = self.layout.hosts
        if src.spots and hosts:
            others = range(self.layout.workloads) if src.host_network else hosts
            for index in others:
                dst = self.peers[index]
                if dst.host_network != src.host_network:
                    found[index] = self._placed(src, dst, rows, sure)
        found[self.layout.index[src.text]] = NOTHING
        if src.is_range:
            found[self.layout.workloads :] = NOTHING
        return found

    def _placed(self, src: MatrixPeer, dst: MatrixPeer, rows: dict[int, Row], sure: bool) -> int:
        """The cell of Pods and hostNetwork Pods, which policies may tell by whether they share a Node."""
        number, resident = NOTHING, self.columns.resident
        for column, here in zip(src.columns, src.spots, strict=True):
            for target, there in zip(dst.columns, dst.spots, strict=True):
                meet = meeting(here, there)
                if meet.apart:
                    number = self.table.join(number, self._apart(rows, column, target, (here, there), sure))
                if meet.same:
                    number = self.table.join(
                        number, int(rows[resident.get(column, column)][resident.get(target, target)])
                    )
        return number

    def _apart(self, rows: dict[int, Row], column: int, target: int, spots: tuple[Spots, Spots], sure: bool) -> int:
        """The cell of Pods on different Nodes: a Node's packets carry its own address or that of a tunnel."""
        own, other = int(rows[column][target]), self.columns.carried.get(column)
        if other is None:
            return own
        by_tunnel = int(rows[other][target])
        both = self.table.meet(own, by_tunnel) if sure else self.table.join(own, by_tunnel)
        cells = {False: own, True: by_tunnel, None: both}
        return reduce(self.table.join, (cells[way] for way in ways(self.senders, *spots)), NOTHING)


@collector_paused()
def connectivity(
    project: Project, control: ControlPlaneState, policies: PolicySet, reporter: Reporter = SILENT
) -> Connectivity:
    """All pairs, factored. Objects that were assumed and Pods that have ended are left out.

    Raises `CancelledError` where `reporter` does.
    """
    reporter.step("Sorting Pods by what policies see", 0, 4)
    pods = visible_pods(project, control)
    beside = tier_policies(policies.tiers)
    keys = frozenset(key for one in policies.unread for key in one.keys)
    senders = policies.owners.senders
    families = _families(project, pods)
    columns = make_columns(pods, policies.all(), policies.enforcement, beside, families, keys, senders)
    table = PortTable()
    maker = RowMaker(policies, columns, table, reporter)
    egress, ingress = maker.rows("egress"), maker.rows("ingress")
    peers = matrix_peers(project, pods, columns)
    return Connectivity(
        peers, matrix_notes(policies, pods, columns), columns, table, egress, ingress, layout_of(peers), senders
    )  # fmt: skip


def _families(project: Project, pods: list[PodState]) -> tuple[int, ...]:
    """The IP families of the cluster: those of its Pods' addresses; where none has one, of its Pod ranges."""
    texts = [address for pod in pods for address in pod.ips] or project.cluster.podCIDRs
    if not any(":" in text for text in texts):
        return (4,)
    return (4, 6) if any(":" not in text for text in texts) else (6,)


__all__ = ["AddressRange", "Connection", "Connectivity", "MatrixPeer", "connectivity"]
