"""From workloads to the Pods that their controllers want: keys, names, labels and specs.

A workload that a controller of the project owns (a ReplicaSet of a Deployment, a Job of a CronJob) makes no Pods of its
own. Scaling down takes the highest ordinals: that is what a StatefulSet does; a ReplicaSet would first take Pods that
are not ready and then the youngest, and the highest ordinal is the youngest here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from designer.engine.controlplane.draws import Draws, hashed, safe_text
from designer.model import (
    EMPTY_MAP,
    WORKLOAD_KINDS,
    AnyWorkload,
    CronJob,
    DaemonSet,
    Deployment,
    FrozenMap,
    Job,
    KubeObject,
    Pod,
    PodSpec,
    PodTemplate,
    Project,
    StatefulSet,
    object_id,
    replicas_of,
    template_of,
)

# SimpleNameGenerator of the API server: 63 characters, of which the last 5 are random.
MAX_GENERATED_BASE = 58
RANDOM_LENGTH = 5
WORKLOAD_NAMES = frozenset(kind.KIND for kind in WORKLOAD_KINDS)


@dataclass(frozen=True, slots=True)
class Source:
    """What Pods are made from: a workload with its template, or a drawn Pod."""

    oid: str
    namespace: str
    name: str
    kind: str
    labels: FrozenMap[str, str]
    spec: PodSpec
    replicas: int
    workload: AnyWorkload | None = None
    pod: Pod | None = None


def sources(project: Project) -> Iterator[Source]:
    """Everything that makes Pods: drawn Pods first, then workloads by kind, each in the order of their ids."""
    pods = project.slice(Pod)
    for oid in sorted(pods):
        pod = pods[oid]
        yield Source(oid, pod.namespace, pod.name, "Pod", pod.labels, pod.spec, 1, pod=pod)
    for kind in WORKLOAD_KINDS:
        found = project.slice(kind)
        for oid in sorted(found):
            workload = found[oid]
            if owner_in(project, workload) is None:
                yield workload_source(workload)  # type: ignore[arg-type]


def workload_source(workload: AnyWorkload) -> Source:
    """The source that a workload is."""
    template: PodTemplate = template_of(workload)
    replicas = max(0, replicas_of(workload))
    return Source(
        workload.id,
        workload.namespace,
        workload.name,
        workload.KIND,
        template.metadata.labels,
        template.spec,
        replicas,
        workload=workload,
    )


def owner_in(project: Project, obj: KubeObject) -> str | None:
    """The id of the workload of the project that controls `obj`, None where there is none."""
    for reference in obj.metadata.ownerReferences:
        if reference.kind not in WORKLOAD_NAMES:
            continue
        oid = object_id(reference.kind, obj.namespace, reference.name)
        if reference.controller is not False and project.get(oid) is not None:
            return oid
    return None


def key_prefix(source: Source) -> str:
    """What the ledger keys of the Pods of `source` start with: the ordinal follows, or the Node for a DaemonSet.

    The key of a drawn Pod is its id alone.
    """
    if source.pod is not None:
        return source.oid
    return f"{source.oid}@" if source.kind == DaemonSet.KIND else f"{source.oid}#"


def template_hash(seed: int, oid: str) -> str:
    """The ``pod-template-hash`` of a Deployment: ten safe characters, the same as long as the Deployment exists.

    Kubernetes hashes the template; here a changed template keeps its Pods, so the hash does not follow it.
    """
    return safe_text(hashed(seed, "pod-template-hash", oid), 10)


def base_name(source: Source, seed: int) -> str:
    """What a Pod's name starts with before its random part, "" where the name has none."""
    match source.kind:
        case "Pod" | "StatefulSet":
            return ""
        case "Deployment":
            return f"{source.name}-{template_hash(seed, source.oid)}-"
        case "CronJob":
            # The Job's name ends in the minutes of its schedule time since 1970: eight digits.
            return f"{source.name}-{29000000 + hashed(seed, 'job', source.oid) % 1000000}-"
    return f"{source.name}-"


def first_ordinal(source: Source) -> int:
    """``spec.ordinals.start`` of a StatefulSet, else 0."""
    if not isinstance(source.workload, StatefulSet):
        return 0
    ordinals = (source.workload.spec.model_extra or {}).get("ordinals")
    start = ordinals.get("start") if isinstance(ordinals, dict) else None
    return start if isinstance(start, int) and start >= 0 else 0


def new_name(source: Source, ordinal: int | str, draws: Draws, base: str) -> str:
    """The name of a new Pod of `source`; `base` is its `base_name`."""
    if source.pod is not None:
        return source.name
    if source.kind == StatefulSet.KIND and isinstance(ordinal, int):
        return f"{source.name}-{first_ordinal(source) + ordinal}"
    return base[:MAX_GENERATED_BASE] + draws.text("podName", RANDOM_LENGTH)


def shared_labels(source: Source, seed: int) -> FrozenMap[str, str]:
    """The labels that all Pods of `source` share: the template's and those that its controller adds."""
    match source.kind:
        case Deployment.KIND:
            return source.labels.set("pod-template-hash", template_hash(seed, source.oid))
        case Job.KIND:
            names = {"batch.kubernetes.io/job-name": source.name, "job-name": source.name}
            return source.labels.merged(names)
        case CronJob.KIND:
            job = base_name(source, seed).rstrip("-")
            return source.labels.merged({"batch.kubernetes.io/job-name": job, "job-name": job})
    return source.labels or EMPTY_MAP


def own_labels(source: Source, shared: FrozenMap[str, str], pod_name: str) -> FrozenMap[str, str]:
    """The labels of one Pod: a StatefulSet adds the Pod's name and index."""
    if source.kind != StatefulSet.KIND:
        return shared
    index = pod_name.rpartition("-")[2]
    return shared.merged({"statefulset.kubernetes.io/pod-name": pod_name, "apps.kubernetes.io/pod-index": index})


def own_spec(source: Source, pod_name: str) -> PodSpec:
    """The spec of one Pod: a StatefulSet sets hostname and subdomain."""
    if not isinstance(source.workload, StatefulSet):
        return source.spec
    return source.spec.model_copy(
        update={"hostname": pod_name, "subdomain": source.workload.spec.serviceName or source.spec.subdomain}
    )
