"""Saving: whole or not at all, whatever fails on the way."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from designer.edits import create
from designer.model import Pod, Project
from designer.storage import encode, open_file, save_file
from tests.storage.samples import full_project

OLD = create.create(Project(), "Node").project


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "work.cnd"
    assert save_file(path, OLD).ok
    return path


def test_a_saved_project_opens_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "work.cnd"
    result = save_file(path, full_project())
    opened = open_file(path)
    assert result.ok and not result.problems and opened.project == full_project() and not opened.problems
    assert opened.stamp == result.stamp


def test_saving_again_keeps_the_one_before_as_backup(saved: Path) -> None:
    assert save_file(saved, full_project()).ok
    assert open_file(saved.with_name("work.cnd.bak")).project == OLD
    assert save_file(saved, Project()).ok
    assert open_file(saved.with_name("work.cnd.bak")).project == full_project()
    assert sorted(p.name for p in saved.parent.iterdir()) == ["work.cnd", "work.cnd.bak"]


def test_permissions_stay(saved: Path) -> None:
    saved.chmod(0o640)
    assert save_file(saved, full_project()).ok
    assert stat.S_IMODE(saved.stat().st_mode) == 0o640


def test_a_new_file_gets_what_the_umask_allows(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert save_file(tmp_path / "new.cnd", OLD).ok
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.cnd").stat().st_mode) == 0o640


def test_a_link_stays_one(saved: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.cnd"
    link.symlink_to(saved)
    assert save_file(link, full_project()).ok
    assert link.is_symlink() and open_file(saved).project == full_project()


def test_a_file_that_somebody_else_changed_is_not_overwritten(saved: Path) -> None:
    stamp = open_file(saved).stamp
    saved.write_bytes(encode(Project()))
    result = save_file(saved, full_project(), expected=stamp)
    assert not result.ok and [p.code for p in result.problems] == ["FILE-12"]
    assert saved.read_bytes() == encode(Project())
    assert save_file(saved, full_project(), expected=stamp, force=True).ok


def test_a_file_that_is_gone_is_written_again(saved: Path) -> None:
    stamp = open_file(saved).stamp
    saved.unlink()
    assert save_file(saved, full_project(), expected=stamp).ok


# Each step of a save that asks the operating system for something, made to fail.
STEPS = ["tempfile.mkstemp", "os.fchmod", "os.fsync", "os.link", "os.replace"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "full"), (errno.EROFS, "read-only"), (errno.EIO, "")])
def test_whatever_step_fails_the_old_file_is_untouched(
    saved: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, words: str
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    before = saved.read_bytes()
    monkeypatch.setattr(f"designer.storage.files.{step}", fail)
    if step == "os.link":
        # Without hard links the backup is a copy: that copy fails.
        monkeypatch.setattr(Path, "write_bytes", fail)
    result = save_file(saved, full_project())
    monkeypatch.undo()
    assert not result.ok and result.problems[0].code == "FILE-13" and words in result.problems[0].title
    assert saved.read_bytes() == before
    assert [p.name for p in saved.parent.iterdir()] == ["work.cnd"]


def test_without_hard_links_the_backup_is_a_copy(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: Any) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr("designer.storage.files.os.link", no_links)
    assert save_file(saved, full_project()).ok
    assert open_file(saved.with_name("work.cnd.bak")).project == OLD


def test_a_write_that_stops_half_way_leaves_the_old_file(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved.read_bytes()
    real = os.fsync

    def cut(handle: int) -> None:
        os.ftruncate(handle, 10)
        real(handle)
        raise KeyboardInterrupt

    monkeypatch.setattr("designer.storage.files.os.fsync", cut)
    with pytest.raises(KeyboardInterrupt):
        save_file(saved, full_project())
    assert saved.read_bytes() == before and [p.name for p in saved.parent.iterdir()] == ["work.cnd"]


@pytest.mark.parametrize("name", ["no/such/folder/work.cnd", "work.cnd/inside.cnd", "nul\0name.cnd"])
def test_a_place_where_nothing_can_be_saved_is_a_problem(saved: Path, name: str) -> None:
    result = save_file(saved.parent / name, OLD)
    assert not result.ok and result.problems[0].code == "FILE-13" and result.problems[0].fix


@pytest.mark.parametrize("name", ["missing.cnd", ".", "work.cnd/inside", "nul\0name"])
def test_what_cannot_be_opened_is_a_problem(saved: Path, name: str) -> None:
    opened = open_file(saved.parent / name)
    assert opened.project is None and [p.code for p in opened.problems] == ["FILE-01"]


def test_windows_that_save_one_file_at_the_same_moment_do_not_meet(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Project().with_object(Pod.model_validate({"metadata": {"name": "other"}}))
    real, steps = os.replace, []

    def other_window_first(source: Any, target: Any) -> None:
        steps.append(target)
        if len(steps) == 1:  # the backup is staged and about to take its place: now the other window saves
            assert save_file(saved, other).ok
        real(source, target)

    monkeypatch.setattr("designer.storage.files.os.replace", other_window_first)
    result = save_file(saved, full_project())
    assert result.ok, result.problems
    assert open_file(saved).project == full_project()
    assert open_file(saved.with_name("work.cnd.bak")).project is not None
    assert sorted(entry.name for entry in saved.parent.iterdir()) == ["work.cnd", "work.cnd.bak"]


def test_two_backups_of_one_file_leave_nothing_behind(saved: Path) -> None:
    # Renaming one of two names of a file to the other does nothing (rename(2)): the staged name has to go as well.
    os.link(saved, saved.with_name("work.cnd.bak"))
    assert save_file(saved, full_project()).ok
    assert sorted(entry.name for entry in saved.parent.iterdir()) == ["work.cnd", "work.cnd.bak"]


def test_what_a_killed_save_left_is_removed_when_nobody_can_need_it(saved: Path) -> None:
    old, young, other = (saved.with_name(name) for name in (".work.cnd-a.tmp", ".work.cnd-b.tmp", ".more.cnd-c.tmp"))
    for file in (old, young, other):
        file.write_text("half")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    assert save_file(saved, OLD).ok
    assert not old.exists() and young.exists() and other.exists()
