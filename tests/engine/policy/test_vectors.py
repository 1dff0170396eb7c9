"""The test vectors of `domain/policies.md`, each by its own name, and the texts of its "Explanation texts"."""

from dataclasses import replace

from designer.engine.controlplane.enforcement import CALICO
from designer.engine.policy import Peer, compile_policies
from designer.model import FrozenMap, Provenance
from tests.engine.policy.cluster import cluster, pod, policy

X, Y = pod("a/x", ip="10.244.1.2"), pod("a/y", ip="10.244.2.9")
B = pod("b/x", ip="10.244.1.3")
SAME_NAMESPACE = policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")


def test_other_namespace_is_denied() -> None:
    """policies.md 10, row 'Other namespace'."""
    assert cluster(SAME_NAMESPACE).ingress(Y, B).value == "denied"


def test_same_namespace_is_allowed() -> None:
    """policies.md 10, row 'Same namespace'."""
    assert cluster(SAME_NAMESPACE).ingress(Y, X).value == "allowed"


def test_localhost_is_allowed() -> None:
    """policies.md 10, row 'localhost'."""
    c = cluster(policy("{podSelector: {}, policyTypes: [Ingress, Egress]}"))
    assert (c.egress(X, X).value, c.ingress(X, X).value) == ("allowed", "allowed")


def test_the_service_range_in_an_ip_block_does_not_match_after_dnat() -> None:
    """policies.md 10, row 'Service range'."""
    c = cluster(policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.96.0.0/12}}]}]}"))
    assert c.egress(X, Y, 8080).value == "denied"


def test_the_port_of_the_service_is_not_the_port_of_the_pod() -> None:
    """policies.md 10, row 'Service port'; policies.md 8, row 'Prometheus'."""
    c = cluster(policy("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"))
    assert c.ingress(Y, X, 8080).value == "denied"
    assert c.ingress(Y, X, 80).value == "allowed"


def test_port_53_without_protocol_is_tcp() -> None:
    """policies.md 10, row 'Port 53'."""
    assert (
        cluster(policy("{podSelector: {}, ingress: [{ports: [{port: 53}]}]}")).ingress(Y, X, 53, "UDP").value
        == "denied"
    )


def test_empty_egress_without_types_leaves_egress_open() -> None:
    """policies.md 10, row 'Empty egress'."""
    c = cluster(policy("{podSelector: {}, egress: []}"))
    assert (c.egress(X, B).value, c.ingress(X, B).value) == ("allowed", "denied")


def test_two_entries_let_any_pod_of_the_namespace_in() -> None:
    """policies.md 10, row 'Two entries'."""
    c = cluster(
        policy("""{podSelector: {}, ingress: [{from: [{namespaceSelector:
            {matchLabels: {kubernetes.io/metadata.name: web}}}, {podSelector: {matchLabels: {app: front}}}]}]}""")
    )
    assert c.ingress(Y, pod("web/other", {"app": "other"})).value == "allowed"


def test_the_union_lets_an_exception_of_one_policy_through_another() -> None:
    """policies.md 10, row 'Exception'."""
    c = cluster(
        policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.1.0/24]}}]}]}", "p1"),
        policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}}]}]}", "p2"),
    )
    assert c.ingress(Y, "10.0.1.5").value == "allowed"


def test_a_namespace_selector_does_not_mean_clients_outside() -> None:
    """policies.md 10, row 'Clients outside'."""
    assert (
        cluster(policy("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"))
        .ingress(Y, "203.0.113.7")
        .value
        == "denied"
    )


FRONT = """{podSelector: {}, ingress: [{ports: [{port: 1}]}, {from: [{namespaceSelector: {matchLabels:
    {kubernetes.io/metadata.name: web}}, podSelector: {matchLabels: {app: front}}}], ports: [{port: 8080}]}]}"""


def test_text_of_an_allowing_rule_names_policy_rule_peer_and_port() -> None:
    """policies.md 9, row 'Allowed by rule'."""
    found = cluster(policy(FRONT, "allow-web")).ingress(Y, pod("web/f", {"app": "front"}), 8080)
    assert found.text() == (
        "Allowed: policy a/allow-web, ingress rule 2, peer 1 (namespace web AND app=front), port 8080/TCP."
    )
    assert found.field == "spec.ingress[1].from[0]"


def test_text_of_a_denial_names_isolating_policies_and_the_closest_rule() -> None:
    """policies.md 9, row 'Denied by isolation'."""
    db = policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]}", "allow-db")
    found = cluster(db, policy("podSelector: {}", "default-deny")).ingress(Y, X, 8080)
    assert found.text() == (
        "Denied: a/y is isolated for ingress by a/allow-db and a/default-deny; no rule matches. "
        "Closest: a/allow-db rule 1 (peer matches, port 5432/TCP expected, got 8080/TCP)."
    )
    assert [(note.policy_text, note.failed) for note in found.notes] == [
        ("a/allow-db", "port"),
        ("a/default-deny", "no-rules"),
    ]


def test_evidence_carries_file_and_line_of_rule_and_peer() -> None:
    c = cluster(policy(FRONT, "allow-web"))
    lines = FrozenMap({"spec.ingress[0]": 9, "spec.ingress[1]": 11, "spec.ingress[1].from[0]": 12})
    origin = Provenance(file="net.yaml", line=3, fieldLines=lines)
    project = replace(c.project, provenance=FrozenMap({"NetworkPolicy:a/allow-web": origin}))
    policies = compile_policies(project, c.control, CALICO)
    found = policies.check("ingress", Y, Peer.of_pod(pod("web/f", {"app": "front"})), "TCP", 8080)
    assert found.matched is not None
    assert (found.matched.file, found.matched.line) == ("net.yaml", 12)
    assert [note.line for note in found.notes] == [9, 12]
