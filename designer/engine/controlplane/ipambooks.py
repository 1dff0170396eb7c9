"""The books of Pod address management: what each Node owns, which addresses are in use, and what an IPAM has to answer.

One module a plugin's order: `hostlocal`, `calicoblocks`, `ciliumpool`, `weavering`; `podips` chooses among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from designer.engine.controlplane.addresses import BITS, Net, net_text, parse_address, parse_net, parse_nets
from designer.engine.controlplane.state import Family
from designer.model import EMPTY_MAP, FrozenMap, NodeRecord


class NoAddressError(Exception):
    """Inside an allocator: there is no address; the text is what the plugin says."""


@dataclass(slots=True)
class NodeBook:
    """The IPAM state of one Node while addresses are handed out; it becomes a `NodeRecord` again.

    `own` are the addresses of its tunnel devices, `given` those of them that the Node's annotations tell.
    """

    name: str
    cidrs: tuple[Net, ...]
    blocks: list[str] = field(default_factory=list)
    freed: list[str] = field(default_factory=list)
    last_reserved: dict[str, str] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    given: tuple[str, ...] = ()


class PodIpam(Protocol):
    """What a plugin's address management can do. Nodes are named; addresses are text. `used` are those in use."""

    used: Used

    def fits(self, node: str, ip: str) -> bool:
        """Whether a Pod of `node` may have this address under the plugin as it is set up now."""

    def adopt(self, node: str, ip: str) -> None:
        """Mark the address of an existing Pod as used; claim the range that it must have come from."""

    def release(self, node: str, ip: str) -> None:
        """Take note that an address is free again."""

    def prepare(self, node: str) -> None:
        """Give the Node's own devices their addresses where the plugin takes them from the same ranges."""

    def take(self, node: str) -> tuple[str, ...]:
        """The addresses of a new Pod, one a family. Raises `NoAddressError`."""


class Used:
    """Which addresses are in use, by family."""

    __slots__ = ("_sets",)

    def __init__(self) -> None:
        self._sets: dict[Family, set[int]] = {4: set(), 6: set()}

    def __len__(self) -> int:
        return sum(map(len, self._sets.values()))

    def copy(self) -> Used:
        """The same addresses, apart from this."""
        found = Used()
        found.join(self)
        return found

    def join(self, other: Used) -> None:
        """Mark all that `other` has marked."""
        for family, numbers in other._sets.items():
            self._sets[family] |= numbers

    def of(self, family: Family) -> set[int]:
        """The numbers in use; the set itself."""
        return self._sets[family]

    def add(self, ip: str) -> tuple[Family, int] | None:
        """Mark an address; its family and number."""
        found = parse_address(ip)
        if found is not None:
            self._sets[found[0]].add(found[1])
        return found

    def drop(self, ip: str) -> tuple[Family, int] | None:
        """Unmark an address; its family and number."""
        found = parse_address(ip)
        if found is not None:
            self._sets[found[0]].discard(found[1])
        return found


class BlockPools:
    """Pools cut into blocks of one size a family: which block an address is in, where the n-th block starts."""

    def __init__(self, pools: Iterable[str], sizes: dict[Family, int]) -> None:
        self.sizes = sizes
        self.pools: dict[Family, tuple[Net, ...]] = {}
        for net in parse_nets(pools):
            if net.prefix <= sizes[net.family] <= BITS[net.family]:
                self.pools[net.family] = (*self.pools.get(net.family, ()), net)

    def block_size(self, family: Family) -> int:
        """How many addresses a block has."""
        return 1 << (BITS[family] - self.sizes[family])

    def block_of(self, family: Family, number: int) -> int | None:
        """First address of the block that an address is in; None outside every pool."""
        if any(pool.has(number) for pool in self.pools.get(family, ())):
            return number & ~(self.block_size(family) - 1)
        return None

    def starts(self, family: Family, pool: Net, offset: int) -> Iterable[int]:
        """First addresses of the blocks of `pool`, from block `offset` around."""
        size = self.block_size(family)
        count = pool.size // size
        return (pool.first + ((offset + step) % count) * size for step in range(count))

    def count(self, family: Family, pool: Net) -> int:
        """How many blocks `pool` has."""
        return pool.size // self.block_size(family)

    def text(self, family: Family, start: int) -> str:
        """The CIDR of a block."""
        return net_text(family, start, self.sizes[family])

    def parse(self, text: str) -> tuple[Family, int] | None:
        """Family and first address of a recorded block; None when it is no block of these pools."""
        if "-" in text:
            return None
        net = parse_net(text)
        if net is None or net.prefix != self.sizes[net.family] or self.block_of(net.family, net.first) is None:
            return None
        return net.family, net.first


def to_record(book: NodeBook, old: NodeRecord | None, addresses: tuple[str, ...]) -> NodeRecord:
    """The record of a Node from its book; `old` itself when nothing differs."""
    pod_cidrs = tuple(net.text for net in book.cidrs)
    last = FrozenMap(dict(sorted(book.last_reserved.items()))) if book.last_reserved else EMPTY_MAP
    blocks, freed, own = tuple(book.blocks), tuple(book.freed), tuple(book.own)
    if (
        old is not None
        and old.addresses == addresses
        and old.podCIDRs == pod_cidrs
        and old.lastReserved == last
        and old.blocks == blocks
        and old.freed == freed
        and old.tunnelIps == own
    ):
        return old
    return NodeRecord.model_construct(
        None,
        addresses=addresses,
        podCIDRs=pod_cidrs,
        lastReserved=last,
        blocks=blocks,
        freed=freed,
        tunnelIps=own,
    )
