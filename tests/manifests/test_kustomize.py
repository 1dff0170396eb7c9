"""Patches that a kustomization names are no objects."""

from pathlib import Path

import pytest

from designer.manifests import read_paths, read_texts
from designer.manifests.kustomize import patch_files

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: %d}\n"
KUSTOMIZATION = """resources:
- web.yaml
patches:
- path: ../patches/replicas.yaml
- patch: |-
    - op: remove
patchesStrategicMerge:
- memory.yaml
- |
  apiVersion: v1
  kind: Service
"""


def test_patches_are_found_relative_to_their_kustomization() -> None:
    assert patch_files([("a/base/kustomization.yaml", KUSTOMIZATION), ("a/x.yaml", "a: 1")]) == {
        "a/patches/replicas.yaml": "a/base/kustomization.yaml",
        "a/base/memory.yaml": "a/base/kustomization.yaml",
    }


def test_patches_are_skipped_and_said() -> None:
    texts = [
        ("base/kustomization.yaml", KUSTOMIZATION),
        ("base/web.yaml", DEPLOYMENT % 3),
        ("patches/replicas.yaml", DEPLOYMENT % 9),
    ]
    result = read_texts(texts, assuming=False)
    (web,) = result.project.all()
    assert web.dump()["spec"] == {"replicas": 3}
    (problem,) = result.problems
    assert (problem.code, problem.severity, problem.file) == ("READ-13", "warning", "base/kustomization.yaml")
    assert "patches, patchesStrategicMerge" in problem.title and "kubectl kustomize base" in problem.fix
    said = {entry.file: entry.text for entry in result.report.of("skipped")}
    assert set(said) == {"base/kustomization.yaml", "patches/replicas.yaml"}
    assert "base/kustomization.yaml" in said["patches/replicas.yaml"]


def test_odd_kustomizations_name_nothing() -> None:
    for text in ("5", "patches: 5", "patches: [5, {path: 6}, null]", "[", ""):
        assert patch_files([("kustomization.yaml", text)]) == {}


def test_a_kustomization_that_changes_nothing_is_no_problem() -> None:
    texts = [
        ("kustomization.yaml", "resources: [web.yaml]\nimages: [{name: a, newTag: b}]\n"),
        ("web.yaml", DEPLOYMENT % 1),
    ]
    assert not read_texts(texts, assuming=False).problems


@pytest.mark.parametrize(
    "line",
    ["namespace: shop", "namePrefix: a-", "labels: [{pairs: {a: b}}]", "replicas: [{name: web, count: 2}]",
     "components: [../c]", "resources: [../base]", "resources: ['https://example.com/base']"],
)  # fmt: skip
def test_what_a_kustomization_would_change_is_said(line: str) -> None:
    (problem,) = read_texts(
        [("kustomization.yaml", line + "\n"), ("web.yaml", DEPLOYMENT % 1)], assuming=False
    ).problems
    assert problem.code == "READ-13" and line.partition(":")[0] in problem.title


def test_paths_that_hold_only_a_kustomization_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\n")
    (problem,) = read_paths([tmp_path]).problems
    assert problem.code == "READ-10" and "kubectl kustomize" in problem.why
