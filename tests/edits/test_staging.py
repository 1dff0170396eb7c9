"""Staged policies: no say in any verdict, one step to enforce, nothing lost in a project file or in manifests."""

from typing import Any

import pytest

from designer.edits.staging import can_be_staged, enforce, enforce_all, enforced, stage, staged_ids
from designer.engine.compile import compile_project
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import export, read_texts
from designer.model import NetworkPolicy, Project
from designer.model.staging import STAGED_ANNOTATION, is_staged
from designer.session.exporting import exportable
from designer.session.staged import state_when_enforced, trace_when_enforced
from designer.storage import decode, encode

PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
"""
CLOSED = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}}
"""
OID = "NetworkPolicy:shop/closed"


def read(text: str) -> Project:
    return read_texts([("a.yaml", text)]).project


def verdict(project: Project) -> str:
    result, problems = ask(compile_project(project), Request("shop/web", "Pod:shop/db:80"))
    assert result is not None, problems
    return result.verdict


def calico(kind: str, spec: str, namespace: str = "namespace: shop, ") -> str:
    return f"---\napiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{{namespace}name: closed}}\nspec: {spec}\n"


def test_a_staged_policy_denies_nothing_until_it_is_enforced() -> None:
    project = read(PODS + CLOSED)
    assert verdict(project) == "denied"
    staged = stage(project, OID)
    assert staged.ok and verdict(staged.project) == "delivered"
    state = compile_project(staged.project)
    then = trace_when_enforced(state, Request("shop/web", "Pod:shop/db:80"))
    assert then is not None and then.verdict == "denied"
    back = enforce(staged.project, OID)
    assert back.project.get(OID) == project.get(OID), "enforcing leaves nothing of the mark"


def test_the_mark_is_saved_with_the_project() -> None:
    staged = stage(read(PODS + CLOSED), OID).project
    opened, problems = decode(encode(staged))
    assert opened is not None and not problems
    assert staged_ids(opened) == (OID,)


def test_an_export_writes_a_kind_that_nothing_enforces_and_says_so() -> None:
    state = compile_project(stage(read(PODS + CLOSED), OID).project)
    project, sentence = exportable(state)
    texts = export(project)
    text = "".join(body for _, body in texts)
    assert "kind: StagedKubernetesNetworkPolicy" in text and "kind: NetworkPolicy" not in text
    assert "shop/closed" in sentence and "no plugin enforces" in sentence
    again = read_texts(list(texts)).project
    assert verdict(again) == "delivered"
    assert len(staged_ids(again)) == 1
    assert verdict(enforced(again)[0]) == "denied"


def test_a_manifest_cannot_bring_the_mark_in() -> None:
    marked = CLOSED.replace(
        "namespace: shop}", 'namespace: shop, annotations: {"design.cluster-network-designer/staged": "true"}}'
    )
    project = read(PODS + marked)
    policy = project.find(NetworkPolicy, OID)
    assert policy is not None and not is_staged(policy) and not policy.metadata.annotations
    assert verdict(project) == "denied"


@pytest.mark.parametrize(
    ("kind", "spec", "namespace"),
    [
        (
            "StagedKubernetesNetworkPolicy",
            "{stagedAction: Set, podSelector: {matchLabels: {app: db}}}",
            "namespace: shop, ",
        ),
        ("StagedNetworkPolicy", "{selector: app == 'db', types: [Ingress]}", "namespace: shop, "),
        ("StagedGlobalNetworkPolicy", "{selector: app == 'db', types: [Ingress]}", ""),
    ],
)
def test_calicos_staged_kinds_are_staged_by_their_kind(kind: str, spec: str, namespace: str) -> None:
    project = read(PODS + calico(kind, spec, namespace))
    assert verdict(project) == "delivered"
    (oid,) = staged_ids(project)
    assert verdict(enforced(project)[0]) == "denied"
    one = enforce(project, oid)
    assert one.ok and verdict(one.project) == "denied" and not staged_ids(one.project)
    if kind != "StagedKubernetesNetworkPolicy":
        (made,) = [found for found in one.project.foreign if "NetworkPolicy:" in found]
        assert stage(one.project, made).project.foreign == project.foreign


@pytest.mark.parametrize(("action", "left"), [("Delete", "delivered"), ("Learn", "denied"), ("Ignore", "denied")])
def test_what_a_staged_action_does_when_it_is_enforced(action: str, left: str) -> None:
    spec = f"{{stagedAction: {action}, podSelector: {{matchLabels: {{app: db}}}}}}"
    project = read(PODS + CLOSED + calico("StagedKubernetesNetworkPolicy", spec))
    assert verdict(project) == "denied"
    assert verdict(enforced(project)[0]) == left


