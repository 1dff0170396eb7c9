"""Each row of `domain/policies.md`, "NetworkPolicy v1: evaluation" and "Traffic outside the policy's reach"."""

from dataclasses import replace

import pytest

from designer.engine.controlplane.enforcement import CALICO, CILIUM, FLANNEL, WEAVE
from designer.engine.controlplane.state import NodeState
from designer.engine.policy import Peer
from tests.engine.policy.cluster import cluster, pod, policy, ports

WEB = pod("a/web", {"app": "web"}, "10.0.0.1", spec=ports(("http", 8080, "TCP"), ("dns", 53, "UDP")))
API = pod("a/api", {"app": "api"}, "10.0.0.2", "n2")
OTHER = pod("b/api", {"app": "api"}, "10.0.1.2", "n2")


def test_a_pod_that_no_policy_selects_is_open() -> None:
    """policies.md 9, row 'No isolation'."""
    found = cluster(policy("podSelector: {matchLabels: {app: api}}")).ingress(WEB, OTHER)
    assert found.value == "allowed"
    assert found.text() == "Allowed: no policy selects pod a/web for ingress; pods are open by default."


def test_a_policy_selects_pods_of_its_own_namespace_only() -> None:
    """policies.md 1, row 'Scope'."""
    assert cluster(policy("podSelector: {}")).ingress(OTHER, WEB).value == "allowed"


def test_isolation_is_by_selection_and_by_direction() -> None:
    """policies.md 1, row 'Isolation'."""
    c = cluster(policy("podSelector: {}"))
    assert c.ingress(WEB, OTHER).value == "denied"
    assert c.egress(WEB, OTHER).value == "allowed"


def test_policies_are_a_union_without_order() -> None:
    """policies.md 1, row 'Combination'."""
    deny = policy("podSelector: {}", "deny")
    allow = policy("{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}", "allow")
    for order in ((deny, allow), (allow, deny)):
        found = cluster(*order).ingress(WEB, API)
        assert found.value == "allowed"
        assert found.matched is not None
        assert found.matched.policy == "NetworkPolicy:a/allow"
        assert found.isolating == ("NetworkPolicy:a/allow", "NetworkPolicy:a/deny")


@pytest.mark.parametrize(
    ("spec", "ingress", "egress"),
    [
        ("{podSelector: {}}", "denied", "allowed"),
        ("{podSelector: {}, egress: []}", "denied", "allowed"),
        ("{podSelector: {}, egress: [{}]}", "denied", "allowed"),
        ("{podSelector: {}, policyTypes: [Egress], egress: []}", "allowed", "denied"),
        ("{podSelector: {}, policyTypes: [Ingress, Egress]}", "denied", "denied"),
        ("{podSelector: {}, policyTypes: [Ingress], egress: [{ports: [{port: 1}]}]}", "denied", "allowed"),
        ("{podSelector: {}, egress: [{ports: [{port: 1}]}]}", "denied", "denied"),
        ("{podSelector: {}, ingress: [{}]}", "allowed", "allowed"),
    ],
)
def test_policy_types_and_empty_rules(spec: str, ingress: str, egress: str) -> None:
    """policies.md 1, rows 'policyTypes default', 'No rules', 'Everything'; policies.md 8, rows 'Default deny ingress',
    'Default deny egress'.
    """
    c = cluster(policy(spec))
    assert (c.ingress(WEB, OTHER).value, c.egress(WEB, OTHER).value) == (ingress, egress)


def test_peers_and_ports_of_a_rule_must_both_match() -> None:
    """policies.md 1, row 'Rule'."""
    c = cluster(
        policy("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 80}]}]}")
    )
    assert c.ingress(WEB, API, 80).value == "allowed"
    assert c.ingress(WEB, API, 81).value == "denied"
    assert c.ingress(WEB, pod("a/x", {"app": "x"}), 80).value == "denied"


def test_both_selectors_in_one_entry_are_and() -> None:
    """policies.md 1, row 'Both selectors in one entry'."""
    spec = """{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}},
        podSelector: {matchLabels: {app: api}}}]}]}"""
    c = cluster(policy(spec))
    assert c.ingress(WEB, OTHER).value == "allowed"
    assert c.ingress(WEB, API).value == "denied", "the policy's own namespace is not meant"
    assert c.ingress(WEB, pod("b/db", {"app": "db"})).value == "denied"


