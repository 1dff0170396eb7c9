"""What each workload would take from, or send to, workloads that are not in the input.

Two kinds of them count: any Pod of a namespace that no selector by label knows, and for each selector of a rule that is
asked, of NetworkPolicies and of policies in tiers, a Pod that just fulfils it. Their ports come of the same check as
every verdict. Addresses outside the cluster are no matter of this: they are lines of the matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, Direction, Peer, PolicySet
from designer.engine.policy.matrix import MatrixPeer
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, NO_PORTS, PortSet
from designer.engine.policy.tiers import TierPeer, tier_policies
from designer.engine.reach.answer import Reach
from designer.engine.reach.asking import ask, rule_cuts
from designer.engine.reach.strangers import Stranger, anybody, by_value, fulfilling, kinds, together
from designer.model import FrozenMap, PodSpec

ANYBODY = "any Pod of any namespace"


@dataclass(frozen=True, slots=True)
class Exposed:
    """A kind of Pods, the ports open from or to them, and those of which that cannot be told.

    `names` are port names (``http/TCP``) that are open besides and whose numbers only such a Pod knows; `closed` those
    that are not open although their numbers seem to be.
    """

    peer: str
    ports: PortSet
    names: tuple[str, ...] = ()
    unsure: PortSet = NO_PORTS
    closed: tuple[str, ...] = ()

    def like(self, other: Exposed) -> bool:
        """Whether the same is open."""
        return replace(self, peer=other.peer) == other


@dataclass(frozen=True, slots=True)
class Exposure:
    """One direction of one workload. `protected`: policies decide. `peers` begins with any Pod at all, with its ports.

    The others are listed where something else is open to them.
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
            yield _exposure(found.policies, peer, direction)


def _exposure(policies: PolicySet, peer: MatrixPeer, direction: Direction) -> Exposure:
    protected = any(_decides(policies, direction, pod) for pod in peer.pods)
    everyone = _exposed(policies, peer.pods, direction, anybody(ANYBODY))
    if not protected:
        return Exposure(peer.text, direction, False, (everyone,))
    found = [everyone]
    seen: set[tuple[PodState, FrozenMap[str, str]]] = set()
    for kind in (kind for pod in peer.pods for match in _asked(policies, direction, pod) for kind in kinds(match)):
        told: list[tuple[TierPeer, Exposed]] = []
        for part in by_value(kind):
            some = fulfilling(part, policies)
            if some is None or (some.pod, some.labels) in seen:
                continue  # no Pod at all fulfils it, or it was listed
            seen.add((some.pod, some.labels))
            one = _exposed(policies, peer.pods, direction, some)
            if not one.like(everyone):
                told.append((part, one))
        found += _merged(kind, told)
    return Exposure(peer.text, direction, True, tuple(found))


def _merged(kind: TierPeer, told: list[tuple[TierPeer, Exposed]]) -> Iterator[Exposed]:
    """One entry for the values of a matcher to which the same is open."""
    while told:
        like = [(part, one) for part, one in told if one.like(told[0][1])]
        told = [entry for entry in told if entry not in like]
        whole = together(kind, [part for part, _ in like])
        if whole is None:
            yield from (one for _, one in like)
        else:
            yield replace(like[0][1], peer=whole.text)


def _decides(policies: PolicySet, direction: Direction, pod: PodState) -> bool:
    """Whether policies have a say about a Pod."""
    if pod.host_network or not policies.enforcement.enforces(direction):
        return False
    labels = policies.namespace_labels(pod.namespace)
    native = bool(policies.selecting(direction, pod))
    beside = (one for one in tier_policies(policies.tiers) if one.rules(direction) is not None)
    return (
        native
        or any(policies.concerns(one, pod) or policies.selection_doubt(one, pod) for one in beside)
        or any(one.concerns(direction, pod, labels, native) for one in policies.unread if not one.outside)
    )


def _asked(policies: PolicySet, direction: Direction, pod: PodState) -> Iterator[TierPeer]:
    """Every matcher of the other end in the rules that are asked about a Pod."""
    for policy in policies.selecting(direction, pod):
        for rule in policy.rules(direction) or ():
            yield from rule.peers
    for one in tier_policies(policies.tiers):
        if policies.concerns(one, pod):
            for tier_rule in one.rules(direction) or ():
                yield from tier_rule.peers


def _exposed(policies: PolicySet, pods: tuple[PodState, ...], direction: Direction, other: Stranger) -> Exposed:
    """What is open between the Pods of a workload and a stranger: what is for any of them."""
    known = other.known_to(policies)
    sure, maybe = NO_PORTS, NO_PORTS
    names: dict[str, None] = {}
    closed: dict[str, None] = {}
    for pod in pods:
        ports, unsure, more, less = _open_to(known, pod, direction, other.pod)
        sure, maybe = sure | ports, maybe | unsure
        names.update(dict.fromkeys(more))
        closed.update(dict.fromkeys(less))
    return Exposed(other.text, sure, tuple(names), maybe - sure, tuple(name for name in closed if name not in names))


def _open_to(
    policies: PolicySet, pod: PodState, direction: Direction, other: PodState
) -> tuple[PortSet, PortSet, list[str], list[str]]:
    """Ports that are open for sure, and perhaps; names open beyond them, and names that are closed among them.

    The other Pod gets a port of each name that rules ask for, at numbers that no rule tells from its neighbours: what
    differs there does so by the name.
    """
    asked = [(port.name, port.protocol) for port in policies.asked_ports(direction, pod) if port.name]
    named: dict[int, tuple[str, str]] = {}
    destination = pod
    if direction == "egress":
        borders = {n for found in rule_cuts(policies, direction, pod, None).values() for n in found}
        free = (n for n in range(MAX_PORT - 1, MIN_PORT, -3) if not borders & {n, n + 1})
        named = dict(zip(free, dict.fromkeys(asked), strict=False))
        destination = other = replace(other, spec=_with_ports(other.spec, named))
    cuts = rule_cuts(policies, direction, pod, destination)
    sure, maybe = NO_PORTS, NO_PORTS
    for ports, end in ask(policies, direction, pod, Peer.of_pod(other), cuts):
        if end.verdict == "cannot-tell":
            maybe |= ports
        elif end.verdict != "deny":
            sure |= ports
    more: list[str] = []
    less: list[str] = []
    told_nothing, doubtful = maybe, NO_PORTS
    for number, (name, protocol) in named.items():
        here, beside = (protocol, number) in sure, (protocol, number + 1) in sure
        unsure = (protocol, number) in told_nothing
        one = PortSet.of(protocol, number, number)
        if here != beside and not unsure:
            (more if here else less).append(f"{name}/{protocol}")
        sure = sure | one if beside else sure - one
        maybe -= one
        if (protocol, number + 1) in told_nothing:
            maybe |= one
        elif unsure and beside:
            doubtful |= PortSet.of(protocol)  # the name may close a port, and nobody knows of which number
        elif unsure:
            maybe |= PortSet.of(protocol)  # the same of one that it may open
    return sure - doubtful, maybe | (sure & doubtful), more, less


def _with_ports(spec: PodSpec, named: dict[int, tuple[str, str]]) -> PodSpec:
    ports = [{"name": name, "protocol": protocol, "containerPort": n} for n, (name, protocol) in named.items()]
    account = spec.serviceAccountName
    return PodSpec.model_validate({"serviceAccountName": account, "containers": [{"name": "main", "ports": ports}]})
