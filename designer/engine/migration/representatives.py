"""One request for each set of requests that rules cannot tell apart, and those at the borders of such sets.

Rules compare hosts as a whole or by suffix, paths as a whole or by prefix, headers, methods and query parameters as a
whole. So for a path ``/a`` the requests ``/a``, ``/a/``, ``/a/…``, ``/a…`` and ``/A`` stand for all others, for a host
``*.b`` a name with one label more, one with two, and the bare domain. A regular expression has sets of its own: of
those, texts are tried that are made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, count

from designer.engine.l7.asked import Asked
from designer.engine.migration.distinctions import Distinction, Distinctions, Pairs

NOWHERE = "unlisted.invalid"  # RFC 6761: no host is called so
NOTHING = "/zz-no-rule"
MORE = "x1"
ANY_QUERY = ((MORE, "1"),)
# Parts of expressions and a text that they match, in the order in which they are put in.
SAMPLES = ((r"(/|$)(.*)", "/x1"), (r"(/.*)?", "/x1"), (r"(.*)", "x1"), (r"(.+)", "x1"), (".*", "x1"), (".+", "x1"),
           (r"\.", "."), ("[0-9]+", "7"), (r"\d+", "7"), (r"\w+", "x1"), ("[a-z]+", "x"), ("[A-Z]+", "X"),
           ("[a-z0-9]+", "x1"), ("[^/]+", "x1"), ("/?", "/"), ("$", ""), ("^", ""), ("(?i)", ""))  # fmt: skip
_SIGNS = re.compile(r"[\^$*+?()\[\]{}|\\]")


def representatives(*sides: Distinctions) -> tuple[Asked, ...]:
    """The requests, without repetition, in the order of hosts, paths and variants."""
    matches = [match for side in sides for match in side.matches]
    secure = {host for side in sides for host in side.secure}
    made: dict[tuple[object, ...], Asked] = {}
    for host in hosts_of([host for side in sides for host in side.hosts] + [match.host for match in matches]):
        own = [match for match in matches if _may_fall_under(match.host, host)]
        schemes = ("http", "https") if any(_may_fall_under(one, host) for one in secure) else ("http",)
        for path in paths_of(own):
            near = [match for match in own if match.headers or match.query or match.method]
            for method, headers, query in variants_of(near):
                for scheme in schemes:
                    asked = _asked(scheme, host, path, method, headers, query)
                    made.setdefault((scheme, host, path, method, headers, query), asked)
        queried = [match for side in sides for match in side.queried if _may_fall_under(match.host, host)]
        for path in dict.fromkeys(text for match in queried for text in _texts(match)):
            for scheme in schemes:
                made.setdefault((scheme, host, path), _asked(scheme, host, path, "GET", (), ANY_QUERY))
    return tuple(made.values())


def _asked(scheme: str, host: str, path: str, method: str, headers: Pairs, query: Pairs) -> Asked:
    text = "&".join(f"{name}={value}" for name, value in query) or None
    tls = scheme == "https"
    return Asked(
        "https" if tls else "http", host, 443 if tls else 80, path, text, method, dict(headers), host if tls else ""
    )


def hosts_of(patterns: Iterable[str]) -> tuple[str, ...]:
    """Hosts that stand for all: each by name, around each wildcard, and one that no rule names."""
    found: dict[str, None] = {}
    listed = tuple(patterns)
    for pattern in listed:
        if pattern.startswith("*."):
            domain = pattern[2:]
            # A label that no rule names, so that the wildcard is what takes it.
            label = next(label for label in _labels() if f"{label}.{domain}" not in listed)
            found |= dict.fromkeys((f"{label}.{domain}", f"two.{label}.{domain}", domain))
        elif pattern and pattern != "_":
            found[pattern] = None
    found[NOWHERE] = None
    return tuple(found)


def _labels() -> Iterator[str]:
    return chain(("one",), (f"one{number}" for number in count(1)))


def _may_fall_under(pattern: str, host: str) -> bool:
    """Whether a host may fall under a pattern, in an Ingress or in Gateway API."""
    return pattern in ("", "_", host) or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def paths_of(matches: Iterable[Distinction]) -> tuple[str, ...]:
    """Paths that stand for all that these matches tell apart."""
    found: dict[str, None] = {"/": None, NOTHING: None, f"{NOTHING}/": None}  # some redirects leave a final slash out
    for match in matches:
        for text in _texts(match):
            base = text.rstrip("/")
            found |= dict.fromkeys((base or "/", f"{base}/", f"{base}/{MORE}"))
            if base:
                found |= dict.fromkeys((f"{base}{MORE}", base.swapcase()))
    return tuple(found)


def _texts(match: Distinction) -> Iterator[str]:
    """The path itself; of a regular expression what stands before its first sign, and a text that it matches."""
    if match.regex and "." in match.path.replace(r"\.", ""):
        # A dot is any sign.
        yield from (text for text in (match.path.replace(".", sign) for sign in "x/") if not _SIGNS.search(text))
    if not match.regex or not _SIGNS.search(match.path):
        yield match.path
        return
    plain = match.path.removeprefix("(?i)").removeprefix("^")
    head = _SIGNS.split(plain, maxsplit=1)[0]
    yield head if head.startswith("/") else "/"
    sample = match.path
    for part, text in SAMPLES:
        sample = sample.replace(part, text)
    sample = sample.replace("(", "").replace(")", "").replace("\\", "")
    if sample.startswith("/") and not _SIGNS.search(sample):
        yield sample


def variants_of(matches: Iterable[Distinction]) -> tuple[tuple[str, Pairs, Pairs], ...]:
    """Method, headers and query parameters: none, those of each match, those with one left out or another value."""
    plain: tuple[str, Pairs, Pairs] = ("GET", (), ())
    found: dict[tuple[str, Pairs, Pairs], None] = {plain: None}
    for match in matches:
        method = match.method or "GET"
        for used in dict.fromkeys((method, "GET", "POST")) if match.method else ("GET",):
            for headers in _around(match.headers):
                for query in _around(match.query):
                    found[(used, headers, query)] = None
    return tuple(found)


def _around(pairs: Pairs) -> tuple[Pairs, ...]:
    """The pairs, each left out, and each with another value."""
    found: dict[Pairs, None] = {pairs: None}
    for place, (name, _) in enumerate(pairs):
        rest = (*pairs[:place], *pairs[place + 1 :])
        found |= dict.fromkeys((rest, (*rest, (name, "another"))))
    return tuple(found)
