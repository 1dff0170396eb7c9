"""Kinds of ``networking.k8s.io/v1`` and ``discovery.k8s.io/v1``: Ingress, NetworkPolicy, EndpointSlice and others."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict, Field

from designer.model.frozen import FrozenModel
from designer.model.meta import IntOrString, KubeObject, LabelSelector


class ServiceBackendPort(FrozenModel):
    """``backend.service.port``: a number or a name of the *Service* port."""

    number: int | None = None
    name: str | None = None


class IngressServiceBackend(FrozenModel):
    """``backend.service``."""

    name: str = ""
    port: ServiceBackendPort = Field(default_factory=ServiceBackendPort)


class IngressBackend(FrozenModel):
    """A backend: a Service of the Ingress' own namespace (resource backends are kept)."""

    service: IngressServiceBackend | None = None


class HTTPIngressPath(FrozenModel):
    """``rules[].http.paths[]``."""

    path: str | None = None
    pathType: str | None = None
    backend: IngressBackend = Field(default_factory=IngressBackend)


class HTTPIngressRuleValue(FrozenModel):
    """``rules[].http``."""

    paths: tuple[HTTPIngressPath, ...] = ()


class IngressRule(FrozenModel):
    """``rules[]``."""

    host: str | None = None
    http: HTTPIngressRuleValue | None = None


class IngressTLS(FrozenModel):
    """``tls[]``."""

    hosts: tuple[str, ...] = ()
    secretName: str | None = None


class IngressSpec(FrozenModel):
    """``spec`` of an Ingress."""

    ingressClassName: str | None = None
    defaultBackend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()


class Ingress(KubeObject):
    """HTTP routing to Services, done by an Ingress controller."""

    KIND: ClassVar[str] = "Ingress"
    API_VERSION: ClassVar[str] = "networking.k8s.io/v1"

    spec: IngressSpec = Field(default_factory=IngressSpec)


class IngressClassSpec(FrozenModel):
    """``spec`` of an IngressClass."""

    controller: str = ""


class IngressClass(KubeObject):
    """Which controller serves an Ingress."""

    KIND: ClassVar[str] = "IngressClass"
    API_VERSION: ClassVar[str] = "networking.k8s.io/v1"
    NAMESPACED: ClassVar[bool] = False

    spec: IngressClassSpec = Field(default_factory=IngressClassSpec)


class IPBlock(FrozenModel):
    """``ipBlock`` of a policy peer. The field is called ``except``; in Python it is `except_`."""

    model_config = ConfigDict(populate_by_name=True)

    cidr: str
    except_: tuple[str, ...] = Field(default=(), alias="except")


class NetworkPolicyPeer(FrozenModel):
    """One entry of ``from`` or ``to``."""

    podSelector: LabelSelector | None = None
    namespaceSelector: LabelSelector | None = None
    ipBlock: IPBlock | None = None


class NetworkPolicyPort(FrozenModel):
    """One entry of ``ports``."""

    protocol: str | None = None
    port: IntOrString | None = None
    endPort: int | None = None


class NetworkPolicyIngressRule(FrozenModel):
    """``ingress[]``. The field is called ``from``; in Python it is `from_`."""

    model_config = ConfigDict(populate_by_name=True)

    from_: tuple[NetworkPolicyPeer, ...] = Field(default=(), alias="from")
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicyEgressRule(FrozenModel):
    """``egress[]``."""

    to: tuple[NetworkPolicyPeer, ...] = ()
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicySpec(FrozenModel):
    """``spec`` of a NetworkPolicy."""

    podSelector: LabelSelector = Field(default_factory=LabelSelector)
    policyTypes: tuple[str, ...] = ()
    ingress: tuple[NetworkPolicyIngressRule, ...] = ()
    egress: tuple[NetworkPolicyEgressRule, ...] = ()


class NetworkPolicy(KubeObject):
    """``networking.k8s.io/v1`` NetworkPolicy."""

    KIND: ClassVar[str] = "NetworkPolicy"
    API_VERSION: ClassVar[str] = "networking.k8s.io/v1"

    spec: NetworkPolicySpec = Field(default_factory=NetworkPolicySpec)


class EndpointConditions(FrozenModel):
    """``conditions``: an unset `ready` or `serving` counts as true, an unset `terminating` as false."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class ForZone(FrozenModel):
    """``hints.forZones[]`` (and ``forNodes[]``, same shape)."""

    name: str


class EndpointHints(FrozenModel):
    """``hints``."""

    forZones: tuple[ForZone, ...] = ()
    forNodes: tuple[ForZone, ...] = ()


class TargetRef(FrozenModel):
    """``targetRef``: the Pod behind the address."""

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None


class Endpoint(FrozenModel):
    """``endpoints[]``."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = Field(default_factory=EndpointConditions)
    hostname: str | None = None
    nodeName: str | None = None
    zone: str | None = None
    hints: EndpointHints | None = None
    targetRef: TargetRef | None = None


class EndpointPort(FrozenModel):
    """``ports[]``; no number means all ports, which kube-proxy ignores."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    appProtocol: str | None = None


class EndpointSlice(KubeObject):
    """Addresses behind a Service; the Service is named by the label ``kubernetes.io/service-name``."""

    KIND: ClassVar[str] = "EndpointSlice"
    API_VERSION: ClassVar[str] = "discovery.k8s.io/v1"

    addressType: str = "IPv4"
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class ServiceCIDRSpec(FrozenModel):
    """``spec`` of a ServiceCIDR."""

    cidrs: tuple[str, ...] = ()


class ServiceCIDR(KubeObject):
    """A range that ClusterIPs come from (KEP-1880)."""

    KIND: ClassVar[str] = "ServiceCIDR"
    API_VERSION: ClassVar[str] = "networking.k8s.io/v1"
    NAMESPACED: ClassVar[bool] = False

    spec: ServiceCIDRSpec = Field(default_factory=ServiceCIDRSpec)
