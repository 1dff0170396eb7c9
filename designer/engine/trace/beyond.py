"""What becomes of a packet that leaves the cluster's nodes (`domain/cni.md` section 6, G)."""

from __future__ import annotations

from designer.engine.cni.ranges import contains
from designer.engine.controlplane.state import ServiceState
from designer.engine.kubeproxy import HEADLESS_LABEL
from designer.engine.trace.delivery import KUBERNETES, control_plane
from designer.engine.trace.doubts import partial_project
from designer.engine.trace.flight import Flight, Responder, endpoint, hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Trace
from designer.engine.trace.outside import through_proxy
from designer.engine.trace.proxies import gateway_at
from designer.model import ExternalClient, ExternalHost


def leave(ground: Ground, flight: Flight, node: str) -> Trace:
    """The trace of a packet that `node` sends out by its default route or onto the nodes' own link."""
    packet = flight.packet
    thing = ground.outside_at(packet.dst)
    if flight.origin.kind == "outside" and not any(leg.entry.dnat for leg in flight.legs):
        return flight.end(
            "dropped",
            f"No rule of {node} takes {endpoint(packet.dst, packet.dport)}/{packet.protocol}, and sending the "
            "packet back where it came from leads nowhere: time-out.",
        )
    if thing is not None:
        return _known(ground, flight, node, thing)
    server = control_plane(ground, packet.dst, packet.dport)
    if server:
        return _api_server(ground, flight, node, server)
    for service in ground.services_at(packet.dst):
        entry = next((e for e in service.load_balancer if e.ip == packet.dst and e.ip_mode == "Proxy"), None)
        port = next((p for p in service.ports if p.port == packet.dport and p.protocol == packet.protocol), None)
        if entry is not None and port is not None:
            return through_proxy(ground, flight, service, port)
        if packet.dst in service.cluster_ips:
            return flight.end("dropped", _leaked(ground, flight, node, service, port is not None))
    gateway = gateway_at(ground, packet.dst)
    if gateway is not None:
        flight = _wire(flight, node, gateway.owner.shown, gateway.owner.id)
        return flight.then(ground, flight, Responder(gateway.owner.id, gateway.owner.shown, unseen=True))
    if any(contains(cidr, packet.dst) for cidr in ground.settings.serviceCIDRs):
        if KUBERNETES not in ground.control.services:
            return flight.end("cannot-tell", partial_project(packet.dst))
        return flight.end(
            "dropped",
            f"{packet.dst} is in the Service range, but no Service has it: the packet leaves {node} by the default "
            "route, where nobody answers, time-out.",
        )
    if any(contains(cidr, packet.dst) for cidr in (*ground.cni.pools, *ground.settings.podCIDRs)):
        return flight.end("no-route", f"{packet.dst} is in the Pod range, but no Pod has it and no node routes to it.")
    where = endpoint(packet.dst, packet.dport)
    reason = (
        f"The packet leaves {node} as {endpoint(packet.src, packet.sport)} for {where}; what is beyond the cluster "
    )
    return _wire(flight, node, packet.dst, "").end("cannot-tell", f"{reason}is not part of the project.")


def _leaked(ground: Ground, flight: Flight, node: str, service: ServiceState, has_port: bool) -> str:
    """Why a packet to a ClusterIP left the node: no rule is for its port, or none at all for the Service."""
    packet = flight.packet
    who = f"The ClusterIP of {service.namespace}/{service.name} exists, but"
    why = f"{packet.dport}/{packet.protocol} is not a Service port"
    if has_port and HEADLESS_LABEL in service.labels:
        why = f"{ground.proxy} leaves Services with the label {HEADLESS_LABEL} alone"
    elif has_port and any(leg.entry.dnat for leg in flight.legs):
        why = "it is here the endpoint of another Service, and a connection is translated once"
    told = f"{who} {why}: no rule translates it, it leaves {node} by the default route, time-out."
    taken = bool(ground.mode) and ground.assumes("kubeProxy.mode")
    assumed = " Taken for granted: kube-proxy runs in iptables mode." if taken else ""
    return told + assumed


def _known(ground: Ground, flight: Flight, node: str, thing: ExternalHost | ExternalClient) -> Trace:
    packet = flight.packet
    flight = _wire(flight, node, thing.name, thing.id)
    wanted = f"{packet.dport}/{packet.protocol}".lower()
    ports = [port.lower() if "/" in port else f"{port}/tcp" for port in thing.spec.ports]
    if not ports:
        said = f"The packet reaches {thing.name}; on which ports it listens is not known."
    elif wanted in ports:
        said = f"{thing.name} listens on {wanted}."
    else:
        said = f"{thing.name} listens on {', '.join(ports)}, not on {wanted}: the connection is refused."
    word = "delivered" if wanted in ports else ("cannot tell" if not ports else "refused")
    flight = flight.plus(
        hop(flight, "deliver", thing.name, thing.id, f"At {thing.name}", said, outcome=word,
            details=(("Source seen", packet.src),))
    )  # fmt: skip
    if not ports:
        return flight.end("cannot-tell", said)
    if wanted not in ports:
        return flight.end("connection-refused", said)
    return _answered(ground, flight, Responder(thing.id, thing.name))


def _api_server(ground: Ground, flight: Flight, node: str, server: str) -> Trace:
    """The API server on a machine that is no Node of the project: where it listens it publishes itself."""
    packet = flight.packet
    where = endpoint(packet.dst, packet.dport)
    flight = _wire(flight, node, server, KUBERNETES)
    said = f"{server} listens on {where}, as the endpoints of Service default/kubernetes say."
    stop = hop(flight, "deliver", server, KUBERNETES, f"At {server}", said, outcome="delivered",
               details=(("Source seen", packet.src),))  # fmt: skip
    flight = flight.plus(stop)
    return _answered(ground, flight, Responder(KUBERNETES, server))


def _answered(ground: Ground, flight: Flight, responder: Responder) -> Trace:
    """The reply of something outside, which finds back to a Node; to a Pod's own address only where routers know it.

    Nobody outside has a way to Pods behind tunnels, as for requests from there (`outside`).
    """
    packet = flight.packet
    pod = ground.pods_by_ip.get(packet.src)
    if pod is None:
        return flight.then(ground, flight, responder)
    who = f"{responder.name} sees {packet.src}, the address of Pod {pod.namespace}/{pod.name} itself, and answers to it"
    if ground.cni.encapsulation(packet.family) is not None:
        return flight.end(
            "dropped",
            f"{who}. {ground.cni.title} reaches Pods through its tunnels between nodes: outside routers know no way, "
            "so the answer never arrives, time-out.",
        )
    return flight.end("cannot-tell", f"{who}. Whether routers outside know the Pod ranges is not part of the project.")


def _wire(flight: Flight, node: str, name: str, oid: str) -> Flight:
    said = f"The packet leaves the cluster by {node} with source {flight.packet.src}."
    return flight.plus(
        hop(flight, "wire", f"{node} → {name}", f"Node:{node}", "Out of the cluster", said, node=node, toward=oid)
    )