def test_two_entries_are_or() -> None:
    """policies.md 1, rows 'List of peers', 'Two entries'."""
    spec = """{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}},
        {podSelector: {matchLabels: {app: api}}}]}]}"""
    c = cluster(policy(spec))
    assert c.ingress(WEB, API).value == "allowed"
    assert c.ingress(WEB, pod("b/db", {"app": "db"})).value == "allowed"
    assert c.ingress(WEB, pod("c/api", {"app": "api"})).value == "denied"


def test_an_empty_namespace_selector_means_all_pods_but_nothing_outside() -> None:
    """policies.md 1, row 'namespaceSelector alone'."""
    c = cluster(policy("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"))
    assert c.ingress(WEB, OTHER).value == "allowed"
    assert c.ingress(WEB, "203.0.113.9").value == "denied"


def test_the_name_label_of_a_namespace_is_always_set() -> None:
    """policies.md 1, row 'Namespace by name'."""
    spec = (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}"
    )
    assert cluster(policy(spec)).ingress(WEB, OTHER).value == "allowed", "no manifest"
    named = cluster(policy(spec), namespaces={"b": {"team": "x"}})
    assert named.ingress(WEB, OTHER).value == "allowed", "a manifest without that label"
    lying = cluster(policy(spec), namespaces={"c": {"kubernetes.io/metadata.name": "b"}})
    assert lying.ingress(WEB, pod("c/x")).value == "denied", "the API server sets the real name"


def test_match_expressions() -> None:
    spec = """{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [
        {key: app, operator: In, values: [api, db]}, {key: tier, operator: NotIn, values: [old]},
        {key: app, operator: Exists}, {key: banned, operator: DoesNotExist}]}}]}]}"""
    c = cluster(policy(spec))
    assert c.ingress(WEB, API).value == "allowed", "NotIn matches where the key is missing"
    for labels in ({"app": "web"}, {"app": "api", "tier": "old"}, {"app": "api", "banned": ""}, {}):
        assert c.ingress(WEB, pod("a/x", labels)).value == "denied"


def test_ip_block_and_except() -> None:
    """policies.md 1, row 'ipBlock'."""
    c = cluster(
        policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}]}]}")
    )
    assert c.ingress(WEB, "203.0.113.127").value == "allowed"
    assert c.ingress(WEB, "203.0.113.128").value == "denied"
    assert c.ingress(WEB, "203.0.112.255").value == "denied"


def test_ip_block_v6_and_mapped_addresses() -> None:
    c = cluster(policy("{ingress: [{from: [{ipBlock: {cidr: '2001:db8::/64'}}, {ipBlock: {cidr: 192.0.2.0/24}}]}]}"))
    assert c.ingress(WEB, "2001:db8::ffff").value == "allowed"
    assert c.ingress(WEB, "2001:db8:0:1::1").value == "denied"
    assert c.ingress(WEB, "::ffff:192.0.2.1").value == "allowed"


def test_an_exception_binds_its_own_entry_only() -> None:
    first = policy(
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/16, except: [10.0.1.0/24]}}]}]}", "p1"
    )
    second = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}}]}]}", "p2")
    assert cluster(first).ingress(WEB, "10.0.1.5").value == "denied"
    assert cluster(first, second).ingress(WEB, "10.0.1.5").value == "allowed"


def test_ip_block_and_pod_addresses_are_up_to_the_implementation() -> None:
    spec = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")
    assert cluster(spec, enforcement=CALICO).ingress(WEB, API).value == "allowed"
    assert cluster(spec, enforcement=CILIUM).ingress(WEB, API).value == "denied"
    unsure = cluster(spec, enforcement=replace(CALICO, ip_block_matches_pods=None)).ingress(WEB, API)
    assert unsure.value == "cannot-tell"
    assert "differs between implementations" in unsure.text()


def test_protocol_defaults_to_tcp() -> None:
    """policies.md 1, row 'protocol'."""
    c = cluster(policy("{podSelector: {}, ingress: [{ports: [{port: 53}]}]}"))
    assert c.ingress(WEB, API, 53, "TCP").value == "allowed"
    assert c.ingress(WEB, API, 53, "UDP").value == "denied"
    assert c.ingress(WEB, API, 53, "SCTP").value == "denied"


