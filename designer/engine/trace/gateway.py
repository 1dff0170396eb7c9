"""A request at a Gateway: the decision of its listeners and routes, then the connections of its own to the backends.

What the Gateway answers by itself ends there: 404 is "no matching route", 500, 503, 421 and a failed handshake are
"rejected" (the request is turned away though something listens), a port without listener is "connection refused". Where
the proxies are not in the input, the decision is shown all the same, and the verdict is "cannot tell".
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from designer.engine.l7.gateway.listeners import PROTOCOLS
from designer.engine.l7.outcome import NO_STATUS, Answer, Way
from designer.engine.trace.aim import Protocol
from designer.engine.trace.calling import Call
from designer.engine.trace.flight import Flight, Responder, branch, map_ends
from designer.engine.trace.gateway_hop import decision_hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Trace, Verdict
from designer.engine.trace.relaying import Relay, answered, relay, sentence
from designer.engine.trace.reply import finish, reply, unseen

NOT_FOUND, ERRORS = 404, 400


def answer_gateway(call: Call, ground: Ground, flight: Flight, responder: Responder, key: str, port: int) -> Trace:
    """What follows when the connection that carries `call` has reached a proxy of Gateway `key`, at listener `port`."""
    table = ground.state.gateways
    if key not in table.responders and key in table.gateways:
        why = table.gateways[key].accepted[2]
        return flight.end("cannot-tell", f"What the proxies of Gateway {key} do is not known: {why}.")
    answer = table.answer(key, call.asked(port))
    flight = flight.plus(decision_hop(ground, call, answer, key, responder, flight))
    if responder.unseen:
        return flight.end("cannot-tell", f"{unseen(responder)} What it decides: {sentence(answer.reason)}")
    found = _follow(call, ground, flight, responder, key, answer)
    return _certified(found, answer) if answer.decided.certificate else found


def _certified(trace: Trace, answer: Answer) -> Trace:
    """The same ways, where the client must present a certificate: whether it has one is not part of a request."""

    def told(verdict: Verdict, reason: str) -> tuple[Verdict, str]:
        said = f"{answer.decided.listener} asks for a client certificate, and whether this client has a valid one is "
        return "cannot-tell", f"{said}not known: without it, the TLS handshake fails. With it: {reason}"

    return map_ends(trace, told)


def _follow(call: Call, ground: Ground, flight: Flight, responder: Responder, key: str, answer: Answer) -> Trace:
    if answer.undecided:
        return flight.end("cannot-tell", sentence(answer.reason))
    match answer.closing:
        case "refused":
            own = _own_protocols(ground, key)
            if own:
                said = f"Gateway {key} has listeners of protocol {', '.join(own)}, which is its controller's own: "
                return flight.end("cannot-tell", f"{said}what its proxies do with the connection is not known.")
            return answered(ground, flight, responder, "connection-refused", answer.reason)
        case "rejected":
            return answered(ground, flight, responder, "rejected", answer.reason)
        case "waits":
            return finish(ground, flight, responder)
    if answer.ways:
        ways = tuple(
            (way.share, _label(way), partial(_way, call, ground, responder, key, answer, way)) for way in answer.ways
        )
        return branch(flight, ways)
    if answer.redirect:
        return _redirected(call, ground, flight, responder, answer.redirect, answer.reason)
    if (answer.status == NOT_FOUND or answer.grpc) and not answer.route:  # a rule may answer 404 itself: a match
        return answered(ground, flight, responder, "no-matching-route", answer.reason)
    failed = answer.status >= ERRORS or answer.status == NO_STATUS or bool(answer.grpc)
    return answered(ground, flight, responder, "rejected" if failed else "delivered", answer.reason)


def _own_protocols(ground: Ground, key: str) -> tuple[str, ...]:
    """Protocols of listeners that the specification does not name (Listener ``protocol``)."""
    listeners = ground.state.gateways.gateways[key].every_listener
    return tuple(dict.fromkeys(x.protocol for x in listeners if x.protocol not in PROTOCOLS))


def _label(way: Way) -> str:
    if way.redirect:
        return f"redirected to {way.redirect}"
    return f"to {way.service}:{way.port}" if not way.failure else f"{way.failure} in place of {way.service}"


def _way(call: Call, ground: Ground, responder: Responder, key: str, answer: Answer, way: Way, flight: Flight) -> Trace:
    """What becomes of the share that one backend gets."""
    if way.failure:
        what = str(way.failure) if call.http else "The connection is rejected"
        return answered(ground, flight, responder, "rejected", f"{what}: {way.why}")
    if way.redirect:
        return _redirected(call, ground, flight, responder, way.redirect, answer.reason)
    profile = ground.state.gateways.gateways[key].profile
    protocol: Protocol = "UDP" if call.transport == "UDP" else "TCP"
    to = Relay(f"Gateway {key}", f"Service:{way.service}", way.port, protocol)
    straight = relay(call.beyond, ground, flight, responder, to)
    if profile.straight or not ground.control.services[to.service].cluster_ips:
        return straight
    around = relay(call.beyond, ground, flight, responder, replace(to, by_address=True))
    if _ends(straight) == _ends(around):
        return straight
    return flight.end(
        "cannot-tell",
        f"Whether {profile.title} connects to endpoints of Service {way.service} or to its ClusterIP is its own "
        f"affair, and they do not end alike: {_told(straight)}; {_told(around)}",
    )


def _ends(trace: Trace) -> set[str]:
    return {path.verdict for path in trace.paths()}


def _told(trace: Trace) -> str:
    worst = next((path for path in trace.paths() if path.verdict != "delivered"), trace.paths()[0])
    return f"{worst.verdict}: {worst.reason}"


def _redirected(call: Call, ground: Ground, flight: Flight, responder: Responder, url: str, reason: str) -> Trace:
    """A redirect: one to the same URL by HTTPS is followed, as browsers do."""
    back = reply(ground, flight, responder)
    flight = flight.plus(*back.hops)
    here = url == f"https://{call.host}{call.path}"
    if back.lost or call.again is None or not here:
        more = "" if here and call.again is not None else f" Trace {url} to go on."
        return flight.end(back.fate("cannot-tell"), back.lost or f"{sentence(reason)}{more}")
    return call.again(flight.hops, call.path)
