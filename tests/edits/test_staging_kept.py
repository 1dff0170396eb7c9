"""Policies of every kept kind, staged: no say in any verdict, back in one step, and never exported as if enforced.

Each policy here denies web → db while it is in force, by the rule of its own kind (`domain/policies.md`, sections 5 to
7), under a plugin that enforces the kind.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from designer.__main__ import main
from designer.edits.settings import use_cni
from designer.edits.staging import can_be_staged, enforce, enforced, is_staged_policy, stage, staged_ids
from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy.beyond import known_policies
from designer.engine.reach import reach
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import export, read_texts
from designer.model import ForeignObject, Project
from designer.model.design import DESIGN_API
from designer.model.staging import STAGED_ANNOTATION
from designer.present.kept_policies import kept_policy, tier_pods
from designer.session.exporting import exportable
from designer.session.staged import trace_when_enforced
from designer.storage import decode, encode
from tests.edits.test_staging import PODS

DB = "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}"
DENY = "ingress: [{action: Deny, from: [{namespaces: {}}]}]"
# kind → apiVersion, plugin, what stands in metadata besides the name, and the spec.
KINDS: dict[str, tuple[str, str, str, str]] = {
    "ClusterNetworkPolicy": (
        "policy.networking.k8s.io/v1alpha2", "calico", "", f"{{tier: Admin, priority: 5, subject: {DB}, {DENY}}}",
    ),
    "AdminNetworkPolicy": (
        "policy.networking.k8s.io/v1alpha1", "calico", "", f"{{priority: 5, subject: {DB}, {DENY}}}",
    ),
    "BaselineAdminNetworkPolicy": (
        "policy.networking.k8s.io/v1alpha1", "calico", "", f"{{subject: {DB}, {DENY}}}",
    ),
    "CiliumNetworkPolicy": (
        "cilium.io/v2", "cilium", ", namespace: shop", "{endpointSelector: {matchLabels: {app: db}}, ingress: [{}]}",
    ),
    "CiliumClusterwideNetworkPolicy": (
        "cilium.io/v2", "cilium", "",
        "{endpointSelector: {matchLabels: {app: db}}, ingressDeny: [{fromEntities: [all]}]}",
    ),
    "NetworkPolicy": (
        "projectcalico.org/v3", "calico", ", namespace: shop", "{selector: app == 'db', types: [Ingress]}",
    ),
    "GlobalNetworkPolicy": (
        "crd.projectcalico.org/v1", "calico", "", "{selector: app == 'db', types: [Ingress]}",
    ),
}  # fmt: skip
MARKED = [kind for kind, (api, *_) in KINDS.items() if "calico" not in api]


def text_of(kind: str) -> str:
    api, _, where, spec = KINDS[kind]
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: default{where}}}\nspec: {spec}\n"


def project_of(kind: str) -> tuple[Project, str]:
    """The two Pods and the policy, under a plugin that enforces it; and the policy's id."""
    project = read_texts([("a.yaml", PODS + text_of(kind))]).project
    plugin = KINDS[kind][1]
    project = use_cni(project, plugin, {"calico": "ipip", "cilium": "vxlan"}[plugin]).project
    (oid,) = [one.id for one in known_policies(project)]
    return project, oid


def verdict(project: Project) -> str:
    result, problems = ask(compile_project(project), Request("shop/web", "Pod:shop/db:80"))
    assert result is not None, problems
    return result.verdict


