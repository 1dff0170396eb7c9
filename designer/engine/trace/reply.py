"""The reply's way back: the same nodes in reverse, each undoing its own translation from memory.

Connection tracking rewrites replies; no rule and no policy is asked (`domain/kube-proxy.md` section 2, last rows). This
fails where the reply misses a node that translated: a bridge hands it over, or the routes lead past that node.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from designer.engine.netfilter import Packet, pass_through
from designer.engine.trace.flight import Flight, Leg, Responder, change_text, endpoint, evidence, header
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Hop, Trace, Verdict
from designer.engine.trace.transmit import Stop, crossing, next_stop

START_TTL = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply's hops; `lost` says why it never arrives, "" when it does. `packet` is as the client gets it.

    `unsure`: whether it arrives is not known, and `lost` says why not.
    """

    hops: tuple[Hop, ...]
    packet: Packet
    ttl: int
    lost: str = ""
    unsure: bool = False

    def fate(self, arrived: Verdict) -> Verdict:
        """How the request ends: as it does when the reply `arrived`, or as the lost reply says."""
        return arrived if not self.lost else "cannot-tell" if self.unsure else "dropped"


def finish(ground: Ground, flight: Flight, responder: Responder) -> Trace:
    """The trace that ends delivered when the reply comes back, dropped when it does not."""
    if responder.unseen:
        return flight.end("cannot-tell", unseen(responder))
    answer = reply(ground, flight, responder)
    flight = flight.plus(*answer.hops)
    told = answer.lost or f"{responder.name} answers, and the reply reaches {flight.origin.name}."
    return flight.end(answer.fate("delivered"), told)


def unseen(responder: Responder) -> str:
    """Why it is not known what a Gateway without proxies in the input does with a packet, as a sentence."""
    return f"Where the proxies of {responder.name} run is not in the input, so the way to them is not known."


def reply(ground: Ground, flight: Flight, responder: Responder) -> Answer:
    """The way of the first reply from `responder` back to the flight's origin."""
    request = flight.packet
    packet = replace(
        request, src=request.dst, dst=request.src, sport=request.dport, dport=request.sport, mark=0, in_iface="",
        out_iface="", ct_state="ESTABLISHED",
    )  # fmt: skip
    ttl = START_TTL
    hops = [_send(packet, responder)]
    index = last = len(flight.legs) - 1
    while index >= 0:
        leg, last = flight.legs[index], index
        lost = _unseen(ground, flight, leg, packet, responder)
        if lost:
            return Answer((*hops, _lost_hop(leg, packet, ttl, lost)), packet, ttl, lost)
        switched = _on_bridge(ground, leg, packet, responder)
        changed = pass_through(leg.entry, packet) or packet
        hops.append(_conntrack(leg, packet, changed, ttl, ebpf=_by_ebpf(ground, flight, leg, packet)))
        packet = replace(changed, ct_state="ESTABLISHED")
        if leg.forwarded and not switched:
            ttl -= 1
        if index == 0:
            break
        stop = _next_stop(ground, flight, index, packet)
        if stop.kind == "dead" and not ground.is_local(leg.node, packet.dst):
            unsure = stop.verdict == "cannot-tell"
            lost = f"The reply {'may not' if unsure else 'does not'} find its way back: {stop.reason}"
            return Answer((*hops, _lost_hop(leg, packet, ttl, lost, "No way back")), packet, ttl, lost, unsure)
        index, way, lost = _next_leg(ground, flight, index, stop, packet, ttl)
        hops += way
        if lost:
            return Answer(tuple(hops), packet, ttl, lost)
    hops += _arrive(flight, packet, ttl, max(last, 0))
    return Answer(tuple(hops), packet, ttl)


def _next_stop(ground: Ground, flight: Flight, index: int, packet: Packet) -> Stop:
    """Where the reply goes from leg `index`: by the tunnel that the request left word of, else as the routes say."""
    leg = flight.legs[index]
    if leg.back is not None:
        return Stop("node", node=flight.legs[index - 1].node, device=leg.back.device, encapsulation=leg.back)
    return next_stop(ground, leg.node, ground.route(leg.node, packet.dst), packet.dst)


def _next_leg(
    ground: Ground, flight: Flight, index: int, stop: Stop, packet: Packet, ttl: int
) -> tuple[int, tuple[Hop, ...], str]:
    """The leg of the request that the reply crosses after leg `index` (-1 when none), the way to it, why it is lost.

    A reply follows the routes to the address that the request came with, which need not lead over every node that the
    request crossed. Where one of those left out had translated something, nobody undoes it.
    """
    leg, before = flight.legs[index], flight.legs[index - 1]
    if stop.kind == "node" and stop.node == before.node:
        return index - 1, crossing(ground, packet, ttl, leg.node, stop, "reply"), ""
    if stop.kind == "node":
        found = next((i for i in range(index - 1, -1, -1) if flight.legs[i].node == stop.node), -1)
    elif stop.kind == "pod" or ground.is_local(leg.node, packet.dst) or packet.dst in flight.origin.addresses:
        # The sender's own address: a reply to somebody outside leaves by this node's own default route.
        found = -1
    else:
        return index - 1, (_plain_wire(leg, before, packet, ttl),), ""
    way = crossing(ground, packet, ttl, leg.node, stop, "reply") if stop.kind == "node" else ()
    passed = next((one for one in flight.legs[found + 1 : index] if one.entry.dnat or one.entry.snat), None)
    if passed is None:
        return found, way, ""
    lost = _bypassed(ground, flight, leg, passed, packet)
    return found, (*way, _lost_hop(leg, packet, ttl, lost)), lost


