"""Who can reach whom under NetworkPolicies: all pairs of workloads and address ranges, with exact port sets.

The result is kept factored: one row of port sets for each distinct set of policies that isolates something, egress and
ingress apart; a pair's ports are the intersection of one egress and one ingress cell. What is no matter of policies is
not computed here: whether anything listens, and Services.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.engine.policy.beyond import shown
from designer.engine.policy.classes import AddressRange, Columns, make_columns
from designer.engine.policy.compiled import DIRECTIONS
from designer.engine.policy.evaluate import PolicySet
from designer.engine.policy.matchers import BlockMatch
from designer.engine.policy.peers import MatrixPeer, PeerLayout, layout_of, matrix_peers, visible_pods
from designer.engine.policy.ports import PortSet
from designer.engine.policy.porttable import EVERYTHING, NOTHING, PortTable, Row
from designer.engine.policy.rows import RowMaker
from designer.engine.policy.tiers import rule_blocks, sees_accounts, tier_policies
from designer.model import Project


@dataclass(frozen=True, slots=True)
class Connection:
    """Ports on which `src` may open connections to `dst`."""

    src: MatrixPeer
    dst: MatrixPeer
    ports: PortSet


@dataclass(frozen=True, slots=True)
class Connectivity:
    """The factored answer. `peers` are the workloads by text, then the ranges; `notes` say what it leaves open.

    A workload whose Pods differ (by address under an ipBlock) counts as reaching what any of its Pods reaches.
    """

    peers: tuple[MatrixPeer, ...]
    notes: tuple[str, ...]
    columns: Columns
    table: PortTable
    egress_key: npt.NDArray[np.int32]
    ingress_key: npt.NDArray[np.int32]
    egress_rows: npt.NDArray[np.int32]
    ingress_rows: npt.NDArray[np.int32]
    pod_to_node_open: bool
    layout: PeerLayout

    def row(self, column: int) -> Row:
        """The port set numbers from one column to every column, by the rules alone."""
        return self.table.meet_rows(
            self.egress_rows[self.egress_key[column]], self.ingress_rows[self.ingress_key, column]
        )

    def ports(self, src: MatrixPeer, dst: MatrixPeer) -> PortSet:
        """The ports on which some Pod of `src` may reach some Pod of `dst`."""
        if self.same_node(src, dst):
            return self.table[EVERYTHING]
        number = NOTHING
        for row in (self.row(column) for column in src.columns):
            for target in dst.columns:
                number = self.table.join(number, int(row[target]))
        return self.table[number]

    def numbers(self, src: MatrixPeer) -> Row:
        """The port set numbers from a peer to every one of `peers`; 0 to itself and from addresses to addresses."""
        rows = [self.row(column) for column in src.columns]
        whole = reduce(self.table.join_rows, rows)
        found: Row = whole[self.layout.first]
        for index, more in self.layout.others:
            for column in more:
                found[index] = self.table.join(int(found[index]), int(whole[column]))
        for index in self.layout.placed if src.nodes else ():
            if self.same_node(src, self.peers[index]):
                found[index] = EVERYTHING
        found[self.layout.index[src.text]] = NOTHING
        if src.is_range:
            found[self.layout.workloads :] = NOTHING
        return found

    def connections(self) -> Iterator[Connection]:
        """Every pair that may talk; not a workload with itself, not address with address, no empty port sets."""
        for src in self.peers:
            found = self.numbers(src)
            for index in np.flatnonzero(found).tolist():
                yield Connection(src, self.peers[index], self.table[int(found[index])])

    def same_node(self, src: MatrixPeer, dst: MatrixPeer) -> bool:
        """Whether no policy stands between them: a Pod and hostNetwork Pods of its own Node, by the API."""
        return (
            src.host_network != dst.host_network
            and bool(src.nodes & dst.nodes)
            and (src.host_network or self.pod_to_node_open)
        )

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


def connectivity(project: Project, control: ControlPlaneState, policies: PolicySet) -> Connectivity:
    """All pairs, factored. Objects that were assumed and Pods that have ended are left out."""
    pods = visible_pods(project, control)
    found = policies.all()
    beside = tier_policies(policies.tiers)
    columns = make_columns(pods, found, policies.enforcement, rule_blocks(beside), sees_accounts(beside))
    table = PortTable()
    maker = RowMaker(policies, columns, table)
    egress_key, egress_rows = maker.rows("egress")
    ingress_key, ingress_rows = maker.rows("ingress")
    peers = matrix_peers(project, pods, columns)
    return Connectivity(
        peers,
        (*_notes(policies), *_tier_notes(policies, pods)),
        columns,
        table,
        egress_key,
        ingress_key,
        egress_rows,
        ingress_rows,
        policies.enforcement.pod_to_node_allowed is True,
        layout_of(peers),
    )


def _notes(policies: PolicySet) -> tuple[str, ...]:
    """What the matrix leaves open: policies that the engine may not take as written, and directions not enforced."""
    engine = policies.enforcement
    notes = []
    if policies.policies and not (engine.ingress and engine.egress):
        notes.append(f"Policies are not enforced: {engine.reason or engine.engine}.")
    if policies.unread:
        notes.append(f"{shown(policies.unread)}: may decide too and cannot be evaluated; the rest decides here.")
    if policies.ignored:
        notes.append(f"{shown(policies.ignored)}: not enforced by {engine.engine}.")
    for policy in policies.all():
        doubt = policy.doubt(engine)
        if doubt:
            notes.append(f"{policy.text}: {doubt}; counted as isolating, its unclear ports as closed.")
        rules = [rule for direction in DIRECTIONS for rule in policy.rules(direction) or ()]
        if not engine.sctp and any(port.protocol == "SCTP" for rule in rules for port in rule.ports):
            notes.append(f"{policy.text}: it is not known what {engine.engine} does with SCTP; counted as closed.")
        blocks = [peer for rule in rules for peer in rule.peers if isinstance(peer, BlockMatch)]
        if blocks and engine.ip_block_matches_pods is None:
            notes.append(f"{policy.text}: whether ipBlock matches Pods is not known; counted as not.")
        if any(block.network.version == 6 for block in blocks):
            notes.append(f"{policy.text}: its IPv6 ranges are not listed, only IPv4 ones are.")
    return tuple(notes)


def _tier_notes(policies: PolicySet, pods: list[PodState]) -> tuple[str, ...]:
    """What policies of tiers leave open: rules that cannot be evaluated, and Pods that one may select or not."""
    notes = []
    for policy in tier_policies(policies.tiers):
        for rule in (*(policy.ingress or ()), *(policy.egress or ())):
            if rule.doubt:
                notes.append(f"{policy.text}: {rule.path} cannot be evaluated ({rule.doubt}); counted as closed.")
        unsure = [pod for pod in pods if policies.selection_doubt(policy, pod)] if sees_accounts((policy,)) else []
        if unsure:
            names = ", ".join(f"{pod.namespace}/{pod.name}" for pod in unsure[:3])
            notes.append(f"{policy.text}: whether it selects {names} is not known; counted as not.")
    for tier in policies.tiers:
        if any(len(step) > 1 and None not in [one for lane in step for one in lane] for step in tier.steps):
            notes.append(f"{tier.name}: some policies stand at one place; where they contradict, it counts as closed.")
    if any(block.network.version == 6 for block in rule_blocks(tier_policies(policies.tiers))):
        notes.append("IPv6 ranges of tiered policies are not listed, only IPv4 ones are.")
    return tuple(notes)


__all__ = ["AddressRange", "Connection", "Connectivity", "MatrixPeer", "connectivity"]
