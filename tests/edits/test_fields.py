"""Changing fields by path, renaming with all that belongs to an object."""

from dataclasses import replace
from typing import Any

import pytest

from designer.edits import create, fields
from designer.edits.paths import PathError, parse_path, path_text
from designer.model import (
    Canvas,
    EndpointSlice,
    ForeignObject,
    FrozenMap,
    Ingress,
    IngressController,
    Ledger,
    Namespace,
    NodeRecord,
    Placement,
    Pod,
    PodRecord,
    Project,
    Provenance,
    Scenario,
    Service,
    ServiceRecord,
    StatefulSet,
)

WEB = "Service:default/web"


@pytest.fixture
def project() -> Project:
    made = create.create(Project(), "Deployment").project
    made = create.create(made, "Service", target="Deployment:default/web").project
    return create.create(made, "Ingress", target=WEB).project


def service(project: Project, oid: str = WEB) -> Service:
    found = project.find(Service, oid)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "path", ["spec.ports[0].port", "spec.ports[+]", "spec.ports[+2]", 'metadata.labels["a.b/c"]', "spec", "a[0][1].b"]
)
def test_paths_are_read_and_written_back(path: str) -> None:
    assert path_text(parse_path(path)) == path


@pytest.mark.parametrize("path", ["", "a..b", "a[", "a[]", "]"])
def test_misspelt_paths_are_refused(path: str) -> None:
    with pytest.raises(PathError):
        parse_path(path)


def test_a_field_is_set_and_read(project: Project) -> None:
    edit = fields.set_field(project, WEB, "spec.ports[0].port", 8081)
    assert edit.ok and edit.select == (WEB,) and service(edit.project).spec.ports[0].port == 8081
    assert fields.get_field(service(edit.project), "spec.ports[0].port") == 8081
    assert service(project).spec.ports[0].port == 80


def test_reading_gives_defaults_plain_data_and_none(project: Project) -> None:
    web = service(project)
    assert fields.get_field(web, "spec.sessionAffinity") == "None"
    assert fields.get_field(web, "spec.selector") == {"app": "web"}
    assert fields.get_field(web, "spec.ports[7].port") is None
    assert fields.get_field(web, "nothing.there") is None


def test_a_list_grows_shrinks_and_takes_in_the_middle(project: Project) -> None:
    def ports(changed: Project) -> list[int]:
        return [port.port for port in service(changed).spec.ports]

    more = fields.set_field(project, WEB, "spec.ports[+]", {"port": 443, "name": "https"}).project
    assert ports(more) == [80, 443]
    middle = fields.set_field(more, WEB, "spec.ports[+1]", {"port": 8000, "name": "alt"}).project
    assert ports(middle) == [80, 8000, 443]
    assert ports(fields.set_field(middle, WEB, "spec.ports[0]", None).project) == [8000, 443]


def test_none_takes_a_field_away(project: Project) -> None:
    changed = fields.set_field(project, WEB, "spec.type", None).project
    assert "type" not in service(changed).dump()["spec"] and service(changed).spec.type == "ClusterIP"


def test_labels_with_dots_and_slashes_can_be_set(project: Project) -> None:
    changed = fields.set_field(project, WEB, "metadata.labels[app.kubernetes.io/name]", "shop").project
    assert service(changed).labels == {"app": "web", "app.kubernetes.io/name": "shop"}


def test_the_policy_fields_that_python_reserves_have_their_kubernetes_names() -> None:
    project = create.create(Project(), "NetworkPolicy").project
    oid = "NetworkPolicy:default/same-namespace"
    for name in ("from", "from_"):
        edit = fields.set_field(project, oid, f"spec.ingress[0].{name}[+]", {"ipBlock": {"cidr": "10.0.0.0/8"}})
        assert edit.ok
        policy = edit.project.get(oid)
        assert policy is not None
        assert fields.get_field(policy, "spec.ingress[0].from[1].ipBlock.cidr") == "10.0.0.0/8"


def test_typing_in_one_field_is_one_step_and_changing_a_list_is_not(project: Project) -> None:
    one = fields.set_field(project, WEB, "spec.ports[0].port", 8)
    two = fields.set_field(one.project, WEB, "spec.ports[0].port", 80)
    assert one.merge_key == two.merge_key is not None
    assert fields.set_field(project, WEB, "spec.type", "NodePort").merge_key != one.merge_key
    assert fields.set_field(project, WEB, "spec.ports[+]", {"port": 1}).merge_key is None


