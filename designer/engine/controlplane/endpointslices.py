"""EndpointSlices as the controller derives them from Services and Pods.

domain/services.md, "From selector to EndpointSlice": one group of slices for each distinct set of resolved ports, at
most 100 endpoints a slice, one placeholder where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping

from designer.engine.controlplane.addresses import parse_address
from designer.engine.controlplane.draws import hashed, safe_text
from designer.engine.controlplane.hints import hinted
from designer.engine.controlplane.podallocation import FINISHED
from designer.engine.controlplane.state import (
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    Family,
    NodeState,
    PodState,
    ServicePortState,
    ServiceState,
)
from designer.model import FrozenMap, PodSpec

MAX_ENDPOINTS = 100
# What the API server keeps of a name before it adds five letters (apiserver/pkg/storage/names).
MAX_BASE = 58
SERVICE_LABEL = "kubernetes.io/service-name"
MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by"
CONTROLLER = "endpointslice-controller.k8s.io"
HEADLESS_LABEL = "service.kubernetes.io/headless"
FAMILIES: dict[str, Family] = {"IPv4": 4, "IPv6": 6}

Ports = tuple[EndpointPortState, ...]


def has_slices(service: ServiceState) -> bool:
    """Whether the controller makes slices for a Service: a selector that is not empty, and no ExternalName."""
    return bool(service.selector) and service.type != "ExternalName"


def derive_slices(
    service: ServiceState, pods: tuple[PodState, ...], nodes: Mapping[str, NodeState], seed: int
) -> tuple[EndpointSliceState, ...]:
    """The slices of `service` for the Pods that its selector selects, in their order; () without selector."""
    if not has_slices(service):
        return ()
    found: list[EndpointSliceState] = []
    for name in service.ip_families:
        groups: dict[Ports, list[EndpointState]] = {}
        by_containers: dict[tuple[int, int], Ports] = {}
        for pod in pods:
            endpoint = pod_endpoint(service, pod, FAMILIES[name], nodes)
            if endpoint is not None:
                key = (id(pod.spec.containers), id(pod.spec.initContainers))
                ports = by_containers.get(key)
                if ports is None:
                    ports = by_containers[key] = resolve_ports(service.ports, pod.spec)
                groups.setdefault(ports, []).append(endpoint)
        for ports, endpoints in groups.items() or ((_NO_PORTS, []),):
            for start in range(0, max(len(endpoints), 1), MAX_ENDPOINTS):
                part = tuple(endpoints[start : start + MAX_ENDPOINTS])
                found.append(_slice(service, name, ports, part, seed, len(found)))
    return hinted(service, tuple(found), nodes)


_NO_PORTS: Ports = ()


def _slice(
    service: ServiceState, family: str, ports: Ports, endpoints: tuple[EndpointState, ...], seed: int, index: int
) -> EndpointSliceState:
    # The Service's own labels, but the three that the controller keeps for itself.
    labels = {**service.labels, SERVICE_LABEL: service.name, MANAGED_BY_LABEL: CONTROLLER}
    labels.pop(HEADLESS_LABEL, None)
    if service.headless:
        labels[HEADLESS_LABEL] = ""
    suffix = safe_text(hashed(seed, "slice", service.id, index), 5)
    return EndpointSliceState(
        namespace=service.namespace,
        name=f"{service.name}-"[:MAX_BASE] + suffix,
        service=service.name,
        address_type=family,
        ports=ports,
        endpoints=endpoints,
        labels=FrozenMap(labels),
    )


def pod_endpoint(
    service: ServiceState, pod: PodState, family: Family, nodes: Mapping[str, NodeState]
) -> EndpointState | None:
    """The endpoint that a Pod is for a Service; None where it has no address of the family or must be left out."""
    ip = pod.ip(family)
    if ip is None or pod.phase in FINISHED or parse_address(ip) is None:
        return None
    node = nodes.get(pod.node) if pod.node else None
    # The controller leaves out Pods whose Node is gone. A Pod that an input shows running is on a Node that the input
    # merely lacks.
    if node is None and not service.publish_not_ready and not (pod.observed and pod.node):
        return None
    with_name = pod.spec.hostname and pod.spec.subdomain == service.name
    return EndpointState(
        addresses=(ip,),
        ready=service.publish_not_ready or (pod.ready and not pod.terminating),
        serving=pod.ready,
        terminating=pod.terminating,
        node=pod.node,
        zone=node.zone if node else None,
        hostname=pod.spec.hostname if with_name else None,
        pod=pod.id,
    )


def resolve_ports(ports: tuple[ServicePortState, ...], spec: PodSpec) -> Ports:
    """The ports of the slice that a Pod belongs to; a named port that the Pod does not have is left out."""
    found = []
    for port in ports:
        number = resolve_target(port, spec)
        if number is not None:
            found.append(EndpointPortState(port.name, port.protocol, number, port.app_protocol))
    return tuple(found)


def resolve_target(port: ServicePortState, spec: PodSpec) -> int | None:
    """The number behind a target port in one Pod (containers first, then sidecars); None if absent."""
    if isinstance(port.target_port, int):
        return port.target_port
    sidecars = tuple(c for c in spec.initContainers if c.restartPolicy == "Always")
    for container in (*spec.containers, *sidecars):
        for declared in container.ports:
            if declared.name == port.target_port and declared.protocol == port.protocol:
                return declared.containerPort
    return None
