"""A node's netfilter and routing: the stages of a packet from where it enters a node to where it leaves it.

The rules that decide are those of the node's program, walked hook by hook; which hooks a packet meets is
`domain/kube-proxy.md` section 2. Policies of engines in the FORWARD hook come before kube-proxy's rules there, as
Calico inserts its jump at the top.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

from designer.engine.cni import Route
from designer.engine.controlplane.state import PodState
from designer.engine.netfilter import Hook, Outcome, Packet, entry_for
from designer.engine.netfilter.packet import is_loopback
from designer.engine.trace import checkpoint
from designer.engine.trace.delivery import into_node, into_pod
from designer.engine.trace.doubts import doubt_at
from designer.engine.trace.flight import Flight, Leg, branch, change_text, evidence, hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Trace
from designer.engine.trace.transmit import Stop, crossing, next_stop
from designer.engine.trace.turned_away import not_accepted
from designer.engine.trace.verdicts import decided_by, endpoint_label, fallback_note, inside_note, rejected, sticky_note
from designer.engine.trace.virtual import serve

# Linux: a martian source (ip_route_input_slow), for IPv6 ipv6_rcv.
FROM_LOOPBACK = "The packet still comes from {}, and nobody takes a loopback address that came over a wire: time-out."

# More nodes than this on one way cannot be: a connection is translated twice at most.
MAX_LEGS = 8


def enter(ground: Ground, flight: Flight, node: str, device: str, switched: bool = False) -> Trace:
    """The trace of a packet that comes into `node` by `device`: from a Pod, from another node, from outside."""
    packet = Packet(
        flight.packet.family,
        flight.packet.src,
        flight.packet.dst,
        flight.packet.protocol,
        flight.packet.sport,
        flight.packet.dport,
        in_iface=device,
    )
    flight = replace(flight, packet=packet, first=packet)
    if len(flight.legs) >= MAX_LEGS:
        return flight.end("cannot-tell", "The packet goes from node to node without an end.")
    if switched and not ground.cni.bridge_netfilter:
        return _switched(ground, flight, node)
    doubt = doubt_at(ground, node, packet)
    if doubt:
        return flight.end("cannot-tell", doubt)
    outcomes = ground.walk(node, "PREROUTING", packet)
    return branch(flight, _ways(ground, outcomes, partial(_entered, ground, node=node, switched=switched)))


def leave_host(ground: Ground, flight: Flight, node: str) -> Trace:
    """The trace of a packet that a process of `node`, or a hostNetwork Pod there, sends."""
    route = ground.route(node, flight.packet.dst)
    local = ground.is_local(node, flight.packet.dst)
    device = "lo" if local else (route.device if route else "")
    packet = replace(flight.packet, in_iface="", out_iface=device)
    flight = replace(flight, packet=packet, first=packet)
    doubt = doubt_at(ground, node, packet)
    if doubt:
        return flight.end("cannot-tell", doubt)
    outcomes = ground.walk(node, "OUTPUT", packet)
    return branch(flight, _ways(ground, outcomes, partial(_sent, ground, node=node)))


def _ways(ground: Ground, outcomes: tuple[Outcome, ...], go: partial[Trace]) -> tuple:  # type: ignore[type-arg]
    """The continuations of a walk, one an outcome, named after what each chose."""
    label = partial(endpoint_label, ground)
    return tuple(
        (o.share, label(o.packet.dst, o.packet.dport), partial(_rules_then, outcome=o, go=go)) for o in outcomes
    )


def _rules_then(flight: Flight, outcome: Outcome, go: partial[Trace]) -> Trace:
    return go(flight, outcome=outcome)


def rules_hop(ground: Ground, flight: Flight, node: str, name: Hook, outcome: Outcome, quiet: str) -> Flight:
    """The flight with the hop of one walked hook; `quiet` is the reason where no rule changed the packet."""
    before, after = flight.packet, outcome.packet
    changed = change_text(before, after)
    if outcome.verdict != "accept":
        reason, word = rejected(ground, outcome, node), "rejected" if outcome.verdict == "reject" else "dropped"
    elif changed:
        share = "" if outcome.share == Fraction(1) else f" Chosen for {_percent(outcome.share)} of the connections."
        how = "MASQUERADE writes the address of the interface it leaves by: " if outcome.masquerade else ""
        sticky = sticky_note(ground, node, before) if outcome.noted else ""
        sticky += inside_note(outcome)
        reason = f"{how}{changed}.{share}{sticky}{fallback_note(ground, node, before, after)}"
        word = "translated"
    elif after.mark != before.mark and after.mark:
        reason, word = f"The packet is marked {after.mark:#x}: its source will be translated on the way out.", "marked"
    else:
        reason, word = quiet, ""
    stop = hop(
        flight,
        "rules",
        f"{node} · {name.lower()}",
        f"Node:{node}",
        f"{name} of {node}",
        reason,
        before=before,
        after=after,
        node=node,
        outcome=word,
        decided_by=decided_by(ground, outcome, node, before),
        rules=outcome.hits,
    )
    return flight.plus(stop).at(after)


def _percent(share: Fraction) -> str:
    return f"{share.numerator} of {share.denominator}"


def _entered(ground: Ground, flight: Flight, *, node: str, switched: bool, outcome: Outcome) -> Trace:
    flight = rules_hop(ground, flight, node, "PREROUTING", outcome, "No rule rewrites the destination.")
    if outcome.verdict != "accept":
        return not_accepted(ground, flight, node, outcome)
    if ground.is_local(node, flight.packet.dst):
        return _input(ground, flight, node)
    return _forward(ground, flight, node, switched or _translated_on_bridge(ground, flight, node))


def _translated_on_bridge(ground: Ground, flight: Flight, node: str) -> bool:
    """Whether br_netfilter translated a frame to another port of its own bridge, which then switches it.

    The kernel routes such a frame only where br_netfilter is off (`br_nf_pre_routing_finish`).
    """
    bridge = ground.cni.bridge
    if not bridge or not ground.cni.bridge_netfilter or flight.first.in_iface != bridge:
        return False
    route = ground.route(node, flight.packet.dst) if flight.packet.dst != flight.first.dst else None
    return route is not None and route.device == bridge


def _sent(ground: Ground, flight: Flight, *, node: str, outcome: Outcome) -> Trace:
    flight = rules_hop(ground, flight, node, "OUTPUT", outcome, "No rule rewrites the destination.")
    if outcome.verdict != "accept":
        return not_accepted(ground, flight, node, outcome)
    sender = flight.origin.pod
    if sender is not None and ground.state.policies.selecting("egress", sender):
        passed = checkpoint.egress(ground, flight, sender)
        if isinstance(passed, Trace):
            return passed
        flight = passed
    server = ground.virtual_server(node, flight.packet)
    if server is not None:
        return serve(ground, flight, node, server, partial(_served, ground, node=node, forwarded=False))
    if ground.is_local(node, flight.packet.dst):
        looped = _looped(ground, flight, node)
        # Over the loopback device the packet is still the connection's first (nf_conntrack_in, "Previously seen").
        return looped if isinstance(looped, Trace) else _input_rules(ground, looped, node)
    route = ground.route(node, flight.packet.dst)
    flight = _route_hop(ground, flight, node, route)
    stop = next_stop(ground, node, route, flight.packet.dst)
    if stop.kind == "dead":
        return flight.end(stop.verdict, stop.reason)
    if stop.pod is not None:
        passed = checkpoint.own_node(node, flight.packet.src, ground, flight, stop.pod)
        if isinstance(passed, Trace):
            return passed
        flight = passed
    return _post(ground, flight, node, stop, forwarded=False)


def _input(ground: Ground, flight: Flight, node: str) -> Trace:
    """For the node itself: the policy of a Pod that calls it, then INPUT."""
    flight = flight.plus(
        hop(flight, "route", f"{node} · routing", f"Node:{node}", "Routing decision",
            f"{flight.packet.dst} is an address of {node} itself.", node=node,
            decided_by=evidence("local route", f"Node:{node}"))
    )  # fmt: skip
    sender = sender_here(flight, node)
    if sender is not None and ground.virtual_server(node, flight.packet) is None:
        passed = checkpoint.egress(ground, flight, sender)
        if isinstance(passed, Trace):
            return passed
        flight = passed
    return _input_rules(ground, flight, node)


def _input_rules(ground: Ground, flight: Flight, node: str) -> Trace:
    """The INPUT hook, then IPVS where it has a virtual server for the packet, or what listens on the node."""
    for outcome in ground.walk(node, "INPUT", flight.packet):
        if outcome.verdict != "accept" or any(hit.target not in ("", "KUBE-FIREWALL") for hit in outcome.hits):
            flight = rules_hop(ground, flight, node, "INPUT", outcome, "No rule stops it.")
        if outcome.verdict != "accept":
            return not_accepted(ground, flight, node, outcome)
    server = ground.virtual_server(node, flight.packet)
    if server is not None:
        return serve(ground, flight, node, server, partial(_served, ground, node=node, forwarded=True))
    return into_node(ground, flight, node)


def _served(ground: Ground, flight: Flight, *, node: str, forwarded: bool) -> Trace:
    """Behind IPVS: to the real server that was chosen, past FORWARD."""
    if ground.is_local(node, flight.packet.dst):
        return into_node(ground, flight, node) if forwarded else _over_loopback(ground, flight, node)
    route = ground.route(node, flight.packet.dst)
    flight = _route_hop(ground, flight, node, route)
    if forwarded:
        flight = _one_less(flight)
    stop = next_stop(ground, node, route, flight.packet.dst)
    if stop.kind == "dead":
        return flight.end(stop.verdict, stop.reason)
    flight = flight.at(replace(flight.packet, out_iface=route.device if route else ""))
    doubt = checkpoint.behind_ipvs(ground, flight, node, sender_here(flight, node), stop.pod)
    if doubt:
        return flight.end("cannot-tell", doubt)
    if not forwarded and stop.pod is not None:
        passed = checkpoint.own_node(node, flight.packet.src, ground, flight, stop.pod)
    else:
        passed = _policies(ground, flight, node, stop.pod)
    return passed if isinstance(passed, Trace) else _post(ground, passed, node, stop, forwarded=forwarded)


def _over_loopback(ground: Ground, flight: Flight, node: str) -> Trace:
    """The node's own packet to itself through POSTROUTING; its source was the virtual server's own address."""
    looped = _looped(ground, flight, node, always=True)
    return looped if isinstance(looped, Trace) else into_node(ground, looped, node)


def _looped(ground: Ground, flight: Flight, node: str, always: bool = False) -> Flight | Trace:
    """The node's own packet to itself behind POSTROUTING, which it meets on the loopback device too.

    Unless `always`, the hook is shown where it translates only.
    """
    for outcome in ground.walk(node, "POSTROUTING", replace(flight.packet, out_iface="lo")):
        if always or outcome.verdict != "accept" or outcome.snat:
            flight = rules_hop(ground, flight, node, "POSTROUTING", outcome, "No rule translates the source.")
        if outcome.verdict != "accept":
            return flight.end("dropped", rejected(ground, outcome))
    return flight.at(replace(flight.packet, mark=0, in_iface="lo", out_iface=""))


def _forward(ground: Ground, flight: Flight, node: str, switched: bool) -> Trace:
    """Through the node: routing, policies of the Pods of this node, FORWARD, POSTROUTING."""
    route = ground.route(node, flight.packet.dst)
    stop = next_stop(ground, node, route, flight.packet.dst)
    if switched:
        flight = _bridge_hop(ground, flight, node)
    else:
        flight = _one_less(_route_hop(ground, flight, node, route))
    if stop.kind == "dead":
        return flight.end(stop.verdict, stop.reason)
    flight = flight.at(replace(flight.packet, out_iface=route.device if route else ""))
    if switched and stop.pod is not None and _turned_back(ground, flight, stop.pod):
        # A bridge asks whether a port may take the frame before it shows it to FORWARD (br_forward).
        return _lost_at_port(ground, flight, node, stop, stop.pod)
    passed = _policies(ground, flight, node, stop.pod)
    if isinstance(passed, Trace):
        return passed
    flight = passed
    for outcome in ground.walk(node, "FORWARD", flight.packet):
        if outcome.verdict != "accept" or any(hit.target == "ACCEPT" for hit in outcome.hits):
            flight = rules_hop(ground, flight, node, "FORWARD", outcome, "A rule accepts it.")
        if outcome.verdict != "accept":
            return not_accepted(ground, flight, node, outcome)
    return _post(ground, flight, node, stop, forwarded=not switched, switched=switched)


def _policies(ground: Ground, flight: Flight, node: str, receiver: PodState | None) -> Flight | Trace:
    """Egress of a sender on this node, then ingress of a receiver on this node."""
    sender = sender_here(flight, node)
    if sender is not None:
        passed = checkpoint.egress(ground, flight, sender)
        if isinstance(passed, Trace):
            return passed
        flight = passed
    return flight if receiver is None else checkpoint.ingress(ground, flight, receiver)


def sender_here(flight: Flight, node: str) -> PodState | None:
    """The Pod that sends, while the packet is still on its first node; None for processes of nodes and outsiders."""
    origin = flight.origin
    if origin.kind != "pod" or origin.pod is None or origin.node != node or flight.legs:
        return None
    return origin.pod


def _post(ground: Ground, flight: Flight, node: str, stop: Stop, *, forwarded: bool, switched: bool = False) -> Trace:
    """POSTROUTING, then on to where the route leads."""
    for outcome in ground.walk(node, "POSTROUTING", flight.packet):
        flight = rules_hop(ground, flight, node, "POSTROUTING", outcome, "No rule translates the source.")
        if outcome.verdict != "accept":
            return flight.end("dropped", rejected(ground, outcome, node))
    leg = Leg(node, entry_for(flight.first, flight.packet), forwarded, switched)
    # Marks are the node's own business: none leaves it.
    flight = replace(flight, legs=(*flight.legs, leg), packet=replace(flight.packet, mark=0))
    if stop.kind == "pod" and stop.pod is not None:
        return _into_pod(ground, flight, node, stop, stop.pod)
    if stop.kind == "outside":
        return flight.beyond(ground, flight, node)
    flight = flight.plus(*crossing(ground, flight.packet, flight.ttl, node, stop, "request"))
    return enter(ground, flight, stop.node, stop.device, stop.switched)


def _turned_back(ground: Ground, flight: Flight, pod: PodState) -> bool:
    """Whether a switched frame would leave by the port that it came from, which may not: a Pod that calls itself.

    One that has crossed a node comes by that node's port, were it the Pod's own packet before.
    """
    same = flight.origin.pod is not None and flight.origin.pod.key == pod.key
    return same and not flight.legs and bool(ground.cni.bridge) and not ground.cni.hairpin


def _lost_at_port(ground: Ground, flight: Flight, node: str, stop: Stop, pod: PodState) -> Trace:
    """The end of a frame that the bridge would have to send back where it came from.

    Only a switched frame has come from a port; one that the node routed goes out by any.
    """
    reason = (
        f"{ground.cni.bridge} would have to send the frame back through the port it came from, but hairpin mode is "
        "off: only the Pod's calls to itself wait until time-out."
    )
    flight = flight.plus(
        hop(flight, "interface", f"{node} · {stop.device} → {pod.name} · eth0", f"Node:{node}", f"Into {pod.name}",
            reason, node=node, toward=pod.id, outcome="dropped")
    )  # fmt: skip
    return flight.end("dropped", reason)


def _into_pod(ground: Ground, flight: Flight, node: str, stop: Stop, pod: PodState) -> Trace:
    """Over the Pod's veth."""
    reason = f"{node} hands the packet to the Pod's own interface through {stop.device}."
    flight = flight.plus(
        hop(flight, "interface", f"{node} · {stop.device} → {pod.name} · eth0", f"Node:{node}", f"Into {pod.name}",
            reason, node=node, toward=pod.id)
    )  # fmt: skip
    if is_loopback(flight.packet.src):
        return flight.end("dropped", FROM_LOOPBACK.format(flight.packet.src))
    return into_pod(ground, flight, pod)


