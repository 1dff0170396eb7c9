"""The manifests that the window's project was opened from: watched, reloaded, and written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

from designer.edits.takeover import Takeover, take_over
from designer.model import Project
from designer.present.words import count_text, object_text
from designer.session.exporting import exportable
from designer.ui.app.ahead import worked_out
from designer.ui.app.busy import while_waiting
from designer.ui.app.opening import read_manifests
from designer.ui.app.shell import Shell

if TYPE_CHECKING:
    from designer.engine.compile import ClusterState
    from designer.manifests.sources import FileChange, Source

# Programs write a file in several steps; what they do within this time is one change.
DEBOUNCE_MS = 400


class SourceFiles(QObject):
    """The source of the project, None where it did not come from manifests."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self.source: Source | None = None
        # While the program itself writes, nothing was changed outside.
        self._writing = False
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._soon)
        self._watcher.directoryChanged.connect(self._soon)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.look)

    # --- what is watched

    def begin(self, paths: Sequence[Path], texts: Mapping[str, str]) -> None:
        """Nothing; the project was read from these paths just now."""
        from designer.manifests.sources import source_of  # late: the first window needs none of it

        self._take(source_of(paths, texts, self._shell.bridge.project))

    def forget(self) -> None:
        """Nothing; the project does not come from manifests."""
        self._take(None)

    def _take(self, source: Source | None) -> None:
        self.source = source
        self._timer.stop()
        old = [*self._watcher.files(), *self._watcher.directories()]
        if old:
            self._watcher.removePaths(old)
        if source is not None:
            files = [str(path) for path in source.files.values() if path.exists()]
            folders = {str(path.parent) for path in source.files.values()} | {str(source.root)}
            self._watcher.addPaths([*files, *sorted(folders)])

    def _soon(self, _path: str) -> None:
        self._timer.start()

    def look(self) -> None:
        """Nothing; offers to reload what was changed outside."""
        changes = self.changes() if not self._writing else ()
        if not changes:
            return
        names = ", ".join(change.name for change in changes[:2]) + (" and others" if len(changes) > 2 else "")
        verb = "was" if len(changes) == 1 else "were"
        self._shell.window.messages.invite(f"{names} {verb} changed outside.", "Show changes…", self.reload, "warning")

    def changes(self) -> tuple[FileChange, ...]:
        """What was changed outside since the files were read or written last."""
        from designer.manifests.sources import changed_outside

        return changed_outside(self.source) if self.source is not None else ()

    # --- reloading

    def reload(self) -> None:
        """Nothing; shows what was changed outside and takes it over when the person agrees."""
        from designer.ui.app.dialogs.file_diff import FileDiffDialog

        changes = self.changes()
        if not changes:
            self._shell.window.messages.tell("The manifests are as they were read.", "info")
            return
        edited = self.source is not None and self.source.project is not self._shell.bridge.project
        lead = "Objects that changed in the files are taken over, as one step that Undo takes back."
        if edited:
            lead += " What you edited here stays; where both changed an object, yours stays and is named."
        FileDiffDialog("Changed outside", lead, changes, "Reload", self.take_over, self._shell.window).open()

    def take_over(self) -> Takeover | None:
        """What was taken from the files as they are now; None where they hold no object any more."""
        source = self.source
        if source is None:
            return None
        window = self._shell.window
        reading = while_waiting(window, "Reading the manifests…", lambda: read_manifests(source.paths))
        if reading is None:
            return None
        if reading.result is None:
            window.messages.show_problems(reading.problems)
            return None
        theirs = reading.result.project
        found = take_over(self._shell.bridge.project, source.project, theirs)
        edit = worked_out(self._shell, found.edit, theirs)
        if edit is None:
            return None
        found = replace(found, edit=edit)
        if found.edit.project is not self._shell.bridge.project and not self._shell.bridge.apply(found.edit):
            return None
        from designer.manifests.sources import source_of

        self._take(source_of(source.paths, reading.result.texts, theirs))
        words = f"Took over {count_text(len(found.taken), 'object')}."
        if found.kept:
            named = ", ".join(map(object_text, found.kept[:3])) + (" and others" if len(found.kept) > 3 else "")
            words += f" Changed on both sides, yours is kept: {named}."
        window.messages.tell(words, "warning" if found.kept else "success")
        return found

    # --- writing back

    def save(self) -> None:
        """Nothing; shows what would change in the files and writes it when the person agrees."""
        from designer.manifests.sources import changes_to_save
        from designer.ui.app.dialogs.file_diff import FileDiffDialog

        source, window = self.source, self._shell.window
        if source is None:
            return
        if self.changes():
            self.look()
            window.messages.tell("The files were changed outside. Reload them first; your edits stay.", "warning")
            return
        state: ClusterState = self._shell.bridge.state

        def compared() -> tuple[Project, str, tuple[FileChange, ...]]:
            project, left_out = exportable(state)
            return project, left_out, changes_to_save(source, project)

        found = while_waiting(window, "Comparing with the manifests…", compared)
        if found is None:
            return
        project, left_out, changes = found
        if not changes:
            window.messages.tell("The manifests hold everything already.", "info")
            return
        lead = f"Only what changed is written; comments and order stay. {left_out}".rstrip()

        def write() -> None:
            self.write(project, changes)

        FileDiffDialog("Save to manifests", lead, changes, "Save", write, window).open()

    def write(self, project: Project, changes: Sequence[FileChange]) -> bool:
        """Whether the changes were written into the files."""
        from designer.manifests.sources import save_changes

        if self.source is None:
            return False
        source, words = self.source, "Writing the manifests…"
        self._writing = True
        try:
            done = while_waiting(
                self._shell.window, words, lambda: save_changes(source, project, changes), cancel=False
            )
        finally:
            self._writing = False
        if done is None:
            return False
        after, problems = done
        self._take(after)
        if problems:
            self._shell.window.messages.show_problems(problems)
            return False
        self._shell.window.messages.tell(f"Saved {count_text(len(changes), 'file')}.", "success")
        return True
