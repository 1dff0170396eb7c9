"""ClusterNetworkPolicy and its older kinds: what the upstream conformance tests hold as facts, told in own clusters.

Sources: network-policy-api, conformance/tests (admin tier: priority, same priority, integration with NetworkPolicy and
baseline, inline CIDR, port ranges; hairpin), apis/v1alpha2 and v1alpha1 (fields, limits, failing closed).
"""

from typing import Any

import pytest

from designer.engine.controlplane.enforcement import CILIUM, FLANNEL, Enforcement
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import Peer
from designer.engine.policy.matrix import connectivity
from designer.model import NetworkPolicy
from tests.engine.policy.cluster import Cluster, pod
from tests.engine.policy.foreign import ANP, CNP, foreign, tiered

LIONS, SNAKES, BADGERS = (
    pod("lions/harry", {"house": "lion"}, "10.1.0.1", "n1"),
    pod("snakes/draco", {"house": "snake"}, "10.1.0.2", "n2"),
    pod("badgers/cedric", {"house": "badger"}, "10.1.0.3", "n3"),
)
PEOPLE = (LIONS, SNAKES, BADGERS)
SPACES = {"lions": {"house": "lion"}, "snakes": {"house": "snake"}, "badgers": {"house": "badger"}}


def house(name: str) -> dict[str, Any]:
    return {"namespaces": {"matchLabels": {"house": name}}}


def policy(name: str, tier: str, priority: int, subject: str, inward: list[Any] | None = None, **more: Any) -> Any:
    spec = {"tier": tier, "priority": priority, "subject": house(subject), **more}
    return foreign(CNP, "ClusterNetworkPolicy", name, {**spec, "ingress": inward} if inward else spec)


def rule(action: str, *peers: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "from": [house(one) for one in peers], **more}


def tcp(port: int) -> dict[str, Any]:
    return {"protocols": [{"tcp": {"destinationPort": {"number": port}}}]}


def world(*kept: Any, policies: tuple[NetworkPolicy, ...] = (), enforcement: Enforcement | None = None) -> Cluster:
    more = {"enforcement": enforcement} if enforcement else {}
    return tiered(*kept, pods=PEOPLE, policies=policies, namespaces=SPACES, **more)  # type: ignore[arg-type]


ALLOW_SNAKES = NetworkPolicy.model_validate(
    {
        "metadata": {"name": "own", "namespace": "lions"},
        "spec": {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"house": "snake"}}}]}]},
    }
)
DENY_BASE = policy("default", "Baseline", 10, "lion", [rule("Deny", "snake")])


def test_deny_in_the_admin_tier_stands_before_a_network_policy_that_allows() -> None:
    """policies.md 5, rows 'Tiers', 'Actions'; policies.md 4, row 'Order'; policies.md 9, row 'Admin tier';
    cluster-network-policy.md 3, row 'Admin tier'.
    """
    c = world(policy("strict", "Admin", 10, "lion", [rule("Deny", "snake")]), DENY_BASE, policies=(ALLOW_SNAKES,))
    found = c.ingress(LIONS, SNAKES)
    assert found.value == "denied"
    assert "ClusterNetworkPolicy strict (Admin, priority 10), ingress rule 1 denies" in found.reason


def test_pass_leads_to_the_network_policy_and_without_one_to_the_baseline() -> None:
    """policies.md 9, row 'Pass'; cluster-network-policy.md 3, row 'Pass'."""
    passing = policy("strict", "Admin", 10, "lion", [rule("Pass", "snake")])
    assert world(passing, DENY_BASE, policies=(ALLOW_SNAKES,)).ingress(LIONS, SNAKES).value == "allowed"
    found = world(passing, DENY_BASE).ingress(LIONS, SNAKES)
    assert (found.value, "default (Baseline, priority 10)" in found.reason) == ("denied", True)


def test_a_network_policy_decides_finally_and_the_baseline_is_not_asked() -> None:
    """policies.md 5, row 'NetworkPolicy tier'; cluster-network-policy.md 3, row 'NetworkPolicy tier'."""
    c = world(policy("open", "Baseline", 1, "lion", [rule("Accept", "badger")]), policies=(ALLOW_SNAKES,))
    assert c.ingress(LIONS, BADGERS).value == "denied"


def test_a_network_policy_for_the_other_direction_leaves_the_baseline_to_decide() -> None:
    """Per direction is the reading that fits isolation (domain/cluster-network-policy.md). cluster-network-policy.md
    3, row 'Open question'.
    """
    egress = policy("base", "Baseline", 1, "lion", egress=[{"action": "Deny", "to": [house("snake")]}])
    assert world(egress, policies=(ALLOW_SNAKES,)).egress(LIONS, SNAKES).value == "denied"


