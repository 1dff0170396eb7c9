"""Pods of the ledger: which exist, where they run, and which addresses they have.

Sticky: a record stays as it is while its Pod is wanted, its Node exists and its address fits the network plugin.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.ipambooks import NoAddressError, PodIpam
from designer.engine.controlplane.scheduler import HostPort, Scheduler, host_ports, tolerates, tolerations_of
from designer.engine.controlplane.workloadpods import Source, base_name, key_prefix, new_name
from designer.model import DaemonSet, Node, Pod, PodRecord, PodSpec, StatefulSet

# Phases in which a Pod holds neither a place nor an address any more.
FINISHED = frozenset({"Succeeded", "Failed"})


def changed(record: PodRecord, **values: Any) -> PodRecord:
    """A record with some fields changed, not validated again; the record itself when nothing differs."""
    if all(getattr(record, name) == value for name, value in values.items()):
        return record
    return record.model_copy(update=values)


@dataclass(slots=True)
class Wanted:
    """One Pod that has to exist, with the record that it had."""

    key: str
    source: Source
    ordinal: int | str
    record: PodRecord | None


@dataclass(slots=True)
class PodBooks:
    """The Pods of one allocation."""

    nodes: Mapping[str, Node]
    old: dict[str, PodRecord]
    draws: Draws
    seed: int
    known_nodes: frozenset[str]
    wanted: list[Wanted] = field(default_factory=list)
    records: dict[str, PodRecord] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    released: list[tuple[str, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def want_pods(
    books: PodBooks, source: Source, extra: list[str], eligible: tuple[str, ...], staying: tuple[str, ...]
) -> None:
    """Add the Pods of `source`. `extra` are recorded keys of it; observed Pods beyond its count among them may stay.

    For a DaemonSet, `eligible` are the Nodes that get a Pod, `staying` those on which one that runs there may stay.
    """
    if source.kind == DaemonSet.KIND:
        ordinals: list[int | str] = list(eligible)
        ordinals += [node for key in extra if (node := key.rpartition("@")[2]) in staying and node not in eligible]
    else:
        ordinals = list(range(source.replicas))
    prefix, old, wanted = key_prefix(source), books.old, books.wanted
    for ordinal in ordinals:
        key = prefix if source.pod is not None else f"{prefix}{ordinal}"
        wanted.append(Wanted(key, source, ordinal, old.get(key)))
    keys = {f"{prefix}{ordinal}" for ordinal in ordinals} if extra else set()
    for key in extra:
        pod = Wanted(key, source, -1, old[key])
        if key not in keys and stays_beyond(pod, old[key]) and may_stay(books, pod, old[key]):
            books.wanted.append(pod)


def stays_beyond(pod: Wanted, record: PodRecord) -> bool:
    """Whether an observed Pod beyond the count of its workload is still there: while it terminates or a rollout runs.

    A Deployment has more Pods than it wants while it rolls out (maxSurge). What was seen of that holds until the count
    is changed here: then the controller would have gone on.
    """
    placed = record.node is not None or is_given_pending(record)
    return record.observed and placed and (record.terminating or record.wanted == pod.source.replicas)


def settle(books: PodBooks) -> list[Wanted]:
    """Keep what may stay and name the rest. Returns the Pods that need a Node."""
    homeless: list[Wanted] = []
    names: dict[str, set[str]] = defaultdict(set)
    for pod in books.wanted:
        books.sources[pod.key] = pod.source
        record = pod.record
        if record is not None and pod.source.pod is not None:
            record = refreshed(record, pod.source.pod)
        elif record is not None and record.wanted is not None and record.wanted != pod.source.replicas:
            record = changed(record, wanted=pod.source.replicas)
        if record is not None and not may_stay(books, pod, record):
            books.released += [(record.node or "", ip) for ip in own_ips(record, pod.source.spec)]
            gone_node = record.node is not None and record.node not in books.nodes
            if _loses_name(pod.source) and gone_node:
                record = None
            else:
                again = record.sandbox + 1
                record = changed(record, node=None, ips=(), previousIps=record.ips, sandbox=again, observed=False)
        if record is not None:
            books.records[pod.key] = record
            if record.name:
                names[pod.source.oid].add(record.name)
        pod.record = record
        if record is None or (record.node is None and not is_given_pending(record)) or _is_fresh(record):
            homeless.append(pod)
    for pod in homeless:
        books.records[pod.key] = _named(books, pod, names[pod.source.oid])
    found = ((pod, books.records[pod.key]) for pod in homeless)
    return [pod for pod, record in found if record.node is None and not is_given_pending(record)]


def may_stay(books: PodBooks, pod: Wanted, record: PodRecord) -> bool:
    """Whether a recorded placement still holds: the Node exists, is the one asked for, and does not evict the Pod."""
    if record.node is None:
        return True
    node = books.nodes.get(record.node)
    if node is None:
        # A Node that the input never had is not one that was removed: the Pod stays as the input says.
        return record.observed and record.node not in books.known_nodes
    spec = pod.source.spec
    if spec.nodeName and spec.nodeName != record.node:
        return record.observed or spec.nodeName not in books.nodes
    # A Pod bound by nodeName that a taint evicts would come back to the same Node for ever: it is left there.
    if node.spec.taints and not record.observed and not spec.nodeName:
        tolerations = tolerations_of(spec, pod.source.kind)
        return all(t.effect != "NoExecute" or tolerates(tolerations, t) for t in node.spec.taints)
    return True


def is_given_pending(record: PodRecord) -> bool:
    """Whether the input says that the Pod is Pending: it stays so until it is recreated."""
    return record.observed and record.phase == "Pending"


def refreshed(record: PodRecord, pod: Pod) -> PodRecord:
    """The record of a drawn Pod with what its manifest says now, as long as it was not recreated."""
    if record.sandbox:
        return record
    values: dict[str, Any] = {}
    given = pod_ips(pod)
    if given and record.node == pod.spec.nodeName:
        values["ips"] = given
        values["observed"] = True
    ready = next((c.status == "True" for c in pod.status.conditions if c.type == "Ready"), None)
    if ready is not None:
        values["ready"] = ready
    if pod.status.phase in FINISHED or (pod.status.phase and given):
        values["phase"] = pod.status.phase
    elif pod.status.phase == "Pending":
        values |= {"phase": "Pending", "observed": True, "ready": False}
    if pod.metadata.deletionTimestamp:
        values["terminating"] = True
    return changed(record, **values)


def pod_ips(pod: Pod) -> tuple[str, ...]:
    """The addresses that a manifest's status gives to a Pod."""
    found = tuple(entry.ip for entry in pod.status.podIPs if entry.ip)
    return found or ((pod.status.podIP,) if pod.status.podIP else ())


