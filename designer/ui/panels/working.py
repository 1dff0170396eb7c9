"""What stands over a panel while its results are worked out: the step, and Cancel; after that, a way to begin again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.watch import Watch
from designer.ui.kit.messages import InlineBanner

SHOWN_AFTER_MS = 300
STOPPED = "Stopped before it was done: what is shown is not of the cluster as it is now."


class Working(InlineBanner):
    """Starts the work of a lane of jobs and shows it when it takes long. Cancel ends it and drops what it found."""

    def __init__(self, jobs: Jobs, again: Callable[[], object], parent: QWidget | None = None) -> None:
        """`again` begins the work anew, when a person wants it after all."""
        super().__init__(parent)
        self._jobs, self._again = jobs, again
        self._watch: Watch | None = None
        self._step = ""
        self.stopped = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SHOWN_AFTER_MS)
        self._soon.timeout.connect(self._appear)
        self.action_triggered.connect(self._on_action)
        jobs.finished.connect(self._ended)
        jobs.crashed.connect(self._ended)

    def start(self, work: Callable[[Watch], Any]) -> None:
        """Nothing; runs `work` in the background, and ends what ran before, of which nobody wants the result."""
        self._end_watch()
        watch = self._watch = Watch(self)
        watch.told.connect(self._tell)
        self._step, self.stopped = "Working it out…", False
        self._soon.start()
        self._jobs.start(lambda: work(watch))

    def cancel(self) -> None:
        """Nothing; ends the work and says what that means for what is shown."""
        if self._watch is None:
            return
        self._end_watch()
        self._jobs.cancel()
        self._soon.stop()
        self.stopped = True
        self.show_message(STOPPED, "warning", "Work it out")

    def _tell(self, step: str) -> None:
        if self.sender() is not self._watch:
            return
        self._step = step
        if self.isVisible():
            self._appear()

    def _appear(self) -> None:
        self.show_message(self._step, "info", "Cancel")

    def _on_action(self) -> None:
        if self.stopped:
            self._again()
        else:
            self.cancel()

    def _ended(self, _result: object) -> None:
        if self._watch is not None:
            self._watch.deleteLater()
        self._end_watch()
        self._soon.stop()
        self.hide()

    def _end_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None


__all__ = ["STOPPED", "Working"]
