"""Who can reach whom under NetworkPolicies: all pairs of workloads and address ranges, with exact port sets.

The result is kept factored: one row of port sets for each distinct set of policies that isolates something, egress and
ingress apart; a pair's ports are the intersection of one egress and one ingress cell. What is no matter of policies is
not computed here: whether anything listens, and Services.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.engine.policy.beyond import shown
from designer.engine.policy.classes import AddressRange, Columns, make_columns
from designer.engine.policy.compiled import DIRECTIONS
from designer.engine.policy.evaluate import PolicySet
from designer.engine.policy.matchers import FINISHED_PHASES, BlockMatch
from designer.engine.policy.ports import PortSet
from designer.engine.policy.porttable import EVERYTHING, NOTHING, PortTable, Row
from designer.engine.policy.rows import RowMaker
from designer.engine.policy.tiers import rule_blocks, sees_accounts, tier_policies
from designer.model import WORKLOAD_KINDS, AnyWorkload, Project, split_id, template_of


@dataclass(frozen=True, slots=True)
class MatrixPeer:
    """A row or column that a person sees: a workload (`id` set) or an address range.

    `columns` are its classes; `nodes` the Nodes on which its Pods run (where that matters); `host_network` whether they
    share the network of those.
    """

    text: str
    id: str
    columns: tuple[int, ...]
    nodes: frozenset[str] = frozenset()
    host_network: bool = False

    @property
    def is_range(self) -> bool:
        """Whether it stands for addresses outside the cluster."""
        return not self.id


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

    def row(self, column: int) -> Row:
        """The port set numbers from one column to every column, by the rules alone."""
        return self.table.meet_rows(
            self.egress_rows[self.egress_key[column]], self.ingress_rows[self.ingress_key, column]
        )

    def ports(self, src: MatrixPeer, dst: MatrixPeer) -> PortSet:
        """The ports on which some Pod of `src` may reach some Pod of `dst`."""
        return self.table[self._cell(src, dst, [self.row(column) for column in src.columns])]

    def connections(self) -> Iterator[Connection]:
        """Every pair that may talk; not a workload with itself, not address with address, no empty port sets."""
        for src in self.peers:
            rows = [self.row(column) for column in src.columns]
            for dst in self.peers:
                if dst is src or (src.is_range and dst.is_range):
                    continue
                number = self._cell(src, dst, rows)
                if number != NOTHING:
                    yield Connection(src, dst, self.table[number])

    def _cell(self, src: MatrixPeer, dst: MatrixPeer, rows: list[Row]) -> int:
        """A pair's port set number; a Pod and hostNetwork Pods of its own Node are open to each other by the API."""
        if (
            src.host_network != dst.host_network
            and src.nodes & dst.nodes
            and (src.host_network or self.pod_to_node_open)
        ):
            return EVERYTHING
        number = NOTHING
        for row in rows:
            for target in dst.columns:
                number = self.table.join(number, int(row[target]))
        return number

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
    pods = _visible(project, control)
    found = policies.all()
    beside = tier_policies(policies.tiers)
    columns = make_columns(pods, found, policies.enforcement, rule_blocks(beside), sees_accounts(beside))
    table = PortTable()
    maker = RowMaker(policies, columns, table)
    egress_key, egress_rows = maker.rows("egress")
    ingress_key, ingress_rows = maker.rows("ingress")
    return Connectivity(
        _peers(pods, columns),
        (*_notes(policies), *_tier_notes(policies, pods)),
        columns,
        table,
        egress_key,
        ingress_key,
        egress_rows,
        ingress_rows,
        policies.enforcement.pod_to_node_allowed is True,
    )


def _visible(project: Project, control: ControlPlaneState) -> list[PodState]:
    """The Pods of the matrix, and one for each workload that has none (its replicas are 0, or nothing took it)."""
    assumed = {oid for oid in project.cluster.assumed if not _comes_from_file(project, oid)}
    found = [
        pod
        for pod in control.pods.values()
        if pod.phase not in FINISHED_PHASES and (pod.owner or pod.id) not in assumed
    ]
    owners = {pod.owner for pod in control.pods.values()}
    for kind in WORKLOAD_KINDS:
        for workload in project.of(kind):
            if workload.id not in owners and workload.id not in assumed and isinstance(workload, AnyWorkload):
                template = template_of(workload)
                key = f"{workload.id}#template"
                labels = template.metadata.labels
                found.append(
                    PodState(key, workload.namespace, workload.name, None, (), labels, template.spec, workload.id)
                )
    return found


def _comes_from_file(project: Project, oid: str) -> bool:
    origin = project.provenance.get(oid)
    return origin is not None and bool(origin.file)


def _peers(pods: list[PodState], columns: Columns) -> tuple[MatrixPeer, ...]:
    """Workloads by text; Pods of one owner with different labels are told apart by the labels in which they differ."""
    groups: dict[str, dict[Any, list[int]]] = {}
    for index, pod in enumerate(pods):
        groups.setdefault(pod.owner or pod.id, {}).setdefault(pod.labels, []).append(index)
    class_of = columns.class_of.tolist()
    # Nodes matter only between Pods and hostNetwork Pods.
    placed = any(cls.host_network for cls in columns.classes)
    peers = []
    for oid, variants in groups.items():
        kind, namespace, name = split_id(oid)
        text = f"{namespace}/{name}[{kind}]"
        common = set.intersection(*(set(labels.items()) for labels in variants)) if len(variants) > 1 else set()
        for labels, members in variants.items():
            shown = text
            if len(variants) > 1:
                extra = ",".join(f"{k}={v}" for k, v in sorted(labels.items()) if (k, v) not in common)
                shown = f"{text}{{{extra}}}"
            numbers = tuple(dict.fromkeys(class_of[index] for index in members))
            nodes = frozenset(node for i in members if (node := pods[i].node) is not None) if placed else frozenset()
            peers.append(MatrixPeer(shown, oid, numbers, nodes, pods[members[0]].host_network))
    peers.sort(key=lambda peer: peer.text)
    first = len(columns.classes)
    ranges = (MatrixPeer(r.text, "", (first + number,)) for number, r in enumerate(columns.ranges))
    return (*peers, *ranges)


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
