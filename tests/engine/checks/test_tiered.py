"""Rows NP-18 to NP-20 of `domain/pitfalls.md`; tiers as in `domain/policies.md` and `cluster-network-policy.md`."""

from typing import Any

import pytest

from designer.model import ForeignObject
from tests.engine.checks.clusters import deployment, node, only, policy, service, told
from tests.engine.policy.foreign import CNP, foreign

CALICO = {"cni": {"plugin": "calico", "backend": "vxlan"}}
API = deployment("api")
V3 = "projectcalico.org/v3"


def admin(name: str, action: str, priority: int = 10, subject: dict[str, str] | None = None) -> ForeignObject:
    spec = {
        "tier": "Admin",
        "priority": priority,
        "subject": {"namespaces": {"matchLabels": subject or {}}},
        "ingress": [{"action": action, "from": [{"namespaces": {}}]}],
    }
    return foreign(CNP, "ClusterNetworkPolicy", name, spec)


def test_np_19_two_policies_of_one_priority_that_contradict() -> None:
    found = only("NP-19", API, kept=(admin("a", "Accept"), admin("b", "Deny")), **CALICO)
    assert found.object.endswith("ClusterNetworkPolicy:b") and found.field == "spec.ingress"
    assert found.title.startswith("ClusterNetworkPolicy a (Admin, priority 10) and ClusterNetworkPolicy b")


@pytest.mark.parametrize(
    "kept",
    [
        (admin("a", "Accept"), admin("b", "Deny", 11)),
        (admin("a", "Deny"), admin("b", "Deny")),
        (admin("a", "Accept"), admin("b", "Deny", subject={"kubernetes.io/metadata.name": "elsewhere"})),
    ],
)
def test_np_19_is_not_told_of_an_order_an_agreement_or_other_pods(kept: tuple[ForeignObject, ...]) -> None:
    assert told("NP-19", API, kept=kept, **CALICO) == []


@pytest.mark.parametrize(("others", "number"), [("Deny", 0), ("Allow", 1)])
def test_np_19_counts_what_decides_and_a_log_does_not(others: str, number: int) -> None:
    """Calico: Log only writes a line, and the next rule is asked; two kinds of one order have no order."""
    spec = {"order": 5, "selector": "app == 'api'", "types": ["Ingress"]}
    logged = {**spec, "ingress": [{"action": "Log"}, {"action": "Deny"}]}
    kept = (
        foreign(V3, "GlobalNetworkPolicy", "a", logged),
        foreign(V3, "NetworkPolicy", "b", {**spec, "ingress": [{"action": others}]}, "shop"),
    )
    assert len(told("NP-19", API, kept=kept, **CALICO)) == number


def test_np_20_is_nothing_of_cilium() -> None:
    """Its rules and NetworkPolicies are one union ("Policy Enforcement Modes"), and no rule has the action Pass."""
    spec = {"endpointSelector": {"matchLabels": {"app": "api"}}, "ingress": [{"fromEndpoints": [{}]}]}
    kept = (foreign("cilium.io/v2", "CiliumNetworkPolicy", "p", spec, "shop"),)
    for more in ({}, {"policyEnforcement": "always"}):
        assert told("NP-20", API, kept=kept, cni={"plugin": "cilium", "backend": "vxlan", **more}) == []


def in_tier(rules: list[dict[str, Any]], tier: str = "security", **tier_spec: Any) -> tuple[ForeignObject, ...]:
    spec = {"tier": tier, "selector": "app == 'api'", "types": ["Ingress"], "ingress": rules}
    return (
        foreign(V3, "Tier", "security", {"order": 100, **tier_spec}),
        foreign(V3, "GlobalNetworkPolicy", "guard", spec),
    )


FROM_WEB = {"action": "Allow", "source": {"selector": "app == 'web'"}}


def test_np_20_a_tier_that_denies_what_its_rules_do_not_match() -> None:
    found = only("NP-20", API, kept=in_tier([FROM_WEB]), **CALICO)
    assert "what no rule of tier security matches is denied for 2 Pods" in found.title
    assert found.field == "spec.ingress"


