"""Pods as the rest of the engine sees them, and the index by label that selectors are answered from."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field

from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.controlplane.workloadpods import Source, own_labels, own_spec, shared_labels, sources
from designer.engine.memo import Memo, same_items
from designer.model import FrozenMap, PodRecord, Project


def pod_states(
    project: Project, nodes: FrozenMap[str, NodeState], waiting: Mapping[str, str], memo: Memo
) -> FrozenMap[str, PodState]:
    """Every Pod by object id, sorted; records without a source (not allocated yet) are left out."""
    by_source: dict[str, dict[str, PodRecord]] = {}
    for key, record in project.ledger.pods.items():
        by_source.setdefault(key.partition("#")[0].partition("@")[0], {})[key] = record
    last = memo.slot("pods")
    kept: dict[str, _Batch] = {}
    found: dict[str, PodState] = {}
    seed = project.cluster.seed
    for source in sources(project):
        records = by_source.get(source.oid)
        if records:
            batch = _batch(source, records, nodes, waiting, seed, last.get(source.oid))
            kept[source.oid] = batch
            found.update(batch.states)
    last.clear()
    last.update(kept)
    return FrozenMap(dict(sorted(found.items())))


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
    for key, record in records.items():
        node = nodes.get(record.node) if record.node else None
        known = old.by_key.get(key) if old is not None else None
        if known is not None and alike and old is not None:
            before = old.nodes.get(record.node) if record.node else None
            if old.records.get(key) is record and before is node and old.texts.get(key) == texts.get(key):
                by_key[key] = known
                continue
        made = pod_state(key, source, record, labels, node, texts.get(key, ""))
        by_key[key] = known if known == made and known is not None else made
    return _Batch(source, seed, nodes, labels, records, texts, by_key, {s.id: s for s in by_key.values()})


def _same_records(left: dict[str, PodRecord], right: dict[str, PodRecord]) -> bool:
    """Whether both hold the very same records under the same keys in the same order."""
    return (
        len(left) == len(right) and all(map(operator.is_, left.values(), right.values())) and list(left) == list(right)
    )


def _same_source(left: Source, right: Source) -> bool:
    return left.pod is right.pod and left.workload is right.workload


def pod_state(
    key: str, source: Source, record: PodRecord, labels: FrozenMap[str, str], node: NodeState | None, waiting: str
) -> PodState:
    """One Pod from its record and what it was made from.

    A Pod on a Node that is not ready is not ready either: the node lifecycle controller sets its condition so.
    """
    pending = (waiting or "Pending in the input") if record.phase == "Pending" else ""
    running = record.node is not None and bool(record.ips) and not pending
    return PodState(
        key=key,
        namespace=source.namespace,
        name=record.name,
        node=record.node,
        ips=record.ips,
        labels=own_labels(source, labels, record.name) if record.labels is None else record.labels,
        spec=own_spec(source, record.name),
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


def pods_by_namespace(pods: FrozenMap[str, PodState], memo: Memo) -> dict[str, PodIndex]:
    """The index of every namespace that has Pods; the same object as before where no Pod of it changed."""
    found: dict[str, list[PodState]] = {}
    for pod in pods.values():
        found.setdefault(pod.namespace, []).append(pod)
    kept = memo.slot("pod-index")
    result = {}
    for namespace in found:
        members = tuple(found[namespace])
        old = kept.get(namespace)
        result[namespace] = old if isinstance(old, PodIndex) and same_items(old.pods, members) else PodIndex(members)
    kept.clear()
    kept.update(result)
    return result
