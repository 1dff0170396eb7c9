"""What one node's kube-proxy goes by besides Services and endpoints: its settings seen from that node."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.controlplane.state import Family, NodeState
from designer.engine.kubeproxy.service_ports import canonical_address, cidrs_of, of_family
from designer.engine.netfilter.matches import InInterface, Source
from designer.engine.netfilter.packet import in_network, is_loopback
from designer.model import KubeProxySettings

# The value of nodePortAddresses that stands for the node's own primary addresses.
PRIMARY = "primary"
_LOOPBACK: dict[int, str] = {4: "127.0.0.1", 6: "::1"}
_EVERYTHING: dict[int, str] = {4: "0.0.0.0/0", 6: "::/0"}

LocalSource = Source | InInterface


@dataclass(frozen=True, slots=True)
class NodeView:
    """The node-dependent inputs of the rules of one family; equal views give equal rules.

    `local_source` matches traffic that local Pods send, None where that is not detected. `node_ip` is the node's
    primary address of the family. `node_port_addresses` are the addresses that take node ports, None for all local
    ones. `localhost_node_ports` says whether 127.0.0.1 takes them too.
    """

    node: str
    zone: str | None
    family: Family
    node_ip: str | None
    mark: int
    masquerade_all: bool
    local_source: LocalSource | None
    node_port_addresses: tuple[str, ...] | None
    localhost_node_ports: bool
    drop_invalid: bool


def view_of(node: NodeState, settings: KubeProxySettings, family: Family) -> NodeView:
    """The view of one node in one family (iptables mode)."""
    node_ip = next((a for a in map(canonical_address, node.addresses) if a and of_family(a, family)), None)
    cidrs = _node_port_cidrs(node, settings, family)
    localhost = settings.localhostNodePorts and family == 4 and any(_holds_loopback(cidr) for cidr in cidrs)
    return NodeView(
        node=node.name,
        zone=node.zone,
        family=family,
        node_ip=node_ip,
        mark=1 << settings.masqueradeBit,
        masquerade_all=settings.masqueradeAll,
        local_source=local_source(node, settings, family),
        node_port_addresses=_node_port_addresses(node, cidrs, family, localhost),
        localhost_node_ports=localhost,
        drop_invalid=not settings.conntrackTCPBeLiberal,
    )


def nftables_view_of(node: NodeState, settings: KubeProxySettings, family: Family) -> NodeView:
    """The view of one node in one family in nftables mode, which has its own masquerade settings.

    Without `nodePortAddresses` only the node's primary address takes node ports, and loopback never does
    (`domain/kube-proxy.md` section "Visible differences from iptables").
    """
    own = {
        "masqueradeAll": settings.nftablesMasqueradeAll,
        "masqueradeBit": settings.nftablesMasqueradeBit,
        "nodePortAddresses": settings.nodePortAddresses or (PRIMARY,),
        "localhostNodePorts": False,
    }
    return view_of(node, settings.model_copy(update=own), family)


def local_source(node: NodeState, settings: KubeProxySettings, family: Family) -> LocalSource | None:
    """The match for traffic of local Pods by `detectLocalMode`, None where the setting names nothing for the family.

    `domain/kube-proxy.md` section "detectLocalMode". An empty clusterCIDR is none: kube-proxy itself has no
    default for it. Only the first CIDR of a family counts.
    """
    match settings.detectLocalMode:
        case "ClusterCIDR":
            cidrs = cidrs_of((settings.clusterCIDR or "").split(","), family)
        case "NodeCIDR":
            cidrs = cidrs_of(node.pod_cidrs, family)
        case "BridgeInterface":
            return InInterface(settings.bridgeInterface) if settings.bridgeInterface else None
        case "InterfaceNamePrefix":
            return InInterface(f"{settings.interfaceNamePrefix}+") if settings.interfaceNamePrefix else None
    return Source(cidrs[0]) if cidrs else None


def _node_port_cidrs(node: NodeState, settings: KubeProxySettings, family: Family) -> tuple[str, ...]:
    """The CIDRs of `nodePortAddresses` of a family; without any of it, everything."""
    texts = list(settings.nodePortAddresses)
    if PRIMARY in texts:
        own = [a for a in map(canonical_address, node.addresses) if a]
        first = [next((a for a in own if of_family(a, f)), None) for f in (4, 6)]
        texts = [f"{a}/{128 if ':' in a else 32}" for a in first if a]
    return cidrs_of(texts, family) or (_EVERYTHING[family],)


def _holds_loopback(cidr: str) -> bool:
    """Whether an IPv4 CIDR has to do with 127.0.0.0/8: it lies in it, or it contains its beginning."""
    return in_network(cidr.partition("/")[0], "127.0.0.0/8") or in_network("127.0.0.0", cidr)


def _node_port_addresses(
    node: NodeState, cidrs: tuple[str, ...], family: Family, localhost: bool
) -> tuple[str, ...] | None:
    """The addresses of the node's interfaces that lie in the CIDRs, None for all; loopback ones only if they may."""
    if _EVERYTHING[family] in cidrs:
        return None
    given = map(canonical_address, (_LOOPBACK[family], *node.addresses, *node.interface_addresses))
    held = dict.fromkeys(a for a in given if a and of_family(a, family) and (localhost or not is_loopback(a)))
    return tuple(a for a in held if any(in_network(a, cidr) for cidr in cidrs))
