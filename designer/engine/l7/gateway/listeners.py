"""Listeners of Gateways and ListenerSets: kinds, certificates, conflicts, and the conditions that come of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from designer.engine.l7.gateway.hostnames import intersect
from designer.engine.l7.gateway.objects import Condition, GatewayObject
from designer.engine.l7.gateway.profiles import SharesBy
from designer.engine.l7.gateway.route_schemas import GROUP
from designer.engine.l7.gateway.world import Trouble, World

HTTP, HTTPS, TLS, TCP, UDP = "HTTP", "HTTPS", "TLS", "TCP", "UDP"
TERMINATE, PASSTHROUGH = "Terminate", "Passthrough"
# (protocol, TLS mode) → kinds of routes; "Listener" in `domain/ingress-gateway.md`, "Gateway API objects".
KINDS: dict[tuple[str, str], tuple[str, ...]] = {
    (HTTP, ""): ("HTTPRoute", "GRPCRoute"),
    (HTTPS, TERMINATE): ("HTTPRoute", "GRPCRoute"),
    (TLS, PASSTHROUGH): ("TLSRoute",),
    (TLS, TERMINATE): ("TLSRoute", "TCPRoute"),
    (TCP, ""): ("TCPRoute",),
    (UDP, ""): ("UDPRoute",),
}
PROTOCOLS = frozenset((HTTP, HTTPS, TLS, TCP, UDP))
HOSTNAME_CONFLICT, PROTOCOL_CONFLICT = "HostnameConflict", "ProtocolConflict"
CLIENT_CERTIFICATE_MODE = "AllowInsecureFallback"
# TLSRoute, feature TLSRouteModeMixed; conformance: tlsroute-listener-mixed-termination-not-supported has both conflict.
UNSURE = "whether TLS listeners of mode Terminate and of mode Passthrough share a port is the implementation's affair"


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener. `owner` is its Gateway or ListenerSet, `gateway` the ``ns/name`` of the Gateway.

    `protocol` is in upper case, `hostname` "" for every host, `mode` "" without TLS. `kinds` are the kinds of routes
    that may attach. `unaccepted` and `unresolved` say what stands against it, `conflict` is the reason of a conflict,
    `unusable` why it carries no traffic all the same. `asks` says that clients have to present a certificate,
    `unsure` that nobody can tell whether it is accepted beside a TLS listener of the other mode on its port.
    """

    owner: GatewayObject
    gateway: str
    place: int
    name: str
    port: int
    protocol: str
    hostname: str
    mode: str
    kinds: tuple[str, ...]
    allowed: Mapping[str, Any]
    unaccepted: Trouble | None = None
    unresolved: Trouble | None = None
    conflict: str = ""
    unusable: str = ""
    overlapping: bool = False
    asks: bool = False
    unsure: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other: the owner's id and its name."""
        return (self.owner.id, self.name)

    @property
    def shown(self) -> str:
        """``listener https of Gateway infra/web``."""
        return f"listener {self.name} of {self.owner.shown}"

    @property
    def accepted(self) -> bool:
        """Whether it is accepted."""
        return self.unaccepted is None and not self.conflict

    @property
    def programmed(self) -> bool:
        """Whether it carries traffic, as far as it itself decides that."""
        return self.accepted and not self.unusable

    @property
    def _conflicted(self) -> str:
        """Why a listener in a conflict is not accepted and not programmed.

        A Gateway's listener says that it is invalid, one of a ListenerSet names the conflict (conformance:
        gateway-listener-protocol-and-route-kind-conflicts, listenerset-hostname-conflict, -protocol-conflict).
        """
        return "Invalid" if self.owner.kind == "Gateway" else self.conflict

    def conditions(self, carried: bool) -> tuple[Condition, ...]:
        """Its conditions; `carried` says whether its Gateway carries traffic at all."""
        shown = self.owner.shown

        def condition(kind: str, good: bool, reason: str, message: str) -> Condition:
            return Condition(shown, kind, "True" if good else "False", reason, self.name, message=message)

        accepted = condition("Accepted", True, "Accepted", "")
        if self.unaccepted is not None:
            accepted = condition("Accepted", False, self.unaccepted.reason, self.unaccepted.text)
        elif self.conflict:
            accepted = condition("Accepted", False, self._conflicted, "it conflicts with another listener")
        unresolved = self.unresolved
        resolved = condition("ResolvedRefs", unresolved is None, "ResolvedRefs", "")
        if unresolved is not None:
            resolved = condition("ResolvedRefs", False, unresolved.reason, unresolved.text)
        programmed = self.programmed and carried
        conflicted = Condition(
            shown, "Conflicted", "True" if self.conflict else "False", self.conflict or "NoConflicts", self.name
        )
        reason = "Programmed" if programmed else self._conflicted if self.conflict else "Invalid"
        found = [accepted, condition("Programmed", programmed, reason, self.unusable), resolved, conflicted]
        if self.unsure:
            found = [replace(x, status="Unknown", reason="Pending", message=UNSURE) for x in found if x is not resolved]
            found.append(resolved)
        if self.overlapping:
            found.append(condition("OverlappingTLSConfig", True, "OverlappingHostnames", ""))
        return tuple(found)


