"""Two sets of manifests asked for every request that their rules tell apart: the same, or a URL for each difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog, QGridLayout, QLabel, QLineEdit, QTabWidget, QWidget

from designer.engine.compile import compile_project
from designer.engine.migration import Comparison, compare, prepared
from designer.manifests import read_paths
from designer.model import Project
from designer.present.migration_rows import difference_rows, difference_told, open_rows, outcome_text
from designer.storage import open_file
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.dialogs.told_table import ToldTable, show_notes, small_note
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.style import set_role
from designer.ui.kit.table_model import Column, Row

LEAD = (
    "Both are asked for every request that their Ingresses and routes can tell apart. An empty field stands for the "
    "cluster in the window."
)
SIDES: Final = ("Old", "New")
NOT_YET = "Nothing is compared yet."
HERE = "the cluster in the window"
DIFFERENCES = (
    Column("Request", 340, mono=True, middle=True),
    Column("Old", 240, middle=True, stretch=True),
    Column("New", 240, middle=True, stretch=True),
)
OPEN = (Column("Request", 320, mono=True, middle=True), Column("Side", 80), Column("Why it is open", 480, stretch=True))


@dataclass(frozen=True, slots=True)
class Held:
    """What came of the comparison; `wrong` says what could not be read, `notes` what was taken for granted."""

    comparison: Comparison | None = None
    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def held(paths: tuple[str, str], here: Project) -> Held:
    """The two sets compared; an empty path stands for the project `here`."""
    wrong: list[str] = []
    projects = [here if not path else _read(path, wrong) for path in paths]
    ready = [prepared(project) for project in projects if project is not None]
    if len(ready) < len(paths):
        return Held(wrong=tuple(wrong))
    notes = tuple(f"{side}: {note}" for side, one in zip(SIDES, ready, strict=True) for note in one.notes)
    old, new = (compile_project(one.project) for one in ready)
    return Held(compare(old, new), tuple(wrong), notes)


def _read(path: str, wrong: list[str]) -> Project | None:
    """The project of a file or folder, None where there is none; errors are added to `wrong`."""
    if not Path(path).exists():
        wrong.append(f"{path} does not exist.")
        return None
    if path.endswith(".cnd"):
        opened = open_file(Path(path))
        project, problems = opened.project, opened.problems
    else:
        result = read_paths([Path(path)])
        project, problems = None if result.empty else result.project, result.problems
    wrong += [f"{problem.title}." for problem in problems if problem.severity == "error"]
    if project is None and not wrong:
        wrong.append(f"There is no manifest in {path}.")
    return project


class RoutingDialog(FramedDialog):
    """Two paths, the outcome in a sentence, a table of differences with their requests and one of open requests."""

    def __init__(self, shell: Shell, parent: QWidget) -> None:
        super().__init__("Compare routing of two sets of manifests", parent, Buttons.Close, LEAD)
        self.setObjectName("routing")
        self._shell = shell
        self.found: Held | None = None
        self.paths = (QLineEdit(), QLineEdit())
        self.summary = QLabel("Choose a file or a folder for one side at least.")
        self.summary.setWordWrap(True)
        self.summary.setAccessibleName("Result of the comparison")
        self.notes = small_note()
        self.differences = ToldTable(DIFFERENCES, ("Differences", "difference", "differences"), NOT_YET, self._told)
        self.undecided = ToldTable(OPEN, ("Open requests", "request", "requests"), NOT_YET)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Parts of the comparison")
        self.tabs.setDocumentMode(True)
        self.compare = push_button("Compare", self.read, primary=True)
        self._jobs = Jobs(self)
        self._build()
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self.open_at(1040, 680, share=0.6)

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        for place, (side, line) in enumerate(zip(SIDES, self.paths, strict=True)):
            label = QLabel(side)
            label.setBuddy(line)
            set_role(label, "muted")
            line.setAccessibleName(f"{side} file or folder")
            line.setPlaceholderText(HERE)
            line.setFont(mono_font(12))
            buttons = (("Folder…", partial(self._folder, line)), ("File…", partial(self._file, line)))
            grid.addWidget(label, place, 0)
            grid.addWidget(line, place, 1)
            for column, (words, choose) in enumerate(buttons, start=2):
                button = push_button(words, choose)
                button.setAutoDefault(False)
                button.setAccessibleName(f"{side}: {words}")
                grid.addWidget(button, place, column)
        self.body.addLayout(grid)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.notes)
        self.tabs.addTab(self.differences, "Differences")
        self.tabs.addTab(self.undecided, "Open")
        self.body.addWidget(self.tabs, 1)
        self.add_button(self.compare)
        self.compare.setDefault(True)
        self.paths[0].setFocus()

    def _folder(self, line: QLineEdit) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of manifests")
        if chosen:
            line.setText(chosen)

    def _file(self, line: QLineEdit) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Manifests or project", "", "Manifests and projects (*.yaml *.yml *.json *.cnd);;All files (*)"
        )
        if chosen:
            line.setText(chosen)

    def read(self) -> None:
        """Nothing; compares in the background."""
        paths = (self.paths[0].text().strip(), self.paths[1].text().strip())
        if paths[0] == paths[1]:
            self.summary.setText("Both sides are the same: choose another file or folder for one of them.")
            return
        here = self._shell.bridge.project
        self.summary.setText("Comparing…")
        self._jobs.start(lambda: held(paths, here))

    def wait(self) -> bool:
        """Whether the comparison that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, found: Held) -> None:
        self.found = found
        comparison = found.comparison
        words = outcome_text(comparison) if comparison is not None else "The two could not be compared."
        if found.wrong:
            unsure = " Not sure, because a part of the input could not be read:" if comparison is not None else ""
            words = f"{words}{unsure} {' '.join(found.wrong[:3])}"
        self.summary.setText(words)
        show_notes(self.notes, found.notes)
        known = comparison is not None
        differences: list[Row] = []
        if comparison is not None:
            differences = [(*row[:3], place) for place, row in enumerate(difference_rows(comparison))]
        undecided = list(open_rows(comparison)) if comparison is not None else []
        self.differences.set_rows(differences, "No request is answered otherwise." if known else NOT_YET)
        self.undecided.set_rows(undecided, "About every request both sides can tell." if known else NOT_YET)
        for place, (name, count) in enumerate((("Differences", len(differences)), ("Open", len(undecided)))):
            self.tabs.setTabText(place, f"{name} ({count})" if count else name)
        if undecided and not differences:
            self.tabs.setCurrentIndex(1)

    def _told(self, row: Row) -> str:
        assert self.found is not None and self.found.comparison is not None
        return difference_told(self.found.comparison.differences[int(row[3])], SIDES)

    def _crashed(self, error: Exception) -> None:
        self.summary.setText(f"The two could not be compared ({type(error).__name__}). Choose others.")
