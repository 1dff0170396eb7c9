"""Export: equal projects, kept comments, safe names, nothing assumed written, Secrets not written."""

from dataclasses import replace
from typing import Any

import pytest

from designer.manifests import export, read_texts, to_yaml
from designer.manifests.read import ImportResult
from designer.model import (
    Deployment,
    ExternalClient,
    ForeignObject,
    FrozenMap,
    IngressController,
    KubeObject,
    Namespace,
    Node,
    Project,
    Provenance,
    Service,
)

TEXT = """# The web tier.
apiVersion: v1
kind: Service
metadata:
  name: web   # its name
  labels:
    app: "web"
spec:
    # two ports
    ports:
      - port: 80      # plain
        name: http
      - port: 443
        name: https
    selector: {app: web}
---
# A second document.
apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {a: [1, 2], b:   odd}
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
"""


def read(*texts: tuple[str, str]) -> ImportResult:
    return read_texts(texts or [("app.yaml", TEXT)])


def same(one: Project, other: Project) -> bool:
    return (
        one.cluster == other.cluster
        and one.objects == other.objects
        and one.foreign == other.foreign
        and one.ledger == other.ledger
    )


def changed_port(project: Project, port: int = 8080) -> Project:
    service = project.slice(Service)["Service:default/web"]
    data = service.dump()
    data["spec"]["ports"][0]["port"] = port
    return project.with_object(Service.model_validate(data))


def again(project: Project, originals: Any = None) -> Project:
    result = read_texts(export(project, originals))
    assert not result.problems
    return result.project


@pytest.mark.parametrize("with_originals", [False, True])
def test_import_of_an_export_is_equal(with_originals: bool) -> None:
    result = read()
    assert same(again(result.project, result.texts if with_originals else None), result.project)


@pytest.mark.parametrize("with_originals", [False, True])
def test_import_of_an_edited_export_is_equal(with_originals: bool) -> None:
    result = read()
    project = changed_port(result.project).without("Namespace:shop", "ExternalClient:client")
    cluster = project.cluster.replace(
        seed=7,
        cni={"plugin": "flannel", "backend": "host-gw"},
        assumed=tuple(name for name in project.cluster.assumed if name != "ExternalClient:client"),
    )
    project = replace(project, cluster=cluster)
    project = project.with_object(Node.model_validate({"metadata": {"name": "extra"}}))
    project = project.with_object(Service.model_validate({"metadata": {"name": "new", "namespace": "yes"}}))
    found = again(project, result.texts if with_originals else None)
    assert same(found, project)
    assert not found.slice(ExternalClient) and not found.slice(Namespace)


def test_untouched_texts_stay_to_the_letter() -> None:
    result = read()
    assert dict(export(result.project, result.texts))["app.yaml"] == TEXT


def test_an_edit_keeps_comments_and_form() -> None:
    result = read()
    text = dict(export(changed_port(result.project), result.texts))["app.yaml"]
    assert text == TEXT.replace("- port: 80      # plain", "- port: 8080      # plain")


def test_removed_objects_leave_their_document_alone() -> None:
    result = read()
    text = dict(export(result.project.without("Service:default/web"), result.texts))["app.yaml"]
    assert text == TEXT[TEXT.index("---\n") :]


def test_an_item_of_a_list_is_edited_in_place() -> None:
    text = """apiVersion: v1
kind: List
items:
# first
- apiVersion: v1
  kind: Service
  metadata: {name: web}
  spec: {ports: [{port: 80, name: x}]} # inline
- apiVersion: v1
  kind: Namespace   # second
  metadata: {name: shop}
"""
    result = read(("l.yaml", text))
    out = dict(export(changed_port(result.project), result.texts))["l.yaml"]
    assert out == text.replace("port: 80,", "port: 8080,")
    out = dict(export(result.project.without("Service:default/web"), result.texts))["l.yaml"]
    assert "second" in out and "inline" not in out and "name: web" not in out


def test_shared_anchors_fall_back_to_a_correct_text() -> None:
    text = """apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: &p [{port: 80}]}}
- {apiVersion: v1, kind: Service, metadata: {name: two}, spec: {ports: *p}}
"""
    result = read(("l.yaml", text))
    project = changed_port(result.project)
    assert same(again(project, result.texts), project)


def test_new_texts_are_quoted_where_kubectl_needs_it() -> None:
    result = read()
    service = result.project.slice(Service)["Service:default/web"]
    data = service.dump()
    data["metadata"]["labels"] = {"app": "web", "on": "y", "v": "1e3"}
    project = result.project.with_object(Service.model_validate(data))
    assert same(again(project, result.texts), project)
    assert "'y'" in dict(export(project, result.texts))["app.yaml"]


def test_old_versions_are_written_as_current_when_changed() -> None:
    text = """apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: web}  # old
spec: {template: {metadata: {labels: {app: web}}}}
"""
    result = read(("d.yaml", text))
    assert dict(export(result.project, result.texts))["d.yaml"] == text
    data = result.project.slice(Deployment)["Deployment:default/web"].dump()
    data["spec"]["replicas"] = 3
    project = result.project.with_object(Deployment.model_validate(data))
    out = dict(export(project, result.texts))["d.yaml"]
    assert "apiVersion: apps/v1" in out and "# old" in out
    assert same(again(project, result.texts), project)


def test_json_files_stay_json() -> None:
    text = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}'
    result = read(("s.json", text))
    assert dict(export(result.project, result.texts))["s.json"] == text
    for originals in (None, result.texts):
        out = dict(export(changed_port(result.project), originals))["s.json"]
        assert '"port": 8080' in out and out.startswith("{")


