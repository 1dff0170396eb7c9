"""Pods grouped into classes that no policy can tell apart: the columns of the matrix, with ranges of addresses.

First come the Pod classes, then the ranges, and at last the classes of hostNetwork Pods once more, as those who share
the Node of the Pod that is asked about, and as those whose packets carry the address of a tunnel. Only what some
selector, port name or block mentions tells Pods apart. Where a block tells the two families of dual-stack Pods apart,
their class stands for them over IPv4, and a further class, that no Pod is counted in, for them over IPv6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.controlplane.state import PodState
from designer.engine.policy.compiled import DIRECTIONS, CompiledPolicy
from designer.engine.policy.families import BOTH, FAMILY_BITS, FOUR, SIX, FamilySplit, family_bits, pod_over
from designer.engine.policy.matchers import BlockMatch, Peer, PodMatch, selector_keys
from designer.engine.policy.membership import Membership, membership
from designer.engine.policy.owners import Senders, carried_peer
from designer.engine.policy.porttable import Mask
from designer.engine.policy.ranges import AddressRange, RangeCuts, address_ranges
from designer.engine.policy.tiers import TierPolicy, label_keys, rule_blocks, sees_accounts
from designer.model import FrozenMap

# Bits of IP families.
Codes = npt.NDArray[np.uint8]
# (name, protocol, number) of the container ports of a Pod that have a name which some rule asks for.
Signature = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class PodClass:
    """Pods alike in everything that a policy can see; `labels` are those that some selector mentions.

    `account` is "" where no policy looks at service accounts.
    """

    namespace: str
    labels: FrozenMap[str, str]
    host_network: bool
    signature: Signature
    account: str = ""


@dataclass(frozen=True, slots=True)
class EndColumns:
    """The columns that a matcher means for sure, and those that it may mean; one array where they are the same."""

    sure: Mask
    maybe: Mask


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns. `class_of` gives the class of each Pod that was asked for, in its order; `samples` one Pod of each.

    What holds for the sample of a class holds for all of it, and for a range what holds for its first address.
    `resident` has, by class of hostNetwork Pods, the column in which they share the Node of the other end;
    `carried` that in which their packets carry the address of the plugin's device (`owners.Senders`), where that makes
    a difference, with the Pods that stand for them, `carriers`. `split` is there where some class stands for its Pods
    over one IP family only.
    """

    classes: tuple[PodClass, ...]
    ranges: tuple[AddressRange, ...]
    class_of: npt.NDArray[np.int32]
    blocks: dict[BlockMatch, EndColumns]
    samples: tuple[PodState, ...]
    resident: dict[int, int]
    split: FamilySplit | None = None
    carried: dict[int, int] = field(default_factory=dict)
    carriers: tuple[PodState, ...] = ()

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self.classes) + len(self.ranges) + len(self.resident) + len(self.carried)

    @property
    def bodies(self) -> tuple[int, ...]:
        """For every column its class, -1 for a range."""
        return (*range(len(self.classes)), *(-1 for _ in self.ranges), *self.resident, *self.carried)

    def peers(self) -> tuple[Peer, ...]:
        """Who stands for each column at the other end of a connection."""
        pods = tuple(map(Peer.of_pod, self.samples))
        ranges = tuple(Peer.of_address(found.first) for found in self.ranges)
        own = (replace(pods[number], resident=True) for number in self.resident)
        return (*pods, *ranges, *own, *(replace(Peer.of_pod(pod), guessed=False) for pod in self.carriers))


