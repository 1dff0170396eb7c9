"""What the CRDs of the policy API refuse: the markers in apis/v1alpha2 and v1alpha1 (MinItems, MaxItems, MaxLength,
MinProperties, required fields)."""

from typing import Any

import pytest

from tests.engine.policy.foreign import ANP, foreign
from tests.engine.policy.test_admin import LIONS, SNAKES, house, older, policy, rule, tcp, world

RULE = "spec.ingress[0]"
NUMBER: dict[str, Any] = {"tcp": {"destinationPort": {"number": 80}}}
BOTH = {"number": 80, "range": {"start": 1, "end": 2}}


def refused(one: dict[str, Any]) -> list[str]:
    c = world(policy("p", "Admin", 1, "lion", [one]))
    if c.policies.problems:
        assert c.ingress(LIONS, SNAKES).value == "allowed"
    return [problem.field for problem in c.policies.problems]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "n" * 101}, f"{RULE}.name"),
        ({"protocols": []}, f"{RULE}.protocols"),
        ({"protocols": [NUMBER] * 26}, f"{RULE}.protocols"),
        ({"protocols": [{}]}, f"{RULE}.protocols[0]"),
        ({"protocols": [{"tcp": {}}]}, f"{RULE}.protocols[0].tcp"),
        ({"protocols": [{"icmp": {}}]}, f"{RULE}.protocols[0]"),
        ({"protocols": [{**NUMBER, "udp": {"destinationPort": {"number": 1}}}]}, f"{RULE}.protocols[0]"),
        ({"protocols": [{"tcp": {"destinationPort": BOTH}}]}, f"{RULE}.protocols[0].tcp.destinationPort"),
        ({"protocols": [{"tcp": {"destinationPort": {}}}]}, f"{RULE}.protocols[0].tcp.destinationPort"),
        (
            {"protocols": [{"tcp": {"destinationPort": {"number": 0}}}]},
            f"{RULE}.protocols[0].tcp.destinationPort.number",
        ),
    ],
)
def test_what_is_refused_in_a_rule(more: dict[str, Any], field: str) -> None:
    """cluster-network-policy.md 2, row 'Fields of a rule'."""
    assert refused(rule("Deny", "snake", **more)) == [field]


def test_what_stands_just_inside_the_borders_is_taken() -> None:
    for more in ({"name": "n" * 100}, {"protocols": [NUMBER] * 25}, tcp(65535), {}):
        assert refused(rule("Deny", "snake", **more)) == []


def test_the_namespaces_of_pods_may_be_left_out_in_the_newer_kind_only() -> None:
    """v1alpha2 marks `namespaceSelector` as optional; in v1alpha1 every field is required unless marked so."""
    pods = {"pods": {"podSelector": {"matchLabels": {"house": "snake"}}}}
    c = world(policy("p", "Admin", 1, "lion", [{"action": "Deny", "from": [pods]}]))
    assert not c.policies.problems and c.ingress(LIONS, SNAKES).value == "denied"
    assert older("AdminNetworkPolicy", "a", priority=1, ingress=[{"action": "Deny", "from": [pods]}]) == [
        "spec.ingress[0].from[0].pods.namespaceSelector"
    ]


def test_lists_of_ports_of_the_older_kinds() -> None:
    ports = [{"portNumber": {"port": 80}}]

    def found(many: list[Any]) -> tuple[list[str], list[str]]:
        spec = {"priority": 1, "subject": house("lion"), "ingress": [rule("Deny", "snake", ports=many)]}
        c = world(foreign(ANP, "AdminNetworkPolicy", "a", spec))
        return [p.code for p in c.policies.problems], [c.ingress(LIONS, SNAKES, n).value for n in (80, 81)]

    assert found(ports * 100) == ([], ["denied", "allowed"])
    assert found(ports * 101) == (["NP-90"], ["allowed", "allowed"])
    beside = {"action": "Deny", "to": [{"networks": ["10.0.0.0/8"]}], "ports": []}
    assert older("AdminNetworkPolicy", "a", priority=1, egress=[beside]) == ["spec.egress[0]"], "left open, not refused"
    assert found([]) == (["NP-92"], ["cannot-tell", "cannot-tell"])
