"""IP families of a Service: what the API server makes of ipFamilies, ipFamilyPolicy and the cluster's ranges.

domain/ipam.md, "Dual-stack and families" (KEP-563).
"""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.controlplane.addresses import FAMILY_NAMES, family_of
from designer.engine.controlplane.state import Family
from designer.model import Service

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
    configured = tuple(FAMILY_NAMES[family] for family in cluster)
    asked = list(spec.ipFamilies)
    for ip in given_cluster_ips(service):
        if FAMILY_NAMES[family_of(ip)] not in asked:
            asked.append(FAMILY_NAMES[family_of(ip)])
    headless = is_headless(service)
    selectorless = headless and not spec.selector
    policy = spec.ipFamilyPolicy or ("RequireDualStack" if selectorless else _implied_policy(asked))
    if selectorless and policy == "RequireDualStack":
        first = asked or list(configured[:1])
        return Families((*first, *(f for f in BOTH if f not in first))[:2], policy)
    unknown = next((f for f in asked if f not in configured), "")
    if unknown and not selectorless:
        return Families((), policy, f"{unknown}: not configured on this cluster")
    if policy == "RequireDualStack" and len(configured) < 2:
        return Families((), policy, "this cluster is not configured for dual-stack services")
    names = asked or list(configured[:1])
    if policy == "SingleStack":
        names = names[:1]
    else:
        names += [f for f in configured if f not in names]
    return Families(tuple(names[:2]), policy)


def _implied_policy(asked: list[str]) -> str:
    return "RequireDualStack" if len(asked) > 1 else "SingleStack"


def is_observed(service: Service) -> bool:
    """Whether an API server has written the Service's defaults: what it gave out is kept whatever the settings."""
    return bool(service.spec.ipFamilyPolicy and service.spec.ipFamilies and service.spec.clusterIPs)


def is_headless(service: Service) -> bool:
    """Whether ``clusterIP: None`` is asked for."""
    return service.spec.clusterIP == "None" or service.spec.clusterIPs[:1] == ("None",)


def given_cluster_ips(service: Service) -> tuple[str, ...]:
    """The ClusterIPs that the manifest gives; none for headless."""
    if is_headless(service):
        return ()
    return tuple(ip for ip in service.spec.clusterIPs or (service.spec.clusterIP,) if ip)
