"""The packets of a lookup: the query to each name server followed as any other request (domain/dns.md section 5).

A query goes by UDP, or by TCP with the option `use-vc`; an answer of more than 512 bytes is cut and asked for again by
TCP. A resolver asks the next server of resolv.conf when one does not answer (resolv.conf(5)).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from designer.engine.controlplane.dns import Query, Resolution, ResolvConf
from designer.engine.controlplane.nodecache import NodeCache
from designer.engine.controlplane.resolve import CACHED
from designer.engine.trace.aim import Aim
from designer.engine.trace.beyond import leave
from designer.engine.trace.cache_traffic import cache_for, denied_at_cache, forwarded
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Hop, Verdict
from designer.engine.trace.journey import start
from designer.engine.trace.reply import finish

# The source port of the lookup; any free one would do.
DNS_SPORT = 40053
DNS_PORT = 53
# What a client without EDNS takes by UDP (RFC 1035 section 4.2.1).
MAX_UDP_ANSWER = 512


@dataclass(frozen=True, slots=True)
class Carried:
    """What becomes of a query: `lost` is the share that gets no answer, `verdict`, `reason` and `policies` say why.

    `hops` are those of the likeliest lost query, () where none is lost; `verdict` is then "delivered".
    """

    server: str
    protocol: str
    verdict: Verdict = "delivered"
    lost: Fraction = Fraction(0)
    reason: str = ""
    hops: tuple[Hop, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def denied_by(self) -> str:
        """``DNS denied by NetworkPolicy shop/closed``, "" where no policy is the reason."""
        names = " and ".join(oid.replace(":", " ", 1) for oid in self.policies)
        return f"DNS denied by {names}" if names and self.verdict == "denied" else ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What becomes of a lookup's packets: what was `tried`, server by server.

    `status` is "" where the lookup's own answer stands, else what it turns into for the sake of `worst`; `reason` is
    the sentence. `worst` with `status` "" loses a share of the queries only.
    """

    tried: tuple[Carried, ...] = ()
    status: Literal["", "name-not-found", "cannot-tell"] = ""
    reason: str = ""
    worst: Carried | None = None


def delivery(ground: Ground, origin: Origin, found: Resolution, conf: ResolvConf | None) -> Delivery:
    """Whether the queries of `found` reach the cluster's DNS and their answers come back."""
    server = found.queries[0].server if found.queries else ""
    if not found.queries and found.status == "name-not-found" and conf is not None and conf.nameservers:
        # No query is computed where no DNS Pod is ready: what becomes of one, the rules for the Service say.
        server = conf.nameservers[0]
    if conf is None or server not in conf.nameservers:
        return Delivery()
    own_names = not found.queries or any(query.by == CACHED for query in found.queries)
    tried, other = asked(ground, origin, conf, own_names)
    if not tried:
        return Delivery()
    last = tried[-1]
    if last.lost < 1:
        cut = cut_answer(ground, origin, found, last.server) if last.protocol == "UDP" else None
        if cut is not None:
            return Delivery((*tried, cut), "cannot-tell", cut.reason, cut)
        return Delivery(tried, "", _partly(last), last) if last.lost else Delivery(tried)
    if last.verdict == "cannot-tell":
        return Delivery(tried, "cannot-tell", f"Whether the DNS query gets through is not known: {last.reason}", last)
    if other and not found.object.startswith("Service:"):
        reason = f"The DNS query to {last.server} gets no answer, and what {other} answers is not known: {last.reason}"
        return Delivery(tried, "cannot-tell", reason, last)
    return Delivery(tried, "name-not-found", lost_reason(origin.name, last), last)


def lost_reason(asker: str, lost: Carried) -> str:
    """That a query gets no answer, and by whose fault: ``DNS denied by NetworkPolicy shop/closed. …``."""
    how = f"The {lost.protocol} query to {lost.server}, port {DNS_PORT}, gets no answer"
    said = f"{how}, so every name lookup of {asker} fails: {lost.reason}"
    return f"{lost.denied_by}. {said}" if lost.denied_by else said


def _partly(some: Carried) -> str:
    unanswered = "gets no answer" if some.verdict != "cannot-tell" else "may get no answer"
    reason = some.reason if some.reason.endswith(".") else f"{some.reason}."
    return (
        f"The DNS query to {some.server} {unanswered}: {reason} Connection tracking sends what comes again from the "
        "same port the same way; whether the resolver asks from another port is not known."
    )


