"""Explanations where tiers decide: the deciding policy is named, and what is allowed is what the matrix has."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from designer.engine.controlplane.enforcement import CILIUM
from designer.engine.controlplane.state import PodState
from designer.engine.policy.ports import ALL_PORTS, NO_PORTS, PortSet
from designer.engine.reach import Reach, explanations
from tests.engine.policy import test_admin_specification as admin
from tests.engine.policy import test_calico_specification as calico
from tests.engine.policy.cluster import Cluster, cluster, pod, policy
from tests.engine.policy.foreign import CNP, foreign, tiered
from tests.engine.policy.test_against_specification import namespaces, pods, policies
from tests.engine.reach.test_explain import lines_of, whole


def opened_by(answer: Reach) -> dict[tuple[str, str], PortSet]:
    """What the explanations call allowed; each port of each pair has one explanation."""
    seen: dict[tuple[str, str], PortSet] = {}
    opened: dict[tuple[str, str], PortSet] = {}
    for one in explanations(answer):
        pair = (one.src, one.dst)
        assert not seen.get(pair, NO_PORTS) & one.ports
        seen[pair] = seen.get(pair, NO_PORTS) | one.ports
        if one.allowed:
            opened[pair] = opened.get(pair, NO_PORTS) | one.ports
    assert all(ports == ALL_PORTS for ports in seen.values())
    return opened


def holds(c: Cluster) -> None:
    answer = whole(c)
    assert opened_by(answer) == lines_of(answer)


@settings(max_examples=60, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(admin.admin, policies, pods, namespaces)
def test_admin_tiers(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    holds(admin.build(found, plain, people, spaces)[0])


@settings(max_examples=60, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(calico.calico, policies, pods, namespaces)
def test_calico_tiers(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    holds(calico.build(found, plain, people, spaces)[0])


def test_the_deciding_policy_is_named_alone() -> None:
    """cluster-network-policy.md: an Admin rule that denies is final, NetworkPolicies are not asked."""
    a, b = pod("a/x", {"app": "x"}, "10.0.0.1"), pod("a/y", {"app": "y"}, "10.0.0.2")
    deny = {
        "tier": "Admin",
        "priority": 10,
        "subject": {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "y"}}}},
        "ingress": [
            {
                "action": "Deny",
                "from": [{"namespaces": {}}],
                "protocols": [{"tcp": {"destinationPort": {"number": 80}}}],
            }
        ],
    }
    allow = policy("{podSelector: {}, ingress: [{}]}", "open")
    c = tiered(foreign(CNP, "ClusterNetworkPolicy", "no-80", deny), pods=(a, b), policies=[allow])
    found = [one for one in explanations(whole(c)) if (one.src, one.dst) == ("a/x[Pod]", "a/y[Pod]")]
    assert [(one.allowed, one.ports.text(), one.ingress.verdict, one.ingress.policies) for one in found] == [
        (True, "TCP 1-79, TCP 81-65535, UDP all, SCTP all", "allow", ("NetworkPolicy a/open",)),
        (False, "TCP 80", "deny", ("ClusterNetworkPolicy no-80",)),
    ]


def test_who_passes_it_on_stands_before_who_decides_and_nobody_else_does() -> None:
    """cluster-network-policy.md, evaluation: Pass leaves it to NetworkPolicies; a policy of a tier none of whose rules
    matches changes nothing, so it is no reason why the NetworkPolicy denies."""
    x, y, z = (pod(f"a/{name}", {"app": name}, f"10.0.0.{n}") for n, name in enumerate(("x", "y", "z"), start=1))
    leave = {
        "tier": "Admin",
        "priority": 10,
        "subject": {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "y"}}}},
        "ingress": [
            {
                "action": "Pass",
                "from": [{"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "x"}}}}],
            }
        ],
    }
    allow = policy(
        "{podSelector: {matchLabels: {app: y}}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}", "own"
    )
    c = tiered(foreign(CNP, "ClusterNetworkPolicy", "leave", leave), pods=(x, y, z), policies=[allow])
    found = {one.src: one.ingress for one in explanations(whole(c)) if one.dst == "a/y[Pod]"}
    assert (found["a/x[Pod]"].verdict, found["a/x[Pod]"].named) == (
        "allow",
        ("ClusterNetworkPolicy leave", "NetworkPolicy a/own"),
    )
    assert (found["a/z[Pod]"].verdict, found["a/z[Pod]"].named) == ("deny", ("NetworkPolicy a/own",))


def test_who_passes_it_on_is_named_beside_a_rule_that_denies() -> None:
    """cluster-network-policy.md, evaluation: Pass of Admin leaves it to NetworkPolicies, then to Baseline."""
    x, y = pod("a/x", {"app": "x"}, "10.0.0.1"), pod("a/y", {"app": "y"}, "10.0.0.2")
    both = [
        foreign(CNP, "ClusterNetworkPolicy", name, {
            "tier": tier, "priority": 10, "subject": {"namespaces": {}},
            "ingress": [{"action": action, "from": [{"namespaces": {}}]}],
        })
        for name, tier, action in (("leave", "Admin", "Pass"), ("last", "Baseline", "Deny"))
    ]  # fmt: skip
    found = explanations(whole(tiered(*both, pods=(x, y))))
    (why,) = [one for one in found if (one.src, one.dst) == ("a/x[Pod]", "a/y[Pod]")]
    said = why.ingress
    assert (why.allowed, said.verdict) == (False, "deny")
    assert (said.passed, said.policies) == (("ClusterNetworkPolicy leave",), ("ClusterNetworkPolicy last",))


def test_an_end_that_allows_one_family_and_is_silent_of_the_other_allows() -> None:
    """cluster-network-policy.md: a network of IPv4 matches Pods over IPv4 alone; over IPv6 no policy has a say."""
    x, y = (replace(pod(f"a/{name}"), ips=(f"10.1.0.{n}", f"fd00:1::{n}")) for n, name in enumerate("xy", 1))
    spec = {
        "tier": "Admin", "priority": 10, "subject": {"namespaces": {}},
        "egress": [{"action": "Accept", "to": [{"networks": ["10.1.0.0/16"]}]}],
    }  # fmt: skip
    found = explanations(whole(tiered(foreign(CNP, "ClusterNetworkPolicy", "four", spec), pods=(x, y))))
    (why,) = [one for one in found if (one.src, one.dst) == ("a/x[Pod]", "a/y[Pod]")]
    assert (why.allowed, why.egress.verdict, why.egress.policies) == (True, "allow", ("ClusterNetworkPolicy four",))


def test_a_tier_that_denies_at_its_end_names_its_policies_alone() -> None:
    """policies.md 6, row 'End of a tier': no rule of the tier's policies matched; those of tiers before have no say."""
    x, y = pod("a/x", {"app": "x"}, "10.0.0.1"), pod("a/y", {"app": "y"}, "10.0.0.2")
    before = {
        "tier": "Admin",
        "priority": 10,
        "subject": {"namespaces": {}},
        "ingress": [{"action": "Accept", "from": [{"namespaces": {"matchLabels": {"team": "none"}}}]}],
    }
    closed = {
        "selector": "app == 'y'",
        "types": ["Ingress"],
        "ingress": [{"action": "Allow", "source": {"nets": ["9.9.9.9/32"]}}],
    }
    c = tiered(
        foreign(CNP, "ClusterNetworkPolicy", "before", before),
        foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "closed", closed),
        pods=(x, y),
    )
    (why,) = [one for one in explanations(whole(c)) if (one.src, one.dst) == ("a/x[Pod]", "a/y[Pod]")]
    assert (why.ingress.verdict, why.ingress.named) == ("deny", ("GlobalNetworkPolicy closed",))


