"""What the engine made of one Gateway API object, for the Inspector: conditions, listeners, what hangs on what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from designer.engine.compile import ClusterState
from designer.engine.l7.endpoints import ready_endpoints
from designer.engine.l7.gateway import Condition
from designer.engine.l7.gateway.objects import GatewayObject, is_gateway_object, read_object
from designer.engine.l7.gateway.routes import RouteState
from designer.engine.l7.gateway.world import World
from designer.model import split_id
from designer.present.condition_rows import conditions_of, shown_ids, status_text
from designer.present.gateway_cards import fronts, gateway_cards, reached_at, weight_text
from designer.present.inspected import ComputedRow, Rows, Sections
from designer.present.route_rows import is_bad
from designer.present.words import count_text, object_text


def gateway_sections(state: ClusterState, oid: str) -> Sections:
    """The sections of a Gateway API object."""
    found, refused = read_object(state.project.foreign[oid])
    if found is None:
        rows = [ComputedRow(problem.field or "apiVersion", problem.title, "", "error") for problem in refused]
        return [("Refused by the API server", rows)]
    maker = MAKERS.get(found.kind, _route if found.kind.endswith("Route") else None)
    parts = maker(state, found) if maker is not None else []
    conditions = [_condition(one) for one in conditions_of(state, oid) if not one.listener or one.parent]
    return [*parts, ("Conditions", conditions)]


def _condition(one: Condition, where: str = "") -> ComputedRow:
    """``Accepted: ✓ True`` with reason, message and parent."""
    mood = "" if not is_bad(one) else "warning" if one.status == "Unknown" else "error"
    words = [one.reason, one.message, where or (f"at {one.parent}" if one.parent else "")]
    return ComputedRow(f"{one.type} {status_text(one)}", " · ".join(word for word in words if word), "", mood)


def _listeners(state: ClusterState, found: GatewayObject) -> Rows:
    """Each listener with its routes and supported kinds, and its conditions that need attention."""
    rows = []
    conditions = conditions_of(state, found.id)
    for one in state.gateways.listeners:
        if one.object != found.shown:
            continue
        bad = [c for c in conditions if c.listener == one.listener and is_bad(c)]
        words = f"attachedRoutes {one.attached} · {', '.join(one.kinds) or 'no kind of route'}"
        rows.append(ComputedRow(one.listener, words, "", "error" if bad else ""))
        rows += [_condition(c, f"listener {c.listener}") for c in bad]
    return rows


def _hanging(state: ClusterState, oid: str) -> Rows:
    """The routes and ListenerSets that name a parent, with why some do not hang on it."""
    rows: dict[str, ComputedRow] = {}
    for link in gateway_cards(state)[1]:
        if link.parent == oid:
            mood = "warning" if link.refused else ""
            rows.setdefault(link.child, ComputedRow(object_text(link.child), link.refused, link.child, mood))
    return list(rows.values())


def _gateway(state: ClusterState, found: GatewayObject) -> Sections:
    gateway = state.gateways.gateways[found.key]
    name = str(found.spec["gatewayClassName"])
    class_id = shown_ids(state).get(f"GatewayClass {name}", "")
    words = f"followed as {gateway.profile.title}" if gateway.managed else "no controller acts for it"
    reached = [ComputedRow(address, "address") for address in reached_at(state, gateway)]
    reached += [ComputedRow(object_text(s), "leads to it", s) for s, ids in fronts(state).items() if found.id in ids]
    nobody = ComputedRow("not known", "no Service, Pod or address says where its proxies run", "", "warning")
    return [
        ("Class", [ComputedRow(name, words, class_id, "" if gateway.managed else "error")]),
        ("Reached at", reached or [nobody]),
        ("Listeners", _listeners(state, found)),
        ("Named as parent by", _hanging(state, found.id)),
    ]


def _listener_set(state: ClusterState, found: GatewayObject) -> Sections:
    return [("Listeners", _listeners(state, found)), ("Named as parent by", _hanging(state, found.id))]


def _class(state: ClusterState, found: GatewayObject) -> Sections:
    rows = [
        ComputedRow(object_text(gateway.owner.id), "", gateway.owner.id)
        for gateway in state.gateways.gateways.values()
        if gateway.owner.spec["gatewayClassName"] == found.name
    ]
    return [("Gateways of this class", rows or [ComputedRow("none", "nothing listens by it")])]


def _route(state: ClusterState, found: GatewayObject) -> Sections:
    route = next((one for one in state.gateways.routes if one.route.id == found.id), None)
    if route is None:
        return []
    ids = shown_ids(state)
    rows: Rows = []
    for one in state.gateways.attachments:
        if one.state.route.id != found.id:
            continue
        if one.refused is not None:
            why = f"not attached: {one.refused.text} ({one.refused.reason})"
            rows.append(ComputedRow(one.parent.shown, why, ids.get(one.parent.shown, ""), "error"))
        for listener in one.listeners:
            rows.append(ComputedRow(listener.owner.shown, f"listener {listener.name}", listener.owner.id))
    known = {one.path for one in state.gateways.attachments if one.state.route.id == found.id}
    for problem in state.gateways.problems:
        if problem.object == found.id and problem.field.startswith("spec.parentRefs[") and problem.field not in known:
            rows.append(ComputedRow("nobody", problem.title, "", "error"))
    if not rows:
        rows = [ComputedRow("nobody", "it names no Gateway: no request is routed by it", "", "error")]
    return [("Attached to", rows), ("Leads to", list(_backends(state, route)))]


def _backends(state: ClusterState, route: RouteState) -> Iterator[ComputedRow]:
    numbers = {id(entry.action): entry.rule for entry in route.entries}
    for place, action in enumerate(route.actions):
        rule = numbers.get(id(action), place) + 1
        if not action.backends:
            does = "redirects" if action.filters.redirect is not None else "has no backend: requests get status 500"
            if action.filters.direct:
                does = f"answers with status {action.filters.direct}"
            yield ComputedRow(f"rule {rule}", does, "", "" if action.filters.leads_nowhere else "warning")
        for backend in action.backends:
            share = weight_text(Fraction(backend.weight, action.weight)) if action.weight else "0 %"
            service = f"Service:{backend.service}"
            part = "" if len(action.backends) == 1 else f"{share} "
            main = f"rule {rule}: {part}→ {backend.service}:{backend.port}"
            if backend.trouble is not None:
                yield ComputedRow(main, f"{backend.trouble.text} ({backend.trouble.reason})", "", "error")
                continue
            ready = ready_endpoints(state.control, backend.service, backend.port)
            words = count_text(ready, "ready endpoint") if ready else "no endpoint is ready: requests get status 503"
            yield ComputedRow(main, words, service, "" if ready else "warning")


def _grant(state: ClusterState, found: GatewayObject) -> Sections:
    """What it permits: the references of others that reach into its namespace and need it."""
    world = World(grants={found.namespace: (found,)})
    rows: dict[tuple[str, str], ComputedRow] = {}
    for route in state.gateways.routes:
        for action in route.actions:
            for backend in action.backends:
                namespace, _, name = backend.service.partition("/")
                source = route.route
                if namespace == found.namespace != source.namespace and world.permitted(
                    source, "", "Service", namespace, name
                ):
                    words = f"may lead to Service {backend.service}"
                    rows[(source.id, words)] = ComputedRow(source.shown, words, source.id)
    for oid in state.project.foreign:
        if is_gateway_object(oid) and split_id(oid)[0].rpartition("/")[2] in ("Gateway", "ListenerSet"):
            owner, _ = read_object(state.project.foreign[oid])
            for namespace, name in _secrets(owner):
                if (
                    owner
                    and namespace == found.namespace != owner.namespace
                    and world.permitted(owner, "", "Secret", namespace, name)
                ):
                    words = f"may use Secret {namespace}/{name}"
                    rows[(oid, words)] = ComputedRow(owner.shown, words, oid)
    return [("Permits", list(rows.values()) or [ComputedRow("nothing", "no reference needs it", "", "warning")])]


def _secrets(owner: GatewayObject | None) -> Iterator[tuple[str, str]]:
    for listener in owner.spec["listeners"] if owner is not None else ():
        for ref in (listener.get("tls") or {}).get("certificateRefs") or ():
            yield str(ref.get("namespace") or ""), str(ref["name"])


MAKERS: dict[str, Callable[[ClusterState, GatewayObject], Sections]] = {
    "Gateway": _gateway,
    "ListenerSet": _listener_set,
    "XListenerSet": _listener_set,
    "GatewayClass": _class,
    "ReferenceGrant": _grant,
}
