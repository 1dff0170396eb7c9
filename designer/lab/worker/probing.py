"""What calls by TCP and UDP: one probe from start to end, and how it ended.

An end is ``["answered", listener, source, ttl]``, ``["reset"]``, ``["icmp", type, code, who]``, ``["silent"]`` or
``["local", errno]`` where this machine's own kernel refused to send.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from designer.lab.worker.listening import AFS

MSG_ERRQUEUE = 0x2000
IP_RECVERR, IPV6_RECVERR = 11, 25
SO_MARK = 36
# What an error queue says of origin ICMP and ICMPv6, and which of its messages mean "unreachable".
ICMP, ICMP6 = 2, 3
UNREACHABLE = {ICMP: 3, ICMP6: 1}
TOO_BIG = 4
End = list[Any]
# How long to wait for an answer at first, and (0: not again) when the probe is repeated because none came.
Patience = tuple[float, float]
# Namespace, family, protocol, address, port, mark, patience.
Aim = tuple[str, int, str, str, int, int, Patience]
SILENT: End = ["silent"]


@dataclass(slots=True)
class Call:
    """A probe that has been sent. `due` is when it counts as silent; `again` whether it is the repetition."""

    probe: int
    aim: Aim
    socket: socket.socket
    due: float
    again: bool
    token: bytes = b""

    @property
    def protocol(self) -> str:
        """TCP or UDP."""
        return self.aim[2]

    def read(self) -> End | None:
        """How it ended, None where it still waits."""
        rejected = _from_error_queue(self.socket)
        if rejected is not None:
            return rejected
        if self.protocol == "TCP":
            error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                return _failed(error)
        try:
            data = self.socket.recv(256)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as failed:
            if failed.errno in (errno.ENOTCONN, errno.EAGAIN):
                return None
            return _from_error_queue(self.socket) or _failed(failed.errno or 0)
        if self.protocol != "TCP":
            if not data.startswith(self.token):
                return None
            data = data[len(self.token) :]
        words = data.decode("ascii", "replace").split()
        return ["answered", int(words[0]), words[1], int(words[2])] if len(words) == 3 else ["reset"]

    def close(self) -> None:
        """Give the socket back; a connection is reset, so that nothing of it stays."""
        if self.protocol == "TCP":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def send(aim: Aim, sport: int, token: bytes) -> tuple[socket.socket, End | None]:
    """A socket on its way to `aim`, and its end where the kernel refused at once.

    Raises OSError where `sport` is taken.
    """
    _, family, protocol, address, port, mark, _ = aim
    made = socket.socket(AFS[family], socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        ask_for_errors(made, family, mark)
        made.bind(("::" if family == 6 else "0.0.0.0", sport))
    except OSError:
        made.close()
        raise
    try:
        made.connect((address, port))
        if protocol != "TCP":
            made.send(token)
    except BlockingIOError:
        return made, None
    except OSError as failed:
        return made, _from_error_queue(made) or refused_to_send(failed.errno or 0)
    return made, None


def ask_for_errors(made: socket.socket, family: int, mark: int) -> None:
    """Have a socket hear of ICMP errors, and send with a mark (0: none)."""
    if family == 4:
        made.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    else:
        made.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    if mark:
        made.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)


def refused_to_send(error: int) -> End | None:
    """None where a rule of the sender's own machine took the datagram: what comes of it is still to be heard."""
    return None if error == errno.EPERM else _failed(error)


def _failed(error: int) -> End:
    """The end for an error of the socket."""
    if error == errno.ECONNREFUSED or error == errno.ECONNRESET:
        return ["reset"]
    if error == errno.ETIMEDOUT:
        return SILENT
    return ["local", errno.errorcode.get(error, str(error))]


def _from_error_queue(held: socket.socket) -> End | None:
    """The ICMP error that came back for this socket, None for none."""
    return next((["icmp", what, code, who] for _, what, code, who in errors(held)), None)


def errors(held: socket.socket) -> Iterator[tuple[bytes, int, int, str]]:
    """Every "unreachable" that waits for a socket: the start of the packet that it is about, type, code, from whom."""
    while True:
        try:
            data, ancillary, _, _ = held.recvmsg(512, 512, MSG_ERRQUEUE)
        except OSError:
            return
        for level, kind, value in ancillary:
            if (level, kind) not in ((socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)):
                continue
            _, origin, what, code = struct.unpack_from("=IBBB", value)
            if UNREACHABLE.get(origin) == what and not (origin == ICMP and code == TOO_BIG):
                yield data, what, code, _offender(value[16:])


def _offender(data: bytes) -> str:
    """The address in a socket address, "" for none."""
    if len(data) < 2:
        return ""
    (family,) = struct.unpack_from("=H", data)
    if family == socket.AF_INET and len(data) >= 8:
        return str(ipaddress.ip_address(data[4:8]))
    if family == socket.AF_INET6 and len(data) >= 24:
        return str(ipaddress.ip_address(data[8:24]))
    return ""
