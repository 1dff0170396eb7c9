"""Nodes as the rest of the engine sees them."""

from __future__ import annotations

from designer.engine.controlplane.addresses import address_text, canonical, parse_net, parse_nets
from designer.engine.controlplane.nodenetwork import given_addresses
from designer.engine.controlplane.scheduler import is_ready, natural_key
from designer.engine.controlplane.state import NodeState
from designer.engine.controlplane.zonehints import milli_cpu
from designer.engine.memo import Memo
from designer.model import ClusterSettings, FrozenMap, Node, NodeRecord, Project

ZONE_LABEL = "topology.kubernetes.io/zone"
# A Node's further interface addresses, comma-separated: the convention of the kube-proxy reference cases.
INTERFACES_ANNOTATION = "cluster-network-designer/interface-addresses"
# Plugins whose Pods hang on a Linux bridge with the first address of the podCIDR.
BRIDGE_AT_FIRST = frozenset({"flannel"})


def node_states(project: Project, memo: Memo) -> FrozenMap[str, NodeState]:
    """Every Node by name, in natural order of the names."""
    settings, ledger = project.cluster, project.ledger
    group = memo.group("nodes")
    empty = NodeRecord()
    states = {}
    for node in sorted(project.slice(Node).values(), key=lambda n: natural_key(n.name)):
        record = ledger.nodes.get(node.name, empty)
        states[node.name] = group.once(node.name, (node, record, settings), node_state)
    group.close()
    return FrozenMap(states)


def node_state(node: Node, record: NodeRecord, settings: ClusterSettings) -> NodeState:
    """One Node from its object and its record."""
    addresses = given_addresses(node) or record.addresses
    addresses = tuple(sorted(addresses, key=lambda ip: ":" in ip))
    more = tuple(
        canonical(text) for text in node.metadata.annotations.get(INTERFACES_ANNOTATION, "").split(",") if text.strip()
    )
    plugin = settings.cni.plugin
    bridges: tuple[str, ...] = ()
    tunnels, blocks = record.tunnelIps, record.blocks
    if plugin in BRIDGE_AT_FIRST:
        bridges = tuple(address_text(net.family, net.first + 1) for net in parse_nets(record.podCIDRs))
    elif plugin == "weave":
        tunnels, bridges, blocks = (), record.tunnelIps, ()
    return NodeState(
        name=node.name,
        addresses=addresses,
        interface_addresses=tuple(dict.fromkeys((*addresses, *more))),
        pod_cidrs=record.podCIDRs,
        tunnel_ips=tunnels,
        bridge_ips=bridges,
        blocks=tuple(text for text in blocks if parse_net(text) is not None),
        zone=node.labels.get(ZONE_LABEL) or None,
        labels=node.labels,
        ready=is_ready(node),
        milli_cpu=milli_cpu(node.status.allocatable.get("cpu", "")),
    )
