"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy at layers 3 and 4: what denies stands before what allows.

Sources: Cilium's policy/api (rule.go, l4.go), its conversion of rules to policy entries (a rule with neither peers nor
ports allows nothing; an empty list of peers selects nobody; what no rule of a direction stands for isolates nothing),
and "Layer 3" and "Layer 4 Examples" of its documentation; `domain/policies.md` section 7. `cilium_refused` has what
Cilium does not take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from designer.engine.policy.cilium_match import (
    ENTITIES,
    POD_NAMESPACE,
    EndpointMatch,
    EntityNameMatch,
    NamesMatch,
    plain_selector,
    selector_doubt,
)
from designer.engine.policy.cilium_refused import check_exceptions, check_rule, rule_lists
from designer.engine.policy.compiled import DIRECTIONS, Direction
from designer.engine.policy.matchers import BlockMatch, PortMatch
from designer.engine.policy.ports import MAX_PORT, PROTOCOLS
from designer.engine.policy.reading import (
    Kept,
    NotEvaluatedError,
    RefusedError,
    items,
    mapping,
    network,
    number,
    selector,
    text,
    texts,
    word,
)
from designer.engine.policy.tiers import Lane, Tier, TierPeer, TierPolicy, TierRule
from designer.model import LabelSelector

RULE_FIELDS = frozenset(
    ("endpointSelector", "nodeSelector", "ingress", "egress", "ingressDeny", "egressDeny", "labels", "description",
     "enableDefaultDeny", "log")
)  # fmt: skip
COMMON = frozenset(("toPorts", "icmps"))
# Peer fields that are evaluated, without their direction.
PEERS = ("Endpoints", "Entities", "CIDR", "CIDRSet", "FQDNs")
# Protocols that rules of ports may name and that have none; some are words of newer versions only.
NEWER = ("GRE", "IPIP", "IPv6", "ESP", "AH")
WITHOUT_PORTS = ("ICMP", "ICMPv6", "VRRP", "IGMP", *NEWER)
# The object that holds Cilium's options.
CONFIG = "v1/ConfigMap:kube-system/cilium-config"


def cilium_policies(kept: Kept) -> tuple[TierPolicy, ...]:
    """The parts of a policy: for each of its rules what denies, and what allows; none for policies of Nodes.

    Raises `RefusedError` for what Cilium refuses, `NotEvaluatedError` for a policy that must be left open.
    """
    given = kept.data
    rules = [("spec", given["spec"])] if "spec" in given else []
    rules += [(f"specs[{k}]", one) for k, one in enumerate(items(given.get("specs"), "specs"))]
    if not rules:
        raise RefusedError("spec", "is missing", "Give `spec` or `specs`.")
    if len(rules) > 1 and any(not any(rule_lists(mapping(rule, path))) for path, rule in rules):
        raise NotEvaluatedError("versions differ in whether they take it with a rule that has empty lists only")
    return tuple(part for path, rule in rules for part in _parts(kept, path, mapping(rule, path)))


def cilium_tier(parts: list[TierPolicy]) -> Tier:
    """All of them: denials first, then NetworkPolicies and what allows; closed for whom one of them isolates."""
    denials: Lane = tuple(part for part in parts if part.part.endswith("deny"))
    allowing: Lane = (None, *(part for part in parts if not part.part.endswith("deny")))
    return Tier("Cilium", ((denials,), (allowing,)), closes=True)


def isolating_all() -> TierPolicy:
    """What `enable-policy: always` is like: a policy that selects every Pod in both directions and allows nothing."""
    every = EndpointMatch.of(LabelSelector(), "")
    return TierPolicy(CONFIG, "cilium-config", "enable-policy: always", "", every, (), (), isolates=DIRECTIONS)


