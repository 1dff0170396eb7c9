"""What becomes of a request that a rule took: filters, shares of its backends, status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.asked import Asked
from designer.engine.l7.endpoints import ready_endpoints
from designer.engine.l7.gateway.choosing import Choice
from designer.engine.l7.gateway.cors import PREFLIGHT_STATUS, is_preflight
from designer.engine.l7.gateway.filters import NO_FILTERS, Filters
from designer.engine.l7.gateway.matching import HttpMatch
from designer.engine.l7.gateway.routes import Action, Backend, Entry
from designer.engine.l7.gateway.world import World
from designer.engine.l7.outcome import (
    NO_STATUS,
    OK,
    UNAVAILABLE,
    UNIMPLEMENTED,
    Answer,
    Decided,
    Forwarded,
    Way,
    cannot_tell,
)

SUCCESS, NOT_FOUND, FAILED, NO_ENDPOINT = 200, 404, 500, 503


@dataclass(frozen=True, slots=True)
class Share:
    """What one backend gets: `failure` is the status that requests get in its place, 0 where they reach it."""

    backend: Backend
    share: Fraction
    failure: int
    why: str
    endpoints: int
    tls: str = ""


def shares_of(action: Action, world: World, control: ControlPlaneState) -> tuple[Share, ...]:
    """The shares of all backends with a weight above 0, in their order."""
    total = action.weight
    found = []
    for backend in action.backends:
        if not backend.weight:
            continue
        share = Fraction(backend.weight, total)
        if backend.trouble is not None:
            found.append(Share(backend, share, FAILED, backend.trouble.text, 0))
            continue
        count = ready_endpoints(control, backend.service, backend.port)
        why = backend.filters.failing or world.broken_tls(backend.service, backend.port)
        failure = FAILED if why else 0
        if not failure and not count and backend.filters.redirect is None:  # a redirect needs no endpoint
            failure, why = NO_ENDPOINT, f"Service {backend.service} has no ready endpoint on port {backend.port}"
        found.append(Share(backend, share, failure, why, count, world.tls_wanted(backend.service, backend.port)))
    return tuple(found)


def percent(share: Fraction) -> str:
    """``20 %``; what is no round number is given as the fraction (``1/3 of``)."""
    hundred = share * 100
    return f"{hundred.numerator} % of" if hundred.denominator == 1 else f"{share.numerator}/{share.denominator} of"


def refused(status: int, reason: str, asked: Asked, route: str = "", grpc: int = UNAVAILABLE) -> Answer:
    """An answer that the Gateway gives itself; a gRPC call gets a gRPC status with HTTP status 200."""
    if asked.is_grpc and asked.is_http and status != NO_STATUS:
        return Answer(SUCCESS, reason, route, grpc=grpc)
    return Answer(status, reason, route, grpc=UNAVAILABLE if asked.is_grpc else None)


def no_match(asked: Asked, reason: str) -> Answer:
    """404, for gRPC UNIMPLEMENTED (GatewaySpec, "General Listener behavior")."""
    return refused(NOT_FOUND, reason, asked, grpc=UNIMPLEMENTED)


def answer_choice(choice: Choice, asked: Asked, world: World, control: ControlPlaneState, where: str) -> Answer:
    """The answer of a listener (`where` names it) whose routes gave this choice."""
    if choice.doubt:
        return cannot_tell(f"{choice.doubt}.")
    entry = choice.entry
    if entry is None:
        return no_match(asked, f"No rule of a route on {where} matches {asked.method} {asked.path}.")
    lost = "".join(f" {lost.entry.shown} matches too and loses: {lost.why}." for lost in choice.losers)
    answer = _by_rule(entry, asked, world, control, f"{entry.shown} on {where} takes it.", lost)
    losers = tuple((loser.entry.shown, loser.why) for loser in choice.losers)
    return replace(
        answer, decided=Decided(where, entry.shown, losers, object=entry.route.id, field=f"spec.rules[{entry.rule}]")
    )


def _open(filters: Filters, control: ControlPlaneState) -> str:
    """Why nobody can tell what a request gets. Where nobody answers for the authorisation, it never goes on.

    Which of four statuses the client sees then is left open (conformance: httproute-external-auth-backend-unavailable).
    """
    if filters.authority is None or ready_endpoints(control, *filters.authority):
        return filters.undecided
    service = f"Service {filters.authority[0]}"
    return (
        f"It is denied: {service}, which is asked for authorisation, has no ready endpoint. "
        "Whether the client sees 403, 500, 502 or 503 is the implementation's affair"
    )


def _by_rule(entry: Entry, asked: Asked, world: World, control: ControlPlaneState, said: str, lost: str) -> Answer:
    action, filters, route = entry.action, entry.action.filters, entry.route.shown
    if filters.failing:
        return refused(FAILED, f"{said} A filter fails: {filters.failing}.{lost}", asked, route)
    if filters.undecided:
        return cannot_tell(f"{said} {_open(filters, control)}.{lost}", route)
    if filters.cors is not None and is_preflight(asked):
        headers = filters.cors.of_preflight(asked)
        verdict = "allows" if headers else "does not allow"
        text = f"{said} The CORS filter answers the preflight request and {verdict} the origin.{lost}"
        return Answer(PREFLIGHT_STATUS, text, route, response_headers=headers)
    prefix = entry.match.path if isinstance(entry.match, HttpMatch) else ""
    if filters.direct:
        made = _response_headers(replace(asked, backend_headers={}), filters, NO_FILTERS)
        return Answer(filters.direct, f"{said} The Gateway answers itself.{lost}", route, response_headers=made)
    if filters.redirect is not None:
        return _redirected(filters, asked, prefix, route, f"{said}{lost}")
    if not action.weight:
        why = "all its backends have weight 0" if action.backends else "it has no backend"
        return refused(FAILED, f"{said} {why[:1].upper()}{why[1:]}.{lost}", asked, route)
    shares = shares_of(action, world, control)
    undecided = next((s.backend.filters for s in shares if s.backend.filters.undecided), None)
    if undecided is not None:
        return cannot_tell(f"{said} {_open(undecided, control)}.{lost}", route)
    return _forwarded(entry, asked, shares, prefix, said, lost)


def _redirected(filters: Filters, asked: Asked, prefix: str, route: str, said: str, *, told: bool = False) -> Answer:
    """A redirect; `told` says that `said` names the URL already."""
    assert filters.redirect is not None, "asked for a redirect"
    url = filters.redirect.location(asked, prefix)
    headers = filters.cors.of_response(asked) if filters.cors else {}
    more = "" if told else f" It redirects to {url}."
    return Answer(filters.redirect.status, f"{said}{more}", route, redirect=url, response_headers=headers)


def _elsewhere(share: Share, asked: Asked, prefix: str) -> str:
    """What becomes of a share that is redirected by its backendRef: others may be sent somewhere else."""
    found = share.backend.filters.redirect
    assert found is not None, "asked for a redirect"
    url = found.location(asked, prefix)
    return f" {percent(share.share)} requests are redirected to {url} with status {found.status}."


def _forwarded(entry: Entry, asked: Asked, shares: tuple[Share, ...], prefix: str, said: str, lost: str) -> Answer:
    route, filters = entry.route.shown, entry.action.filters
    failing = "".join(f" {percent(s.share)} requests get {_code(s, asked)}: {s.why}." for s in shares if s.failure)
    reached = tuple(s for s in shares if not s.failure and s.backend.filters.redirect is None)
    sent_on = tuple(s for s in shares if not s.failure and s.backend.filters.redirect is not None)
    if len(shares) > 1:
        failing += "".join(_elsewhere(share, asked, prefix) for share in sent_on)
    if not reached and sent_on:
        best, text = _largest(sent_on), f"{said}{failing}{lost}"
        return _redirected(best.backend.filters, asked, prefix, route, text, told=len(shares) > 1)
    named = reached or [share for share in shares if share.failure == NO_ENDPOINT]
    ways = tuple(_way(share, asked, prefix, filters) for share in shares)
    if not named or (not reached and _largest(shares).failure == FAILED):
        return replace(refused(FAILED, f"{said}{failing}{lost}", asked, route), ways=ways)
    best = _largest(tuple(named))
    backends = _summed(share for share in shares if share.failure != FAILED and share not in sent_on)
    reason = f"{said}{failing}{lost}"
    if not reached:
        grpc = UNAVAILABLE if asked.is_grpc else None
        status = SUCCESS if asked.is_grpc else NO_ENDPOINT
        return Answer(status, reason, route, best.backend.service, backends, grpc=grpc, ways=ways)
    if entry.action.patience and asked.is_http:
        reason += f" Where the backend takes longer than {entry.action.patience}, the client gets 504."
    request = _forward(asked, prefix, filters)
    own = any(share.backend.filters != NO_FILTERS for share in shares)
    return Answer(
        SUCCESS,
        reason,
        route,
        best.backend.service,
        backends,
        forwarded=_forward(asked, prefix, filters, best.backend.filters) if len(shares) == 1 else request,
        response_headers=_response_headers(asked, filters, best.backend.filters),
        grpc=OK if asked.is_grpc else None,
        mirrors=(*filters.mirrors, *(m for share in reached for m in share.backend.filters.mirrors)),
        by_backend={
            share.backend.service: _forward(asked, prefix, filters, share.backend.filters)
            for share in reversed(reached)
        }
        if own
        else {},
        endpoints=best.endpoints,
        ways=ways,
    )


def _way(share: Share, asked: Asked, prefix: str, filters: Filters) -> Way:
    """What requests of one share get."""
    backend, own = share.backend, share.backend.filters
    if share.failure:
        return Way(backend.service, backend.port, share.share, share.failure, share.why)
    if own.redirect is not None:
        return Way(backend.service, backend.port, share.share, redirect=own.redirect.location(asked, prefix))
    forwarded = _forward(asked, prefix, filters, own)
    return Way(backend.service, backend.port, share.share, forwarded=forwarded, tls=share.tls)


def _code(share: Share, asked: Asked) -> str:
    return "gRPC status UNAVAILABLE" if asked.is_grpc else str(share.failure)


def _largest(shares: tuple[Share, ...]) -> Share:
    return max(shares, key=lambda share: share.share)


def _summed(shares: Iterable[Share]) -> dict[str, Fraction]:
    """Shares by Service; one that is named twice gets both."""
    found: dict[str, Fraction] = {}
    for share in shares:
        found[share.backend.service] = found.get(share.backend.service, Fraction(0)) + share.share
    return found


def _forward(asked: Asked, prefix: str, filters: Filters, own: Filters = NO_FILTERS) -> Forwarded:
    """The request as it goes on after the filters of the rule and then of the backend."""
    headers, authority, path = dict(asked.headers), asked.authority, asked.path
    for one in (filters, own):
        if one.request is not None:
            headers = one.request.apply(headers)
        if one.rewrite is not None:
            authority = one.rewrite.hostname or authority
            path = one.rewrite.path.apply(path, prefix) if one.rewrite.path else path
    return Forwarded(asked.method, asked.url(authority, path), headers)


def _response_headers(asked: Asked, filters: Filters, own: Filters) -> dict[str, str]:
    """The response's headers after the filters of the backend, of the rule, and CORS."""
    headers = dict(asked.backend_headers)
    for one in (own, filters):
        if one.response is not None:
            headers = one.response.apply(headers)
        if one.cors is not None:
            headers.update(one.cors.of_response(asked))
    return headers


