"""A small exposed Service on every network plugin and in every mode, and who sees which source address in a trace."""

from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import Header, Hop, TraceResult
from tests.engine.trace.clusters import cluster, hops, pod, service

MODES = ("iptables", "nftables", "ipvs")
# Plugins and backends whose paths kube-proxy's rules take part in.
ROUTED = (("calico", "vxlan"), ("calico", "ipip"), ("calico", "bgp"))
BRIDGED = (("flannel", "vxlan"), ("flannel", "host-gw"), ("weave", "fastdp"))
PROFILES = (*ROUTED, *BRIDGED)
ENFORCING = ("calico", "weave")

CLIENT = "203.0.113.7"  # what `internet` stands for
BALANCER = "192.168.10.200"
POOL = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
NODE_PORT = 30080
PORTS = [{"port": 80, "targetPort": 8080, "nodePort": NODE_PORT}]
NODES = {1: "192.168.10.11", 2: "192.168.10.12", 3: "192.168.10.13"}


def exposed(mode: str, plugin: str, backend: str, where: int, policy: str = "Cluster", **more: Any) -> ClusterState:
    """Client Pod `a` on node-1 and one backend `b` on node-`where`, behind a load balancer with a node port."""
    proxy = {"mode": mode, **more.pop("kubeProxy", {})}
    spec = {"type": "LoadBalancer", "ports": PORTS, "externalTrafficPolicy": policy, **more.pop("spec", {})}
    return cluster(
        pod("a", 1), pod("b", where, app="web"), service("web", **spec),
        plugin=plugin, backend=backend, kubeProxy=proxy, **{"loadBalancer": POOL, **more},
    )  # fmt: skip


def outgoing(state: ClusterState, plugin: str, backend: str, where: int, entry: int = 1) -> str:
    """The address that node-`entry` has on the interface towards a Pod on node-`where` (kube-proxy.md section 7).

    Bridge for its own Pods, and for all of Weave Net's, which are one link; the tunnel's device towards other Nodes;
    the Node's own where neither is there. Flannel's are arithmetic: `.1` and `.0` of the Node's podCIDR.
    """
    node = state.control.nodes[f"node-{entry}"]
    if plugin == "flannel" and where == entry:
        return node.pod_cidrs[0].replace(".0/24", ".1")
    if (plugin, backend) == ("flannel", "vxlan"):
        return node.pod_cidrs[0].removesuffix("/24")
    if plugin == "weave":
        return node.bridge_ips[0]
    if backend in ("host-gw", "bgp") or where == entry:
        return NODES[entry]
    return node.tunnel_ips[0]


def ip(state: ClusterState, name: str) -> str:
    """A Pod's address."""
    return state.control.pods[f"Pod:default/{name}"].ips[0]


def answered_from(found: TraceResult) -> tuple[str, int]:
    """Address and port that the answer carries when the caller gets it."""
    last = found.trace.paths()[0].hops[-1]
    assert last.direction == "reply"
    assert last.after is not None
    return last.after.src, last.after.sport


def policy_sees(found: TraceResult, side: str) -> list[tuple[str, str, int]]:
    """(source, destination, port) as the checkpoints of one side have it: ``egress`` or ``ingress``."""
    stops = [h for h in hops(found, "policy") if f" · {side} of " in h.place]
    return [(h.before.src, h.before.dst, h.before.dport) for h in stops if h.before is not None]


def headers(found: TraceResult, direction: str = "request") -> list[Header]:
    """The packet at every stop of the first path, in order."""
    return [h.after for h in found.trace.paths()[0].hops if h.direction == direction and h.after is not None]


def stops(found: TraceResult, node: int = 0, direction: str = "request") -> list[str]:
    """The hooks and devices of the first path by name (``prerouting``), those of one node or of all."""
    every = [h for h in found.trace.paths()[0].hops if h.direction == direction and h.kind != "resolve"]
    wanted = [h for h in every if not node or h.node == f"node-{node}"]
    return [_name(h) for h in wanted]


def _name(hop: Hop) -> str:
    return hop.place.partition(" · ")[2] if hop.kind == "rules" else hop.kind
