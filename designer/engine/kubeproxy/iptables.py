"""iptables mode: the whole program that kube-proxy v1.36.2 writes on one node, for one IP family.

Checked against rules written by kube-proxy itself (`tests/reference/kubeproxy`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import chain, compress, count
from operator import is_not
from typing import Any

from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy.by_node import columns_on
from designer.engine.kubeproxy.iptables_service import PortRules, groups_on, service_rules
from designer.engine.kubeproxy.node_view import NodeView, view_of
from designer.engine.kubeproxy.service_ports import PortMap, ServicePort, service_ports
from designer.engine.netfilter import Chain, Program, Rule, Table, built_in_chains
from designer.engine.netfilter.matches import AddrType, Comment, CtStateIs, Destination, MarkIs, Match, Source
from designer.engine.netfilter.targets import Accept, Drop, Jump, Masquerade, Return, SetMark
from designer.model import ClusterSettings, effective_kube_proxy
from designer.model.collector import collector_paused

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


# The places that rules of Services go to.
_COLUMNS = tuple(f.name for f in fields(PortRules))

Ports = tuple[ServicePort, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """What one node's rules were made from, and for each Service what goes to each place (a column of `PortRules`)."""

    view: NodeView
    comments: bool
    ports: tuple[Ports, ...]
    columns: dict[str, list[tuple[Any, ...]]]
    flat: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)

    def all(self, column: str) -> tuple[Any, ...]:
        """A column, Service after Service."""
        if column not in self.flat:
            self.flat[column] = tuple(chain.from_iterable(self.columns[column]))
        return self.flat[column]

    def chain(self, name: str, column: str, last: tuple[Rule, ...] = ()) -> Chain:
        """The chain of a column, with rules after it; what is known of the one before an edit is used."""
        rules, known = self.all(column) + last, self.chains.get(column)
        made = self.chains[column] = known.with_rules(rules) if known is not None else Chain(name, rules)
        return made


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
) -> Program:
    """The netfilter program of kube-proxy in iptables mode on a node, in one family.

    A Service's own chains are made when they are asked for. Rules of the built-in chains are those that kube-proxy puts
    before all others. Raises KeyError for a node that is not there.
    """
    view = view_of(control.nodes[node_name], effective_kube_proxy(settings), family)
    before = cache.ports.get(family) if cache else None
    ports = service_ports(control, family, before, settings.kubeProxy.allowServiceExternalIPs)
    comments = ports.endpoints <= LARGE_CLUSTER_ENDPOINTS
    own, other = (cache.written.get((node_name, family)), cache.last.get(family)) if cache else (None, None)
    if own is None and other is not None and other.ports is ports.ports and other.comments == comments:
        written = _elsewhere(other, view)
    else:
        written = _write(ports.ports, view, comments, own)
    if cache:
        cache.ports[family], cache.last[family] = ports, written
        cache.written[(node_name, family)] = written
    return Program(family, node_name, (_filter_table(written, view), _nat_table(written, view)))


def _write(ports: tuple[Ports, ...], view: NodeView, comments: bool, before: _Written | None) -> _Written:
    """The rules of all Services; those whose ports are the very ones of `before` are taken from there."""
    if before is None or before.view != view or before.comments != comments or len(before.ports) != len(ports):
        known = {}
        if before is not None and before.view == view and before.comments == comments:
            known = {id(own): place for place, own in enumerate(before.ports)}
        columns: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
        for own in ports:
            place = known.get(id(own)) if own else None
            rules = None if place is not None else service_rules(own, view, comments)
            for name, column in columns.items():
                column.append(before.columns[name][place] if before and place is not None else getattr(rules, name))
        return _Written(view, comments, ports, columns)
    columns, flat = dict(before.columns), dict(before.flat)
    for place in compress(count(), map(is_not, ports, before.ports)):
        rules = service_rules(ports[place], view, comments)
        for name in _COLUMNS:
            new = getattr(rules, name)
            if new or columns[name][place]:
                if columns[name] is before.columns[name]:
                    columns[name] = columns[name].copy()
                    flat.pop(name, None)
                columns[name][place] = new
    return _Written(view, comments, ports, columns, flat, dict(before.chains))


def _elsewhere(other: _Written, view: NodeView) -> _Written:
    """The rules of the Services of `other` on another node; what is known of chains that are the same is shared."""
    columns = columns_on(
        other.columns,
        other.ports,
        lambda own: service_rules(own, view, other.comments),
        lambda groups: groups_on(groups, view),
    )
    flat = {name: rules for name, rules in other.flat.items() if columns[name] is other.columns[name]}
    return _Written(view, other.comments, other.ports, columns, flat, dict(other.chains))


def _jumps(table: tuple[tuple[str, bool, str, str], ...]) -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for hook, only_new, comment, target in table:
        matches: tuple[Match, ...] = ((_NEW,) if only_new else ()) + ((Comment(comment),) if comment else ())
        found[hook] = (*found.get(hook, ()), Rule(matches, Jump(target)))
    return found


def _filter_table(rules: _Written, view: NodeView) -> Table:
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
        rules.chain("KUBE-SERVICES", "reject_services"),
        rules.chain("KUBE-EXTERNAL-SERVICES", "reject_external"),
        Chain("KUBE-FORWARD", forward),
        rules.chain("KUBE-NODEPORTS", "health_ports"),
        rules.chain("KUBE-PROXY-FIREWALL", "firewall"),
        Chain("KUBE-FIREWALL", firewall),
    )
    return Table("filter", built_in_chains("filter", _jumps(_FILTER_JUMPS)) + own)


def _nat_table(rules: _Written, view: NodeView) -> Table:
    mark = view.mark
    postrouting = (
        Rule((MarkIs(mark, mark, negated=True),), Return()),
        Rule((), SetMark("xor", mark)),
        Rule((Comment("kubernetes service traffic requiring SNAT"),), Masquerade(random_fully=True)),
    )
    own = (
        rules.chain("KUBE-SERVICES", "services", tuple(_node_port_entries(view))),
        rules.chain("KUBE-NODEPORTS", "node_ports"),
        Chain("KUBE-POSTROUTING", postrouting),
        Chain("KUBE-MARK-MASQ", (Rule((), SetMark("or", mark)),)),
    )
    return Table("nat", built_in_chains("nat", _jumps(_NAT_JUMPS)) + own, rules.all("groups"))


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
