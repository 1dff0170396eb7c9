"""What a person types as a destination, taken apart.

Understood: ``http://frontend``, ``https://shop.example.com/cart``, ``cart.shop:7070``, ``10.96.0.10:53/udp``,
``[fd00::1]:80``, ``frontend``, ``node-1:30080``, ``Service:default/cart:7070``, ``Node:node-1:30080``, ``shop/cart``,
``HTTPRoute:shop/cart``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from designer.engine.trace.hops import Request
from designer.model import KIND_BY_NAME, Problem

SCHEMES: dict[str, tuple[str, int | None]] = {
    "http": ("TCP", 80),
    "https": ("TCP", 443),
    "ws": ("TCP", 80),
    "wss": ("TCP", 443),
    "grpc": ("TCP", None),
    "tls": ("TCP", 443),
    "tcp": ("TCP", None),
    "udp": ("UDP", None),
    "sctp": ("SCTP", None),
}
PROTOCOLS = ("TCP", "UDP", "SCTP")
# Kinds of Gateway API that may be asked for as objects.
GATEWAY_KINDS = ("Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
MAX_LABEL, MAX_NAME = 63, 253  # as text; on the wire a name has two octets more

_URL = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>.*)$")
_OBJECT = re.compile(
    r"^(?P<kind>[A-Z][A-Za-z]+):(?P<name>[^:\s]+?)(?::(?P<port>[^/:\s]+))?(?:/(?P<proto>tcp|udp|sctp))?$"
)
_PLAIN = re.compile(
    r"^(?P<host>\[[^\]]+\]|[^:/\s\[\]]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)"
    r"(?::(?P<port>[^/:\s]+))?(?P<rest>/.*)?$"
)
_NAME = re.compile(r"^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$")
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A destination. `kind` says what `host` is: a name, an address (canonical), or an object's id.

    `port` is None where none was typed; `port_name` is a port typed by name. `http` is set for URLs that carry HTTP,
    `tls` for https and plain TLS. `said_protocol` is False where TCP was only taken for granted. `asks` is the host
    name that is asked for where a route stands for the request, "" elsewhere.
    """

    kind: Literal["name", "address", "object"]
    host: str
    port: int | None = None
    port_name: str = ""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    said_protocol: bool = False
    http: bool = False
    tls: bool = False
    path: str = "/"
    text: str = ""
    asks: str = ""


def parse_request(request: Request) -> tuple[Parsed | None, tuple[Problem, ...]]:
    """The destination taken apart, or None with the problem that says what is wrong and how to write it."""
    text = request.destination.strip()
    if not text:
        return None, (_problem("No destination is given", "Type a Service, a name, an address with a port or a URL."),)
    protocol = request.protocol.upper()
    if protocol not in PROTOCOLS:
        return None, (_problem(f"{request.protocol} is no protocol of a request", "Use TCP, UDP or SCTP."),)
    if not 1 <= request.sport <= 65535:
        return None, (_problem(f"{request.sport} is no source port", "Give a number from 1 to 65535."),)
    url = _URL.match(text)
    if url:
        return _url(text, url["scheme"].lower(), url["rest"])
    known = _OBJECT.match(text)
    if known and (known["kind"] in KIND_BY_NAME or known["kind"] in GATEWAY_KINDS):
        oid = f"{known['kind']}:{known['name']}"
        return _finish(Parsed("object", oid, text=text), known["port"], known["proto"] or "", protocol)
    return _plain(text, protocol)


def _url(text: str, scheme: str, rest: str) -> tuple[Parsed | None, tuple[Problem, ...]]:
    if scheme not in SCHEMES:
        known = ", ".join(SCHEMES)
        return None, (_problem(f"{scheme}:// is not a scheme that can be traced", f"Use one of {known}."),)
    protocol, port = SCHEMES[scheme]
    authority, slash, path = rest.partition("/")
    authority = authority.rpartition("@")[2]
    match = _PLAIN.match(authority.partition("?")[0].partition("#")[0])
    if not match or match["rest"]:
        return None, (_problem(f"{text} names no host", "Write it like http://name:port/path."),)
    http = scheme in ("http", "https", "ws", "wss", "grpc")
    found = _host(match["host"], text)
    if found is None:
        return None, (_problem(f"{match['host']} is neither a name nor an address", "Check the host in the URL."),)
    kind, host = found
    trouble = unsendable(host) if kind == "name" else ""
    if trouble:
        return None, (_unsendable(host, trouble),)
    tls = scheme in ("https", "wss", "tls")
    parsed = Parsed(kind, host, port, "", "TCP", True, http, tls, f"/{path}" if slash else "/", text)
    return _finish(parsed, match["port"], protocol.lower(), protocol)


