"""A node's routing table as its plugin and kubelet leave it, and the lookup in it (`domain/cni.md` section 3).

The underlay behind the nodes' gateway is not part of a project: what a packet meets there, no route of this table says.
"""

from __future__ import annotations

from collections.abc import Iterable

from designer.engine.cni.devices import bridge_address, node_address, same_link
from designer.engine.cni.names import veth_name
from designer.engine.cni.profile import NODE_DEVICE, CniProfile, Encapsulation, Route
from designer.engine.cni.ranges import contains, family_of, holder, network, of_family
from designer.engine.controlplane.state import ControlPlaneState, Family, NodeState, PodState
from designer.model import ClusterSettings


def routes(
    profile: CniProfile, settings: ClusterSettings, control: ControlPlaneState, node: NodeState, family: Family
) -> tuple[Route, ...]:
    """The node's routes of `family`: local Pods, remote Pods by node name, the nodes' own link, the default route."""
    found: list[Route] = []
    if family in profile.families:
        pods = _pods_by_node(profile, control, family)
        found += _local(profile, pods.get(node.name, []), node, family)
        if not profile.flat:
            for name, other in control.nodes.items():
                if name != node.name:
                    found += _remote(profile, settings, pods.get(name, []), node, other, family)
    link = settings.nodeNetwork if family == 4 else settings.nodeNetworkV6
    own = node_address(node, family)
    if own:
        where = network(link if contains(link, own) else f"{own}/{link.rpartition('/')[2]}")
        found.append(Route(str(where), "link", NODE_DEVICE, flags=f"proto kernel scope link src {own}"))
        found.append(Route("default", "default", NODE_DEVICE))
    return tuple(found)


def lookup(table: Iterable[Route], destination: str) -> Route | None:
    """The route that a packet to `destination` takes: the longest match, the default route last, None without one."""
    best: Route | None = None
    best_length = -1
    for route in table:
        if route.kind == "default":
            length = 0
        else:
            where = network(route.destination)
            if where is None or where.prefixlen <= best_length or not contains(route.destination, destination):
                continue
            length = where.prefixlen
        if length > best_length:
            best, best_length = route, length
    return best


def _pods_by_node(profile: CniProfile, control: ControlPlaneState, family: Family) -> dict[str, list[PodState]]:
    """The Pods that have a device of their own, by node; only where the plugin routes to single Pods."""
    found: dict[str, list[PodState]] = {}
    if profile.bridge:
        return found
    for pod in control.pods.values():
        if pod.node is not None and not pod.host_network and pod.ip(family):
            found.setdefault(pod.node, []).append(pod)
    return found


def _local(profile: CniProfile, pods: list[PodState], node: NodeState, family: Family) -> list[Route]:
    if profile.flat:
        own = bridge_address(profile, node, family)
        source = f" src {own}" if own else ""
        return [
            Route(pool, "segment", profile.bridge, flags=f"proto kernel scope link{source}")
            for pool in of_family(profile.pools, family)
        ]
    if profile.bridge:
        own = bridge_address(profile, node, family)
        flags = f"proto kernel scope link src {own}" if own else "proto kernel scope link"
        return [Route(cidr, "local-pods", profile.bridge, flags=flags) for cidr in of_family(node.pod_cidrs, family)]
    found = [
        Route(_host(pod.ip(family) or ""), "pod", veth_name(profile, pod.namespace, pod.name), flags="scope link")
        for pod in pods
    ]
    return [*found, *(Route(block, "blackhole", "") for block in of_family(node.blocks, family))]


def _remote(
    profile: CniProfile,
    settings: ClusterSettings,
    pods: list[PodState],
    node: NodeState,
    other: NodeState,
    family: Family,
) -> list[Route]:
    ours, theirs = node_address(node, family), node_address(other, family)
    if ours is None or theirs is None:
        return []
    near = same_link(settings, ours, theirs)
    wrap = profile.encapsulation(family)
    if wrap is not None and wrap.when == "cross-subnet" and near:
        wrap = None
    return [_remote_route(profile, other, cidr, theirs, wrap, near) for cidr in _cidrs(profile, pods, other, family)]


def _remote_route(
    profile: CniProfile, other: NodeState, cidr: str, theirs: str, wrap: Encapsulation | None, near: bool
) -> Route:
    if wrap is None:
        problem = doubt = ""
        if not near and not profile.needs_same_link:
            doubt = (
                f"{other.name} ({theirs}) is in another subnet: whether the routers between know {cidr} "
                "(BGP peering, static routes) is not part of the project."
            )
        if not near and profile.needs_same_link:
            problem = (
                f"{profile.title} routes to {other.name} ({theirs}) as its next hop, which needs both nodes in one "
                "subnet; they are in different ones, so the route cannot be set."
            )
        flags = "proto bird" if profile.plugin == "calico" else ""
        return Route(cidr, "remote-pods", NODE_DEVICE, theirs, other.name, flags, None, problem, doubt)
    if profile.plugin == "flannel":
        where = network(cidr)
        via = str(where.network_address) if where else theirs
    elif wrap.name == "IPIP":
        via = theirs
    else:
        via = next(iter(of_family(other.tunnel_ips, family_of(cidr))), theirs)
    return Route(cidr, "remote-pods", wrap.device, via, other.name, "onlink", wrap)


def _cidrs(profile: CniProfile, pods: list[PodState], other: NodeState, family: Family) -> tuple[str, ...]:
    """What the plugin tells all nodes about `other`: its podCIDR, or its blocks and each address outside them."""
    if profile.plugin != "calico":
        return of_family(other.pod_cidrs, family)
    blocks = of_family(other.blocks, family)
    single = [_host(ip) for pod in pods if (ip := pod.ip(family)) and holder(blocks, ip) is None]
    return (*blocks, *single)


def _host(ip: str) -> str:
    return f"{ip}/{32 if family_of(ip) == 4 else 128}"