def test_setting_what_is_there_changes_nothing(project: Project) -> None:
    assert fields.set_field(project, WEB, "spec.ports[0].port", 80).project is project


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("spec.ports[0].port", "x", "must be a whole number"),
        ("spec.ports[0].port", 70000, "from 1 to 65535"),
        ("spec.ports[0].port", None, "is required"),
        ("spec.ports", "http", "must be a list"),
        ("spec", 5, "must be a group of fields"),
        ("spec.type", "Loadbalancer", "must be ClusterIP, NodePort, LoadBalancer or ExternalName"),
        ("spec.ports[0].protocol", "tcp", "must be TCP, UDP or SCTP"),
        ("spec.ports[0].targetPort", "much-too-long-a-name", "up to 15"),
        ("spec.clusterIP", "10.96.0.300", "must be a valid IP address"),
        ("spec.loadBalancerSourceRanges[+]", "10.1.2.3/8", "may only be used when `type` is 'LoadBalancer'"),
        ("metadata.labels[app]", "no spaces", "must be empty or up to 63"),
        ("metadata.labels[-x]", "v", "is no label key"),
        ("metadata.name", "Web", "lower-case"),
        ("metadata.name", "a.b", "1 to 63"),
        ("kind", "Pod", "cannot change"),
        ("spec.ports[5].port", 1, "does not exist"),
        ("spec.type.deeper", 1, "no fields"),
        ("", 1, "empty"),
    ],
)
def test_what_kubernetes_refuses_is_refused_with_the_field(project: Project, path: str, value: Any, words: str) -> None:
    edit = fields.set_field(project, WEB, path, value)
    assert not edit.ok and edit.project is project
    assert any(words in problem.title for problem in edit.problems), edit.problems
    assert all(problem.object == WEB for problem in edit.problems)


def test_a_value_that_nests_without_end_is_refused(project: Project) -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    assert not fields.set_field(project, WEB, "spec.x", deep).ok
    assert not fields.replace_object(project, WEB, {"metadata": {"name": "web"}, "spec": deep}).ok


def test_a_wrong_value_that_was_there_before_does_not_stop_other_changes() -> None:
    odd = Service.model_validate({"metadata": {"name": "web"}, "spec": {"type": "Odd", "ports": [{"port": 80}]}})
    assert fields.set_field(Project().with_object(odd), WEB, "spec.ports[0].port", 81).ok


def test_an_object_is_replaced_as_a_whole(project: Project) -> None:
    data: dict[str, Any] = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "x": None}}
    data["spec"] = {"type": "NodePort", "ports": [{"port": 80}]}
    edit = fields.replace_object(project, WEB, data)
    assert edit.ok and service(edit.project).dump()["metadata"] == {"name": "web"}
    assert not fields.replace_object(project, WEB, []).ok
    assert not fields.replace_object(project, "Service:default/none", data).ok


def full(project: Project) -> Project:
    """The project with records, places, provenance and a scenario for what it holds."""
    keys = ("Deployment:default/web#0", "Deployment:default/web#1")
    pods = {key: PodRecord(name=f"web-abc-{n}", node="node-1", ips=(f"10.244.0.{n}",)) for n, key in enumerate(keys)}
    places = {oid: Placement(x=n, y=n) for n, oid in enumerate((WEB, keys[0], "Deployment:default/web"))}
    return replace(
        project,
        ledger=Ledger(
            pods=FrozenMap(pods),
            services=FrozenMap({WEB: ServiceRecord(clusterIPs=("10.96.0.5",))}),
            nodes=FrozenMap({"node-1": NodeRecord(podCIDRs=("10.244.0.0/24",))}),
        ),
        canvas=Canvas(
            placements=FrozenMap({"nodes": FrozenMap(places), "traffic": FrozenMap(places)}), collapsed=(WEB,)
        ),
        provenance=FrozenMap({WEB: Provenance(file="a.yaml", line=1)}),
        scenarios=FrozenMap({"s": Scenario(name="s", source=keys[1], destination="http://web")}),
    )


def test_renaming_a_service_moves_its_records_places_and_references(project: Project) -> None:
    before = full(project)
    edit = fields.rename(before, WEB, "shop")
    new, after = "Service:default/shop", edit.project
    assert edit.ok and edit.select == (new,) and after.get(WEB) is None
    assert after.ledger.services == {new: before.ledger.services[WEB]}
    assert new in after.canvas.placements["nodes"] and new in after.canvas.placements["traffic"]
    assert WEB not in after.canvas.placements["nodes"] and after.canvas.collapsed == (new,)
    assert after.provenance == {new: before.provenance[WEB]}
    (ingress,) = after.of(Ingress)
    assert ingress.spec.rules[0].http.paths[0].backend.service.name == "shop"  # type: ignore[union-attr]
    # A selector is labels, not a reference; and nothing else was touched.
    assert service(after, new).spec.selector == {"app": "web"}
    assert after.objects["Deployment"] is before.objects["Deployment"]
    assert after.ledger.pods is before.ledger.pods


