"""Cilium's own policies: facts of its documentation and sources, told in own clusters.

Sources: docs "Layer 3 Examples", "Layer 4 Examples", "Deny Policies", "Endpoints Lifecycle"; pkg/policy/api
(rule_validation.go: default deny; entity.go); pkg/k8s/apis/cilium.io/utils (namespaces of selectors).
"""

from typing import Any

import pytest

from designer.engine.controlplane.enforcement import (
    CALICO,
    CILIUM,
    CILIUM_ALWAYS,
    CILIUM_NEVER,
    Enforcement,
    enforced_by,
)
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import Peer
from designer.model import ForeignObject, NetworkPolicy
from tests.engine.policy.cluster import Cluster, pod, ports
from tests.engine.policy.foreign import foreign, tiered

V2 = "cilium.io/v2"
DB = pod("shop/db", {"app": "db"}, "10.1.0.1", "n1", spec=ports(("sql", 5432, "TCP")))
WEB = pod("shop/web", {"app": "web"}, "10.1.0.2", "n2")
OTHER = pod("other/web", {"app": "web"}, "10.1.0.3", "n3")
PEOPLE = (DB, WEB, OTHER)
SELECT = {"endpointSelector": {"matchLabels": {"app": "db"}}}
WEBS = {"matchLabels": {"app": "web"}}
OUTSIDE = "203.0.113.9"


def np(spec: Any, name: str = "p", **data: Any) -> ForeignObject:
    return foreign(V2, "CiliumNetworkPolicy", name, spec, "shop", **data)


def wide(spec: Any, name: str = "w") -> ForeignObject:
    return foreign(V2, "CiliumClusterwideNetworkPolicy", name, spec)


def world(*kept: ForeignObject, policies: tuple[NetworkPolicy, ...] = (), **more: Any) -> Cluster:
    spaces = {"shop": {"team": "a"}, "other": {}}
    return tiered(*kept, pods=PEOPLE, policies=policies, namespaces=spaces, **{"enforcement": CILIUM, **more})


def values(c: Cluster, target: PodState = DB, port: int = 5432) -> list[str]:
    return [c.ingress(target, who, port).value for who in (WEB, OTHER, OUTSIDE)]


def inward(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**SELECT, "ingress": list(rules), **more}


def test_endpoints_of_a_namespaced_policy_are_those_of_its_namespace() -> None:
    rule = {"fromEndpoints": [WEBS]}
    assert values(world(np(inward(rule)))) == ["allowed", "denied", "denied"]
    assert values(world(wide(inward(rule)))) == ["allowed", "allowed", "denied"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"k8s:io.kubernetes.pod.namespace": "other"}, ["denied", "allowed", "denied"]),
        ({"io.cilium.k8s.namespace.labels.team": "a"}, ["allowed", "denied", "denied"]),
        ({"any:app": "web"}, ["allowed", "denied", "denied"]),
        ({}, ["allowed", "denied", "denied"]),
    ],
)
def test_what_an_endpoint_selector_finds(labels: dict[str, str], expected: list[str]) -> None:
    """policies.md 7, row 'Empty selector'."""
    assert values(world(np(inward({"fromEndpoints": [{"matchLabels": labels}]})))) == expected


def test_an_empty_endpoint_selector_of_a_clusterwide_policy_is_every_pod_and_nobody_else() -> None:
    """policies.md 7, row 'Kinds'."""
    assert values(world(wide(inward({"fromEndpoints": [{}]})))) == ["allowed", "allowed", "denied"]


def test_denials_stand_before_what_allows_in_every_policy() -> None:
    """policies.md 7, row 'Denials'."""
    allow = np(inward({"fromEndpoints": [WEBS]}), "a")
    deny = wide({**SELECT, "ingressDeny": [{"fromEndpoints": [WEBS]}]})
    found = world(allow, deny).ingress(DB, WEB)
    assert (found.value, found.field) == ("denied", "spec.ingressDeny[0].fromEndpoints[0]")
    own = NetworkPolicy.model_validate({"metadata": {"name": "o", "namespace": "shop"}, "spec": {"ingress": [{}]}})
    assert values(world(deny, policies=(own,))) == ["denied", "denied", "allowed"]


def test_kubernetes_policies_and_those_of_cilium_allow_together() -> None:
    """policies.md 7, row 'Combination'."""
    own = NetworkPolicy.model_validate(
        {"metadata": {"name": "o", "namespace": "shop"},
         "spec": {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"from": [{"podSelector": {}}]}]}}
    )  # fmt: skip
    space = {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "other"}}
    assert values(world(np(inward({"fromEndpoints": [space]})), policies=(own,))) == ["allowed", "allowed", "denied"]


def test_an_empty_rule_isolates_and_allows_nothing() -> None:
    """policies.md 7, row 'Default'."""
    assert values(world(np(inward({})))) == ["denied"] * 3
    assert values(world(np(inward({"fromEndpoints": []})))) == ["denied"] * 3
    assert values(world(np(inward({"toPorts": [{"ports": [{"port": "5432"}]}]})))) == ["allowed"] * 3
    assert values(world(np({**SELECT, "ingress": []}))) == ["allowed"] * 3


