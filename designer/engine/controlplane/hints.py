"""Topology hints of endpoints, as `trafficDistribution` or the annotation `topology-mode: Auto` asks for them.

domain/services.md, "Hints": every ready endpoint names its own zone, with PreferSameNode its own Node too. The
annotation beats the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.edits.servicerules import TOPOLOGY_ANNOTATIONS
from designer.engine.controlplane.state import EndpointState, NodeState, ServiceState
from designer.engine.controlplane.zonehints import Hinted, Slices, auto_hints, cpu_shares
from designer.model import Problem

SAME_ZONE = frozenset({"PreferClose", "PreferSameZone", "PreferSameNode"})


def is_auto(service: ServiceState) -> bool:
    """Whether a topology annotation asks for hints in proportion to the CPUs of the zones."""
    mode = next((service.annotations[name] for name in TOPOLOGY_ANNOTATIONS if name in service.annotations), "")
    return mode in {"Auto", "auto"}


def hinted(service: ServiceState, slices: Slices, nodes: Mapping[str, NodeState]) -> Slices:
    """`slices` with the hints that the Service asks for; the very same slices where there are none."""
    if is_auto(service):
        return tuple(piece for family in by_auto(slices, nodes) for piece in family.slices)
    if service.traffic_distribution not in SAME_ZONE:
        return slices
    with_node = service.traffic_distribution == "PreferSameNode"
    return tuple(replace(s, endpoints=tuple(_hint(e, with_node) for e in s.endpoints)) for s in slices)


def by_auto(slices: Slices, nodes: Mapping[str, NodeState]) -> tuple[Hinted, ...]:
    """What topology-mode Auto makes of `slices`, family by family in their order."""
    shares = cpu_shares(nodes)
    families = dict.fromkeys(piece.address_type for piece in slices)
    return tuple(auto_hints(tuple(s for s in slices if s.address_type == name), shares) for name in families)


def auto_problem(service: ServiceState, slices: Slices, nodes: Mapping[str, NodeState]) -> tuple[Problem, ...]:
    """What is to say about topology-mode Auto of a Service with these slices (pitfall SVC-16)."""
    found = by_auto(slices, nodes)
    refusal = next((family.refusal for family in found if family.refusal), "")
    lent = sum(family.lent for family in found)
    if refusal:
        title, why = f"topology-mode Auto gives no hints: {refusal}", "Without hints every endpoint is used."
        fix = "Give every Node a zone label and status.allocatable.cpu and every zone enough endpoints, or use "
        fix += "trafficDistribution: PreferSameZone."
    elif lent:
        title = f"topology-mode Auto lends {lent} endpoint{'s' if lent > 1 else ''} to other zones"
        why = "Auto deals endpoints out by the CPUs of the zones. Which ones are lent is its choice: here the "
        why += "first of their zone."
        fix = "Open a dump with EndpointSlices to see the choice that a controller made: its hints are kept."
    else:
        return ()
    text = f"Service {service.namespace}/{service.name}: {title}"
    return (Problem("SVC-16", "info", text, service.id, "metadata.annotations", why, fix),)


def _hint(endpoint: EndpointState, with_node: bool) -> EndpointState:
    if not endpoint.ready:
        return endpoint
    return replace(
        endpoint,
        for_zones=(endpoint.zone,) if endpoint.zone else (),
        for_nodes=(endpoint.node,) if with_node and endpoint.node else (),
    )
