"""Host names of listeners and routes: which match, which intersect, which is more specific.

A wildcard stands for any number of labels, at least one, unlike in an Ingress (HTTPRoute, ``hostnames``). "" means
every host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def host_matches(pattern: str, host: str) -> bool:
    """Whether a host name falls under a pattern; both in lower case."""
    if not pattern:
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return pattern == host


def intersect(left: str, right: str) -> bool:
    """Whether some host name falls under both patterns."""
    if not left or not right:
        return True
    if left.startswith("*.") and right.startswith("*."):
        return left[1:].endswith(right[1:]) or right[1:].endswith(left[1:])
    if left.startswith("*."):
        return host_matches(left, right)
    return host_matches(right, left)


def overlap(left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether two lists of patterns have a host name in common; an empty list stands for every host."""
    others = tuple(right) or ("",)
    return any(intersect(a, b) for a in tuple(left) or ("",) for b in others)


def patterns_of(host: str) -> Iterator[str]:
    """Every pattern under which a host name falls, the most specific first: itself, wildcards, "".

    Exact before wildcard, more labels before fewer ("Listeners that are distinct only by Hostname"); for routes that
    is the same as most characters in a matching hostname.
    """
    if host:
        yield host
        rest = host.partition(".")[2]
        while rest:
            yield f"*.{rest}"
            rest = rest.partition(".")[2]
    yield ""
