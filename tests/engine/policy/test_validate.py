"""What the API server refuses in a NetworkPolicy: `domain/policies.md`, "API validation"."""

import pytest
import yaml

from designer.engine.controlplane.enforcement import CALICO
from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.policy import Peer, compile_policies
from designer.engine.policy.validate import findings, parse_cidr
from designer.model import EMPTY_PROJECT, ClusterSettings, NetworkPolicy
from tests.engine.policy.cluster import pod, policy


def peer(text: str) -> str:
    return f"{{podSelector: {{}}, ingress: [{{from: [{text}]}}]}}"


def port(text: str) -> str:
    return f"{{podSelector: {{}}, ingress: [{{ports: [{text}]}}]}}"


@pytest.mark.parametrize(
    ("spec", "field", "said"),
    [
        (peer("{}"), "spec.ingress[0].from[0]", "must specify a peer"),
        (
            peer("{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}"),
            "spec.ingress[0].from[0]",
            "may not specify both ipBlock",
        ),
        (peer("{ipBlock: {cidr: 10.0.0.0}}"), "spec.ingress[0].from[0].ipBlock.cidr", "not a valid CIDR"),
        (peer("{ipBlock: {cidr: 10.0.0.0/33}}"), "spec.ingress[0].from[0].ipBlock.cidr", "not a valid CIDR"),
        (
            peer("{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}"),
            "spec.ingress[0].from[0].ipBlock.except[0]",
            "strict subset",
        ),
        (
            peer("{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}"),
            "spec.ingress[0].from[0].ipBlock.except[0]",
            "strict subset",
        ),
        (
            peer("{ipBlock: {cidr: 10.0.0.0/8, except: ['2001:db8::/64']}}"),
            "spec.ingress[0].from[0].ipBlock.except[0]",
            "strict subset",
        ),
        (
            peer("{podSelector: {matchExpressions: [{key: a, operator: Is, values: [b]}]}}"),
            "spec.ingress[0].from[0].podSelector.matchExpressions[0].operator",
            "no operator",
        ),
        (
            peer("{podSelector: {matchExpressions: [{key: a, operator: In}]}}"),
            "spec.ingress[0].from[0].podSelector.matchExpressions[0].values",
            "must be specified",
        ),
        (
            peer("{namespaceSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}"),
            "spec.ingress[0].from[0].namespaceSelector.matchExpressions[0].values",
            "may not be specified",
        ),
        (port("{port: 0}"), "spec.ingress[0].ports[0].port", "between 1 and 65535"),
        (port("{port: 65536}"), "spec.ingress[0].ports[0].port", "between 1 and 65535"),
        (port("{port: 80, endPort: 65536}"), "spec.ingress[0].ports[0].endPort", "between 1 and 65535"),
        (port("{port: '80'}"), "spec.ingress[0].ports[0].port", "no port name"),
        (port("{port: a-name-that-is-too-long}"), "spec.ingress[0].ports[0].port", "no port name"),
        (port("{port: 80, protocol: ICMP}"), "spec.ingress[0].ports[0].protocol", "no supported protocol"),
        (port("{port: 80, endPort: 79}"), "spec.ingress[0].ports[0].endPort", "greater than or equal"),
        (port("{port: http, endPort: 90}"), "spec.ingress[0].ports[0].endPort", "`port` is non-numeric"),
        (port("{endPort: 90}"), "spec.ingress[0].ports[0].endPort", "`port` is not specified"),
        ("{podSelector: {}, policyTypes: [Ingress, Egress, Ingress]}", "spec.policyTypes", "more than two"),
        ("{podSelector: {}, policyTypes: [ingress]}", "spec.policyTypes[0]", "no policy type"),
        ("{podSelector: {matchLabels: {'a b': c}}}", "spec.podSelector.matchLabels", "no label key"),
        ("{podSelector: {matchLabels: {a: 'b c'}}}", "spec.podSelector.matchLabels", "no label value"),
    ],
)
def test_refused(spec: str, field: str, said: str) -> None:
    """policies.md 1, row 'Validation'."""
    found = findings(policy(spec), strict_cidrs=True)
    assert [path for path, _, _ in found] == [field]
    assert said in found[0][1]


@pytest.mark.parametrize(
    "spec",
    [
        "{podSelector: {}}",
        peer(
            "{podSelector: {}}, {namespaceSelector: {}}, {ipBlock: {cidr: '2001:db8::/64', except: ['2001:db8::/65']}}"
        ),
        port("{port: 8000, endPort: 8000}, {protocol: SCTP}, {port: http-metrics}"),
        "{podSelector: {matchLabels: {example.com/part-of: '', app.kubernetes.io/name: x_1.y}}}",
        "{podSelector: {}, policyTypes: [Egress, Ingress]}",
    ],
)
def test_accepted(spec: str) -> None:
    """policies.md 1, row 'Typos in labels'."""
    assert findings(policy(spec), strict_cidrs=True) == ()


def refused(cidr: str, version: str, uid: str | None = None) -> bool:
    data = {"metadata": {"name": "p", "namespace": "a"}, "spec": yaml.safe_load(peer(f"{{ipBlock: {{cidr: {cidr}}}}}"))}
    if uid:
        data["metadata"]["uid"] = uid
    settings = ClusterSettings(kubernetesVersion=version)
    project = EMPTY_PROJECT.with_object(NetworkPolicy.model_validate(data))
    project = type(project)(cluster=settings, objects=project.objects)
    return bool(compile_policies(project, ControlPlaneState(), CALICO).problems)


def test_sloppy_cidrs_are_refused_since_1_36_in_new_objects() -> None:
    for sloppy in ("10.1.2.3/8", "010.0.0.0/8"):
        assert refused(sloppy, "1.36")
        assert not refused(sloppy, "1.35")
        assert not refused(sloppy, "1.36", uid="1"), "the server took it when it was older"
    assert not refused("10.0.0.0/8", "1.36")


def test_what_a_sloppy_cidr_means() -> None:
    assert str(parse_cidr("10.1.2.3/8")) == "10.0.0.0/8"
    assert str(parse_cidr("010.0.0.0/8")) == "10.0.0.0/8", "decimal, as Go reads it"
    assert parse_cidr("10.0.0.0/08") is None
    assert parse_cidr("10.0.0/8") is None


def test_a_refused_policy_does_not_exist() -> None:
    bad = policy("{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 1}]}]}")
    found = compile_policies(EMPTY_PROJECT.with_object(bad), ControlPlaneState(), CALICO)
    assert found.all() == ()
    assert [(p.code, p.severity, p.object, p.field) for p in found.problems] == [
        ("NP-90", "error", "NetworkPolicy:a/p", "spec.ingress[0].ports[0].endPort")
    ]
    assert found.check("ingress", pod("a/x"), Peer.of_address("8.8.8.8"), "TCP", 1).value == "allowed"
