"""A project being worked on: every change goes through here, is undoable, journalled, compiled and announced.

Not thread-safe: one thread owns a session. Nothing is half done: an edit that fails leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from designer.edits.combine import combine
from designer.edits.edit import Edit
from designer.model import EMPTY_PROJECT, Problem, Project, diff_projects
from designer.session.announcer import Announcer
from designer.session.change import Change, Listener, Outcome, whole_diff
from designer.session.compiler import Allocate, Compiler, ImmediateCompiler, engine_allocate
from designer.session.history import History, Step
from designer.session.pipeline import Pipeline
from designer.session.recovery import Recovery
from designer.storage import Encoder, FileStamp, Opened, Recovered, RecoveryInfo, open_file, save_file


class Imported(Protocol):
    """What an import gives (`manifests.ImportResult`)."""

    @property
    def project(self) -> Project:
        """What was read."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it."""


class Session:
    """The current snapshot with its history, file, compiled state and listeners.

    `journal_folder` is where the recovery journal goes; None keeps none. `allocate` and `compiler` are the engine's own
    by default. Everything that can fail returns an `Outcome`. `saved` is the snapshot that was opened or saved last,
    None where no file holds one; `history` has the steps that can be undone.
    """

    def __init__(
        self,
        project: Project = EMPTY_PROJECT,
        *,
        journal_folder: str | Path | None = None,
        allocate: Allocate = engine_allocate,
        compiler: Compiler | None = None,
    ) -> None:
        self.history = History()
        self._announcer = Announcer()
        self._pipeline = Pipeline(allocate, compiler or ImmediateCompiler(), self._announcer)
        # What it is told to expect was made in another thread; saves and the journal ask it.
        self.encoder = Encoder()
        self._recovery = Recovery(journal_folder, self.encoder)
        self._stamp: FileStamp | None = None
        self.path: Path | None = None
        self._project = EMPTY_PROJECT
        self.saved: Project | None = EMPTY_PROJECT
        self.start_problems = self._take(project, None, "New project").problems

    @property
    def project(self) -> Project:
        """The current snapshot."""
        return self._project

    @property
    def state(self) -> Any:
        """The last compiled ClusterState; that of `project` when `state_is_current`, None before the first."""
        return self._pipeline.state

    @property
    def state_is_current(self) -> bool:
        """Whether `state` was compiled from what the engine reads of `project`."""
        return self._pipeline.is_current

    @property
    def dirty(self) -> bool:
        """Whether the current snapshot is another than the one that was opened or saved last."""
        return self.saved is not self._project

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return self.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return self.history.can_redo

    @property
    def undo_label(self) -> str:
        """The name of the step that `undo` would take back, "" when there is none."""
        return self.history.undo_label

    @property
    def before_last(self) -> Project | None:
        """The project before the step that `undo` would take back, None when there is none."""
        return self.history.before_last

    @property
    def redo_label(self) -> str:
        """The name of the step that `redo` would do again, "" when there is none."""
        return self.history.redo_label

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every Change from now on; the function that is returned ends it."""
        return self._announcer.subscribe(listener)

    def apply(self, edit: Edit) -> Outcome:
        """Make the edit's project the current one, as one undo step together with what the allocator gives to it."""
        if not edit.ok or edit.project is self._project:
            return Outcome(edit.ok, edit.problems)
        after, problems = self._pipeline.allocated(edit.project, self._project)
        if after is None:
            return Outcome(False, problems)
        self.history.push(Step(edit.label, self._project, after, edit.merge_key))
        return Outcome(True, (*edit.problems, *self._move_to(after, edit.label)))

    def end_merge(self) -> None:
        """Let the next edit be a step of its own: a gesture ended, a field lost the focus."""
        self.history.seal()

    def undo(self) -> Outcome:
        """Go back to the very snapshot before the last step; not ok when there is none."""
        step = self.history.undo()
        return Outcome(True, self._move_to(step.before, f"Undo {step.label}")) if step else Outcome(False)

    def redo(self) -> Outcome:
        """Go forward to the very snapshot after the step that was undone last; not ok when there is none."""
        step = self.history.redo()
        return Outcome(True, self._move_to(step.after, f"Redo {step.label}")) if step else Outcome(False)

    def new(self, project: Project = EMPTY_PROJECT) -> Outcome:
        """Begin with another project, which no file holds yet."""
        return self._take(project, None, "New project")

    def open(self, path: str | Path, opened: Opened | None = None) -> Outcome:
        """Open a project file; when that fails the session stays as it was. `opened` is what was read of it already."""
        opened = opened or open_file(path)
        if opened.project is None:
            return Outcome(False, opened.problems)
        outcome = self._take(opened.project, Path(path), f"Open {Path(path).name}")
        if outcome.ok:
            self._stamp = opened.stamp
        return replace(outcome, problems=(*opened.problems, *outcome.problems))

    def save(self, path: str | Path | None = None, *, force: bool = False, drawn: Project | None = None) -> Outcome:
        """Save to `path`, or to the file that the project came from; `force` overwrites what others changed there.

        `drawn` is the current snapshot with where the layout put things: that goes into the file, and is no edit.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            fix = "Choose a name to save it under."
            return Outcome(False, (Problem("FILE-13", "error", "The project has no file name yet", fix=fix),))
        same_file = self.path is not None and target.absolute() == self.path.absolute()
        expected = self._stamp if same_file else None
        drawn = self._project if drawn is None else drawn
        encoded = self.encoder.encoded(drawn)
        self.encoder.expect(encoded)
        saved = save_file(target, drawn, expected=expected, force=force, encoder=self.encoder)
        if not saved.ok:
            return Outcome(False, saved.problems)
        self.encoder.expect(encoded)  # the journal begins with the same bytes
        self.path, self._stamp, self.saved = target, saved.stamp, self._project
        self.history.seal()
        return Outcome(True, (*saved.problems, *self._recovery.start(drawn, target)))

    def import_result(
        self, result: Imported, *, merge: bool = False, label: str = "Import", edit: Edit | None = None
    ) -> Outcome:
        """Make an import the current project, or merge it into the current one: one undo step either way.

        `edit` is that step where it was made already.
        """
        if edit is None:
            edit = combine(self._project, result.project, label) if merge else Edit(label, result.project)
        outcome = self.apply(edit)
        return replace(outcome, problems=(*result.problems, *outcome.problems))

    def recoverable(self) -> list[RecoveryInfo]:
        """Work that windows left which died, newest first."""
        return self._recovery.found()

    def recover(self, info: RecoveryInfo, found: Recovered | None = None) -> Outcome:
        """Go on with work that a dead window left; it counts as not saved. `found` is what was read of it already."""
        found = found or self._recovery.read(info)
        if found.project is None:
            return Outcome(False, found.problems)
        path = Path(found.path) if found.path else None
        outcome = self._take(found.project, path, "Recover", saved=False)
        if outcome.ok and not outcome.problems:
            # Only now: the work stands in a journal of this window.
            self._recovery.discard(info)
        return replace(outcome, problems=(*found.problems, *outcome.problems))

    def discard(self, info: RecoveryInfo) -> None:
        """Throw away work that a dead window left."""
        self._recovery.discard(info)

    def close(self) -> None:
        """End the session in good order: nothing needs to be recovered."""
        self._recovery.close()
        self._announcer.clear()

    def _take(self, project: Project, path: Path | None, label: str, *, saved: bool = True) -> Outcome:
        """Begin with another project; when the allocator breaks down on it the session stays as it was."""
        after, problems = self._pipeline.allocated(project)
        if after is None:
            return Outcome(False, problems)
        before, self._project = self._project, after
        self.history.clear()
        self.path, self._stamp = path, None
        self.saved = after if saved else None
        problems = self._recovery.start(after, path)
        if not saved:
            problems += self._recovery.append(after, after, label)
        change = Change(before, after, whole_diff(before, after), label, replaced=True)
        return Outcome(True, (*problems, *self._pipeline.follow(change)))

    def _move_to(self, after: Project, label: str) -> tuple[Problem, ...]:
        """Make `after` the current snapshot: journal first, so that what a person sees is on the disk."""
        before, self._project = self._project, after
        problems = self._recovery.append(before, after, label)
        change = Change(before, after, diff_projects(before, after), label)
        return (*problems, *self._pipeline.follow(change))
