"""The one table of kinds that the program understands; every other object is kept as it came."""

from __future__ import annotations

from designer.model.core import Namespace, Node, Pod, Service
from designer.model.design import ExternalClient, ExternalHost, IngressController
from designer.model.meta import KubeObject
from designer.model.networking import EndpointSlice, Ingress, IngressClass, NetworkPolicy, ServiceCIDR
from designer.model.workloads import (
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
)

KINDS: tuple[type[KubeObject], ...] = (
    Namespace,
    Node,
    Pod,
    Deployment,
    StatefulSet,
    DaemonSet,
    ReplicaSet,
    ReplicationController,
    Job,
    CronJob,
    Service,
    EndpointSlice,
    ServiceCIDR,
    IngressClass,
    Ingress,
    IngressController,
    NetworkPolicy,
    ExternalClient,
    ExternalHost,
)

KIND_BY_NAME: dict[str, type[KubeObject]] = {kind.KIND: kind for kind in KINDS}
KIND_BY_API: dict[tuple[str, str], type[KubeObject]] = {(kind.API_VERSION, kind.KIND): kind for kind in KINDS}
