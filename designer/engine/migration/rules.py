"""The rules of each host as a Gateway can have them, from what an Ingress controller makes of its Ingresses.

Of ingress-nginx the servers and locations are converted, so that what the controller does (an older Ingress wins,
redirects to HTTPS, root locations) is converted and not only what is written; of others the entries.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from designer.engine.l7.entries import Backend, Entry
from designer.engine.l7.matching import path_length
from designer.engine.l7.nginx import CATCH_ALL, Location, NginxServers, Server
from designer.engine.l7.nginx_notes import Canary, Notes
from designer.engine.l7.routes import ControllerRoutes
from designer.engine.migration.away import (
    PLAIN,
    REST_GROUP,
    TAIL,
    leaves,
    redirect,
    redirected,
    sent_away,
    target_of,
    tell_query,
    tell_slash,
)
from designer.engine.migration.losses import Loss, tell


@dataclass(frozen=True, slots=True)
class Target:
    """A backend with its weight."""

    namespace: str
    service: str
    port: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a host: `match` is the HTTPRouteMatch, `filters` and `backends` what happens."""

    namespace: str
    match: tuple[str, str]
    backends: tuple[Target, ...] = ()
    filters: tuple[dict[str, Any], ...] = field(default=(), hash=False)
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class HostRules:
    """The rules of one host ("" for every host), of plain HTTP and of HTTPS; `secret` is its certificate's.

    `stands_for` is the host that Ingresses have the rules for, where this is another name of it. `sources` are their
    ids.
    """

    host: str
    plain: list[Rule] = field(default_factory=list)
    secure: list[Rule] = field(default_factory=list)
    secret: tuple[str, str] | None = None
    stands_for: str | None = None
    sources: tuple[str, ...] = ()


def rules_of(routes: ControllerRoutes) -> tuple[list[HostRules], list[Loss]]:
    """The rules of every host that a controller serves, and what of them could not be carried over."""
    losses: list[Loss] = []
    if routes.servers is not None:
        hosts = [_of_server(routes.servers, server, losses) for server in routes.servers.servers.values()]
        hosts += _further_names(routes.servers, hosts, losses)
        return [found for found in hosts if found.plain or found.secure], losses
    return _of_entries(routes, losses), losses


# ingress-nginx


def _of_server(servers: NginxServers, server: Server, losses: list[Loss]) -> HostRules:
    made = HostRules("" if server.host == CATCH_ALL else server.host)
    namespace = next((_space(found.entry) for found in server.locations if found.entry is not None), "default")
    rules: list[tuple[Location | None, Rule]] = []
    tell_query(server, losses)
    if server.app_root:
        rules.append((None, Rule(namespace, ("Exact", "/"), filters=(_to_path(302, server.app_root),))))
    seen: list[str] = []
    for location in server.locations:
        rules += [(location, rule) for rule in _of_location(servers, server, location, namespace, seen, losses)]
        rules += [(None, rule) for rule in _slash(server, location, namespace)]
    for place, rule in rules:
        if place is None or place.entry is not None or place.notes.redirect:
            made.secure.append(rule)
        if place is not None and place.notes.goes_to_https(place.path, server.tls) and not leaves(place):
            rule = replace(rule, backends=(), headers=(), filters=(redirect(place.notes.https_code, scheme="https"),))
            tell_slash(server, place, losses)
        made.plain.append(rule)
    made.plain = _shortened(made.plain)
    if not server.tls:
        made.secure = []
    return made


def _shortened(rules: list[Rule]) -> list[Rule]:
    """One rule where all do the same and one of them takes every path."""
    first = rules[0] if rules else None
    alike = all(rule.filters == first.filters and not rule.backends for rule in rules) if first else False
    root = next((rule for rule in rules if rule.match == ("PathPrefix", "/")), None)
    return [root] if alike and root is not None else list(dict.fromkeys(rules))


def _to_path(status: int, path: str, kind: str = "ReplaceFullPath") -> dict[str, Any]:
    key = kind[0].lower() + kind[1:]
    return redirect(status, path={"type": kind, key: path})


