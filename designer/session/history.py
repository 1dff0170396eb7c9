"""Undo and redo over immutable snapshots: one generic step, no class per operation.

Snapshots share every slice that did not change; a step costs what it changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from designer.model import Project

MAX_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One undoable step."""

    label: str
    before: Project
    after: Project
    merge_key: str | None = None


class History:
    """The steps that were done, and those that were undone and can be done again."""

    def __init__(self, limit: int = MAX_STEPS) -> None:
        self._limit = limit
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._sealed = True

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._undone)

    @property
    def undo_label(self) -> str:
        """The name of the step that undo would take back, "" when there is none."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """The name of the step that redo would do again, "" when there is none."""
        return self._undone[-1].label if self._undone else ""

    @property
    def before_last(self) -> Project | None:
        """The project before the step that undo would take back, None when there is none."""
        return self._done[-1].before if self._done else None

    def labels(self) -> tuple[str, ...]:
        """The names of the steps that were done, oldest first."""
        return tuple(step.label for step in self._done)

    def steps(self) -> tuple[Step, ...]:
        """The steps that were done, oldest first."""
        return tuple(self._done)

    def push(self, step: Step) -> None:
        """Add a step; one with the merge key of the last continues it. What was undone can no longer be done again."""
        self._undone.clear()
        last = self._done[-1] if self._done else None
        if last is not None and not self._sealed and step.merge_key is not None and step.merge_key == last.merge_key:
            self._done[-1] = Step(step.label, last.before, step.after, step.merge_key)
        else:
            self._done.append(step)
            del self._done[: -self._limit]
        self._sealed = False

    def seal(self) -> None:
        """Let the next step stand for itself, whatever its merge key (a field lost the focus, a file was saved)."""
        self._sealed = True

    def undo(self) -> Step | None:
        """The step to take back, None when there is none."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        self._sealed = True
        return self._undone[-1]

    def redo(self) -> Step | None:
        """The step to do again, None when there is none."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        self._sealed = True
        return self._done[-1]

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
        self._sealed = True