def answer_stream(
    route: str, action: Action, asked: Asked, world: World, control: ControlPlaneState, where: str
) -> Answer:
    """A connection that is handed on as bytes; shares whose backend does not hold are rejected.

    An HTTP request inside it reaches the backend too, which answers it.
    """
    shares = shares_of(action, world, control)
    reached = tuple(share for share in shares if not share.failure)
    said = f"{route} on {where} takes the connection."
    failing = "".join(f" {percent(s.share)} connections are rejected: {s.why}." for s in shares if s.failure)
    if not shares:
        failing = " It is rejected: the rule has no backend with a weight above 0."
    ways = tuple(Way(s.backend.service, s.backend.port, s.share, s.failure, s.why) for s in shares)
    answer = Answer(
        NO_STATUS,
        f"{said}{failing}",
        route,
        grpc=UNAVAILABLE if asked.is_grpc else None,
        ways=ways,
        decided=Decided(where, route),
        closing="" if reached else "rejected",
    )
    if not reached:
        return answer
    best = _largest(reached)
    return replace(
        answer,
        status=SUCCESS if asked.is_http else NO_STATUS,
        backend=best.backend.service,
        backends=_summed(reached),
        grpc=OK if asked.is_grpc else None,
        endpoints=best.endpoints,
    )
