"""What the kernel says beside a datagram: its time to live, and what makes an answer leave from the called address."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable

# linux/in.h and linux/in6.h; the socket module of some Python versions lacks them.
IP_PKTINFO, IP_TTL, IP_RECVTTL = 8, 2, 12
IPV6_RECVPKTINFO, IPV6_PKTINFO, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT = 49, 50, 51, 52

Held = tuple[int, int, bytes]


def told_and_ttl(held: Iterable[Held]) -> tuple[list[Held], int]:
    """The messages with which an answer leaves from the called address, and the time to live (0 where none came)."""
    told: list[Held] = []
    ttl = 0
    for level, kind, value in held:
        if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
            told.append((level, kind, struct.pack("=i4s4s", 0, value[8:12], b"\0" * 4)))
        elif level == socket.IPPROTO_IPV6 and kind == IPV6_PKTINFO:
            told.append((level, kind, value[:16] + b"\0" * 4))
        elif (level, kind) in ((socket.IPPROTO_IP, IP_TTL), (socket.IPPROTO_IPV6, IPV6_HOPLIMIT)):
            (ttl,) = struct.unpack("=i", value[:4])
    return told, ttl


def ask_for_both(opened: socket.socket, family: int) -> None:
    """Nothing; has the kernel say both with every datagram. `family` is 4 or 6."""
    level = socket.IPPROTO_IP if family == 4 else socket.IPPROTO_IPV6
    for kind in (IP_PKTINFO, IP_RECVTTL) if family == 4 else (IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT):
        opened.setsockopt(level, kind, 1)
