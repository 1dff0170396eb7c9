"""The Pods' and Nodes' part of an allocation: which Pods exist, where they run, their addresses, the Nodes' records.

What the last allocation left at rest is not looked at again: while cluster settings and Nodes are the very same
objects and no Pod waits for a place or an address, only what makes Pods and was edited can want something else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.ipambooks import NodeBook, PodIpam, Used, to_record
from designer.engine.controlplane.nodeledger import NodeNetwork, node_books, node_network
from designer.engine.controlplane.placementproblems import on_unknown_nodes, unfollowed, unplaced, without_address
from designer.engine.controlplane.podallocation import (
    FINISHED,
    PodBooks,
    adopt,
    hand_out,
    needy_pods,
    place,
    release,
    settle,
    want_pods,
)
from designer.engine.controlplane.podips import pod_ipam, tunnel_families, write_back
from designer.engine.controlplane.scheduler import Scheduler, host_ports, natural_key
from designer.engine.controlplane.workloadpods import Source, sources
from designer.engine.memo import same
from designer.model import (
    EMPTY_MAP,
    WORKLOAD_KINDS,
    DaemonSet,
    FrozenMap,
    KubeObject,
    Node,
    NodeRecord,
    Pod,
    PodRecord,
    Problem,
    Project,
)

V = TypeVar("V")

# The kinds of objects that this part of an allocation depends on.
POD_KINDS: tuple[type[KubeObject], ...] = (Pod, *WORKLOAD_KINDS)


@dataclass(frozen=True, slots=True)
class PodLedger:
    """Records of Pods and Nodes with what they were made from; `waiting` says why a Pod waits, by Pod key.

    `sources` are what makes Pods by object id, `keys` the records of each, `said` its problem where it has one.
    `settled`: nothing waits, all Nodes are known. `held` are the addresses in use, None where two Pods share one
    or a Node's record lacks the range that one of them is from.
    `running` counts by Node the Pods that take no port of it.
    """

    records: FrozenMap[str, PodRecord] = EMPTY_MAP
    nodes: FrozenMap[str, NodeRecord] = EMPTY_MAP
    pointers: FrozenMap[str, int] = EMPTY_MAP
    problems: tuple[Problem, ...] = ()
    waiting: Mapping[str, str] = EMPTY_MAP
    network: NodeNetwork | None = None
    sources: Mapping[str, Source] = EMPTY_MAP
    keys: Mapping[str, tuple[str, ...]] = EMPTY_MAP
    said: Mapping[str, Problem] = EMPTY_MAP
    settled: bool = False
    held: Used | None = None
    running: Mapping[str, int] = EMPTY_MAP
    node_reads: tuple[object, ...] = ()
    pod_reads: tuple[object, ...] = ()


NO_PODS = PodLedger()


def allocate_pods(project: Project, draws: Draws, last: PodLedger = NO_PODS) -> PodLedger:
    """The records of Pods and Nodes that fit the objects of `project`; `last`, an earlier answer, only saves time."""
    ledger = project.ledger
    at_rest = same(last.node_reads, _node_reads(project, ledger.nodes, ledger.cidrPointer))
    if at_rest and same(last.pod_reads, _pod_reads(project, ledger.pods)):
        return last
    known = last if at_rest and last.settled and ledger.pods is last.records else NO_PODS
    network = last.network if at_rest and last.network is not None else node_network(project)
    return _Allotment(project, draws, network, known).made()


def _node_reads(project: Project, nodes: object, pointers: object) -> tuple[object, ...]:
    return (project.cluster, project.slice(Node), nodes, pointers)


def _pod_reads(project: Project, records: object) -> tuple[object, ...]:
    return (records, *(project.slice(kind) for kind in POD_KINDS))


class _Allotment:
    """One allocation of Pods: `known` is what is at rest; only what is not in it as it is now is looked at."""

    def __init__(self, project: Project, draws: Draws, network: NodeNetwork, known: PodLedger) -> None:
        ledger = project.ledger
        self.project, self.draws, self.network, self.known = project, draws, network, known
        self.sources = {source.oid: source for source in sources(project)}
        self.edited = [s for oid, s in self.sources.items() if not _unedited(known.sources.get(oid), s)]
        names = frozenset(ledger.nodes)
        self.books = PodBooks(network.nodes, dict(ledger.pods.items()), draws, project.cluster.seed, names)
        self.touched = self._touched()
        if known.settled:
            # Taken out of a copy: looking at each of 150,000 records takes ten times as long.
            self.books.records = dict(self.books.old)
            for key in self.touched:
                del self.books.records[key]
        self.resting = len(self.books.records)
        self.held = known.held

    @cached_property
    def scheduler(self) -> Scheduler:
        """The scheduler, made when first asked for."""
        return Scheduler(self.network.nodes, self.project.cluster.maxPods)

    def made(self) -> PodLedger:
        """The answer."""
        books, project = self.books, self.project
        self._want()
        homeless = settle(books)
        if homeless:
            self._count_resting()
            place(books, homeless, self.scheduler)
        # Whatever is at rest, addresses come free in one order.
        for key in sorted((key for key in self.touched if key not in books.records), key=natural_key):
            record = books.old[key]
            if record.node is not None:
                books.released += [(record.node, ip) for ip in record.ips]
        edited = list(books.records)[self.resting :]
        lost = on_unknown_nodes((books.records[key] for key in edited), books.nodes)
        said = self._said()
        problems = [*self.network.problems, *said.values(), *unplaced(books), *lost]
        if homeless or books.released or not self._as_before(edited):
            failures, nodes = self._addresses(edited)
        else:
            failures, nodes = {}, project.ledger.nodes
        problems += without_address(books, failures)
        records, pointers = self._records(edited), kept(project.ledger.cidrPointer, self.network.pointers)
        waiting, keys = {**books.refused, **failures}, self._keys()
        return PodLedger(
            records,
            nodes,
            pointers,
            tuple(problems),
            waiting,
            self.network,
            self.sources,
            keys,
            said,
            not waiting and not lost,
            self.held,
            self._running_now(keys),
            # Idempotent: with the new records the answer is the same.
            _node_reads(project, nodes, pointers),
            _pod_reads(project, records),
        )

    def _touched(self) -> list[str]:
        """The recorded keys that are not at rest: those of what was edited, and of what makes no Pods any more."""
        if not self.known.settled:
            return list(self.books.old)
        oids = [source.oid for source in self.edited] + [oid for oid in self.known.sources if oid not in self.sources]
        return [key for oid in oids for key in self.known.keys.get(oid, ())]

    def _want(self) -> None:
        recorded: dict[str, list[str]] = defaultdict(list)
        for key in self.touched:
            record = self.books.old[key]
            if "@" in key or record.terminating or record.wanted is not None:
                recorded[key.rpartition("@" if "@" in key else "#")[0]].append(key)
        for source in self.edited:
            daemons = source.kind == DaemonSet.KIND
            eligible = self.scheduler.eligible(source.spec, source.kind) if daemons else ()
            staying = self.scheduler.staying(source.spec, source.kind) if daemons else ()
            want_pods(self.books, source, recorded.get(source.oid, []), eligible, staying)

    def _resting(self) -> list[tuple[Source, tuple[str, ...]]]:
        """What is at rest, each with the keys of its Pods."""
        found = ((self.sources.get(oid), keys) for oid, keys in self.known.keys.items())
        edited = {source.oid for source in self.edited}
        return [(source, keys) for source, keys in found if source is not None and source.oid not in edited]

    def _count_resting(self) -> None:
        """Tell the scheduler what runs where already; `place` tells it of the rest."""
        for source, keys in self._resting():
            ports = host_ports(source.spec)
            for node in self._nodes_of(keys) if ports else ():
                self.scheduler.count(node, ports)
        for node, count in self.running.items():
            self.scheduler.count(node, (), count)

    @cached_property
    def running(self) -> Counter[str]:
        """How many Pods at rest run on each Node, but for those that take ports of it."""
        running = Counter(self.known.running)
        edited = (oid for oid in self.known.sources if oid not in self.sources)
        for oid in (*edited, *(source.oid for source in self.edited)):
            if oid in self.known.sources and not host_ports(self.known.sources[oid].spec):
                running.subtract(self._nodes_of(self.known.keys.get(oid, ()), self.books.old))
        return running

    def _nodes_of(self, keys: Iterable[str], records: Mapping[str, PodRecord] | None = None) -> Iterator[str]:
        """The Node of each Pod that runs on one."""
        for key in keys:
            record = (self.books.records if records is None else records)[key]
            if record.node is not None and record.phase not in FINISHED:
                yield record.node

    def _running_now(self, keys: Mapping[str, tuple[str, ...]]) -> Counter[str]:
        """The count for the next time."""
        plain = (source for source in self.edited if not host_ports(source.spec))
        return self.running + Counter(node for s in plain for node in self._nodes_of(keys.get(s.oid, ())))

    def _said(self) -> dict[str, Problem]:
        """What is to say about each thing that makes Pods, by its id."""
        said = {oid: problem for oid, problem in self.known.said.items() if oid in self.sources}
        for source in self.edited:
            problem = unfollowed(source)
            if problem is not None:
                said[source.oid] = problem
            else:
                said.pop(source.oid, None)
        return said

    def _as_before(self, edited: list[str]) -> bool:
        """Whether no Pod of what was edited can want another address than it has."""
        if not self.known.settled:
            return False
        old, records = self.books.old, self.books.records
        if any(old.get(key) is not records[key] for key in edited):
            return False
        before = self.known.sources
        return all(
            s.oid in before and before[s.oid].spec.hostNetwork == s.spec.hostNetwork for s in self.edited if s.replicas
        )

    def _addresses(self, edited: list[str]) -> tuple[dict[str, str], FrozenMap[str, NodeRecord]]:
        """Give addresses to Pods: the plugin's words for those that get none, and the Nodes' records."""
        settings = self.project.cluster
        books = node_books(self.project.ledger, self.network, settings)
        ipam = pod_ipam(settings, books, lambda: self.draws)
        write_back(ipam)
        anew = not self.known.settled and self._nodes_anew(books)
        needy = needy_pods(self.books, ipam, self.network.addresses, edited)
        if not (needy or self.books.released or anew):
            nodes, alone = self._node_records(books), self._adopt(ipam)
            write_back(ipam)
            # Counted now, an edit need not look at all Pods; but only where looking at them changed nothing.
            self.held = ipam.used.copy() if alone and self._node_records(books) is nodes else None
            return {}, nodes
        alone = self._adopt(ipam)
        release(self.books, ipam)
        for node in self.books.nodes:
            ipam.prepare(node)
        failures = hand_out(self.books, ipam, needy)
        self.held = ipam.used.copy() if alone else None
        write_back(ipam)
        return failures, self._node_records(books)

    def _nodes_anew(self, books: Mapping[str, NodeBook]) -> bool:
        """Whether Nodes want something else than is recorded of them; at rest they do not."""
        settings, recorded = self.project.cluster, self.project.ledger.nodes
        expected = bool(tunnel_families(settings)) or settings.cni.plugin in {"weave", "cilium"}
        return any(
            name not in recorded
            or to_record(book, recorded[name], recorded[name].addresses) is not recorded[name]
            or bool(book.own) != expected
            for name, book in books.items()
        )

    def _node_records(self, books: Mapping[str, NodeBook]) -> FrozenMap[str, NodeRecord]:
        recorded = self.project.ledger.nodes
        found = {name: to_record(books[name], recorded.get(name), self.network.addresses[name]) for name in books}
        return kept(recorded, found)

    def _adopt(self, ipam: PodIpam) -> bool:
        """Mark the addresses of all Pods as used. Whether each is that of one Pod alone."""
        if self.held is not None:
            ipam.used.join(self.held)
            for ip in self._given_up():
                ipam.used.drop(ip)
        before, count = len(ipam.used), 0
        keys, edited = self._keys(), {source.oid for source in self.edited}
        # In the order of the sources, whatever was edited when: the first Pod in a free block claims it for its Node.
        for oid, source in self.sources.items():
            if self.held is None or oid in edited:
                count += adopt(self.books, ipam, source, keys.get(oid, ()))
        return len(ipam.used) == before + count

    def _given_up(self) -> Iterator[str]:
        """The addresses that what was edited or removed had when everything was at rest."""
        resting = {source.oid for source, _ in self._resting()}
        for oid, source in self.known.sources.items():
            if oid not in resting and not source.spec.hostNetwork:
                for key in self.known.keys.get(oid, ()):
                    record = self.books.old[key]
                    if record.node is not None and record.phase not in FINISHED:
                        yield from record.ips

    def _records(self, edited: list[str]) -> FrozenMap[str, PodRecord]:
        """The records of all Pods; the ledger's own map where nothing differs."""
        old, records = self.project.ledger.pods, self.books.records
        if not self.known.settled:
            return kept(old, records)
        gone = [key for key in self.touched if key not in records]
        changed = {key: records[key] for key in edited if old.get(key) != records[key]}
        return old.patched(gone, changed) if gone or changed else old

    def _keys(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for pod in self.books.wanted:
            found.setdefault(pod.source.oid, []).append(pod.key)
        resting = {source.oid: keys for source, keys in self._resting()}
        return resting | {oid: tuple(keys) for oid, keys in found.items()}


def _unedited(before: Source | None, now: Source) -> bool:
    return before is not None and before.pod is now.pod and before.workload is now.workload


def kept(old: FrozenMap[str, V], new: Mapping[str, V]) -> FrozenMap[str, V]:
    """`old` when it says the same as `new`; else a map of `new` with old values where they are equal."""
    before = dict(old.items())
    found = {}
    alike = len(before) == len(new)
    for key, value in new.items():
        known = before.get(key)
        equal = known is value or known == value
        alike = alike and equal
        found[key] = known if equal and known is not None else value
    return old if alike else FrozenMap(found)
