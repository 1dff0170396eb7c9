"""A packet on its way: what a trace carries from stage to stage, and the making of hops and ends.

A `Flight` is immutable; every stage returns a `Trace` and builds it from a changed copy. `hops` are those since the
last branch: a stage that branches ends its own list and starts each branch with an empty one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from designer.engine.cni import Encapsulation
from designer.engine.controlplane.state import PodState
from designer.engine.netfilter import ConntrackEntry, Packet
from designer.engine.policy import Peer
from designer.engine.trace.hops import Branch, Evidence, Header, Hop, Trace, Verdict

if TYPE_CHECKING:
    from designer.engine.trace.ground import Ground

OriginKind = Literal["pod", "node", "outside"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who opens a connection. `id` is where it stands on the canvas, `name` how texts call it.

    `node` is the Node it runs on ("" outside the cluster); `pod` is None but for Pods, a hostNetwork Pod being of kind
    "node" with `pod` set. `addresses` are its own, in order of preference.
    """

    kind: OriginKind
    id: str
    name: str
    addresses: tuple[str, ...]
    node: str = ""
    pod: PodState | None = None


@dataclass(frozen=True, slots=True)
class Responder:
    """What answers: a Pod, a process of a Node, or something outside. `id` and `name` as in `Origin`.

    `unseen`: a Gateway that answers somewhere, its proxies not being in the input.
    """

    id: str
    name: str
    pod: PodState | None = None
    node: str = ""
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """One node that the connection crossed, with what its connection tracking remembers.

    `forwarded`: the node routed the packet (and took one off its TTL); a switched frame or one of the node's own
    processes is not forwarded. `switched`: a bridge carried it without routing. `back`: the tunnel by which the answer
    goes back to the node before, whatever the routes say.
    """

    node: str
    entry: ConntrackEntry
    forwarded: bool
    switched: bool = False
    back: Encapsulation | None = None


# What follows when a connection has reached something that listens: by default its reply.
Then = Callable[["Ground", "Flight", Responder], Trace]

# What follows when a packet leaves the cluster's nodes by the node that is named.
Beyond = Callable[["Ground", "Flight", str], Trace]


@dataclass(frozen=True, slots=True)
class Flight:
    """A packet at some point of its way. `first` is it as it entered the node where it is now.

    `sure`: whatever the packet reaches is known to listen. `called` is the address and port that the program gave to
    connect() where eBPF put an endpoint in their place. `identity` is who sent it for an engine that goes by what the
    tunnel says, None where the source address decides.
    """

    packet: Packet
    first: Packet
    origin: Origin
    then: Then
    beyond: Beyond
    ttl: int = 64
    hops: tuple[Hop, ...] = ()
    legs: tuple[Leg, ...] = ()
    sure: bool = False
    called: tuple[str, int] | None = None
    identity: Peer | None = None

    def at(self, packet: Packet) -> Flight:
        """The same flight with another packet."""
        return replace(self, packet=packet)

    def plus(self, *hops: Hop) -> Flight:
        """The same flight with more hops behind it."""
        return replace(self, hops=(*self.hops, *hops))

    def end(self, verdict: Verdict, reason: str, policies: tuple[str, ...] = ()) -> Trace:
        """The trace that ends here."""
        return Trace(self.hops, verdict, reason, (), policies)


def one_less(stop: Hop) -> Hop:
    """The hop with one off the TTL behind it."""
    return stop if stop.after is None else replace(stop, after=replace(stop.after, ttl=stop.after.ttl - 1))


def header(packet: Packet, ttl: int = 64, **outer: Any) -> Header:
    """The packet's header as shown; `outer_src`, `outer_dst` and `tunnel` may be given."""
    return Header(
        packet.protocol, packet.src, packet.sport, packet.dst, packet.dport, mark=packet.mark, ttl=ttl, **outer
    )


def hop(
    flight: Flight,
    kind: str,
    place: str,
    at: str,
    what: str,
    reason: str,
    *,
    before: Packet | None = None,
    after: Packet | None = None,
    **more: Any,
) -> Hop:
    """A hop of the request; without `before` and `after` the packet passes as it is."""
    came = header(before or flight.packet, flight.ttl)
    left = header(after or before or flight.packet, flight.ttl)
    return Hop(kind, "request", place, at, what, came, left, reason, **more)


def branch(flight: Flight, ways: tuple[tuple[Fraction, str, Callable[[Flight], Trace]], ...]) -> Trace:
    """The trace that goes on in each of `ways` (share, label, continuation); a single way goes on without a branch."""
    if len(ways) == 1:
        return ways[0][2](flight)
    fresh = replace(flight, hops=())
    branches = tuple(Branch(share, label, go(fresh)) for share, label, go in ways)
    return Trace(flight.hops, None, "", branches)


def map_ends(trace: Trace, change: Callable[[Verdict, str], tuple[Verdict, str]]) -> Trace:
    """The same tree with every end's verdict and reason passed through `change`."""
    if trace.verdict is not None:
        verdict, reason = change(trace.verdict, trace.reason)
        return replace(trace, verdict=verdict, reason=reason)
    branches = tuple(replace(item, trace=map_ends(item.trace, change)) for item in trace.branches)
    return replace(trace, branches=branches)


def evidence(text: str, oid: str = "", field: str = "", file: str = "", line: int = 0) -> tuple[Evidence, ...]:
    """A hop's deciding thing, as the tuple that a hop holds."""
    return (Evidence(text, oid, field, file, line),)


def change_text(before: Packet, after: Packet) -> str:
    """What differs between two packets: ``10.96.0.10:80 → 10.244.1.5:8080``; "" when nothing does."""
    parts = []
    if (before.dst, before.dport) != (after.dst, after.dport):
        parts.append(f"destination {endpoint(before.dst, before.dport)} → {endpoint(after.dst, after.dport)}")
    if (before.src, before.sport) != (after.src, after.sport):
        parts.append(f"source {endpoint(before.src, before.sport)} → {endpoint(after.src, after.sport)}")
    return ", ".join(parts)


def endpoint(address: str, port: int) -> str:
    """``10.96.0.10:80``; IPv6 addresses in brackets, no port where it is 0."""
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{port}" if port else host
