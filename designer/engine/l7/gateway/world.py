"""What Gateways and routes refer to: Services, Secrets, ConfigMaps, other objects, and who may refer to them.

A reference into another namespace needs a ReferenceGrant there; without one nothing is said of whether the object
exists (ReferenceGrant, "All cross-namespace references in Gateway API").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.edits.secrets import TLS_TYPE
from designer.engine.controlplane.state import ControlPlaneState, ServiceState
from designer.engine.l7.gateway.objects import GatewayObject
from designer.engine.l7.promised import promised_secrets
from designer.model import EMPTY_MAP, FrozenMap, Project, split_id

PEM_CERTIFICATE = "-----BEGIN CERTIFICATE-----"

# (API group, kind, namespace, name).
Name = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a reference does not hold: the reason of a condition, and the words."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything that references lead to. `kept` holds data of kept objects; `grants` by the namespace they stand in.

    `promised` are Secrets that controllers make, each with its type (`promised_secrets`).

    `broken` are Services (and ports, by name) that a BackendTLSPolicy makes unreachable, with the reason; `secured`
    those to which one makes Gateways speak TLS, with what the backend's certificate has to be.
    """

    services: FrozenMap[str, ServiceState] = EMPTY_MAP
    namespaces: FrozenMap[str, FrozenMap[str, str]] = EMPTY_MAP
    kept: Mapping[Name, Mapping[str, Any]] = field(default_factory=dict)
    grants: Mapping[str, tuple[GatewayObject, ...]] = field(default_factory=dict)
    broken: Mapping[tuple[str, str], str] = field(default_factory=dict)
    secured: Mapping[tuple[str, str], str] = field(default_factory=dict)
    promised: Mapping[tuple[str, str], str | None] = field(default_factory=dict)

    def labels(self, namespace: str) -> Mapping[str, str]:
        """The labels of a namespace; every one has the label with its name."""
        found = self.namespaces.get(namespace)
        return found if found is not None else {"kubernetes.io/metadata.name": namespace}

    def exists(self, group: str, kind: str, namespace: str, name: str) -> bool:
        """Whether an object is in the input."""
        if not group and kind == "Service":
            return f"Service:{namespace}/{name}" in self.services
        return (group, kind, namespace, name) in self.kept

    def permitted(self, source: GatewayObject, group: str, kind: str, namespace: str, name: str) -> bool:
        """Whether `source` may refer to an object: it is in its own namespace, or a ReferenceGrant lets it."""
        if namespace == source.namespace:
            return True
        return any(_grants(grant, source, group, kind, name) for grant in self.grants.get(namespace, ()))

    def secret(self, source: GatewayObject, ref: Mapping[str, Any], reason: str) -> Trouble | None:
        """What is wrong with a reference to a TLS Secret; `reason` is the one for a certificate that is not there."""
        group, kind, name = str(ref.get("group", "")), str(ref.get("kind", "Secret")), str(ref["name"])
        namespace = str(ref.get("namespace") or source.namespace)
        if not self.permitted(source, group, kind, namespace, name):
            return _not_permitted(source, kind, namespace, name)
        if group or kind != "Secret":
            return Trouble(reason, f"{kind} {group or 'v1'} is no kind that certificates come from; use a Secret")
        data = self.kept.get(("", "Secret", namespace, name))
        if data is None and (namespace, name) not in self.promised:
            return Trouble(reason, f"Secret {namespace}/{name} is not there")
        given = self.promised[namespace, name] if data is None else data.get("type")
        if given is not None and given != TLS_TYPE:
            return Trouble(reason, f"Secret {namespace}/{name} has type {given}, not {TLS_TYPE}")
        return None

    def authority(self, source: GatewayObject, ref: Mapping[str, Any], missing: str, wrong_kind: str) -> Trouble | None:
        """What is wrong with a reference to a ConfigMap that holds a CA certificate under ``ca.crt``."""
        group, kind, name = str(ref.get("group", "")), str(ref["kind"]), str(ref["name"])
        namespace = str(ref.get("namespace") or source.namespace)
        if group or kind != "ConfigMap":
            return Trouble(wrong_kind, f"{kind} is no kind that CA certificates come from; use a ConfigMap")
        if not self.permitted(source, group, kind, namespace, name):
            return _not_permitted(source, kind, namespace, name)
        data = self.kept.get(("", "ConfigMap", namespace, name))
        if data is None:
            return Trouble(missing, f"ConfigMap {namespace}/{name} is not there")
        values = data.get("data")
        text = values.get("ca.crt") if isinstance(values, Mapping) else None
        if not isinstance(text, str):
            return Trouble(missing, f"ConfigMap {namespace}/{name} has no key ca.crt")
        if PEM_CERTIFICATE not in text:
            return Trouble(missing, f"ca.crt of ConfigMap {namespace}/{name} holds no PEM certificate")
        return None

    def backend(self, source: GatewayObject, ref: Mapping[str, Any]) -> Trouble | None:
        """What is wrong with a backendRef of a route: kind, permission, existence, port, protocol, in this order."""
        group, kind, name = str(ref.get("group", "")), str(ref.get("kind", "Service")), str(ref["name"])
        namespace = str(ref.get("namespace") or source.namespace)
        if group or kind != "Service":
            return Trouble("InvalidKind", f"{kind} {group or 'v1'} is no kind of backend that every Gateway knows")
        if not self.permitted(source, group, kind, namespace, name):
            return _not_permitted(source, kind, namespace, name)
        service = self.services.get(f"Service:{namespace}/{name}")
        if service is None:
            return Trouble("BackendNotFound", f"Service {namespace}/{name} does not exist")
        if service.type == "ExternalName":
            text = f"Service {namespace}/{name} is of type ExternalName, which Gateways should not support"
            return Trouble("InvalidKind", text)
        wanted = "UDP" if source.kind == "UDPRoute" else "TCP"
        ports = [port for port in service.ports if port.port == ref.get("port")]
        if not ports:
            known = ", ".join(str(port.port) for port in service.ports) or "none"
            text = f"Service {namespace}/{name} has no port {ref.get('port')}; its ports are {known}"
            return Trouble("BackendNotFound", text)
        if all(port.protocol != wanted for port in ports):
            text = f"port {ref.get('port')} of Service {namespace}/{name} is {ports[0].protocol}, not {wanted}"
            return Trouble("UnsupportedProtocol", text)
        return None

    def broken_tls(self, service: str, port: int | None) -> str:
        """Why no TLS connection to a Service's port comes about, "" where none is wanted or nothing is wrong."""
        return self._of_policy(service, port)[0]

    def tls_wanted(self, service: str, port: int | None) -> str:
        """What a Gateway wants of a backend's certificate on a Service's port, "" where it speaks no TLS to it."""
        return self._of_policy(service, port)[1]

    def _of_policy(self, service: str, port: int | None) -> tuple[str, str]:
        """What the policy for a port makes of it (broken, secured): one that names the port goes before one for all."""
        if not self.broken and not self.secured:
            return "", ""
        found = self.services.get(f"Service:{service}")
        names = [p.name for p in found.ports if p.port == port and p.name] if found else []
        for section in (*names, ""):
            target = (service, section)
            if target in self.broken or target in self.secured:
                return self.broken.get(target, ""), self.secured.get(target, "")
        return "", ""


