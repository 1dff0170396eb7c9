"""One request at a Gateway: the listener that its port, server name and Host lead to, then the route.

Ports and protocols first (GatewaySpec ``listeners``); TLS by server name, then the Host must lead to the same listener
(Listener ``hostname``, misdirected requests); only routes of the most specific listener are asked (isolation).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway.answering import answer_choice, answer_stream, no_match, refused
from designer.engine.l7.gateway.attached import Attached
from designer.engine.l7.gateway.filters import NO_FILTERS
from designer.engine.l7.gateway.gateways import GatewayState
from designer.engine.l7.gateway.hostnames import patterns_of
from designer.engine.l7.gateway.listeners import HTTP, HTTPS, TCP, TLS, UDP, UNSURE, Listener
from designer.engine.l7.gateway.routes import Action
from designer.engine.l7.gateway.world import World
from designer.engine.l7.outcome import NO_STATUS, UNAVAILABLE, Answer, Closing, Decided, cannot_tell
from designer.engine.l7.urls import without_port

MISDIRECTED = 421
ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")  # RFC 3986 section 2.3
# What the path of a match can hold besides: HTTPPathMatch refuses an escaped slash, and every sign that is not here.
IN_MATCHES = re.compile(r"[A-Za-z0-9\-._~/!$&'()*+,;=:@]")


@dataclass(frozen=True, slots=True)
class Responder:
    """A Gateway ready to answer: its listeners that carry traffic, and what is attached to each."""

    gateway: GatewayState
    listeners: tuple[Listener, ...]
    attached: Mapping[tuple[str, str], Attached]
    world: World
    control: ControlPlaneState

    def answer(self, asked: Asked) -> Answer:
        """What becomes of a request."""
        shown = self.gateway.owner.shown
        if not self.gateway.carries:
            return _closed(asked, f"{shown} carries no traffic: {_why_not(self.gateway)}.", "refused")
        fitting = [x for x in self.listeners if (x.protocol == UDP) == (asked.scheme == "udp")]
        ports = {x.port for x in self.gateway.every_listener if (x.protocol == UDP) == (asked.scheme == "udp")}
        if not asked.port_given and asked.port not in ports and len(ports) == 1:
            asked = replace(asked, port=ports.pop())  # nobody said which port, and there is only one
        on_port = [x for x in fitting if x.port == asked.port]
        if not on_port:
            silent = [x for x in self.gateway.every_listener if x.port == asked.port]
            why = "no listener uses it" if not silent else _why_silent(silent[0])
            return _closed(asked, f"Connection refused: port {asked.port} of {shown} is closed, {why}.", "refused")
        found = self._stream(asked, on_port)
        if found is None and asked.is_http and without_port(asked.authority).endswith("."):
            return cannot_tell(
                f"whether the Gateway takes host {asked.authority} for {asked.host} is its own affair: NGINX does, "
                "Envoy does only where it is told to (strip_trailing_host_dot)."
            )
        if found is None:
            match asked.scheme:
                case "http":
                    found = self._plain(asked, on_port)
                case "https" | "tls":
                    found = self._secured(asked, on_port)
                case _:
                    text = f"{on_port[0].shown} accepts the connection and waits for {on_port[0].protocol}."
                    found = Answer(NO_STATUS, text, decided=Decided(on_port[0].shown), closing="waits")
        return found

    def _stream(self, asked: Asked, on_port: Iterable[Listener]) -> Answer | None:
        """The answer of a TCP or UDP listener, None where there is none on the port."""
        listener = next((x for x in on_port if x.protocol in (TCP, UDP)), None)
        return None if listener is None else self._handed_on(asked, listener, "")

    def _handed_on(self, asked: Asked, listener: Listener, name: str) -> Answer:
        """A connection given to the route that its server name leads to."""
        streams = self.attached[listener.key].streams
        for pattern in patterns_of(name):
            for state in streams.get(pattern, ()):
                action = state.actions[0] if state.actions else Action(NO_FILTERS, ())
                answer = answer_stream(state.route.shown, action, asked, self.world, self.control, listener.shown)
                return replace(answer, decided=replace(answer.decided, object=state.route.id))
        sni = f" for server name {name}" if name else ""
        return _closed(asked, f"{listener.shown} has no route{sni}: the connection is rejected.")

    def _plain(self, asked: Asked, on_port: list[Listener]) -> Answer:
        """HTTP without TLS."""
        found = [x for x in on_port if x.protocol == HTTP]
        if not found:
            return _closed(asked, f"{on_port[0].shown} expects TLS: plain HTTP gets no answer that it could use.")
        listener = most_specific(found, asked.host)
        if listener is None:
            return no_match(asked, f"No listener on port {asked.port} has a host name for {asked.host}.")
        return self._routed(asked, listener)

    def _secured(self, asked: Asked, on_port: list[Listener]) -> Answer:
        """A TLS connection: the listener by server name, then what is spoken in it."""
        found = [x for x in on_port if x.protocol in (HTTPS, TLS)]
        if not found:
            return _closed(asked, f"{on_port[0].shown} speaks no TLS: the handshake fails.")
        listener = most_specific(found, asked.sni)
        if listener is None:
            name = f"server name {asked.sni}" if asked.sni else "a connection without server name"
            return _closed(asked, f"No listener on port {asked.port} is for {name}: the TLS handshake fails.")
        if listener.unsure:
            return cannot_tell(f"{UNSURE}, and {listener.shown} stands beside one of the other mode.")
        if listener.protocol == TLS:
            return self._handed_on(asked, listener, asked.sni)
        if not asked.is_http:
            text = f"{listener.shown} ends TLS and waits for HTTP."
            return Answer(NO_STATUS, text, decided=Decided(listener.shown, "", (), listener.asks), closing="waits")
        owner = most_specific([x for x in found if x.protocol == HTTPS], asked.host)
        if owner is None:
            return no_match(asked, f"No HTTPS listener on port {asked.port} has a host name for {asked.host}.")
        if owner.key != listener.key:
            text = (
                f"Misdirected: the TLS connection for {asked.sni or 'no server name'} belongs to {listener.shown}, "
                f"and host {asked.host} to {owner.shown}."
            )
            return refused(MISDIRECTED, text, asked)
        return self._routed(asked, listener)

    def _routed(self, asked: Asked, listener: Listener) -> Answer:
        index = self.attached[listener.key].index
        choice = index.choose(asked, self.gateway.profile)
        answer = answer_choice(choice, asked, self.world, self.control, listener.shown)
        decided = replace(answer.decided, listener=listener.shown)
        for simple in () if answer.undecided else readings(asked.path):
            other = index.choose(replace(asked, path=simple), self.gateway.profile)
            if (other.entry and other.entry.action) is not (choice.entry and choice.entry.action):
                return cannot_tell(
                    f"whether the Gateway reads path {asked.path} as {simple} before it matches is its own affair."
                )
        if listener.asks and asked.scheme == "https":
            reason = f"{answer.reason} The client must present a valid certificate."
            return replace(answer, reason=reason, decided=replace(decided, certificate=True))
        return replace(answer, decided=decided)


def most_specific(listeners: Iterable[Listener], name: str) -> Listener | None:
    """The listener with the most specific host name for a name, None where none is for it."""
    by_name = {listener.hostname: listener for listener in listeners}
    return next((by_name[pattern] for pattern in patterns_of(name) if pattern in by_name), None)


def server_name(host: str) -> str:
    """The server name that a TLS client sends for a host: none for an address (RFC 6066 section 3)."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host
    return ""


