"""SCTP without the kernel's own: raw sockets answer and call, so that rules and translation alone decide.

An association is not completed: INIT and what answers it are what connection tracking goes by.
"""

from __future__ import annotations

import contextlib
import socket
import zlib
from dataclasses import dataclass, field

from designer.lab.worker import sctp
from designer.lab.worker.ancillary import ask_for_both, told_and_ttl
from designer.lab.worker.listening import AFS
from designer.lab.worker.probing import Aim, Call, End, ask_for_errors, errors, refused_to_send

# The length of an IPv6 header, and the part of an IPv4 header's first byte that counts its words.
HEADER6, WORDS = 40, 0x0F


@dataclass(slots=True)
class Responder:
    """Answers every INIT to its namespace: that a listener is there, or (ABORT) that none is."""

    socket: socket.socket
    family: int
    ports: dict[int, int] = field(default_factory=dict)

    def answer(self) -> None:
        """Answer everything that waits here."""
        with contextlib.suppress(OSError):
            while True:
                self._answer_one()

    def _answer_one(self) -> None:
        data, held, _, peer = self.socket.recvmsg(512, 256)
        told, ttl = told_and_ttl(held)
        if self.family == 4:
            ttl, data = data[8], _below(data)
        asked = sctp.parsed(data)
        if asked is None or asked.kind != sctp.INIT:
            return
        number = self.ports.get(asked.dport)
        said = sctp.abort(asked)
        if number is not None:
            said = sctp.init_ack(asked, asked.initiate, f"{number} {peer[0]} {ttl}".encode())
        self.socket.sendmsg([said], told, 0, (peer[0], 0))


def respond(family: int) -> Responder:
    """What answers SCTP in the current namespace; the ports come later. Raises OSError where it may not."""
    made = raw(family)
    ask_for_both(made, family)
    return Responder(made, family)


def raw(family: int) -> socket.socket:
    """A socket that sends and hears SCTP packets as they are."""
    made = socket.socket(AFS[family], socket.SOCK_RAW, sctp.PROTOCOL)
    made.setblocking(False)
    return made


def associate(aim: Aim, _sport: int, token: bytes) -> tuple[socket.socket, End | None]:
    """A socket that has sent the INIT of a call, and the end where the kernel refused at once.

    The source port is the token's: raw sockets have none, so no port is ever taken.
    """
    _, family, _, address, port, mark, _ = aim
    made = raw(family)
    ask_for_errors(made, family, mark)
    try:
        made.connect((address, 0))
        made.send(sctp.init(_port(token), port, _tag(token)))
    except OSError as failed:
        return made, refused_to_send(failed.errno or 0)
    return made, None


@dataclass(slots=True)
class Association(Call):
    """An INIT that has been sent.

    A raw socket hears what others of its namespace call the same address for: ports and tags tell them apart.
    """

    def read(self) -> End | None:
        """How it ended, None where it still waits."""
        family, token = self.aim[1], self.token
        for data, what, code, who in errors(self.socket):
            if quoted_port(data, family) == _port(token):
                return ["icmp", what, code, who]
        while True:
            try:
                data = self.socket.recv(512)
            except (BlockingIOError, InterruptedError):
                return None
            except OSError:
                continue  # an error that is in the queue of errors too, and maybe another call's
            found = sctp.parsed(_below(data) if family == 4 else data)
            if found is None or (found.dport, found.tag) != (_port(token), _tag(token)):
                continue
            if found.kind == sctp.ABORT:
                return ["reset"]
            words = found.cookie.decode("ascii", "replace").split()
            if found.kind == sctp.INIT_ACK and len(words) == 3:
                return ["answered", int(words[0]), words[1], int(words[2])]


def quoted_port(data: bytes, family: int) -> int:
    """The source port in what an ICMP error quotes; for IPv6 the kernel hands over the header before it too."""
    if family == 6 and len(data) > HEADER6 and data[0] >> 4 == 6 and data[6] == sctp.PROTOCOL:
        data = data[HEADER6:]
    return int.from_bytes(data[:2], "big")


def _below(data: bytes) -> bytes:
    """What follows an IPv4 header."""
    return data[(data[0] & WORDS) * 4 :]


def _port(token: bytes) -> int:
    return int(token.rpartition(b".")[2])


def _tag(token: bytes) -> int:
    return zlib.crc32(token) or 1
