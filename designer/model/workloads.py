"""Kinds that make Pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, ReplicationController, Job and CronJob."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from designer.model.core import MAX_PODS, PodTemplate, Workload, WorkloadSpec
from designer.model.frozen import FrozenMap, FrozenModel
from designer.model.meta import KubeObject


class Deployment(Workload):
    """Interchangeable Pods through a ReplicaSet."""

    KIND: ClassVar[str] = "Deployment"
    API_VERSION: ClassVar[str] = "apps/v1"


class ReplicaSet(Workload):
    """Interchangeable Pods; one that a Deployment owns is folded into it at import."""

    KIND: ClassVar[str] = "ReplicaSet"
    API_VERSION: ClassVar[str] = "apps/v1"


class StatefulSet(Workload):
    """Pods with stable names ``name-0``, ``name-1``, …"""

    KIND: ClassVar[str] = "StatefulSet"
    API_VERSION: ClassVar[str] = "apps/v1"


class DaemonSet(Workload):
    """One Pod on every Node that its template tolerates."""

    KIND: ClassVar[str] = "DaemonSet"
    API_VERSION: ClassVar[str] = "apps/v1"


class ReplicationControllerSpec(FrozenModel):
    """``spec`` of a ReplicationController: its selector is a plain map."""

    replicas: int | None = Field(default=None, ge=0, le=MAX_PODS)
    selector: FrozenMap[str, str] | None = None
    template: PodTemplate = Field(default_factory=PodTemplate)


class ReplicationController(KubeObject):
    """The old form of a ReplicaSet."""

    KIND: ClassVar[str] = "ReplicationController"
    API_VERSION: ClassVar[str] = "v1"

    spec: ReplicationControllerSpec = Field(default_factory=ReplicationControllerSpec)


class JobSpec(FrozenModel):
    """``spec`` of a Job."""

    parallelism: int | None = Field(default=None, ge=0, le=MAX_PODS)
    completions: int | None = Field(default=None, ge=0)
    template: PodTemplate = Field(default_factory=PodTemplate)


class Job(KubeObject):
    """Pods that run to completion."""

    KIND: ClassVar[str] = "Job"
    API_VERSION: ClassVar[str] = "batch/v1"

    spec: JobSpec = Field(default_factory=JobSpec)


class JobTemplate(FrozenModel):
    """``spec.jobTemplate`` of a CronJob."""

    spec: JobSpec = Field(default_factory=JobSpec)


class CronJobSpec(FrozenModel):
    """``spec`` of a CronJob."""

    schedule: str = ""
    jobTemplate: JobTemplate = Field(default_factory=JobTemplate)


class CronJob(KubeObject):
    """A Job on a schedule; its Pods are shown as one that runs now."""

    KIND: ClassVar[str] = "CronJob"
    API_VERSION: ClassVar[str] = "batch/v1"

    spec: CronJobSpec = Field(default_factory=CronJobSpec)


AnyWorkload = Deployment | ReplicaSet | StatefulSet | DaemonSet | ReplicationController | Job | CronJob

WORKLOAD_KINDS: tuple[type[KubeObject], ...] = (
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    ReplicationController,
    Job,
    CronJob,
)


def template_of(workload: AnyWorkload) -> PodTemplate:
    """The Pod template of any workload."""
    if isinstance(workload, CronJob):
        return workload.spec.jobTemplate.spec.template
    return workload.spec.template


def replicas_of(workload: AnyWorkload) -> int:
    """How many Pods the workload wants; a DaemonSet (one a Node) gives 0, its Pods are counted by the scheduler."""
    match workload:
        case DaemonSet():
            return 0
        case Job():
            return 1 if workload.spec.parallelism is None else workload.spec.parallelism
        case CronJob():
            return 1
    return 1 if workload.spec.replicas is None else workload.spec.replicas


__all__ = [
    "WORKLOAD_KINDS",
    "AnyWorkload",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "WorkloadSpec",
    "replicas_of",
    "template_of",
]
