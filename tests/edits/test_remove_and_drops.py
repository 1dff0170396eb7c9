"""Taking away with its cascade, recreating, and what may be dropped where."""

from dataclasses import replace

import pytest

from designer.edits import create, drops, recreate, remove
from designer.edits.palette import PALETTE
from designer.model import (
    Canvas,
    Deployment,
    ForeignObject,
    FrozenMap,
    Ledger,
    NodeRecord,
    Note,
    Placement,
    Pod,
    PodRecord,
    Project,
    Provenance,
    Scenario,
    ServiceRecord,
)

WEB, POD_KEY = "Deployment:default/web", "Deployment:default/web#0"


@pytest.fixture
def project() -> Project:
    made = Project()
    for kind in ("Node", "Node", "Deployment", "Namespace"):
        made = create.create(made, kind).project
    made = create.create(made, "Service", target=WEB).project
    for kind in ("Pod", "Service"):
        made = create.create(made, kind, target="Namespace:team").project
    places = {oid: Placement(x=1, y=1) for oid in ("Service:default/web", POD_KEY, WEB)}
    return replace(
        made,
        ledger=Ledger(
            pods=FrozenMap({POD_KEY: PodRecord(name="web-a", node="node-1", ips=("10.0.0.2",), observed=True)}),
            nodes=FrozenMap({"node-1": NodeRecord(), "node-2": NodeRecord()}),
            services=FrozenMap({"Service:default/web": ServiceRecord(clusterIPs=("10.96.0.2",))}),
        ),
        canvas=Canvas(
            placements=FrozenMap({"nodes": FrozenMap(places), "traffic": FrozenMap(places)}),
            notes=FrozenMap({"note-1": Note(text="hello")}),
            collapsed=(WEB,),
        ),
        provenance=FrozenMap({WEB: Provenance(file="a.yaml")}),
        scenarios=FrozenMap({"s": Scenario(name="s", source=POD_KEY, destination="http://web")}),
        foreign=FrozenMap(
            {"x/Y:team/z": ForeignObject("x/Y:team/z", {"metadata": {"name": "z", "namespace": "team"}})}
        ),
    )


def test_an_object_goes_with_its_places_and_provenance_and_leaves_its_scenarios(project: Project) -> None:
    edit = remove.remove(project, [WEB])
    assert edit.ok and edit.label == "Delete Deployment web" and edit.project.get(WEB) is None
    assert all(set(places) == {"Service:default/web"} for places in edit.project.canvas.placements.values())
    assert edit.project.canvas.collapsed == () and WEB not in edit.project.provenance
    assert edit.project.scenarios is project.scenarios
    assert edit.project.objects["Service"] is project.objects["Service"]


def test_a_service_takes_its_record(project: Project) -> None:
    assert remove.remove(project, ["Service:default/web"]).project.ledger.services == {}


def test_a_node_takes_its_record_and_stays_known_to_its_pods_until_they_are_placed_anew(project: Project) -> None:
    after = remove.remove(project, ["Node:node-1"]).project
    assert list(after.ledger.nodes) == ["node-2"]
    # The allocator needs to know which addresses come free: it takes them from the record.
    assert after.ledger.pods is project.ledger.pods


@pytest.mark.parametrize("written", [True, False])
def test_a_namespace_takes_what_lives_in_it(project: Project, written: bool) -> None:
    before = project if written else project.without("Namespace:team")
    after = remove.remove(before, ["Namespace:team"]).project
    assert "team" not in after.namespaces() and after.foreign == {}
    assert {obj.id for obj in before.all()} - {obj.id for obj in after.all()} == {
        "Pod:team/web",
        "Service:team/web",
        *(["Namespace:team"] if written else []),
    }


def test_several_objects_notes_and_foreign_ones_go_in_one_step(project: Project) -> None:
    edit = remove.remove(project, ["note-1", "x/Y:team/z", WEB, WEB])
    assert edit.label == "Delete 3 objects" and edit.project.canvas.notes == {} and edit.project.foreign == {}


def test_what_does_not_exist_cannot_be_removed(project: Project) -> None:
    edit = remove.remove(project, [WEB, "Pod:default/none"])
    assert not edit.ok and edit.project is project and edit.problems[0].object == "Pod:default/none"


