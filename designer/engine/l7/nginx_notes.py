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

from designer.engine.l7.nginx_values import FALSE, TRUE, Effect, unfit

PREFIX = "nginx.ingress.kubernetes.io/"
# A regular expression in an Exact or Prefix path is refused (`strict-validate-path-type`, inspector/rules.go).
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._\-/]*")

# Annotations that may turn a request away or send it elsewhere, which is not computed; of one Ingress' paths.
DOUBTFUL = frozenset(
    {
        "auth-secret", "auth-snippet", "auth-type", "auth-url", "configuration-snippet", "enable-modsecurity",
        "modsecurity-snippet",
    }
)  # fmt: skip
# The same for all paths of a host (controller.go: client certificates are asked for by the server).
DOUBTFUL_FOR_HOST = frozenset({"auth-tls-secret", "server-snippet", "ssl-passthrough"})


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
    `passthrough` says that annotation ssl-passthrough counts, None where that is not known; `checks` the same of the
    validation of values (`nginx_values`). `trailing`: redirects to HTTPS keep a final slash. `errors` are the statuses
    that go to the default backend in place of nginx' own page. `relative`: nginx' own redirects name a path only.
    """

    ssl_redirect: bool = True
    force_ssl: bool = False
    https_code: int = 308
    no_tls: tuple[str, ...] = ("/.well-known/acme-challenge",)
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    passthrough: bool | None = None
    checks: bool | None = None
    trailing: bool = False
    errors: tuple[int, ...] = ()
    by_address: bool = False
    relative: bool = False


DEFAULTS = Defaults()


@dataclass(frozen=True, slots=True)
class Notes:
    """What an Ingress' annotations say. `doubt` and `host_doubt` name one that is not computed, "" without any.

    `redirect` is a URL that may hold nginx variables; `allow` and `deny` are ranges of source addresses. `denied` names
    the annotation for whose value the controller answers 503, `origins` are those whose OPTIONS nginx answers itself
    (none without annotation enable-cors). `by_address`: the backend is called by the ClusterIP of its Service.
    `refused` names the annotation for whose value the controller leaves the whole Ingress out. `trailing` and `errors`
    and `relative` are those of `Defaults`, `sticky` is the cookie of annotation affinity, "" without it; `mirror`
    is the URL that gets a copy of each request that goes on to a backend.
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
    refused: str = ""
    trailing: bool = False
    errors: tuple[int, ...] = ()
    sticky: str = ""
    relative: bool = False
    mirror: str = ""

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
    """Ranges of addresses; None for a list with a part that is none, be it an empty one (net.ParseIPNets)."""
    parts = [part.strip() for part in text.split(",")] if text else []
    found = tuple(part if "/" in part else f"{part}/{128 if ':' in part else 32}" for part in parts)
    return found if all(_is_range(part) for part in found) else None


def codes(text: str) -> tuple[int, ...] | None:
    """Statuses by comma; None where one is no number, for which the parser takes none."""
    parts = text.split(",")
    return tuple(int(part) for part in parts) if all(re.fullmatch(r"[0-9]{1,3}", part) for part in parts) else None


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
    "permanent-redirect": ("redirect", str),  # redirect.go holds only the temporal one against http(s)
    "from-to-www-redirect": ("www", _bool),
    "server-alias": ("aliases", _words),
    "whitelist-source-range": ("allow", ranges),
    "allowlist-source-range": ("allow", ranges),
    "denylist-source-range": ("deny", ranges),
    "default-backend": ("default_backend", str),
    "upstream-vhost": ("vhost", str),
    "service-upstream": ("by_address", _bool),
    "preserve-trailing-slash": ("trailing", _bool),
    "custom-http-errors": ("errors", codes),
    "relative-redirects": ("relative", _bool),
    "mirror-target": ("mirror", str),
}
ORIGIN = re.compile(r"[a-z]+://(\*\.)?[A-Za-z0-9\-.]*(:\d+)?|null")
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


