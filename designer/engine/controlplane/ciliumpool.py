"""Cilium cluster-pool IPAM: one block a Node in order, inside it a random start and a scan forward.

domain/ipam.md, "IPAM per CNI" and its Cilium details: network and broadcast addresses are unused; the router
(`cilium_host`) and the health endpoint take an address each, before any Pod.
"""

from __future__ import annotations

from collections.abc import Callable

from designer.engine.controlplane.addresses import address_text, parse_address
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.ipambooks import BlockPools, NoAddressError, NodeBook, Used
from designer.engine.controlplane.state import Family

OWN_ADDRESSES = 2  # cilium_host and the health endpoint


class CiliumPool:
    """Addresses out of the block (/24 for IPv4) that the operator gave to each Node."""

    def __init__(self, books: dict[str, NodeBook], pools: BlockPools, draws: Callable[[], Draws]) -> None:
        self._books, self._pools, self._draws = books, pools, draws
        self.used = Used()
        self._block: dict[tuple[str, Family], int] = {}
        owned: set[tuple[Family, int]] = set()
        for name, book in books.items():
            book.last_reserved, book.freed = {}, []
            for text in book.blocks:
                block = pools.parse(text)
                if block is not None and block not in owned and (name, block[0]) not in self._block:
                    owned.add(block)
                    self._block[name, block[0]] = block[1]
        for name in books:
            for family in pools.pools:
                if (name, family) not in self._block:
                    self._give(name, family, owned)
        for name, book in books.items():
            book.blocks = [pools.text(f, self._block[name, f]) for f in pools.pools if (name, f) in self._block]
            book.own = [ip for ip in book.own if self.fits(name, ip)]
            for ip in book.own:
                self.used.add(ip)

    def fits(self, node: str, ip: str) -> bool:
        """Whether the address lies in the Node's block."""
        found = parse_address(ip)
        start = None if found is None else self._block.get((node, found[0]))
        return found is not None and start is not None and self._pools.block_of(*found) == start

    def adopt(self, node: str, ip: str) -> None:
        """Mark an address as used."""
        self.used.add(ip)

    def release(self, node: str, ip: str) -> None:
        """The address may be drawn again."""
        self.used.drop(ip)

    def prepare(self, node: str) -> None:
        """cilium_host and the health endpoint get their addresses."""
        book = self._books[node]
        for family in self._pools.pools:
            for _ in range(OWN_ADDRESSES - sum((":" in ip) == (family == 6) for ip in book.own)):
                try:
                    book.own.append(address_text(family, self._draw(node, family)))
                except NoAddressError:
                    break

    def take(self, node: str) -> tuple[str, ...]:
        """One address of each family that has a pool. Raises `NoAddressError`."""
        if not self._pools.pools:
            raise NoAddressError("no IPAM pool provided")
        if any(self._is_full(node, family) for family in self._pools.pools):
            raise NoAddressError("range is full")  # before drawing: a Pod that stays pending must not use up draws
        return tuple(address_text(family, self._draw(node, family)) for family in self._pools.pools)

    def _give(self, node: str, family: Family, owned: set[tuple[Family, int]]) -> None:
        for pool in self._pools.pools[family]:
            for start in self._pools.starts(family, pool, 0):
                if (family, start) not in owned:
                    owned.add((family, start))
                    self._block[node, family] = start
                    return

    def _is_full(self, node: str, family: Family) -> bool:
        start, used = self._block.get((node, family)), self.used.of(family)
        size = self._pools.block_size(family) - 2
        return start is None or all(start + 1 + offset in used for offset in range(min(size, len(used) + 1)))

    def _draw(self, node: str, family: Family) -> int:
        if self._is_full(node, family):
            raise NoAddressError("range is full")
        start, used = self._block[node, family], self.used.of(family)
        size = self._pools.block_size(family) - 2
        offset = self._draws().below("ciliumIP", size)
        number = next(n for step in range(size) if (n := start + 1 + (offset + step) % size) not in used)
        used.add(number)
        return number
