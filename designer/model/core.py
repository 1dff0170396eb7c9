"""Kinds of ``v1``: Namespace, Node, Pod and Service, with the fields that matter to the network."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from designer.model.frozen import EMPTY_MAP, FrozenMap, FrozenModel
from designer.model.meta import (
    Affinity,
    IntOrString,
    KubeObject,
    LabelSelector,
    ObjectMeta,
    Protocol,
    ServiceType,
)


class Namespace(KubeObject):
    """A namespace; the label ``kubernetes.io/metadata.name`` is always set by the API server."""

    KIND: ClassVar[str] = "Namespace"
    API_VERSION: ClassVar[str] = "v1"
    NAMESPACED: ClassVar[bool] = False


class Taint(FrozenModel):
    """``spec.taints[]`` of a Node."""

    key: str
    value: str | None = None
    effect: str = "NoSchedule"


class NodeSpec(FrozenModel):
    """``spec`` of a Node."""

    podCIDR: str | None = None
    podCIDRs: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()
    unschedulable: bool | None = None


class Address(FrozenModel):
    """A typed address of a Node's status: InternalIP, ExternalIP, Hostname, …"""

    type: str
    address: str


class Condition(FrozenModel):
    """A status condition."""

    type: str
    status: str = "Unknown"
    reason: str | None = None


class NodeStatus(FrozenModel):
    """``status`` of a Node."""

    addresses: tuple[Address, ...] = ()
    conditions: tuple[Condition, ...] = ()
    allocatable: FrozenMap[str, IntOrString] = EMPTY_MAP
    capacity: FrozenMap[str, IntOrString] = EMPTY_MAP


class Node(KubeObject):
    """A machine of the cluster."""

    KIND: ClassVar[str] = "Node"
    API_VERSION: ClassVar[str] = "v1"
    NAMESPACED: ClassVar[bool] = False

    spec: NodeSpec = Field(default_factory=NodeSpec)
    status: NodeStatus = Field(default_factory=NodeStatus)


class ContainerPort(FrozenModel):
    """``ports[]`` of a container; informational in Kubernetes, except that names are looked up here."""

    containerPort: int
    name: str | None = None
    protocol: Protocol = "TCP"
    hostPort: int | None = None
    hostIP: str | None = None


class EnvVar(FrozenModel):
    """``env[]`` of a container; values from references are kept, not read."""

    name: str
    value: str | None = None


class Container(FrozenModel):
    """A container, sidecars included (an init container with restartPolicy Always)."""

    name: str = ""
    image: str | None = None
    ports: tuple[ContainerPort, ...] = ()
    env: tuple[EnvVar, ...] = ()
    args: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    restartPolicy: str | None = None


class Toleration(FrozenModel):
    """``tolerations[]`` of a Pod."""

    key: str | None = None
    operator: str = "Equal"
    value: str | None = None
    effect: str | None = None


class PodDNSConfigOption(FrozenModel):
    """``dnsConfig.options[]``."""

    name: str = ""
    value: str | None = None


class PodDNSConfig(FrozenModel):
    """``dnsConfig`` of a Pod."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[PodDNSConfigOption, ...] = ()


class HostAlias(FrozenModel):
    """``hostAliases[]``: lines of the Pod's /etc/hosts."""

    ip: str
    hostnames: tuple[str, ...] = ()


class PodSpec(FrozenModel):
    """``spec`` of a Pod or of a workload's template."""

    nodeName: str | None = None
    nodeSelector: FrozenMap[str, str] = EMPTY_MAP
    tolerations: tuple[Toleration, ...] = ()
    hostNetwork: bool | None = None
    hostname: str | None = None
    subdomain: str | None = None
    dnsPolicy: str | None = None
    dnsConfig: PodDNSConfig | None = None
    hostAliases: tuple[HostAlias, ...] = ()
    serviceAccountName: str | None = None
    restartPolicy: str | None = None
    containers: tuple[Container, ...] = ()
    initContainers: tuple[Container, ...] = ()


