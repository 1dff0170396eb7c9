"""The rows of the matrix: for each distinct set of isolating policies, the port set that it allows for every column."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from designer.engine.policy.classes import Columns, LabelIndex, Signature
from designer.engine.policy.compiled import CompiledPolicy, CompiledRule, Direction
from designer.engine.policy.evaluate import PolicySet
from designer.engine.policy.matchers import PeerMatch, PodMatch, PortMatch
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, NO_PORTS, PortSet
from designer.engine.policy.porttable import EVERYTHING, NOTHING, Mask, PortTable, Row
from designer.engine.policy.tierrows import NO_TIERS, PortList, TierKey, TierRows

# Key of a row: numbers of the isolating policies, named ports of the subject where they matter, and what tiers see.
RowKey = tuple[tuple[int, ...], Signature, TierKey]


class RowMaker:
    """Makes the rows of both directions from policies and columns; used once and dropped."""

    def __init__(self, policies: PolicySet, columns: Columns, table: PortTable) -> None:
        self.policies = policies
        self.columns = columns
        self.table = table
        self.all = policies.all()
        classes = columns.classes
        self.labels = LabelIndex([c.labels for c in classes])
        names = sorted({c.namespace for c in classes})
        number = {name: index for index, name in enumerate(names)}
        self.namespace_of = np.array([number[c.namespace] for c in classes], dtype=np.int32)
        self.namespaces = LabelIndex([policies.namespace_labels(name) for name in names])
        self.namespace_number = number
        self.selectable = np.array([not c.host_network for c in classes], dtype=bool)
        self.inside: dict[str, Mask] = {}
        self.named: dict[tuple[str, str], tuple[tuple[int, Mask], ...]] = {}
        self.port_lists: dict[tuple[tuple[PortMatch, ...], Direction, Signature], PortList] = {}

    def rows(self, direction: Direction) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """For every column the number of its row, and the rows; row 0 is that of what nothing isolates."""
        isolating = self._isolating(direction)
        tiers = TierRows(self.policies, self.columns, self.table, direction, self._peer)
        with_names = [
            direction == "ingress" and any(p.name for r in policy.rules(direction) or () for p in r.ports)
            for policy in self.all
        ]
        keys = np.zeros(self.columns.count, dtype=np.int32)
        numbers: dict[RowKey, int] = {}
        for column, found in enumerate(isolating):
            beside = tiers.selecting(column)
            if not found and beside == NO_TIERS:
                continue
            named = any(with_names[p] for p in found) or tiers.with_names(beside)
            names = self.columns.classes[column].signature if named else ()
            keys[column] = numbers.setdefault((tuple(found), names, beside), len(numbers) + 1)
        rows = np.zeros((len(numbers) + 1, self.columns.count), dtype=np.int32)
        rows[0] = EVERYTHING
        for (found_policies, names, beside), row_number in numbers.items():
            self._fill(rows[row_number], [self.all[p] for p in found_policies], direction, names)
            if beside != NO_TIERS:
                native = rows[row_number] if found_policies else None
                rows[row_number] = tiers.row(beside, native, partial(self.ports, direction=direction, names=names))
        return keys, rows

    def _isolating(self, direction: Direction) -> list[list[int]]:
        """For every Pod class the policies that isolate it; none where the engine does not enforce the direction."""
        found: list[list[int]] = [[] for _ in self.columns.classes]
        if not self.policies.enforcement.enforces(direction):
            return found
        for number, policy in enumerate(self.all):
            if policy.rules(direction) is None or policy.namespace not in self.namespace_number:
                continue
            mask = self.labels.selector(policy.selector) & self._inside(policy.namespace)
            for column in np.flatnonzero(mask).tolist():
                found[column].append(number)
        return found

    def _inside(self, namespace: str) -> Mask:
        """The selectable classes of a namespace."""
        found = self.inside.get(namespace)
        if found is None:
            here = self.namespace_of == self.namespace_number.get(namespace, -1)
            found = self.inside[namespace] = here & self.selectable
        return found

    def _fill(self, row: Row, policies: list[CompiledPolicy], direction: Direction, names: Signature) -> None:
        """Join what every rule allows. Equal port sets are joined first as masks, which is cheap."""
        parts: dict[int, Mask] = {}
        for policy in policies:
            for rule in policy.rules(direction) or ():
                mask = self._peers(rule)
                for ports, where in self.ports(rule.ports, direction, names):
                    part = mask if where is None else mask & where
                    parts[ports] = part if ports not in parts else parts[ports] | part
        for ports in sorted(parts):
            if ports != NOTHING:
                self.table.add(row, parts[ports], ports)

    def _peers(self, rule: CompiledRule) -> Mask:
        if not rule.peers:
            return np.ones(self.columns.count, dtype=bool)
        masks = [self._peer(peer) for peer in rule.peers]
        return masks[0] if len(masks) == 1 else np.logical_or.reduce(masks)

    def _peer(self, peer: PeerMatch) -> Mask:
        if not isinstance(peer, PodMatch):
            return self.columns.block_masks[peer]
        mask = np.zeros(self.columns.count, dtype=bool)
        here = mask[: len(self.columns.classes)]
        if peer.namespaces is None:
            here[:] = self._inside(peer.own_namespace)
        else:
            np.logical_and(self.selectable, self.namespaces.selector(peer.namespaces)[self.namespace_of], out=here)
        if peer.pods is not None:
            here &= self.labels.selector(peer.pods)
        return mask

    def ports(self, ports: tuple[PortMatch, ...], direction: Direction, names: Signature) -> PortList:
        """Port sets that a list of a rule stands for, each with the columns for which it does (None: all)."""
        key = (ports, direction, names)
        if key not in self.port_lists:
            self.port_lists[key] = self._ports(ports, direction, names)
        return self.port_lists[key]

    def _ports(self, ports: tuple[PortMatch, ...], direction: Direction, names: Signature) -> PortList:
        if not ports:
            return [(EVERYTHING, None)]
        fixed = NO_PORTS
        found: PortList = []
        for port in ports:
            if not self._known(port):
                continue
            if not port.name:
                fixed |= PortSet.of(port.protocol, port.low, port.high)
            elif direction == "ingress":
                fixed |= _named(names, port.name, port.protocol)
            else:
                found += self._named_by_column(port)
        return [(self.table.number(fixed), None), *found] if fixed else found

    def _known(self, port: PortMatch) -> bool:
        engine = self.policies.enforcement
        return (
            (engine.sctp or port.protocol != "SCTP")
            and (engine.named_ports or not port.name)
            and (engine.end_port or not port.is_range)
        )

    def _named_by_column(self, port: PortMatch) -> tuple[tuple[int, Mask], ...]:
        """What a port name of an egress rule stands for, by destination column."""
        key = (port.name, port.protocol)
        if key not in self.named:
            masks: dict[int, Mask] = {}
            for column, cls in enumerate(self.columns.classes):
                ports = _named(cls.signature, *key)
                if ports and not cls.host_network:
                    number = self.table.number(ports)
                    masks.setdefault(number, np.zeros(self.columns.count, dtype=bool))[column] = True
            self.named[key] = tuple(masks.items())
        return self.named[key]


def _named(signature: Signature, name: str, protocol: str) -> PortSet:
    found = NO_PORTS
    for other, its_protocol, number in signature:
        if (other, its_protocol) == (name, protocol) and MIN_PORT <= number <= MAX_PORT:
            found |= PortSet.of(protocol, number, number)
    return found
