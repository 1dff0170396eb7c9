"""What the tests of both eBPF data planes share: a small cluster, and short questions about a trace's first path."""

from __future__ import annotations

from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import Hop, Path, TraceResult
from designer.model import KubeObject
from tests.engine.trace.clusters import cluster, pod, service

CLIENT = "203.0.113.7"


def shop(
    *more: KubeObject, plugin: str, backend: str = "", nodes: int = 3, proxy: dict[str, Any] | None = None, **cni: Any
) -> ClusterState:
    """Pod `a` on node-1; Service `web` (node port 30080) with web-1 on node-1 and web-2 on node-2; node-3 has none."""
    web = service("web", type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    objects = (pod("a", 1), pod("web-1", 1, app="web"), pod("web-2", 2, app="web"), web, *more)
    said = {} if proxy is None else {"kubeProxy": proxy}
    return cluster(*objects, nodes=nodes, plugin=plugin, backend=backend, cni=cni, **said)


def host_ip(state: ClusterState, node: str) -> str:
    """The address of a node's `cilium_host` or `vxlan.calico`: the first that the node took for itself."""
    return state.control.nodes[node].tunnel_ips[0]


def way_to(found: TraceResult, name: str) -> Path:
    """The path that ends in a Pod of default."""
    return next(
        p for p in found.trace.paths() if any(h.kind == "deliver" and h.at == f"Pod:default/{name}" for h in p.hops)
    )


def kinds(path: Path, direction: str = "request") -> list[str]:
    """The hops of a path as ``kind@node``."""
    return [f"{h.kind}@{h.node}" if h.node else h.kind for h in path.hops if h.direction == direction]


def of_kind(path: Path, kind: str, direction: str = "request") -> list[Hop]:
    """The hops of one kind on a path."""
    return [h for h in path.hops if h.kind == kind and h.direction == direction]


def seen(path: Path) -> str:
    """The source address that what answers sees."""
    (arrived,) = [h for h in path.hops if h.direction == "request" and h.kind == "deliver"]
    return dict(arrived.details)["Source seen"]


def headers(path: Path, direction: str = "request") -> list[str]:
    """The header behind each hop, equal neighbours once."""
    found: list[str] = []
    for one in path.hops:
        if one.direction == direction and one.after is not None and one.after.text() not in found[-1:]:
            found.append(one.after.text())
    return found
