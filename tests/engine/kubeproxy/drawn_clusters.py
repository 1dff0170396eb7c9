"""Clusters drawn by a number: dual-stack Nodes and Services with any of the features that make rules."""

import random
from typing import Any

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    LoadBalancerAddress,
    NodeState,
    ServicePortState,
    ServiceState,
)
from designer.model import ClusterSettings, FrozenMap, KubeProxySettings

NODES = ("node-1", "node-2", "node-3")
CONDITIONS = ((True, True, False),) * 4 + ((False, False, False), (False, True, True), (False, False, True))
# None lies in another, and none holds an address of a load balancer: nft would make one of the two.
RANGES = (" 198.18.0.0/15", "2001:db8:f::/48", "192.168.0.0/16", "fd00:192::/32", "10.0.0.0/8", "0.0.0.0/0")
LOCAL_MODES: tuple[dict[str, Any], ...] = (
    {"clusterCIDR": "10.244.0.0/16,fd00:10:244::/56"},
    {"clusterCIDR": ""},
    {"detectLocalMode": "NodeCIDR"},
    {"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"},
    {"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"},
)
PORT_ADDRESSES = ((), ("primary",), ("0.0.0.0/0", "::/0"), ("172.16.0.0/12", "fd00:172::/32"), ("203.0.113.0/24",))


def drawn_settings(seed: int) -> ClusterSettings:
    """kube-proxy's settings of a number."""
    dice = random.Random(seed)
    proxy = KubeProxySettings(
        **dice.choice(LOCAL_MODES),
        nodePortAddresses=dice.choice(PORT_ADDRESSES),
        nftablesMasqueradeAll=dice.random() < 0.2,
        nftablesMasqueradeBit=dice.choice((14, 0, 30)),
    )
    return ClusterSettings(kubeProxy=proxy)


def drawn_cluster(seed: int) -> ControlPlaneState:
    """Three Nodes, up to ten Services with their slices; the same number gives the same cluster."""
    dice = random.Random(seed)
    nodes = {}
    for number, name in enumerate(NODES, 1):
        addresses = (f"192.168.10.{number}", f"fd00:192::{number}")
        more = (f"172.16.0.{number}", f"fd00:172::{number}")
        ranges = (f"10.244.{number}.0/24", f"fd00:10:244:{number}::/64")
        nodes[name] = NodeState(name, addresses, (*addresses, *more), ranges, zone=dice.choice(("a", "b", None)))
    services, slices = {}, {}
    for number in range(dice.randint(1, 10)):
        web = _service(dice, number)
        services[web.id] = web
        slices[web.id] = tuple(_slice(dice, web, family, copy) for family in web.ip_families for copy in range(2))
    cidrs = ("10.96.0.0/16", "fd00:10:96::/112") if dice.random() < 0.3 else ()
    return ControlPlaneState(
        nodes=FrozenMap(nodes), services=FrozenMap(services), slices=FrozenMap(slices), service_cidrs=cidrs
    )


def _service(dice: random.Random, number: int) -> ServiceState:
    kind = dice.choice(("ClusterIP", "NodePort", "LoadBalancer"))
    families = dice.choice((("IPv4",), ("IPv6",), ("IPv4", "IPv6"), ("IPv6", "IPv4")))
    own = {"IPv4": f"10.96.0.{number + 10}", "IPv6": f"fd00:10:96::{number + 10:x}"}
    ports = tuple(
        ServicePortState(
            f"p{index}", protocol, 80 + index, 8080, 30000 + 10 * number + index if kind != "ClusterIP" else None
        )
        for index, protocol in enumerate(dice.sample(("TCP", "UDP", "SCTP"), dice.randint(1, 3)))
    )
    outside = (f"198.51.100.{number}", f"2001:db8::{number:x}")
    balancer = (
        LoadBalancerAddress(f"203.0.113.{number}"),
        LoadBalancerAddress(f"2001:db8:1::{number:x}"),
        LoadBalancerAddress(f"203.0.113.{number + 100}", None, "Proxy"),
        LoadBalancerAddress(None, "lb.example.com"),
    )
    return ServiceState(
        dice.choice(("default", "shop")),
        f"web-{number}",
        kind,
        tuple(own[family] for family in families),
        ports,
        external_ips=outside[: dice.randint(0, 2)],
        load_balancer=tuple(dice.sample(balancer, dice.randint(0, 4))) if kind == "LoadBalancer" else (),
        source_ranges=tuple(dice.sample(RANGES, dice.randint(0, 3))) if kind == "LoadBalancer" else (),
        internal_policy=dice.choice(("Cluster", "Cluster", "Local")),
        external_policy=dice.choice(("Cluster", "Local")),
        affinity_seconds=dice.choice((None, None, 1, 600, 86400)),
        ip_families=families,
    )


def _slice(dice: random.Random, web: ServiceState, family: str, copy: int) -> EndpointSliceState:
    hinted = dice.choice(("", "", "zones", "nodes"))
    endpoints = []
    for number, host in enumerate(dice.sample(range(2, 40), dice.choice((0, 1, 2, 6)))):
        node = dice.randint(1, 3)
        ready, serving, terminating = dice.choice(CONDITIONS)
        endpoints.append(
            EndpointState(
                (
                    f"10.244.{node}.{host + 40 * copy}"
                    if family == "IPv4"
                    else f"fd00:10:244:{node}::{host + 40 * copy:x}",
                ),
                ready=ready,
                serving=serving,
                terminating=terminating,
                node=None if number == 5 else f"node-{node}",
                for_zones=(dice.choice("ab"),) if hinted == "zones" else (),
                for_nodes=(dice.choice(NODES),) if hinted == "nodes" else (),
            )
        )
    ports = tuple(EndpointPortState(port.name, port.protocol, 8080 + copy) for port in web.ports)
    return EndpointSliceState(web.namespace, f"{web.name}-{family}-{copy}", web.name, family, ports, tuple(endpoints))
