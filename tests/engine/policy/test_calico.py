"""Calico's own policies: facts of its documentation and sources, told in own clusters.

Sources: docs "Network policy", "Global network policy", "Tier", "Network set"; libcalico-go updateprocessors/rules.go
(namespaces, notSelector, service accounts) and clientv3 (types); felix/calc/policy_sorter.go (order).
"""

from typing import Any

import pytest

from designer.engine.controlplane.enforcement import CALICO, WEAVE, enforced_by
from designer.engine.controlplane.state import PodState
from designer.engine.policy.calico_selector import SelectorError, parse_selector
from designer.engine.policy.matchers import Peer
from designer.engine.policy.matrix import connectivity
from designer.engine.policy.tiers import tier_policies
from designer.model import ForeignObject, NetworkPolicy
from tests.engine.policy.cluster import Cluster, pod, ports
from tests.engine.policy.foreign import CNP, foreign, tiered

HOST_NETWORK = {"hostNetwork": True}
V3, V1 = "projectcalico.org/v3", "crd.projectcalico.org/v1"


def with_account(name: str, account: str, address: str) -> PodState:
    return pod(name, {"app": "job"}, address, "n1", {"serviceAccountName": account})


DB = pod("shop/db", {"app": "db"}, "10.1.0.1", "n1", spec=ports(("sql", 5432, "TCP")))
WEB = pod("shop/web", {"app": "web"}, "10.1.0.2", "n2")
OTHER = pod("other/web", {"app": "web"}, "10.1.0.3", "n3")
PEOPLE = (DB, WEB, OTHER)


def np(spec: dict[str, Any], name: str = "p", namespace: str = "shop") -> ForeignObject:
    return foreign(V3, "NetworkPolicy", name, spec, namespace)


def gnp(spec: dict[str, Any], name: str = "g", api: str = V3) -> ForeignObject:
    return foreign(api, "GlobalNetworkPolicy", name, spec)


def world(*kept: ForeignObject, policies: tuple[NetworkPolicy, ...] = (), **more: Any) -> Cluster:
    pods = more.pop("pods", PEOPLE)
    return tiered(*kept, pods=pods, policies=policies, namespaces={"shop": {"team": "a"}, "other": {}}, **more)


def values(c: Cluster, target: PodState = DB, port: int = 5432) -> list[str]:
    """What the web of shop, the web of other and somebody outside may do to a Pod."""
    return [c.ingress(target, who, port).value for who in (WEB, OTHER, "203.0.113.9")]


IN_NAMESPACE = {"ingress": [{"action": "Allow", "source": {"selector": "app == 'web'"}}]}
OWN = NetworkPolicy.model_validate(
    {"metadata": {"name": "own", "namespace": "shop"},
     "spec": {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"from": [{"podSelector": {}}]}]}}
)  # fmt: skip


def test_a_selector_of_a_namespaced_policy_is_about_its_own_namespace() -> None:
    """policies.md 6, row 'Kinds'."""
    assert values(world(np(IN_NAMESPACE))) == ["allowed", "denied", "denied"]
    assert values(world(gnp(IN_NAMESPACE))) == ["allowed", "allowed", "denied"]


def test_a_rule_without_selector_is_about_everybody() -> None:
    assert values(world(np({"ingress": [{"action": "Allow"}]}))) == ["allowed"] * 3


@pytest.mark.parametrize(
    ("namespaces", "expected"),
    [
        ("team == 'a'", ["allowed", "denied", "denied"]),
        ("projectcalico.org/name == 'other'", ["denied", "allowed", "denied"]),
        ("all()", ["allowed", "allowed", "denied"]),
        ("global()", ["denied", "denied", "allowed"]),
    ],
)
def test_a_namespace_selector_takes_the_place_of_the_own_namespace(namespaces: str, expected: list[str]) -> None:
    office = foreign(V3, "GlobalNetworkSet", "office", {"nets": ["203.0.113.0/24"]})
    spec = {"ingress": [{"action": "Allow", "source": {"namespaceSelector": namespaces}}]}
    assert values(world(np(spec), office)) == expected


