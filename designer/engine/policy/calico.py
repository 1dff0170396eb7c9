"""Calico's NetworkPolicy and GlobalNetworkPolicy: rules with actions, in the order of their tier.

Sources: Calico's API types (`api/pkg/apis/projectcalico/v3`), defaulting of `types` (libcalico-go clientv3), Felix'
policy sorter; `domain/policies.md` section 6.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from designer.engine.policy.calico_match import CalicoObjects, EntityMatch, NetworkSet
from designer.engine.policy.calico_refused import check_rule
from designer.engine.policy.calico_selector import Expression, SelectorError, parse_selector
from designer.engine.policy.compiled import DIRECTIONS, Direction
from designer.engine.policy.matchers import BlockMatch, PortMatch
from designer.engine.policy.ports import MAX_PORT, MIN_PORT
from designer.engine.policy.reading import (
    Kept,
    NotEvaluatedError,
    RefusedError,
    items,
    mapping,
    network,
    text,
    texts,
    word,
)
from designer.engine.policy.tiers import Action, TierPolicy, TierRule
from designer.model import FrozenMap, Project
from designer.model.policykinds import CALICO_GROUPS

ACTIONS: dict[str, Action] = {"Allow": "allow", "Deny": "deny", "Pass": "pass", "Log": "log"}
NUMBERS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP", 136: "UDPLite"}
RULE_FIELDS = frozenset(
    ["action", "protocol", "notProtocol", "source", "destination", "metadata", "http", "icmp", "notICMP", "ipVersion"]
)
ENTITY_FIELDS = frozenset(
    ["nets", "notNets", "selector", "notSelector", "namespaceSelector", "serviceAccounts", "ports", "notPorts"]
)


def calico_objects(project: Project) -> CalicoObjects:
    """The network sets, service accounts and HostEndpoints among the kept objects."""
    sets: list[NetworkSet] = []
    accounts: dict[tuple[str, str], FrozenMap[str, str]] = {}
    hosts = False
    for oid in sorted(project.foreign):
        data = project.foreign[oid].data
        group, kind = str(data.get("apiVersion")).partition("/")[0], data.get("kind")
        metadata = data.get("metadata")
        named: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
        given = named.get("labels")
        labels = FrozenMap({str(k): str(v) for k, v in (given if isinstance(given, Mapping) else {}).items()})
        namespace = str(named.get("namespace") or "default")
        if kind == "ServiceAccount" and group == "v1":
            accounts[(namespace, str(named.get("name")))] = labels
        elif group in CALICO_GROUPS and kind in ("NetworkSet", "GlobalNetworkSet"):
            spec = data.get("spec")
            found = _nets(spec.get("nets") if isinstance(spec, Mapping) else None)
            sets.append(NetworkSet(namespace if kind == "NetworkSet" else "", labels, found))
        hosts = hosts or (group in CALICO_GROUPS and kind == "HostEndpoint")
    return CalicoObjects(tuple(sets), accounts, hosts)


def _nets(value: Any) -> tuple[BlockMatch, ...]:
    """The networks of a set; what is none is left out, as Calico's converter does."""
    found = (_net(one, "") for one in (value if isinstance(value, list) else ()) if isinstance(one, str))
    return tuple(one for one in found if one is not None)


