"""host-local: a ring with a last-reserved pointer inside the Node's podCIDR (Flannel's bridge delegate).

domain/ipam.md, "host-local": first Pod .2, the gateway .1 is skipped, the search starts after the last reserved address
and wraps; IPv4 ends before the broadcast address, IPv6 at the last one; less than a /30 is too small.
"""

from __future__ import annotations

from designer.engine.controlplane.addresses import BITS, Net, address_text, parse_address
from designer.engine.controlplane.ipambooks import NoAddressError, NodeBook, Used


class HostLocal:
    """Addresses out of the podCIDRs of each Node, one a family."""

    def __init__(self, books: dict[str, NodeBook], tunnel: bool) -> None:
        self._books = books
        self.used = Used()
        self._tunnel = tunnel
        # Blocks in a record come from another plugin: nothing on such a Node was handed out by host-local.
        self._foreign = {name for name, book in books.items() if book.blocks}
        for book in books.values():
            book.blocks, book.freed = [], []
            texts = {net.text for net in book.cidrs}
            book.last_reserved = {cidr: ip for cidr, ip in book.last_reserved.items() if cidr in texts}

    def fits(self, node: str, ip: str) -> bool:
        """Whether the address lies in the Node's podCIDRs."""
        found, book = parse_address(ip), self._books.get(node)
        if found is None or book is None or node in self._foreign:
            return False
        return any(net.family == found[0] and net.has(found[1]) for net in book.cidrs)

    def adopt(self, node: str, ip: str) -> None:
        """Mark an address as used; without a pointer (an import does not say it) the ring goes on after the highest."""
        found, book = self.used.add(ip), self._books.get(node)
        if found is None or book is None:
            return
        for net in book.cidrs:
            if net.family == found[0] and net.has(found[1]) and net.text not in book.last_reserved:
                book.last_reserved[f"?{net.text}"] = max(
                    book.last_reserved.get(f"?{net.text}", ip), ip, key=lambda text: (parse_address(text) or (4, 0))[1]
                )

    def release(self, node: str, ip: str) -> None:
        """The address may be reserved again once the ring comes around."""
        self.used.drop(ip)

    def prepare(self, node: str) -> None:
        """flannel.1 has the network address of the podCIDR; the bridge has .1 and needs no record."""
        book = self._books[node]
        book.own = [address_text(net.family, net.first) for net in book.cidrs] if self._tunnel else []
        for key in [key for key in book.last_reserved if key.startswith("?")]:
            book.last_reserved.setdefault(key[1:], book.last_reserved.pop(key))

    def take(self, node: str) -> tuple[str, ...]:
        """The next address of each podCIDR. Raises `NoAddressError` with the plugin's words."""
        book = self._books[node]
        if not book.cidrs:
            raise NoAddressError(f'node "{node}" pod cidr not assigned')
        found = [(net, self._next(book, net)) for net in book.cidrs]
        ips = []
        for net, number in found:
            text = address_text(net.family, number)
            self.used.of(net.family).add(number)
            book.last_reserved[net.text] = text
            ips.append(text)
        return tuple(ips)

    def _next(self, book: NodeBook, net: Net) -> int:
        if BITS[net.family] - net.prefix < 2:
            raise NoAddressError(f"Network {net.text} too small to allocate from")
        first, gateway = net.first + 1, net.first + 1
        last = net.last - 1 if net.family == 4 else net.last
        size = last - first + 1
        pointer = parse_address(book.last_reserved.get(net.text, ""))
        start = first if pointer is None or not first <= pointer[1] <= last else pointer[1] + 1
        used = self.used.of(net.family)
        for step in range(min(size, len(used) + 2)):
            number = first + (start - first + step) % size
            if number != gateway and number not in used:
                return number
        raise NoAddressError(
            "no IP addresses available in range set: "
            f"{address_text(net.family, first)}-{address_text(net.family, last)}"
        )