def own_ips(record: PodRecord, spec: PodSpec) -> tuple[str, ...]:
    """The addresses that a Pod holds for itself: none with hostNetwork."""
    return () if spec.hostNetwork else record.ips


def _loses_name(source: Source) -> bool:
    return source.kind not in {StatefulSet.KIND, "Pod"}


def _is_fresh(record: PodRecord) -> bool:
    """Whether a person has just recreated the Pod: a sandbox without addresses that was not found to be pending."""
    return record.sandbox > 0 and not record.ips and record.phase != "Pending"


def _named(books: PodBooks, pod: Wanted, names: set[str]) -> PodRecord:
    """The record of a Pod that is new, recreated, or without a Node; new ones get their name here."""
    record = pod.record
    if record is not None and not _is_fresh(record):
        return record
    base = base_name(pod.source, books.seed)
    name = new_name(pod.source, pod.ordinal, books.draws, base)
    while name in names and _loses_name(pod.source):
        name = new_name(pod.source, pod.ordinal, books.draws, base)
    if record is not None and not _loses_name(pod.source):
        name = record.name or name
    names.add(name)
    if record is not None:
        if not pod.source.spec.hostNetwork:
            books.released += [(record.node or "", ip) for ip in record.previousIps]
        return changed(record, name=name, observed=False)
    if pod.source.pod is not None:
        drawn = pod.source.pod
        node = drawn.spec.nodeName if drawn.spec.nodeName in books.nodes else None
        return refreshed(PodRecord.model_construct(None, name=name, node=node), drawn)
    return PodRecord.model_construct(None, name=name)