def test_network_sets_stand_for_their_addresses() -> None:
    def office(kind: str, namespace: str, *nets: str) -> ForeignObject:
        return foreign(V3, kind, "office", {"nets": list(nets)}, namespace, metadata={"labels": {"role": "office"}})

    rule = {"ingress": [{"action": "Allow", "source": {"selector": "role == 'office'"}}]}
    own, far = office("NetworkSet", "shop", "203.0.113.9"), office("NetworkSet", "other", "203.0.113.0/24")
    everywhere = office("GlobalNetworkSet", "", "203.0.113.0/24")
    assert [values(world(np(rule), one))[2] for one in (own, far, everywhere)] == ["allowed", "denied", "denied"]
    assert [values(world(gnp(rule), one))[2] for one in (own, far, everywhere)] == ["allowed"] * 3
    matrix = world(gnp(rule), own)
    cells = connectivity(matrix.project, matrix.control, matrix.policies)
    ranges = [line.src.text for line in cells.connections() if line.dst.id == DB.id and line.src.is_range]
    assert ranges == ["203.0.113.9-203.0.113.9"]


def test_a_selector_that_must_not_match_leaves_the_rest() -> None:
    """policies.md 6, row 'Selectors': of a global policy notSelector alone is about everybody else, outside too."""
    spec = {"selector": "app == 'db'", "ingress": [{"action": "Allow", "source": {"notSelector": "app == 'web'"}}]}
    assert values(world(gnp(spec))) == ["denied", "denied", "allowed"]


def test_types_follow_the_rules_otherwise_than_in_kubernetes() -> None:
    """Egress rules alone make an egress policy: ingress stays open. policies.md 6, row 'Types'."""
    c = world(np({"selector": "app == 'db'", "egress": [{"action": "Deny"}]}))
    assert (c.ingress(DB, WEB).value, c.egress(DB, WEB).value) == ("allowed", "denied")
    c = world(np({"selector": "app == 'db'"}))
    assert (c.ingress(DB, WEB).value, c.egress(DB, WEB).value) == ("denied", "allowed")


def test_orders_and_names_decide_which_policy_is_asked_first() -> None:
    """policies.md 6, rows 'Policy order', 'Order matters'."""
    allow, deny = {"ingress": [{"action": "Allow"}]}, {"ingress": [{"action": "Deny"}]}
    assert world(np({**deny, "order": 10}, "z"), np({**allow, "order": 5.5}, "y")).ingress(DB, WEB).passes
    assert not world(np(allow, "z"), np({**deny, "order": 2000}, "y")).ingress(DB, WEB).passes, "no order comes last"
    assert world(np({**deny, "order": 5}, "b"), np({**allow, "order": 5}, "a")).ingress(DB, WEB).passes
    assert not world(np({**deny, "order": 5}, "a"), np({**allow, "order": 5}, "b")).ingress(DB, WEB).passes


@pytest.mark.parametrize(("order", "value"), [(999, "denied"), (1000, "cannot-tell"), (1001, "allowed")])
def test_network_policies_stand_at_order_1000_of_the_default_tier(order: int, value: str) -> None:
    """policies.md 6, row 'Order of NetworkPolicies'."""
    found = world(gnp({"order": order, "ingress": [{"action": "Deny"}]}), policies=(OWN,)).ingress(DB, WEB)
    assert found.value == value


def test_tiers_end_with_their_default_action() -> None:
    """policies.md 6, rows 'End of a tier', 'Actions', 'After all tiers'; policies.md 9, row 'End of a Calico tier'."""
    early = foreign(V3, "Tier", "security", {"order": 50})
    soft = foreign(V3, "Tier", "security", {"order": 50, "defaultAction": "Pass"})
    policy = gnp({"tier": "security", "ingress": [{"action": "Pass", "source": {"nets": ["203.0.113.0/24"]}}]})
    assert values(world(early, policy)) == ["denied", "denied", "allowed"]
    assert values(world(soft, policy)) == ["allowed"] * 3
    found = world(early, policy).ingress(DB, WEB)
    assert "end of the security tier" in found.reason
    assert values(world(early, policy, policies=(OWN,)))[2] == "denied", "Pass leads to the default tier"