def test_lower_priority_numbers_come_first() -> None:
    """policies.md 5, row 'Priority'; cluster-network-policy.md 1, row 'Priority'."""

    def two(number: int) -> Cluster:
        return world(
            policy("fifty", "Admin", 50, "lion", [rule("Deny", "snake")]),
            policy("other", "Admin", number, "lion", [rule("Pass", "snake")]),
        )

    assert two(60).ingress(LIONS, SNAKES).value == "denied"
    assert two(40).ingress(LIONS, SNAKES).value == "allowed"


def test_within_a_policy_the_first_rule_that_matches_decides() -> None:
    """cluster-network-policy.md 3, row 'First match'."""
    rules = [rule("Accept", "badger", **tcp(80)), rule("Deny", "badger"), rule("Accept", "badger")]
    c = world(policy("p", "Admin", 3, "lion", rules))
    assert c.ingress(LIONS, BADGERS, 80).value == "allowed"
    found = c.ingress(LIONS, BADGERS, 8080)
    assert (found.value, found.field) == ("denied", "spec.ingress[1].from[0]")


def test_selecting_a_pod_isolates_nothing() -> None:
    """policies.md 5, row 'No isolation'; cluster-network-policy.md 3, row 'No isolation'."""
    c = world(policy("p", "Admin", 3, "lion", [rule("Deny", "snake", **tcp(80))]))
    assert c.ingress(LIONS, SNAKES, 81).value == "allowed"
    assert c.ingress(LIONS, BADGERS, 80).value == "allowed"
    assert c.egress(LIONS, SNAKES, 80).value == "allowed"


def test_policies_of_one_priority_are_all_applied_where_they_do_not_overlap() -> None:
    c = world(
        policy("a", "Admin", 25, "lion", [rule("Deny", "snake", **tcp(80))]),
        policy("b", "Admin", 25, "lion", [rule("Deny", "badger", **tcp(80))]),
        policy("c", "Admin", 25, "badger", [rule("Deny", "snake", **tcp(8080))]),
    )
    assert [c.ingress(LIONS, who, 80).value for who in (SNAKES, BADGERS)] == ["denied", "denied"]
    assert c.ingress(LIONS, SNAKES, 8080).value == "allowed"
    assert [c.ingress(BADGERS, SNAKES, port).value for port in (80, 8080)] == ["allowed", "denied"]


@pytest.mark.parametrize(("first", "second", "value"), [("Accept", "Deny", "cannot-tell"), ("Deny", "Deny", "denied")])
def test_where_two_of_one_priority_match_nobody_can_tell_which_wins(first: str, second: str, value: str) -> None:
    """policies.md 5, row 'Equal priority'; cluster-network-policy.md 1, row 'Equal priority'."""
    c = world(
        policy("a", "Admin", 25, "lion", [rule(first, "snake", **tcp(80))]),
        policy("b", "Admin", 25, "lion", [rule(second, "snake")]),
    )
    found = c.ingress(LIONS, SNAKES, 80)
    assert found.value == value
    assert value == "denied" or "not defined which of them wins" in found.reason
    assert c.ingress(LIONS, SNAKES, 81).value == ("denied" if second == "Deny" else "allowed")
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers if peer.id}
    assert ("TCP", 80) not in matrix.ports(by_id[SNAKES.id], by_id[LIONS.id]), "what cannot be told counts as closed"


def test_networks_match_pods_too_unless_a_rule_for_them_comes_before() -> None:
    """policies.md 5, row 'networks'; cluster-network-policy.md 2, row 'networks'."""
    everywhere = {"action": "Deny", "to": [{"networks": ["0.0.0.0/0"]}]}
    c = world(policy("p", "Admin", 1, "lion", egress=[{"action": "Accept", "to": [house("snake")]}, everywhere]))
    assert [c.egress(LIONS, to).value for to in (SNAKES, BADGERS, "198.51.100.7")] == ["allowed", "denied", "denied"]


def test_ingress_from_outside_is_neither_denied_nor_allowed() -> None:
    """policies.md 5, row 'Peers of ingress'; cluster-network-policy.md 2, row 'Peers of ingress'."""
    c = world(policy("p", "Admin", 1, "lion", [{"action": "Deny", "from": [{"namespaces": {}}]}]))
    assert c.ingress(LIONS, "198.51.100.7").value == "allowed"


