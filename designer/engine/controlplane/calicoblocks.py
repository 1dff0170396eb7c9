"""Calico IPAM: blocks affine to a Node, lowest free ordinal first, released addresses last, then borrowing.

domain/ipam.md, "IPAM per CNI" and its Calico details. The start block of a Node follows from its name, as in
libcalico-go; which block that is depends on Go's generator there and on ours here.
"""

from __future__ import annotations

from designer.engine.controlplane.addresses import FAMILY_NAMES, address_text, parse_address
from designer.engine.controlplane.draws import hashed
from designer.engine.controlplane.ipambooks import BlockPools, NoAddressError, NodeBook, Used
from designer.engine.controlplane.state import Family

MAX_BLOCKS_PER_NODE = 20

Block = tuple[Family, int]


class CalicoBlocks:
    """Addresses out of /26 (or as set) blocks of the pools."""

    def __init__(self, books: dict[str, NodeBook], pools: BlockPools, tunnels: tuple[Family, ...], strict: bool):
        self._books, self._pools, self._tunnels, self._strict = books, pools, tunnels, strict
        self.used = Used()
        self._masks: dict[Family, int] = {family: -pools.block_size(family) for family in pools.pools}
        self._owner: dict[Block, str] = {}
        self._blocks: dict[str, list[Block]] = {}
        self._cursor: dict[Block, int] = {}
        self._freed: dict[Block, list[int]] = {}
        self._tunnel_of: set[str] = set()
        # Families of which no block is without an owner, and those of which no block has an address left: a hundred
        # thousand Pods that wait for one must not each search all blocks.
        self._claimed: set[Family] = set()
        self._dry: set[Family] = set()
        for name, book in books.items():
            book.last_reserved = {}
            self._blocks[name] = []
            for text in book.blocks:
                block = pools.parse(text)
                if block is not None and block not in self._owner:
                    self._claim(name, block)
            for ip in book.freed:
                found = parse_address(ip)
                block = self._block_of(found)
                if found is not None and block is not None and self._owner.get(block) == name:
                    self._freed.setdefault(block, []).append(found[1])
        for name, book in books.items():
            self._take_own(name, book)

    def _take_own(self, node: str, book: NodeBook) -> None:
        """Keep the tunnel addresses that still fit; what the Node says of its own comes before them."""
        given = [ip for ip in book.given if self._family(ip) in self._tunnels]
        for ip in given:
            block = self._block_of(parse_address(ip))
            if block is not None and block not in self._owner:
                self._claim(node, block)
        said = {self._family(ip) for ip in given}
        rest = [ip for ip in book.own if self.fits(node, ip) and self._family(ip) in self._tunnels]
        book.own = [*given, *(ip for ip in rest if self._family(ip) not in said)]
        for ip in book.own:
            self.used.add(ip)

    def fits(self, node: str, ip: str) -> bool:
        """Whether the address lies in a block that some Node has (a borrowed address lies in another's)."""
        found = parse_address(ip)
        if found is None:
            return False
        family, number = found
        return family in self._masks and (family, number & self._masks[family]) in self._owner

    def adopt(self, node: str, ip: str) -> None:
        """Mark an address as used; a block that nobody has must be this Node's."""
        found = self.used.add(ip)
        if found is None:
            return
        # The block in one step where it is known, as for almost every Pod.
        block: Block | None = (found[0], found[1] & self._masks.get(found[0], 0))
        if block not in self._owner:
            block = self._block_of(found)
            if block is None:
                return
            if node in self._books:
                self._claim(node, block)
        if block in self._freed and found[1] in self._freed[block]:
            self._freed[block].remove(found[1])

    def release(self, node: str, ip: str) -> None:
        """The address goes to the end of its block's free list."""
        found = self.used.drop(ip)
        if found is not None:
            self._dry.discard(found[0])
        block = self._block_of(found)
        if found is not None and block in self._owner and found[1] not in self._freed.setdefault(block, []):
            self._freed[block].append(found[1])

    def prepare(self, node: str) -> None:
        """tunl0 and vxlan.calico take one address a family."""
        book = self._books[node]
        have = {self._family(ip) for ip in book.own}
        for family in self._tunnels:
            if family in self._pools.pools and family not in have:
                try:
                    number = self._affine(node, family)
                except NoAddressError:
                    continue
                book.own.append(address_text(family, number))

    def take(self, node: str) -> tuple[str, ...]:
        """One address of each family that has a pool. Raises `NoAddressError` with Calico's words."""
        if not self._pools.pools:
            raise NoAddressError("failed to request IPv4 addresses: No IPs available in pools: []")
        numbers: list[Block] = []
        for family in self._pools.pools:
            try:
                numbers.append((family, self._affine(node, family)))
            except NoAddressError as failure:
                borrowed = None if self._strict else self._borrow(node, family)
                if borrowed is None:
                    for taken in numbers:
                        self.release(node, address_text(*taken))
                    name = FAMILY_NAMES[family]
                    raise NoAddressError(
                        f"failed to request {name} addresses: Assigned 0 out of 1 requested {name} addresses; {failure}"
                    ) from None
                numbers.append((family, borrowed))
        return tuple(address_text(family, number) for family, number in numbers)

    def write_back(self) -> None:
        """Bring the books' blocks and free lists up to date."""
        for name, book in self._books.items():
            book.blocks = [self._pools.text(*block) for block in self._blocks[name]]
            book.freed = [address_text(b[0], n) for b in self._blocks[name] for n in self._freed.get(b, ())]

    @staticmethod
    def _family(ip: str) -> Family:
        return 6 if ":" in ip else 4

    def _block_of(self, found: tuple[Family, int] | None) -> Block | None:
        if found is None:
            return None
        start = self._pools.block_of(*found)
        return None if start is None else (found[0], start)

    def _claim(self, node: str, block: Block) -> None:
        self._owner[block] = node
        self._blocks[node].append(block)

    def _affine(self, node: str, family: Family) -> int:
        for block in self._blocks[node]:
            if block[0] == family and (number := self._lowest(block)) is not None:
                return number
        block = self._new_block(node, family)
        number = self._lowest(block)
        if number is None:
            raise NoAddressError(self._empty(family))
        return number

    def _lowest(self, block: Block) -> int | None:
        """The lowest ordinal that was never handed out, else the address that was released first; taken at once."""
        family, start = block
        used, size = self.used.of(family), self._pools.block_size(family)
        freed = self._freed.get(block, [])
        ordinal = self._cursor.get(block, 0)
        while ordinal < size and (start + ordinal in used or start + ordinal in freed):
            ordinal += 1
        self._cursor[block] = ordinal
        if ordinal < size:
            used.add(start + ordinal)
            return start + ordinal
        if freed:
            number = freed.pop(0)
            used.add(number)
            return number
        return None

    def _new_block(self, node: str, family: Family) -> Block:
        if sum(b[0] == family for b in self._blocks[node]) >= MAX_BLOCKS_PER_NODE:
            raise NoAddressError(
                f"Need to allocate an IPAM block but could not - limit of {MAX_BLOCKS_PER_NODE} blocks reached for "
                "this node"
            )
        for pool in self._pools.pools.get(family, ()) if family not in self._claimed else ():
            offset = hashed("calico-start-block", node) % self._pools.count(family, pool)
            for start in self._pools.starts(family, pool, offset):
                if (family, start) not in self._owner:
                    self._claim(node, (family, start))
                    return family, start
        self._claimed.add(family)
        raise NoAddressError(
            "No more free affine blocks and strict affinity enabled" if self._strict else self._empty(family)
        )

    def _borrow(self, node: str, family: Family) -> int | None:
        """A single address of another Node's block, searched from the Node's own start block on."""
        if family in self._dry:
            return None
        for pool in self._pools.pools.get(family, ()):
            offset = hashed("calico-start-block", node) % self._pools.count(family, pool)
            for start in self._pools.starts(family, pool, offset):
                if (family, start) in self._owner and (number := self._lowest((family, start))) is not None:
                    return number
        self._dry.add(family)
        return None

    def _empty(self, family: Family) -> str:
        return f"No IPs available in pools: [{' '.join(pool.text for pool in self._pools.pools.get(family, ()))}]"
