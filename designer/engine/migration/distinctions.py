"""What a set of manifests tells requests apart by: hosts, paths, headers, methods, query parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.l7.nginx import CATCH_ALL
from designer.engine.l7.nginx_hosts import OWN_PAGES
from designer.engine.l7.nginx_notes import Canary
from designer.engine.l7.routes import ControllerRoutes
from designer.model import Project

ROUTES = ("HTTPRoute", "GRPCRoute")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Distinction:
    """One match of one rule. `host` is "" for every host, `regex` says that `path` is a regular expression."""

    host: str
    path: str
    regex: bool = False
    method: str = ""
    headers: Pairs = ()
    query: Pairs = ()


@dataclass(slots=True)
class Distinctions:
    """All of them, and the host patterns that have TLS; `hosts` also holds names without a rule of their own.

    `queried` are matches at which any query at all makes a difference.
    """

    matches: list[Distinction] = field(default_factory=list)
    queried: list[Distinction] = field(default_factory=list)
    hosts: dict[str, None] = field(default_factory=dict)
    secure: dict[str, None] = field(default_factory=dict)


def distinctions_of(
    state: ClusterState, controllers: Collection[str] | None = None, gateways: Collection[str] | None = None
) -> Distinctions:
    """What the Ingresses, Gateways and routes of a cluster tell apart.

    Only those of some `controllers` (by the name that classes have of them) and `gateways` (``ns/name``) where given.
    """
    found = Distinctions()
    for routes in state.routes.controllers.values():
        if controllers is None or routes.controller in controllers:
            _of_ingresses(routes, found)
    for kind, namespace, name, spec in gateway_objects(state.project):
        if kind in ("Gateway", "ListenerSet", "XListenerSet"):
            if gateways is not None and kind == "Gateway" and f"{namespace}/{name}" not in gateways:
                continue
            for listener in _maps(spec.get("listeners")):
                host = str(listener.get("hostname") or "").lower()
                found.hosts[host] = None
                if listener.get("protocol") in ("HTTPS", "TLS"):
                    found.secure[host] = None
        elif kind in ROUTES and (gateways is None or any(one in gateways for one in _parents(namespace, spec))):
            _of_route(state.project, namespace, spec, found)
    return found


def _parents(namespace: str, spec: Mapping[str, Any]) -> list[str]:
    """The Gateways that a route names, as ``ns/name``."""
    return [f"{ref.get('namespace') or namespace}/{ref.get('name')}" for ref in _maps(spec.get("parentRefs"))]


def gateway_objects(project: Project) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Kind, Namespace, name and spec of each Gateway API object."""
    for oid, kept in project.foreign.items():
        api, _, kind = oid.partition(":")[0].rpartition("/")
        spec, metadata = kept.data.get("spec"), kept.data.get("metadata")
        if api.partition("/")[0].startswith("gateway.networking.") and isinstance(spec, Mapping):
            named = metadata if isinstance(metadata, Mapping) else {}
            yield kind, str(named.get("namespace") or "default"), str(named.get("name", "")), spec


