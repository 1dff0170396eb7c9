"""Addresses outside the cluster as ranges, cut at every border of an address block, in each IP family that counts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise

import numpy as np

from designer.engine.policy.matchers import BlockMatch
from designer.engine.policy.porttable import Mask
from designer.engine.policy.validate import Network

# The last address of each family as a number.
LAST = {4: 2**32 - 1, 6: 2**128 - 1}


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses of one family outside the cluster, first and last as numbers."""

    low: int
    high: int
    family: int = 4

    @property
    def first(self) -> str:
        """Its first address."""
        return _written(self.low, self.family)

    @property
    def text(self) -> str:
        """``10.0.0.0-10.255.255.255``, ``2001:db8::-2001:db8::ffff``."""
        return f"{self.first}-{_written(self.high, self.family)}"


def _written(number: int, family: int) -> str:
    return str(IPv4Address(number) if family == 4 else IPv6Address(number))


def address_ranges(blocks: Sequence[BlockMatch], families: Sequence[int]) -> tuple[AddressRange, ...]:
    """All addresses of each family, cut at the first address of every block and exception and behind its last."""
    networks = [network for block in blocks for network in (block.network, *block.excepts)]
    found: list[AddressRange] = []
    for family in families:
        cuts = {0, LAST[family] + 1}
        for network in networks:
            if network.version == family:
                cuts |= {int(network.network_address), int(network.broadcast_address) + 1}
        found += [AddressRange(low, after - 1, family) for low, after in pairwise(sorted(cuts))]
    return tuple(found)


def common_ranges(sides: Sequence[Sequence[AddressRange]]) -> tuple[AddressRange, ...]:
    """The ranges cut at every border of any side; a family stands there where every side has it."""
    found: list[AddressRange] = []
    for family in (4, 6):
        lows = [{one.low for one in side if one.family == family} for side in sides]
        if all(lows):
            cuts = sorted(set.union(*lows))
            found += [AddressRange(a, b - 1, family) for a, b in pairwise((*cuts, LAST[family] + 1))]
    return tuple(found)


class RangeCuts:
    """Finds which of some ranges (IPv4 before IPv6) a block holds, by their borders."""

    __slots__ = ("_count", "_lows", "_starts")

    def __init__(self, ranges: Sequence[AddressRange]) -> None:
        self._count = len(ranges)
        self._lows = {family: [one.low for one in ranges if one.family == family] for family in (4, 6)}
        self._starts = {4: 0, 6: len(self._lows[4])}

    def mask(self, block: BlockMatch) -> Mask:
        """Which ranges are in the block and in none of its exceptions; each is wholly inside or outside."""
        found = np.zeros(self._count, dtype=bool)
        found[self._part(block.network)] = True
        for out in block.excepts:
            found[self._part(out)] = False
        return found

    def place(self, wanted: AddressRange) -> int:
        """The position of the range that `wanted` lies in; -1 where its family is not there."""
        lows = self._lows[wanted.family]
        return self._starts[wanted.family] + bisect_right(lows, wanted.low) - 1 if lows else -1

    def _part(self, network: Network) -> slice:
        lows, start = self._lows[network.version], self._starts[network.version]
        low, high = int(network.network_address), int(network.broadcast_address)
        return slice(start + bisect_left(lows, low), start + bisect_left(lows, high + 1))
