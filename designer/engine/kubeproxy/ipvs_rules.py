"""The iptables rules of ipvs mode: a fixed frame, with the rules of those sets that have members.

`domain/kube-proxy.md` section "ipvs mode".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from designer.engine.controlplane.state import Family
from designer.engine.kubeproxy import ipvs_sets as sets
from designer.engine.kubeproxy.ipvs_service import Gathered
from designer.engine.kubeproxy.node_view import NodeView
from designer.engine.netfilter import Chain, Rule, Table, built_in_chains
from designer.engine.netfilter.matches import (
    AddrType,
    BridgedIn,
    Comment,
    CtStateIs,
    InSet,
    MarkIs,
    Match,
    OfVirtualServer,
    Proto,
    Source,
)
from designer.engine.netfilter.targets import Accept, Drop, Jump, Masquerade, Reject, Return, SetMark, Target

_LOOPBACK: dict[Family, str] = {4: "127.0.0.0/8", 6: "::1/128"}
_MARK_MASQ = Jump("KUBE-MARK-MASQ")

# (built-in chain, comment, chain): what kube-proxy puts before everything else, in the order in which it stands there.
_FILTER_JUMPS: tuple[tuple[str, str, str], ...] = (
    ("INPUT", "kubernetes ipvs access filter", "KUBE-IPVS-FILTER"),
    ("INPUT", "kube-proxy firewall rules", "KUBE-PROXY-FIREWALL"),
    ("INPUT", "kubernetes health check rules", "KUBE-NODE-PORT"),
    ("FORWARD", "kube-proxy firewall rules", "KUBE-PROXY-FIREWALL"),
    ("FORWARD", "kubernetes forwarding rules", "KUBE-FORWARD"),
    ("OUTPUT", "kubernetes ipvs access filter", "KUBE-IPVS-OUT-FILTER"),
)
_NAT_JUMPS: tuple[tuple[str, str, str], ...] = (
    ("PREROUTING", "kubernetes service portals", "KUBE-SERVICES"),
    ("OUTPUT", "kubernetes service portals", "KUBE-SERVICES"),
    ("POSTROUTING", "kubernetes postrouting rules", "KUBE-POSTROUTING"),
)


class _SetRule(NamedTuple):
    """In a chain: a packet of `protocol` (None: any) that is in the set goes to the target."""

    set: str
    dims: str
    target: Target
    protocol: str | None = None


# Chain → its rules that ask a set, each written only while the set has members.
_NAT_SET_RULES: dict[str, tuple[_SetRule, ...]] = {
    "KUBE-POSTROUTING": (_SetRule(sets.LOOP_BACK, "dst,dst,src", Masquerade()),),
    "KUBE-SERVICES": (_SetRule(sets.BALANCER, "dst,dst", Jump("KUBE-LOAD-BALANCER")),),
    "KUBE-LOAD-BALANCER": (_SetRule(sets.BALANCER_LOCAL, "dst,dst", Return()),),
    "KUBE-NODE-PORT": (
        _SetRule(sets.NODE_PORT_LOCAL_TCP, "dst", Return(), "tcp"),
        _SetRule(sets.NODE_PORT_TCP, "dst", _MARK_MASQ, "tcp"),
        _SetRule(sets.NODE_PORT_LOCAL_UDP, "dst", Return(), "udp"),
        _SetRule(sets.NODE_PORT_UDP, "dst", _MARK_MASQ, "udp"),
        _SetRule(sets.NODE_PORT_LOCAL_SCTP, "dst,dst", Return(), "sctp"),
        _SetRule(sets.NODE_PORT_SCTP, "dst,dst", _MARK_MASQ, "sctp"),
    ),
}
_FILTER_SET_RULES: dict[str, tuple[_SetRule, ...]] = {
    "KUBE-PROXY-FIREWALL": (_SetRule(sets.BALANCER_FIREWALL, "dst,dst", Jump("KUBE-SOURCE-RANGES-FIREWALL")),),
    "KUBE-SOURCE-RANGES-FIREWALL": (
        _SetRule(sets.BALANCER_SOURCE_CIDR, "dst,dst,src", Return()),
        _SetRule(sets.BALANCER_SOURCE_IP, "dst,dst,src", Return()),
    ),
}
# What a packet to an address of the dummy device may be for; anything else is refused.
_ADMITTED: tuple[tuple[str, str], ...] = (
    (sets.BALANCER, "dst,dst"),
    (sets.CLUSTER_IP, "dst,dst"),
    (sets.EXTERNAL_IP, "dst,dst"),
    (sets.EXTERNAL_IP_LOCAL, "dst,dst"),
    (sets.HEALTH_CHECK_PORT, "dst"),
)


def tables(book: Gathered, view: NodeView) -> tuple[Table, ...]:
    """The filter and nat tables of a node."""
    return _filter_table(book, view), _nat_table(book, view)


def _jumps(table: Sequence[tuple[str, str, str]]) -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for hook, comment, target in table:
        found[hook] = (*found.get(hook, ()), Rule((Comment(comment),), Jump(target)))
    return found


def _in_set(name: str, dims: str, view: NodeView) -> InSet:
    return InSet(sets.set_name(name, view.family), tuple(dims.split(",")))


def _named(name: str, dims: str, view: NodeView) -> tuple[Match, ...]:
    """The matches of a rule that asks a set and says in its comment what for."""
    return Comment(sets.SETS[name].comment), _in_set(name, dims, view)


def _set_rules(rules: tuple[_SetRule, ...], book: Gathered, view: NodeView) -> tuple[Rule, ...]:
    return tuple(
        Rule(((Proto(r.protocol),) if r.protocol else ()) + _named(r.set, r.dims, view), r.target)
        for r in rules
        if book.members.get(r.set)
    )


def _nat_table(book: Gathered, view: NodeView) -> Table:
    asked = {chain: _set_rules(rules, book, view) for chain, rules in _NAT_SET_RULES.items()}
    mark = view.mark
    services = (
        Rule((Source(_LOOPBACK[view.family]),), Return()),
        *asked["KUBE-SERVICES"],
        *_entering_rules(book, view),
        Rule((AddrType("dst"),), Jump("KUBE-NODE-PORT")),
        *(
            Rule((_in_set(name, "dst,dst", view),), Accept())
            for name in (sets.CLUSTER_IP, sets.BALANCER)
            if book.members.get(name)
        ),
    )
    postrouting = (
        *asked["KUBE-POSTROUTING"],
        Rule((MarkIs(mark, mark, negated=True),), Return()),
        Rule((), SetMark("xor", mark)),
        Rule((Comment("kubernetes service traffic requiring SNAT"),), Masquerade(random_fully=True)),
    )
    own = (
        Chain("KUBE-SERVICES", services),
        Chain("KUBE-POSTROUTING", postrouting),
        Chain("KUBE-NODE-PORT", asked["KUBE-NODE-PORT"]),
        Chain("KUBE-LOAD-BALANCER", (*asked["KUBE-LOAD-BALANCER"], Rule((), _MARK_MASQ))),
        Chain("KUBE-MARK-MASQ", (Rule((), SetMark("or", mark)),)),
    )
    return Table("nat", built_in_chains("nat", _jumps(_NAT_JUMPS)) + own)


def _entering_rules(book: Gathered, view: NodeView) -> tuple[Rule, ...]:
    """Who is masqueraded on the way to cluster IPs and external IPs, and which traffic to external IPs ends here."""
    rules: list[Rule] = []
    if book.members.get(sets.CLUSTER_IP):
        if view.masquerade_all or view.local_source is not None:
            matches = _named(sets.CLUSTER_IP, "dst,dst", view)
            if not view.masquerade_all and view.local_source is not None:
                matches = (*matches, replace(view.local_source, negated=True))
        else:
            # The node's own traffic to a Service takes a Service's address as source: all of them are on the node.
            matches = _named(sets.CLUSTER_IP, "src,dst", view)
        rules.append(Rule(matches, _MARK_MASQ))
    for name in (sets.EXTERNAL_IP, sets.EXTERNAL_IP_LOCAL):
        if book.members.get(name):
            matches = _named(name, "dst,dst", view)
            if name == sets.EXTERNAL_IP:
                rules.append(Rule(matches, _MARK_MASQ))
            rules.append(Rule((*matches, BridgedIn(negated=True), AddrType("src", negated=True)), Accept()))
            rules.append(Rule((*matches, AddrType("dst")), Accept()))
    return tuple(rules)


def _filter_table(book: Gathered, view: NodeView) -> Table:
    asked = {chain: _set_rules(rules, book, view) for chain, rules in _FILTER_SET_RULES.items()}
    forward = (
        Rule((Comment("kubernetes forwarding rules"), MarkIs(view.mark, view.mark)), Accept()),
        Rule((Comment("kubernetes forwarding conntrack rule"), CtStateIs(("RELATED", "ESTABLISHED"))), Accept()),
    )
    refuse = (CtStateIs(("NEW",)), _in_set(sets.BOUND_ADDRESSES, "dst", view))
    own = (
        Chain("KUBE-FORWARD", forward),
        Chain("KUBE-NODE-PORT", (Rule(_named(sets.HEALTH_CHECK_PORT, "dst", view), Accept()),)),
        Chain("KUBE-PROXY-FIREWALL", asked["KUBE-PROXY-FIREWALL"]),
        Chain("KUBE-SOURCE-RANGES-FIREWALL", (*asked["KUBE-SOURCE-RANGES-FIREWALL"], Rule((), Drop()))),
        Chain(
            "KUBE-IPVS-FILTER",
            (
                *(Rule((_in_set(name, dims, view),), Return()) for name, dims in _ADMITTED),
                Rule(refuse, Reject()),
            ),
        ),
        Chain(
            "KUBE-IPVS-OUT-FILTER",
            tuple(
                Rule((Source(address), OfVirtualServer(address, protocol, port)), Drop())
                for address, protocol, port in book.unreachable
            ),
        ),
    )
    return Table("filter", built_in_chains("filter", _jumps(_FILTER_JUMPS)) + own)
