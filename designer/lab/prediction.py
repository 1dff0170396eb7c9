"""A trace as a prediction: every end that a connection may have, with its exact share, and the rules on the way."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from designer.engine.cni import same_link
from designer.engine.netfilter import RuleHit
from designer.engine.trace import Path, Trace
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import RELAYS

Kind = Literal["answered", "rejected", "refused", "silent", "unreachable"]
# What becomes visible of a verdict.
VISIBLE: dict[str, Kind] = {
    "delivered": "answered",
    "rejected": "rejected",
    "connection-refused": "refused",
    "dropped": "silent",
    "denied": "silent",
    "no-route": "unreachable",
}
# How an answer reads on both sides: who answers, which source it sees, what is left of the TTL.
ANSWERS = "{} answers, sees {}{}"


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """One end. `who` answers and sees `source` for "answered"; `who` is the Node that rejects for "rejected".

    `ttl` is what is left of the TTL where the packet arrives, 0 where routers that the project does not show count too.
    """

    kind: Kind
    who: str = ""
    source: str = ""
    ttl: int = 0

    @property
    def text(self) -> str:
        """``Pod:default/web answers, sees 10.244.1.5 (TTL 62)``."""
        match self.kind:
            case "answered":
                return ANSWERS.format(self.who, self.source, f" (TTL {self.ttl})" if self.ttl else "")
            case "rejected":
                return f"rejected by {self.who}"
            case "refused":
                return "refused by what it reaches"
            case "silent":
                return "no answer"
        return "no way there"


@dataclass(frozen=True, slots=True)
class Segment:
    """The rules that a hook of a Node hits, in order, as (table, chain, position)."""

    node: str
    hook: str
    hits: tuple[tuple[str, str, int], ...]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A path of the trace: its end and share, and the hooks that it shows."""

    share: Fraction
    end: Expected
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the engine says. `untestable` is a sentence where the lab cannot decide it, "" where it can.

    `ways` are in the trace's order; `sticky` says that later connections of a client stay with its first endpoint.
    """

    ways: tuple[Way, ...]
    untestable: str = ""
    sticky: bool = False

    @property
    def shares(self) -> dict[Expected, Fraction]:
        """The share of each end, in the order of the ways."""
        found: dict[Expected, Fraction] = {}
        for way in self.ways:
            found[way.end] = found.get(way.end, Fraction(0)) + way.share
        return found


def untestable(why: str) -> Prediction:
    """A prediction that cannot be tested, with the reason."""
    return Prediction((), why)


def predict(ground: Ground, trace: Trace) -> Prediction:
    """The prediction that a trace is."""
    paths = trace.paths()
    for path in paths:
        why = _untestable(path)
        if why:
            return untestable(why)
    ways = tuple(Way(path.share, _end(ground, path), _segments(path)) for path in paths)
    return Prediction(ways, "", any(_sticky(ground, path) for path in paths))


def _untestable(path: Path) -> str:
    if path.verdict == "cannot-tell":
        return f"The program leaves it open: {path.reason}"
    if path.verdict not in VISIBLE:
        return f"No packet is sent: {path.reason}"
    if any(hop.kind in RELAYS for hop in path.hops):
        return "An Ingress controller or a Gateway answers, and the lab runs none."
    return ""


def _end(ground: Ground, path: Path) -> Expected:
    kind = VISIBLE[path.verdict]
    if kind == "answered":
        last = [hop for hop in path.hops if hop.direction == "request" and hop.kind == "deliver"][-1]
        ttl = last.after.ttl if last.after is not None and last.at.startswith(("Pod:", "Node:")) else 0
        return Expected(kind, last.at, dict(last.details).get("Source seen", ""), ttl if _one_link(ground) else 0)
    if kind == "rejected":
        nodes = [hop.node for hop in path.hops if hop.kind == "rules"]
        return Expected(kind, nodes[-1] if nodes else "")
    return Expected(kind)


def _one_link(ground: Ground) -> bool:
    """Whether no router stands between the Nodes."""
    first, *others = ground.control.nodes.values()
    return all(
        same_link(ground.settings, one, other)
        for node in others
        for one, other in zip(first.addresses, node.addresses, strict=False)
    )


def _segments(path: Path) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            hop.node, hop.place.rpartition(" · ")[2], tuple(map(_place, hop.rules)), tuple(h.text for h in hop.rules)
        )
        for hop in path.hops
        if hop.kind == "rules" and hop.direction == "request"
    )


def _place(hit: RuleHit) -> tuple[str, str, int]:
    return hit.table, hit.chain, hit.index


def _sticky(ground: Ground, path: Path) -> bool:
    """Whether a Service with session affinity decided on the way."""
    services = (
        ground.control.services.get(decided.object)
        for hop in path.hops
        if hop.kind == "rules"
        for decided in hop.decided_by
    )
    return any(service is not None and service.affinity_seconds is not None for service in services)
