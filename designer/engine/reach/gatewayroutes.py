"""What routes of the Gateway API lead to: the Services behind the routes that are attached to a Gateway, with the port.

What is attached, and which references hold, is the answer of `l7.gateway`: listeners, allowedRoutes, host names,
ReferenceGrants. Where the Pods that serve a Gateway are in the input (GEP-1762 labels them with its name), they have
lines of their own. What the input leaves out and a cluster must have is taken to be there, and said: a GatewayClass of
which there is the name alone, and the Gateways of an input that has routes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.l7.gateway import GatewayTable, compile_gateways, routes_alone
from designer.engine.l7.gateway.dataplanes import owners
from designer.engine.l7.gateway.objects import HTTP_KINDS, is_gateway_object
from designer.engine.l7.gateway.routes import Action, RouteState
from designer.engine.reach.shadowed import LiveActions
from designer.model import ForeignObject, Project, object_id

GROUP = "gateway.networking.k8s.io"
GATEWAY_LABEL = f"{GROUP}/gateway-name"
CLASS = f"{GROUP}/v1/GatewayClass"
# Whoever it is that acts for a class that is not in the input.
SOMEBODY = f"{GROUP}/not-in-the-input"
PROTOCOLS = {"UDPRoute": "UDP"}


@dataclass(frozen=True, slots=True)
class RouteBackend:
    """A Service port that a route leads to: the route's name, the Service's id, the port's number and protocol."""

    source: str
    service: str
    port: int
    protocol: str = "TCP"


def route_backends(state: ClusterState, pods: Iterable[PodState]) -> tuple[tuple[RouteBackend, ...], tuple[str, ...]]:
    """The backends of all routes that are attached, each once; and what was taken to be there for it."""
    serving: set[str] = set()
    for pod in pods:
        serving.update(owners(pod.labels, pod.namespace, state.gateways.gateways))
        if GATEWAY_LABEL in pod.labels:
            serving.add(f"{pod.namespace}/{pod.labels[GATEWAY_LABEL]}")
    if not any(map(is_gateway_object, state.project.foreign)):
        return (), ()
    if not _has(state.project, "Gateway"):
        alone = [one for one in routes_alone(state.project, state.control) if _names_outside(one, serving)]
        live = LiveActions()
        for one in alone:
            live.add((one,))  # which listeners they share is not known
        found = tuple(dict.fromkeys(backend for one in alone for backend in _of_route(one, live)))
        note = "No Gateway is in the input: its routes of the Gateway API are taken to be attached to those they name."
        return found, ((note,) if found else ()) + live.notes()
    table, missing = _with_classes(state)
    backends, notes = _of_table(table, serving)
    taken = tuple(f"GatewayClass {name} is not in the input: it is taken to be there." for name in missing)
    return tuple(dict.fromkeys(backends)), (*taken, *notes)


def _has(project: Project, kind: str) -> bool:
    return any(is_gateway_object(oid) and _kind(oid) == kind for oid in project.foreign)


def _kind(oid: str) -> str:
    return oid.partition(":")[0].rpartition("/")[2]


def _with_classes(state: ClusterState) -> tuple[GatewayTable, tuple[str, ...]]:
    """The Gateways with a class for each that names one which is not in the input, and the names of those classes."""
    there = {
        oid.partition(":")[2]
        for oid in state.project.foreign
        if is_gateway_object(oid) and _kind(oid) == "GatewayClass"
    }
    wanted = [str(one.owner.spec["gatewayClassName"]) for one in state.gateways.gateways.values() if not one.managed]
    missing = tuple(sorted({name for name in wanted if name not in there}))
    if not missing:
        return state.gateways, ()
    made = {object_id(CLASS, "", name): name for name in missing}
    kept = {oid: ForeignObject(oid, _class(name)) for oid, name in made.items()}
    project = replace(state.project, foreign=state.project.foreign.patched((), kept))
    return compile_gateways(project, state.control), missing


def _class(name: str) -> dict[str, object]:
    api, _, kind = CLASS.rpartition("/")
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": {"controllerName": SOMEBODY}}


def _of_table(table: GatewayTable, serving: set[str]) -> tuple[list[RouteBackend], tuple[str, ...]]:
    """What the routes at the listeners lead to that carry traffic, of Gateways that nothing in the input serves.

    And a sentence for each rule and route that is attached and that no request reaches.
    """
    attached = [
        responder.attached[listener.key]
        for key, responder in table.responders.items()
        if key not in serving and responder.gateway.carries
        for listener in responder.listeners
    ]
    live = LiveActions()
    for one in attached:
        live.add(one.states.values())
    found: list[RouteBackend] = []
    idle: dict[str, str] = {}
    for one in attached:
        for state in one.states.values():
            if state.route.kind in HTTP_KINDS:
                found += _of_route(state, live)
        for streams in one.streams.values():
            first = streams[0]
            for state in streams:
                # Of those with one host name the oldest gets the connections, and its first rule.
                if state is first or not (first.route.created and state.route.created):
                    found += _of_route(state, None)
                else:
                    idle[state.route.shown] = f"{state.route.shown}: not listed, {first.route.shown} is older."
    told = {backend.source for backend in found}
    return found, (*live.notes(), *(note for name, note in idle.items() if name not in told))


def _names_outside(route: RouteState, serving: set[str]) -> bool:
    """Whether a Gateway that nothing in the input serves is among the parents of a route that holds."""
    return route.refused is None and any(
        f"{parent.get('namespace') or route.route.namespace}/{parent.get('name')}" not in serving
        for parent in route.route.spec.get("parentRefs") or ()
        if parent.get("group", GROUP) == GROUP and parent.get("kind", "Gateway") == "Gateway"
    )


def _of_route(route: RouteState, live: LiveActions | None) -> Iterator[RouteBackend]:
    """The backends of a route that get something: of the rules that are reached, or of the first one of a stream."""
    for action in route.actions[:1] if live is None else live.of(route):
        yield from _led_to(route, action)


def _led_to(route: RouteState, action: Action) -> Iterator[RouteBackend]:
    """The backends whose references hold and that get something, and those that get copies of it (RequestMirror)."""
    if action.filters.failing or action.filters.leads_nowhere:
        return  # every request is answered before a backend is chosen
    copies = action.filters.mirrors
    sent = False
    for one in action.backends:
        if one.trouble is not None or not one.weight or one.filters.failing or one.filters.redirect is not None:
            continue
        sent = True
        if one.port is not None:
            yield _backend(route, one.service, one.port)
        copies += one.filters.mirrors
    for copy in copies if sent else ():
        if copy.percent and copy.port is not None:
            yield _backend(route, copy.backend, copy.port)


def _backend(route: RouteState, service: str, port: int) -> RouteBackend:
    namespace, _, name = service.partition("/")
    protocol = PROTOCOLS.get(route.route.kind, "TCP")
    return RouteBackend(route.route.shown, object_id("Service", namespace, name), port, protocol)
