"""Ingresses turned into Gateway API, read before anything is taken: manifests, losses, proof, conflicts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QPlainTextEdit, QTabWidget, QWidget

from designer.edits.gateways import add_manifests
from designer.engine.compile import ClusterState, compile_project
from designer.engine.migration import Comparison, Migration, compare, migrate, prepared, with_gateways
from designer.manifests import write_files
from designer.model import Project
from designer.present.conflict_rows import conflict_rows, conflict_summary, shown_conflicts
from designer.present.migration_rows import (
    difference_rows,
    difference_told,
    loss_rows,
    manifest_files,
    manifest_text,
    open_rows,
    outcome_text,
    written_text,
)
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.dialogs.told_table import ToldTable, show_notes, small_note
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.table_model import Column, Row

LEAD = (
    "The Ingresses as Gateway API manifests, and every request that their rules can tell apart asked of both. "
    "The cluster on the canvas stays as it is until you add them."
)
LOSSES = (Column("Object", 150), Column("Field", 200, mono=True, middle=True), Column("Why", 300, stretch=True),
          Column("What to do", 300, stretch=True))  # fmt: skip
# Answers often differ at the end of a URL only: a final slash, a query.
DIFFERENCES = (Column("Request", 300, mono=True, middle=True), Column("Ingress", 200, middle=True),
               Column("Gateway", 200, middle=True), Column("Because", 300, stretch=True))  # fmt: skip
OPEN = (Column("Request", 320, mono=True, middle=True), Column("Side", 80), Column("Why it is open", 480, stretch=True))
CONFLICTS = (Column("Object", 170), Column("What", 200, mono=True), Column("Winner", 200),
             Column("Why", 380, stretch=True))  # fmt: skip
# All annotations of one controller begin alike: what tells them apart must not be cut off.
ANNOTATION = re.compile(r"metadata\.annotations\[[^]]*/([^]/]+)\]")


# What each table says when it has no rows, once the answer is there.
EMPTY = (
    "Everything was carried over.",
    "No request is answered otherwise.",
    "About every request both sides can tell.",
    "No rule is in the way of another.",
)
NOTHING = "Nothing was converted."
BUSY = "Converting…"


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


def _not_carried(count: int) -> str:
    """What the sentence about sameness does not speak of."""
    things = "1 thing was" if count == 1 else f"{count} things were"
    return f"{things} not carried over: read the list before you rely on it."


def _loss_told(row: Row) -> str:
    """A loss with the whole path of its field."""
    return f"{row[0]}, {row[5]}\nWhy: {row[2]}\nWhat to do: {row[3]}"


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
        self.notes = small_note()
        self.losses = ToldTable(LOSSES, ("Not carried over", "loss", "losses"), BUSY, _loss_told)
        self.differences = ToldTable(DIFFERENCES, ("Differences", "difference", "differences"), BUSY, self._told)
        self.undecided = ToldTable(OPEN, ("Open requests", "request", "requests"), BUSY)
        self.conflicts = ToldTable(CONFLICTS, ("Conflicts", "conflict", "conflicts"), BUSY)
        self.ask = push_button("Ask in Routes", self._ask)
        self.differences.add_action(self.ask)
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
        self.body.addWidget(self.notes)
        pages: tuple[tuple[str, QWidget], ...] = (
            ("Manifests", self.text),
            ("Not carried over", self.losses),
            ("Differences", self.differences),
            ("Open", self.undecided),
            ("Conflicts", self.conflicts),
        )
        for words, widget in pages:
            self.tabs.addTab(widget, words)
        self.body.addWidget(self.tabs, 1)
        for button in (self.copy, self.save, self.add):
            button.setEnabled(False)
            self.add_button(button)
        for page in (self.losses, self.conflicts):
            page.table.row_selected.connect(self._select)
        self.differences.table.row_activated.connect(lambda _row: self._ask())

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
        lost = f" {_not_carried(len(migration.losses))}" if migration.losses else ""
        self.summary.setText(f"{written_text(migration)} {outcome}{lost}")
        show_notes(self.notes, migration.notes)
        self.text.setPlainText(manifest_text(migration))
        losses = zip(loss_rows(migration.losses), migration.losses, strict=True)
        rows: tuple[Sequence[Row], ...] = (
            [(object_, ANNOTATION.sub(r"\1", path), why, fix, loss.object, loss.field)
             for (object_, path, why, fix), loss in losses],
            [(*row, place) for place, row in enumerate(difference_rows(comparison))],
            list(open_rows(comparison)),
            list(shown_conflicts(conflicts)),
        )  # fmt: skip
        told = EMPTY if any_made else (EMPTY[0], NOTHING, NOTHING, EMPTY[3])
        for page, shown, text in zip(self._pages(), rows, told, strict=True):
            page.set_rows(shown, text)
        self.conflicts.table.setToolTip(conflict_summary(conflicts))
        counts = (0, len(migration.losses), len(comparison.differences), len(comparison.undecided), len(conflicts))
        for place, count in enumerate(counts):
            words = self.tabs.tabText(place).partition(" (")[0]
            self.tabs.setTabText(place, f"{words} ({count})" if count else words)
        self.copy.setEnabled(any_made)
        self.save.setEnabled(any_made)
        self.add.setEnabled(any_made)

    def _pages(self) -> tuple[ToldTable, ...]:
        return self.losses, self.differences, self.undecided, self.conflicts

    def _crashed(self, error: Exception) -> None:
        for page in self._pages():
            page.set_rows([], NOTHING)
        self.summary.setText(f"The Ingresses could not be converted ({type(error).__name__}).")

    def _select(self, row: Row | None) -> None:
        if row is not None and self._shell.bridge.project.get(row[4]) is not None:
            self._shell.selection.select((row[4],))

    def _told(self, row: Row) -> str:
        assert self.moved is not None
        return difference_told(self.moved.comparison.differences[int(row[4])], ("Ingress", "Gateway"))

    def _ask(self) -> None:
        """Nothing; leaves the dialog and asks the cluster in the window for the chosen request."""
        row = self.differences.table.first_selected()
        if row is None or self.moved is None:
            return
        asked = self.moved.comparison.differences[int(row[4])].asked
        self.accept()
        self._shell.window.commands.analyze.ask_routes(asked)

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
        written, problems = write_files(folder, manifest_files(self.moved.migration))
        said = " ".join(f"{problem.title}. {problem.fix}" for problem in problems)
        self.summary.setText(said or f"{len(written)} files were written into {folder}.")