def carry(ground: Ground, origin: Origin, server: str, protocol: str, own_names: bool = True) -> Carried:
    """What becomes of a query of `origin` to `server`, an address of a Service or of NodeLocal DNSCache, by UDP or TCP.

    `own_names` says that a name of the cluster is asked for, for which the cache asks the cluster's DNS.
    """
    transport: Literal["TCP", "UDP"] = "TCP" if protocol == "TCP" else "UDP"
    cache, sure = cache_for(ground, origin, server)
    if cache is not None and sure:
        return _carry_to_cache(ground, origin, cache, (server, transport), own_names)
    sent = start(
        ground, origin, Aim(server, DNS_PORT, transport, server), DNS_SPORT, finish, leave, (), sure=True
    )  # fmt: skip
    failing = [path for path in sent.paths() if path.verdict != "delivered"]
    if not failing:
        doubt = denied_at_cache(ground, origin, cache, server, transport) if cache is not None else ""
        return Carried(server, protocol, "cannot-tell", Fraction(1), doubt) if doubt else Carried(server, protocol)
    worst = failing[0]
    lost = sum((path.share for path in failing), start=Fraction(0))
    verdict, reason = worst.verdict, worst.reason
    if cache is not None:
        verdict = "cannot-tell"
        reason = f"Whether {cache.text} answers on {origin.node} itself is not known. Without it: {reason}"
    return Carried(server, protocol, verdict, lost, reason, worst.hops, worst.policies)


def _carry_to_cache(
    ground: Ground, origin: Origin, cache: NodeCache, asked: tuple[str, Literal["TCP", "UDP"]], own_names: bool
) -> Carried:
    """What becomes of a query to NodeLocal DNSCache, and of its own query behind it."""
    server, transport = asked
    doubt = denied_at_cache(ground, origin, cache, server, transport)
    if doubt:
        return Carried(server, transport, "cannot-tell", Fraction(1), doubt)
    behind = forwarded(ground, origin, cache) if own_names else None
    if behind is None or not behind.lost:
        return Carried(server, transport)
    verdict: Verdict = "denied" if behind.policies else "dropped" if behind.hops else "cannot-tell"
    return Carried(server, transport, verdict, behind.lost, behind.reason, behind.hops, behind.policies)


def protocol_of(conf: ResolvConf) -> str:
    """TCP where the resolver was told to use it from the start (`options use-vc`), else UDP."""
    return "TCP" if "use-vc" in dict(conf.options) else "UDP"


def asked(ground: Ground, origin: Origin, conf: ResolvConf, own_names: bool = True) -> tuple[tuple[Carried, ...], str]:
    """What becomes of the query to each server until one answers; the first server that is none of the cluster's."""
    found: list[Carried] = []
    for server in conf.nameservers:
        if not ground.services_at(server) and not cache_for(ground, origin, server)[1]:
            return tuple(found), server
        found.append(carry(ground, origin, server, protocol_of(conf), own_names))
        if found[-1].lost < 1:
            break
    return tuple(found), ""


def cut_answer(ground: Ground, origin: Origin, found: Resolution, server: str) -> Carried | None:
    """The repetition by TCP where an answer is too long for UDP and TCP does not get through, else None."""
    if all(answer_size(query) <= MAX_UDP_ANSWER for query in found.queries):
        return None
    again = carry(ground, origin, server, "TCP")
    if not again.lost:
        return None
    size = max(answer_size(query) for query in found.queries)
    reason = (
        f"The answer has {size} bytes, more than UDP carries without EDNS ({MAX_UDP_ANSWER}): it is cut, and asked for "
        f"again by TCP, which gets no answer: {again.reason} Whether the resolver then takes the cut answer is its "
        "own affair."
    )
    return replace(again, verdict="cannot-tell", reason=reason)


def answer_size(query: Query) -> int:
    """The bytes of a DNS answer with its names compressed: header 12, question, 12 and the address for each record."""
    addresses = [text for text in query.answers if query.type in ("A", "AAAA")]
    return 12 + len(query.name) + 2 + 4 + sum(12 + (16 if ":" in text else 4) for text in addresses)
