"""Which Nodes a packet from outside may come in by."""

from __future__ import annotations

from typing import Literal

from designer.engine.cni.ranges import contains, is_address
from designer.engine.controlplane.state import Family, NodeState, ServiceState
from designer.engine.kubeproxy import takes_node_ports
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.origin import address_towards

EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"


def eligible(ground: Ground, service: ServiceState, family: Family, ready: bool = True) -> tuple[NodeState, ...]:
    """The Nodes that a load balancer may send to: ready, not excluded, and with policy Local those with an endpoint.

    With `ready` False those that it would send to were they ready, and their Pods with them.

    A load balancer is taken to ask healthCheckNodePort, which counts ready endpoints only (`domain/services.md`
    section 3).
    """
    local = {
        end.node
        for part in ground.control.slices.get(service.id, ())
        for end in part.endpoints
        if (end.ready or not ready) and (part.address_type == "IPv6") == (family == 6)
    }
    return tuple(
        node
        for node in ground.control.nodes.values()
        if node.ready is ready
        and EXCLUDED not in node.labels
        and (service.external_policy != "Local" or node.name in local)
    )


# A Node that is not Ready may still do its work: its condition says what its kubelet does, and load balancers ask
# kube-proxy instead (KEP-3458).
SILENT = "whether a Node that is not still takes the packet is not known"


def none_ready(ground: Ground) -> Literal["cannot-tell", "no-route"]:
    """The end of a packet that no ready Node takes: not known where there are others."""
    return "cannot-tell" if ground.control.nodes else "no-route"


def answering_arp(ground: Ground, service: ServiceState, family: Family) -> tuple[NodeState, ...]:
    """The Nodes that may draw a load balancer's address to themselves though they have no endpoint by policy Local.

    In ipvs mode every Node has it on kube-ipvs0 and answers ARP for it, unless strictARP is set (`domain/kube-proxy.md`
    section 5). That matters where a controller of the cluster announces addresses; empty where it does not. IPv6
    answers for addresses of the asked interface only.
    """
    settings = ground.settings
    lenient = (
        settings.kubeProxy.mode == "ipvs" and not settings.kubeProxy.ipvsStrictARP and ground.proxy == "kube-proxy"
    )
    if not lenient or not settings.loadBalancer.pools or service.external_policy != "Local" or family == 6:
        return ()
    return tuple(node for node in ground.control.nodes.values() if node.ready)


def not_asked(service: ServiceState, client: str) -> str:
    """Why it is not known that a balancer with its own connections lets the client through, "" where it does.

    kube-proxy enforces loadBalancerSourceRanges for addresses of mode VIP only; "clouds may also apply it"
    (`domain/services.md` section 5).
    """
    if not service.source_ranges or any(contains(cidr, client) for cidr in service.source_ranges):
        return ""
    return (
        f"loadBalancerSourceRanges of Service {service.namespace}/{service.name} do not hold {client}. kube-proxy does "
        "not enforce them here; whether the load balancer does is its own affair."
    )


def entries_of(nodes: tuple[NodeState, ...], origin: Origin) -> tuple[tuple[str, str], ...]:
    """(name, address) of those Nodes that have an address of a family that the sender has."""
    pairs = ((node.name, next((a for a in node.addresses if address_towards(origin, a)), None)) for node in nodes)
    return tuple((name, address) for name, address in pairs if address is not None)


def node_entries(ground: Ground, origin: Origin) -> tuple[tuple[str, str], ...]:
    """Every Node with its first address of the sender's family that takes node ports, in order of names.

    Nodes that are not ready and those without such an address are left out. Where no Node has one, their first
    addresses: what becomes of the packet there says why.
    """
    ready = tuple(node for node in ground.control.nodes.values() if node.ready)
    found = []
    for node in ready:
        held = filter(is_address, dict.fromkeys((*node.addresses, *node.interface_addresses)))
        taking = (a for a in held if address_towards(origin, a) and takes_node_ports(node, ground.settings, a))
        address = next(taking, None)
        if address is not None:
            found.append((node.name, address))
    return tuple(found) or entries_of(ready, origin)


def no_entry(ground: Ground, origin: Origin) -> str:
    """Why no Node takes a packet of the sender, where `node_entries` has none."""
    if not any(node.ready for node in ground.control.nodes.values()):
        return f"no Node is Ready, and {SILENT}" if ground.control.nodes else "there is no Node to take the packet"
    return f"no Node that is Ready has an address of a family that {origin.name} has"
