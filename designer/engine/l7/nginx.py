"""The servers and locations that ingress-nginx makes of its Ingresses.

Source: kubernetes/ingress-nginx v1.15, internal/ingress/controller: controller.go (createServers, getBackendServers,
mergeAlternativeBackends), location.go (updateServerLocations), template.go (buildLocation, enforceRegexModifier).
The oldest Ingress goes first; of equal age the one with the greater ``namespace/name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from designer.engine.l7.entries import Entry
from designer.engine.l7.nginx_notes import PLAIN, PLAIN_PATH, Canary, Notes
from designer.engine.l7.nginx_options import USUAL, NginxOptions
from designer.engine.l7.parts import Part
from designer.model import FrozenMap, Ingress

CATCH_ALL = "_"
# What PCRE reads in another way than Python, or Python not at all: classes inside a set (``[[:alpha:]]``) and set
# operations, ``\\Z`` and an open lower bound.
ONLY_PCRE = re.compile(r"\[[^\]]*(?:\[|--|&&|~~|\|\|)|\\Z|\{,")


@dataclass(frozen=True, slots=True)
class Location:
    """One location. `entry` is where it leads, None for the controller's own default backend (404).

    `path` is as nginx has it (a Prefix ends in a slash), `rule_path` as the Ingress wrote it. `default` marks the root
    location that every server has. `lost` are entries that an older one took the place from; `doubt` says why it is
    not sure which, or what the location does. `pattern` is the regular expression where the host has such.
    """

    path: str
    path_type: str
    entry: Entry | None
    notes: Notes
    rule_path: str
    default: bool = False
    lost: tuple[Entry, ...] = ()
    doubt: str = ""
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """One virtual host. `locations` are in nginx' order; `regex`: all are regular expressions, the first match wins.

    `app_root` is the path to which ``/`` is redirected before any location is chosen. `doubt` holds for all requests.
    `exact` and `prefixes` have the places of locations by path, where they are no regular expressions.
    """

    host: str
    locations: tuple[Location, ...]
    regex: bool = False
    tls: bool = False
    app_root: str = ""
    www: bool = False
    doubt: str = ""
    exact: Mapping[str, int] = field(default_factory=dict)
    prefixes: Mapping[str, int] = field(default_factory=dict)

    def fitting(self, uri: str) -> tuple[Location, ...]:
        """The locations that a decoded path falls under, the one that nginx takes first."""
        if self.regex:
            return tuple(found for found in self.locations if found.pattern is None or found.pattern.match(uri))
        places = [self.exact[uri]] if uri in self.exact else []
        ends = [end for end, sign in enumerate(uri, start=1) if sign == "/"]
        places += [self.prefixes[uri[:end]] for end in reversed(ends) if uri[:end] in self.prefixes]
        return tuple(self.locations[place] for place in places)


@dataclass(frozen=True, slots=True)
class NginxServers:
    """All that one controller serves: `servers` by host, `aliases` to the host they stand for.

    `canaries` by the Service port (id, number) of the main entry: the canary's rules and its own entry; what several
    do is not defined. `fallback` is the Service of requests that no rule takes, "" for the controller's own 404.
    `forwarded`: headers X-Forwarded-* of requests are believed; `proxied`: who calls stands in a PROXY header.
    `underscores`: headers with an underscore in their name are kept.
    """

    servers: FrozenMap[str, Server]
    aliases: FrozenMap[str, str] = field(default_factory=FrozenMap)
    canaries: FrozenMap[tuple[str, int | None], tuple[tuple[Canary, Entry], ...]] = field(default_factory=FrozenMap)
    fallback: str = ""
    forwarded: bool = False
    proxied: bool = False
    underscores: bool = False


@dataclass(slots=True)
class MadeServers:
    """The servers of one controller as they were last made, by host, with the parts that each one was made of."""

    by_host: dict[str, tuple[list[Part], Server]] = field(default_factory=dict)


def compile_servers(parts: Iterable[Part], made: MadeServers, options: NginxOptions = USUAL) -> NginxServers:
    """The servers of these Ingresses; a host whose parts are those of last time keeps its server."""
    ordered = [part for part in in_order(parts) if not part.notes.refused]
    if options.no_catch_all:  # store.go, hasCatchAllIngressRule: whether it has rules besides or not
        ordered = [part for part in ordered if part.ingress.spec.defaultBackend is None]
    main = [part for part in ordered if part.notes.canary is None and part.strict]
    by_host: dict[str, list[Part]] = {CATCH_ALL: []}
    for part in main:
        for host in part.hosts or ("",):
            by_host.setdefault(host or CATCH_ALL, []).append(part)
    last, made.by_host = made.by_host, {}
    for host, found in by_host.items():
        known = last.get(host)
        # Parts are equal only where they are one object.
        made.by_host[host] = known if known and known[0] == found else (found, _made(host, found))
    servers = {host: server for host, (_, server) in made.by_host.items()}
    canaries = _canaries([part for part in ordered if part.notes.canary is not None], servers)
    aliases = _aliases(main, servers)
    return NginxServers(
        FrozenMap(servers),
        FrozenMap(aliases),
        FrozenMap(canaries),
        options.fallback,
        options.forwarded,
        options.proxied,
        options.underscores,
    )


def _made(host: str, parts: list[Part]) -> Server:
    """The server of a host; `parts` are those with rules for it, for every host also those without rules."""
    locations: list[Location] = []
    if host == CATCH_ALL:
        locations.append(Location("/", "Prefix", None, PLAIN, "/", True))
    for part in parts:
        _add_root(locations, host, part)
    places: dict[str, int] = {"/": 0}
    for part in parts:
        for entry in part.entries:
            if entry.backend.service and (entry.host or CATCH_ALL) == host:
                _add_path(locations, places, entry, part.notes)
    return _server(host, locations, [part for part in parts if part.hosts])


def in_order(parts: Iterable[Part]) -> list[Part]:
    """Oldest first, of equal age by ``namespace/name`` descending; unknown ages last."""
    by_name = sorted(parts, key=lambda part: part.name, reverse=True)
    return sorted(by_name, key=lambda part: part.created or "~")


def strict(ingress: Ingress) -> bool:
    """Whether the controller takes an Ingress with these paths (`strict-validate-path-type`, on by default)."""
    return not refused_path(ingress)


def refused_path(ingress: Ingress) -> str:
    """The first Exact or Prefix path for which the whole Ingress is left out; "" where there is none."""
    for rule in ingress.spec.rules:
        for path in rule.http.paths if rule.http else ():
            if path.pathType in ("Exact", "Prefix") and not PLAIN_PATH.fullmatch(path.path or "/"):
                return path.path or ""
    return ""


def _add_root(locations: list[Location], host: str, part: Part) -> None:
    """The root location of a host that is new, with the Ingress' default backend and annotations."""
    ingress, notes, default = part.ingress, part.notes, next(iter(part.defaults), None)
    if host == CATCH_ALL:
        if default is not None and not part.hosts:
            root = locations[0]
            locations[0] = _catching(default, notes, root) if root.default else _beaten(root, default)
        return
    for rule in ingress.spec.rules:
        if (rule.host or "").lower() != host:
            continue
        own = replace(default, host=rule.host or "") if default else None
        mine = Location("/", "Prefix", own, notes, "/", True, doubt=_note_doubt(ingress.id, notes))
        if not locations:
            locations.append(mine)
            continue
        first = locations[0]
        equal = (_target(first.entry), first.notes) == (_target(mine.entry), mine.notes)
        if not equal and not (part.created and _dated(first)):
            why = f"which Ingress of host {host} is the oldest is not known, and its default backend and "
            locations[0] = replace(first, doubt=f"{why}annotations hold for paths without a rule")


