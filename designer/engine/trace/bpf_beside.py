"""Services that Cilium leaves to kube-proxy (kubeProxyReplacement off): its rules, and Cilium's eBPF behind them.

What rules translate goes out by `cilium_host`. CILIUM_POST_nat ("cilium host->cluster masquerade") gives what then
goes into a tunnel that device's address, as KUBE-POSTROUTING does where it masks (cilium/cilium
pkg/datapath/iptables/iptables.go). What came from another machine and has the node's address after that counts as the
world (bpf/bpf_host.c, `resolve_srcid_ipv4`); without a tunnel, other nodes know it for a node. A Pod's packet that was
translated gets that address too ("hairpin traffic that originated from a local pod") and keeps the Pod's identity in
its mark (MARK_MAGIC_IDENTITY).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal, Protocol

from designer.engine.cni import host_address
from designer.engine.cni.ranges import holder, of_family
from designer.engine.netfilter import Outcome
from designer.engine.policy import Peer
from designer.engine.trace import checkpoint
from designer.engine.trace.bpf_node import into_local, snat
from designer.engine.trace.delivery import into_node
from designer.engine.trace.doubts import doubt_at
from designer.engine.trace.flight import Flight, branch, evidence, hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.hooks import rules_hop, sender_here
from designer.engine.trace.hops import Trace
from designer.engine.trace.transmit import Stop
from designer.engine.trace.turned_away import not_accepted
from designer.engine.trace.verdicts import endpoint_label

Start = Literal["PREROUTING", "OUTPUT"]
# What happens to a packet behind the routing decision: it goes on otherwise, or its trace ends.
Post = Callable[[Flight, Stop], Flight | Trace]


class Depart(Protocol):
    """`bpf_path.depart`."""

    def __call__(self, ground: Ground, flight: Flight, node: str, *, forwarded: bool, post: Post) -> Trace:
        """The trace of a packet that leaves the node."""


def through_rules(ground: Ground, flight: Flight, node: str, start: Start, depart: Depart) -> Trace:
    """The trace of a packet for a Service that came into `node`, or that one of its processes sends (`start`)."""
    if ground.mode == "ipvs":
        return flight.end("cannot-tell", _of_ipvs(node))
    packet = flight.packet
    if start == "OUTPUT":
        route = ground.route(node, packet.dst)
        device = "lo" if ground.is_local(node, packet.dst) else (route.device if route else "")
        packet = replace(packet, in_iface="", out_iface=device)
    flight = replace(flight, packet=packet, first=packet)
    doubt = doubt_at(ground, node, packet)
    if doubt:
        return flight.end("cannot-tell", doubt)
    ways = []
    for outcome in ground.walk(node, start, packet):
        label = endpoint_label(ground, outcome.packet.dst, outcome.packet.dport)
        go = partial(_translated, ground, node=node, start=start, outcome=outcome, depart=depart)
        ways.append((outcome.share, label, go))
    return branch(flight, tuple(ways))


def _of_ipvs(node: str) -> str:
    """Why Services that Cilium leaves to kube-proxy in ipvs mode are not followed."""
    return (
        f"kubeProxyReplacement is off: on {node} kube-proxy in ipvs mode translates this, and Cilium's own netfilter "
        "rules and programs come in between. What becomes of the packet then is not computed."
    )


def _translated(ground: Ground, flight: Flight, *, node: str, start: Start, outcome: Outcome, depart: Depart) -> Trace:
    flight = rules_hop(ground, flight, node, start, outcome, "No rule rewrites the destination.")
    if outcome.verdict != "accept":
        return _stopped(ground, flight, node, outcome)
    sender = flight.origin.pod
    if start == "OUTPUT" and sender is not None and ground.state.policies.selecting("egress", sender):
        checked = checkpoint.egress(ground, flight, sender)
        if isinstance(checked, Trace):
            return checked
        flight = checked
    if ground.is_local(node, flight.packet.dst):
        return _input(ground, flight, node)
    forwarded = start == "PREROUTING"
    post = partial(_behind_routing, ground, node=node, forwarded=forwarded)
    pod = ground.pods_by_ip.get(flight.packet.dst)
    if pod is None or pod.node != node:
        return depart(ground, flight, node, forwarded=forwarded, post=post)
    route = ground.route(node, flight.packet.dst)
    if route is not None:
        said = f"{flight.packet.dst} goes by `{route.text}`."
        there = hop(flight, "route", f"{node} · routing", f"Node:{node}", "Routing decision", said, node=node,
                    decided_by=evidence(route.text, f"Node:{node}"))  # fmt: skip
        flight = flight.plus(there)
    passed = post(flight, Stop("pod", pod))
    return passed if isinstance(passed, Trace) else into_local(ground, passed, node, pod)


def _input(ground: Ground, flight: Flight, node: str) -> Trace:
    """For the node itself: INPUT, and what listens there."""
    for outcome in ground.walk(node, "INPUT", flight.packet):
        if outcome.verdict != "accept":
            return _stopped(ground, rules_hop(ground, flight, node, "INPUT", outcome, ""), node, outcome)
    return into_node(ground, flight, node)


def _behind_routing(ground: Ground, flight: Flight, stop: Stop, *, node: str, forwarded: bool) -> Flight | Trace:
    """FORWARD, POSTROUTING and Cilium's own rule there; then who the sender is for eBPF."""
    route = ground.route(node, flight.packet.dst)
    came = flight.packet.src
    flight = flight.at(replace(flight.packet, out_iface=route.device if route else ""))
    for outcome in ground.walk(node, "FORWARD", flight.packet) if forwarded else ():
        if outcome.verdict != "accept":
            return _stopped(ground, rules_hop(ground, flight, node, "FORWARD", outcome, ""), node, outcome)
    for outcome in ground.walk(node, "POSTROUTING", flight.packet):
        flight = rules_hop(ground, flight, node, "POSTROUTING", outcome, "No rule of kube-proxy translates the source.")
        if outcome.verdict != "accept":
            return _stopped(ground, flight, node, outcome)
    flight = flight.at(replace(flight.packet, mark=0, in_iface="", out_iface=""))
    own = ground.node(node)
    # Out by cilium_host, by which eBPF sees the packet before its tunnel, or by the network card.
    wrapped, by_host = stop.encapsulation is not None, stop.kind == "pod" or stop.encapsulation is not None
    source = host_address(ground.cni, own, flight.packet.family)
    sender = sender_here(flight, node)
    if wrapped and source and holder(of_family(own.blocks, flight.packet.family), flight.packet.src) is None:
        flight = snat(ground, flight, node, source, "CILIUM_POST_nat masks what enters the tunnel")
    elif sender is not None and flight.packet.src == came and flight.packet.dst != flight.first.dst:
        if not by_host or source is None:
            return flight.end("cannot-tell", _way_back_open(node, flight))
        flight = snat(ground, flight, node, source, "CILIUM_POST_nat masks what a Pod sent and kube-proxy translated")
    if forwarded and flight.packet.src != came and by_host:
        # The mark that a Pod's packet carries still tells eBPF which Pod sent it.
        known = Peer(address=flight.packet.src, world=True) if sender is None else ground.state.policies.peer_at(came)
        flight = replace(flight, identity=known)
    return flight


def _way_back_open(node: str, flight: Flight) -> str:
    return (
        f"kubeProxyReplacement is off: kube-proxy on {node} translates the destination, and the source stays "
        f"{flight.packet.src}. Whether the answer meets the node's connection tracking on its way back is not known."
    )


def _stopped(ground: Ground, flight: Flight, node: str, outcome: Outcome) -> Trace:
    return not_accepted(ground, flight, node, outcome)