def test_default_deny_can_be_switched_off() -> None:
    """policies.md 7, row 'enableDefaultDeny'."""
    off = {"enableDefaultDeny": {"ingress": False}}
    assert values(world(np(inward({"fromEndpoints": [WEBS]}, **off)))) == ["allowed"] * 3
    deny = {**SELECT, "ingressDeny": [{"fromEntities": ["world"]}], **off}
    assert values(world(np(deny))) == ["allowed", "allowed", "denied"]
    assert values(world(np({**deny, "enableDefaultDeny": {}}))) == ["denied"] * 3


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"fromEntities": ["all"]}, ["allowed"] * 3),
        ({"fromEntities": ["cluster"]}, ["allowed", "allowed", "denied"]),
        ({"fromEntities": ["world"]}, ["denied", "denied", "allowed"]),
        ({"fromEntities": ["kube-apiserver"]}, ["denied", "denied", "cannot-tell"]),
        ({"fromCIDR": ["0.0.0.0/0"]}, ["denied", "denied", "allowed"]),
        ({"fromCIDR": [OUTSIDE]}, ["denied", "denied", "allowed"]),
        ({"fromCIDRSet": [{"cidr": "203.0.0.0/8", "except": ["203.0.113.0/24"]}]}, ["denied"] * 3),
        ({"fromCIDRSet": [{"cidrGroupRef": "office"}]}, ["cannot-tell"] * 3),
        ({"fromEndpoints": [WEBS], "fromEntities": []}, ["cannot-tell"] * 3),
        ({"fromEndpoints": [WEBS], "toPorts": []}, ["allowed", "denied", "denied"]),
        ({"fromEndpoints": [WEBS], "toPorts": [{"ports": [{"port": "sql"}]}]}, ["allowed", "denied", "denied"]),
        ({"fromEndpoints": [WEBS], "toPorts": [{"ports": [{"port": "80"}]}]}, ["denied"] * 3),
        ({"fromEndpoints": [WEBS], "authentication": {"mode": "required"}}, ["cannot-tell"] * 3),
        ({"fromEndpoints": [{"matchLabels": {"pod-template-hash": "x"}}]}, ["cannot-tell"] * 3),
        ({"icmps": [{"fields": [{"type": 8}]}]}, ["denied"] * 3),
    ],
)
def test_who_a_rule_means(rule: dict[str, Any], expected: list[str]) -> None:
    """policies.md 7, rows 'Peers', 'CIDR'."""
    assert values(world(np(inward(rule)))) == expected