def _of_ingresses(routes: ControllerRoutes, found: Distinctions) -> None:
    servers = routes.servers
    regex = {host for host, server in servers.servers.items() if server.regex} if servers is not None else set()
    for entry in routes.entries:
        found.hosts[entry.host] = None
        found.matches.append(Distinction(entry.host, entry.path, (entry.host or CATCH_ALL) in regex))
        key = (entry.backend.service, entry.backend.port)
        for canary, _ in servers.canaries.get(key, ()) if servers is not None else ():
            found.matches += [Distinction(entry.host, entry.path, headers=(pair,)) for pair in _pairs_of(canary)]
    for entry in routes.defaults:
        found.hosts[entry.host] = None
    found.secure |= dict.fromkeys(host for host in routes.tls_hosts)
    if servers is None:
        return
    found.secure |= dict.fromkeys(host for host, server in servers.servers.items() if server.tls)
    if servers.servers[CATCH_ALL].locations[0].entry is not None or any(not entry.host for entry in routes.entries):
        found.matches += [Distinction("", path) for path, _ in OWN_PAGES]
    for host, server in servers.servers.items():
        # A redirect of nginx leaves the request's query out, one of a Gateway keeps it.
        sent = [one.rule_path for one in server.locations if one.notes.redirect] + ["/"] * bool(server.app_root)
        own = "" if host == CATCH_ALL else host
        found.queried += [Distinction(own, path, server.regex) for path in dict.fromkeys(sent)]
        for one in server.locations:
            origins = [("Origin", origin.replace("*", "one") if origin != "*" else "*") for origin in one.notes.origins]
            found.matches += [Distinction(own, one.rule_path, server.regex, "OPTIONS", (pair,)) for pair in origins]
        if server.www and host != CATCH_ALL:
            found.hosts[host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"] = None
    for alias, host in servers.aliases.items():
        found.hosts[alias] = None
        own = "" if host == CATCH_ALL else host
        for kept in (found.matches, found.queried):
            kept += [replace(one, host=alias) for one in list(kept) if one.host == own]


def _pairs_of(canary: Canary) -> Pairs:
    """Headers that a canary goes by: its value (or a text of its expression), or always and never; its cookie."""
    pairs = []
    if canary.header:
        said = (canary.value,) if canary.value else (canary.pattern.strip("^$"),) if canary.pattern else ("always",)
        pairs += [(canary.header, value) for value in (*said, "never")]
    if canary.cookie:
        pairs += [("Cookie", f"{canary.cookie}={value}") for value in ("always", "never")]
    return tuple(pairs)


def _of_route(project: Project, namespace: str, spec: Mapping[str, Any], found: Distinctions) -> None:
    hosts = [str(host).lower() for host in spec.get("hostnames") or ()] or _hosts_of_parents(project, namespace, spec)
    for host in hosts:
        found.hosts[host] = None
        for rule in _maps(spec.get("rules")):
            for match in _maps(rule.get("matches")) or ({},):
                found.matches.append(_match(host, match))


def _hosts_of_parents(project: Project, namespace: str, spec: Mapping[str, Any]) -> list[str]:
    """The host names of the listeners that a route without any attaches to; "" where there are none."""
    wanted = {(str(ref.get("namespace") or namespace), str(ref.get("name"))): str(ref.get("sectionName") or "")
              for ref in _maps(spec.get("parentRefs"))}  # fmt: skip
    found: dict[str, None] = {}
    for oid, kept in project.foreign.items():
        name = oid.partition(":")[2]
        space, _, short = name.rpartition("/")
        if (space or "default", short) not in wanted or not oid.startswith("gateway.networking."):
            continue
        section = wanted[(space or "default", short)]
        for listener in _maps((kept.data.get("spec") or {}).get("listeners")):
            if section in ("", listener.get("name")):
                found[str(listener.get("hostname") or "").lower()] = None
    return list(found) or [""]


def _match(host: str, match: Mapping[str, Any]) -> Distinction:
    path = match.get("path") if isinstance(match.get("path"), Mapping) else {}
    assert isinstance(path, Mapping)
    call = match.get("method")
    if isinstance(call, Mapping):  # a GRPCRoute's: a call is POST /service/method
        text = f"/{call.get('service') or 'any.Service'}/{call.get('method') or 'Any'}"
        return Distinction(host, text, False, "POST", _pairs(match.get("headers")))
    kind, text = str(path.get("type", "PathPrefix")), str(path.get("value", "/"))
    return Distinction(
        host,
        text,
        kind == "RegularExpression",
        str(call or ""),
        _pairs(match.get("headers")),
        _pairs(match.get("queryParams")),
    )


def _pairs(items: Any) -> Pairs:
    return tuple((str(item.get("name", "")), str(item.get("value", ""))) for item in _maps(items))


def _maps(items: Any) -> Sequence[Mapping[str, Any]]:
    """The objects of a list; () for what is no list."""
    return tuple(item for item in items if isinstance(item, Mapping)) if isinstance(items, list | tuple) else ()
