"""What each match of an iptables rule asks of a packet: one function a match (iptables-extensions(8))."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.engine.netfilter import matches as m
from designer.engine.netfilter.ipset import IpSet
from designer.engine.netfilter.packet import Packet, in_network, interface_matches, is_loopback
from designer.engine.netfilter.source_choice import chosen_source

_PROTOCOLS = {"tcp": "TCP", "udp": "UDP", "sctp": "SCTP", "icmp": "ICMP", "icmpv6": "ICMP", "ipv6-icmp": "ICMP"}


@dataclass(frozen=True, slots=True)
class WalkContext:
    """What rules may ask about the node.

    `interface_addresses`: interface → its addresses, primary first, interfaces in the order of the kernel's list; all
    addresses in it are local. `local_addresses` are local ones beyond those (127.0.0.0/8 and ::1 always are local).
    `recent`: list name → address → seconds since it was last seen there. `outgoing` gives the interface that the
    routing table names for a destination: asked after the node's own packet was translated to another destination
    (None: the packet keeps its interface). `bridges` are the bridges whose packets br_netfilter shows to these rules.
    `virtual_server` is the IPVS virtual server (address, protocol in lower case, port) of the packet's connection.
    `prefixes` are the prefix lengths of addresses that share a link with others.
    """

    interface_addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    local_addresses: frozenset[str] = frozenset()
    recent: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    outgoing: Callable[[str], str] | None = None
    bridges: frozenset[str] = frozenset()
    virtual_server: tuple[str, str, int] | None = None
    prefixes: Mapping[str, int] = field(default_factory=dict)

    def is_local(self, address: str) -> bool:
        """Whether the node's routing table calls the address LOCAL."""
        if is_loopback(address) or address in self.local_addresses:
            return True
        return any(address in addresses for addresses in self.interface_addresses.values())

    def masquerade_address(self, packet: Packet) -> str | None:
        """The source that MASQUERADE gives: the outgoing interface's first address of the family.

        An interface without one borrows the first address of the other interfaces in their order, as the kernel's
        address selection does; for IPv6 the kernel chooses among several by RFC 6724. None when the node has none at
        all (the kernel then drops the packet).
        """
        own = self._usable(packet, self.interface_addresses.get(packet.out_iface, ()))
        others = (held for name, held in self.interface_addresses.items() if name != "lo")
        found = own or [address for held in others for address in self._usable(packet, held)]
        if packet.family == 6:
            return chosen_source(found, packet.dst, self.prefixes)
        return found[0] if found else None

    def _usable(self, packet: Packet, held: tuple[str, ...]) -> list[str]:
        return [a for a in held if (":" in a) == (packet.family == 6) and not is_loopback(a)]


def _port_in(port: int, packet: Packet, match: m.SourcePort | m.DestinationPort) -> bool:
    if packet.protocol == "ICMP":
        return False
    return (match.first <= port <= (match.first if match.last is None else match.last)) != match.negated


def _ct_state(match: m.CtStateIs, packet: Packet) -> bool:
    known = {packet.ct_state, "DNAT" if packet.dnat else "", "SNAT" if packet.snat else ""}
    return any(state in known for state in match.states) != match.negated


def _addr_type(match: m.AddrType, packet: Packet, context: WalkContext) -> bool:
    address = packet.src if match.end == "src" else packet.dst
    limit = packet.in_iface if match.limit_in else packet.out_iface if match.limit_out else ""
    if limit:
        local = address in context.interface_addresses.get(limit, ())
    else:
        local = context.is_local(address)
    return local != match.negated


def _recent(match: m.RecentCheck, packet: Packet, context: WalkContext) -> bool:
    age = context.recent.get(match.name, {}).get(packet.dst if match.by_dest else packet.src)
    return (age is not None and (match.seconds is None or age <= match.seconds)) != match.negated


# Match type → whether it fits. RandomChance and RecentSet are the walk's business: they branch and remember.
TESTS: dict[type, Callable[[Any, Packet, WalkContext, Mapping[str, IpSet]], bool]] = {
    m.Proto: lambda x, p, c, s: (_PROTOCOLS[x.name] == p.protocol) != x.negated,
    m.Source: lambda x, p, c, s: in_network(p.src, x.cidr) != x.negated,
    m.Destination: lambda x, p, c, s: in_network(p.dst, x.cidr) != x.negated,
    m.SourcePort: lambda x, p, c, s: _port_in(p.sport, p, x),
    m.DestinationPort: lambda x, p, c, s: _port_in(p.dport, p, x),
    m.InInterface: lambda x, p, c, s: interface_matches(x.name, p.in_iface) != x.negated,
    m.OutInterface: lambda x, p, c, s: interface_matches(x.name, p.out_iface) != x.negated,
    m.MarkIs: lambda x, p, c, s: ((p.mark & x.mask) == x.value) != x.negated,
    m.CtStateIs: lambda x, p, c, s: _ct_state(x, p),
    m.AddrType: lambda x, p, c, s: _addr_type(x, p, c),
    m.Comment: lambda x, p, c, s: True,
    m.RecentCheck: lambda x, p, c, s: _recent(x, p, c),
    m.BridgedIn: lambda x, p, c, s: (p.in_iface in c.bridges) != x.negated,
    m.OfVirtualServer: lambda x, p, c, s: c.virtual_server == (x.address, x.protocol, x.port),
    m.InSet: lambda x, p, c, s: (x.name in s and s[x.name].contains(p, x.dims)) != x.negated,
}
