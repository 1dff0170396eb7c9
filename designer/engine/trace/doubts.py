"""Where the way of a packet depends on something that the program does not compute: said before a rule is walked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.engine.cni.ranges import contains
from designer.engine.controlplane.podports import host_ports
from designer.engine.controlplane.scheduler import ready_status
from designer.engine.controlplane.state import ServiceState
from designer.engine.kubeproxy import PROXY_NAME_LABEL, ipvs
from designer.engine.kubeproxy.startup import refusals, too_old_kernel
from designer.engine.netfilter import Packet
from designer.engine.trace.delivery import KUBERNETES
from designer.engine.trace.flight import endpoint
from designer.engine.trace.ground import Ground
from designer.engine.trace.indices import ENDED
from designer.engine.trace.lacking import called_port
from designer.model import EndpointSlice, Node, Service


def doubt_at(ground: Ground, node: str, packet: Packet) -> str:
    """Why the node's translation of this packet's destination is not known, "" where it is."""
    for ask in (
        _silent,
        _start,
        _redirected,
        _unseen_service,
        _other_proxy,
        _same_address,
        _unseen_endpoints,
        _lent_hints,
        _port_clash,
    ):
        doubt = ask(ground, node, packet)
        if doubt:
            return doubt
    return ""


def service_doubt(ground: Ground, node: str, packet: Packet) -> str:
    """The same where eBPF looks Services up: what a second claim or another proxy leaves open."""
    hinted = ground.cni.plugin != "cilium" or ground.settings.cni.serviceTopology
    asks = (_silent, _redirected, _other_proxy, _same_address, _unseen_endpoints)
    found = next((doubt for ask in asks if (doubt := ask(ground, node, packet))), "")
    return found or (_lent_hints(ground, node, packet) if hinted else "")


def _silent(ground: Ground, node: str, packet: Packet) -> str:
    return silent(ground, node)


def silent(ground: Ground, node: str) -> str:
    """Why nothing is known of a packet at `node`, "" where something is: a Node that nobody hears may be gone.

    Kubernetes documentation, Node status: the node controller sets Unknown when heartbeats stop. With False the kubelet
    is there and says so itself, and the Node's rules still stand.
    """
    found = ground.state.project.find(Node, f"Node:{node}")
    if found is None or ready_status(found) != "Unknown":
        return ""
    return f"Node {node} is not heard of (its Ready condition is Unknown): whether it runs is not known."


def _unseen_service(ground: Ground, node: str, packet: Packet) -> str:
    """nftables mode drops what is for a ClusterIP that nobody has: a part of a cluster does not say which those are."""
    control = ground.control
    if ground.settings.kubeProxy.mode != "nftables" or KUBERNETES in control.services:
        return ""
    if ground.services_at(packet.dst) or not any(contains(cidr, packet.dst) for cidr in control.service_cidrs):
        return ""
    return partial_project(packet.dst)


def _called(ground: Ground, node: str, packet: Packet) -> tuple[ServiceState, ...]:
    """The Services that have the packet's destination; the one with its node port where that is the node itself."""
    called = tuple(ground.services_at(packet.dst))
    by_port = ground.node_port(packet.protocol, packet.dport) if ground.is_local(node, packet.dst) else None
    return called or (() if by_port is None else (by_port,))


def _same_address(ground: Ground, node: str, packet: Packet) -> str:
    """Services that share an external IP and port: kube-proxy walks them in random order, the first rule wins."""
    claim = [
        f"{service.namespace}/{service.name}"
        for service in ground.services_at(packet.dst)
        if PROXY_NAME_LABEL not in service.labels
        and any(p.port == packet.dport and p.protocol == packet.protocol for p in service.ports)
    ]
    if len(claim) < 2:
        return ""
    return (
        f"Services {' and '.join(claim)} claim {endpoint(packet.dst, packet.dport)}/{packet.protocol}, and "
        f"{ground.proxy} writes Services in no fixed order: which one gets the packet is not known."
    )


def _other_proxy(ground: Ground, node: str, packet: Packet) -> str:
    """Services with the label that tells kube-proxy to keep away are served by somebody else."""
    called = _called(ground, node, packet)
    if not called or not all(PROXY_NAME_LABEL in service.labels for service in called):
        return ""
    service = called[0]
    return (
        f"Service {service.namespace}/{service.name} has the label {PROXY_NAME_LABEL}: "
        f"{service.labels[PROXY_NAME_LABEL]}, so {ground.proxy} leaves it to another proxy, whose rules are not known."
    )