def _catching(default: Entry, notes: Notes, root: Location) -> Location:
    """The root of all other hosts with the default backend of an Ingress that has no rules."""
    kept = replace(notes, redirect="", rewrite="", regex=False, ssl_redirect=False, force_ssl=False, app_root="")
    return replace(root, entry=default, notes=kept, default=False)


def _target(entry: Entry | None) -> tuple[str, int | None] | None:
    return (entry.backend.service, entry.backend.port) if entry else None


def _dated(location: Location) -> bool:
    return location.entry is None or bool(location.entry.created)


def _add_path(locations: list[Location], places: dict[str, int], entry: Entry, notes: Notes) -> None:
    """One path of one rule: a new location, or one that an older Ingress has already.

    The controller looks at the first location with the path only, at `places`: of another type, a new one is added.
    """
    doubt = _note_doubt(entry.ingress, notes) or entry.doubt
    made = Location(entry.path, kind_of(entry), entry, notes, entry.path, doubt=doubt)
    place = places.setdefault(entry.path, len(locations))
    if place == len(locations) or locations[place].path_type != made.path_type:
        locations.append(made)
    else:
        found = locations[place]
        locations[place] = made if found.default else _beaten(found, entry)


def _note_doubt(ingress: str, notes: Notes) -> str:
    if not notes.doubt:
        return ""
    return f"annotation {notes.doubt} of {ingress} may answer the request itself, which is not computed"


def kind_of(entry: Entry) -> str:
    """The path type as the controller takes it: ImplementationSpecific is Prefix (SetDefaultNGINXPathType)."""
    return "Exact" if entry.path_type == "Exact" else "Prefix"


def _beaten(found: Location, entry: Entry) -> Location:
    """The location with an entry that came too late; a doubt where it is not known which is older."""
    lost = (*found.lost, entry)
    owner = found.entry
    if owner is None or owner.ingress == entry.ingress or _target(owner) == _target(entry):
        return replace(found, lost=lost)
    if owner.created and entry.created:
        return replace(found, lost=lost)
    names = " and ".join(sorted((owner.ingress, entry.ingress)))
    why = "ingress-nginx takes the oldest, and creation times are not known"
    return replace(found, lost=lost, doubt=f"{names} hold the same host and path with different backends; {why}")