def listeners_of(owner: GatewayObject, gateway: GatewayObject, world: World) -> tuple[Listener, ...]:
    """The listeners of a Gateway or ListenerSet, each by itself: conflicts are told by `settle`."""
    frontend = (gateway.spec.get("tls") or {}).get("frontend") or {}
    return tuple(
        _listener(owner, gateway.key, place, data, frontend, world)
        for place, data in enumerate(owner.spec["listeners"])
    )


def _listener(
    owner: GatewayObject, gateway: str, place: int, data: Mapping[str, Any], frontend: Mapping[str, Any], world: World
) -> Listener:
    protocol = str(data["protocol"]).upper()
    tls = data.get("tls") or {}
    mode = str(tls.get("mode") or TERMINATE) if protocol in (HTTPS, TLS) else ""
    supported = KINDS.get((protocol, mode), ())
    kinds, wrong_kind = _kinds(data.get("allowedRoutes") or {}, supported)
    made = Listener(
        owner,
        gateway,
        place,
        str(data["name"]),
        int(data["port"]),
        protocol,
        str(data.get("hostname") or ""),
        mode,
        kinds,
        (data.get("allowedRoutes") or {}).get("namespaces") or {},
    )
    if not supported:
        text = f"protocol {data['protocol']} is none of HTTP, HTTPS, TLS, TCP, UDP"
        return replace(made, unaccepted=Trouble("UnsupportedProtocol", text), kinds=())
    unresolved: Trouble | None = None
    if wrong_kind:
        text = f"{wrong_kind} cannot attach to a listener of protocol {protocol}; {' and '.join(supported)} can"
        unresolved = Trouble("InvalidRouteKinds", text)
    if mode == TERMINATE:
        troubles, count = _certificates(owner, tls, world)
        if troubles:
            unresolved = troubles[0]
            if len(troubles) >= count:
                made = replace(made, unusable=troubles[0].text)
    if protocol == HTTPS:
        made, unresolved = _client_certificates(made, unresolved, tls, frontend, world)
    return replace(made, unresolved=unresolved)