def _parts(kept: Kept, path: str, rule: Mapping[str, Any]) -> Iterator[TierPolicy]:
    unknown = sorted(set(rule) - RULE_FIELDS)
    if unknown:
        raise NotEvaluatedError(f"its field {path}.{unknown[0]} is not evaluated")
    check_rule(rule, path, bool(kept.namespace))
    if "nodeSelector" in rule:
        return
    where = f"{path}.endpointSelector"
    subject = selector(rule.get("endpointSelector"), where)
    subject = plain_selector(_without_namespace(subject) if kept.namespace else subject)
    if doubt := selector_doubt(subject):
        raise NotEvaluatedError(f"{where}: {doubt}")
    match = EndpointMatch.of(subject, kept.namespace)
    isolates = tuple(one for one in DIRECTIONS if _isolates(rule, one, path))
    for deny in (True, False):
        found: dict[Direction, tuple[TierRule, ...] | None] = {}
        for direction in DIRECTIONS:
            made = tuple(_rules(kept, path, rule, direction, deny))
            found[direction] = made if made or (not deny and direction in isolates) else None
        yield TierPolicy(
            kept.id, kept.kind, kept.shown, "", match, found["ingress"], found["egress"], kept.namespace,
            () if deny else isolates, kept.file, kept.line(), f"{path} {'deny' if deny else 'allow'}",
        )  # fmt: skip


def _without_namespace(found: LabelSelector) -> LabelSelector:
    """A subject of a namespaced policy: Cilium puts the policy's namespace in place of one that it names.

    It looks for the label with its source ``k8s:``; written otherwise, or as an expression, it stays a further demand.
    """
    labels = {key: value for key, value in found.matchLabels.items() if key != f"k8s:{POD_NAMESPACE}"}
    return LabelSelector(matchLabels=labels, matchExpressions=found.matchExpressions)


def _isolates(rule: Mapping[str, Any], direction: Direction, path: str) -> bool:
    """Whether it closes a direction: where it has a rule for it, unless `enableDefaultDeny` says no.

    A yes without such a rule does nothing: only what rules are turned into carries it.
    """
    given = mapping(rule.get("enableDefaultDeny", {}), f"{path}.enableDefaultDeny").get(direction)
    return given is not False and (bool(rule.get(direction)) or bool(rule.get(f"{direction}Deny")))


def _rules(kept: Kept, path: str, rule: Mapping[str, Any], direction: Direction, deny: bool) -> Iterator[TierRule]:
    field = f"{direction}Deny" if deny else direction
    word_ = "from" if direction == "ingress" else "to"
    for index, raw in enumerate(items(rule.get(field), f"{path}.{field}")):
        where = f"{path}.{field}[{index}]"
        entry = mapping(raw, where)
        peers, doubt = _peers(entry, where, word_, kept.namespace)
        ports, port_doubt = _ports(entry, where)
        if direction == "egress" and any(port.name for port in ports):
            port_doubt = port_doubt or "Cilium looks port names of egress rules up in the whole cluster"
        if peers is None and not ports and not doubt:
            continue  # neither peers nor ports: it allows nothing, but isolates
        if peers == ():
            continue  # an empty list of peers selects nobody
        matches = peers or ()
        yield TierRule(
            "deny" if deny else "allow",
            index,
            where,
            "" if where == f"spec.{direction}[{index}]" else where,
            tuple(match for match, _ in matches),
            tuple(place for _, place in matches),
            ports,
            doubt=doubt or port_doubt,
            line=kept.line(where),
            peer_lines=tuple(kept.line(place) for _, place in matches),
        )


Peers = tuple[tuple[TierPeer, str], ...] | None


def _peers(entry: Mapping[str, Any], where: str, word_: str, namespace: str) -> tuple[Peers, str]:
    """The peers of a rule with their paths (None: it names none), and why they cannot be told."""
    fields = [field for field in entry if field not in COMMON]
    known = {f"{word_}{name}": name for name in PEERS if (word_, name) != ("from", "FQDNs")}
    if f"{word_}Requires" in fields:
        raise NotEvaluatedError(f"{where}.{word_}Requires changes every rule of its subject and is not evaluated")
    if entry.get("toServices") and entry.get("toPorts"):
        raise NotEvaluatedError(f"older versions refuse ports beside {where}.toServices, newer ones take them")
    for field in fields:
        if field not in known:
            return None, f"its `{field}` is not evaluated"
    empty = next((field for field in fields if not entry[field]), "")
    if empty and (len(fields) > 1 or empty == "toFQDNs"):
        return None, f"versions differ in what its empty `{empty}` means"
    if not fields:
        return None, ""
    (field,) = fields
    found: list[tuple[TierPeer, str]] = []
    for index, raw in enumerate(items(entry[field], f"{where}.{field}")):
        place = f"{where}.{field}[{index}]"
        match, doubt = _peer(known[field], raw, place, namespace)
        if doubt:
            return None, doubt
        found.append((match, place))
    return tuple(found), ""


