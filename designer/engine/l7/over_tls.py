"""What HTTPS and plain HTTP change in a controller's decision: entry points (Traefik), certificates, hosts with TLS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from designer.engine.l7.answers import RouteDecision
from designer.engine.l7.entries import Entry
from designer.engine.l7.entry_points import UNSEEN, EntryPoint
from designer.engine.l7.host_index import ranked_hosts
from designer.engine.l7.matching import ANY_HOST
from designer.engine.l7.routes import ControllerRoutes

# Status of a redirection by permanence, for GET and for any other method (pkg/middlewares/redirect).
REDIRECTS = {True: (301, 308), False: (302, 307)}


def by_entry_points(
    routes: ControllerRoutes,
    decide: Callable[[EntryPoint], RouteDecision],
    asked: tuple[str, str, bool, str],
) -> RouteDecision:
    """The decision of every entry point that the request may come to, where they agree.

    `asked` are host, path with query, whether over TLS, method.
    """
    tls = asked[2]
    points = routes.points.for_request(tls)
    found = [_at(point, decide, asked) for point in points]
    first = next((one for one in found if one.kind != "cannot-tell"), found[0])
    if all(one.end == found[0].end for one in found):
        return first
    if routes.points is UNSEEN:
        why = (
            "the input does not show whether Traefik's entry point for HTTPS gives its routers TLS (argument "
            "--entrypoints.NAME.http.tls of its container), without which it answers 404; the annotation "
            f'traefik.ingress.kubernetes.io/router.tls: "true" of {first.ingress or "the Ingress"} would decide it'
        )
    else:
        names = ", ".join(point.name for point in points)
        why = f"the input does not show which of Traefik's entry points ({names}) the request comes to"
    return RouteDecision("cannot-tell", why, entry=first.entry, losers=first.losers)


def _at(
    point: EntryPoint, decide: Callable[[EntryPoint], RouteDecision], asked: tuple[str, str, bool, str]
) -> RouteDecision:
    host, path, tls, method = asked
    if point.redirect is not None and not tls:
        scheme, port = point.redirect
        status = REDIRECTS[point.permanent][method != "GET"]
        to = f"{scheme}://{host}{f':{port}' if port else ''}{path}"
        return RouteDecision(
            "redirect", f"Entry point {point.name} sends every plain request on to {to}.", status, url=to
        )
    found = decide(point)
    entry = found.entry
    if entry is not None and entry.router.points and not point.name:
        names = ", ".join(entry.router.points)
        why = (
            f"{entry.ingress} is for Traefik's entry points {names}, and the input does not show which ports they have"
        )
        return RouteDecision("cannot-tell", why, entry=entry)
    if entry is not None and point.middlewares:
        why = f"entry point {point.name} has the middlewares {point.middlewares}, which are not computed here"
        return RouteDecision("cannot-tell", why, entry=entry)
    return found


def deaf_routers(entries: Sequence[Entry], point: EntryPoint, tls: bool) -> RouteDecision:
    """Traefik's 404 where the only rules that match are not asked about requests of this kind at this entry point."""
    first = entries[0]
    where = f"entry point {point.name}" if point.name else "its entry point"
    if first.router.points and point.name and point.name not in first.router.points:
        why = f"its router is for entry points {', '.join(first.router.points)} only, the request comes to {where}"
    elif tls:
        why = (
            f"its router has no TLS: neither {where} has http.tls nor the Ingress the annotation "
            "traefik.ingress.kubernetes.io/router.tls (spec.tls only brings a certificate)"
        )
    elif first.router.tls or point.tls:
        why = f"its router has TLS ({'by its annotation' if first.router.tls else f'by {where}'}) and takes HTTPS only"
    else:
        why = f"{where} is no default one"
    return RouteDecision("default-404", f"{first.text} matches, but {why}; Traefik answers 404.", 404)


def with_certificate(routes: ControllerRoutes, host: str, found: RouteDecision) -> RouteDecision:
    """A decision about an HTTPS request, where it is sure that the controller takes HTTPS for this host at all."""
    title, rule = routes.profile.title, routes.profile.over_tls
    if rule == "every" or found.kind == "cannot-tell":
        return found
    if rule == "certificate":
        if routes.tls_hosts or routes.bare_tls:
            return found
        why = f"no Ingress has TLS, and whether {title} has another certificate is its own configuration: it speaks TLS"
        return RouteDecision("cannot-tell", f"{why} only with one", entry=found.entry, losers=found.losers)
    held = any(rank != ANY_HOST and name in routes.tls_hosts for rank, name in ranked_hosts(host))
    if held or found.ingress in routes.bare_tls:
        return found
    why = f"no Ingress has TLS for host {host}; whether {title} then takes HTTPS for it is not defined"
    return RouteDecision("cannot-tell", why, entry=found.entry, losers=found.losers)