@pytest.mark.parametrize(
    "kept",
    [
        in_tier([FROM_WEB, {"action": "Pass"}]),
        in_tier([FROM_WEB, {"action": "Deny"}]),
        in_tier([FROM_WEB], defaultAction="Pass"),
        in_tier([FROM_WEB], tier="default"),
    ],
)
def test_np_20_is_not_told_where_the_end_is_said_or_passes_on(kept: tuple[ForeignObject, ...]) -> None:
    assert told("NP-20", API, kept=kept, **CALICO) == []


@pytest.mark.parametrize("asked", [{"destination": {"selector": "zone == 'x'"}}, {"ipVersion": 6}])
def test_np_20_a_last_rule_that_asks_for_something_says_nothing_of_the_rest(asked: dict[str, Any]) -> None:
    """For ingress `destination` is the policy's own Pod; to others, or by IPv4, the tier's end denies."""
    assert len(told("NP-20", API, kept=in_tier([FROM_WEB, {"action": "Pass", **asked}]), **CALICO)) == 1


HOOK = foreign(
    "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "gate", None,
    webhooks=[{"name": "g", "clientConfig": {"service": {"namespace": "shop", "name": "api", "port": 443}}}],
)  # fmt: skip
EXTENSION = foreign(
    "apiregistration.k8s.io/v1", "APIService", "v1.metrics", {"service": {"namespace": "shop", "name": "api"}}
)
CONVERSION = foreign(
    "apiextensions.k8s.io/v1", "CustomResourceDefinition", "things",
    {"conversion": {"webhook": {"clientConfig": {"service": {"namespace": "shop", "name": "api"}}}}},
)  # fmt: skip
SECURE = service("api", ports=[{"port": 443, "targetPort": 8080}])
CLOSED = policy("podSelector: {matchLabels: {app: api}}\ningress: [{from: [{podSelector: {}}]}]")
LET_IN = "podSelector: {matchLabels: {app: api}}\ningress: [{from: [{ipBlock: {cidr: %s}}]}]"
TAINT = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}


PLANE = node("n0", "192.168.10.5", {"node-role.kubernetes.io/control-plane": ""}, spec={"taints": [TAINT]})
NODES = (node("n1", "192.168.10.11"), PLANE)
BGP = {"cni": {"plugin": "calico", "backend": "bgp"}, "kubeProxy": {"mode": "iptables"}}


@pytest.mark.parametrize("caller", [HOOK, EXTENSION, CONVERSION])
def test_np_18_pods_that_do_not_let_the_api_server_in(caller: ForeignObject) -> None:
    found = only("NP-18", API, SECURE, CLOSED, kept=(caller,), nodes=NODES, **BGP)
    assert found.object == "NetworkPolicy:shop/p" and found.field == "spec.ingress"
    assert "the API server on n0 is not let in to Service shop/api" in found.title
    assert told("NP-18", API, SECURE, kept=(caller,), nodes=NODES, **BGP) == []


def test_np_18_goes_by_the_address_with_which_the_control_plane_arrives() -> None:
    """Without a tunnel that is the Node's own; with one it is the tunnel device's (`domain/cni.md`, Node to Pod)."""
    own, workers = (policy(LET_IN % cidr) for cidr in ("192.168.10.5/32", "192.168.10.11/32"))
    assert told("NP-18", API, SECURE, own, kept=(HOOK,), nodes=NODES, **BGP) == []
    assert len(told("NP-18", API, SECURE, workers, kept=(HOOK,), nodes=NODES, **BGP)) == 1
    assert len(told("NP-18", API, SECURE, own, kept=(HOOK,), nodes=NODES, **CALICO)) == 1


def test_np_18_is_not_told_where_nothing_is_enforced_or_no_control_plane_is_known() -> None:
    flannel = {"cni": {"plugin": "flannel", "backend": "vxlan"}}
    assert told("NP-18", API, SECURE, CLOSED, kept=(HOOK,), nodes=NODES, **flannel) == []
    assert told("NP-18", API, SECURE, CLOSED, kept=(HOOK,), **BGP) == []
