"""The beginning of a connection over an eBPF data plane: at connect(), on the Pod's device, or in the node itself.

Cilium: bpf/bpf_sock.c and bpf/bpf_lxc.c (a Pod that reaches itself by a packet's translation gets the loopback address
for a source and no policy is asked; a socket so connected never leaves the Pod). Calico: felix/bpf-gpl/connect.h,
felix/design/bpf-services.md ("Pod-service-self"), felix/design/bpf-host-networking.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from designer.engine.cni import node_address
from designer.engine.controlplane.state import PodState
from designer.engine.kubeproxy.service_ports import Endpoint
from designer.engine.netfilter import Packet
from designer.engine.trace import checkpoint
from designer.engine.trace.bpf_beside import through_rules
from designer.engine.trace.bpf_choice import Spot, lookup_hop, spread
from designer.engine.trace.bpf_node import into_local, left_to_kube_proxy, snat, spot_at
from designer.engine.trace.bpf_path import depart, out_of_range
from designer.engine.trace.bpf_services import Hit, hit_inside
from designer.engine.trace.delivery import into_node
from designer.engine.trace.flight import Flight
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Trace

Onward = Callable[[Ground, Flight], Trace]


def connect(ground: Ground, flight: Flight, onward: Onward) -> Trace:
    """The trace from the program's connect() on, `onward` being what follows with the packet that then is built."""
    datapath, origin, packet = ground.cni.datapath, flight.origin, flight.packet
    assert datapath is not None, "asked for eBPF data planes only"
    host = origin.kind == "node"
    if packet.protocol not in (datapath.host_socket if host else datapath.socket):
        return onward(ground, flight)
    hit = hit_inside(ground, origin.node, packet, socket=True, host=host)
    if hit.doubt:
        return flight.end("cannot-tell", hit.doubt)
    if hit.frontend is None or (hit.frontend.ranges_inside and hit.frontend.source_ranges):
        # Calico's hook has no source address to hold against the ranges; the packet itself is looked up later.
        return onward(ground, flight)
    spot = Spot(f"{origin.name} · connect()", origin.id, origin.node, socket=True)
    called = (packet.dst, packet.dport)
    go = partial(_connected, ground, called=called, onward=onward)
    return spread(ground, flight, hit.frontend, hit.frontend.inside, spot, go)


def _connected(ground: Ground, flight: Flight, one: Endpoint, *, called: tuple[str, int], onward: Onward) -> Trace:
    """The socket has its endpoint: a node's process sends from the address towards that one."""
    packet = flight.packet
    if flight.origin.kind == "node":
        packet = replace(packet, src=ground.source_address(flight.origin.node, one.ip) or packet.src)
    return onward(ground, replace(flight, packet=packet, first=packet, called=called))


def from_pod(ground: Ground, flight: Flight, node: str, device: str) -> Trace:
    """The trace of a packet that comes out of a Pod by `device`."""
    packet = replace(flight.packet, in_iface=device)
    flight = replace(flight, packet=packet, first=packet)
    hit = Hit() if flight.called is not None else _by_packet(ground, flight, node, host=False)
    if hit.doubt:
        return flight.end("cannot-tell", hit.doubt)
    if hit.frontend is None:
        return _out_of_pod(ground, flight, node=node)
    spot = spot_at(ground, node, device)
    refused = out_of_range(ground, flight, hit.frontend) if hit.frontend.ranges_inside else ""
    if refused:
        stop = lookup_hop(ground, flight, hit.frontend, spot, packet, refused, "dropped")
        return flight.plus(stop).end("dropped", refused)
    go = partial(_translated_out, ground, node=node)
    return spread(ground, flight, hit.frontend, hit.frontend.inside, spot, go)


def _translated_out(ground: Ground, flight: Flight, one: Endpoint, *, node: str) -> Trace:
    return _out_of_pod(ground, flight, node=node)


def _by_packet(ground: Ground, flight: Flight, node: str, *, host: bool) -> Hit:
    """What the packet itself hits, and why that is not known."""
    datapath, packet = ground.cni.datapath, flight.packet
    assert datapath is not None, "asked for eBPF data planes only"
    hit = hit_inside(ground, node, packet, socket=False, host=host)
    if hit.frontend is not None and packet.protocol not in datapath.protocols:
        why = "enableSCTP is off" if ground.cni.plugin == "cilium" else "its eBPF data plane knows TCP and UDP Services"
        return Hit(doubt=f"What {ground.cni.title} makes of {packet.protocol} to a Service is not known: {why}.")
    return hit


def _of_service(ground: Ground, node: str, packet: Packet) -> bool:
    """Whether a Service has the packet's destination, in whatever way."""
    at_node = ground.is_local(node, packet.dst) or packet.dst in ground.nodes_by_ip
    by_port = at_node and ground.node_port(packet.protocol, packet.dport) is not None
    return by_port or any(
        p.port == packet.dport and p.protocol == packet.protocol
        for s in ground.services_at(packet.dst)
        for p in s.ports
    )


