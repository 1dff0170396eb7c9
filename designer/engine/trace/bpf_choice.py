"""An eBPF Service lookup with its choice: each endpoint with its exact share, or what becomes of a call without any.

Without endpoints connect() fails (Cilium: `EHOSTUNREACH`, bpf/bpf_sock.c; Calico: the hook denies it, `EPERM`,
felix/bpf-gpl/connect.h), a packet is answered "port unreachable" (`tail_no_service_ipv4` of bpf/lib/lb.h;
felix/bpf-gpl/tc.c, `NAT_NO_BACKEND`) or, where Cilium's noBackendResponse says drop, dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from designer.engine.kubeproxy.replacement import Choice, Frontend
from designer.engine.kubeproxy.service_ports import Endpoint
from designer.engine.netfilter import Packet
from designer.engine.trace.bpf_services import where
from designer.engine.trace.flight import Flight, branch, change_text, endpoint, evidence, hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Evidence, Hop, Trace
from designer.engine.trace.verdicts import endpoint_label, service_evidence, why_none

Onward = Callable[[Flight, Endpoint], Trace]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a lookup takes place: its place on the canvas and in words; `socket` for connect(), before any packet."""

    place: str
    at: str
    node: str
    socket: bool = False
    hashed: bool = False


def spread(ground: Ground, flight: Flight, found: Frontend, choice: Choice, spot: Spot, onward: Onward) -> Trace:
    """The trace of a call that hit `found`, in each of the ways that `choice` leaves."""
    if choice.doubt:
        return flight.end("cannot-tell", choice.doubt)
    if not choice.backends:
        return _nobody(ground, flight, found, choice, spot)
    if spot.hashed and len(choice.backends) > 1:
        return _hashed(ground, flight, found, choice, spot, onward)
    share = Fraction(1, len(choice.backends))
    told = f" One of {len(choice.backends)} endpoints, each as likely." if len(choice.backends) > 1 else ""
    ways = tuple(
        (share, endpoint_label(ground, one.ip, one.port),
         partial(_chosen, ground, found=found, choice=choice, spot=spot, one=one, told=told, onward=onward))
        for one in choice.backends
    )  # fmt: skip
    return branch(flight, ways)


def lookup_hop(
    ground: Ground,
    flight: Flight,
    found: Frontend,
    spot: Spot,
    after: Packet,
    reason: str,
    outcome: str,
    what: str = "",
) -> Hop:
    """The hop of a lookup, decided by the frontend and the Service that it is of."""
    line = f"{where(found, flight.packet)} of {found.name}"
    decided: tuple[Evidence, ...] = evidence(f"Service lookup: {line}", f"Node:{spot.node}")
    service = ground.control.services.get(found.service)
    decided = (
        (*decided, *service_evidence(ground, service)) if service else (*decided, *evidence(found.name, found.service))
    )
    said = what or ("connect() meets eBPF" if spot.socket else "eBPF looks the Service up")
    return hop(
        flight, "lookup", spot.place, spot.at, said, reason, before=flight.packet, after=after, node=spot.node,
        outcome=outcome, decided_by=decided,
    )  # fmt: skip


def translated(packet: Packet, one: Endpoint) -> Packet:
    """The packet with an endpoint as its destination."""
    return replace(packet, dst=one.ip, dport=one.port)


