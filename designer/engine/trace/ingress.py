"""HTTP at an Ingress controller: the route that it chooses, and its own connection to the backend's Pod.

A controller answers by itself where no route fits (404: verdict "no matching route") and where a backend has no
endpoint (503: verdict "rejected", since the controller turns the request away although a route fits). A redirect to
HTTPS is followed, as browsers do. To the backend it connects straight to an endpoint's address; kube-proxy and the
ClusterIP are not involved (`domain/ingress-gateway.md` section 5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from designer.engine.l7 import RouteDecision
from designer.engine.l7.matching import normal_host
from designer.engine.trace.aim import Aim
from designer.engine.trace.flight import Beyond, Flight, Responder, branch, endpoint, header, map_ends
from designer.engine.trace.ground import Ground, family_of
from designer.engine.trace.hops import Evidence, Hop, Trace, Verdict
from designer.engine.trace.journey import start
from designer.engine.trace.origin import pod_origin
from designer.engine.trace.public_names import runs
from designer.engine.trace.reply import finish, reply
from designer.model import IngressController

# The source port of a controller's connection to a backend; any free one would do.
BACKEND_SPORT = 50000


@dataclass(frozen=True, slots=True)
class HttpCall:
    """What an HTTP client asks for. `again` repeats the call by HTTPS after the hops so far, for a redirect."""

    host: str
    path: str
    tls: bool
    method: str
    beyond: Beyond
    headers: tuple[tuple[str, str], ...] = ()
    again: Callable[[tuple[Hop, ...]], Trace] | None = None


def answer_http(call: HttpCall, ground: Ground, flight: Flight, responder: Responder) -> Trace:
    """What follows when the connection that carries `call` has reached `responder`."""
    controller = controller_of(ground, responder)
    if controller is None:
        return finish(ground, flight, responder)
    source = flight.packet.src
    decision = ground.state.routes.route(controller.id, call.host, call.path, call.tls, dict(call.headers), source)
    flight = flight.plus(_http_hop(flight, responder, controller, call, decision))
    match decision.kind:
        case "backend" if decision.shares:
            return _shared(call, ground, flight, responder, controller, decision)
        case "backend":
            return _to_backend(call, ground, flight, responder, controller, decision)
        case "redirect":
            return _redirected(call, ground, flight, responder, decision)
        case "default-404":
            return _answered(ground, flight, responder, "no-matching-route", decision.reason)
        case "unavailable":
            return _answered(ground, flight, responder, "rejected", decision.reason)
    return flight.end("cannot-tell", _sentence(decision.reason))


def _shared(
    call: HttpCall,
    ground: Ground,
    flight: Flight,
    responder: Responder,
    controller: IngressController,
    decision: RouteDecision,
) -> Trace:
    """One way for each backend that takes a share of the requests, a canary and what it leaves."""
    ways = []
    for service, port, share in decision.shares:
        one = replace(decision, service=service, port=port, shares=())
        go = partial(_started, call, ground, responder, controller, one)
        ways.append((share, f"to {service.partition(':')[2]}:{port}", go))
    return branch(flight, tuple(ways))


def _started(
    call: HttpCall,
    ground: Ground,
    responder: Responder,
    controller: IngressController,
    decision: RouteDecision,
    flight: Flight,
) -> Trace:
    return _to_backend(call, ground, flight, responder, controller, decision)


def controller_of(ground: Ground, responder: Responder) -> IngressController | None:
    """The Ingress controller that the answering Pod runs, None when it runs none."""
    pod = responder.pod
    if pod is None:
        return None
    for controller in ground.state.project.of(IngressController):
        if runs(ground, controller, pod):
            return controller
    return None


def _http_hop(
    flight: Flight, responder: Responder, controller: IngressController, call: HttpCall, decision: RouteDecision
) -> Hop:
    scheme = "https" if call.tls else "http"
    words = {"backend": f"to {decision.service.partition(':')[2]}:{decision.port}", "cannot-tell": "cannot tell"}
    shown = header(flight.packet, flight.ttl)
    decided: tuple[Evidence, ...] = ()
    if decision.entry is not None:
        decided = (Evidence(decision.entry.text, decision.ingress, decision.field, decision.file, decision.line),)
    changed = (("Path sent on", decision.path), ("Host sent on", decision.vhost))
    sent = tuple((name, value) for name, value in changed if value)
    lost = tuple((loser.entry.text, loser.reason) for loser in decision.losers)
    return Hop(
        "http",
        "request",
        f"{controller.name} · routes",
        responder.id,
        f"{call.method} {scheme}://{call.host}{call.path}",
        shown,
        shown,
        _sentence(decision.reason),
        responder.node,
        "",
        words.get(decision.kind, str(decision.status)),
        decided,
        details=(("Host", call.host), ("Path", call.path), *sent, *lost),
    )


def _answered(ground: Ground, flight: Flight, responder: Responder, verdict: Verdict, reason: str) -> Trace:
    """The controller's own answer goes back to the client."""
    back = reply(ground, flight, responder)
    flight = flight.plus(*back.hops)
    return flight.end(back.fate(verdict), back.lost or _sentence(reason))


