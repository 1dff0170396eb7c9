"""IP families of a Service: what the API server makes of ipFamilies, ipFamilyPolicy and the cluster's ranges.

domain/ipam.md, "Dual-stack and families" (KEP-563; upstream: pkg/registry/core/service/storage/alloc.go).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.model import Project, Service, ServiceCIDR

Family = Literal[4, 6]
POLICIES = ("SingleStack", "PreferDualStack", "RequireDualStack")
BOTH = ("IPv4", "IPv6")


@dataclass(frozen=True, slots=True)
class Families:
    """The families of a Service in order, primary first, its policy, and why the API server refuses it ("" if not)."""

    names: tuple[str, ...]
    policy: str
    refusal: str = ""


def service_families(service: Service, cluster: tuple[Family, ...]) -> Families:
    """The families of `service` in a cluster whose Service ranges have the families `cluster` (primary first)."""
    spec = service.spec
    if is_observed(service):
        return Families(spec.ipFamilies[:2], spec.ipFamilyPolicy or "")
    configured = tuple(f"IPv{family}" for family in cluster)
    asked = list(spec.ipFamilies)
    for ip in given_cluster_ips(service):
        if family_name(ip) not in asked:
            asked.append(family_name(ip))
    policy = family_policy(service)
    if is_selectorless(service):
        first = asked or list(configured[:1])
        if policy == "SingleStack":
            return Families(tuple(first[:1]), policy)
        return Families((*first, *(f for f in BOTH if f not in first))[:2], policy)
    if policy == "RequireDualStack" and len(configured) < 2:
        return Families((), policy, "this cluster is not configured for dual-stack services")
    unknown = next((f for f in asked if f not in configured), "")
    if unknown:
        return Families((), policy, f"{unknown}: not configured on this cluster")
    names = asked or list(configured[:1])
    if policy == "SingleStack":
        names = names[:1]
    else:
        names += [f for f in configured if f not in names]
    return Families(tuple(names[:2]), policy)


def cluster_families(project: Project) -> tuple[Family, ...]:
    """The families of the cluster's Service ranges, primary first: the API server's flag, then ServiceCIDR objects."""
    texts = [*project.cluster.serviceCIDRs]
    for obj in sorted(project.slice(ServiceCIDR).values(), key=lambda one: one.name):
        texts += obj.spec.cidrs
    found: dict[Family, None] = {}
    for text in texts:
        found[6 if ":" in text else 4] = None
    return tuple(found)


def family_policy(service: Service) -> str:
    """The policy of a Service; one that says none gets SingleStack, whatever else it asks for."""
    return service.spec.ipFamilyPolicy or ("RequireDualStack" if is_selectorless(service) else "SingleStack")


def family_name(address: str) -> str:
    """``IPv4`` or ``IPv6``: the family that an address is written in."""
    return "IPv6" if ":" in address else "IPv4"


def is_observed(service: Service) -> bool:
    """Whether an API server has written the Service's defaults: what it gave out is kept whatever the settings."""
    return bool(service.spec.ipFamilyPolicy and service.spec.ipFamilies and service.spec.clusterIPs)


def is_headless(service: Service) -> bool:
    """Whether ``clusterIP: None`` is asked for."""
    return service.spec.clusterIP == "None" or service.spec.clusterIPs[:1] == ("None",)


def is_selectorless(service: Service) -> bool:
    """Whether the Service is headless and has no selector: it may have families that the cluster has not."""
    return is_headless(service) and not service.spec.selector


def given_cluster_ips(service: Service) -> tuple[str, ...]:
    """The ClusterIPs that the manifest gives; none for headless."""
    if is_headless(service):
        return ()
    return tuple(ip for ip in service.spec.clusterIPs or (service.spec.clusterIP,) if ip)
