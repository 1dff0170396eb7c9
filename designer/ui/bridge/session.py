"""The session as a Qt object: edits go in, one signal comes out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from designer.edits.edit import Edit
from designer.engine.compile import ClusterState
from designer.model import Project, diff_projects
from designer.session import Change, Outcome, Session
from designer.storage import Opened


class SessionBridge(QObject):
    """Announces every change of the project.

    `changed` carries a `Change` (before, after, diff, label, state). `failed` carries a tuple of `Problem`s that a
    person must read: an edit, an open or a save was refused (nothing changed then), or was done with remarks.
    `stored` says that path or dirty flag may differ.
    """

    changed = Signal(object)
    failed = Signal(object)
    stored = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._unsubscribe = session.subscribe(self._announce)
        self._states: tuple[ClusterState, ...] = (session.state,) if session.state is not None else ()

    @property
    def project(self) -> Project:
        """The current snapshot."""
        return self.session.project

    @property
    def state(self) -> ClusterState:
        """The compiled cluster of the current snapshot."""
        return self.session.state

    @property
    def state_before(self) -> ClusterState | Project | None:
        """The cluster before the last step; the project where it is not known any more, None without a step."""
        before = self.session.before_last
        if before is None:
            return None
        return next((state for state in self._states if _holds(state, before)), before)

    def apply(self, edit: Edit) -> bool:
        """Apply `edit` as one undo step; False when it was refused (then `failed` was sent)."""
        refused = tuple(problem for problem in edit.problems if problem.severity == "error")
        if refused:
            self.failed.emit(refused)
            return False
        outcome = self.session.apply(edit)
        if outcome.problems:
            self.failed.emit(outcome.problems)
        return outcome.ok

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self.session.can_undo:
            self.session.undo()

    def redo(self) -> None:
        """Do the last undone step again, if there is one."""
        if self.session.can_redo:
            self.session.redo()

    def open(self, path: Path, opened: Opened | None = None) -> bool:
        """Open a project file; False when it could not be read, the project stays as it was then.

        `opened` is what was read of it already.
        """
        return self._report(self.session.open(path, opened))

    def save(self, path: Path | None = None) -> bool:
        """Save to `path`, or to where the project came from; False when it could not be written."""
        return self._report(self.session.save(path))

    def new(self, project: Project, label: str = "New project") -> None:
        """Start with `project`; history begins anew."""
        self.session.new(project)
        self.stored.emit()

    def close(self) -> None:
        """Stop announcing; called when the window goes."""
        self._unsubscribe()

    def _report(self, outcome: Outcome) -> bool:
        self.stored.emit()
        if outcome.problems:
            self.failed.emit(outcome.problems)
        return outcome.ok

    def _announce(self, change: Change) -> None:
        state, before = self.session.state, self.session.before_last
        kept = tuple(old for old in self._states if old is not state and before is not None and _holds(old, before))
        self._states = (*kept[-1:], *((state,) if state is not None else ()))
        self.changed.emit(change)
        self.stored.emit()


def _holds(state: ClusterState, project: Project) -> bool:
    """Whether a cluster is the one that a project describes: only what the engine does not read may differ."""
    return state.project is project or not diff_projects(state.project, project).touches_engine
