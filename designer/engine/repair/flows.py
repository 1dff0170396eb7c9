"""The connections of a pair: one for each class of Pods that policies can tell apart, and what both ends say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from designer.engine.controlplane.state import PodState
from designer.engine.policy import Direction, Peer, PolicySet, PolicyVerdict
from designer.engine.policy.classes import make_columns
from designer.engine.policy.tiers import tier_policies
from designer.engine.repair.ends import End, Target


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection: a Pod or an address at each end, and the port at the destination."""

    source: PodState | None
    source_peer: Peer
    target: PodState | None
    target_peer: Peer
    protocol: str
    port: int

    def subject(self, direction: Direction) -> PodState | None:
        """The Pod whose policies are asked in a direction, None where no Pod is there."""
        return self.source if direction == "egress" else self.target

    def peer(self, direction: Direction) -> Peer:
        """The other end in a direction."""
        return self.target_peer if direction == "egress" else self.source_peer

    def verdict(self, policies: PolicySet, direction: Direction) -> PolicyVerdict | None:
        """What the policies of one end say; None where no Pod is there."""
        subject = self.subject(direction)
        if subject is None:
            return None
        return policies.check(direction, subject, self.peer(direction), self.protocol, self.port)

    def passes(self, policies: PolicySet) -> bool | None:
        """Whether it passes at both ends: one that denies is enough for False, None where that cannot be told."""
        found = [one.passes for way in ("egress", "ingress") if (one := self.verdict(policies, way)) is not None]
        return False if False in found else None if None in found else True


def flows_of(policies: PolicySet, source: End, target: Target) -> tuple[Flow, ...]:
    """Every connection of the pair that may be answered on its own; a Pod with itself is none."""
    sources = _samples(policies, source.pods, target.end)
    targets = _samples(policies, target.end.pods, source)
    left = [(pod, Peer.of_pod(pod)) for pod in sources] + [(None, Peer.of_address(a)) for a in source.addresses]
    right = [(pod, Peer.of_pod(pod)) for pod in targets] + [(None, Peer.of_address(a)) for a in target.end.addresses]
    return tuple(
        Flow(src, src_peer, dst, dst_peer, target.protocol, target.number(dst))
        for src, src_peer in left
        for dst, dst_peer in right
        if (src is None or dst is None or src.key != dst.key) and _one_family(src_peer, dst_peer)
    )


def _samples(policies: PolicySet, pods: tuple[PodState, ...], other: End) -> tuple[PodState, ...]:
    """A Pod of each class; two where the other end has the same Pods, or every one where Nodes may matter."""
    if any(pod.host_network for pod in (*pods, *other.pods)):
        return pods
    beside = tier_policies(policies.tiers)
    # What no policy can tell apart gets one answer; a policy to come may look at any label.
    keys = frozenset(key for pod in pods for key in pod.labels)
    columns = make_columns(pods, policies.all(), policies.enforcement, beside, keys=keys)
    most = 2 if {pod.key for pod in pods} & {pod.key for pod in other.pods} else 1
    seen: dict[int, int] = {}
    found = []
    for pod, number in zip(pods, columns.class_of.tolist(), strict=True):
        seen[number] = seen.get(number, 0) + 1
        if seen[number] <= most:
            found.append(pod)
    return tuple(found)


def _one_family(left: Peer, right: Peer) -> bool:
    """Whether an address can be meant by the other end: one of IPv4 calls no address of IPv6."""
    a, b = left.address if left.pod is None else "", right.address if right.pod is None else ""
    return not a or not b or (":" in a) == (":" in b)


def passing(policies: PolicySet, flows: Iterable[Flow]) -> tuple[bool | None, ...]:
    """Whether each of the connections passes."""
    return tuple(flow.passes(policies) for flow in flows)


def sentence(policies: PolicySet, flows: Iterable[Flow], direction: Direction, wanted: bool) -> str:
    """What one end says: the verdict that stands most against what is wanted, else the first; "" without a Pod."""
    found = [one for flow in flows if (one := flow.verdict(policies, direction)) is not None]
    if not found:
        return ""
    against = [one for one in found if one.passes is not wanted]
    return (against or found)[0].text()
