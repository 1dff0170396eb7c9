"""The ports of a pair about which nobody can tell: what the policies of both ends answer "cannot tell" to.

The matrix counts such ports as closed. Here the check of a trace is asked, once for each pair of classes and interval
of ports, and only about Pods of which a policy is known that may leave something open.
"""

from __future__ import annotations

from designer.engine.controlplane.state import PodState
from designer.engine.policy import CompiledPolicy, Direction, PolicySet
from designer.engine.policy.matchers import BlockMatch, PodMatch
from designer.engine.policy.matrix import MatrixPeer
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet
from designer.engine.policy.tiers import TierPeer, TierPolicy, tier_policies
from designer.engine.reach import Reach
from designer.present.matrix_evidence import pieces, sides

# The ports that are not denied for sure, and those of them that cannot be told.
Open = tuple[PortSet, PortSet]
# So many ends are asked for a whole cluster, a matter of seconds; what is left counts as what cannot be told.
MOST_ASKED = 20_000


class Doubts:
    """Answers for one `Reach`, each remembered. `possible` says whether there can be any doubt in this cluster."""

    def __init__(self, found: Reach) -> None:
        self._matrix, self._policies = found.matrix, found.policies
        self._subjects: dict[tuple[Direction, int, str], bool] = {}
        self._ends: dict[tuple[Direction, int, int], Open] = {}
        self._hosts = any(cls.host_network for cls in found.matrix.columns.classes)
        self._tied = {
            policy.id
            for tier in found.policies.tiers
            for step in tier.steps
            for lane in step
            for policy in lane
            if policy is not None and len(step) > 1
        }
        self._left = MOST_ASKED
        self.possible = self._anywhere()

    def _anywhere(self) -> bool:
        policies, engine = self._policies, self._policies.enforcement
        if not (engine.ingress or engine.egress):
            return False
        if policies.unread or tier_policies(policies.tiers):
            return True
        own_node = self._hosts and None in (engine.node_to_pod_allowed, engine.pod_to_node_allowed)
        return bool(policies.policies) and (own_node or any(_doubtful(policies, one) for one in policies.all()))

    def may_concern(self, src: MatrixPeer, dst: MatrixPeer) -> bool:
        """Whether anything about a pair may be in doubt: asked before `ports`, which costs more."""
        return any(self._subject("egress", pod, column) for pod, column in _pods(src)) or any(
            self._subject("ingress", pod, column) for pod, column in _pods(dst)
        )

    def _subject(self, direction: Direction, pod: PodState, column: int) -> bool:
        key = (direction, column, pod.node or "" if self._hosts else "")
        if key not in self._subjects:
            self._subjects[key] = self._asked(direction, pod)
        return self._subjects[key]

    def _asked(self, direction: Direction, pod: PodState) -> bool:
        policies, engine = self._policies, self._policies.enforcement
        if pod.host_network or not engine.enforces(direction):
            return False
        selecting = policies.selecting(direction, pod)
        labels = policies.namespace_labels(pod.namespace)
        if any(one.concerns(direction, pod, labels, bool(selecting)) for one in policies.unread):
            return True
        free = engine.node_to_pod_allowed if direction == "ingress" else engine.pod_to_node_allowed
        if selecting and ((self._hosts and free is None) or any(_doubtful(policies, one) for one in selecting)):
            return True
        beside = (one for one in tier_policies(policies.tiers) if one.rules(direction) is not None)
        return any(
            policies.selection_doubt(one, pod) or (self._unsure(one) and policies.concerns(one, pod)) for one in beside
        )

    def _unsure(self, policy: TierPolicy) -> bool:
        """Whether a policy of a tier may leave something open: all do but those of plain selectors and ports."""
        engine = self._policies.enforcement
        rules = [*(policy.ingress or ()), *(policy.egress or ())]
        ports = [port for rule in rules for port in rule.ports]
        return (
            self._hosts
            or policy.id in self._tied
            or any(rule.doubt or rule.own is not None for rule in rules)
            or any(not self._plain(peer) for rule in rules for peer in rule.peers)
            or any(port.protocol == "SCTP" and not engine.sctp for port in ports)
            or any((port.name and not engine.named_ports) or (port.is_range and not engine.end_port) for port in ports)
        )

    def _plain(self, peer: TierPeer) -> bool:
        engine = self._policies.enforcement
        known = None not in (engine.ip_block_matches_pods, engine.ip_block_matches_nodes) and engine.ip_block
        return isinstance(peer, PodMatch) or (isinstance(peer, BlockMatch) and known)

    def ports(self, src: MatrixPeer, dst: MatrixPeer) -> PortSet:
        """The ports of a pair that cannot be told; one that some Pod of the workloads is sure to reach is none."""
        unclear = NO_PORTS
        for out, column in sides(src, dst):
            for into, target in sides(dst, src):
                may_leave, unsure_out = self._open("egress", out, column, into, target)
                may_enter, unsure_in = self._open("ingress", into, target, out, column)
                unclear |= (unsure_out & may_enter) | (may_leave & unsure_in)
        return unclear - self._matrix.ports(src, dst) if unclear else unclear

    def _open(
        self, direction: Direction, subject: PodState | str, column: int, other: PodState | str, target: int
    ) -> Open:
        if isinstance(subject, str) or not self._subject(direction, subject, column):
            return self._plainly(direction, subject, column, target)
        # A Pod that shares its Node's network is told by its Node, which a class does not know.
        placed = not isinstance(other, str) and other.host_network
        key = (direction, column, target)
        known = None if placed else self._ends.get(key)
        if known is None and self._left <= 0:
            return ALL_PORTS, ALL_PORTS
        if known is None:
            self._left -= 1
            may = unsure = NO_PORTS
            for ports, verdict in pieces(self._policies, direction, subject, other):
                if verdict.passes is not False:
                    may |= ports
                if verdict.passes is None:
                    unsure |= ports
            known = self._ends[key] = (may, unsure)
        return known

    def _plainly(self, direction: Direction, subject: PodState | str, column: int, target: int) -> Open:
        """What the matrix knows of an end about which there is no doubt."""
        if isinstance(subject, str):
            return ALL_PORTS, NO_PORTS
        matrix = self._matrix
        if direction == "egress":
            number = matrix.egress_rows[matrix.egress_key[column], target]
        else:
            number = matrix.ingress_rows[matrix.ingress_key[column], target]
        return matrix.table[int(number)], NO_PORTS


def _pods(peer: MatrixPeer) -> list[tuple[PodState, int]]:
    return list(zip(peer.pods, peer.columns, strict=True)) if peer.pods else []


def _doubtful(policies: PolicySet, policy: CompiledPolicy) -> bool:
    """Whether a NetworkPolicy may leave something open under this engine."""
    engine = policies.enforcement
    if policy.doubt(engine):
        return True
    rules = [*(policy.ingress or ()), *(policy.egress or ())]
    blocks = any(isinstance(peer, BlockMatch) for rule in rules for peer in rule.peers)
    if blocks and (not engine.ip_block or None in (engine.ip_block_matches_pods, engine.ip_block_matches_nodes)):
        return True
    return not engine.sctp and any(port.protocol == "SCTP" for rule in rules for port in rule.ports)