def test_broken_documents_are_not_lost() -> None:
    text = TEXT + "---\nkind: [broken\n"
    result = read(("app.yaml", text))
    assert dict(export(changed_port(result.project), result.texts))["app.yaml"].endswith("---\nkind: [broken\n")


def test_new_objects_and_their_files() -> None:
    project = read().project
    for obj in (
        Service.model_validate({"metadata": {"name": "a", "namespace": "shop"}}),
        Node.model_validate({"metadata": {"name": "n1"}}),
        IngressController.model_validate({"metadata": {"name": "c", "namespace": "shop"}}),
    ):
        project = project.with_object(obj)
    files = dict(export(project))
    assert list(files) == ["app.yaml", "cluster.yaml", "cluster/node-n1.yaml", "shop/service-a.yaml"]
    assert "kind: IngressController" in files["cluster.yaml"]
    assert files["cluster.yaml"].count("\nkind: ") == 4


def test_assumed_objects_are_written_only_when_changed() -> None:
    project = read().project
    assert "coredns" not in "".join(text.replace("Deployment:kube-system/coredns", "") for _, text in export(project))
    data = project.slice(Deployment)["Deployment:kube-system/coredns"].dump()
    data["spec"]["replicas"] = 5
    changed = project.with_object(Deployment.model_validate(data))
    files = dict(export(changed))
    assert "replicas: 5" in files["kube-system/deployment-coredns.yaml"]
    found = read_texts(files.items()).project
    assert found.objects == changed.objects
    assert "Deployment:kube-system/coredns" not in found.cluster.assumed


def test_a_changed_assumption_leaves_the_others() -> None:
    project = read().project
    data = project.slice(Service)["Service:default/kubernetes"].dump()
    data["metadata"]["labels"] = {"mine": "1"}
    changed = project.with_object(Service.model_validate(data))
    found = read_texts(export(changed)).project
    assert found.objects == changed.objects
    assert "EndpointSlice:default/kubernetes" in found.cluster.assumed


def test_settings_are_the_tools_own_documents_too() -> None:
    project = read().project
    project = replace(project, cluster=project.cluster.replace(serviceCIDRs=("10.9.0.0/16",)))
    text = dict(export(project))["cluster.yaml"]
    assert "kind: KubeProxyConfiguration" in text and "serviceSubnet: 10.9.0.0/16" in text


def test_changed_settings_replace_the_documents_of_the_input() -> None:
    proxy = "# mine\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\n"
    result = read(("k.yaml", proxy), ("app.yaml", TEXT))
    assert dict(export(result.project, result.texts))["k.yaml"] == proxy
    cluster = result.project.cluster.replace(kubeProxy={"mode": "nftables"})
    project = replace(result.project, cluster=cluster)
    assert "k.yaml" not in dict(export(project, result.texts))
    assert same(again(project, result.texts), project)


def test_secrets_are_written_as_references_only() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: tls, namespace: shop}\ntype: Opaque\ndata: {a: Yg==}\n"
    result = read(("s.yaml", text))
    files = dict(export(result.project))
    assert list(files) == ["cluster.yaml"] and "kind: SecretReference" in files["cluster.yaml"]
    assert same(again(result.project), result.project)
    assert dict(export(result.project, result.texts))["s.yaml"] == text


@pytest.mark.parametrize(
    "name", ["/etc/x.yaml", "../../x.yaml", "a/../../x.yaml", "..\\x.yaml", "..", "-", "C:\\x", "/"]
)
def test_file_names_never_lead_outside(name: str) -> None:
    obj = Service.model_validate({"metadata": {"name": "a"}})
    project = replace(Project().with_object(obj), provenance=FrozenMap({obj.id: Provenance(file=name)}))
    for file, _ in export(project):
        assert not file.startswith("/") and ".." not in file.split("/") and "\\" not in file and file.endswith(".yaml")


def test_pods_of_a_dump_survive() -> None:
    labels = {"app": "web"}
    dump: list[dict[str, Any]] = [
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": "web"},
            "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": "web-1",
                "labels": labels,
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "controller": True}],
            },
            "spec": {"nodeName": "n1"},
            "status": {"phase": "Running", "podIPs": [{"ip": "10.244.0.9"}]},
        },
    ]
    result = read(("dump.yaml", "---\n".join(to_yaml(data) for data in dump)))
    assert "observed-pods.yaml" in dict(export(result.project))
    assert same(again(result.project), result.project)
    with_texts = dict(export(result.project, result.texts))
    assert "observed-pods.yaml" not in with_texts and with_texts["dump.yaml"] == result.texts["dump.yaml"]
    assert same(again(result.project, result.texts), result.project)


def test_foreign_objects_without_a_file() -> None:
    thing = ForeignObject("example.com/v1/Thing:shop/t", {"apiVersion": "example.com/v1", "kind": "Thing",
                          "metadata": {"name": "t", "namespace": "shop"}})  # fmt: skip
    project = replace(read().project, foreign=FrozenMap({thing.id: thing}))
    files = dict(export(project))
    assert "kind: Thing" in files["shop/thing-t.yaml"]


def test_exporting_twice_changes_nothing() -> None:
    first = export(changed_port(read().project))
    result = read_texts(first)
    assert export(result.project) == first
    assert export(result.project, result.texts) == first


def test_every_object_is_somewhere() -> None:
    project = read().project
    text = "".join(text for _, text in export(project))
    names: list[KubeObject] = [obj for obj in project.all() if obj.id not in project.cluster.assumed]
    assert names and all(f"name: {obj.name}" in text for obj in names)
