"""What rules and places of Calico's policies mean, one thing at a time.

Sources: libcalico-go (updateprocessors/rules.go: how selectors, namespaces and accounts go together; the labels that
endpoints get), its selector reference, Felix' policy sorter, and the reference of Tier and of policy `types`.
"""

from typing import Any

import pytest

from designer.engine.policy.calico_selector import NAMESPACE_LABEL, SelectorError, parse_selector
from designer.engine.policy.matchers import Peer
from designer.model import ForeignObject, NetworkPolicy
from tests.engine.policy.cluster import Cluster, pod
from tests.engine.policy.foreign import foreign, tiered
from tests.engine.policy.test_calico import DB, OTHER, OWN, PEOPLE, V3, WEB, gnp, np, values, with_account, world

OUTSIDE = "203.0.113.9"
BOTH_WAYS = {"ingress": [{"action": "Deny"}], "egress": [{"action": "Deny"}]}
NODE = Peer.of_node("n9", "192.0.2.9")
ROBOT = with_account("shop/robot", "ci", "10.1.0.8")


def source(**match: Any) -> dict[str, Any]:
    return {"selector": "app == 'db'", "ingress": [{"action": "Allow", "source": match}]}


def nets(kind: str, *found: str, space: str = "", role: str = "office") -> ForeignObject:
    return foreign(V3, kind, f"{role}-{space}", {"nets": list(found)}, space, metadata={"labels": {"role": role}})


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (source(selector="", nets=["203.0.113.0/24"]), ["denied", "denied", "allowed"]),
        (source(nets=["0.0.0.0/0"]), ["allowed"] * 3),
        (source(selector="projectcalico.org/namespace == 'other'"), ["denied", "allowed", "denied"]),
        (source(selector="app == 'web' && projectcalico.org/namespace == 'other'"), ["denied", "allowed", "denied"]),
        (source(selector="projectcalico.org/orchestrator == 'k8s'"), ["allowed", "allowed", "denied"]),
        (source(selector="projectcalico.org/serviceaccount == 'default'"), ["allowed", "allowed", "denied"]),
        (source(serviceAccounts={"names": ["default"]}), ["allowed", "allowed", "denied"]),
        (source(serviceAccounts={"names": ["ci"]}), ["denied"] * 3),
        (source(notSelector="global()"), ["allowed"] * 3),
    ],
)
def test_whom_a_rule_of_a_global_policy_means(spec: dict[str, Any], expected: list[str]) -> None:
    c = world(gnp(spec))
    assert not c.policies.problems and values(c) == expected


def test_a_not_selector_of_a_namespaced_policy_is_about_its_own_namespace() -> None:
    assert values(world(np(source(notSelector="app == 'db'")))) == ["allowed", "denied", "denied"]


def test_a_not_selector_means_network_sets_of_every_namespace() -> None:
    far = nets("NetworkSet", "10.1.0.2/32", space="other")
    spec = source(selector="app == 'web'", notSelector="role == 'office'")
    assert values(world(np(spec), far)) == ["denied", "denied", "denied"]
    assert values(world(np(spec))) == ["allowed", "denied", "denied"]


def test_network_sets_by_label_namespace_and_account() -> None:
    office, home = nets("GlobalNetworkSet", "203.0.113.77/24"), nets("GlobalNetworkSet", "203.0.113.0/24", role="home")
    rule = source(selector="role == 'office'")
    assert values(world(gnp(rule), office))[2] == "allowed", "bits of the host are masked"
    assert values(world(gnp(rule), home))[2] == "denied"
    with_names = source(selector="role == 'office'", serviceAccounts={"names": ["ci"]})
    assert values(world(gnp(with_names), office))[2] == "denied", "a network set has no service account"
    by_space = source(selector="projectcalico.org/namespace == 'shop'")
    for space, value in (("shop", "allowed"), ("other", "denied")):
        assert values(world(gnp(by_space), nets("NetworkSet", "203.0.113.0/24", space=space)))[2] == value


def test_service_accounts_by_their_name_label_and_in_selectors() -> None:
    account = foreign("v1", "ServiceAccount", "ci", None, "shop", metadata={"labels": {"kind": "robot"}})

    def asked(match: dict[str, Any]) -> list[str]:
        c = world(gnp(source(**match)), account, pods=(*PEOPLE, ROBOT))
        return [c.ingress(DB, who).value for who in (ROBOT, WEB)]

    assert asked({"serviceAccounts": {"selector": "projectcalico.org/name == 'ci'"}}) == ["allowed", "denied"]
    assert asked({"selector": "projectcalico.org/serviceaccount == 'ci'"}) == ["allowed", "denied"]
    assert asked({"serviceAccounts": {"names": ["ci"], "selector": "kind == 'robot'"}}) == ["allowed", "denied"]


