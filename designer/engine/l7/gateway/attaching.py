"""Which routes attach to which listeners, and the conditions that the routes get from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from designer.engine.l7.gateway.gateways import GatewayState, namespace_allowed
from designer.engine.l7.gateway.hostnames import overlap
from designer.engine.l7.gateway.listeners import Listener
from designer.engine.l7.gateway.objects import Condition
from designer.engine.l7.gateway.route_schemas import EXPERIMENTAL, GROUP
from designer.engine.l7.gateway.routes import RouteState
from designer.engine.l7.gateway.world import Trouble, World
from designer.model import Problem

CODES = {
    "NotAllowedByListeners": "GW-01",
    "NoMatchingListenerHostname": "GW-02",
    "NoMatchingParent": "GW-93",
    "HostnameConflict": "GW-94",
}
FIXES = {
    "NotAllowedByListeners": (
        "Allow its namespace and kind in allowedRoutes of a listener; a TLSRoute, TCPRoute or UDPRoute needs a "
        "listener of that protocol."
    ),
    "NoMatchingListenerHostname": "Give the route a host name that falls under the listener's.",
    "NoMatchingParent": "Correct sectionName and port of the parentRef, or add the parent.",
    "HostnameConflict": "Give the two routes different host names.",
}
ALL, DEFAULTS = "All", "spec.useDefaultGateways"
SET_GROUPS = {"ListenerSet": GROUP, "XListenerSet": EXPERIMENTAL}


@dataclass(frozen=True, slots=True)
class Parent:
    """A Gateway or ListenerSet as a parent of routes: what a condition calls it, its own listeners.

    `default` says that routes may have it as parent without naming it (GatewaySpec ``defaultScope``, GEP-3793).
    """

    shown: str
    listeners: tuple[Listener, ...]
    default: bool = False


@dataclass(slots=True)
class Attachment:
    """One parentRef of a route: the listeners that take it; `refused` where none does."""

    state: RouteState
    ref: Mapping[str, Any]
    path: str
    parent: Parent
    listeners: list[Listener] = field(default_factory=list)
    refused: Trouble | None = None

    @property
    def accepted(self) -> bool:
        """Whether the parent accepts the route."""
        return self.refused is None

    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the route for this parent."""
        shown, section = self.state.route.shown, str(self.ref.get("sectionName") or "")

        def condition(kind: str, status: str, reason: str, message: str = "") -> Condition:
            return Condition(shown, kind, status, reason, section, self.parent.shown, message)

        refused, resolved = self.refused, self.state.resolved
        found = [condition("Accepted", "True", "Accepted")]
        if refused is not None:
            found = [condition("Accepted", "False", refused.reason, refused.text)]
        if resolved is None:
            found.append(condition("ResolvedRefs", "True", "ResolvedRefs"))
        else:
            found.append(condition("ResolvedRefs", "False", resolved.reason, resolved.text))
        if refused is None and self.state.partly:
            found.append(condition("PartiallyInvalid", "True", "UnsupportedValue", self.state.partly))
        return tuple(found)

    def problem(self) -> Problem | None:
        """The problem of a route that does not attach, None for one that does."""
        if self.refused is None or self.refused.reason not in CODES:
            return None
        reason = self.refused.reason
        route = self.state.route
        title = f"{route.shown} is not attached to {self.parent.shown}: {self.refused.text} ({reason})"
        why = "No request that comes in there is routed by it."
        return Problem(CODES[reason], "error", title, route.id, self.path, why, FIXES[reason])


def parents_of(gateways: Iterable[GatewayState]) -> dict[tuple[str, str], Parent]:
    """Parents by kind and ``ns/name``; a Gateway that no controller takes is none that answers."""
    found: dict[tuple[str, str], Parent] = {}
    for gateway in gateways:
        if not gateway.managed:
            continue
        owner = gateway.owner
        found[("Gateway", owner.key)] = Parent(owner.shown, gateway.listeners, owner.spec.get("defaultScope") == ALL)
        for one in gateway.sets:
            usable = one.listeners if one.accepted[0] == "True" else ()
            found[(one.owner.kind, one.owner.key)] = Parent(one.owner.shown, usable)
    return found


