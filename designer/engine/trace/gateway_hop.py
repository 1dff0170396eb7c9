"""The stop of a trace at which a Gateway decides: listener, rule, what goes on, who lost and why."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.controlplane.sources import source_line
from designer.engine.l7.outcome import Answer, Forwarded, Way
from designer.engine.trace.calling import Call
from designer.engine.trace.flight import Flight, Responder, evidence, header
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Evidence, Hop
from designer.engine.trace.relaying import backend_text, sentence


def decision_hop(
    ground: Ground, call: Call, answer: Answer, key: str, responder: Responder, flight: Flight | None
) -> Hop:
    """The hop; without a `flight` (nothing is known of the packet) it has no headers."""
    decided = answer.decided
    shown = header(flight.packet, flight.ttl) if flight is not None else None
    proofs: tuple[Evidence, ...] = ()
    if decided.object:
        file, line = source_line(ground.state.project, decided.object, decided.field)
        proofs = evidence(decided.rule, decided.object, decided.field, file, line)
    return Hop(
        "http" if call.http else "relay",
        "request",
        f"Gateway {key} · {_listener(decided.listener)}",
        responder.id,
        call.shown,
        shown,
        shown,
        f"{sentence(answer.reason)}{_changed(call, answer)}",
        responder.node,
        "",
        _outcome(answer),
        proofs,
        details=(*_rows(ground, call, answer, key), *((f"Lost: {rule}", why) for rule, why in decided.losers)),
    )


def _changed(call: Call, answer: Answer) -> str:
    """What goes on otherwise than it came, as sentences behind a space: another URL, TLS to a backend."""
    said = ""
    for way in answer.ways:
        if way.forwarded is not None and way.forwarded.url != call.asked(call.port).url():
            said += f" It goes on to {way.service} as {way.forwarded.method} {way.forwarded.url}."
        if way.tls:
            said += f" To {way.service} it speaks TLS ({way.tls}); whether the Pods have one is not in the input."
    return said


def _listener(shown: str) -> str:
    """``listener web``: the owner is said in the place already."""
    return shown.partition(" of ")[0] or "routes"


def _outcome(answer: Answer) -> str:
    """What is decided, in a word or two."""
    if answer.undecided:
        return "cannot tell"
    reached = [way for way in answer.ways if not way.failure and not way.redirect]
    if len(answer.ways) == 1 and reached:
        return f"to {reached[0].service}:{reached[0].port}"
    if reached:
        return f"to {len(reached)} of {len(answer.ways)} backends"
    if answer.closing:
        return {"refused": "refused", "rejected": "rejected", "waits": "accepted"}[answer.closing]
    if answer.grpc:
        return f"gRPC status {answer.grpc}"
    return str(answer.status) if answer.status else "rejected"


def _rows(ground: Ground, call: Call, answer: Answer, key: str) -> Iterator[tuple[str, str]]:
    """What the stop shows: names and values."""
    yield "Gateway", key
    if answer.decided.listener:
        yield "Listener", answer.decided.listener
    if answer.decided.rule:
        yield "Rule", answer.decided.rule
    if call.http:
        yield "Host", call.host
        yield "Path", call.path
    if call.tls:
        yield "Server name", call.asked(call.port).sni or "none: the URL has an address"
    if answer.redirect:
        yield "Redirect", answer.redirect
    for way in answer.ways:
        yield from _of_way(ground, call, way, len(answer.ways) > 1)
    for mirror in answer.mirrors:
        yield "Mirrored", f"{mirror.percent} % of requests to {mirror.backend}, whose answers nobody gets"
    for name, value in answer.response_headers.items():
        yield f"Answer's {name}", value


def _of_way(ground: Ground, call: Call, way: Way, many: bool) -> Iterator[tuple[str, str]]:
    share = f"{way.share.numerator} of {way.share.denominator} to " if many else ""
    if way.failure:
        yield "Backend", f"{share}{way.service}:{way.port}: {way.why}"
        return
    if way.redirect:
        yield "Redirect", f"{share}{way.redirect}"
        return
    protocol = "UDP" if call.transport == "UDP" else "TCP"
    yield "Backend", f"{share}{backend_text(ground, f'Service:{way.service}', way.port, protocol=protocol)}"
    if way.tls:
        yield "TLS to it", way.tls
    if way.forwarded is not None:
        yield from _sent_on(call, way.forwarded)


def _sent_on(call: Call, sent: Forwarded) -> Iterator[tuple[str, str]]:
    """The request as it goes on, and the headers that filters changed."""
    yield "Sent on", f"{sent.method} {sent.url}"
    before = {name.lower(): value for name, value in call.headers}
    after = {name.lower(): value for name, value in sent.headers.items()}
    for name, value in sent.headers.items():
        if before.get(name.lower()) != value:
            yield f"Header {name}", value
    for name, _ in call.headers:
        if name.lower() not in after:
            yield f"Header {name}", "removed"