@pytest.mark.parametrize("kind", KINDS)
def test_a_staged_policy_of_every_kind_denies_nothing_until_it_is_enforced(kind: str) -> None:
    project, oid = project_of(kind)
    assert verdict(project) == "denied" and can_be_staged(project, oid) and not staged_ids(project)
    edit = stage(project, oid)
    assert edit.ok and verdict(edit.project) == "delivered"
    (staged,) = staged_ids(edit.project)
    assert edit.select == (staged,) and is_staged_policy(edit.project, staged)
    assert not can_be_staged(edit.project, staged) and not stage(edit.project, staged).ok
    then = trace_when_enforced(compile_project(edit.project), Request("shop/web", "Pod:shop/db:80"))
    assert then is not None and then.verdict == "denied"
    back = enforce(edit.project, staged)
    assert back.ok and back.select == (oid,)
    assert back.project.foreign == project.foreign and back.project.provenance == project.provenance
    assert enforced(edit.project)[0].foreign == project.foreign


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_saved_with_the_project_and_said_by_check_and_connectivity(kind: str) -> None:
    project, oid = project_of(kind)
    opened, problems = decode(encode(stage(project, oid).project))
    assert opened is not None and not problems
    (staged,) = staged_ids(opened)
    state = compile_project(opened)
    assert [(p.severity, p.object) for p in state.problems if p.code == "NP-94"] == [("info", staged)]
    assert any(note.endswith("staged, not enforced.") and "default" in note for note in reach(state).notes)
    assert not [p for p in compile_project(project).problems if p.code == "NP-94"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_is_never_one_that_a_cluster_enforces(kind: str) -> None:
    project, oid = project_of(kind)
    state = compile_project(stage(project, oid).project)
    written, sentence = exportable(state)
    texts = dict(export(written))
    tops = [line for text in texts.values() for line in text.splitlines()]
    assert f"kind: {kind}" not in tops, "no document of the enforced kind"
    again = read_texts(list(texts.items())).project
    assert staged_ids(again) == staged_ids(state.project) and verdict(again) == "delivered"
    assert verdict(enforced(again)[0]) == "denied"
    if kind in MARKED:
        assert "default was written as StagedPolicy" in sentence and "every cluster refuses it" in sentence
        assert list(again.foreign.values()) == list(state.project.foreign.values())
        (held,) = written.foreign.values()
        space = {"namespace": "shop"} if "namespace" in KINDS[kind][2] else {}
        assert held.data["metadata"] == {"name": f"{kind.lower()}-default", **space}
        # Writing into the folder again changes nothing.
        assert dict(export(exportable(compile_project(again))[0], texts)) == texts
    else:
        assert not sentence and f"kind: Staged{kind}" in tops


@pytest.mark.parametrize("kind", MARKED)
def test_a_manifest_cannot_bring_the_mark_in_and_what_is_in_force_stays_so(kind: str) -> None:
    project, oid = project_of(kind)
    mark = f'annotations: {{"{STAGED_ANNOTATION}": "true"}}, name: default'
    marked = read_texts([("a.yaml", PODS + text_of(kind).replace("name: default", mark))]).project
    assert not staged_ids(marked) and marked.foreign[oid].data == project.foreign[oid].data
    ((_, held),) = [
        pair
        for pair in export(exportable(compile_project(stage(project, oid).project))[0])
        if "StagedPolicy" in pair[1]
    ]
    for order in ((held, text_of(kind)), (text_of(kind), held)):
        both = read_texts([("a.yaml", PODS), ("b.yaml", order[0]), ("c.yaml", order[1])]).project
        assert oid in both.foreign and not staged_ids(both), "the cluster enforces what stands there"


@pytest.mark.parametrize("policy", ["5", "{kind: {}}", "{apiVersion: v1, kind: Pod, metadata: {name: a}}",
                                    "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: 5}"])  # fmt: skip
def test_an_object_that_holds_no_policy_is_kept_as_it_is(policy: str) -> None:
    head = f"---\napiVersion: {DESIGN_API}\nkind: StagedPolicy\nmetadata: {{name: x}}\n"
    project = read_texts([("a.yaml", f"{PODS}{head}spec: {{policy: {policy}}}\n")]).project
    assert [oid for oid in project.foreign if "StagedPolicy:x" in oid] and not staged_ids(project)


def test_what_is_no_policy_cannot_be_staged_and_says_why() -> None:
    antrea = "---\napiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: a}\nspec: {}\n"
    project = read_texts([("a.yaml", PODS + antrea)]).project
    (oid,) = project.foreign
    for one in (oid, "Pod:shop/web"):
        edit = stage(project, one)
        assert not edit.ok and edit.project is project and not can_be_staged(project, one)
        assert "cannot be staged" in edit.problems[0].title and "evaluates" in edit.problems[0].why
    assert stage(project, "Pod:shop/none").problems[0].code == "EDIT-01"


def test_staging_never_overwrites_a_staged_policy_of_that_name() -> None:
    project, oid = project_of("GlobalNetworkPolicy")
    other = oid.replace("/GlobalNetworkPolicy", "/StagedGlobalNetworkPolicy")
    there = {
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "StagedGlobalNetworkPolicy",
        "metadata": {"name": "default"},
    }
    project = replace(project, foreign=project.foreign.set(other, ForeignObject(other, there)))
    edit = stage(project, oid)
    assert not edit.ok and edit.project is project and "there already" in edit.problems[0].title


@pytest.mark.parametrize("kind", KINDS)
def test_a_staged_policy_shows_whom_it_would_select(kind: str) -> None:
    project, oid = project_of(kind)
    state = compile_project(stage(project, oid).project)
    (staged,) = staged_ids(state.project)
    policy = kept_policy(state, staged)
    assert policy is not None and policy.standing == "staged" and policy.directions == ("ingress",)
    assert policy.line.startswith("staged, not enforced · ")
    assert [pod.id for pod in tier_pods(state, staged)] == ["Pod:shop/db"]


def test_a_policy_that_the_plugin_does_not_know_shows_whom_it_would_select() -> None:
    for kind in KINDS:
        project, oid = project_of(kind)
        state: ClusterState = compile_project(use_cni(project, "flannel", "vxlan").project)
        policy = kept_policy(state, oid)
        assert policy is not None and policy.standing == "not-enforced" and policy.line.startswith("not enforced · ")
        assert [pod.id for pod in tier_pods(state, oid)] == ["Pod:shop/db"], kind


def test_a_staged_policy_that_cannot_be_read_is_a_warning_that_says_so() -> None:
    project, oid = project_of("AdminNetworkPolicy")
    bad = {**project.foreign[oid].data, "spec": {"priority": 5000}}
    project = replace(project, foreign=project.foreign.set(oid, ForeignObject(oid, bad)))
    (problem,) = [p for p in compile_project(stage(project, oid).project).problems if p.object == oid]
    assert (problem.code, problem.severity) == ("NP-94", "warning") and "spec.priority" in problem.why


def test_the_commands_say_staged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, oid = project_of("CiliumNetworkPolicy")
    path = tmp_path / "a.cnd"
    path.write_bytes(encode(stage(project, oid).project))
    assert main(["connectivity", str(path), "--output", "csv"]) == 0
    out, err = capsys.readouterr()
    assert "shop/web[Pod],shop/db[Pod]" in out.replace(" ", "") and "shop/default: staged, not enforced" in err
    assert main(["connectivity", str(path), "--staged", "--output", "csv"]) == 0
    out, err = capsys.readouterr()
    assert "shop/web[Pod],shop/db[Pod]" not in out.replace(" ", "") and "staged, not enforced" not in err
    main(["check", str(path)])
    assert "CiliumNetworkPolicy shop/default is staged, not enforced" in capsys.readouterr().out
    assert main(["trace", str(path), "--from", "shop/web", "--to", "Pod:shop/db:80"]) == 0
    said = capsys.readouterr().out.partition("When the staged policies are enforced:\n")[2]
    assert said.startswith("✕ denied by policy")


def test_the_mark_on_what_is_no_policy_stages_nothing() -> None:
    antrea = "---\napiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: a}\nspec: {}\n"
    project = read_texts([("a.yaml", PODS + antrea)]).project
    ((oid, kept),) = project.foreign.items()
    data = {**kept.data, "metadata": {"name": "a", "annotations": {STAGED_ANNOTATION: "true"}}}
    marked = replace(project, foreign=project.foreign.set(oid, ForeignObject(oid, data)))
    assert not staged_ids(marked) and not is_staged_policy(marked, oid) and not enforce(marked, oid).ok


@pytest.mark.parametrize("kind", ["ClusterNetworkPolicy", "BaselineAdminNetworkPolicy", "CiliumNetworkPolicy"])
def test_of_a_staged_policy_of_a_version_that_is_not_evaluated_nothing_can_be_told(kind: str) -> None:
    api = KINDS[kind][0]
    text = PODS + text_of(kind).replace(api, f"{api}9")
    project = read_texts([("a.yaml", text)]).project
    (oid,) = project.foreign
    state = compile_project(stage(project, oid).project)
    (problem,) = [p for p in state.problems if p.code == "NP-94"]
    assert problem.severity == "warning" and "cannot be told" in problem.why and "9" in problem.why
    assert (problem.file, problem.line) == ("a.yaml", text.splitlines().index(f"apiVersion: {api}9") + 1)
    assert not tier_pods(state, oid)


def test_of_a_staged_policy_whose_rules_depend_on_others_nothing_can_be_told() -> None:
    """Cilium API, IngressRule: `fromRequires` are constraints that callers have to meet besides every other rule."""
    text = text_of("CiliumNetworkPolicy").replace("ingress: [{}]", "ingress: [{fromRequires: [{}]}]")
    project = read_texts([("a.yaml", PODS + text)]).project
    (oid,) = project.foreign
    (problem,) = [p for p in compile_project(stage(project, oid).project).problems if p.code == "NP-94"]
    assert problem.severity == "warning" and "fromRequires" in problem.why


def test_a_staged_policy_of_calico_comes_from_the_lines_of_the_policy() -> None:
    project, oid = project_of("GlobalNetworkPolicy")
    (problem,) = [p for p in compile_project(stage(project, oid).project).problems if p.code == "NP-94"]
    line = (PODS + text_of("GlobalNetworkPolicy")).splitlines().index("apiVersion: crd.projectcalico.org/v1") + 1
    assert (problem.file, problem.line) == ("a.yaml", line)
