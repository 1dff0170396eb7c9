"""What follows every new snapshot: addresses are handed out, the cluster is compiled, the listeners are told."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from designer.model import Problem, Project, ProjectDiff
from designer.session.announcer import Announcer
from designer.session.change import Change
from designer.session.compiler import Allocate, Compiler

_LOG = logging.getLogger(__name__)


# The parts of a project that engine passes read; provenance gives the lines in problems, foreign objects are parents.
_ENGINE_READS = ("objects", "cluster", "ledger", "provenance", "foreign")


def differs_for_engine(before: Project, after: Project) -> bool:
    """Whether two snapshots differ in what an engine pass reads: by identity, as the passes themselves tell."""
    return any(getattr(before, name) is not getattr(after, name) for name in _ENGINE_READS)


class Pipeline:
    """The allocator, the compiler, and the last compiled state."""

    def __init__(self, allocate: Allocate, compiler: Compiler, announcer: Announcer) -> None:
        self._allocate = allocate
        self._compiler = compiler
        self._announcer = announcer
        self._revision = 0
        self._compiled_revision = -1
        self._project = Project()
        self._requesting = False
        self.state: Any = None

    @property
    def is_current(self) -> bool:
        """Whether `state` is that of the newest snapshot."""
        return self._compiled_revision == self._revision

    def allocated(self, project: Project, before: Project | None = None) -> tuple[Project | None, tuple[Problem, ...]]:
        """The project with its ledger reconciled; None with a problem when the allocator broke down.

        Nothing is reconciled where nothing differs from `before` that the engine reads.
        """
        if before is not None and not differs_for_engine(before, project):
            return project, ()
        try:
            # What it finds wrong is in the problems of the compiled state, too.
            ledger, _ = self._allocate(project)
        except Exception as error:
            _LOG.exception("The allocator failed")
            return None, (_defect("SESSION-01", "Addresses cannot be worked out for this change", error),)
        return (project if ledger is project.ledger else replace(project, ledger=ledger)), ()

    def follow(self, change: Change) -> tuple[Problem, ...]:
        """Compile the new snapshot unless it is the same to the engine, and tell the listeners."""
        self._project = change.after
        if self.is_current and not change.replaced and not differs_for_engine(change.before, change.after):
            self._announcer.announce(replace(change, state=self.state))
            return ()
        self._revision += 1
        problems: tuple[Problem, ...] = ()
        self._requesting = True
        try:
            self._compiler.request(self._revision, change.after, self.state, self._compiled)
        except Exception as error:
            _LOG.exception("The compiler failed")
            problems = (_defect("SESSION-02", "The simulation cannot work out this project", error),)
        finally:
            self._requesting = False
        self._announcer.announce(replace(change, state=self.state if self.is_current else None))
        return problems

    def _compiled(self, revision: int, state: Any) -> None:
        """Take a compiled state; that of an older revision is dropped. One that comes late is told by itself."""
        if revision != self._revision:
            return
        self.state = state
        self._compiled_revision = revision
        if not self._requesting:
            self._announcer.announce(Change(self._project, self._project, ProjectDiff(), "", state))


def _defect(code: str, title: str, error: Exception) -> Problem:
    """A breakdown of the program itself, told without a traceback (that is in the log)."""
    return Problem(
        code=code,
        severity="error",
        title=title,
        why=f"This is a defect of the program: {type(error).__name__}.",
        fix="Your work is safe. Undo the last change, and report the defect with the project file.",
    )
