"""The staged policies, and what enforcing them opens and closes: read first, applied as one step."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from designer.edits.staging import enforce_all, enforced, staged_ids
from designer.engine.compile import compile_project
from designer.engine.reach import ReachChange, reach, reach_change
from designer.model import Project, split_id
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.dialogs.repair_view import LinesTable
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import push_button
from designer.ui.kit.style import set_role

LEAD = (
    "Staged policies are kept and have no say. Stage a policy in its menu on the canvas; this is what changes when all "
    "of them are enforced."
)


class StagedDialog(FramedDialog):
    """Which policies are staged, the connections that change, and the button that enforces them."""

    def __init__(self, shell: Shell, parent: QWidget) -> None:
        super().__init__("When the staged policies are enforced", parent, Buttons.Close, LEAD)
        self.setObjectName("staged")
        self._bridge = shell.bridge
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.table = LinesTable("Connections that change", "Nothing opens or closes.", ("Now", "When enforced"))
        self.apply_button = push_button("Enforce all", self._take, primary=True)
        self.add_button(self.apply_button)
        self.notes = QLabel()
        self.notes.setWordWrap(True)
        set_role(self.notes, "warning")
        self._jobs = Jobs(self)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.notes)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self.enter_stays_in_fields()
        self.open_at(980, 560, share=0.5)
        self.ask()

    def ask(self) -> None:
        """Nothing; finds in the background what changes."""
        project = self._bridge.project
        names = [_name(oid) for oid in staged_ids(project)]
        self.notes.hide()
        self.apply_button.setEnabled(bool(names))
        if not names:
            self.summary.setText("No policy is staged.")
            return
        self.summary.setText(f"Staged: {', '.join(names)}.")
        self._jobs.start(lambda: _change(project))

    def wait(self) -> bool:
        """Whether the question that runs was answered in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, found: tuple[ReachChange, tuple[str, ...]]) -> None:
        change, said = found
        self.table.show_lines(change.lines)
        self.notes.setText("\n".join(f"{one}." for one in said))
        self.notes.setVisible(bool(said))
        self.apply_button.setEnabled(not said)

    def _crashed(self, error: Exception) -> None:
        self.summary.setText(f"What changes was not found ({type(error).__name__}). Please report it.")

    def _take(self) -> None:
        if self._bridge.apply(enforce_all(self._bridge.project)):
            self.accept()


def _name(oid: str) -> str:
    kind, namespace, name = split_id(oid)
    kind = kind.rpartition("/")[2]
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def _change(project: Project) -> tuple[ReachChange, tuple[str, ...]]:
    """What enforcing changes, and what cannot be enforced; runs outside the window's thread."""
    then, said = enforced(project)
    return reach_change(reach(compile_project(project)), reach(compile_project(then))), said
