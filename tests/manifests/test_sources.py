"""Manifests written back into their own files: only what changed, comments kept; changes outside are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from designer.edits.create import create
from designer.edits.fields import set_field
from designer.edits.remove import remove
from designer.manifests import read_paths
from designer.manifests.sources import Source, changed_outside, changes_to_save, save_changes, source_of

WEB = """# The shop's front, do not touch the port
apiVersion: v1
kind: Service
metadata:
  name: web   # called by everybody
  namespace: shop
spec:
  selector: {app: web}
  ports:
  - port: 80  # plain
    targetPort: 8080
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: shop}
spec: {selector: {app: other}, ports: [{port: 81}]}
"""
NODE = "apiVersion: v1\nkind: Node\nmetadata: {name: node-1}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "web.yaml").write_text(WEB)
    (tmp_path / "nodes.yaml").write_text(NODE)
    return tmp_path


def opened(folder: Path) -> Source:
    result = read_paths([folder])
    return source_of([folder], result.texts, result.project)


def test_what_was_only_read_changes_nothing(folder: Path) -> None:
    source = opened(folder)
    assert changes_to_save(source, source.project) == ()
    assert changed_outside(source) == ()


def test_one_field_changes_one_line_and_keeps_every_comment(folder: Path) -> None:
    source = opened(folder)
    project = set_field(source.project, "Service:shop/web", "spec.ports[0].port", 99).project
    (change,) = changes_to_save(source, project)
    assert (change.name, change.before) == ("apps/web.yaml", WEB)
    after, problems = save_changes(source, project, (change,))
    assert problems == ()
    written = (folder / "apps" / "web.yaml").read_text()
    assert written == WEB.replace("port: 80  # plain", "port: 99  # plain")
    assert (folder / "nodes.yaml").read_text() == NODE
    assert changed_outside(after) == ()
    assert changes_to_save(after, project) == ()


def test_a_new_object_gets_a_file_below_the_folder(folder: Path) -> None:
    source = opened(folder)
    project = create(source.project, "Deployment", namespace="shop").project
    (change,) = changes_to_save(source, project)
    assert change.before is None
    save_changes(source, project, (change,))
    assert "kind: Deployment" in (folder / change.name).read_text()
    again = read_paths([folder]).project
    assert {obj.id for obj in again.all()} == {obj.id for obj in project.all()}


def test_a_file_whose_last_object_is_gone_is_removed(folder: Path) -> None:
    source = opened(folder)
    project = remove(source.project, ["Node:node-1"]).project
    changes = {change.name: change.after for change in changes_to_save(source, project)}
    assert changes["nodes.yaml"] is None
    save_changes(source, project, changes_to_save(source, project))
    assert not (folder / "nodes.yaml").exists()


def test_changes_outside_are_found_also_new_and_removed_files(folder: Path) -> None:
    source = opened(folder)
    (folder / "apps" / "web.yaml").write_text(WEB.replace("81", "82"))
    (folder / "more.yaml").write_text(NODE.replace("node-1", "node-2"))
    (folder / "nodes.yaml").unlink()
    found = {change.name: (change.before is None, change.after is None) for change in changed_outside(source)}
    assert found == {"apps/web.yaml": (False, False), "more.yaml": (True, False), "nodes.yaml": (False, True)}


def test_what_cannot_be_written_is_told_and_stays_as_it_was(folder: Path) -> None:
    source = opened(folder)
    project = set_field(source.project, "Service:shop/web", "spec.ports[0].port", 99).project
    changes = changes_to_save(source, project)
    (folder / "apps" / "web.yaml").unlink()
    (folder / "apps" / "web.yaml").mkdir()
    after, problems = save_changes(source, project, changes)
    assert [problem.code for problem in problems] == ["WRITE-01"]
    assert after.texts == source.texts


DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  selector:
    matchLabels:
      app: cart
  template:
    metadata:
      labels:
        app: cart
    spec:
      containers:
      - name: server  # the list stands under its key
        securityContext:
          capabilities:
            drop:
              - ALL  # and this one further in
        image: cart:1
        ports:
        - containerPort: 7070
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("spec.replicas", 2, "  replicas: 2\n"),
        ("spec.template.spec.hostNetwork", True, "      hostNetwork: true\n"),
        ("spec.template.spec.nodeName", "n1", "      nodeName: n1\n"),
    ],
)
def test_a_field_that_is_new_adds_one_line_where_lists_are_indented_in_two_ways(
    tmp_path: Path, path: str, value: object, line: str
) -> None:
    (tmp_path / "cart.yaml").write_text(DEPLOYMENT)
    source = opened(tmp_path)
    project = set_field(source.project, "Deployment:default/cart", path, value).project
    (change,) = changes_to_save(source, project)
    assert change.after == DEPLOYMENT + line
