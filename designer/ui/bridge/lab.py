"""Verify on Linux as a Qt object: one run at a time in the background, its progress, and whether the kept result holds.

The result is an edit like any other: undone, saved, and journalled with the project.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from designer.edits.verification import forget_verification, keep_verification
from designer.engine.compile import ClusterState
from designer.model import Project, Verification, diff_projects
from designer.present.verification_marks import VerificationMarks, marks_of
from designer.session import Change
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.session import SessionBridge

# How often progress is told, in seconds; a new step is told at once.
TOLD_EVERY: Final = 0.1
# How long closing waits for a run to notice; the worker itself is gone by then.
CLOSING_MS: Final = 5000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be tried: a scope, at most so many requests of it, and a mode of kube-proxy."""

    scope: str
    sample: int
    mode: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine can, in lines as a person reads them.

    `problem` says why the lab is impossible, "" where it is not; `remedy` what to do about it, "" for nothing known.
    """

    lines: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: the step and its parts."""

    step: str = "plan"
    done: int = 0
    of: int = 0


# (project, wish, progress, cancel) → what is kept. Raises LabError and CancelledError of `designer.lab.client`.
Run = Callable[[Project, Wish, Callable[[str, int, int], None], Callable[[], bool]], Verification]
# (project, mode, cancel) → what the machine can for it.
Look = Callable[[Project, str, Callable[[], bool]], Machine]


def verify(
    project: Project, wish: Wish, progress: Callable[[str, int, int], None], cancel: Callable[[], bool]
) -> Verification:
    """What a kernel does with the requests of a wish; the cluster is compiled anew, so that no cache has two users."""
    from designer.engine.compile import compile_project  # late: the first window needs none of it
    from designer.lab.keeping import kept
    from designer.lab.run import run_lab
    from designer.storage import fingerprint

    state = compile_project(project)
    sample = wish.sample if wish.scope != "scenarios" else None
    report = run_lab(state, wish.scope, sample, wish.mode, progress, cancel)
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
    return kept(report, state, fingerprint(project), date)


def look_at_machine(project: Project, mode: str, cancel: Callable[[], bool]) -> Machine:
    """What this machine can for a cluster: asked of a worker that is started for it and ended at once."""
    from designer.engine.compile import compile_project
    from designer.lab.capabilities import capabilities, check_system
    from designer.lab.client import LabError, Worker
    from designer.lab.run import in_mode, needs, unbuildable

    try:
        check_system()
        if os.environ.get("FLATPAK_ID"):
            raise LabError(
                "A Flatpak may not make network namespaces.", "Install the program from its archive or package instead."
            )
        with Worker(cancel) as worker:
            able = capabilities(worker)
        state = in_mode(compile_project(project), mode)
        return Machine(able.lines(), unbuildable(state) or needs(state, able))
    except LabError as error:
        return Machine((), str(error), error.remedy)


