"""What Cilium refuses in a rule of its policies, though the API server stores the object: nothing then enforces it.

Sources: `Rule.Validate` (before it `Sanitize`) in Cilium's policy/api (rule_validation.go), `CiliumNetworkPolicy.Parse`
of pkg/k8s/apis/cilium.io/v2, and the words and types of its CRD; `domain/policies.md` section 7. What an agent takes
only with a flag, and what versions treat differently, is left to `cilium`: a rule with it is not decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from designer.engine.policy.compiled import DIRECTIONS, Direction
from designer.engine.policy.matchers import BlockMatch
from designer.engine.policy.reading import RefusedError, items, mapping

# Lists of peers of which a rule may fill one, without their direction.
PEER_LISTS = ("Endpoints", "Entities", "CIDR", "CIDRSet", "FQDNs", "Nodes", "Groups", "Services")
MOST_PORTS = 40
LAYER_7 = ("http", "kafka", "dns", "l7", "l7proto")
# Of these a list of ports may have one only.
PARSERS = ("http", "kafka", "dns", "l7proto")


def check_rule(rule: Mapping[str, Any], path: str, namespaced: bool) -> None:
    """Nothing, for a rule that Cilium takes; `namespaced` for one of a CiliumNetworkPolicy.

    Raises `RefusedError` with the first thing that it refuses.
    """
    if "nodeSelector" in rule and "endpointSelector" in rule:
        raise RefusedError(path, "has both endpointSelector and nodeSelector", "Make two policies of it.")
    if "nodeSelector" in rule and namespaced:
        raise RefusedError(
            f"{path}.nodeSelector",
            "may not stand in a policy with a namespace",
            "Use a CiliumClusterwideNetworkPolicy.",
        )
    if not any(rule_lists(rule)):
        raise RefusedError(
            path,
            "has no rule: Cilium takes no policy with empty lists only",
            "Write `ingress: [{}]` to let nobody in, `egress: [{}]` to let nothing out.",
        )
    for direction in DIRECTIONS:
        for field in (direction, f"{direction}Deny"):
            for index, raw in enumerate(items(rule.get(field), f"{path}.{field}")):
                where = f"{path}.{field}[{index}]"
                _check_entry(mapping(raw, where), where, direction)


def rule_lists(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """The lists of rules that it has, empty ones too."""
    fields = [field for direction in DIRECTIONS for field in (direction, f"{direction}Deny")]
    return tuple(rule[field] for field in fields if field in rule)


def _check_entry(entry: Mapping[str, Any], where: str, direction: Direction) -> None:
    word = "from" if direction == "ingress" else "to"
    filled = [f"{word}{name}" for name in PEER_LISTS if entry.get(f"{word}{name}")]
    if len(filled) > 1:
        raise RefusedError(where, f"combines {filled[0]} and {filled[1]}", "Make one rule of each.")
    if entry.get("icmps") and entry.get("toPorts"):
        raise RefusedError(where, "combines icmps and toPorts", "Make one rule of each.")
    for index, raw in enumerate(items(entry.get("toPorts"), f"{where}.toPorts")):
        _check_ports(mapping(raw, f"{where}.toPorts[{index}]"), f"{where}.toPorts[{index}]", direction)


def _check_ports(group: Mapping[str, Any], where: str, direction: Direction) -> None:
    ports = [mapping(one, f"{where}.ports[{k}]") for k, one in enumerate(items(group.get("ports"), f"{where}.ports"))]
    if len(ports) > MOST_PORTS:
        raise RefusedError(f"{where}.ports", f"may hold {MOST_PORTS} ports at most", "Make several entries of it.")
    rules = group.get("rules")
    if not isinstance(rules, Mapping) or not any(field in rules for field in LAYER_7):
        return
    for wrong, said, fix in LAYER_7_RULES:
        if wrong(ports, rules, direction):
            raise RefusedError(f"{where}.rules", said, fix)


def _is_dns(rules: Mapping[str, Any]) -> bool:
    return bool(rules.get("dns"))


# What is wrong with layer 7 rules (the ports beside them, the rules, the direction), in words, and what to do.
LAYER_7_RULES: tuple[tuple[Callable[[list[Mapping[str, Any]], Mapping[str, Any], Direction], bool], str, str], ...] = (
    (
        lambda ports, rules, direction: direction == "ingress" and _is_dns(rules),
        "may not be about DNS in a rule of ingress",
        "DNS rules stand in egress rules of the Pods that ask.",
    ),
    (
        lambda ports, rules, direction: sum(parser in rules for parser in PARSERS) > 1,
        "may be about one protocol only",
        "Make one entry of toPorts of each.",
    ),
    (
        lambda ports, rules, direction: not _is_dns(rules) and any(one.get("protocol") != "TCP" for one in ports),
        "go with TCP only, DNS rules aside",
        "Add `protocol: TCP` to each port.",
    ),
    (
        lambda ports, rules, direction: any(one.get("port") == "0" for one in ports),
        "may not stand beside port 0",
        "Name the port.",
    ),
    (
        lambda ports, rules, direction: _is_dns(rules) and (not ports or any(_is_range(one) for one in ports)),
        "about DNS need a port, and no range",
        'Give the port: "53".',
    ),
)


def _is_range(port: Mapping[str, Any]) -> bool:
    number, end = str(port.get("port", "")), port.get("endPort")
    return isinstance(end, int) and number.isdecimal() and end > int(number)


def check_exceptions(block: BlockMatch, place: str) -> None:
    """Nothing, for exceptions inside of their block; raises `RefusedError` for one outside, or of another family."""
    for index, out in enumerate(block.excepts):
        if out.network_address not in block.network:
            raise RefusedError(f"{place}.except[{index}]", f"is no part of {block.network}", "Name a part of `cidr`.")
