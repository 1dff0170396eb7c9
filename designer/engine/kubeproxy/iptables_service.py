"""The iptables rules of one Service port on one node, as kube-proxy v1.36.2 writes them.

Rules in the chains that all Services share are made at once; the Service's own chains are made when somebody asks for
them (`ChainGroup`). `domain/kube-proxy.md` section "iptables mode".
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import lru_cache
from typing import cast

from designer.engine.kubeproxy import names
from designer.engine.kubeproxy.node_view import NodeView
from designer.engine.kubeproxy.port_plan import PortPlan
from designer.engine.kubeproxy.service_ports import Endpoint, ServicePort, categorize
from designer.engine.netfilter import Chain, ChainGroup, Rule
from designer.engine.netfilter.matches import (
    AddrType,
    Comment,
    Destination,
    DestinationPort,
    Match,
    Proto,
    RandomChance,
    RecentCheck,
    RecentSet,
    Source,
)
from designer.engine.netfilter.packet import in_network
from designer.engine.netfilter.targets import Accept, Dnat, Drop, Jump, Reject, Target

MARK_MASQ = Jump("KUBE-MARK-MASQ")
_FROM_NODE = AddrType("src")
_TO_NODE = AddrType("dst")
_PROTOCOLS = {name: Proto(name, module=True) for name in ("tcp", "udp", "sctp")}


@dataclass(frozen=True, slots=True)
class PortRules:
    """The rules of a Service port or of all ports of a Service: what goes to each shared chain, and its own chains.

    Chains of the nat table: `services`, `node_ports`. Of the filter table: `reject_services` (KUBE-SERVICES),
    `reject_external` (KUBE-EXTERNAL-SERVICES), `health_ports` (KUBE-NODEPORTS), `firewall` (KUBE-PROXY-FIREWALL).
    """

    services: tuple[Rule, ...] = ()
    node_ports: tuple[Rule, ...] = ()
    reject_services: tuple[Rule, ...] = ()
    reject_external: tuple[Rule, ...] = ()
    health_ports: tuple[Rule, ...] = ()
    firewall: tuple[Rule, ...] = ()
    groups: tuple[ChainGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan(PortPlan):
    """Which chains a Service port has on a node; `suffix` is what their names end in."""

    suffix: str

    @property
    def cluster_chain(self) -> str:
        return names.CLUSTER + self.suffix

    @property
    def local_chain(self) -> str:
        return names.LOCAL + self.suffix

    @property
    def internal_chain(self) -> str:
        return self.local_chain if self.port.internal_local else self.cluster_chain

    @property
    def external_chain(self) -> str:
        return names.EXTERNAL + self.suffix

    @property
    def firewall_chain(self) -> str:
        return names.FIREWALL + self.suffix

    @property
    def has_external_chain(self) -> bool:
        return self.exists and self.port.external

    @property
    def has_firewall(self) -> bool:
        return self.exists and bool(self.port.vips) and bool(self.port.source_ranges)

    def to_port(self, comment: str, address: str) -> tuple[Match, ...]:
        """The matches of a destination of this port."""
        port = self.port
        return (
            Comment(comment),
            _PROTOCOLS[port.protocol],
            Destination(address),
            _to(port.port),
        )


@dataclass(frozen=True, slots=True)
class _Own:
    """Makes the Service port's own chains."""

    plan: _Plan
    view: NodeView
    comments: bool

    def __call__(self) -> tuple[Chain, ...]:
        return _make_chains(self.plan, self.view, self.comments)


def port_rules(port: ServicePort, view: NodeView, comments: bool) -> PortRules:
    """All rules of a Service port on a node; `comments` False leaves out those that big clusters go without."""
    plan = _Plan.on(port, view, names.chain_suffix(port.name, port.protocol))
    own: tuple[ChainGroup, ...] = ()
    if plan.exists:
        own = (ChainGroup(_own_chains(plan), _Own(plan, view, comments)),)
    services: tuple[Rule, ...] = ()
    refused: tuple[Rule, ...] = ()
    if plan.internal:
        services = (Rule(plan.to_port(f"{port.name} cluster IP", port.cluster_ip), Jump(plan.internal_chain)),)
    else:
        comment, target = _refusal(plan)
        refused = (Rule(plan.to_port(comment, port.cluster_ip), target),)
    rules = PortRules(services, (), refused, groups=own)
    if not port.external and not port.health_check_port:
        return rules
    return _exposed(rules, plan)