def test_one_end_that_denies_is_enough_whatever_the_other_cannot_tell_and_what_cannot_be_told_comes_last() -> None:
    """policies.md 1: two independent checks, both must allow. The sender's rule looks at requests on TCP 80 and 81, and
    closes all other ports but 443; the receiver lets in TCP 80 and 443."""
    x, y = pod("a/x", {"app": "x"}, "10.0.0.1"), pod("a/y", {"app": "y"}, "10.0.0.2")
    to = {"selector": "app == 'x'", "types": ["Egress"], "egress": [
        {"action": "Allow", "protocol": "TCP", "http": {"methods": ["GET"]}, "destination": {"ports": ["80:81"]}},
        {"action": "Allow", "protocol": "TCP", "destination": {"ports": [443]}},
    ]}  # fmt: skip
    into = policy("{podSelector: {matchLabels: {app: y}}, ingress: [{ports: [{port: 80}, {port: 443}]}]}")
    c = tiered(foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "out", to), pods=(x, y), policies=[into])
    found = [one for one in explanations(whole(c)) if (one.src, one.dst) == ("a/x[Pod]", "a/y[Pod]")]
    assert [one.allowed for one in found] == [True, False, False, None]
    said = {one.ports.text(): (one.allowed, one.egress.verdict, one.ingress.verdict) for one in found}
    assert said.pop("TCP 443") == (True, "allow", "allow")
    assert said.pop("TCP 81") == (False, "cannot-tell", "deny")
    assert said.pop("TCP 80") == (None, "cannot-tell", "allow")
    assert list(said.values()) == [(False, "deny", "deny")]


def spread(host: bool) -> tuple[PodState, ...]:
    """The Pods of a workload on two Nodes, as agents in their Nodes' network or as ordinary Pods."""
    name = "agent" if host else "db"
    return tuple(
        pod(f"a/{name}-{n}", {"app": name}, f"192.168.10.{n}" if host else f"10.0.{n}.1", f"n{n}",
            {"hostNetwork": True} if host else None, owner=f"Deployment:a/{name}")
        for n in (1, 2)
    )  # fmt: skip


def test_agents_on_the_same_node_and_on_others_are_asked_apart() -> None:
    """policies.md 2: Calico looks at packets to a Pod's own Node, so that is open to doubt; another Node is outside."""
    closed = policy("{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]}")
    found = explanations(whole(cluster(closed, pods=(*spread(True), *spread(False)))))
    to_agents = [one for one in found if one.src.startswith("a/db") and one.dst.startswith("a/agent")]
    assert [(one.allowed, one.egress.verdict, one.ports) for one in to_agents] == [(None, "cannot-tell", ALL_PORTS)]


def test_what_only_other_nodes_are_allowed_is_allowed_to_the_workload() -> None:
    """Cilium's entity `remote-node` means every Node but the Pod's own."""
    spec = {"endpointSelector": {"matchLabels": {"app": "db"}}, "egress": [{"toEntities": ["remote-node"]}]}
    kept = foreign("cilium.io/v2", "CiliumNetworkPolicy", "out", spec, "a")
    c = tiered(kept, pods=(*spread(True), *spread(False)), enforcement=CILIUM)
    to_agents = [one for one in explanations(whole(c)) if one.src.startswith("a/db") and one.dst.startswith("a/agent")]
    assert [(one.allowed, one.egress.verdict, one.ports) for one in to_agents] == [(True, "allow", ALL_PORTS)]
