"""What ingress-nginx answers to one request, phase by phase as nginx goes through them.

Server by host; ``/`` to the app root; location; its own redirect; HTTPS; rewrite; source ranges; backend with canary.
Source: kubernetes/ingress-nginx v1.15, rootfs/etc/nginx/template/nginx.tmpl, rootfs/etc/nginx/lua/lua_ingress.lua
(redirect_to_https), balancer.lua (route_to_alternative_balancer); ngx_http_core_module, `location`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.answers import LostRoute, RouteDecision, has_endpoints
from designer.engine.l7.entries import Backend, Entry
from designer.engine.l7.nginx import CATCH_ALL, ONLY_PCRE, Location, NginxServers, Server
from designer.engine.l7.nginx_notes import Canary, Notes
from designer.engine.l7.uris import normal_uri, split_uri

_VARIABLE = re.compile(r"\$\{?([a-z_]+)\}?")


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `authority` is the Host as sent, `host` its name, `uri` with query, `source` "" if not known.

    `headers` by lower-case name.
    """

    host: str
    uri: str
    tls: bool = False
    authority: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    method: str = "GET"

    @property
    def scheme(self) -> str:
        """http or https."""
        return "https" if self.tls else "http"


def answer(servers: NginxServers, control: ControlPlaneState, call: Call) -> RouteDecision:
    """The decision about a request."""
    server, to = exact_server(servers, call.host), None
    if server is None:
        to = _www(servers, call.host)  # a server for this very name, which goes before wildcards
    if to is not None:
        why, root = f"annotation from-to-www-redirect of host {to}", servers.servers[to].locations[0]
        url = f"{call.scheme}://{to}{call.uri.removesuffix('/')}"
        return _redirect(url, root.notes.https_code, why, None)
    if server is None:
        server, doubt = by_pattern(servers, call.host)
        if doubt:
            return RouteDecision("cannot-tell", doubt)
    server = server or servers.servers[CATCH_ALL]
    if server.doubt:
        return RouteDecision("cannot-tell", server.doubt)
    path, query = split_uri(call.uri)
    uri = normal_uri(path)
    if uri is None:
        return RouteDecision("unavailable", f"{path} is no path that nginx takes: it answers 400.", 400)
    if uri == "/" and server.app_root:
        url = f"{call.scheme}://{call.authority or call.host}{server.app_root}"
        return _redirect(url, 302, f"annotation app-root of host {server.host}", None)
    location, slash = pick_location(server, uri)
    if slash:
        shown = f"a path of host {server.host} is {uri}/ with its final slash, which nginx adds"
        return _redirect(f"{call.scheme}://{call.authority or call.host}{path}/{query}", 301, shown, None)
    if location is None:
        return RouteDecision("default-404", f"Path {uri} matches no rule of host {server.host}: 404.", 404)
    found = _at(servers, control, server, location, call, uri, query)
    return replace(found, losers=_losers(server, location, uri))


def exact_server(servers: NginxServers, host: str) -> Server | None:
    """The server that has this very name, its own or as an alias; None where none has it."""
    own = servers.servers.get(host) or servers.servers.get(servers.aliases.get(host, ""))
    return own if own is not None and host != CATCH_ALL else None


def by_pattern(servers: NginxServers, host: str) -> tuple[Server | None, str]:
    """The server whose names are patterns that a host falls under, and why that cannot be told.

    A wildcard alias is nginx' own, for any number of labels, the longest first. The controller makes an expression of
    a wildcard host, for one label; among expressions (aliases may be some) the order of the file decides.
    """
    labels = host.split(".")
    for count in range(1, len(labels)):
        alias = servers.aliases.get(f"*.{'.'.join(labels[count:])}")
        if alias is not None:
            return servers.servers.get(alias), ""
    own = next((alias for alias in servers.aliases if alias.startswith("~")), "")
    if own:
        return None, f"annotation server-alias has the expression {own}; whether {host} falls under it is not computed"
    first, dot, rest = host.partition(".")
    return (servers.servers.get(f"*.{rest}") if dot and re.fullmatch(r"[\w-]+", first) else None), ""


def _www(servers: NginxServers, host: str) -> str | None:
    """The host that a name without or with ``www.`` is redirected to."""
    to = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    server = servers.servers.get(to)
    return to if server is not None and server.www else None


def pick_location(server: Server, uri: str) -> tuple[Location | None, bool]:
    """The location for a decoded path; True where nginx redirects to the path with a final slash instead.

    Regular expressions go in order, the first that matches wins; otherwise an exact path, then the longest prefix.
    """
    found = server.fitting(uri)
    first = found[0] if found else None
    if not server.regex and (first is None or first.path_type != "Exact") and f"{uri}/" in server.prefixes:
        return None, True
    return first, False