def test_a_protocol_without_port_means_all_its_ports() -> None:
    """policies.md 1, row 'port absent'."""
    c = cluster(policy("{podSelector: {}, ingress: [{ports: [{protocol: UDP}, {protocol: SCTP, port: 9}]}]}"))
    assert c.ingress(WEB, API, 65535, "UDP").value == "allowed"
    assert c.ingress(WEB, API, 65535, "TCP").value == "denied"
    assert c.ingress(WEB, API, 9, "SCTP").value == "allowed"
    assert c.ingress(WEB, API, 10, "SCTP").value == "denied"


def test_end_port_is_inclusive() -> None:
    """policies.md 1, row 'endPort'."""
    c = cluster(policy("{podSelector: {}, ingress: [{ports: [{port: 8000, endPort: 8010}]}]}"))
    got = [c.ingress(WEB, API, port).value for port in (7999, 8000, 8010, 8011)]
    assert got == ["denied", "allowed", "allowed", "denied"]


def test_a_named_port_of_ingress_is_looked_up_on_the_selected_pod_with_its_protocol() -> None:
    """policies.md 1, row 'Named port of ingress'."""
    c = cluster(policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"))
    assert c.ingress(WEB, API, 8080).value == "allowed"
    assert c.ingress(WEB, API, 80).value == "denied"
    missing = c.ingress(API, WEB, 8080)
    assert missing.value == "denied"
    assert "port name 'http' (TCP) does not exist on Pod a/api" in missing.text()
    tcp_dns = cluster(policy("{podSelector: {}, ingress: [{ports: [{port: dns}]}]}"))
    assert tcp_dns.ingress(WEB, API, 53, "TCP").value == "denied", "dns is a UDP port of the container"


def test_a_named_port_of_egress_is_looked_up_on_each_peer_pod() -> None:
    """policies.md 1, row 'Named port of egress'; policies.md 9, row 'Named port'."""
    c = cluster(policy("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}"))
    assert c.egress(API, WEB, 8080).value == "allowed"
    assert c.egress(API, pod("b/web", spec=ports(("http", 9090, "TCP"))), 9090).value == "allowed"
    assert c.egress(API, OTHER, 8080).value == "denied"


def test_an_ip_block_never_matches_a_named_port_on_the_way_out() -> None:
    """policies.md 1, row 'Named port and ipBlock'."""
    spec = "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: http}]}]}"
    assert cluster(policy(spec)).egress(API, "203.0.113.1", 8080).value == "denied"


def test_named_ports_count_sidecars_and_not_init_containers() -> None:
    def with_init(restart: dict[str, str]) -> dict[str, object]:
        return {"initContainers": [{"name": "i", "ports": [{"name": "http", "containerPort": 7}], **restart}]}

    c = cluster(policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"))
    assert c.ingress(pod("a/s", spec=with_init({"restartPolicy": "Always"})), API, 7).value == "allowed"
    assert c.ingress(pod("a/s", spec=with_init({})), API, 7).value == "denied"


def test_other_protocols() -> None:
    """policies.md 1, row 'Other protocols'."""
    whole = cluster(policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"))
    assert whole.ingress(WEB, API, 0, "ICMP").value == "allowed"
    limited = cluster(policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}"))
    found = limited.ingress(WEB, API, 0, "ICMP")
    assert found.value == "cannot-tell"
    assert "does not define" in found.text()
    assert limited.ingress(WEB, OTHER, 0, "ICMP").value == "denied", "the peer does not match anyway"


def test_a_pod_reaches_itself() -> None:
    """policies.md 2, row 'Pod to itself'."""
    c = cluster(policy("{podSelector: {}, policyTypes: [Ingress, Egress]}"))
    assert c.egress(WEB, WEB).value == "allowed"
    assert c.ingress(WEB, WEB).value == "allowed"


def test_a_pod_that_reaches_itself_through_a_service_depends_on_the_engine() -> None:
    c = cluster(policy("{podSelector: {}, policyTypes: [Ingress, Egress]}"))
    assert c.ingress(WEB, Peer.of_pod(WEB, hairpin=True)).value == "cannot-tell"
    open_to_itself = cluster(policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"))
    assert open_to_itself.ingress(WEB, Peer.of_pod(WEB, hairpin=True)).value == "allowed"


def test_the_own_node_is_always_let_in_and_others_are_not() -> None:
    """policies.md 2, rows 'Own Node', 'Other Nodes'; policies.md 8, row 'Kubelet probes'; policies.md 9, row 'Same
    node'.
    """
    c = cluster(policy("podSelector: {}"))
    own = c.ingress(WEB, Peer.of_node("n1", "192.168.10.1"))
    assert own.text() == "Allowed: traffic from the pod's own node cannot be blocked by NetworkPolicy."
    assert c.ingress(WEB, Peer.of_node("n2", "192.168.10.2")).value == "denied"
    by_block = cluster(policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.168.10.2/32}}]}]}"))
    assert by_block.ingress(WEB, Peer.of_node("n2", "192.168.10.2")).value == "allowed"
    assert by_block.ingress(WEB, Peer.of_node("n2", "10.244.2.0")).value == "denied", "the tunnel's address is another"


