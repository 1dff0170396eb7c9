"""Whom selectors and entities of Cilium's policies mean, and its ports.

Sources: `getEndpointSelector` and `ParseToCiliumRule` (pkg/k8s/apis/cilium.io/utils), the selector cache (a selector
asks the labels of every identity, those of Nodes and of the outside included), policy/api (entity.go, l4.go),
PortRangeToMaskedPorts, and the documentation's "Endpoint Lifecycle" for the labels left out of identities.
"""

from dataclasses import replace
from typing import Any

import pytest

from designer.engine.controlplane.enforcement import CILIUM
from designer.engine.policy.matchers import Peer
from designer.model import NetworkPolicy
from tests.engine.policy.cluster import pod, ports
from tests.engine.policy.foreign import foreign, tiered
from tests.engine.policy.test_cilium import (
    DB,
    OTHER,
    OUTSIDE,
    SELECT,
    WEB,
    WEBS,
    inward,
    np,
    values,
    wide,
    world,
)

# What Cilium's guide on identity-relevant labels lists as left out, and labels beneath the prefixes of that list.
LEFT_OUT = (
    "io.kubernetes.container", "kubernetes.io/hostname", "k8s.io/x", "beta.kubernetes.io/os", "x.beta.kubernetes.io/y",
    "pod-template-generation", "pod-template-hash", "controller-revision-hash", "annotation.x", "etcd_node",
    "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid", "controller-uid", "job-name",
)  # fmt: skip

SPACE = "io.kubernetes.pod.namespace"
SPACE_LABEL = "io.cilium.k8s.namespace.labels.team"
NODE = Peer.of_node("n9", "192.0.2.9")


def chosen(**labels: str) -> dict[str, Any]:
    return {"matchLabels": {key.replace("__", "."): value for key, value in labels.items()}}


def demand(key: str, operator: str, *wanted: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(wanted)} if wanted else {})}]}


@pytest.mark.parametrize(
    ("selector", "in_namespace", "clusterwide"),
    [
        # By the name of a namespace, and only by excluding: no namespace is added in either kind.
        (demand(SPACE, "NotIn", "other"), ["allowed", "denied", "cannot-tell"], ["allowed", "denied", "cannot-tell"]),
        (demand(SPACE, "DoesNotExist"), ["denied", "denied", "cannot-tell"], ["denied", "denied", "cannot-tell"]),
        (demand(SPACE, "Exists"), ["allowed", "allowed", "denied"], ["allowed", "allowed", "denied"]),
        (demand(SPACE, "In", "other"), ["denied", "allowed", "denied"], ["denied", "allowed", "denied"]),
        # By labels of a namespace: a clusterwide policy adds that there must be one.
        (demand(SPACE_LABEL, "NotIn", "a"), ["denied", "allowed", "cannot-tell"], ["denied", "allowed", "denied"]),
        # By labels of Pods alone: the namespace of the policy, or that there must be one, is added.
        (demand("app", "NotIn", "db"), ["allowed", "denied", "denied"], ["allowed", "allowed", "denied"]),
        (demand("app", "DoesNotExist"), ["denied"] * 3, ["denied"] * 3),
    ],
)
def test_a_selector_that_only_excludes_may_mean_what_is_no_pod(
    selector: dict[str, Any], in_namespace: list[str], clusterwide: list[str]
) -> None:
    rule = inward({"fromEndpoints": [selector]})
    for c, expected in ((world(np(rule)), in_namespace), (world(wide(rule)), clusterwide)):
        assert values(c) == expected
        assert c.ingress(DB, NODE, 5432).value == expected[2], "a Node has no namespace either"


@pytest.mark.parametrize(
    ("key", "isolated"),
    [(f"k8s:{SPACE}", True), (SPACE, False), (f"any:{SPACE}", False), (f"k8s:{SPACE_LABEL}", False)],
)
def test_of_a_subject_only_the_namespace_with_its_source_is_replaced(key: str, isolated: bool) -> None:
    """ParseToCiliumRule sets the label `k8s:io.kubernetes.pod.namespace`; any other demand on namespaces stays."""
    subject = {"matchLabels": {"app": "db", key: "nowhere"}}
    found = world(np({"endpointSelector": subject, "ingress": [{}]})).ingress(DB, WEB)
    assert found.value == ("denied" if isolated else "allowed")


