"""Netlink as bytes: attributes, requests, answers."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

ROUTE, NETFILTER = 0, 12
SOL_NETLINK, ADD_MEMBERSHIP = 270, 1
REQUEST, ACK, REPLACE, EXCL, CREATE, APPEND, DUMP = 0x1, 0x4, 0x100, 0x200, 0x400, 0x800, 0x300
ERROR, DONE = 2, 3
NESTED = 0x8000
_HEADER = struct.Struct("=IHHII")


class NetlinkError(OSError):
    """The kernel refused a request; `errno` says why."""


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute, padded to four bytes."""
    return struct.pack("=HH", len(value) + 4, kind) + value + b"\0" * (-len(value) % 4)


def text(kind: int, value: str) -> bytes:
    """A text attribute with its closing zero."""
    return attribute(kind, value.encode() + b"\0")


def number(kind: int, value: int) -> bytes:
    """An attribute of 32 bits in the machine's own order."""
    return attribute(kind, struct.pack("=I", value))


def nested(kind: int, *parts: bytes) -> bytes:
    """An attribute that holds attributes."""
    return attribute(kind | NESTED, b"".join(parts))


def attributes(data: bytes) -> dict[int, bytes]:
    """Attributes by kind, their nested flag cleared; of several of one kind the last."""
    found: dict[int, bytes] = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4:
            break
        found[kind & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3 :]
    return found


def messages(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, sequence number and body of each message in what was received."""
    while len(data) >= _HEADER.size:
        size, kind, _, sequence, _ = _HEADER.unpack_from(data)
        if size < _HEADER.size:
            return
        yield kind, sequence, data[_HEADER.size : size]
        data = data[(size + 3) & ~3 :]


class Netlink:
    """A netlink socket of the namespace in which it was made."""

    def __init__(self, protocol: int, room: int = 0) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.bind((0, 0))
        self._sequence = 0

    def ask(self, kind: int, flags: int, body: bytes) -> None:
        """Send one request and wait until the kernel has carried it out. Raises NetlinkError where it refuses."""
        self._send(kind, REQUEST | ACK | flags, body)
        while True:
            for answer, sequence, data in messages(self.socket.recv(1 << 16)):
                if answer == ERROR and sequence == self._sequence:
                    (error,) = struct.unpack_from("=i", data)
                    if error:
                        raise NetlinkError(-error, os.strerror(-error))
                    return

    def dump(self, kind: int, body: bytes) -> Iterator[bytes]:
        """The body of every message that answers a dump."""
        self._send(kind, REQUEST | DUMP, body)
        while True:
            for answer, sequence, data in messages(self.socket.recv(1 << 18)):
                if sequence != self._sequence:
                    continue
                if answer == DONE:
                    return
                if answer == ERROR:
                    (error,) = struct.unpack_from("=i", data)
                    raise NetlinkError(-error, os.strerror(-error))
                yield data

    def close(self) -> None:
        """Give the socket back."""
        self.socket.close()

    def _send(self, kind: int, flags: int, body: bytes) -> None:
        self._sequence += 1
        self.socket.send(_HEADER.pack(len(body) + _HEADER.size, kind, flags, self._sequence, 0) + body)
