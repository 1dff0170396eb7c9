"""What Calico's API refuses in a rule, from `validateRule` and `validateEntityRule` of its lib/validator/v3 (and their
tests); what only newer or only older versions refuse; and objects that were written past the API."""

from typing import Any

import pytest

from tests.engine.policy.cluster import pod
from tests.engine.policy.foreign import foreign, tiered
from tests.engine.policy.test_calico import PEOPLE, V1, V3, WEB, gnp, np, values, world

RULE = "spec.ingress[0]"


def inward(**rule: Any) -> dict[str, Any]:
    return {"ingress": [{"action": "Allow", **rule}]}


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (inward(protocol="ICMP", destination={"ports": [80]}), f"{RULE}.protocol"),
        (inward(protocol=1, destination={"notPorts": [80]}), f"{RULE}.protocol"),
        (inward(protocol="UDPLite", source={"ports": ["http"]}), f"{RULE}.protocol"),
        (inward(destination={"ports": [80]}), f"{RULE}.protocol"),
        (inward(destination={"ports": ["http", "80:90"]}), f"{RULE}.protocol"),
        (inward(destination={"notPorts": [80]}), f"{RULE}.protocol"),
        (inward(source={"ports": [80]}), f"{RULE}.protocol"),
        (inward(notProtocol="ICMP", destination={"ports": [80]}), f"{RULE}.protocol"),
        (inward(protocol=256), f"{RULE}.protocol"),
        (inward(protocol="HTTP"), f"{RULE}.protocol"),
        (inward(protocol="TCP", destination={"ports": ["90:80"]}), f"{RULE}.destination.ports[0]"),
        (inward(protocol="TCP", destination={"ports": [70000]}), f"{RULE}.destination.ports[0]"),
        (inward(protocol="TCP", destination={"ports": ["a:b"]}), f"{RULE}.destination.ports[0]"),
        ({"order": True, "ingress": [{"action": "Deny"}]}, "spec.order"),
        (inward(source={"nets": ["10.0.0.0/8", "fd00::/8"]}), RULE),
        (inward(source={"nets": ["10.0.0.0/8"], "notNets": ["fd00::/8"]}), RULE),
        (inward(source={"nets": ["10.0.0.0/8"]}, destination={"nets": ["fd00::/8"]}), RULE),
        (inward(source={"nets": ["10.0.0.1"]}), f"{RULE}.source.nets[0]"),
        (inward(source={"notNets": ["10.0.0.0/8", "10.0.0.1"]}), f"{RULE}.source.notNets[1]"),
        (inward(source={"selector": "global()"}), f"{RULE}.source.selector"),
        (inward(source={"namespaceSelector": "global() || team == 'a'"}), f"{RULE}.source.namespaceSelector"),
        ({"selector": "global()", "ingress": [{"action": "Deny"}]}, "spec.selector"),
    ],
)
def test_what_is_refused_does_not_exist(spec: dict[str, Any], field: str) -> None:
    c = world(np(spec))
    assert [(p.code, p.field) for p in c.policies.problems] == [("NP-90", field)]
    assert values(c) == ["allowed"] * 3
    stored = world(gnp(spec, api=V1))
    assert [p.code for p in stored.policies.problems] == ["NP-92"], "the stored form is checked by nobody"
    assert values(stored) == ["cannot-tell"] * 3


@pytest.mark.parametrize(
    "rule",
    [
        {"protocol": "SCTP", "destination": {"ports": [80]}},
        {"protocol": 132, "destination": {"ports": [80]}},
        {"source": {"nets": ["10.0.0.0/8"], "notNets": ["10.1.0.0/16"]}, "destination": {"nets": ["10.2.0.0/16"]}},
        {"source": {"namespaceSelector": "global()"}},
    ],
)
def test_what_stands_beside_it_is_taken(rule: dict[str, Any]) -> None:
    c = world(np(inward(**rule)))
    assert not c.policies.problems and values(c) == ["denied"] * 3


@pytest.mark.parametrize(
    "rule",
    [{"destination": {"ports": ["sql"]}}, {"source": {"notNets": ["0.0.0.0/0"]}}, {"source": {"notNets": ["::/0"]}}],
)
def test_what_versions_treat_differently_is_left_open(rule: dict[str, Any]) -> None:
    c = world(np(inward(**rule)))
    assert [(p.code, p.severity) for p in c.policies.problems] == [("NP-92", "warning")]
    assert values(c) == ["cannot-tell"] * 3, "some versions do without the whole policy"


def test_a_policy_selects_endpoints_and_no_addresses_of_network_sets() -> None:
    """Felix: the selector of a policy is asked of endpoints; network sets are members of the rules' IP sets only."""
    office = foreign(V3, "GlobalNetworkSet", "o", {"nets": ["10.1.0.0/16"]}, metadata={"labels": {"role": "office"}})
    closing = gnp({"selector": "role == 'office'", "ingress": [{"action": "Deny"}]})
    assert values(world(closing, office)) == ["allowed"] * 3
    member = pod("shop/member", {"role": "office"}, "10.1.0.7", "n1")
    c = tiered(closing, office, pods=(*PEOPLE, member), namespaces={"shop": {}})
    assert c.ingress(member, WEB).value == "denied"
    rule = {"action": "Allow", "source": {"selector": "role == 'office'"}}
    assert values(world(np({"selector": "app == 'db'", "ingress": [rule]}), office))[:2] == ["denied", "denied"]
    everywhere = gnp({"selector": "app == 'db'", "ingress": [rule]})
    assert values(world(everywhere, office)) == ["allowed", "allowed", "denied"], "in a rule they stand for addresses"
