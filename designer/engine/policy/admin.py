"""ClusterNetworkPolicy, AdminNetworkPolicy and BaselineAdminNetworkPolicy (`policy.networking.k8s.io`) in their tiers.

Rules: NPEP-285 and the field texts of the API's types (v1alpha2, v1alpha1); `domain/cluster-network-policy.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from designer.engine.policy.compiled import Direction
from designer.engine.policy.matchers import BlockMatch, PodMatch, PortMatch
from designer.engine.policy.ports import PROTOCOLS
from designer.engine.policy.reading import (
    Kept,
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
from designer.engine.policy.tiers import Action, TierPolicy, TierRule
from designer.engine.policy.validate import selector_findings
from designer.model import LabelSelector

ADMIN, BASELINE = "Admin", "Baseline"
NEWER = "ClusterNetworkPolicy"
LONGEST_NAME = 100

# Kind → the words of its actions, and how many rules a direction and peers a rule may have.
ACTIONS: dict[str, dict[str, Action]] = {
    "ClusterNetworkPolicy": {"Accept": "allow", "Deny": "deny", "Pass": "pass"},
    "AdminNetworkPolicy": {"Allow": "allow", "Deny": "deny", "Pass": "pass"},
    "BaselineAdminNetworkPolicy": {"Allow": "allow", "Deny": "deny"},
}
MOST = {"ClusterNetworkPolicy": 25, "AdminNetworkPolicy": 100, "BaselineAdminNetworkPolicy": 100}
# Peers that no rule here can be decided by, and why.
OPEN_PEERS: dict[str, str] = {
    "nodes": "peers by `nodes` are experimental; engines that do not read them let an accepting rule match nothing and "
    "make any other deny everything",
    "domainNames": "which addresses the names of `domainNames` have is not known here",
}
UNREADABLE = "The API server takes it, but no engine can make a selector of it: nobody can say what the policy does."
# Peers by address: the API's own rule refuses named ports beside them.
ADDRESSES = frozenset(("networks", "nodes", "domainNames"))
# Kind → the field that holds the ports of a rule.
PORTS = {"ClusterNetworkPolicy": "protocols", "AdminNetworkPolicy": "ports", "BaselineAdminNetworkPolicy": "ports"}
NAMED_PORT = (
    "named ports are not read by every engine; one that does not lets an accepting rule match nothing and makes any "
    "other deny everything"
)


def tier_of(kept: Kept) -> str:
    """``Admin`` or ``Baseline``; raises `RefusedError` for another tier of a ClusterNetworkPolicy."""
    if kept.kind == "ClusterNetworkPolicy":
        return word(kept.spec.get("tier"), "spec.tier", (ADMIN, BASELINE))
    return BASELINE if kept.kind == "BaselineAdminNetworkPolicy" else ADMIN


def priority_of(kept: Kept) -> int:
    """Its place in the tier, lower first; a BaselineAdminNetworkPolicy is alone in its own."""
    if kept.kind == "BaselineAdminNetworkPolicy":
        if kept.name != "default":
            raise RefusedError("metadata.name", "must be `default`", "Name it default; there is one in a cluster.")
        return 0
    return number(kept.spec.get("priority"), "spec.priority", 0, 1000)


def admin_policy(kept: Kept) -> TierPolicy:
    """The compiled policy; raises `RefusedError` for what the API server refuses."""
    spec = kept.spec
    tier, priority = tier_of(kept), priority_of(kept)
    about = {
        "ClusterNetworkPolicy": f"{tier}, priority {priority}",
        "AdminNetworkPolicy": f"priority {priority}",
    }.get(kept.kind, "")
    given = mapping(spec.get("subject"), "spec.subject")
    if len(given) > 1:
        raise RefusedError("spec.subject", "must have exactly one field", "Keep either `namespaces` or `pods`.")
    subject = _pods(given, "spec.subject", kept.kind != NEWER)
    if subject is None:
        raise RefusedError("spec.subject", "must have `namespaces` or `pods`", "Use {namespaces: {}} for every Pod.")
    inward, outward = (tuple(_rules(kept, direction)) for direction in ("ingress", "egress"))
    return TierPolicy(
        kept.id, kept.kind, kept.name, about, subject, inward or None, outward or None, file=kept.file, line=kept.line()
    )


def _rules(kept: Kept, direction: Direction) -> Iterator[TierRule]:
    words, most = ACTIONS[kept.kind], MOST[kept.kind]
    entry = "from" if direction == "ingress" else "to"
    rules = items(kept.spec.get(direction), f"spec.{direction}")
    if len(rules) > most:
        raise RefusedError(f"spec.{direction}", f"may hold {most} rules at most", "Make two policies of it.")
    for index, raw in enumerate(rules):
        path = f"spec.{direction}[{index}]"
        rule = mapping(raw, path)
        action = words[word(rule.get("action"), f"{path}.action", tuple(words))]
        peers = items(rule.get(entry), f"{path}.{entry}")
        if not 1 <= len(peers) <= most:
            raise RefusedError(f"{path}.{entry}", f"must hold 1 to {most} peers", "Use {namespaces: {}} for every Pod.")
        read = [_peer(peer, f"{path}.{entry}[{k}]", direction, kept.kind != NEWER) for k, peer in enumerate(peers)]
        matches = tuple((match, f"{path}.{entry}[{k}]") for k, (found, _) in enumerate(read) for match in found)
        ports, port_doubt = _ports(kept, rule, path)
        if port_doubt == NAMED_PORT and any(ADDRESSES & mapping(peer, path).keys() for peer in peers):
            raise RefusedError(
                f"{path}.{PORTS[kept.kind]}",
                "may not name ports beside `networks`, `nodes` or `domainNames`",
                "Make two rules of it: addresses have no named ports.",
            )
        doubt = next((said for _, said in read if said), port_doubt)
        # An engine that cannot read a rule that denies or passes takes the whole of it for "deny everything".
        ported = not doubt or (action == "allow" and not port_doubt)
        yield TierRule(
            action,
            index,
            path,
            _name(rule, path),
            () if doubt else tuple(match for match, _ in matches),
            () if doubt else tuple(where for _, where in matches),
            ports if ported else (),
            doubt=doubt,
            line=kept.line(path),
            peer_lines=() if doubt else tuple(kept.line(where) for _, where in matches),
        )


def _name(rule: Mapping[str, Any], path: str) -> str:
    name = text(rule.get("name", ""), f"{path}.name")
    if len(name) > LONGEST_NAME:
        raise RefusedError(f"{path}.name", f"has more than {LONGEST_NAME} characters", "Shorten it.")
    return name


def _pods(peer: Mapping[str, Any], path: str, older: bool) -> PodMatch | None:
    """The Pods of a subject or peer by selectors, None where it has no selector; `older` kinds need both of `pods`."""
    if "namespaces" in peer:
        return PodMatch("", _selector(peer["namespaces"], f"{path}.namespaces"), None)
    if "pods" not in peer:
        return None
    pods = mapping(peer["pods"], f"{path}.pods")
    for field in ("namespaceSelector", "podSelector") if older else ("podSelector",):
        if field not in pods:
            raise RefusedError(f"{path}.pods.{field}", "is required", "Use {} for all.")
    return PodMatch(
        "",
        _selector(pods.get("namespaceSelector", {}), f"{path}.pods.namespaceSelector"),
        _selector(pods["podSelector"], f"{path}.pods.podSelector"),
    )


def _selector(value: Any, path: str) -> LabelSelector:
    """A selector that engines can read: the CRDs check neither keys nor operators."""
    found = selector(value, path)
    for where, said, fix in selector_findings(found, path):
        raise RefusedError(where, said, fix, UNREADABLE)
    return found


def _peer(raw: Any, path: str, direction: Direction, older: bool) -> tuple[tuple[PodMatch | BlockMatch, ...], str]:
    """What a peer matches, and why that cannot be told ("" where it can)."""
    peer = mapping(raw, path)
    if len(peer) != 1:
        raise RefusedError(path, "must have exactly one field", "Make one entry of each.")
    pods = _pods(peer, path, older)
    if pods is not None:
        return (pods,), ""
    (field,) = peer
    if direction == "egress" and field == "networks":
        nets = texts(peer[field], f"{path}.networks")
        if not 1 <= len(nets) <= 25:
            raise RefusedError(f"{path}.networks", "must hold 1 to 25 CIDRs", "Make several entries of it.")
        return tuple(BlockMatch(network(net, f"{path}.networks[{k}]")) for k, net in enumerate(nets)), ""
    if direction == "egress" and field in OPEN_PEERS:
        return (), OPEN_PEERS[field]
    return (), f"`{field}` is no peer of {direction} rules that is known here; engines differ in what they make of it"


def _ports(kept: Kept, rule: Mapping[str, Any], path: str) -> tuple[tuple[PortMatch, ...], str]:
    """The ports of a rule, and why they cannot be told."""
    field = PORTS[kept.kind]
    given = items(rule.get(field), f"{path}.{field}")
    least = 1 if kept.kind == NEWER else 0
    if field in rule and not least <= len(given) <= MOST[kept.kind]:
        fix = "Leave it out for every port, make two rules of more."
        raise RefusedError(f"{path}.{field}", f"must hold {least} to {MOST[kept.kind]} entries", fix)
    if field in rule and not given:
        return (), "an empty list of `ports` means every port or none, as the engine reads it"
    found: list[PortMatch] = []
    for index, raw in enumerate(given):
        where = f"{path}.{field}[{index}]"
        entry = mapping(raw, where)
        if len(entry) != 1:
            raise RefusedError(where, "must have exactly one field", "Make one entry of each.")
        if "destinationNamedPort" in entry or "namedPort" in entry:
            return (), NAMED_PORT
        found.append(_protocol(entry, where) if field == "protocols" else _port(entry, where))
    return tuple(found), ""


def _protocol(entry: Mapping[str, Any], where: str) -> PortMatch:
    """``tcp: {destinationPort: {number: 80}}`` of a ClusterNetworkPolicy."""
    key = word(next(iter(entry)), where, ("tcp", "udp", "sctp"))
    protocol = key.upper()
    inner = mapping(entry[key], f"{where}.{key}")
    if "destinationPort" not in inner:
        raise RefusedError(f"{where}.{key}", "must have a field", "Give a destinationPort.")
    here = f"{where}.{key}.destinationPort"
    port = mapping(inner["destinationPort"], here)
    if len(port) != 1:
        raise RefusedError(here, "must have exactly one field", "Give `number` or `range`.")
    if "number" in port:
        one = number(port["number"], f"{here}.number")
        return PortMatch(protocol, one, one)
    return _range(protocol, mapping(port.get("range"), f"{here}.range"), f"{here}.range")


def _port(entry: Mapping[str, Any], where: str) -> PortMatch:
    """``portNumber`` and ``portRange`` of the older kinds."""
    key = word(next(iter(entry)), where, ("portNumber", "portRange"))
    inner = mapping(entry[key], f"{where}.{key}")
    protocol = word(inner.get("protocol", "TCP"), f"{where}.{key}.protocol", PROTOCOLS)
    if key == "portNumber":
        one = number(inner.get("port"), f"{where}.{key}.port")
        return PortMatch(protocol, one, one)
    return _range(protocol, inner, f"{where}.{key}")


def _range(protocol: str, inner: Mapping[str, Any], where: str) -> PortMatch:
    low, high = number(inner.get("start"), f"{where}.start"), number(inner.get("end"), f"{where}.end")
    if high <= low:
        raise RefusedError(where, "`start` must be below `end`", "Swap them, or give one number.")
    return PortMatch(protocol, low, high, is_range=True)
