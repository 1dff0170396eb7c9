"""What can be dragged onto the canvas, in the order of the palette."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaletteItem:
    """A kind that can be dropped: its model kind, the words for a person, its group, and what it is for."""

    kind: str
    label: str
    group: str
    description: str


GATEWAY_API = "Gateway API"
PALETTE: tuple[PaletteItem, ...] = (
    PaletteItem("Node", "Node", "Infrastructure", "A machine of the cluster that runs Pods."),
    PaletteItem("Namespace", "Namespace", "Infrastructure", "A room for names; policies and Services belong to one."),
    PaletteItem("Pod", "Pod", "Workloads", "One Pod that stands for itself."),
    PaletteItem("Deployment", "Deployment", "Workloads", "Interchangeable Pods, placed by the scheduler."),
    PaletteItem("StatefulSet", "StatefulSet", "Workloads", "Pods with names that stay, and a headless Service."),
    PaletteItem("DaemonSet", "DaemonSet", "Workloads", "One Pod on every Node."),
    PaletteItem("Service", "Service", "Traffic", "One address and name for the Pods that its selector matches."),
    PaletteItem(
        "IngressController",
        "Ingress controller",
        "Traffic",
        "The program that serves Ingresses, with its Deployment, Service and IngressClass.",
    ),
    PaletteItem("Ingress", "Ingress", "Traffic", "HTTP hosts and paths, each led to a Service."),
    PaletteItem("Gateway", "Gateway", GATEWAY_API, "Takes requests from outside; comes with what answers for it."),
    PaletteItem("HTTPRoute", "HTTPRoute", GATEWAY_API, "Hosts, paths and headers, led from a Gateway to Services."),
    PaletteItem("GRPCRoute", "GRPCRoute", GATEWAY_API, "gRPC services and methods, led from a Gateway to Services."),
    PaletteItem("TLSRoute", "TLSRoute", GATEWAY_API, "TLS connections by server name, handed on to a Service."),
    PaletteItem("TCPRoute", "TCPRoute", GATEWAY_API, "TCP connections of a listener, handed on to a Service."),
    PaletteItem("UDPRoute", "UDPRoute", GATEWAY_API, "UDP packets of a listener, handed on to a Service."),
    PaletteItem(
        "ListenerSet", "ListenerSet", GATEWAY_API, "More listeners for a Gateway, from any namespace it allows."
    ),
    PaletteItem(
        "ReferenceGrant", "ReferenceGrant", GATEWAY_API, "Lets routes of other namespaces lead to its Services."
    ),
    PaletteItem("BackendTLSPolicy", "BackendTLSPolicy", GATEWAY_API, "Makes Gateways speak TLS to a Service."),
    PaletteItem("GatewayClass", "GatewayClass", GATEWAY_API, "Which controller acts for Gateways that name it."),
    PaletteItem("NetworkPolicy", "NetworkPolicy", "Policy", "Who may talk to the Pods that it selects."),
    PaletteItem("ExternalClient", "External client", "Outside", "Somebody outside the cluster who sends requests."),
    PaletteItem("ExternalHost", "External host", "Outside", "A server outside the cluster that Pods may call."),
)

PALETTE_KINDS: frozenset[str] = frozenset(item.kind for item in PALETTE)


def label_of(kind: str) -> str:
    """The words for a kind: ``Ingress controller`` for ``IngressController``; kinds without own words as they are."""
    return next((item.label for item in PALETTE if item.kind == kind), kind)
