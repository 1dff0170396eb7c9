"""The API server's validation of Services: one small function a rule of domain/services.md, "API server validation".

`RULES` is the table; a rule yields (field, message). A Service that breaks one is rejected: it does not exist.
Rules about changes of an existing object (row 13, immutability) have no place here: a project shows one moment.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator

from designer.edits.servicefamilies import is_headless
from designer.engine.controlplane.addresses import family_of, parse_address
from designer.engine.controlplane.refusals import refused
from designer.model import ClusterSettings, Problem, Service

Finding = tuple[str, str]
Version = tuple[int, int]
Rule = Callable[[Service, Version], Iterator[Finding]]

DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
DNS_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?")
QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
PROTOCOLS = ("TCP", "UDP", "SCTP")
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
DISTRIBUTIONS = {"PreferClose": (1, 30), "PreferSameZone": (1, 34), "PreferSameNode": (1, 34)}
TOPOLOGY_ANNOTATIONS = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")


LINK_LOCAL_MULTICAST = (ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16"))
KUBELET_PORT = 10250


def version_of(settings: ClusterSettings) -> Version:
    """The Kubernetes version as major and minor number; 1.36 when the text is none."""
    found = re.match(r"v?(\d+)\.(\d+)", settings.kubernetesVersion)
    return (int(found[1]), int(found[2])) if found else (1, 36)


def _name(service: Service, version: Version) -> Iterator[Finding]:
    digits = version >= (1, 36)
    pattern = DNS_1123 if digits else DNS_1035
    if len(service.name) > 63 or not pattern.fullmatch(service.name):
        yield "metadata.name", f"Invalid value: a {'DNS-1123' if digits else 'DNS-1035'} label is needed"


def _ports_required(service: Service, version: Version) -> Iterator[Finding]:
    if not service.spec.ports and not is_headless(service) and service.spec.type != "ExternalName":
        yield "spec.ports", "Required value"


def _port_names(service: Service, version: Version) -> Iterator[Finding]:
    ports, seen = service.spec.ports, set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}].name"
        if not port.name:
            if len(ports) > 1:
                yield path, "Required value"
            continue
        if len(port.name) > 63 or not DNS_1123.fullmatch(port.name):
            yield path, f"Invalid value: {port.name!r}: a DNS-1123 label is needed"
        if port.name in seen:
            yield path, f"Duplicate value: {port.name!r}"
        seen.add(port.name)


def _port_values(service: Service, version: Version) -> Iterator[Finding]:
    for index, port in enumerate(service.spec.ports):
        path = f"spec.ports[{index}]"
        if not 1 <= port.port <= 65535:
            yield f"{path}.port", f"Invalid value: {port.port}: must be between 1 and 65535, inclusive"
        if port.protocol not in PROTOCOLS:
            yield f"{path}.protocol", f'Unsupported value: {port.protocol!r}: supported values: "SCTP", "TCP", "UDP"'


def _target_ports(service: Service, version: Version) -> Iterator[Finding]:
    for index, port in enumerate(service.spec.ports):
        target, path = port.targetPort, f"spec.ports[{index}].targetPort"
        if target is None:
            continue
        if isinstance(target, int):
            if not 1 <= target <= 65535:
                yield path, f"Invalid value: {target}: must be between 1 and 65535, inclusive"
        elif len(target) > 15 or not PORT_NAME.fullmatch(target):
            yield path, f"Invalid value: {target!r}: must be an IANA service name of at most 15 characters"


def _unique_ports(service: Service, version: Version) -> Iterator[Finding]:
    seen = set()
    for index, port in enumerate(service.spec.ports):
        if (port.protocol, port.port) in seen:
            yield f"spec.ports[{index}]", f"Duplicate value: {port.protocol} port {port.port}"
        seen.add((port.protocol, port.port))


def _unique_node_ports(service: Service, version: Version) -> Iterator[Finding]:
    seen = set()
    for index, port in enumerate(service.spec.ports):
        if port.nodePort and (port.protocol, port.nodePort) in seen:
            yield f"spec.ports[{index}].nodePort", f"Duplicate value: {port.protocol} node port {port.nodePort}"
        seen.add((port.protocol, port.nodePort))


def _node_port_type(service: Service, version: Version) -> Iterator[Finding]:
    if service.spec.type not in {"NodePort", "LoadBalancer"}:
        for index, port in enumerate(service.spec.ports):
            if port.nodePort:
                text = f"Forbidden: may not be used when `type` is '{service.spec.type}'"
                yield f"spec.ports[{index}].nodePort", text


def _headless_type(service: Service, version: Version) -> Iterator[Finding]:
    if is_headless(service) and service.spec.type in {"NodePort", "LoadBalancer"}:
        yield "spec.clusterIPs[0]", "Invalid value: may not be set to 'None' for LoadBalancer services"


def _external_name(service: Service, version: Version) -> Iterator[Finding]:
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
    name = (spec.externalName or "").removesuffix(".")
    if not name:
        yield "spec.externalName", "Required value"
    elif len(name) > 253 or not SUBDOMAIN.fullmatch(name):
        yield "spec.externalName", f"Invalid value: {spec.externalName!r}: a DNS-1123 subdomain is needed"


def _cluster_ips(service: Service, version: Version) -> Iterator[Finding]:
    spec = service.spec
    ips = spec.clusterIPs
    if len(ips) > 2:
        yield "spec.clusterIPs", "Too many: must have at most 2 items"
    if "None" in ips and len(ips) > 1:
        yield "spec.clusterIPs[0]", "Invalid value: 'None' must be the first and only value"
    if ips and spec.clusterIP and ips[0] != spec.clusterIP:
        yield "spec.clusterIPs", "Invalid value: first value must match `clusterIP`"
    real = [ip for ip in (ips or ((spec.clusterIP,) if spec.clusterIP else ())) if ip != "None"]
    for ip in real:
        if parse_address(ip) is None and not _leading_zeros(ip):
            yield (
                "spec.clusterIPs",
                f"Invalid value: {ip!r}: must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            )
    if len(real) == 2 and family_of(real[0]) == family_of(real[1]):
        yield "spec.clusterIPs", "Invalid value: may specify no more than one IP for each IP family"


def _families(service: Service, version: Version) -> Iterator[Finding]:
    spec = service.spec
    if len(spec.ipFamilies) > 2:
        yield "spec.ipFamilies", "Too many: must have at most 2 items"
    if len(set(spec.ipFamilies)) < len(spec.ipFamilies):
        yield "spec.ipFamilies", "Duplicate value"
    for name in spec.ipFamilies:
        if name not in {"IPv4", "IPv6"}:
            yield "spec.ipFamilies", f"Unsupported value: {name!r}"
    if spec.ipFamilyPolicy not in {None, "SingleStack", "PreferDualStack", "RequireDualStack"}:
        yield "spec.ipFamilyPolicy", f"Unsupported value: {spec.ipFamilyPolicy!r}"


def _families_of_ips(service: Service, version: Version) -> Iterator[Finding]:
    spec = service.spec
    for index, (ip, name) in enumerate(zip(spec.clusterIPs or (spec.clusterIP or "",), spec.ipFamilies, strict=False)):
        if parse_address(ip) is not None and name in {"IPv4", "IPv6"} and f"IPv{family_of(ip)}" != name:
            text = f"Invalid value: {ip!r}: expected an {name} value as indicated by `ipFamilies[{index}]`"
            yield f"spec.clusterIPs[{index}]", text
    if spec.ipFamilyPolicy == "SingleStack":
        for field, values in (("clusterIPs", spec.clusterIPs), ("ipFamilies", spec.ipFamilies)):
            if len(values) > 1:
                text = f"must be RequireDualStack or PreferDualStack when multiple `{field}` are specified"
                yield "spec.ipFamilyPolicy", f"Invalid value: 'SingleStack': {text}"


def _kubelet_port(service: Service, version: Version) -> Iterator[Finding]:
    for index, port in enumerate(service.spec.ports):
        if service.spec.type == "LoadBalancer" and port.port == KUBELET_PORT:
            text = f"may not expose port {KUBELET_PORT} externally since it is used by kubelet"
            yield f"spec.ports[{index}]", f"Invalid value: {KUBELET_PORT}: {text}"


def _qualified_names(service: Service, version: Version) -> Iterator[Finding]:
    given = [(f"spec.ports[{i}].appProtocol", port.appProtocol) for i, port in enumerate(service.spec.ports)]
    given.append(("spec.loadBalancerClass", service.spec.loadBalancerClass))
    for path, name in given:
        prefix, slash, last = (name or "a").rpartition("/")
        good = QUALIFIED.fullmatch(last) and (not slash or (len(prefix) <= 253 and SUBDOMAIN.fullmatch(prefix)))
        if not good:
            yield path, f"Invalid value: {name!r}: a qualified name is needed, such as example.com/name"


def _affinity(service: Service, version: Version) -> Iterator[Finding]:
    spec = service.spec
    config = spec.sessionAffinityConfig
    if spec.sessionAffinity not in {"None", "ClientIP"}:
        yield "spec.sessionAffinity", f"Unsupported value: {spec.sessionAffinity!r}"
    elif config is not None and spec.sessionAffinity == "None":
        yield "spec.sessionAffinityConfig", "Forbidden: must not be set when session affinity is None"
    elif config is not None and config.clientIP is not None and config.clientIP.timeoutSeconds is not None:
        seconds = config.clientIP.timeoutSeconds
        if not 1 <= seconds <= 86400:
            path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
            yield path, f"Invalid value: {seconds}: must be greater than 0 and less than 86400"


def _external_ips(service: Service, version: Version) -> Iterator[Finding]:
    for index, text in enumerate(service.spec.externalIPs):
        path = f"spec.externalIPs[{index}]"
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            if not _leading_zeros(text):
                yield path, f"Invalid value: {text!r}: must be a valid IP address"
            continue
        if address.is_unspecified:
            yield path, f"Invalid value: {text!r}: may not be unspecified"
        elif address.is_loopback:
            yield path, f"Invalid value: {text!r}: may not be in the loopback range"
        elif address.is_link_local:
            yield path, f"Invalid value: {text!r}: may not be in the link-local range"
        elif any(address in net for net in LINK_LOCAL_MULTICAST if net.version == address.version):
            yield path, f"Invalid value: {text!r}: may not be in the link-local multicast range"


def _load_balancer_only(service: Service, version: Version) -> Iterator[Finding]:
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


def _source_ranges(service: Service, version: Version) -> Iterator[Finding]:
    for index, text in enumerate(service.spec.loadBalancerSourceRanges):
        try:
            ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            if not _leading_zeros(text):
                path = f"spec.loadBalancerSourceRanges[{index}]"
                yield path, f"Invalid value: {text!r}: must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def _external_policy(service: Service, version: Version) -> Iterator[Finding]:
    spec = service.spec
    policy = spec.externalTrafficPolicy
    external = spec.type in {"NodePort", "LoadBalancer"} or (spec.type == "ClusterIP" and bool(spec.externalIPs))
    if policy is not None and not external:
        yield "spec.externalTrafficPolicy", "Invalid value: may only be set for externally-accessible services"
    for path, value in (
        ("spec.externalTrafficPolicy", policy),
        ("spec.internalTrafficPolicy", spec.internalTrafficPolicy),
    ):
        if value not in {None, "Cluster", "Local"}:
            yield path, f'Unsupported value: {value!r}: supported values: "Cluster", "Local"'


def _health_check(service: Service, version: Version) -> Iterator[Finding]:
    spec = service.spec
    if spec.healthCheckNodePort and not (spec.type == "LoadBalancer" and spec.externalTrafficPolicy == "Local"):
        text = "Invalid value: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield "spec.healthCheckNodePort", text


def _distribution(service: Service, version: Version) -> Iterator[Finding]:
    value = service.spec.trafficDistribution
    if value is not None and version < DISTRIBUTIONS.get(value, (99, 0)):
        allowed = ", ".join(f'"{name}"' for name, since in sorted(DISTRIBUTIONS.items()) if version >= since)
        yield "spec.trafficDistribution", f"Unsupported value: {value!r}: supported values: {allowed}"


def _topology_annotations(service: Service, version: Version) -> Iterator[Finding]:
    found = [service.metadata.annotations.get(name) for name in TOPOLOGY_ANNOTATIONS]
    if None not in found and found[0] != found[1]:
        mode, hints = TOPOLOGY_ANNOTATIONS
        yield f"metadata.annotations[{mode}]", f"must match annotations[{hints}] when both are specified"


def _strict(service: Service, version: Version) -> Iterator[Finding]:
    if version < (1, 36):
        return
    spec = service.spec
    for path, texts in (
        ("spec.clusterIPs", spec.clusterIPs or (spec.clusterIP or "",)),
        ("spec.externalIPs", spec.externalIPs),
        ("spec.loadBalancerSourceRanges", spec.loadBalancerSourceRanges),
    ):
        for text in texts:
            if _leading_zeros(text):
                yield path, f"Invalid value: {text!r}: must not have leading 0s"
            elif "/" in text and _host_bits(text):
                yield path, f"Invalid value: {text!r}: must not have bits set beyond the prefix length"


def _leading_zeros(text: str) -> bool:
    parts = text.partition("/")[0].split(".")
    return (
        len(parts) == 4
        and all(p.isdecimal() and int(p) < 256 for p in parts)
        and any(len(p) > 1 and p.startswith("0") for p in parts)
    )


def _host_bits(text: str) -> bool:
    try:
        ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    try:
        ipaddress.ip_network(text.strip(), strict=True)
    except ValueError:
        return True
    return False


def _type(service: Service, version: Version) -> Iterator[Finding]:
    if service.spec.type not in TYPES:
        yield "spec.type", f"Unsupported value: {service.spec.type!r}: supported values: {', '.join(TYPES)}"


# Code of the problem → rule. The number is the row of the table in domain/services.md; pitfalls' ids where they exist.
RULES: tuple[tuple[str, Rule, str], ...] = (
    ("SVC-V01", _name, "Rename the Service: lower-case letters, digits and '-', at most 63 characters."),
    ("SVC-V02", _ports_required, "Add a port."),
    ("SVC-V03", _port_names, "Give every port a name of its own: lower-case letters, digits and '-'."),
    ("SVC-V05", _port_values, "Use a port from 1 to 65535 and protocol TCP, UDP or SCTP."),
    ("SVC-V06", _target_ports, "Use a number from 1 to 65535, or the name of a container port."),
    ("SVC-V07", _unique_ports, "Remove the second entry, or change its port or protocol."),
    ("SVC-V08", _unique_node_ports, "Give each port a node port of its own, or leave it out."),
    ("SVC-V09", _node_port_type, "Remove nodePort, or set type NodePort."),
    ("SVC-V10", _headless_type, "Use type ClusterIP for a headless Service."),
    ("SVC-V11", _external_name, "Keep only a DNS name in externalName."),
    ("SVC-V12", _cluster_ips, "Give at most one address a family, the first equal to clusterIP."),
    ("SVC-V12", _families, "Use IPv4 and IPv6 at most once each."),
    ("SVC-V12", _families_of_ips, "Give addresses of the families in their order, and a policy that allows both."),
    ("SVC-V14", _affinity, "Set sessionAffinity to ClientIP, or remove its configuration."),
    ("SVC-V15", _external_ips, "Use an address of a real network."),
    ("SVC-V16", _load_balancer_only, "Remove the field, or set type LoadBalancer."),
    ("SVC-V16", _source_ranges, "Write source ranges as CIDRs."),
    ("SVC-V16", _kubelet_port, "Choose another port: load balancers may not lead to the kubelet's."),
    ("SVC-V16", _qualified_names, "Write a name of letters, digits, '-', '_' or '.', with one prefix at most."),
    ("SVC-V17", _external_policy, "Remove externalTrafficPolicy, or make the Service reachable from outside."),
    ("SVC-V18", _health_check, "Remove healthCheckNodePort."),
    ("SVC-V19", _distribution, "Use PreferSameZone or PreferSameNode, or remove the field."),
    ("SVC-V20", _topology_annotations, "Keep only service.kubernetes.io/topology-mode."),
    ("IP-17", _strict, "Write addresses without leading zeros and CIDRs with their network address."),
    ("SVC-V00", _type, "Use one of the four types."),
)


def validate(service: Service, settings: ClusterSettings) -> tuple[Problem, ...]:
    """Why the API server of the cluster's version rejects `service`; empty when it accepts it."""
    version = version_of(settings)
    return tuple(
        refused(service, code, path, text, fix) for code, rule, fix in RULES for path, text in rule(service, version)
    )


def accepted(service: Service, settings: ClusterSettings) -> bool:
    """Whether the API server of the cluster's version accepts `service`."""
    version = version_of(settings)
    return not any(next(rule(service, version), None) for _, rule, _ in RULES)
