"""What answers: TCP and UDP listeners, each saying who it is, which source it saw, and what was left of the TTL."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass

from designer.lab.worker.ancillary import ask_for_both, told_and_ttl

AFS = {4: socket.AF_INET, 6: socket.AF_INET6}
# The kernel keeps the headers of the SYN that opened a connection, the TTL among them.
TCP_SAVE_SYN, TCP_SAVED_SYN = 27, 28
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
            header = connection.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, 256)
            ttl = header[8 if header[0] >> 4 == 4 else 7] if len(header) > 8 else 0
            connection.send(f"{self.number} {peer[0]} {ttl}\n".encode())

    def _answer_datagram(self) -> None:
        """The answer leaves from the address that was called, which a machine with several has to see to."""
        data, held, _, peer = self.socket.recvmsg(64, 256)
        told, ttl = told_and_ttl(held)
        self.socket.sendmsg([data + f" {self.number} {peer[0]} {ttl}".encode()], told, 0, peer)


def listen(number: int, family: int, protocol: str, port: int) -> Listener | None:
    """A listener on every address of the current namespace; None where the port is taken already."""
    kind = socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM
    made = socket.socket(AFS[family], kind)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if protocol == "TCP" else 0)
    if family == 6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    _ask_for_headers(made, family, protocol)
    try:
        made.bind(("::" if family == 6 else "0.0.0.0", port))
        if protocol == "TCP":
            made.listen(BACKLOG)
    except OSError:
        made.close()
        return None
    return Listener(number, made, protocol)


def _ask_for_headers(made: socket.socket, family: int, protocol: str) -> None:
    """Have the kernel hand over what it knows of the packets that come in."""
    if protocol == "TCP":
        made.setsockopt(socket.IPPROTO_TCP, TCP_SAVE_SYN, 1)
        return
    ask_for_both(made, family)