def _space(entry: Entry) -> str:
    return entry.ingress.partition(":")[2].partition("/")[0]


def _of_location(
    servers: NginxServers, server: Server, location: Location, namespace: str, seen: list[str], losses: list[Loss]
) -> list[Rule]:
    """The rules that a location becomes; none for one that leads nowhere, or that nothing reaches."""
    entry, notes = location.entry, location.notes
    namespace = _space(entry) if entry is not None else namespace
    _tell_lost(location, losses)
    if entry is not None and location.path_type == "Exact" and entry.path_type != "Exact":
        return []  # the exact twin of a Prefix, which PathPrefix takes too
    matches, rewriting = _matches(server, location, losses)
    if any(kind == "PathPrefix" and _below(path, seen) for kind, path in matches) and server.regex:
        return []
    filters: list[dict[str, Any]] = []
    if notes.redirect:
        filters = redirected(location, losses)
    elif leaves(location):
        seen += [path for kind, path in matches if kind == "PathPrefix" and server.regex]
        return [Rule(namespace, match, filters=(to,)) for match in matches for to in sent_away(location, losses)]
    elif entry is None:
        away = notes.goes_to_https(location.path, server.tls)
        return (
            [Rule(namespace, ("PathPrefix", "/"), filters=(redirect(notes.https_code, scheme="https"),))]
            if away
            else []
        )
    elif notes.vhost:
        filters = [{"type": "URLRewrite", "urlRewrite": {"hostname": notes.vhost}}]
    made: list[Rule] = []
    for match in matches:
        own = filters
        if rewriting and not notes.redirect:
            edit = _rewrite(location, match, losses)
            if edit is None:
                return []
            own = [{"type": "URLRewrite", "urlRewrite": {**_hostname(notes), "path": edit}}]
        made += _backed(servers, Rule(namespace, match, filters=tuple(own)), entry, bool(notes.redirect), losses)
        if match[0] == "PathPrefix" and server.regex:
            seen.append(match[1])
    return made


def _hostname(notes: Notes) -> dict[str, str]:
    return {"hostname": notes.vhost} if notes.vhost else {}


def _below(path: str, seen: list[str]) -> bool:
    """Whether an expression that stands before takes every path below this one."""
    return any(path == known or path.startswith(f"{known.rstrip('/')}/") for known in seen)


def _slash(server: Server, location: Location, namespace: str) -> list[Rule]:
    """nginx redirects to the final slash of a prefix that has one, unless something has the path without it."""
    path = location.rule_path
    if server.regex or location.path_type == "Exact" or not path.endswith("/") or path == "/":
        return []
    bare = path.rstrip("/")
    if any(found.path == bare or found.rule_path == bare for found in server.locations):
        return []
    return [Rule(namespace, ("Exact", bare), filters=(_to_path(301, path),))]


def _matches(server: Server, location: Location, losses: list[Loss]) -> tuple[list[tuple[str, str]], bool]:
    """The paths that the location takes, as path matches; whether its path is rewritten."""
    entry = location.entry
    rewriting = location.notes.rewrites(location.path)
    if not server.regex:
        return [("Exact" if location.path_type == "Exact" else "PathPrefix", location.rule_path)], False
    text = location.rule_path
    tail = TAIL.fullmatch(text)
    if entry is not None:
        why = "this host's paths are regular expressions: without case, and at the start of the path only"
        why += ", a dot in it is any character" if "." in text.replace(".*", "").replace(r"\.", "") else ""
        fix = "Mind paths in other case, and longer words such as /foobar for /foo."
        tell(losses, Loss(entry.ingress, f"{entry.field}.path", why, fix, entry.host or CATCH_ALL))
    if PLAIN.fullmatch(text):
        return [("PathPrefix", text)], rewriting
    if tail is not None:
        return [("PathPrefix", tail["head"] or "/")], rewriting
    if entry is not None:
        why = f"the regular expression {text} is carried over as it is, and how it is read and ranked is up to each "
        why += "implementation of Gateway API"
        tell(
            losses,
            Loss(
                entry.ingress, f"{entry.field}.path", why, "Try it with your implementation.", entry.host or CATCH_ALL
            ),
        )
    return [("RegularExpression", f"(?i){text}.*")], rewriting


