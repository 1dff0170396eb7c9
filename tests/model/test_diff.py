"""What differs between two snapshots."""

from dataclasses import replace

from designer.model import (
    Canvas,
    FrozenMap,
    KubeObject,
    Namespace,
    Node,
    Placement,
    Project,
    ProjectDiff,
    Service,
    diff_projects,
)


def named(kind: type[KubeObject], name: str, **rest: object) -> KubeObject:
    return kind.model_validate({"metadata": {"name": name}, **rest})


def test_nothing_differs_from_itself() -> None:
    project = Project().with_object(named(Node, "a"))
    assert diff_projects(project, project) == ProjectDiff() and diff_projects(project, project).is_empty


def test_added_removed_and_changed_objects_are_named() -> None:
    before = Project().with_objects([named(Node, "a"), named(Service, "s"), named(Service, "same")])
    after = before.without("Node:a").with_objects(
        [named(Service, "s", spec={"type": "NodePort"}), named(Namespace, "n")]
    )
    diff = diff_projects(before, after)
    assert diff.added == ("Namespace:n",) and diff.removed == ("Node:a",) and diff.changed == ("Service:default/s",)
    assert diff.touches_engine and not diff.canvas


def test_an_equal_object_is_no_change() -> None:
    before = Project().with_object(named(Node, "a"))
    assert diff_projects(before, before.with_object(named(Node, "a"))).is_empty


def test_a_moved_shape_does_not_touch_the_engine() -> None:
    canvas = Canvas(placements=FrozenMap({"nodes": FrozenMap({"Node:a": Placement(x=1, y=1)})}))
    diff = diff_projects(Project(), replace(Project(), canvas=canvas))
    assert diff.canvas and not diff.touches_engine and not diff.is_empty


def test_slices_that_did_not_change_are_shared() -> None:
    before = Project().with_objects([named(Node, "a"), named(Service, "s")])
    after = before.with_object(named(Node, "b"))
    assert after.objects["Service"] is before.objects["Service"]
    assert after.without("Node:b").without("Node:a").objects.get("Node") is None


def test_namespaces_exist_by_manifest_or_by_what_lives_in_them() -> None:
    project = Project().with_objects(
        [named(Namespace, "made"), Service.model_validate({"metadata": {"name": "s", "namespace": "used"}})]
    )
    assert project.namespaces() == ("default", "made", "used")
