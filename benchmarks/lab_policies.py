"""Random policies for the kernel lab: NetworkPolicy, and the kinds in tiers that Calico enforces."""

from __future__ import annotations

from random import Random
from typing import Any

from designer.model import ForeignObject

APPS = ("a", "b", "c", "d")
NAMESPACES = ("default", "shop")
CNP, V3 = "policy.networking.k8s.io/v1alpha2", "projectcalico.org/v3"
NETS = ("10.244.0.0/17", "192.168.10.0/24", "203.0.113.0/24", "198.51.100.20/32", "0.0.0.0/0", "fd00::/16", "::/0")
SELECTORS = (
    "all()", "app == 'a'", "app in {'b', 'c'}", "tier == 'front'", "has(app) && tier != 'front'", "!has(app)",
    "role == 'office'",
)  # fmt: skip


def network_policy(draw: Random, number: int) -> dict[str, Any]:
    """A NetworkPolicy."""
    types = draw.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"]))
    spec: dict[str, Any] = {
        "podSelector": draw.choice(({}, {"matchLabels": {"app": draw.choice(APPS)}})),
        "policyTypes": types,
    }
    for direction, word in (("ingress", "from"), ("egress", "to")):
        if direction.capitalize() in types:
            spec[direction] = [_rule(draw, word) for _ in range(draw.randint(0, 2))]
    namespace = draw.choice(NAMESPACES)
    data = {"kind": "NetworkPolicy", "metadata": {"name": f"n{number}", "namespace": namespace}, "spec": spec}
    return {**data, "apiVersion": "networking.k8s.io/v1"}


def _rule(draw: Random, word: str) -> dict[str, Any]:
    peers: tuple[dict[str, Any], ...] = (
        {"podSelector": {"matchLabels": {"app": draw.choice(APPS)}}},
        {"namespaceSelector": {}, "podSelector": {"matchLabels": {"tier": "front"}}},
        {"namespaceSelector": {"matchLabels": {"team": "x"}}},
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.244.0.0/17"]}},
        {"ipBlock": {"cidr": "192.168.10.0/24"}},
        {"ipBlock": {"cidr": "203.0.113.0/24"}},
        {"ipBlock": {"cidr": "fd00::/16"}},
    )
    ports: tuple[dict[str, Any], ...] = (
        {"port": 8080},
        {"port": "http"},
        {"port": 5353, "protocol": "UDP"},
        {"port": 8000, "endPort": 9999},
        {"protocol": "UDP"},
        {"port": 7070, "protocol": "SCTP"},
    )
    found: dict[str, Any] = {}
    if draw.random() < 0.8:
        found[word] = draw.sample(peers, draw.randint(1, 2))
    if draw.random() < 0.6:
        found["ports"] = draw.sample(ports, draw.randint(1, 2))
    return found


def tiered_policies(draw: Random) -> tuple[ForeignObject, ...]:
    """Policies beside NetworkPolicy, with the tier and the network set that some of them name; often none."""
    if draw.random() < 0.4:
        return ()
    # Equal orders of two policies are not decided anywhere; most are different.
    orders = draw.sample(range(10, 2000, 7), 6)
    made = [_admin(draw, number, orders.pop()) for number in range(draw.randint(0, 2))]
    made += [_calico(draw, number, orders.pop()) for number in range(draw.randint(0, 3))]
    office = {"nets": ["203.0.113.0/24", "192.168.10.99"]}
    security = {"order": draw.choice((100, 2_000_000)), **draw.choice(({}, {"defaultAction": "Pass"}))}
    return (
        *made,
        _kept(V3, "Tier", "security", security),
        _kept(V3, "GlobalNetworkSet", "office", office, labels={"role": "office"}),
    )


def _kept(api: str, kind: str, name: str, spec: dict[str, Any], namespace: str = "", **meta: Any) -> ForeignObject:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **meta}
    oid = f"{api}/{kind}:{namespace}/{name}" if namespace else f"{api}/{kind}:{name}"
    return ForeignObject(oid, {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})


def _admin(draw: Random, number: int, order: int) -> ForeignObject:
    spec: dict[str, Any] = {
        "tier": draw.choice(("Admin", "Admin", "Baseline")),
        "priority": order % 1000,
        "subject": _people(draw),
    }
    for direction, word in (("ingress", "from"), ("egress", "to")):
        if draw.random() < 0.7:
            spec[direction] = [_admin_rule(draw, word) for _ in range(draw.randint(1, 2))]
    return _kept(CNP, "ClusterNetworkPolicy", f"admin{number}", spec)


def _people(draw: Random) -> dict[str, Any]:
    pods = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": draw.choice(APPS)}}}
    return draw.choice(({"namespaces": {}}, {"namespaces": {"matchLabels": {"team": "x"}}}, {"pods": pods}))


def _admin_rule(draw: Random, word: str) -> dict[str, Any]:
    peers = [_people(draw)]
    if word == "to" and draw.random() < 0.5:
        peers.append({"networks": draw.sample(NETS, 2)})
    rule: dict[str, Any] = {"action": draw.choice(("Accept", "Deny", "Pass")), word: peers}
    if draw.random() < 0.5:
        ranged = {"destinationPort": {"range": {"start": 8000, "end": 9000}}}
        one = {"destinationPort": {"number": 8080}}
        rule["protocols"] = [draw.choice(({"tcp": one}, {"tcp": ranged}, {"udp": {}}, {"sctp": {}}))]
    return rule


def _calico(draw: Random, number: int, order: int) -> ForeignObject:
    spec: dict[str, Any] = {
        "order": order,
        "selector": draw.choice(SELECTORS),
        "types": draw.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"])),
    }
    if draw.random() < 0.3:
        spec["tier"] = "security"
    for direction in ("ingress", "egress"):
        if direction.capitalize() in spec["types"]:
            spec[direction] = [_calico_rule(draw) for _ in range(draw.randint(0, 3))]
    if draw.random() < 0.5:
        return _kept(V3, "GlobalNetworkPolicy", f"global{number}", spec)
    return _kept(V3, "NetworkPolicy", f"own{number}", spec, draw.choice(NAMESPACES))


def _calico_rule(draw: Random) -> dict[str, Any]:
    rule: dict[str, Any] = {"action": draw.choice(("Allow", "Allow", "Deny", "Pass", "Log"))}
    for end in ("source", "destination"):
        if draw.random() < 0.5:
            rule[end] = _entity(draw)
    if draw.random() < 0.5:
        rule["protocol"] = draw.choice(("TCP", "UDP", "SCTP"))
        if draw.random() < 0.6:
            ports = draw.choice(([8080], ["8000:9999"], ["http"], [5353, 7070]))
            field = draw.choice(("ports", "ports", "notPorts")) if ports != ["http"] else "ports"
            rule.setdefault("destination", {})[field] = ports
    elif draw.random() < 0.2:
        rule["notProtocol"] = draw.choice(("TCP", "UDP"))
    return rule


def _entity(draw: Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if draw.random() < 0.6:
        found["selector"] = draw.choice(SELECTORS)
    if draw.random() < 0.2:
        found["notSelector"] = draw.choice(SELECTORS[1:])
    if draw.random() < 0.3:
        found["namespaceSelector"] = draw.choice(("team == 'x'", "all()", "global()"))
    if draw.random() < 0.3:
        found["nets"] = draw.sample(NETS, 2)
    if draw.random() < 0.2:
        found["notNets"] = draw.sample(NETS[:4], 1)
    return found
