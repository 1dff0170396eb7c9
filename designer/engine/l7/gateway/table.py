"""All Gateways of a cluster compiled, and the question that they answer.

Compiling again goes by what changed: routes are read anew only where they changed, or where something changed that
they may refer to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway.attached import NOTHING, Attached, ListenerKey, attached_again, attached_anew
from designer.engine.l7.gateway.attaching import Attachment, Parent, attachments_of, parents_of
from designer.engine.l7.gateway.backendtls import (
    PolicyState,
    broken_targets,
    policy_problems,
    policy_states,
    secured_targets,
)
from designer.engine.l7.gateway.gateways import (
    GatewayState,
    class_condition,
    class_verdict,
    gateway_problems,
    gateway_state,
    parent_of_set,
)
from designer.engine.l7.gateway.objects import (
    ROUTE_KINDS,
    Condition,
    GatewayObject,
    is_gateway_object,
    is_route,
    read_object,
)
from designer.engine.l7.gateway.responding import Responder
from designer.engine.l7.gateway.routes import RouteState, route_state
from designer.engine.l7.gateway.separating import SEPARATED, losing_routes
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
    """Every Gateway by ``ns/name``, the conditions of all objects, the listeners, and what is wrong.

    `routes` are all routes that the API server takes, by id; `attachments` what became of their parentRefs.
    """

    gateways: FrozenMap[str, GatewayState] = EMPTY_MAP
    responders: FrozenMap[str, Responder] = EMPTY_MAP
    conditions: tuple[Condition, ...] = ()
    listeners: tuple[ListenerCount, ...] = ()
    problems: tuple[Problem, ...] = ()
    routes: tuple[RouteState, ...] = ()
    attachments: tuple[Attachment, ...] = ()

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


@dataclass(frozen=True, slots=True)
class _RouteCell:
    """A route as it was read, with its attachments, conditions and problems as far as no other route changes them."""

    kept: ForeignObject
    problems: tuple[Problem, ...]
    attachments: tuple[Attachment, ...] = ()
    conditions: tuple[Condition, ...] = ()
    state: RouteState | None = None


@dataclass(slots=True)
class _Chain:
    """What is kept from one compilation to the next. `given_way` are attachments that lost a listener, by route."""

    foreign: FrozenMap[str, ForeignObject] = EMPTY_MAP
    control: tuple[Any, ...] = ()
    base: _Base | None = None
    cells: dict[str, _RouteCell] = field(default_factory=dict)
    attached: dict[ListenerKey, Attached] | None = None
    given_way: dict[str, tuple[Attachment, ...]] = field(default_factory=dict)


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
    if chain.base is None and not any(is_gateway_object(oid) for oid in project.foreign):
        return EMPTY_TABLE
    if not same_base:
        chain.base, chain.cells, chain.attached, chain.given_way = _base(project, control), {}, None, {}
        gone, changed = [], [oid for oid in project.foreign if is_route_id(oid)]
    base = chain.base
    assert base is not None, "made above"
    old = {oid: cell for oid in (*gone, *changed) if (cell := chain.cells.get(oid)) is not None}
    new = {oid: _cell(project.foreign[oid], base) for oid in changed}
    chain.cells = {**chain.cells, **new}
    for oid in gone:
        chain.cells.pop(oid, None)
    return _table(chain, base, old, new, control)


def routes_alone(project: Project, control: ControlPlaneState) -> tuple[RouteState, ...]:
    """Every route that the API server takes, by itself: its references are held, its parents are not looked for."""
    world = _base(project, control).world
    read = (read_object(project.foreign[oid])[0] for oid in sorted(project.foreign) if is_route_id(oid))
    return tuple(route_state(found, world) for found in read if found is not None and is_route(found))


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
    world = replace(world, broken=broken_targets(policies), secured=secured_targets(policies))
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
    problems += policy_problems(policies)
    return _Base(world, tuple(gateways), parents_of(gateways), policies, tuple(conditions), tuple(problems))


def _cell(kept: ForeignObject, base: _Base) -> _RouteCell:
    found, refused = read_object(kept)
    if found is None or not is_route(found):
        return _RouteCell(kept, refused)
    state = route_state(found, base.world)
    attachments, problems = attachments_of(state, base.parents, base.world)
    own = [problem for one in attachments if (problem := one.problem()) is not None]
    conditions = tuple(condition for one in attachments for condition in one.conditions())
    return _RouteCell(kept, (*state.problems, *problems, *own), attachments, conditions, state)


def _table(
    chain: _Chain,
    base: _Base,
    old: Mapping[str, _RouteCell],
    new: Mapping[str, _RouteCell],
    control: ControlPlaneState,
) -> GatewayTable:
    """The table of all cells; `old` and `new` are those of routes that changed."""
    cells = [chain.cells[oid] for oid in sorted(chain.cells)]
    conditions, problems = [*base.conditions], [*base.problems]
    for cell in cells:
        problems += cell.problems
    given_way = losing_routes(
        {oid: cell.attachments for oid, cell in chain.cells.items()},
        chain.given_way if chain.attached is not None else None,
        {oid: old[oid].attachments if oid in old else None for oid in (*old, *(k for k in new if k not in old))},
    )
    for cell in cells:
        changed = given_way.get(cell.kept.id)
        if changed is None:
            conditions += cell.conditions
            continue
        conditions += [condition for one in changed for condition in one.conditions()]
        lost = (one.problem() for one in changed if one.refused is not None and one.refused.reason == SEPARATED)
        problems += [problem for problem in lost if problem is not None]
    found = [one for cell in cells for one in given_way.get(cell.kept.id, cell.attachments)]
    attached = _attached(chain, found, given_way, old, new)
    chain.given_way = given_way
    responders = {
        gateway.owner.key: _responder(gateway, attached, base.world, control)
        for gateway in base.gateways
        if gateway.managed
    }
    conditions += _policy_conditions(base, found)
    listeners = tuple(
        ListenerCount(x.owner.shown, x.name, len(attached.get(x.key, NOTHING).states), x.kinds)
        for gateway in base.gateways
        for x in gateway.every_listener
    )
    return GatewayTable(
        FrozenMap({gateway.owner.key: gateway for gateway in base.gateways}),
        FrozenMap(responders),
        tuple(conditions),
        listeners,
        tuple(problems),
        tuple(cell.state for cell in cells if cell.state is not None),
        tuple(found),
    )


def _attached(
    chain: _Chain,
    found: list[Attachment],
    given_way: Mapping[str, tuple[Attachment, ...]],
    old: Mapping[str, _RouteCell],
    new: Mapping[str, _RouteCell],
) -> dict[ListenerKey, Attached]:
    """What is attached to each listener: as before, but for routes that changed and those that give way or did."""
    if chain.attached is None:
        chain.attached = attached_anew(found)
        return chain.attached
    before: list[Attachment] = []
    after: list[Attachment] = []
    for oid in dict.fromkeys((*old, *new, *chain.given_way, *given_way)):
        was = old.get(oid) or (chain.cells.get(oid) if oid not in new else None)
        if was is not None:
            before += chain.given_way.get(oid, was.attachments)
        if oid in chain.cells:
            after += given_way.get(oid, chain.cells[oid].attachments)
    chain.attached = attached_again(chain.attached, before, after)
    return chain.attached


def _responder(
    gateway: GatewayState, attached: Mapping[ListenerKey, Attached], world: World, control: ControlPlaneState
) -> Responder:
    sets = {one.owner.id for one in gateway.sets if one.accepted[0] == "True"}
    usable = tuple(
        listener
        for listener in gateway.every_listener
        if listener.programmed and (listener.owner is gateway.owner or listener.owner.id in sets)
    )
    return Responder(gateway, usable, {x.key: attached.get(x.key, NOTHING) for x in usable}, world, control)


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
