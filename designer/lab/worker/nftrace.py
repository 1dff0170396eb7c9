"""The kernel's own trace of rules: which rule of which chain saw a packet, read from raw netlink.

A table of the lab's own, before everything else, marks the first packet of each TCP connection for tracing. Rules are
told by their handles; a dump of all rules says at which position of its chain each one stands.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from dataclasses import dataclass, field

from designer.lab.worker import netlink as n

TRACE_GROUP = 9
NFT = 10 << 8
GET_RULE, TRACE = NFT | 7, NFT | 17
RULE_EVENT = 3
FAMILIES = {1: "inet", 2: "ip", 10: "ip6"}
VERDICTS = {0: "drop", 1: "accept", -1: "continue", -3: "jump", -4: "goto", -5: "return"}

# What is loaded to have every first packet traced; priority -350 stands before connection tracking.
TABLE = "designer-trace"
RULES = f"""add table inet {TABLE}
add chain inet {TABLE} in {{ type filter hook prerouting priority -350; }}
add chain inet {TABLE} out {{ type filter hook output priority -350; }}
add rule inet {TABLE} in tcp flags & (fin|syn|rst|ack) == syn meta nftrace set 1
add rule inet {TABLE} out tcp flags & (fin|syn|rst|ack) == syn meta nftrace set 1
"""

Key = tuple[str, str, str, int]


def rule_positions(dumped: list[bytes]) -> dict[Key, int]:
    """The 0-based position of each rule in its chain, by (family, table, chain, handle), of the bodies of a dump."""
    found: dict[Key, int] = {}
    counted: dict[tuple[str, str, str], int] = {}
    for body in dumped:
        own = n.attributes(body[4:])
        where = (FAMILIES.get(body[0], str(body[0])), _text(own.get(1, b"")), _text(own.get(2, b"")))
        (handle,) = struct.unpack("!Q", own[3])
        found[(*where, handle)] = counted.get(where, 0)
        counted[where] = counted.get(where, 0) + 1
    return found


def trace_event(body: bytes) -> tuple[str, str, str, int, str] | None:
    """(family, table, chain, handle, verdict) of a trace message about a rule; None for any other."""
    own = n.attributes(body[4:])
    if 4 not in own or struct.unpack("!I", own[4])[0] != RULE_EVENT or 3 not in own:
        return None
    verdict = n.attributes(own.get(5, b"")).get(1, b"\xff\xff\xff\xff")
    code = VERDICTS.get(struct.unpack("!i", verdict)[0], "other")
    (handle,) = struct.unpack("!Q", own[3])
    return FAMILIES.get(body[0], str(body[0])), _text(own.get(1, b"")), _text(own.get(2, b"")), handle, code


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode("utf-8", "replace")


@dataclass(slots=True)
class Tracer:
    """Listens in one namespace, which must be the current one when it is made and its rules loaded."""

    listener: n.Netlink = field(default_factory=lambda: n.Netlink(n.NETFILTER, 1 << 22))
    positions: dict[Key, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listener.socket.setsockopt(n.SOL_NETLINK, n.ADD_MEMBERSHIP, TRACE_GROUP)
        self.listener.socket.setblocking(False)
        asking = n.Netlink(n.NETFILTER, 1 << 22)
        self.positions = rule_positions(list(asking.dump(GET_RULE, struct.pack("=BBH", 0, 0, 0))))
        asking.close()

    def drain(self) -> list[list[str | int]]:
        """Every rule that was hit since the last time: [family, table, chain, position, verdict], in order."""
        found: list[list[str | int]] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                for kind, _, body in n.messages(self.listener.socket.recv(1 << 18, socket.MSG_DONTWAIT)):
                    event = trace_event(body) if kind == TRACE else None
                    if event is not None and event[1] != TABLE:
                        place = self.positions.get(event[:4], -1)
                        found.append([event[0], event[1], event[2], place, event[4]])
        return found
