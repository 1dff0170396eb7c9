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
from designer.engine.l7.gateway.objects import HTTP_KINDS, is_gateway_object
from designer.engine.l7.gateway.routes import Action, RouteState
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
    serving = {f"{pod.namespace}/{pod.labels[GATEWAY_LABEL]}" for pod in pods if GATEWAY_LABEL in pod.labels}
    if not any(map(is_gateway_object, state.project.foreign)):
        return (), ()
    if not _has(state.project, "Gateway"):
        alone = [one for one in routes_alone(state.project, state.control) if _names_outside(one, serving)]
        found = tuple(dict.fromkeys(backend for one in alone for backend in _led_to(one, one.actions)))
        note = "No Gateway is in the input: its routes of the Gateway API are taken to be attached to those they name."
        return found, (note,) if found else ()
    table, missing = _with_classes(state)
    found = tuple(dict.fromkeys(_of_table(table, serving)))
    return found, tuple(f"GatewayClass {name} is not in the input: it is taken to be there." for name in missing)


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


def _of_table(table: GatewayTable, serving: set[str]) -> Iterator[RouteBackend]:
    """What the routes at the listeners lead to that carry traffic, of Gateways that nothing in the input serves."""
    for key, responder in table.responders.items():
        if key in serving or not responder.gateway.carries:
            continue
        for listener in responder.listeners:
            attached = responder.attached[listener.key]
            for one in attached.states.values():
                if one.route.kind in HTTP_KINDS:
                    yield from _led_to(one, one.actions)
            for streams in attached.streams.values():
                # Of those with one host name the oldest gets the connections, and its first rule.
                yield from _led_to(streams[0], streams[0].actions[:1])


def _names_outside(route: RouteState, serving: set[str]) -> bool:
    """Whether a Gateway that nothing in the input serves is among the parents of a route that holds."""
    return route.refused is None and any(
        f"{parent.get('namespace') or route.route.namespace}/{parent.get('name')}" not in serving
        for parent in route.route.spec.get("parentRefs") or ()
        if parent.get("group", GROUP) == GROUP and parent.get("kind", "Gateway") == "Gateway"
    )


def _led_to(route: RouteState, actions: Iterable[Action]) -> Iterator[RouteBackend]:
    """The backends whose references hold and that get something."""
    for action in actions:
        for one in action.backends:
            if one.trouble is None and one.weight and one.port is not None:
                namespace, _, name = one.service.partition("/")
                protocol = PROTOCOLS.get(route.route.kind, "TCP")
                yield RouteBackend(route.route.shown, object_id("Service", namespace, name), one.port, protocol)