def attachments_of(
    state: RouteState, parents: Mapping[tuple[str, str], Parent], world: World
) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """What becomes of each parentRef; a parent that does not exist gives a problem and no condition."""
    found: list[Attachment] = []
    problems: list[Problem] = []
    refs = state.route.spec.get("parentRefs") or ()
    implied = _implied(state, parents)
    if not refs and not implied:
        route = state.route
        title, why = f"{route.shown} names no parent", "It is attached to no Gateway: no request is routed by it."
        if route.spec.get("useDefaultGateways") == ALL:
            title = f"{route.shown} names no parent, and no Gateway has defaultScope All"
        problems.append(Problem("GW-93", "error", title, route.id, "spec.parentRefs", why, "Name a Gateway."))
    for index, ref in enumerate(refs):
        kind = str(ref.get("kind", "Gateway"))
        if str(ref.get("group", GROUP)) != SET_GROUPS.get(kind, GROUP) or kind not in ("Gateway", *SET_GROUPS):
            continue  # a Service or another kind: routes inside a mesh
        key = f"{ref.get('namespace') or state.route.namespace}/{ref['name']}"
        path = f"spec.parentRefs[{index}]"
        parent = parents.get((kind, key))
        if parent is None:
            problems.append(_nobody(state, kind, key, path))
            continue
        found.append(Attachment(state, ref, path, parent))
    named = {one.parent.shown for one in found}
    found += [Attachment(state, {}, DEFAULTS, parent) for parent in implied if parent.shown not in named]
    for attachment in found:
        _attach(attachment, world)
    return tuple(found), tuple(problems)


def _implied(state: RouteState, parents: Mapping[tuple[str, str], Parent]) -> list[Parent]:
    """The Gateways that a route has as parents without naming them."""
    if state.route.spec.get("useDefaultGateways") != ALL:
        return []
    return [parent for parent in parents.values() if parent.default]


def _nobody(state: RouteState, kind: str, key: str, path: str) -> Problem:
    title = f"{state.route.shown} is not attached: {kind} {key} does not exist, or no controller acts for it"
    why = "No request is routed by it, and nobody writes a condition."
    fix = "Correct the parentRef, or add the Gateway and its GatewayClass."
    return Problem("GW-93", "error", title, state.route.id, path, why, fix)


def _attach(attachment: Attachment, world: World) -> None:
    """Find the listeners in the order of the specification: section and port, then permission, then host names."""
    state, ref, listeners = attachment.state, attachment.ref, attachment.parent.listeners
    section, port = ref.get("sectionName"), ref.get("port")
    named = [x for x in listeners if (not section or x.name == section) and (not port or x.port == port)]
    if not named:
        wanted = " and ".join([f"name {section}"] * bool(section) + [f"port {port}"] * bool(port))
        text = f"it has no listener with {wanted}" if wanted else "it has no listener that is accepted"
        attachment.refused = Trouble("NoMatchingParent", text)
        return
    route = state.route
    allowed = [
        x for x in named
        if route.kind in x.kinds and namespace_allowed(x.allowed, "Same", x.owner.namespace, route.namespace, world)
    ]  # fmt: skip
    if not allowed:
        attachment.refused = Trouble("NotAllowedByListeners", _not_allowed(state, named, world))
        return
    fitting = [x for x in allowed if overlap(state.hostnames, (x.hostname,))]
    if not fitting:
        shown = ", ".join(x.hostname for x in allowed)
        text = f"none of its host names {', '.join(state.hostnames)} falls under {shown}"
        attachment.refused = Trouble("NoMatchingListenerHostname", text)
        return
    attachment.refused = state.refused
    if state.refused is None:
        attachment.listeners = fitting


def _not_allowed(state: RouteState, named: Sequence[Listener], world: World) -> str:
    first, route = named[0], state.route
    if all(route.kind not in x.kinds for x in named):
        kinds = ", ".join(first.kinds) or "no kind at all"
        return f"listener {first.name} takes {kinds} and no {route.kind}"
    source = first.allowed.get("from", "Same")
    return (
        f"allowedRoutes.namespaces of listener {first.name} is {source}, "
        f"and the route is in namespace {route.namespace}"
    )
