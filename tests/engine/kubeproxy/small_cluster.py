"""A small cluster for tests of kube-proxy's rules: two nodes, one Service as a test needs it."""

from collections.abc import Iterable
from typing import Any

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    Family,
    NodeState,
    ServicePortState,
    ServiceState,
)
from designer.engine.kubeproxy import iptables
from designer.engine.netfilter import Hook, Outcome, Packet, Program, WalkContext, walk
from designer.model import ClusterSettings, FrozenMap, KubeProxySettings

VIP, EXTERNAL_IP, BALANCER = "10.96.0.10", "198.51.100.7", "203.0.113.10"
NODE_1, NODE_2 = "192.168.10.11", "192.168.10.12"
POD_A, POD_B = "10.244.1.5", "10.244.2.7"  # on node-1 and on node-2
CLIENT = "192.0.2.99"  # outside
ON_NODE_1 = WalkContext({"eth0": (NODE_1,), "cni0": ("10.244.1.1",), "flannel.1": ("10.244.1.0",)})
BIT = 0x4000

NODES = {
    "node-1": NodeState("node-1", (NODE_1,), (NODE_1,), ("10.244.1.0/24",), zone="a"),
    "node-2": NodeState("node-2", (NODE_2,), (NODE_2,), ("10.244.2.0/24",), zone="b"),
}


def endpoint(ip: str, **state: Any) -> EndpointState:
    """An endpoint on the node whose number is the third part of its address."""
    return EndpointState((ip,), **{"node": f"node-{ip.split('.')[2]}", **state})


def service(**fields: Any) -> ServiceState:
    """`default/web`, TCP port 80 named http, as ClusterIP Service unless `fields` say otherwise."""
    port = ServicePortState("http", fields.pop("protocol", "TCP"), 80, 8080, fields.pop("node_port", None))
    return ServiceState(**{"namespace": "default", "name": "web", "type": "ClusterIP", "cluster_ips": (VIP,),
                           "ports": (port,), **fields})  # fmt: skip


def cluster(web: ServiceState, endpoints: Iterable[EndpointState] = (), nodes: Any = None) -> ControlPlaneState:
    """The cluster with one Service and its endpoints, all in one slice, port 8080."""
    ports = (EndpointPortState(web.ports[0].name, web.ports[0].protocol, 8080),)
    piece = EndpointSliceState(web.namespace, "web-x", web.name, "IPv4", ports, tuple(endpoints))
    return ControlPlaneState(
        nodes=FrozenMap(nodes or NODES), services=FrozenMap({web.id: web}), slices=FrozenMap({web.id: (piece,)})
    )


def long_names() -> ControlPlaneState:
    """Namespace, Service, protocol, port name and IPv6 endpoint at their longest, with session affinity."""
    name = "p" * 63
    ports = (ServicePortState(name, "SCTP", 80, 65535),)
    web = ServiceState(
        "n" * 63, "s" * 63, "ClusterIP", ("fd00:10:96::a",), ports, affinity_seconds=10, ip_families=("IPv6",)
    )
    ip = "fd00:1111:2222:3333:4444:5555:6666:7777"
    piece = EndpointSliceState(
        web.namespace,
        "x",
        web.name,
        "IPv6",
        (EndpointPortState(name, "SCTP", 65535),),
        (EndpointState((ip,), node="node-1"),),
    )
    node = NodeState("node-1", ("fd00:192::11",), ("fd00:192::11",))
    return ControlPlaneState(
        nodes=FrozenMap({"node-1": node}), services=FrozenMap({web.id: web}), slices=FrozenMap({web.id: (piece,)})
    )


def settings(**fields: Any) -> ClusterSettings:
    """kube-proxy's settings with clusterCIDR 10.244.0.0/16."""
    return ClusterSettings(kubeProxy=KubeProxySettings(**{"clusterCIDR": "10.244.0.0/16", **fields}))


def rules(control: ControlPlaneState, node: str = "node-1", family: Family = 4, /, **fields: Any) -> Program:
    return iptables.build(control, settings(**fields), node, family)


def send(
    program: Program, src: str, dst: str, dport: int = 80, hook: Hook = "PREROUTING", **more: Any
) -> list[Outcome]:
    """What becomes of a first packet on node-1 at a hook."""
    packet = Packet(4, src, dst, more.pop("protocol", "TCP"), 41822, dport, **more)
    return list(walk(program, hook, packet, ON_NODE_1))


def arrive(
    program: Program, src: str, dst: str, dport: int = 80, hook: Hook = "PREROUTING", **more: Any
) -> dict[str, Any]:
    """Endpoint → (share, masqueraded); a packet that is not translated stands under its own destination."""
    outcomes = send(program, src, dst, dport, hook, **more)
    assert sum(o.share for o in outcomes) == 1
    return {o.packet.dst: (o.share, bool(o.packet.mark & BIT)) for o in outcomes}


def verdict(program: Program, src: str, dst: str, dport: int, hook: Hook, **more: Any) -> str:
    """The filter's verdict over a first packet that nothing has translated."""
    outcomes = send(program, src, dst, dport, hook, **more)
    assert len(outcomes) == 1
    return outcomes[0].verdict