def test_pods_that_have_ended_are_nobody() -> None:
    gone = pod("shop/gone", {"app": "web"}, "10.1.0.7", "n2", phase="Failed")
    c = world(gnp(source(selector="app == 'web'")), pods=(*PEOPLE, gone))
    assert [c.ingress(DB, who).value for who in (WEB, gone)] == ["allowed", "denied"]


def test_a_node_that_may_be_a_host_endpoint_may_be_excluded() -> None:
    spec = source(notSelector="host == 'yes'")
    assert world(gnp(spec)).ingress(DB, NODE).value == "allowed"
    assert world(gnp(spec), foreign(V3, "HostEndpoint", "h", {"node": "n9"})).ingress(DB, NODE).value == "cannot-tell"


@pytest.mark.parametrize(
    ("field", "value", "targets"),
    [
        ("namespaceSelector", "team == 'a'", ["denied", "denied", "allowed"]),
        ("selector", "app == 'web'", ["allowed", "denied", "denied"]),
        ("serviceAccountSelector", "projectcalico.org/name == 'default'", ["denied"] * 3),
        ("serviceAccountSelector", "projectcalico.org/name == 'ci'", ["allowed"] * 3),
    ],
)
def test_whom_a_global_policy_selects(field: str, value: str, targets: list[str]) -> None:
    c = world(gnp({field: value, "ingress": [{"action": "Deny"}]}))
    assert [c.ingress(target, OUTSIDE).value for target in (DB, WEB, OTHER)] == targets


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (BOTH_WAYS, ("denied", "denied")),
        ({"types": ["Ingress"], **BOTH_WAYS}, ("denied", "allowed")),
        ({"types": ["Egress"], **BOTH_WAYS}, ("allowed", "denied")),
        ({"types": ["Ingress", "Egress"]}, ("denied", "denied")),
    ],
)
def test_types_say_which_rules_count(spec: dict[str, Any], expected: tuple[str, str]) -> None:
    """policies.md 6, row 'Types'."""
    c = world(np({"selector": "app == 'db'", **spec}))
    assert (c.ingress(DB, WEB).value, c.egress(DB, WEB).value) == expected


def test_the_other_end_of_egress_is_the_destination() -> None:
    rule = {"action": "Allow", "destination": {"selector": "app == 'web'"}}
    c = world(gnp({"selector": "app == 'db'", "egress": [rule]}))
    assert [c.egress(DB, who).value for who in (WEB, OUTSIDE)] == ["allowed", "denied"]
    own = {"action": "Allow", "source": {"selector": "app == 'nobody'"}}
    assert world(gnp({"selector": "app == 'db'", "egress": [own]})).egress(DB, WEB).value == "denied"


@pytest.mark.parametrize(
    "rule",
    [
        {"ipVersion": 4},
        {"protocol": "TCP", "notICMP": {"type": 8}},
        {"protocol": "TCP", "unheard": 1},
        {"protocol": "TCP", "source": {"notPorts": [1000]}},
        {"protocol": "TCP", "source": {"unheard": 1}},
        {"protocol": "TCP", "destination": {"notPorts": ["sql"]}},
        {"protocol": "TCP", "destination": {"ports": [80], "notPorts": [81]}},
    ],
)
def test_matches_that_are_not_evaluated_leave_it_open(rule: dict[str, Any]) -> None:
    c = world(np({"ingress": [{"action": "Allow", **rule}]}))
    assert c.ingress(DB, WEB, 80).value == "cannot-tell"
    assert [p.code for p in c.policies.problems] == ["NP-92"]


def test_types_of_icmp_are_left_open() -> None:
    c = world(np({"ingress": [{"action": "Allow", "protocol": "ICMP", "icmp": {"type": 8}}]}))
    assert c.ingress(DB, WEB, 0, "ICMP").value == "cannot-tell"
    c = world(np({"ingress": [{"action": "Allow", "protocol": "ICMP"}]}))
    assert [c.ingress(DB, WEB, 80, one).value for one in ("ICMP", "TCP")] == ["allowed", "denied"]
    c = world(np({"ingress": [{"action": "Allow", "protocol": "TCP"}]}))
    assert [c.ingress(DB, WEB, 80, one).value for one in ("ICMP", "TCP")] == ["denied", "allowed"]


