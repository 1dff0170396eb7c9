"""The end of a request's way: does something listen there, and what follows.

A container's `ports` are informational in Kubernetes: a port that no container names may be listened on all the same,
so such a delivery ends in "cannot tell", never in a refusal (`domain/services.md` section 1, "Port").
"""

from __future__ import annotations

from dataclasses import replace

from designer.engine.cni import Encapsulation
from designer.engine.controlplane.podports import host_ports
from designer.engine.controlplane.state import PodState, ServiceState
from designer.engine.netfilter import Packet, entry_for
from designer.engine.trace import lacking
from designer.engine.trace.flight import Flight, Leg, Responder, evidence, hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.healthz import service_health
from designer.engine.trace.hops import Trace
from designer.engine.trace.indices import ENDED
from designer.engine.trace.programs import elsewhere, own_program
from designer.engine.trace.proxies import serves
from designer.engine.trace.turned_away import turned_away
from designer.model import Container

# The Service whose endpoints the API server writes by itself.
KUBERNETES = "Service:default/kubernetes"


def containers_of(pod: PodState) -> tuple[Container, ...]:
    """The containers that run while the Pod does: containers and sidecars."""
    return (*pod.spec.containers, *(c for c in pod.spec.initContainers if c.restartPolicy == "Always"))


def listener(pod: PodState, protocol: str, port: int) -> str | None:
    """The name of the container that declares the port, "" for a nameless one, None when none does."""
    for container in containers_of(pod):
        if any(p.containerPort == port and p.protocol == protocol for p in container.ports):
            return container.name
    return None


def into_pod(ground: Ground, flight: Flight, pod: PodState) -> Trace:
    """The trace from the Pod's own interface on."""
    packet = flight.packet
    who, port = f"Pod {pod.namespace}/{pod.name}", f"port {packet.dport}/{packet.protocol}"
    sure = flight.sure or (pod.ready and pod.phase not in ENDED and serves(ground, pod, packet.protocol, packet.dport))
    doubt = "" if sure else doubt_of(pod, packet.protocol, packet.dport)
    doubt += lacking.not_translated(ground, pod, packet) if doubt else ""
    container = listener(pod, packet.protocol, packet.dport)
    said = f"{who} gets the packet; {f'container {container} declares' if container else 'it listens on'} {port}."
    if doubt:
        said = f"{who} gets the packet. {doubt}"
    stop = hop(
        flight,
        "deliver",
        f"{pod.name} · eth0",
        pod.id,
        f"Delivered to {pod.name}",
        said,
        node=pod.node or "",
        outcome="delivered" if not doubt else "cannot tell",
        decided_by=evidence(f"{pod.namespace}/{pod.name}", pod.id, "spec.containers"),
        details=(("Source seen", packet.src),),
    )
    flight = flight.plus(stop)
    if doubt:
        return flight.end("cannot-tell", said)
    return flight.then(ground, flight, Responder(pod.id, who, pod, pod.node or ""))


def doubt_of(pod: PodState, protocol: str, port: int) -> str:
    """Why it is not known that the Pod answers on this port, "" when it declares it and is Ready."""
    if pod.phase in ENDED:
        return f"The Pod has ended ({pod.phase}), so nothing of it runs."
    if listener(pod, protocol, port) is None:
        declared = sorted({f"{p.containerPort}/{p.protocol}" for c in containers_of(pod) for p in c.ports})
        known = f"its containers declare {', '.join(declared)}" if declared else "its containers declare no port"
        return f"No container declares {port}/{protocol} ({known}), so whether something listens there is not known."
    if not pod.ready:
        return "The Pod is not Ready, so whether its process answers is not known."
    return ""


