"""Patches that a kustomization names are no objects."""

from designer.manifests import read_texts
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
    assert web.dump()["spec"] == {"replicas": 3} and not result.problems
    said = {entry.file: entry.text for entry in result.report.of("skipped")}
    assert set(said) == {"base/kustomization.yaml", "patches/replicas.yaml"}
    assert "base/kustomization.yaml" in said["patches/replicas.yaml"]


def test_odd_kustomizations_name_nothing() -> None:
    for text in ("5", "patches: 5", "patches: [5, {path: 6}, null]", "[", ""):
        assert patch_files([("kustomization.yaml", text)]) == {}