def test_what_cannot_be_enforced_is_said_and_the_rest_is() -> None:
    bad = calico("StagedKubernetesNetworkPolicy", "{podSelector: 5}").replace("name: closed", "name: bad")
    project = stage(read(PODS + CLOSED + bad), OID).project
    found, said = enforced(project)
    assert verdict(found) == "denied"
    assert len(said) == 1 and "bad" in said[0] and "podSelector" in said[0]
    assert not enforce_all(project).ok


@pytest.mark.parametrize("oid", ["NetworkPolicy:shop/none", "Pod:shop/web", OID])
def test_what_is_no_staged_policy_is_not_enforced(oid: str) -> None:
    project = read(PODS + CLOSED)
    edit = enforce(project, oid)
    assert not edit.ok and edit.project is project


def test_without_staged_policies_there_is_nothing_to_compare_with() -> None:
    state: Any = compile_project(read(PODS + CLOSED))
    assert state_when_enforced(state) is None


@pytest.mark.parametrize(("action", "left"), [("Set", "denied"), ("Learn", "delivered"), ("Ignore", "delivered")])
def test_a_staged_action_that_is_none_brings_nothing_into_force(action: str, left: str) -> None:
    """Calico's API: Set takes effect when it is enforced, Learn and Ignore do nothing."""
    spec = f"{{stagedAction: {action}, podSelector: {{matchLabels: {{app: db}}}}}}"
    project, said = enforced(read(PODS + calico("StagedKubernetesNetworkPolicy", spec)))
    assert verdict(project) == left and not said and not staged_ids(project)


def test_the_action_of_staging_is_no_field_of_the_policy_in_force() -> None:
    spec = "{stagedAction: Set, selector: app == 'db', types: [Ingress]}"
    project = enforced(read(PODS + calico("StagedNetworkPolicy", spec)))[0]
    (kept,) = project.foreign.values()
    assert dict(kept.data["spec"]) == {"selector": "app == 'db'", "types": ["Ingress"]}


@pytest.mark.parametrize("action", ["Set", "Delete"])
def test_a_staged_policy_without_namespace_stands_in_default(action: str) -> None:
    spec = f"{{stagedAction: {action}, podSelector: {{}}}}"
    there = CLOSED.replace("namespace: shop", "namespace: default") if action == "Delete" else ""
    project = read(PODS + there + calico("StagedKubernetesNetworkPolicy", spec, ""))
    (oid,) = staged_ids(project)
    edit = enforce(project, oid)
    assert edit.ok and not staged_ids(edit.project)
    made = [one.id for one in edit.project.of(NetworkPolicy)]
    assert made == (["NetworkPolicy:default/closed"] if action == "Set" else [])
    assert edit.select == tuple(made)


@pytest.mark.parametrize("value", ["false", "", "yes"])
def test_the_mark_says_true_or_it_is_none(value: str) -> None:
    project = read(PODS + CLOSED)
    (policy,) = project.of(NetworkPolicy)
    metadata = {**policy.dump()["metadata"], "annotations": {STAGED_ANNOTATION: value}}
    other = project.with_object(NetworkPolicy.model_validate({**policy.dump(), "metadata": metadata}))
    assert not staged_ids(other) and verdict(other) == "denied"


def test_a_staged_kind_of_somebody_else_is_none_of_calicos() -> None:
    text = calico("StagedNetworkPolicy", "{selector: all()}").replace("projectcalico.org/v3", "example.com/v1")
    assert not staged_ids(read(PODS + text))


def test_staging_keeps_annotations() -> None:
    noted = CLOSED.replace("namespace: shop}", "namespace: shop, annotations: {note: why}}")
    project = read(PODS + noted)
    staged = stage(project, OID).project
    assert not can_be_staged(staged, OID) and can_be_staged(project, OID)
    assert enforce(staged, OID).project.get(OID) == project.get(OID)
    policy = staged.find(NetworkPolicy, OID)
    assert policy is not None and policy.metadata.annotations["note"] == "why"


@pytest.mark.parametrize(("kind", "namespace"), [("NetworkPolicy", "namespace: shop, "), ("GlobalNetworkPolicy", "")])
def test_delete_takes_calicos_own_policy_of_that_name_away(kind: str, namespace: str) -> None:
    there = calico(kind, "{selector: app == 'db', types: [Ingress]}", namespace)
    project = read(PODS + there + calico(f"Staged{kind}", "{stagedAction: Delete}", namespace))
    assert verdict(project) == "denied"
    left = enforced(project)[0]
    assert verdict(left) == "delivered" and not left.foreign
