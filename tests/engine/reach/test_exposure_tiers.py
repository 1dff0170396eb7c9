"""Exposure where tiers decide: a slow reading of the specifications is asked about the same Pods outside the input."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from designer.engine.controlplane.enforcement import CALICO, CILIUM
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import PodMatch
from designer.engine.policy.matrix import connectivity
from designer.engine.policy.ports import PortSet
from designer.engine.policy.tiers import tier_policies
from designer.engine.reach import Exposure, Reach, exposures
from designer.model import LabelSelector
from tests.engine.policy import admin_specification, cilium_specification
from tests.engine.policy import test_admin_specification as admin
from tests.engine.policy import test_cilium_specification as cilium
from tests.engine.policy.cluster import Cluster, pod, policy, ports
from tests.engine.policy.foreign import CNP, foreign, tiered
from tests.engine.policy.specification import isolates, selected
from tests.engine.policy.test_against_specification import namespaces, pods, policies

ANYBODY = "any Pod of any namespace"
PROBES = (("TCP", 80), ("TCP", 81), ("TCP", 443), ("TCP", 8080), ("TCP", 500), ("UDP", 80), ("UDP", 53), ("SCTP", 9))
NAME = "kubernetes.io/metadata.name"
RANDOM = settings(max_examples=40, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)


def exposed(c: Cluster) -> list[Exposure]:
    matrix = connectivity(c.project, c.control, c.policies)
    return list(exposures(Reach(matrix, c.policies, (), matrix.notes)))


def least(selector: LabelSelector | None) -> dict[str, str]:
    """The labels that a selector asks for, and no more."""
    found = dict(selector.matchLabels) if selector else {}
    for one in selector.matchExpressions if selector else ():
        if one.operator in ("In", "Exists") and one.key not in found:
            found[one.key] = one.values[0] if one.values else ""
    return found


# A Pod outside the input: its namespace, its labels, and those of its namespace.
Outsider = tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


def outsider(match: PodMatch, spaces: dict[str, dict[str, str]]) -> Outsider | None:
    """The least Pod that a matcher means; None where there is none."""
    name = match.own_namespace
    had = dict(spaces.get(name, {}))
    if match.namespaces is not None:
        asked = least(match.namespaces)
        name = asked.pop(NAME, "elsewhere")
        had = {**spaces.get(name, {}), **asked}
        if not selected(match.namespaces, {**had, NAME: name}):
            return None
    labels = least(match.pods)
    if match.pods is not None and not selected(match.pods, labels):
        return None
    return name, tuple(sorted(labels.items())), tuple(sorted(had.items()))


def changed(selector: LabelSelector, index: int, **change: Any) -> LabelSelector:
    items = list(selector.matchExpressions)
    items[index] = items[index].replace(**change)
    return cast(LabelSelector, selector.replace(matchExpressions=tuple(items)))


def chosen(selector: LabelSelector | None, most: int) -> list[LabelSelector | None]:
    """A selector with every choice of up to so many values of each `In`."""
    found = [selector]
    for index, item in enumerate(selector.matchExpressions if selector else ()):
        if item.operator == "In":
            some = [values for n in range(1, most + 1) for values in combinations(item.values, n)]
            found = [changed(one, index, values=values) for one in found if one is not None for values in some]
    return found


def turned(selector: LabelSelector | None) -> list[LabelSelector]:
    """A selector once for each `NotIn` and `DoesNotExist`: with the Pods that only this leaves out."""
    other = {"NotIn": "In", "DoesNotExist": "Exists"}
    items = enumerate(selector.matchExpressions if selector else ())
    return [
        changed(selector, n, operator=other[one.operator]) for n, one in items if selector and one.operator in other
    ]


def parts(match: PodMatch, most: int) -> list[PodMatch]:
    return [
        replace(match, namespaces=a, pods=b) for a in chosen(match.namespaces, most) for b in chosen(match.pods, most)
    ]


def entries(matches: Iterable[PodMatch], spaces: dict[str, dict[str, str]]) -> dict[str, list[Outsider]]:
    """What an entry may be called → the Pods that it stands for, one for each value that it lists."""
    found: dict[str, list[Outsider]] = {}
    for match in matches:
        kinds = [match, *(replace(match, namespaces=one) for one in turned(match.namespaces)),
                 *(replace(match, pods=one) for one in turned(match.pods))]  # fmt: skip
        for part in (part for kind in kinds for part in parts(kind, 3)):
            pods_of = [pod for one in parts(part, 1) if (pod := outsider(one, spaces)) is not None]
            found.setdefault(part.text, []).extend(pods_of)
    return found


@RANDOM
@given(admin.admin, policies, pods, namespaces)
def test_network_policies_and_tiers_together(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    inward = [{key: value for key, value in one.items() if key != "egress"} for one in found]
    c, made, members = admin.build(inward, plain, people, spaces)
    by_text = {f"{one.namespace}/{one.name}[Pod]": one for one in members}
    for one in exposed(c):
        subject = by_text[one.workload]
        asked = {
            match.text: match
            for beside in tier_policies(c.policies.tiers)
            if c.policies.concerns(beside, subject)
            for rule in beside.rules(one.direction) or ()
            for match in rule.peers
            if isinstance(match, PodMatch)
        }
        rules = (r for p in c.policies.selecting(one.direction, subject) for r in p.rules(one.direction) or ())
        native = [match for rule in rules for match in rule.peers if isinstance(match, PodMatch)]
        asked |= {match.text: match for match in native}
        told = {peer.peer: peer.ports for peer in one.peers}
        assert one.protected is bool(
            [each for each in made if isolates(each, one.direction, subject)]
            or concerned(inward, one.direction, subject, spaces)
        )
        known = entries(asked.values(), spaces)
        assert set(told) - {ANYBODY} <= set(known), "an entry is what a rule means, or a part of it"
        cells: dict[Outsider, list[PortSet]] = {}
        for text, meant in known.items():
            for each in meant:
                cells.setdefault(each, []).extend([told[text]] if text in told else [])
        cells[("elsewhere", (), ())] = [told[ANYBODY]]
        for (name, labels, had), ports_of in cells.items():
            there, around = pod(f"{name}/outsider", dict(labels)), {**spaces, name: dict(had)}
            for protocol, number in PROBES:
                expected = admin_specification.allowed(
                    inward, made, around, one.direction, subject, there, protocol, number
                )
                for cell in ports_of or [told[ANYBODY]]:
                    assert ((protocol, number) in cell) is expected, (name, labels, had, protocol, number)


def concerned(found: list[dict[str, Any]], direction: str, subject: PodState, spaces: Any) -> bool:
    return any(spec.get(direction) and admin_specification.in_pods(spec["subject"], subject, spaces) for spec in found)


@RANDOM
@given(cilium.cilium, cilium.plain_policies, pods, namespaces)
def test_any_pod_under_cilium(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    c, made, members = cilium.build(found, plain, people, spaces)
    by_text = {f"{one.namespace}/{one.name}[Pod]": one for one in members}
    for one in exposed(c):
        opened = one.peers[0].ports
        for protocol, number in PROBES:
            expected = cilium_specification.allowed(
                found, made, spaces, one.direction, by_text[one.workload], pod("elsewhere/outsider"), protocol, number
            )
            assert ((protocol, number) in opened) is expected


DB = pod("a/db", {"app": "db"}, "10.0.0.1", spec=ports(("sql", 5432, "TCP")))


def ingress_of(c: Cluster, direction: str = "ingress") -> list[tuple[str, str, str]]:
    (one,) = [one for one in exposed(c) if one.workload == "a/db[Pod]" and one.direction == direction]
    assert one.protected
    return [(peer.peer, peer.ports.text(), peer.unsure.text()) for peer in one.peers]


def test_an_admin_denial_takes_from_some_what_is_open_to_all() -> None:
    """cluster-network-policy.md 0: a Deny is final for those it means; others are not touched by it."""
    deny = {
        "tier": "Admin",
        "priority": 1,
        "subject": {"namespaces": {}},
        "ingress": [{"action": "Deny", "from": [{"namespaces": {"matchLabels": {"team": "x"}}}]}],
    }
    c = tiered(foreign(CNP, "ClusterNetworkPolicy", "no-x", deny), pods=(DB,))
    assert ingress_of(c) == [
        (ANYBODY, "all connections", "none"),
        ("namespaces with team=x AND any Pod", "none", "none"),
    ]


@pytest.mark.parametrize(
    ("selector", "open_to"),
    [
        ("app == 'web' && has(env)", True),
        ("app in {'x', 'y'} || app starts with 'web'", True),
        ("app == 'x' && app == 'y'", False),
        ("projectcalico.org/namespace == 'ops'", True),
    ],
)
def test_a_pod_that_fulfils_an_expression_of_calico(selector: str, open_to: bool) -> None:
    spec = {
        "selector": "app == 'db'",
        "ingress": [
            {"action": "Allow", "protocol": "TCP", "source": {"selector": selector}, "destination": {"ports": [5432]}}
        ],
    }
    c = tiered(foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "g", spec), pods=(DB,), enforcement=CALICO)
    more = [(f"selector {selector}", "TCP 5432", "none")] if open_to else []
    assert ingress_of(c) == [(ANYBODY, "none", "none"), *more]


def test_what_cannot_be_told_is_no_exposure_and_no_protection() -> None:
    spec = {
        "endpointSelector": {"matchLabels": {"app": "db"}},
        "ingress": [
            {
                "fromEndpoints": [{}],
                "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{}]}}],
            }
        ],
    }
    c = tiered(foreign("cilium.io/v2", "CiliumNetworkPolicy", "l7", spec, "a"), pods=(DB,), enforcement=CILIUM)
    assert ingress_of(c) == [
        (ANYBODY, "none", "none"),
        ("endpoints of any label in namespace a", "none", "TCP 80"),
    ]


def test_port_names_of_calico_that_only_the_other_pod_knows() -> None:
    spec = {
        "selector": "all()",
        "types": ["Egress"],
        "egress": [
            {"action": "Deny", "protocol": "TCP", "destination": {"ports": ["admin"]}},
            {"action": "Allow", "protocol": "TCP", "destination": {"ports": ["1:1024", "http"]}},
            {"action": "Allow", "protocol": "UDP"},
        ],
    }
    c = tiered(foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "g", spec), pods=(DB,))
    (one,) = [one for one in exposed(c) if one.direction == "egress"]
    assert [(p.peer, p.ports.text(), p.names, p.closed) for p in one.peers] == [
        (ANYBODY, "TCP 1-1024, UDP all", ("http/TCP",), ())
    ]


def test_a_name_that_is_denied_among_open_ports_is_said() -> None:
    spec = {
        "selector": "all()",
        "types": ["Egress"],
        "egress": [
            {"action": "Deny", "protocol": "TCP", "destination": {"ports": ["admin"]}},
            {"action": "Allow"},
        ],
    }
    c = tiered(
        foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "g", spec),
        pods=(DB,),
        policies=[policy("podSelector: {}")],
    )
    (one,) = [one for one in exposed(c) if one.direction == "egress"]
    assert [(p.ports.text(), p.closed) for p in one.peers] == [("all connections", ("admin/TCP",))]


def test_the_number_that_stands_for_a_name_does_not_show() -> None:
    """Whether the first rule lets its ports pass cannot be told; that a port of the name passes can."""
    spec = {
        "selector": "all()",
        "types": ["Egress"],
        "egress": [
            {"action": "Allow", "protocol": "TCP", "http": {}, "destination": {"ports": ["1000:65535"]}},
            {"action": "Allow", "protocol": "TCP", "destination": {"ports": ["http"]}},
        ],
    }
    c = tiered(foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "g", spec), pods=(DB,))
    (one,) = [one for one in exposed(c) if one.direction == "egress"]
    assert [(p.ports.text(), p.names, p.unsure.text()) for p in one.peers] == [
        ("none", ("http/TCP",), "TCP 1000-65535")
    ]


def test_a_policy_that_cannot_be_evaluated_protects_and_opens_nothing_for_sure() -> None:
    spec = {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}},
            "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}]}  # fmt: skip
    later = foreign("policy.networking.k8s.io/v1alpha9", "ClusterNetworkPolicy", "p", spec)
    c = tiered(later, pods=(DB,))
    assert ingress_of(c) == [(ANYBODY, "none", "all connections")]
    (one,) = [one for one in exposed(c) if one.direction == "egress"]
    assert not one.protected, "it has no rule of egress"


def test_a_policy_that_may_select_the_pod_protects_it() -> None:
    """Whether the labels of the service account match is not in the input."""
    robot = pod("a/db", {"app": "db"}, "10.0.0.1", spec={"serviceAccountName": "robot"})
    spec = {"serviceAccountSelector": "team == 'x'", "ingress": [{"action": "Deny"}]}
    c = tiered(foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "g", spec), pods=(robot,))
    assert ingress_of(c) == [(ANYBODY, "none", "all connections")]


def test_a_service_account_by_name_is_one_to_try() -> None:
    spec = {
        "selector": "app == 'db'",
        "ingress": [{"action": "Allow", "source": {"serviceAccounts": {"names": ["ci"]}}}],
    }
    c = tiered(foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "g", spec), pods=(DB,))
    assert ingress_of(c) == [
        (ANYBODY, "none", "none"),
        ("serviceAccounts names ci", "all connections", "none"),
    ]


def test_a_name_that_one_pod_of_the_workload_may_call_is_open() -> None:
    """One Pod may call no port of the name although its number seems open, the other may: the name is not closed."""
    pods_of = tuple(pod(f"a/db-{n}", {"n": n}, f"10.0.0.{n}", owner="Deployment:a/db") for n in ("1", "2"))
    deny = {"action": "Deny", "protocol": "TCP", "destination": {"ports": ["admin"]}}
    kept = [
        foreign("projectcalico.org/v3", "GlobalNetworkPolicy", f"g{n}",
                {"selector": f"n == '{n}'", "types": ["Egress"], "egress": egress})
        for n, egress in (("1", [deny, {"action": "Allow"}]),
                          ("2", [{"action": "Allow", "protocol": "TCP", "destination": {"ports": ["admin"]}}]))
    ]  # fmt: skip
    c = tiered(*kept, pods=pods_of)
    matrix = connectivity(c.project, c.control, c.policies)
    workload = replace(matrix.peers[0], pods=pods_of)
    whole = Reach(replace(matrix, peers=(workload, *matrix.peers[1:])), c.policies, (), ())
    one = next(e for e in exposures(whole) if e.workload == workload.text and e.direction == "egress")
    assert (one.peers[0].names, one.peers[0].closed) == (("admin/TCP",), ())


def test_what_decides_about_the_outside_alone_protects_nobody_from_pods() -> None:
    """OVN-Kubernetes, EgressFirewall: rules for what leaves the cluster; its Pods among each other are not touched."""
    rules = {"egress": [{"type": "Deny", "to": {"cidrSelector": "0.0.0.0/0"}}]}
    c = tiered(foreign("k8s.ovn.org/v1", "EgressFirewall", "default", rules, "a"), pods=(DB,))
    for one in exposed(c):
        (anybody,) = one.peers
        assert not one.protected
        assert (anybody.peer, anybody.ports.text(), anybody.unsure.text()) == (ANYBODY, "all connections", "none")


def calico(pods: tuple[Any, ...], *rules: dict[str, Any], egress: bool = False, spaces: Any = None) -> Cluster:
    way = {"egress": rules, "types": ["Egress"]} if egress else {"ingress": rules}
    kept = foreign("projectcalico.org/v3", "GlobalNetworkPolicy", "g", {"selector": "app == 'db'", **way})
    return tiered(kept, pods=pods, namespaces=spaces)


def test_labels_of_namespaces_are_tried_and_those_of_known_ones_kept() -> None:
    """The namespace ops has env=prod: a Pod of it has what the second rule gives too."""
    allow = [
        {"action": "Allow", "protocol": "TCP", "source": {"namespaceSelector": one}, "destination": {"ports": [port]}}
        for one, port in (("projectcalico.org/name == 'ops'", 80), ("env == 'prod'", 81), ("team == 'x'", 82))
    ]
    found = ingress_of(calico((DB,), *allow, spaces={"a": {}, "ops": {"env": "prod"}}))
    assert [ports for _, ports, _ in found] == ["none", "TCP 80-81", "TCP 81", "TCP 82"]


def test_a_service_account_is_one_to_try_for_egress_too() -> None:
    rule = {"action": "Allow", "destination": {"serviceAccounts": {"names": ["ci"]}}}
    found = ingress_of(calico((DB,), rule, egress=True), "egress")
    assert [ports for _, ports, _ in found] == ["none", "all connections"]


def test_a_workload_is_protected_where_one_of_its_pods_is_and_rules_of_each_are_asked() -> None:
    pods_of = tuple(pod(f"a/db-{n}", {"n": n}, f"10.0.0.{n}", owner="Deployment:a/db") for n in ("1", "2"))
    rule = "{from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 80}]}"
    second = f"{{podSelector: {{matchLabels: {{n: '2'}}}}, ingress: [{rule}]}}"
    first = "podSelector: {matchLabels: {n: '1'}}"
    for some, expected in (((second,), {ANYBODY: "all connections"}),
                           ((first, second), {ANYBODY: "none", "namespace a AND app=x": "TCP 80"})):  # fmt: skip
        made = [policy(spec, name=f"p{n}") for n, spec in enumerate(some)]
        c = tiered(pods=pods_of, policies=made)
        matrix = connectivity(c.project, c.control, c.policies)
        whole = Reach(replace(matrix, peers=(replace(matrix.peers[0], pods=pods_of),)), c.policies, (), ())
        one = next(e for e in exposures(whole) if e.direction == "ingress")
        assert one.protected and {each.peer: each.ports.text() for each in one.peers} == expected


def test_a_baseline_that_cannot_be_evaluated_protects_where_no_networkpolicy_does() -> None:
    """cluster-network-policy.md: the Baseline tier speaks after NetworkPolicies, for Pods that none isolates."""
    spec = {"tier": "Baseline", "priority": 1, "subject": {"namespaces": {}},
            "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}]}  # fmt: skip
    later = foreign("policy.networking.k8s.io/v1alpha9", "ClusterNetworkPolicy", "p", spec)
    assert ingress_of(tiered(later, pods=(DB,))) == [(ANYBODY, "none", "all connections")]


def test_a_name_that_may_be_denied_among_open_ports_leaves_its_protocol_open() -> None:
    """Whether a denial that looks into requests takes a connection cannot be told of its ports: which has the name?"""
    deny = {"action": "Deny", "protocol": "TCP", "http": {"methods": ["GET"]}, "destination": {"ports": ["admin"]}}
    c = calico((DB,), deny, {"action": "Allow"}, egress=True)
    (one,) = [one for one in exposed(c) if one.direction == "egress"]
    seen = {each.peer: each for each in one.peers}
    for each in seen.values():
        assert each.closed == () and ("TCP", 443) not in each.ports and ("TCP", 443) in each.unsure
        assert ("UDP", 53) in each.ports