def service_rules(ports: tuple[ServicePort, ...], view: NodeView, comments: bool) -> PortRules:
    """All rules of a Service on a node: those of its ports, in order."""
    if len(ports) == 1:
        return port_rules(ports[0], view, comments)
    parts = [port_rules(port, view, comments) for port in ports]
    return PortRules(*(sum((getattr(part, f.name) for part in parts), ()) for f in fields(PortRules)))


def groups_on(groups: tuple[ChainGroup, ...], view: NodeView) -> tuple[ChainGroup, ...]:
    """The own chains of a Service on another node, where none of its ports goes by policy Local.

    All its other rules are the same on every node.
    """
    found = [(group.entries, cast(_Own, group.make)) for group in groups]
    return tuple([ChainGroup(entries, _Own(own.plan, view, own.comments)) for entries, own in found])


def _own_chains(plan: _Plan) -> tuple[str, ...]:
    """The names of the Service port's own chains but those of its endpoints."""
    if not plan.here and not plan.port.external:
        return (plan.cluster_chain,) if plan.port.uses_cluster else ()
    chains = (
        (plan.has_external_chain, plan.external_chain),
        (plan.has_firewall, plan.firewall_chain),
        (plan.port.uses_cluster, plan.cluster_chain),
        (plan.here, plan.local_chain),
    )
    return tuple([name for there, name in chains if there])


def _refusal(plan: _Plan) -> tuple[str, Target]:
    """Comment and target for traffic that finds no endpoint: none anywhere is refused, none here is dropped."""
    if plan.exists:
        return f"{plan.port.name} has no local endpoints", Drop()
    return f"{plan.port.name} has no endpoints", Reject()


def _exposed(rules: PortRules, plan: _Plan) -> PortRules:
    """The rules with those for external IPs, load balancer IPs, the node port and the health check port added."""
    port, exists = plan.port, plan.exists
    services, refused, firewall = list(rules.services), [], []
    comment, target = _refusal(plan)
    to_external = Jump(plan.external_chain)
    to_balancer = Jump(plan.firewall_chain) if plan.has_firewall else to_external
    kinds = (("external IP", port.external_ips, to_external), ("loadbalancer IP", port.vips, to_balancer))
    for kind, addresses, chain in kinds:
        for address in addresses:
            if exists:
                services.append(Rule(plan.to_port(f"{port.name} {kind}", address), chain))
            if not plan.external:
                refused.append(Rule(plan.to_port(comment, address), target))
    if plan.has_firewall:
        text = f"{port.name} traffic not accepted by {plan.firewall_chain}"
        firewall = [Rule(plan.to_port(text, address), Drop()) for address in port.vips]
    node_ports: tuple[Rule, ...] = ()
    if port.node_port:
        at_port = (_PROTOCOLS[port.protocol], _to(port.node_port))
        if exists:
            node_ports = (Rule((Comment(port.name), *at_port), to_external),)
        if not plan.external:
            refused.append(Rule((Comment(comment), _TO_NODE, *at_port), target))
    health: tuple[Rule, ...] = ()
    if port.health_check_port:
        matches = (Comment(f"{port.name} health check node port"), _PROTOCOLS["tcp"])
        health = (Rule((*matches, _to(port.health_check_port)), Accept()),)
    return replace(
        rules,
        services=tuple(services),
        node_ports=node_ports,
        reject_external=tuple(refused),
        health_ports=health,
        firewall=tuple(firewall),
    )


def _make_chains(plan: _Plan, view: NodeView, comments: bool) -> tuple[Chain, ...]:
    """The Service port's own chains, those of its endpoints last."""
    port, used = plan.port, categorize(plan.port, view.node, view.zone)
    chains: list[Chain] = []
    if plan.has_external_chain:
        chains.append(Chain(plan.external_chain, _external_rules(plan, view)))
    if plan.has_firewall:
        chains.append(Chain(plan.firewall_chain, _firewall_rules(plan, view)))
    entering = _entering_rules(plan, view)
    for name, endpoints in ((plan.cluster_chain, used.cluster), (plan.local_chain, used.local)):
        if endpoints:
            first = entering if name == plan.internal_chain else ()
            chains.append(Chain(name, first + _choice_rules(port, endpoints, comments)))
    chains.extend(_endpoint_chain(port, endpoint, comments) for endpoint in used.reachable)
    return tuple(chains)


