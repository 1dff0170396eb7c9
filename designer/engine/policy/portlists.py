"""The port sets that the entries of a rule stand for, by column: those that are sure and those that cannot be told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.policy.classes import Columns, Signature
from designer.engine.policy.compiled import Direction
from designer.engine.policy.matchers import PortMatch
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, NO_PORTS, PortSet
from designer.engine.policy.porttable import EVERYTHING, Mask, PortTable

# Numbers of port sets, each with the columns for which it holds (None: all).
PortList = list[tuple[int, Mask | None]]


@dataclass(frozen=True, slots=True)
class PortChoice:
    """What a rule's entries cover for sure, and what beyond that they may cover."""

    sure: PortList
    maybe: PortList


class PortLists:
    """Reads lists of entries under a policy engine; each list is read once."""

    def __init__(self, engine: Enforcement, columns: Columns, table: PortTable) -> None:
        self._engine = engine
        self._columns = columns
        self._table = table
        self._known: dict[tuple[tuple[PortMatch, ...], Direction, Signature], PortChoice] = {}
        self._named: dict[tuple[str, str], PortList] = {}

    def of(self, ports: tuple[PortMatch, ...], direction: Direction, names: Signature) -> PortChoice:
        """What `ports` covers; `names` are the named ports of the subject, which count for ingress."""
        key = (ports, direction, names)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._read(ports, direction, names)
        return found

    def _read(self, ports: tuple[PortMatch, ...], direction: Direction, names: Signature) -> PortChoice:
        if not ports:
            return PortChoice([(EVERYTHING, None)], [])
        sure, maybe = NO_PORTS, NO_PORTS
        found: PortList = []
        for port in ports:
            unsure = self._unsure(port)
            if unsure is not None:
                maybe |= unsure
            elif not port.name:
                sure |= PortSet.of(port.protocol, port.low, port.high)
            elif direction == "ingress":
                sure |= _named(names, port.name, port.protocol)
            else:
                found += self._by_column(port)
        if sure:
            found = [(self._table.number(sure), None), *found]
        return PortChoice(found, [(self._table.number(maybe), None)] if maybe else [])

    def _unsure(self, port: PortMatch) -> PortSet | None:
        """The ports about which the engine leaves open whether an entry covers them; None where it takes the entry."""
        engine = self._engine
        if (port.protocol == "SCTP" and not engine.sctp) or (port.name and not engine.named_ports):
            return PortSet.of(port.protocol)
        if port.is_range and not engine.end_port:
            return PortSet.of(port.protocol, port.low, port.high)
        return None

    def _by_column(self, port: PortMatch) -> PortList:
        """What a port name of an egress rule stands for, by destination column."""
        key = (port.name, port.protocol)
        if key not in self._named:
            masks: dict[int, Mask] = {}
            for column, one in enumerate(self._columns.classes):
                ports = NO_PORTS if one.host_network else _named(one.signature, *key)
                if ports:
                    number = self._table.number(ports)
                    masks.setdefault(number, np.zeros(self._columns.count, dtype=bool))[column] = True
            self._named[key] = list(masks.items())
        return self._named[key]


def _named(signature: Signature, name: str, protocol: str) -> PortSet:
    found = NO_PORTS
    for other, its_protocol, number in signature:
        if (other, its_protocol) == (name, protocol) and MIN_PORT <= number <= MAX_PORT:
            found |= PortSet.of(protocol, number, number)
    return found
