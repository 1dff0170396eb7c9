"""Gateways with their class, their own listeners and those of ListenerSets, and all conditions of these objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.l7.gateway.listeners import (
    CLIENT_CERTIFICATE_MODE,
    UNSURE,
    Listener,
    listeners_of,
    mark_overlaps,
    mark_unsure,
    settle,
)
from designer.engine.l7.gateway.objects import Condition, GatewayObject
from designer.engine.l7.gateway.profiles import SPEC, GatewayProfile, SharesBy, profile_for
from designer.engine.l7.gateway.route_schemas import GROUP
from designer.engine.l7.gateway.world import World
from designer.model import LabelSelector, Problem, selector_matches

ADDRESS_TYPES = ("IPAddress", "Hostname")
# What the CRDs write until a controller takes an object.
PENDING = ("Unknown", "Pending", "no controller has taken it")
# Who else makes one: `l7.promised`.
MADE = ", or the Certificate or ExternalSecret that makes it: only that it exists counts."
FIX_LISTENER = "Correct the listener."
Verdict = tuple[str, str, str]
FINE_ACCEPTED, FINE_PROGRAMMED = ("True", "Accepted", ""), ("True", "Programmed", "")


@dataclass(frozen=True, slots=True)
class SetState:
    """A ListenerSet: its Gateway (``ns/name``), whether it is accepted, its listeners where it may have any."""

    owner: GatewayObject
    gateway: str
    accepted: Verdict
    programmed: Verdict
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewayState:
    """A Gateway: `managed` says whether a controller acts for its class, `listeners` are its own."""

    owner: GatewayObject
    profile: GatewayProfile
    managed: bool
    accepted: Verdict
    programmed: Verdict
    resolved: Verdict
    listeners: tuple[Listener, ...] = ()
    sets: tuple[SetState, ...] = ()
    insecure: bool = False

    @property
    def carries(self) -> bool:
        """Whether it carries traffic at all."""
        return self.accepted[0] == "True" and self.programmed[0] == "True"

    @property
    def every_listener(self) -> tuple[Listener, ...]:
        """Its own listeners and those of its ListenerSets."""
        return (*self.listeners, *(listener for one in self.sets for listener in one.listeners))

    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the Gateway, its listeners, its ListenerSets and theirs."""
        found = _conditions(self.owner, (("Accepted", self.accepted), ("Programmed", self.programmed)))
        if self.managed:
            found += _conditions(self.owner, (("ResolvedRefs", self.resolved),))
        if self.insecure:
            insecure = ("True", "ConfigurationChanged", "clients without a valid certificate are let in")
            found += _conditions(self.owner, (("InsecureFrontendValidationMode", insecure),))
        for listener in self.listeners:
            found += listener.conditions(self.carries)
        for one in self.sets:
            found += _conditions(one.owner, (("Accepted", one.accepted), ("Programmed", one.programmed)))
            for listener in one.listeners:
                found += listener.conditions(self.carries and one.accepted[0] == "True")
        return tuple(found)


def _conditions(owner: GatewayObject, verdicts: Iterable[tuple[str, Verdict]]) -> list[Condition]:
    return [Condition(owner.shown, kind, status, reason, message=text) for kind, (status, reason, text) in verdicts]


def class_verdict(one: GatewayObject, world: World) -> Verdict:
    """Whether a GatewayClass is accepted: some controller is taken to run for every class that there is."""
    ref = one.spec.get("parametersRef")
    if ref and not world.exists(ref["group"], ref["kind"], ref.get("namespace") or "default", ref["name"]):
        text = f"its parameters, {ref['kind']} {ref['name']}, are not there or of no kind that is known"
        return ("False", "InvalidParameters", text)
    return FINE_ACCEPTED


def class_condition(one: GatewayObject, verdict: Verdict) -> Condition:
    """The condition of a GatewayClass."""
    return _conditions(one, (("Accepted", verdict),))[0]


