"""What an export would take out of a folder is told, and nothing else is."""

from pathlib import Path

import pytest

from designer.manifests import export_for, losses, read_paths

SHOP = "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n"
NOTE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x, ownerReferences: [{kind: ReplicaSet, name: x}]}\n"
KUBEADM = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {podSubnet: 10.9.0.0/16}\n"


def told(folder: Path, there: str | bytes) -> list[tuple[str, int]]:
    """What is lost when a project of one Service is exported where `there` has taken the place of its file."""
    source = folder / "shop.yaml"
    source.write_text(SHOP)
    project = read_paths([folder]).project
    source.write_bytes(there if isinstance(there, bytes) else there.encode())
    found = losses(folder, export_for(project, folder), project)
    assert all(problem.code == "WRITE-02" and problem.file == str(source) for problem in found)
    return [(problem.title.partition(" in ")[0], problem.line) for problem in found]


@pytest.mark.parametrize(
    ("there", "lost"),
    [
        (SHOP, []),
        (SHOP + "---\n" + NOTE, [("ConfigMap note", 6)]),
        (NOTE, [("ConfigMap note", 1)]),
        (SHOP.replace("{name: shop}", "{name: shop, namespace: default}"), []),
        (SHOP.replace("{name: shop}", "{name: shop, namespace: other}"), [("Service other/shop", 1)]),
        (SHOP.replace("80", "81"), []),
        (SHOP + "---\n" + POD, []),
        (SHOP + "---\n" + KUBEADM, []),
        ("# only a comment\n", []),
        (b"\xc3\x28", [("shop.yaml holds what cannot be read", 1)]),
    ],
    ids=["same", "beside", "instead", "default", "namespace", "changed", "owned", "settings", "comment", "binary"],
)
def test_what_the_project_has_not_is_lost(tmp_path: Path, there: str | bytes, lost: list[tuple[str, int]]) -> None:
    assert told(tmp_path, there) == lost


def test_an_empty_folder_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "shop.yaml").write_text(SHOP)
    project = read_paths([tmp_path / "in"]).project
    assert losses(tmp_path / "out", export_for(project, tmp_path / "out"), project) == ()
