"""Objects of other projects: what each kind makes of an answer, held in matrix, explanation and trace.

Whom they mean: Antrea's `appliedTo` (docs/antrea-network-policy.md), `podSelector` or `serviceAccountSelector` of a
SecurityGroupPolicy (EKS user guide), the namespace of an EgressFirewall and of a primary UserDefinedNetwork
(OVN-Kubernetes, okep-5193), `private`, `vpc` and `acls` of a Subnet (Kube-OVN).
"""

import json
from typing import Any

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.reach import explanations, reach
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import read_texts
from designer.model.otherkinds import OTHER_KINDS

OUTSIDE = "203.0.113.7"


def pod(namespace: str, name: str) -> dict[str, Any]:
    ports = [{"containerPort": 80}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "i", "ports": ports}]},
    }


WORLD = [
    pod("shop", "web"),
    pod("shop", "db"),
    pod("bank", "api"),
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bank", "labels": {"team": "money"}}},
]


def state_of(api: str, kind: str, spec: Any, namespace: str = "shop") -> ClusterState:
    kept = {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": namespace}, "spec": spec}
    return compile_project(read_texts([("a.yaml", "\n---\n".join(map(json.dumps, [*WORLD, kept])))]).project)


def said(state: ClusterState, src: str, dst: str) -> str:
    """What matrix and explanation say of TCP 80, and between Pods the trace too."""
    found = reach(state)
    matrix = found.matrix
    ends = {peer.id.removeprefix("Pod:") or peer.text: peer for peer in matrix.peers}
    left, right = (ends[one] if "/" in one else next(p for p in matrix.peers if p.is_range) for one in (src, dst))
    cell = "delivered" if ("TCP", 80) in matrix.ports(left, right) else "denied"
    cell = "cannot-tell" if ("TCP", 80) in matrix.undecided(left, right) else cell
    (told,) = [
        one.allowed
        for one in explanations(found)
        if (one.src, one.dst) == (left.text, right.text) and ("TCP", 80) in one.ports
    ]
    assert told is {"delivered": True, "denied": False, "cannot-tell": None}[cell]
    if "/" in src and "/" in dst:
        address = state.control.pods[f"Pod:{dst}"].ips[0]
        traced, problems = ask(state, Request(f"Pod:{src}", f"{address}:80"))
        assert traced is not None and traced.verdict == cell, problems
    return cell


TELL, OPEN = "cannot-tell", "delivered"
PRIMARY = {"topology": "Layer3", "layer3": {"role": "Primary"}}
SECONDARY = {"topology": "Layer2", "layer2": {"role": "Secondary"}}
DB = {"matchLabels": {"app": "db"}}
MONEY = {"matchLabels": {"team": "money"}}


@pytest.mark.parametrize(
    ("api", "kind", "spec", "web_db", "web_api", "api_out"),
    [
        ("crd.antrea.io/v1beta1", "NetworkPolicy", {}, TELL, TELL, OPEN),
        ("crd.antrea.io/v1beta1", "NetworkPolicy", {"appliedTo": [{"podSelector": DB}]}, TELL, OPEN, OPEN),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", {}, TELL, TELL, TELL),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", {"appliedTo": [{"namespaceSelector": MONEY}]},
         OPEN, TELL, TELL),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", {"appliedTo": [{"group": "some"}]}, TELL, TELL, TELL),
        ("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", {"podSelector": DB}, TELL, OPEN, OPEN),
        ("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", {"serviceAccountSelector": MONEY}, TELL, TELL, OPEN),
        ("networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy", {"podSelector": DB}, TELL, OPEN, OPEN),
        ("networking.gke.io/v1alpha3", "FQDNNetworkPolicy", {"podSelector": DB}, OPEN, OPEN, OPEN),
        ("neuvector.com/v1", "NvClusterSecurityRule", {}, TELL, TELL, TELL),
        ("kubeovn.io/v1", "SecurityGroup", {}, TELL, TELL, TELL),
        ("kubeovn.io/v1", "Subnet", {"cidrBlock": "10.1.0.0/16"}, OPEN, OPEN, OPEN),
        ("kubeovn.io/v1", "Subnet", {"private": True, "namespaces": ["bank"]}, OPEN, TELL, TELL),
        ("kubeovn.io/v1", "Subnet", {"vpc": "own", "namespaces": ["bank"]}, OPEN, TELL, TELL),
        ("kubeovn.io/v1", "Subnet", {"vpc": "ovn-cluster"}, OPEN, OPEN, OPEN),
        ("k8s.ovn.org/v1", "UserDefinedNetwork", PRIMARY, TELL, TELL, OPEN),
        ("k8s.ovn.org/v1", "UserDefinedNetwork", SECONDARY, OPEN, OPEN, OPEN),
        ("k8s.ovn.org/v1", "ClusterUserDefinedNetwork", {"namespaceSelector": MONEY, "network": PRIMARY},
         OPEN, TELL, TELL),
        ("k8s.ovn.org/v1", "ClusterUserDefinedNetwork", {"namespaceSelector": MONEY, "network": SECONDARY},
         OPEN, OPEN, OPEN),
    ],
)  # fmt: skip
def test_whom_an_object_may_mean(api: str, kind: str, spec: Any, web_db: str, web_api: str, api_out: str) -> None:
    state = state_of(api, kind, spec)
    asked = (("shop/web", "shop/db"), ("shop/web", "bank/api"), ("bank/api", OUTSIDE))
    assert tuple(said(state, *pair) for pair in asked) == (web_db, web_api, api_out)