def test_the_way_to_the_own_node_is_open_by_the_specification() -> None:
    spec = policy("{podSelector: {}, policyTypes: [Egress]}")
    own = Peer.of_node("n1", "192.168.10.1")
    assert cluster(spec, enforcement=replace(CALICO, pod_to_node_allowed=True)).egress(WEB, own).value == "allowed"
    assert cluster(spec, enforcement=CALICO).egress(WEB, own).value == "cannot-tell"
    assert cluster(spec).egress(WEB, Peer.of_node("n2", "192.168.10.2")).value == "denied"


def test_host_network_pods_are_no_subjects() -> None:
    """policies.md 2, row 'hostNetwork as subject'; policies.md 9, row 'hostNetwork'."""
    host = pod("a/agent", {"app": "web"}, "192.168.10.1", spec={"hostNetwork": True})
    found = cluster(policy("podSelector: {}")).ingress(host, API)
    assert found.value == "not-applicable"
    assert found.text() == (
        "Not applicable: selected pod uses hostNetwork; Calico treats it as the node: policy not applied."
    )


def test_host_network_pods_are_no_selector_peers() -> None:
    """policies.md 2, row 'hostNetwork as peer'."""
    host = pod("a/agent", {"app": "api"}, "192.168.10.2", "n2", spec={"hostNetwork": True})
    by_label = cluster(policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"))
    assert by_label.ingress(WEB, host).value == "denied"
    by_block = cluster(policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.168.10.0/24}}]}]}"))
    assert by_block.ingress(WEB, host).value == "allowed"


def test_completed_pods_are_ignored() -> None:
    """policies.md 2, row 'Completed Pods'."""
    c = cluster(policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"))
    assert c.ingress(WEB, pod("a/job", phase="Succeeded")).value == "denied"


def test_a_plugin_without_engine_enforces_nothing() -> None:
    """policies.md 2, row 'No engine'; policies.md 9, row 'CNI'."""
    found = cluster(policy("podSelector: {}"), enforcement=FLANNEL).ingress(WEB, API)
    assert found.value == "not-applicable"
    assert found.text().startswith("Not applicable: policy stored but not enforced: Flannel has no policy engine")
    assert found.passes is True


def test_fields_that_an_engine_does_not_know_make_the_answer_unsure() -> None:
    ranged = cluster(policy("{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90}]}]}"), enforcement=WEAVE)
    assert ranged.ingress(WEB, API, 85).value == "cannot-tell"
    named = policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}")
    refused = cluster(named, enforcement=WEAVE)
    assert refused.ingress(WEB, API, 81).value == "cannot-tell", "a refused policy may not isolate at all"
    isolated = cluster(named, policy("podSelector: {}", "deny"), enforcement=WEAVE)
    assert isolated.ingress(WEB, API, 81, "UDP").value == "denied"
    sctp = cluster(policy("{podSelector: {}, ingress: [{ports: [{protocol: SCTP}]}]}"), enforcement=WEAVE)
    assert sctp.ingress(WEB, API, 81, "SCTP").value == "cannot-tell"


def test_addresses_are_told_apart() -> None:
    node = NodeState("n1", ("192.168.10.1",), ("192.168.10.1", "10.244.0.1"))
    c = cluster(policy("podSelector: {}"), pods=(WEB,), nodes=(node,))
    assert c.policies.peer_at("10.0.0.1").pod == WEB
    assert c.policies.peer_at("10.244.0.1") == Peer.of_node("n1", "10.244.0.1")
    assert c.policies.peer_at("203.0.113.1") == Peer.of_address("203.0.113.1")
