"""What the API server refuses of a Service, as a table: domain/services.md, "API server validation", row by row.

Rules speak about a Service as a whole, after the defaults that the API server writes; ports and addresses have their
modules (`serviceports`, `servicenets`), changes of a Service that a cluster holds theirs (`servicechanges`). Upstream:
pkg/apis/core/validation/validation.go at v1.36, pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from designer.edits import servicenets, serviceports
from designer.edits.servicefamilies import is_headless
from designer.edits.serviceports import LABEL, Finding, Version
from designer.model import ClusterSettings, Service

Rule = Callable[[Service, Version], Iterator[Finding]]

DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
DISTRIBUTIONS = {"PreferClose": (1, 30), "PreferSameZone": (1, 34), "PreferSameNode": (1, 34)}
TOPOLOGY_ANNOTATIONS = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that the API server refuses: the problem's code, field, its message, what to do."""

    code: str
    field: str
    text: str
    fix: str


def version_of(settings: ClusterSettings) -> Version:
    """The Kubernetes version as major and minor number; 1.36 when the text is none."""
    found = re.match(r"v?(\d+)\.(\d+)", settings.kubernetesVersion)
    return (int(found[1]), int(found[2])) if found else (1, 36)


def name(service: Service, version: Version) -> Iterator[Finding]:
    """A label that begins with a letter, from 1.36 with a digit too; looked at when a Service is made, not later."""
    if service.metadata.uid:
        return
    digits = version >= (1, 36)
    if len(service.name) > 63 or not (LABEL if digits else DNS_1035).fullmatch(service.name):
        yield "metadata.name", f"Invalid value: a {'DNS-1123' if digits else 'DNS-1035'} label is needed"


def service_type(service: Service, version: Version) -> Iterator[Finding]:
    """One of the four types."""
    if service.spec.type not in TYPES:
        allowed = ", ".join(f'"{known}"' for known in sorted(TYPES))
        yield "spec.type", f"Unsupported value: {service.spec.type!r}: supported values: {allowed}"


def headless_type(service: Service, version: Version) -> Iterator[Finding]:
    """A Service that is called from outside has a ClusterIP."""
    if is_headless(service) and service.spec.type in ("NodePort", "LoadBalancer"):
        yield "spec.clusterIPs[0]", f"Invalid value: may not be set to 'None' for {service.spec.type} services"


def external_name(service: Service, version: Version) -> Iterator[Finding]:
    """ExternalName has a DNS name and nothing of an address."""
    spec = service.spec
    if spec.type != "ExternalName":
        return
    for path, value in (
        ("spec.clusterIPs", spec.clusterIPs or spec.clusterIP),
        ("spec.ipFamilies", spec.ipFamilies),
        ("spec.ipFamilyPolicy", spec.ipFamilyPolicy),
    ):
        if value:
            yield path, "Forbidden: may not be set for ExternalName services"
    target = (spec.externalName or "").removesuffix(".")
    if not target:
        yield "spec.externalName", "Required value"
    elif len(target) > 253 or not SUBDOMAIN.fullmatch(target):
        yield "spec.externalName", f"Invalid value: {spec.externalName!r}: a DNS-1123 subdomain is needed"


def affinity(service: Service, version: Version) -> Iterator[Finding]:
    """None or ClientIP, with 1 to 86400 seconds. With None the configuration is dropped before anything looks at it."""
    spec = service.spec
    config = spec.sessionAffinityConfig
    if spec.sessionAffinity not in {"", "None", "ClientIP"}:
        text = f'Unsupported value: {spec.sessionAffinity!r}: supported values: "ClientIP", "None"'
        yield "spec.sessionAffinity", text
    seconds = config.clientIP.timeoutSeconds if config is not None and config.clientIP is not None else None
    if spec.sessionAffinity == "ClientIP" and seconds is not None and not 1 <= seconds <= 86400:
        path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
        yield path, f"Invalid value: {seconds}: must be greater than 0 and less than 86400"


def load_balancer_only(service: Service, version: Version) -> Iterator[Finding]:
    """Fields of type LoadBalancer on no other type."""
    spec = service.spec
    if spec.type == "LoadBalancer":
        return
    for path, value in (
        ("spec.loadBalancerSourceRanges", spec.loadBalancerSourceRanges or None),
        ("spec.allocateLoadBalancerNodePorts", spec.allocateLoadBalancerNodePorts),
        ("spec.loadBalancerClass", spec.loadBalancerClass),
    ):
        if value is not None:
            yield path, "Forbidden: may only be used when `type` is 'LoadBalancer'"


def is_external(service: Service) -> bool:
    """Whether something outside the cluster leads to the Service: node ports, a load balancer, external IPs."""
    spec = service.spec
    return spec.type in ("NodePort", "LoadBalancer") or (spec.type == "ClusterIP" and bool(spec.externalIPs))


def needs_health_check(service: Service) -> bool:
    """Whether the Service has a health check node port: type LoadBalancer with externalTrafficPolicy Local."""
    return service.spec.type == "LoadBalancer" and service.spec.externalTrafficPolicy == "Local"


