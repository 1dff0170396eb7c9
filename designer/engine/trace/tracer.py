"""trace: one request followed through a compiled cluster.

It never raises on what a person can type or on what a project can hold: what cannot be followed ends in "cannot tell"
with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from designer.engine.trace.aim import Aim, Aims, aim_at_address, aim_at_object, aim_at_short, fail
from designer.engine.trace.arriving import answer_call, decided, in_nodes
from designer.engine.trace.beyond import leave
from designer.engine.trace.calling import Call
from designer.engine.trace.either_way import either_way
from designer.engine.trace.entrances import aim_at_gateway
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Branch, Hop, Path, Request, Trace, TraceResult
from designer.engine.trace.journey import start
from designer.engine.trace.naming import aim_at_name
from designer.engine.trace.origin import find_origin
from designer.engine.trace.outside import come_in
from designer.engine.trace.public_names import aim_at_ingress, as_gateway, as_http, host_of_ingress
from designer.engine.trace.request import Parsed, parse_request
from designer.engine.trace.route_objects import as_route, is_route_object
from designer.model.collector import collector_paused

if TYPE_CHECKING:
    from designer.engine.compile import ClusterState

Again = Callable[[tuple[Hop, ...], str], Trace] | None


@collector_paused()
def trace(state: ClusterState, request: Request) -> TraceResult:
    """What becomes of `request`: the tree of hops with one verdict for all of it."""
    parsed, problems = parse_request(request)
    if parsed is None:
        words = " ".join(f"{problem.title}. {problem.fix}" for problem in problems)
        return _result(request, Trace((), "cannot-tell", words))
    ground = Ground.of(state)
    found = find_origin(ground, request.source)
    if found.origin is None:
        return _result(request, Trace((), "cannot-tell", found.note))
    if parsed.kind == "object" and parsed.host.startswith("Ingress:"):
        parsed = as_http(ground, parsed)
    note = found.note
    if is_route_object(parsed):
        meant = as_route(ground, parsed, request.method)
        if meant.trouble:
            return _result(request, Trace((), "no-matching-route" if meant.exists else "cannot-tell", meant.trouble))
        parsed, note = meant.parsed, f"{note} {meant.note}".strip()
    elif parsed.kind == "object" and parsed.host.startswith("Gateway:"):
        parsed = as_gateway(ground, parsed)[0]
    aims = find_aims(ground, found.origin, parsed)
    notes = (*((note,) if note else ()), *aims.notes, *state.policies.caveats)
    aims = replace(aims, notes=notes)
    return _result(request, _follow(ground, found.origin, request, parsed, aims))


def find_aims(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    """Where the typed destination leads from this sender."""
    if parsed.kind == "address":
        return aim_at_address(ground, origin, parsed)
    if parsed.kind == "object" and parsed.host.startswith("Ingress:"):
        return aim_at_ingress(ground, origin, parsed)
    if parsed.kind == "object" and parsed.host.startswith("Gateway:"):
        return _aim_at_gateway_object(ground, origin, parsed)
    if parsed.kind == "object":
        service = ground.control.services.get(parsed.host)
        if service is not None and service.external_name and origin.kind != "outside":
            name = f"{service.name}.{service.namespace}.svc.{ground.settings.dnsDomain}"
            return aim_at_name(ground, origin, replace(parsed, kind="name", host=name))
        return aim_at_object(ground, origin, parsed)
    if "/" in parsed.host:
        return aim_at_short(ground, origin, parsed)
    return aim_at_name(ground, origin, parsed)


def _aim_at_gateway_object(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    key = parsed.host.partition(":")[2]
    if key not in ground.state.gateways.gateways:
        return fail("cannot-tell", f"There is no Gateway {key}, or the API server refuses it.")
    return aim_at_gateway(ground, origin, key, parsed)


def _follow(ground: Ground, origin: Origin, request: Request, parsed: Parsed, aims: Aims) -> Trace:
    before = (*_note_hop(origin, aims.notes), *aims.hops)
    if aims.unseen:
        call = _call(ground, request, parsed, None)
        port = parsed.port or (443 if parsed.tls else 80)
        hop, reason = decided(replace(call, port=port), ground, aims.unseen, port)
        return Trace((*before, hop), "cannot-tell", f"{aims.reason} What Gateway {aims.unseen} decides: {reason}")
    if not aims.ways:
        return Trace(before, aims.verdict, aims.reason, (), aims.policies)
    if aims.lost and aims.lost < 1:
        # A lookup's query may be the one that is lost: no connection follows it.
        rest = _follow(ground, origin, request, parsed, replace(aims, hops=(), notes=(), lost=Fraction(0)))
        unanswered = Trace((), "cannot-tell", aims.lost_why)
        ways = (Branch(1 - aims.lost, "DNS answers", rest), Branch(aims.lost, "no answer of DNS", unanswered))
        return Trace(before, None, "", ways)
    if len(aims.ways) == 1:
        return _connect(ground, origin, request, parsed, aims.ways[0][1], before)
    branches = tuple(
        Branch(share, aim.label, _connect(ground, origin, request, parsed, aim, ())) for share, aim in aims.ways
    )
    return Trace(before, None, "", branches)


def _connect(
    ground: Ground, origin: Origin, request: Request, parsed: Parsed, aim: Aim, hops: tuple[Hop, ...]
) -> Trace:
    """One connection to one aim, from wherever the sender stands."""
    again = None
    if parsed.http and not parsed.tls:
        secure = replace(parsed, tls=True, port=443)
        again = partial(_again, ground, origin, request, secure, replace(aim, port=443, entries=aim.entries))
    call = replace(_call(ground, request, parsed, again), address=aim.address, port=aim.port)
    inside = in_nodes(call, ground, aim, hops)
    if inside is not None:
        return inside
    go = come_in if origin.kind == "outside" else start
    follow = partial(
        go, origin=origin, aim=aim, sport=request.sport, then=partial(answer_call, call), beyond=leave, hops=hops
    )
    return either_way(follow(ground), lambda: follow(replace(ground, past_doubts=True)))


def _call(ground: Ground, request: Request, parsed: Parsed, again: Again) -> Call:
    """What the request asks for, of whoever answers."""
    host = parsed.host
    if parsed.kind == "object" and host.startswith("Gateway:"):
        host = parsed.asks or as_gateway(ground, parsed)[1]
    elif parsed.kind == "object":
        host = host_of_ingress(ground, host)
    named = {name.lower(): value for name, value in request.headers}.get("host", host)
    grpc = parsed.text.lower().startswith("grpc://")
    return Call(
        named, parsed.path, parsed.tls, request.method, leave, request.headers, again, parsed.http, host,
        parsed.protocol, grpc, port=parsed.port or 0,
    )  # fmt: skip


def _again(
    ground: Ground, origin: Origin, request: Request, parsed: Parsed, aim: Aim, hops: tuple[Hop, ...], path: str
) -> Trace:
    """The call repeated by HTTPS for a path, from the next source port."""
    sport = request.sport + 1 if request.sport < 65535 else 1024
    return _connect(ground, origin, replace(request, sport=sport), replace(parsed, path=path), aim, hops)


def _note_hop(origin: Origin, notes: tuple[str, ...]) -> tuple[Hop, ...]:
    """A first hop that says what was taken for granted in reading the request; none where nothing was."""
    said = " ".join(notes)
    if not said:
        return ()
    return (Hop("resolve", "request", origin.name, origin.id, "Reads the request", None, None, said, origin.node),)


def _result(request: Request, found: Trace) -> TraceResult:
    """The tree with its one verdict: that of all paths, or of the most likely path that fails."""
    paths = found.paths()
    verdicts = {path.verdict for path in paths}
    first: Path = paths[0]
    if len(verdicts) == 1:
        return TraceResult(request, found, first.verdict, first.reason)
    failing = next(path for path in paths if path.verdict != "delivered")
    share = sum((path.share for path in paths if path.verdict == failing.verdict), start=Fraction(0))
    reason = f"{share.numerator} of {share.denominator} of the connections: {failing.reason}"
    return TraceResult(request, found, failing.verdict, reason, True)