def _rewrite(location: Location, match: tuple[str, str], losses: list[Loss]) -> dict[str, str] | None:
    """The path modifier that stands for rewrite-target, None where none does."""
    target = target_of(location)
    tail = TAIL.fullmatch(location.rule_path)
    mark = "?" in target
    if not mark and "$" not in target:
        return {"type": "ReplaceFullPath", "replaceFullPath": target}
    group = REST_GROUP.get(tail["tail"]) if tail is not None else None
    if group is not None and not mark and target.endswith(f"/${group}") and "$" not in target[: -len(f"/${group}")]:
        front = target[: -len(f"/${group}")]
        return {"type": "ReplacePrefixMatch", "replacePrefixMatch": front or "/"}
    entry = location.entry
    if entry is not None:
        why = f"rewrite-target {target} of {location.rule_path} puts the path together in a way that URLRewrite has not"
        fix = "The path is left out: let the backend take it as it comes, or write rules by hand."
        key = "metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]"
        tell(losses, Loss(entry.ingress, key, why, fix, entry.host or CATCH_ALL))
    return None


def _backed(servers: NginxServers, rule: Rule, entry: Entry | None, away: bool, losses: list[Loss]) -> list[Rule]:
    """The rule with its backend, and what a canary adds to it."""
    if entry is None or away:
        return [rule]
    main = _target(entry, entry.backend, losses)
    if main is None:
        return []
    found = servers.canaries.get((entry.backend.service, entry.backend.port), ())
    if not found:
        return [replace(rule, backends=(main,))]
    canary, taken = found[0]
    other = _target(taken, taken.backend, losses)
    if len(found) > 1:
        names = " and ".join(one.ingress.partition(":")[2] for _, one in found)
        why = f"{names} are canaries of one backend, of which ingress-nginx defines one at most"
        tell(losses, Loss(taken.ingress, "metadata.annotations", why, "Keep one of them.", entry.host or CATCH_ALL))
    if other is None or len(found) > 1:
        return [replace(rule, backends=(main,))]
    return _with_canary(rule, main, other, canary)


def _with_canary(rule: Rule, main: Target, other: Target, canary: Canary) -> list[Rule]:
    """Header before weight: rules with the header are more specific than the one with weights."""
    weight = min(canary.weight, canary.total)
    shared = (replace(main, weight=canary.total - weight), replace(other, weight=weight)) if weight else (main,)
    made = [replace(rule, backends=shared)]
    if canary.header and canary.value:
        made.append(replace(rule, backends=(other,), headers=((canary.header, canary.value),)))
    elif canary.header and not canary.pattern:
        made.append(replace(rule, backends=(other,), headers=((canary.header, "always"),)))
        made.append(replace(rule, backends=(main,), headers=((canary.header, "never"),)))
    return made


def _target(entry: Entry, backend: Backend, losses: list[Loss]) -> Target | None:
    """The Service port; None, with a loss, for a backend that is no Service, or a port that no Service has."""
    if not backend.service:
        why, fix = (
            "the backend is a resource, not a Service",
            "Name it in backendRefs where the implementation takes it.",
        )
    elif backend.port is None:
        why, fix = f"{backend.missing}, and a backendRef needs the number of a port", "Mend the Ingress first."
    else:
        namespace, _, name = backend.service.partition(":")[2].partition("/")
        return Target(namespace, name, backend.port)
    tell(losses, Loss(entry.ingress, f"{entry.field}.backend", why, fix, entry.host or CATCH_ALL))
    return None