def readings(path: str) -> tuple[str, ...]:
    """The other paths that a proxy may read a path as before it matches.

    Without dot segments and doubled slashes; with what needs no escape unescaped (RFC 3986 section 6.2.2.2 calls that
    the same path); with every escape undone that a match could name, as NGINX does and Envoy may (escaped slashes).
    """

    def undone(signs: re.Pattern[str]) -> str:
        def one(found: re.Match[str]) -> str:
            sign = chr(int(found[1], 16))
            return sign if signs.fullmatch(sign) else found[0]

        return ESCAPED.sub(one, path)

    ways = (path, undone(UNRESERVED), undone(IN_MATCHES)) if "%" in path else (path,)
    every = dict.fromkeys(read for way in ways for read in (way, tidy(way)))
    return tuple(read for read in every if read != path)


def tidy(path: str) -> str:
    """A path without dot segments and doubled slashes, as many proxies read it (RFC 3986 section 6.2.2.3)."""
    if "//" not in path and "/." not in path:
        return path
    found: list[str] = []
    parts = path.split("/")[1:]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "..":
            found = found[:-1]
        elif part not in (".", ""):
            found.append(part)
        if last and part in ("", ".", "..") and found:
            found.append("")
    return "/" + "/".join(found)


def _closed(asked: Asked, reason: str, closing: Closing = "rejected") -> Answer:
    return Answer(NO_STATUS, reason, grpc=UNAVAILABLE if asked.is_grpc else None, closing=closing)


def _why_not(gateway: GatewayState) -> str:
    for status, reason, text in (gateway.accepted, gateway.programmed):
        if status != "True":
            return f"{text} ({reason})"
    return "it has no listener"


def _why_silent(listener: Listener) -> str:
    if listener.conflict:
        return f"{listener.shown} conflicts with another one ({listener.conflict})"
    if listener.unaccepted is not None:
        return f"{listener.shown} is not accepted: {listener.unaccepted.text} ({listener.unaccepted.reason})"
    if listener.unusable:
        return f"{listener.shown} is not programmed: {listener.unusable}"
    return f"{listener.shown} is not for this protocol"
