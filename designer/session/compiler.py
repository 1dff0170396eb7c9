"""Who compiles a snapshot: at once, or in the background; and the engine's two functions that a session calls.

The engine is imported when first needed: a session that only opens and saves does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from designer.model import Ledger, Problem, Project

Allocate = Callable[[Project], tuple[Ledger, tuple[Problem, ...]]]
Compile = Callable[[Project, Any], Any]
Done = Callable[[int, Any], None]


def engine_allocate(project: Project) -> tuple[Ledger, tuple[Problem, ...]]:
    """The ledger reconciled with the objects: `designer.engine.controlplane.allocate`."""
    from designer.engine.controlplane import allocate

    return allocate(project)


def engine_compile(project: Project, previous: Any) -> Any:
    """The ClusterState of a project: `designer.engine.compile.compile_project`."""
    from designer.engine.compile import compile_project

    return compile_project(project, previous)


class Compiler(Protocol):
    """Compiles snapshots for a session, now or later."""

    def request(self, revision: int, project: Project, previous: Any, done: Done) -> None:
        """Compile `project` and call ``done(revision, state)``, in the thread of the session.

        `previous` is the last state, whose unchanged passes can be reused. The session drops results of revisions that
        are no longer current; the compiler may drop requests that a newer one follows.
        """


class ImmediateCompiler:
    """Compiles at once."""

    def __init__(self, compile_project: Compile = engine_compile) -> None:
        self._compile = compile_project

    def request(self, revision: int, project: Project, previous: Any, done: Done) -> None:
        """Compile `project` and hand over the state before returning."""
        done(revision, self._compile(project, previous))
