"""Band allocators of the API server: ClusterIPs and NodePorts, static band below, dynamic band above.

domain/ipam.md, "ClusterIP allocation" and "NodePort and healthCheckNodePort" (KEP-3070, KEP-3668): a drawn value comes
from a random start in the upper band, scanned with wrap; when that is full from the lower band in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from designer.engine.controlplane.addresses import Net


@dataclass(slots=True)
class Band:
    """Numbers from `first` to `last` of which the lowest `offset` are kept for explicit requests while possible."""

    first: int
    last: int
    offset: int
    used: set[int] = field(default_factory=set)

    def has(self, number: int) -> bool:
        """Whether a number lies inside."""
        return self.first <= number <= self.last

    def is_static(self, number: int) -> bool:
        """Whether a number lies in the lower band."""
        return self.first <= number < self.first + self.offset

    def draw(self, below: Callable[[int], int]) -> int | None:
        """A free number, marked as used; None when all are taken. `below(n)` draws from 0 to n - 1."""
        if self.last < self.first or len(self.used) >= self.last - self.first + 1:
            return None
        for low, high in ((self.first + self.offset, self.last), (self.first, self.first + self.offset - 1)):
            size = high - low + 1
            if size <= 0 or (len(self.used) >= size and self._taken(low, high) >= size):
                continue
            start = below(size)
            number = next(n for step in range(size) if (n := low + (start + step) % size) not in self.used)
            self.used.add(number)
            return number
        return None

    def _taken(self, low: int, high: int) -> int:
        return sum(low <= number <= high for number in self.used)


def cluster_ip_band(net: Net) -> Band:
    """The band of a Service CIDR: no network address, no IPv4 broadcast, offset `min(max(16, size/16), 256)`."""
    size = net.size
    offset = 0 if size <= 16 else min(max(16, size // 16), 256)
    last = net.last - 1 if net.family == 4 and size > 1 else net.last
    return Band(net.first + 1, last, offset)


def node_port_band(first: int, last: int) -> Band:
    """The band of a NodePort range: offset by `min(max(16, size/32), 128)`."""
    size = last - first + 1
    return Band(first, last, 0 if size <= 16 else min(max(16, size // 32), 128))


def mark(bands: Iterable[Band], number: int) -> bool:
    """Mark a number as used in every band that has it; whether one has."""
    found = False
    for band in bands:
        if band.has(number):
            band.used.add(number)
            found = True
    return found
