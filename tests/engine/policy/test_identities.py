"""NetworkPolicies where the engine goes by identities: cilium pull request 28003 and gardener 9790 (labels that are in
no identity), cilium issue 46949 with pull request 46996 (selectors that only exclude), cilium issues 24779 and 30003
with pull requests 44429 and 45601 (port names of egress rules)."""

from typing import Any

import pytest
import yaml

from designer.engine.controlplane.enforcement import CALICO, CILIUM, Enforcement
from designer.engine.policy.matchers import Peer
from designer.engine.policy.matrix import connectivity
from designer.model import NetworkPolicy
from tests.engine.policy.cluster import Cluster, cluster, pod, policy, ports

INDEX = "apps.kubernetes.io/pod-index"
DB = pod("a/db", {"app": "db", INDEX: "0"}, "10.1.0.1", "n1")
WEB = pod("a/web", {"app": "web", INDEX: "1"}, "10.1.0.2", "n2")
FAR = pod("b/web", {"app": "web"}, "10.1.0.3", "n3")
HOST = pod("b/host", {}, "192.0.2.3", "n3", {"hostNetwork": True})
PODS = (DB, WEB, FAR, HOST)
OUTSIDE = "203.0.113.9"


def world(*policies: NetworkPolicy, engine: Enforcement = CILIUM) -> Cluster:
    return cluster(*policies, pods=PODS, namespaces={"a": {"team": "x"}, "b": {"team": "y"}}, enforcement=engine)


def told(c: Cluster, *ends: Any) -> list[str]:
    """What each end may do to the database, by check; the matrix must say the same of Pods."""
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers}
    values: list[str] = []
    for end in ends:
        found = c.ingress(DB, end).value
        values.append(found)
        if hasattr(end, "spec"):
            sure = ("TCP", 80) in matrix.ports(by_id[end.id], by_id[DB.id])
            unsure = ("TCP", 80) in matrix.undecided(by_id[end.id], by_id[DB.id])
            assert (sure, unsure) == (found == "allowed", found == "cannot-tell"), end.id
    return values


BY_SUBJECT = {"podSelector": {"matchLabels": {INDEX: "0", "app": "db"}}, "ingress": [{}]}
BY_PEER = {"podSelector": {"matchLabels": {"app": "db"}},
           "ingress": [{"from": [{"podSelector": {"matchLabels": {INDEX: "1"}}}]}]}  # fmt: skip


@pytest.mark.parametrize("spec", [BY_SUBJECT, BY_PEER])
def test_a_label_that_is_in_no_identity_leaves_those_open_whom_the_policy_may_select(spec: dict[str, Any]) -> None:
    one = policy(yaml.safe_dump(spec))
    c = world(one)
    assert told(c, WEB, FAR, OUTSIDE) == ["cannot-tell"] * 3
    assert "NetworkPolicy a/p" in c.ingress(DB, WEB).reason and INDEX in c.ingress(DB, WEB).reason
    assert [(p.code, p.object) for p in c.policies.problems] == [("NP-92", one.id)]
    assert c.ingress(WEB, FAR).value == "allowed", "the rest of its selector does not mean the web"
    assert c.ingress(FAR, WEB).value == "allowed", "another namespace"
    assert c.egress(DB, WEB).value == "allowed", "it speaks of ingress only"
    assert "cannot-tell" not in told(world(one, engine=CALICO), WEB, FAR, OUTSIDE)


def test_a_peer_of_egress_by_such_a_label_and_its_matrix() -> None:
    to = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"],
          "egress": [{"to": [{"podSelector": {"matchLabels": {INDEX: "0"}}}]}]}  # fmt: skip
    c = world(policy(yaml.safe_dump(to)))
    assert [c.egress(WEB, DB).value, c.egress(DB, WEB).value, c.ingress(WEB, DB).value] == [
        "cannot-tell", "allowed", "allowed",
    ]  # fmt: skip
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers}
    asked = {(a.id, b.id): bool(matrix.undecided(by_id[a.id], by_id[b.id])) for a, b in ((WEB, FAR), (DB, FAR))}
    assert asked == {(WEB.id, FAR.id): True, (DB.id, FAR.id): False}


def test_own_labels_are_in_identities() -> None:
    own = policy("{podSelector: {matchLabels: {app.kubernetes.io/name: db}}, ingress: []}")
    c = world(own)
    assert not c.policies.problems and told(c, WEB) == ["allowed"]


NOT_Y = "{matchExpressions: [{key: team, operator: NotIn, values: [y]}]}"


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        (f"namespaceSelector: {NOT_Y}", ["allowed", "denied", "cannot-tell", "cannot-tell", "cannot-tell"]),
        ("namespaceSelector: {matchExpressions: [{key: old, operator: DoesNotExist}]}",
         ["allowed", "allowed", "cannot-tell", "cannot-tell", "cannot-tell"]),
        (f"namespaceSelector: {NOT_Y}, podSelector: {{matchLabels: {{app: web}}}}",
         ["allowed", "denied", "denied", "denied", "denied"]),
        ("namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}",
         ["allowed", "allowed", "denied", "denied", "denied"]),
        ("namespaceSelector: {}", ["allowed", "allowed", "denied", "denied", "denied"]),
        ("podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}]}",
         ["allowed", "denied", "denied", "denied", "denied"]),
    ],
)  # fmt: skip
def test_a_namespace_selector_that_only_excludes_may_mean_what_is_no_pod(peer: str, expected: list[str]) -> None:
    one = policy(f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{{{peer}}}]}}]}}")
    ends = (WEB, FAR, HOST, Peer.of_node("n3", "192.0.2.3"), OUTSIDE)
    assert told(world(one), *ends) == expected
    c = world(one)
    matrix = connectivity(c.project, c.control, c.policies)
    (target,) = (peer for peer in matrix.peers if peer.id == DB.id)
    outside = {bool(matrix.undecided(peer, target)) for peer in matrix.peers if peer.is_range}
    assert outside == {expected[-1] == "cannot-tell"}
    plain = ["denied" if value == "cannot-tell" else value for value in expected]
    assert told(world(one, engine=CALICO), *ends) == plain


