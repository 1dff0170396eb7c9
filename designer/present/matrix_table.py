"""The matrix for a grid: what stands in each cell, for workloads and Pods exactly, for groups of them as counts.

A cell of two groups counts pairs of workloads. Rows are worked out when they are first asked for and kept for a while;
the counts of groups once, in the background. One lock stands before the engine's rows, which grow a table of port sets:
the window paints while a job counts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import MatrixPeer
from designer.engine.policy.peers import owners_elsewhere, visible_pods
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet
from designer.engine.reach import INGRESS_CONTROLLER, Reach
from designer.engine.reporter import SILENT, Reporter
from designer.model import FrozenMap
from designer.present.matrix_axis import AxisNode, Entry, Group, entry_of, groups_of

Codes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int32]
Value = Literal["none", "some", "all", "cannot-tell", "some-cannot-tell", "same"]
# What stands in a cell, by its code. "some-cannot-tell" is open on some ports, while others cannot be told.
VALUES: Final[tuple[Value, ...]] = ("none", "some", "all", "cannot-tell", "some-cannot-tell", "same")
NONE, SOME, ALL, UNKNOWN, SOME_UNKNOWN, SAME = range(6)
# So many rows are kept; the oldest are forgotten.
MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Tally:
    """What a cell of groups counts: pairs of workloads that are open on all, some or no ports, or cannot be told."""

    everything: int
    some: int
    nothing: int
    unknown: int

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return self.everything + self.some + self.nothing + self.unknown


@dataclass(frozen=True, slots=True)
class Line:
    """One row for painting: by column its code, how many pairs are open, and how many there are."""

    codes: Codes
    opened: Counts
    pairs: Counts


@dataclass(frozen=True, slots=True)
class ColumnPlaces:
    """Where the columns of an axis find their cells: places of groups and of entries, and the Pods among them."""

    nodes: tuple[AxisNode, ...]
    groups: npt.NDArray[np.intp]
    group_places: npt.NDArray[np.intp]
    entries: npt.NDArray[np.intp]
    entry_places: npt.NDArray[np.intp]
    pods: tuple[int, ...]


def column_places(nodes: Sequence[AxisNode]) -> ColumnPlaces:
    """The places for these columns."""
    groups = [n for n, node in enumerate(nodes) if node.level == "group"]
    entries = [n for n, node in enumerate(nodes) if node.level == "peer"]
    return ColumnPlaces(
        tuple(nodes),
        np.array(groups, dtype=np.intp),
        np.array([nodes[n].group for n in groups], dtype=np.intp),
        np.array(entries, dtype=np.intp),
        np.array([nodes[n].entry for n in entries], dtype=np.intp),
        tuple(n for n, node in enumerate(nodes) if node.level == "pod"),
    )


class MatrixTable:
    """The cells of one `Reach` under one way of grouping and one choice of ports. `count` fills in the groups."""

    def __init__(self, state: ClusterState, found: Reach, label: str = "", wanted: PortSet = ALL_PORTS) -> None:
        self.state, self.found, self.label, self.wanted = state, found, label, wanted
        peers = found.matrix.peers
        self.entries: tuple[Entry, ...] = tuple(map(entry_of, peers))
        self.ways = {dst.text: ports for dst, ports in found.ingress_lines()}
        if self.ways:
            self.entries += (Entry(INGRESS_CONTROLLER, INGRESS_CONTROLLER, "", FrozenMap({})),)
        self.groups: tuple[Group, ...] = groups_of(self.entries, label)
        self.lock = RLock()
        self._pods = _pods_by_entry(state, found)
        self._kept: OrderedDict[tuple[int, str], Codes] = OrderedDict()
        self._codes: list[int] = []
        self._by_source: Counts = np.zeros((0, 0, 0), dtype=np.int32)
        self._by_target: Counts = np.zeros((0, 0, 0), dtype=np.int32)
        self.group_of = np.zeros(len(self.entries), dtype=np.intp)
        for number, group in enumerate(self.groups):
            self.group_of[list(group.members)] = number

    def regrouped(self, label: str, wanted: PortSet) -> MatrixTable:
        """The same pairs under another grouping or choice of ports; not counted yet."""
        other = MatrixTable(self.state, self.found, label, wanted)
        # The rows of the engine are the same: whoever asks for them waits for the other.
        other.lock, other._pods = self.lock, self._pods
        return other

    # --- the engine's rows

    @property
    def size(self) -> int:
        """How many peers of the engine's matrix there are; the Ingress controller stands behind them."""
        return len(self.found.matrix.peers)

    @property
    def workloads(self) -> int:
        """How many workloads there are."""
        return self.found.matrix.layout.workloads

    def pods_of(self, entry: int) -> tuple[PodState, ...]:
        """The Pods of a workload, none for ranges and the Ingress controller."""
        return tuple(pod for pod, _column in self._pods.get(entry, ()) if not pod.key.endswith("#template"))

    def end(self, node: AxisNode) -> MatrixPeer | None:
        """The engine's end of a workload, range or Pod; None for groups and the Ingress controller."""
        if node.entry < 0:
            return None
        peer = self.entries[node.entry].peer
        if peer is None or node.pod is None:
            return peer
        column = next(c for pod, c in self._pods[node.entry] if pod.key == node.pod.key)
        where = frozenset((node.pod.node,)) if peer.nodes and node.pod.node else frozenset[str]()
        spots = (frozenset((node.pod.node,)),) if peer.spots else ()
        return replace(peer, columns=(column,), nodes=where, pods=(node.pod,), spots=spots)

    def codes(self, entry: int, pod: PodState | None = None) -> Codes:
        """What stands in the cells from one entry, or one of its Pods, to every peer of the matrix."""
        key = (entry, pod.key if pod is not None else "")
        with self.lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = self._made(entry, pod)
                if len(self._kept) > MOST_ROWS:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(key)
        return found

    def _made(self, entry: int, pod: PodState | None) -> Codes:
        matrix = self.found.matrix
        src = self.entries[entry].peer
        if src is None:
            codes = np.zeros(self.size, dtype=np.uint8)
            for text, ports in self.ways.items():
                codes[matrix.layout.index[text]] = self.code_of(ports)
            for way in self.found.ways:
                place = matrix.layout.index[way.dst.text]
                if way.undecided & self.wanted and codes[place] in (NONE, SOME):
                    codes[place] = UNKNOWN if codes[place] == NONE else SOME_UNKNOWN
            codes[matrix.layout.workloads :] = SAME
            return codes
        if pod is not None:
            node = AxisNode("", "pod", "", "", 0, entry, pod)
            src = self.end(node) or src
        codes = self._looked_up(matrix.numbers(src))
        codes[entry] = SAME
        if src.is_range:
            codes[matrix.layout.workloads :] = SAME
        self._doubted(codes, src)
        return codes

    def _looked_up(self, numbers: npt.NDArray[np.int32]) -> Codes:
        table = self.found.matrix.table
        for number in range(len(self._codes), len(table)):
            self._codes.append(self.code_of(table[number]))
        return np.array(self._codes, dtype=np.uint8)[numbers]

    def code_of(self, ports: PortSet) -> int:
        """The code of a cell in which these ports are open."""
        part = ports & self.wanted
        return NONE if not part else ALL if part == self.wanted else SOME

    def _doubted(self, codes: Codes, src: MatrixPeer) -> None:
        """Mark what cannot be told among the cells of a source, in place."""
        matrix = self.found.matrix
        if matrix.decided:
            return
        unsure = matrix.undecided_numbers(src)
        for place in np.flatnonzero(unsure).tolist():
            if codes[place] in (NONE, SOME) and matrix.table[int(unsure[place])] & self.wanted:
                codes[place] = UNKNOWN if codes[place] == NONE else SOME_UNKNOWN

    # --- counting

    def count(self, reporter: Reporter = SILENT) -> MatrixTable:
        """This table with the counts of its groups: takes a while in a large cluster, so that it is done in a job.

        Raises `CancelledError` where `reporter` does.
        """
        groups, size = len(self.groups), self.size
        by_source = np.zeros((len(self.entries), groups, 6), dtype=np.int32)
        by_target = np.zeros((groups, size, 6), dtype=np.int32)
        base = self.group_of[:size] * 6
        every = np.arange(size)
        for entry in range(len(self.entries)):
            if entry % 64 == 0:
                reporter.step("Counting the cells", entry, max(2, len(self.entries)))
            codes = self.codes(entry)
            by_source[entry] = np.bincount(base + codes, minlength=groups * 6).reshape(groups, 6)
            by_target[self.group_of[entry], every, codes] += 1
        self._by_source, self._by_target = by_source, by_target
        return self

    def weight_out(self, entry: int) -> int:
        """To how many others somebody may send."""
        return int(self._by_source[entry][:, [SOME, ALL, SOME_UNKNOWN]].sum())

    def weight_in(self, entry: int) -> int:
        """From how many others somebody may be reached; the Ingress controller from nobody."""
        return int(self._by_target[:, entry, [SOME, ALL, SOME_UNKNOWN]].sum()) if entry < self.size else 0

    # --- cells

    def line(self, row: AxisNode, columns: ColumnPlaces) -> Line:
        """One row of the grid for painting."""
        if row.level == "peer" and not columns.pods:
            return self._peer_line(row, columns)
        count = len(columns.nodes)
        tallies = np.zeros((count, 6), dtype=np.int32)
        if row.level == "group":
            inside = self._by_source[list(self.groups[row.group].members)].sum(axis=0)
            tallies[columns.groups] = inside[columns.group_places]
            tallies[columns.entries] = self._by_target[row.group][columns.entry_places]
        else:
            codes = self.codes(row.entry, row.pod)
            if row.pod is None:
                by_group = self._by_source[row.entry]
            else:
                groups = len(self.groups)
                by_group = np.bincount(self.group_of[: self.size] * 6 + codes, minlength=groups * 6).reshape(groups, 6)
            tallies[columns.groups] = by_group[columns.group_places]
            tallies[columns.entries, codes[columns.entry_places]] = 1
        for place in columns.pods:
            for code in self._codes_to_pod(row, columns.nodes[place]):
                tallies[place, code] += 1
        if row.pod is not None:
            for place in np.flatnonzero(columns.entry_places == row.entry).tolist():
                node = columns.nodes[int(columns.entries[place])]
                tallies[columns.entries[place]] = 0
                tallies[columns.entries[place], self._pair_code(row, node)] = 1
        return Line(*_reduced(tallies))

    def _peer_line(self, row: AxisNode, columns: ColumnPlaces) -> Line:
        """The same for a workload or range where no column is a Pod: what most rows are."""
        codes = np.full(len(columns.nodes), SAME, dtype=np.uint8)
        codes[columns.entries] = self.codes(row.entry)[columns.entry_places]
        opened = np.isin(codes, (SOME, ALL, SOME_UNKNOWN)).astype(np.int32)
        pairs = (codes != SAME).astype(np.int32)
        at = columns.groups
        codes[at], opened[at], pairs[at] = _reduced(self._by_source[row.entry][columns.group_places])
        return Line(codes, opened, pairs)

    def _codes_to_pod(self, row: AxisNode, column: AxisNode) -> list[int]:
        if row.level != "group":
            return [self._pair_code(row, column)]
        found = []
        for member in self.groups[row.group].members:
            node = AxisNode("", "peer", "", "", row.group, member)
            found.append(self._pair_code(node, column))
        return found

    def _pair_code(self, row: AxisNode, column: AxisNode) -> int:
        if self.is_same(row, column):
            return SAME
        code = self.code_of(self.ports(row, column))
        if code != ALL and self.unclear(row, column) & self.wanted:
            return UNKNOWN if code == NONE else SOME_UNKNOWN
        return code

    def is_same(self, row: AxisNode, column: AxisNode) -> bool:
        """Whether a cell is not asked: somebody to itself, or one address outside to another."""
        src, dst = self.entries[row.entry], self.entries[column.entry]
        if not src.is_workload and not dst.is_workload:
            return True
        if row.entry != column.entry:
            return False
        if row.pod is None and column.pod is None:
            return True
        pods = self.pods_of(row.entry)
        if row.pod is not None and column.pod is not None:
            return row.pod.key == column.pod.key
        return len(pods) < 2

    def ports(self, row: AxisNode, column: AxisNode) -> PortSet:
        """The open ports of a cell of two workloads, ranges or Pods."""
        src, dst = self.end(row), self.end(column)
        if dst is None:
            return NO_PORTS
        if src is None:
            return self.ways.get(self.entries[column.entry].text, NO_PORTS)
        with self.lock:
            return self.found.matrix.ports(src, dst)

    def unclear(self, row: AxisNode, column: AxisNode) -> PortSet:
        """The ports of a cell about which nobody can tell whether they are open."""
        src, dst = self.end(row), self.end(column)
        if dst is None:
            return NO_PORTS
        if src is None:
            text = self.entries[column.entry].text
            return next((way.undecided for way in self.found.ways if way.dst.text == text), NO_PORTS)
        with self.lock:
            return self.found.matrix.undecided(src, dst)

    def tally(self, row: AxisNode, column: AxisNode) -> Tally:
        """What a cell counts."""
        if column.level == "pod":
            codes = self._codes_to_pod(row, column)
            found = np.bincount(codes, minlength=6)
        elif row.level == "group":
            table = self._by_source[list(self.groups[row.group].members)].sum(axis=0)
            found = table[column.group] if column.level == "group" else self._by_target[row.group, column.entry]
        elif column.level == "group":
            line = self.codes(row.entry, row.pod)[list(self._peers_in(column.group))]
            found = np.bincount(line, minlength=6)
        else:
            found = np.bincount([self._pair_code(row, column)], minlength=6)
        return Tally(int(found[ALL]), int(found[SOME] + found[SOME_UNKNOWN]), int(found[NONE]), int(found[UNKNOWN]))

    def _peers_in(self, group: int) -> tuple[int, ...]:
        return tuple(place for place in self.groups[group].members if place < self.size)

    def neighbours(self, entry: int) -> tuple[frozenset[int], frozenset[int]]:
        """Who may send to somebody, and whom it may reach, itself among both."""
        out = self.codes(entry)
        into = [
            place
            for place in range(len(self.entries))
            if entry < self.size and self.codes(place)[entry] not in (NONE, SAME)
        ]
        reached = np.flatnonzero((out != NONE) & (out != SAME)).tolist()
        return frozenset((*into, entry)), frozenset((*reached, entry))