def _at(
    servers: NginxServers,
    control: ControlPlaneState,
    server: Server,
    location: Location,
    call: Call,
    uri: str,
    query: str,
) -> RouteDecision:
    """What happens in the location: its redirects, then its backend."""
    notes, entry = location.notes, location.entry
    if notes.denied:
        why = f"annotation {notes.denied} is no list of addresses: ingress-nginx denies the Ingress' paths with 503"
        return RouteDecision("unavailable", f"{why}.", 503, entry=entry)
    if location.doubt:
        return RouteDecision("cannot-tell", location.doubt, entry=entry)
    if notes.redirect:
        url, unknown = _filled(notes.redirect, call, uri, query)
        if unknown:
            why = f"the redirect to {notes.redirect} holds ${unknown}, which is not known here"
            return RouteDecision("cannot-tell", why, notes.code, entry=entry)
        return _redirect(url, notes.code, "an annotation answers with a redirect", entry)
    covered = _has_certificate(servers, call.host)
    preflight = _preflight(notes, call)
    if preflight:
        return RouteDecision("cannot-tell", preflight, entry=entry)
    if not call.tls and notes.goes_to_https(location.path, covered):
        why = f"host {call.host} has TLS" if covered else "force-ssl-redirect asks for it"
        return _redirect(f"https://{call.host}{call.uri}", notes.https_code, f"{why}: plain HTTP goes to https", entry)
    admitted = notes.admits(call.source)
    if admitted is None:
        why = "annotations name ranges of source addresses, and the address that the controller sees is not known"
        return RouteDecision("cannot-tell", why, entry=entry)
    if not admitted:
        return RouteDecision("unavailable", f"{call.source} lies in no range that is let in: 403.", 403, entry=entry)
    if entry is None and has_endpoints(control, servers.fallback, False):
        port = next((port.port for port in control.services[servers.fallback].ports), None)
        why = f"No rule takes it: --default-backend-service names {servers.fallback.partition(':')[2]}."
        return RouteDecision("backend", why, 0, servers.fallback, port)
    if entry is None:
        known = server.host != CATCH_ALL
        why = f"Path {uri} matches no rule for host {server.host}" if known else f"Host {call.host} is not in any rule"
        return RouteDecision("default-404", f"{why} of ingress-nginx; its default backend answers 404.", 404)
    path = _rewritten(location, uri, query)
    found = _backend(servers, control, location, entry, call, uri)
    if found.kind != "backend":
        return found
    return replace(found, path=path, vhost=notes.vhost, by_address=notes.by_address)


def _preflight(notes: Notes, call: Call) -> str:
    """That nginx answers an OPTIONS request itself (annotation enable-cors), or may do so; "" where it does not."""
    if call.method != "OPTIONS" or not notes.origins:
        return ""
    origin = call.headers.get("origin", "")
    if "*" in notes.origins or origin in notes.origins:
        return "ingress-nginx answers OPTIONS itself with 204 (enable-cors): no backend gets the request"
    if origin and any("*" in one for one in notes.origins):
        return f"whether {origin} is one of cors-allow-origin, so that nginx answers OPTIONS itself, is not computed"
    return ""


def _redirect(url: str, status: int, why: str, entry: Entry | None) -> RouteDecision:
    return RouteDecision("redirect", f"{why}: ingress-nginx answers {status} to {url}.", status, entry=entry, url=url)


def _has_certificate(servers: NginxServers, host: str) -> bool:
    """Whether a certificate is configured for a host: its own server's, or that of the wildcard (certificate.lua)."""
    own = servers.servers.get(host) or servers.servers.get(servers.aliases.get(host, ""))
    wild = servers.servers.get(f"*.{host.partition('.')[2]}")
    return any(server is not None and server.tls for server in (own, wild))


def _filled(text: str, call: Call, uri: str, query: str) -> tuple[str, str]:
    """A redirect's URL with its variables, and the first one that is not known."""
    known = {"request_uri": call.uri, "uri": uri, "host": call.host, "http_host": call.authority or call.host,
             "scheme": call.scheme, "args": query.removeprefix("?"), "is_args": "?" if query else ""}  # fmt: skip
    names = [found[1] for found in _VARIABLE.finditer(text)]
    unknown = next((name for name in names if name not in known), "")
    return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), text), unknown


def _rewritten(location: Location, uri: str, query: str) -> str:
    """The path and query that the backend gets, "" where they are those of the request.

    ``rewrite "(?i)<path>" <target> break``: the target takes the place of the whole path; a query in it goes before
    that of the request.
    """
    if not location.notes.rewrites(location.path):
        return ""
    found = re.search(location.path, uri, re.IGNORECASE | re.ASCII)
    if found is None:
        return ""
    target = re.sub(r"\$([0-9])", lambda hit: _group(found, int(hit[1])), location.notes.rewrite)
    path, mark, own = target.partition("?")
    rest = query.removeprefix("?")
    joined = "&".join(part for part in (own, rest) if part)
    return f"{path}{'?' if joined else ''}{joined}" if mark or rest else path


def _group(found: re.Match[str], number: int) -> str:
    return (found[number] or "") if number <= (found.re.groups or 0) else ""