class PodIP(FrozenModel):
    """``status.podIPs[]``."""

    ip: str


class PodStatus(FrozenModel):
    """``status`` of a Pod."""

    phase: str | None = None
    podIP: str | None = None
    podIPs: tuple[PodIP, ...] = ()
    hostIP: str | None = None
    conditions: tuple[Condition, ...] = ()


class Pod(KubeObject):
    """A Pod that stands for itself; Pods of workloads are derived, not stored."""

    KIND: ClassVar[str] = "Pod"
    API_VERSION: ClassVar[str] = "v1"

    spec: PodSpec = Field(default_factory=PodSpec)
    status: PodStatus = Field(default_factory=PodStatus)


class PodTemplate(FrozenModel):
    """``spec.template`` of a workload."""

    metadata: ObjectMeta = Field(default_factory=ObjectMeta)
    spec: PodSpec = Field(default_factory=PodSpec)


class ServicePort(FrozenModel):
    """``spec.ports[]`` of a Service; `targetPort` defaults to `port`."""

    port: int
    name: str | None = None
    protocol: Protocol = "TCP"
    targetPort: IntOrString | None = None
    nodePort: int | None = None
    appProtocol: str | None = None


class ClientIPConfig(FrozenModel):
    """``sessionAffinityConfig.clientIP``."""

    timeoutSeconds: int | None = None


class SessionAffinityConfig(FrozenModel):
    """``sessionAffinityConfig``."""

    clientIP: ClientIPConfig | None = None


class ServiceSpec(FrozenModel):
    """``spec`` of a Service."""

    type: ServiceType = "ClusterIP"
    clusterIP: str | None = None
    clusterIPs: tuple[str, ...] = ()
    ipFamilies: tuple[str, ...] = ()
    ipFamilyPolicy: str | None = None
    selector: FrozenMap[str, str] | None = None
    ports: tuple[ServicePort, ...] = ()
    externalIPs: tuple[str, ...] = ()
    externalName: str | None = None
    sessionAffinity: Affinity = "None"
    sessionAffinityConfig: SessionAffinityConfig | None = None
    internalTrafficPolicy: str | None = None
    externalTrafficPolicy: str | None = None
    healthCheckNodePort: int | None = None
    loadBalancerIP: str | None = None
    loadBalancerClass: str | None = None
    loadBalancerSourceRanges: tuple[str, ...] = ()
    allocateLoadBalancerNodePorts: bool | None = None
    publishNotReadyAddresses: bool = False
    trafficDistribution: str | None = None


class LoadBalancerIngress(FrozenModel):
    """``status.loadBalancer.ingress[]``."""

    ip: str | None = None
    hostname: str | None = None
    ipMode: str | None = None


class LoadBalancerStatus(FrozenModel):
    """``status.loadBalancer``."""

    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(FrozenModel):
    """``status`` of a Service."""

    loadBalancer: LoadBalancerStatus = Field(default_factory=LoadBalancerStatus)


class Service(KubeObject):
    """A Service of any type."""

    KIND: ClassVar[str] = "Service"
    API_VERSION: ClassVar[str] = "v1"

    spec: ServiceSpec = Field(default_factory=ServiceSpec)
    status: ServiceStatus = Field(default_factory=ServiceStatus)


# What Kubernetes is made for ("Considerations for large clusters"); a number beyond it is a slip or does harm.
MAX_PODS = 150_000


class WorkloadSpec(FrozenModel):
    """``spec`` of a workload; which fields mean something depends on the kind."""

    replicas: int | None = Field(default=None, ge=0, le=MAX_PODS)
    selector: LabelSelector | None = None
    template: PodTemplate = Field(default_factory=PodTemplate)
    serviceName: str | None = None


class Workload(KubeObject):
    """Base of the kinds that make Pods from a template."""

    spec: WorkloadSpec = Field(default_factory=WorkloadSpec)
