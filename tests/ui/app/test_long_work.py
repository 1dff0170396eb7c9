"""Long work: a sign of life after a moment, a way to stop it, and a window that goes on as it was."""

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QProgressDialog, QPushButton

from designer.edits import create
from designer.engine.reporter import CancelledError
from designer.model import EMPTY_PROJECT, Project
from designer.session import Session
from designer.storage import Encoded, Encoder, encode, save_file
from designer.ui.app import ahead, file_commands, opening, recovery_commands
from designer.ui.app.busy import while_waiting, while_watched
from designer.ui.app.opening import is_much, prepare
from designer.ui.app.window import MainWindow
from designer.ui.bridge.watch import Watch
from designer.ui.canvas.layout_memory import remembering

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, ports: [{containerPort: 80}]}]}
"""


def waiting() -> QProgressDialog | None:
    dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog) and w.isVisible()]
    return dialogs[0] if dialogs else None


def test_work_is_shown_soon_and_can_be_cancelled(window: MainWindow) -> None:
    release, seen = threading.Event(), []

    def look() -> None:
        dialog = waiting()
        if dialog is not None:
            seen.append(dialog.labelText())
            for button in dialog.findChildren(QPushButton):
                button.click()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(50)
    # Without the sign of life nobody would cancel it, and it would end by itself after 5 s with a result.
    assert while_waiting(window, "Reading a dump…", lambda: release.wait(5)) is None
    release.set()
    timer.stop()
    assert seen == ["Reading a dump…"]


def test_short_work_shows_nothing(window: MainWindow) -> None:
    assert while_waiting(window, "Reading…", lambda: 7) == 7
    assert waiting() is None


def test_opened_manifests_are_worked_out_before_the_window_shows_them(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(MANIFEST)
    assert window.files.open_paths([tmp_path / "pod.yaml"])
    state = window.shell.bridge.state
    assert state is not None
    assert state.project is window.shell.bridge.project
    assert [pod.name for pod in state.control.pods.values() if pod.namespace == "default"] == ["web"]
    assert window.compiler.took_ms > 0


def test_a_state_that_was_expected_is_taken_once_and_only_for_its_project(window: MainWindow) -> None:
    project = window.shell.bridge.project
    prepared = prepare(project)
    assert prepared is not None
    taken: list[object] = []
    window.compiler.expect(prepared.state, 5.0)
    window.compiler.request(1, prepared.project, None, lambda _n, state: taken.append(state))
    assert taken == [prepared.state] and window.compiler.took_ms == 5.0
    window.compiler.request(2, prepared.project, None, lambda _n, state: taken.append(state))
    assert taken[1] is not prepared.state


class Clicking:
    """Presses Cancel in the dialog of long work as soon as it is there."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)

    def __enter__(self) -> "Clicking":
        self._timer.start(20)
        return self

    def __exit__(self, *_anything: object) -> None:
        self._timer.stop()

    def _look(self) -> None:
        dialog = waiting()
        if dialog is not None:
            self.seen.append(dialog.labelText())
            dialog.findChildren(QPushButton)[0].click()


def cancel_in_the_middle(monkeypatch: pytest.MonkeyPatch, done: threading.Event) -> list[str]:
    """How the work that was cancelled ended (then `done` is set): it stops half way until Cancel was pressed."""
    ended: list[str] = []

    def half_way(project: Project, reporter: Watch) -> object:
        for _ in range(500):
            if reporter.cancelled:
                break
            done.wait(0.01)
        try:
            found = prepare(project, reporter)
            ended.append("went on")
        except CancelledError:
            ended.append("ended")
            raise
        finally:
            done.set()
        return found

    for module in (opening, ahead, file_commands):
        monkeypatch.setattr(module, "prepare", half_way)
    return ended


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: many}
spec:
  replicas: 600
  selector: {matchLabels: {app: many}}
  template: {metadata: {labels: {app: many}}, spec: {containers: [{name: web}]}}
