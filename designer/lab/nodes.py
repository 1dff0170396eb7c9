"""Nodes and Pods as steps: devices, addresses, neighbours and routes, as the network plugin's profile has them."""

from __future__ import annotations

from designer.engine.cni import (
    NODE_DEVICE,
    Device,
    Route,
    Routing,
    bridge_address,
    node_address,
    node_devices,
    veth_name,
)
from designer.engine.cni.ranges import family_of, holder, is_address, of_family, prefix_length
from designer.engine.controlplane.state import Family, NodeState, PodState
from designer.engine.trace.ground import Ground
from designer.engine.trace.indices import ENDED
from designer.lab.plan import BITS, EVERYBODY, Draft, node_space, pod_space
from designer.lab.settings import EVERYWHERE, node_settings

LINK_LOCAL_GATEWAY = "fe80::ecee:eeff:feee:eeee"
FLAT_VNI = 6784


def built_pods(ground: Ground) -> tuple[PodState, ...]:
    """The Pods that have a namespace of their own: those that run on a Node, each address once."""
    return tuple(
        pod
        for pod in ground.control.pods.values()
        if not pod.host_network
        and pod.phase not in ENDED
        and pod.node in ground.control.nodes
        and any(is_address(ip) for ip in pod.ips)
        and all(ground.pods_by_ip.get(ip) is pod for ip in pod.ips)
    )


def add_node(draft: Draft, ground: Ground, node: NodeState) -> None:
    """A Node's namespace with its shared devices and their addresses; its card's other end is the fabric's business."""
    space = node_space(node.name)
    draft.spaces.append((space, node_settings(ground, node)))
    held: set[str] = set()
    for device in node_devices(ground.cni, ground.settings, node):
        _add_device(draft, ground, node, device)
        for address in _in_order(device.addresses):
            held.add(address.partition("/")[0])
            draft.add("address", space, device=device.name, address=address)
    for address in (*node.addresses, *node.interface_addresses):
        if is_address(address) and address not in held:
            held.add(address)
            draft.add("address", space, device=NODE_DEVICE, address=f"{address}/{BITS[family_of(address)]}")


