"""Traffic: who calls whom, with the calls that policies stop; workloads from left to right in the order of calls."""

from __future__ import annotations

from designer.engine.calls import Call, callers, calls_of
from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy import Peer
from designer.model import IngressController, split_id
from designer.present.gateway_cards import fronts
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import CallerFacts, Facts
from designer.ui.canvas.gateway_facts import gateway_facts, gateway_links
from designer.ui.canvas.views.edge import Edge, Picture, Slot
from designer.ui.canvas.views.relations import backend_edges, entry_edges


def traffic_picture(describer: Describer) -> Picture:
    """The picture of the calls that manifests and scenarios name, and of the ways in from outside."""
    state = describer.state
    behind = _behind(state)
    first = callers(state)
    edges: dict[tuple[str, str, str], Edge] = {}
    for call in calls_of(state):
        for edge in _call_edges(state, call, behind, first):
            edges.setdefault((edge.source, edge.target, edge.label), edge)
    balancers = tuple(
        facts for facts in (describer.balancer(service) for service in state.control.services.values()) if facts
    )
    controllers = tuple(describer.controller(found) for found in state.project.of(IngressController))
    runs = {found.id: _runners(found, behind, first) for found in state.project.of(IngressController)}
    runs |= _gateway_runners(state, behind, first)
    for edge in entry_edges(describer, balancers):
        for target in runs.get(edge.target) or behind.get(edge.target, (edge.target,)):
            edges.setdefault((edge.source, target, ""), Edge("entry", edge.source, target, weak=edge.weak))
    for edge in backend_edges(describer, controllers):
        for source in runs[edge.source]:
            for target in behind[edge.target]:
                edges.setdefault((source, target, ""), Edge("call", source, target, weak=edge.weak))
    for source, target in _routed(describer, runs):
        for end in behind.get(target, ()):
            edges.setdefault((source, end, ""), Edge("call", source, end))
    touched = {end for edge in edges.values() for end in (edge.source, edge.target)}
    things: list[tuple[Facts, Slot]] = [(f, Slot("outside")) for f in describer.outside() if f.oid in touched]
    things += [(facts, Slot("balancer")) for facts in balancers]
    things += [
        (describer.service(state.control.services[oid]), Slot("layer"))
        for oid in sorted(touched & {*state.control.services})
    ]
    things += [(_caller(describer, oid, pod), Slot("layer", first=oid in touched)) for oid, pod in first.items()]
    things += [(facts, Slot("note")) for facts in describer.notes()]
    known = {facts.oid for facts, _slot in things}
    shown = tuple(edge for edge in edges.values() if edge.source in known and edge.target in known)
    return Picture("traffic", tuple(things), shown)


def _runners(
    controller: IngressController, behind: dict[str, tuple[str, ...]], first: dict[str, PodState]
) -> tuple[str, ...]:
    """The workloads that run an Ingress controller: the one it names, else those behind its Service."""
    if controller.spec.workload in first:
        return (controller.spec.workload,)
    return tuple(oid for oid in behind.get(controller.spec.service or "", ()) if oid in first)


def _gateway_runners(
    state: ClusterState, behind: dict[str, tuple[str, ...]], first: dict[str, PodState]
) -> dict[str, tuple[str, ...]]:
    """The workloads that run the proxies of each Gateway, as far as a Service leads to them."""
    found: dict[str, list[str]] = {}
    for service, gateways in fronts(state).items():
        for gateway in gateways:
            found.setdefault(gateway, []).extend(oid for oid in behind.get(service, ()) if oid in first)
    return {gateway: tuple(dict.fromkeys(those)) for gateway, those in found.items()}


def _routed(describer: Describer, runs: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Who runs a Gateway, with each Service that the routes attached to it lead to."""
    services = {
        facts.oid: [row.service for row in facts.rows if row.service and not row.doubt]
        for facts in gateway_facts(describer)
    }
    return [
        (source, service)
        for link in gateway_links(describer)
        if not link.refused
        for source in runs.get(link.parent, ())
        for service in services.get(link.child, ())
    ]


def _caller(describer: Describer, oid: str, pod: PodState) -> CallerFacts:
    kind, namespace, name = split_id(oid)
    pods = describer.pods_by_owner[oid]
    line = f"{kind} · {pods} Pod{'' if pods == 1 else 's'}"
    return CallerFacts(
        oid, kind, name, line, namespace or "", describer.tints.get(pod.namespace, 0), describer.badge(oid)
    )


def _behind(state: ClusterState) -> dict[str, tuple[str, ...]]:
    """The workloads behind each Service; itself where no Pod answers for it."""
    found: dict[str, tuple[str, ...]] = {}
    for service_id in state.control.services:
        slices = state.control.slices.get(service_id, ())
        pods = (state.control.pods.get(e.pod or "") for found_in in slices for e in found_in.endpoints)
        owners = dict.fromkeys((pod.owner or pod.id) for pod in pods if pod is not None)
        found[service_id] = tuple(owners) or (service_id,)
    return found


def _call_edges(
    state: ClusterState, call: Call, behind: dict[str, tuple[str, ...]], first: dict[str, PodState]
) -> list[Edge]:
    edges = []
    for target in behind[call.service]:
        if target == call.source:
            continue
        pod, subject = first.get(target), first.get(call.source)
        verdict = _policy_verdict(state, subject, pod, call) if pod else ""
        label = str(call.port) if call.port else ""
        edges.append(Edge("call", call.source, target, label=label, weak=pod is None, verdict=verdict))
    return edges


def _policy_verdict(state: ClusterState, source: PodState | None, target: PodState, call: Call) -> str:
    """ "denied" or "cannot-tell" where the policies of either side say so for the Pod's own port, else ""."""
    port = _target_port(state, call)
    if source is None or port is None or not target.ips:
        return ""
    answers = (
        state.policies.check("egress", source, Peer.of_pod(target, target.ips[0]), "TCP", port),
        state.policies.check("ingress", target, Peer.of_pod(source), "TCP", port),
    )
    values = [answer.value for answer in answers]
    return next((value for value in ("denied", "cannot-tell") if value in values), "")


def _target_port(state: ClusterState, call: Call) -> int | None:
    """The Pod's port that a call to its Service ends at, as the EndpointSlices say; None where they do not."""
    service = state.control.services[call.service]
    port = next((p for p in service.ports if call.port in (None, p.port) and p.protocol == "TCP"), None)
    if port is None:
        return None
    for found in state.control.slices.get(call.service, ()):
        for entry in found.ports:
            if entry.name == port.name:
                return entry.port
    return None
