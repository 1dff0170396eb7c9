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
    PaletteItem("Gateway", "Gateway", "Traffic", "Takes requests from outside; comes with what answers for it."),
    PaletteItem("HTTPRoute", "HTTPRoute", "Traffic", "Hosts, paths and headers, led from a Gateway to Services."),
    PaletteItem("ReferenceGrant", "ReferenceGrant", "Traffic", "Lets routes of other namespaces lead to its Services."),
    PaletteItem("NetworkPolicy", "NetworkPolicy", "Policy", "Who may talk to the Pods that it selects."),
    PaletteItem("ExternalClient", "External client", "Outside", "Somebody outside the cluster who sends requests."),
    PaletteItem("ExternalHost", "External host", "Outside", "A server outside the cluster that Pods may call."),
)

PALETTE_KINDS: frozenset[str] = frozenset(item.kind for item in PALETTE)


def label_of(kind: str) -> str:
    """The words for a kind: ``Ingress controller`` for ``IngressController``; kinds without own words as they are."""
    return next((item.label for item in PALETTE if item.kind == kind), kind)
