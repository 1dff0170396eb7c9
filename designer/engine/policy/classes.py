"""Pods grouped into classes that no policy can tell apart: the columns of the matrix, with ranges of addresses.

First come the Pod classes, then the ranges, and at last the classes of hostNetwork Pods once more, as those who share
the Node of the Pod that is asked about. Only what some selector, port name or block mentions tells Pods apart. Where a
block tells the two families of dual-stack Pods apart, their class stands for them over IPv4, and a further class, that
no Pod is counted in, for them over IPv6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.controlplane.state import PodState
from designer.engine.policy.compiled import DIRECTIONS, CompiledPolicy
from designer.engine.policy.families import BOTH, FAMILY_BITS, FOUR, SIX, FamilySplit, family_bits, pod_over
from designer.engine.policy.matchers import BlockMatch, Peer, PodMatch, parse_address, selector_keys
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
    `resident` has, by class of hostNetwork Pods, the column in which they share the Node of the other end. `split` is
    there where some class stands for its Pods over one IP family only.
    """

    classes: tuple[PodClass, ...]
    ranges: tuple[AddressRange, ...]
    class_of: npt.NDArray[np.int32]
    blocks: dict[BlockMatch, EndColumns]
    samples: tuple[PodState, ...]
    resident: dict[int, int]
    split: FamilySplit | None = None

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self.classes) + len(self.ranges) + len(self.resident)

    @property
    def bodies(self) -> tuple[int, ...]:
        """For every column its class, -1 for a range."""
        return (*range(len(self.classes)), *(-1 for _ in self.ranges), *self.resident)

    def peers(self) -> tuple[Peer, ...]:
        """Who stands for each column at the other end of a connection."""
        pods = tuple(map(Peer.of_pod, self.samples))
        ranges = tuple(Peer.of_address(found.first) for found in self.ranges)
        return (*pods, *ranges, *(replace(pods[number], resident=True) for number in self.resident))


def make_columns(
    pods: Sequence[PodState],
    policies: Sequence[CompiledPolicy],
    engine: Enforcement,
    beside: tuple[TierPolicy, ...] = (),
    families: Sequence[int] = (4,),
    keys: frozenset[str] = frozenset(),
) -> Columns:
    """The columns for these Pods under these policies and those of tiers, with the addresses of these IP families.

    `keys` are label keys that something else looks at.
    """
    blocks = tuple(dict.fromkeys((*_blocks(policies), *rule_blocks(beside))))
    accounts = sees_accounts(beside)
    inside = _membership(pods, blocks, engine)
    bits = _dual(pods, inside)
    packed = np.packbits(inside, axis=1) if bits is None else np.column_stack((bits, np.packbits(inside, axis=1)))
    suffixes = [row.tobytes() for row in packed] if blocks and inside.any() else [b""] * len(pods)
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
    found = _Kinds([PodClass(*key[:-1]) for key in numbers], [pods[index] for index in members], inside[members])
    twins = {} if bits is None else found.part_families(bits[members], blocks)
    ranges = address_ranges(blocks, families)
    hosts = [number for number, one in enumerate(found.classes) if one.host_network]
    first = len(found.classes) + len(ranges)
    resident = {number: first + place for place, number in enumerate(hosts)}
    return Columns(
        tuple(found.classes),
        ranges,
        np.array(class_of, dtype=np.int32),
        _block_columns(blocks, found.inside, RangeCuts(ranges), found.classes, hosts, engine),
        tuple(found.samples),
        resident,
        None if bits is None else _split(bits[members], twins, ranges, resident),
    )


@dataclass(slots=True)
class _Kinds:
    """Classes with a Pod of each, and the blocks that it is in."""

    classes: list[PodClass]
    samples: list[PodState]
    inside: Mask

    def part_families(self, bits: Codes, blocks: Sequence[BlockMatch]) -> dict[int, int]:
        """Part the classes of dual-stack Pods that are in some block: class → the one for IPv6, added at the end."""
        parted = np.flatnonzero((bits == BOTH) & self.inside.any(axis=1)).tolist()
        twins = {number: len(self.classes) + place for place, number in enumerate(parted)}
        of_four = np.array([block.network.version == 4 for block in blocks], dtype=bool)
        over_six = self.inside[parted] & ~of_four
        self.inside[parted] &= of_four
        self.inside = np.concatenate([self.inside, over_six])
        for number in parted:
            pod = self.samples[number]
            self.classes.append(self.classes[number])
            self.samples[number] = pod_over(pod, FOUR)
            self.samples.append(pod_over(pod, SIX))
        return twins


