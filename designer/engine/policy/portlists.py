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
        self._named: dict[PortMatch, PortChoice] = {}

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
        open_ended: PortList = []
        for port in ports:
            unsure = self._unsure(port)
            if unsure is not None:
                maybe |= unsure
            elif not port.name:
                sure |= PortSet.of(port.protocol, port.low, port.high)
            elif direction == "ingress":
                sure |= _named(names, port.name, port.protocol)
            else:
                by_column = self._by_column(port)
                found += by_column.sure
                open_ended += by_column.maybe
        if sure:
            found = [(self._table.number(sure), None), *found]
        return PortChoice(found, [*([(self._table.number(maybe), None)] if maybe else []), *open_ended])

    def _unsure(self, port: PortMatch) -> PortSet | None:
        """The ports about which the engine leaves open whether an entry covers them; None where it takes the entry."""
        engine = self._engine
        if (port.protocol == "SCTP" and not engine.sctp) or (port.name and not engine.named_ports):
            return PortSet.of(port.protocol)
        if port.is_range and not engine.end_port:
            return PortSet.of(port.protocol, port.low, port.high)
        return None

    def _by_column(self, port: PortMatch) -> PortChoice:
        """What a port name of an egress rule stands for, by destination column."""
        known = self._named.get(port)
        if known is None:
            sure: dict[int, Mask] = {}
            maybe: dict[int, Mask] = {}
            for column, number in enumerate(self._columns.bodies):
                one = self._columns.classes[number] if number >= 0 else None
                no_pod = one is None or one.host_network
                own = NO_PORTS if one is None or no_pod else _named(one.signature, port.name, port.protocol)
                there = own if port.among is None else _only(port.protocol, port.among)
                for masks, ports in ((sure, own & there), (maybe, (own | there) - (own & there))):
                    if ports:
                        self._mark(masks, ports, column)
            known = self._named[port] = PortChoice(list(sure.items()), list(maybe.items()))
        return known

    def _mark(self, masks: dict[int, Mask], ports: PortSet, column: int) -> None:
        number = self._table.number(ports)
        if number not in masks:
            masks[number] = np.zeros(self._columns.count, dtype=bool)
        masks[number][column] = True


def _only(protocol: str, numbers: tuple[int, ...]) -> PortSet:
    """The one number of a port name; nothing where it has several, or none."""
    return PortSet.of(protocol, numbers[0], numbers[0]) if len(numbers) == 1 else NO_PORTS


def _named(signature: Signature, name: str, protocol: str) -> PortSet:
    found = NO_PORTS
    for other, its_protocol, number in signature:
        if (other, its_protocol) == (name, protocol) and MIN_PORT <= number <= MAX_PORT:
            found |= PortSet.of(protocol, number, number)
    return found
