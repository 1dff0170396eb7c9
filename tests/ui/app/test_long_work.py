"""Long work: a sign of life after a moment, a way to stop it, and a window that goes on as it was."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QProgressDialog, QPushButton

from designer.ui.app import file_commands
from designer.ui.app.busy import while_waiting
from designer.ui.app.opening import prepare
from designer.ui.app.window import MainWindow

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


def test_cancelling_leaves_the_project_as_it_was(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pod.yaml").write_text(MANIFEST)
    before = window.shell.bridge.project
    answers = iter([None])

    def second_is_cancelled(parent: MainWindow, words: str, work: object) -> object:
        return next(answers) if words.startswith("Working out") else while_waiting(parent, words, work)  # type: ignore[arg-type]

    monkeypatch.setattr(file_commands, "while_waiting", second_is_cancelled)
    assert not window.files.open_paths([tmp_path / "pod.yaml"])
    assert window.shell.bridge.project is before