def _redirected(call: HttpCall, ground: Ground, flight: Flight, responder: Responder, decision: RouteDecision) -> Trace:
    back = reply(ground, flight, responder)
    flight = flight.plus(*back.hops)
    here = decision.url in ("", f"https://{normal_host(call.host)}", f"https://{normal_host(call.host)}{call.path}")
    if back.lost or call.again is None or not here:
        more = "" if here else " Trace that address to go on."
        return flight.end(back.fate("cannot-tell"), back.lost or f"{_sentence(decision.reason)}{more}")
    return call.again(flight.hops)


def _to_backend(
    call: HttpCall,
    ground: Ground,
    flight: Flight,
    responder: Responder,
    controller: IngressController,
    decision: RouteDecision,
) -> Trace:
    """The controller's own connection to one of the backend's endpoints, then its answer to the client."""
    who = decision.service.partition(":")[2]
    service = ground.control.services.get(decision.service)
    if service is not None and service.external_name:
        return flight.end(
            "cannot-tell", f"Service {who} is a DNS name for {service.external_name}; where it leads is not known."
        )
    routes = ground.state.routes.controllers[controller.id]
    targets = endpoints(ground, decision.service, decision.port, routes.profile.uses_serving)
    pod = responder.pod
    targets = [t for t in targets if pod is not None and any(family_of(a) == family_of(t[0]) for a in pod.ips)]
    if not targets or pod is None:
        reason = f"Service {who} has no endpoint for port {decision.port} that {controller.name} can use: 503."
        return _answered(ground, flight, responder, "rejected", reason)
    outer = flight

    def then(where: Ground, inner: Flight, backend: Responder) -> Trace:
        back = reply(where, inner, backend)
        if back.lost:
            return inner.plus(*back.hops).end("dropped", back.lost)
        first = replace(outer, hops=(*inner.hops, *back.hops))
        return finish(where, first, Responder(responder.id, f"{backend.name}, through {controller.name},", pod,
                                              responder.node))  # fmt: skip

    def connect(address: str, port: int, started: Flight) -> Trace:
        aim = Aim(address, port, "TCP", who)
        return start(ground, pod_origin(pod), aim, BACKEND_SPORT, then, call.beyond, started.hops)

    share = Fraction(1, len(targets))
    ways = tuple((share, _label(ground, address, port), partial(connect, address, port)) for address, port in targets)
    found = branch(flight, ways)
    return map_ends(found, lambda verdict, reason: _about_backend(verdict, reason, controller.name, who))


def _about_backend(verdict: Verdict, reason: str, controller: str, who: str) -> tuple[Verdict, str]:
    """The end of the second connection, told as what becomes of the client's request."""
    if verdict == "delivered":
        return verdict, reason
    return verdict, f"{controller} cannot get an answer from {who} for the client: {reason}"


def _label(ground: Ground, address: str, port: int) -> str:
    pod = ground.pods_by_ip.get(address)
    where = endpoint(address, port)
    return f"{pod.name} ({where}), in turn" if pod is not None else f"{where}, in turn"


def endpoints(ground: Ground, service_id: str, port: int | None, uses_serving: bool = False) -> list[tuple[str, int]]:
    """Addresses and ports behind a Service port that a controller may connect to, sorted; IPv4 ones where there are."""
    service = ground.control.services.get(service_id)
    name = next((p.name for p in service.ports if p.port == port), None) if service else None
    found: dict[tuple[str, int], None] = {}
    for part in ground.control.slices.get(service_id, ()):
        number = next((p.port for p in part.ports if p.name == name and p.protocol == "TCP"), None)
        for end in part.endpoints:
            if number is not None and (end.serving if uses_serving else end.ready):
                found.update({(address, number): None for address in end.addresses})
    plain = [item for item in found if ":" not in item[0]]
    return sorted(plain or found)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