def _unseen_endpoints(ground: Ground, node: str, packet: Packet) -> str:
    """Endpoints that the cluster has and the input does not show.

    API servers keep the EndpointSlice of Service default/kubernetes themselves (pkg/controlplane/reconcilers), and a
    Service with a uid was seen in a cluster: without a selector it has the endpoints that somebody wrote there.
    """
    for service in _called(ground, node, packet):
        if service.selector or called_port(service, packet) is None or ground.control.slices.get(service.id):
            continue
        who = f"Service {service.namespace}/{service.name}"
        if service.id == KUBERNETES:
            return f"{who} leads to the API servers; the input does not show its EndpointSlice, so which is not known."
        seen = ground.state.project.find(Service, service.id)
        if seen is not None and seen.metadata.uid and not ground.state.project.of(EndpointSlice):
            return f"{who} is one of a running cluster and has no selector; the input shows no EndpointSlices at all."
    return ""


def _redirected(ground: Ground, node: str, packet: Packet) -> str:
    """Cilium's local redirects: what is for a Service, or an address, goes to a Pod of the same Node instead."""
    if ground.cni.plugin != "cilium":
        return ""
    called = {(service.namespace, service.name) for service in _called(ground, node, packet)}
    for oid, one in ground.state.project.foreign.items():
        if one.data.get("kind") != "CiliumLocalRedirectPolicy":
            continue
        wanted = [
            mapping_at(one.data, "spec", "redirectFrontend", name) for name in ("serviceMatcher", "addressMatcher")
        ]
        service = str(wanted[0].get("namespace", "")), str(wanted[0].get("serviceName", ""))
        if service in called or wanted[1].get("ip") == packet.dst:
            name = oid.partition(":")[2]
            return (
                f"CiliumLocalRedirectPolicy {name} redirects what is for {packet.dst} to a Pod of {node}: where it "
                "goes is not evaluated."
            )
    return ""


def mapping_at(data: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """What stands at a path of kept data; empty where there is no mapping."""
    for key in path:
        inner = data.get(key)
        data = inner if isinstance(inner, Mapping) else {}
    return data


def _lent_hints(ground: Ground, node: str, packet: Packet) -> str:
    """topology-mode Auto lends endpoints to other zones by its own choice (KEP-2433): both zones' nodes depend on it.

    Slices of a dump show the choice that was made; those worked out here have an endpoint hinted for another zone.
    """
    zone = ground.control.nodes[node].zone
    for service in _called(ground, node, packet):
        for piece in ground.control.slices.get(service.id, ()):
            lent = [e for e in piece.endpoints if e.for_zones and e.zone and e.zone not in e.for_zones]
            if piece.origin == "derived" and any(zone == e.zone or zone in e.for_zones for e in lent):
                return (
                    f"topology-mode Auto lends endpoints of Service {service.namespace}/{service.name} to other zones, "
                    f"{node}'s among them. Which ones is the controller's choice, so which are used here is not known."
                )
    return ""


def _start(ground: Ground, node: str, packet: Packet) -> str:
    """kube-proxy does not start with settings that it refuses, nor on a kernel that lacks what its mode needs."""
    at_node = ground.is_local(node, packet.dst) and ground.node_port(packet.protocol, packet.dport) is not None
    if not at_node and not ground.services_at(packet.dst):
        return ""
    settings = ground.settings
    refused = refusals(settings)
    if refused:
        return f"kube-proxy does not start: {refused[0].title}. What rules {node} has is not known."
    kernel = too_old_kernel(settings, ground.state.project.find(Node, f"Node:{node}"))
    if kernel:
        return (
            f"kube-proxy in nftables mode asks for Linux 5.13 and does not start on {kernel} unless its check is "
            f"switched off: what rules {node} has is not known."
        )
    if settings.kubeProxy.mode != "ipvs" or ipvs.knows_scheduler(settings):
        return ""
    return (
        f"Linux itself has no IPVS scheduler {settings.kubeProxy.ipvsScheduler}. Where the kernel has no module "
        f"for it, kube-proxy does not start: what rules {node} has is not known."
    )


def _port_clash(ground: Ground, node: str, packet: Packet) -> str:
    """A port of the node that is both a nodePort and a hostPort: the chain that comes first wins, which one is open."""
    if not ground.is_local(node, packet.dst):
        return ""
    service = ground.node_port(packet.protocol, packet.dport)
    if service is None:
        return ""
    for pod in ground.pods_on(node):
        if pod.phase not in ENDED and any(
            p.hostPort == packet.dport and p.protocol == packet.protocol for p in host_ports(pod)
        ):
            return (
                f"{packet.dport}/{packet.protocol} is the nodePort of Service {service.namespace}/{service.name} and a "
                f"hostPort of Pod {pod.namespace}/{pod.name}: whichever chain comes first on {node} wins."
            )
    return ""


def partial_project(address: str) -> str:
    """Why nothing is known of a ClusterIP that no Service of the project has, where the project is not all there is."""
    return (
        f"{address} is in the Service range, and no Service of this project has it. But the project lacks even Service "
        "default/kubernetes, which every cluster has: the cluster may hold Services that the project does not show."
    )