@pytest.mark.parametrize(
    ("api", "kind"), [("k8s.ovn.org/v1", "EgressFirewall"), ("network.openshift.io/v1", "EgressNetworkPolicy")]
)
def test_what_decides_about_the_outside_alone_leaves_pods_told(api: str, kind: str) -> None:
    state = state_of(api, kind, {"egress": [{"type": "Deny", "to": {"cidrSelector": "0.0.0.0/0"}}]})
    asked = (("shop/web", "shop/db"), ("shop/web", OUTSIDE), (OUTSIDE, "shop/web"), ("bank/api", OUTSIDE))
    assert [said(state, *pair) for pair in asked] == [OPEN, TELL, OPEN, OPEN]


def test_egress_alone() -> None:
    state = state_of("networking.gke.io/v1alpha3", "FQDNNetworkPolicy", {"podSelector": DB})
    assert [said(state, *pair) for pair in (("shop/db", "shop/web"), ("shop/web", "shop/db"))] == [TELL, OPEN]


@pytest.mark.parametrize("row", [row for row in OTHER_KINDS if row.effect == "beside"], ids=lambda row: row.project)
def test_what_the_network_does_not_decide_is_said_beside_every_answer(row: Any) -> None:
    """In the notes of the matrix, which the window shows above it, and in the first words of a trace."""
    for kind in sorted(row.kinds):
        state = state_of(f"{row.group}/v1", kind, {})
        assert any(row.does in note and kind in note for note in reach(state).notes)
        address = state.control.pods["Pod:shop/db"].ips[0]
        traced, _ = ask(state, Request("Pod:shop/web", f"{address}:80"))
        assert traced is not None and traced.verdict == OPEN
        assert row.does in traced.trace.hops[0].reason


def test_every_kind_is_a_warning_of_the_import() -> None:
    for row in OTHER_KINDS:
        for kind in sorted(row.kinds):
            kept = json.dumps({"apiVersion": f"{row.group}/v1", "kind": kind, "metadata": {"name": "x"}})
            found = read_texts([("a.yaml", kept)]).problems
            (problem,) = [one for one in found if one.code == "READ-12"]
            assert (problem.severity, kind in problem.title) == ("warning", True)
            assert ("cannot tell" in problem.fix) is (row.effect != "beside")


def test_a_reason_names_object_and_project() -> None:
    state = state_of("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", {})
    (one,) = [e for e in explanations(reach(state)) if (e.src, e.dst) == ("shop/web[Pod]", "shop/db[Pod]")]
    assert "ClusterNetworkPolicy x" in one.egress.reason and "Antrea" in one.egress.reason
