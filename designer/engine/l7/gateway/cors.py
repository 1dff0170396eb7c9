"""Cross-origin requests: what a CORS filter answers (gateway-api apis/v1, HTTPCORSFilter; fetch.spec.whatwg.org)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.l7.asked import WELL_KNOWN, Asked

DEFAULT_MAX_AGE = 5
# 200 and 204 are both right; conformance tests of every version take 200.
PREFLIGHT_STATUS = 200
_ORIGIN = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^/?#:]+|\[[^\]]+\])(?::(?P<port>[0-9]+))?$", re.I)


@dataclass(frozen=True, slots=True)
class Cors:
    """A CORS filter with its defaults."""

    origins: tuple[str, ...]
    credentials: bool
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int

    def allows(self, origin: str) -> bool:
        """Whether the response may be shared with an origin: any where none is listed.

        (Conformance: cors-allow-credentials-behavior; the API text does not say it.)
        """
        return not self.origins or any(origin_matches(pattern, origin) for pattern in self.origins)

    def of_response(self, asked: Asked) -> dict[str, str]:
        """What a response to a request from an origin gets; nothing for another origin."""
        origin = asked.header("origin", "")
        if not origin or not self.allows(origin):
            return {}
        found = {"Access-Control-Allow-Origin": origin}
        if self.credentials:
            found["Access-Control-Allow-Credentials"] = "true"
        # With credentials, * would be read as a name, so it cannot be used.
        if self.exposed and not (self.credentials and "*" in self.exposed):
            found["Access-Control-Expose-Headers"] = ", ".join(self.exposed)
        return found

    def of_preflight(self, asked: Asked) -> dict[str, str]:
        """What the answer to a preflight request says; nothing for an origin that is not allowed."""
        found = self.of_response(asked)
        if not found:
            return {}
        wishes = (
            ("Access-Control-Allow-Methods", self.methods, "access-control-request-method"),
            ("Access-Control-Allow-Headers", self.headers, "access-control-request-headers"),
        )
        for name, allowed, wish in wishes:
            value = asked.header(wish, "") if "*" in allowed else ", ".join(allowed)
            if value:
                found[name] = value
        found["Access-Control-Max-Age"] = str(self.max_age)
        return found


def is_preflight(asked: Asked) -> bool:
    """Whether a request is a CORS preflight request."""
    return (
        asked.method == "OPTIONS" and asked.has_header("origin") and asked.has_header("access-control-request-method")
    )


def origin_matches(pattern: str, origin: str) -> bool:
    """Whether an origin falls under an allowed one: ``*`` stands for any number of labels, ports have defaults."""
    if pattern == "*":
        return True
    wanted, given = _ORIGIN.match(pattern), _ORIGIN.match(origin)
    if wanted is None or given is None or wanted["scheme"].lower() != given["scheme"].lower():
        return False
    default = WELL_KNOWN.get(wanted["scheme"].lower())
    if int(wanted["port"] or default or 0) != int(given["port"] or default or 0):
        return False
    hosts = re.escape(wanted["host"].lower()).replace(r"\*", ".+")
    return re.fullmatch(hosts, given["host"].lower()) is not None


def cors(data: Mapping[str, Any]) -> Cors:
    """The filter as its fields say."""
    return Cors(
        tuple(data.get("allowOrigins", ())),
        bool(data.get("allowCredentials", False)),
        tuple(data.get("allowMethods", ())),
        tuple(data.get("allowHeaders", ())),
        tuple(data.get("exposeHeaders", ())),
        int(data.get("maxAge", DEFAULT_MAX_AGE)),
    )