def _chosen(
    ground: Ground,
    flight: Flight,
    *,
    found: Frontend,
    choice: Choice,
    spot: Spot,
    one: Endpoint,
    told: str,
    onward: Onward,
) -> Trace:
    if flight.packet.protocol == "SCTP" and ground.cni.plugin == "cilium" and one.port != flight.packet.dport:
        reason = (
            f"Cilium never rewrites SCTP ports: {found.name} leads to port {one.port}, so the packet for "
            f"{flight.packet.dport} is dropped. Give port and targetPort one number."
        )
        stop = lookup_hop(ground, flight, found, spot, flight.packet, reason, "dropped")
        return flight.plus(stop).end("dropped", reason)
    after = translated(flight.packet, one)
    said = f"{ground.proxy if not spot.socket else _who(ground)} looks up {where(found, flight.packet)}: "
    said += f"{change_text(flight.packet, after)}.{told}"
    if spot.socket:
        called = endpoint(flight.packet.dst, flight.packet.dport)
        said += f" The socket is connected to the endpoint itself, so no packet ever carries {called}."
    note = f" {choice.note}" if choice.note else ""
    stop = lookup_hop(ground, flight, found, spot, after, f"{said}{_sticky(ground, flight, found, spot)}{note}",
                      "translated")  # fmt: skip
    return onward(flight.plus(stop).at(after), one)


def _who(ground: Ground) -> str:
    return "Socket load balancing" if ground.cni.plugin == "cilium" else "The connect-time load balancer"


def _sticky(ground: Ground, flight: Flight, found: Frontend, spot: Spot) -> str:
    """What session affinity goes by: the network namespace at Cilium's sockets, the node at Calico's, else the source.

    kubeproxy-free.rst, "Session Affinity"; felix/design/bpf-services.md, "Enforced affinity for unconnected UDP".
    """
    if found.affinity_seconds is None:
        return ""
    if not spot.socket:
        whose = f"from {flight.packet.src} through {spot.node}"
    elif ground.cni.plugin == "cilium":
        whose = f"of {flight.origin.name}'s network namespace"
    else:
        whose = f"of anybody on {spot.node} (connect() has no source address yet)"
    until = f"{found.affinity_seconds} s after its latest one"
    return f" sessionAffinity: later connections {whose} go to the same endpoint, until {until}."


def _nobody(ground: Ground, flight: Flight, found: Frontend, choice: Choice, spot: Spot) -> Trace:
    lack = f"has no endpoints{'' if not choice.local else ' on ' + spot.node}"
    why = why_none(ground, ground.control.services.get(found.service), "" if choice.elsewhere else "has no endpoints")
    if choice.local and choice.elsewhere:
        why = f" Its traffic policy is Local, and only other Nodes have endpoints.{why}"
    if spot.socket:
        error = "no route to host" if ground.cni.plugin == "cilium" else "operation not permitted"
        reason = f"connect() fails at once ({error}): {found.name} {lack}. No packet is sent.{why}"
        stop = lookup_hop(ground, flight, found, spot, flight.packet, reason, "rejected")
        return flight.plus(stop).end("rejected", reason)
    datapath = ground.cni.datapath
    dropped = datapath is not None and datapath.no_backend == "drop"
    how = "dropped (noBackendResponse drop): time-out" if dropped else "answered port unreachable: refused at once"
    reason = f"{found.name} {lack}, so the packet is {how}.{why}"
    stop = lookup_hop(ground, flight, found, spot, flight.packet, reason, "dropped" if dropped else "rejected")
    return flight.plus(stop).end("dropped" if dropped else "rejected", reason)


def _hashed(ground: Ground, flight: Flight, found: Frontend, choice: Choice, spot: Spot, onward: Onward) -> Trace:
    """A hash of the connection chooses (Maglev): all endpoints are followed; one is shown when all end alike."""
    ends = {}
    for one in choice.backends:
        tried = _chosen(ground, flight, found=found, choice=choice, spot=spot, one=one, told="", onward=onward)
        ends[one.text] = " or ".join(sorted({path.verdict for path in tried.paths()}))
    if len(set(ends.values())) == 1:
        told = f" Maglev chooses by a hash of the connection; all {len(ends)} endpoints end alike. Shown is one."
        return _chosen(
            ground, flight, found=found, choice=choice, spot=spot, one=choice.backends[0], told=told, onward=onward
        )
    listed = "; ".join(f"{text}: {verdict}" for text, verdict in ends.items())
    return flight.end(
        "cannot-tell",
        f"Maglev chooses the endpoint of {found.name} by a hash of the connection; they do not end alike: {listed}.",
    )
