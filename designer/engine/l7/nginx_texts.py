"""Texts that nginx puts together or compares for one request: redirects, rewritten paths, origins.

Source: ngx_http_rewrite_module (``rewrite``, ``return``); kubernetes/ingress-nginx, template.go: buildProxyPass,
buildCorsOriginRegex.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from designer.engine.l7.nginx import Location

_PART = re.compile(r"\$(?:\{(?P<braced>[A-Za-z0-9_]+)\}|(?P<number>[0-9])|(?P<name>[A-Za-z_][A-Za-z0-9_]*))")
# What makes nginx answer a rewrite with a redirect.
AWAY = ("http://", "https://", "$scheme")
# What nginx does not escape when it puts a captured text into a redirect.
_SAFE = re.compile(r"[A-Za-z0-9\-._~/]*")


class _Variables(Protocol):
    """A request that knows the values of nginx' variables."""

    def variables(self, uri: str, query: str) -> Mapping[str, str]:
        """By name."""
        ...


def expanded(text: str, known: Mapping[str, str]) -> tuple[str, str]:
    """A text with its variables, captures among them by number, and the first one that is not known."""
    names = [hit["braced"] or hit["number"] or hit["name"] for hit in _PART.finditer(text)]
    unknown = next((name for name in names if name not in known and not name.isdigit()), "")
    return _PART.sub(lambda hit: known.get(hit["braced"] or hit["number"] or hit["name"], ""), text), unknown


def rewritten(location: Location, call: _Variables, uri: str, query: str) -> tuple[str, str]:
    """The path and query that the backend gets, "" where they are those of the request; why that is not known.

    ``rewrite "(?i)<path>" <target> break``: the target takes the place of the whole path; a query in it goes before
    that of the request.
    """
    if not location.notes.rewrites(location.path):
        return "", ""
    found = re.search(location.path, uri, re.IGNORECASE | re.ASCII)
    if found is None:
        return "", ""
    captures = {str(number): found[number] or "" for number in range(1, min(found.re.groups, 9) + 1)}
    target, unknown = expanded(location.notes.rewrite, {**call.variables(uri, query), **captures})
    if unknown:
        return "", f"rewrite-target {location.notes.rewrite} holds ${unknown}, which is not known here"
    if target.startswith(AWAY[:2]) and not all(_SAFE.fullmatch(text) for text in captures.values()):
        return (
            "",
            f"rewrite-target {location.notes.rewrite} is a URL, and how nginx escapes {uri} in it is not computed",
        )
    path, mark, own = target.partition("?")
    joined = "&".join(part for part in (own, query.removeprefix("?")) if part)
    return (f"{path}{'?' if joined else ''}{joined}" if mark or query else path), ""


def cookie_of(headers: Mapping[str, str], name: str) -> str | None:
    """The value of nginx' variable ``$cookie_name``: the first one, whatever the case of its name; None without.

    Names begin at a semicolon or comma, values end at a semicolon (ngx_http_parse_multi_header_lines).
    """
    text = headers.get("cookie", "")
    named = re.compile(rf"{re.escape(name)} *= *([^;]*)", re.IGNORECASE | re.ASCII)
    starts = (0, *(sign.end() for sign in re.finditer(r"[;,] *", text)))
    return next((found[1] for start in starts if (found := named.match(text, start))), None) if name else None


def header_of(headers: Mapping[str, str], name: str) -> str | None:
    """The value of nginx' variable ``$http_name``, in which dashes and underscores are one; None without."""
    wanted = name.lower().replace("-", "_")
    return next((value for key, value in headers.items() if key.lower().replace("-", "_") == wanted), None)


def allows(origins: tuple[str, ...], origin: str) -> bool:
    """Whether cors-allow-origin lets an origin in: any for ``*``; otherwise without case, one label for a star."""
    if not origins:
        return False
    if "*" in origins:
        return True
    parts = (re.escape(one).replace(r"\*", "[A-Za-z0-9-]+", 1) for one in origins)
    return re.search(rf"(?:{'|'.join(parts)})$", origin, re.IGNORECASE | re.ASCII) is not None