def into_node(
    ground: Ground, flight: Flight, node: str, forwarded: bool = False, back: Encapsulation | None = None
) -> Trace:
    """The trace from the node's own programs on: hostNetwork Pods, kubelet, kube-proxy, the API server.

    `back` is the tunnel by which an answer has to go back, None where the routes say.
    """
    packet = flight.packet
    leg = Leg(node, entry_for(flight.first, packet), forwarded, back=back)
    flight = replace(flight, legs=(*flight.legs, leg))
    for pod in ground.pods_on(node):
        if not pod.host_network or pod.phase in ENDED:
            continue
        declared = listener(pod, packet.protocol, packet.dport) is not None
        if declared or serves(ground, pod, packet.protocol, packet.dport):
            return _node_end(ground, flight, node, f"hostNetwork Pod {pod.namespace}/{pod.name}", pod)
    known = own_program(ground, node, packet) or control_plane(ground, packet.dst, packet.dport)
    known = known or service_health(ground, node, packet.dport, packet.protocol)
    if known:
        return _node_end(ground, flight, node, known)
    service = ground.node_port(packet.protocol, packet.dport)
    if service is not None:
        return _not_taken(ground, flight, node, service)
    said = (
        f"The packet reaches {node} itself. No hostNetwork Pod there declares {packet.dport}/{packet.protocol}; "
        f"what else runs on the node is not part of the project.{elsewhere(ground, packet)}"
        f"{_host_port_passed_by(ground, node, packet)}"
    )
    stop = hop(flight, "deliver", f"{node} · input", f"Node:{node}", f"Delivered to {node}", said, node=node,
               outcome="cannot tell")  # fmt: skip
    return flight.plus(stop).end("cannot-tell", said)


def _host_port_passed_by(ground: Ground, node: str, packet: Packet) -> str:
    """That a Pod has the port as hostPort, where a call did not meet portmap's netfilter rules; "" where none has."""
    for pod in ground.pods_on(node):
        if any((p.hostPort, p.protocol) == (packet.dport, packet.protocol) for p in host_ports(pod)):
            return (
                f" It is a hostPort of Pod {pod.namespace}/{pod.name}; whether such a call from the node itself or its "
                f"Pods meets the rules of hostPorts with {ground.cni.title} is not known."
            )
    return ""


def _not_taken(ground: Ground, flight: Flight, node: str, service: ServiceState) -> Trace:
    """At an address of the node on which kube-proxy takes no node ports (`domain/pitfalls.md`, SVC-29)."""
    packet = flight.packet
    if not ground.mode:
        said = (
            f"{packet.dport}/{packet.protocol} is a node port of Service {service.namespace}/{service.name}, but "
            f"whether {ground.proxy} takes node ports at {packet.dst} of {node} depends on the devices that it uses."
        )
        stop = hop(flight, "deliver", f"{node} · input", f"Node:{node}", f"Delivered to {node}", said, node=node,
                   outcome="cannot tell")  # fmt: skip
        return flight.plus(stop).end("cannot-tell", said)
    said = (
        f"{packet.dport}/{packet.protocol} is a node port of Service {service.namespace}/{service.name}, but on {node} "
        f"kube-proxy takes no node ports at {packet.dst} (its mode, nodePortAddresses and localhostNodePorts decide), "
        "and nothing of the project listens there: the connection is refused."
    )
    stop = hop(flight, "deliver", f"{node} · input", f"Node:{node}", f"Refused by {node}", said, node=node,
               outcome="refused")  # fmt: skip
    return turned_away(ground, flight.plus(stop), node, "connection-refused", said)


def _node_end(ground: Ground, flight: Flight, node: str, who: str, pod: PodState | None = None) -> Trace:
    packet = flight.packet
    serving = pod is not None and pod.ready and serves(ground, pod, packet.protocol, packet.dport)
    doubt = doubt_of(pod, packet.protocol, packet.dport) if pod is not None and not serving else ""
    said = f"{node} hands the packet to {who}, which listens on {packet.dport}/{packet.protocol}."
    if doubt:
        said = f"{node} hands the packet to {who}. {doubt}"
    stop = hop(
        flight,
        "deliver",
        f"{node} · input",
        pod.id if pod is not None else f"Node:{node}",
        f"Delivered to {who}",
        said,
        node=node,
        outcome="cannot tell" if doubt else "delivered",
        details=(("Source seen", packet.src),),
    )
    flight = flight.plus(stop)
    if doubt:
        return flight.end("cannot-tell", said)
    return flight.then(ground, flight, Responder(pod.id if pod else f"Node:{node}", who, pod, node))


def control_plane(ground: Ground, address: str, port: int) -> str:
    """The API server, where the `kubernetes` Service names this address: it publishes where it listens itself."""
    for found in ground.control.slices.get(KUBERNETES, ()):
        if any(p.port == port for p in found.ports) and any(address in e.addresses for e in found.endpoints):
            return "kube-apiserver"
    return ""
