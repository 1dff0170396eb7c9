"""The matches of an iptables rule as values (iptables(8), iptables-extensions(8)).

What they mean is in `evaluate`, how they are written in `render`. `negated` stands for the ``!`` before an option.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Proto:
    """``-p``: "tcp", "udp", "sctp", "icmp", "ipv6-icmp". With `module` written as ``-m tcp -p tcp``."""

    name: str
    module: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """``-s``: an address or CIDR."""

    cidr: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """``-d``: an address or CIDR."""

    cidr: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class SourcePort:
    """``--sport first[:last]``."""

    first: int
    last: int | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class DestinationPort:
    """``--dport first[:last]``."""

    first: int
    last: int | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InInterface:
    """``-i``: a name, or a prefix that ends in ``+``."""

    name: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OutInterface:
    """``-o``: a name, or a prefix that ends in ``+``."""

    name: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class MarkIs:
    """``-m mark --mark value/mask``: the packet's mark under `mask` is `value`."""

    value: int
    mask: int = 0xFFFFFFFF
    negated: bool = False


@dataclass(frozen=True, slots=True)
class CtStateIs:
    """``-m conntrack --ctstate``: any of NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED, DNAT, SNAT."""

    states: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AddrType:
    """``-m addrtype``: the address at one end ("src" or "dst") is of type LOCAL.

    `limit_in` and `limit_out` are ``--limit-iface-in`` and ``--limit-iface-out``: only the addresses of that interface
    of the packet count.
    """

    end: str
    negated: bool = False
    limit_in: bool = False
    limit_out: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """``-m comment --comment``: always matches."""

    text: str


@dataclass(frozen=True, slots=True)
class RandomChance:
    """``-m statistic --mode random --probability``: matches with the exact `probability`; written with ten decimals."""

    probability: Fraction


@dataclass(frozen=True, slots=True)
class RecentCheck:
    """``-m recent --name NAME --rcheck --seconds N --reap``: whether the source was seen in the last `seconds`.

    `seconds` None asks for any time. `by_dest` is ``--rdest``.
    """

    name: str
    seconds: int | None = None
    reap: bool = False
    by_dest: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class RecentSet:
    """``-m recent --name NAME --set``: notes the source (or destination); always matches."""

    name: str
    by_dest: bool = False


@dataclass(frozen=True, slots=True)
class InSet:
    """``-m set --match-set NAME dims``: `dims` are "src" and "dst", one for each part of the set's elements."""

    name: str
    dims: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class BridgedIn:
    """``-m physdev --physdev-is-in``: the packet entered a Linux bridge of this node through one of its ports."""

    negated: bool = False


@dataclass(frozen=True, slots=True)
class OfVirtualServer:
    """``-m ipvs --vaddr --vproto --vport``: the packet belongs to a connection of that IPVS virtual server.

    `protocol` in lower case.
    """

    address: str
    protocol: str
    port: int


Match = (
    Proto
    | Source
    | Destination
    | SourcePort
    | DestinationPort
    | InInterface
    | OutInterface
    | MarkIs
    | CtStateIs
    | AddrType
    | Comment
    | RandomChance
    | RecentCheck
    | RecentSet
    | InSet
    | BridgedIn
    | OfVirtualServer
)