def _dual(pods: Sequence[PodState], inside: Mask) -> Codes | None:
    """For every Pod the bits of its families; None where no dual-stack Pod is in any block: nothing parts them."""
    bits = np.array([family_bits(pod.ips) for pod in pods], dtype=np.uint8) if inside.any() else None
    return bits if bits is not None and bool((inside.any(axis=1) & (bits == BOTH)).any()) else None


def _split(bits: Codes, twins: dict[int, int], ranges: Sequence[AddressRange], resident: dict[int, int]) -> FamilySplit:
    """The split of all columns: classes, their twins, ranges, and those of the same Node."""
    of_class = [*bits.tolist(), *(SIX for _ in twins)]
    families = [*of_class, *(FAMILY_BITS[one.family] for one in ranges), *(of_class[number] for number in resident)]
    over_six = np.arange(len(families), dtype=np.int32)
    for number, twin in twins.items():
        over_six[number] = twin
        if number in resident:
            over_six[resident[number]] = resident[twin]
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
    inside: Mask,
    cuts: RangeCuts,
    classes: Sequence[PodClass],
    hosts: Sequence[int],
    engine: Enforcement,
) -> dict[BlockMatch, EndColumns]:
    """The columns of every block; what the engine makes of addresses of Pods and Nodes may not be known."""
    flags = [engine.ip_block_matches_nodes if one.host_network else engine.ip_block_matches_pods for one in classes]
    yes, may = (np.array([test(flag) for flag in flags], dtype=bool) for test in (_is_true, _is_not_false))
    found = {}
    for number, block in enumerate(blocks):
        outside = cuts.mask(block)
        sure, maybe = (
            np.concatenate([part, outside, part[hosts]]) for part in (inside[:, number] & yes, inside[:, number] & may)
        )
        if not engine.ip_block:
            sure = np.zeros_like(maybe)
        same = bool((sure == maybe).all())
        found[block] = EndColumns(sure, sure if same else maybe)
    return found


def _is_true(flag: bool | None) -> bool:
    return flag is True


def _is_not_false(flag: bool | None) -> bool:
    return flag is not False


def _membership(pods: Sequence[PodState], blocks: Sequence[BlockMatch], engine: Enforcement) -> Mask:
    """A row per Pod, a column per block: whether an address of the Pod is in the block, where that may matter."""
    inside = np.zeros((len(pods), len(blocks)), dtype=bool)
    flags = {True: engine.ip_block_matches_nodes, False: engine.ip_block_matches_pods}
    if not blocks or set(flags.values()) == {False}:
        return inside
    asked = np.array([flags[pod.host_network] is not False for pod in pods], dtype=bool)
    v4 = np.array([next((_number(a) for a in pod.ips if ":" not in a), -1) for pod in pods], dtype=np.int64)
    for number, block in enumerate(blocks):
        if isinstance(block.network, IPv4Network):
            inside[:, number] = asked & _covered(block, v4)
        else:
            inside[:, number] = asked & np.array([_covers_v6(block, pod) for pod in pods], dtype=bool)
    return inside


def _covers_v6(block: BlockMatch, pod: PodState) -> bool:
    found = (parse_address(address) for address in pod.ips if ":" in address)
    return any(address is not None and block.covers(address) for address in found)


def _covered(block: BlockMatch, found: npt.NDArray[np.int64]) -> Mask:
    """Whether each IPv4 address lies in the block."""
    first, last = int(block.network.network_address), int(block.network.broadcast_address)
    mask: Mask = (found >= first) & (found <= last)
    for out in block.excepts:
        mask &= ~((found >= int(out.network_address)) & (found <= int(out.broadcast_address)))
    return mask


def _number(address: str) -> int:
    """An IPv4 address as a number; -1, which no block holds, for what is none: a given Pod may carry any text."""
    parts = address.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdecimal() and len(part) < 4 for part in parts):
        return -1
    a, b, c, d = map(int, parts)
    return (a << 24) | (b << 16) | (c << 8) | d if max(a, b, c, d) < 256 else -1
