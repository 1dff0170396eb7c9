"""What the CRDs of the policy API refuse: the markers in apis/v1alpha2 and v1alpha1 (MinItems, MaxItems, MaxLength,
MinProperties, required fields)."""

from typing import Any

import pytest

from designer.model import NetworkPolicy
from tests.engine.policy.foreign import ANP, foreign
from tests.engine.policy.test_admin import BADGERS, LIONS, SNAKES, house, older, policy, rule, tcp, world

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


CLOSED = NetworkPolicy.model_validate({"metadata": {"name": "closed", "namespace": "lions"}, "spec": {"ingress": []}})
UNHEARD: dict[str, Any] = {"planets": {}}


def told(one: dict[str, Any], port: int = 80, protocol: str = "TCP", closed: bool = True) -> list[str]:
    """What the snakes, the badgers and somebody outside may do to the lions."""
    c = world(policy("p", "Admin", 0, "lion", [one]), policies=(CLOSED,) if closed else ())
    return [c.ingress(LIONS, who, port, protocol).value for who in (SNAKES, BADGERS, "198.51.100.7")]


def test_priorities_go_from_0_to_1000() -> None:
    """cluster-network-policy.md 1, row 'Priority'."""
    for number, expected in ((0, []), (1000, []), (-1, ["spec.priority"]), (1001, ["spec.priority"])):
        c = world(policy("p", "Admin", number, "lion", [rule("Deny", "snake")]))
        assert [problem.field for problem in c.policies.problems] == expected


def test_an_accepting_rule_that_cannot_be_read_accepts_its_own_ports_at_most() -> None:
    """An engine that fails closed takes it for one that matches nothing, one that knows the peer for what it says."""
    one = {"action": "Accept", "from": [UNHEARD], **tcp(80)}
    assert told(one) == ["cannot-tell"] * 3
    assert told(one, 81) == ["denied"] * 3


def test_one_peer_that_is_not_known_leaves_the_whole_rule_open() -> None:
    assert told({"action": "Accept", "from": [house("snake"), UNHEARD]}) == ["cannot-tell"] * 3
    networks = {"action": "Accept", "from": [{"networks": ["10.0.0.0/8"]}]}
    assert told(networks) == ["cannot-tell"] * 3, "no peer of ingress"


def test_pods_by_the_labels_of_their_namespaces() -> None:
    pods = {"namespaceSelector": {"matchLabels": {"house": "snake"}}, "podSelector": {}}
    assert told({"action": "Accept", "from": [{"pods": pods}]}) == ["allowed", "denied", "denied"]


def test_each_protocol_is_itself() -> None:
    """cluster-network-policy.md 1, row 'Ports'."""
    for key in ("tcp", "udp", "sctp"):
        one = rule("Accept", "snake", protocols=[{key: {"destinationPort": {"number": 80}}}])
        found = {name: told(one, 80, name)[0] for name in ("TCP", "UDP", "SCTP")}
        assert [name for name, value in found.items() if value == "allowed"] == [key.upper()]


def test_what_denies_for_sure_is_named_before_what_may_deny() -> None:
    rules = [{"action": "Deny", "from": [UNHEARD]}, rule("Deny", "snake")]
    found = world(policy("p", "Admin", 1, "lion", rules)).ingress(LIONS, SNAKES)
    assert (found.value, found.field) == ("denied", "spec.ingress[1].from[0]")
    maybe = policy("p", "Admin", 1, "lion", rules[:1])
    found = world(maybe, policy("q", "Admin", 2, "lion", [rule("Deny", "snake")])).ingress(LIONS, SNAKES)
    assert (found.value, found.matched is not None and found.matched.policy_text.split()[1]) == ("denied", "q")


def test_the_limits_of_the_oldest_kind() -> None:
    """policies.md 5, row 'Limits'; cluster-network-policy.md 1, row 'Most rules and peers'."""
    deny = rule("Deny", "snake")
    assert older("BaselineAdminNetworkPolicy", "default", ingress=[deny] * 100) == []
    assert older("BaselineAdminNetworkPolicy", "default", ingress=[deny] * 101) == ["spec.ingress"]
    icmp = rule("Deny", "snake", ports=[{"portNumber": {"protocol": "ICMP", "port": 8}}])
    assert older("AdminNetworkPolicy", "a", priority=1, ingress=[icmp]) == [
        "spec.ingress[0].ports[0].portNumber.protocol"
    ]


def test_as_many_networks_as_may_be() -> None:
    many = {"action": "Deny", "to": [{"networks": [f"10.{n}.0.0/16" for n in range(25)]}]}
    c = world(policy("p", "Admin", 1, "lion", egress=[many]))
    assert not c.policies.problems and c.egress(LIONS, SNAKES).value == "denied"