def _kinds(allowed: Mapping[str, Any], supported: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The kinds of routes that may attach, and the first one that is named and cannot."""
    named = [(str(one.get("group", GROUP)), str(one["kind"])) for one in allowed.get("kinds") or ()]
    if not named:
        return supported, ""
    wrong = next((kind for group, kind in named if group != GROUP or kind not in supported), "")
    return tuple(dict.fromkeys(kind for group, kind in named if group == GROUP and kind in supported)), wrong


def _certificates(owner: GatewayObject, tls: Mapping[str, Any], world: World) -> tuple[list[Trouble], int]:
    """What is wrong with certificateRefs, and how many there are (at least one is needed)."""
    refs = tls.get("certificateRefs") or ()
    if not refs:
        if tls.get("options"):
            return [], 0
        return [Trouble("InvalidCertificateRef", "it has no certificate")], 1
    troubles = [world.secret(owner, ref, "InvalidCertificateRef") for ref in refs]
    return [trouble for trouble in troubles if trouble is not None], len(refs)


def _client_certificates(
    listener: Listener,
    unresolved: Trouble | None,
    tls: Mapping[str, Any],
    frontend: Mapping[str, Any],
    world: World,
) -> tuple[Listener, Trouble | None]:
    """The listener with what the validation of client certificates makes of it (GatewayTLSConfig ``frontend``)."""
    config = frontend.get("default") or {}
    for one in frontend.get("perPort") or ():
        if one["port"] == listener.port:
            config = one["tls"]
    # Until v1.3 (experimental) it stood at the listener itself.
    validation = tls.get("frontendValidation") or config.get("validation")
    if not validation:
        return listener, unresolved
    refs: Sequence[Mapping[str, Any]] = validation.get("caCertificateRefs") or ()
    found = [
        world.authority(listener.owner, ref, "InvalidCACertificateRef", "InvalidCACertificateKind") for ref in refs
    ]
    troubles = [trouble for trouble in found if trouble is not None]
    asks = validation.get("mode") != CLIENT_CERTIFICATE_MODE
    if not troubles:
        return replace(listener, asks=asks), unresolved
    if len(troubles) == len(refs):
        listener = replace(listener, unaccepted=Trouble("NoValidCACertificate", troubles[0].text))
    return replace(listener, asks=asks), troubles[0]


def conflict_of(one: Listener, other: Listener, shares_by: SharesBy = "named") -> str:
    """Why two listeners of one Gateway are not distinct, "" where they are (GatewaySpec, "Distinct Listeners").

    `shares_by` says when an HTTPS and a TLS listener share a port (`profiles`).
    """
    if one.port != other.port or not {one.protocol, other.protocol} <= PROTOCOLS:
        return ""
    protocols = {one.protocol, other.protocol}
    if UDP in protocols:
        return PROTOCOL_CONFLICT if protocols == {UDP} else ""
    if TCP in protocols or (HTTP in protocols and len(protocols) > 1):
        return PROTOCOL_CONFLICT
    if len(protocols) == 1:
        return HOSTNAME_CONFLICT if one.hostname == other.hostname else ""
    return "" if _share(one.hostname, other.hostname, shares_by) else PROTOCOL_CONFLICT


def _share(left: str, right: str, shares_by: SharesBy) -> bool:
    """Whether the server name tells two listeners of different protocols apart."""
    if left == right:
        return False
    match shares_by:
        case "different":
            return True
        case "disjoint":
            return not intersect(left, right)
    return bool(left and right)


def settle(
    own: tuple[Listener, ...], earlier: tuple[Listener, ...] = (), shares_by: SharesBy = "named"
) -> tuple[Listener, ...]:
    """The listeners of one owner with their conflicts.

    Those that conflict with `earlier` ones lose, and only with what is left do the others compete: among these all
    that conflict lose (GatewaySpec: none is picked; ListenerSetSpec ``listeners``: precedence).
    """
    before = [_reason(listener, earlier, shares_by) for listener in own]
    left = [listener for listener, reason in zip(own, before, strict=True) if not reason]
    return tuple(
        replace(listener, conflict=reason or _reason(listener, left, shares_by))
        for listener, reason in zip(own, before, strict=True)
    )


def _reason(listener: Listener, others: Iterable[Listener], shares_by: SharesBy) -> str:
    reasons = [conflict_of(listener, other, shares_by) for other in others if other is not listener]
    return PROTOCOL_CONFLICT if PROTOCOL_CONFLICT in reasons else next((reason for reason in reasons if reason), "")


def mark_overlaps(listeners: tuple[Listener, ...]) -> tuple[Listener, ...]:
    """The listeners of a Gateway with the mark on those whose TLS host names overlap (OverlappingTLSConfig)."""

    def overlaps(one: Listener) -> bool:
        return any(
            other is not one and other.mode == TERMINATE and other.port == one.port
            and other.accepted and intersect(one.hostname, other.hostname)
            for other in listeners
        )  # fmt: skip

    return tuple(
        replace(one, overlapping=True) if one.mode == TERMINATE and one.accepted and overlaps(one) else one
        for one in listeners
    )


def mark_unsure(listeners: tuple[Listener, ...], mixes_modes: bool) -> tuple[Listener, ...]:
    """The listeners of a Gateway with the mark on those of protocol TLS beside one of the other mode on their port.

    Only one of the same owner or of an earlier one stands against a listener: `listeners` go by precedence.
    """
    if mixes_modes:
        return listeners

    def beside(place: int, one: Listener) -> bool:
        return any(
            (other.protocol, other.port) == (TLS, one.port) and other.mode != one.mode and other.accepted
            and (at < place or other.owner.id == one.owner.id)
            for at, other in enumerate(listeners)
        )  # fmt: skip

    return tuple(
        replace(one, unsure=True) if one.protocol == TLS and one.programmed and beside(place, one) else one
        for place, one in enumerate(listeners)
    )
