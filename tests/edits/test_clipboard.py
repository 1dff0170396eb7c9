"""Copy and paste between windows: free names, references within the group, nothing that two cannot share."""

import orjson
import pytest

from designer.edits import clipboard, create, fields
from designer.model import Deployment, Ingress, IngressController, Node, Project, Service


@pytest.fixture
def project() -> Project:
    made = create.create(Project(), "Deployment", at=(100, 100)).project
    made = create.create(made, "Service", target="Deployment:default/web", at=(300, 160)).project
    return create.create(made, "Ingress", target="Service:default/web", at=(500, 100)).project


GROUP = ["Deployment:default/web", "Service:default/web", "Ingress:default/web"]


def test_a_pasted_group_has_free_names_and_its_own_references(project: Project) -> None:
    edit = clipboard.paste(project, clipboard.copy(project, GROUP))
    assert edit.ok and edit.select == ("Deployment:default/web-2", "Service:default/web-2", "Ingress:default/web-2")
    ingress = edit.project.find(Ingress, "Ingress:default/web-2")
    assert ingress is not None
    assert ingress.spec.rules[0].http.paths[0].backend.service.name == "web-2"  # type: ignore[union-attr]
    service = edit.project.find(Service, "Service:default/web-2")
    workload = edit.project.find(Deployment, "Deployment:default/web-2")
    assert service is not None and service.spec.selector == {"app": "web"}
    assert workload is not None and workload.labels == {"app": "web"}


def test_a_reference_to_something_that_was_not_copied_stays(project: Project) -> None:
    edit = clipboard.paste(project, clipboard.copy(project, ["Ingress:default/web"]))
    ingress = edit.project.find(Ingress, "Ingress:default/web-2")
    assert ingress is not None
    assert ingress.spec.rules[0].http.paths[0].backend.service.name == "web"  # type: ignore[union-attr]


def test_pasting_into_an_empty_project_keeps_the_names(project: Project) -> None:
    edit = clipboard.paste(Project(), clipboard.copy(project, GROUP))
    assert sorted(obj.id for obj in edit.project.all()) == sorted(GROUP)
    assert all(edit.project.get(oid) == project.get(oid) for oid in GROUP)


def test_the_group_keeps_its_shape_at_the_place_of_the_paste(project: Project) -> None:
    text = clipboard.copy(project, GROUP)
    edit = clipboard.paste(project, text, "nodes", (0, 0))
    places = {oid: edit.project.canvas.placement(oid, "nodes") for oid in edit.select}
    assert [(p.x, p.y) for p in places.values() if p] == [(0, 0), (200, 60), (400, 0)]
    beside = clipboard.paste(project, text).project.canvas.placement("Deployment:default/web-2", "nodes")
    assert beside is not None and (beside.x, beside.y) == (132, 132)


def test_what_two_objects_cannot_share_is_left_for_the_allocator(project: Project) -> None:
    oid = "Service:default/web"
    for path, value in (
        ("spec.type", "NodePort"),
        ("spec.clusterIP", "10.96.0.7"),
        ("spec.clusterIPs", ["10.96.0.7"]),
        ("spec.ports[0].nodePort", 30080),
        ("metadata.uid", "x"),
    ):
        project = fields.set_field(project, oid, path, value).project
    pasted = clipboard.paste(project, clipboard.copy(project, [oid])).project.find(Service, "Service:default/web-2")
    assert pasted is not None and pasted.spec.type == "NodePort"
    assert (pasted.spec.clusterIP, pasted.spec.clusterIPs, pasted.spec.ports[0].nodePort) == (None, (), None)
    assert pasted.metadata.uid is None


def test_a_headless_service_stays_headless() -> None:
    project = create.create(Project(), "StatefulSet").project
    edit = clipboard.paste(project, clipboard.copy(project, ["Service:default/db"]))
    pasted = edit.project.find(Service, edit.select[0])
    assert pasted is not None and pasted.spec.clusterIP == "None"


def test_a_namespace_brings_what_lives_in_it() -> None:
    project = create.create(Project(), "IngressController").project
    edit = clipboard.paste(project, clipboard.copy(project, ["Namespace:ingress"]))
    (_, pasted) = edit.project.of(IngressController)
    assert edit.ok
    assert {c.namespace for c in edit.project.of(IngressController)} == {"ingress", "ingress-2"}
    assert pasted.spec.service == f"Service:{pasted.namespace}/ingress-controller"


def test_a_node_and_outside_objects_get_what_must_be_unique() -> None:
    project = Project()
    for kind in ("Node", "ExternalClient", "ExternalHost"):
        project = create.create(project, kind).project
    ids = ["Node:node-1", "ExternalClient:client", "ExternalHost:server"]
    after = clipboard.paste(project, clipboard.copy(project, ids)).project
    assert [node.labels["kubernetes.io/hostname"] for node in after.of(Node)] == ["node-1", "node-2"]
    client, host = after.get("ExternalClient:client-2"), after.get("ExternalHost:server-2")
    assert client is not None and fields.get_field(client, "spec.addresses") == ["198.51.100.11"]
    assert host is not None and fields.get_field(host, "spec.addresses") == ["192.0.2.11"]
    assert fields.get_field(host, "spec.names") == ["server-2.example.net"]


def test_a_paste_can_go_to_another_namespace(project: Project) -> None:
    edit = clipboard.paste(project, clipboard.copy(project, GROUP), namespace="other")
    assert edit.select == ("Deployment:other/web", "Service:other/web", "Ingress:other/web")


def text_of(**changes: object) -> str:
    data = {"format": clipboard.FORMAT, "version": 1, "objects": [{"kind": "Node", "metadata": {"name": "a"}}]}
    return orjson.dumps({**data, **changes}).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "apiVersion: v1\nkind: Pod\n",
        "{}",
        "[" * 3000,
        '{"format": "other"}',
        "\ud800",
        text_of(version=2),
        text_of(version="1"),
        text_of(objects=[]),
        text_of(objects=[5]),
        text_of(objects=[{"kind": "Unknown"}]),
        text_of(objects=[{"kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": 5}}]),
        text_of(objects=[{"kind": "Node", "metadata": {"name": "a/b c"}}]),
        text_of(objects=[{"kind": "Pod", "metadata": {"name": "a", "namespace": "x/y"}}]),
    ],
)
def test_what_was_not_copied_here_is_refused(text: str) -> None:
    edit = clipboard.paste(Project(), text)
    assert not edit.ok and edit.project == Project() and edit.problems[0].title


def test_the_test_text_itself_can_be_pasted() -> None:
    assert clipboard.paste(Project(), text_of()).ok
    assert clipboard.paste(Project(), text_of(placements=[1])).ok
    assert clipboard.paste(Project(), text_of(placements={"nodes": {"Node:a": {"x": "far"}}})).ok
