"""What an Ingress controller answers to one request, with the candidates that lost and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.answers import LostRoute, RouteDecision, has_endpoints
from designer.engine.l7.entries import Entry
from designer.engine.l7.entry_points import EntryPoint
from designer.engine.l7.host_index import ranked_hosts
from designer.engine.l7.matching import (
    ANY_HOST,
    HOST_RANK_TEXT,
    normal_host,
    path_length,
    path_matches,
)
from designer.engine.l7.nginx_answer import Call, answer
from designer.engine.l7.over_tls import by_entry_points, deaf_routers, with_certificate
from designer.engine.l7.routes import ControllerRoutes
from designer.engine.l7.seen_paths import traefik_path
from designer.engine.l7.uris import normal_uri, split_uri

# The entry point that a request comes to; None for a controller that has none of its own.
Point = EntryPoint | None


def decide(
    routes: ControllerRoutes,
    control: ControlPlaneState,
    host: str,
    path: str,
    tls: bool,
    headers: Mapping[str, str] | None = None,
    source: str = "",
    method: str = "GET",
) -> RouteDecision:
    """What the controller does with a request for `host` and `path` (query string allowed).

    `headers` by any name; `source` is the address that the controller sees, "" where it is not known.
    """
    if routes.servers is not None:
        low = {name.lower(): value for name, value in (headers or {}).items()}
        return answer(routes.servers, control, Call(normal_host(host), path or "/", tls, host, low, source, method))
    plain, query = split_uri(path)
    name = normal_host(host)
    if routes.profile.over_tls == "entry-point":
        return by_entry_points(
            routes,
            lambda point: _PATH_RULES[routes.profile.paths](routes, control, name, plain, query, tls, point),
            (name, path or "/", tls, method),
        )
    found = _PATH_RULES[routes.profile.paths](routes, control, name, plain, query, tls, None)
    return found if not tls else with_certificate(routes, name, found)


def _as_sent(
    routes: ControllerRoutes, control: ControlPlaneState, host: str, path: str, _query: str, tls: bool, point: Point
) -> RouteDecision:
    return _decided(routes, control, host, path, tls, point)


def _as_traefik(
    routes: ControllerRoutes, control: ControlPlaneState, host: str, path: str, query: str, tls: bool, point: Point
) -> RouteDecision:
    seen = traefik_path(path)
    if seen.refused:
        return RouteDecision("unavailable", f"{path} holds a broken percent-escape: Traefik answers 400.", 400)
    if seen.doubt:
        return RouteDecision("cannot-tell", seen.doubt)
    found = _decided(routes, control, host, seen.routed, tls, point)
    return replace(found, path=f"{seen.sent}{query}") if found.kind == "backend" and seen.sent != path else found


def _either_way(
    routes: ControllerRoutes, control: ControlPlaneState, host: str, path: str, _query: str, tls: bool, point: Point
) -> RouteDecision:
    """The decision where it is the same for the path as sent and cleaned: the API text says of neither."""
    found, other = _decided(routes, control, host, path, tls, point), normal_uri(path)
    again = _decided(routes, control, host, other, tls, point) if other is not None else None
    if other == path or (again is not None and found.end == again.end):
        return found
    why = f"whether {path} is compared as it was sent or cleaned (escapes, dot segments, double slashes) is not defined"
    return RouteDecision("cannot-tell", why, entry=found.entry)


_PATH_RULES = {"raw": _as_sent, "traefik": _as_traefik, "unknown": _either_way}


def _decided(
    routes: ControllerRoutes, control: ControlPlaneState, host: str, path: str, tls: bool, point: Point
) -> RouteDecision:
    candidates, doubt = _candidates(routes, host, path)
    deaf = [entry for entry in candidates if point is not None and not point.takes(entry.router, tls)]
    candidates = [entry for entry in candidates if entry not in deaf]
    if doubt:
        return RouteDecision("cannot-tell", doubt)
    entry: Entry | None
    losers: tuple[LostRoute, ...] = ()
    if candidates:
        entry, losers, doubt = _winner(routes, candidates, path)
        if doubt:
            return RouteDecision("cannot-tell", doubt, entry=entry, losers=losers)
    else:
        entry, doubt = _default(routes, host, tls, point)
        if doubt:
            return RouteDecision("cannot-tell", doubt)
    if entry is None and point is not None and deaf:
        return deaf_routers(deaf, point, tls)
    decision = _redirect(routes, entry, host, tls)
    if decision is None and entry is None:
        decision = _nothing(routes, host, path)
    if decision is None and entry is not None:
        decision = _backend(routes, control, entry, path)
    assert decision is not None, "one of the three answers"
    return replace(decision, losers=losers)


def _candidates(routes: ControllerRoutes, host: str, path: str) -> tuple[list[Entry], str]:
    """The entries that match, best host first; or the reason why that cannot be told."""
    groups = routes.index.ranked(host)
    best = groups[0][0] if groups else 0
    title, fall = routes.profile.title, routes.profile.fall_through
    found: list[tuple[int, Entry]] = []
    for rank, entry in ((rank, entry) for rank, group in groups for entry in group.for_path(path)):
        if rank > best and fall == "never":
            break
        if routes.profile.skips_missing and entry.backend.missing:
            continue
        matches = path_matches(entry.path, entry.path_type, path, routes.profile)
        if matches is None:
            return (
                [],
                f"what {title} makes of the {entry.path_type} path {entry.path} of {entry.text} is its own affair",
            )
        if matches and entry.doubt:
            return [], entry.doubt
        if entry.doubt and rank == best and "regular expression" in entry.doubt:
            return [], entry.doubt
        if matches:
            found.append((rank, entry))
    if found and fall == "unknown" and found[0][0] > best:
        what = f"host {host} has rules but none for {path}"
        return [], f"{what}; whether {title} then tries {HOST_RANK_TEXT[found[0][0]]} is not defined"
    if routes.profile.ranking == "host-then-path" and found:
        top = found[0][0]
        found = [item for item in found if item[0] == top]
    return [entry for _, entry in found], ""


_TYPE_RANK = {"Exact": 0, "Prefix": 1, "ImplementationSpecific": 2}


def _winner(routes: ControllerRoutes, candidates: list[Entry], path: str) -> tuple[Entry, tuple[LostRoute, ...], str]:
    """The winning entry, what the others lacked, and why it is not sure ("" where it is)."""
    if routes.profile.ranking == "rule-length":
        return _by_rule_length(candidates)
    ordered = sorted(candidates, key=lambda e: (-path_length(e.path), _TYPE_RANK[e.path_type]))
    first = ordered[0]
    longest = [e for e in ordered if path_length(e.path) == path_length(first.path)]
    one_map = not routes.profile.exact_first and first.path_type == "Exact" and path != "/"
    equal = [e for e in longest if one_map or e.path_type == first.path_type]
    winner, why, doubt = _among_duplicates(routes, equal)
    lost = [LostRoute(e, why) for e in equal if e is not winner]
    for entry in ordered[len(equal) :]:
        shorter = path_length(entry.path) < path_length(winner.path)
        size = f"{winner.path} is longer" if shorter else f"{winner.path_type} goes before {entry.path_type}"
        lost.append(LostRoute(entry, f"{size} (longest path wins, then Exact before Prefix)"))
    return winner, tuple(lost), doubt


def _among_duplicates(routes: ControllerRoutes, equal: list[Entry]) -> tuple[Entry, str, str]:
    """Who wins among entries of equal host, path and type; what is said of the losers; the doubt.

    Of these controllers none is known to go by age; ingress-nginx, which does, decides by its own servers (`nginx`).
    """
    first = equal[0]
    if routes.profile.exact_first and all(e.ingress == first.ingress for e in equal):
        return first, "the same path stands earlier in this Ingress", ""
    same = all((e.backend.service, e.backend.port) == (first.backend.service, first.backend.port) for e in equal)
    if same:
        return first, "an equal rule leads to the same backend", ""
    names = " and ".join(sorted({e.ingress for e in equal}))
    why = f"which one {routes.profile.title} takes is not defined"
    return first, "an equal rule", f"{names} hold the same host and path with different backends; {why}"


def _rule_lengths(entry: Entry) -> tuple[int, ...]:
    """Lengths of Traefik's rule text, one for each way in which its versions write a wildcard host."""
    matcher = "Path" if entry.path_type == "Exact" else "PathPrefix"
    path = f"{matcher}(`{entry.path}`)"
    if not entry.host:
        return (len(path), len(path))
    path, joint = ("", "") if entry.bare else (path, " && ")  # loadRouter: no path, no matcher for it
    plain = f"Host(`{entry.host}`){joint}{path}"
    if not entry.host.startswith("*."):
        return (len(plain), len(plain))
    pattern = r"^[a-zA-Z0-9-]+\." + entry.host[2:].replace(".", r"\.") + "$"
    return (len(plain), len(f"HostRegexp(`{pattern}`){joint}{path}"))


