"""The annotations of ingress-nginx that decide where a request goes, read as its parsers read them.

Source: kubernetes/ingress-nginx, docs/user-guide/nginx-configuration/annotations.md and internal/ingress/annotations
(v1.15). What has no bearing on where one request goes (timeouts, buffers, cookies, CORS headers, backend protocol, rate
limits, pages for errors) is not read; what has one that is not computed stands in `DOUBTFUL`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any

PREFIX = "nginx.ingress.kubernetes.io/"
# A regular expression in an Exact or Prefix path is refused (`strict-validate-path-type`, inspector/rules.go).
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._\-/]*")
# Values that strconv.ParseBool takes; any other makes the parser leave the annotation out.
TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})

# Annotations that may turn a request away or send it elsewhere, which is not computed; of one Ingress' paths.
DOUBTFUL = frozenset(
    {
        "auth-secret", "auth-snippet", "auth-tls-secret", "auth-type", "auth-url", "configuration-snippet",
        "enable-modsecurity", "modsecurity-snippet",
    }
)  # fmt: skip
# The same for all paths of a host.
DOUBTFUL_FOR_HOST = frozenset({"server-snippet", "ssl-passthrough"})


@dataclass(frozen=True, slots=True)
class Canary:
    """A canary's rules, in order of precedence: header, cookie, weight out of `total`."""

    header: str = ""
    value: str = ""
    pattern: str = ""
    cookie: str = ""
    weight: int = 0
    total: int = 100


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where no annotation says otherwise: ConfigMap and flags of the controller.

    `https_code` is the status of redirects to HTTPS, `no_tls` are beginnings of locations that are never redirected.
    `passthrough` says that annotation ssl-passthrough counts, None where that is not known.
    """

    ssl_redirect: bool = True
    force_ssl: bool = False
    https_code: int = 308
    no_tls: tuple[str, ...] = ("/.well-known/acme-challenge",)
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    passthrough: bool | None = None


DEFAULTS = Defaults()


@dataclass(frozen=True, slots=True)
class Notes:
    """What an Ingress' annotations say. `doubt` and `host_doubt` name one that is not computed, "" without any.

    `redirect` is a URL that may hold nginx variables; `allow` and `deny` are ranges of source addresses. `denied` names
    the annotation for whose value the controller answers 503, `origins` are those whose OPTIONS nginx answers itself
    (none without annotation enable-cors). `by_address`: the backend is called by the ClusterIP of its Service.
    """

    app_root: str = ""
    rewrite: str = ""
    regex: bool = False
    ssl_redirect: bool = True
    force_ssl: bool = False
    redirect: str = ""
    code: int = 301
    www: bool = False
    aliases: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    default_backend: str = ""
    vhost: str = ""
    canary: Canary | None = None
    doubt: str = ""
    host_doubt: str = ""
    denied: str = ""
    origins: tuple[str, ...] = ()
    by_address: bool = False
    https_code: int = 308
    no_tls: tuple[str, ...] = DEFAULTS.no_tls

    def goes_to_https(self, path: str, covered: bool) -> bool:
        """Whether plain HTTP at a location of this path is redirected; `covered`: there is a certificate."""
        exempt = any(path.startswith(beginning) for beginning in self.no_tls)
        return not exempt and (self.force_ssl or (self.ssl_redirect and covered))

    @property
    def limits(self) -> bool:
        """Whether the source address matters."""
        return bool(self.allow or self.deny)

    def admits(self, source: str) -> bool | None:
        """Whether a request from `source` is let in; None where that hangs on an address that is not known."""
        if not self.limits or (not self.deny and any(cidr in EVERYBODY for cidr in self.allow)):
            return True
        if not source:
            return None
        if _within(source, self.deny):
            return False
        return not self.allow or _within(source, self.allow)

    def rewrites(self, path: str) -> bool:
        """Whether a location of this path has its path rewritten; then all of the host are regular expressions."""
        return bool(self.rewrite) and self.rewrite != path


EVERYBODY = ("0.0.0.0/0", "::/0")
PLAIN = Notes()


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _within(source: str, ranges: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the ranges."""
    return any(ip_address(source) in ip_network(cidr, strict=False) for cidr in ranges)