def _peer(kind: str, raw: Any, place: str, namespace: str) -> tuple[TierPeer, str]:
    """One peer, and why it cannot be told."""
    if kind == "Endpoints":
        found = plain_selector(selector(raw, place))
        return EndpointMatch.of_peer(found, namespace), selector_doubt(found)
    if kind == "Entities":
        return EntityNameMatch(word(raw, place, ENTITIES)), ""
    if kind == "FQDNs":
        return NamesMatch(), ""
    if kind == "CIDR":
        return BlockMatch(network(raw if "/" in str(raw) else _whole(str(raw)), place)), ""
    block = mapping(raw, place)
    if set(block) - {"cidr", "except"}:
        return NamesMatch(), "its CIDR group is not evaluated"
    outs = tuple(network(one, f"{place}.except[{k}]") for k, one in enumerate(texts(block.get("except"), place)))
    made = BlockMatch(network(block.get("cidr"), f"{place}.cidr"), outs)
    check_exceptions(made, place)
    return made, ""


def _whole(address: str) -> str:
    return f"{address}/128" if ":" in address else f"{address}/32"


def _ports(entry: Mapping[str, Any], where: str) -> tuple[tuple[PortMatch, ...], str]:
    """The ports of a rule (empty: all), and why what it allows cannot be told."""
    found: list[PortMatch] = []
    doubt = ""
    for index, raw in enumerate(items(entry.get("toPorts"), f"{where}.toPorts")):
        place = f"{where}.toPorts[{index}]"
        group = mapping(raw, place)
        for k, one in enumerate(items(group.get("ports"), f"{place}.ports")):
            made, said = _port(mapping(one, f"{place}.ports[{k}]"), f"{place}.ports[{k}]")
            found += made
            doubt = doubt or said
        if not group.get("ports"):
            found += [PortMatch(protocol) for protocol in PROTOCOLS]
            doubt = doubt or "an empty list of `ports` is read as none or as all in different versions"
        beyond = sorted(set(group) - {"ports", "rules"})
        if beyond:
            doubt = f"its `{beyond[0]}` is not evaluated"
        elif group.get("rules") and not _every_name(group["rules"]):
            doubt = "its layer 7 rules are about requests, which are not looked into"
    if entry.get("icmps"):
        found += [PortMatch("ICMP"), PortMatch("ICMPv6")]
        doubt = doubt or "its `icmps` are not evaluated"
    return tuple(found), doubt


def _every_name(rules: Any) -> bool:
    """Whether layer 7 rules let every request through: a DNS rule for all names."""
    return isinstance(rules, Mapping) and {"matchPattern": "*"} in items(rules.get("dns"), "dns")


def _port(entry: Mapping[str, Any], place: str) -> tuple[list[PortMatch], str]:
    """One entry of ``ports``: a number or name, perhaps a range; without protocol, or with ANY, of each.

    The text says why it cannot be told, "" where it can. A range that ends before it begins is its first port alone.
    """
    protocol = word(entry.get("protocol", "ANY"), f"{place}.protocol", (*PROTOCOLS, "ANY", *WITHOUT_PORTS))
    protocols = PROTOCOLS if protocol == "ANY" else (protocol,)
    port = text(entry.get("port"), f"{place}.port")
    end = entry.get("endPort")
    if protocol in NEWER:
        raise NotEvaluatedError(f"older versions do not know the protocol of {place}")
    if protocol in WITHOUT_PORTS:
        return [PortMatch(protocol)], f"what a port of {protocol} means is not evaluated"
    if not port.isdecimal():
        # Container ports have small letters only; Cilium compares without regard to case.
        return [PortMatch(one, name=port.lower()) for one in protocols], ""
    if len(port) > 1 and port[0] == "0":
        return [PortMatch(one) for one in protocols], f'its port "{port}" begins with 0, which Cilium reads as octal'
    low = number(int(port), f"{place}.port", 0)
    last = number(end, f"{place}.endPort", 0) if end else 0
    if not low:
        doubt = "what `endPort` beside port 0 means is not evaluated" if 0 < last < MAX_PORT else ""
        return [PortMatch(one) for one in protocols], doubt
    high = max(low, last)
    return [PortMatch(one, low, high, is_range=high > low) for one in protocols], ""
