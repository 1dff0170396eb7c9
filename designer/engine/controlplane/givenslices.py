"""EndpointSlices that the project has as objects: written by hand, or the controller's from a dump.

The controller's slices are kept as observed as long as nothing that they rest on was changed since: once a Pod that the
Service selects was added, recreated or removed, the controller would have written them anew, so the derived ones hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from designer.engine.controlplane.addresses import canonical, parse_address
from designer.engine.controlplane.endpointslices import CONTROLLER, MANAGED_BY_LABEL, SERVICE_LABEL
from designer.engine.controlplane.state import (
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    Origin,
    PodState,
    ServiceState,
)
from designer.model import EndpointSlice, Problem, object_id
from designer.model.networking import Endpoint

Slices = tuple[EndpointSliceState, ...]


def given_slice(obj: EndpointSlice) -> EndpointSliceState | None:
    """The slice that an object is; None when it names no Service."""
    service = obj.labels.get(SERVICE_LABEL)
    if not service:
        return None
    origin: Origin = "observed" if obj.labels.get(MANAGED_BY_LABEL) == CONTROLLER else "manual"
    return EndpointSliceState(
        namespace=obj.namespace,
        name=obj.name,
        service=service,
        address_type=obj.addressType,
        ports=tuple(EndpointPortState(p.name or "", p.protocol or "TCP", p.port, p.appProtocol) for p in obj.ports),
        endpoints=tuple(_endpoint(obj, e) for e in obj.endpoints),
        origin=origin,
        labels=obj.labels,
    )


def _endpoint(obj: EndpointSlice, endpoint: Endpoint) -> EndpointState:
    """The endpoint with what is an address of it: the API server refuses an object that has anything else there."""
    fqdn = obj.addressType == "FQDN"
    conditions, hints, target = endpoint.conditions, endpoint.hints, endpoint.targetRef
    pod = None
    if target is not None and target.kind == "Pod" and target.name:
        pod = object_id("Pod", target.namespace or obj.namespace, target.name)
    return EndpointState(
        addresses=tuple(canonical(a) for a in endpoint.addresses if fqdn or parse_address(a) is not None),
        ready=conditions.ready is not False,
        serving=conditions.serving is not False,
        terminating=conditions.terminating is True,
        node=endpoint.nodeName,
        zone=endpoint.zone,
        hostname=endpoint.hostname,
        pod=pod,
        for_zones=tuple(z.name for z in hints.forZones) if hints else (),
        for_nodes=tuple(z.name for z in hints.forNodes) if hints else (),
    )


def content(slices: Slices) -> Counter[Any]:
    """What slices say, without names, hints and how endpoints are dealt out to slices of equal ports."""
    return Counter(
        (s.address_type, frozenset(s.ports), e.addresses, e.ready, e.serving, e.terminating, e.node, e.hostname)
        for s in slices
        for e in s.endpoints
    )


def choose(
    service: ServiceState,
    derived: Slices,
    observed: Slices,
    selected: tuple[PodState, ...],
    pods: Mapping[str, PodState],
    makes_pods: bool,
) -> tuple[Slices, tuple[Problem, ...]]:
    """The slices in force, and a problem where observed ones differ from what the Pods imply.

    `makes_pods` says that a workload of the project has Pods for the Service (its count may be 0 now).
    """
    if not observed or content(observed) == content(derived):
        return observed or derived, ()
    if not selected:
        return (derived, (_renewed(service),)) if makes_pods else (observed, (_unchecked(service),))
    untouched = all(pod.observed for pod in selected) and all(
        endpoint.pod is None or (endpoint.pod in pods and set(endpoint.addresses) <= set(pods[endpoint.pod].ips))
        for found in observed
        for endpoint in found.endpoints
    )
    return (observed, (_differs(service, selected),)) if untouched else (derived, (_renewed(service),))


def _problem(service: ServiceState, severity: Any, title: str, why: str, fix: str) -> Problem:
    return Problem("EPS-01", severity, f"Service {service.namespace}/{service.name}: {title}", service.id, "", why, fix)


def _differs(service: ServiceState, selected: tuple[PodState, ...]) -> Problem:
    return _problem(
        service,
        "warning",
        f"its EndpointSlices differ from what its {len(selected)} Pods imply",
        "The slices of the input are kept: the controller may have been behind, or the input is of two moments.",
        "Take a new dump of Pods and EndpointSlices at once, or remove the EndpointSlices from the project.",
    )


def _renewed(service: ServiceState) -> Problem:
    return _problem(
        service,
        "info",
        "its EndpointSlices of the input no longer hold",
        "Pods that it selects were changed here; the controller would write its slices anew, so derived ones are used.",
        "Nothing to do; remove the EndpointSlices of the input to lose this note.",
    )


def _unchecked(service: ServiceState) -> Problem:
    return _problem(
        service,
        "info",
        "its EndpointSlices cannot be checked: no Pod of the project has its selector's labels",
        "The slices of the input are kept as they are.",
        "Add the Pods to the input.",
    )
