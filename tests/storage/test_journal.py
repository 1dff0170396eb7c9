"""The recovery journal: every edit that was applied is there after a kill at any byte."""

import errno
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from designer.edits import arrange, create, fields, remove
from designer.model import FrozenMap, Ledger, Placement, PodRecord, Project
from designer.storage import Encoder, Journal, discard, encode, recover, recoverable
from designer.storage.framing import MAGIC, records
from designer.storage.journal import replay
from tests.storage.samples import full_project


def edits() -> list[tuple[str, Project]]:
    """Snapshots after edits that touch every section."""
    found = [("start", full_project())]

    def then(label: str, project: Project) -> None:
        found.append((label, project))

    then("create", create.create(found[-1][1], "Service", at=(3, 4)).project)
    then("change", fields.set_field(found[-1][1], "Service:default/web", "spec.type", "NodePort").project)
    then("rename", fields.rename(found[-1][1], "Service:default/web", "shop").project)
    then("move", arrange.place(found[-1][1], "namespaces", {"Node:node-1": Placement(x=1, y=2)}).project)
    then("remove", remove.remove(found[-1][1], ["Namespace:ingress", "Node:node-1"]).project)
    pods = FrozenMap({"Pod:default/web": PodRecord(name="web", ips=("10.0.0.9",))})
    then("ledger", replace(found[-1][1], ledger=Ledger(pods=pods, cidrPointer=FrozenMap({"10.0.0.0/8": 4}))))
    then("scenarios", replace(found[-1][1], scenarios=FrozenMap(), foreign=FrozenMap(), provenance=FrozenMap()))
    then("verification", replace(found[-1][1], verification=None))
    cluster = found[-1][1].cluster.model_copy(update={"seed": 9})
    then("cluster", replace(found[-1][1], cluster=cluster))
    then("everything", Project())
    return found


EDITS = edits()
ROOT = Path(__file__).parents[2]


def written(folder: Path) -> Journal:
    journal = Journal(folder)
    assert not journal.start(EDITS[0][1], "work.cnd")
    for (_, before), (label, after) in pairwise(EDITS):
        assert not journal.append(before, after, label)
    return journal


