"""What a PATH may be: a project under any name, manifests, a folder, standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from designer.cli.opening import open_paths
from designer.manifests import read_texts
from designer.storage import encode, save_file

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c}]}\n"
PROJECT = encode(read_texts([("pod.yaml", POD)]).project)


@pytest.mark.parametrize("name", ["a.cnd", "a.cnd.bak", "copy of a", "a.json", "a.yaml"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_project_is_known_by_its_content(tmp_path: Path, name: str, mark: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(mark + PROJECT)
    opened = open_paths([str(path)])
    assert opened.project is not None and opened.project.get("Pod:default/a") is not None
    assert opened.report is None


def test_the_backup_that_a_message_speaks_of_opens(tmp_path: Path) -> None:
    path = tmp_path / "a.cnd"
    project = read_texts([("pod.yaml", POD)]).project
    for _ in range(2):
        assert save_file(path, project).ok
    path.write_bytes(path.read_bytes()[:500])
    opened = open_paths([str(path)])
    assert opened.project is None and ".bak" in opened.problems[0].fix
    assert open_paths([str(path) + ".bak"]).project is not None


def test_a_project_comes_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PROJECT)))
    opened = open_paths(["-"])
    assert opened.project is not None and opened.project.get("Pod:default/a") is not None


def test_a_project_beside_other_files_is_refused_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(PROJECT)
    (tmp_path / "pod.yaml").write_text(POD)
    opened = open_paths([str(tmp_path / "copy"), str(tmp_path / "pod.yaml")])
    assert opened.project is None and [p.code for p in opened.problems] == ["CLI-01"]


def test_an_empty_path_is_not_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    monkeypatch.chdir(tmp_path)
    assert open_paths(["."]).project is not None
    opened = open_paths([""])
    assert opened.project is None and [p.code for p in opened.problems] == ["CLI-02"]


def test_a_folder_whose_name_ends_like_a_project_is_read_as_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shop.cnd"
    folder.mkdir()
    (folder / "pod.yaml").write_text(POD)
    assert open_paths([str(folder)]).project is not None
