"""The nodes' routing tables as plugin and kubelet leave them, and the lookup in them (`domain/cni.md` section 3).

The underlay behind the nodes' gateway is not part of a project: what a packet meets there, no route of this table says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from designer.engine.cni.devices import bridge_address, host_address, host_device, node_address, same_link
from designer.engine.cni.names import veth_name
from designer.engine.cni.profile import NODE_DEVICE, CniProfile, Encapsulation, Route
from designer.engine.cni.ranges import (
    address,
    address_number,
    contains,
    family_of,
    holder,
    network,
    of_family,
    spans,
)
from designer.engine.controlplane.state import ControlPlaneState, Family, NodeState, PodState
from designer.model import ClusterSettings

BITS: dict[int, int] = {4: 32, 6: 128}
# A network of nodes that is only assumed is taken for one subnet where it is no wider than this.
USUAL_LINK: dict[int, int] = {4: 24, 6: 64}
# Pods that have ended have no device any more, and their address may be another Pod's.
ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True, eq=False)
class Routing:
    """The routes of all nodes in one family, made from one reading of the control plane.

    `pods` are the Pods with a device of their own, by address. `ranges` is what the plugin tells all nodes about each:
    its podCIDR, or its blocks and each address outside them.
    """

    profile: CniProfile
    settings: ClusterSettings
    family: Family
    nodes: Mapping[str, NodeState]
    pods: dict[str, PodState] = field(default_factory=dict)
    ranges: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _owners: dict[int, dict[int, list[tuple[str, str]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: CniProfile, settings: ClusterSettings, control: ControlPlaneState, family: Family) -> Routing:
        """The routing of a cluster; without any Pod route where the plugin does not know the family."""
        made = cls(profile, settings, family, control.nodes)
        if family not in profile.families:
            return made
        singles: dict[str, list[str]] = {}
        blocks = {name: spans(of_family(node.blocks, family)) for name, node in control.nodes.items()}
        for pod in () if profile.bridge else control.pods.values():
            ip, own = pod.ip(family), blocks.get(pod.node or "")
            if ip and own is not None and pod.phase not in ENDED and not pod.host_network:
                made.pods.setdefault(ip, pod)
                number = address_number(ip)
                if number is None or not any(first <= number <= last for first, last in own):
                    singles.setdefault(pod.node or "", []).append(_host(ip))
        for name, node in control.nodes.items():
            held = node.blocks if not profile.bridge else node.pod_cidrs
            made.ranges[name] = (*of_family(held, family), *singles.get(name, ()))
            for cidr in made.ranges[name] if not profile.flat else ():
                where = network(cidr)
                if where is not None:
                    key = int(where.network_address)
                    made._owners.setdefault(where.prefixlen, {}).setdefault(key, []).append((name, cidr))
        return made

    def table(self, name: str) -> tuple[Route, ...]:
        """A node's whole table: local Pods, remote Pods by node name, the nodes' own link, the default route."""
        node = self.nodes[name]
        found = [self._pod_route(ip, pod) for ip, pod in self._routed() if pod.node == name]
        found += self._local_ranges(node)
        for other, cidrs in self.ranges.items():
            if other != name and not self.profile.flat:
                found += [route for cidr in cidrs if (route := self._remote(node, self.nodes[other], cidr))]
        return (*found, *self._underlay(node))

    def find(self, name: str, destination: str) -> Route | None:
        """The route that the node takes to an address; the same as `lookup` in its table."""
        node, wanted = self.nodes[name], address(destination)
        if wanted is None:
            return None
        pod = self.pods.get(destination)
        here = pod is not None and pod.node == name and not self._in_block(node, destination)
        found = [self._pod_route(destination, pod)] if pod is not None and here else []
        found += [route for route in self._local_ranges(node) if contains(route.destination, destination)]
        for length, owners in self._owners.items():
            shift = BITS[self.family] - length
            for other, cidr in owners.get(int(wanted) >> shift << shift, ()):
                route = self._remote(node, self.nodes[other], cidr) if other != name else None
                if route is not None:
                    found.append(route)
        return lookup((*found, *self._underlay(node)), destination)

    def _routed(self) -> Iterable[tuple[str, PodState]]:
        """The Pods with a route of their own; Cilium's programs find a Pod of the node without one."""
        return () if host_device(self.profile) else self.pods.items()

    def _in_block(self, node: NodeState, ip: str) -> bool:
        """Whether the node's own device leads to the address, which then needs no route of its own."""
        return bool(host_device(self.profile)) and holder(of_family(node.blocks, self.family), ip) is not None

    def _pod_route(self, ip: str, pod: PodState) -> Route:
        return Route(_host(ip), "pod", veth_name(self.profile, pod.namespace, pod.name), flags="scope link")

    def _local_ranges(self, node: NodeState) -> list[Route]:
        """The node's own ranges: behind its bridge, on the one segment, or a blackhole for what no Pod has."""
        profile, family = self.profile, self.family
        if family not in profile.families:
            return []
        device = host_device(profile)
        if device:
            via = host_address(profile, node, family) or ""
            flags = f"proto kernel src {via}" if via else "proto kernel"
            return [Route(block, "local-pods", device, via, flags=flags) for block in of_family(node.blocks, family)]
        if not profile.bridge:
            return [Route(block, "blackhole", "") for block in of_family(node.blocks, family)]
        own = bridge_address(profile, node, family)
        flags = f"proto kernel scope link src {own}" if own else "proto kernel scope link"
        kept = of_family(profile.pools if profile.flat else node.pod_cidrs, family)
        return [Route(cidr, "segment" if profile.flat else "local-pods", profile.bridge, flags=flags) for cidr in kept]

    def _underlay(self, node: NodeState) -> tuple[Route, ...]:
        own = node_address(node, self.family)
        if not own:
            return ()
        link = self.settings.nodeNetwork if self.family == 4 else self.settings.nodeNetworkV6
        where = network(link if contains(link, own) else f"{own}/{link.rpartition('/')[2]}")
        near = Route(str(where), "link", NODE_DEVICE, flags=f"proto kernel scope link src {own}")
        return (near, Route("default", "default", NODE_DEVICE))

    def _remote(self, node: NodeState, other: NodeState, cidr: str) -> Route | None:
        """The route of `node` to a range of `other`, None where one of them has no address of the family."""
        wrap = self.profile.encapsulation(self.family)
        below = (wrap.underlay if wrap is not None else None) or self.family
        ours, theirs = node_address(node, below), node_address(other, below)
        if ours is None or theirs is None:
            return None
        near = same_link(self.settings, ours, theirs)
        unsure = near and self._link_assumed and not contains(f"{ours}/{USUAL_LINK[self.family]}", theirs)
        # Packets of Pods arrive wrapped or not, so the plugin's own choice is taken for granted; a next hop is not.
        if wrap is not None and not (wrap.when == "cross-subnet" and near and not unsure):
            return _wrapped(self.profile, node, other, cidr, theirs, wrap)
        if host_device(self.profile) and not self.settings.cni.autoDirectNodeRoutes:
            return _by_the_network(other, cidr)
        plain = _plain(self.profile, other, cidr, theirs, near)
        return replace(plain, doubt=_unsure(self.profile, node.name, ours, other.name, theirs)) if unsure else plain

    @property
    def _link_assumed(self) -> bool:
        """Whether the nodes' network was only made wide enough for the addresses that an input gave them."""
        return ("setting:nodeNetwork" if self.family == 4 else "setting:nodeNetworkV6") in self.settings.assumed


