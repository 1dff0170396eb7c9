"""The rows of the matrix: for each distinct set of policies that has a say, what it allows to every column.

What is sure and what is possible stand in rows of their own; a port that is possible and not sure cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from designer.engine.policy.classes import Columns, EndColumns, Signature
from designer.engine.policy.compiled import CompiledPolicy, CompiledRule, Direction
from designer.engine.policy.evaluate import PolicySet
from designer.engine.policy.labelindex import LabelIndex
from designer.engine.policy.matchers import BlockMatch, PodMatch
from designer.engine.policy.portlists import PortLists
from designer.engine.policy.porttable import EVERYTHING, NOTHING, Mask, PortTable, Row
from designer.engine.policy.sights import Sights
from designer.engine.policy.tierrows import NO_TIERS, UNKNOWN, TierKey, TierRows
from designer.engine.reporter import SILENT, Reporter
from designer.model import FrozenMap, LabelSelector

# Key of a row: numbers of the isolating policies, named ports of the subject where they matter, what tiers see, and
# whether it cannot be told what leaves the cluster.
RowKey = tuple[tuple[int, ...], Signature, TierKey, bool]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Rows:
    """For every column the number of its row, and the rows: sure, and possible (the same array where all is sure)."""

    keys: Numbers
    sure: Numbers
    maybe: Numbers

    @property
    def decided(self) -> bool:
        """Whether everything is sure."""
        return self.maybe is self.sure


class RowMaker:
    """Makes the rows of both directions from policies and columns; used once and dropped."""

    def __init__(self, policies: PolicySet, columns: Columns, table: PortTable, reporter: Reporter = SILENT) -> None:
        self._reporter = reporter
        self.policies = policies
        self.columns = columns
        self.table = table
        self.all = policies.all()
        self.count = columns.count
        classes = columns.classes
        self.labels = LabelIndex([c.labels for c in classes])
        names = sorted({c.namespace for c in classes})
        number = {name: index for index, name in enumerate(names)}
        self.namespace_of = np.array([number[c.namespace] for c in classes], dtype=np.int32)
        self.namespaces = LabelIndex([policies.namespace_labels(name) for name in names])
        self.namespace_number = number
        self.selectable = np.array([not c.host_network for c in classes], dtype=bool)
        self.inside: dict[str, Mask] = {}
        # By labels: many rules name the same few namespaces.
        self.spread: dict[FrozenMap[str, str], Mask] = {}
        # By identity: to hash a matcher costs more than to look it up, and policies outlive this object.
        self.pod_columns: dict[int, EndColumns] = {}
        self.portlists = PortLists(policies.enforcement, columns, table)
        self.sights = Sights(policies, columns, self._peer)

    def rows(self, direction: Direction) -> Rows:
        """The rows of one direction; row 0 is that of what nothing isolates."""
        isolating = self._isolating(direction)
        tiers = TierRows(
            self.policies, self.columns, self.table, direction, self.sights,
            lambda rule, names: self.portlists.of(rule.ports, direction, names),
        )  # fmt: skip
        with_names = [
            direction == "ingress" and any(p.name for r in policy.rules(direction) or () for p in r.ports)
            for policy in self.all
        ]
        keys = np.zeros(self.columns.count, dtype=np.int32)
        numbers: dict[RowKey, int] = {}
        for column, found in enumerate(isolating):
            beside = tiers.key(column)
            shut = tiers.closed_outside(column)
            if not found and beside == NO_TIERS and not shut:
                continue
            named = any(with_names[p] for p in found) or tiers.with_names(beside)
            names = self.columns.classes[column].signature if named else ()
            keys[column] = numbers.setdefault((tuple(found), names, beside, shut), len(numbers) + 1)
        sure = np.zeros((len(numbers) + 1, self.columns.count), dtype=np.int32)
        sure[0] = EVERYTHING
        unsure: dict[int, Row] = {}
        for key, number in numbers.items():
            if number % 16 == 1:
                self._reporter.step(f"Following the rules of {direction}", number, max(2, len(numbers) + 1))
            one, other = self._row(key, direction, tiers)
            if key[3]:
                one, other = self._unknown_outside(one, other)
            sure[number] = one
            if other is not one and bool((other != one).any()):
                unsure[number] = other
        maybe = sure.copy() if unsure else sure
        for number, row in unsure.items():
            maybe[number] = row
        return Rows(keys, sure, maybe)

    def _unknown_outside(self, one: Row, other: Row) -> tuple[Row, Row]:
        """The rows with nothing sure of what is no Pod: addresses outside, and Nodes."""
        one, other = one.copy(), other.copy()
        pods = np.zeros(self.count, dtype=bool)
        pods[: self.selectable.size] = self.selectable
        one[~pods], other[~pods] = NOTHING, EVERYTHING
        return one, other

    def _row(self, key: RowKey, direction: Direction, tiers: TierRows) -> tuple[Row, Row]:
        """The port sets that are sure, and those that are possible."""
        found, names, beside, _ = key
        count = self.columns.count
        if beside == UNKNOWN:
            return np.full(count, NOTHING, dtype=np.int32), np.full(count, EVERYTHING, dtype=np.int32)
        native = self._native([self.all[p] for p in found], direction, names) if found else None
        if beside == NO_TIERS and native is not None:
            return native
        if beside == NO_TIERS:
            return np.full(count, EVERYTHING, dtype=np.int32), np.full(count, EVERYTHING, dtype=np.int32)
        ends = tiers.ends(beside, names, native)
        sure = self.table.rest_rows(ends.allowed, ends.denied)
        maybe = ends.allowed
        residents = list(self.columns.resident.values())
        if residents and self._free(direction):
            # As in the check: Cilium's own rule for the local host stands beside denials in an order that differs.
            unknown = self.policies.enforcement.engine == "Cilium" and tiers.denies(beside)
            sure[residents] = NOTHING if unknown else EVERYTHING
            maybe[residents] = EVERYTHING
        return sure, maybe

    def _free(self, direction: Direction) -> bool | None:
        engine = self.policies.enforcement
        return engine.node_to_pod_allowed if direction == "ingress" else engine.pod_to_node_allowed

    def _isolating(self, direction: Direction) -> list[list[int]]:
        """For every Pod class the policies that isolate it; none where the engine does not enforce the direction."""
        found: list[list[int]] = [[] for _ in self.columns.classes]
        if not self.policies.enforcement.enforces(direction):
            return found
        places: dict[str, npt.NDArray[np.intp]] = {}
        for number, policy in enumerate(self.all):
            if policy.rules(direction) is None or policy.namespace not in self.namespace_number:
                continue
            here = places.get(policy.namespace)
            if here is None:
                here = places[policy.namespace] = np.flatnonzero(self._inside(policy.namespace))
            for column in here[self.labels.selector(policy.selector)[here]].tolist():
                found[column].append(number)
        return found

    def _inside(self, namespace: str) -> Mask:
        """The selectable classes of a namespace."""
        found = self.inside.get(namespace)
        if found is None:
            here = self.namespace_of == self.namespace_number.get(namespace, -1)
            found = self.inside[namespace] = here & self.selectable
        return found

    def _native(self, policies: list[CompiledPolicy], direction: Direction, names: Signature) -> tuple[Row, Row]:
        """What NetworkPolicies allow together: for sure, and perhaps (one array where that is the same).

        Equal port sets are joined first as masks, which is cheap.
        """
        parts: dict[int, Mask] = {}
        open_parts: dict[int, Mask] = {}
        for policy in policies:
            for rule in policy.rules(direction) or ():
                peers = self._peers(rule)
                choice = self.portlists.of(rule.ports, direction, names)
                for ports, where in choice.sure:
                    _join(parts, ports, peers.sure, where)
                    if peers.maybe is not peers.sure:
                        _join(open_parts, ports, peers.maybe, where)
                for ports, where in choice.maybe:
                    _join(open_parts, ports, peers.maybe, where)
        sure = maybe = self._union(parts)
        if open_parts:
            maybe = self.table.join_rows(sure, self._union(open_parts))
        if all(policy.doubt(self.policies.enforcement) for policy in policies):
            maybe = np.full_like(sure, EVERYTHING)
        residents = list(self.columns.resident.values())
        free = self._free(direction)
        if residents and free is not False:
            maybe = sure.copy() if maybe is sure else maybe
            maybe[residents] = EVERYTHING
            if free:
                sure[residents] = EVERYTHING
        return sure, maybe

    def _union(self, parts: dict[int, Mask]) -> Row:
        """A row with the ports of all parts."""
        row = np.zeros(self.count, dtype=np.int32)
        fresh = True
        for ports in sorted(parts):
            if ports != NOTHING:
                if fresh:
                    row[parts[ports]] = ports
                    fresh = False
                else:
                    self.table.add(row, parts[ports], ports)
        return row

    def _peers(self, rule: CompiledRule) -> EndColumns:
        if not rule.peers:
            everyone = np.ones(self.columns.count, dtype=bool)
            return EndColumns(everyone, everyone)
        found = [self._peer(peer) for peer in rule.peers]
        if len(found) == 1:
            return found[0]
        sure = np.logical_or.reduce([one.sure for one in found])
        if all(one.maybe is one.sure for one in found):
            return EndColumns(sure, sure)
        return EndColumns(sure, np.logical_or.reduce([one.maybe for one in found]))

    def _peer(self, peer: PodMatch | BlockMatch) -> EndColumns:
        """The columns of a matcher by labels or addresses."""
        if isinstance(peer, BlockMatch):
            return self.columns.blocks[peer]
        known = self.pod_columns.get(id(peer))
        if known is None:
            where = self._inside(peer.own_namespace) if peer.namespaces is None else self._spread(peer.namespaces)
            mask = np.zeros(self.count, dtype=bool)
            if peer.pods is None:
                mask[: where.size] = where
            else:
                np.logical_and(where, self.labels.selector(peer.pods), out=mask[: where.size])
            maybe = mask
            if peer.beyond(self.policies.enforcement):
                maybe = mask.copy()
                maybe[: where.size] |= ~self.selectable
                maybe[where.size :] = True
            known = self.pod_columns[id(peer)] = EndColumns(mask, maybe)
        return known

    def _spread(self, namespaces: LabelSelector) -> Mask:
        """The selectable classes of the namespaces that a selector matches."""
        key = None if namespaces.matchExpressions else namespaces.matchLabels
        found = self.spread.get(key) if key is not None else None
        if found is None:
            found = self.selectable & self.namespaces.selector(namespaces)[self.namespace_of]
            if key is not None:
                self.spread[key] = found
        return found


def _join(parts: dict[int, Mask], ports: int, mask: Mask, where: Mask | None) -> None:
    part = mask if where is None else mask & where
    parts[ports] = part if ports not in parts else parts[ports] | part
