"""All Gateways of a cluster compiled, and the question that they answer.

Compiling again goes by what changed: routes are read anew only where they changed, or where something changed that
they may refer to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway.attaching import Attachment, Parent, attachments_of, parents_of, separate_kinds
from designer.engine.l7.gateway.backendtls import PolicyState, broken_targets, policy_states
from designer.engine.l7.gateway.choosing import RouteIndex
from designer.engine.l7.gateway.gateways import (
    GatewayState,
    class_condition,
    class_verdict,
    gateway_state,
    parent_of_set,
)
from designer.engine.l7.gateway.listeners import Listener
from designer.engine.l7.gateway.objects import (
    HTTP_KINDS,
    ROUTE_KINDS,
    Condition,
    GatewayObject,
    is_gateway_object,
    is_route,
    read_object,
)
from designer.engine.l7.gateway.responding import Attached, Responder
from designer.engine.l7.gateway.routes import RouteState, route_state
from designer.engine.l7.gateway.world import World, world_of
from designer.engine.l7.outcome import NO_STATUS, Answer
from designer.engine.memo import Memo
from designer.model import EMPTY_MAP, ForeignObject, FrozenMap, Problem, Project


@dataclass(frozen=True, slots=True)
class ListenerCount:
    """A listener as its status shows it: how many routes are attached, which kinds of routes it supports."""

    object: str
    listener: str
    attached: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GatewayTable:
    """Every Gateway by ``ns/name``, the conditions of all objects, the listeners, and what is wrong."""

    gateways: FrozenMap[str, GatewayState] = EMPTY_MAP
    responders: FrozenMap[str, Responder] = EMPTY_MAP
    conditions: tuple[Condition, ...] = ()
    listeners: tuple[ListenerCount, ...] = ()
    problems: tuple[Problem, ...] = ()

    def answer(self, gateway: str, asked: Asked) -> Answer:
        """What a Gateway (``ns/name``) does with a request."""
        responder = self.responders.get(gateway)
        if responder is not None:
            return responder.answer(asked)
        if gateway in self.gateways:
            why = self.gateways[gateway].accepted[2]
            return Answer(NO_STATUS, f"Gateway {gateway} carries no traffic: {why}.")
        return Answer(NO_STATUS, f"Gateway {gateway} does not exist, or the API server refuses it: nothing listens.")


EMPTY_TABLE = GatewayTable()


@dataclass(slots=True)
class _Base:
    """Everything but routes: the objects by kind, the world, the Gateways, the parents that routes may name."""

    world: World
    gateways: tuple[GatewayState, ...]
    parents: Mapping[tuple[str, str], Parent]
    policies: tuple[PolicyState, ...]
    conditions: tuple[Condition, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _RouteCell:
    """A route as it was read last, with its attachments before other routes are looked at."""

    kept: ForeignObject
    state: RouteState | None
    problems: tuple[Problem, ...]
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True)
class _Chain:
    """What is kept from one compilation to the next."""

    foreign: FrozenMap[str, ForeignObject] = EMPTY_MAP
    control: tuple[Any, ...] = ()
    base: _Base | None = None
    cells: dict[str, _RouteCell] = field(default_factory=dict)


def compile_gateways(project: Project, control: ControlPlaneState, memo: Memo | None = None) -> GatewayTable:
    """The Gateways of `project`. With the `memo` of a chain of compilations only what changed is made anew."""
    slot = {} if memo is None else memo.slot("gateways")
    chain: _Chain = slot.setdefault("chain", _Chain())
    reads = (control.services, control.namespaces)
    gone, changed = project.foreign.differing(chain.foreign)
    same_base = (
        chain.base is not None
        and all(a is b for a, b in zip(chain.control, reads, strict=False))
        and all(is_route_id(oid) for oid in (*gone, *changed))
    )
    chain.foreign, chain.control = project.foreign, reads
    if not any(is_gateway_object(oid) for oid in project.foreign):
        chain.base, chain.cells = None, {}
        return EMPTY_TABLE
    if not same_base:
        chain.base, chain.cells = _base(project, control), {}
    assert chain.base is not None, "made above"
    cells: dict[str, _RouteCell] = {}
    for oid, kept in project.foreign.items():
        if is_route_id(oid):
            cell = chain.cells.get(oid)
            cells[oid] = cell if cell is not None and cell.kept is kept else _cell(kept, chain.base)
    chain.cells = cells
    return _table(chain.base, cells.values(), control)


def is_route_id(oid: str) -> bool:
    """Whether a kept object's id is that of a route."""
    return oid.partition(":")[0].rpartition("/")[2] in ROUTE_KINDS and is_gateway_object(oid)