def traffic_policies(service: Service, version: Version) -> Iterator[Finding]:
    """Cluster or Local; the external one only where something outside leads to the Service."""
    spec = service.spec
    external = spec.externalTrafficPolicy or None
    if external is not None and not is_external(service):
        yield "spec.externalTrafficPolicy", "Invalid value: may only be set for externally-accessible services"
    for path, value in (
        ("spec.externalTrafficPolicy", external if is_external(service) else None),
        ("spec.internalTrafficPolicy", spec.internalTrafficPolicy),
    ):
        if value not in {None, "Cluster", "Local"}:
            yield path, f'Unsupported value: {value!r}: supported values: "Cluster", "Local"'


def health_check(service: Service, version: Version) -> Iterator[Finding]:
    """A health check node port only where kube-proxy answers on one."""
    number, path = service.spec.healthCheckNodePort, "spec.healthCheckNodePort"
    if number and not needs_health_check(service):
        words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield path, f"Invalid value: {number}: {words}"
    elif number and not 1 <= number <= 65535:
        yield path, f"Invalid value: {number}: {serviceports.NO_PORT}"


def distribution(service: Service, version: Version) -> Iterator[Finding]:
    """A traffic distribution that the version knows."""
    value = service.spec.trafficDistribution
    if value is not None and version < DISTRIBUTIONS.get(value, (99, 0)):
        allowed = ", ".join(f'"{known}"' for known, since in sorted(DISTRIBUTIONS.items()) if version >= since)
        yield "spec.trafficDistribution", f"Unsupported value: {value!r}: supported values: {allowed}"


def topology_annotations(service: Service, version: Version) -> Iterator[Finding]:
    """The two annotations of topology hints say the same."""
    found = [service.metadata.annotations.get(known) for known in TOPOLOGY_ANNOTATIONS]
    if None not in found and found[0] != found[1]:
        mode, hints = TOPOLOGY_ANNOTATIONS
        text = f"Invalid value: {found[0]!r}: must match annotations[{hints}] when both are specified"
        yield f"metadata.annotations[{mode}]", text


def qualified_names(service: Service, version: Version) -> Iterator[Finding]:
    """Application protocol and load balancer class are qualified names."""
    given = [(f"spec.ports[{i}].appProtocol", port.appProtocol) for i, port in enumerate(service.spec.ports)]
    if service.spec.type == "LoadBalancer":
        given.append(("spec.loadBalancerClass", service.spec.loadBalancerClass))
    for path, text in given:
        prefix, slash, last = ("a" if text is None else text).rpartition("/")
        good = QUALIFIED.fullmatch(last) and (not slash or (len(prefix) <= 253 and SUBDOMAIN.fullmatch(prefix)))
        if not good:
            yield path, f"Invalid value: {text!r}: a qualified name is needed, such as example.com/name"


# Code of the problem, rule, what to do. The number is the row of the table in domain/services.md where it has one.
RULES: tuple[tuple[str, Rule, str], ...] = (
    ("SVC-V01", name, "Rename the Service: lower-case letters, digits and '-', at most 63 characters."),
    ("SVC-V02", serviceports.ports_required, "Add a port."),
    ("SVC-V03", serviceports.port_names, "Give every port a name of its own: lower-case letters, digits and '-'."),
    ("SVC-V05", serviceports.port_values, "Use a port from 1 to 65535 and protocol TCP, UDP or SCTP."),
    ("SVC-V06", serviceports.target_ports, "Use a number from 1 to 65535, or the name of a container port."),
    ("SVC-V07", serviceports.unique_ports, "Remove the second entry, or change its port or protocol."),
    ("SVC-V08", serviceports.unique_node_ports, "Give each port a node port of its own, or leave it out."),
    ("SVC-V09", serviceports.node_port_type, "Remove nodePort, or set type NodePort."),
    ("SVC-V10", headless_type, "Remove clusterIP, or use type ClusterIP for a headless Service."),
    ("SVC-V11", external_name, "Keep only a DNS name in externalName."),
    ("SVC-V12", servicenets.cluster_ips, "Give at most one address a family, the first equal to clusterIP."),
    ("SVC-V12", servicenets.families, "Use IPv4 and IPv6 at most once each."),
    ("SVC-V12", servicenets.families_of_ips, "Give addresses of the families in their order, and a policy for both."),
    ("SVC-V14", affinity, "Set sessionAffinity to None or ClientIP, its timeout from 1 to 86400 seconds."),
    ("SVC-V15", servicenets.external_ips, "Use an address of a real network."),
    ("SVC-V16", load_balancer_only, "Remove the field, or set type LoadBalancer."),
    ("SVC-V16", servicenets.source_ranges, "Write source ranges as CIDRs, on a Service of type LoadBalancer."),
    ("SVC-V16", qualified_names, "Write a name of letters, digits, '-', '_' or '.', with one prefix at most."),
    ("SVC-V17", traffic_policies, "Use Cluster or Local; the external policy needs a way in from outside."),
    ("SVC-V18", health_check, "Remove healthCheckNodePort."),
    ("SVC-V19", distribution, "Use PreferSameZone or PreferSameNode, or remove the field."),
    ("SVC-V20", topology_annotations, "Keep only service.kubernetes.io/topology-mode."),
    ("IP-17", servicenets.strict, "Write addresses without leading zeros and CIDRs with their network address."),
    ("SVC-V00", service_type, "Use one of the four types."),
)


def refusals_of(service: Service, settings: ClusterSettings) -> Iterator[Refusal]:
    """What the API server of the cluster's version refuses about `service`, in the order of the table."""
    version = version_of(settings)
    for code, rule, fix in RULES:
        for path, text in rule(service, version):
            yield Refusal(code, path, text, fix)
