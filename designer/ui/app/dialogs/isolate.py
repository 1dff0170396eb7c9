"""Default deny for a namespace in one step: which connections it closes is read before it is applied."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QWidget

from designer.engine.compile import ClusterState, compile_project
from designer.engine.repair import Isolation, isolate_namespace
from designer.model import Project
from designer.present.repair_rows import isolation_summary
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.dialogs.repair_view import LinesTable
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import SegmentedControl, push_button
from designer.ui.kit.style import set_role

LEAD = (
    "A policy for every Pod of the namespace that allows nothing. What other policies allow stays open: policies only "
    "ever add. Nothing changes until you press Apply."
)
WAYS: dict[str, tuple[str, ...]] = {"ingress": ("ingress",), "egress": ("egress",), "both": ("ingress", "egress")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be isolated, with the project that it is about."""

    project: Project = field(compare=False)
    namespace: str
    directions: tuple[str, ...]
    keep_dns: bool


class IsolateDialog(FramedDialog):
    """Namespace, directions, whether names go on working; the connections that close; Apply."""

    def __init__(self, shell: Shell, parent: QWidget, namespace: str = "") -> None:
        super().__init__("Deny by default", parent, Buttons.Close, LEAD)
        self.setObjectName("isolate")
        self._bridge, self._selection = shell.bridge, shell.selection
        self._asked: Asked | None = None
        self.found: Isolation | None = None
        self.namespaces = QComboBox()
        self.directions = SegmentedControl(
            (("ingress", "Ingress"), ("egress", "Egress"), ("both", "Both")), "Direction"
        )
        self.keep_dns = QCheckBox("Keep names working (UDP and TCP 53 to the cluster's DNS)")
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.notes = QLabel()
        self.notes.setWordWrap(True)
        set_role(self.notes, "muted")
        self.table = LinesTable("Connections that close", "Nothing closes.")
        self.apply_button = push_button("Apply", self._take, primary=True)
        self.add_button(self.apply_button)
        self._jobs = Jobs(self)
        self._build(namespace)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self.enter_stays_in_fields()
        self.open_at(980, 620, share=0.5)
        self.namespaces.setFocus()
        self.ask()

    def _build(self, namespace: str) -> None:
        names = list(self._bridge.project.namespaces())
        self.namespaces.addItems(names)
        lived_in = {pod.namespace for pod in self._bridge.state.control.pods.values()}
        first = next((name for name in names if name in lived_in), "")
        self.namespaces.setCurrentIndex(max(0, self.namespaces.findText(namespace if namespace in names else first)))
        self.namespaces.setAccessibleName("Namespace")
        self.keep_dns.setChecked(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        label = QLabel("Namespace")
        label.setBuddy(self.namespaces)
        set_role(label, "muted")
        row.addWidget(label)
        row.addWidget(self.namespaces)
        row.addWidget(self.directions)
        row.addWidget(self.keep_dns)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.notes)
        self.namespaces.activated.connect(lambda _place: self.ask())
        self.directions.changed.connect(lambda _key: self.ask())
        self.keep_dns.toggled.connect(lambda _on: self.ask())

    def question(self) -> Asked:
        """What is asked now."""
        ways = WAYS[self.directions.value()]
        keep = self.keep_dns.isChecked() and "egress" in ways
        return Asked(self._bridge.project, self.namespaces.currentText(), ways, keep)

    def ask(self) -> None:
        """Nothing; finds in the background what closes."""
        asked = self.question()
        self.keep_dns.setEnabled("egress" in asked.directions)
        self._asked = asked
        self.found = None
        self.apply_button.setEnabled(False)
        self.summary.setText("Looking for what closes…")
        self._jobs.start(lambda: _answer(asked))

    def wait(self) -> bool:
        """Whether the question that runs was answered in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, found: Isolation) -> None:
        self.found = found
        self.apply_button.setEnabled(found.edit.ok)
        self.summary.setText(isolation_summary(found))
        set_role(self.summary, "" if found.edit.ok else "error")
        self.table.show_lines(found.closes)
        self.notes.setText("\n".join(found.notes))
        self.notes.setVisible(bool(found.notes))

    def _crashed(self, error: Exception) -> None:
        self.summary.setText(f"What closes was not found ({type(error).__name__}). Please report it with this project.")

    def _take(self) -> None:
        if self.found is None or self._asked is None or self._bridge.project is not self._asked.project:
            self.ask()
            return
        if self._bridge.apply(self.found.edit):
            self._selection.select(self.found.edit.select)
            self.accept()


def _answer(asked: Asked) -> Isolation:
    """What closes; runs outside the window's thread, on a cluster of its own."""
    state: ClusterState = compile_project(asked.project)
    return isolate_namespace(state, asked.namespace, asked.directions, asked.keep_dns)