def _tell_lost(location: Location, losses: list[Loss]) -> None:
    for entry in location.lost:
        who = location.entry.ingress if location.entry else "another Ingress"
        why = f"{who} holds the same host and path and is older: ingress-nginx ignores this rule"
        tell(losses, Loss(entry.ingress, entry.field, why, "Remove the rule.", entry.host, tells=False))


def _further_names(servers: NginxServers, hosts: list[HostRules], losses: list[Loss]) -> list[HostRules]:
    """Aliases as hosts of their own, and the hosts that are redirected to or from ``www.``."""
    made = []
    by_host = {found.host: found for found in hosts}
    for alias, host in servers.aliases.items():
        known = by_host["" if host == CATCH_ALL else host]
        made.append(HostRules(alias, list(known.plain), list(known.secure), stands_for=known.host))
    for server in servers.servers.values():
        other = server.host.removeprefix("www.") if server.host.startswith("www.") else f"www.{server.host}"
        if not server.www or other in servers.servers or server.host == CATCH_ALL or server.host.startswith("*."):
            continue
        entry = next((found.entry for found in server.locations if found.entry), None)
        rule = Rule(_space(entry) if entry else "default", ("PathPrefix", "/"),
                    filters=(redirect(server.locations[0].notes.https_code, hostname=server.host),))  # fmt: skip
        made.append(HostRules(other, [rule], [], stands_for=server.host))
        if entry is not None:
            why = "nginx leaves a final slash out when it redirects from or to www, a Gateway keeps it"
            tell(losses, Loss(entry.ingress, "metadata.annotations[nginx.ingress.kubernetes.io/from-to-www-redirect]",
                               why, "Nothing, unless a path without its slash matters.", other))  # fmt: skip
    return made


# Other controllers


def _of_entries(routes: ControllerRoutes, losses: list[Loss]) -> list[HostRules]:
    """The rules of a controller that ranks entries: longest path first, of equal ones the first."""
    hosts: dict[str, HostRules] = {}
    taken: dict[tuple[str, str, str], Entry] = {}
    for entry in sorted(routes.entries, key=lambda found: -path_length(found.path)):
        made = hosts.setdefault(entry.host, HostRules(entry.host))
        kind = "Exact" if entry.path_type == "Exact" else "PathPrefix"
        path = entry.path if kind == "Exact" else entry.path.rstrip("/") or "/"
        first = taken.setdefault((entry.host, kind, path), entry)
        if first is not entry:
            if first.backend != entry.backend:
                why = (
                    f"{first.text} holds the same host and path; which one {routes.profile.title} takes is not defined"
                )
                tell(losses, Loss(entry.ingress, entry.field, why, "Keep one of the two.", entry.host or CATCH_ALL))
            continue
        if entry.path_type == "ImplementationSpecific":
            why = f"what {routes.profile.title} makes of an ImplementationSpecific path is its own affair"
            fix = "PathPrefix is used: say Exact or Prefix in the Ingress."
            tell(losses, Loss(entry.ingress, f"{entry.field}.pathType", why, fix, entry.host or CATCH_ALL))
        elif kind == "PathPrefix" and routes.profile.prefix == "character" and path != "/":
            why = f"{routes.profile.title} compares a Prefix by character: {path} takes {path}x too"
            tell(
                losses,
                Loss(
                    entry.ingress, f"{entry.field}.path", why, "Add a path for what you need.", entry.host or CATCH_ALL
                ),
            )
        target = _target(entry, entry.backend, losses)
        if target is not None:
            made.plain.append(Rule(_space(entry), (kind, entry.path), (target,)))
    for entry in routes.defaults:
        made = hosts.setdefault(entry.host, HostRules(entry.host))
        target = _target(entry, entry.backend, losses)
        if target is not None and not any(rule.match == ("PathPrefix", "/") for rule in made.plain):
            made.plain.append(Rule(_space(entry), ("PathPrefix", "/"), (target,)))
    for host, made in hosts.items():
        if host in routes.tls_hosts:
            made.secure = list(made.plain)
    return [made for made in hosts.values() if made.plain]
