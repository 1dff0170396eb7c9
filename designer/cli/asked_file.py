"""The requests of the command route: a JSON list, held against its form before anything is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import orjson

from designer.engine.l7.asked import WELL_KNOWN, Asked
from designer.engine.l7.gateway.responding import server_name
from designer.engine.l7.targets import Target
from designer.engine.l7.urls import Address, read_url
from designer.engine.policy.ports import MAX_PORT

# What a request may hold; a slip in one of these names would change the answer without a word.
KEYS = (
    "id", "gateway", "ingressClass", "listenerPort", "method", "url", "headers", "sni", "protocol",
    "backendResponseHeaders",
)  # fmt: skip
PROTOCOLS = ("http", "grpc", "h2c")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")  # RFC 9110 section 5.6.2: names of headers, and methods
MAX_SHOWN = 20  # messages; a file of another kind gives thousands


# A value of any JSON type: what the person calls the request.
RequestId = Any


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """One request: its id, where it goes, what it is; `asked` is None where `problem` says what is wrong."""

    id: RequestId
    target: Target
    asked: Asked | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RequestFile:
    """The requests of a file in its order, what is wrong with some of them, and what is odd about others.

    `requests` is None where the file as a whole cannot be used.
    """

    requests: tuple[AskedRequest, ...] | None
    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class FormError(Exception):
    """What is wrong with one request, in words."""


def read_requests(data: bytes, name: str) -> RequestFile:
    """The requests of a file, and what is wrong with it; one that is wrong keeps its place, the others hold."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return RequestFile(None, (f'{name} is no JSON: {error}. Write a list of requests: [{{"id": …, "url": …}}]',))
    if not isinstance(found, list):
        return RequestFile(None, (f"{name}: the file must hold a JSON list of requests, not {_typed(found)}.",))
    requests: list[AskedRequest] = []
    wrong: list[str] = []
    notes: list[str] = []
    seen: dict[bytes, int] = {}
    for number, item in enumerate(found, 1):
        request = item.get("id") if isinstance(item, dict) else None
        shown = f" ({_called(request)})" if request is not None else ""
        try:
            target, asked = _request(item)
            first = seen.setdefault(orjson.dumps(request), number)
            if first != number:
                raise FormError(f"id {_typed(request)} is that of request {first} already.")
        except FormError as error:
            wrong.append(f"{name}: request {number}{shown}: {error}")
            requests.append(AskedRequest(request, Target(), None, str(error)))
            continue
        notes += [f"{name}: request {number}{shown}: {text}" for text in _unknown(item)]
        requests.append(AskedRequest(request, target, asked))
    return RequestFile(tuple(requests), _first(wrong, name), _first(notes, name))


def _first(texts: list[str], name: str) -> tuple[str, ...]:
    more = len(texts) - MAX_SHOWN
    return tuple(texts) if more <= 0 else (*texts[:MAX_SHOWN], f"{name}: and {more} more.")


def _called(request: RequestId) -> str:
    return request if isinstance(request, str) else orjson.dumps(request).decode()


def _unknown(item: Mapping[str, Any]) -> Iterator[str]:
    """A text for each key of a request that is none of `KEYS`: it has no say, and may be a slip."""
    for key in item:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, 1)
            meant = f" Write {near[0]}, if that is meant." if near else ""
            yield f"`{key}` is not known and has no say.{meant}"


def _request(item: Any) -> tuple[Target, Asked]:
    if not isinstance(item, dict):
        raise FormError(f"must be a JSON object, not {_typed(item)}.")
    if "id" not in item:
        raise FormError("`id` is missing.")
    target = Target(_text(item, "gateway"), _text(item, "ingressClass"))
    if target.gateway and target.ingress_class:
        raise FormError("`gateway` and `ingressClass` are both given; keep the one that the request goes to.")
    if target.gateway and (target.gateway.count("/") != 1 or not all(target.gateway.split("/"))):
        raise FormError(f'`gateway` must be namespace/name, not "{target.gateway}".')
    if not _text(item, "url"):
        raise FormError("`url` is missing.")
    address, problem = read_url(_text(item, "url"))
    if address is None:
        raise FormError(f"`url`: {problem}.")
    return target, _asked(item, address)


def _asked(item: Mapping[str, Any], address: Address) -> Asked:
    protocol = _text(item, "protocol").lower()
    if protocol and protocol not in PROTOCOLS:
        raise FormError(f'`protocol` must be one of {", ".join(PROTOCOLS)}, not "{item["protocol"]}".')
    http = address.scheme in WELL_KNOWN
    method = _text(item, "method") or ("POST" if protocol == "grpc" else "GET") if http else ""
    if method and not TOKEN.fullmatch(method):
        raise FormError(f"`method` must be one word such as GET, not {_typed(method)}.")
    asked = Asked(
        address.scheme,
        address.authority,
        _port(item, address),
        address.path,
        address.query,
        method,
        _request_headers(item, address),
        protocol=protocol,
        backend_headers=_headers(item, "backendResponseHeaders"),
        port_given=item.get("listenerPort") is not None or address.port is not None,
    )
    sni = _text(item, "sni").lower()
    if address.scheme not in ("https", "tls"):
        return asked
    name = sni if item.get("sni") is not None else server_name(asked.host)
    return replace(asked, sni=name)


def _port(item: Mapping[str, Any], address: Address) -> int:
    port = item.get("listenerPort")
    if port is None:
        port = address.port or WELL_KNOWN.get(address.scheme)
        if port is None:
            raise FormError(f"`listenerPort` is missing: {address.scheme}:// has no port of its own.")
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= MAX_PORT:
        raise FormError(f"`listenerPort` must be a number from 1 to {MAX_PORT}, not {_typed(port)}.")
    return port


def _text(item: Mapping[str, Any], field: str) -> str:
    value = item.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FormError(f"`{field}` must be a text, not {_typed(value)}.")
    return value


def _headers(item: Mapping[str, Any], field: str) -> dict[str, str]:
    value = item.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise FormError(f'`{field}` must be a JSON object of texts, such as {{"Accept": "text/html"}}.')
    seen: dict[str, str] = {}
    for name, text in value.items():
        if seen.setdefault(name.lower(), name) != name:
            raise FormError(f"`{field}` names {seen[name.lower()]} and {name}: case makes no other header. Write one.")
        if not TOKEN.fullmatch(name):
            raise FormError(f"`{field}`: {_typed(name)} is no name of a header.")
        if any(sign in text for sign in "\r\n\0"):
            raise FormError(f"`{field}`: the value of {name} holds a line break, which no header can have.")
    return value


def _request_headers(item: Mapping[str, Any], address: Address) -> dict[str, str]:
    """The headers without Host: that is the URL's authority, and another one would contradict it."""
    found = _headers(item, "headers")
    for name, value in found.items():
        if name.lower() == "host" and value.strip().lower() != address.authority.lower():
            raise FormError(
                f"`headers` has Host {_typed(value)}, and the URL names {_typed(address.authority)}. "
                "The URL's authority is the Host as sent: write the one that you mean there."
            )
    return {name: value for name, value in found.items() if name.lower() != "host"}


def _typed(value: Any) -> str:
    """A value as a message shows it."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return orjson.dumps(value).decode()
