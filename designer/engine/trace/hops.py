"""The values of a trace: request, hops, branches and verdict.

A trace is a tree: a hop list that ends in a verdict, or in branches (a random choice) that each go on with their exact
share. `Trace.paths()` flattens it. The closed union of hop kinds is `HOP_KINDS`; a new kind is a change of this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from designer.engine.netfilter import RuleHit

Direction = Literal["request", "reply"]
Verdict = Literal[
    "delivered",
    "denied",
    "rejected",
    "dropped",
    "no-route",
    "name-not-found",
    "connection-refused",
    "no-matching-route",
    "cannot-tell",
]

# What a hop may be, and the layer that the event list shows for it.
HOP_KINDS: dict[str, str] = {
    "resolve": "DNS",  # a name looked up: resolv.conf, search list, answer
    "http": "HTTP",  # an Ingress controller or a Gateway chose a backend
    "relay": "Gateway",  # a Gateway handed a plain connection or TLS on to a backend
    "send": "Pod",  # the packet leaves its sender
    "interface": "Link",  # veth, bridge, physical device crossed
    "rules": "Netfilter",  # a hook of a node walked, with every rule hit
    "conntrack": "Netfilter",  # NAT undone (or applied again) by connection tracking
    "lookup": "Service lookup",  # eBPF looked a Service up and chose an endpoint
    "ebpf": "eBPF",  # an address translated, or translated back, by eBPF
    "route": "Routing",  # a routing decision
    "encapsulate": "Tunnel",
    "decapsulate": "Tunnel",
    "wire": "Link",  # between machines
    "policy": "Policy",  # a policy checkpoint, egress or ingress
    "loadbalancer": "Load balancer",
    "deliver": "Pod",  # the packet reaches a listener (or none)
}

# Stops that open a connection of their own.
RELAYS = ("http", "relay")


@dataclass(frozen=True, slots=True)
class Header:
    """A packet's header as shown. `outer` are the addresses of an encapsulated packet's outer header, "" when bare."""

    protocol: str
    src: str
    sport: int
    dst: str
    dport: int
    outer_src: str = ""
    outer_dst: str = ""
    tunnel: str = ""
    mark: int = 0
    ttl: int = 64

    def text(self) -> str:
        """``10.244.1.5:41822 → 10.96.0.10:80``; IPv6 addresses stand in brackets."""
        return f"{_endpoint(self.src, self.sport)} → {_endpoint(self.dst, self.dport)}"


def _endpoint(address: str, port: int) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{port}" if port else host


@dataclass(frozen=True, slots=True)
class Evidence:
    """What decided at a hop: a rule, a policy, a record, a route.

    `object` is the id of the deciding object ("" for a node's own table), `text` its short name as shown in "Decided
    by", `field` and `line` where in the source (line 0: not known).
    """

    text: str
    object: str = ""
    field: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Hop:
    """One stop. `place` is what a person reads (``node-1 · prerouting``); `at` the object id where the token is drawn.

    `toward` is the object id at the other end for hops that cross something (wire, interface), "" elsewhere. `rules`
    are the rules hit here in order. `reason` is a whole sentence. `outcome` is "" for a hop that just passes on, or the
    word shown (``allowed``, ``denied``, ``translated``, …).
    """

    kind: str
    direction: Direction
    place: str
    at: str
    what: str
    before: Header | None
    after: Header | None
    reason: str
    node: str = ""
    toward: str = ""
    outcome: str = ""
    decided_by: tuple[Evidence, ...] = ()
    rules: tuple[RuleHit, ...] = ()
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One outcome of a random choice: its exact share of the requests, a label, and the trace that follows."""

    share: Fraction
    label: str
    trace: Trace


@dataclass(frozen=True, slots=True)
class Trace:
    """Hops, then a verdict or branches. `verdict` is None exactly when `branches` is not empty.

    `reason` explains the verdict in a sentence; `policies` are the ids of the policies that decided a denial.
    """

    hops: tuple[Hop, ...]
    verdict: Verdict | None
    reason: str = ""
    branches: tuple[Branch, ...] = ()
    policies: tuple[str, ...] = ()

    def paths(self) -> tuple[Path, ...]:
        """Every way through the tree, most likely first (ties: in order of the branches)."""
        found = list(_walk(self, Fraction(1), (), ()))
        return tuple(sorted(found, key=lambda path: -path.share))


@dataclass(frozen=True, slots=True)
class Path:
    """One whole way: its share, the labels of the choices, all hops of request and reply, verdict and reason."""

    share: Fraction
    labels: tuple[str, ...]
    hops: tuple[Hop, ...]
    verdict: Verdict
    reason: str
    policies: tuple[str, ...] = ()


def _walk(trace: Trace, share: Fraction, labels: tuple[str, ...], hops: tuple[Hop, ...]) -> list[Path]:
    here = hops + trace.hops
    if trace.verdict is not None:
        return [Path(share, labels, here, trace.verdict, trace.reason, trace.policies)]
    return [
        path
        for branch in trace.branches
        for path in _walk(branch.trace, share * branch.share, (*labels, branch.label), here)
    ]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: `source` an object id or an address, `destination` as a person types it.

    `protocol` is TCP, UDP or SCTP where the destination does not say it itself; `sport` the client's port. `method` and
    `headers` matter to HTTP routing only.
    """

    source: str
    destination: str
    protocol: str = "TCP"
    sport: int = 41822
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TraceResult:
    """The answer to a request: the tree, and one verdict for all of it ("mixed" outcomes name the worst first).

    `verdict` is the common verdict of all paths; when they differ it is that of the most likely failing path and
    `mixed` is True.
    """

    request: Request
    trace: Trace
    verdict: Verdict
    reason: str
    mixed: bool = False
