"""The computed edges of a state: Services to their Pods, Ingress rules to Services, outside to the ways in."""

from __future__ import annotations

from collections.abc import Callable

from designer.engine.controlplane.state import ServiceState
from designer.model import ExternalClient, IngressController
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import BALANCER, OUTSIDE, BalancerFacts, ControllerFacts
from designer.ui.canvas.views.edge import Edge


def selector_edges(describer: Describer, box_of: Callable[[str], str]) -> list[Edge]:
    """One edge from each Service to each box that holds some of its endpoints, with those Pods as details."""
    control = describer.state.control
    edges = []
    for service_id, slices in control.slices.items():
        if service_id not in control.services:
            continue
        boxes: dict[str, dict[str, bool]] = {}
        for endpoint in (endpoint for found in slices for endpoint in found.endpoints):
            box = box_of(endpoint.pod) if endpoint.pod else ""
            if box and endpoint.pod:
                ready = endpoint.ready or boxes.get(box, {}).get(endpoint.pod, False)
                boxes.setdefault(box, {})[endpoint.pod] = ready
        for box, pods in sorted(boxes.items()):
            edges.append(Edge("selector", service_id, box, tuple(sorted(pods)), weak=not any(pods.values())))
    return edges


def backend_edges(describer: Describer, controllers: tuple[ControllerFacts, ...]) -> list[Edge]:
    """One edge from each rule of a controller's card to its Service."""
    services = describer.state.control.services
    return [
        Edge("backend", facts.oid, row.service, row=place, weak=bool(row.doubt))
        for facts in controllers
        for place, row in enumerate(facts.rows)
        if row.service in services
    ]


def entry_edges(describer: Describer, balancers: tuple[BalancerFacts, ...]) -> list[Edge]:
    """Edges from outside to the ways in: load balancers, NodePorts, controllers reached on their Nodes."""
    state = describer.state
    clients = tuple(client.id for client in state.project.of(ExternalClient)) or (OUTSIDE,)
    by_service = {c.spec.service: c for c in state.project.of(IngressController) if c.spec.service}
    edges = []
    for facts in balancers:
        controller = by_service.get(facts.service)
        edges += [Edge("entry", client, facts.oid, weak=bool(facts.pending)) for client in clients]
        edges.append(Edge("entry", facts.oid, controller.id if controller else facts.service))
    for service in state.control.services.values():
        if service.type == "NodePort" or service.external_ips:
            controller = by_service.get(service.id)
            edges += [Edge("entry", client, controller.id if controller else service.id) for client in clients]
    for controller in state.project.of(IngressController):
        if not controller.spec.service:
            edges += [Edge("entry", client, controller.id) for client in clients]
    return edges


def balancer_id(service: ServiceState) -> str:
    """The id of the card of a Service's load balancer."""
    return f"{BALANCER}:{service.namespace}/{service.name}"
