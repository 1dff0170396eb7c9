"""What IPVS does with a packet for one of its virtual servers: it chooses a real server and sends the packet there.

In the kernel this stands behind the filter rules of INPUT (packets that came in) and behind the nat rules of OUTPUT
(the node's own); from there the packet goes through POSTROUTING, never through FORWARD (`domain/kube-proxy.md` section
5). A virtual server without real servers answers "port unreachable" (`ip_vs_leave`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

from designer.engine.netfilter import Packet, RuleHit, VirtualServer
from designer.engine.netfilter.ipvs_render import server_lines
from designer.engine.trace import lacking
from designer.engine.trace.flight import Flight, branch, change_text, endpoint, evidence, hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Hop, Trace
from designer.engine.trace.turned_away import turned_away
from designer.engine.trace.verdicts import endpoint_label, fallback_note, service_at, service_evidence, sticky_note

Onward = Callable[[Flight], Trace]

# Schedulers that give every real server of the same weight the same share of connections, one after the other. What
# the others choose rests on the connections that are open, or on a hash of addresses.
IN_TURN = ("rr", "wrr")
BY_LOAD = ("lc", "wlc", "sed", "nq", "lblc", "lblcr", "twos")
# The one that sends everything to the real server of the highest weight: kube-proxy gives all the same one, so it is
# the one that stands first in the kernel's list, which kube-proxy fills in no fixed order (ip_vs_fo.c).
TO_ONE = "fo"
# The one that leaves out real servers with more open connections than weight, and refuses when none is left: with
# kube-proxy's weight of 1 that is soon (ip_vs_ovf.c).
FILLING = "ovf"


def serve(ground: Ground, flight: Flight, node: str, server: VirtualServer, onward: Onward) -> Trace:
    """The trace of a packet for `server` of `node`; `onward` takes it further, translated."""
    if not server.real:
        return _nobody(ground, flight, node, server)
    if server.scheduler == FILLING:
        return flight.end(
            "cannot-tell",
            f"IPVS scheduler {FILLING} of {node} passes over each real server that has more open connections than its "
            "weight of 1, and refuses when none is left. How many are open is not known.",
        )
    share = Fraction(1, len(server.real))
    if len(server.real) == 1 or server.scheduler in IN_TURN:
        ways = []
        for place, real in enumerate(server.real):
            label = endpoint_label(ground, real.address, real.port)
            go = partial(_send, ground, node=node, server=server, place=place, onward=onward, told="")
            ways.append((share, label, go))
        return branch(flight, tuple(ways))
    return _any_real(ground, flight, node, server, onward)


def _any_real(ground: Ground, flight: Flight, node: str, server: VirtualServer, onward: Onward) -> Trace:
    """One of several real servers, nobody knows which: all are followed; the first is shown when all end alike."""
    by = "the connections that are open" if server.scheduler in BY_LOAD else "a hash of addresses"
    if server.scheduler == TO_ONE:
        by = "weight and then by its own list, so that one gets all connections"
    ends = {}
    for place, real in enumerate(server.real):
        found = _send(ground, flight, node=node, server=server, place=place, onward=onward, told="")
        ends[endpoint(real.address, real.port)] = " or ".join(sorted({path.verdict for path in found.paths()}))
    if len(set(ends.values())) == 1:
        told = f" Scheduler {server.scheduler} chooses by {by}; all {len(ends)} real servers end alike. Shown is one."
        return _send(ground, flight, node=node, server=server, place=0, onward=onward, told=told)
    listed = "; ".join(f"{where}: {found}" for where, found in ends.items())
    return flight.end(
        "cannot-tell",
        f"IPVS scheduler {server.scheduler} of {node} chooses by {by}; the real servers do not end alike: {listed}.",
    )


def _nobody(ground: Ground, flight: Flight, node: str, server: VirtualServer) -> Trace:
    service = service_at(ground, node, flight.packet)
    who = f"{service.namespace}/{service.name}" if service is not None else endpoint(server.address, server.port)
    port = lacking.called_port(service, flight.packet) if service is not None else None
    elsewhere = service is not None and lacking.has_endpoints(ground, service, port, flight.packet.family)
    lack = "has no local endpoints" if elsewhere else "has no endpoints"
    here = lacking.none_here(service, flight.packet, node)
    why = f" Here {here}." if elsewhere else ""
    reason = (
        f"Rejected by IPVS: the virtual server {endpoint(server.address, server.port)}/{server.protocol.upper()} of "
        f"{node} has no real server ({who} {lack}), so the connection is refused at once (port unreachable)."
        f"{why or lacking.why_none(ground, service, port)}"
    )
    stopped = flight.plus(_hop(flight, node, server, None, flight.packet, reason, "rejected"))
    return turned_away(ground, stopped, node, "rejected", reason)


def _send(
    ground: Ground, flight: Flight, *, node: str, server: VirtualServer, place: int, onward: Onward, told: str
) -> Trace:
    real = server.real[place]
    before = flight.packet
    packet = replace(before, dst=real.address, dport=real.port, in_iface="")
    share = ""
    if len(server.real) > 1 and not told:
        share = f" Chosen in turn: 1 of {len(server.real)} of the connections."
    sticky = "" if server.persistence is None else sticky_note(ground, node, before)
    reason = f"{change_text(before, packet)}.{share}{told}{sticky}{fallback_note(ground, node, before, packet)}"
    stop = _hop(flight, node, server, place, packet, reason, "translated")
    line = server_lines(server)[place + 1]
    decided = (
        *evidence(f"ipvs {line}", f"Node:{node}", line),
        *service_evidence(ground, service_at(ground, node, before)),
    )
    stop = replace(stop, decided_by=decided)
    return onward(flight.plus(stop).at(packet))


def _hop(
    flight: Flight, node: str, server: VirtualServer, place: int | None, after: Packet, reason: str, word: str
) -> Hop:
    """The hop of the choice; its rules are the lines of ``ipvsadm -Sn``: the virtual server, then what it chose."""
    head, *reals = server_lines(server)
    chain = head.removeprefix("-A ").partition(" -s ")[0]
    hits = [RuleHit("ipvs", chain, 0, head, f"-s {server.scheduler}", "")]
    if place is not None:
        hits.append(RuleHit("ipvs", chain, place + 1, reals[place], "-m", ""))
    return hop(
        flight,
        "rules",
        f"{node} · ipvs",
        f"Node:{node}",
        f"IPVS of {node}",
        reason,
        before=flight.packet,
        after=after,
        node=node,
        outcome=word,
        rules=tuple(hits),
    )