def _not_permitted(source: GatewayObject, kind: str, namespace: str, name: str) -> Trouble:
    text = (
        f"no ReferenceGrant in namespace {namespace} lets {source.kind}s of namespace {source.namespace} "
        f"refer to {kind} {namespace}/{name}"
    )
    return Trouble("RefNotPermitted", text)


def _grants(grant: GatewayObject, source: GatewayObject, group: str, kind: str, name: str) -> bool:
    trusted = any(
        (one["group"], one["kind"], one["namespace"]) == (source.group, source.kind, source.namespace)
        for one in grant.spec["from"]
    )
    return trusted and any(
        one["group"] == group and one["kind"] == kind and one.get("name", name) == name for one in grant.spec["to"]
    )


def name_of_kept(oid: str) -> Name:
    """The name that a kept object's id holds; one without namespace stands in ``default`` (Secrets, ConfigMaps)."""
    api, _, kind = oid.partition(":")[0].rpartition("/")
    group = api.rpartition("/")[0]
    _, namespace, name = split_id(f"{kind}:{oid.partition(':')[2]}")
    return (group, kind, namespace or "default", name)


def world_of(
    project: Project, control: ControlPlaneState, grants: Iterable[GatewayObject], referred: Iterable[str]
) -> World:
    """The world without what BackendTLSPolicies say; `referred` are the ids of kept objects that are no routes."""
    by_namespace: dict[str, list[GatewayObject]] = {}
    for grant in grants:
        by_namespace.setdefault(grant.namespace, []).append(grant)
    return World(
        control.services,
        control.namespaces,
        {name_of_kept(oid): project.foreign[oid].data for oid in referred},
        {namespace: tuple(found) for namespace, found in by_namespace.items()},
        promised=promised_secrets(project),
    )
