"""What the API server warns of when it takes a Service: fields that do nothing, and fields that are going away.

The rules of warnings are those of pkg/api/service/warnings.go at v1.36 (`domain/services.md` section 2, "Hints");
externalIPs are `services.external_ips`, which says more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from designer.edits.servicefamilies import is_headless
from designer.edits.serviceports import Version
from designer.edits.servicerules import version_of
from designer.engine.checks.survey import Survey, short
from designer.engine.controlplane.givenslices import special_address
from designer.model import EndpointSlice, Problem, Service
from designer.model.problem import Severity

HINTS = "service.kubernetes.io/topology-aware-hints"
MODE = "service.kubernetes.io/topology-mode"


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning: its code, from which version on, of which field, when, the API server's words, what to do."""

    code: str
    severity: Severity
    since: Version
    field: str
    applies: Callable[[Service], bool]
    text: str
    fix: str


def _headless_with(field: str) -> Callable[[Service], bool]:
    """Whether a headless Service has something in a field that then does nothing."""
    return lambda service: is_headless(service) and getattr(service.spec, field) not in (None, "", "None", ())


WARNINGS: tuple[Warned, ...] = (
    Warned("SVC-W01", "warning", (1, 0), "spec.loadBalancerIP", _headless_with("loadBalancerIP"),
           "spec.loadBalancerIP is ignored for headless services", "Remove it."),
    Warned("SVC-W01", "warning", (1, 0), "spec.externalIPs", _headless_with("externalIPs"),
           "spec.externalIPs is ignored for headless services", "Remove them, or give the Service a ClusterIP."),
    Warned("SVC-W01", "warning", (1, 0), "spec.sessionAffinity", _headless_with("sessionAffinity"),
           "spec.SessionAffinity is ignored for headless services", "Remove it, or give the Service a ClusterIP."),
    Warned("SVC-W02", "warning", (1, 0), "spec.externalIPs",
           lambda service: service.spec.type == "ExternalName" and bool(service.spec.externalIPs),
           'spec.externalIPs is ignored when spec.type is "ExternalName"', "Remove them."),
    Warned("SVC-W02", "warning", (1, 0), "spec.externalName",
           lambda service: service.spec.type != "ExternalName" and bool(service.spec.externalName),
           'spec.externalName is ignored when spec.type is not "ExternalName"', "Remove it, or change the type."),
    Warned("SVC-W03", "info", (1, 35), "spec.trafficDistribution",
           lambda service: service.spec.trafficDistribution == "PreferClose",
           'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"', "Write PreferSameZone."),
    Warned("SVC-W03", "info", (1, 27), f"metadata.annotations[{HINTS}]",
           lambda service: HINTS in service.metadata.annotations,
           f"annotation {HINTS} is deprecated, please use {MODE} instead", f"Rename it to {MODE}."),
)  # fmt: skip


def warned(s: Survey) -> Iterator[Problem]:
    """SVC-W01 to SVC-W03: what the API server says of a Service that it takes."""
    version = version_of(s.project.cluster)
    for service in s.project.of(Service):
        if service.id not in s.control.services:
            continue
        for one in WARNINGS:
            if version >= one.since and one.applies(service):
                title = f"{short(service.id)}: {one.text}"
                why = "The API server takes the Service and warns of this."
                yield s.problem(one.code, one.severity, service.id, one.field, title, why, one.fix)


def refused_slices(s: Survey) -> Iterator[Problem]:
    """EPS-02: EndpointSlices with an address that no endpoint can have; the API server does not take them."""
    for obj in s.project.of(EndpointSlice):
        text = special_address(obj)
        if text:
            title = f"{short(obj.id)}: the API server rejects it: {text} is no address of an endpoint"
            why = "Loopback, link-local and unspecified addresses are refused, so the slice does not exist."
            yield s.problem("EPS-02", "error", obj.id, "endpoints", title, why, "Write an address of a real network.")