BY_NAME = "{podSelector: {matchLabels: {role: logging}}, policyTypes: [Egress], egress: [{ports: [{port: http-test}]}]}"
LOGGING = pod("a/logging", {"role": "logging"}, "10.1.0.9", "n1")
ONE = pod("a/one", {"app": "one"}, "10.1.0.10", "n2", ports(("http-test", 8000, "TCP")))
NAMELESS = pod("b/nameless", {}, "10.1.0.12", "n2")
SHARED = pod("b/shared", {}, "192.0.2.2", "n2", {"hostNetwork": True, **ports(("http-test", 8080, "TCP"))})


@pytest.mark.parametrize(
    ("other", "engine", "expected"),
    [
        # The example of the issues: two numbers of one name. Older versions pass over the rule, newer ones take it.
        (8080, CILIUM, {"one": "?-", "two": "-?", "nameless": "--", "shared": "--", OUTSIDE: "--"}),
        # One number in the whole cluster: older versions let it pass to whoever a rule means, with the name or without.
        (8000, CILIUM, {"one": "+-", "two": "+-", "nameless": "?-", "shared": "?-", OUTSIDE: "?-"}),
        # The API text: the name is that of the destination's own containers.
        (8080, CALICO, {"one": "+-", "two": "-+", "nameless": "--", "shared": "--", OUTSIDE: "--"}),
    ],
)  # fmt: skip
def test_port_names_of_egress_are_sure_only_where_the_cluster_has_one_number_for_them(
    other: int, engine: Enforcement, expected: dict[str, str]
) -> None:
    """Each end at 8000 and at 8080: open (+), closed (-) or not told (?), by the check and by the matrix."""
    two = pod("b/two", {"app": "two"}, "10.1.0.11", "n3", ports(("http-test", other, "TCP")))
    old = pod("b/old", {}, "10.1.0.13", "n3", ports(("http-test", 7000, "TCP")), "Succeeded")
    c = cluster(policy(BY_NAME), pods=(LOGGING, ONE, two, NAMELESS, SHARED, old), enforcement=engine)
    matrix = connectivity(c.project, c.control, c.policies)
    by_name = {peer.id.rpartition("/")[2]: peer for peer in matrix.peers if peer.id}
    outside = next(peer for peer in matrix.peers if peer.is_range)
    found: dict[str, str] = {}
    for end in (ONE, two, NAMELESS, SHARED, OUTSIDE):
        name = end if isinstance(end, str) else end.name
        pair = by_name["logging"], by_name.get(name, outside)
        said = ""
        for port in (8000, 8080):
            value = c.egress(LOGGING, end, port).value
            assert (("TCP", port) in matrix.ports(*pair)) is (value == "allowed")
            assert (("TCP", port) in matrix.undecided(*pair)) is (value == "cannot-tell")
            said += {"allowed": "+", "denied": "-", "cannot-tell": "?"}[value]
        found[name] = said
    assert found == expected
    noted = [note for note in matrix.notes if "a/p: Cilium looks port names" in note]
    assert len(noted) == (1 if engine is CILIUM else 0)


@pytest.mark.parametrize(
    "selector",
    [
        # Where the index is left out of the identity, the Pod has no such label; where not, it has.
        {"matchLabels": {"app": "db"}, "matchExpressions": [{"key": INDEX, "operator": "DoesNotExist"}]},
        {"matchLabels": {"app": "db"}, "matchExpressions": [{"key": INDEX, "operator": "NotIn", "values": ["0"]}]},
        # Cilium's guide on policies of a Cluster Mesh: the agent gives every identity this label, no Pod carries it.
        {"matchLabels": {"app": "db", "io.cilium.k8s.policy.cluster": "default"}},
    ],
)
def test_whom_a_policy_may_select_is_told_by_the_rest_of_its_selector(selector: dict[str, Any]) -> None:
    c = world(policy(yaml.safe_dump({"podSelector": selector, "ingress": []})))
    assert told(c, WEB, FAR, OUTSIDE) == ["cannot-tell"] * 3
    assert c.ingress(WEB, FAR).value == "allowed", "app: db does not mean the web"


def test_a_policy_of_ingress_isolates_nobody_for_egress_beside_one_with_port_names() -> None:
    """policies.md 1: a Pod is isolated for egress by policies that speak of egress."""
    into = policy("{podSelector: {matchLabels: {app: one}}, ingress: []}", "into")
    c = cluster(policy(BY_NAME), into, pods=(LOGGING, ONE, NAMELESS), enforcement=CILIUM)
    assert c.egress(ONE, NAMELESS).value == "allowed"
    assert c.ingress(ONE, NAMELESS).value == "denied"