def _is_range(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def ranges(text: str) -> tuple[str, ...] | None:
    """Ranges of addresses; None for a list with a part that is none."""
    found = tuple(part if "/" in part else f"{part}/{128 if ':' in part else 32}" for part in _words(text))
    return found if all(_is_range(part) for part in found) else None


def _url(text: str) -> str | None:
    return text if re.match(r"https?://", text) else None


def _bool(text: str) -> bool | None:
    return True if text in TRUE else False if text in FALSE else None


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


# Annotation → field of Notes, and what its text means (None: the annotation is left out).
READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "app-root": ("app_root", lambda text: text if text.startswith("/") else None),
    "rewrite-target": ("rewrite", str),
    "use-regex": ("regex", _bool),
    "ssl-redirect": ("ssl_redirect", _bool),
    "force-ssl-redirect": ("force_ssl", _bool),
    "permanent-redirect": ("redirect", _url),
    "from-to-www-redirect": ("www", _bool),
    "server-alias": ("aliases", _words),
    "whitelist-source-range": ("allow", ranges),
    "allowlist-source-range": ("allow", ranges),
    "denylist-source-range": ("deny", ranges),
    "default-backend": ("default_backend", str),
    "upstream-vhost": ("vhost", str),
    "service-upstream": ("by_address", _bool),
}
# Lists of addresses; where one cannot be read, the location is denied (ipallowlist, ipdenylist: LocationDenied, 503).
RANGE_LISTS = ("allowlist-source-range", "whitelist-source-range", "denylist-source-range")
CANARY_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "canary-by-header": ("header", str),
    "canary-by-header-value": ("value", str),
    "canary-by-header-pattern": ("pattern", str),
    "canary-by-cookie": ("cookie", str),
    "canary-weight": ("weight", _number),
    "canary-weight-total": ("total", _number),
}


def notes_of(annotations: Mapping[str, str], defaults: Defaults = DEFAULTS) -> Notes:
    """What an Ingress' annotations say, and where they say nothing, what the controller is told for all Ingresses."""
    given = {key.removeprefix(PREFIX): value.strip() for key, value in annotations.items() if key.startswith(PREFIX)}
    own = {key: value for key, value in given.items() if value}
    if not own and defaults is DEFAULTS:
        return PLAIN
    if own.get("canary", "") in TRUE:
        # All other annotations of a canary are left out: it inherits those of the main Ingress.
        read = {key: value for key, value in _read(own, CANARY_READERS).items() if value is not None}
        canary = Canary(**read)
        return Notes(canary=replace(canary, total=max(canary.total, 100)))
    found: dict[str, Any] = {
        "ssl_redirect": defaults.ssl_redirect, "force_ssl": defaults.force_ssl, "https_code": defaults.https_code,
        "no_tls": defaults.no_tls, "allow": defaults.allow, "deny": defaults.deny,
    }  # fmt: skip
    found |= {key: value for key, value in _read(own, READERS).items() if value is not None}
    if _bool(own.get("enable-cors", "")):
        found["origins"] = _words(own.get("cors-allow-origin", "*"))
    found["denied"] = next((name for name in RANGE_LISTS if ranges(own.get(name, "")) is None), "")
    if found.get("redirect"):
        code = _number(own.get("permanent-redirect-code", "")) or 0
        found["code"] = code if 300 <= code <= 308 else 301
    if _url(own.get("temporal-redirect", "")):
        code = _number(own.get("temporal-redirect-code", "")) or 0
        found |= {"redirect": own["temporal-redirect"], "code": code if 300 <= code <= 307 else 302}
    for_host = DOUBTFUL_FOR_HOST - {"ssl-passthrough"} if defaults.passthrough is False else DOUBTFUL_FOR_HOST
    return Notes(**found, doubt=_first(own, DOUBTFUL), host_doubt=_first(own, for_host))


def _read(own: Mapping[str, str], readers: Mapping[str, tuple[str, Callable[[str], Any]]]) -> dict[str, Any]:
    return {field: reader(own[name]) for name, (field, reader) in readers.items() if name in own}


def _first(own: Mapping[str, str], names: frozenset[str]) -> str:
    return next((name for name in own if name in names and own[name] not in ("", *FALSE)), "")
