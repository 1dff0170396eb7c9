"""The journal of a session, and taking over what a dead window left. Without a folder it does nothing."""

from __future__ import annotations

from pathlib import Path

from designer.model import Problem, Project
from designer.storage import Encoder, Journal, Recovered, RecoveryInfo, discard, recover, recoverable


class Recovery:
    """One window's journal in `folder`; None keeps none. `encoder` is that of the saves."""

    def __init__(self, folder: str | Path | None, encoder: Encoder) -> None:
        self._folder = Path(folder) if folder is not None else None
        self._journal = Journal(self._folder, encoder) if self._folder is not None else None

    def start(self, project: Project, path: Path | None) -> tuple[Problem, ...]:
        """Begin anew with a project that `path` holds, or that is new."""
        return self._journal.start(project, path) if self._journal else ()

    def append(self, before: Project, after: Project, label: str) -> tuple[Problem, ...]:
        """Write down one edit."""
        return self._journal.append(before, after, label) if self._journal else ()

    def found(self) -> list[RecoveryInfo]:
        """Work that windows left which died, newest first."""
        return recoverable(self._folder) if self._folder is not None else []

    def read(self, info: RecoveryInfo) -> Recovered:
        """The project of a journal that a dead window left."""
        return recover(info.journal)

    def discard(self, info: RecoveryInfo) -> None:
        """Remove a journal whose work was taken over or is not wanted."""
        discard(info.journal)

    def close(self) -> None:
        """End in good order: nothing needs to be recovered."""
        if self._journal:
            self._journal.close()
