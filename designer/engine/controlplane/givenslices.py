"""EndpointSlices that the project has as objects: written by hand, or the controller's from a dump.

The controller's slices are kept as observed as long as what they rest on is as it was when they were seen: once the
Pods imply something else than then, the controller would have written its slices anew, so the derived ones hold.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from ipaddress import ip_address
from typing import Any

from designer.engine.controlplane.addresses import canonical, parse_address
from designer.engine.controlplane.endpointslices import CONTROLLER, MANAGED_BY_LABEL, SERVICE_LABEL, has_slices
from designer.engine.controlplane.state import (
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    Origin,
    PodState,
    ServiceState,
)
from designer.model import EndpointSlice, FrozenMap, Problem, Project, object_id
from designer.model.networking import Endpoint

Slices = tuple[EndpointSliceState, ...]
SPECIAL = ("127.", "169.254.", "0", ":", "fe8", "fe9", "fea", "feb")


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


def given_slices(project: Project) -> FrozenMap[str, Slices]:
    """The slices that the project has as objects, by Service id."""
    found: dict[str, list[EndpointSliceState]] = {}
    for obj in project.of(EndpointSlice):
        state = None if special_address(obj) else given_slice(obj)
        if state is not None:
            found.setdefault(state.service_id, []).append(state)
    return FrozenMap({oid: tuple(found[oid]) for oid in sorted(found)})


def special_address(obj: EndpointSlice) -> str:
    """The first address for which the API server refuses the slice, "" where there is none.

    Loopback, link-local and unspecified addresses are no endpoints (pkg/apis/core/validation, `ValidateEndpointIP`).
    """
    for text in (text for endpoint in obj.endpoints for text in endpoint.addresses if obj.addressType != "FQDN"):
        # Most addresses are told by their beginning: slices of large clusters have tens of thousands.
        if text.lower().startswith(SPECIAL) and parse_address(text) is not None:
            value = ip_address(canonical(text))
            if value.is_loopback or value.is_link_local or value.is_unspecified:
                return text
    return ""


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


def digest(derived: Slices) -> str:
    """A short text that differs when the slices that Pods imply differ in anything but their names."""
    lines = sorted(
        repr((s.address_type, sorted(map(repr, s.ports)), e)) for s in derived for e in s.endpoints or (None,)
    )
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def choose(
    service: ServiceState, derived: Slices, observed: Slices, selected: tuple[PodState, ...], implied: str
) -> tuple[Slices, tuple[Problem, ...]]:
    """The slices in force, and a problem where observed ones differ from what the Pods imply.

    `implied` is the `digest` of what the Pods implied when the slices were seen (`Ledger.implied`). The controller
    passes over a Service without selector, and over the slices that it made while there was one (upstream:
    pkg/controller/endpointslice/endpointslice_controller.go, syncService).
    """
    if not observed or content(observed) == content(derived):
        return observed or derived, ()
    if not has_slices(service):
        return observed, (_orphaned(service),)
    if implied and implied != digest(derived):
        return derived, (_renewed(service),)
    return observed, (_differs(service, selected) if selected else _unchecked(service),)


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
        "What they rest on was changed here; the controller would write its slices anew, so derived ones are used.",
        "Nothing to do; remove the EndpointSlices of the input to lose this note.",
    )


def _orphaned(service: ServiceState) -> Problem:
    return _problem(
        service,
        "warning",
        "EndpointSlices that the controller made for it are left over",
        "The controller passes over a Service without selector or of type ExternalName, and leaves what it once wrote.",
        "Remove these EndpointSlices, or give the Service its selector back.",
    )


def _unchecked(service: ServiceState) -> Problem:
    return _problem(
        service,
        "info",
        "its EndpointSlices cannot be checked: no Pod of the project has its selector's labels",
        "The slices of the input are kept as they are.",
        "Add the Pods to the input.",
    )
