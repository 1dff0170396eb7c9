"""What the API server refuses in the ports of a Service: one small function a rule.

domain/services.md, "API server validation", rows 2 to 9; upstream: pkg/apis/core/validation/validation.go
(validateService, validateServicePort) after the defaults of pkg/apis/core/v1/defaults.go. A rule yields
(field, message) for a Service and the version of Kubernetes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from designer.edits.servicefamilies import is_headless
from designer.model import Service

Finding = tuple[str, str]
Version = tuple[int, int]

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?")
PROTOCOLS = ("TCP", "UDP", "SCTP")
KUBELET_PORT = 10250
NO_PORT = "must be between 1 and 65535, inclusive"


def ports_required(service: Service, version: Version) -> Iterator[Finding]:
    """At least one port, unless the Service is headless or of type ExternalName."""
    if not service.spec.ports and not is_headless(service) and service.spec.type != "ExternalName":
        yield "spec.ports", "Required value"


def port_names(service: Service, version: Version) -> Iterator[Finding]:
    """Several ports have a name each, unique and a DNS-1123 label."""
    ports, seen = service.spec.ports, set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}].name"
        if not port.name:
            if len(ports) > 1:
                yield path, "Required value"
            continue
        if len(port.name) > 63 or not LABEL.fullmatch(port.name):
            yield path, f"Invalid value: {port.name!r}: a DNS-1123 label is needed"
        if port.name in seen:
            yield path, f"Duplicate value: {port.name!r}"
        seen.add(port.name)


def port_values(service: Service, version: Version) -> Iterator[Finding]:
    """Port and protocol are of those that exist."""
    for index, port in enumerate(service.spec.ports):
        path = f"spec.ports[{index}]"
        if not 1 <= port.port <= 65535:
            yield f"{path}.port", f"Invalid value: {port.port}: {NO_PORT}"
        if port.protocol not in PROTOCOLS:
            yield f"{path}.protocol", f'Unsupported value: {port.protocol!r}: supported values: "SCTP", "TCP", "UDP"'


def target_ports(service: Service, version: Version) -> Iterator[Finding]:
    """A target port is a number or an IANA service name; 0 and "" become the port itself before it is looked at."""
    for index, port in enumerate(service.spec.ports):
        target, path = port.targetPort, f"spec.ports[{index}].targetPort"
        if not target:
            continue
        if isinstance(target, int):
            if not 1 <= target <= 65535:
                yield path, f"Invalid value: {target}: {NO_PORT}"
        elif len(target) > 15 or not PORT_NAME.fullmatch(target):
            yield path, f"Invalid value: {target!r}: must be an IANA service name of at most 15 characters"


def unique_ports(service: Service, version: Version) -> Iterator[Finding]:
    """A port stands once with a protocol."""
    seen = set()
    for index, port in enumerate(service.spec.ports):
        if (port.protocol, port.port) in seen:
            yield f"spec.ports[{index}]", f"Duplicate value: {port.protocol} port {port.port}"
        seen.add((port.protocol, port.port))


def unique_node_ports(service: Service, version: Version) -> Iterator[Finding]:
    """A node port stands once with a protocol."""
    seen = set()
    for index, port in enumerate(service.spec.ports):
        if port.nodePort and (port.protocol, port.nodePort) in seen:
            yield f"spec.ports[{index}].nodePort", f"Duplicate value: {port.protocol} node port {port.nodePort}"
        seen.add((port.protocol, port.nodePort))


def node_port_type(service: Service, version: Version) -> Iterator[Finding]:
    """No node port on type ClusterIP; one of type ExternalName is taken, and nothing uses it."""
    if service.spec.type == "ClusterIP":
        for index, port in enumerate(service.spec.ports):
            if port.nodePort:
                yield f"spec.ports[{index}].nodePort", "Forbidden: may not be used when `type` is 'ClusterIP'"
