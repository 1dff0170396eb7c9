"""Small clusters for the trace's tests, built from model objects.

Three Nodes of 192.168.10.0/24; kube-proxy knows the Pods' range, as kubeadm sets it. Addresses that a test names are
given, everything else the allocator hands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import trace
from designer.engine.trace.hops import Hop, Request, TraceResult
from designer.model import KIND_BY_NAME, ClusterSettings, KubeObject, Project

POOLS = {"calico": "10.244.0.0/16", "flannel": "10.244.0.0/16", "weave": "10.32.0.0/12", "cilium": "10.0.0.0/8"}


def settings(plugin: str = "calico", backend: str = "", **more: Any) -> ClusterSettings:
    """Settings of a kubeadm cluster with this plugin; `cni`, `kubeProxy` and others may be given in `more`."""
    backends = {"calico": "vxlan", "flannel": "vxlan", "weave": "fastdp", "cilium": "vxlan"}
    cni = {"plugin": plugin, "backend": backend or backends[plugin], **more.pop("cni", {})}
    proxy = {"clusterCIDR": POOLS[plugin], **more.pop("kubeProxy", {})}
    return ClusterSettings.model_validate({"cni": cni, "kubeProxy": proxy, **more})


def make(kind: str, name: str, spec: Mapping[str, Any] | None = None, **meta: Any) -> KubeObject:
    """An object of the project; `status` may stand among `meta`."""
    data: dict[str, Any] = {"metadata": {"name": name, **{k: v for k, v in meta.items() if k != "status"}}}
    if KIND_BY_NAME[kind].NAMESPACED:
        data["metadata"].setdefault("namespace", "default")
    if spec is not None:
        data["spec"] = dict(spec)
    if "status" in meta:
        data["status"] = meta["status"]
    return KIND_BY_NAME[kind].model_validate(data)


def node(number: int, address: str = "", **meta: Any) -> KubeObject:
    """Node ``node-1`` at 192.168.10.11, and so on."""
    status = {"addresses": [{"type": "InternalIP", "address": address or f"192.168.10.1{number}"}]}
    return make("Node", f"node-{number}", status=status, **meta)


def pod(name: str, where: int, port: int | None = 8080, app: str = "", **spec: Any) -> KubeObject:
    """A Pod on ``node-<where>`` that declares one TCP port."""
    ports = [] if port is None else [{"name": "http", "containerPort": port}]
    ports = spec.pop("ports", ports)
    namespace = spec.pop("namespace", "default")
    status = spec.pop("status", None)
    labels = spec.pop("labels", {"app": app or name})
    body = {"nodeName": f"node-{where}", "containers": [{"name": "main", "ports": ports}], **spec}
    more = {"status": status} if status else {}
    return make("Pod", name, body, labels=labels, namespace=namespace, **more)


def service(name: str, port: int = 80, target: int | str = 8080, app: str = "", **spec: Any) -> KubeObject:
    """A Service of one TCP port that selects ``app=<name>``."""
    ports = spec.pop("ports", [{"port": port, "targetPort": target}])
    namespace = spec.pop("namespace", "default")
    status = spec.pop("status", None)
    more = {"status": status} if status else {}
    return make(
        "Service", name, {"selector": {"app": app or name}, "ports": ports, **spec}, namespace=namespace, **more
    )


def dns(where: int = 3) -> tuple[KubeObject, KubeObject]:
    """The cluster's DNS: Service kube-system/kube-dns at 10.96.0.10 and one CoreDNS Pod."""
    ports = [{"name": "dns", "containerPort": 53, "protocol": "UDP"}, {"name": "dns-tcp", "containerPort": 53}]
    labels = {"k8s-app": "kube-dns"}
    coredns = pod("coredns", where, ports=ports, namespace="kube-system", labels=labels)
    both = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53}]
    spec = {"selector": labels, "clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"], "ports": both}
    return coredns, make("Service", "kube-dns", spec, namespace="kube-system")


def policy(name: str, selector: Mapping[str, Any], namespace: str = "default", **spec: Any) -> KubeObject:
    """A NetworkPolicy."""
    return make("NetworkPolicy", name, {"podSelector": dict(selector), **spec}, namespace=namespace)


def cluster(
    *objects: KubeObject, nodes: int = 3, plugin: str = "calico", backend: str = "", **more: Any
) -> ClusterState:
    """The compiled cluster of `objects` with so many Nodes (none is added where `objects` holds Nodes)."""
    own = [o for o in objects if o.KIND == "Node"]
    machines = own or [node(number) for number in range(1, nodes + 1)]
    rest = [o for o in objects if o.KIND != "Node"]
    project = Project(cluster=settings(plugin, backend, **more)).with_objects([*machines, *rest])
    return compile_project(project)


def ask(state: ClusterState, source: str, destination: str, **more: Any) -> TraceResult:
    """The trace of a request."""
    return trace(state, Request(source, destination, **more))


def address(state: ClusterState, name: str, namespace: str = "default") -> str:
    """The first address of a Pod."""
    return state.control.pods[f"Pod:{namespace}/{name}"].ips[0]


def cluster_ip(state: ClusterState, name: str, namespace: str = "default") -> str:
    """The ClusterIP of a Service."""
    return state.control.services[f"Service:{namespace}/{name}"].cluster_ips[0]


def seen_source(found: TraceResult) -> str:
    """The source address that what answers sees, on the first path."""
    path = found.trace.paths()[0]
    arrived = [h for h in path.hops if h.direction == "request" and h.kind == "deliver"]
    return dict(arrived[-1].details)["Source seen"]


def steps(found: TraceResult, direction: str = "request") -> list[str]:
    """The hops of the first path as ``kind@node`` (``kind`` alone where a hop belongs to no node)."""
    path = found.trace.paths()[0]
    return [f"{h.kind}@{h.node}" if h.node else h.kind for h in path.hops if h.direction == direction]


def hops(found: TraceResult, kind: str, direction: str = "request") -> list[Hop]:
    """The hops of one kind on the first path."""
    return [h for h in found.trace.paths()[0].hops if h.kind == kind and h.direction == direction]
