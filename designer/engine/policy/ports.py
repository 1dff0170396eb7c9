"""Exact sets of ports per protocol, and the ports that a name stands for on a Pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from designer.model import PodSpec

PROTOCOLS = ("TCP", "UDP", "SCTP")
MIN_PORT, MAX_PORT = 1, 65535

Interval = tuple[int, int]


def _union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _intersection(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> tuple[Interval, ...]:
    found, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            found.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def _complement(intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """What is left of all ports."""
    edges = [(0, MIN_PORT - 1), *intervals, (MAX_PORT + 1, MAX_PORT + 1)]
    return tuple((end + 1, start - 1) for (_, end), (start, _) in pairwise(edges) if end + 1 <= start - 1)


@dataclass(frozen=True, slots=True)
class PortSet:
    """Sorted, disjoint, never touching intervals for each of TCP, UDP and SCTP (in the order of `PROTOCOLS`)."""

    intervals: tuple[tuple[Interval, ...], tuple[Interval, ...], tuple[Interval, ...]] = ((), (), ())

    @classmethod
    def of(cls, protocol: str, low: int = MIN_PORT, high: int = MAX_PORT) -> PortSet:
        """The ports `low` to `high` of one protocol; nothing for a protocol other than TCP, UDP, SCTP."""
        one, two, three = (((low, high),) if p == protocol and low <= high else () for p in PROTOCOLS)
        return cls((one, two, three))

    def __or__(self, other: PortSet) -> PortSet:
        one, two, three = (_union(a + b) for a, b in zip(self.intervals, other.intervals, strict=True))
        return PortSet((one, two, three))

    def __and__(self, other: PortSet) -> PortSet:
        one, two, three = (_intersection(a, b) for a, b in zip(self.intervals, other.intervals, strict=True))
        return PortSet((one, two, three))

    def __sub__(self, other: PortSet) -> PortSet:
        one, two, three = (
            _intersection(a, _complement(b)) for a, b in zip(self.intervals, other.intervals, strict=True)
        )
        return PortSet((one, two, three))

    def __bool__(self) -> bool:
        return any(self.intervals)

    def __contains__(self, item: tuple[str, int]) -> bool:
        protocol, port = item
        if protocol not in PROTOCOLS:
            return False
        return any(low <= port <= high for low, high in self.intervals[PROTOCOLS.index(protocol)])

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        """Protocol, first and last port of each interval."""
        for protocol, intervals in zip(PROTOCOLS, self.intervals, strict=True):
            for low, high in intervals:
                yield protocol, low, high

    def text(self) -> str:
        """``TCP 80, TCP 8000-8080``; "all connections" for everything, "none" for nothing."""
        if self == ALL_PORTS:
            return "all connections"
        parts = [
            f"{p} all" if (low, high) == (MIN_PORT, MAX_PORT) else f"{p} {low}" + (f"-{high}" if high > low else "")
            for p, low, high in self
        ]
        return ", ".join(parts) or "none"


NO_PORTS = PortSet()
ALL_PORTS = PortSet.of("TCP") | PortSet.of("UDP") | PortSet.of("SCTP")


def named_ports(spec: PodSpec, name: str, protocol: str) -> tuple[int, ...]:
    """The numbers that a port name stands for on a Pod: containers and sidecars, same protocol, in order of appearance.

    Init containers that end before the Pod is up do not count (`domain/policies.md`, "evaluation": named port).
    """
    sidecars = tuple(c for c in spec.initContainers if c.restartPolicy == "Always")
    found = [
        port.containerPort
        for container in (*spec.containers, *sidecars)
        for port in container.ports
        if port.name == name and port.protocol == protocol
    ]
    return tuple(dict.fromkeys(found))
