"""What answers: TCP and UDP listeners, each saying who it is and which source it saw."""

from __future__ import annotations

import contextlib
import socket
import struct
from dataclasses import dataclass

AFS = {4: socket.AF_INET, 6: socket.AF_INET6}
IP_PKTINFO, IPV6_RECVPKTINFO, IPV6_PKTINFO = 8, 49, 50
BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Listener:
    """One listening socket; `number` is how the plan calls it."""

    number: int
    socket: socket.socket
    protocol: str

    def answer(self) -> None:
        """Answer everything that waits here."""
        with contextlib.suppress(OSError):
            while True:
                if self.protocol == "TCP":
                    self._answer_connection()
                else:
                    self._answer_datagram()

    def _answer_connection(self) -> None:
        connection, peer = self.socket.accept()
        with connection:
            connection.setblocking(False)
            connection.send(f"{self.number} {peer[0]}\n".encode())

    def _answer_datagram(self) -> None:
        """The answer leaves from the address that was called, which a machine with several has to see to."""
        data, held, _, peer = self.socket.recvmsg(64, 256)
        told: list[tuple[int, int, bytes]] = []
        for level, kind, value in held:
            if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
                told.append((level, kind, struct.pack("=i4s4s", 0, value[8:12], b"\0" * 4)))
            elif level == socket.IPPROTO_IPV6 and kind == IPV6_PKTINFO:
                told.append((level, kind, value[:16] + b"\0" * 4))
        self.socket.sendmsg([data + f" {self.number} {peer[0]}".encode()], told, 0, peer)


def listen(number: int, family: int, protocol: str, port: int) -> Listener | None:
    """A listener on every address of the current namespace; None where the port is taken already."""
    kind = socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM
    made = socket.socket(AFS[family], kind)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if protocol == "TCP" else 0)
    if family == 6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if protocol != "TCP":
        if family == 4:
            made.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        else:
            made.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
    try:
        made.bind(("::" if family == 6 else "0.0.0.0", port))
        if protocol == "TCP":
            made.listen(BACKLOG)
    except OSError:
        made.close()
        return None
    return Listener(number, made, protocol)
