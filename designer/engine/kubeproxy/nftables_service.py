"""The nftables objects of one Service port on one node, as kube-proxy v1.36.2 writes them.

Elements of the sets and maps that all Services share are made at once; the Service's own chains and sets are made when
somebody asks for them (`NftGroup`). `domain/kube-proxy.md` section "nftables mode".
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import cast

from designer.engine.kubeproxy import names
from designer.engine.kubeproxy.node_view import NodeView
from designer.engine.kubeproxy.port_plan import PortPlan
from designer.engine.kubeproxy.service_ports import Endpoint, ServicePort, categorize
from designer.engine.netfilter.matches import AddrType, Proto
from designer.engine.netfilter.nft_program import (
    Contents,
    Elements,
    NftChain,
    NftElement,
    NftGroup,
    NftRule,
    NftSet,
    Verdict,
)
from designer.engine.netfilter.nft_statements import AddressIn, ChooseChain, ChooseEndpoint, Lookup, UpdateSet
from designer.engine.netfilter.packet import in_network
from designer.engine.netfilter.targets import Dnat, Drop, Goto, SetMark

REJECT_CHAIN = "reject-chain"
HAIRPINS = "hairpin-connections"
ADDRESS_TYPE = {4: "ipv4_addr", 6: "ipv6_addr"}

_FROM_NODE = AddrType("src")
_REFUSE = Goto(REJECT_CHAIN)
_DROP = Drop()
_SOURCE_LENGTH = len("Service:")


@dataclass(frozen=True, slots=True)
class PortElements:
    """What a Service port, or all ports of a Service, put into the shared sets and maps, and its own chains.

    Each field but `groups` belongs to the object of that name: cluster-ips, service-ips, service-nodeports,
    no-endpoint-services, no-endpoint-nodeports, firewall-ips.
    """

    cluster_ips: Elements = ()
    service_ips: Elements = ()
    service_nodeports: Elements = ()
    no_endpoint_services: Elements = ()
    no_endpoint_nodeports: Elements = ()
    firewall_ips: Elements = ()
    groups: tuple[NftGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan(PortPlan):
    """Which chains a Service port has on a node; `base` is its name in theirs."""

    title: str
    base: str

    @property
    def has_firewall(self) -> bool:
        return bool(self.port.vips) and bool(self.port.source_ranges)

    @property
    def cluster_chain(self) -> str:
        return names.NFT_CLUSTER + self.base

    @property
    def local_chain(self) -> str:
        return names.NFT_LOCAL + self.base

    @property
    def external_chain(self) -> str:
        return names.NFT_EXTERNAL + self.base

    @property
    def firewall_chain(self) -> str:
        return names.NFT_FIREWALL + self.base

    def refusal(self) -> Verdict:
        """What becomes of traffic without an endpoint: none anywhere is refused, none here is dropped."""
        return _DROP if self.exists else _REFUSE


@dataclass(frozen=True, slots=True)
class _Own:
    """Makes the Service port's own chains and sets."""

    plan: _Plan
    view: NodeView

    def __call__(self) -> Contents:
        return _make(self.plan, self.view)


def port_elements(port: ServicePort, view: NodeView) -> PortElements:
    """Everything that a Service port has on a node."""
    title = f"{port.service[_SOURCE_LENGTH:]}/{port.protocol}/{port.port_name}"
    plan = _Plan.on(port, view, title, names.nft_base(title))
    entries = _own_chains(plan)
    groups = (NftGroup(entries, _Own(plan, view)),) if entries else ()
    key = (port.cluster_ip, port.protocol, str(port.port))
    services: Elements = ()
    refused: Elements = ()
    if plan.internal:
        chain = plan.local_chain if port.internal_local else plan.cluster_chain
        services = (NftElement(key, Goto(chain)),)
    else:
        refused = (NftElement(key, plan.refusal(), port.name),)
    elements = PortElements((NftElement((port.cluster_ip,)),), services, (), refused, groups=groups)
    return _exposed(elements, plan) if port.external else elements


def service_elements(ports: tuple[ServicePort, ...], view: NodeView) -> PortElements:
    """Everything that a Service has on a node: that of its ports, by port name and protocol."""
    if len(ports) == 1:
        return port_elements(ports[0], view)
    parts = [port_elements(port, view) for port in sorted(ports, key=lambda p: (p.port_name, p.protocol))]
    return PortElements(*(sum((getattr(part, f.name) for part in parts), ()) for f in fields(PortElements)))


def groups_on(groups: tuple[NftGroup, ...], view: NodeView) -> tuple[NftGroup, ...]:
    """The own chains and sets of a Service on another node, where none of its ports goes by policy Local."""
    found = [(group.entries, cast(_Own, group.make)) for group in groups]
    return tuple([NftGroup(entries, _Own(own.plan, view)) for entries, own in found])


def _own_chains(plan: _Plan) -> tuple[str, ...]:
    """The names of the Service port's own chains but those of its endpoints."""
    port, exists = plan.port, plan.exists
    if not plan.here and not port.external:
        return (plan.cluster_chain,) if exists and port.uses_cluster else ()
    chains = (
        (exists and port.external, plan.external_chain),
        (plan.has_firewall, plan.firewall_chain),
        (exists and port.uses_cluster, plan.cluster_chain),
        (plan.here, plan.local_chain),
    )
    return tuple([name for there, name in chains if there])


