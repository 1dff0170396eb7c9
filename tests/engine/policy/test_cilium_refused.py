"""What Cilium takes and refuses: `Rule.Validate` of its policy/api (rule_validation.go with its tests), the CRD's words
and types (entity.go, l4.go), `CiliumNetworkPolicy.Parse`.

A refused policy isolates nobody; whether Cilium takes what stands beside the border is asked too.
"""

from typing import Any

import pytest

from tests.engine.policy.foreign import foreign
from tests.engine.policy.test_cilium import DB, SELECT, V2, WEB, WEBS, inward, np, values, wide, world

RULE = "spec.ingress[0]"
TCP = {"port": "5432", "protocol": "TCP"}
HTTP = {"http": [{"method": "GET"}]}
DNS = {"dns": [{"matchPattern": "*"}]}


def ported(rules: dict[str, Any], *ports: dict[str, Any]) -> dict[str, Any]:
    return {"toPorts": [{"ports": list(ports), **({"rules": rules} if rules else {})}]}


def outward(rule: dict[str, Any]) -> dict[str, Any]:
    return {**SELECT, "egress": [rule]}


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({**SELECT, "nodeSelector": {}, "ingress": [{}]}, "spec"),
        ({"nodeSelector": {}, "ingress": [{}]}, "spec.nodeSelector"),
        (SELECT, "spec"),
        ({**SELECT, "ingress": [], "egress": []}, "spec"),
        ({**SELECT, "enableDefaultDeny": {"ingress": True}}, "spec"),
        (inward({"fromEndpoints": [WEBS], "fromEntities": ["world"]}), RULE),
        (inward({"fromCIDR": ["10.0.0.0/8"], "fromCIDRSet": [{"cidr": "11.0.0.0/8"}]}), RULE),
        (inward({"fromEndpoints": [WEBS], "fromNodes": [{}]}), RULE),
        (outward({"toFQDNs": [{"matchName": "a.b"}], "toEndpoints": [{}]}), "spec.egress[0]"),
        (outward({"toServices": [{}], "toCIDR": ["10.0.0.0/8"]}), "spec.egress[0]"),
        (outward({"toGroups": [{}], "toEntities": ["world"]}), "spec.egress[0]"),
        ({**SELECT, "ingressDeny": [{"fromEndpoints": [{}], "fromEntities": ["all"]}]}, "spec.ingressDeny[0]"),
        (inward({"icmps": [{"fields": [{"type": 8}]}], **ported({}, TCP)}), RULE),
        (inward(ported({}, *[{"port": str(n)} for n in range(1, 42)])), f"{RULE}.toPorts[0].ports"),
        (inward(ported(DNS, {"port": "53"})), f"{RULE}.toPorts[0].rules"),
        (inward(ported(HTTP, {"port": "80"})), f"{RULE}.toPorts[0].rules"),
        (inward(ported(HTTP, {"port": "80", "protocol": "UDP"})), f"{RULE}.toPorts[0].rules"),
        (inward(ported(HTTP, {"port": "0", "protocol": "TCP"})), f"{RULE}.toPorts[0].rules"),
        (outward(ported({**DNS, **HTTP}, {"port": "53", "protocol": "TCP"})), "spec.egress[0].toPorts[0].rules"),
        (outward(ported(DNS)), "spec.egress[0].toPorts[0].rules"),
        (outward(ported(DNS, {"port": "53", "endPort": 54})), "spec.egress[0].toPorts[0].rules"),
        (outward(ported(DNS, {"port": "0"})), "spec.egress[0].toPorts[0].rules"),
        (
            inward({"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}]}),
            f"{RULE}.fromCIDRSet[0].except[0]",
        ),
        (
            inward({"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["fd00::/64"]}]}),
            f"{RULE}.fromCIDRSet[0].except[0]",
        ),
        (inward({"fromCIDRSet": [{"cidr": "10.0.0.1"}]}), f"{RULE}.fromCIDRSet[0].cidr"),
        (inward({"fromCIDRSet": [{}]}), f"{RULE}.fromCIDRSet[0].cidr"),
        (inward({"fromEntities": ["world-ipv4"]}), f"{RULE}.fromEntities[0]"),
        (inward(ported({}, {"port": 5432})), f"{RULE}.toPorts[0].ports[0].port"),
        (inward(ported({}, {"protocol": "TCP"})), f"{RULE}.toPorts[0].ports[0].port"),
        (inward(ported({}, {"port": "5432", "protocol": "tcp"})), f"{RULE}.toPorts[0].ports[0].protocol"),
        (inward(ported({}, {"port": "5432", "endPort": 65536})), f"{RULE}.toPorts[0].ports[0].endPort"),
    ],
)
def test_what_is_refused_isolates_nobody(spec: dict[str, Any], field: str) -> None:
    c = world(np(spec))
    assert [(p.code, p.severity, p.field) for p in c.policies.problems] == [("NP-90", "error", field)]
    assert values(c) == ["allowed"] * 3
    assert c.egress(DB, WEB).value == "allowed"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (inward(ported({}, *[{"port": str(n)} for n in range(1, 41)])), "denied"),
        (inward(ported({}, {"port": "0"})), "allowed"),
        (inward({"fromCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.0.0.0/16"]}]}), "denied"),
        (inward({"fromCIDR": ["10.0.0.1"]}), "denied"),
        (outward(ported(DNS, {"port": "53"})), "denied"),
        (outward({"toFQDNs": [{"matchName": "a.b"}], **ported({}, TCP)}), "denied"),
        ({**SELECT, "egressDeny": [{}]}, "denied"),
    ],
)
def test_what_cilium_takes_isolates(spec: dict[str, Any], expected: str) -> None:
    c = world(np(spec))
    assert not [p for p in c.policies.problems if p.code == "NP-90"]
    ask = c.ingress if "ingress" in spec else c.egress
    assert ask(DB, "198.51.100.200", 9999).value == expected


def test_an_object_without_rules_is_refused() -> None:
    """ErrEmptyCNP: neither `spec` nor `specs`."""
    one = np({})
    del one.data["spec"]
    assert [(p.code, p.field) for p in world(one).policies.problems] == [("NP-90", "spec")]


def test_a_refusal_says_that_the_object_may_be_stored_all_the_same() -> None:
    (problem,) = world(np({**SELECT, "ingress": []})).policies.problems
    assert "VALID says False" in problem.why and "ingress: [{}]" in problem.fix


def test_a_node_policy_is_for_the_whole_cluster() -> None:
    """CiliumNetworkPolicy.Parse: "rule cannot have NodeSelector"; one without namespace may."""
    c = world(wide({"nodeSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]}))
    assert not c.policies.problems and values(c) == ["allowed"] * 3


def test_a_refused_rule_takes_its_whole_object_with_it() -> None:
    good, bad = inward({"fromEndpoints": [WEBS]}), inward({"fromEntities": ["moon"]})
    one = foreign(V2, "CiliumNetworkPolicy", "p", None, "shop", specs=[good, bad])
    del one.data["spec"]
    c = world(one)
    assert values(c) == ["allowed"] * 3
    assert [p.field for p in c.policies.problems] == ["specs[1].ingress[0].fromEntities[0]"]


def test_an_empty_rule_beside_others_is_left_open() -> None:
    """Newer versions refuse the object for it, older ones pass over the rule."""
    good: dict[str, Any] = inward({"fromEndpoints": [WEBS]})
    one = foreign(V2, "CiliumNetworkPolicy", "p", None, "shop", specs=[good, {**SELECT, "ingress": []}])
    del one.data["spec"]
    assert values(world(one)) == ["cannot-tell"] * 3