def routes(
    profile: CniProfile, settings: ClusterSettings, control: ControlPlaneState, node: NodeState, family: Family
) -> tuple[Route, ...]:
    """The routing table of one node in one family."""
    return Routing.of(profile, settings, control, family).table(node.name)


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


def _wrapped(
    profile: CniProfile, node: NodeState, other: NodeState, cidr: str, theirs: str, wrap: Encapsulation
) -> Route:
    where = network(cidr)
    own = host_device(profile)
    if own:
        source = host_address(profile, node, family_of(cidr)) or ""
        flags = f"proto kernel src {source} mtu {profile.mtu}" if source else "proto kernel"
        return Route(cidr, "remote-pods", own, source, other.name, flags, wrap)
    if profile.plugin == "flannel" and where is not None:
        via = str(where.network_address)
    elif wrap.name == "IPIP":
        via = theirs
    else:
        via = next(iter(of_family(other.tunnel_ips, family_of(cidr))), theirs)
    return Route(cidr, "remote-pods", wrap.device, via, other.name, "onlink", wrap)


def _by_the_network(other: NodeState, cidr: str) -> Route:
    """Cilium's native routing without routes of its own: the network has to know the Pods' ranges."""
    doubt = (
        f"Cilium routes natively and autoDirectNodeRoutes is off: the node's default route takes packets for {cidr} of "
        f"{other.name}. Whether the network between the Nodes knows that range is not part of the project."
    )
    return Route(cidr, "remote-pods", NODE_DEVICE, "", other.name, "", None, "", doubt)


def _plain(profile: CniProfile, other: NodeState, cidr: str, theirs: str, near: bool) -> Route:
    problem = doubt = ""
    if not near and profile.needs_same_link:
        problem = (
            f"{profile.title} routes to {other.name} ({theirs}) as its next hop, which needs both nodes in one subnet; "
            "they are in different ones, so the route cannot be set."
        )
    elif not near:
        doubt = (
            f"{other.name} ({theirs}) is in another subnet: whether the routers between know {cidr} "
            "(BGP peering, static routes) is not part of the project."
        )
    flags = "proto bird" if profile.plugin == "calico" else ""
    return Route(cidr, "remote-pods", NODE_DEVICE, theirs, other.name, flags, None, problem, doubt)


def _unsure(profile: CniProfile, node: str, ours: str, other: str, theirs: str) -> str:
    return (
        f"Whether {node} ({ours}) and {other} ({theirs}) stand in one subnet is not known, and {profile.title} depends "
        "on it. Set the Nodes' network in the cluster settings."
    )


def _host(ip: str) -> str:
    return f"{ip}/{BITS[family_of(ip)]}"