def place(books: PodBooks, homeless: list[Wanted], scheduler: Scheduler) -> None:
    """Give a Node to every Pod of `homeless` that fits somewhere; note the scheduler's words for the others."""
    waiting = {pod.key for pod in homeless}
    per_owner: dict[str, Counter[str]] = defaultdict(Counter)
    last: Source | None = None
    ports: tuple[HostPort, ...] = ()
    for pod in books.wanted:
        record = books.records[pod.key]
        if pod.source is not last:
            last, ports, owned = pod.source, host_ports(pod.source.spec), per_owner[pod.source.oid]
        if record.node is not None and pod.key not in waiting and record.phase not in FINISHED:
            scheduler.count(record.node, ports)
            owned[record.node] += 1
    groups: dict[str, list[Wanted]] = {}
    for pod in homeless:
        groups.setdefault(pod.source.oid, []).append(pod)
    for oid, pods in groups.items():
        source = pods[0].source
        placer = None
        for pod in pods:
            target: str | None
            if source.spec.nodeName:
                target = source.spec.nodeName if source.spec.nodeName in books.nodes else None
                if target is None:
                    books.refused[pod.key] = f'the Node "{source.spec.nodeName}" of spec.nodeName does not exist'
                else:
                    scheduler.count(target, host_ports(source.spec))
            elif source.kind == DaemonSet.KIND:
                target = _place_daemon(books, pod, scheduler)
            else:
                placer = placer or scheduler.placer(source.spec, source.kind, per_owner[oid])
                target = placer.place()
                if target is None:
                    books.refused[pod.key] = scheduler.refusal(source.spec, source.kind)
            record = books.records[pod.key]
            phase = "Pending" if target is None else ("Running" if record.phase == "Pending" else record.phase)
            books.records[pod.key] = changed(record, node=target, phase=phase)


def _place_daemon(books: PodBooks, pod: Wanted, scheduler: Scheduler) -> str | None:
    spec, node = pod.source.spec, str(pod.ordinal)
    load = scheduler.loads.get(node)
    ports = host_ports(spec)
    if load is None or load.full(ports):
        books.refused[pod.key] = scheduler.refusal(spec, pod.source.kind, only=node)
        return None
    scheduler.count(node, ports)
    return node


def adopt(books: PodBooks, ipam: PodIpam, source: Source, keys: Iterable[str]) -> int:
    """Mark the addresses of these Pods of `source` as used; how many there are."""
    if source.spec.hostNetwork:
        return 0
    count = 0
    for key in keys:
        record = books.records[key]
        if record.node is not None and record.phase not in FINISHED:
            for ip in record.ips:
                ipam.adopt(record.node, ip)
                count += 1
    return count


def release(books: PodBooks, ipam: PodIpam) -> None:
    """Take note of the addresses that were given back, but for those that another Pod has, too."""
    if not books.released:
        return
    released = {ip for _, ip in books.released}
    in_use = {ip for record in books.records.values() for ip in record.ips if ip in released}
    for node, ip in books.released:
        if ip not in in_use:
            ipam.release(node, ip)


def needy_pods(
    books: PodBooks, ipam: PodIpam, node_ips: Mapping[str, tuple[str, ...]], keys: Sequence[str]
) -> list[str]:
    """Those of the Pods `keys` that need an address; hostNetwork Pods get their Node's at once."""
    needy: list[str] = []
    fits = ipam.fits
    for key in keys:
        record = books.records[key]
        node = record.node
        if node is None or record.phase in FINISHED or is_given_pending(record):
            continue
        if books.sources[key].spec.hostNetwork:
            if not (record.observed and record.ips):
                books.records[key] = changed(record, ips=node_ips.get(node, ()))
        elif not record.ips:
            if node in books.nodes:
                needy.append(key)
        elif not record.observed and not all(fits(node, ip) for ip in record.ips):
            books.records[key] = changed(record, ips=(), previousIps=record.ips)
            needy.append(key)
    return needy


def hand_out(books: PodBooks, ipam: PodIpam, needy: list[str]) -> dict[str, str]:
    """Give addresses to the Pods `needy`; the plugin's words by Pod key for those that get none."""
    failures: dict[str, str] = {}
    for key in needy:
        record = books.records[key]
        try:
            ips = ipam.take(record.node or "")
        except NoAddressError as failure:
            failures[key] = f"FailedCreatePodSandBox: {failure}"
            books.records[key] = changed(record, phase="Pending")
        else:
            phase = "Running" if record.phase == "Pending" else record.phase
            books.records[key] = changed(record, ips=ips, phase=phase)
    return failures
