"""Pods grouped into classes that no policy can tell apart, and address ranges cut at every border of an ipBlock.

A class is a column of the matrix: first the Pod classes, then the ranges. Selectors and blocks become masks over
columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.controlplane.state import PodState
from designer.engine.policy.compiled import DIRECTIONS, CompiledPolicy
from designer.engine.policy.matchers import BlockMatch, parse_address
from designer.engine.policy.porttable import Mask
from designer.model import FrozenMap, LabelSelector

# (name, protocol, number) of every container port of a Pod, what named ports are looked up in.
Signature = tuple[tuple[str, str, int], ...]

LAST_V4 = 2**32 - 1


@dataclass(frozen=True, slots=True)
class PodClass:
    """Pods alike in everything that a policy can see; `account` is "" where no policy looks at service accounts."""

    namespace: str
    labels: FrozenMap[str, str]
    host_network: bool
    signature: Signature
    account: str = ""


@dataclass(frozen=True, slots=True)
class AddressRange:
    """IPv4 addresses outside the cluster, first and last as numbers."""

    low: int
    high: int

    @property
    def first(self) -> str:
        """Its first address."""
        return _dotted(self.low)

    @property
    def text(self) -> str:
        """``10.0.0.0-10.255.255.255``."""
        return f"{_dotted(self.low)}-{_dotted(self.high)}"


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns. `class_of` gives the class of each Pod that was asked for, in its order; `samples` one Pod of each.

    What holds for the sample of a class holds for all of it, and for a range what holds for its first address.
    """

    classes: tuple[PodClass, ...]
    ranges: tuple[AddressRange, ...]
    class_of: npt.NDArray[np.int32]
    block_masks: dict[BlockMatch, Mask]
    samples: tuple[PodState, ...] = ()

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self.classes) + len(self.ranges)


def make_columns(
    pods: Sequence[PodState],
    policies: Iterable[CompiledPolicy],
    engine: Enforcement,
    more: Sequence[BlockMatch] = (),
    accounts: bool = False,
) -> Columns:
    """The columns for these Pods under these policies.

    `more` are the blocks that policies of other kinds look at; `accounts` says that one looks at service accounts.
    """
    blocks = tuple(dict.fromkeys((*_blocks(policies), *more)))
    inside = _membership(pods, blocks, engine)
    packed = np.packbits(inside, axis=1) if blocks else np.zeros((len(pods), 0), dtype=np.uint8)
    suffixes = [row.tobytes() for row in packed] if blocks and inside.any() else [b""] * len(pods)
    signatures: dict[int, Signature] = {}
    numbers: dict[tuple[str, FrozenMap[str, str], bool, Signature, str, bytes], int] = {}
    members: list[int] = []
    class_of = np.zeros(len(pods), dtype=np.int32)
    for index, pod in enumerate(pods):
        signature = signatures.get(id(pod.spec))
        if signature is None:
            signature = signatures[id(pod.spec)] = _signature(pod)
        account = (pod.spec.serviceAccountName or "default") if accounts else ""
        key = (pod.namespace, pod.labels, pod.host_network, signature, account, suffixes[index])
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(numbers)
            members.append(index)
        class_of[index] = number
    classes = tuple(PodClass(*key[:-1]) for key in numbers)
    ranges = _ranges(blocks)
    masks = {
        block: np.concatenate(
            [inside[members, number] if members else np.zeros(0, dtype=bool), _range_mask(block, ranges)]
        )
        for number, block in enumerate(blocks)
    }
    return Columns(classes, ranges, class_of, masks, tuple(pods[index] for index in members))


