"""Exposure where tiers decide: a slow reading of the specifications is asked about the same Pods outside the input."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from designer.engine.controlplane.enforcement import CALICO, CILIUM
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matchers import PodMatch
from designer.engine.policy.matrix import connectivity
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


def outsider(match: PodMatch, spaces: dict[str, dict[str, str]]) -> tuple[PodState, dict[str, dict[str, str]]] | None:
    """The least Pod that a matcher means, with the namespaces as they are then; None where there is none."""
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
    return pod(f"{name}/outsider", labels), {**spaces, name: had}


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
        stranger = pod("elsewhere/outsider")
        for protocol, number in PROBES:
            expected = admin_specification.allowed(
                inward, made, spaces, one.direction, subject, stranger, protocol, number
            )
            assert ((protocol, number) in told[ANYBODY]) is expected
            for text, match in asked.items():
                somebody = outsider(match, spaces)
                if somebody is None:
                    continue
                there, known = somebody
                if text not in told and _twin(match, asked, spaces):
                    continue
                expected = admin_specification.allowed(
                    inward, made, known, one.direction, subject, there, protocol, number
                )
                cell = told.get(text, told[ANYBODY])
                assert ((protocol, number) in cell) is expected, (text, protocol, number)


def _twin(match: PodMatch, asked: dict[str, PodMatch], spaces: Any) -> bool:
    """Whether another matcher stands for the very same Pod: only the first of them is listed."""
    mine = outsider(match, spaces)
    return any(other is not match and outsider(other, spaces) == mine for other in asked.values())


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
