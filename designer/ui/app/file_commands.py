"""The File menu: new, open, import, save, recent files, recovery, and the question about unsaved changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from designer.edits import clipboard
from designer.model import EMPTY_PROJECT, Problem
from designer.present.problem_rows import refused_objects
from designer.resources import resource_path
from designer.storage import PROJECT_SUFFIX, holds_project, open_file
from designer.ui.app import choosing
from designer.ui.app.actions import SAMPLES
from designer.ui.app.ahead import WORKING_OUT, expect, merged, written_out
from designer.ui.app.busy import while_waiting, while_watched
from designer.ui.app.opening import Reading, open_prepared, prepare, read_manifest_text, read_manifests
from designer.ui.app.shell import Shell
from designer.ui.app.source_files import SourceFiles

if TYPE_CHECKING:
    from designer.engine.compile import ClusterState
    from designer.manifests.report import ImportReport

CHANGED_OUTSIDE = "FILE-12"


class FileCommands:
    """Opening and saving. Whatever fails leaves the project and the file as they were and says what to do.

    `report_shown` are report and problems of the last import, `source` the manifests that the project came from.
    """

    source: SourceFiles

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._bridge = shell.bridge
        self._origin = ""
        self.source = SourceFiles(shell, shell.bridge)
        self.report_shown: tuple[ImportReport, tuple[Problem, ...]] | None = None

    # --- names

    def name(self) -> str:
        """The name of the project as a person knows it: its file's, else the cluster's."""
        path = self._bridge.session.path
        if path is not None:
            return path.name
        name = self._bridge.project.cluster.name
        return (self._origin or "Untitled") if name in ("", "cluster") else name

    def _folder(self) -> str:
        path = self._bridge.session.path
        return str(path.parent) if path else self._shell.settings.get("files/folder")

    # --- opening

    def may_leave(self) -> bool:
        """Whether the project may be left: it is saved, or the person saved or gave up its changes."""
        if not self._bridge.session.dirty:
            return True
        answer = choosing.what_with_changes(self._shell.window, self.name())
        return answer == "discard" or (answer == "save" and self.save())

    def new(self) -> None:
        """Nothing; begins with an empty cluster."""
        if self.may_leave():
            self.report_shown, self._origin = None, ""
            self.source.forget()
            self._shell.window.messages.forget()
            self._bridge.new(EMPTY_PROJECT)

    def open(self) -> None:
        """Nothing; asks for files and opens them."""
        paths = choosing.files_to_open(self._shell.window, "Open a project or manifests", self._folder())
        if paths:
            self.open_paths(paths)

    def open_folder(self) -> None:
        """Nothing; asks for a folder of manifests and opens it as a new project."""
        path = choosing.folder_to_open(self._shell.window, "Open a folder of manifests", self._folder())
        if path is not None:
            self.open_paths([path])

    def open_paths(self, paths: Sequence[Path]) -> bool:
        """Whether a project file, or manifest files and folders, are now the project."""
        projects = [path for path in paths if holds_project(path)]
        if projects and len(paths) > 1:
            self._shell.window.messages.show_problems((_mixed(projects[0]),))
            return False
        if not self.may_leave():
            return False
        opened = self._open_project(projects[0]) if projects else self._open_manifests(paths)
        if opened:
            self._remember(paths[0])
            self._shell.window.begin_with_first_request()
        return opened

    def _open_project(self, path: Path) -> bool:
        names = f"Reading {path.name}…"
        found = while_watched(self._shell.window, names, lambda watch: open_prepared(path, watch))
        if found is None:
            return False
        opened, prepared = found
        if prepared is not None:
            expect(self._shell, prepared)
            opened = replace(opened, project=prepared.project)
        if not self._bridge.open(path, opened):
            if not path.exists():
                self._shell.settings.forget_file(path)
            return False
        self.report_shown = None
        self.source.forget()
        return True

    def _open_manifests(self, paths: Sequence[Path]) -> bool:
        reading = self._read(paths, into_project=False)
        if reading is None or reading.result is None:
            return False
        project = reading.result.project
        # In a thread as well: a large cluster takes seconds, for which the window would stand still.
        worked = while_watched(self._shell.window, WORKING_OUT, lambda watch: (prepare(project, watch),))
        if worked is None:
            return False
        if worked[0] is not None:
            project = worked[0].project
            expect(self._shell, worked[0])
        self._origin = paths[0].absolute().stem
        self._bridge.new(project, f"Open {paths[0].name}")
        self.source.begin(paths, reading.result.texts)
        self._show_report(reading)
        return True

    def _read(self, paths: Sequence[Path], *, into_project: bool) -> Reading | None:
        settings = self._bridge.project.cluster if into_project else None
        names = ", ".join(path.name for path in paths[:3])
        reading = while_waiting(self._shell.window, f"Reading {names}…", lambda: read_manifests(paths, settings))
        if reading is not None and reading.result is None:
            self._shell.window.messages.show_problems(reading.problems)
        return reading

    def _remember(self, path: Path) -> None:
        self._shell.settings.remember_file(path.absolute())

    def open_sample(self, name: str) -> bool:
        """Whether a sample is now the project: as a template, so that saving asks for a name of one's own."""
        if not self.may_leave():
            return False
        opened = open_file(resource_path("samples", name))
        if opened.project is None:
            self._shell.window.messages.show_problems(opened.problems)
            return False
        self.report_shown, self._origin = None, ""
        self.source.forget()
        self._shell.window.messages.forget()
        self._bridge.new(opened.project, f"Open the sample {dict(SAMPLES).get(name, name)}")
        self._shell.window.begin_with_first_request(welcome=True)
        return True

    def fill_recent(self, menu: QMenu) -> None:
        """Nothing; fills the submenu of recent files."""
        menu.clear()
        for name in self._shell.settings.get("files/recent"):
            path = Path(name)
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(name)
            action.triggered.connect(lambda _checked=False, chosen=path: self.open_paths([chosen]))
        if menu.isEmpty():
            menu.addAction("Nothing opened yet").setEnabled(False)

    # --- importing

    def import_files(self) -> None:
        """Nothing; asks for manifests and adds them to the project."""
        paths = choosing.files_to_open(
            self._shell.window, "Import manifests into this project", self._folder(), choosing.MANIFESTS
        )
        if paths:
            self.import_paths(paths)

    def import_paths(self, paths: Sequence[Path]) -> bool:
        """Whether the manifests are now part of the project, as one step that can be undone."""
        reading = self._read(paths, into_project=True)
        if reading is None or reading.result is None:
            return False
        return self._merge(reading, f"Import {paths[0].name}")

    def import_text(self, text: str) -> bool:
        """Whether pasted manifests are now part of the project, as one step that can be undone."""
        reading = read_manifest_text(text, self._bridge.project.cluster)
        return reading.result is not None and self._merge(reading, "Paste manifests")

    def paste_text(self, text: str) -> None:
        """Nothing; takes pasted manifests, or says that the text is nothing that can be pasted."""
        if not self.import_text(text):
            edit = clipboard.paste(self._bridge.project, text)
            self._shell.window.messages.show_problems(edit.problems)

    def _merge(self, reading: Reading, label: str) -> bool:
        assert reading.result is not None
        edit = merged(self._shell, reading.result.project, label)
        if edit is None:
            return False
        outcome = self._bridge.session.import_result(reading.result, merge=True, label=label, edit=edit)
        if not outcome.ok:
            self._shell.window.messages.show_problems(outcome.problems)
            return False
        self._show_report(reading)
        return True

    def _show_report(self, reading: Reading) -> None:
        assert reading.result is not None
        state: ClusterState | None = self._bridge.state
        found = refused_objects(state.problems, reading.result.project, reading.problems) if state is not None else ()
        problems = (*reading.problems, *found)
        self.report_shown = (reading.result.report, problems)
        self._shell.window.messages.announce_import(reading.result.report, problems)
        self._bridge.stored.emit()

    def report(self) -> None:
        """Nothing; shows the report of the last import."""
        if self.report_shown is not None:
            self._shell.window.messages.show_report(*self.report_shown)

    # --- saving

    def save(self) -> bool:
        """Whether the project is saved, under a name that is asked for when it has none."""
        session = self._bridge.session
        if session.path is None:
            return self.save_as()
        drawn = written_out(self._shell)
        if drawn is None:
            return False
        outcome = session.save(drawn=drawn)
        if any(problem.code == CHANGED_OUTSIDE for problem in outcome.problems) and not outcome.ok:
            question = f"{session.path.name} was changed by another program since you opened it. Replace it?"
            if not choosing.agrees(self._shell.window, "The file was changed", question, "Replace"):
                return False
            outcome = session.save(force=True, drawn=drawn)
        return self._saved(outcome.ok, outcome.problems)

    def save_as(self) -> bool:
        """Whether the project is saved under a name that the person chose."""
        suggested = self._bridge.session.path or Path(self._folder()) / f"{_file_name(self.name())}{PROJECT_SUFFIX}"
        path = choosing.file_to_save(
            self._shell.window, "Save the project", suggested, choosing.PROJECTS, PROJECT_SUFFIX
        )
        drawn = written_out(self._shell) if path is not None else None
        if drawn is None:
            return False
        outcome = self._bridge.session.save(path, force=True, drawn=drawn)
        return self._saved(outcome.ok, outcome.problems)

    def _saved(self, good: bool, problems: tuple[Problem, ...]) -> bool:
        path = self._bridge.session.path
        if good and path is not None:
            self._remember(path)
        if problems:
            self._shell.window.messages.show_problems(problems)
        self._bridge.stored.emit()
        return good

    def quit(self) -> None:
        """Nothing; closes the window, which asks about changes."""
        self._shell.window.close()


def _file_name(name: str) -> str:
    """A file name made of a project's name."""
    kept = "".join(char if char.isalnum() or char in "-_." else "-" for char in name.lower()).strip("-.")
    return kept or "project"


def _mixed(path: Path) -> Problem:
    return Problem(
        "OPEN-02",
        "error",
        f"{path.name} is a whole project and cannot be opened together with other files",
        why="A project file is a whole cluster; manifests are parts of one.",
        fix="Open the project first, then import the manifests into it.",
    )