def test_a_pod_reaches_itself_by_its_address_and_not_by_its_service() -> None:
    """API text of `subject` (2026-07) and the conformance test of hairpin traffic. policies.md 3, row 'Hairpin';
    cluster-network-policy.md 3, row 'Hairpin'.
    """
    c = world(policy("p", "Admin", 1, "lion", [{"action": "Deny", "from": [{"namespaces": {}}]}]))
    assert c.ingress(LIONS, LIONS).value == "allowed"
    assert c.ingress(LIONS, Peer.of_pod(LIONS, hairpin=True)).value == "denied"


def test_pods_of_the_node_network_are_neither_subjects_nor_peers() -> None:
    """policies.md 5, row 'hostNetwork'; cluster-network-policy.md 2, row 'Subject'."""
    host = pod("lions/host", {"house": "lion"}, "192.0.2.1", "n1", {"hostNetwork": True})
    everyone = {"action": "Deny", "from": [{"namespaces": {}}]}
    c = tiered(
        policy("p", "Admin", 1, "lion", [everyone]), policy("q", "Admin", 2, "snake", [everyone]),
        pods=(*PEOPLE, host), namespaces=SPACES,
    )  # fmt: skip
    assert c.ingress(host, SNAKES).passes
    assert c.ingress(SNAKES, host).value == "allowed"


@pytest.mark.parametrize("peer", ({"nodes": {}}, {"domainNames": ["example.com"]}))
def test_peers_that_nobody_can_look_up_leave_it_open_with_the_rule_named(peer: dict[str, Any]) -> None:
    """policies.md 5, rows 'Unknown peer', 'Peers of egress'; cluster-network-policy.md 2, rows 'Unknown peer', 'Peers
    of egress'.
    """
    rules = [{"action": "Accept", "to": [peer]}, {"action": "Deny", "to": [{"networks": ["0.0.0.0/0"]}]}]
    c = world(policy("p", "Admin", 1, "lion", egress=rules))
    found = c.egress(LIONS, "198.51.100.7")
    assert found.value == "cannot-tell"
    assert "ClusterNetworkPolicy p (Admin, priority 1), egress rule 1" in found.reason
    assert [(p.code, p.field) for p in c.policies.problems] == [("NP-92", "spec.egress[0]")]
    assert world(policy("p", "Admin", 1, "lion", egress=rules[:1])).egress(LIONS, "198.51.100.7").value == "allowed"


EMPTY_RANGE = {"start": 9, "end": 9}
ANP_SPEC = {"priority": 5, "subject": house("lion"), "ingress": [{"action": "Deny", "from": [house("snake")]}]}


def test_the_older_kinds_stand_in_the_same_places() -> None:
    """policies.md 5, row 'API'; cluster-network-policy.md 1, rows 'Tier', 'Actions', 'Ports'."""
    upper = foreign(ANP, "AdminNetworkPolicy", "a", ANP_SPEC)
    lower = foreign(
        ANP, "BaselineAdminNetworkPolicy", "default",
        {"subject": house("lion"), "ingress": [
            {"action": "Deny", "from": [house("badger")], "ports": [{"portRange": {"start": 80, "end": 90}}]}
        ]},
    )  # fmt: skip
    c = world(upper, lower)
    assert c.ingress(LIONS, SNAKES).value == "denied"
    assert [c.ingress(LIONS, BADGERS, port).value for port in (79, 80, 90, 91)] == [
        "allowed", "denied", "denied", "allowed",
    ]  # fmt: skip
    assert world(upper, lower, policies=(ALLOW_SNAKES,)).ingress(LIONS, SNAKES).value == "denied"


def test_both_generations_at_once_leave_the_older_open() -> None:
    """Calico 3.29 to 3.31 enforces the older kinds, 3.32 ClusterNetworkPolicy: no version enforces both. policies.md
    5, row 'Implementations'; cluster-network-policy.md 4, row 'Calico'.
    """
    c = world(foreign(ANP, "AdminNetworkPolicy", "a", ANP_SPEC), policy("n", "Admin", 1, "badger"))
    found = c.ingress(LIONS, SNAKES)
    assert (found.value, "AdminNetworkPolicy a" in found.reason) == ("cannot-tell", True)


