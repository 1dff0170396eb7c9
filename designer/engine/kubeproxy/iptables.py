"""iptables mode: the whole program that kube-proxy v1.36.2 writes on one node, for one IP family.

Checked against rules written by kube-proxy itself (`tests/reference/kubeproxy`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy.iptables_service import PortRules, port_rules
from designer.engine.kubeproxy.node_view import NodeView, view_of
from designer.engine.kubeproxy.service_ports import PortCache, ServicePort, service_ports
from designer.engine.netfilter import Chain, Program, Rule, Table, built_in_chains
from designer.engine.netfilter.matches import AddrType, Comment, CtStateIs, Destination, MarkIs, Match, Source
from designer.engine.netfilter.targets import Accept, Drop, Jump, Masquerade, Return, SetMark
from designer.model import ClusterSettings

# With more endpoints than this (of all Service ports of the family, used or not) some rules go without comment.
LARGE_CLUSTER_ENDPOINTS = 1000

_NEW = CtStateIs(("NEW",))
_LOCALNET = "127.0.0.0/8"
_NODE_PORTS = Comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain")

# (built-in chain, only new connections, comment, chain): what kube-proxy puts before everything else, in the order in
# which it then stands there.
_FILTER_JUMPS: tuple[tuple[str, bool, str, str], ...] = (
    ("INPUT", False, "", "KUBE-FIREWALL"),
    ("INPUT", True, "kubernetes load balancer firewall", "KUBE-PROXY-FIREWALL"),
    ("INPUT", False, "kubernetes health check service ports", "KUBE-NODEPORTS"),
    ("INPUT", True, "kubernetes externally-visible service portals", "KUBE-EXTERNAL-SERVICES"),
    ("FORWARD", True, "kubernetes load balancer firewall", "KUBE-PROXY-FIREWALL"),
    ("FORWARD", False, "kubernetes forwarding rules", "KUBE-FORWARD"),
    ("FORWARD", True, "kubernetes service portals", "KUBE-SERVICES"),
    ("FORWARD", True, "kubernetes externally-visible service portals", "KUBE-EXTERNAL-SERVICES"),
    ("OUTPUT", False, "", "KUBE-FIREWALL"),
    ("OUTPUT", True, "kubernetes load balancer firewall", "KUBE-PROXY-FIREWALL"),
    ("OUTPUT", True, "kubernetes service portals", "KUBE-SERVICES"),
)
_NAT_JUMPS: tuple[tuple[str, bool, str, str], ...] = (
    ("PREROUTING", False, "kubernetes service portals", "KUBE-SERVICES"),
    ("OUTPUT", False, "kubernetes service portals", "KUBE-SERVICES"),
    ("POSTROUTING", False, "kubernetes postrouting rules", "KUBE-POSTROUTING"),
)


@dataclass(slots=True)
class RuleCache:
    """What `build` made last time, so that one edited Service does not cost the others anything.

    May be kept over any changes of cluster and settings and shared by all nodes: an entry counts only while the values
    it was made from are the same.
    """

    ports: PortCache = field(default_factory=PortCache)
    rules: dict[tuple[str, Family], tuple[NodeView, bool, dict[str, tuple[ServicePort, PortRules]]]] = field(
        default_factory=dict
    )


def build(
    control: ControlPlaneState,
    settings: ClusterSettings,
    node_name: str,
    family: Family,
    cache: RuleCache | None = None,
) -> Program:
    """The netfilter program of kube-proxy in iptables mode on a node, in one family.

    A Service's own chains are made when they are asked for. Rules of the built-in chains are those that kube-proxy puts
    before all others. Raises KeyError for a node that is not there.
    """
    view = view_of(control.nodes[node_name], settings.kubeProxy, family)
    ports = service_ports(control, family, cache.ports if cache else None)
    comments = sum([port.count for port in ports]) <= LARGE_CLUSTER_ENDPOINTS
    rules = _rules_of(ports, view, comments, cache)
    return Program(family, node_name, (_filter_table(rules, view), _nat_table(rules, view)))


def _rules_of(
    ports: tuple[ServicePort, ...], view: NodeView, comments: bool, cache: RuleCache | None
) -> list[PortRules]:
    if cache is None:
        return [port_rules(port, view, comments) for port in ports]
    before = cache.rules.get((view.node, view.family))
    known = before[2] if before and before[0] == view and before[1] == comments else {}
    now: dict[str, tuple[ServicePort, PortRules]] = {}
    for port in ports:
        key = f"{port.name}/{port.protocol}"
        old = known.get(key)
        now[key] = old if old is not None and old[0] == port else (port, port_rules(port, view, comments))
    cache.rules[(view.node, view.family)] = (view, comments, now)
    return [rules for _, rules in now.values()]


def _jumps(table: tuple[tuple[str, bool, str, str], ...]) -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for chain, only_new, comment, target in table:
        matches: tuple[Match, ...] = ((_NEW,) if only_new else ()) + ((Comment(comment),) if comment else ())
        found[chain] = (*found.get(chain, ()), Rule(matches, Jump(target)))
    return found


def _filter_table(rules: list[PortRules], view: NodeView) -> Table:
    firewall: tuple[Rule, ...] = ()
    if view.localhost_node_ports:
        # Node ports on 127.0.0.1 need route_localnet, which would open localhost to the network without this rule.
        matches = (
            Comment("block incoming localnet connections"),
            Destination(_LOCALNET),
            Source(_LOCALNET, negated=True),
            CtStateIs(("RELATED", "ESTABLISHED", "DNAT"), negated=True),
        )
        firewall = (Rule(matches, Drop()),)
    invalid = (Rule((CtStateIs(("INVALID",)),), Drop()),) if view.drop_invalid else ()
    forward = (
        *invalid,
        Rule((Comment("kubernetes forwarding rules"), MarkIs(view.mark, view.mark)), Accept()),
        Rule((Comment("kubernetes forwarding conntrack rule"), CtStateIs(("RELATED", "ESTABLISHED"))), Accept()),
    )
    own = (
        Chain("KUBE-SERVICES", tuple([rule for r in rules for rule in r.reject_services])),
        Chain("KUBE-EXTERNAL-SERVICES", tuple([rule for r in rules for rule in r.reject_external])),
        Chain("KUBE-FORWARD", forward),
        Chain("KUBE-NODEPORTS", tuple([rule for r in rules for rule in r.health_ports])),
        Chain("KUBE-PROXY-FIREWALL", tuple([rule for r in rules for rule in r.firewall])),
        Chain("KUBE-FIREWALL", firewall),
    )
    return Table("filter", built_in_chains("filter", _jumps(_FILTER_JUMPS)) + own)


def _nat_table(rules: list[PortRules], view: NodeView) -> Table:
    mark = view.mark
    postrouting = (
        Rule((MarkIs(mark, mark, negated=True),), Return()),
        Rule((), SetMark("xor", mark)),
        Rule((Comment("kubernetes service traffic requiring SNAT"),), Masquerade(random_fully=True)),
    )
    services = [rule for r in rules for rule in r.services]
    services.extend(_node_port_entries(view))
    own = (
        Chain("KUBE-SERVICES", tuple(services)),
        Chain("KUBE-NODEPORTS", tuple([rule for r in rules for rule in r.node_ports])),
        Chain("KUBE-POSTROUTING", postrouting),
        Chain("KUBE-MARK-MASQ", (Rule((), SetMark("or", mark)),)),
    )
    groups = tuple([r.group for r in rules if r.group is not None])
    return Table("nat", built_in_chains("nat", _jumps(_NAT_JUMPS)) + own, groups)


def _node_port_entries(view: NodeView) -> list[Rule]:
    """The rules that lead to the node ports, last in KUBE-SERVICES: one for all local addresses, or one an address."""
    target = Jump("KUBE-NODEPORTS")
    if view.node_port_addresses is not None:
        return [Rule((_NODE_PORTS, Destination(address)), target) for address in view.node_port_addresses]
    matches: tuple[Match, ...] = (_NODE_PORTS, AddrType("dst"))
    if view.family == 6:
        matches = (*matches, Destination("::1/128", negated=True))
    elif not view.localhost_node_ports:
        matches = (*matches, Destination(_LOCALNET, negated=True))
    return [Rule(matches, target)]
