"""The computed edges of a state: Services to their Pods, Ingress rules to Services, outside to the ways in."""

from __future__ import annotations

from collections.abc import Callable

from designer.engine.controlplane.state import EndpointSliceState, EndpointState, ServiceState
from designer.model import ExternalClient, IngressController
from designer.present.gateway_cards import fronts
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import BALANCER, OUTSIDE, BalancerFacts, ControllerFacts
from designer.ui.canvas.gateway_facts import gateway_facts, gateway_links
from designer.ui.canvas.views.edge import Edge


def selector_edges(describer: Describer, view: str, box_of: Callable[[EndpointState], str]) -> list[Edge]:
    """One edge from each Service to each box that holds some of its endpoints, with those Pods as details.

    Edges of a Service whose slices are the very same as before are the same objects as before.
    """
    control = describer.state.control
    memo = describer.memo.setdefault(("selector", view), {})
    edges: list[Edge] = []
    for service_id, slices in control.slices.items():
        if service_id in control.services:
            known = memo.get(service_id)
            if known is None or known[0] is not slices:
                found = _edges_of(service_id, slices, box_of)
                known = memo[service_id] = (slices, found, tuple(edge.target for edge in found))
            edges += known[1]
    return edges


def selected_boxes(describer: Describer, view: str, service_id: str) -> tuple[str, ...]:
    """The boxes to which the edges of a Service lead that `selector_edges` gave last, in their order."""
    known = describer.memo.get(("selector", view), {}).get(service_id)
    current = known is not None and known[0] is describer.state.control.slices.get(service_id)
    return known[2] if known is not None and current else ()


def _edges_of(
    service_id: str, slices: tuple[EndpointSliceState, ...], box_of: Callable[[EndpointState], str]
) -> list[Edge]:
    boxes: dict[str, dict[str, bool]] = {}
    for endpoint in (endpoint for found in slices for endpoint in found.endpoints):
        box = box_of(endpoint) if endpoint.pod else ""
        if box and endpoint.pod:
            pods = boxes.setdefault(box, {})
            pods[endpoint.pod] = endpoint.ready or pods.get(endpoint.pod, False)
    return [
        Edge("selector", service_id, box, tuple(sorted(pods)), weak=not any(pods.values()))
        for box, pods in sorted(boxes.items())
    ]


def backend_edges(describer: Describer, controllers: tuple[ControllerFacts, ...]) -> list[Edge]:
    """One edge from each rule of a controller's card to its Service."""
    services = describer.state.control.services
    return [
        Edge("backend", facts.oid, row.service, row=place, weak=bool(row.doubt), via=row.ingress)
        for facts in controllers
        for place, row in enumerate(facts.rows)
        if row.service in services
    ]


def gateway_edges(describer: Describer) -> list[Edge]:
    """Edges from listeners to the routes attached to them, and from the rules of routes to their Services.

    The edge is broken where a route names a parent and is not attached to it, or a rule may not lead to its Service.
    """
    services = describer.state.control.services
    edges = [
        Edge("backend", link.parent, link.child, row=link.row, verdict="denied" if link.refused else "")
        for link in gateway_links(describer)
    ]
    for facts in gateway_facts(describer):
        edges += [
            Edge("backend", facts.oid, row.service, row=place, weak=bool(row.doubt), verdict=_broken(row.doubt))
            for place, row in enumerate(facts.rows)
            if row.service in services
        ]
    return edges


def _broken(doubt: str) -> str:
    return "denied" if doubt and doubt != "weight 0" else ""


def entry_edges(describer: Describer, balancers: tuple[BalancerFacts, ...]) -> list[Edge]:
    """Edges from outside to the ways in: load balancers, NodePorts, controllers reached on their Nodes."""
    state = describer.state
    clients = tuple(client.id for client in state.project.of(ExternalClient)) or (OUTSIDE,)
    by_service: dict[str, tuple[str, ...]] = {
        c.spec.service: (c.id,) for c in state.project.of(IngressController) if c.spec.service
    }
    by_service |= fronts(state)
    edges = []
    for facts in balancers:
        edges += [Edge("entry", client, facts.oid, weak=bool(facts.pending)) for client in clients]
        edges += [Edge("entry", facts.oid, target) for target in by_service.get(facts.service, (facts.service,))]
    for service in state.control.services.values():
        if service.type == "NodePort" or service.external_ips:
            behind = by_service.get(service.id, (service.id,))
            edges += [Edge("entry", client, target) for client in clients for target in behind]
    for controller in state.project.of(IngressController):
        if not controller.spec.service:
            edges += [Edge("entry", client, controller.id) for client in clients]
    reached = {oid for ids in by_service.values() for oid in ids}
    for gateway in state.gateways.gateways.values():
        # Its proxies are not known: whoever comes from outside reaches it at its address.
        if gateway.owner.id not in reached:
            edges += [Edge("entry", client, gateway.owner.id, weak=not gateway.carries) for client in clients]
    return edges


def balancer_id(service: ServiceState) -> str:
    """The id of the card of a Service's load balancer."""
    return f"{BALANCER}:{service.namespace}/{service.name}"
