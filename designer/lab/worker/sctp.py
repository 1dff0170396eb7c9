"""SCTP packets as bytes: the first of an association (INIT) and what answers it (INIT ACK, ABORT). RFC 9260, section 3.

The checksum is CRC32c over the whole packet, written least significant byte first (appendix A).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

PROTOCOL = 132
INIT, INIT_ACK, ABORT = 1, 2, 6
COOKIE = 7
WINDOW, STREAMS = 65_535, 1
_HEADER = struct.Struct("!HHII")
# Initiate tag, receiver window, outbound and inbound streams, initial TSN.
_INIT = struct.Struct("!IIHHI")
_CASTAGNOLI = 0x82F63B78


def _table() -> tuple[int, ...]:
    found = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_CASTAGNOLI if value & 1 else 0)
        found.append(value)
    return tuple(found)


_TABLE = _table()


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum of some bytes."""
    found = 0xFFFFFFFF
    for byte in data:
        found = (found >> 8) ^ _TABLE[(found ^ byte) & 0xFF]
    return found ^ 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet with one chunk. `tag` is the verification tag, `initiate` the tag that an INIT or INIT ACK announces."""

    sport: int
    dport: int
    tag: int
    kind: int
    initiate: int = 0
    cookie: bytes = b""


def init(sport: int, dport: int, initiate: int) -> bytes:
    """The packet that asks for an association; its verification tag is 0."""
    return _packet(sport, dport, 0, _chunk(INIT, _INIT.pack(initiate, WINDOW, STREAMS, STREAMS, initiate)))


def init_ack(asked: Packet, initiate: int, cookie: bytes) -> bytes:
    """The packet that agrees to an INIT; the state cookie carries `cookie`."""
    own = _INIT.pack(initiate, WINDOW, STREAMS, STREAMS, initiate)
    state = struct.pack("!HH", COOKIE, len(cookie) + 4) + cookie
    return _packet(asked.dport, asked.sport, asked.initiate, _chunk(INIT_ACK, own + state))


def abort(asked: Packet) -> bytes:
    """The packet that refuses an INIT, as for a port that nobody listens on (section 8.4)."""
    return _packet(asked.dport, asked.sport, asked.initiate, _chunk(ABORT, b""))


def parsed(data: bytes) -> Packet | None:
    """A packet by its first chunk; None for what is too short to be one."""
    if len(data) < 16:
        return None
    sport, dport, tag, _ = _HEADER.unpack_from(data)
    kind, _, size = struct.unpack_from("!BBH", data, 12)
    body = data[16 : 12 + size]
    if kind not in (INIT, INIT_ACK) or len(body) < _INIT.size:
        return Packet(sport, dport, tag, kind)
    (initiate,) = struct.unpack_from("!I", body)
    return Packet(sport, dport, tag, kind, initiate, _cookie(body[_INIT.size :]))


def _cookie(data: bytes) -> bytes:
    while len(data) >= 4:
        kind, size = struct.unpack_from("!HH", data)
        if kind == COOKIE:
            return data[4:size]
        if size < 4:
            break
        data = data[(size + 3) & ~3 :]
    return b""


def _chunk(kind: int, body: bytes) -> bytes:
    return struct.pack("!BBH", kind, 0, len(body) + 4) + body + b"\0" * (-len(body) % 4)


def _packet(sport: int, dport: int, tag: int, chunk: bytes) -> bytes:
    sound = crc32c(_HEADER.pack(sport, dport, tag, 0) + chunk)
    return struct.pack("!HHI", sport, dport, tag) + struct.pack("<I", sound) + chunk
