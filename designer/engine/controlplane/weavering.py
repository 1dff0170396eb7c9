"""Weave Net IPAM: the whole range split as a ring among the first peers; lowest free address of the own ranges.

domain/ipam.md, "IPAM per CNI" and its Weave details. A Node that joins later, or has no space left, gets half of the
free end of another Node's range, the donor drawn with the weight of its free space. IPv4 only.
"""

from __future__ import annotations

from collections.abc import Callable

from designer.engine.controlplane.addresses import Net, address_text, parse_address, parse_range
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.ipambooks import NoAddressError, NodeBook, Used


class WeaveRing:
    """Addresses out of the ranges that each Node owns; the bridge `weave` of every Node takes one too."""

    def __init__(self, books: dict[str, NodeBook], pool: Net, draws: Callable[[], Draws]) -> None:
        self._books, self._pool, self._draws = books, pool, draws
        self.used = Used()
        self._ranges: dict[str, list[tuple[int, int]]] = {}
        self._cursor: dict[tuple[int, int], int] = {}
        for name, book in books.items():
            book.last_reserved, book.freed = {}, []
            found = [parse_range(text) for text in book.blocks if "-" in text]
            self._ranges[name] = [(low, high) for r in found if r for _, low, high in (r,) if pool.has(low)]
        if books and not any(self._ranges.values()):
            self._split()
        for name, book in books.items():
            book.own = [ip for ip in book.own if self.fits(name, ip)]
            for ip in book.own:
                self.used.add(ip)

    def fits(self, node: str, ip: str) -> bool:
        """Whether the address lies in a range of the Node."""
        found = parse_address(ip)
        return found is not None and any(low <= found[1] <= high for low, high in self._ranges.get(node, ()))

    def adopt(self, node: str, ip: str) -> None:
        """Mark an address as used."""
        self.used.add(ip)

    def release(self, node: str, ip: str) -> None:
        """The address is free at once, and may be the lowest."""
        found = self.used.drop(ip)
        if found is not None:
            for key in [key for key in self._cursor if key[0] <= found[1] <= key[1]]:
                self._cursor[key] = min(self._cursor[key], found[1])

    def prepare(self, node: str) -> None:
        """The bridge of the Node gets its address."""
        book = self._books[node]
        if not book.own:
            try:
                book.own = list(self.take(node))
            except NoAddressError:
                book.own = []

    def take(self, node: str) -> tuple[str, ...]:
        """The lowest free address of the Node's ranges, asking another Node if need be. Raises `NoAddressError`."""
        number = self._lowest(node)
        if number is None and self._ask(node):
            number = self._lowest(node)
        if number is None:
            raise NoAddressError(
                f"no peer has free space left in {self._pool.text}; the request waits until there is some"
            )
        return (address_text(4, number),)

    def write_back(self) -> None:
        """Bring the books' ranges up to date."""
        for name, book in self._books.items():
            book.blocks = [f"{address_text(4, low)}-{address_text(4, high)}" for low, high in self._ranges[name]]

    def _split(self) -> None:
        share, rest = divmod(self._pool.size, len(self._books))
        position = self._pool.first
        for index, name in enumerate(self._books):
            length = share + (1 if index < rest else 0)
            if length:
                self._ranges[name] = [(position, position + length - 1)]
            position += length

    def _lowest(self, node: str) -> int | None:
        used = self.used.of(4)
        for key in self._ranges[node]:
            number = self._cursor.get(key, max(key[0], self._pool.first + 1))
            while number <= key[1] and number in used:
                number += 1
            self._cursor[key] = number
            if number <= min(key[1], self._pool.last - 1):
                used.add(number)
                return number
        return None

    def _free_end(self, node: str) -> tuple[int, int, int]:
        """Length of the longest free end of the Node's ranges, the range's index, and where the end starts."""
        best = (0, 0, 0)
        for index, (low, high) in enumerate(self._ranges[node]):
            top = max((n for n in self.used.of(4) if low <= n <= high), default=low - 1)
            best = max(best, (high - top, index, top + 1))
        return best

    def _ask(self, node: str) -> bool:
        ends = {name: self._free_end(name) for name in self._books if name != node}
        total = sum(length for length, _, _ in ends.values())
        if total < 2:
            return False
        point = self._draws().below("weaveDonor", total)
        for name, (length, index, start) in ends.items():
            if point < length:
                low, high = self._ranges[name][index]
                middle = start + length // 2
                self._ranges[name][index] = (low, middle - 1)
                if middle == low:
                    del self._ranges[name][index]
                self._ranges[node].append((middle, high))
                self._cursor.clear()
                return True
            point -= length
        return False