def _plain(text: str, protocol: str) -> tuple[Parsed | None, tuple[Problem, ...]]:
    match = _PLAIN.match(text)
    found = _host(match["host"], text) if match else None
    if match is None or found is None:
        return None, (
            _problem(
                f"{text} is not a destination",
                "Write a name, an address or a URL, with a port: name:80, 10.0.0.1:53/udp.",
            ),
        )
    kind, host = found
    trouble = unsendable(host) if kind == "name" else ""
    if trouble:
        return None, (_unsendable(host, trouble),)
    rest = (match["rest"] or "").strip("/")
    if rest.lower() in ("tcp", "udp", "sctp"):
        return _finish(Parsed(kind, host, text=text), match["port"], rest.lower(), protocol)
    if not rest:
        return _finish(Parsed(kind, host, text=text), match["port"], "", protocol)
    if kind == "name" and match["port"] is None and not (match["rest"] or "").startswith("//"):
        short = re.match(r"^(?P<name>[^/:\s]+)(?::(?P<port>[^/:\s]+))?(?:/(?P<proto>tcp|udp|sctp))?$", rest)
        if short:
            parsed = Parsed("name", f"{host}/{short['name']}", text=text)
            return _finish(parsed, short["port"], short["proto"] or "", protocol)
    return None, (_problem(f"{text} has a path but no scheme", f"Write http://{text}."),)


def _host(raw: str, text: str) -> tuple[Literal["name", "address"], str] | None:
    """What the host is; None for what is neither, as four numbers with dots that make no address."""
    bare = raw[1:-1] if raw.startswith("[") else raw
    try:
        found = ip_address(bare)
    except ValueError:
        named = not raw.startswith("[") and _NAME.match(bare) and not _NUMBERS.fullmatch(bare)
        return ("name", bare.lower()) if named else None
    # A socket sends to an IPv4-mapped address by IPv4 (RFC 4038), and to the unspecified one means its own machine.
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_unspecified:
        return "address", "127.0.0.1" if found.version == 4 else "::1"
    return "address", str(found)


def _finish(parsed: Parsed, port: str | None, proto: str, default: str) -> tuple[Parsed | None, tuple[Problem, ...]]:
    """The parsed destination with port and protocol filled in."""
    protocol = proto.upper() or default
    number, name = parsed.port, ""
    if port is not None:
        if port.isascii() and port.isdigit():
            number = int(port)
            if not 1 <= number <= 65535:
                return None, (_problem(f"{port} is no port", "Give a number from 1 to 65535."),)
        elif re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?", port):
            number, name = None, port
        else:
            return None, (_problem(f"{port} is no port", "Give a number from 1 to 65535, or the name of a port."),)
    said = bool(proto) or parsed.said_protocol
    chosen: Literal["TCP", "UDP", "SCTP"] = "UDP" if protocol == "UDP" else "SCTP" if protocol == "SCTP" else "TCP"
    return (
        Parsed(
            parsed.kind, parsed.host, number, name, chosen, said or chosen != "TCP", parsed.http, parsed.tls,
            parsed.path, parsed.text,
        ),
        (),
    )  # fmt: skip


def unsendable(name: str) -> str:
    """Why no query can carry the name (RFC 1035 section 2.3.4: 63 octets a label, 255 a name); "" where one can."""
    labels = name.removesuffix(".").split(".")
    if not all(labels):
        return "it has an empty label (a dot at its start, or two in a row)" if name.strip(".") else "it has no label"
    if any(len(label.encode("utf-8", "surrogateescape")) > MAX_LABEL for label in labels):
        return f"one of its labels is longer than {MAX_LABEL} octets"
    return f"it is longer than {MAX_NAME} octets" if len(".".join(labels)) > MAX_NAME else ""


def _unsendable(name: str, trouble: str) -> Problem:
    return _problem(f"{name} is no name that can be looked up: {trouble}", "Correct the dots, as in cart.shop:80.")


def _problem(title: str, fix: str) -> Problem:
    return Problem("REQ-01", "error", title, fix=fix)