def _net(value: str, path: str) -> BlockMatch | None:
    """A network, or a single address."""
    try:
        return BlockMatch(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return BlockMatch(network(value, path)) if path else None


def tier_name(kept: Kept) -> str:
    """The tier that a policy stands in."""
    return text(kept.spec.get("tier") or "default", "spec.tier")


def order_of(kept: Kept) -> float:
    """Its place in the tier; one without order comes last."""
    order = kept.spec.get("order")
    if order is None:
        return float("inf")
    if isinstance(order, bool) or not isinstance(order, (int, float)):
        raise RefusedError("spec.order", "is no number", "Give a number; lower comes first.")
    return float(order)


def calico_policy(kept: Kept, objects: CalicoObjects) -> TierPolicy | None:
    """The compiled policy, None for one that is about HostEndpoints only.

    Raises `RefusedError`, and `NotEvaluatedError` for a namespaced one with a field that it does not have.
    """
    spec = kept.spec
    if spec.get("preDNAT") is True or spec.get("doNotTrack") is True:
        return None
    if "global(" in str(spec.get("selector")):
        raise RefusedError("spec.selector", "may not hold global()", "It belongs into a rule's namespaceSelector.")
    if kept.namespace and spec.get("namespaceSelector") is not None:
        raise NotEvaluatedError(
            "`spec.namespaceSelector` is a field of GlobalNetworkPolicy alone: Kubernetes' API refuses this policy, or "
            "takes it without the field"
        )
    subject = EntityMatch(
        # A policy selects endpoints: addresses of network sets count for the ends of its rules only.
        replace(objects, sets=()),
        kept.namespace,
        _expression(spec.get("selector") or "all()", "spec.selector"),
        namespaces=_expression(spec.get("namespaceSelector"), "spec.namespaceSelector"),
        account=_expression(spec.get("serviceAccountSelector"), "spec.serviceAccountSelector"),
    )
    types = texts(spec.get("types"), "spec.types") or _types(spec)
    for index, one in enumerate(types):
        word(one, f"spec.types[{index}]", ("Ingress", "Egress"))
    directions = tuple(one for one in DIRECTIONS if one.capitalize() in types)
    ingress, egress = (
        tuple(_rules(kept, direction, objects)) if direction in directions else None for direction in DIRECTIONS
    )
    order = order_of(kept)
    about = f"tier {tier_name(kept)}" + (f", order {order:g}" if order != float("inf") else ", no order")
    kind = f"Calico {kept.kind}" if kept.namespace else kept.kind
    return TierPolicy(
        kept.id,
        kind,
        kept.shown,
        about,
        EntityMatch.of(subject),
        ingress,
        egress,
        kept.namespace,
        directions,
        kept.file,
        kept.line(),
    )


def _types(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The default: Ingress, unless there are egress rules only; other than in Kubernetes."""
    if not spec.get("egress"):
        return ("Ingress",)
    return ("Ingress", "Egress") if spec.get("ingress") else ("Egress",)


def _expression(value: Any, path: str) -> Expression | None:
    """A selector; None where none is given, or an empty one."""
    if value is None or value == "":
        return None
    try:
        return parse_selector(text(value, path))
    except SelectorError as error:
        raise RefusedError(path, f"is no selector: {error}", "Write it like role == 'db' && has(env).") from None


def _rules(kept: Kept, direction: Direction, objects: CalicoObjects) -> Iterator[TierRule]:
    for index, raw in enumerate(items(kept.spec.get(direction), f"spec.{direction}")):
        path = f"spec.{direction}[{index}]"
        rule = mapping(raw, path)
        ends = {end: mapping(rule.get(end, {}), f"{path}.{end}") for end in ("source", "destination")}
        matches = {end: _entity(ends[end], f"{path}.{end}", kept.namespace, objects) for end in ends}
        there, here = ("source", "destination") if direction == "ingress" else ("destination", "source")
        check_rule(ends, _protocol(rule.get("protocol"), f"{path}.protocol"), path)
        ports, port_doubt = _ports(rule, ends["destination"], path)
        peer, own = matches[there], matches[here]
        yield TierRule(
            ACTIONS[word(rule.get("action"), f"{path}.action", tuple(ACTIONS))],
            index,
            path,
            peers=(peer,) if peer is not None else (),
            peer_paths=(f"{path}.{there}",) if peer is not None else (),
            ports=ports,
            own=own,
            doubt=_doubt(rule, ends) or port_doubt,
            line=kept.line(path),
            peer_lines=(kept.line(f"{path}.{there}"),) if peer is not None else (),
        )


def _doubt(rule: Mapping[str, Any], ends: Mapping[str, Mapping[str, Any]]) -> str:
    """Why a rule cannot be told: what it looks at beside addresses, labels and destination ports."""
    if rule.get("http") is not None:
        return "its `http` match is about requests, which are not looked into"
    if rule.get("ipVersion") is not None or rule.get("icmp") is not None or rule.get("notICMP") is not None:
        return "its `ipVersion` and `icmp` matches are not evaluated"
    unknown = sorted(set(rule) - RULE_FIELDS)
    for name, end in ends.items():
        unknown += [f"{name}.{field}" for field in sorted(set(end) - ENTITY_FIELDS)]
    if unknown:
        return f"its `{unknown[0]}` is not evaluated"
    source = ends["source"]
    return "its source ports are not evaluated" if source.get("ports") or source.get("notPorts") else ""


def _entity(entity: Mapping[str, Any], path: str, namespace: str, objects: CalicoObjects) -> EntityMatch | None:
    """The matcher of one end; None where nothing is asked of it."""
    given = {field: entity[field] for field in sorted(entity) if field in ENTITY_FIELDS - {"ports", "notPorts"}}
    if not any(given.values()):
        return None
    accounts = mapping(given.get("serviceAccounts", {}), f"{path}.serviceAccounts")
    nets, outs = (
        tuple(
            found
            for k, net in enumerate(texts(given.get(field), f"{path}.{field}"))
            if (found := _net(net, f"{path}.{field}[{k}]")) is not None
        )
        for field in ("nets", "notNets")
    )
    match = EntityMatch(
        objects,
        namespace,
        _expression(given.get("selector"), f"{path}.selector"),
        _expression(given.get("notSelector"), f"{path}.notSelector"),
        _expression(given.get("namespaceSelector"), f"{path}.namespaceSelector"),
        texts(accounts.get("names"), f"{path}.serviceAccounts.names"),
        _expression(accounts.get("selector"), f"{path}.serviceAccounts.selector"),
        nets,
        outs,
        ", ".join(f"{field} {_shown(value)}" for field, value in given.items() if value),
    )
    return EntityMatch.of(match)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return " and ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _ports(rule: Mapping[str, Any], destination: Mapping[str, Any], path: str) -> tuple[tuple[PortMatch, ...], str]:
    """Protocols and destination ports of a rule (empty: all), and why they cannot be told."""
    protocol, other = (_protocol(rule.get(field), f"{path}.{field}") for field in ("protocol", "notProtocol"))
    if protocol and other:
        return (PortMatch(protocol),), "its `protocol` and `notProtocol` together are not evaluated"
    if other:
        return tuple(PortMatch(one) for one in NUMBERS.values() if one != other), ""
    wanted = items(destination.get("ports"), f"{path}.destination.ports")
    unwanted = items(destination.get("notPorts"), f"{path}.destination.notPorts")
    if not protocol:
        return (), ""
    read = [_port(one, protocol, f"{path}.destination.ports[{k}]") for k, one in enumerate(wanted)]
    out = [_port(one, protocol, f"{path}.destination.notPorts[{k}]") for k, one in enumerate(unwanted)]
    if any(port.name for port in out):
        return tuple(read) or (PortMatch(protocol),), "names in its `notPorts` are not evaluated"
    if not out:
        return tuple(read) or (PortMatch(protocol),), ""
    if read:
        return tuple(read), "its `ports` and `notPorts` together are not evaluated"
    return tuple(_gaps(protocol, out)) or (PortMatch(protocol, MIN_PORT, MIN_PORT - 1),), ""


def _gaps(protocol: str, out: list[PortMatch]) -> Iterator[PortMatch]:
    """The ports between those left out."""
    start = MIN_PORT
    for port in sorted(out, key=lambda one: one.low):
        if port.low > start:
            yield PortMatch(protocol, start, port.low - 1, is_range=True)
        start = max(start, port.high + 1)
    if start <= MAX_PORT:
        yield PortMatch(protocol, start, MAX_PORT, is_range=True)


def _protocol(value: Any, path: str) -> str:
    """A protocol by name or number, "" where none is given."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 255:
        return NUMBERS.get(value, str(value))
    names = {name.lower(): name for name in NUMBERS.values()}
    found = names.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise RefusedError(path, f'"{value}" is no protocol', "Use TCP, UDP, SCTP, ICMP, or a number.")
    return found


def _port(value: Any, protocol: str, path: str) -> PortMatch:
    """A number, a range ``8000:8080`` or the name of a port."""
    low, colon, high = str(value).partition(":")
    if low.isdecimal() and (high.isdecimal() or not colon):
        first, last = int(low), int(high or low)
        if not 0 <= first <= last <= MAX_PORT:
            raise RefusedError(path, f'"{value}" is no port or range of ports', "Write 80 or 8000:8080.")
        return PortMatch(protocol, max(first, MIN_PORT), last, is_range=bool(colon))
    if not isinstance(value, str) or colon:
        raise RefusedError(path, f'"{value}" is no port or range of ports', "Write 80 or 8000:8080.")
    return PortMatch(protocol, name=value)