def make_columns(
    pods: Sequence[PodState],
    policies: Sequence[CompiledPolicy],
    engine: Enforcement,
    beside: tuple[TierPolicy, ...] = (),
    families: Sequence[int] = (4,),
    keys: frozenset[str] = frozenset(),
    senders: Senders | None = None,
) -> Columns:
    """The columns for these Pods under these policies and those of tiers, with the addresses of these IP families.

    `keys` are label keys that something else looks at; without `senders` Nodes send from their own addresses.
    """
    blocks = tuple(dict.fromkeys((*_blocks(policies), *rule_blocks(beside))))
    accounts = sees_accounts(beside)
    seen_by = _Addresses.of(pods, blocks, engine, senders)
    suffixes = seen_by.suffixes()
    seen = _Seen(_mentioned(policies, beside) | keys, _port_names(policies, beside))
    numbers: dict[tuple[str, FrozenMap[str, str], bool, Signature, str, bytes], int] = {}
    # Pods of one workload have the very same labels and spec, and mostly follow each other: looked at once.
    known: dict[tuple[str, int, int, bytes], int] = {}
    members: list[int] = []
    class_of: list[int] = []
    before: tuple[object, object, str, bytes] = (None, None, "", b"")
    number = -1
    for index, (pod, suffix) in enumerate(zip(pods, suffixes, strict=True)):
        labels, spec, namespace = pod.labels, pod.spec, pod.namespace
        if labels is not before[0] or spec is not before[1] or namespace != before[2] or suffix != before[3]:
            before = (labels, spec, namespace, suffix)
            quick = (namespace, id(labels), id(spec), suffix)
            number = known.get(quick, -1)
            if number < 0:
                account = (spec.serviceAccountName or "default") if accounts else ""
                mentioned, signature = seen.of(pod)
                key = (namespace, mentioned, pod.host_network, signature, account, suffix)
                number = known[quick] = numbers.setdefault(key, len(numbers))
                if number == len(members):
                    members.append(index)
        class_of.append(number)
    found = seen_by.kinds([PodClass(*key[:-1]) for key in numbers], members)
    twins = found.part_families()
    ranges = address_ranges(blocks, families)
    hosts = [number for number, one in enumerate(found.classes) if one.host_network]
    first = len(found.classes) + len(ranges)
    resident = {number: first + place for place, number in enumerate(hosts)}
    carriers = found.carriers()
    carried = {number: first + len(hosts) + place for place, number in enumerate(carriers)}
    return Columns(
        tuple(found.classes),
        ranges,
        np.array(class_of, dtype=np.int32),
        _block_columns(blocks, found, RangeCuts(ranges), hosts, carriers, engine),
        tuple(found.samples),
        resident,
        None if seen_by.bits is None else _split(seen_by.bits[members], twins, ranges, (resident, carried)),
        carried,
        tuple(found.carried_samples[number] for number in carriers),
    )


@dataclass(slots=True)
class _Addresses:
    """What blocks hold of the Pods: of their own addresses, and of those with which their Nodes' packets may come.

    `sending` has, by position, the hostNetwork Pods whose packets may carry other addresses than their own, with those;
    `carried` is their membership. `bits` are the families of all Pods, None where no block parts a dual-stack Pod.
    """

    pods: Sequence[PodState]
    blocks: Sequence[BlockMatch]
    own: Membership
    sending: dict[int, PodState]
    carried: Membership
    bits: Codes | None

    @classmethod
    def of(
        cls, pods: Sequence[PodState], blocks: Sequence[BlockMatch], engine: Enforcement, senders: Senders | None
    ) -> _Addresses:
        own = membership(pods, blocks, engine)
        sending: dict[int, PodState] = {}
        if senders is not None and blocks and engine.ip_block_matches_nodes is not False:
            for index, pod in enumerate(pods):
                if pod.host_network and pod.ips:
                    other = carried_peer(Peer.of_pod(pod), senders).addresses
                    if other != pod.ips:
                        sending[index] = replace(pod, ips=other)
        carried = membership(list(sending.values()), blocks, engine)
        touched = own.touched
        touched[list(sending)] |= carried.touched
        bits = np.array([family_bits(pod.ips) for pod in pods], dtype=np.uint8) if touched.any() else None
        if bits is not None and not bool((touched & (bits == BOTH)).any()):
            bits = None
        return cls(pods, blocks, own, sending, carried, bits)

    def suffixes(self) -> list[bytes]:
        """For every Pod what blocks hold of it, as a key."""
        empty = not (self.own.touched.any() or self.carried.touched.any())
        if not self.blocks or empty:
            return [b""] * len(self.pods)
        found = self.own.keys()
        if self.bits is not None:
            found = [bytes((bit,)) + key for bit, key in zip(self.bits.tolist(), found, strict=True)]
        for index, key in zip(self.sending, self.carried.keys(), strict=True):
            found[index] += key
        return found

    def kinds(self, classes: list[PodClass], members: list[int]) -> _Kinds:
        """The classes with what holds for the Pods that stand for them."""
        place = {index: position for position, index in enumerate(self.sending)}
        own = self.own.rows(members)
        carried = Membership(own.inside.copy(), own.open.copy())
        samples: dict[int, PodState] = {}
        for number, index in enumerate(members):
            if index in place:
                carried.inside[number] = self.carried.inside[place[index]]
                carried.open[number] = self.carried.open[place[index]]
                samples[number] = self.sending[index]
        bits = None if self.bits is None else self.bits[members]
        of_four = np.array([block.network.version == 4 for block in self.blocks], dtype=bool)
        return _Kinds(classes, [self.pods[index] for index in members], own, carried, samples, bits, of_four)


