"""What another network plugin or another mode of kube-proxy would change, read before it is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from designer.edits.edit import Edit
from designer.edits.settings import use_settings
from designer.engine.comparison import Comparison, compare, usual_requests
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request, TraceResult
from designer.model import CNI_BACKENDS, Project
from designer.ui.app.actions import CNI_NAMES
from designer.ui.app.dialogs.comparison_view import ComparisonView
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import push_button
from designer.ui.kit.style import set_role

MODES = ("iptables", "nftables", "ipvs")
LEAD = "Saved requests and every Service port are asked in both clusters. Nothing changes until you press Use."


@dataclass(frozen=True, slots=True)
class Found:
    """What another cluster would change, and what becomes there of the request that is shown (None: of none)."""

    comparison: Comparison
    there: TraceResult | None = None


def compared(state: ClusterState, project: Project, shown: Request | None = None) -> Found:
    """What `project` would change."""
    then = compile_project(project)
    there = ask(then, shown)[0] if shown is not None else None
    return Found(compare(state, then, usual_requests(state)), there)


class CompareDialog(FramedDialog):
    """Two choices and what they would change; Use takes them as one step that can be undone."""

    def __init__(self, shell: Shell, parent: QWidget) -> None:
        super().__init__("Compare with another plugin or mode", parent, Buttons.Close, LEAD)
        self.setObjectName("compare")
        self._bridge = shell.bridge
        self._selection = shell.selection
        self.plugins, self.modes = QComboBox(), QComboBox()
        self.view = ComparisonView("Now", "Then")
        self.summary, self.table = self.view.summary, self.view.table
        self.beside = push_button("Side by side", self._lay_beside)
        self.beside.setToolTip("The request that is shown, now and then: step by step, and both packets on the canvas")
        self._shell = shell
        self._there: TraceResult | None = None
        self.use = push_button("Use", self._take, primary=False)
        self.add_button(self.beside)
        self.add_button(self.use)
        self._jobs = Jobs(self)
        self._build()
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self.open_at(1100, 620, share=0.6)
        self.plugins.setFocus(Qt.FocusReason.OtherFocusReason)
        self.read()

    def _build(self) -> None:
        cluster = self._bridge.project.cluster
        for plugin, backends in CNI_BACKENDS.items():
            for backend in backends:
                self.plugins.addItem(f"{CNI_NAMES[plugin]} · {backend}", f"{plugin}.{backend}")
        self.plugins.setCurrentIndex(self.plugins.findData(f"{cluster.cni.plugin}.{cluster.cni.backend}"))
        self.modes.addItems(list(MODES))
        self.modes.setCurrentText(cluster.kubeProxy.mode)
        row = QHBoxLayout()
        row.setSpacing(8)
        for words, combo in (("Network plugin", self.plugins), ("kube-proxy", self.modes)):
            label = QLabel(words)
            label.setBuddy(combo)
            set_role(label, "muted")
            combo.setAccessibleName(words)
            combo.activated.connect(lambda _place: self.read())
            row.addWidget(label)
            row.addWidget(combo)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.view, 1)
        self.view.objectWanted.connect(lambda oid: self._selection.select((oid,)))

    def edit(self) -> Edit:
        """The edit that Use would make."""
        plugin, _, backend = str(self.plugins.currentData()).partition(".")
        return use_settings(self._bridge.project, plugin, backend, self.modes.currentText())

    def read(self) -> None:
        """Nothing; compares in the background."""
        edit, state = self.edit(), self._bridge.state
        self._there = None
        self.beside.setEnabled(False)
        self.use.setEnabled(edit.ok and edit.project is not self._bridge.project)
        if not edit.ok:
            self.view.say(" ".join(f"{problem.title}. {problem.fix}" for problem in edit.problems))
            return
        self.summary.setText("Comparing…")
        # Before the answer is there nothing may be said about what differs.
        self.view.table.empty_text = "Comparing…"
        result = self._shell.player.result
        shown = result.request if result is not None and self.use.isEnabled() else None
        self._jobs.start(lambda: compared(state, edit.project, shown))

    def wait(self) -> bool:
        """Whether the comparison that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, found: Found) -> None:
        same = not self.use.isEnabled()
        self.view.table.empty_text = "Choose another plugin or mode above." if same else "Nothing differs."
        self.view.show_comparison(found.comparison)
        self._there = found.there
        self.beside.setEnabled(found.there is not None)

    def _crashed(self, error: Exception) -> None:
        self.view.say(f"The clusters could not be compared ({type(error).__name__}). Choose another one.")

    def _lay_beside(self) -> None:
        """Close, and lay the shown request beside what becomes of it in the other cluster."""
        there = self._there.trace.paths() if self._there is not None else ()
        if there:
            at = self._shell.player.path_index
            name = f"With {self.plugins.currentText().replace(' · ', ' ')}, {self.modes.currentText()}"
            self._shell.window.commands.simulate.lay_guest(name, there[at] if at < len(there) else there[0])
            self.accept()

    def _take(self) -> None:
        if self._bridge.apply(replace(self.edit(), merge_key=None)):
            self.accept()
