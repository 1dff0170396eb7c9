"""What becomes of the request that is shown when the staged policies are enforced: one line below its verdict."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from designer.edits.staging import staged_ids
from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.present.trace_rows import staged_sentence
from designer.session.staged import trace_when_enforced
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.style import set_role


class StagedLine(QLabel):
    """Hidden where no policy is staged; asked in the background, of a cluster of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setAccessibleName("When the staged policies are enforced")
        set_role(self, "muted")
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

    def wait(self) -> bool:
        """Whether the question that runs was answered in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, then: TraceResult | None) -> None:
        self.setVisible(then is not None)
        if then is not None and self._now is not None:
            self.setText(staged_sentence(self._now, then))