def test_a_tier_that_the_input_lacks_leaves_it_open() -> None:
    found = world(gnp({"tier": "security", "ingress": [{"action": "Deny"}]})).ingress(DB, WEB)
    assert (found.value, "its tier security is not in the input" in found.reason) == ("cannot-tell", True)


def test_standard_admin_policies_come_before_the_default_tier_and_baseline_behind_it() -> None:
    """policies.md 6, row 'Tier order'; policies.md 9, row 'Baseline'."""
    deny = {"subject": {"namespaces": {}}, "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}], "priority": 1}
    own = np({"order": 1, "ingress": [{"action": "Allow"}]})
    upper = foreign(CNP, "ClusterNetworkPolicy", "a", {**deny, "tier": "Admin"})
    lower = foreign(CNP, "ClusterNetworkPolicy", "b", {**deny, "tier": "Baseline"})
    assert world(own, upper).ingress(DB, WEB).value == "denied"
    assert world(own, lower).ingress(DB, WEB).value == "allowed"


def test_log_goes_on() -> None:
    c = world(np({"ingress": [{"action": "Log"}, {"action": "Allow"}]}))
    assert c.ingress(DB, WEB).field == "spec.ingress[1]"


@pytest.mark.parametrize(
    ("rule", "port", "value"),
    [
        ({"destination": {"ports": [5432]}, "protocol": "TCP"}, 5432, "allowed"),
        ({"destination": {"ports": ["5000:6000"]}, "protocol": 6}, 5432, "allowed"),
        ({"destination": {"ports": ["sql"]}, "protocol": "TCP"}, 5432, "allowed"),
        ({"destination": {"ports": ["sql"]}, "protocol": "TCP"}, 5433, "denied"),
        ({"destination": {"notPorts": [5432]}, "protocol": "TCP"}, 5432, "denied"),
        ({"destination": {"notPorts": [5432]}, "protocol": "TCP"}, 5433, "allowed"),
        ({"destination": {"notPorts": ["0:65535"]}, "protocol": "TCP"}, 5433, "denied"),
        ({"protocol": "UDP"}, 5432, "denied"),
        ({"notProtocol": "UDP"}, 5432, "allowed"),
        ({"notProtocol": "TCP"}, 5432, "denied"),
        ({"source": {"notNets": ["10.1.0.2/32"]}}, 5432, "denied"),
        ({"source": {"nets": ["10.1.0.0/16"], "notSelector": "app == 'db'"}}, 5432, "allowed"),
        ({"destination": {"selector": "app == 'other'"}}, 5432, "denied"),
        ({"protocol": "ICMP", "icmp": {"type": 8}}, 5432, "denied"),
        ({"http": {"methods": ["GET"]}}, 5432, "cannot-tell"),
        ({"source": {"ports": [1000]}, "protocol": "TCP"}, 5432, "cannot-tell"),
        ({"source": {"services": {"name": "web"}}}, 5432, "cannot-tell"),
        ({"http": {"methods": ["GET"]}, "source": {"selector": "app == 'db'"}}, 5432, "denied"),
    ],
)
def test_what_a_rule_matches(rule: dict[str, Any], port: int, value: str) -> None:
    """policies.md 6, row 'Selectors'."""
    found = world(np({"ingress": [{"action": "Allow", **rule}]})).ingress(DB, WEB, port)
    assert found.value == value
    assert (
        value != "cannot-tell" or "Calico NetworkPolicy shop/p (tier default, no order), ingress rule 1" in found.reason
    )


def test_service_accounts_by_name_and_by_label() -> None:
    robot, human = with_account("shop/robot", "ci", "10.1.0.8"), with_account("shop/human", "people", "10.1.0.9")
    account = foreign("v1", "ServiceAccount", "ci", None, "shop", metadata={"labels": {"kind": "robot"}})

    def ask(match: dict[str, Any], *kept: ForeignObject) -> list[str]:
        rule = {"action": "Allow", "source": {"serviceAccounts": match}}
        c = world(np({"selector": "app == 'db'", "ingress": [rule]}), *kept, pods=(*PEOPLE, robot, human))
        matrix = connectivity(c.project, c.control, c.policies)
        by_id = {peer.id: peer for peer in matrix.peers}
        told: list[str] = [c.ingress(DB, who).value for who in (robot, human)]
        cells = [bool(matrix.ports(by_id[who.id], by_id[DB.id])) for who in (robot, human)]
        assert cells == [value == "allowed" for value in told]
        return told

    assert ask({"names": ["ci"]}) == ["allowed", "denied"]
    assert ask({"selector": "kind == 'robot'"}, account) == ["allowed", "cannot-tell"], "labels of the other: unknown"


def test_a_policy_for_service_accounts_of_unknown_labels_leaves_their_pods_open() -> None:
    robot, plain = with_account("shop/robot", "ci", "10.1.0.8"), with_account("shop/plain", "default", "10.1.0.9")
    spec = {"serviceAccountSelector": "kind == 'robot'", "ingress": [{"action": "Deny"}]}
    c = world(np(spec), pods=(*PEOPLE, robot, plain))
    assert c.ingress(plain, WEB).value == "allowed"
    found = c.ingress(robot, WEB)
    assert (found.value, "Calico NetworkPolicy shop/p" in found.reason) == ("cannot-tell", True)
    notes = connectivity(c.project, c.control, c.policies).notes
    assert any("Calico NetworkPolicy shop/p" in note and "shop/robot" in note for note in notes)


def test_the_stored_form_of_the_policies_is_read_too() -> None:
    assert not world(gnp({"ingress": [{"action": "Deny"}]}, api=V1)).ingress(DB, WEB).passes


def test_policies_for_host_endpoints_do_nothing_to_pods() -> None:
    """policies.md 6, row 'Host'."""
    for extra in ({"preDNAT": True, "applyOnForward": True}, {"doNotTrack": True, "applyOnForward": True}):
        assert values(world(gnp({"ingress": [{"action": "Deny"}], **extra}))) == ["allowed"] * 3


def test_a_node_may_be_a_host_endpoint_that_a_selector_matches() -> None:
    spec = {"ingress": [{"action": "Allow", "source": {"selector": "host == 'yes'"}}]}
    node = Peer.of_node("n9", "192.0.2.9")
    assert world(gnp(spec)).ingress(DB, node).value == "denied"
    assert world(gnp(spec), foreign(V3, "HostEndpoint", "h", {"node": "n9"})).ingress(DB, node).value == "cannot-tell"


def test_the_own_node_reaches_its_pods_whatever_policies_say() -> None:
    c = world(gnp({"ingress": [{"action": "Deny"}]}))
    own = c.ingress(DB, Peer.of_node("n1", "192.0.2.1"))
    assert (own.value, "whatever policies say" in own.reason) == ("allowed", True)
    assert c.ingress(DB, Peer.of_node("n2", "192.0.2.2")).value == "denied"


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"selector": "app = 'x'"}, "spec.selector"),
        ({"ingress": [{"action": "Accept"}]}, "spec.ingress[0].action"),
        ({"ingress": [{"action": "Allow", "destination": {"ports": [80]}}]}, "spec.ingress[0].protocol"),
        ({"ingress": [{"action": "Allow", "source": {"nets": ["10.0.0.0/40"]}}]}, "spec.ingress[0].source.nets[0]"),
        ({"types": ["Inward"]}, "spec.types[0]"),
        ({"order": "first"}, "spec.order"),
    ],
)
def test_what_calico_refuses_does_not_exist(spec: dict[str, Any], field: str) -> None:
    c = world(np(spec))
    assert [(p.code, p.severity, p.field) for p in c.policies.problems] == [("NP-90", "error", field)]
    assert c.ingress(DB, WEB).value == "allowed"