def test_layer_7_rules_leave_it_open_with_the_rule_named_where_their_port_matches() -> None:
    """policies.md 7, row 'Layer 7'."""
    http = {"ports": [{"port": "5432", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}
    c = world(np(inward({"fromEndpoints": [WEBS], "toPorts": [http]})))
    assert values(c) == ["cannot-tell", "denied", "denied"]
    assert "CiliumNetworkPolicy shop/p, ingress rule 1: its layer 7 rules" in c.ingress(DB, WEB, 5432).reason
    assert c.ingress(DB, WEB, 81).value == "denied"
    assert [(p.code, p.field) for p in c.policies.problems] == [("NP-92", "spec.ingress[0]")]


def test_dns_rules_for_every_name_let_all_queries_through_and_others_leave_them_open() -> None:
    def asked(rules: list[dict[str, str]]) -> list[str]:
        names = {"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": rules}}
        c = world(np({**SELECT, "egress": [{"toEndpoints": [{}], "toPorts": [names]}]}))
        return [c.egress(DB, WEB, number, "UDP").value for number in (53, 54)]

    assert asked([{"matchPattern": "*"}]) == ["allowed", "denied"]
    assert asked([{"matchName": "example.com"}]) == ["cannot-tell", "denied"]


def test_names_are_addresses_outside_that_nobody_knows() -> None:
    c = world(np({**SELECT, "egress": [{"toFQDNs": [{"matchName": "example.com"}]}]}))
    assert [c.egress(DB, who).value for who in (WEB, OUTSIDE)] == ["denied", "cannot-tell"]


@pytest.mark.parametrize(
    ("entity", "own", "other"),
    [("host", "allowed", "denied"), ("remote-node", "denied", "allowed"), ("cluster", "allowed", "allowed"),
     ("kube-apiserver", "cannot-tell", "cannot-tell"), ("world", "denied", "denied")],
)  # fmt: skip
def test_the_own_node_is_the_host_and_others_are_remote_nodes(entity: str, own: str, other: str) -> None:
    """policies.md 7, row 'Node'."""
    c = world(np({**SELECT, "egress": [{"toEntities": [entity]}]}))
    nodes = (Peer.of_node("n1", "192.0.2.1"), Peer.of_node("n2", "192.0.2.2"))
    assert [c.egress(DB, node).value for node in nodes] == [own, other]
    assert c.ingress(DB, nodes[0]).value == "allowed", "the local host may always enter"


def test_remote_nodes_are_denied_once_a_pod_is_isolated() -> None:
    assert world(np(inward({"fromEndpoints": [{}]}))).ingress(DB, Peer.of_node("n2", "192.0.2.2")).value == "denied"


def test_one_object_may_hold_several_rules() -> None:
    both = [inward({"fromEndpoints": [WEBS]}), inward({"fromEntities": ["world"]})]
    one = foreign(V2, "CiliumNetworkPolicy", "p", None, "shop", specs=both)
    del one.data["spec"]
    c = world(one)
    assert values(c) == ["allowed", "denied", "allowed"]
    assert c.ingress(DB, OUTSIDE).field == "specs[1].ingress[0].fromEntities[0]"


def test_policies_of_nodes_do_nothing_to_pods() -> None:
    assert values(world(wide({"nodeSelector": {}, "ingress": [{}]}))) == ["allowed"] * 3


@pytest.mark.parametrize(
    "spec",
    [
        inward({"fromEndpoints": [WEBS], "fromRequires": [WEBS]}),
        {"endpointSelector": {"matchLabels": {"reserved:init": ""}}, "ingress": [{}]},
        inward({"fromEndpoints": [WEBS]}, order=5),
    ],
)
def test_a_policy_that_cannot_be_evaluated_as_a_whole_leaves_its_namespace_open(spec: dict[str, Any]) -> None:
    c = world(np(spec))
    found = c.ingress(DB, WEB)
    assert (found.value, "CiliumNetworkPolicy shop/p" in found.reason) == ("cannot-tell", True)
    assert c.ingress(OTHER, WEB).value == "allowed"


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (inward({"fromEntities": ["moon"]}), "spec.ingress[0].fromEntities[0]"),
        (inward({"fromCIDR": ["10.0.0.0/40"]}), "spec.ingress[0].fromCIDR[0]"),
        (inward({"toPorts": [{"ports": [{"port": "70000"}]}]}), "spec.ingress[0].toPorts[0].ports[0].port"),
        ({"ingress": [{}]}, "spec.endpointSelector"),
    ],
)
def test_what_cilium_refuses_does_not_exist(spec: dict[str, Any], field: str) -> None:
    c = world(np(spec))
    assert [(p.code, p.severity, p.field) for p in c.policies.problems] == [("NP-90", "error", field)]
    assert values(c) == ["allowed"] * 3


def test_calico_ignores_them() -> None:
    c = world(np(inward({})), enforcement=CALICO)
    assert values(c) == ["allowed"] * 3 and [p.code for p in c.policies.problems] == ["NP-91"]


def test_whether_a_denial_holds_for_the_pods_own_node_is_left_open() -> None:
    """pkg/policy: the rule for the local host is inserted beside denials; which of them wins differs by version."""
    c = world(np({"endpointSelector": {}, "ingressDeny": [{"fromEntities": ["all"]}]}))
    assert c.ingress(DB, Peer.of_node("n1", "192.0.2.1")).value == "cannot-tell"


def test_an_empty_list_of_ports_is_left_open() -> None:
    c = world(np(inward({"fromEntities": ["all"], "toPorts": [{"ports": []}]})))
    assert values(c) == ["cannot-tell"] * 3


def test_a_range_of_ports_ends_with_its_last() -> None:
    """policies.md 7, row 'endPort'."""
    rule = {"toPorts": [{"ports": [{"port": "8000", "endPort": 8002, "protocol": "TCP"}]}]}
    c = tiered(foreign(V2, "CiliumNetworkPolicy", "range", {"endpointSelector": {}, "ingress": [rule]}, "a"),
               pods=(pod("a/web"), pod("a/db")), enforcement=CILIUM)  # fmt: skip
    found = [c.ingress(pod("a/web"), pod("a/db"), number).value for number in (7999, 8000, 8002, 8003)]
    assert found == ["denied", "allowed", "allowed", "denied"]


@pytest.mark.parametrize("off", [CILIUM_NEVER, enforced_by("none", CILIUM), enforced_by("none", CILIUM_ALWAYS)])
def test_enforcement_that_is_off_is_off_for_its_own_policies_too(off: Enforcement) -> None:
    """Cilium's "Policy Enforcement Modes": with never, enforcement is off on all endpoints, even where rules select
    them."""
    deny = np({**SELECT, "ingressDeny": [{"fromEntities": ["all"]}]})
    c = world(deny, enforcement=off)
    assert values(c) == ["allowed"] * 3
    assert [(problem.code, problem.object) for problem in c.policies.problems] == [("NP-91", deny.id)]
    assert values(world(enforcement=off)) == ["allowed"] * 3
    assert values(world(deny)) == ["denied"] * 3
