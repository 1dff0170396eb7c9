"""What a Service lacks where nobody takes a call of it: endpoints at all, or endpoints on this node.

Texts: `domain/services.md` section 8, "No endpoints", "Local, none here" and "Named port".
"""

from __future__ import annotations

from designer.engine.controlplane.endpointslices import resolve_target
from designer.engine.controlplane.state import PodState, ServicePortState, ServiceState
from designer.engine.netfilter import Packet
from designer.engine.trace.ground import Ground
from designer.engine.trace.indices import ENDED
from designer.model import labels_match

SHOWN_PODS = 3


def called_port(service: ServiceState, packet: Packet) -> ServicePortState | None:
    """The port of a Service that a packet which nothing translated calls, by its port or its node port."""
    same = [port for port in service.ports if port.protocol == packet.protocol]
    by_port = next((port for port in same if port.port == packet.dport), None)
    return by_port or next((port for port in same if port.node_port == packet.dport), None)


def has_endpoints(ground: Ground, service: ServiceState, port: ServicePortState | None, family: int) -> bool:
    """Whether a port of the Service has an endpoint of the family, on any node, that may get traffic."""
    for piece in ground.control.slices.get(service.id, ()):
        named = port is None or any(p.name == port.name and p.protocol == port.protocol for p in piece.ports)
        if not named or piece.address_type != f"IPv{family}":
            continue
        if any(e.ready or (e.serving and e.terminating) for e in piece.endpoints):
            return True
    return False


def why_none(ground: Ground, service: ServiceState | None, port: ServicePortState | None = None) -> str:
    """Why a Service has no endpoint, as a sentence after a space: what its selector matches, and what they lack."""
    if service is None:
        return ""
    if not service.selector:
        return " The Service has no selector, so its endpoints have to be written by hand."
    pods = [
        pod
        for pod in ground.control.pods.values()
        if pod.namespace == service.namespace and pod.phase not in ENDED and labels_match(service.selector, pod.labels)
    ]
    matches = f" Its selector matches {len(pods)} {'Pod' if len(pods) == 1 else 'Pods'}"
    if not any(pod.ready and not pod.terminating for pod in pods):
        return f"{matches}{', none of them Ready' if pods else ''}."
    named = [p for p in service.ports if isinstance(p.target_port, str) and port in (None, p)]
    lacking = next((p for p in named if all(resolve_target(p, pod.spec) is None for pod in pods)), None)
    if lacking is not None:
        return f"{matches}, but targetPort {lacking.target_port} is not a container port of {_pods(pods)}."
    return f"{matches}, of which none is an endpoint of this IP family."


def _pods(pods: list[PodState]) -> str:
    """``Pod web-1``, ``Pods web-1 and web-2``, or ``any of them``."""
    if len(pods) > SHOWN_PODS:
        return "any of them"
    return f"{'Pod' if len(pods) == 1 else 'Pods'} {' and '.join(pod.name for pod in pods)}"


def none_here(service: ServiceState | None, packet: Packet, node: str) -> str:
    """Why a node whose traffic policy is Local does not take the packet, without a full stop."""
    inside = service is not None and packet.dst in service.cluster_ips
    policy = "the traffic policy" if service is None else f"{'internal' if inside else 'external'}TrafficPolicy"
    who = "the Service" if service is None else f"Service {service.namespace}/{service.name}"
    return f"{policy} is Local and {node or 'this node'} has no endpoint of {who}"


def not_translated(ground: Ground, pod: PodState, packet: Packet) -> str:
    """A sentence after a space where a Pod is called by the port of a headless Service that names another as target."""
    for service in ground.control.services.values():
        if not service.headless or service.namespace != pod.namespace or not service.selector:
            continue
        port = next((p for p in service.ports if p.port == packet.dport and p.protocol == packet.protocol), None)
        target = None if port is None else resolve_target(port, pod.spec)
        if target not in (None, packet.dport) and labels_match(service.selector, pod.labels):
            who = f"Service {service.namespace}/{service.name} is headless"
            return f" {who}: its port {packet.dport} is not translated to {target}."
    return ""