def _bypassed(ground: Ground, flight: Flight, leg: Leg, passed: Leg, packet: Packet) -> str:
    """Why the sender never gets the reply: it misses the node `passed`, which had translated the request."""
    name = flight.origin.name
    if ground.is_local(leg.node, packet.dst) and flight.origin.node != leg.node:
        return (
            f"The reply is for {packet.dst}, which {leg.node} holds for an address of its own, as {passed.node} does: "
            f"it stays on {leg.node}, and {name} waits until time-out."
        )
    way = f"straight from {leg.node} to {name}" if name != leg.node else f"to {name} without leaving the machine"
    return (
        f"The reply goes {way}, past {passed.node}, which alone could undo its translation. It comes from {packet.src} "
        f"instead of {passed.entry.original.dst}, so the caller throws it away and waits until time-out."
    )


def _send(packet: Packet, responder: Responder) -> Hop:
    shown = header(packet, START_TTL)
    place = f"{responder.pod.name} · eth0" if responder.pod else responder.name
    said = "The answer goes to the source that the packet carried."
    return Hop("send", "reply", place, responder.id, "Reply", shown, shown, said, responder.node)


def _by_ebpf(ground: Ground, flight: Flight, leg: Leg, packet: Packet) -> bool:
    """Whether eBPF remembers the connection, and not netfilter.

    Where kube-proxy runs beside it, netfilter does, but for Pods' calls of ClusterIPs: their source stays, or is that
    of a Pod's call to itself.
    """
    datapath = ground.cni.datapath
    if datapath is None or not ground.mode:
        return datapath is not None
    return flight.origin.kind == "pod" and (not leg.entry.snat or packet.dst == datapath.loopback)


def _conntrack(leg: Leg, packet: Packet, changed: Packet, ttl: int, *, ebpf: bool) -> Hop:
    said = change_text(packet, changed)
    kind = "ebpf" if ebpf else "conntrack"
    where = f"{leg.node} · connection tracking"
    if not said:
        reason = f"{leg.node} translated nothing of this connection, so the reply passes as it is."
        shown = header(packet, ttl)
        return Hop(kind, "reply", where, f"Node:{leg.node}", "Known connection", shown, shown, reason, leg.node)
    reason = f"{leg.node} remembers the connection and undoes its translation without asking a rule: {said}."
    return Hop(
        kind, "reply", where, f"Node:{leg.node}", "Translation undone", header(packet, ttl),
        header(changed, ttl), reason, leg.node, outcome="translated",
        decided_by=evidence("conntrack entry", f"Node:{leg.node}"),
    )  # fmt: skip


def _on_bridge(ground: Ground, leg: Leg, packet: Packet, responder: Responder) -> bool:
    """Whether the reply goes from the answering Pod straight to another Pod on the same link, by the bridge alone."""
    if not ground.cni.bridge or responder.pod is None or responder.pod.host_network:
        return False
    other = ground.pods_by_ip.get(packet.dst)
    if other is None or other.key == responder.pod.key:
        return False
    return ground.cni.flat or other.node == leg.node == responder.pod.node


def _unseen(ground: Ground, flight: Flight, leg: Leg, packet: Packet, responder: Responder) -> str:
    """Why the reply never matches the connection: switched past the node that would have to undo the translation."""
    if ground.cni.bridge_netfilter or not leg.entry.dnat or not _on_bridge(ground, leg, packet, responder):
        return ""
    return (
        f"br_netfilter is off on {leg.node}: {ground.cni.bridge} switches the reply straight to {flight.origin.name}, "
        f"past connection tracking. It comes from {packet.src} instead of {leg.entry.original.dst}, so the caller "
        "throws it away and waits until time-out."
    )


def _lost_hop(leg: Leg, packet: Packet, ttl: int, reason: str, what: str = "Reply bypasses the node") -> Hop:
    shown = header(packet, ttl)
    return Hop("interface", "reply", f"{leg.node} · way back", f"Node:{leg.node}", what, shown,
               shown, reason, leg.node, outcome="dropped")  # fmt: skip


def _plain_wire(leg: Leg, before: Leg, packet: Packet, ttl: int) -> Hop:
    shown = header(packet, ttl)
    return Hop("wire", "reply", f"{leg.node} → {before.node}", f"Node:{leg.node}", f"{leg.node} → {before.node}", shown,
               shown, f"Back to {before.node}, which the packet carries as its destination.", leg.node,
               f"Node:{before.node}")  # fmt: skip


def _arrive(flight: Flight, packet: Packet, ttl: int, last: int) -> tuple[Hop, ...]:
    """The hops to the caller; `last` is the leg by which the reply leaves the nodes."""
    origin = flight.origin
    shown = header(packet, ttl)
    node = origin.node or (flight.legs[last].node if flight.legs else "")
    found: list[Hop] = []
    if flight.legs and origin.kind == "pod":
        found.append(
            Hop("interface", "reply", f"{node} → {origin.name} · eth0", f"Node:{node}", f"Into {origin.name}", shown,
                shown, f"{node} hands the reply to the Pod's interface.", node, origin.id)
        )  # fmt: skip
    elif flight.legs and origin.kind == "outside":
        found.append(
            Hop("wire", "reply", f"{node} → {origin.name}", f"Node:{node}", "Back to the client", shown, shown,
                f"The reply leaves {node} for {origin.name}.", node, origin.id)
        )  # fmt: skip
    said = f"{origin.name} gets the answer from {packet.src}, the address that it called."
    if flight.called is not None:
        said = (
            f"{origin.name} gets the answer from {packet.src}, to which eBPF connected its socket; for the program it "
            f"is {endpoint(*flight.called)}, the address that it called."
        )
    found.append(Hop("deliver", "reply", origin.name, origin.id, "Reply received", shown, shown, said, origin.node,
                     outcome="delivered"))  # fmt: skip
    return tuple(found)