def test_another_plugin_ignores_them() -> None:
    c = world(gnp({"ingress": [{"action": "Deny"}]}), enforcement=WEAVE)
    assert c.ingress(DB, WEB).passes and [p.code for p in c.policies.problems] == ["NP-91"]


HAVE = {"app": "web-1", "tier": "front"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True), ("all()", True), ("app == 'web-1'", True), ('app == "web"', False), ("app != 'x'", True),
        ("none != 'x'", True), ("none == ''", False), ("has(app)", True), ("!has( app )", False), ("!!has(app)", True),
        ("app in {'a', 'web-1'}", True), ("none not in {'a'}", True), ("app not in {'web-1'}", False),
        ("app contains 'eb'", True), ("app starts with 'web'", True), ("app ends with '-1'", True),
        ("has(x) && has(app) || has(tier)", True), ("has(x) && (has(app) || has(tier))", False),
        ("app startswith 'w'", True), ("app in {}", False),
    ],
)  # fmt: skip
def test_selectors_mean_what_the_reference_says(text: str, expected: bool) -> None:
    assert parse_selector(text).matches(HAVE) is expected


@pytest.mark.parametrize(
    "text", ["app = 'x'", "app ==", "app == x", "has()", "(has(a)", "app in 'x'", "&& has(a)", "app == 'x", "a b", "@"]
)
def test_what_is_no_selector_is_said(text: str) -> None:
    with pytest.raises(SelectorError):
        parse_selector(text)