def test_after_each_edit_the_journal_leads_to_its_project(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.start(EDITS[0][1])
    assert journal.file_path is not None
    for number in range(1, len(EDITS)):
        journal.append(EDITS[number - 1][1], EDITS[number][1], EDITS[number][0])
        found = replay(journal.file_path.read_bytes(), "j")
        assert found.project is not None
        assert found.project == EDITS[number][1], EDITS[number][0]
        assert encode(found.project) == encode(EDITS[number][1])
        assert found.edits == number and not found.problems
    journal.close()


def test_cut_at_any_byte_of_the_last_record_all_earlier_edits_are_there(tmp_path: Path) -> None:
    journal = written(tmp_path)
    assert journal.file_path is not None
    data = journal.file_path.read_bytes()
    journal.close()
    ends = [end for _, end in records(data)]
    last = EDITS[-2][1]
    for cut in range(ends[-2], ends[-1]):
        found = replay(data[:cut], "j")
        assert found.edits == len(EDITS) - 2 and not found.problems
        assert cut % 9 or found.project == last


def test_a_flipped_bit_ends_the_replay_before_it(tmp_path: Path) -> None:
    journal = written(tmp_path)
    assert journal.file_path is not None
    data = bytearray(journal.file_path.read_bytes())
    journal.close()
    ends = [end for _, end in records(bytes(data))]
    data[ends[3] + 12] ^= 1  # inside the fourth record, the second edit being the last whole one
    found = replay(bytes(data), "j")
    assert found.edits == 2 and found.project == EDITS[2][1]


@pytest.mark.parametrize("data", [b"", MAGIC, MAGIC + b"\x05", b"nonsense" * 10])
def test_a_journal_without_a_beginning_is_a_problem(data: bytes) -> None:
    found = replay(data, "j")
    assert found.project is None and [p.code for p in found.problems] == ["FILE-15"]


def test_a_living_window_keeps_its_journal_to_itself(tmp_path: Path) -> None:
    journal = written(tmp_path)
    assert journal.file_path is not None
    assert recoverable(tmp_path) == []
    other = Journal(tmp_path)
    other.start(Project())
    assert other.file_path != journal.file_path
    assert [p.code for p in recover(journal.file_path).problems] == ["FILE-15"]
    discard(journal.file_path)
    assert journal.file_path.exists()
    journal.close()
    other.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_window_left_is_found(tmp_path: Path) -> None:
    written(tmp_path).close(discard=False)
    (info,) = recoverable(tmp_path)
    assert (info.path, info.edits, info.last) == ("work.cnd", len(EDITS) - 1, "everything")
    assert recover(info.journal).project == EDITS[-1][1]
    discard(info.journal)
    assert recoverable(tmp_path) == []


def test_a_window_without_edits_leaves_nothing_to_recover(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.start(EDITS[0][1])
    journal.close(discard=False)
    assert recoverable(tmp_path) == []


def test_a_killed_process_loses_no_edit(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from designer.edits import create
from designer.model import Project
from designer.storage import Journal
journal, project = Journal(sys.argv[1]), Project()
journal.start(project)
for number in range(5):
    after = create.create(project, "Node").project
    journal.append(project, after, "Add Node")
    project = after
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=30, cwd=ROOT)
    (info,) = recoverable(tmp_path)
    project = recover(info.journal).project
    assert info.edits == 5 and project is not None
    assert [node.name for node in project.all()] == [f"node-{number}" for number in range(1, 6)]


def test_a_long_journal_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("designer.storage.journal.COMPACT_BYTES", 1000)
    journal = Journal(tmp_path)
    one = create.create(Project(), "Node", at=(0, 0)).project
    journal.start(one)
    assert journal.file_path is not None
    sizes = []
    for x in range(200):
        two = arrange.place(one, "nodes", {"Node:node-1": Placement(x=x + 1, y=0)}).project
        journal.append(one, two, f"Move {x}")
        one = two
        sizes.append(journal.file_path.stat().st_size)
    assert max(sizes) < 4 * 2000
    journal.close(discard=False)
    (info,) = recoverable(tmp_path)
    assert info.last == "Move 199" and recover(info.journal).project == one


def test_after_an_edit_whose_bytes_were_made_beforehand_the_journal_leads_to_its_project(tmp_path: Path) -> None:
    encoder = Encoder()
    journal = Journal(tmp_path, encoder)
    one = create.create(Project(), "Node", at=(0, 0)).project
    journal.start(one)
    two = create.create(one, "Node", at=(400, 0)).project
    encoder.expect(Encoder().encoded(two))
    assert journal.append(one, two, "Import") == ()
    three = create.create(two, "Service").project
    assert journal.append(two, three, "Create") == ()
    journal.close(discard=False)
    (info,) = recoverable(tmp_path)
    assert info.last == "Create" and info.edits == 2
    assert recover(info.journal).project == three


def test_a_full_disk_is_told_and_the_next_edit_tries_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.start(EDITS[0][1])

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("designer.storage.journal.os.fsync", fail)
    problems = journal.append(EDITS[0][1], EDITS[1][1], "create")
    assert [p.code for p in problems] == ["FILE-14"] and problems[0].severity == "warning"
    monkeypatch.undo()
    assert not journal.append(EDITS[1][1], EDITS[2][1], "change")
    journal.close(discard=False)
    (info,) = recoverable(tmp_path)
    assert recover(info.journal).project == EDITS[2][1]


def test_a_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    problems = Journal(tmp_path / "file" / "journal").start(Project())
    assert [p.code for p in problems] == ["FILE-14"]
    assert recoverable(tmp_path / "nowhere") == []
