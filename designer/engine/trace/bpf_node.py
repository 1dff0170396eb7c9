"""What a node with an eBPF data plane does by itself: hand a packet to a Pod of its own, or to its own processes.

Cilium: bpf/bpf_lxc.c, bpf/bpf_host.c, bpf/lib/local_delivery.h. Calico: felix/design/bpf-overview.md ("When BPF defers
to the host stack") and felix/design/bpf-conntrack-flowstate.md ("3rd-party DNAT on host traffic").
"""

from __future__ import annotations

from dataclasses import replace

from designer.engine.cni import NODE_DEVICE, host_address, masks, node_address, veth_name
from designer.engine.controlplane.state import PodState
from designer.engine.netfilter import Packet, entry_for
from designer.engine.trace import checkpoint
from designer.engine.trace.bpf_choice import Spot
from designer.engine.trace.delivery import into_node, into_pod
from designer.engine.trace.flight import Flight, Leg, change_text, evidence, hop, one_less
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Trace
from designer.engine.trace.transmit import next_stop
from designer.engine.trace.verdicts import endpoint_label, rejected


def into_local(
    ground: Ground, flight: Flight, node: str, pod: PodState, *, checked: bool = True, leg: Leg | None = None
) -> Trace:
    """The trace of a packet for a Pod of this node: the ingress check on its device, then the Pod.

    `checked` is False where the engine lets a Pod's call to itself pass; `leg` is what the node remembers, by default
    the packet as it came and as it is.
    """
    stop = next_stop(ground, node, ground.route(node, flight.packet.dst), flight.packet.dst)
    if stop.kind == "dead" and stop.verdict == "cannot-tell":
        return flight.end(stop.verdict, stop.reason)
    own = flight.origin.kind == "node" and flight.origin.node == node and not flight.legs
    if checked:
        passed = (
            checkpoint.own_node(node, flight.packet.src, ground, flight, pod)
            if own
            else checkpoint.ingress(ground, flight, pod)
        )
        if isinstance(passed, Trace):
            return passed
        flight = passed
    leg = leg or Leg(node, entry_for(flight.first, flight.packet), not own)
    flight = replace(flight, legs=(*flight.legs, leg), packet=replace(flight.packet, mark=0), identity=None)
    device = veth_name(ground.cni, pod.namespace, pod.name)
    said = f"eBPF on {node} finds the Pod by its address and hands the packet to its device {device}."
    over = hop(flight, "interface", f"{node} · {device} → {pod.name} · eth0", f"Node:{node}", f"Into {pod.name}", said,
               node=node, toward=pod.id, decided_by=evidence(device, f"Node:{node}"))  # fmt: skip
    if leg.forwarded:
        flight = replace(flight, ttl=flight.ttl - 1)
    flight = flight.plus(one_less(over) if leg.forwarded else over)
    return into_pod(ground, flight, pod)


def snat(ground: Ground, flight: Flight, node: str, source: str, why: str) -> Flight:
    """The flight with another source address, and the hop that says so."""
    after = replace(flight.packet, src=source)
    reason = f"{change_text(flight.packet, after)}: {why}."
    stop = hop(flight, "ebpf", f"{node} · {NODE_DEVICE}", f"Node:{node}", "Source address translated", reason,
               before=flight.packet, after=after, node=node, outcome="translated")  # fmt: skip
    return flight.plus(stop).at(after)


def source_on(ground: Ground, node: str, packet: Packet) -> str | None:
    """The address from which `node` sends on for somebody outside: its device's towards Pods into a tunnel, or its own.

    None where it has none of the family.
    """
    own = ground.node(node)
    route = ground.route(node, packet.dst)
    if route is not None and route.encapsulation is not None:
        return host_address(ground.cni, own, packet.family)
    return node_address(own, packet.family)


def spot_at(ground: Ground, node: str, device: str, *, hashed: bool = False) -> Spot:
    """The lookup of a packet on a device of a node."""
    return Spot(f"{node} · {device}", f"Node:{node}", node, hashed=hashed)


def masked(ground: Ground, flight: Flight, node: str) -> Flight:
    """The flight with the node's address, where a Pod's packet leaves the cluster's Pods by the network card."""
    pod, packet = flight.origin.pod, flight.packet
    if flight.origin.kind != "pod" or pod is None or packet.src not in pod.ips:
        return flight
    own = ground.node(node)
    other = ground.nodes_by_ip.get(packet.dst)
    why = masks(ground.cni, ground.settings, own, packet.src, packet.dst, other is not None)
    source = node_address(own, packet.family)
    return snat(ground, flight, node, source, why) if why and source else flight


def left_to_kube_proxy(ground: Ground, node: str, packet: Packet) -> bool:
    """Whether a packet that comes into the node is one that kube-proxy's rules take."""
    if not ground.mode:
        return False
    called = any(p.port == packet.dport and p.protocol == packet.protocol
                 for s in ground.services_at(packet.dst) for p in s.ports)  # fmt: skip
    at_node = ground.is_local(node, packet.dst) and ground.node_port(packet.protocol, packet.dport) is not None
    return called or at_node


def into_host(ground: Ground, flight: Flight, node: str) -> Trace:
    """For the node itself, unless netfilter's portmap rules lead on to a Pod."""
    if ground.cni.plugin == "calico":
        for outcome in ground.walk(node, "PREROUTING", flight.packet):
            if outcome.verdict != "accept":
                return flight.end("dropped", rejected(ground, outcome))
            pod = ground.pods_by_ip.get(outcome.packet.dst)
            if outcome.dnat and pod is not None and pod.node == node:
                return _to_host_port(ground, flight, node, pod, outcome.packet)
    return into_node(ground, flight, node)


def _to_host_port(ground: Ground, flight: Flight, node: str, pod: PodState, after: Packet) -> Trace:
    changed = change_text(flight.packet, after)
    label = endpoint_label(ground, after.dst, after.dport)
    said = f"eBPF leaves the node's own ports to netfilter, where portmap's rule for the hostPort holds: {changed}."
    stop = hop(flight, "rules", f"{node} · prerouting", f"Node:{node}", f"hostPort of {label}", said,
               before=flight.packet, after=after, node=node, outcome="translated",
               decided_by=evidence("CNI-HOSTPORT-DNAT", f"Node:{node}"))  # fmt: skip
    return into_local(ground, flight.plus(stop).at(replace(after, mark=0)), node, pod)
