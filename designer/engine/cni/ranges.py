"""Address arithmetic on text: which range holds an address, which ranges are of one IP version."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from designer.engine.controlplane.state import Family

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


@lru_cache(maxsize=16384)
def network(cidr: str) -> Network | None:
    """The range that `cidr` names, host bits cleared; None when it names none."""
    try:
        return ip_network(cidr.strip(), strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=16384)
def address(text: str) -> Address | None:
    """The address, None when `text` is none."""
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def family_of(text: str) -> Family:
    """6 for an address or range with a colon, else 4."""
    return 6 if ":" in text else 4


def contains(cidr: str, text: str) -> bool:
    """Whether the range `cidr` holds the address `text`; False when either is not one."""
    where, what = network(cidr), address(text)
    return where is not None and what is not None and where.version == what.version and what in where


def holder(cidrs: Iterable[str], text: str) -> str | None:
    """The first of `cidrs` that holds the address, or None."""
    return next((cidr for cidr in cidrs if contains(cidr, text)), None)


def of_family(items: Iterable[str], family: Family) -> tuple[str, ...]:
    """Those addresses or ranges that are of `family`, in their order; what is neither is left out."""
    return tuple(item for item in items if family_of(item) == family and network(item) is not None)


def first_address(cidr: str) -> str | None:
    """The address after the network address: the gateway of a bridge (``10.244.1.1`` of ``10.244.1.0/24``)."""
    where = network(cidr)
    return None if where is None else str(where.network_address + 1)


def prefix_length(cidr: str) -> int:
    """The mask length of a range; 0 when it is none."""
    where = network(cidr)
    return 0 if where is None else where.prefixlen
