"""HTTP at an Ingress controller: the route that it chooses, and its own connection to the backend's Pod.

A controller answers by itself where no route fits (404: verdict "no matching route") and where a backend has no
endpoint (503: verdict "rejected", since the controller turns the request away although a route fits). A redirect to
HTTPS is followed, as browsers do. To the backend it connects straight to an endpoint's address; kube-proxy and the
ClusterIP are not involved (`domain/ingress-gateway.md` section 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from designer.engine.l7 import RouteDecision
from designer.engine.l7.matching import normal_host
from designer.engine.trace.calling import Call
from designer.engine.trace.entrances import runs
from designer.engine.trace.flight import Flight, Responder, branch, header
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Evidence, Hop, Trace
from designer.engine.trace.relaying import Relay, answered, backend_text, lost_text, relay, sentence
from designer.engine.trace.reply import finish, reply
from designer.model import IngressController


def answer_http(call: Call, ground: Ground, flight: Flight, responder: Responder) -> Trace:
    """What follows when the connection that carries `call` has reached `responder`."""
    controller = controller_of(ground, responder)
    if controller is None:
        return finish(ground, flight, responder)
    source = flight.packet.src
    decision = ground.state.routes.route(
        controller.id, call.host, call.path, call.tls, dict(call.headers), source, call.method
    )
    flight = flight.plus(_http_hop(ground, flight, responder, controller, call, decision))
    match decision.kind:
        case "backend" if decision.shares:
            return _shared(call, ground, flight, responder, controller, decision)
        case "backend":
            return _to_backend(call, ground, flight, responder, controller, decision)
        case "redirect":
            return _redirected(call, ground, flight, responder, decision)
        case "default-404":
            return answered(ground, flight, responder, "no-matching-route", decision.reason)
        case "unavailable":
            return answered(ground, flight, responder, "rejected", decision.reason)
        case "answered":
            return answered(ground, flight, responder, "delivered", decision.reason)
    return flight.end("cannot-tell", sentence(decision.reason))


def _shared(
    call: Call,
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
    call: Call,
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
    ground: Ground,
    flight: Flight,
    responder: Responder,
    controller: IngressController,
    call: Call,
    decision: RouteDecision,
) -> Hop:
    scheme = "https" if call.tls else "http"
    words = {"backend": f"to {decision.service.partition(':')[2]}:{decision.port}", "cannot-tell": "cannot tell"}
    shown = header(flight.packet, flight.ttl)
    decided: tuple[Evidence, ...] = ()
    if decision.entry is not None:
        decided = (Evidence(decision.entry.text, decision.ingress, decision.field, decision.file, decision.line),)
    return Hop(
        "http",
        "request",
        f"{controller.name} · routes",
        responder.id,
        f"{call.method} {scheme}://{call.host}{call.path}",
        shown,
        shown,
        f"{sentence(decision.reason)}{lost_text(losers_of(decision))}",
        responder.node,
        "",
        words.get(decision.kind, str(decision.status)),
        decided,
        details=tuple(_rows(ground, call, controller, decision)),
    )


def losers_of(decision: RouteDecision) -> tuple[tuple[str, str], ...]:
    """The rules that match too, each with the reason why it loses."""
    return tuple((loser.entry.text, loser.reason) for loser in decision.losers)


def _rows(
    ground: Ground, call: Call, controller: IngressController, decision: RouteDecision
) -> Iterator[tuple[str, str]]:
    """What the stop shows: names and values."""
    yield "Controller", f"{controller.namespace}/{controller.name} ({controller.spec.profile})"
    if decision.entry is not None:
        yield "Rule", decision.entry.text
    yield "Host", call.host
    yield "Path", call.path
    serving = ground.state.routes.controllers[controller.id].profile.uses_serving
    if decision.kind == "backend":
        shares = decision.shares or ((decision.service, decision.port, Fraction(1)),)
        for service, port, share in shares:
            part = f"{share.numerator} of {share.denominator} to " if len(shares) > 1 else ""
            yield "Backend", f"{part}{backend_text(ground, service, port, serving)}"
    for name, value in (
        ("Redirect", decision.url),
        ("Path sent on", decision.path),
        ("Host sent on", decision.vhost),
    ):
        if value:
            yield name, value
    for rule, why in losers_of(decision):
        yield f"Lost: {rule}", why


def _redirected(call: Call, ground: Ground, flight: Flight, responder: Responder, decision: RouteDecision) -> Trace:
    back = reply(ground, flight, responder)
    flight = flight.plus(*back.hops)
    path = _by_https(decision.url, call)
    if back.lost or call.again is None or not path:
        more = "" if path else " Trace that address to go on."
        return flight.end(back.fate("cannot-tell"), back.lost or f"{sentence(decision.reason)}{more}")
    return call.again(flight.hops, path)


def _by_https(url: str, call: Call) -> str:
    """The path, with query, of a redirect to the same host by HTTPS; "" for one to elsewhere.

    ingress-nginx leaves a final slash out of it.
    """
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    same = scheme == "https" and host.lower() == normal_host(call.host)
    return (f"{slash}{path}" or "/") if same else "" if url else call.path


def _to_backend(
    call: Call,
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
    serving = ground.state.routes.controllers[controller.id].profile.uses_serving
    to = Relay(controller.name, decision.service, decision.port, uses_serving=serving, by_address=decision.by_address)
    return relay(call.beyond, ground, flight, responder, to)
