"""What each workload would take from, or send to, workloads that are not in the input.

Two kinds of them count: any Pod of a namespace that no selector by label knows, and for each selector of a rule a Pod
that just fulfils it. Their ports come of the same check as every verdict. Addresses outside the cluster are no matter
of this: they are lines of the matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, Direction, Peer, PolicySet
from designer.engine.policy.matchers import NAMESPACE_NAME_LABEL, PodMatch
from designer.engine.policy.ports import NO_PORTS, PortSet
from designer.engine.reach.answer import Reach
from designer.engine.reach.asking import ask, rule_cuts
from designer.model import EMPTY_MAP, FrozenMap, LabelSelector, PodSpec

ANYBODY = "any Pod of any namespace"
# No namespace can be called so (RFC 1123 labels).
FOREIGN = "{namespace}"


@dataclass(frozen=True, slots=True)
class Exposed:
    """A kind of Pods, the ports open from or to them, and port names (``http/TCP``) that only such a Pod resolves."""

    peer: str
    ports: PortSet
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exposure:
    """One direction of one workload. `protected`: policies decide. `peers` begins with any Pod at all, with its ports.

    The others are listed where more is open to them.
    """

    workload: str
    direction: Direction
    protected: bool
    peers: tuple[Exposed, ...]


def exposures(found: Reach) -> Iterator[Exposure]:
    """Both directions of every workload that was asked for, egress first."""
    for position, peer in enumerate(found.matrix.peers):
        if peer.is_range or not found.wants_pair(position, position):
            continue
        for direction in reversed(DIRECTIONS):
            yield _exposure(found.policies, peer.text, peer.pods[0], direction)


def _exposure(policies: PolicySet, text: str, pod: PodState, direction: Direction) -> Exposure:
    policies = replace(policies, unread=())
    stranger = PodState("", FOREIGN, FOREIGN, None, (), EMPTY_MAP, PodSpec.model_validate({}))
    anybody = _open_to(policies, pod, direction, stranger)
    protected = bool(policies.selecting(direction, pod)) and policies.enforcement.enforces(direction)
    if not protected or pod.host_network:
        return Exposure(text, direction, False, (Exposed(ANYBODY, anybody),))
    peers = [Exposed(ANYBODY, anybody, _names(policies, pod, direction, stranger))]
    matches = [
        peer
        for policy in policies.selecting(direction, pod)
        for rule in policy.rules(direction) or ()
        for peer in rule.peers
        if isinstance(peer, PodMatch)
    ]
    for match in dict.fromkeys(matches):
        some, labels = _fulfilling(match, policies)
        if not match.selects(some.namespace, some.labels, labels):
            continue  # no Pod at all fulfils it
        known = replace(policies, namespaces=policies.namespaces.set(some.namespace, labels))
        ports = _open_to(known, pod, direction, some)
        names = tuple(name for name in _names(known, pod, direction, some) if name not in peers[0].names)
        if ports - anybody or names:
            peers.append(Exposed(match.text, ports, names))
    return Exposure(text, direction, True, tuple(peers))


def _open_to(policies: PolicySet, pod: PodState, direction: Direction, other: PodState) -> PortSet:
    found = NO_PORTS
    destination = pod if direction == "ingress" else None
    cuts = rule_cuts(policies, direction, pod, destination) if policies.selecting(direction, pod) else {}
    for ports, end in ask(policies, direction, pod, Peer.of_pod(other), cuts):
        if end.verdict != "deny":
            found |= ports
    return found


def _names(policies: PolicySet, pod: PodState, direction: Direction, other: PodState) -> tuple[str, ...]:
    """Port names that egress rules allow to such a Pod: only the Pod itself knows their numbers."""
    if direction == "ingress" or not policies.enforcement.named_ports:
        return ()
    labels = policies.namespace_labels(other.namespace)
    found = [
        f"{port.name}/{port.protocol}"
        for policy in policies.selecting(direction, pod)
        for rule in policy.rules(direction) or ()
        if not rule.peers
        or any(isinstance(p, PodMatch) and p.selects(other.namespace, other.labels, labels) for p in rule.peers)
        for port in rule.ports
        if port.name
    ]
    return tuple(dict.fromkeys(found))


def _fulfilling(match: PodMatch, policies: PolicySet) -> tuple[PodState, FrozenMap[str, str]]:
    """A Pod with no more labels than the selectors ask for, and the labels of its namespace."""
    if match.namespaces is None:
        namespace = match.own_namespace
        labels = policies.namespace_labels(namespace)
    else:
        asked = _labels(match.namespaces)
        namespace = asked.get(NAMESPACE_NAME_LABEL, FOREIGN)
        labels = policies.namespace_labels(namespace)
        for key, value in asked.items():
            labels = labels.set(key, value)
    own = FrozenMap(_labels(match.pods) if match.pods is not None else {})
    return PodState("", namespace, FOREIGN, None, (), own, PodSpec.model_validate({})), labels


def _labels(selector: LabelSelector) -> dict[str, str]:
    found = dict(selector.matchLabels)
    for item in selector.matchExpressions:
        if item.operator in ("In", "Exists"):
            found.setdefault(item.key, item.values[0] if item.values else "")
    return found