def _exposed(elements: PortElements, plan: _Plan) -> PortElements:
    """The elements with those for external IPs, load balancer IPs and the node port added."""
    port, to_external, refusal = plan.port, Goto(plan.external_chain), plan.refusal()
    keys = [(address, port.protocol, str(port.port)) for address in (*port.external_ips, *port.vips)]
    services: Elements = elements.service_ips
    refused: Elements = elements.no_endpoint_services
    if plan.exists:
        services += tuple([NftElement(key, to_external) for key in keys])
    if not plan.external:
        refused += tuple([NftElement(key, refusal, port.name) for key in keys])
    firewall: Elements = ()
    if plan.has_firewall:
        to_firewall = Goto(plan.firewall_chain)
        firewall = tuple([NftElement(key, to_firewall) for key in keys[len(port.external_ips) :]])
    at_node = (port.protocol, str(port.node_port))
    return replace(
        elements,
        service_ips=services,
        no_endpoint_services=refused,
        firewall_ips=firewall,
        service_nodeports=(NftElement(at_node, to_external),) if port.node_port and plan.exists else (),
        no_endpoint_nodeports=(
            (NftElement(at_node, refusal, port.name),) if port.node_port and not plan.external else ()
        ),
    )


def _make(plan: _Plan, view: NodeView) -> Contents:
    """The Service port's own chains, those of its endpoints last, its affinity sets and its hairpin connections."""
    port, used = plan.port, categorize(plan.port, view.node, view.zone)
    chains: list[NftChain] = []
    if plan.exists and port.external:
        chains.append(NftChain(plan.external_chain, _external_rules(plan, view)))
    if plan.has_firewall:
        chains.append(NftChain(plan.firewall_chain, (_firewall_rule(port, view),)))
    for name, endpoints in ((plan.cluster_chain, used.cluster), (plan.local_chain, used.local)):
        if endpoints:
            chains.append(NftChain(name, _choice_rules(plan, endpoints)))
    sets: tuple[NftSet, ...] = ()
    if port.affinity_seconds is not None:
        chains.extend([_endpoint_chain(plan, endpoint) for endpoint in used.reachable])
        sets = tuple([_affinity_set(plan, endpoint, view) for endpoint in used.reachable])
    loops = tuple(
        [
            (HAIRPINS, NftElement((e.ip, e.ip, port.protocol, str(e.port))))
            for e in used.reachable
            if e.node == view.node
        ]
    )
    return Contents(tuple(chains), sets, loops)


def _external_rules(plan: _Plan, view: NodeView) -> tuple[NftRule, ...]:
    """The rules of an external chain: with policy Cluster everything is masqueraded, with Local what the node sends.

    With policy Local, local Pods and the node itself still reach all endpoints, as if they had gone out and come back.
    """
    mark, everywhere = SetMark("or", view.mark), Goto(plan.cluster_chain)
    if not plan.port.external_local:
        return (NftRule((mark,), "masquerade"), NftRule((everywhere,)))
    rules: list[NftRule] = []
    if view.local_source is not None:
        rules.append(NftRule((view.local_source, everywhere), "short-circuit pod traffic"))
    rules.append(NftRule((_FROM_NODE, mark), "masquerade local traffic"))
    rules.append(NftRule((_FROM_NODE, everywhere), "short-circuit local traffic"))
    if plan.external:
        rules.append(NftRule((Goto(plan.local_chain),)))
    return tuple(rules)


def _firewall_rule(port: ServicePort, view: NodeView) -> NftRule:
    """The rule that drops everything from outside the source ranges.

    A node that may ask is let through with the load balancer's IP as source too: where that IP is on the node, the
    kernel picks it.
    """
    allowed = port.source_ranges
    if view.node_ip and any(in_network(view.node_ip, cidr) for cidr in allowed):
        allowed += port.vips
    return NftRule((AddressIn("saddr", allowed, negated=True), _DROP))


def _choice_rules(plan: _Plan, endpoints: tuple[Endpoint, ...]) -> tuple[NftRule, ...]:
    """The rules that choose an endpoint: who was here before goes where they were, others take one at random."""
    if plan.port.affinity_seconds is None:
        targets = tuple([(endpoint.ip, endpoint.port) for endpoint in endpoints])
        return (NftRule((Proto(plan.port.protocol), ChooseEndpoint(targets))),)
    bases = [_endpoint_base(plan, endpoint) for endpoint in endpoints]
    chains = tuple([names.NFT_ENDPOINT + base for base in bases])
    again = [
        NftRule((Lookup(("saddr",), names.NFT_AFFINITY + base), Goto(chain)))
        for base, chain in zip(bases, chains, strict=True)
    ]
    return (*again, NftRule((ChooseChain(chains),)))


def _endpoint_base(plan: _Plan, endpoint: Endpoint) -> str:
    return names.nft_base(plan.title, f"{endpoint.ip}/{endpoint.port}")


def _endpoint_chain(plan: _Plan, endpoint: Endpoint) -> NftChain:
    """The chain of one endpoint of a Service with session affinity: the client is noted, then sent there."""
    base = _endpoint_base(plan, endpoint)
    return NftChain(
        names.NFT_ENDPOINT + base,
        (
            NftRule((UpdateSet(names.NFT_AFFINITY + base),)),
            NftRule((Proto(plan.port.protocol), Dnat(endpoint.ip, endpoint.port))),
        ),
    )


def _affinity_set(plan: _Plan, endpoint: Endpoint, view: NodeView) -> NftSet:
    """The clients of one endpoint, each for as long as the affinity lasts."""
    return NftSet(
        names.NFT_AFFINITY + _endpoint_base(plan, endpoint),
        (ADDRESS_TYPE[view.family],),
        flags=("dynamic", "timeout"),
        timeout=plan.port.affinity_seconds,
    )