def gateway_state(
    owner: GatewayObject, gateway_class: GatewayObject | None, sets: Iterable[GatewayObject], world: World
) -> GatewayState:
    """A Gateway; `gateway_class` is None where no controller acts for its class; `sets` are those that name it."""
    sets = sorted(sets, key=lambda one: one.age)
    if gateway_class is None:
        why = ("Unknown", "Pending", f"GatewayClass {owner.spec['gatewayClassName']} does not exist or is not accepted")
        waiting = tuple(SetState(one, owner.key, PENDING, PENDING) for one in sets)
        return GatewayState(owner, SPEC, False, why, why, why, sets=waiting)
    profile = profile_for(str(gateway_class.spec["controllerName"]))
    listeners = settle(listeners_of(owner, owner, world), shares_by=profile.shares_by)
    accepted = _accepted(owner, listeners, world)
    good = accepted[0] == "True"
    joined: list[SetState] = []
    for one in sets:
        winners = (x for before in joined for x in before.listeners if not x.conflict)
        joined.append(_set_state(one, owner, accepted, (*listeners, *winners), profile.shares_by, world))
    every = mark_overlaps((*listeners, *(listener for one in joined for listener in one.listeners)))
    every = mark_unsure(every, profile.mixes_modes)
    carrying = [listener for listener in every if listener.programmed]
    programmed = FINE_PROGRAMMED if good and carrying else ("False", "Invalid", "no listener carries traffic")
    marked = {listener.key: listener for listener in every}
    return GatewayState(
        owner,
        profile,
        True,
        accepted,
        programmed,
        _resolved(owner, listeners, world),
        tuple(marked[listener.key] for listener in listeners),
        tuple(
            SetState(o.owner, o.gateway, o.accepted, o.programmed, tuple(marked[x.key] for x in o.listeners))
            for o in joined
        ),
        _lets_anybody_in(owner),
    )


def _accepted(owner: GatewayObject, listeners: tuple[Listener, ...], world: World) -> Verdict:
    ref = (owner.spec.get("infrastructure") or {}).get("parametersRef")
    if ref and not world.exists(ref["group"], ref["kind"], owner.namespace, ref["name"]):
        text = f"its parameters, {ref['kind']} {ref['name']}, are not there or of no kind that is known"
        return ("False", "InvalidParameters", text)
    for address in owner.spec.get("addresses") or ():
        if address.get("type", "IPAddress") not in ADDRESS_TYPES:
            return ("False", "UnsupportedAddress", f"addresses of type {address['type']} are the implementation's own")
    bad = [listener.name for listener in listeners if not listener.accepted]
    if not bad:
        return FINE_ACCEPTED
    status = "True" if len(bad) < len(listeners) else "False"
    return (status, "ListenersNotValid", f"listeners that are not accepted: {', '.join(bad)}")


def _resolved(owner: GatewayObject, listeners: tuple[Listener, ...], world: World) -> Verdict:
    ref = ((owner.spec.get("tls") or {}).get("backend") or {}).get("clientCertificateRef")
    trouble = world.secret(owner, ref, "InvalidClientCertificateRef") if ref else None
    if trouble is not None:
        return ("False", trouble.reason, trouble.text)
    bad = [listener.name for listener in listeners if listener.unresolved is not None]
    if bad:
        return ("False", "ListenersNotResolved", f"listeners with references that do not hold: {', '.join(bad)}")
    return ("True", "ResolvedRefs", "")


def _lets_anybody_in(owner: GatewayObject) -> bool:
    frontend = (owner.spec.get("tls") or {}).get("frontend") or {}
    configs = [frontend.get("default") or {}, *(one["tls"] for one in frontend.get("perPort") or ())]
    return any((config.get("validation") or {}).get("mode") == CLIENT_CERTIFICATE_MODE for config in configs)


