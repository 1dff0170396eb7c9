"""Files, folders, standard input, duplicates, Secrets, provenance."""

import os
from pathlib import Path

import pytest

from designer.manifests import read_paths, read_texts
from designer.model import Service

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"


def test_folder_is_read_sorted_without_hidden_parts(tmp_path: Path) -> None:
    for name in ("b.yaml", "a/x.yml", "a/y.json", ".git/c.yaml", "a/.hidden.yaml", "readme.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pod = name.replace("/", "-").replace(".", "-").strip("-")
        text = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"}}' % pod  # noqa: UP031
        file.write_text(text if name.endswith("json") else POD % pod)
    result = read_paths([tmp_path], assuming=False)
    assert list(result.texts) == ["a/x.yml", "a/y.json", "b.yaml"]
    assert [obj.name for obj in result.project.all()] == ["a-x-yml", "a-y-json", "b-yaml"]
    assert result.project.provenance["Pod:default/a-x-yml"].file == "a/x.yml"


def test_links_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.yaml").write_text(POD % "a")
    os.symlink(tmp_path, tmp_path / "sub" / "loop")
    result = read_paths([tmp_path], assuming=False)
    assert list(result.texts) == ["sub/a.yaml"] and not result.problems


def test_missing_and_unreadable_files_are_problems(tmp_path: Path) -> None:
    (tmp_path / "ok.yaml").write_text(POD % "ok")
    os.symlink(tmp_path / "nowhere", tmp_path / "gone.yaml")
    result = read_paths([tmp_path, tmp_path / "missing.yaml", "bad\0name"], assuming=False)
    assert [problem.code for problem in result.problems] == ["READ-00"] * 3
    assert {problem.severity for problem in result.problems} == {"error"}
    assert [obj.id for obj in result.project.all()] == ["Pod:default/ok"]


def test_paths_without_an_object_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("a: 1\n")
    for paths in ([tmp_path], [tmp_path / "values.yaml"], ["-"], []):
        result = read_paths(paths, "")
        assert result.empty and [problem.code for problem in result.problems] == ["READ-10"]


def test_standard_input_and_several_paths(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(POD % "a")
    for stdin in (POD % "b", (POD % "b").encode("utf-16")):
        result = read_paths([tmp_path / "a.yaml", "-"], stdin, assuming=False)
        assert [obj.id for obj in result.project.all()] == ["Pod:default/a", "Pod:default/b"]
        assert result.project.provenance["Pod:default/b"].file == "-"


def test_files_of_one_name_in_two_folders(tmp_path: Path) -> None:
    for folder in ("x", "w"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.yaml").write_text(POD % folder)
    result = read_paths([tmp_path / "x" / "a.yaml", tmp_path / "w" / "a.yaml"], assuming=False)
    assert len(result.texts) == 2 and len(list(result.project.all())) == 2


def test_the_later_of_two_stands_and_both_places_are_named() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: %d}]}\n"
    result = read_texts([("1.yaml", service % 80), ("2.yaml", "\n\n" + service % 81)], assuming=False)
    found = result.project.find(Service, "Service:default/a")
    assert found is not None and found.spec.ports[0].port == 81
    (problem,) = result.problems
    assert (problem.code, problem.severity, problem.file, problem.line) == ("READ-08", "warning", "2.yaml", 3)
    assert "1.yaml line 1 and 2.yaml line 3" in problem.title


def test_namespace_default_is_the_same_as_none() -> None:
    text = POD % "a" + "---\n" + (POD % "a").replace("{name: a}", "{name: a, namespace: default}")
    assert [p.code for p in read_texts([("f", text)], assuming=False).problems] == ["READ-08"]


def test_secrets_are_never_read() -> None:
    text = """apiVersion: v1
kind: Secret
metadata:
  name: tls
  namespace: shop
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"k":"c2VjcmV0"}}'}
  managedFields: [{x: c2VjcmV0}]
type: kubernetes.io/tls
data: {tls.key: c2VjcmV0}
stringData: {a: c2VjcmV0}
"""
    project = read_texts([("f.yaml", text)]).project
    (kept,) = project.foreign.values()
    assert kept.id == "v1/Secret:shop/tls" and kept.reason == "Secrets are never read"
    assert kept.data == {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": "tls", "namespace": "shop"},
    }
    assert "c2VjcmV0" not in repr(project)


def test_lines_of_fields_are_kept_for_policies() -> None:
    text = """# first
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: a
spec:
  podSelector: {}
  ingress:
  - from:
    - podSelector: {}
    ports:
    - port: 80
"""
    place = read_texts([("f.yaml", text)], assuming=False).project.provenance["NetworkPolicy:default/a"]
    assert (place.file, place.line, place.document) == ("f.yaml", 3, 0)
    assert place.fieldLines["spec.ingress[0].from[0]"] == 11
    assert place.fieldLines["spec.ingress[0].ports"] == 12 and place.fieldLines["spec.ingress[0].ports[0]"] == 13
    assert place.fieldLines["spec.podSelector"] == 8


@pytest.mark.parametrize("name", ["", "-", "../x.yaml", "a\nb"])
def test_any_file_name_is_fine(name: str) -> None:
    assert [obj.id for obj in read_texts([(name, POD % "a")], assuming=False).project.all()] == ["Pod:default/a"]


def test_the_report_does_not_call_a_kind_of_kubernetes_unknown(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n")
    (entry,) = read_paths([tmp_path]).report.of("kept")
    assert "does not evaluate" in entry.text
    assert "unknown" not in entry.text
