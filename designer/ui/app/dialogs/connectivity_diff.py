"""Who reaches whom now, against what was before or another project: the flows that differ, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QSplitter, QWidget

from designer.engine.reach import ReachChange
from designer.present.connectivity_change import (
    change_csv,
    change_dot,
    change_json,
    change_markdown,
    change_text,
)
from designer.present.flow_changes import NOTHING_CHANGED, FlowChange, change_evidence, end_name, missing_words
from designer.ui.app import choosing
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.shell import Shell
from designer.ui.bridge.diffing import Base, Diffing
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fields import SearchField
from designer.ui.kit.style import set_role
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.matrix_detail import Detail, MatrixDetail

LEAD = "The cluster as it is now against another one: flows that are opened, closed, or open on other ports."
NOTHING_YET = (
    "Choose a project, a manifest file or a folder above. Once you have edited something, the state before each step "
    "stands there too."
)
FILE, FOLDER = "file", "folder"
CHOOSE = "Choose what to compare with…"
WHATS = {"opened": "+ opened", "closed": "− closed", "changed": "± other ports", "unclear": "? cannot tell"}
_TOKENS = {"opened": "verdict:delivered", "closed": "error", "changed": "accent_text", "unclear": "verdict:cannot-tell"}
# The forms of the command line's ``connectivity --diff``, by the ending of a file.
FORMS: dict[str, tuple[str, Callable[[ReachChange], str]]] = {
    ".txt": ("Text (*.txt)", lambda change: f"{change_text(change)}\n"),
    ".csv": ("CSV (*.csv)", change_csv),
    ".md": ("Markdown (*.md)", lambda change: f"{change_markdown(change)}\n"),
    ".json": ("JSON (*.json)", lambda change: f"{json.dumps(change_json(change), indent=2, sort_keys=True)}\n"),
    ".dot": ("DOT graph (*.dot)", change_dot),
}
COLUMNS = (
    Column("Change", 100, color=lambda row: _TOKENS[row[5].what]),
    Column("From", 250),
    Column("To", 250),
    Column("Before", 90, mono=True),
    Column("Now", 120, mono=True, stretch=True),
)


class ConnectivityDiff(FramedDialog):
    """Chooses what to compare with and lists the differences; the canvas can show them in place."""

    def __init__(self, shell: Shell, diffing: Diffing, parent: QWidget) -> None:
        super().__init__("Compare connectivity", parent, Buttons.Close, LEAD)
        self.setObjectName("connectivity-diff")
        self._shell, self.diffing = shell, diffing
        self.choice = QComboBox()
        self.choice.setAccessibleName("Compare with")
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.cancel_button = push_button("Cancel", diffing.cancel)
        self.search = SearchField("Find a flow")
        self.table = FittedTable(COLUMNS, (86, 170, 170, 60, 100), "Flows that differ", CHOOSE)
        self.table.attach_search(self.search)
        self.detail = MatrixDetail(lambda: None)
        self.canvas_button = push_button("Show on the canvas", self._show_on_canvas)
        self.export_button = push_button("Export", None, icon_name="download")
        self._bases: list[Base | str] = []
        self._picked = False
        self._build()
        diffing.changed.connect(self._show)
        self.finished.connect(lambda _how: shell.selection.hint.emit(()))
        self.open_at(1180, 660, share=0.6)
        self._fill()
        self._show()
        self.choice.setFocus()
        if diffing.base is None and (bases := diffing.bases()):
            self.compare_with(bases[0])

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        label = QLabel("Compare with")
        label.setBuddy(self.choice)
        set_role(label, "muted")
        row.addWidget(label)
        row.addWidget(self.choice, 1)
        row.addWidget(self.search)
        self.body.addLayout(row)
        said = QHBoxLayout()
        said.addWidget(self.summary, 1)
        said.addWidget(self.cancel_button)
        self.body.addLayout(said)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 1)
        split.setSizes([800, 360])
        self.body.addWidget(split, 1)
        menu = QMenu(self.export_button)
        for ending, (words, _write) in FORMS.items():
            action = QAction(words.partition(" (")[0], menu)
            action.triggered.connect(lambda _checked=False, ending=ending: self._export(ending))
            menu.addAction(action)
        self.export_button.setMenu(menu)
        self.add_button(self.canvas_button)
        self.add_button(self.export_button)
        self.choice.activated.connect(self._on_choice)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._select())
        self.table.clicked.connect(lambda _index: self._select())
        self.detail.policyWanted.connect(self._show_policy)

    def _fill(self) -> None:
        """Offer what there is to compare with; what is compared with now stands first where it is no step."""
        self._bases = [*self.diffing.bases(), FILE, FOLDER]
        current = self.diffing.base
        if current is not None and current not in self._bases:
            self._bases.insert(0, current)
        self.choice.clear()
        if current is None:
            self.choice.addItem(CHOOSE, None)
        for base in self._bases:
            words = {FILE: "another project or manifest file…", FOLDER: "another folder of manifests…"}
            self.choice.addItem(words[base] if isinstance(base, str) else base.words, base)
        if current is not None:
            self.choice.setCurrentIndex(self._bases.index(current))

    def _on_choice(self, place: int) -> None:
        base = self.choice.itemData(place)
        if isinstance(base, str):
            base = self._asked(base)
        if isinstance(base, Base):
            self.compare_with(base)
        else:
            self._fill()

    def _asked(self, what: str) -> Base | None:
        """The file or folder that a person chose, None for none."""
        folder = str(self._shell.settings.get("files/folder"))
        if what == FOLDER:
            path = choosing.folder_to_open(self, "Compare with a folder of manifests", folder)
        else:
            paths = choosing.files_to_open(self, "Compare with a project or manifest file", folder)
            path = paths[0] if paths else None
        return Base(f"{path.name}", path=path) if path is not None else None

    def compare_with(self, base: Base) -> None:
        """Nothing; compares in the background."""
        self.diffing.start(base)
        self._fill()

    def _show(self) -> None:
        diffing, found = self.diffing, self.diffing.found
        self.cancel_button.setVisible(diffing.busy)
        usable = found is not None and not diffing.busy
        self.canvas_button.setEnabled(usable and found is not None and bool(found.flows))
        self.export_button.setEnabled(usable)
        if diffing.busy:
            self.summary.setText("Comparing…")
            self.table.empty_text = "Comparing…"
            self.table.set_rows([])
            return
        set_role(self.summary, "error" if diffing.problem else "")
        self.summary.setText(diffing.problem or (found.summary if found is not None else ""))
        flows = found.flows if found is not None else ()
        self.table.empty_text = CHOOSE if found is None else NOTHING_CHANGED
        self.table.set_rows([_row(flow) for flow in flows])
        self._picked = False
        if flows:  # something to read at once; the canvas still shows all alike
            self.table.select_place(0)
            self._picked = False
        else:
            self._say_nothing()

    def _say_nothing(self) -> None:
        found = self.diffing.found
        notes = found.change.notes if found is not None else ()
        sides = [f"{name} was not there before." for name in found.change.appeared] if found is not None else []
        sides += [f"{name} is not there any more." for name in found.change.gone] if found is not None else []
        if found is None:
            self.detail.show_detail(Detail("Nothing is compared yet", "", (NOTHING_YET,)))
        else:
            words = "Choose a flow to read which policies decided before, and which decide now."
            self.detail.show_detail(Detail("Why", "", (words, *sides, *notes)))

    def _select(self) -> None:
        found, row = self.diffing.found, self.table.first_selected()
        if found is None or row is None:
            self._say_nothing()
            return
        flow: FlowChange = row[5]
        self._picked = True
        self._shell.selection.hint.emit(tuple(oid for oid in (flow.src_id, flow.dst_id) if oid))
        said = (f"Before: {flow.before.text()}", f"Now: {flow.after.text()}", missing_words(flow, found))
        evidence = tuple(change_evidence(found, flow))
        title = f"{end_name(flow.src)} → {end_name(flow.dst)}"
        self.detail.show_detail(Detail(title, flow.words, tuple(filter(None, said)), evidence))

    def _show_policy(self, oid: str, path: str) -> None:
        self.accept()
        self._shell.window.wiring.show_field(oid, path)

    def _show_on_canvas(self) -> None:
        row = self.table.first_selected()
        self.diffing.mark(row[5] if row is not None and self._picked else None)
        self.diffing.show_on_canvas(True)
        self.accept()

    def text_as(self, ending: str) -> str:
        """The differences in a form of the command line, "" where there are none yet."""
        found = self.diffing.found
        return FORMS[ending][1](found.change) if found is not None else ""

    def _export(self, ending: str) -> None:
        folder = Path(self._shell.settings.get("files/folder"))
        suggested = folder / f"connectivity-diff{ending}"
        path = choosing.file_to_save(self, "Export the differences", suggested, FORMS[ending][0], ending)
        if path is not None:
            self.write(path, ending)

    def write(self, path: Path, ending: str) -> bool:
        """Whether the differences were written; says what went wrong where not."""
        try:
            path.write_text(self.text_as(ending), encoding="utf-8", newline="")
        except OSError as error:
            why = error.strerror or str(error)
            self.summary.setText(f"{path.name} could not be written: {why}. Choose another place.")
            set_role(self.summary, "error")
            return False
        self.summary.setText(f"Wrote {path.name}.")
        return True


def _row(flow: FlowChange) -> Row:
    ends = (end_name(flow.src), end_name(flow.dst))
    return (WHATS[flow.what], *ends, flow.before.text(), flow.after.text(), flow)
