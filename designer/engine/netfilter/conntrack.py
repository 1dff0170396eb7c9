"""Connection tracking: what the kernel remembers of a connection, and how it translates all packets after the first.

Only the first packet of a connection walks the nat table. Its translation is kept as two tuples, and every later
packet, in either direction, is rewritten from them without any rule being asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from designer.engine.netfilter.packet import Packet

Way = Literal["original", "reply"]

# Hook → which end of a packet connection tracking rewrites there.
MANIPULATED: dict[str, Literal["dst", "src"] | None] = {
    "PREROUTING": "dst",
    "OUTPUT": "dst",
    "FORWARD": None,
    "INPUT": "src",
    "POSTROUTING": "src",
}


@dataclass(frozen=True, slots=True)
class FlowTuple:
    """Who talks to whom: protocol, source and destination with ports (0 for ICMP)."""

    protocol: str
    src: str
    sport: int
    dst: str
    dport: int

    def inverted(self) -> FlowTuple:
        """The same with source and destination exchanged."""
        return FlowTuple(self.protocol, self.dst, self.dport, self.src, self.sport)


@dataclass(frozen=True, slots=True)
class ConntrackEntry:
    """A connection: the first packet's tuple as it came, and the tuple that a reply has when it comes back here."""

    original: FlowTuple
    reply: FlowTuple

    @property
    def dnat(self) -> bool:
        """Whether the destination is translated."""
        return (self.reply.src, self.reply.sport) != (self.original.dst, self.original.dport)

    @property
    def snat(self) -> bool:
        """Whether the source is translated."""
        return (self.reply.dst, self.reply.dport) != (self.original.src, self.original.sport)


def tuple_of(packet: Packet) -> FlowTuple:
    """The tuple of a packet as it is now."""
    return FlowTuple(packet.protocol, packet.src, packet.sport, packet.dst, packet.dport)


def entry_for(first: Packet, translated: Packet) -> ConntrackEntry:
    """The entry that a connection's first packet leaves: `first` as it entered the node, `translated` as it left."""
    return ConntrackEntry(tuple_of(first), tuple_of(translated).inverted())


def way_of(entry: ConntrackEntry, packet: Packet) -> Way | None:
    """In which direction of the connection a packet travels that has just come to this node; None if it is no part."""
    found = tuple_of(packet)
    if found == entry.original:
        return "original"
    return "reply" if found == entry.reply else None


def translate(entry: ConntrackEntry, packet: Packet, way: Way, hook: str) -> Packet:
    """The packet after connection tracking did its part at a hook; ct_state and translation flags are set.

    A packet of the original direction leaves with the reply tuple inverted, a reply with the original tuple inverted.
    The destination is rewritten at PREROUTING and OUTPUT, the source at POSTROUTING and INPUT, nothing at FORWARD.
    """
    goal = (entry.reply if way == "original" else entry.original).inverted()
    known = replace(packet, ct_state="ESTABLISHED", dnat=entry.dnat, snat=entry.snat)
    end = MANIPULATED[hook]
    if end == "dst":
        return replace(known, dst=goal.dst, dport=goal.dport)
    if end == "src":
        return replace(known, src=goal.src, sport=goal.sport)
    return known


def pass_through(entry: ConntrackEntry, packet: Packet) -> Packet | None:
    """A later packet or a reply as it leaves the node, both ends rewritten; None if it is no part of the connection."""
    way = way_of(entry, packet)
    if way is None:
        return None
    return translate(entry, translate(entry, packet, way, "PREROUTING"), way, "POSTROUTING")