def _reduced(tallies: Counts) -> tuple[Codes, Counts, Counts]:
    """Codes, open pairs and pairs of cells from what is counted in them."""
    pairs = tallies[:, :SAME].sum(axis=1)
    opened = tallies[:, [SOME, ALL, SOME_UNKNOWN]].sum(axis=1)
    unsure = tallies[:, [UNKNOWN, SOME_UNKNOWN]].sum(axis=1)
    codes = np.full(len(tallies), SOME, dtype=np.uint8)
    codes[unsure > 0] = SOME_UNKNOWN
    codes[(opened == 0) & (unsure > 0)] = UNKNOWN
    codes[tallies[:, NONE] == pairs] = NONE
    codes[tallies[:, ALL] == pairs] = ALL
    codes[pairs == 0] = SAME
    return codes, opened.astype(np.int32), pairs.astype(np.int32)


def _pods_by_entry(state: ClusterState, found: Reach) -> dict[int, list[tuple[PodState, int]]]:
    """The Pods behind each peer of the matrix, with their columns."""
    elsewhere = owners_elsewhere(state.project)

    def key_of(pod: PodState) -> tuple[Any, ...]:
        return pod.owner or elsewhere.get(pod.id, pod.id), pod.labels

    places = {key_of(peer.pods[0]): place for place, peer in enumerate(found.matrix.peers) if peer.pods}
    pods = visible_pods(state.project, state.control)
    groups: dict[int, list[tuple[PodState, int]]] = {}
    for pod, column in zip(pods, found.matrix.columns.class_of.tolist(), strict=True):
        groups.setdefault(places[key_of(pod)], []).append((pod, column))
    return groups