def _in_order(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """The order in which a device gets its addresses, so that the first one given is the one that it sends from.

    Of equal IPv4 addresses the kernel prefers the one that came first, of IPv6 the one that came last.
    """
    return (*(a for a in addresses if ":" not in a), *(a for a in reversed(addresses) if ":" in a))


def _add_device(draft: Draft, ground: Ground, node: NodeState, device: Device) -> None:
    space, cni = node_space(node.name), ground.cni
    if device.kind == "bridge":
        draft.add("bridge", space, name=device.name, mac=draft.mac(space, device.name), mtu=device.mtu)
    elif device.kind == "vxlan":
        _add_vxlan(draft, ground, node, device)
        if cni.flat:
            draft.add("port", space, name=device.name, bridge=cni.bridge, hairpin=False)
    elif device.kind == "ipip":
        draft.add("ipip", space, name=device.name, mtu=device.mtu)


def _add_vxlan(draft: Draft, ground: Ground, node: NodeState, device: Device) -> None:
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        wrap = ground.cni.encapsulation(family)
        local = node_address(node, (wrap.underlay or family) if wrap is not None else family)
        if wrap is not None and wrap.device == device.name and local is not None:
            space = node_space(node.name)
            vni = FLAT_VNI if wrap.vni is None else wrap.vni
            draft.add("vxlan", space, name=device.name, mac=draft.mac(space, device.name), mtu=device.mtu, vni=vni,
                      port=wrap.port, local=local)  # fmt: skip
            return


def add_routes(draft: Draft, ground: Ground, node: NodeState, routing: Routing, gateway: str) -> None:
    """A Node's routing table of one family; what cannot be set is left out, as the kernel would refuse it."""
    for route in routing.table(node.name):
        if route.problem or route.doubt:
            continue
        _add_route(draft, ground, node, route, routing.family, gateway)


def _add_route(draft: Draft, ground: Ground, node: NodeState, route: Route, family: Family, gateway: str) -> None:
    space = node_space(node.name)
    destination = route.destination if route.kind != "default" else EVERYBODY[family]
    if route.kind == "blackhole":
        draft.add("route", space, destination=destination, device="")
        return
    via, source, onlink = route.via, "", "onlink" in route.flags
    if route.kind == "default":
        via = gateway
        draft.add("neighbour", space, device=NODE_DEVICE, address=gateway, mac=draft.mac("fabric", "fabric0"))
    elif route.kind == "link":
        source = node_address(node, family) or ""
    elif route.kind in ("local-pods", "segment"):
        source = bridge_address(ground.cni, node, family) or ""
    draft.add("route", space, destination=destination, device=route.device, via=via, source=source, onlink=onlink)
    wrap = route.encapsulation
    # IPIP asks nobody for link addresses: the next hop is the tunnel's other end.
    if wrap is None or not route.node or wrap.transport != "UDP":
        return
    other = ground.node(route.node)
    theirs = node_address(other, wrap.underlay or family)
    if theirs is not None:
        mac = draft.mac(node_space(other.name), wrap.device)
        draft.add("neighbour", space, device=wrap.device, address=via, mac=mac)
        draft.add("forwarding", space, device=wrap.device, mac=mac, remote=theirs)


def add_pod(draft: Draft, ground: Ground, pod: PodState) -> None:
    """A Pod's namespace, joined to its Node by a veth: a port of the Node's bridge, or routed by itself."""
    cni, node = ground.cni, ground.node(pod.node or "")
    here, there = pod_space(pod.id), node_space(node.name)
    outside = veth_name(cni, pod.namespace, pod.name)
    draft.spaces.append((here, EVERYWHERE))
    draft.veth(there, outside, here, "eth0", cni.mtu)
    if cni.bridge:
        draft.add("port", there, name=outside, bridge=cni.bridge, hairpin=cni.hairpin)
        draft.add("forwarding", there, device=outside, mac=draft.mac(here, "eth0"))
    for address in pod.ips:
        family = family_of(address)
        if family not in cni.families:
            continue
        if cni.bridge:
            _on_bridge(draft, ground, pod, node, address)
        else:
            _routed(draft, ground, here, there, outside, address)


def _on_bridge(draft: Draft, ground: Ground, pod: PodState, node: NodeState, address: str) -> None:
    """One address of a Pod on a bridge: its link, its gateway, and everybody else there."""
    cni, family = ground.cni, family_of(address)
    here, there = pod_space(pod.id), node_space(node.name)
    ranges = of_family(cni.pools if cni.flat else node.pod_cidrs, family)
    link = holder(ranges, address)
    gateway = bridge_address(cni, node, family)
    length = prefix_length(link) if link else BITS[family]
    draft.add("address", here, device="eth0", address=f"{address}/{length}")
    draft.add("neighbour", there, device=cni.bridge, address=address, mac=draft.mac(here, "eth0"))
    if link:
        draft.add("route", here, destination=link, device="eth0", source=address)
    if gateway:
        mac = draft.mac(there, cni.bridge)
        draft.add("neighbour", here, device="eth0", address=gateway, mac=mac)
        draft.add("route", here, destination=EVERYBODY[family], device="eth0", via=gateway, onlink=True)


def _routed(draft: Draft, ground: Ground, here: str, there: str, outside: str, address: str) -> None:
    """One address of a Pod with a veth of its own: everything goes to the plugin's fixed next hop."""
    family = family_of(address)
    gateway = ground.cni.gateway if family == 4 else LINK_LOCAL_GATEWAY
    draft.add("address", here, device="eth0", address=f"{address}/{BITS[family]}")
    draft.add("neighbour", here, device="eth0", address=gateway, mac=draft.mac(there, outside))
    draft.add("neighbour", there, device=outside, address=address, mac=draft.mac(here, "eth0"))
    if family == 4:
        draft.add("route", here, destination=f"{gateway}/32", device="eth0")
    draft.add("route", here, destination=EVERYBODY[family], device="eth0", via=gateway, onlink=True)


def add_links(draft: Draft, ground: Ground, pods: tuple[PodState, ...]) -> None:
    """Who has which address on the links that Pods share: those of a Node, or of all Nodes where there is one link."""
    cni = ground.cni
    if not cni.bridge:
        return
    nodes = list(ground.control.nodes.values())
    for pod in pods:
        near = [p for p in pods if p is not pod and (cni.flat or p.node == pod.node)]
        for other in near:
            _know(draft, pod_space(pod.id), "eth0", other.ips, draft.mac(pod_space(other.id), "eth0"))
        if cni.flat:
            for node in nodes:
                mac = draft.mac(node_space(node.name), cni.bridge)
                _know(draft, pod_space(pod.id), "eth0", node.bridge_ips, mac)
    if not cni.flat:
        return
    for node in nodes:
        space = node_space(node.name)
        for other_node in nodes:
            if other_node.name != node.name:
                mac = draft.mac(node_space(other_node.name), cni.bridge)
                _know(draft, space, cni.bridge, other_node.bridge_ips, mac)
                _behind_tunnel(draft, ground, node, other_node, mac)
        for pod in pods:
            if pod.node != node.name:
                mac = draft.mac(pod_space(pod.id), "eth0")
                _know(draft, space, cni.bridge, pod.ips, mac)
                _behind_tunnel(draft, ground, node, ground.node(pod.node or ""), mac)


def _know(draft: Draft, space: str, device: str, addresses: tuple[str, ...], mac: str) -> None:
    for address in addresses:
        draft.add("neighbour", space, device=device, address=address, mac=mac)


def _behind_tunnel(draft: Draft, ground: Ground, node: NodeState, other: NodeState, mac: str) -> None:
    wrap, theirs = ground.cni.encapsulation(4), node_address(other, 4)
    if wrap is None or theirs is None:
        return
    draft.add("forwarding", node_space(node.name), device=wrap.device, mac=mac)
    draft.add("forwarding", node_space(node.name), device=wrap.device, mac=mac, remote=theirs)
