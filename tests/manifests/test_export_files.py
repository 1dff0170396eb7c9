"""Exports into folders that hold something already."""

from pathlib import Path

import pytest

from designer.manifests import export_for, read_paths, write_files
from designer.model import Project, Service

TEXT = """\
# The shop's own Services.
apiVersion: v1
kind: Service
metadata:
    name: shop   # everybody calls it
spec:
    selector: {app: shop}
    ports:
      - port: 80
---
# Kept for later:
apiVersion: v1
kind: Gizmo
metadata: {name: one}
"""


def opened(folder: Path) -> Project:
    return read_paths([folder]).project


def test_an_export_over_its_source_changes_no_byte_of_it(tmp_path: Path) -> None:
    source = tmp_path / "shop.yaml"
    source.write_text(TEXT)
    project = opened(tmp_path)
    written, problems = write_files(tmp_path, export_for(project, tmp_path))
    assert source in written and not problems
    assert source.read_text() == TEXT


def test_a_changed_object_keeps_the_comments_around_it(tmp_path: Path) -> None:
    source = tmp_path / "shop.yaml"
    source.write_text(TEXT)
    project = opened(tmp_path)
    service = project.find(Service, "Service:default/shop")
    assert service is not None
    data = service.dump()
    data["spec"]["ports"][0]["port"] = 81
    project = project.with_object(Service.model_validate(data))
    write_files(tmp_path, export_for(project, tmp_path))
    assert source.read_text() == TEXT.replace("port: 80", "port: 81")


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("before")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("designer.manifests.export_files.os.fsync", full)
    written, problems = write_files(tmp_path, [("a.yaml", "after"), ("b.yaml", "more")])
    assert written == () and [p.code for p in problems] == ["WRITE-01"]
    assert (tmp_path / "a.yaml").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize("folder", ["file.txt", "file.txt/below"])
def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file.txt").write_text("mine")
    written, problems = write_files(tmp_path / folder, [("a.yaml", "x")])
    assert written == () and "is a file, not a folder" in problems[0].title
    assert (tmp_path / "file.txt").read_text() == "mine"


def test_a_link_stays_one_and_permissions_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text("before")
    real.chmod(0o640)
    (tmp_path / "link.yaml").symlink_to(real)
    write_files(tmp_path, [("link.yaml", "after")])
    assert (tmp_path / "link.yaml").is_symlink() and real.read_text() == "after"
    assert real.stat().st_mode & 0o777 == 0o640
