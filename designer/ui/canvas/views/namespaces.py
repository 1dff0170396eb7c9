"""By Namespace: a frame for each, with its Services, workloads and policies; outside and load balancers to the left."""

from __future__ import annotations

from designer.engine.controlplane.state import PodState
from designer.model import WORKLOAD_KINDS, IngressController, KubeObject, NetworkPolicy, Project, split_id
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import ControllerFacts, Facts, FrameFacts, PodBoxFacts
from designer.ui.canvas.gateway_facts import aside_facts, gateway_facts
from designer.ui.canvas.views.edge import Edge, Picture, Slot
from designer.ui.canvas.views.gateways import gateway_things
from designer.ui.canvas.views.relations import backend_edges, entry_edges, gateway_edges, selector_edges

SYSTEM = ("Namespace:kube-node-lease", "Namespace:kube-public", "Namespace:kube-system")


def namespaces_picture(describer: Describer) -> Picture:
    """The picture by Namespace."""
    state = describer.state
    project = state.project
    controllers = tuple(describer.controller(found) for found in project.of(IngressController))
    balancers = tuple(
        facts for facts in (describer.balancer(service) for service in state.control.services.values()) if facts
    )
    edges = [
        *entry_edges(describer, balancers),
        *backend_edges(describer, controllers),
        *gateway_edges(describer),
        *selector_edges(describer, "namespaces", lambda end: box_of(state.control.pods.get(end.pod or ""))),
    ]
    things: list[tuple[Facts, Slot]] = [(facts, Slot("outside")) for facts in describer.outside()]
    things += [(facts, Slot("balancer")) for facts in balancers]
    inside = [
        *_cards(describer, controllers, edges),
        *((facts, Slot("workload", frame_of(facts.namespace))) for facts in workloads(describer)),
    ]
    entered = {slot.frame for _facts, slot in inside if slot.first or slot.column == "ingress"}
    # Ways in stand nearest to the outside, what the system itself runs furthest from it.
    inside.sort(key=lambda thing: (thing[1].frame not in entered, thing[1].frame in SYSTEM, thing[1].frame))
    things += inside
    things += [(facts, Slot("note")) for facts in describer.notes()]
    members: dict[str, list[str]] = {}
    for facts, slot in inside:
        members.setdefault(slot.frame, []).append(facts.oid)
    names = project.namespaces() if project.objects else ()
    for name in names:
        oid = frame_of(name)
        # A namespace that nothing lives in and that has no manifest is not worth a frame.
        if oid in members or project.get(oid) is not None:
            frame = FrameFacts(
                oid, name, tuple(members.get(oid, ())), describer.tints.get(name, 0), describer.badge(oid)
            )
            things.append((frame, Slot("frame")))
    groups = {oid: tuple(those) for oid, those in members.items()}
    return Picture("namespaces", tuple(things), tuple(edges), groups)


def _cards(
    describer: Describer, controllers: tuple[ControllerFacts, ...], edges: list[Edge]
) -> list[tuple[Facts, Slot]]:
    state = describer.state
    entered = {edge.target for edge in edges if edge.kind != "selector"}
    leads: dict[str, list[str]] = {}
    for edge in edges:
        if edge.kind == "selector":
            leads.setdefault(edge.source, []).append(edge.target)
    things: list[tuple[Facts, Slot]] = []
    for card in controllers:
        things.append((card, Slot("ingress", frame_of(split_id(card.oid)[1]))))
    things += gateway_things(gateway_facts(describer), frame_of, edges)
    for unserved in state.routes.unserved:
        found = describer.unserved(unserved.ingress, unserved.reason)
        if found is not None:
            things.append((found, Slot("ingress", frame_of(split_id(unserved.ingress)[1]))))
    for service in state.control.services.values():
        slot = Slot("service", frame_of(service.namespace), tuple(leads.get(service.id, ())), service.id in entered)
        things.append((describer.service(service), slot))
    for policy in state.project.of(NetworkPolicy):
        things.append((describer.policy(policy), Slot("policy", frame_of(policy.namespace))))
    for kept in describer.kept_policies:
        things.append((kept, _beside(kept.namespace)))
    for aside in aside_facts(describer):
        things.append((aside, _beside(aside.namespace)))
    return things


def _beside(namespace: str) -> Slot:
    return Slot("policy", frame_of(namespace)) if namespace else Slot("outside")


def frame_of(namespace: str) -> str:
    """The id of a namespace's frame: that of the Namespace."""
    return f"Namespace:{namespace}"


def box_of(pod: PodState | None) -> str:
    """The box that a Pod is drawn in when Pods are grouped by what made them."""
    return "" if pod is None else pod.owner or f"{pod.id}"


def workloads(describer: Describer) -> list[PodBoxFacts]:
    """A box for each workload and each Pod that stands for itself, with their Pods; by id."""
    found: dict[str, list[PodState]] = {}
    project = describer.state.project
    for obj in _workload_objects(project):
        found[obj.id] = []
    for pod in describer.state.control.pods.values():
        found.setdefault(box_of(pod), []).append(pod)
    return [describer.workload(oid, tuple(pods)) for oid, pods in sorted(found.items())]


def _workload_objects(project: Project) -> list[KubeObject]:
    return [obj for kind in WORKLOAD_KINDS for obj in project.of(kind)]