def _backend(
    servers: NginxServers, control: ControlPlaneState, location: Location, entry: Entry, call: Call, uri: str
) -> RouteDecision:
    """The backend of the location and what a canary takes of it, or 503."""
    backend = entry.backend
    how = "default backend of" if entry.rule is None or location.default else f"path {uri} matches"
    trouble = backend.missing or ("" if location.notes.by_address else _empty(control, backend))
    if trouble:
        return _without(control, location, entry, trouble)
    share, taken, why = _canary(servers, control, entry, call)
    if why:
        return RouteDecision("cannot-tell", why, entry=entry)
    if taken is None or not share:
        return RouteDecision("backend", f"{how} {entry.text}.", 0, backend.service, backend.port, entry)
    other = taken.backend
    kept = ((backend.service, backend.port, 1 - share),) if share < 1 else ()
    reason = f"{how} {entry.text}; canary {taken.text} takes {share.numerator} of {share.denominator}."
    chosen = backend if share < Fraction(1, 2) else other
    shares = (*kept, (other.service, other.port, share))
    winner = entry if chosen is backend else taken
    return RouteDecision("backend", reason, 0, chosen.service, chosen.port, winner, shares=shares)


def _empty(control: ControlPlaneState, backend: Backend) -> str:
    if has_endpoints(control, backend.service, False):
        return ""
    return f"Service {backend.service.partition(':')[2]} has no ready endpoint"


def _without(control: ControlPlaneState, location: Location, entry: Entry, trouble: str) -> RouteDecision:
    """Without endpoints: the Service of annotation default-backend where it has some, else 503."""
    name = location.notes.default_backend
    namespace = entry.ingress.partition(":")[2].partition("/")[0]
    oid = f"Service:{namespace}/{name}" if "/" not in name else f"Service:{name}"
    service = control.services.get(oid) if name else None
    if service is not None and service.ports and has_endpoints(control, oid, False):
        reason = f"{trouble}; annotation default-backend names {oid.partition(':')[2]}."
        return RouteDecision("backend", reason, 0, oid, service.ports[0].port, entry)
    return RouteDecision("unavailable", f"{trouble}; ingress-nginx answers 503.", 503, entry=entry)


def _canary(
    servers: NginxServers, control: ControlPlaneState, entry: Entry, call: Call
) -> tuple[Fraction, Entry | None, str]:
    """The share that a canary takes of the entry's requests, its entry, and why that cannot be told."""
    found = servers.canaries.get((entry.backend.service, entry.backend.port), ())
    if not found:
        return Fraction(0), None, ""
    if len(found) > 1:
        names = " and ".join(other.ingress for _, other in found)
        return Fraction(0), None, f"{names} are canaries of one backend; ingress-nginx defines one at most"
    rules, taken = found[0]
    if taken.backend.missing or _empty(control, taken.backend):
        return Fraction(0), None, ""  # no balancer for it: balancer.lua stays with the main backend
    if rules.pattern and not rules.value and rules.header.lower() in call.headers and _unreadable(rules.pattern):
        return Fraction(0), None, f"canary-by-header-pattern {rules.pattern} of {taken.ingress} cannot be read here"
    return canary_share(rules, call.headers), taken, ""


def _unreadable(pattern: str) -> bool:
    """Whether Python reads an expression otherwise than PCRE, or not at all."""
    if ONLY_PCRE.search(pattern):
        return True
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return True
    return False


def canary_share(rules: Canary, headers: Mapping[str, str]) -> Fraction:
    """The share of requests with these headers that go to the canary: header before cookie before weight."""
    value = headers.get(rules.header.lower()) if rules.header else None
    if value is not None:
        if rules.value:
            if value == rules.value:
                return Fraction(1)
        elif rules.pattern:
            if not _unreadable(rules.pattern) and re.search(rules.pattern, value, re.ASCII):
                return Fraction(1)
        elif value in ("always", "never"):
            return Fraction(1 if value == "always" else 0)
    cookie = _cookies(headers.get("cookie", "")).get(rules.cookie) if rules.cookie else None
    if cookie in ("always", "never"):
        return Fraction(1 if cookie == "always" else 0)
    return min(Fraction(rules.weight, rules.total), Fraction(1))


def _cookies(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name: value for name, _, value in pairs if name}


def _losers(server: Server, winner: Location, uri: str) -> tuple[LostRoute, ...]:
    """The other entries that match, and what they lacked."""
    why = "an older Ingress holds the same host and path"
    lost = [LostRoute(entry, f"{why}, {winner.entry.ingress if winner.entry else ''}") for entry in winner.lost]
    for found in server.fitting(uri):
        if found.entry is None or found.entry is winner.entry or found.default:
            continue
        if server.regex:
            said = f"regular expressions go in order of length: {winner.rule_path} stands before it"
        elif found.rule_path == winner.rule_path:
            said = f"{winner.path_type} goes before {found.path_type} (longest path wins, then Exact before Prefix)"
        else:
            said = f"{winner.rule_path} is longer (longest path wins, then Exact before Prefix)"
        lost.append(LostRoute(found.entry, said))
    return tuple({lost_route.entry: lost_route for lost_route in lost}.values())
