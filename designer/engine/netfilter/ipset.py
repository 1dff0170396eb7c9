"""IP sets (ipset(8)): named sets of addresses, networks, ports and their combinations, and the membership test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from designer.engine.netfilter.packet import Packet, canonical, in_network

# Set type → what each part of an element is.
SET_TYPES: dict[str, tuple[str, ...]] = {
    "hash:ip": ("ip",),
    "hash:net": ("net",),
    "hash:ip,port": ("ip", "port"),
    "hash:net,port": ("net", "port"),
    "hash:ip,port,ip": ("ip", "port", "ip"),
    "hash:ip,port,net": ("ip", "port", "net"),
    "hash:net,net": ("net", "net"),
    "bitmap:port": ("number",),
}

# ICMP has no ports: a packet of it has none of the elements with one.
_PORT_PROTOCOLS = ("TCP", "UDP", "SCTP")


@dataclass(frozen=True, slots=True)
class IpSet:
    """A set. `members` are elements in ipset's own spelling (``10.96.0.1,tcp:443``), in a fixed order.

    `type` is one of `SET_TYPES`. Elements of hash:net types may be followed by `` nomatch``.
    """

    name: str
    type: str
    members: tuple[str, ...]
    family: Literal[4, 6] = 4
    _index: list[tuple[frozenset[str], tuple[str, ...]]] = field(
        default_factory=list, init=False, compare=False, repr=False
    )

    def contains(self, packet: Packet, dims: tuple[str, ...]) -> bool:
        """Whether the packet's addresses and ports, taken from the ends that `dims` name, are an element.

        Fewer `dims` than the set has parts match nothing, as in the kernel. Of several networks that contain an
        address, the most specific decides (``nomatch`` then says no).
        """
        parts = SET_TYPES[self.type]
        if len(dims) < len(parts) or packet.family != self.family:
            return False
        exact, others = self._told_apart()
        if not others:
            key = _key(parts, packet, dims)
            return key is not None and key in exact
        best, verdict = -1, False
        for member in self.members:
            text, _, flag = member.partition(" ")
            if all(
                _fits(kind, want, packet, end) for kind, want, end in zip(parts, text.split(","), dims, strict=False)
            ):
                size = sum(_prefix(part, self.family) for part in text.split(","))
                if size >= best:
                    best, verdict = size, flag != "nomatch"
        return verdict

    def _told_apart(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """Members that are single elements, in one spelling; and those that stand for several or take some out."""
        if not self._index:
            parts = SET_TYPES[self.type]
            told = [(_plain(member, parts), member) for member in self.members]
            exact = frozenset(text for text, _ in told if text is not None)
            self._index.append((exact, tuple(member for text, member in told if text is None)))  # a memo
        return self._index[0]


def _plain(member: str, parts: tuple[str, ...]) -> str | None:
    """A member without networks, ranges and flags as `_key` spells it, None for any other and for what is none."""
    texts = []
    for kind, part in zip(parts, member.split(","), strict=False):
        if " " in part or "/" in part or "-" in part or kind == "net":
            return None
        if kind in ("ip", "net"):
            try:
                texts.append(canonical(part))
            except ValueError:
                return None
        elif kind == "port":
            protocol, colon, number = part.rpartition(":")
            texts.append(f"{protocol if colon else 'tcp'}:{number}")
        else:
            texts.append(part)
    return ",".join(texts)


def _key(parts: tuple[str, ...], packet: Packet, dims: tuple[str, ...]) -> str | None:
    """The packet's element of a set of such parts, None for a packet without ports where one is asked for."""
    texts = []
    for kind, end in zip(parts, dims, strict=False):
        if kind in ("ip", "net"):
            texts.append(packet.src if end == "src" else packet.dst)
            continue
        if packet.protocol not in _PORT_PROTOCOLS:
            return None
        port = packet.sport if end == "src" else packet.dport
        texts.append(f"{packet.protocol.lower()}:{port}" if kind == "port" else str(port))
    return ",".join(texts)


def _prefix(part: str, family: Literal[4, 6]) -> int:
    """How specific a part is: its prefix length; a whole address has all bits."""
    _, slash, length = part.rpartition("/")
    return int(length) if slash else 32 if family == 4 else 128


def _fits(kind: str, want: str, packet: Packet, end: str) -> bool:
    if kind in ("ip", "net"):
        return in_network(packet.src if end == "src" else packet.dst, want)
    port = packet.sport if end == "src" else packet.dport
    if packet.protocol not in _PORT_PROTOCOLS:
        return False
    protocol, colon, number = want.rpartition(":")
    if kind == "port" and (protocol if colon else "tcp") != packet.protocol.lower():
        return False
    first, _, last = number.partition("-")
    return int(first) <= port <= int(last or first)