def _base(project: Project, control: ControlPlaneState) -> _Base:
    by_kind: dict[str, list[GatewayObject]] = {}
    problems: list[Problem] = []
    referred: list[str] = []
    for oid in sorted(project.foreign):
        if is_route_id(oid):
            continue
        referred.append(oid)
        if is_gateway_object(oid):
            found, refused = read_object(project.foreign[oid])
            problems += refused
            if found is not None:
                by_kind.setdefault(found.kind, []).append(found)
    world = world_of(project, control, by_kind.get("ReferenceGrant", ()), referred)
    policies = policy_states(by_kind.get("BackendTLSPolicy", ()), world)
    world = World(world.services, world.namespaces, world.kept, world.grants, broken_targets(policies))
    classes = {one.name: (one, class_verdict(one, world)) for one in by_kind.get("GatewayClass", ())}
    sets = [*by_kind.get("ListenerSet", ()), *by_kind.get("XListenerSet", ())]
    gateways = []
    for owner in by_kind.get("Gateway", ()):
        found_class = classes.get(str(owner.spec["gatewayClassName"]))
        usable = found_class[0] if found_class is not None and found_class[1][0] == "True" else None
        gateways.append(gateway_state(owner, usable, [s for s in sets if parent_of_set(s) == owner.key], world))
    conditions = [class_condition(*one) for one in classes.values()]
    conditions += [condition for gateway in gateways for condition in gateway.conditions()]
    problems += [problem for gateway in gateways for problem in gateway_problems(gateway)]
    return _Base(world, tuple(gateways), parents_of(gateways), policies, tuple(conditions), tuple(problems))


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
            why = "Listeners that cannot be told apart are not accepted: none of them carries traffic."
            yield Problem("GW-04", "error", title, listener.owner.id, path, why, "Give them other ports or host names.")
        for trouble in (listener.unaccepted, listener.unresolved):
            if trouble is not None:
                title = f"{listener.shown}: {trouble.text} ({trouble.reason})"
                why = "The listener carries no traffic, or only a part of it."
                yield Problem("GW-95", "error", title, listener.owner.id, path, why, "Correct the listener.")


def _cell(kept: ForeignObject, base: _Base) -> _RouteCell:
    found, refused = read_object(kept)
    if found is None or not is_route(found):
        return _RouteCell(kept, None, refused)
    state = route_state(found, base.world)
    attachments, problems = attachments_of(state, base.parents, base.world)
    return _RouteCell(kept, state, (*state.problems, *problems), attachments)


def _table(base: _Base, cells: Iterable[_RouteCell], control: ControlPlaneState) -> GatewayTable:
    cells = sorted(cells, key=lambda cell: cell.kept.id)
    found = [attachment for cell in cells for attachment in cell.attachments]
    if len({a.state.route.kind for a in found if a.state.route.kind in HTTP_KINDS}) > 1:
        # The one place where a route's fate hangs on others: do not touch what is kept.
        found = [Attachment(a.state, a.ref, a.path, a.parent, list(a.listeners), a.refused) for a in found]
        separate_kinds(found)
    counts: Counter[tuple[str, str]] = Counter()
    on_listener: dict[tuple[str, str], dict[str, RouteState]] = {}
    problems = [*base.problems]
    conditions = [*base.conditions]
    for cell in cells:
        problems += cell.problems
    for attachment in found:
        conditions += attachment.conditions()
        problem = attachment.problem()
        if problem is not None:
            problems.append(problem)
        for listener in attachment.listeners:
            on_listener.setdefault(listener.key, {})[attachment.state.route.id] = attachment.state
    counts.update({key: len(states) for key, states in on_listener.items()})
    responders = {
        gateway.owner.key: _responder(gateway, on_listener, base.world, control)
        for gateway in base.gateways
        if gateway.managed
    }
    conditions += _policy_conditions(base, found)
    listeners = tuple(
        ListenerCount(x.owner.shown, x.name, counts[x.key], x.kinds) for g in base.gateways for x in g.every_listener
    )
    return GatewayTable(
        FrozenMap({gateway.owner.key: gateway for gateway in base.gateways}),
        FrozenMap(responders),
        tuple(conditions),
        listeners,
        tuple(problems),
    )


def _responder(
    gateway: GatewayState,
    on_listener: Mapping[tuple[str, str], Mapping[str, RouteState]],
    world: World,
    control: ControlPlaneState,
) -> Responder:
    sets = {one.owner.id for one in gateway.sets if one.accepted[0] == "True"}
    usable = tuple(
        listener
        for listener in gateway.every_listener
        if listener.programmed and (listener.owner is gateway.owner or listener.owner.id in sets)
    )
    attached = {x.key: _attached(x, on_listener.get(x.key, {}).values()) for x in usable}
    return Responder(gateway, usable, attached, world, control)


def _attached(listener: Listener, states: Iterable[RouteState]) -> Attached:
    streams: dict[str, list[RouteState]] = {}
    for state in states:
        if state.route.kind not in HTTP_KINDS:
            for hostname in state.hostnames or ("",):
                streams.setdefault(hostname, []).append(state)
    ordered = {name: tuple(sorted(found, key=lambda state: state.route.age)) for name, found in streams.items()}
    return Attached(RouteIndex.of(entry for state in states for entry in state.entries), ordered)


def _policy_conditions(base: _Base, attachments: Iterable[Attachment]) -> list[Condition]:
    """Conditions of BackendTLSPolicies for each Gateway whose routes lead to their Services."""
    if not base.policies:
        return []
    ancestors: dict[str, dict[str, None]] = {}
    for attachment in attachments:
        if attachment.accepted:
            for listener in attachment.listeners:
                for service in sorted(attachment.state.services):
                    ancestors.setdefault(service, {})[f"Gateway {listener.gateway}"] = None
    found: list[Condition] = []
    for policy in base.policies:
        gateways = dict.fromkeys(g for key, _ in policy.targets for g in ancestors.get(key, {}))
        found += policy.conditions(gateways)
    return found