def _entering_rules(plan: _Plan, view: NodeView) -> tuple[Rule, ...]:
    """The masquerade mark for traffic to the cluster IP: all of it, or what does not come from a local Pod."""
    matches = plan.to_port(f"{plan.port.name} cluster IP", plan.port.cluster_ip)
    if not plan.internal:
        return ()
    if view.masquerade_all:
        return (Rule(matches, MARK_MASQ),)
    if view.local_source is None:
        return ()
    return (Rule((*matches, replace(view.local_source, negated=True)), MARK_MASQ),)


def _external_rules(plan: _Plan, view: NodeView) -> tuple[Rule, ...]:
    """The rules of KUBE-EXT: with policy Cluster everything is masqueraded, with Local only what the node sends.

    With policy Local, local Pods and the node itself still reach all endpoints, as if they had gone out and come back.
    """
    port = plan.port
    where = f"{port.name} external destinations"
    rules: list[Rule] = []
    if not port.external_local:
        rules.append(Rule((Comment(f"masquerade traffic for {where}"),), MARK_MASQ))
    else:
        everywhere = Jump(plan.cluster_chain)
        if view.local_source is not None:
            rules.append(Rule((Comment(f"pod traffic for {where}"), view.local_source), everywhere))
        rules.append(Rule((Comment(f"masquerade LOCAL traffic for {where}"), _FROM_NODE), MARK_MASQ))
        rules.append(Rule((Comment(f"route LOCAL traffic for {where}"), _FROM_NODE), everywhere))
    if plan.external:
        rules.append(Rule((), Jump(plan.local_chain if port.external_local else plan.cluster_chain)))
    return tuple(rules)


def _firewall_rules(plan: _Plan, view: NodeView) -> tuple[Rule, ...]:
    """The rules of KUBE-FW: the allowed source ranges; what falls off its end is not translated and gets dropped.

    A node that may ask is let through with the load balancer's IP as source too: where that IP is on the node, the
    kernel picks it.
    """
    port = plan.port
    allowed = list(port.source_ranges)
    if view.node_ip and any(in_network(view.node_ip, cidr) for cidr in port.source_ranges):
        allowed.extend(port.vips)
    comment, target = Comment(f"{port.name} loadbalancer IP"), Jump(plan.external_chain)
    rules = [Rule((comment, Source(cidr)), target) for cidr in allowed]
    rest = Comment(f"other traffic to {port.name} will be dropped by KUBE-PROXY-FIREWALL")
    return (*rules, Rule((rest,), None))


def _choice_rules(port: ServicePort, endpoints: tuple[Endpoint, ...], comments: bool) -> tuple[Rule, ...]:
    """The rules that choose an endpoint: who was here before goes where they were, others take one at random.

    Of n endpoints the i-th (from 0) is taken with 1/(n-i) of what reaches its rule, the last one always: 1/n each.
    """
    chains = [(Jump(_endpoint_name(port, e)), _comment(f"{port.name} -> {e.text}", comments)) for e in endpoints]
    rules: list[Rule] = []
    if port.affinity_seconds is not None:
        rules.extend(
            Rule((*comment, RecentCheck(jump.chain, port.affinity_seconds, reap=True)), jump)
            for jump, comment in chains
        )
    left = len(chains)
    for jump, comment in chains:
        chance = (_chance(left),) if left > 1 else ()
        rules.append(Rule((*comment, *chance), jump))
        left -= 1
    return tuple(rules)


def _endpoint_chain(port: ServicePort, endpoint: Endpoint, comments: bool) -> Chain:
    """The chain of one endpoint: a connection to itself is masqueraded, then everything is translated."""
    name = _endpoint_name(port, endpoint)
    comment = _comment(port.name, comments)
    noted = (RecentSet(name),) if port.affinity_seconds is not None else ()
    return Chain(
        name,
        (
            Rule((*comment, Source(endpoint.ip)), MARK_MASQ),
            Rule((*comment, *noted, _PROTOCOLS[port.protocol]), Dnat(endpoint.ip, endpoint.port)),
        ),
    )


def _endpoint_name(port: ServicePort, endpoint: Endpoint) -> str:
    return names.ENDPOINT + names.chain_suffix(port.name, port.protocol, endpoint.text)


def _comment(text: str, comments: bool) -> tuple[Comment, ...]:
    return (Comment(text),) if comments else ()


@lru_cache(maxsize=1 << 12)
def _to(port: int) -> DestinationPort:
    return DestinationPort(port)


@lru_cache(maxsize=1 << 12)
def _chance(left: int) -> RandomChance:
    return RandomChance(Fraction(1, left))
