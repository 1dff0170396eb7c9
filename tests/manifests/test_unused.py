"""Kept objects that matter to the network are said (PRODUCT.md: the program never guesses)."""

import pytest

from designer.manifests import read_texts
from designer.manifests.unused import refused_problems, unused_problems
from designer.model import Problem

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c}]}\n---\n"
OBJECT = "apiVersion: %s\nkind: %s\nmetadata: {name: x}\nspec: %s\n"


def said(api: str, kind: str, spec: str = "{}") -> list[Problem]:
    result = read_texts([("a.yaml", POD + OBJECT % (api, kind, spec))])
    assert any(f.data["kind"] == kind for f in result.project.foreign.values())
    return [problem for problem in result.problems if problem.code == "READ-12"]


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("crd.antrea.io/v1beta1", "NetworkPolicy"),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
        ("security.istio.io/v1", "AuthorizationPolicy"),
        ("k8s.ovn.org/v1", "EgressFirewall"),
        ("k8s.ovn.org/v1", "UserDefinedNetwork"),
        ("k8s.ovn.org/v1", "ClusterUserDefinedNetwork"),
    ],
)
def test_policies_that_are_not_evaluated_are_warnings_with_their_place(api: str, kind: str) -> None:
    (problem,) = said(api, kind)
    assert problem.severity == "warning" and "not evaluated" in problem.title and problem.fix
    assert (problem.file, problem.line) == ("a.yaml", 6)


@pytest.mark.parametrize(
    ("api", "kind", "right"),
    [("networking.k8s.io/v1beta7", "NetworkPolicy", "networking.k8s.io/v1"), ("v2", "Service", "v1"),
     ("v1", "Deployment", "apps/v1")],
)  # fmt: skip
def test_a_kind_of_kubernetes_under_another_version_is_a_warning(api: str, kind: str, right: str) -> None:
    (problem,) = said(api, kind)
    assert problem.field == "apiVersion" and f"`apiVersion: {right}`" in problem.fix


@pytest.mark.parametrize(
    ("api", "kind", "meant"),
    [("v1", "Sevice", "Service"), ("apps/v1", "Deploymnet", "Deployment"),
     ("networking.k8s.io/v1", "NetworkPolicies", "NetworkPolicy")],
)  # fmt: skip
def test_a_kind_that_its_group_does_not_have_is_a_warning(api: str, kind: str, meant: str) -> None:
    (problem,) = said(api, kind)
    assert (problem.field, problem.line) == ("kind", 6) and f"`kind: {meant}`" in problem.fix


def test_kinds_of_others_that_make_pods_are_warnings_even_when_named_as_one_of_kubernetes() -> None:
    spec = "{template: {spec: {containers: [{name: c}]}}}"
    for api, kind in (("argoproj.io/v1alpha1", "Rollout"), ("serving.knative.dev/v1", "Service")):
        (problem,) = said(api, kind, spec)
        assert "make Pods" in problem.why


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant"),
        ("projectcalico.org/v3", "GlobalNetworkPolicy"),
        ("crd.projectcalico.org/v1", "NetworkPolicy"),
    ],
)
def test_policies_that_are_evaluated_are_kept_with_the_lines_of_their_fields(api: str, kind: str) -> None:
    spec = "\n  ingress:\n  - action: Deny\n"
    assert said(api, kind, spec) == []
    project = read_texts([("a.yaml", POD + OBJECT % (api, kind, spec))]).project
    (place,) = [origin for oid, origin in project.provenance.items() if oid in project.foreign]
    assert place.fieldLines["spec.ingress[0]"] == 11


@pytest.mark.parametrize(
    ("api", "kind"),
    [("v1", "ServiceAccount"), ("example.com/v1", "Service"), ("v1", "Secret"), ("example.com/v1", "Sevice")],
)
def test_what_does_not_matter_is_not_said(api: str, kind: str) -> None:
    assert said(api, kind) == []


def test_many_of_a_kind_are_one_problem() -> None:
    text = "---\n".join(
        OBJECT.replace("{name: x}", f"{{name: x{n}}}") % ("crd.antrea.io/v1beta1", "NetworkPolicy", "{}")
        for n in range(5)
    )
    (problem,) = read_texts([("a.yaml", text)]).problems
    assert "x0, x1, x2 and 2 more" in problem.title


def test_a_refused_object_is_said_again_when_the_project_is_opened() -> None:
    project = read_texts([("a.yaml", POD + OBJECT % ("networking.k8s.io/v1", "NetworkPolicy", "5"))]).project
    (problem,) = refused_problems(project.foreign, project.provenance)
    assert (problem.code, problem.severity, problem.file, problem.line) == ("READ-06", "error", "a.yaml", 6)
    assert "`spec` must be a mapping" in problem.title
    assert unused_problems(project.foreign, project.provenance) == ()