def _by_rule_length(candidates: list[Entry]) -> tuple[Entry, tuple[LostRoute, ...], str]:
    winners = []
    for way in (0, 1):
        ordered = sorted(candidates, key=lambda e: -_rule_lengths(e)[way])
        longest = _rule_lengths(ordered[0])[way]
        winners += [e for e in ordered if _rule_lengths(e)[way] == longest]
    winner = winners[0]
    lost = tuple(
        LostRoute(e, f"its rule text is not longer than that of {winner.text} (the longest rule wins)")
        for e in candidates
        if e is not winner
    )
    rivals = [e for e in winners if e.backend != winner.backend]
    if rivals:
        return (
            winner,
            lost,
            f"{winner.text} and {rivals[0].text} have rules of equal rank; Traefik does not define who wins",
        )
    return winner, lost, ""


def _default(routes: ControllerRoutes, host: str, tls: bool, point: Point) -> tuple[Entry | None, str]:
    """The default backend for a request that no rule takes: of its host first, then of every host."""
    ranked = [one for one in routes.default_index.entries(host) if point is None or point.takes(one[1].router, tls)]
    ranked = [one for one in ranked if not (routes.profile.skips_missing and one[1].backend.missing)]
    known_host = any(rank != ANY_HOST for rank, _ in routes.index.ranked(host))
    if known_host and routes.profile.fall_through == "never":
        ranked = [(rank, e) for rank, e in ranked if rank != 2]
    if not ranked:
        return None, ""
    best = min(rank for rank, _ in ranked)
    found = [e for rank, e in ranked if rank == best]
    doubtful = next((e.doubt for e in found if e.doubt), "")
    if doubtful:
        return None, doubtful
    if len({e.backend for e in found}) > 1:
        names = " and ".join(e.ingress for e in found)
        return None, f"{names} name different default backends; which one is used is not defined"
    return found[0], ""