def test_the_subject_of_a_clusterwide_policy_keeps_its_namespace() -> None:
    subject = {"matchLabels": {f"k8s:{SPACE}": "other"}}
    c = world(wide({"endpointSelector": subject, "ingress": [{}]}))
    assert [c.ingress(who, WEB).value for who in (DB, OTHER)] == ["allowed", "denied"]


def test_an_expression_about_the_namespace_of_a_subject_stays() -> None:
    subject = demand(f"k8s:{SPACE}", "In", "other")
    assert values(world(np({"endpointSelector": subject, "ingress": [{}]}))) == ["allowed"] * 3


def test_a_subject_is_in_the_namespace_of_its_policy() -> None:
    everyone: dict[str, Any] = {"endpointSelector": {}, "ingress": [{}]}
    assert [world(np(everyone)).ingress(who, WEB).value for who in (DB, OTHER)] == ["denied", "allowed"]
    assert [world(wide(everyone)).ingress(who, WEB).value for who in (DB, OTHER)] == ["denied", "denied"]
    of_team = {"endpointSelector": chosen(io__cilium__k8s__namespace__labels__team="a"), "ingress": [{}]}
    assert [world(wide(of_team)).ingress(who, WEB).value for who in (DB, OTHER)] == ["denied", "allowed"]


@pytest.mark.parametrize(
    "key", [*LEFT_OUT, "reserved:host", "cidr:10.0.0.0/8", "fqdn:a.b", "io.cilium.k8s.policy.cluster"]
)
def test_labels_that_are_not_in_identities_or_come_from_elsewhere_are_not_guessed_at(key: str) -> None:
    assert values(world(np(inward({"fromEndpoints": [{"matchLabels": {key: "x"}}]})))) == ["cannot-tell"] * 3


def test_a_label_named_twice_must_have_both_values() -> None:
    both = {"matchLabels": {"k8s:app": "web", "any:app": "db"}}
    assert (
        values(world(np(inward({"fromEndpoints": [{"matchLabels": {"any:app": "db", "k8s:app": "web"}}]}))))
        == ["denied"] * 3
    )
    assert values(world(np(inward({"fromEndpoints": [both]})))) == ["denied"] * 3
    same = {"matchLabels": {"k8s:app": "web", "app": "web"}}
    assert values(world(np(inward({"fromEndpoints": [same]})))) == ["allowed", "denied", "denied"]


