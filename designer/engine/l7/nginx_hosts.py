"""Which server, and which of its locations, nginx takes for a request.

Server names: the exact one, nginx' own wildcards, then expressions (ngx_http_core_module). In nginx.tmpl the servers of
from-to-www-redirect stand before all others, and of two servers with one name nginx keeps the first; servers follow in
the order of their hosts, with their aliases.
"""

from __future__ import annotations

import re

from designer.engine.l7.nginx import CATCH_ALL, Location, NginxServers, Server

# Locations that nginx.tmpl gives the server for every host, with what it answers to a stranger there.
OWN_PAGES = (("/healthz", 200), ("/nginx_status", 403))


def server_of(servers: NginxServers, host: str) -> Server | None:
    """The server whose host has this very name; None where none has."""
    return servers.servers.get(host) if host != CATCH_ALL else None


def alias_of(servers: NginxServers, host: str) -> Server | None:
    """The server that has this very name as an alias; None where none has."""
    return servers.servers.get(servers.aliases.get(host, ""))


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


def www_of(servers: NginxServers, host: str) -> str | None:
    """The host that a name without or with ``www.`` is redirected to."""
    to = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    server = servers.servers.get(to)
    return to if server is not None and server.www else None


def pick_location(server: Server, uri: str) -> tuple[Location | None, bool]:
    """The location for a decoded path; True where nginx redirects to the path with a final slash instead.

    Regular expressions go in order, the first that matches wins; otherwise an exact path, then the longest prefix. The
    redirect comes with ``proxy_pass``, which a denied location has not.
    """
    found = server.fitting(uri)
    first = found[0] if found else None
    if not server.regex and (first is None or first.path_type != "Exact") and f"{uri}/" in server.prefixes:
        return (None, True) if not server.locations[server.prefixes[f"{uri}/"]].notes.denied else (first, False)
    return first, False


def own_page(server: Server, location: Location | None, uri: str) -> int:
    """The status of a page of nginx' own that the path falls under, 0 where a location of an Ingress is longer."""
    if server.host != CATCH_ALL or server.regex:
        return 0
    for path, status in OWN_PAGES:
        longer = location is not None and (location.path_type == "Exact" or len(location.path) > len(path))
        if uri.startswith(path) and not longer:
            return status
    return 0