def _redirect(routes: ControllerRoutes, entry: Entry | None, host: str, tls: bool) -> RouteDecision | None:
    """The redirect to HTTPS where the controller answers plain HTTP so, None where it does not."""
    if tls:
        return None
    held = [name for rank, name in ranked_hosts(host) if rank != ANY_HOST and name in routes.tls_hosts]
    if len(held) > 1:
        held = [name for name in routes.tls_hosts if name in held]
    owner = routes.tls_hosts[held[0]] if held else ""
    if not owner:
        return None
    status = routes.profile.redirect
    why = f"host {host} has TLS in {owner}"
    if status is None:
        return RouteDecision(
            "cannot-tell", f"{why}; whether {routes.profile.title} redirects HTTP depends on its configuration"
        )
    if status == 0:
        return None
    return RouteDecision(
        "redirect",
        f"{why}: {routes.profile.title} answers plain HTTP with {status} to https.",
        status,
        entry=entry,
        url=f"https://{host}",
    )


def _nothing(routes: ControllerRoutes, host: str, path: str) -> RouteDecision:
    hosts = [entry for _, entry in routes.index.entries(host)]
    if not hosts:
        reason = f"Host {host} is not in any rule of {routes.profile.title}; its default backend answers 404."
    else:
        shown = ", ".join(e.text for e in hosts[:3])
        out = next((e for e in hosts if routes.profile.skips_missing and e.backend.missing), None)
        why = f" {out.text} is left out: {out.backend.missing}." if out is not None else ""
        reason = f"Path {path} matches no rule for host {host} ({shown}); the default backend answers 404.{why}"
    return RouteDecision("default-404", reason, 404)


def _backend(routes: ControllerRoutes, control: ControlPlaneState, entry: Entry, path: str) -> RouteDecision:
    backend, profile = entry.backend, routes.profile
    trouble = backend.missing
    if not trouble and not has_endpoints(control, backend.service, profile.uses_serving):
        trouble = f"Service {backend.service.partition(':')[2]} has no ready endpoint"
    service = control.services.get(backend.service)
    if not trouble and profile.external_names and service is not None and service.type == "ExternalName":
        trouble = f"Service {service.namespace}/{service.name} is of type ExternalName, which {profile.title} refuses "
        trouble += f"unless {profile.external_names} is on, and the input does not say whether it is"
        return RouteDecision("cannot-tell", f"{trouble}.", entry=entry)
    if trouble and profile.missing_backend is None:
        return RouteDecision("cannot-tell", f"{trouble}; what {profile.title} answers then is not known.", entry=entry)
    if trouble:
        return RouteDecision(
            "unavailable",
            f"{trouble}; {profile.title} answers {profile.missing_backend}.",
            profile.missing_backend or 0,
            entry=entry,
        )
    how = "default backend of" if entry.rule is None else f"path {path} matches"
    return RouteDecision("backend", f"{how} {entry.text}.", 0, backend.service, backend.port, entry)
