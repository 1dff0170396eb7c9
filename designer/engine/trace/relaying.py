"""The own connection of something that answers for a Service: from an Ingress controller or a Gateway to an endpoint.

It goes straight to an endpoint's address; kube-proxy and the ClusterIP are not involved (`domain/ingress-gateway.md`
section 5), and policies see the relaying Pod's address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from designer.engine.trace.aim import Aim, Protocol
from designer.engine.trace.flight import Beyond, Flight, Responder, branch, endpoint, map_ends
from designer.engine.trace.ground import Ground, family_of
from designer.engine.trace.hops import Trace, Verdict
from designer.engine.trace.journey import start
from designer.engine.trace.origin import pod_origin
from designer.engine.trace.reply import finish, reply, unseen

# The source port of a connection to a backend; any free one would do.
BACKEND_SPORT = 50000
MAX_SHOWN = 5  # endpoints of a backend that are listed
MAX_LOST = 3  # rules that lose, told in a sentence; all of them stand in the details


@dataclass(frozen=True, slots=True)
class Relay:
    """What a relay connects to: a port of a Service (its id). `who` is what texts call the relay.

    `uses_serving`: endpoints that still serve while they go away count. `by_address`: it calls the ClusterIP.
    """

    who: str
    service: str
    port: int | None
    protocol: Protocol = "TCP"
    uses_serving: bool = False
    by_address: bool = False

    @property
    def name(self) -> str:
        """The Service as ``ns/name``."""
        return self.service.partition(":")[2]


def answered(ground: Ground, flight: Flight, responder: Responder, verdict: Verdict, reason: str) -> Trace:
    """The relay's own answer goes back to the client."""
    back = reply(ground, flight, responder)
    flight = flight.plus(*back.hops)
    return flight.end(back.fate(verdict), back.lost or sentence(reason))


def relay(beyond: Beyond, ground: Ground, flight: Flight, responder: Responder, to: Relay) -> Trace:
    """The relay's own connection to one of the backend's endpoints, then its answer to the client."""
    pod = responder.pod
    targets = _targets(ground, to) if pod is not None else []
    targets = [t for t in targets if pod is not None and any(family_of(a) == family_of(t[0]) for a in pod.ips)]
    if not targets or pod is None:
        reason = f"Service {to.name} has no endpoint for port {to.port} that {to.who} can use: 503."
        return answered(ground, flight, responder, "rejected", reason)
    outer = flight

    def then(where: Ground, inner: Flight, backend: Responder) -> Trace:
        if backend.unseen:
            return inner.end("cannot-tell", unseen(backend))
        back = reply(where, inner, backend)
        if back.lost:
            return inner.plus(*back.hops).end(back.fate("dropped"), back.lost)
        first = replace(outer, hops=(*inner.hops, *back.hops))
        return finish(where, first, Responder(responder.id, f"{backend.name}, through {to.who},", pod, responder.node))

    def connect(address: str, port: int, started: Flight) -> Trace:
        aim = Aim(address, port, to.protocol, to.name)
        return start(ground, pod_origin(pod), aim, BACKEND_SPORT, then, beyond, started.hops)

    share = Fraction(1, len(targets))
    ways = tuple((share, _label(ground, address, port), partial(connect, address, port)) for address, port in targets)
    found = branch(flight, ways)
    return map_ends(found, lambda verdict, reason: _about_backend(verdict, reason, to.who, to.name))


def _targets(ground: Ground, to: Relay) -> list[tuple[str, int]]:
    if not to.by_address:
        return endpoints(ground, to.service, to.port, to.uses_serving, to.protocol)
    service = ground.control.services.get(to.service)
    return [(service.cluster_ips[0], to.port)] if service is not None and service.cluster_ips and to.port else []


def _about_backend(verdict: Verdict, reason: str, relay: str, who: str) -> tuple[Verdict, str]:
    """The end of the second connection, told as what becomes of the client's request."""
    if verdict == "delivered":
        return verdict, reason
    return verdict, f"{relay} cannot get an answer from {who} for the client: {reason}"


def _label(ground: Ground, address: str, port: int) -> str:
    pod = ground.pods_by_ip.get(address)
    where = endpoint(address, port)
    return f"{pod.name} ({where}), in turn" if pod is not None else f"{where}, in turn"


def endpoints(
    ground: Ground, service_id: str, port: int | None, uses_serving: bool = False, protocol: str = "TCP"
) -> list[tuple[str, int]]:
    """Addresses and ports behind a Service port that a relay may connect to, sorted; IPv4 ones where there are."""
    service = ground.control.services.get(service_id)
    fitting = (p.name for p in service.ports if p.port == port and p.protocol == protocol) if service else iter(())
    name = next(fitting, None)
    found: dict[tuple[str, int], None] = {}
    for part in ground.control.slices.get(service_id, ()):
        number = next((p.port for p in part.ports if p.name == name and p.protocol == protocol), None)
        for end in part.endpoints:
            if number is not None and (end.serving if uses_serving else end.ready):
                found.update({(address, number): None for address in end.addresses})
    plain = [item for item in found if ":" not in item[0]]
    return sorted(plain or found)


def backend_text(
    ground: Ground, service_id: str, port: int | None, uses_serving: bool = False, protocol: str = "TCP"
) -> str:
    """``shop/cart:80, endpoints 10.244.1.5:8080 and 3 more``: a Service port with who stands behind it."""
    held = endpoints(ground, service_id, port, uses_serving, protocol)
    listed = ", ".join(endpoint(*one) for one in held[:MAX_SHOWN])
    more = f" and {len(held) - MAX_SHOWN} more" if len(held) > MAX_SHOWN else ""
    return f"{service_id.partition(':')[2]}:{port}, endpoints {listed or 'none'}{more}"


def lost_text(losers: Sequence[tuple[str, str]]) -> str:
    """The rules that match too, as sentences behind a space, "" where there is none; long lists end in a count."""
    said = "".join(f" {rule} matches too and loses: {why}." for rule, why in losers[:MAX_LOST])
    more = len(losers) - MAX_LOST
    if more <= 0:
        return said
    return f"{said} {more} more match and lose." if more > 1 else f"{said} One more matches and loses."


def sentence(text: str) -> str:
    """The text with a full stop."""
    return text if text.endswith(".") else f"{text}."
