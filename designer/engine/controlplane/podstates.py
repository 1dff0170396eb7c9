"""Pods as the rest of the engine sees them, and the index by label that selectors are answered from."""

from __future__ import annotations

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
    records = project.ledger.pods
    by_source: dict[str, list[str]] = {}
    for key in records:
        by_source.setdefault(key.partition("#")[0].partition("@")[0], []).append(key)
    group = memo.group("pods")
    shared = memo.group("pod-labels")
    found: dict[str, PodState] = {}
    seed = project.cluster.seed
    for source in sources(project):
        keys = by_source.get(source.oid)
        if not keys:
            continue
        origin = source.pod or source.workload
        labels = shared.once(source.oid, (origin, seed), lambda *_, s=source: shared_labels(s, seed))
        for key in keys:
            record = records[key]
            node = nodes.get(record.node) if record.node else None
            text = waiting.get(key, "")
            state = group.once(
                key, (origin, record, labels, node, text), lambda *args, k=key, s=source: pod_state(k, s, *args[1:])
            )
            found[state.id] = state
    group.close()
    shared.close()
    return FrozenMap(dict(sorted(found.items())))


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
