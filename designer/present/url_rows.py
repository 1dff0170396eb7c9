"""What becomes of a URL: read from what a person types, and the rules that match it as rows."""

from __future__ import annotations

import re
from dataclasses import replace

from designer.engine.compile import ClusterState
from designer.engine.l7.asked import Asked
from designer.engine.l7.candidates import Taken, taken
from designer.engine.l7.gateway.responding import server_name
from designer.engine.l7.targets import Targets
from designer.engine.l7.urls import read_url
from designer.present.migration_rows import doing_text
from designer.present.words import object_text

WELL_KNOWN = {"http": 80, "https": 443}
GRPC = "gRPC"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", GRPC)
# gRPC has no scheme of its own on the wire; who writes one means HTTP/2 without and with TLS.
CALLS = {"grpc": "http", "grpcs": "https"}
FAILURE = 500
WINS, LOSES, OPEN = "✓ takes it", "loses", "? cannot tell"
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")  # RFC 9110 section 5.6.2
# Who, what it does, rule, object, why, the object's id.
UrlRow = tuple[str, str, str, str, str, str]


def asked_url(text: str, method: str, headers: str) -> tuple[Asked | None, str]:
    """The request that a person typed, or what is wrong with it; headers as ``Name: value; Name: value``.

    A method `GRPC`, or ``grpc://`` and ``grpcs://``, is a gRPC call; ``tcp://``, ``udp://`` and ``tls://`` are plain
    connections, which need a port.
    """
    text = text.strip()
    scheme, mark, rest = text.partition("://")
    call = method == GRPC or scheme.lower() in CALLS
    address, wrong = read_url(f"{CALLS.get(scheme.lower(), scheme)}://{rest}" if mark else f"http://{text}")
    if address is None:
        return None, f"{wrong}."
    port = address.port or WELL_KNOWN.get(address.scheme)
    if port is None:
        return None, f"{address.scheme}:// has no port of its own: write one, such as {text.rstrip('/')}:5432."
    pairs, wrong = _headers(headers, address.authority)
    if wrong:
        return None, wrong
    http = address.scheme in WELL_KNOWN
    if call and not http:
        return None, f"{address.scheme}:// carries no gRPC: write http:// or https://."
    asked = Asked(
        address.scheme,
        address.authority,
        port,
        address.path,
        address.query,
        ("POST" if call else method) if http else "",
        pairs,
        protocol="grpc" if call else "",
    )
    return replace(asked, sni=server_name(asked.host)) if address.scheme in ("https", "tls") else asked, ""


def _headers(text: str, authority: str) -> tuple[dict[str, str], str]:
    """The headers by name, or what is wrong; a part without a name belongs to the value before it (``a=1; b=2``)."""
    found: dict[str, str] = {}
    last = ""
    for part in filter(None, map(str.strip, text.split(";"))):
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if last and "=" in name:  # a parameter or a cookie, whose value may hold a colon
            found[last] += f"; {part}"
        elif not colon or not HEADER.fullmatch(name):
            return {}, f'"{part}" is no header: write it like X-Version: 2; Accept: text/html.'
        elif name.lower() == "host" and value.lower() != authority.lower():
            return {}, f"The URL's host is the Host that is sent: write {value or 'it'} there instead of {authority}."
        else:
            last = name
            found[name] = value
    return {name: value for name, value in found.items() if name.lower() != "host"}, ""


def targets_of(state: ClusterState) -> Targets:
    """Everything in a cluster that takes requests."""
    return Targets(state.project, state.control, state.routes, state.gateways)


def url_rows(state: ClusterState, asked: Asked) -> tuple[list[UrlRow], str]:
    """The rules that match, by who has them, and the outcome in words."""
    found = taken(targets_of(state), asked)
    if not found:
        return [], "There is no Gateway and no IngressClass in this cluster: nothing takes requests from outside."
    rows = [row for one in found for row in _rows(one)]
    doing = [one for one in found if one.answer.undecided or one.answer.status not in (0, 404) or one.answer.route]
    if not doing:
        return rows, " ".join(f"{one.title}: {doing_text(one.answer)}. {one.answer.reason}" for one in found)
    return rows, " ".join(_done(one) for one in doing)


def _done(one: Taken) -> str:
    """What a target does, with the reason where no backend takes it: that is not in the rows of the rules."""
    answer = one.answer
    failing = "; ".join(dict.fromkeys(way.why for way in answer.ways if way.failure and way.why))
    why = (f"{failing[:1].upper()}{failing[1:]}." if failing else answer.reason) if answer.status >= FAILURE else ""
    return " ".join(text for text in (f"{one.title}: {doing_text(answer)}.", why, answer.beside) if text)


def _rows(one: Taken) -> list[UrlRow]:
    if not one.candidates:
        return [(one.title, doing_text(one.answer), "", "", one.answer.reason, "")]
    rows = []
    for candidate in one.candidates:
        word = OPEN if one.answer.undecided else WINS if candidate.wins else LOSES
        kind, _, name = candidate.object.partition(":")
        shown = object_text(f"{kind.rpartition('/')[2]}:{name}")
        rows.append((one.title, word, _rule(candidate.rule, shown), shown, candidate.why, candidate.object))
    return rows


def _rule(rule: str, shown: str) -> str:
    """A rule without the object that it stands in: that has a column of its own, and this one room for what differs."""
    return rule.removeprefix(f"{shown}, ").removeprefix(f"{shown.partition(' ')[2]}: ")
