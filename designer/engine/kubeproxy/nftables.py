"""nftables mode: the whole table that kube-proxy v1.36.2 writes on one node, for one IP family.

Checked against tables written by kube-proxy itself (`tests/reference/kubeproxy`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy.by_node import columns_on
from designer.engine.kubeproxy.nftables_service import (
    ADDRESS_TYPE,
    HAIRPINS,
    REJECT_CHAIN,
    PortElements,
    groups_on,
    service_elements,
)
from designer.engine.kubeproxy.node_view import NodeView, nftables_view_of
from designer.engine.kubeproxy.service_ports import PortMap, ServicePort, categorize, cidrs_of, service_ports
from designer.engine.netfilter.matches import AddrType, CtStateIs, Destination, MarkIs, Match
from designer.engine.netfilter.nft_program import (
    Hook,
    NftChain,
    NftElement,
    NftGroup,
    NftProgram,
    NftRule,
    NftSet,
    NftTable,
)
from designer.engine.netfilter.nft_statements import AddressIn, Field, Lookup, Statement, VerdictBy
from designer.engine.netfilter.targets import Drop, Jump, Masquerade, Reject, SetMark
from designer.model import ClusterSettings, effective_kube_proxy
from designer.model.collector import collector_paused

TABLE = "kube-proxy"

_NEW = CtStateIs(("NEW",))
_TRANSLATED = CtStateIs(("DNAT",))
_TO_NODE = AddrType("dst")
_BY_ADDRESS: tuple[Field, ...] = ("daddr", "l4proto", "dport")
_BY_PORT: tuple[Field, ...] = ("l4proto", "dport")
_LOOPBACK = {4: "127.0.0.0/8", 6: "::1"}

# Base chain → how it is hooked in, whether only new connections go on, and the chains it jumps to. Dropping by source
# range comes before translation (-100), which would hide the load balancer's address.
_BASE_CHAINS: tuple[tuple[str, Hook, bool, tuple[str, ...]], ...] = (
    ("filter-prerouting-pre-dnat", Hook("filter", "prerouting", -110), True, ("firewall-check",)),
    ("filter-output-pre-dnat", Hook("filter", "output", -110), True, ("firewall-check",)),
    ("filter-input", Hook("filter", "input", 0), True, ("nodeport-endpoints-check", "service-endpoints-check")),
    ("filter-forward", Hook("filter", "forward", 0), True, ("service-endpoints-check", "cluster-ips-check")),
    ("filter-output", Hook("filter", "output", 0), True, ("service-endpoints-check", "cluster-ips-check")),
    ("nat-prerouting", Hook("nat", "prerouting", -100), False, ("services",)),
    ("nat-output", Hook("nat", "output", -100), False, ("services",)),
    ("nat-postrouting", Hook("nat", "postrouting", 100), False, ("masquerading",)),
)

# The field of `PortElements` → name, whether its key begins with an address, and comment of the map it fills.
_MAPS: tuple[tuple[str, str, bool, str], ...] = (
    ("firewall_ips", "firewall-ips", True, "destinations that are subject to LoadBalancerSourceRanges"),
    (
        "no_endpoint_nodeports",
        "no-endpoint-nodeports",
        False,
        "vmap to drop or reject packets to service nodeports with no endpoints",
    ),
    (
        "no_endpoint_services",
        "no-endpoint-services",
        True,
        "vmap to drop or reject packets to services with no endpoints",
    ),
    ("service_ips", "service-ips", True, "ClusterIP, ExternalIP and LoadBalancer IP traffic"),
    ("service_nodeports", "service-nodeports", False, "NodePort traffic"),
)

_COLUMNS = tuple(f.name for f in fields(PortElements))

Ports = tuple[ServicePort, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """What one node's table was made from, and for each Service what it adds (a column for each of `PortElements`).

    `order` are the places of the Services by namespace and name: of two Services that want one address, the later wins.
    """

    view: NodeView
    ids: tuple[str, ...]
    order: tuple[int, ...]
    ports: tuple[Ports, ...]
    columns: dict[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class RuleCache:
    """What `build` made last time, so that one edited Service does not cost the others anything.

    May be kept over any changes of cluster and settings and shared by all nodes: an entry counts only while the values
    it was made from are the same.
    """

    ports: dict[Family, PortMap] = field(default_factory=dict)
    written: dict[tuple[str, Family], _Written] = field(default_factory=dict)
    last: dict[Family, _Written] = field(default_factory=dict)


@collector_paused()
def build(
    control: ControlPlaneState,
    settings: ClusterSettings,
    node_name: str,
    family: Family,
    cache: RuleCache | None = None,
) -> NftProgram:
    """The nftables table of kube-proxy in nftables mode on a node, in one family.

    A Service's own chains are made when they are asked for. Raises KeyError for a node that is not there.
    """
    view = nftables_view_of(control.nodes[node_name], effective_kube_proxy(settings), family)
    before = cache.ports.get(family) if cache else None
    ports = service_ports(control, family, before, settings.kubeProxy.allowServiceExternalIPs)
    own, other = (cache.written.get((node_name, family)), cache.last.get(family)) if cache else (None, None)
    if own is None and other is not None and other.ports is ports.ports and other.ids == ports.ids:
        columns = columns_on(
            other.columns,
            other.ports,
            lambda found: service_elements(found, view),
            lambda groups: groups_on(groups, view),
        )
        written = replace(other, view=view, columns=columns)
    else:
        written = _write(ports, view, own)
    if cache:
        cache.ports[family], cache.last[family] = ports, written
        cache.written[(node_name, family)] = written
    groups: tuple[NftGroup, ...] = tuple([group for own in written.columns["groups"] for group in own])
    chains = (*_base_chains(), *_shared_chains(view, cidrs_of(control.service_cidrs, family)))
    table = NftTable(
        "ip" if family == 4 else "ip6", TABLE, "rules for kube-proxy", chains, _sets(written, view), groups
    )
    return NftProgram(family, node_name, table)


def _write(ports: PortMap, view: NodeView, before: _Written | None) -> _Written:
    """What all Services add; those whose ports are the very ones of `before` are taken from there."""
    if before is not None and before.view == view and before.ids == ports.ids:
        columns = dict(before.columns)
        changes = enumerate(zip(ports.ports, before.ports, strict=True))
        for place in [place for place, (own, old) in changes if own is not old]:
            added = service_elements(ports.ports[place], view)
            for name in _COLUMNS:
                new = getattr(added, name)
                if new or columns[name][place]:
                    if columns[name] is before.columns[name]:
                        columns[name] = columns[name].copy()
                    columns[name][place] = new
        return _Written(view, ports.ids, before.order, ports.ports, columns)
    kept = before if before is not None and before.view == view else None
    known = {id(own): place for place, own in enumerate(kept.ports)} if kept else {}
    fresh: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
    for own in ports.ports:
        at = known.get(id(own)) if own else None
        made = service_elements(own, view) if at is None else None
        for name, column in fresh.items():
            column.append(getattr(made, name) if made or kept is None or at is None else kept.columns[name][at])
    keys = [oid.replace("/", "\0") for oid in ports.ids]  # so that no name of a namespace can sort after its objects
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return _Written(view, ports.ids, tuple(order), ports.ports, fresh)


def _sets(written: _Written, view: NodeView) -> tuple[NftSet, ...]:
    """The sets and maps that all Services share."""
    address, columns = ADDRESS_TYPE[view.family], written.columns
    by_port = ("inet_proto", "inet_service")
    sets = [
        NftSet("cluster-ips", (address,), "Active ClusterIPs", parts=columns["cluster_ips"], order=written.order),
        NftSet(
            HAIRPINS,
            (address, address, *by_port),
            "service hairpin connections",
            asked=partial(_is_hairpin, written.ports, view),
        ),
    ]
    if view.node_port_addresses is not None:
        held = tuple([NftElement((text,)) for text in view.node_port_addresses])
        sets.append(NftSet("nodeport-ips", (address,), "IPs that accept NodePort traffic", parts=(held,)))
    for column, name, with_address, comment in _MAPS:
        types = (address, *by_port) if with_address else by_port
        sets.append(NftSet(name, types, comment, verdicts=True, parts=columns[column], order=written.order))
    return tuple(sets)


def _is_hairpin(ports: tuple[Ports, ...], view: NodeView, key: tuple[str, ...]) -> bool:
    """Whether a connection (source, destination, protocol, port) is one of an endpoint of this node to itself."""
    source, target, protocol, number = key
    if source != target:
        return False
    at = [port for own in ports for port in own if port.protocol == protocol and _names(port, target)]
    return any(
        e.ip == target and str(e.port) == number and e.node == view.node
        for port in at
        for e in categorize(port, view.node, view.zone).reachable
    )


def _names(port: ServicePort, address: str) -> bool:
    """Whether an endpoint of the port may have the address: a first look, without making its endpoints."""
    return any(address in endpoint.addresses for piece in port.slices for endpoint in piece.endpoints)


def _base_chains() -> tuple[NftChain, ...]:
    chains = []
    for name, hook, only_new, targets in _BASE_CHAINS:
        first: tuple[Match, ...] = (_NEW,) if only_new else ()
        chains.append(NftChain(name, tuple([NftRule((*first, Jump(target))) for target in targets]), hook))
    return tuple(chains)


def _shared_chains(view: NodeView, service_cidrs: tuple[str, ...]) -> tuple[NftChain, ...]:
    """The chains that all Services share."""
    checks = [NftRule((Lookup(("daddr",), "cluster-ips"), Reject()), "Reject traffic to invalid ports of ClusterIPs")]
    if service_cidrs:
        unused: tuple[Statement, ...] = (AddressIn("daddr", tuple(sorted(service_cidrs)), tight=True), Drop())
        checks.append(NftRule(unused, "Drop traffic to unallocated ClusterIPs"))
    at_node = _node_port_matches(view)
    # What comes by INPUT is for the node anyway: kube-proxy does not ask for the type of the address there.
    checked = tuple([statement for statement in at_node if statement is not _TO_NODE])
    loops = Lookup(("saddr", "daddr", "l4proto", "dport"), HAIRPINS)
    masquerade = Masquerade(random_fully=True)
    masquerading = (
        NftRule((MarkIs(0, view.mark, negated=True), SetMark("xor", view.mark), masquerade)),
        NftRule((_TRANSLATED, loops, masquerade)),
    )
    return (
        NftChain("cluster-ips-check", tuple(checks)),
        NftChain("firewall-check", (NftRule((VerdictBy(_BY_ADDRESS, "firewall-ips"),)),)),
        NftChain("masquerading", masquerading),
        NftChain("nodeport-endpoints-check", (NftRule((*checked, VerdictBy(_BY_PORT, "no-endpoint-nodeports"))),)),
        NftChain(
            REJECT_CHAIN,
            (NftRule((Reject(),)),),
            comment="helper for @no-endpoint-services / @no-endpoint-nodeports",
        ),
        NftChain("service-endpoints-check", (NftRule((VerdictBy(_BY_ADDRESS, "no-endpoint-services"),)),)),
        NftChain("services", (*_entering_rules(view), *_dispatching_rules(at_node))),
    )


def _node_port_matches(view: NodeView) -> tuple[Statement, ...]:
    """What tells traffic to a node port: it goes to a chosen address, or to any of the node's but loopback."""
    if view.node_port_addresses is not None:
        return (Lookup(("daddr",), "nodeport-ips"),)
    return (_TO_NODE, Destination(_LOOPBACK[view.family], negated=True))


def _entering_rules(view: NodeView) -> tuple[NftRule, ...]:
    """The masquerade mark for traffic to cluster IPs: all of it, or what does not come from a local Pod."""
    to_cluster_ip, mark = Lookup(("daddr",), "cluster-ips"), SetMark("or", view.mark)
    if view.masquerade_all:
        return (NftRule((to_cluster_ip, mark), "masquerade all clusterIP traffic"),)
    if view.local_source is None:
        return ()
    others = replace(view.local_source, negated=True)
    return (NftRule((to_cluster_ip, others, mark), "masquerade clusterIP traffic from outside cluster"),)


def _dispatching_rules(at_node: tuple[Statement, ...]) -> tuple[NftRule, ...]:
    return (
        NftRule((VerdictBy(_BY_ADDRESS, "service-ips"),)),
        NftRule((*at_node, VerdictBy(_BY_PORT, "service-nodeports"))),
    )
