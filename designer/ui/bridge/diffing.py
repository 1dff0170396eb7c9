"""The connectivity now against another one: kept up with every edit, worked out in the background, left at will."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from designer.engine.compile import ClusterState, compile_project
from designer.engine.reach import Reach, reach, reach_change
from designer.manifests import read_paths
from designer.model import Project
from designer.present.flow_changes import FlowChange, FlowDifference, flow_difference
from designer.session import Change
from designer.storage import open_file
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.session import SessionBridge

PROJECT_SUFFIX = ".cnd"


@dataclass(frozen=True, slots=True)
class Base:
    """What is compared with: a snapshot, or a project file or folder of manifests; `words` name it."""

    words: str
    project: Project | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a base cannot be compared with."""

    words: str


class Diffing(QObject):
    """`changed` says that there is another difference, or none, or that one is being worked out.

    `shown` says whether the canvas is to show it, `marked` is the flow that is to stand out there (None: none).
    """

    changed = Signal()
    shownChanged = Signal(bool)

    def __init__(self, bridge: SessionBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.base: Base | None = None
        self.found: FlowDifference | None = None
        self.problem = ""
        self.shown = False
        self.marked: FlowChange | None = None
        self._before: Reach | None = None
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._arrived)
        self._jobs.crashed.connect(self._crashed)
        bridge.changed.connect(self._on_change)

    @property
    def busy(self) -> bool:
        """Whether a difference is being worked out."""
        return self._jobs.busy

    def wait(self) -> bool:
        """Whether what runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def bases(self) -> tuple[Base, ...]:
        """What there is to compare with in this session: what was saved or opened last, and before each step."""
        session = self._bridge.session
        found = []
        if session.saved is not None and session.saved is not session.project:
            where = f"{session.path.name}, as saved or opened last" if session.path else "the project as it was opened"
            found.append(Base(where, session.saved))
        steps = session.history.steps()
        found += [Base(f"the state before “{step.label}”", step.before) for step in reversed(steps)]
        return tuple(found)

    def start(self, base: Base) -> None:
        """Nothing; compares the cluster now with another one from now on."""
        self.base, self.found, self._before, self.problem = base, None, None, ""
        self.marked = None
        self._work()

    def cancel(self) -> None:
        """Nothing; drops what is being worked out."""
        self._jobs.cancel()
        self.changed.emit()

    def leave(self) -> None:
        """Nothing; compares with nothing any more."""
        self._jobs.cancel()
        self.base = self.found = self._before = self.marked = None
        self.problem = ""
        self.show_on_canvas(False)
        self.changed.emit()

    def show_on_canvas(self, shown: bool) -> None:
        """Nothing; shows the difference in place, or takes it off the canvas."""
        if shown != self.shown:
            self.shown = shown
            self.shownChanged.emit(shown)

    def mark(self, flow: FlowChange | None) -> None:
        """Nothing; lets one flow stand out on the canvas, or none."""
        self.marked = flow
        self.changed.emit()

    def _on_change(self, change: Change) -> None:
        if self.base is None:
            return
        if change.replaced:
            self.leave()
        elif change.diff.touches_engine or change.diff.is_empty:
            self._work()

    def _work(self) -> None:
        base, before, state = self.base, self._before, self._bridge.state
        if base is None or not self._bridge.session.state_is_current:
            return
        self._jobs.start(_worker(base, before, state))
        self.changed.emit()

    def _arrived(self, result: tuple[Reach, FlowDifference] | Unreadable) -> None:
        if isinstance(result, Unreadable):
            self.found, self.problem = None, result.words
        else:
            self._before, self.found = result
            self.problem = ""
        self.changed.emit()

    def _crashed(self, error: Exception) -> None:
        self.found = None
        self.problem = f"The two could not be compared ({type(error).__name__}). Choose another one."
        self.changed.emit()


def _worker(
    base: Base, before: Reach | None, state: ClusterState
) -> Callable[[], tuple[Reach, FlowDifference] | Unreadable]:
    def work() -> tuple[Reach, FlowDifference] | Unreadable:
        old = before or _reach_of(base)
        if isinstance(old, Unreadable):
            return old
        new = reach(state)
        return old, flow_difference(old, new, reach_change(old, new))

    return work


def _reach_of(base: Base) -> Reach | Unreadable:
    project = base.project
    if project is None and base.path is not None:
        found = _read(base.path)
        if isinstance(found, Unreadable):
            return found
        project = found
    return reach(compile_project(project)) if project is not None else Unreadable("There is nothing to compare with.")


def _read(path: Path) -> Project | Unreadable:
    """The project of a file or folder."""
    if path.suffix.lower() == PROJECT_SUFFIX:
        opened = open_file(path)
        if opened.project is not None:
            return opened.project
        problem = opened.problems[0] if opened.problems else None
        return Unreadable(f"{problem.title}. {problem.fix}" if problem else f"{path.name} cannot be read.")
    result = read_paths([path])
    if result.empty:
        return Unreadable(f"{path.name} holds no Kubernetes object. Choose another file or folder.")
    return result.project
