"""A packet as netfilter sees it, and the few things that are asked of its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Literal

Protocol = Literal["TCP", "UDP", "SCTP", "ICMP"]
CtState = Literal["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet with what the kernel keeps beside it.

    `src` and `dst` are addresses as canonical text (`ipaddress`' form); ports are 0 for ICMP. `mark` is the packet mark
    (32 bit). `in_iface` and `out_iface` are interface names, "" where the packet has none (sent by this machine, or for
    this machine). `ct_state` is what connection tracking says of it; `dnat` and `snat` tell whether its connection is
    translated (``--ctstate DNAT`` and ``SNAT`` ask for that).
    """

    family: Literal[4, 6]
    src: str
    dst: str
    protocol: Protocol = "TCP"
    sport: int = 0
    dport: int = 0
    mark: int = 0
    in_iface: str = ""
    out_iface: str = ""
    ct_state: CtState = "NEW"
    dnat: bool = False
    snat: bool = False


@lru_cache(maxsize=1 << 16)
def address_number(address: str) -> int:
    """The address as a number. Raises ValueError when the text is no address."""
    return int(ip_address(address))


@lru_cache(maxsize=1 << 16)
def canonical(address: str) -> str:
    """The address as `ipaddress` writes it. Raises ValueError when the text is no address."""
    return str(ip_address(address))


@lru_cache(maxsize=1 << 16)
def network_numbers(cidr: str) -> tuple[int, int, int]:
    """(family, network, mask) of a CIDR or a single address; host bits are cut off as iptables does."""
    network = ip_network(cidr, strict=False)
    return network.version, int(network.network_address), int(network.netmask)


def in_network(address: str, cidr: str) -> bool:
    """Whether an address lies in a CIDR (or equals a single address); never across families or in what is none."""
    if address == cidr:
        return True
    try:
        family, network, mask = network_numbers(cidr)
        return (6 if ":" in address else 4) == family and address_number(address) & mask == network
    except ValueError:
        return False


def is_loopback(address: str) -> bool:
    """Whether it is one of 127.0.0.0/8, or ::1."""
    return address == "::1" or address.startswith("127.")


def interface_matches(pattern: str, interface: str) -> bool:
    """Whether an interface name fits iptables' pattern: a trailing ``+`` stands for anything, also for nothing."""
    return interface.startswith(pattern[:-1]) if pattern.endswith("+") else interface == pattern
