"""What filters do to a request or response: headers, paths, redirects (gateway-api apis/v1, HTTPRoute filters)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.engine.l7.asked import WELL_KNOWN, Asked
from designer.engine.l7.urls import without_port

DEFAULT_REDIRECT = 302


@dataclass(frozen=True, slots=True)
class HeaderEdit:
    """Headers that are set, added to and removed; a name stands in one of them only."""

    sets: tuple[tuple[str, str], ...] = ()
    adds: tuple[tuple[str, str], ...] = ()
    removes: tuple[str, ...] = ()

    def apply(self, headers: Mapping[str, str]) -> dict[str, str]:
        """`headers` after the edit; a header that is there keeps the spelling of its name (RFC 9110 section 5.1)."""
        gone = {name.lower() for name in self.removes}
        found = {name: value for name, value in headers.items() if name.lower() not in gone}
        spelled = {name.lower(): name for name in found}
        for name, value in self.sets:
            found[spelled.setdefault(name.lower(), name)] = value
        for name, value in self.adds:
            there = spelled.setdefault(name.lower(), name)
            found[there] = f"{found[there]},{value}" if there in found else value
        return found

    @property
    def doubled(self) -> str:
        """A name with more than one action, "" where there is none: such a filter is invalid (HTTPHeaderFilter)."""
        seen: set[str] = set()
        for names in ({n.lower() for n, _ in self.sets}, {n.lower() for n, _ in self.adds}, self._removed):
            for name in sorted(names):
                if name in seen:
                    return name
            seen |= names
        return ""

    @property
    def _removed(self) -> set[str]:
        return {name.lower() for name in self.removes}


def _pairs(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Names and values; of equivalent names the first counts."""
    found: dict[str, tuple[str, str]] = {}
    for item in items:
        found.setdefault(str(item["name"]).lower(), (str(item["name"]), str(item["value"])))
    return tuple(found.values())


def header_edit(data: Mapping[str, Any]) -> HeaderEdit:
    """The edit that a header modifier is."""
    return HeaderEdit(_pairs(data.get("set", ())), _pairs(data.get("add", ())), tuple(data.get("remove", ())))


@dataclass(frozen=True, slots=True)
class PathEdit:
    """Another path: `text` in place of the whole path, or of the prefix that matched (`prefix_only`)."""

    text: str
    prefix_only: bool

    def apply(self, path: str, prefix: str) -> str:
        """The new path; `prefix` is the matched one without trailing slash (HTTPPathModifier, table of prefixes)."""
        if not self.prefix_only:
            return _absolute(self.text)
        rest = path[len(prefix) :] if path.startswith(prefix) else path
        return _absolute(self.text.rstrip("/") + rest)


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def path_edit(data: Mapping[str, Any] | None) -> PathEdit | None:
    """The edit that a path modifier is, None for none."""
    if not data:
        return None
    prefix_only = data["type"] == "ReplacePrefixMatch"
    return PathEdit(str(data["replacePrefixMatch" if prefix_only else "replaceFullPath"]), prefix_only)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A request that goes on with another host or path; "" and None leave them."""

    hostname: str
    path: PathEdit | None


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect; "" and None leave a part of the URL as it was asked for."""

    scheme: str
    hostname: str
    path: PathEdit | None
    port: int | None
    status: int

    def location(self, asked: Asked, prefix: str) -> str:
        """The URL that the client is sent to (HTTPRequestRedirectFilter ``port``: rules of the port)."""
        scheme = self.scheme or asked.scheme
        host = self.hostname or without_port(asked.authority)
        port = self.port or (WELL_KNOWN[self.scheme] if self.scheme else asked.port)
        shown = "" if WELL_KNOWN.get(scheme) == port else f":{port}"
        path = self.path.apply(asked.path, prefix) if self.path else asked.path
        query = f"?{asked.query}" if asked.query is not None else ""
        return f"{scheme}://{host}{shown}{path}{query}"


def rewrite(data: Mapping[str, Any]) -> Rewrite:
    """The rewrite that a URLRewrite filter is."""
    return Rewrite(str(data.get("hostname", "")), path_edit(data.get("path")))


def redirect(data: Mapping[str, Any]) -> Redirect:
    """The redirect that a RequestRedirect filter is."""
    return Redirect(
        str(data.get("scheme", "")),
        str(data.get("hostname", "")),
        path_edit(data.get("path")),
        data.get("port"),
        int(data.get("statusCode", DEFAULT_REDIRECT)),
    )