"""


def things(window: MainWindow) -> tuple[Any, ...]:
    """All that opening or importing could change; project and state by identity."""
    session = window.shell.bridge.session
    kept = (session.path, session.dirty, session.can_undo, session.can_redo, window.files.name())
    return id(session.project), id(session.state), *kept


def test_cancelling_the_opening_of_manifests_leaves_the_project_as_it_was(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pod.yaml").write_text(MANIFEST)
    before, done = things(sample), threading.Event()
    with monkeypatch.context() as patch, Clicking() as clicking:
        ended = cancel_in_the_middle(patch, done)
        assert not sample.files.open_paths([tmp_path / "pod.yaml"])
        assert done.wait(5)
    assert clicking.seen == ["Working out the cluster…"] and ended == ["ended"]
    assert things(sample) == before


def test_cancelling_an_import_in_the_middle_leaves_the_project_as_it_was(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "many.yaml").write_text(DEPLOYMENT)
    before, done = things(sample), threading.Event()
    with monkeypatch.context() as patch, Clicking() as clicking:
        ended = cancel_in_the_middle(patch, done)
        assert not sample.files.import_paths([tmp_path / "many.yaml"])
        assert done.wait(5)
    assert clicking.seen == ["Working out the cluster…"] and ended == ["ended"]
    assert things(sample) == before
    # The same import again, now to its end: one step, that Undo takes back to the very project.
    bridge = sample.shell.bridge
    old_project, old_state = bridge.project, bridge.state
    assert sample.files.import_paths([tmp_path / "many.yaml"])
    assert bridge.state.project is bridge.project
    assert sum(pod.owner == "Deployment:default/many" for pod in bridge.state.control.pods.values()) == 600
    bridge.undo()
    assert bridge.project is old_project and bridge.state is old_state


def test_cancelling_the_opening_of_a_project_file_leaves_the_project_as_it_was(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file(tmp_path / "other.cnd", EMPTY_PROJECT)
    before, done = things(sample), threading.Event()
    with monkeypatch.context() as patch, Clicking() as clicking:
        ended = cancel_in_the_middle(patch, done)
        assert not sample.files.open_paths([tmp_path / "other.cnd"])
        assert done.wait(5)
    assert clicking.seen == ["Reading other.cnd…"] and ended == ["ended"]
    assert things(sample) == before
    assert sample.files.open_paths([tmp_path / "other.cnd"])
    session = sample.shell.bridge.session
    assert not any(session.project.all()) and not session.dirty and session.path == tmp_path / "other.cnd"


def test_cancelling_a_recovery_keeps_the_work_for_another_time(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = Session(journal_folder=tmp_path / "journal")
    died.apply(create.create(died.project, "Node"))
    lost = died.project
    # As when a process ends: the lock goes, the journal stays.
    journal = died._recovery._journal
    assert journal is not None
    journal.close(discard=False)
    session, recovery = sample.shell.bridge.session, sample.commands.recovery
    recovery.found = session.recoverable()
    assert len(recovery.found) == 1
    before, done = things(sample), threading.Event()
    with monkeypatch.context() as patch, Clicking():
        ended = cancel_in_the_middle(patch, done)
        assert not recovery.recover(recovery.found[0])
        assert done.wait(5)
    assert ended == ["ended"]
    assert things(sample) == before and len(session.recoverable()) == 1
    assert recovery.recover(recovery.found[0])
    assert session.project == lost and session.dirty
    assert session.recoverable() == [] == recovery_commands.RecoveryCommands(sample.shell).found


def test_work_tells_its_steps_and_is_ended_by_cancelling(window: MainWindow) -> None:
    told: list[str] = []
    watch: list[Watch] = []
    ended = threading.Event()

    def work(given: Watch) -> int:
        watch.append(given)
        given.told.connect(told.append)
        given.step("Reading policies", 3, 9)
        for _ in range(500):
            try:
                given.step("Reading files", 0, 1)
            except CancelledError:
                ended.set()
                raise
            ended.wait(0.01)
        return 0

    with Clicking() as clicking:
        assert while_watched(window, "Working…", work) is None
        assert ended.wait(5)
    assert clicking.seen == ["Reading files…"]
    assert told[:2] == ["Reading policies (4 of 9)…", "Reading files…"]
    assert watch[0].cancelled


def test_undo_and_redo_of_the_last_step_work_nothing_out(sample: MainWindow) -> None:
    bridge = sample.shell.bridge
    first = bridge.state
    assert bridge.apply(create.create(bridge.project, "Deployment"))
    second = bridge.state
    assert second is not first
    bridge.undo()
    assert bridge.state is first
    bridge.redo()
    assert bridge.state is second


def test_much_is_told_from_little_by_objects_and_by_pods(tmp_path: Path) -> None:
    for replicas, much in ((1, False), (400, False), (600, True)):
        (tmp_path / "many.yaml").write_text(DEPLOYMENT.replace("600", str(replicas)))
        reading = opening.read_manifests([tmp_path / "many.yaml"])
        assert reading.result is not None and is_much(reading.result.project) is much


def test_cancelling_the_saving_of_a_large_project_leaves_the_file_as_it_was(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge, path = sample.shell.bridge, tmp_path / "mine.cnd"
    assert bridge.save(path)
    assert bridge.apply(create.create(bridge.project, "Node"))
    before, old, release = things(sample), path.read_bytes(), threading.Event()
    encoded = Encoder.encoded

    def slowly(encoder: Encoder, project: Project) -> Encoded:
        release.wait(5)
        return encoded(encoder, project)

    monkeypatch.setattr(ahead, "is_much", lambda project: True)
    with monkeypatch.context() as patch, Clicking() as clicking:
        patch.setattr(Encoder, "encoded", slowly)
        assert not sample.files.save()
        release.set()
    assert clicking.seen == ["Saving…"]
    assert things(sample) == before and path.read_bytes() == old
    assert sample.files.save() and not bridge.session.dirty
    assert path.read_bytes() == encode(remembering(bridge.project, sample.scene.stock.memory))