def _route_hop(ground: Ground, flight: Flight, node: str, route: Route | None) -> Flight:
    if route is None:
        return flight
    said = f"{flight.packet.dst} goes by `{route.text}`."
    if route.kind == "default" and any(flight.packet.dst in s.cluster_ips for s in ground.control.services.values()):
        said += f" {flight.packet.dst} is a ClusterIP, but no rule took port {flight.packet.dport} of it."
    stop = hop(flight, "route", f"{node} · routing", f"Node:{node}", "Routing decision", said, node=node,
               decided_by=evidence(route.text, f"Node:{node}"))  # fmt: skip
    return flight.plus(stop)


def _one_less(flight: Flight) -> Flight:
    """The flight after its node forwarded the packet: one off the TTL, shown at the routing decision."""
    *before, last = flight.hops
    if last.kind == "route" and last.after is not None:
        last = replace(last, after=replace(last.after, ttl=flight.ttl - 1))
    return replace(flight, hops=(*before, last), ttl=flight.ttl - 1)


def _bridge_hop(ground: Ground, flight: Flight, node: str) -> Flight:
    said = f"{flight.packet.dst} is on the Pods' own link: {ground.cni.bridge} switches the frame without routing."
    return flight.plus(
        hop(flight, "interface", f"{node} · {ground.cni.bridge}", f"Node:{node}", "Switched by the bridge", said,
            node=node, decided_by=evidence(ground.cni.bridge, f"Node:{node}"))
    )  # fmt: skip