def _own(annotations: Mapping[str, str]) -> dict[str, str]:
    given = {key.removeprefix(PREFIX): value.strip() for key, value in annotations.items() if key.startswith(PREFIX)}
    return {key: value for key, value in given.items() if value}


def refused_values(annotations: Mapping[str, str]) -> dict[str, Effect]:
    """The annotations of an Ingress whose values validation refuses, with what becomes of them."""
    return unfit(_own(annotations))


def notes_of(annotations: Mapping[str, str], defaults: Defaults = DEFAULTS) -> Notes:
    """What an Ingress' annotations say, and where they say nothing, what the controller is told for all Ingresses."""
    own = _own(annotations)
    if not own and defaults is DEFAULTS:
        return PLAIN
    wrong = unfit(own)
    if not wrong or defaults.checks is False:
        return _notes(own, defaults)
    name = next(iter(wrong))
    if defaults.checks is None:
        why = f"{name} with the value {own[name]}, which ingress-nginx refuses from 1.12 on and takes before,"
        return replace(_notes(own, defaults), host_doubt=why)
    out = next((name for name, effect in wrong.items() if effect == "out"), "")
    kept = {key: value for key, value in own.items() if key not in wrong}
    return Notes(refused=out) if out else _notes(kept, defaults)


def _notes(own: Mapping[str, str], defaults: Defaults) -> Notes:
    if own.get("canary", "") in TRUE:
        # All other annotations of a canary are left out: it inherits those of the main Ingress.
        read = {key: value for key, value in _read(own, CANARY_READERS).items() if value is not None}
        canary = Canary(**read)
        return Notes(canary=replace(canary, total=max(canary.total, 100)))
    found: dict[str, Any] = {
        "ssl_redirect": defaults.ssl_redirect, "force_ssl": defaults.force_ssl, "https_code": defaults.https_code,
        "no_tls": defaults.no_tls, "allow": defaults.allow, "deny": defaults.deny, "trailing": defaults.trailing,
        "errors": defaults.errors, "by_address": defaults.by_address, "relative": defaults.relative,
    }  # fmt: skip
    found |= {key: value for key, value in _read(own, READERS).items() if value is not None}
    if _bool(own.get("enable-cors", "")):
        found["origins"] = _origins(own.get("cors-allow-origin", "*"))
    if own.get("affinity") == "cookie":
        found["sticky"] = own.get("session-cookie-name", "INGRESSCOOKIE")
    found["denied"] = next((name for name in RANGE_LISTS if ranges(own.get(name, "")) is None), "")
    if found.get("redirect"):
        code = _number(own.get("permanent-redirect-code", "")) or 0
        found["code"] = code if 300 <= code <= 308 else 301
    if _url(own.get("temporal-redirect", "")):
        code = _number(own.get("temporal-redirect-code", "")) or 0
        found |= {"redirect": own["temporal-redirect"], "code": code if 300 <= code <= 307 else 302}
    elif own.get("temporal-redirect"):
        found |= {"redirect": "", "www": False}  # the parser gives up at the first one that is no URL
    for_host = DOUBTFUL_FOR_HOST - {"ssl-passthrough"} if defaults.passthrough is False else DOUBTFUL_FOR_HOST
    return Notes(**found, doubt=_first(own, DOUBTFUL), host_doubt=_first(own, for_host))


def _origins(text: str) -> tuple[str, ...]:
    """The origins that the parser takes: every one for a ``*``, otherwise those of the right form (cors/main.go)."""
    words = _words(text)
    return ("*",) if "*" in words else tuple(word for word in words if ORIGIN.fullmatch(word))


def _read(own: Mapping[str, str], readers: Mapping[str, tuple[str, Callable[[str], Any]]]) -> dict[str, Any]:
    return {field: reader(own[name]) for name, (field, reader) in readers.items() if name in own}


def _first(own: Mapping[str, str], names: frozenset[str]) -> str:
    return next((name for name in own if name in names and own[name] not in ("", *FALSE)), "")
