"""The one loop in which all listeners answer and all probes wait."""

from __future__ import annotations

import contextlib
import errno
import select
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from designer.lab.worker.associating import Association, Responder, associate, respond
from designer.lab.worker.listening import Listener, listen
from designer.lab.worker.probing import SILENT, Aim, Call, End, send
from designer.lab.worker.spaces import Spaces

# Beyond so many probes that were sent a moment ago the kernel itself loses packets.
YOUNG, YOUNG_SECONDS, WAITING = 64, 0.03, 600
FIRST_PORT, LAST_PORT = 33000, 65000

Report = Callable[[int, End], None]


@dataclass(slots=True)
class Exchange:
    """Listeners and probes of all namespaces."""

    spaces: Spaces
    listeners: dict[int, Listener | Responder] = field(default_factory=dict)
    responders: dict[tuple[str, int], Responder] = field(default_factory=dict)
    _poll: select.epoll = field(default_factory=select.epoll)
    _calls: dict[int, Call] = field(default_factory=dict)
    _ready: list[int] = field(default_factory=list)
    _sport: int = FIRST_PORT

    def open(self, number: int, space: str, protocol: str, port: int) -> int:
        """Listen on a port of a namespace in both families (SCTP 0: say of every port whether); in how many it went."""
        self.spaces.enter(space)
        if protocol == "SCTP":
            return self._open_responders(number, space, port)
        made = [found for family in (4, 6) if (found := listen(number, family, protocol, port)) is not None]
        for one in made:
            self._hear(one)
        return len(made)

    def _open_responders(self, number: int, space: str, port: int) -> int:
        """One socket of a namespace and family answers for all its ports; the first that has a port keeps it."""
        taken = 0
        for family in (4, 6):
            known = self.responders.get((space, family))
            if known is None:
                known = self.responders[space, family] = respond(family)
                self._hear(known)
            if port and known.ports.setdefault(port, number) != number:
                taken += 1
        return 2 - taken

    def _hear(self, one: Listener | Responder) -> None:
        self.listeners[one.socket.fileno()] = one
        self._poll.register(one.socket.fileno(), select.EPOLLIN)

    def close(self) -> None:
        """Stop listening."""
        for one in self.listeners.values():
            one.socket.close()
        self._poll.close()

    def run(self, probes: Iterable[tuple[int, Aim]], report: Report, halt: Callable[[], bool]) -> None:
        """Send all probes, a few at a time, and report the end of each; stops early when `halt` says so."""
        waiting = deque(probes)
        young: deque[float] = deque()
        while waiting or self._calls:
            now = time.monotonic()
            while young and young[0] < now - YOUNG_SECONDS:
                young.popleft()
            while waiting and len(young) < YOUNG and len(self._calls) < WAITING:
                young.append(time.monotonic())
                self._start(*waiting.popleft(), report)
            self._turn(0.005 if waiting else 0.02)
            self._settle(report)
            if halt():
                break
        for call in list(self._calls.values()):
            self._end(call)

    def _turn(self, seconds: float) -> None:
        for number, _ in self._poll.poll(seconds, 256):
            listener = self.listeners.get(number)
            if listener is not None:
                listener.answer()
            else:
                self._ready.append(number)

    def _settle(self, report: Report) -> None:
        for number in self._ready:
            call = self._calls.get(number)
            end = call.read() if call is not None else None
            if call is not None and end is not None:
                self._end(call)
                report(call.probe, end)
        self._ready.clear()
        now = time.monotonic()
        for call in [call for call in self._calls.values() if call.due <= now]:
            self._end(call)
            if call.again or not call.aim[6][1]:
                report(call.probe, SILENT)
            else:
                self._start(call.probe, call.aim, report, again=True)

    def _start(self, probe: int, aim: Aim, report: Report, again: bool = False) -> None:
        self.spaces.enter(aim[0])
        seconds = aim[6][again]
        begin, kind = (associate, Association) if aim[2] == "SCTP" else (send, Call)
        for _ in range(LAST_PORT - FIRST_PORT):
            self._sport = self._sport + 1 if self._sport < LAST_PORT else FIRST_PORT
            token = f"{probe}.{self._sport}".encode()
            try:
                made, end = begin(aim, self._sport, token)
            except OSError as failed:
                if failed.errno == errno.EADDRINUSE:
                    continue
                end = ["local", errno.errorcode.get(failed.errno or 0, str(failed.errno))]
                report(probe, end)
                return
            break
        else:
            report(probe, ["local", "EADDRINUSE"])
            return
        if end is not None:
            made.close()
            report(probe, end)
            return
        self._calls[made.fileno()] = kind(probe, aim, made, time.monotonic() + seconds, again, token)
        self._poll.register(made.fileno(), select.EPOLLIN | select.EPOLLERR | select.EPOLLHUP)

    def _end(self, call: Call) -> None:
        number = call.socket.fileno()
        with contextlib.suppress(FileNotFoundError):
            self._poll.unregister(number)
        del self._calls[number]
        call.close()
