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
from designer.engine.l7.nginx_hosts import alias_of, by_pattern, own_page, pick_location, server_of, www_of
from designer.engine.l7.nginx_notes import Canary, Notes
from designer.engine.l7.nginx_texts import AWAY, allows, cookie_of, expanded, header_of, rewritten
from designer.engine.l7.uris import normal_uri, split_uri


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `authority` is the Host as sent, `host` its name, `uri` with query, `source` "" if not known.

    `headers` by lower-case name. `told_scheme` and `told_host` are those of believed headers, "" without them.
    """

    host: str
    uri: str
    tls: bool = False
    authority: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    method: str = "GET"
    told_scheme: str = ""
    told_host: str = ""

    @property
    def scheme(self) -> str:
        """http or https."""
        return "https" if self.tls else "http"

    @property
    def passed(self) -> str:
        """The scheme as a believed header says it, otherwise the connection's."""
        return self.told_scheme or self.scheme

    def variables(self, uri: str, query: str) -> Mapping[str, str]:
        """Variables of nginx that are known here, by name."""
        return {"request_uri": self.uri, "uri": uri, "host": self.host, "http_host": self.authority or self.host,
                "scheme": self.scheme, "args": query.removeprefix("?"), "is_args": "?" if query else ""}  # fmt: skip


def answer(servers: NginxServers, control: ControlPlaneState, call: Call) -> RouteDecision:
    """The decision about a request."""
    call = _believed(servers, call)
    server = server_of(servers, call.host)
    to = www_of(servers, call.host) if server is None else None  # a server for this very name, before wildcards
    if to is not None:
        why, root = f"annotation from-to-www-redirect of host {to}", servers.servers[to].locations[0]
        url = f"{call.passed}://{to}{call.uri.removesuffix('/')}"
        return _redirect(url, root.notes.https_code, why, None)
    server = server or alias_of(servers, call.host)
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
    own = own_page(server, location, uri)
    if own:
        why = f"{uri} is a page of ingress-nginx itself at every host that no rule names: it answers {own}."
        return RouteDecision("answered" if own == 200 else "unavailable", why, own)
    if slash:
        # ngx_http_core_find_config_phase: the name of the location; the host without its port (port_in_redirect off)
        shown = f"a path of host {server.host} is {uri}/ with its final slash, which nginx adds"
        begin = "" if server.locations[server.prefixes[f"{uri}/"]].notes.relative else f"{call.scheme}://{call.host}"
        return _redirect(f"{begin}{uri}/{query}", 301, shown, None)
    if location is None:
        return RouteDecision("default-404", f"Path {uri} matches no rule of host {server.host}: 404.", 404)
    found = _at(servers, control, server, location, call, uri, query)
    return replace(found, losers=_losers(server, location, uri))


def _believed(servers: NginxServers, call: Call) -> Call:
    """The request with what the controller believes of its headers (use-forwarded-headers, use-proxy-protocol)."""
    told = {name: call.headers.get(f"x-forwarded-{name}", "") for name in ("proto", "host", "for")}
    if servers.proxied or (servers.forwarded and told["for"]):
        call = replace(call, source="")
    if not servers.underscores:  # ignore_invalid_headers: nginx drops them unless underscores_in_headers
        call = replace(call, headers={name: text for name, text in call.headers.items() if "_" not in name})
    if not servers.forwarded:
        return call
    return replace(call, told_scheme=told["proto"], told_host=told["host"].partition(",")[0].strip())


def _at(
    servers: NginxServers,
    control: ControlPlaneState,
    server: Server,
    location: Location,
    call: Call,
    uri: str,
    query: str,
) -> RouteDecision:
    """What happens in the location: the directives of nginx' rewrite module, Lua's part, then who is let in.

    Lua redirects to HTTPS and answers 503 without endpoints in the rewrite phase, before source ranges are looked at.
    """
    notes, entry = location.notes, location.entry
    if notes.denied:
        why = f"annotation {notes.denied} is no list of addresses: ingress-nginx denies the Ingress' paths with 503"
        return _paged(RouteDecision("unavailable", f"{why}.", 503, entry=entry), notes)
    if location.doubt:
        return RouteDecision("cannot-tell", location.doubt, entry=entry)
    found = _by_rewrite_module(location, call, uri, query) or _to_https(servers, server, location, call)
    if found is not None:
        return found
    taken = _taken(servers, control, location, call, uri, query)
    if taken.kind == "unavailable":
        return _paged(taken, notes)
    admitted = notes.admits(call.source)
    if admitted is None:
        why = "annotations name ranges of source addresses, and the address that the controller sees is not known"
        return RouteDecision("cannot-tell", why, entry=entry)
    if not admitted:
        found = RouteDecision("unavailable", f"{call.source} lies in no range that is let in: 403.", 403, entry=entry)
        return _paged(found, notes)
    if taken.kind == "default-404":
        known = server.host != CATCH_ALL
        why = f"Path {uri} matches no rule for host {server.host}" if known else f"Host {call.host} is not in any rule"
        return replace(taken, reason=f"{why} of ingress-nginx; its default backend answers 404.")
    return taken