@pytest.mark.parametrize("engine", [CILIUM, FLANNEL])
def test_where_the_plugin_does_not_enforce_the_kind_it_is_said(engine: Enforcement) -> None:
    """cluster-network-policy.md 4, row 'Cilium'."""
    c = world(policy("p", "Admin", 1, "lion", [rule("Deny", "snake")]), enforcement=engine)
    found = c.ingress(LIONS, SNAKES)
    assert found.passes
    assert [(note.policy_text, note.reason) for note in found.notes if "enforce" in note.reason] == [
        ("ClusterNetworkPolicy p", f"not enforced: {engine.engine} does not enforce this kind")
    ]
    assert [p.code for p in c.policies.problems] == ["NP-91"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tier": "Middle"}, "spec.tier"),
        ({"priority": 1001}, "spec.priority"),
        ({"subject": {}}, "spec.subject"),
        ({"subject": {"namespaces": {}, "pods": {"namespaceSelector": {}, "podSelector": {}}}}, "spec.subject"),
        ({"ingress": [{"action": "Allow", "from": [house("snake")]}]}, "spec.ingress[0].action"),
        ({"ingress": [{"action": "Deny", "from": []}]}, "spec.ingress[0].from"),
        ({"ingress": [{"action": "Deny", "from": [{}]}]}, "spec.ingress[0].from[0]"),
        ({"egress": [{"action": "Deny", "to": [{"networks": ["10.0.0.300/8"]}]}]}, "spec.egress[0].to[0].networks[0]"),
        ({"ingress": [rule("Deny", "snake")] * 26}, "spec.ingress"),
        (
            {"ingress": [rule("Deny", "snake", protocols=[{"tcp": {"destinationPort": {"range": EMPTY_RANGE}}}])]},
            "spec.ingress[0].protocols[0].tcp.destinationPort.range",
        ),
    ],
)  # fmt: skip
def test_what_the_api_server_refuses_does_not_exist(change: dict[str, Any], field: str) -> None:
    """policies.md 5, rows 'Limits', 'Ports'; cluster-network-policy.md 1, rows 'How many', 'Most rules and peers';
    cluster-network-policy.md 2, row 'Fields of a rule'.
    """
    spec = {"tier": "Admin", "priority": 1, "subject": house("lion"), "ingress": [rule("Deny", "snake")], **change}
    c = world(foreign(CNP, "ClusterNetworkPolicy", "p", spec))
    assert [(p.code, p.severity, p.field) for p in c.policies.problems] == [("NP-90", "error", field)]
    assert c.ingress(LIONS, SNAKES).value == "allowed"


def test_every_rule_says_something(subject: PodState = LIONS) -> None:
    c = world(policy("p", "Admin", 1, "lion", [rule("Accept", "badger"), rule("Deny", "snake", **tcp(80))]))
    assert [(n.rule, n.failed) for n in c.ingress(subject, SNAKES, 81).notes] == [(0, "peer"), (1, "port")]


def test_what_egress_accepts_ingress_may_still_deny() -> None:
    """policies.md 5, row 'Egress does not open ingress'; cluster-network-policy.md 3, row 'Egress does not open
    ingress': the two directions are asked apart."""
    out = policy("out", "Admin", 1, "snake", egress=[{"action": "Accept", "to": [house("lion")]}])
    c = world(out, policy("in", "Admin", 50, "lion", [rule("Deny", "snake")]))
    assert (c.egress(SNAKES, LIONS).value, c.ingress(LIONS, SNAKES).value) == ("allowed", "denied")
    matrix = connectivity(c.project, c.control, c.policies)
    assert not [line for line in matrix.connections() if (line.src.id, line.dst.id) == (SNAKES.id, LIONS.id)]


@pytest.mark.parametrize("peer", [{"networks": ["10.1.0.0/16"]}, {"nodes": {}}, {"domainNames": ["example.org"]}])
def test_named_ports_beside_addresses_are_refused(peer: dict[str, Any]) -> None:
    """cluster-network-policy.md 2, row 'Named ports beside networks': such a rule may not be; CEL rule of the CRDs."""
    named = {"action": "Accept", "to": [peer, house("snake")], "protocols": [{"destinationNamedPort": "http"}]}
    refused = world(policy("named", "Admin", 1, "lion", egress=[named]))
    assert [(p.code, p.field) for p in refused.policies.problems] == [("NP-90", "spec.egress[0].protocols")]


