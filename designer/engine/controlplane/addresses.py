"""Addresses as numbers: text to number and back, ranges of a network, lists of CIDRs and ``a-b`` ranges.

`ipaddress` objects are too slow for 150,000 Pods, so allocators count with plain numbers and families.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from designer.engine.controlplane.state import Family

BITS: dict[Family, int] = {4: 32, 6: 128}
FAMILY_NAMES: dict[Family, str] = {4: "IPv4", 6: "IPv6"}


@dataclass(frozen=True, slots=True)
class Net:
    """A network: family, first address as number, prefix length, canonical text."""

    family: Family
    first: int
    prefix: int
    text: str

    @property
    def size(self) -> int:
        """How many addresses it has, network and broadcast included."""
        return 1 << (BITS[self.family] - self.prefix)

    @property
    def last(self) -> int:
        """Its last address."""
        return self.first + self.size - 1

    def has(self, number: int) -> bool:
        """Whether an address of the same family lies inside."""
        return self.first <= number <= self.last

    def overlaps(self, other: Net) -> bool:
        """Whether both share an address."""
        return self.family == other.family and self.first <= other.last and other.first <= self.last


@lru_cache(maxsize=1 << 16)
def parse_net(text: str) -> Net | None:
    """The network that `text` says, host bits cleared; None when it says none."""
    try:
        net = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    family: Family = 4 if net.version == 4 else 6
    return Net(family, int(net.network_address), net.prefixlen, str(net))


def parse_nets(texts: Iterable[str]) -> tuple[Net, ...]:
    """The networks among `texts`, in order; what says none is left out."""
    return tuple(net for net in map(parse_net, texts) if net is not None)


@lru_cache(maxsize=1 << 18)
def parse_address(text: str) -> tuple[Family, int] | None:
    """Family and number of an address; None when `text` is none."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return (4, int(address)) if address.version == 4 else (6, int(address))


def address_text(family: Family, number: int) -> str:
    """The canonical text of an address."""
    if family == 4:
        return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return str(ipaddress.IPv6Address(number))


def canonical(text: str) -> str:
    """An address in canonical text; what is no address is given back as it is."""
    found = parse_address(text)
    return text if found is None else address_text(*found)


def family_of(text: str) -> Family:
    """The family that an address or CIDR is written in."""
    return 6 if ":" in text else 4


def net_text(family: Family, first: int, prefix: int) -> str:
    """The canonical text of a network."""
    return f"{address_text(family, first)}/{prefix}"


def parse_range(text: str) -> tuple[Family, int, int] | None:
    """Family, first and last address of a CIDR, of an ``a-b`` range or of a single address; None when it is neither."""
    if "-" in text:
        low, _, high = text.partition("-")
        first, last = parse_address(low), parse_address(high)
        if first is None or last is None or first[0] != last[0] or first[1] > last[1]:
            return None
        return first[0], first[1], last[1]
    net = parse_net(text)
    return None if net is None else (net.family, net.first, net.last)
