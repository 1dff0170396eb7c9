"""Whether a host or a path of a rule matches a request (`domain/ingress-gateway.md`, "Ingress matching rules")."""

from __future__ import annotations

from designer.engine.l7.profiles import ControllerProfile

_REGEX_SIGNS = "^$*+?()[]{}|\\"
# Rank of a host match: the lower, the more specific.
EXACT_HOST, WILDCARD_HOST, ANY_HOST = 0, 1, 2
HOST_RANK_TEXT = ("exact host", "wildcard host", "any host")


def host_rank(rule_host: str, host: str) -> int | None:
    """How specifically a rule's host matches, None where it does not; both in lower case, without port.

    A wildcard stands for exactly one label.
    """
    if not rule_host:
        return ANY_HOST
    if rule_host == host:
        return EXACT_HOST
    if rule_host.startswith("*."):
        first, dot, rest = host.partition(".")
        if first and dot and rest == rule_host[2:]:
            return WILDCARD_HOST
    return None


def elements(path: str) -> tuple[str, ...]:
    """The elements of a path; a trailing slash adds none, a second one at its beginning an empty one."""
    plain = path.removeprefix("/").rstrip("/")
    return tuple(plain.split("/")) if plain else ()


def path_matches(path: str, path_type: str, request: str, profile: ControllerProfile) -> bool | None:
    """Whether a rule's path matches the request's path; None where only the controller itself could say."""
    match path_type:
        case "Exact":
            return path == request
        case "Prefix":
            rule: str = profile.prefix
        case _:
            rule = profile.implementation_specific
    if rule == "unknown":
        plain = not any(sign in path for sign in _REGEX_SIGNS)
        if plain and path == request:
            return True
        return False if plain and not request.startswith(path) else None
    if rule == "character":
        return request.startswith(path or "/")
    wanted = elements(path)
    return elements(request)[: len(wanted)] == wanted


def path_length(path: str) -> int:
    """The length that counts when the longest path wins; a trailing slash does not."""
    return len(path.rstrip("/"))


def normal_host(host: str) -> str:
    """A request's host as it is compared: lower case, without port and final dot."""
    host = host.lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].rstrip(".")
