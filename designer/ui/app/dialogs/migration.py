"""Ingresses turned into Gateway API, read before anything is taken: manifests, losses, proof, conflicts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from designer.edits.gateways import add_manifests
from designer.engine.compile import ClusterState, compile_project
from designer.engine.migration import Comparison, Migration, compare, migrate, prepared, with_gateways
from designer.manifests import write_files
from designer.model import Project
from designer.present.conflict_rows import conflict_rows, conflict_summary, shown_conflicts
from designer.present.migration_rows import (
    difference_rows,
    loss_rows,
    manifest_files,
    manifest_text,
    open_rows,
    outcome_text,
    written_text,
)
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column

LEAD = (
    "The Ingresses as Gateway API manifests, and every request that their rules can tell apart asked of both. "
    "The cluster on the canvas stays as it is until you add them."
)
LOSSES = (Column("Object", 170), Column("Field", 300, mono=True), Column("Why", 300),
          Column("What to do", 300, stretch=True))  # fmt: skip
DIFFERENCES = (Column("Request", 320, mono=True), Column("Ingress", 210), Column("Gateway", 210),
               Column("Because", 300, stretch=True))  # fmt: skip
OPEN = (Column("Request", 320, mono=True), Column("Side", 80), Column("Why it is open", 480, stretch=True))
CONFLICTS = (Column("Object", 170), Column("What", 260, mono=True), Column("Winner", 240),
             Column("Why", 380, stretch=True))  # fmt: skip


# What each table says when it has no rows, once the answer is there.
EMPTY = (
    "Everything was carried over.",
    "No request is answered otherwise.",
    "About every request both sides can tell.",
    "No rule is in the way of another.",
)
NOTHING = "Nothing was converted."


@dataclass(frozen=True, slots=True)
class Moved:
    """A migration with its proof."""

    migration: Migration
    comparison: Comparison


def moved(project: Project) -> Moved:
    """The migration of a project's Ingresses, held against them."""
    found = migrate(project)
    new: ClusterState = compile_project(prepared(with_gateways(found.old.project, found.objects)).project)
    return Moved(found, compare(found.old, new, found.losses, found.pairs))


class MigrationDialog(FramedDialog):
    """Tabs for manifests, losses, differences, conflicts. Save writes the manifests into a folder, Add puts them in."""

    def __init__(self, shell: Shell, parent: QWidget) -> None:
        super().__init__("Migrate Ingresses to Gateway API", parent, Buttons.Close, LEAD)
        self.setObjectName("migration")
        self._shell = shell
        self.moved: Moved | None = None
        self.summary = QLabel("Converting…")
        self.summary.setWordWrap(True)
        self.summary.setAccessibleName("Result of the migration")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(12))
        self.text.setAccessibleName("Gateway API manifests")
        self.losses = DataTable(LOSSES, "Not carried over", "Converting…")
        self.differences = DataTable(DIFFERENCES, "Differences", "Converting…")
        self.undecided = DataTable(OPEN, "Open requests", "Converting…")
        self.conflicts = DataTable(CONFLICTS, "Conflicts", "Converting…")
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Parts of the migration")
        self.tabs.setDocumentMode(True)
        self.copy = push_button("Copy manifests", self._copy)
        self.save = push_button("Save in folder…", self._save)
        self.add = push_button("Add to the project", self._add, primary=True)
        self._jobs = Jobs(self)
        self._build()
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self.open_at(1180, 680, share=0.6)
        self.read()

    def _build(self) -> None:
        self.body.addWidget(self.summary)
        pages: tuple[tuple[str, QWidget], ...] = (
            ("Manifests", self.text),
            ("Not carried over", self.losses),
            ("Differences", self.differences),
            ("Open", self.undecided),
            ("Conflicts", self.conflicts),
        )
        for words, widget in pages:
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 8, 0, 0)
            column.addWidget(widget)
            self.tabs.addTab(page, words)
        self.body.addWidget(self.tabs, 1)
        for button in (self.copy, self.save, self.add):
            button.setEnabled(False)
            self.add_button(button)
        for table in (self.losses, self.conflicts):
            table.selectionModel().selectionChanged.connect(lambda *_, chosen=table: self._select(chosen))

    def read(self) -> None:
        """Nothing; converts in the background."""
        project = self._shell.bridge.project
        self._jobs.start(lambda: moved(project))

    def wait(self) -> bool:
        """Whether the conversion that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, found: Moved) -> None:
        self.moved = found
        migration, comparison = found.migration, found.comparison
        conflicts = conflict_rows(self._shell.bridge.state)
        any_made = bool(migration.objects)
        outcome = outcome_text(comparison) if any_made else "There is no Ingress that a controller serves."
        self.summary.setText(f"{written_text(migration)} {outcome}")
        self.text.setPlainText(manifest_text(migration.objects))
        told = EMPTY if any_made else (EMPTY[0], NOTHING, NOTHING, EMPTY[3])
        for table, text in zip(self._tables(), told, strict=True):
            table.empty_text = text
        self.losses.set_rows(
            [(*row, loss.object) for row, loss in zip(loss_rows(migration.losses), migration.losses, strict=True)]
        )
        self.differences.set_rows(list(difference_rows(comparison)))
        self.undecided.set_rows(list(open_rows(comparison)))
        self.conflicts.set_rows(list(shown_conflicts(conflicts)))
        self.conflicts.setToolTip(conflict_summary(conflicts))
        counts = (0, len(migration.losses), len(comparison.differences), len(comparison.undecided), len(conflicts))
        for place, count in enumerate(counts):
            words = self.tabs.tabText(place).partition(" (")[0]
            self.tabs.setTabText(place, f"{words} ({count})" if count else words)
        self.copy.setEnabled(any_made)
        self.save.setEnabled(any_made)
        self.add.setEnabled(any_made)

    def _tables(self) -> tuple[DataTable, ...]:
        return self.losses, self.differences, self.undecided, self.conflicts

    def _crashed(self, error: Exception) -> None:
        for table in self._tables():
            table.empty_text = NOTHING
        self.summary.setText(f"The Ingresses could not be converted ({type(error).__name__}).")

    def _select(self, table: DataTable) -> None:
        row = table.first_selected()
        if row is not None and self._shell.bridge.project.get(row[4]) is not None:
            self._shell.selection.select((row[4],))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.summary.setText("The manifests are on the clipboard.")

    def _add(self) -> None:
        """Nothing; puts the Gateway API objects beside the Ingresses, as one step that can be undone."""
        if self.moved is None:
            return
        edit = add_manifests(self._shell.bridge.project, self.moved.migration.objects)
        errors = [problem for problem in edit.problems if problem.severity == "error"]
        if errors:
            self.summary.setText(f"{errors[0].title}. {errors[0].fix}")
        elif edit.project is self._shell.bridge.project:
            self.summary.setText("The project has all of these objects already.")
        elif self._shell.bridge.apply(edit):
            self.add.setEnabled(False)
            self.summary.setText(
                f"{len(edit.select)} objects stand beside the Ingresses now; Undo takes them away again. "
                "Lay out puts them in order. Where their proxies run is not known until these are added."
            )

    def _save(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for the manifests")
        if folder:
            self.save_in(folder)

    def save_in(self, folder: str) -> None:
        """Nothing; writes the manifests into a folder and says so."""
        if self.moved is None:
            return
        written, problems = write_files(folder, manifest_files(self.moved.migration.objects))
        said = " ".join(f"{problem.title}. {problem.fix}" for problem in problems)
        self.summary.setText(said or f"{len(written)} files were written into {folder}.")
