"""The matrix and the checks say the same under every kind of Cilium selector: by label, namespace, label of the
namespace, service account, and only by excluding; also for hostNetwork Pods beside the subject."""

from typing import Any

import pytest

from designer.engine.controlplane.enforcement import CILIUM
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import connectivity
from designer.model import ForeignObject
from tests.engine.policy.cluster import Cluster, pod
from tests.engine.policy.foreign import tiered
from tests.engine.policy.test_cilium import np, wide
from tests.engine.policy.test_cilium_match import SPACE, SPACE_LABEL, demand

ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
TARGET = pod("shop/target", {"app": "target"}, "10.1.9.9", "n1")
# Alike in all but one thing each: label, namespace, service account.
PEOPLE = tuple(
    pod(f"{space}/{app}-{account or 'none'}", {"app": app}, f"10.1.{s}.{n + 1}", f"n{n}",
        {"serviceAccountName": account} if account else None)
    for s, space in enumerate(("shop", "other", "third"))
    for n, (app, account) in enumerate((("web", ""), ("web", "ci"), ("api", ""), ("api", "ci")))
)  # fmt: skip
HOSTS = (
    pod("kube/beside", {}, "192.0.2.1", "n1", {"hostNetwork": True}),
    pod("kube/afar", {}, "192.0.2.2", "n2", {"hostNetwork": True}),
)
SPACES = {"shop": {"team": "a"}, "other": {"team": "a"}, "third": {"team": "b"}, "kube": {}}


def world(*kept: ForeignObject) -> Cluster:
    return tiered(*kept, pods=(TARGET, *PEOPLE, *HOSTS), namespaces=SPACES, enforcement=CILIUM)


def compared(c: Cluster) -> dict[str, str]:
    """What each Pod may do to the target by check, after the matrix has said the same."""
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers}
    said: dict[str, str] = {}
    who: PodState
    for who in (*PEOPLE, *HOSTS):
        found = c.ingress(TARGET, who).value
        pair = by_id[who.id], by_id[TARGET.id]
        cell = ("TCP", 80) in matrix.ports(*pair), ("TCP", 80) in matrix.undecided(*pair)
        assert cell == (found == "allowed", found == "cannot-tell"), who.id
        said[f"{who.namespace}/{who.name}"] = found
    return said


@pytest.mark.parametrize(
    ("selector", "allowed"),
    [
        ({"matchLabels": {"app": "web"}}, {"shop/web-none", "shop/web-ci"}),
        ({"matchLabels": {SPACE: "other"}}, {"other/web-none", "other/web-ci", "other/api-none", "other/api-ci"}),
        ({"matchLabels": {SPACE_LABEL: "b"}}, {"third/web-none", "third/web-ci", "third/api-none", "third/api-ci"}),
        ({"matchLabels": {ACCOUNT: "ci"}}, {"shop/web-ci", "shop/api-ci"}),
        ({"matchLabels": {ACCOUNT: "default", SPACE: "third"}}, {"third/web-none", "third/api-none"}),
        ({"matchLabels": {SPACE_LABEL: "b", "app": "api", ACCOUNT: "ci"}}, {"third/api-ci"}),
        ({}, {"shop/web-none", "shop/web-ci", "shop/api-none", "shop/api-ci"}),
    ],
)
def test_pods_that_differ_in_one_thing_only(selector: dict[str, Any], allowed: set[str]) -> None:
    rule = {"endpointSelector": {"matchLabels": {"app": "target"}}, "ingress": [{"fromEndpoints": [selector]}]}
    found = compared(world(np(rule)))
    assert {name for name, value in found.items() if value == "allowed"} == {*allowed, "kube/beside"}
    assert "cannot-tell" not in found.values()


def test_excluding_selectors_in_the_matrix() -> None:
    selector = demand(SPACE, "NotIn", "shop", "other")
    rule = {"endpointSelector": {"matchLabels": {"app": "target"}}, "ingress": [{"fromEndpoints": [selector]}]}
    found = compared(world(wide(rule)))
    assert (found["third/web-ci"], found["shop/web-ci"], found["kube/afar"]) == ("allowed", "denied", "cannot-tell")


def test_a_denial_leaves_hosts_beside_its_subject_open_in_the_matrix_too() -> None:
    deny = {"endpointSelector": {"matchLabels": {"app": "target"}}, "ingressDeny": [{"fromEntities": ["all"]}]}
    found = compared(world(np(deny)))
    assert (found["kube/beside"], found["kube/afar"], found["shop/web-ci"]) == ("cannot-tell", "denied", "denied")


@pytest.mark.parametrize(("entity", "afar"), [("remote-node", "allowed"), ("host", "denied"), ("cluster", "allowed")])
def test_entities_tell_hosts_of_the_same_node_from_others(entity: str, afar: str) -> None:
    rule = {"endpointSelector": {"matchLabels": {"app": "target"}}, "ingress": [{"fromEntities": [entity]}]}
    found = compared(world(np(rule)))
    assert (found["kube/beside"], found["kube/afar"]) == ("allowed", afar)