def _server(host: str, locations: list[Location], own: list[Part]) -> Server:
    """A server with its locations as nginx gets them; `own` are the parts with rules for the host."""
    ordered = sorted(locations, key=lambda found: found.path, reverse=True)
    ordered = sorted(ordered, key=lambda found: -len(found.path))
    regex = any(found.notes.rewrites(found.path) or found.notes.regex for found in ordered)
    why = next((part.notes.host_doubt for part in own if part.notes.host_doubt), "")
    doubt = (
        f"annotation {why} of an Ingress changes what host {host} does, in a way that is not computed" if why else ""
    )
    ready = tuple(_compiled(found) if regex else found for found in _updated(ordered))
    # One expression that nginx cannot read keeps it from loading any location: the others of the host prove nothing.
    twice = next((_unread(f) for f in ready if f.pattern is None), "") if regex else _twice(ready)
    www = any(found.notes.www for found in ready if found.entry is not None and not found.default)
    if www and host.startswith("*."):
        twice = (
            f"from-to-www-redirect makes the server name www.{host}, for which nginx refuses its whole configuration"
        )
    return Server(
        host,
        ready,
        regex,
        tls=host != CATCH_ALL and any(part.ingress.spec.tls for part in own),
        app_root=next((found.notes.app_root for found in ready if found.notes.app_root), ""),
        www=www,
        doubt=doubt or twice,
        exact={f.path: place for place, f in enumerate(ready) if f.path_type == "Exact"},
        prefixes={f.path: place for place, f in enumerate(ready) if f.path_type != "Exact"},
    )


def _twice(locations: tuple[Location, ...]) -> str:
    """That two locations have one name, for which nginx refuses the whole configuration; "" where none do."""
    seen: set[tuple[bool, str]] = set()
    for found in locations:
        key = (found.path_type == "Exact", found.path)
        if key in seen:
            return f"two paths become the location {found.path}, for which nginx refuses its whole configuration"
        seen.add(key)
    return ""


def _updated(locations: list[Location]) -> list[Location]:
    """A Prefix gets a final slash, and an exact twin without it (location.go, updateServerLocations)."""
    exact = {found.path for found in locations if found.path_type == "Exact"}
    made: list[Location] = []
    for found in locations:
        if found.path == "/" or found.path_type != "Prefix" or found.notes.rewrites(found.path) or found.notes.regex:
            made.append(found)
            continue
        made.append(replace(found, path=found.path if found.path.endswith("/") else f"{found.path}/"))
        if found.path not in exact:
            made.append(replace(found, path_type="Exact"))
    return made


def _compiled(location: Location) -> Location:
    """The location as a regular expression that ignores case; a doubt where the expression cannot be read here."""
    try:
        if ONLY_PCRE.search(location.path):
            return replace(location, doubt=location.doubt or _unread(location))
        return replace(location, pattern=re.compile(f"^{location.path}", re.IGNORECASE | re.ASCII))
    except (re.error, RecursionError, OverflowError):
        return replace(location, doubt=location.doubt or _unread(location))


def _unread(location: Location) -> str:
    why = f"{location.path} is no regular expression that can be read here; nginx refuses its whole configuration"
    return f"{why} where PCRE cannot read it either"


def _aliases(main: list[Part], servers: dict[str, Server]) -> dict[str, str]:
    """Further names of hosts: those of the oldest Ingress of the host that has any, unless a host has the name."""
    first: dict[str, tuple[str, ...]] = {}
    for part in main:
        for host in part.hosts if part.notes.aliases else ():
            first.setdefault(host or CATCH_ALL, part.notes.aliases)
    found: dict[str, str] = {}
    for host in sorted(first):
        for alias in first[host]:
            if alias.lower() not in servers:
                found.setdefault(alias.lower(), host)
    return found


def _canaries(
    canaries: list[Part], servers: dict[str, Server]
) -> dict[tuple[str, int | None], tuple[tuple[Canary, Entry], ...]]:
    """Canaries by the Service port that they take a share of: it holds wherever that Service port is the backend."""
    found: dict[tuple[str, int | None], tuple[tuple[Canary, Entry], ...]] = {}
    for part in canaries:
        rules = part.notes.canary
        assert rules is not None, "these are canaries"
        for entry in (*part.defaults, *part.entries):
            # A default backend is one for all locations of the server for every host (mergeAlternativeBackends).
            host = CATCH_ALL if entry.rule is None else entry.host or CATCH_ALL
            server = servers.get(host)
            for location in server.locations if server is not None else ():
                main = location.entry
                if main is None or not (entry.rule is None or _same_path(location, main, entry)):
                    continue
                key = (main.backend.service, main.backend.port)
                others = found.get(key, ())
                if key != _target(entry) and all(_target(known) != _target(entry) for _, known in others):
                    taken = replace(entry, doubt=part.notes.host_doubt) if part.notes.host_doubt else entry
                    found[key] = (*others, (rules, taken))
    return found


def _same_path(location: Location, main: Entry, entry: Entry) -> bool:
    return (location.rule_path, kind_of(main)) == (entry.path, kind_of(entry))
