"""Which address blocks hold the addresses of Pods, as masks: for sure, and perhaps (no input says the address)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import numpy as np
import numpy.typing as npt

from designer.engine.controlplane.enforcement import Enforcement, Network
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import EVERYWHERE, Address, BlockMatch, parse_address
from designer.engine.policy.porttable import Mask

Codes = npt.NDArray[np.int64]
Networks = tuple[Network, ...]
# How an address is numbered that is none, and one of which only the family is known (`matchers.NOWHERE`).
NO_ADDRESS, SOME_ADDRESS = -1, 0


@dataclass(slots=True)
class Membership:
    """A row per Pod, a column per block: `inside` where the block holds an address of it, `open` where it may."""

    inside: Mask
    open: Mask

    @property
    def touched(self) -> Mask:
        """The rows that some block may hold."""
        found: Mask = np.any(self.inside | self.open, axis=1)
        return found

    def rows(self, wanted: Sequence[int]) -> Membership:
        """Some rows, in this order."""
        return Membership(self.inside[wanted], self.open[wanted])

    def keys(self) -> list[bytes]:
        """A key for each row: rows with the same are alike."""
        packed = np.packbits(np.hstack((self.inside, self.open)), axis=1)
        return [row.tobytes() for row in packed]

    def part_families(self, rows: Sequence[int], of_four: Mask) -> None:
        """Leave these rows to the blocks of IPv4, and add rows at the end that are those of the others."""
        for name in ("inside", "open"):
            mask: Mask = getattr(self, name)
            six = mask[rows] & ~of_four
            mask[rows] &= of_four
            setattr(self, name, np.concatenate([mask, six]))


def membership(pods: Sequence[PodState], blocks: Sequence[BlockMatch], engine: Enforcement) -> Membership:
    """The membership of these Pods, where it may matter: of those whose addresses the engine never asks it is empty."""
    inside = np.zeros((len(pods), len(blocks)), dtype=bool)
    flags = {True: engine.ip_block_matches_nodes, False: engine.ip_block_matches_pods}
    if not blocks or set(flags.values()) == {False}:
        return Membership(inside, np.zeros_like(inside))
    asked = np.array([flags[pod.host_network] is not False for pod in pods], dtype=bool)
    v4 = np.array([next((_number(a) for a in pod.ips if ":" not in a), NO_ADDRESS) for pod in pods], dtype=np.int64)
    for number, block in enumerate(blocks):
        if isinstance(block.network, IPv4Network):
            inside[:, number] = asked & _covered(block, v4)
        else:
            inside[:, number] = asked & np.array([_covers_v6(block, pod) for pod in pods], dtype=bool)
    found = Membership(inside, np.zeros_like(inside))
    for rows, version, where in _unknown(pods, engine, v4):
        wanted = np.flatnonzero(rows & asked)
        for number, block in enumerate(blocks) if wanted.size else ():
            if version in (0, block.network.version):
                said = block.spans(where)
                found.inside[wanted, number] = said is True
                found.open[wanted, number] = said is None
    return found


def _unknown(pods: Sequence[PodState], engine: Enforcement, v4: Codes) -> Iterator[tuple[Mask, int, Networks]]:
    """Pods whose address of an IP version (0: all) no input says, with the networks in which it lies."""
    six: list[Address | None] = [None] * len(pods)
    for number, pod in enumerate(pods):
        if any(":" in address for address in pod.ips):
            six[number] = next((parse_address(address) for address in pod.ips if ":" in address), None)
    held = any(six)
    yield v4 == SOME_ADDRESS, 4, EVERYWHERE
    if held:
        yield np.array([one is not None and one.is_unspecified for one in six], dtype=bool), 6, EVERYWHERE
    for range_ in engine.made_up:
        network = range_.network
        if isinstance(network, IPv4Network):
            yield (v4 >= int(network.network_address)) & (v4 <= int(network.broadcast_address)), 4, range_.instead
        elif held:
            inside = [one is not None and one.version == 6 and one in network for one in six]
            yield np.array(inside, dtype=bool), 6, range_.instead
    bare = np.array([not pod.ips for pod in pods], dtype=bool)
    hosts = np.array([pod.host_network for pod in pods], dtype=bool)
    yield bare & ~hosts, 0, engine.pod_ranges
    yield bare & hosts, 0, EVERYWHERE


def _covers_v6(block: BlockMatch, pod: PodState) -> bool:
    found = (parse_address(address) for address in pod.ips if ":" in address)
    return any(address is not None and block.covers(address) for address in found)


def _covered(block: BlockMatch, found: Codes) -> Mask:
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
        return NO_ADDRESS
    a, b, c, d = map(int, parts)
    return (a << 24) | (b << 16) | (c << 8) | d if max(a, b, c, d) < 256 else NO_ADDRESS
