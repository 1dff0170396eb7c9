"""Nodes of the ledger: their addresses and podCIDRs in the order of their creation, and their books of Pod IPAM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from designer.engine.controlplane.addresses import Net, address_text, parse_address, parse_nets
from designer.engine.controlplane.ipambooks import NodeBook
from designer.engine.controlplane.nodenetwork import (
    NodeAddresses,
    cluster_families,
    give_cidrs,
    given_addresses,
    rings,
)
from designer.engine.controlplane.scheduler import natural_key
from designer.model import ClusterSettings, Ledger, Node, NodeRecord, Problem, Project, calico_encapsulation

# Annotations of Nodes by encapsulation (projectcalico/calico, libcalico-go/lib/backend/k8s/resources/node.go).
CALICO_TUNNELS = {
    "ipip": ("projectcalico.org/IPv4IPIPTunnelAddr",),
    "vxlan": ("projectcalico.org/IPv4VXLANTunnelAddr", "projectcalico.org/IPv6VXLANTunnelAddr"),
}
# Plugins that hand out Pod addresses from Node.spec.podCIDRs: without one the Node runs no Pod.
NEEDS_POD_CIDR = frozenset({"flannel"})


@dataclass(frozen=True, slots=True)
class NodeNetwork:
    """What Nodes have, by name in the order of their creation, and nodeipam's positions by cluster CIDR."""

    nodes: Mapping[str, Node]
    addresses: Mapping[str, tuple[str, ...]]
    cidrs: Mapping[str, tuple[str, ...]]
    pointers: Mapping[str, int]
    problems: tuple[Problem, ...]


def creation_order(project: Project) -> list[Node]:
    """Nodes in the order of their creation: recorded ones first, then by time, then naturally by name."""
    known = project.ledger.nodes
    return sorted(
        project.slice(Node).values(),
        key=lambda n: (n.name not in known, n.metadata.creationTimestamp or "~", natural_key(n.name)),
    )


def node_network(project: Project) -> NodeNetwork:
    """The Nodes' part of an allocation: what the ledger has stays, the rest is drawn in the order of creation."""
    old, settings = project.ledger, project.cluster
    order = creation_order(project)
    problems: list[Problem] = []
    given = {node.name: given_addresses(node) for node in order}
    empty = NodeRecord()
    used = [ip for ips in given.values() for ip in ips]
    used += [ip for name in given for ip in old.nodes.get(name, empty).addresses]
    source = NodeAddresses(settings, used)
    networks = parse_nets((settings.nodeNetwork, settings.nodeNetworkV6))
    node_ips = {}
    for node in order:
        have = given[node.name] or old.nodes.get(node.name, empty).addresses
        if not given[node.name]:
            by_family = {6 if ":" in ip else 4: ip for ip in have if _inside(ip, networks)}
            wanted = cluster_families(settings)
            drawn = {f: by_family.get(f) or source.take(f) for f in wanted}
            if not all(drawn.values()):
                problems.append(_no_node_address(node))
            ips = tuple(ip for ip in drawn.values() if ip)
            have = have if ips == have else ips
        node_ips[node.name] = have
    ring_of = rings(settings, dict(old.cidrPointer))
    recorded = [(node, old.nodes.get(node.name, empty).podCIDRs) for node in order]
    cidrs, cidr_problems = give_cidrs(recorded, ring_of)
    needed = settings.cni.plugin in NEEDS_POD_CIDR
    problems += cidr_problems if needed else [replace(p, severity="warning") for p in cidr_problems]
    pointers = {ring.cluster.text: ring.pointer for ring in ring_of.values()}
    return NodeNetwork({node.name: node for node in order}, node_ips, cidrs, pointers, tuple(problems))


def _inside(ip: str, networks: tuple[Net, ...]) -> bool:
    found = parse_address(ip)
    return found is not None and any(net.family == found[0] and net.has(found[1]) for net in networks)


def _no_node_address(node: Node) -> Problem:
    return Problem(
        "IP-05",
        "error",
        f"Node {node.name} gets no address: the node network is full",
        object=node.id,
        field="status.addresses",
        why="A Node needs an address of each family of the cluster.",
        fix="Use a larger node network in the cluster settings, or give the Node an InternalIP.",
    )


def node_books(old: Ledger, network: NodeNetwork, settings: ClusterSettings) -> dict[str, NodeBook]:
    """The IPAM state of every Node, in the order of their creation."""
    books = {}
    empty = NodeRecord()
    for name, texts in network.cidrs.items():
        record = old.nodes.get(name, empty)
        books[name] = NodeBook(
            name,
            parse_nets(texts),
            list(record.blocks),
            list(record.freed),
            dict(record.lastReserved),
            list(record.tunnelIps),
            told_tunnels(network.nodes[name], settings),
        )
    return books


def told_tunnels(node: Node, settings: ClusterSettings) -> tuple[str, ...]:
    """The addresses of the Node's tunnel devices as its annotations tell them, as Calico writes them there."""
    if settings.cni.plugin != "calico":
        return ()
    backend = calico_encapsulation(settings.cni.backend)
    names = next((names for kind, names in CALICO_TUNNELS.items() if kind in backend), ())
    found = (parse_address(node.metadata.annotations.get(name, "")) for name in names)
    return tuple(address_text(*address) for address in found if address is not None)
