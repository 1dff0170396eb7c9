"""What the control plane has made of a project: Nodes, Pods, Services and EndpointSlices with all their addresses.

Every value is frozen. Addresses are canonical text (`ipaddress`' form); sequences are in the order that the text says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from designer.engine.controlplane.corefile import Corefile
from designer.engine.controlplane.nodecache import NodeCache
from designer.model import EMPTY_MAP, FrozenMap, PodSpec

Family = Literal[4, 6]
Origin = Literal["derived", "observed", "manual"]


@dataclass(frozen=True, slots=True)
class NodeState:
    """A Node. `addresses` are its InternalIPs, IPv4 first as given; `interface_addresses` all but loopback.

    `tunnel_ips` are those of its CNI tunnel devices; `bridge_ips` those of its CNI bridge; `pod_cidrs` what nodeipam
    gave; `blocks` Calico's affine blocks. `ready` is the Ready condition (True when the input says nothing).
    `milli_cpu` is its allocatable CPU in thousandths, None where the input says none.
    """

    name: str
    addresses: tuple[str, ...]
    interface_addresses: tuple[str, ...]
    pod_cidrs: tuple[str, ...] = ()
    tunnel_ips: tuple[str, ...] = ()
    bridge_ips: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    zone: str | None = None
    labels: FrozenMap[str, str] = EMPTY_MAP
    ready: bool = True
    milli_cpu: int | None = None

    @property
    def id(self) -> str:
        """Object id of the Node."""
        return f"Node:{self.name}"


@dataclass(frozen=True, slots=True)
class PodState:
    """A Pod that exists. `key` is its ledger key, `id` is ``Pod:namespace/name``.

    `owner` is the id of the workload that made it (the top one: a Deployment, not its ReplicaSet), None when it
    stands for itself. `node` is None while Pending (`pending` says why, as scheduler or kubelet word it). `ips` has
    at most one address a family, primary first; a hostNetwork Pod has its node's. `ready` is the Ready condition.
    """

    key: str
    namespace: str
    name: str
    node: str | None
    ips: tuple[str, ...]
    labels: FrozenMap[str, str]
    spec: PodSpec
    owner: str | None = None
    ready: bool = True
    terminating: bool = False
    phase: str = "Running"
    observed: bool = False
    pending: str = ""
    previous_ips: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Object id of the Pod."""
        return f"Pod:{self.namespace}/{self.name}"

    @property
    def host_network(self) -> bool:
        """Whether it shares its node's network."""
        return bool(self.spec.hostNetwork)

    def ip(self, family: Family) -> str | None:
        """Its address of `family`, None when it has none."""
        return next((a for a in self.ips if (":" in a) == (family == 6)), None)


@dataclass(frozen=True, slots=True)
class ServicePortState:
    """A port of a Service with its node port (None where there is none)."""

    name: str
    protocol: str
    port: int
    target_port: int | str
    node_port: int | None = None
    app_protocol: str | None = None


@dataclass(frozen=True, slots=True)
class LoadBalancerAddress:
    """One entry of a Service's load balancer status. `ip_mode` is VIP or Proxy."""

    ip: str | None
    hostname: str | None = None
    ip_mode: str = "VIP"


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A Service with defaults filled in as the API server does.

    `cluster_ips` is empty for headless (`headless` is True) and ExternalName Services. Policies are "Cluster" or
    "Local". `affinity_seconds` is None without session affinity. The label ``service-proxy-name`` tells kube-proxy
    to leave it alone. `traffic_distribution` is the field as given. `pending` says why a load balancer has no address.
    """

    namespace: str
    name: str
    type: str
    cluster_ips: tuple[str, ...]
    ports: tuple[ServicePortState, ...]
    headless: bool = False
    selector: FrozenMap[str, str] | None = None
    external_ips: tuple[str, ...] = ()
    load_balancer: tuple[LoadBalancerAddress, ...] = ()
    source_ranges: tuple[str, ...] = ()
    internal_policy: str = "Cluster"
    external_policy: str = "Cluster"
    affinity_seconds: int | None = None
    health_check_node_port: int | None = None
    external_name: str | None = None
    publish_not_ready: bool = False
    ip_families: tuple[str, ...] = ("IPv4",)
    labels: FrozenMap[str, str] = EMPTY_MAP
    annotations: FrozenMap[str, str] = EMPTY_MAP
    pending: str = ""
    traffic_distribution: str | None = None

    @property
    def id(self) -> str:
        """Object id of the Service."""
        return f"Service:{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class EndpointState:
    """One endpoint of a slice. `pod` is the Pod's object id where one stands behind it."""

    addresses: tuple[str, ...]
    ready: bool = True
    serving: bool = True
    terminating: bool = False
    node: str | None = None
    zone: str | None = None
    hostname: str | None = None
    pod: str | None = None
    for_zones: tuple[str, ...] = ()
    for_nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointPortState:
    """One port of a slice; `port` None means all ports."""

    name: str
    protocol: str
    port: int | None
    app_protocol: str | None = None


@dataclass(frozen=True, slots=True)
class EndpointSliceState:
    """An EndpointSlice. `origin`: derived from Pods here, observed (the controller's, from a dump), or manual."""

    namespace: str
    name: str
    service: str
    address_type: str
    ports: tuple[EndpointPortState, ...]
    endpoints: tuple[EndpointState, ...]
    origin: Origin = "derived"
    labels: FrozenMap[str, str] = field(default=EMPTY_MAP)

    @property
    def service_id(self) -> str:
        """Object id of its Service."""
        return f"Service:{self.namespace}/{self.service}"


@dataclass(frozen=True, slots=True)
class ControlPlaneState:
    """All of it, each mapping in sorted order: nodes by name, pods and services by object id, slices by service id.

    `service_cidrs` are the ranges of the ServiceCIDR objects, sorted as text; the API server's flag is not among them.
    `corefile` is what the cluster's DNS is told, None where the input does not hold it. `cache` is the NodeLocal
    DNSCache, `kubelet_dns` the servers that kubelet's configuration names for Pods, () where the input lacks it.
    """

    nodes: FrozenMap[str, NodeState] = EMPTY_MAP
    pods: FrozenMap[str, PodState] = EMPTY_MAP
    services: FrozenMap[str, ServiceState] = EMPTY_MAP
    slices: FrozenMap[str, tuple[EndpointSliceState, ...]] = EMPTY_MAP
    namespaces: FrozenMap[str, FrozenMap[str, str]] = EMPTY_MAP
    service_cidrs: tuple[str, ...] = ()
    corefile: Corefile | None = None
    cache: NodeCache | None = None
    kubelet_dns: tuple[str, ...] = ()

    def pods_on(self, node: str) -> tuple[PodState, ...]:
        """The Pods of one Node, by id."""
        return tuple(pod for pod in self.pods.values() if pod.node == node)