def test_service_accounts_are_labels_of_identities() -> None:
    robot = pod("shop/robot", {}, "10.1.0.8", "n2", {"serviceAccountName": "ci"})
    rule = inward({"fromEndpoints": [{"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "ci"}}]})
    c = tiered(np(rule), pods=(DB, WEB, robot), namespaces={"shop": {}}, enforcement=CILIUM)
    assert [c.ingress(DB, who).value for who in (robot, WEB)] == ["allowed", "denied"]
    rule = inward({"fromEndpoints": [{"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "default"}}]})
    c = tiered(np(rule), pods=(DB, WEB, robot), namespaces={"shop": {}}, enforcement=CILIUM)
    assert [c.ingress(DB, who).value for who in (robot, WEB)] == ["denied", "allowed"]


def test_pods_that_have_ended_are_nobody() -> None:
    gone = pod("shop/gone", {"app": "web"}, "10.1.0.7", "n2", phase="Succeeded")
    c = tiered(np(inward({"fromEndpoints": [WEBS]})), pods=(DB, WEB, gone), namespaces={"shop": {}}, enforcement=CILIUM)
    assert [c.ingress(DB, who).value for who in (WEB, gone)] == ["allowed", "denied"]


ANSWERED = {
    # Entity → a Pod, the own Node, another Node, an address outside, on the way out (entity.go; "Entities Based").
    "all": ("allowed", "allowed", "allowed", "allowed"),
    "world": ("denied", "denied", "denied", "allowed"),
    "cluster": ("allowed", "allowed", "allowed", "denied"),
    "host": ("denied", "allowed", "denied", "denied"),
    "remote-node": ("denied", "denied", "allowed", "denied"),
    "kube-apiserver": ("denied", "cannot-tell", "cannot-tell", "cannot-tell"),
    "ingress": ("denied", "cannot-tell", "cannot-tell", "denied"),
    "health": ("denied", "cannot-tell", "cannot-tell", "denied"),
    "init": ("denied",) * 4,
    "unmanaged": ("denied",) * 4,
    "none": ("denied",) * 4,
}


@pytest.mark.parametrize(("entity", "expected"), ANSWERED.items())
def test_whom_each_entity_means(entity: str, expected: tuple[str, ...]) -> None:
    c = world(np({**SELECT, "egress": [{"toEntities": [entity]}]}))
    ends: tuple[Any, ...] = (OTHER, Peer.of_node("n1", "192.0.2.1"), NODE, OUTSIDE)
    assert tuple(c.egress(DB, end).value for end in ends) == expected


def test_what_enters_masqueraded_is_the_world_whatever_address_it_has() -> None:
    outsider = replace(NODE, world=True)
    found = {
        entity: world(np(inward({"fromEntities": [entity]}))).ingress(DB, outsider).value
        for entity in ("world", "remote-node", "host", "cluster")
    }
    assert found == {"world": "allowed", "remote-node": "denied", "host": "denied", "cluster": "denied"}


def test_sctp_is_left_open() -> None:
    """domain/cni.md, "SCTP in policy": an option of Cilium that is off by default."""
    c = world(np(ported(port="80", protocol="SCTP")))
    assert [asked(c, 80, protocol=one) for one in ("SCTP", "TCP")] == [["cannot-tell"], ["denied"]]


def test_other_versions_of_the_kinds_are_not_read() -> None:
    old = foreign("cilium.io/v1", "CiliumNetworkPolicy", "p", inward({}), "shop")
    assert values(world(old)) == ["cannot-tell"] * 3


def asked(c: Any, *numbers: int, protocol: str = "TCP") -> list[str]:
    return [c.ingress(DB, WEB, number, protocol).value for number in numbers]


def ported(**port: Any) -> dict[str, Any]:
    return inward({"fromEndpoints": [WEBS], "toPorts": [{"ports": [port]}]})


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        ({"port": "80", "endPort": 82}, ["denied", "allowed", "allowed", "denied"]),
        # One that ends before it begins, or at 0, is its first port.
        ({"port": "80", "endPort": 79}, ["denied", "allowed", "denied", "denied"]),
        ({"port": "80", "endPort": 0}, ["denied", "allowed", "denied", "denied"]),
        ({"port": "0"}, ["allowed"] * 4),
        ({"port": "0", "endPort": 65535}, ["allowed"] * 4),
        ({"port": "0", "endPort": 80}, ["cannot-tell"] * 4),
        ({"port": "080"}, ["cannot-tell"] * 4),
        ({"port": "0", "protocol": "UDP"}, ["denied"] * 4),
    ],
)
def test_ports_and_ranges(port: dict[str, Any], expected: list[str]) -> None:
    """Numbers are read with Go's base 0, where a leading 0 means octal."""
    assert asked(world(np(ported(**port))), 79, 80, 82, 83) == expected


def test_port_names_are_compared_without_regard_to_case() -> None:
    """l4.go: names are turned into small letters. The Pod's container port `sql` has number 5432."""
    assert asked(world(np(ported(port="SQL"))), 5432, 80) == ["allowed", "denied"]


def test_port_names_of_egress_are_left_open() -> None:
    named = {"toEndpoints": [{}], "toPorts": [{"ports": [{"port": "sql"}]}]}
    web = pod("shop/api", {"app": "api"}, "10.1.0.6", "n1", spec=ports(("sql", 5432, "TCP")))
    c = tiered(np({**SELECT, "egress": [named]}), pods=(DB, web), namespaces={"shop": {}}, enforcement=CILIUM)
    assert c.egress(DB, web, 5432).value == "cannot-tell"


@pytest.mark.parametrize("protocol", ["ICMP", "ICMPv6"])
def test_what_a_port_of_icmp_means_is_left_open(protocol: str) -> None:
    c = world(np(ported(port="8", protocol=protocol)))
    assert asked(c, 0, protocol=protocol) == ["cannot-tell"]
    assert asked(c, 80) == ["denied"]
    c = world(np(inward({"fromEndpoints": [WEBS], "icmps": [{"fields": [{"type": 8}]}]})))
    assert asked(c, 0, protocol=protocol) == ["cannot-tell"]
    assert asked(c, 80) == ["denied"]


def test_a_rule_of_ports_denies_icmp_and_one_without_lets_it_pass() -> None:
    """ "Layer 4 Examples": with any layer 4 rule, ICMP is blocked unless it is allowed too."""
    assert asked(world(np(ported(port="0"))), 0, protocol="ICMP") == ["denied"]
    assert asked(world(np(inward({"fromEndpoints": [WEBS]}))), 0, protocol="ICMP") == ["allowed"]


@pytest.mark.parametrize("entry", [{"toServices": [{"k8sService": {"serviceName": "s"}}]}, {"toGroups": [{}]},
                                   {"toNodes": [{}]}, {"toFQDNs": []}])  # fmt: skip
def test_peers_that_are_not_looked_up_leave_it_open(entry: dict[str, Any]) -> None:
    c = world(np({**SELECT, "egress": [entry]}))
    assert [c.egress(DB, who).value for who in (WEB, OUTSIDE)] == ["cannot-tell"] * 2


def test_names_and_requirements_of_ingress() -> None:
    """The API knows no names there; a requirement of any rule binds every rule of its subject."""
    assert values(world(np(inward({"fromFQDNs": [{"matchName": "a.b"}]})))) == ["cannot-tell"] * 3
    assert values(world(np(inward({"fromEndpoints": [WEBS]}, {"fromRequires": [{}]})))) == ["cannot-tell"] * 3


def test_single_addresses_are_networks_of_one() -> None:
    for address, other in ((OUTSIDE, "203.0.113.8"), ("2001:db8::1", "2001:db8::2")):
        c = world(np(inward({"fromCIDR": [address]})))
        assert [c.ingress(DB, who).value for who in (address, other)] == ["allowed", "denied"]


def test_networks_mean_neither_pods_nor_nodes() -> None:
    """policies.md 7, row 'CIDR': identities win; Nodes are no part of networks unless policyCIDRMatchMode says so."""
    everywhere = {"endpointSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"fromCIDR": ["0.0.0.0/0"]}]}
    c = world(np(everywhere))
    assert [c.ingress(DB, who).value for who in (WEB, NODE, OUTSIDE)] == ["denied", "denied", "allowed"]
    block = {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}
    own = NetworkPolicy.model_validate({"metadata": {"name": "o", "namespace": "shop"}, "spec": block})
    c = world(policies=(own,))
    assert [c.ingress(DB, who).value for who in (WEB, NODE, OUTSIDE)] == ["denied", "denied", "allowed"]


@pytest.mark.parametrize("field", ["terminatingTLS", "originatingTLS", "listener", "serverNames"])
def test_what_hands_connections_to_a_proxy_leaves_them_open(field: str) -> None:
    group = {"ports": [{"port": "443", "protocol": "TCP"}], field: {}}
    c = world(np({**SELECT, "egress": [{"toPorts": [group]}]}))
    assert [c.egress(DB, WEB, number).value for number in (443, 80)] == ["cannot-tell", "denied"]


def test_a_port_without_protocol_is_one_of_each() -> None:
    c = world(np(ported(port="80")))
    assert [asked(c, 80, 81, protocol=one) for one in ("TCP", "UDP")] == [["allowed", "denied"]] * 2
    c = world(np(ported(port="80", protocol="UDP")))
    assert [asked(c, 80, 81, protocol=one) for one in ("TCP", "UDP")] == [["denied"] * 2, ["allowed", "denied"]]


@pytest.mark.parametrize(
    "rule",
    [
        {"toServices": [{"k8sService": {"serviceName": "s"}}], "toPorts": [{"ports": [{"port": "80"}]}]},
        {"toPorts": [{"ports": [{"port": "0", "protocol": "GRE"}]}]},
    ],
)
def test_what_only_newer_versions_take_leaves_the_whole_policy_open(rule: dict[str, Any]) -> None:
    c = world(np({**SELECT, "egress": [rule]}))
    assert [c.egress(DB, WEB, 81).value, c.ingress(DB, WEB).value] == ["cannot-tell"] * 2


def test_default_deny_cannot_be_switched_on_without_a_rule() -> None:
    """computePolicyEnforcementAndRules asks only what the rules of the direction were turned into."""
    spec = {**SELECT, "egress": [{"toEntities": ["world"]}], "enableDefaultDeny": {"ingress": True, "egress": False}}
    c = world(np(spec))
    assert values(c) == ["allowed"] * 3
    assert c.egress(DB, WEB).value == "allowed"
    closing = np({**SELECT, "egress": [{}]}, "q")
    assert world(np(spec), closing).egress(DB, WEB).value == "denied", "any policy that asks for it closes"
