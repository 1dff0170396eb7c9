"""Calico's staged kinds as a person sees them: whom they would select, which way, and what cannot be told of them.

Authority: Calico's API (StagedKubernetesNetworkPolicy holds a NetworkPolicy's spec and a ``stagedAction``: Set, Delete,
Learn, Ignore); Kubernetes API, NetworkPolicySpec: a policy selects Pods of its own namespace, isolates Ingress where
``policyTypes`` is not given, and Egress besides only where it has a rule of egress.
"""

from __future__ import annotations

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.manifests import read_texts
from designer.present.kept_policies import kept_policies, tier_pods
from tests.edits.test_staging import PODS, calico

ELSEWHERE = "---\n" + PODS.replace("namespace: shop", "namespace: bank")
SHOP, NOWHERE = "namespace: shop, ", ""


def state_of(kind: str, spec: str, namespace: str = SHOP) -> ClusterState:
    return compile_project(read_texts([("a.yaml", PODS + ELSEWHERE + calico(kind, spec, namespace))]).project)


def said(state: ClusterState) -> tuple[str, str]:
    """Severity and reason of the one finding that says it is staged."""
    (problem,) = [one for one in state.problems if one.code == "NP-94"]
    return problem.severity, problem.why


@pytest.mark.parametrize(
    ("spec", "ways"),
    [
        ("{podSelector: {matchLabels: {app: db}}}", ("ingress",)),
        ("{podSelector: {matchLabels: {app: db}}, egress: [{}]}", ("egress", "ingress")),
        ("{podSelector: {matchLabels: {app: db}}, egress: []}", ("ingress",)),
        ("{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]}", ("egress",)),
    ],
)
def test_a_staged_networkpolicy_shows_whom_it_would_isolate_and_which_way(spec: str, ways: tuple[str, ...]) -> None:
    state = state_of("StagedKubernetesNetworkPolicy", spec)
    (policy,) = kept_policies(state)
    assert (policy.standing, policy.directions, policy.why) == ("staged", ways, "")
    assert [pod.id for pod in tier_pods(state, policy.id)] == ["Pod:shop/db"], "those of its own namespace alone"
    assert said(state)[0] == "info"


def test_one_without_namespace_would_select_in_default() -> None:
    state = state_of("StagedKubernetesNetworkPolicy", "{podSelector: {}}", NOWHERE)
    (policy,) = kept_policies(state)
    assert policy.namespace == "default" and policy.directions == ("ingress",) and not tier_pods(state, policy.id)


def test_why_a_staged_networkpolicy_would_be_refused_is_said_once() -> None:
    state = state_of("StagedKubernetesNetworkPolicy", "{podSelector: {}, policyTypes: [Inward]}")
    severity, why = said(state)
    assert severity == "warning"
    assert 'the API server refuses it: spec.policyTypes[0] "Inward" is no policy type' in why


@pytest.mark.parametrize("kind", ["StagedKubernetesNetworkPolicy", "StagedNetworkPolicy"])
@pytest.mark.parametrize(
    ("action", "severity", "word"), [("Set", "warning", ""), ("Delete", "info", "deletes"), ("Learn", "info", "Learn"),
                                     ("Ignore", "info", "Ignore")],
)  # fmt: skip
def test_what_cannot_be_read_matters_only_where_it_would_take_effect(
    kind: str, action: str, severity: str, word: str
) -> None:
    """Delete takes away the policy of its name, Learn and Ignore do nothing: whatever else stands in the spec."""
    state = state_of(
        kind, f"{{stagedAction: {action}, podSelector: {{}}, selector: '(((', policyTypes: [X], types: 5}}"
    )
    (policy,) = kept_policies(state)
    assert said(state)[0] == severity and ("cannot be told" in said(state)[1]) is (severity == "warning")
    assert not policy.parts and word in policy.why


@pytest.mark.parametrize("action", ["Delete", "Learn", "Ignore"])
def test_an_action_that_brings_nothing_into_force_selects_nobody(action: str) -> None:
    state = state_of("StagedKubernetesNetworkPolicy", f"{{stagedAction: {action}, podSelector: {{}}}}")
    (policy,) = kept_policies(state)
    assert not policy.parts and not policy.directions and not tier_pods(state, policy.id)
    assert action in policy.why or (action == "Delete" and "deletes the policy of its name" in policy.why)


def test_pods_of_the_nodes_network_are_selected_by_none_beside_others_like_them() -> None:
    """`domain/policies.md` section 2: a Pod with hostNetwork is no subject of policies."""
    db = PODS.split("---\n")[1]
    hosts = [db.replace("name: db", f"name: {n}").replace("spec: {", "spec: {hostNetwork: true, ") for n in ("a", "z")]
    text = "---\n".join([PODS, *hosts, calico("StagedKubernetesNetworkPolicy", "{podSelector: {}}")[4:]])
    state = compile_project(read_texts([("a.yaml", text)]).project)
    (policy,) = kept_policies(state)
    assert sorted(pod.id for pod in tier_pods(state, policy.id)) == ["Pod:shop/db", "Pod:shop/web"]
