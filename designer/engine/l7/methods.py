"""Methods that a controller does not route, whatever its rules say."""

from __future__ import annotations

import re

from designer.engine.l7.answers import RouteDecision
from designer.engine.l7.profiles import ControllerProfile

# nginx/src/http/ngx_http_request.c, ngx_http_process_request_header: 405 before any location is looked for.
NOT_ROUTED = ("CONNECT", "TRACE")
NGINX_METHOD = re.compile(r"[A-Z_-]+")


def refused_method(profile: ControllerProfile, method: str) -> RouteDecision | None:
    """What a controller answers to a method that it does not route; None for any other method."""
    if profile.servers:
        # ngx_http_request.c: letters in lower case are no method (ngx_http_parse_request_line).
        if method in NOT_ROUTED:
            return RouteDecision("unavailable", f"nginx answers {method} with 405, whatever the rules say.", 405)
        if not NGINX_METHOD.fullmatch(method):
            return RouteDecision("unavailable", f"{method} is no method that nginx takes: it answers 400.", 400)
    elif method == "CONNECT":
        why = f"CONNECT asks for a tunnel; whether {profile.title} routes it by its rules is not defined."
        return RouteDecision("cannot-tell", why)
    return None