def test_recreating_a_pod_gives_it_the_next_sandbox_without_address(project: Project) -> None:
    edit = recreate.recreate(project, POD_KEY)
    record = edit.project.ledger.pods[POD_KEY]
    assert (record.sandbox, record.ips, record.previousIps, record.observed) == (1, (), ("10.0.0.2",), False)
    assert edit.label == "Recreate web-a" and edit.select == (POD_KEY,)
    assert not recreate.recreate(project, "Pod:default/none").ok


@pytest.mark.parametrize(
    ("kind", "target", "ok", "reason"),
    [
        ("Node", None, True, ""),
        ("Pod", "Node:node-1", True, "The Pod will run on this Node."),
        ("Deployment", "Node:node-1", True, "The scheduler decides on which Nodes its Pods run."),
        ("Node", POD_KEY, False, "A Node cannot stand inside a Pod."),
        ("Node", "Node:node-1", False, "A Node cannot stand inside a Node."),
        ("Node", "Namespace:team", False, "A Node belongs to no namespace: drop it beside."),
        ("Namespace", "Namespace:team", False, "A Namespace cannot stand inside a Namespace."),
        ("Pod", "Namespace:team", True, "A Pod will live in namespace team."),
        ("Service", WEB, True, "The Service will select the Pods of Deployment web."),
        ("Service", "Node:node-1", False, "A Service cannot stand inside a Node."),
        ("NetworkPolicy", "Service:default/web", True, "The NetworkPolicy will select the Pods of Service web."),
        (
            "Ingress",
            "Service:default/web",
            True,
            "The Ingress will lead to this Service, port 80. Add an Ingress controller that serves it.",
        ),
        ("Ingress", WEB, False, "An Ingress cannot stand inside a Deployment."),
        ("Service", "Service:default/web", False, "A Service has nothing to do with a Service."),
        ("Pod", "Node:gone", False, "Node gone is not in the project."),
        ("Pod", "Namespace:gone", False, "Namespace gone is not in the project."),
    ],
)
def test_a_drop_is_answered_in_a_sentence(
    project: Project, kind: str, target: str | None, ok: bool, reason: str
) -> None:
    assert drops.may_drop(project, kind, target) == drops.DropAnswer(ok, reason)


@pytest.mark.parametrize("kind", [item.kind for item in PALETTE])
def test_what_is_refused_while_hovering_is_refused_at_the_drop(project: Project, kind: str) -> None:
    for target in [obj.id for obj in project.all()]:
        answer = drops.may_drop(project, kind, target)
        assert create.create(project, kind, target=target).ok == answer.ok
        assert answer.ok or answer.reason.endswith(".")


def test_a_pod_moved_onto_a_node_runs_there(project: Project) -> None:
    edit = drops.move(project, "Pod:team/web", "Node:node-2")
    pod = edit.project.find(Pod, "Pod:team/web")
    assert pod is not None and pod.spec.nodeName == "node-2" and edit.label == "Move Pod web to Node node-2"


def test_a_derived_pod_moved_onto_a_node_pins_its_workload(project: Project) -> None:
    edit = drops.move(project, POD_KEY, "Node:node-2")
    workload = edit.project.find(Deployment, WEB)
    assert workload is not None and workload.spec.template.spec.nodeName == "node-2"
    assert edit.label == "Pin all Pods of Deployment web to Node node-2" and edit.select == (POD_KEY,)
    # What a dump observed no longer holds it where it was.
    assert not edit.project.ledger.pods[POD_KEY].observed


def test_a_daemon_set_cannot_be_moved_onto_one_node(project: Project) -> None:
    made = create.create(project, "DaemonSet").project
    edit = drops.move(made, "DaemonSet:default/agent@node-1", "Node:node-2")
    assert not edit.ok and "every Node" in edit.problems[0].title


def test_an_object_moved_onto_a_namespace_lives_there(project: Project) -> None:
    after = drops.move(project, "Service:default/web", "Namespace:team")
    assert not after.ok and after.problems[0].code == "EDIT-05"  # team has a Service web already
    cleared = remove.remove(project, ["Service:team/web"]).project
    moved = drops.move(cleared, "Service:default/web", "Namespace:team").project
    assert moved.get("Service:team/web") is not None and "Service:team/web" in moved.ledger.services