def test_a_protocol_and_another_that_it_is_not_are_not_guessed_at() -> None:
    c = world(gnp({"ingress": [{"action": "Allow", "protocol": "TCP", "notProtocol": "UDP"}]}))
    assert c.ingress(DB, Peer.of_node("n2", "192.0.2.2"), 80, "SCTP").value == "denied"
    assert c.ingress(DB, Peer.of_node("n2", "192.0.2.2"), 80, "TCP").value == "cannot-tell"


def test_a_field_of_global_policies_alone_leaves_a_namespaced_one_unsure() -> None:
    """Calico's reference: NetworkPolicy has no ``namespaceSelector``. Its API refuses it or leaves it out, and it is
    about no Pod of another namespace either way."""
    c = world(np({"namespaceSelector": "projectcalico.org/name == 'other'", "ingress": [{"action": "Deny"}]}))
    assert values(c) == ["cannot-tell"] * 3
    assert c.ingress(OTHER, WEB).value == "allowed"
    assert values(world(gnp({"namespaceSelector": "team == 'a'", "ingress": [{"action": "Deny"}]}))) == ["denied"] * 3


def test_an_account_whose_labels_nobody_knows_makes_unsure_what_the_policy_speaks_of_alone() -> None:
    """Selecting by a service account: it is about Pods, so never one with hostNetwork, and about ingress only."""
    job, host = with_account("shop/job", "robot", "10.1.0.9"), pod("shop/host", {}, "192.0.2.2", "n2", HOST_NETWORK)
    spec = {"serviceAccountSelector": "role == 'x'", "types": ["Ingress"], "ingress": [{"action": "Deny"}]}
    there = foreign(V3, "HostEndpoint", "n2", {"node": "n2", "interfaceName": "*"})
    c = world(np(spec), there, pods=(*PEOPLE, job, host))
    (policy,) = tier_policies(c.policies.tiers)
    assert (c.ingress(job, WEB).value, c.egress(job, WEB).value) == ("cannot-tell", "allowed")
    assert c.policies.selection_doubt(policy, job)
    assert not c.policies.selection_doubt(policy, host)


def test_an_engine_that_is_turned_off_enforces_none_of_its_own_kinds() -> None:
    off = enforced_by("none", CALICO)
    c = world(gnp({"ingress": [{"action": "Deny"}]}), gnp({"selector": "no selector"}, "bad"), enforcement=off)
    assert values(c) == ["allowed"] * 3
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers}
    assert matrix.ports(by_id[WEB.id], by_id[DB.id]).text() == "all connections"
    assert [problem.code for problem in c.policies.problems] == ["NP-91", "NP-91"]
    assert c.policies.problems[0].fix == "Turn policy enforcement on."
