"""Pods of a dump → records of the ledger, under the workloads that own them.

A Pod folds into its owner when the owner is in the input: directly, through a ReplicaSet (or Job) that a Deployment (or
CronJob) of the input owns, or, when the dump lacks the ReplicaSet, by the name and label that the Deployment controller
gives (``<deployment>-<pod-template-hash>``). A Pod whose owner is not in the input stays a Pod of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from designer.manifests.observation import Observation, drawn_record, is_observed
from designer.manifests.report import ReportEntry
from designer.model import (
    AnyWorkload,
    KubeObject,
    Pod,
    PodRecord,
    StatefulSet,
    object_id,
    selector_matches,
)
from designer.model.meta import OwnerReference

# Owner kinds whose own owner, when it is in the input, takes the Pods.
PASSED_THROUGH = {"ReplicaSet": "Deployment", "Job": "CronJob"}
FINISHED = ("Succeeded", "Failed")
REVISION = "deployment.kubernetes.io/revision"


@dataclass(slots=True)
class Folded:
    """What remains after folding: objects, records, and what the report says of it."""

    objects: dict[str, KubeObject]
    records: dict[str, PodRecord] = field(default_factory=dict)
    entries: list[ReportEntry] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)  # folded object → its owner


def fold(objects: dict[str, KubeObject]) -> Folded:
    """`objects` (by id, in input order) with owned Pods, ReplicaSets and Jobs folded into their owners."""
    folded = Folded(dict(objects))
    owners = {oid: top_owner(obj, objects) for oid, obj in objects.items() if obj.KIND in ("Pod", *PASSED_THROUGH)}
    members: dict[str, list[Pod]] = {}
    for oid, owner in owners.items():
        obj = objects[oid]
        if owner is None:
            if isinstance(obj, Pod) and is_observed(obj):
                folded.records[oid] = drawn_record(obj)
        elif isinstance(obj, Pod):
            members.setdefault(owner, []).append(obj)
        else:
            drop(folded, oid, owner)
    for owner, pods in members.items():
        fold_pods(folded, owner, pods, objects)
    return folded


def drop(folded: Folded, oid: str, owner: str) -> None:
    """Take an object out in favour of its owner."""
    del folded.objects[oid]
    folded.gone[oid] = owner


def controller_of(obj: KubeObject) -> OwnerReference | None:
    """The owner reference of the object's controller."""
    return next((ref for ref in obj.metadata.ownerReferences if ref.controller), None)


def top_owner(obj: KubeObject, objects: dict[str, KubeObject]) -> str | None:
    """The id of the workload in the input that made `obj`, the topmost one; None when there is none."""
    reference = controller_of(obj)
    if reference is None:
        return None
    oid = object_id(reference.kind, obj.namespace, reference.name)
    owner = objects.get(oid)
    if owner is None:
        return by_template_hash(obj, reference, objects)
    if owner.KIND in PASSED_THROUGH and (above := controller_of(owner)) is not None:
        parent = object_id(above.kind, obj.namespace, above.name)
        if parent in objects:
            return parent
    return oid if hasattr(getattr(owner, "spec", None), "template") or owner.KIND == "CronJob" else None


def by_template_hash(obj: KubeObject, reference: OwnerReference, objects: dict[str, KubeObject]) -> str | None:
    """The Deployment whose ReplicaSet, absent from the input, owns the Pod `obj`; its selector has to match the Pod."""
    suffix = "-" + obj.labels.get("pod-template-hash", "")
    if reference.kind != "ReplicaSet" or len(suffix) == 1 or not reference.name.endswith(suffix):
        return None
    oid = object_id("Deployment", obj.namespace, reference.name.removesuffix(suffix))
    selector = getattr(getattr(objects.get(oid), "spec", None), "selector", None)
    return oid if selector is not None and selector_matches(selector, obj.labels) else None


def fold_pods(folded: Folded, owner: str, pods: Iterable[Pod], objects: dict[str, KubeObject]) -> None:
    """Turn the Pods of one workload into its records; finished Pods, which have no network any more, are left out."""
    workload: AnyWorkload = folded.objects[owner]  # type: ignore[assignment]
    alive = [pod for pod in pods if (pod.status.phase or "") not in FINISHED]
    # Pods that stay come before those that leave, those of the newest ReplicaSet before older ones: what is last is
    # what the workload has beyond its count.
    alive.sort(key=lambda pod: (pod.metadata.deletionTimestamp is not None, -revision(pod, objects), pod.name))
    finished = 0
    for pod in pods:
        drop(folded, pod.id, owner)
        finished += (pod.status.phase or "") in FINISHED
    observation = Observation(workload)
    used: set[str] = set()
    for index, pod in enumerate(alive):
        key = record_key(workload, pod, index)
        if key in used:
            key = next(free for n in count() if (free := f"{workload.id}#{n}") not in used)
        used.add(key)
        folded.records[key] = observation.record(pod)
    if alive:
        text = f"{len(alive)} Pod{'s' if len(alive) > 1 else ''} of {owner} with addresses and Nodes as given"
        folded.entries.append(ReportEntry("folded", text, owner))
    if finished:
        text = f"{finished} finished Pod{'s' if finished > 1 else ''} of {owner}: they have no network any more"
        folded.entries.append(ReportEntry("skipped", text, owner))


def revision(pod: Pod, objects: dict[str, KubeObject]) -> int:
    """The revision of the ReplicaSet that owns a Pod, as the Deployment controller notes it; 0 where none is said."""
    reference = controller_of(pod)
    owner = objects.get(object_id(reference.kind, pod.namespace, reference.name)) if reference else None
    text = owner.metadata.annotations.get(REVISION, "") if owner is not None else ""
    return int(text) if text.isdecimal() and len(text) < 20 else 0


def record_key(workload: AnyWorkload, pod: Pod, index: int) -> str:
    """The ledger key of a Pod: by Node for a DaemonSet, by its own number for a StatefulSet, by `index` else."""
    if workload.KIND == "DaemonSet" and pod.spec.nodeName:
        return f"{workload.id}@{pod.spec.nodeName}"
    if isinstance(workload, StatefulSet):
        number = pod.name.removeprefix(workload.name + "-")
        start = (workload.spec.model_extra or {}).get("ordinals")
        first = start.get("start", 0) if isinstance(start, dict) else 0
        if number.isdecimal() and isinstance(first, int) and int(number) >= first:
            return f"{workload.id}#{int(number) - first}"
    return f"{workload.id}#{index}"