def test_a_port_name_of_egress_is_looked_up_at_the_destination() -> None:
    rule = {"action": "Allow", "protocol": "TCP", "destination": {"ports": ["sql"]}}
    c = world(gnp({"selector": "app == 'web'", "egress": [rule]}))
    assert [c.egress(WEB, who, 5432).value for who in (DB, OTHER, OUTSIDE)] == ["allowed", "denied", "denied"]


def test_what_a_network_policy_leaves_open_stays_open_in_its_tier() -> None:
    """Calico looks at packets to a Pod's own Node in INPUT too, though NetworkPolicy may not block them."""
    closed = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Egress"]}
    plain = NetworkPolicy.model_validate({"metadata": {"name": "c", "namespace": "shop"}, "spec": closed})
    beside = gnp({"order": 2000, "egress": [{"action": "Deny", "destination": {"nets": ["198.51.100.0/24"]}}]})
    own = Peer.of_node("n1", "192.0.2.1")
    assert world(policies=(plain,)).egress(DB, own).value == "cannot-tell"
    assert world(beside, policies=(plain,)).egress(DB, own).value == "cannot-tell"


def test_ports_that_must_not_match_leave_all_others() -> None:
    spec = {"protocol": "TCP", "destination": {"notPorts": ["100:65534", 1, 50]}}
    c = world(np({"ingress": [{"action": "Allow", **spec}]}))
    found = {n: c.ingress(DB, WEB, n).value for n in (1, 2, 49, 50, 51, 99, 100, 65534, 65535)}
    assert {n for n, value in found.items() if value == "allowed"} == {2, 49, 51, 99, 65535}


@pytest.mark.parametrize(
    ("tier", "plain"),
    [("kube-admin", "denied"), ("adminnetworkpolicy", "denied"), ("kube-baseline", "allowed"),
     ("baselineadminnetworkpolicy", "allowed")],
)  # fmt: skip
def test_the_tiers_of_the_standard_stand_around_the_default_and_pass_at_their_end(tier: str, plain: str) -> None:
    """policies.md 6, rows 'Tier order', 'End of a tier'."""
    deny = gnp({"tier": tier, "ingress": [{"action": "Deny", "source": {"selector": "app == 'web'"}}]})
    assert values(world(deny)) == ["denied", "denied", "allowed"]
    assert world(deny, policies=(OWN,)).ingress(DB, WEB).value == plain, "a NetworkPolicy allows it"


def in_tier(*tiers: ForeignObject) -> Cluster:
    deny = gnp({"tier": "security", "ingress": [{"action": "Deny"}]})
    return tiered(deny, *tiers, pods=PEOPLE, policies=(OWN,), namespaces={"shop": {}, "other": {}})


def test_a_tier_without_order_comes_last_and_tiers_of_other_groups_are_none() -> None:
    tier = foreign(V3, "Tier", "security", {})
    assert in_tier(tier).ingress(DB, WEB).value == "allowed", "the default tier decides before"
    assert in_tier(foreign(V3, "Tier", "security", {"order": 1})).ingress(DB, WEB).value == "denied"
    strange = foreign("example.com/v1", "Tier", "security", {"order": 1})
    assert in_tier(strange).ingress(DB, WEB).value == "cannot-tell"


def test_nobody_moves_the_tiers_that_calico_makes() -> None:
    moved = foreign(V3, "Tier", "default", {"order": 1, "defaultAction": "Pass"})
    spec = {"selector": "app == 'db'", "ingress": [{"action": "Allow", "source": {"selector": "app == 'x'"}}]}
    assert values(world(np(spec), moved)) == ["denied"] * 3, "the default tier ends with Deny"


def test_of_two_kinds_at_one_order_nobody_knows_which_comes_first() -> None:
    """Felix sorts by kind in newer versions and by name alone in older ones."""
    allow, deny = {"order": 5, "ingress": [{"action": "Allow"}]}, {"order": 5, "ingress": [{"action": "Deny"}]}
    assert world(np(allow, "a"), gnp(deny, "b")).ingress(DB, WEB).value == "cannot-tell"


def test_more_of_the_selector_language() -> None:
    assert parse_selector("has(empty)").matches({"empty": ""})
    assert parse_selector("").matches({NAMESPACE_LABEL: "shop"}), "an empty selector is everything"
    with pytest.raises(SelectorError):
        parse_selector("has(a) has(b)")
