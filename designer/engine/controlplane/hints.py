"""Topology hints of endpoints, as `trafficDistribution` asks for them.

domain/services.md, "Hints": every ready endpoint names its own zone, with PreferSameNode its own Node too. The
annotation `topology-mode: Auto` beats the field; its proportional hints are not computed here, only kept when observed.
"""

from __future__ import annotations

from dataclasses import replace

from designer.engine.controlplane.state import EndpointSliceState, EndpointState, ServiceState

SAME_ZONE = frozenset({"PreferClose", "PreferSameZone", "PreferSameNode"})
TOPOLOGY_ANNOTATIONS = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")


def is_auto(service: ServiceState) -> bool:
    """Whether a topology annotation asks for hints in proportion to the CPUs of the zones."""
    mode = next((found for name in TOPOLOGY_ANNOTATIONS if (found := service.annotations.get(name))), "")
    return mode in {"Auto", "auto"}


def hinted(service: ServiceState, slices: tuple[EndpointSliceState, ...]) -> tuple[EndpointSliceState, ...]:
    """`slices` with the hints that the field of the Service asks for; the very same slices where there are none."""
    if service.traffic_distribution not in SAME_ZONE or is_auto(service):
        return slices
    with_node = service.traffic_distribution == "PreferSameNode"
    return tuple(replace(s, endpoints=tuple(_hint(e, with_node) for e in s.endpoints)) for s in slices)


def _hint(endpoint: EndpointState, with_node: bool) -> EndpointState:
    if not endpoint.ready:
        return endpoint
    return replace(
        endpoint,
        for_zones=(endpoint.zone,) if endpoint.zone else (),
        for_nodes=(endpoint.node,) if with_node and endpoint.node else (),
    )
