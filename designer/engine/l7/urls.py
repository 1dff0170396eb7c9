"""URLs taken apart (RFC 3986), with nothing made nicer: a Gateway sees them as they were sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

Scheme = Literal["http", "https", "tcp", "udp", "tls"]
SCHEMES: tuple[Scheme, ...] = ("http", "https", "tcp", "udp", "tls")
MAX_PORT = 65535
# RFC 3986, appendix B: scheme, authority, path, query, fragment.
_URL = re.compile(r"^(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$", re.DOTALL)
_AUTHORITY = re.compile(r"^(?:[^@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@]*)(?::(?P<port>[0-9]*))?$")
_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL that was asked for; `port` is None where it names none, `query` where it has none."""

    scheme: Scheme
    authority: str
    port: int | None
    path: str
    query: str | None


def read_url(url: str) -> tuple[Address | None, str]:
    """The parts of a URL, or what is wrong with it."""
    found = _URL.match(url)
    scheme = (found[1] or "").lower() if found else ""
    if found is None or scheme not in SCHEMES or found[2] is None:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        return None, f'"{url}" has no scheme that is known; begin it with {known}'
    if any(character.isspace() or ord(character) < 32 for character in url):
        return None, f'"{url}" holds white space; write it percent-encoded (%20)'
    authority = _AUTHORITY.match(found[2])
    if authority is None:
        return None, f'"{url}" is no URL: {found[2]} is no host with a port'
    port = int(authority["port"]) if authority["port"] else None
    if port is not None and not 1 <= port <= MAX_PORT:
        return None, f'"{url}" is no URL: port {port} is not one from 1 to {MAX_PORT}'
    if not authority["host"] and scheme in ("http", "https"):
        return None, f'"{url}" names no host'
    if not authority["host"].isascii():  # RFC 5891: what is sent is the A-label
        return None, f'"{url}" names a host with letters beyond ASCII; write it as it is sent (xn--…)'
    without_user = found[2].rpartition("@")[2]
    return Address(cast(Scheme, scheme), without_user, port, found[3] or "/", found[4]), ""


def host_of(authority: str) -> str:
    """The name of an authority: lower case, without user, port and final dot; an IPv6 address keeps its brackets."""
    authority = authority.rpartition("@")[2].lower()
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0].rstrip(".")


def without_port(authority: str) -> str:
    """An authority without its port, spelled as it was sent."""
    host, colon, port = authority.rpartition(":")
    return host if colon and (not port or port.isdigit()) and "]" not in port else authority


def parameters_of(query: str) -> Iterator[tuple[str, str]]:
    """Names and values of a query, decoded as forms write them (url.spec.whatwg.org, urlencoded parsing)."""
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield decoded(name), decoded(value)


def decoded(text: str) -> str:
    """A name or value of a query: a plus is a space, escapes are UTF-8; what is no UTF-8 becomes U+FFFD."""
    return _ESCAPE.sub(lambda m: bytes.fromhex(m[0].replace("%", "")).decode(errors="replace"), text.replace("+", " "))