@dataclass(slots=True)
class _Kinds:
    """Classes with a Pod of each, and the blocks that hold it: by its own address, and by that of its Node's device."""

    classes: list[PodClass]
    samples: list[PodState]
    own: Membership
    carried: Membership
    carried_samples: dict[int, PodState]
    bits: Codes | None
    of_four: Mask
    twins: dict[int, int] = field(default_factory=dict)

    def part_families(self) -> dict[int, int]:
        """Part the classes of dual-stack Pods that are in some block: class → the one for IPv6, added at the end."""
        if self.bits is None:
            return {}
        touched = self.own.touched | self.carried.touched
        parted = np.flatnonzero((self.bits == BOTH) & touched).tolist()
        twins = {number: len(self.classes) + place for place, number in enumerate(parted)}
        self.own.part_families(parted, self.of_four)
        self.carried.part_families(parted, self.of_four)
        for number in parted:
            pod, other = self.samples[number], self.carried_samples.get(number)
            self.classes.append(self.classes[number])
            self.samples[number] = pod_over(pod, FOUR)
            self.samples.append(pod_over(pod, SIX))
            if other is not None:
                self.carried_samples[number] = pod_over(other, FOUR)
                self.carried_samples[twins[number]] = pod_over(other, SIX)
        self.twins = twins
        return twins

    def carriers(self) -> list[int]:
        """The classes that blocks see otherwise by the address of their Nodes' device, with both of split ones."""
        other = ((self.own.inside != self.carried.inside) | (self.own.open != self.carried.open)).any(axis=1)
        for number, twin in self.twins.items():
            other[number] = other[twin] = other[number] or other[twin]
        return [number for number in sorted(self.carried_samples) if other[number]]


def _split(
    bits: Codes, twins: dict[int, int], ranges: Sequence[AddressRange], further: Sequence[dict[int, int]]
) -> FamilySplit:
    """The split of all columns: classes, their twins, ranges, and the `further` columns of classes."""
    of_class = [*bits.tolist(), *(SIX for _ in twins)]
    families = [*of_class, *(FAMILY_BITS[one.family] for one in ranges)]
    families += [of_class[number] for columns in further for number in columns]
    over_six = np.arange(len(families), dtype=np.int32)
    for number, twin in twins.items():
        over_six[number] = twin
        for columns in further:
            if number in columns:
                over_six[columns[number]] = columns[twin]
    return FamilySplit(over_six, np.array(families, dtype=np.uint8))