def _out_of_pod(ground: Ground, flight: Flight, *, node: str) -> Trace:
    """Behind the lookup: the sender's egress check, then where the destination is."""
    sender = flight.origin.pod
    assert sender is not None, "a packet that comes out of a Pod has one as its sender"
    receiver = ground.pods_by_ip.get(flight.packet.dst)
    datapath = ground.cni.datapath
    if receiver is not None and receiver.key == sender.key and datapath is not None and datapath.loopback:
        return _itself(ground, flight, node, receiver, datapath.loopback)
    passed = checkpoint.egress(ground, flight, sender)
    if isinstance(passed, Trace):
        return passed
    flight = passed
    if receiver is not None and receiver.key == sender.key:
        return _itself_masked(ground, flight, node, receiver)
    if receiver is not None and receiver.node == node:
        return into_local(ground, flight, node, receiver)
    if left_to_kube_proxy(ground, node, flight.packet):
        return through_rules(ground, flight, node, "PREROUTING", depart)
    if ground.is_local(node, flight.packet.dst):
        return into_node(ground, flight, node)
    return depart(ground, flight, node, forwarded=True)


def _itself(ground: Ground, flight: Flight, node: str, pod: PodState, loopback: str) -> Trace:
    """Cilium: the Pod would not take a packet from its own address, so it gets another; no policy is asked."""
    if flight.packet.family == 6:
        return flight.end(
            "cannot-tell", "Which address Cilium gives an IPv6 packet of a Pod to itself differs between its versions."
        )
    why = "the Pod calls itself through its Service and would not take its own address for a source; no policy is asked"
    return into_local(ground, snat(ground, flight, node, loopback, why), node, pod, checked=False)


def _itself_masked(ground: Ground, flight: Flight, node: str, pod: PodState) -> Trace:
    """Calico: policed by the Pod's own address, then netfilter masks it with the node's."""
    passed = checkpoint.ingress(ground, flight, pod)
    if isinstance(passed, Trace):
        return passed
    source = node_address(ground.node(node), flight.packet.family)
    if source is None:
        return passed.end("cannot-tell", f"{node} has no address of this family to mask the Pod's own with.")
    masked = snat(ground, passed, node, source, "the Pod calls itself through its Service, which netfilter has to mask")
    return into_local(ground, masked, node, pod, checked=False)


def from_host(ground: Ground, flight: Flight, node: str) -> Trace:
    """The trace of a packet that a process of `node`, or a hostNetwork Pod there, sends."""
    flight = replace(flight, first=flight.packet)
    if ground.mode and _of_service(ground, node, flight.packet):
        return through_rules(ground, flight, node, "OUTPUT", depart)
    hit = Hit() if flight.called is not None else _by_packet(ground, flight, node, host=True)
    if hit.doubt:
        return flight.end("cannot-tell", hit.doubt)
    if hit.frontend is None:
        return _out_of_host(ground, flight, node=node)
    if ground.cni.plugin == "cilium":
        return flight.end(
            "cannot-tell",
            f"{ground.proxy} translates what a node's processes send at connect(), and not {flight.packet.protocol}.",
        )
    refused = out_of_range(ground, flight, hit.frontend) if hit.frontend.ranges_inside else ""
    spot = spot_at(ground, node, "bpfout.cali")
    if refused:
        stop = lookup_hop(ground, flight, hit.frontend, spot, flight.packet, refused, "dropped")
        return flight.plus(stop).end("dropped", refused)
    return spread(ground, flight, hit.frontend, hit.frontend.inside, spot, partial(_host_translated, ground, node=node))


def _host_translated(ground: Ground, flight: Flight, one: Endpoint, *, node: str) -> Trace:
    """Calico's bpfnat devices: into a tunnel netfilter gives the packet the tunnel's address for a source."""
    route = ground.route(node, one.ip)
    source = ground.source_address(node, one.ip)
    if route is not None and route.encapsulation is not None and source and source != flight.packet.src:
        flight = snat(ground, flight, node, source, "what enters the tunnel has to come from its own address")
    return _out_of_host(ground, flight, node=node)


def _out_of_host(ground: Ground, flight: Flight, *, node: str) -> Trace:
    sender = flight.origin.pod
    if sender is not None and ground.state.policies.selecting("egress", sender):
        passed = checkpoint.egress(ground, flight, sender)
        if isinstance(passed, Trace):
            return passed
        flight = passed
    receiver = ground.pods_by_ip.get(flight.packet.dst)
    if receiver is not None and receiver.node == node:
        return into_local(ground, flight, node, receiver)
    if ground.is_local(node, flight.packet.dst) or flight.packet.dst in ("127.0.0.1", "::1"):
        return into_node(ground, flight, node)
    return depart(ground, flight, node, forwarded=False)
