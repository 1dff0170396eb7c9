"""What changed outside is taken object by object; what was edited here is never lost."""

from __future__ import annotations

from designer.edits.create import create
from designer.edits.fields import set_field
from designer.edits.remove import remove
from designer.edits.takeover import take_over
from designer.manifests import read_texts
from designer.model import Project, Service


def services(*ports: tuple[str, int]) -> Project:
    text = "---\n".join(
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{ports: [{{port: {port}}}]}}\n"
        for name, port in ports
    )
    return read_texts([("all.yaml", text)]).project


def port(project: Project, name: str) -> int:
    found = project.find(Service, f"Service:default/{name}")
    assert found is not None
    return found.spec.ports[0].port


BASE = services(("a", 1), ("b", 2), ("c", 3))


def test_a_change_outside_is_taken_and_an_edit_here_stays() -> None:
    mine = set_field(BASE, "Service:default/b", "spec.ports[0].port", 22).project
    found = take_over(mine, BASE, services(("a", 11), ("b", 2), ("d", 4)))
    result = found.edit.project
    assert (port(result, "a"), port(result, "b"), port(result, "d")) == (11, 22, 4)
    assert result.get("Service:default/c") is None
    assert found.kept == ()
    assert set(found.taken) == {"Service:default/a", "Service:default/c", "Service:default/d"}
    assert result.provenance["Service:default/d"].file == "all.yaml"


def test_what_changed_on_both_sides_stays_as_it_is_here_and_is_named() -> None:
    mine = set_field(BASE, "Service:default/a", "spec.ports[0].port", 100).project
    found = take_over(mine, BASE, services(("a", 11), ("b", 2), ("c", 3)))
    assert port(found.edit.project, "a") == 100
    assert found.kept == ("Service:default/a",)


def test_removed_here_and_changed_outside_stays_removed() -> None:
    mine = remove(BASE, ["Service:default/a"]).project
    found = take_over(mine, BASE, services(("a", 11), ("b", 2), ("c", 3)))
    assert found.edit.project.get("Service:default/a") is None
    assert found.kept == ("Service:default/a",)


def test_the_same_change_on_both_sides_is_no_conflict_and_no_step() -> None:
    mine = set_field(BASE, "Service:default/a", "spec.ports[0].port", 11).project
    found = take_over(mine, BASE, services(("a", 11), ("b", 2), ("c", 3)))
    assert (found.taken, found.kept) == ((), ())
    assert found.edit.project is mine


def test_what_was_added_here_stays() -> None:
    mine = create(BASE, "Node").project
    found = take_over(mine, BASE, services(("a", 11), ("b", 2), ("c", 3)))
    assert found.edit.project.get("Node:node-1") is mine.get("Node:node-1")