class _Seen:
    """What policies see of Pods' labels and port names; each map of labels and each spec is looked at once."""

    def __init__(self, keys: frozenset[str], names: frozenset[str]) -> None:
        self._keys = keys
        self._names = names
        self._labels: dict[int, FrozenMap[str, str]] = {}
        self._signatures: dict[int, Signature] = {}

    def of(self, pod: PodState) -> tuple[FrozenMap[str, str], Signature]:
        """The labels that are mentioned and the ports whose names are."""
        labels, spec = pod.labels, pod.spec
        known = self._labels.get(id(labels))
        if known is None:
            kept = {key: value for key, value in labels.items() if key in self._keys}
            known = self._labels[id(labels)] = labels if len(kept) == len(labels) else FrozenMap(kept)
        signature = self._signatures.get(id(spec))
        if signature is None:
            signature = self._signatures[id(spec)] = _signature(pod, self._names) if self._names else ()
        return known, signature


def _signature(pod: PodState, names: frozenset[str]) -> Signature:
    sidecars = tuple(c for c in pod.spec.initContainers if c.restartPolicy == "Always")
    ports = [port for container in (*pod.spec.containers, *sidecars) for port in container.ports]
    return tuple(dict.fromkeys((p.name, p.protocol, p.containerPort) for p in ports if p.name in names))


def _mentioned(policies: Sequence[CompiledPolicy], beside: tuple[TierPolicy, ...]) -> frozenset[str]:
    """The keys of Pods' labels that any selector looks at."""
    keys = set(label_keys(beside))
    for policy in policies:
        keys.update(selector_keys(policy.selector))
        for rule in (*(policy.ingress or ()), *(policy.egress or ())):
            for peer in rule.peers:
                if isinstance(peer, PodMatch) and peer.pods is not None:
                    keys.update(selector_keys(peer.pods))
    return frozenset(keys)


def _port_names(policies: Sequence[CompiledPolicy], beside: tuple[TierPolicy, ...]) -> frozenset[str]:
    plain = (rule.ports for one in policies for direction in DIRECTIONS for rule in one.rules(direction) or ())
    tiered = (rule.ports for one in beside for direction in DIRECTIONS for rule in one.rules(direction) or ())
    return frozenset(port.name for ports in (*plain, *tiered) for port in ports if port.name)


def _blocks(policies: Iterable[CompiledPolicy]) -> tuple[BlockMatch, ...]:
    """Every ipBlock of the policies once, in order of appearance."""
    found = (
        peer
        for policy in policies
        for direction in DIRECTIONS
        for rule in policy.rules(direction) or ()
        for peer in rule.peers
        if isinstance(peer, BlockMatch)
    )
    return tuple(dict.fromkeys(found))


def _block_columns(
    blocks: Sequence[BlockMatch],
    kinds: _Kinds,
    cuts: RangeCuts,
    hosts: Sequence[int],
    carriers: Sequence[int],
    engine: Enforcement,
) -> dict[BlockMatch, EndColumns]:
    """The columns of every block; what the engine makes of addresses of Pods and Nodes may not be known."""
    classes, own, carried = kinds.classes, kinds.own, kinds.carried
    flags = [engine.ip_block_matches_nodes if one.host_network else engine.ip_block_matches_pods for one in classes]
    yes, may = (np.array([test(flag) for flag in flags], dtype=bool) for test in (_is_true, _is_not_false))
    found = {}
    for number, block in enumerate(blocks):
        outside = cuts.mask(block)
        parts = []
        for mine, theirs, known in (
            (own.inside[:, number], carried.inside[:, number], yes),
            (own.inside[:, number] | own.open[:, number], carried.inside[:, number] | carried.open[:, number], may),
        ):
            held, other = mine & known, theirs & known
            parts.append(np.concatenate([held, outside, held[hosts], other[carriers]]))
        sure, maybe = parts
        if not engine.ip_block:
            sure = np.zeros_like(maybe)
        same = bool((sure == maybe).all())
        found[block] = EndColumns(sure, sure if same else maybe)
    return found


def _is_true(flag: bool | None) -> bool:
    return flag is True


def _is_not_false(flag: bool | None) -> bool:
    return flag is not False
