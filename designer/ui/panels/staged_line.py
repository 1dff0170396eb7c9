"""What becomes of the request that is shown when the staged policies are enforced: one line below its verdict."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from designer.edits.staging import staged_ids
from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.present.trace_rows import staged_sentence
from designer.session.staged import trace_when_enforced
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import push_button
from designer.ui.kit.style import set_role


class StagedLine(QWidget):
    """Hidden where no policy is staged; asked in the background, of a cluster of its own.

    `answered` carries what becomes of the request then, `besideWanted` that a person wants both ways side by side.
    """

    answered = Signal(object)
    besideWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAccessibleName("When the staged policies are enforced")
        set_role(self.words, "muted")
        self.beside_button = push_button("Side by side", self.besideWanted.emit)
        self.beside_button.setToolTip("Both ways beside each other, and both packets on the canvas")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.beside_button)
        self.hide()
        self._now: TraceResult | None = None
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(lambda _error: self.hide())

    def ask(self, state: ClusterState | None, now: TraceResult | None) -> None:
        """Nothing; finds out what becomes of a request then, and says it."""
        self._now = now
        if state is None or now is None or not staged_ids(state.project):
            self._jobs.cancel()
            self.hide()
            return
        self._jobs.start(lambda: trace_when_enforced(state, now.request))

    def text(self) -> str:
        """What it says."""
        return self.words.text()

    def wait(self) -> bool:
        """Whether the question that runs was answered in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, then: TraceResult | None) -> None:
        self.setVisible(then is not None)
        if then is not None and self._now is not None:
            self.words.setText(staged_sentence(self._now, then))
            self.answered.emit(then)
