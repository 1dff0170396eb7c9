"""How a request ends that a node turns away: the notice (ICMP, or a TCP reset) has to find the caller."""

from __future__ import annotations

from designer.engine.netfilter import Outcome
from designer.engine.trace.flight import Flight
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Trace, Verdict
from designer.engine.trace.transmit import next_stop
from designer.engine.trace.verdicts import rejected


def turned_away(ground: Ground, flight: Flight, node: str, verdict: Verdict, reason: str) -> Trace:
    """The trace that ends in `verdict` on `node`, or, where no route is known to bring its notice back, without it."""
    caller = flight.packet.src
    if ground.is_local(node, caller):
        return flight.end(verdict, reason)
    stop = next_stop(ground, node, ground.route(node, caller), caller)
    if stop.kind != "dead":
        return flight.end(verdict, reason)
    if stop.verdict == "cannot-tell":
        return flight.end("cannot-tell", f"{reason} Whether the caller hears of that is not known. {stop.reason}")
    return flight.end("dropped", f"{reason} The caller does not hear of that, and waits until time-out: {stop.reason}")


def not_accepted(ground: Ground, flight: Flight, node: str, outcome: Outcome) -> Trace:
    """The trace of a packet that a rule of `node` rejects or drops."""
    reason = rejected(ground, outcome, node)
    if outcome.verdict == "reject":
        return turned_away(ground, flight, node, "rejected", reason)
    return flight.end("dropped", reason)