class Verifier(QObject):
    """The runs of one window. `stateChanged` says that `state`, `words` or `remedy` differ, `progressed` carries a
    `Progress`, `machineKnown` a `Machine`; `resultChanged` says that the kept result, or whether it holds, differs.

    `state` is "idle", "running", "done", "cancelled" or "failed"; `words` and `remedy` say why it failed.
    """

    stateChanged = Signal()
    progressed = Signal(object)
    machineKnown = Signal(object)
    resultChanged = Signal()
    _heard = Signal(int, object)

    def __init__(
        self,
        session: SessionBridge,
        parent: QObject | None = None,
        *,
        run: Run | None = None,
        look: Look | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._run: Run = run or verify
        self._look: Look = look or look_at_machine
        self._jobs, self._looking = Jobs(self), Jobs(self)
        self._stop, self._closing = threading.Event(), threading.Event()
        self._number = 0
        self._tested: Project | None = None  # the project of which the kept result holds, where it is known
        self._known: Verification | None = None
        self._marks: tuple[Any, Any, VerificationMarks] | None = None
        self.state, self.words, self.remedy = "idle", "", ""
        self.stale = False
        self.wish: Wish | None = None
        self.started_with: Project | None = None
        self._jobs.finished.connect(self._finished)
        self._jobs.crashed.connect(self._crashed)
        self._looking.finished.connect(self.machineKnown)
        self._looking.crashed.connect(self._looking_crashed)
        self._heard.connect(self._on_progress)
        session.changed.connect(self._on_change)
        self._read_kept()

    # --- the kept result

    @property
    def result(self) -> Verification | None:
        """The result that is kept with the project, None where there is none."""
        return self._session.project.verification

    @property
    def marks(self) -> VerificationMarks:
        """What the kept result says of saved requests, objects and edges."""
        found = self.result
        state: ClusterState | None = self._session.state
        if self._marks is None or self._marks[0] is not found or self._marks[1] is not state:
            self._marks = (found, state, marks_of(found, state) if state is not None else VerificationMarks())
        return self._marks[2]

    def forget(self) -> bool:
        """Whether there was a result to take away; undo brings it back."""
        if self.result is None:
            return False
        self._session.apply(forget_verification(self._session.project))
        return True

    def _read_kept(self) -> None:
        """Nothing; finds out whether a result that came with a project is about this very cluster."""
        from designer.storage import fingerprint

        self._known, project = self.result, self._session.project
        if self._known is None:
            self._tested, self.stale = None, False
            return
        if self._tested is None or fingerprint(self._tested) != self._known.tested:
            self._tested = project if fingerprint(project) == self._known.tested else None
        self.stale = self._tested is None or diff_projects(self._tested, project).touches_engine

    def _on_change(self, change: Change) -> None:
        if change.replaced:
            self._tested = None
            self.cancel()
            self._become("idle")
        before = (self._known, self.stale)
        if change.replaced or change.after.verification is not self._known:
            self._read_kept()
        elif self._known is not None and change.diff.touches_engine:
            self.stale = self._tested is None or diff_projects(self._tested, change.after).touches_engine
        if change.replaced or before[0] is not self._known or before[1] != self.stale or self._known is not None:
            self.resultChanged.emit()

    # --- running

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self.state == "running"

    def ask_machine(self, mode: str) -> None:
        """Nothing; finds out in the background what this machine can; `machineKnown` brings the answer."""
        project, asked, closing = self._session.project, self._look, self._closing.is_set
        self._looking.start(lambda: asked(project, mode, closing))

    def start(self, wish: Wish) -> None:
        """Nothing; begins a run with the cluster as it is now, unless one goes on."""
        if self.running:
            return
        self._stop = stop = threading.Event()
        self._number += 1
        self.wish, self.started_with = wish, self._session.project
        project, run = self._session.project, self._run
        tell = self._teller(self._number, stop)
        self._become("running")
        self.progressed.emit(Progress())
        self._jobs.start(lambda: run(project, wish, tell, stop.is_set))

    def _teller(self, number: int, stop: threading.Event) -> Callable[[str, int, int], None]:
        """What a run calls from its thread; it stops there, too, when it was cancelled."""
        from designer.lab.client import CancelledError

        last: list[Any] = ["", 0.0]

        def tell(step: str, done: int, of: int) -> None:
            if stop.is_set():
                raise CancelledError
            now = time.monotonic()
            if step != last[0] or now - last[1] >= TOLD_EVERY or done == of:
                last[:] = [step, now]
                self._heard.emit(number, Progress(step, done, of))

        return tell

    def cancel(self) -> None:
        """Nothing; ends the run at once: its worker goes with everything that it built, its result is dropped."""
        if self.running:
            self._stop.set()
            self._jobs.cancel()
            self._become("cancelled")

    def close(self) -> None:
        """Nothing; ends whatever runs; called when the window goes."""
        self._stop.set()
        self._closing.set()
        self._jobs.cancel()
        self._looking.cancel()
        self._jobs.wait(CLOSING_MS)
        self._looking.wait(CLOSING_MS)

    def wait(self, milliseconds: int = 60_000) -> bool:
        """Whether what runs ended in time; for tests."""
        return self._jobs.wait(milliseconds) and self._looking.wait(milliseconds)

    def _on_progress(self, number: int, progress: Progress) -> None:
        if self.running and number == self._number:
            self.progressed.emit(progress)

    def _finished(self, found: Verification) -> None:
        self._tested = self.started_with
        # Two runs are two steps: undo brings the result of before back.
        self._session.apply(keep_verification(self._session.project, found))
        self._become("done")

    def _crashed(self, error: Exception) -> None:
        from designer.lab.client import LabError

        if isinstance(error, LabError):
            self._become("failed", str(error), error.remedy)
        else:
            words = f"The lab broke down ({type(error).__name__}): this is a defect of the program."
            self._become("failed", words, "Nothing of it stays. Report it with the project file.")

    def _looking_crashed(self, error: Exception) -> None:
        words = f"What this machine can could not be found out ({type(error).__name__})."
        self.machineKnown.emit(Machine((), words, "Report it: this is a defect of the program."))

    def _become(self, state: str, words: str = "", remedy: str = "") -> None:
        self.state, self.words, self.remedy = state, words, remedy
        self.stateChanged.emit()
