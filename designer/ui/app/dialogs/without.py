"""What deleting a policy opens and closes: read first, then deleted as one step, or left."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from designer.edits.remove import remove
from designer.engine.compile import ClusterState, compile_project
from designer.engine.reach import ReachChange, reach, reach_change
from designer.engine.reach.asking import policy_text
from designer.model import Project
from designer.present.words import count_text
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.dialogs.repair_view import LinesTable
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import push_button
from designer.ui.kit.style import set_role

LEAD = "The cluster is compared with itself without the policy. Nothing changes until you press Delete it."
NOTHING = "Nothing opens or closes: other policies say the same, or it selects no Pod."


class WithoutDialog(FramedDialog):
    """The connections that change when one policy is deleted, and the button that deletes it."""

    def __init__(self, shell: Shell, parent: QWidget, policy: str) -> None:
        name = policy_text(policy)
        super().__init__(f"Without {name}", parent, Buttons.Close, LEAD)
        self.setObjectName("without")
        self._bridge, self._policy, self._name = shell.bridge, policy, name
        self._asked: Project | None = None
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.table = LinesTable("Connections that change", NOTHING, ("Now", "Without it"))
        self.notes = QLabel()
        self.notes.setWordWrap(True)
        set_role(self.notes, "muted")
        self.apply_button = push_button("Delete it", self._take, primary=True)
        self.add_button(self.apply_button)
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
        self._asked = project = self._bridge.project
        state, policy = self._bridge.state, self._policy
        self.notes.hide()
        self.apply_button.setEnabled(False)
        self.summary.setText("Looking for what changes…")
        self._jobs.start(lambda: without(state, project, policy))

    def wait(self) -> bool:
        """Whether the question that runs was answered in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, change: ReachChange) -> None:
        self.table.show_lines(change.lines)
        self.summary.setText(summary_of(change, self._name))
        self.notes.setText("\n".join(change.notes))
        self.notes.setVisible(bool(change.notes))
        self.apply_button.setEnabled(True)

    def _crashed(self, error: Exception) -> None:
        self.summary.setText(f"What changes was not found ({type(error).__name__}). Please report it.")

    def _take(self) -> None:
        if self._bridge.project is not self._asked:
            self.ask()
        elif self._bridge.apply(remove(self._bridge.project, (self._policy,))):
            self.accept()


def without(state: ClusterState, project: Project, policy: str) -> ReachChange:
    """What deleting a policy changes; runs outside the window's thread, on a cluster of its own."""
    then = compile_project(remove(project, (policy,)).project)
    return reach_change(reach(compile_project(state.project)), reach(then))


def summary_of(change: ReachChange, name: str) -> str:
    """How many connections open, close, and change their ports."""
    parts = [
        f"{count_text(len(lines), 'connection')} {verb}"
        for lines, verb in (
            (change.opened, "opened"),
            (change.closed, "closed"),
            (change.changed, "changed in ports"),
            (change.unclear, "that cannot be told"),
        )
        if lines
    ]
    return f"Without {name}: {', '.join(parts)}." if parts else f"Without {name} no connection of the project changes."