class LabelIndex:
    """Which classes have which label, and the mask of a selector."""

    __slots__ = ("_count", "_keys", "_pairs", "_rows")

    def __init__(self, labels: Sequence[FrozenMap[str, str]]) -> None:
        self._count = len(labels)
        self._rows: dict[str, dict[str, list[int]]] = {}
        for number, found in enumerate(labels):
            for key, value in found.items():
                self._rows.setdefault(key, {}).setdefault(value, []).append(number)
        self._pairs: dict[tuple[str, str], Mask] = {}
        self._keys: dict[str, Mask] = {}

    def pair(self, key: str, value: str) -> Mask:
        """Where the label `key` is `value`."""
        found = self._pairs.get((key, value))
        if found is None:
            found = self._pairs[(key, value)] = self._mask(self._rows.get(key, {}).get(value, []))
        return found

    def key(self, key: str) -> Mask:
        """Where the label `key` is set."""
        found = self._keys.get(key)
        if found is None:
            rows = [number for numbers in self._rows.get(key, {}).values() for number in numbers]
            found = self._keys[key] = self._mask(rows)
        return found

    def selector(self, selector: LabelSelector) -> Mask:
        """Where a selector matches; the mask is shared and must not be changed."""
        masks = [self.pair(key, value) for key, value in selector.matchLabels.items()]
        if len(masks) == 1 and not selector.matchExpressions:
            return masks[0]
        mask = masks[0].copy() if masks else np.ones(self._count, dtype=bool)
        for one in masks[1:]:
            mask &= one
        for item in selector.matchExpressions:
            if item.operator in ("In", "NotIn"):
                one = np.zeros(self._count, dtype=bool)
                for value in item.values:
                    one |= self.pair(item.key, value)
            else:
                one = self.key(item.key)
            mask &= one if item.operator in ("In", "Exists") else ~one
        return mask

    def _mask(self, numbers: list[int]) -> Mask:
        mask = np.zeros(self._count, dtype=bool)
        mask[numbers] = True
        return mask


def _signature(pod: PodState) -> Signature:
    sidecars = tuple(c for c in pod.spec.initContainers if c.restartPolicy == "Always")
    ports = [port for container in (*pod.spec.containers, *sidecars) for port in container.ports]
    return tuple(dict.fromkeys((p.name, p.protocol, p.containerPort) for p in ports if p.name))


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


def _membership(pods: Sequence[PodState], blocks: Sequence[BlockMatch], engine: Enforcement) -> Mask:
    """A row per Pod, a column per block: whether the block matches the Pod under this engine."""
    inside = np.zeros((len(pods), len(blocks)), dtype=bool)
    if not blocks or not engine.ip_block:
        return inside
    matched = np.array(
        [bool(engine.ip_block_matches_nodes if pod.host_network else engine.ip_block_matches_pods) for pod in pods],
        dtype=bool,
    )
    v4 = np.array([next((_number(a) for a in pod.ips if ":" not in a), -1) for pod in pods], dtype=np.int64)
    for number, block in enumerate(blocks):
        if isinstance(block.network, IPv4Network):
            inside[:, number] = matched & _covered(block, v4, v4)
        else:
            inside[:, number] = matched & np.array([_covers_v6(block, pod) for pod in pods], dtype=bool)
    return inside


def _covers_v6(block: BlockMatch, pod: PodState) -> bool:
    found = (parse_address(address) for address in pod.ips if ":" in address)
    return any(address is not None and block.covers(address) for address in found)


def _covered(block: BlockMatch, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]) -> Mask:
    """Whether the interval low…high lies in the block; each is wholly inside or outside of every border."""
    first, last = int(block.network.network_address), int(block.network.broadcast_address)
    mask: Mask = (low >= first) & (high <= last)
    for out in block.excepts:
        mask &= ~((low >= int(out.network_address)) & (high <= int(out.broadcast_address)))
    return mask


def _ranges(blocks: Sequence[BlockMatch]) -> tuple[AddressRange, ...]:
    """The IPv4 addresses, cut at the first address of every block and exception and behind its last."""
    networks = [n for b in blocks for n in (b.network, *b.excepts) if isinstance(n, IPv4Network)]
    cuts = {0, LAST_V4 + 1}
    for network in networks:
        cuts |= {int(network.network_address), int(network.broadcast_address) + 1}
    ordered = sorted(cuts)
    return tuple(AddressRange(low, after - 1) for low, after in pairwise(ordered))


def _range_mask(block: BlockMatch, ranges: Sequence[AddressRange]) -> Mask:
    if not isinstance(block.network, IPv4Network):
        return np.zeros(len(ranges), dtype=bool)
    low = np.array([r.low for r in ranges], dtype=np.int64)
    high = np.array([r.high for r in ranges], dtype=np.int64)
    return _covered(block, low, high)


def _number(address: str) -> int:
    """An IPv4 address as a number; -1, which no block holds, for what is none: a given Pod may carry any text."""
    parts = address.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdecimal() and len(part) < 4 for part in parts):
        return -1
    a, b, c, d = map(int, parts)
    return (a << 24) | (b << 16) | (c << 8) | d if max(a, b, c, d) < 256 else -1


def _dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