def _set_state(
    owner: GatewayObject,
    gateway: GatewayObject,
    parent: Verdict,
    earlier: tuple[Listener, ...],
    shares_by: SharesBy,
    world: World,
) -> SetState:
    """A ListenerSet; of listeners that conflict those of the Gateway and of older sets (`earlier`) go before.

    It is accepted where at least one of its listeners is valid: accepted, and with a certificate where it needs one
    (conformance: listenerset-hostname-conflict, listenerset-reference-grant).
    """
    allowed = (gateway.spec.get("allowedListeners") or {}).get("namespaces") or {}
    if not namespace_allowed(allowed, "None", gateway.namespace, owner.namespace, world):
        why = ("False", "NotAllowed", f"{gateway.shown} does not allow ListenerSets of namespace {owner.namespace}")
        return SetState(owner, gateway.key, why, why)
    if parent[0] != "True":
        text = f"{gateway.shown} is not accepted"
        return SetState(
            owner, gateway.key, ("False", "ParentNotAccepted", text), ("False", "ParentNotProgrammed", text)
        )
    listeners = settle(listeners_of(owner, gateway, world), earlier, shares_by)
    bad = [listener.name for listener in listeners if not listener.programmed]
    if len(bad) == len(listeners):
        why = ("False", "ListenersNotValid", "none of its listeners is valid")
        return SetState(owner, gateway.key, why, why, listeners)
    accepted = FINE_ACCEPTED
    if bad:
        accepted = ("True", "ListenersNotValid", f"listeners that are not valid: {', '.join(bad)}")
    return SetState(owner, gateway.key, accepted, FINE_PROGRAMMED, listeners)


def namespace_allowed(allowed: Mapping[str, Any], default: str, own: str, namespace: str, world: World) -> bool:
    """Whether ``namespaces`` of a listener (or of allowedListeners) lets in objects of a namespace."""
    match allowed.get("from", default):
        case "All":
            return True
        case "Same":
            return namespace == own
        case "Selector":
            selector = allowed.get("selector")
            if selector is None:
                return False
            return selector_matches(LabelSelector.model_validate(selector), world.labels(namespace))
    return False


def parent_of_set(one: GatewayObject) -> str:
    """The Gateway that a ListenerSet names as ``ns/name``, "" where it names something else."""
    ref = one.spec["parentRef"]
    if ref.get("group", GROUP) != GROUP or ref.get("kind", "Gateway") != "Gateway":
        return ""
    return f"{ref.get('namespace') or one.namespace}/{ref['name']}"


def gateway_problems(gateway: GatewayState) -> Iterable[Problem]:
    """What is wrong with a Gateway and its listeners."""
    owner = gateway.owner
    if not gateway.managed:
        title, why = f"{owner.shown}: {gateway.accepted[2]}", "No controller acts for it: nothing listens."
        fix = "Correct gatewayClassName, or add the GatewayClass."
        yield Problem("GW-07", "error", title, owner.id, "spec.gatewayClassName", why, fix)
    elif gateway.accepted[0] != "True" and gateway.accepted[1] != "ListenersNotValid":
        title = f"{owner.shown} is not accepted: {gateway.accepted[2]} ({gateway.accepted[1]})"
        yield Problem("GW-95", "error", title, owner.id, "spec", "It carries no traffic.", "Correct it.")
    for listener in gateway.every_listener:
        path = f"spec.listeners[{listener.place}]"
        if listener.conflict:
            title = f"{listener.shown} conflicts with another listener on port {listener.port} ({listener.conflict})"
            why = "Listeners of one Gateway that cannot be told apart are not accepted: none of them carries traffic."
            if listener.owner.kind != "Gateway":
                why = "It carries no traffic. Those of the Gateway and of older ListenerSets go before; "
                why += "within one ListenerSet none wins."
            yield Problem("GW-04", "error", title, listener.owner.id, path, why, "Give them other ports or host names.")
        if listener.unsure:
            title = f"{listener.shown} has another TLS mode than one beside it on port {listener.port}"
            why = f"{UNSURE[0].upper()}{UNSURE[1:]}: where it does not, none of them is accepted."
            yield Problem("GW-04", "warning", title, listener.owner.id, path, why, "Give them other ports.")
        for trouble in (listener.unaccepted, listener.unresolved):
            if trouble is not None:
                title = f"{listener.shown}: {trouble.text} ({trouble.reason})"
                why = "The listener carries no traffic, or only a part of it."
                gone = trouble.reason == "InvalidCertificateRef" and trouble.text.endswith("is not there")
                fix = f"Correct its name, or add the Secret{MADE}" if gone else FIX_LISTENER
                yield Problem("GW-95", "error", title, listener.owner.id, path, why, fix)
