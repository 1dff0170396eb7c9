"""The beginning of a connection: the sender builds its first packet and hands it to its machine."""

from __future__ import annotations

from designer.engine.cni import NODE_DEVICE, pod_device, veth_name
from designer.engine.cni.ranges import contains, is_address
from designer.engine.netfilter import Packet
from designer.engine.trace.aim import Aim
from designer.engine.trace.bpf_start import connect, from_host, from_pod
from designer.engine.trace.delivery import into_pod
from designer.engine.trace.doubts import silent
from designer.engine.trace.flight import Beyond, Flight, Origin, Then, evidence, hop
from designer.engine.trace.ground import Ground, family_of
from designer.engine.trace.hooks import enter, leave_host
from designer.engine.trace.hops import Hop, Trace
from designer.engine.trace.origin import address_towards
from designer.engine.trace.transmit import next_stop


def start(
    ground: Ground,
    origin: Origin,
    aim: Aim,
    sport: int,
    then: Then,
    beyond: Beyond,
    hops: tuple[Hop, ...] = (),
    sure: bool = False,
) -> Trace:
    """The trace of one connection of a Pod or a node's process from `origin` to `aim`, after `hops`.

    `sure` says that what the aim leads to is known to listen, whatever its containers declare.
    """
    if not is_address(aim.address):
        return Trace(hops, "cannot-tell", f"{aim.address} is no IP address, so nothing can be sent to it.")
    unheard = silent(ground, origin.node)
    if unheard:
        return Trace(hops, "cannot-tell", unheard)
    source = _source(ground, origin, aim.address)
    family = family_of(aim.address)
    if source is None:
        reason = f"{origin.name} has no IPv{family} address, and {aim.address} is one: there is no way to send to it."
        return Trace(hops, "no-route", reason)
    packet = Packet(family, source, aim.address, aim.protocol, sport, aim.port)
    flight = Flight(packet, packet, origin, then, beyond, hops=hops, sure=sure)
    go = _from_node if origin.kind == "node" else _from_pod
    if ground.cni.datapath is not None:
        return connect(ground, flight, go)
    return go(ground, flight)


def _source(ground: Ground, origin: Origin, destination: str) -> str | None:
    if origin.kind == "node":
        return ground.source_address(origin.node, destination)
    if _is_loopback(destination):
        return destination
    return address_towards(origin, destination)


def _is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def _from_pod(ground: Ground, flight: Flight) -> Trace:
    origin, packet = flight.origin, flight.packet
    pod = origin.pod
    assert pod is not None, "an origin of kind pod has its Pod"
    send = hop(flight, "send", f"{origin.name} · eth0", pod.id, f"{origin.name} sends", _why(ground, flight),
               node=origin.node)  # fmt: skip
    flight = flight.plus(send)
    if packet.dst in pod.ips or _is_loopback(packet.dst):
        return into_pod(ground, flight, pod)
    node = ground.node(origin.node)
    if packet.family not in ground.cni.families:
        return flight.end("no-route", f"{ground.cni.title} gives Pods no IPv{packet.family} address.")
    outside = veth_name(ground.cni, pod.namespace, pod.name)
    ends = pod_device(ground.cni, ground.settings, pod, node, packet.family)
    switched = bool(ground.cni.bridge) and _on_link(ground, origin, packet.dst)
    if switched and not ground.is_local(origin.node, packet.dst):
        stop = next_stop(ground, origin.node, ground.route(origin.node, packet.dst), packet.dst)
        if stop.verdict == "no-route" and stop.kind == "dead":
            said = f"{packet.dst} is on {origin.name}'s own link, where it asks for its owner and nobody answers: "
            return flight.end("no-route", f"{said}nothing is sent. {stop.reason}")
    onto = f"port of {ground.cni.bridge}" if ground.cni.bridge else f"routed by {origin.node}"
    gateway = f" by its gateway {ends.gateway}" if ends.gateway and not switched else ""
    said = f"{packet.dst} is on its own link." if switched else f"{packet.dst} goes out{gateway}."
    flight = flight.plus(
        hop(flight, "interface", f"{origin.name} · eth0 → {outside}", pod.id, "Over the Pod's veth",
            f"{said} The other end is {outside} ({onto}), MTU {ends.mtu}.", node=origin.node,
            toward=f"Node:{origin.node}", decided_by=evidence(outside, f"Node:{origin.node}"))
    )  # fmt: skip
    if ground.cni.datapath is not None:
        return from_pod(ground, flight, origin.node, outside)
    return enter(ground, flight, origin.node, ground.cni.bridge or outside, switched)


def _on_link(ground: Ground, origin: Origin, destination: str) -> bool:
    """Whether the Pod sees the destination on its own link and asks no gateway."""
    node = ground.node(origin.node)
    held = ground.cni.pools if ground.cni.flat else node.pod_cidrs
    return any(contains(cidr, destination) for cidr in held)


def _from_node(ground: Ground, flight: Flight) -> Trace:
    origin, packet = flight.origin, flight.packet
    route = ground.route(origin.node, packet.dst)
    if ground.is_local(origin.node, packet.dst):
        device = "lo"
    else:
        device = route.device if route is not None else NODE_DEVICE
    said = f"The node's process sends from {packet.src}, the address of {device} towards {packet.dst}."
    flight = flight.plus(
        hop(flight, "send", f"{origin.node} · process", origin.id, f"{origin.name} sends", said, node=origin.node)
    )
    if ground.cni.datapath is not None:
        return from_host(ground, flight, origin.node)
    return leave_host(ground, flight, origin.node)


def _why(ground: Ground, flight: Flight) -> str:
    packet = flight.packet
    services = ground.services_at(packet.dst)
    if services:
        who = f"{services[0].namespace}/{services[0].name}"
        if any(entry.ip == packet.dst and entry.ip_mode == "VIP" for entry in services[0].load_balancer):
            return (
                f"{packet.dst} is the load balancer address of Service {who}: it is a VIP on every node, so the node "
                "handles it and the load balancer is not involved."
            )
        return f"{packet.dst} is an address of Service {who}."
    pod = ground.pods_by_ip.get(packet.dst)
    if pod is not None:
        return f"{packet.dst} is the address of Pod {pod.namespace}/{pod.name} itself."
    node = ground.nodes_by_ip.get(packet.dst)
    if node is not None:
        return f"{packet.dst} is an address of Node {node.name}."
    return f"{packet.dst} is no address of this cluster."