def _paged(found: RouteDecision, notes: Notes) -> RouteDecision:
    """An error of nginx' own, unless custom-http-errors hands it to the default backend."""
    if found.status not in notes.errors:
        return found
    why = f"{found.reason} custom-http-errors hands {found.status} to the default backend, whose answer is not known"
    return RouteDecision("cannot-tell", why, entry=found.entry)


def _by_rewrite_module(location: Location, call: Call, uri: str, query: str) -> RouteDecision | None:
    """What ``return`` and ``rewrite`` of the location answer, in the order of nginx.tmpl; None where they do not."""
    notes, entry = location.notes, location.entry
    if call.method == "OPTIONS" and allows(notes.origins, call.headers.get("origin", "")):
        why = "ingress-nginx answers OPTIONS itself with 204 (enable-cors): no backend gets the request."
        return RouteDecision("answered", why, 204, entry=entry)
    if notes.redirect:
        url, unknown = expanded(notes.redirect, call.variables(uri, query))
        if unknown:
            why = f"the redirect to {notes.redirect} holds ${unknown}, which is not known here"
            return RouteDecision("cannot-tell", why, notes.code, entry=entry)
        url = f"{call.scheme}://{call.host}{url}" if url.startswith("/") and not notes.relative else url
        return _redirect(url, notes.code, "an annotation answers with a redirect", entry)
    if notes.rewrites(location.path) and notes.rewrite.startswith(AWAY):
        path, unknown = rewritten(location, call, uri, "")
        if unknown:
            return RouteDecision("cannot-tell", unknown, entry=entry)
        return _redirect(f"{path}{query}", 302, "rewrite-target is a URL, to which nginx redirects", entry)
    return None


def _to_https(servers: NginxServers, server: Server, location: Location, call: Call) -> RouteDecision | None:
    """The redirect of plain HTTP, which leaves a final slash out unless preserve-trailing-slash (lua_ingress.lua)."""
    notes = location.notes
    if call.passed != "http":
        return None
    covered = _has_certificate(servers, call.host)
    if covered is None and notes.goes_to_https(location.path, True) != notes.goes_to_https(location.path, False):
        why = f"{call.host} is an alias of host {server.host}, and plain HTTP goes to https only where the certificate "
        return RouteDecision(
            "cannot-tell", f"{why}holds for the alias too: that stands in a Secret", entry=location.entry
        )
    if not notes.goes_to_https(location.path, bool(covered)):
        return None
    why = f"host {call.host} has TLS" if covered else "force-ssl-redirect asks for it"
    host = (call.told_host or call.authority or call.host).partition(":")[0]
    uri = call.uri if notes.trailing else call.uri.removesuffix("/")
    return _redirect(f"https://{host}{uri}", notes.https_code, f"{why}: plain HTTP goes to https", location.entry)


def _taken(
    servers: NginxServers, control: ControlPlaneState, location: Location, call: Call, uri: str, query: str
) -> RouteDecision:
    """Who gets the request once it is let in: the backend of the location, or the controller's default backend."""
    entry = location.entry
    if entry is None and has_endpoints(control, servers.fallback, False):
        port = next((port.port for port in control.services[servers.fallback].ports), None)
        why = f"No rule takes it: --default-backend-service names {servers.fallback.partition(':')[2]}."
        return RouteDecision("backend", why, 0, servers.fallback, port)
    if entry is None:
        return RouteDecision("default-404", "", 404)
    found = _backend(servers, control, location, entry, call, uri)
    if found.kind != "backend":
        return found
    path, unknown = rewritten(location, call, uri, query)
    if unknown:
        return RouteDecision("cannot-tell", unknown, entry=entry)
    notes, copied = location.notes, ""
    if notes.mirror:
        copied = f" A copy goes to {notes.mirror} (mirror-target), whose answer nobody gets."
    # proxy_set_header Host $best_http_host: a believed X-Forwarded-Host goes before the Host as sent.
    vhost = notes.vhost or call.told_host
    found = replace(found, reason=f"{found.reason}{copied}", mirror=notes.mirror)
    return replace(found, path=path, vhost=vhost, by_address=notes.by_address)