def _switched(ground: Ground, flight: Flight, node: str) -> Trace:
    """Over the bridge with br_netfilter off: no hook sees the frame, and neither does a policy engine."""
    flight = _bridge_hop(ground, flight, node)
    stop = next_stop(ground, node, ground.route(node, flight.packet.dst), flight.packet.dst)
    if stop.kind == "dead":
        return flight.end(stop.verdict, stop.reason)
    sender = sender_here(flight, node)
    policies = ground.state.policies
    isolated = (sender is not None and policies.selecting("egress", sender)) or (
        stop.pod is not None and policies.selecting("ingress", stop.pod)
    )
    if isolated and policies.enforcement.ingress:
        return flight.end(
            "cannot-tell",
            f"br_netfilter is off on {node}: the frame crosses {ground.cni.bridge} without meeting the FORWARD hook, "
            f"where {policies.enforcement.engine} checks policies.",
        )
    if stop.pod is not None and stop.kind == "pod" and _turned_back(ground, flight, stop.pod):
        return _lost_at_port(ground, flight, node, stop, stop.pod)
    leg = Leg(node, entry_for(flight.first, flight.packet), False, True)
    flight = replace(flight, legs=(*flight.legs, leg))
    if stop.pod is not None and stop.kind == "pod":
        return _into_pod(ground, flight, node, stop, stop.pod)
    flight = flight.plus(*crossing(ground, flight.packet, flight.ttl, node, stop, "request"))
    return enter(ground, flight, stop.node, stop.device, stop.switched)