@pytest.mark.parametrize(
    ("selector", "field"),
    [
        ({"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]}, "matchExpressions[0].operator"),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, "matchExpressions[0].values"),
        ({"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}, "matchExpressions[0].values"),
        ({"matchLabels": {"app@b": "x"}}, "matchLabels"),
    ],
)
def test_a_selector_that_no_engine_can_read_is_an_error(selector: dict[str, Any], field: str) -> None:
    """apimachinery, ValidateLabelSelector: the operators and what values they take; the CRDs let all of it in."""
    found = world(policy("p", "Admin", 1, "lion", [{"action": "Deny", "from": [{"namespaces": selector}]}]))
    (problem,) = found.policies.problems
    assert (problem.code, problem.severity) == ("NP-90", "error")
    assert problem.field == f"spec.ingress[0].from[0].namespaces.{field}"
    assert "no engine can" in problem.why


def test_ports_of_the_older_kinds_are_one_number_or_a_range() -> None:
    """policies.md 5, row 'Ports': portNumber is that port alone, portRange has both ends; TCP by default."""
    one = {"action": "Deny", "from": [house("snake")], "ports": [{"portNumber": {"port": 80}}]}
    some = {
        "action": "Deny",
        "from": [house("snake")],
        "ports": [{"portRange": {"protocol": "UDP", "start": 5, "end": 7}}],
    }
    spec = {"priority": 1, "subject": house("lion"), "ingress": [one, some]}
    c = world(foreign(ANP, "AdminNetworkPolicy", "old", spec))
    asked = ((79, "TCP"), (80, "TCP"), (81, "TCP"), (80, "UDP"), (4, "UDP"), (5, "UDP"), (7, "UDP"), (8, "UDP"))
    found = [c.ingress(LIONS, SNAKES, port, protocol).value for port, protocol in asked]
    assert found == ["allowed", "denied", "allowed", "allowed", "allowed", "denied", "denied", "allowed"]


def older(kind: str, name: str, **spec: Any) -> list[str]:
    """What is refused in one of the older kinds, by field."""
    whole = {"subject": house("lion"), **spec}
    return [problem.field for problem in world(foreign(ANP, kind, name, whole)).policies.problems]


def test_what_is_refused_in_the_older_kinds() -> None:
    """policies.md 5, row 'Limits'; cluster-network-policy.md 1, rows 'How many', 'Actions', 'Most rules and peers'."""
    deny = rule("Deny", "snake")
    many = {"action": "Deny", "from": [house("snake")] * 101}
    assert older("AdminNetworkPolicy", "a", priority=1, ingress=[deny] * 100) == []
    assert older("AdminNetworkPolicy", "a", priority=1, ingress=[deny] * 101) == ["spec.ingress"]
    assert older("AdminNetworkPolicy", "a", priority=1, ingress=[many]) == ["spec.ingress[0].from"]
    assert older("AdminNetworkPolicy", "a", priority=1001) == ["spec.priority"]
    assert older("BaselineAdminNetworkPolicy", "default", ingress=[deny]) == []
    assert older("BaselineAdminNetworkPolicy", "other", ingress=[deny]) == ["metadata.name"]
    assert older("BaselineAdminNetworkPolicy", "default", ingress=[rule("Pass", "snake")]) == ["spec.ingress[0].action"]


def test_a_rule_that_passes_for_nobody_knows_whom_may_deny_as_well() -> None:
    """policies.md 5, row 'Unknown peer'; cluster-network-policy.md 2, row 'Unknown peer': engines fail closed, so that
    a Pass that cannot be read denies everything or passes: open by default is not sure."""
    c = world(policy("odd", "Admin", 1, "lion", [{"action": "Pass", "from": [{"planets": {}}]}]))
    assert c.ingress(LIONS, SNAKES).value == "cannot-tell"
    accept = world(policy("odd", "Admin", 1, "lion", [{"action": "Accept", "from": [{"planets": {}}]}]))
    assert accept.ingress(LIONS, SNAKES).value == "allowed", "an Accept that matches nothing leaves it open by default"


@pytest.mark.parametrize(
    ("peer", "field"),
    [
        ({"pods": {"namespaceSelector": {}}}, "spec.egress[0].to[0].pods.podSelector"),
        ({"networks": [f"10.{n}.0.0/16" for n in range(26)]}, "spec.egress[0].to[0].networks"),
        ({"networks": []}, "spec.egress[0].to[0].networks"),
        ({"namespaces": {}, "networks": ["10.0.0.0/8"]}, "spec.egress[0].to[0]"),
    ],
)
def test_what_is_refused_of_a_peer(peer: dict[str, Any], field: str) -> None:
    """cluster-network-policy.md 2, row 'Fields of a rule'."""
    c = world(policy("p", "Admin", 1, "lion", egress=[{"action": "Deny", "to": [peer]}]))
    assert [problem.field for problem in c.policies.problems] == [field]


def test_a_denial_that_cannot_be_read_may_deny_every_port() -> None:
    """policies.md 5, row 'Unknown peer': an engine that fails closed takes it for a denial of everything."""
    one = {"action": "Deny", "from": [{"planets": {}}], **tcp(80)}
    c = world(policy("odd", "Admin", 1, "lion", [one]))
    assert [c.ingress(LIONS, SNAKES, port).value for port in (80, 81)] == ["cannot-tell", "cannot-tell"]
