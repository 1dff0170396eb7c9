"""The ways by which requests for a public host get in: Ingress controllers and Gateways, and their addresses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from designer.engine.controlplane.podports import host_ports
from designer.engine.controlplane.state import PodState
from designer.engine.l7.gateway.hostnames import host_matches, patterns_of
from designer.engine.l7.gateway.responding import Responder
from designer.engine.trace.aim import Aim, Aims, aim_at_service, fail, one
from designer.engine.trace.entries import entries_of, node_entries
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.indices import ENDED
from designer.engine.trace.origin import address_towards
from designer.engine.trace.proxies import address_list, gateways_of_pod, services_of
from designer.engine.trace.request import Parsed
from designer.model import IngressController


@dataclass(frozen=True, slots=True)
class Entrance:
    """What serves a host: an Ingress controller, or a Gateway (``ns/name``)."""

    id: str
    name: str
    controller: IngressController | None = None
    gateway: str = ""


def entrances(ground: Ground, name: str) -> tuple[Entrance, ...]:
    """Everything that serves this very host or a wildcard for it, Ingress controllers first."""
    found = [Entrance(one.id, one.name, one) for one in serving(ground, name)]
    for key, responder in ground.state.gateways.responders.items():
        if responder.gateway.carries and _is_for(responder, name):
            owner = responder.gateway.owner
            found.append(Entrance(owner.id, owner.shown, None, key))
    return tuple(found)


def _is_for(responder: Responder, name: str) -> bool:
    """Whether a listener, or a route at a listener, names the host or a wildcard for it."""
    patterns = [pattern for pattern in patterns_of(name) if pattern]
    for listener in responder.listeners:
        if not host_matches(listener.hostname, name):
            continue
        attached = responder.attached[listener.key]
        if listener.hostname or any(p in attached.index.groups or p in attached.streams for p in patterns):
            return True
    return False


def serving(ground: Ground, name: str) -> tuple[IngressController, ...]:
    """The controllers that serve Ingresses with this very host (or a wildcard for it), by id."""
    found = []
    for oid, routes in ground.state.routes.controllers.items():
        controller = ground.state.project.find(IngressController, oid)
        if controller is not None and routes.names(name):
            found.append(controller)
    return tuple(found)


def is_closed(ground: Ground, entrance: Entrance) -> bool:
    """Whether nothing outside can reach it, so that no public name leads there: a controller inside the cluster only.

    A Service of type LoadBalancer may get an address yet, a Gateway may have one that is not in the input.
    """
    if entrance.controller is None:
        return False
    service = ground.control.services.get(entrance.controller.spec.service or "")
    if service is None or service.type != "ClusterIP" or service.external_ips:
        return False
    own = (pod for pod in ground.control.pods.values() if runs(ground, entrance.controller, pod))
    return not any(pod.host_network or host_ports(pod) for pod in own)


def exposure(
    ground: Ground, origin: Origin, controller: IngressController, parsed: Parsed
) -> tuple[tuple[tuple[str, str], ...], str, str]:
    """(Node or "", address) pairs that lead to a controller, how, and why there are none.

    A load balancer address comes first, then the node ports of its Service, then Pods with hostNetwork or hostPort.
    """
    who = controller.name
    service = ground.control.services.get(controller.spec.service or "")
    if service is not None:
        for entry in service.load_balancer:
            if entry.ip and address_towards(origin, entry.ip):
                how = f"the load balancer address of {service.namespace}/{service.name}, which leads to {who}"
                return (("", entry.ip),), how, ""
        if service.type in ("NodePort", "LoadBalancer") and any(p.node_port == parsed.port for p in service.ports):
            how = f"the Nodes' addresses, where port {parsed.port} leads to {who}"
            return node_entries(ground, origin), how, f"No Node is ready to take requests for {who}."
    nodes = [
        pod.node
        for pod in ground.control.pods.values()
        if runs(ground, controller, pod) and pod.phase not in ENDED and (pod.host_network or host_ports(pod))
    ]
    machines = tuple(node for node in ground.control.nodes.values() if node.ready and node.name in nodes)
    held = entries_of(machines, origin)
    if held:
        return held, f"the addresses of the Nodes where {who} runs", ""
    pending = f" ({service.pending})" if service is not None and service.pending else ""
    reason = (
        f"Nothing leads to {who} from outside at port {parsed.port or 80}: it has no load balancer address{pending}"
    )
    if service is not None and any(p.node_port for p in service.ports):
        ports = ", ".join(str(p.node_port) for p in service.ports if p.node_port)
        return (), "", f"{reason}. Its node ports are {ports}: ask for one of them."
    return (), "", f"{reason}, no node port and no hostPort."


def runs(ground: Ground, controller: IngressController, pod: PodState) -> bool:
    """Whether the Pod is one of those that run the controller: of its workload, else behind its Service."""
    if controller.spec.workload:
        return controller.spec.workload in (pod.owner, pod.id)
    slices = ground.control.slices.get(controller.spec.service or "", ())
    return any(end.pod == pod.id for part in slices for end in part.endpoints)


def gateway_addresses(ground: Ground, origin: Origin, key: str) -> tuple[str, ...]:
    """The addresses of a Gateway that the sender may use: its own, then those of load balancers of its Services."""
    balanced = (entry.ip for service in services_of(ground, key) for entry in service.load_balancer if entry.ip)
    found = dict.fromkeys((*address_list(ground, key), *balanced))
    return tuple(address for address in found if address_towards(origin, address) or origin.kind == "node")


def aim_at_gateway(ground: Ground, origin: Origin, key: str, parsed: Parsed) -> Aims:
    """The aim for a Gateway: its address, else what exposes the Service of its proxies, else the Nodes where they run.

    Where the input holds none of them, `Aims.unseen` names the Gateway: its decision is shown all the same.
    """
    port = parsed.port or (443 if parsed.tls else 80)
    held = gateway_addresses(ground, origin, key)
    if held:
        said = f"{held[0]} is the address of Gateway {key}."
        return one(Aim(held[0], port, parsed.protocol, f"Gateway {key}"), said)
    for service in services_of(ground, key):
        if any(p.port == port for p in service.ports) or port in {p.node_port for p in service.ports}:
            number = next((p.port for p in service.ports if p.node_port == port), port)
            found = aim_at_service(ground, origin, service, replace(parsed, port=number, said_protocol=True))
            said = f"Service {service.namespace}/{service.name} leads to the proxies of Gateway {key}."
            return replace(found, notes=(said, *found.notes))
    entries = _nodes_of(ground, origin, key)
    if entries:
        said = f"The proxies of Gateway {key} are reached at the addresses of the Nodes where they run."
        return one(Aim(entries[0][1], port, parsed.protocol, f"Gateway {key}", entries if entries[1:] else ()), said)
    reason = (
        f"Gateway {key} has no address in the input: no status.addresses, no spec.addresses, and no Service or Pod "
        "with its label that leads to its proxies"
    )
    return replace(fail("cannot-tell", f"{reason}."), unseen=key)


def _nodes_of(ground: Ground, origin: Origin, key: str) -> tuple[tuple[str, str], ...]:
    """(Node, address) pairs of the proxies that have ports of their Nodes."""
    own = [pod for pod in ground.control.pods.values() if pod.host_network or host_ports(pod)]
    nodes = {pod.node for pod in own if pod.phase not in ENDED and key in gateways_of_pod(ground, pod)}
    return entries_of(tuple(n for n in ground.control.nodes.values() if n.ready and n.name in nodes), origin)
