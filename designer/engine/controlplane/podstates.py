"""Pods as the rest of the engine sees them, and the index by label that selectors are answered from."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import compress

from designer.engine.controlplane.podledger import POD_KINDS
from designer.engine.controlplane.podmaking import Made
from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.controlplane.workloadpods import Source, shared_labels, sources
from designer.engine.memo import Memo, keep_map, same
from designer.model import EMPTY_MAP, FrozenMap, PodRecord, Project


def pod_states(
    project: Project, nodes: FrozenMap[str, NodeState], waiting: Mapping[str, str], memo: Memo
) -> FrozenMap[str, PodState]:
    """Every Pod by object id, sorted; records without a source (not allocated yet) are left out.

    The very same map as before when no Pod changed.
    """
    last = memo.slot("pods")
    known: _Known = last.get("known", _NOTHING)
    reads = (project.cluster, project.ledger.pods, nodes, waiting, *(project.slice(kind) for kind in POD_KINDS))
    if same(known.reads, reads):
        return known.states
    groups = _by_source(project.ledger.pods, known)
    seed = project.cluster.seed
    batches: dict[str, _Batch] = {}
    for source in sources(project):
        records = groups.get(source.oid)
        if records:
            batches[source.oid] = _batch(source, records, nodes, waiting, seed, known.batches.get(source.oid))
    states = _merged(known, batches)
    last["known"] = _Known(reads, project.ledger.pods, groups, batches, states)
    return states


def _by_source(pods: FrozenMap[str, PodRecord], known: _Known) -> dict[str, dict[str, PodRecord]]:
    """The records of each source; the same dict as before where none of them changed."""
    names = pods.keys()
    groups = dict(known.groups)
    touched: dict[str, dict[str, PodRecord]] = {}
    gone, changed = pods.differing(known.records)
    for key in (*gone, *changed):
        oid = key.partition("#")[0].partition("@")[0]
        if oid not in touched:
            touched[oid] = {k: pods[k] for k in groups.get(oid, ()) if k in names}
    for key in changed:
        touched[key.partition("#")[0].partition("@")[0]][key] = pods[key]
    groups.update(touched)
    return {oid: records for oid, records in groups.items() if records} if gone else groups


def _merged(known: _Known, batches: dict[str, _Batch]) -> FrozenMap[str, PodState]:
    """All Pods by id, sorted, made from the map before and the batches that are new."""
    fresh: dict[str, PodState] = {}
    gone: set[str] = set()
    for oid, batch in batches.items():
        if known.batches.get(oid) is not batch:
            fresh.update(batch.states)
    for oid, batch in known.batches.items():
        if batches.get(oid) is not batch:
            gone |= batch.states.keys() - fresh.keys()
    old = known.states
    changed = {oid: pod for oid, pod in fresh.items() if old.get(oid) is not pod}
    gone &= old.keys()
    if not changed and not gone:
        return old
    states = old.patched(tuple(sorted(gone)), changed, in_order=True) if old else FrozenMap(sorted_by_key(fresh))
    if len(states) != sum(len(batch.states) for batch in batches.values()):
        # A drawn Pod has the name of a workload's: the last source wins.
        every = {oid: pod for batch in batches.values() for oid, pod in batch.states.items()}
        return keep_map(old, sorted_by_key(every))
    return states


def sorted_by_key(states: Mapping[str, PodState]) -> dict[str, PodState]:
    """The Pods in the order of their ids."""
    ids = sorted(states)
    return dict(zip(ids, map(states.__getitem__, ids), strict=True))


@dataclass(frozen=True, slots=True)
class _Batch:
    """The Pods of one source with what they were made from, so that the next time only what differs is made anew."""

    source: Source
    seed: int
    nodes: FrozenMap[str, NodeState]
    labels: FrozenMap[str, str]
    records: dict[str, PodRecord]
    texts: dict[str, str]
    by_key: dict[str, PodState]
    states: dict[str, PodState]


@dataclass(frozen=True, slots=True)
class _Known:
    """The Pods of the last time with what they were made from."""

    reads: tuple[object, ...] = ()
    records: FrozenMap[str, PodRecord] = EMPTY_MAP
    groups: Mapping[str, dict[str, PodRecord]] = EMPTY_MAP
    batches: Mapping[str, _Batch] = EMPTY_MAP
    states: FrozenMap[str, PodState] = EMPTY_MAP


_NOTHING = _Known()


def _batch(
    source: Source,
    records: dict[str, PodRecord],
    nodes: FrozenMap[str, NodeState],
    waiting: Mapping[str, str],
    seed: int,
    old: _Batch | None,
) -> _Batch:
    """The Pods of `source`; those of `old` whose record, template, Node and words are the same are the same objects."""
    texts = {key: waiting[key] for key in records if key in waiting} if waiting else {}
    alike = old is not None and old.seed == seed and _same_source(old.source, source)
    unmoved = alike and old is not None and old.nodes is nodes and old.texts == texts
    if unmoved and old is not None and _same_records(old.records, records):
        return old
    labels = old.labels if alike and old is not None else shared_labels(source, seed)
    if old is not None and old.labels == labels:
        labels = old.labels
    by_key = {}
    made_of = Made(source, labels)
    for key, record in records.items():
        node = nodes.get(record.node) if record.node else None
        known = old.by_key.get(key) if old is not None else None
        if known is not None and alike and old is not None:
            before = old.nodes.get(record.node) if record.node else None
            if old.records.get(key) is record and before is node and old.texts.get(key) == texts.get(key):
                by_key[key] = known
                continue
        made = pod_state(key, made_of, record, node, texts.get(key, ""))
        by_key[key] = known if known == made and known is not None else made
    return _Batch(source, seed, nodes, labels, records, texts, by_key, {s.id: s for s in by_key.values()})


def _same_records(left: dict[str, PodRecord], right: dict[str, PodRecord]) -> bool:
    """Whether both hold the very same records under the same keys in the same order."""
    return left is right or (
        len(left) == len(right) and all(map(operator.is_, left.values(), right.values())) and list(left) == list(right)
    )


def _same_source(left: Source, right: Source) -> bool:
    return left.pod is right.pod and left.workload is right.workload


def pod_state(key: str, made_of: Made, record: PodRecord, node: NodeState | None, waiting: str) -> PodState:
    """One Pod from its record and what it was made from.

    A Pod on a Node that is not ready is not ready either: the node lifecycle controller sets its condition so.
    """
    source = made_of.source
    pending = (waiting or "Pending in the input") if record.phase == "Pending" else ""
    running = record.node is not None and bool(record.ips) and not pending
    return PodState(
        key=key,
        namespace=source.namespace,
        name=record.name,
        node=record.node,
        ips=record.ips,
        labels=made_of.labels_of(record),
        spec=made_of.spec_of(record),
        owner=None if source.pod is not None else source.oid,
        ready=record.ready and running and (node is None or node.ready) and record.phase == "Running",
        terminating=record.terminating,
        phase=record.phase,
        observed=record.observed,
        pending=pending,
        previous_ips=record.previousIps,
    )


@dataclass(slots=True)
class PodIndex:
    """The Pods of one namespace with an index by label, built when first asked."""

    pods: tuple[PodState, ...]
    _by_label: dict[tuple[str, str], list[PodState]] = field(default_factory=dict)

    def select(self, selector: Mapping[str, str]) -> tuple[PodState, ...]:
        """The Pods that have all labels of `selector`, by id; an empty selector selects nothing here."""
        if not selector:
            return ()
        if not self._by_label:
            for pod in self.pods:
                for label in pod.labels.items():
                    self._by_label.setdefault(label, []).append(pod)
        candidates = min((self._by_label.get(label, []) for label in selector.items()), key=len)
        if len(selector) == 1:
            return tuple(candidates)
        return tuple(p for p in candidates if all(p.labels.get(k) == v for k, v in selector.items()))


def select_pods(selector: Mapping[str, str] | None, index: PodIndex) -> tuple[PodState, ...]:
    """The Pods that a Service's selector selects, by id."""
    return index.select(selector or {})


def pods_by_namespace(pods: FrozenMap[str, PodState], memo: Memo) -> Mapping[str, PodIndex]:
    """The index of every namespace that has Pods; the same object as before where no Pod of it changed."""
    last = memo.slot("pod-index")
    before: FrozenMap[str, PodState] = last.get("pods", EMPTY_MAP)
    known: Mapping[str, PodIndex] = last.get("indexes", EMPTY_MAP)
    if before is pods:
        return known
    gone, changed = pods.differing(before)
    touched = dict.fromkeys((*(pods[oid].namespace for oid in changed), *(before[oid].namespace for oid in gone)))
    found: dict[str, list[PodState]] = {namespace: [] for namespace in touched}
    namespaces = map(operator.attrgetter("namespace"), pods.values())
    for pod in compress(pods.values(), map(found.__contains__, namespaces)):
        found[pod.namespace].append(pod)
    indexes = {namespace: index for namespace, index in known.items() if namespace not in touched}
    indexes |= {namespace: PodIndex(tuple(members)) for namespace, members in found.items() if members}
    last.update(pods=pods, indexes=indexes)
    return indexes
