"""The worker's conversation: JSON lines in, JSON lines out, one command after the other, until the input ends."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from designer.lab.worker.ability import abilities, restore_tools
from designer.lab.worker.building import BuildError, Building, run_tool
from designer.lab.worker.exchange import Exchange
from designer.lab.worker.nftrace import RULES, TABLE, Tracer
from designer.lab.worker.probing import Aim, End
from designer.lab.worker.spaces import SpaceError, Spaces, enter_alone, raise_file_limit

# Nothing lasts longer, whatever becomes of the one who asked.
COMMAND_SECONDS = 1800
BATCH, BATCH_SECONDS = 200, 0.2
IN, OUT = 0, 1


class EndedError(Exception):
    """The one who asked has gone."""


@dataclass(slots=True)
class Service:
    """The worker's state: what has been built, and the lines that wait."""

    spaces: Spaces
    building: Building
    exchange: Exchange
    tracers: dict[str, Tracer] = field(default_factory=dict)
    _rest: bytes = b""
    _stop: bool = False

    def commands(self) -> Iterator[dict[str, Any]]:
        """Commands as they come; ends with the input."""
        while True:
            line, newline, rest = self._rest.partition(b"\n")
            if newline:
                self._rest = rest
                self._stop = False
                yield json.loads(line)
                continue
            data = os.read(IN, 1 << 20)
            if not data:
                return
            self._rest += data

    def halted(self) -> bool:
        """Whether to stop, because a line came meanwhile. Raises EndedError when the input ended."""
        if not self._stop and select.select([IN], [], [], 0)[0]:
            data = os.read(IN, 1 << 20)
            if not data:
                raise EndedError
            self._rest += data
            self._stop = True
        return self._stop

    def abilities(self, _: dict[str, Any]) -> None:
        """Say what this machine can."""
        say({"abilities": abilities(self.spaces), "restore": restore_tools()})

    def build(self, command: dict[str, Any]) -> None:
        """Build all of a plan; says how far it is from time to time."""
        total = len(command["spaces"]) + len(command["steps"])
        begun = time.monotonic()
        for number, (name, settings) in enumerate(command["spaces"]):
            self.building.space(name, settings)
            begun = self._told(number, total, begun)
        for number, step in enumerate(command["steps"], len(command["spaces"])):
            self.building.carry_out(step)
            begun = self._told(number, total, begun)
        for links in self.building.links.values():
            links.close()
        deaf = []
        for number, space, protocol, port in command["listeners"]:
            if not self.exchange.open(number, space, protocol, port):
                deaf.append(number)
        say({"done": "build", "deaf": deaf})

    def apply(self, command: dict[str, Any]) -> None:
        """Carry out further commands of tools in namespaces: [[namespace, tool, text], …]."""
        for space, tool, text in command["tools"]:
            self.spaces.enter(space)
            done = run_tool(tool, text)
            if done.returncode:
                raise BuildError(f"{' '.join(tool)} in {space}: {done.stderr.strip()[-400:]}")
        say({"done": "apply"})

    def probe(self, command: dict[str, Any]) -> None:
        """Send probes, many at a time, and report their ends in batches."""
        ends: list[tuple[int, End]] = []
        told = time.monotonic()

        def report(probe: int, end: End) -> None:
            nonlocal told
            ends.append((probe, end))
            if len(ends) >= BATCH or time.monotonic() - told > BATCH_SECONDS:
                say({"ends": ends})
                ends.clear()
                told = time.monotonic()

        self.exchange.run([_aim(one) for one in command["probes"]], report, self.halted)
        say({"ends": ends})
        say({"done": "probe"})

    def trace(self, command: dict[str, Any]) -> None:
        """Send probes one by one and report for each the rules that its first packets hit in each namespace."""
        for space in command["spaces"]:
            self.spaces.enter(space)
            done = run_tool(["nft", "-f", "-"], RULES)
            if done.returncode:
                raise BuildError(f"the rule trace in {space}: {done.stderr.strip()[-300:]}")
            self.tracers[space] = Tracer()
        for one in command["probes"]:
            for tracer in self.tracers.values():
                tracer.drain()
            ends: list[list[Any]] = []

            def report(probe: int, end: End, ends: list[list[Any]] = ends) -> None:
                ends.append([probe, end])

            # The kernel puts trace events into the socket while it handles the packet: before any answer to it.
            self.exchange.run([_aim(one)], report, self.halted)
            seen = {space: events for space, tracer in self.tracers.items() if (events := tracer.drain())}
            for end in ends:
                say({"traced": [*end, seen]})
            if self.halted():
                break
        for space, tracer in self.tracers.items():
            tracer.listener.close()
            self.spaces.enter(space)
            run_tool(["nft", "-f", "-"], f"delete table inet {TABLE}\n")
        self.tracers.clear()
        say({"done": "trace"})

    def _told(self, number: int, total: int, begun: float) -> float:
        if time.monotonic() - begun < BATCH_SECONDS:
            return begun
        say({"built": number, "of": total})
        if self.halted():
            raise EndedError
        return time.monotonic()


def _aim(one: list[Any]) -> tuple[int, Aim]:
    probe, space, family, protocol, address, port, mark, (first, again) = one
    return int(probe), (space, family, protocol, address, port, mark, (float(first), float(again)))


def say(value: dict[str, Any]) -> None:
    """One line of output."""
    data = json.dumps(value, separators=(",", ":")).encode() + b"\n"
    while data:
        data = data[os.write(OUT, data) :]


def serve() -> int:
    """Answer commands until the input ends; the exit status."""
    try:
        how = enter_alone()
    except SpaceError as error:
        say({"refused": error.step, "why": str(error), "errno": error.errno})
        return 1
    raise_file_limit()
    spaces = Spaces.start()
    service = Service(spaces, Building(spaces), Exchange(spaces))
    answers = {
        "abilities": service.abilities,
        "build": service.build,
        "apply": service.apply,
        "probe": service.probe,
        "trace": service.trace,
    }
    say({"ready": how})
    with contextlib.suppress(EndedError, BrokenPipeError, KeyboardInterrupt):
        for command in service.commands():
            signal.alarm(COMMAND_SECONDS)
            try:
                answers[command["do"]](command)
            except (BuildError, SpaceError, OSError) as error:
                if isinstance(error, BrokenPipeError):
                    raise
                say({"failed": str(error)})
    return 0
