"""A session: undo to the very snapshot, merging, files, imports, recovery, listeners, compiling later."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from designer.edits import arrange, create, fields, remove, settings
from designer.model import EMPTY_PROJECT, Ledger, Placement, Problem, Project
from designer.session import Change, History, ImmediateCompiler, Session, Step
from designer.storage import open_file, save_file


@dataclass
class Counting:
    """A compiler whose states are the projects that it was given."""

    asked: list[Project] = field(default_factory=list)

    def __call__(self, project: Project, previous: Any) -> Project:
        self.asked.append(project)
        return project


@dataclass
class Later:
    """A compiler that answers when it is told to."""

    waiting: list[tuple[int, Project, Callable[[int, Any], None]]] = field(default_factory=list)

    def request(self, revision: int, project: Project, previous: Any, done: Callable[[int, Any], None]) -> None:
        self.waiting.append((revision, project, done))

    def answer(self, number: int) -> None:
        revision, project, done = self.waiting[number]
        done(revision, project)


def is_dirty(session: Session) -> bool:
    """`session.dirty`, which mypy would take to stay the same from one assertion to the next."""
    return session.dirty


def is_current(session: Session) -> bool:
    """`session.state_is_current`, asked anew."""
    return session.state_is_current


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(journal_folder=tmp_path / "journal")
    yield made
    made.close()


def test_an_edit_and_its_addresses_are_one_step_that_undo_takes_back(session: Session) -> None:
    start = session.project
    assert session.apply(create.create(session.project, "Node")).ok
    assert session.apply(create.create(session.project, "Pod", target="Node:node-1")).ok
    record = session.project.ledger.pods["Pod:default/web"]
    assert record.node == "node-1" and record.ips
    after = session.project
    assert session.undo_label == "Add Pod web" and session.undo().ok and session.redo_label == "Add Pod web"
    assert "Pod:default/web" not in session.project.ledger.pods
    assert session.redo().ok and session.project is after
    session.undo()
    session.undo()
    assert session.project is start and not session.can_undo and not session.undo().ok


def test_a_new_edit_forgets_what_was_undone(session: Session) -> None:
    session.apply(create.create(session.project, "Node"))
    session.undo()
    session.apply(create.create(session.project, "Namespace"))
    assert not session.can_redo and not session.redo().ok


def test_typing_is_one_step_until_something_else_is_done(session: Session) -> None:
    session.apply(create.create(session.project, "Service"))
    start, oid = session.project, "Service:default/web"
    for port in (8, 80, 808):
        session.apply(fields.set_field(session.project, oid, "spec.ports[0].port", port))
    typed = session.project
    session.undo()
    assert session.project is start
    session.redo()
    assert session.project is typed
    session.end_merge()
    session.apply(fields.set_field(session.project, oid, "spec.ports[0].port", 8080))
    session.undo()
    assert session.project is typed


def test_an_edit_that_failed_changes_nothing(session: Session) -> None:
    told: list[Change] = []
    session.subscribe(told.append)
    before = session.project
    outcome = session.apply(remove.remove(before, ["Pod:default/none"]))
    assert not outcome.ok and outcome.problems and session.project is before and not session.can_undo and not told


def test_an_edit_without_effect_is_no_step(session: Session) -> None:
    session.apply(create.create(session.project, "Node"))
    assert session.apply(arrange.place(session.project, "nodes", {})).ok
    assert session.undo_label == "Add Node node-1"


def test_the_history_is_bounded() -> None:
    history = History(limit=3)
    for number in range(5):
        history.push(Step(f"{number}", EMPTY_PROJECT, EMPTY_PROJECT))
    assert history.labels() == ("2", "3", "4")


def test_moving_a_shape_asks_no_engine() -> None:
    compiler = Counting()
    allocations: list[Project] = []

    def allocate(project: Project) -> tuple[Ledger, tuple[Problem, ...]]:
        allocations.append(project)
        return project.ledger, ()

    session = Session(allocate=allocate, compiler=ImmediateCompiler(compiler))
    session.apply(create.create(session.project, "Node"))
    compiled, allocated = len(compiler.asked), len(allocations)
    session.apply(arrange.place(session.project, "nodes", {"Node:node-1": Placement(x=5, y=5)}))
    session.undo()
    assert (len(compiler.asked), len(allocations)) == (compiled, allocated) and session.state_is_current


def test_listeners_hear_what_changed_in_order_and_a_broken_one_harms_nobody(session: Session) -> None:
    told: list[Change] = []

    def broken(_: Change) -> None:
        raise RuntimeError("a view broke")

    def follow(change: Change) -> None:
        if change.label == "Add Node node-1":
            session.apply(create.create(session.project, "Namespace"))

    session.subscribe(broken)
    session.subscribe(follow)
    stop = session.subscribe(told.append)
    start = session.project
    assert session.apply(create.create(session.project, "Node")).ok
    assert [(c.label, c.diff.added) for c in told] == [
        ("Add Node node-1", ("Node:node-1",)),
        ("Add Namespace team", ("Namespace:team",)),
    ]
    assert told[0].before is start and told[1].before is told[0].after and told[1].after is session.project
    assert told[1].state is session.state
    stop()
    session.undo()
    assert len(told) == 2


def test_a_state_that_comes_later_is_told_and_a_stale_one_dropped() -> None:
    compiler = Later()
    session = Session(compiler=compiler)
    told: list[Change] = []
    session.subscribe(told.append)
    session.apply(create.create(session.project, "Node"))
    session.apply(create.create(session.project, "Node"))
    assert not is_current(session) and [change.state for change in told] == [None, None]
    compiler.answer(1)
    assert [session.state] == [None] and len(told) == 2
    compiler.answer(2)
    assert is_current(session) and session.state is session.project
    assert told[2].diff.is_empty and told[2].state is session.project and told[2].after is session.project


def test_a_breakdown_of_the_engine_is_told_and_loses_nothing() -> None:
    def break_down(*_: Any) -> Any:
        raise ZeroDivisionError

    session = Session(compiler=ImmediateCompiler(break_down))
    outcome = session.apply(create.create(session.project, "Node"))
    assert outcome.ok and [p.code for p in outcome.problems] == ["SESSION-02"]
    assert session.can_undo and not is_current(session)
    calls: list[int] = []

    def break_late(project: Project) -> tuple[Ledger, tuple[Problem, ...]]:
        calls.append(1)
        return (project.ledger, ()) if len(calls) == 1 else break_down()

    session = Session(allocate=break_late, compiler=ImmediateCompiler(Counting()))
    before = session.project
    outcome = session.apply(create.create(before, "Node"))
    assert not outcome.ok and [p.code for p in outcome.problems] == ["SESSION-01"]
    assert session.project is before and not session.can_undo


def test_dirty_means_another_snapshot_than_the_saved_one(session: Session, tmp_path: Path) -> None:
    assert not is_dirty(session)
    session.apply(create.create(session.project, "Node"))
    assert is_dirty(session) and session.save(tmp_path / "a.cnd").ok and not is_dirty(session)
    session.apply(create.create(session.project, "Node"))
    assert is_dirty(session)
    session.undo()
    assert not is_dirty(session)


def test_a_project_without_a_name_asks_for_one(session: Session) -> None:
    outcome = session.save()
    assert not outcome.ok and outcome.problems[0].code == "FILE-13"


def test_saving_and_opening_gives_the_same_project(session: Session, tmp_path: Path) -> None:
    for kind in ("Node", "Deployment", "IngressController"):
        session.apply(create.create(session.project, kind, at=(1, 2)))
    saved = session.project
    assert session.save(tmp_path / "a.cnd").ok and session.new().ok and not list(session.project.all())
    assert [session.path] == [None] and not session.can_undo
    outcome = session.open(tmp_path / "a.cnd")
    assert outcome.ok and not outcome.problems and session.project == saved
    assert session.path == tmp_path / "a.cnd" and not is_dirty(session) and session.save().ok


@pytest.mark.parametrize("content", [None, b"", b"{", b"apiVersion: v1\n"])
def test_a_failed_open_leaves_everything_as_it_was(session: Session, tmp_path: Path, content: bytes | None) -> None:
    session.apply(create.create(session.project, "Node"))
    if content is not None:
        (tmp_path / "bad.cnd").write_bytes(content)
    before, state = session.project, session.state
    outcome = session.open(tmp_path / "bad.cnd")
    assert not outcome.ok and outcome.problems
    assert session.project is before and session.state is state and session.can_undo and session.path is None


def test_a_file_that_somebody_else_changed_is_not_overwritten(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.cnd"
    session.save(path)
    save_file(path, create.create(EMPTY_PROJECT, "Node").project)
    session.apply(create.create(session.project, "Namespace"))
    outcome = session.save()
    assert not outcome.ok and outcome.problems[0].code == "FILE-12" and is_dirty(session)
    assert session.save(force=True).ok and open_file(path).project == session.project


@dataclass(frozen=True)
class Import:
    project: Project
    problems: tuple[Problem, ...] = ()


def test_an_import_is_one_step_whether_it_replaces_or_adds(session: Session) -> None:
    session.apply(create.create(session.project, "Node"))
    mine = session.project
    note = Problem("IMP-01", "info", "read")
    other = create.create(EMPTY_PROJECT, "Deployment").project
    outcome = session.import_result(Import(other, (note,)), merge=True)
    assert outcome.ok and note in outcome.problems
    assert {obj.KIND for obj in session.project.all()} == {"Node", "Deployment"}
    assert {record.node for record in session.project.ledger.pods.values()} == {"node-1"}
    session.undo()
    assert session.project is mine
    assert session.import_result(Import(other)).ok
    assert {obj.KIND for obj in session.project.all()} == {"Deployment"}
    session.undo()
    assert session.project is mine


def left_behind(folder: Path, path: Path | None = None) -> Project:
    """Work of a window that died: its journal without a lock."""
    dead = Session(journal_folder=folder)
    if path is not None:
        dead.save(path)
    for kind in ("Node", "Deployment", "Service"):
        dead.apply(create.create(dead.project, kind))
    dead.undo()
    journal = dead._recovery._journal
    assert journal is not None
    journal.close(discard=False)
    return dead.project


def test_work_of_a_dead_window_is_recovered_and_recovered_again(tmp_path: Path) -> None:
    folder, path = tmp_path / "journal", tmp_path / "a.cnd"
    lost = left_behind(folder, path)
    session = Session(journal_folder=folder)
    (info,) = session.recoverable()
    assert info.path == str(path) and info.last == "Undo Add Service web" and info.edits == 4
    assert session.recover(info).ok and session.project == lost
    assert session.path == path and is_dirty(session)
    assert session.recoverable() == []
    # The window that recovered dies, too, before anything else was done.
    journal = session._recovery._journal
    assert journal is not None
    journal.close(discard=False)
    again = Session(journal_folder=folder)
    (info,) = again.recoverable()
    assert again.recover(info).ok and again.project == lost
    again.save()
    assert not is_dirty(again) and open_file(path).project == lost
    again.close()
    assert list(folder.iterdir()) == []


def test_what_is_not_wanted_back_can_be_thrown_away_and_a_living_window_is_left_alone(tmp_path: Path) -> None:
    left_behind(tmp_path)
    one, other = Session(journal_folder=tmp_path), Session(journal_folder=tmp_path)
    one.apply(create.create(one.project, "Node"))
    (info,) = other.recoverable()
    other.discard(info)
    assert other.recoverable() == [] and not other.recover(info).ok
    one.close()
    other.close()


def test_a_plugin_change_gives_addresses_that_fit_it(session: Session) -> None:
    for kind in ("Node", "Pod"):
        session.apply(create.create(session.project, kind))
    before = session.project
    session.apply(settings.use_cni(session.project, "weave"))
    # domain/ipam.md: Weave Net's own default range.
    assert session.project.ledger.pods["Pod:default/web"].ips[0].startswith("10.32.")
    session.undo()
    assert session.project is before
