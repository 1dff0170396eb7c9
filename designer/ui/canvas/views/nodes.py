"""By Node: outside, load balancers, Ingress controllers, Services and Nodes from left to right, policies on a shelf."""

from __future__ import annotations

from designer.edits.collapse import zone_id
from designer.engine.controlplane.state import EndpointState
from designer.model import IngressController, NetworkPolicy
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import TRAY, BalancerFacts, ControllerFacts, Facts, FrameFacts
from designer.ui.canvas.gateway_facts import aside_facts, gateway_facts
from designer.ui.canvas.views.edge import Edge, Picture, Slot
from designer.ui.canvas.views.gateways import gateway_things
from designer.ui.canvas.views.relations import (
    backend_edges,
    entry_edges,
    gateway_edges,
    selected_boxes,
    selector_edges,
)

CLUSTER = "cluster"


def nodes_picture(describer: Describer) -> Picture:
    """The picture by Node."""
    state = describer.state
    controllers = tuple(describer.controller(found) for found in state.project.of(IngressController))
    balancers = _balancers(describer)
    edges = [
        *entry_edges(describer, balancers),
        *backend_edges(describer, controllers),
        *gateway_edges(describer),
    ]
    selectors = selector_edges(describer, "nodes", _node_of)
    things: list[tuple[Facts, Slot]] = []
    things += [(facts, Slot("outside")) for facts in describer.outside()]
    things += [(facts, Slot("balancer")) for facts in balancers]
    inside = _inside(describer, controllers, edges)
    things += inside
    things += [(facts, Slot("note")) for facts in describer.notes()]
    zones = _zones(inside)
    things += [
        (FrameFacts(oid, oid.partition(":")[2], those, zone=True), Slot("frame")) for oid, those in zones.items()
    ]
    if state.project.objects:
        members = (*(facts.oid for facts, _ in inside), *zones)
        things.append((FrameFacts(CLUSTER, describer.cluster_line(), members), Slot("frame")))
    groups = {**zones, **{node.id: () for node in state.control.nodes.values()}}
    return Picture("nodes", tuple(things), (*edges, *selectors), groups)


def _zones(inside: list[tuple[Facts, Slot]]) -> dict[str, tuple[str, ...]]:
    """The ids of the Nodes of each zone, by the zone's id."""
    found: dict[str, list[str]] = {}
    for facts, slot in inside:
        if slot.zone:
            found.setdefault(slot.zone, []).append(facts.oid)
    return {zone: tuple(found[zone]) for zone in sorted(found)}


def _inside(
    describer: Describer, controllers: tuple[ControllerFacts, ...], edges: list[Edge]
) -> list[tuple[Facts, Slot]]:
    """What stands inside the cluster's frame; `edges` are those that do not lead from Services to their Pods."""
    state = describer.state
    entered: dict[str, int] = {}
    for place, edge in enumerate(edges):
        entered.setdefault(edge.target, place)
    things: list[tuple[Facts, Slot]] = [(facts, Slot("ingress", CLUSTER)) for facts in controllers]
    things += gateway_things(gateway_facts(describer), lambda _namespace: CLUSTER, edges)
    for unserved in state.routes.unserved:
        found = describer.unserved(unserved.ingress, unserved.reason)
        if found is not None:
            things.append((found, Slot("ingress", CLUSTER)))
    for service in state.control.services.values():
        leads, order = selected_boxes(describer, "nodes", service.id), entered.get(service.id, 0)
        slot = Slot("service", CLUSTER, leads, service.id in entered, order=order)
        things.append((describer.service(service), slot))
    for node in state.control.nodes.values():
        things.append((describer.node(node), Slot("node", CLUSTER, zone=zone_id(node.zone) if node.zone else "")))
    tray = describer.tray()
    if tray is not None:
        things.append((tray, Slot("node", CLUSTER)))
    things += [(describer.policy(policy), Slot("policy", CLUSTER)) for policy in state.project.of(NetworkPolicy)]
    things += [(facts, Slot("policy", CLUSTER)) for facts in describer.kept_policies]
    things += [(facts, Slot("policy", CLUSTER)) for facts in aside_facts(describer)]
    return things


def _balancers(describer: Describer) -> tuple[BalancerFacts, ...]:
    found = (describer.balancer(service) for service in describer.state.control.services.values())
    return tuple(facts for facts in found if facts is not None)


def _node_of(endpoint: EndpointState) -> str:
    return f"Node:{endpoint.node}" if endpoint.node else TRAY