def _redirect(url: str, status: int, why: str, entry: Entry | None) -> RouteDecision:
    return RouteDecision("redirect", f"{why}: ingress-nginx answers {status} to {url}.", status, entry=entry, url=url)


def _has_certificate(servers: NginxServers, host: str) -> bool | None:
    """Whether a certificate is configured for a host: its server's, or that of the wildcard (certificate.lua).

    None for an alias: it has one where its server's certificate names it, which only its Secret says.
    """
    own = servers.servers.get(host)
    wild = servers.servers.get(f"*.{host.partition('.')[2]}")
    if any(server is not None and server.tls for server in (own, wild)):
        return True
    other = alias_of(servers, host) if own is None else None
    return None if other is not None and other.tls else False


def _backend(
    servers: NginxServers, control: ControlPlaneState, location: Location, entry: Entry, call: Call, uri: str
) -> RouteDecision:
    """The backend of the location and what a canary takes of it, or 503."""
    backend = entry.backend
    how = "default backend of" if entry.rule is None or location.default else f"path {uri} matches"
    service = control.services.get(backend.service)
    called = location.notes.by_address and service is not None and bool(service.cluster_ips)
    trouble = backend.missing or ("" if called else _empty(control, backend))
    if trouble:
        return _without(control, location, entry, trouble)
    share, taken, why = _canary(servers, control, entry, location.notes, call)
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
    oid = f"Service:{namespace}/{name}"  # of the Ingress' own namespace only (defaultbackend/main.go)
    service = control.services.get(oid) if name else None
    if service is not None and service.ports and has_endpoints(control, oid, False):
        reason = f"{trouble}; annotation default-backend names {oid.partition(':')[2]}."
        return RouteDecision("backend", reason, 0, oid, service.ports[0].port, entry)
    return RouteDecision("unavailable", f"{trouble}; ingress-nginx answers 503.", 503, entry=entry)


def _canary(
    servers: NginxServers, control: ControlPlaneState, entry: Entry, notes: Notes, call: Call
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
    cookies = _cookies(call.headers.get("cookie", ""))
    asked = header_of(call.headers, rules.header)
    if taken.doubt and (asked is not None or cookie_of(call.headers, rules.cookie) is not None):
        return Fraction(0), None, f"{taken.ingress} is a canary with annotation {taken.doubt.rstrip(',')}"
    if notes.sticky and notes.sticky in cookies:
        why = f"cookie {notes.sticky} keeps a client with the backend that it had, be it {taken.ingress}'s or the main"
        return Fraction(0), None, f"{why} one"
    if rules.pattern and not rules.value and asked is not None and _unreadable(rules.pattern):
        return Fraction(0), None, f"canary-by-header-pattern {rules.pattern} of {taken.ingress} cannot be read here"
    return canary_share(rules, call.headers), taken, ""


def _unreadable(pattern: str) -> bool:
    """Whether Python reads an expression otherwise than PCRE, or not at all where PCRE may."""
    if ONLY_PCRE.search(pattern):
        return True
    if _broken(pattern):
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return True
    return False


def _broken(pattern: str) -> bool:
    """Whether an expression is one for PCRE no more than for Python: a bracket or parenthesis is left open."""
    try:
        re.compile(pattern)
    except re.error as wrong:
        return wrong.msg.startswith(("unterminated character set", "missing ), unterminated subpattern"))
    except (RecursionError, OverflowError):
        return False
    return False


def canary_share(rules: Canary, headers: Mapping[str, str]) -> Fraction:
    """The share of requests with these headers that go to the canary: header before cookie before weight."""
    value = header_of(headers, rules.header) if rules.header else None
    if value is not None:
        if rules.value:
            if value == rules.value:
                return Fraction(1)
        elif rules.pattern:
            if _broken(rules.pattern):
                return Fraction(0)  # balancer.lua: an error of the expression keeps the request with the main backend
            if not _unreadable(rules.pattern) and re.search(rules.pattern, value, re.ASCII):
                return Fraction(1)
        elif value in ("always", "never"):
            return Fraction(1 if value == "always" else 0)
    cookie = cookie_of(headers, rules.cookie)
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