def test_renaming_a_workload_moves_the_keys_and_names_of_its_pods(project: Project) -> None:
    after = fields.rename(full(project), "Deployment:default/web", "shop").project
    assert {key: record.name for key, record in after.ledger.pods.items()} == {
        "Deployment:default/shop#0": "shop-abc-0",
        "Deployment:default/shop#1": "shop-abc-1",
    }
    assert after.ledger.pods["Deployment:default/shop#1"].ips == ("10.244.0.1",)
    assert after.scenarios["s"].source == "Deployment:default/shop#1"
    assert "Deployment:default/shop#0" in after.canvas.placements["nodes"]
    assert service(after).spec.selector == {"app": "web"}


def test_renaming_a_node_keeps_its_pods_on_it(project: Project) -> None:
    before = create.create(full(project), "Node").project
    before = create.create(before, "Pod", target="Node:node-1").project
    record = {"DaemonSet:default/agent@node-1": PodRecord(name="agent-x", node="node-1")}
    before = replace(before, ledger=before.ledger.replace(pods=before.ledger.pods.merged(record)))
    after = fields.rename(before, "Node:node-1", "worker").project
    assert {record.node for record in after.ledger.pods.values()} == {"worker"}
    assert "DaemonSet:default/agent@worker" in after.ledger.pods
    assert list(after.ledger.nodes) == ["worker"]
    node, pod = after.get("Node:worker"), after.find(Pod, "Pod:default/web-2")
    assert node is not None and node.labels["kubernetes.io/hostname"] == "worker"
    assert pod is not None and pod.spec.nodeName == "worker"


def test_renaming_the_parts_of_an_ingress_controller_keeps_them_together() -> None:
    project = create.create(Project(), "IngressController").project
    (controller,) = project.of(IngressController)
    project = fields.rename(project, controller.spec.service or "", "entry").project
    project = fields.rename(project, controller.spec.workload or "", "proxy").project
    (controller,) = project.of(IngressController)
    assert (controller.spec.service, controller.spec.workload) == ("Service:ingress/entry", "Deployment:ingress/proxy")


def test_renaming_the_headless_service_of_a_stateful_set_and_the_slices_of_a_service() -> None:
    project = create.create(Project(), "StatefulSet").project
    slice_ = EndpointSlice.model_validate(
        {
            "metadata": {"name": "db-1", "labels": {"kubernetes.io/service-name": "db"}},
            "endpoints": [
                {"addresses": ["10.0.0.1"], "targetRef": {"kind": "Pod", "name": "p", "namespace": "default"}}
            ],
        }
    )
    after = fields.rename(project.with_object(slice_), "Service:default/db", "data").project
    (workload,), (found,) = after.of(StatefulSet), after.of(EndpointSlice)
    assert workload.spec.serviceName == "data" and found.labels["kubernetes.io/service-name"] == "data"


def test_renaming_a_namespace_moves_everything_in_it() -> None:
    project = create.create(Project(), "Namespace").project
    for kind in ("Deployment", "Service", "Ingress"):
        project = create.create(project, kind, target="Namespace:team").project
    foreign = ForeignObject("x/Y:team/z", {"metadata": {"name": "z", "namespace": "team"}})
    project = replace(project, foreign=FrozenMap({foreign.id: foreign}))
    after = fields.rename(project, "Namespace:team", "crew").project
    assert sorted(obj.id for obj in after.all()) == [
        "Deployment:crew/web",
        "Ingress:crew/web",
        "Namespace:crew",
        "Service:crew/web",
    ]
    (namespace,), (ingress,) = after.of(Namespace), after.of(Ingress)
    assert namespace.labels["kubernetes.io/metadata.name"] == "crew"
    assert ingress.spec.rules[0].http.paths[0].backend.service.name == "web"  # type: ignore[union-attr]
    assert after.foreign["x/Y:crew/z"].data["metadata"]["namespace"] == "crew"


def test_a_name_that_is_taken_is_refused(project: Project) -> None:
    two = create.create(project, "Service").project
    edit = fields.rename(two, "Service:default/web-2", "web")
    assert not edit.ok and edit.problems[0].code == "EDIT-05" and edit.problems[0].field == "metadata.name"
    team = create.create(project, "Namespace").project
    assert not fields.rename(team, "Namespace:team", "default").ok


def test_moving_an_object_to_another_namespace_leaves_references_that_cannot_reach_it(project: Project) -> None:
    after = fields.set_field(full(project), WEB, "metadata.namespace", "other").project
    (ingress,) = after.of(Ingress)
    assert after.get("Service:other/web") is not None and "Service:other/web" in after.ledger.services
    assert ingress.spec.rules[0].http.paths[0].backend.service.name == "web"  # type: ignore[union-attr]
