"""A route of Gateway API as the destination: a request that it is made for, at a Gateway that it is attached to.

The request is made of the route's first match that needs no header, query parameter or other method: its host name and
path, at the listener that took the route. A match that needs more is asked for as it is, and the Gateway decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from designer.engine.l7.gateway.matching import HttpMatch
from designer.engine.l7.gateway.objects import HTTP_KINDS, ROUTE_KINDS
from designer.engine.l7.gateway.routes import Entry, RouteState
from designer.engine.trace.ground import Ground
from designer.engine.trace.request import Parsed

ANY_HOST = "any.example.com"


@dataclass(frozen=True, slots=True)
class RouteAim:
    """The destination that a route stands for; `note` says what was chosen, `trouble` why there is none.

    `exists`: the route is there, and no Gateway takes it.
    """

    parsed: Parsed
    note: str = ""
    trouble: str = ""
    exists: bool = True


def is_route_object(parsed: Parsed) -> bool:
    """Whether a route was asked for as an object."""
    return parsed.kind == "object" and parsed.host.partition(":")[0] in ROUTE_KINDS


def as_route(ground: Ground, parsed: Parsed, method: str) -> RouteAim:
    """The Gateway behind a route, with the host and path that the route takes."""
    kind, _, key = parsed.host.partition(":")
    key = key if "/" in key else f"default/{key}"
    table = ground.state.gateways
    route = next((one for one in table.routes if (one.route.kind, one.route.key) == (kind, key)), None)
    if route is None:
        return RouteAim(parsed, trouble=f"There is no {kind} {key}, or the API server refuses it.", exists=False)
    taken = [
        (name, listener)
        for name, responder in table.responders.items()
        for listener in responder.listeners
        if route.route.id in responder.attached[listener.key].states and parsed.port in (None, listener.port)
    ]
    if not taken:
        return RouteAim(parsed, trouble=f"{kind} {key} is attached to no Gateway{_why(ground, route, parsed)}.")
    gateway, listener = taken[0]
    entry = _first(route, method)
    host = _host(entry.hostname if entry is not None else next(iter(route.hostnames), ""), listener.hostname)
    made = replace(
        parsed,
        host=f"Gateway:{gateway}",
        asks=host,
        port=listener.port,
        path=_path(entry) if entry is not None and parsed.path == "/" else parsed.path,
        http=kind in HTTP_KINDS,
        tls=listener.protocol in ("HTTPS", "TLS"),
        protocol="UDP" if listener.protocol == "UDP" else "TCP",
        said_protocol=True,
        text=f"grpc://{host}" if kind == "GRPCRoute" else parsed.text,
    )
    rule = f", rule {entry.rule + 1} ({entry.match.shown})" if entry is not None else ""
    others = f" It is attached to {len(taken)} listeners; the first is taken." if len(taken) > 1 else ""
    said = f"{kind} {key}{rule} is asked for at listener {listener.name} of Gateway {gateway}.{others}"
    return RouteAim(made, said)


def _why(ground: Ground, route: RouteState, parsed: Parsed) -> str:
    """Why nothing takes it, as the end of a sentence."""
    if parsed.port is not None:
        return f" at port {parsed.port}"
    if route.refused is not None:
        return f": {route.refused.text.removesuffix('.')}"
    mine = (one for one in ground.state.gateways.attachments if one.state.route.id == route.route.id)
    said = next((one.refused.text for one in mine if one.refused is not None), "")
    return f": {said.removesuffix('.')}" if said else " that carries traffic"


def _first(route: RouteState, method: str) -> Entry | None:
    """The first match that a plain request of this method fits, else the first of all."""
    plain = (one for one in route.entries if _is_plain(one, method))
    return next(plain, next(iter(route.entries), None))


def _is_plain(entry: Entry, method: str) -> bool:
    match = entry.match
    if isinstance(match, HttpMatch):
        literal = match.pattern is None and not match.query
        return literal and not match.headers and match.method in ("", method)
    return not match.headers and match.patterns is None


def _path(entry: Entry) -> str:
    match = entry.match
    if isinstance(match, HttpMatch):
        return match.text if match.pattern is None else "/"
    return f"/{match.service or 'any.Service'}/{match.method or 'Any'}"


def _host(route: str, listener: str) -> str:
    """A host name that both name: the one without a wildcard, else the longer one with a label in its place."""
    names = [name for name in (route, listener) if name]
    exact = next((name for name in names if not name.startswith("*.")), "")
    return exact or max(names, key=len, default=ANY_HOST).replace("*.", "www.", 1)
