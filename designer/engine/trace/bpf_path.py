"""The way of a packet through nodes with an eBPF data plane: onward, in from outside, and to a Service's endpoints.

Cilium: `nodeport_lb4` and `tail_nodeport_nat_egress_ipv4` of bpf/lib/nodeport.h (what comes from outside for a Service
goes to another node's endpoint from the address of `cilium_host` in a tunnel, under the identity of the world, else
from the node's own); kubeproxy-free.rst, "Direct Server Return (DSR)" and "LoadBalancer Source Ranges Checks". Calico:
felix/design/bpf-services.md, "External traffic (NodePort, DSR)" (VXLAN with VNI 0xca11c0 whatever the overlay is; the
node at its end chooses among its own endpoints) and felix/bpf-gpl/nat_lookup.h (callers that are Pods or Nodes count as
inside). Paths: `domain/cni.md` section 6.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

from designer.engine.cni import NODE_DEVICE, Datapath, Encapsulation
from designer.engine.cni.ranges import contains
from designer.engine.kubeproxy.replacement import Choice, Frontend
from designer.engine.kubeproxy.service_ports import Endpoint
from designer.engine.netfilter import Packet, entry_for
from designer.engine.policy import Peer
from designer.engine.trace.bpf_beside import Post, through_rules
from designer.engine.trace.bpf_choice import lookup_hop, spread
from designer.engine.trace.bpf_node import (
    into_host,
    into_local,
    left_to_kube_proxy,
    masked,
    snat,
    source_on,
    spot_at,
)
from designer.engine.trace.bpf_services import hit_outside
from designer.engine.trace.delivery import into_node
from designer.engine.trace.doubts import silent
from designer.engine.trace.flight import Flight, Leg, branch, endpoint, evidence, hop, one_less
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Trace
from designer.engine.trace.transmit import Stop, crossing, next_stop
from designer.engine.trace.verdicts import endpoint_label

# More nodes than this on one way cannot be.
MAX_LEGS = 8

# Calico's own VXLAN header for requests from outside; the program writes it, no device does.
NODE_PORT_VNI = 0xCA11C0
HANDED_ON = {
    4: Encapsulation("VXLAN", NODE_DEVICE, "UDP", 4789, NODE_PORT_VNI, 50),
    6: Encapsulation("VXLAN", NODE_DEVICE, "UDP", 4789, NODE_PORT_VNI, 70),
}


def arrive(ground: Ground, flight: Flight, node: str, device: str, first: Packet | None = None) -> Trace:
    """The trace of a packet that comes into `node` by `device`, from another node or from outside.

    `first` is it with the destination that its caller knows, where another node has translated that already.
    """
    packet = replace(flight.packet, in_iface=device, out_iface="", mark=0)
    flight = replace(flight, packet=packet, first=first or packet)
    if len(flight.legs) >= MAX_LEGS:
        return flight.end("cannot-tell", "The packet goes from node to node without an end.")
    unheard = silent(ground, node)
    if unheard:
        return flight.end("cannot-tell", unheard)
    pod = ground.pods_by_ip.get(packet.dst)
    if pod is not None and pod.node == node:
        return into_local(ground, flight, node, pod)
    if left_to_kube_proxy(ground, node, packet):
        return through_rules(ground, flight, node, "PREROUTING", depart)
    hit = hit_outside(ground, node, packet)
    if hit.doubt:
        return flight.end("cannot-tell", hit.doubt)
    if hit.frontend is not None:
        return serve(ground, flight, node, hit.frontend)
    if ground.is_local(node, packet.dst):
        return into_host(ground, flight, node)
    return depart(ground, flight, node, forwarded=True)


def depart(
    ground: Ground,
    flight: Flight,
    node: str,
    *,
    forwarded: bool,
    first: Packet | None = None,
    post: Post | None = None,
) -> Trace:
    """The trace of a packet that leaves `node`: by its tunnel, as it is, or out of the cluster.

    `first` is handed on to the next node, see `arrive`. `post` is what rules do behind the routing decision.
    """
    packet = flight.packet
    route = ground.route(node, packet.dst)
    stop = next_stop(ground, node, route, packet.dst)
    if route is not None:
        there = hop(flight, "route", f"{node} · routing", f"Node:{node}", "Routing decision",
                    f"{packet.dst} goes by `{route.text}`.", node=node,
                    decided_by=evidence(route.text, f"Node:{node}"))  # fmt: skip
        flight = flight.plus(one_less(there) if forwarded else there)
    if forwarded:
        flight = replace(flight, ttl=flight.ttl - 1)
    if stop.kind == "dead":
        return flight.end(stop.verdict, stop.reason)
    if post is not None:
        passed = post(flight, stop)
        if isinstance(passed, Trace):
            return passed
        flight = passed
    elif stop.encapsulation is None:
        flight = masked(ground, flight, node)
    leg = Leg(node, entry_for(flight.first, flight.packet), forwarded)
    flight = replace(flight, legs=(*flight.legs, leg), packet=replace(flight.packet, mark=0))
    if stop.kind == "outside":
        return flight.beyond(ground, flight, node)
    flight = flight.plus(*crossing(ground, flight.packet, flight.ttl, node, stop, "request"))
    return arrive(ground, flight, stop.node, stop.device, first)


def send_to(ground: Ground, flight: Flight, node: str, stop: Stop, leg: Leg) -> Flight:
    """The flight over the wire to the node of `stop`, with what `node` remembers of it."""
    flight = replace(flight, legs=(*flight.legs, leg), ttl=flight.ttl - 1)
    return flight.plus(*crossing(ground, flight.packet, flight.ttl, node, stop, "request"))


def serve(ground: Ground, flight: Flight, node: str, found: Frontend) -> Trace:
    """The trace of a packet that came into `node` and hit a frontend."""
    datapath = ground.cni.datapath
    assert datapath is not None, "only eBPF data planes have frontends"
    packet = flight.packet
    tunnelled = datapath.forward(packet.protocol) in ("tunnel", "tunnel-dsr")
    near = packet.src in ground.pods_by_ip or packet.src in ground.nodes_by_ip
    choice = found.inside if tunnelled and near else found.outside
    spot = spot_at(ground, node, NODE_DEVICE, hashed=datapath.hashed)
    if choice is None:
        reason = f"{endpoint(packet.dst, packet.dport)} is a ClusterIP: {ground.proxy} serves it inside only."
        stop = lookup_hop(ground, flight, found, spot, packet, reason, "dropped")
        return flight.plus(stop).end("dropped", reason)
    refused = out_of_range(ground, flight, found)
    if refused:
        return flight.plus(lookup_hop(ground, flight, found, spot, packet, refused, "dropped")).end("dropped", refused)
    if tunnelled and not choice.doubt and any(_node_of(ground, one) != node for one in choice.backends):
        return _by_nodes(ground, flight, node, found, choice)
    return spread(ground, flight, found, choice, spot, partial(_to_backend, ground, node=node, datapath=datapath))


def out_of_range(ground: Ground, flight: Flight, found: Frontend) -> str:
    """Why the caller is dropped by loadBalancerSourceRanges, "" where it is not."""
    source = flight.packet.src
    if not found.source_ranges or any(contains(cidr, source) for cidr in found.source_ranges):
        return ""
    return f"{source} is not in loadBalancerSourceRanges of {found.name}: {ground.proxy} drops the packet, time-out."


def _node_of(ground: Ground, one: Endpoint) -> str:
    """The node that has an endpoint, "" for an address outside the cluster."""
    pod = ground.pods_by_ip.get(one.ip)
    if pod is not None:
        return pod.node or ""
    node = ground.nodes_by_ip.get(one.ip)
    return node.name if node is not None else ""


def _to_backend(ground: Ground, flight: Flight, one: Endpoint, *, node: str, datapath: Datapath) -> Trace:
    """To the chosen endpoint, which the packet has as its destination now."""
    there = _node_of(ground, one)
    pod = ground.pods_by_ip.get(one.ip)
    if there == node:
        return into_local(ground, flight, node, pod) if pod is not None else into_node(ground, flight, node)
    if datapath.doubt:
        return flight.end("cannot-tell", datapath.doubt)
    if datapath.forward(flight.packet.protocol) == "dsr":
        return _direct_return(ground, flight, node, there)
    source = source_on(ground, node, flight.packet)
    if source is None:
        return flight.end("cannot-tell", f"{node} has no address of its own that it could send on from.")
    route = ground.route(node, flight.packet.dst)
    wrapped = route is not None and route.encapsulation is not None
    outsider = flight.packet.src not in ground.pods_by_ip and flight.packet.src not in ground.nodes_by_ip
    why = f"the endpoint is on {there or 'no Node'}, and its answer has to come back by {node}"
    flight = snat(ground, flight, node, source, why)
    # In the tunnel's header stands the identity of the world; without a tunnel the node's address tells who sent it.
    identity = Peer(address=source, world=True) if wrapped and outsider else None
    return depart(ground, replace(flight, identity=identity), node, forwarded=True)


def _direct_return(ground: Ground, flight: Flight, node: str, there: str) -> Trace:
    """DSR: the client's address stays, and the endpoint's node answers as the Service."""
    if not there:
        return flight.end(
            "cannot-tell", f"{flight.packet.dst} is no Pod or Node, so nothing there could answer as the Service (DSR)."
        )
    called = flight.first
    route = ground.route(node, flight.packet.dst)
    stop = next_stop(ground, node, route, flight.packet.dst)
    if stop.kind != "node":
        return flight.end(stop.verdict, stop.reason)
    leg = Leg(node, entry_for(flight.packet, flight.packet), True)
    flight = send_to(ground, flight, node, stop, leg)
    how = "in the Geneve header" if stop.encapsulation is not None else "as an option of the IP header"
    first, *rest = (*flight.hops[-3:],) if stop.encapsulation is not None else (*flight.hops[-1:],)
    said = f"{first.reason} DSR: the Service's address {endpoint(called.dst, called.dport)} goes along {how}."
    flight = replace(flight, hops=(*flight.hops[: -1 - len(rest)], replace(first, reason=said), *rest))
    return arrive(ground, flight, stop.node, stop.device, called)


def _by_nodes(ground: Ground, flight: Flight, node: str, found: Frontend, choice: Choice) -> Trace:
    """Calico: each endpoint of this node by itself, each other node with the share of its endpoints."""
    share = Fraction(1, len(choice.backends))
    ways = []
    grouped: dict[str, list[Endpoint]] = {}
    for one in choice.backends:
        grouped.setdefault(_node_of(ground, one), []).append(one)
    if "" in grouped:
        return flight.end(
            "cannot-tell",
            f"An endpoint of {found.name} is no Pod or Node; how it is reached from outside is not known.",
        )
    for there, ends in grouped.items():
        part = Choice(tuple(ends), note=choice.note)
        if there == node:
            go = partial(_spread_here, ground, node=node, found=found, choice=part)
        else:
            told = f"{len(ends)} of {len(choice.backends)} endpoints of {found.name} are on {there}"
            go = partial(_hand_on, ground, node=node, there=there, found=found, choice=part, told=told)
        label = f"on {there}" if len(ends) > 1 else endpoint_label(ground, ends[0].ip, ends[0].port)
        ways.append((share * len(ends), label, go))
    return branch(flight, tuple(ways))


def _spread_here(ground: Ground, flight: Flight, *, node: str, found: Frontend, choice: Choice) -> Trace:
    datapath = ground.cni.datapath
    assert datapath is not None, "only eBPF data planes have frontends"
    spot = spot_at(ground, node, NODE_DEVICE)
    return spread(ground, flight, found, choice, spot, partial(_to_backend, ground, node=node, datapath=datapath))


def _hand_on(
    ground: Ground, flight: Flight, *, node: str, there: str, found: Frontend, choice: Choice, told: str
) -> Trace:
    """Into Calico's tunnel as it came, to the node that has the endpoint; the choice is made there."""
    wrap = HANDED_ON[flight.packet.family]
    reason = (
        f"{told}: the packet goes there as it is, the client's address and the Service's in it, wrapped in VXLAN. "
        f"{there} translates it."
    )
    flight = flight.plus(
        lookup_hop(ground, flight, found, spot_at(ground, node, NODE_DEVICE), flight.packet, reason, "handed on")
    )
    stop = Stop("node", node=there, device=NODE_DEVICE, encapsulation=wrap)
    flight = send_to(ground, flight, node, stop, Leg(node, entry_for(flight.packet, flight.packet), True))
    packet = replace(flight.packet, in_iface=NODE_DEVICE, mark=0)
    flight = replace(flight, packet=packet, first=packet)
    datapath = ground.cni.datapath
    back = wrap if datapath is not None and datapath.forward(packet.protocol) == "tunnel" else None
    spot = spot_at(ground, there, NODE_DEVICE)
    return spread(ground, flight, found, choice, spot, partial(_unwrapped, ground, node=there, back=back))


def _unwrapped(ground: Ground, flight: Flight, one: Endpoint, *, node: str, back: Encapsulation | None) -> Trace:
    """At the end of Calico's tunnel; the answer takes it back, but for DSR."""
    pod = ground.pods_by_ip.get(one.ip)
    if pod is None:
        return into_node(ground, flight, node, back=back)
    leg = Leg(node, entry_for(flight.first, flight.packet), True, back=back)
    return into_local(ground, flight, node, pod, leg=leg)
