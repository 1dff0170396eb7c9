"""The line at the bottom: what the cluster has, how long the last compilation took, whether everything is saved."""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import Any

from PySide6.QtWidgets import QLabel, QStatusBar

from designer.engine.compile import ClusterState
from designer.engine.policy.idle import policy_count
from designer.model import Project
from designer.present.words import count_text
from designer.session import ImmediateCompiler
from designer.session.compiler import Done
from designer.session.pipeline import differs_for_engine

# The state that is shown, and one on either side of it: a step back, and that step again.
RECENT = 3


class TimedCompiler:
    """Compiles at once and remembers how long it took, in milliseconds.

    The last states are kept: undoing and redoing the last step works nothing out.
    """

    def __init__(self) -> None:
        self._inner = ImmediateCompiler()
        self._ready: tuple[ClusterState, float] | None = None
        self._recent: deque[ClusterState] = deque(maxlen=RECENT)
        self.took_ms = 0.0

    def expect(self, state: ClusterState, took_ms: float) -> None:
        """Nothing; the next snapshot will be that of `state`, which was compiled while a person waited."""
        self._ready = state, took_ms

    def forget(self, state: ClusterState | None) -> None:
        """Nothing; another project begins with `state`: those of the old one are not kept."""
        self._recent.clear()
        if state is not None:
            self._recent.append(state)

    def request(self, revision: int, project: Project, previous: Any, done: Done) -> None:
        """Compile `project` and hand over the state before returning."""
        ready, self._ready = self._ready, None
        if ready is not None and ready[0].project is project:
            self.took_ms = ready[1]
            self._recent.append(ready[0])
            done(revision, ready[0])
            return
        known = next((state for state in self._recent if not differs_for_engine(state.project, project)), None)
        if known is not None:
            self.took_ms = 0.0
            done(revision, known)
            return
        started = perf_counter()

        def compiled(number: int, state: Any) -> None:
            self.took_ms = (perf_counter() - started) * 1000
            self._recent.append(state)
            done(number, state)

        self._inner.request(revision, project, previous, compiled)


def counts_text(state: ClusterState) -> str:
    """``3 Nodes · 9 Pods · 4 Services · 5 policies``."""
    control = state.control
    return " · ".join(
        (
            count_text(len(control.nodes), "Node"),
            count_text(len(control.pods), "Pod"),
            count_text(len(control.services), "Service"),
            count_text(policy_count(state.project), "policy", "policies"),
        )
    )


def took_text(milliseconds: float) -> str:
    """``compiled in 4 ms``; seconds where that reads better."""
    if milliseconds >= 1000:
        return f"compiled in {milliseconds / 1000:.1f} s"
    return f"compiled in {max(1, round(milliseconds))} ms"


class StatusLine(QStatusBar):
    """Counts on the left, time and state of the file on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self._counts = QLabel()
        self._state = QLabel()
        self.addWidget(self._counts, 1)
        self.addPermanentWidget(self._state)

    def set_state(self, state: ClusterState | None) -> None:
        """Nothing; shows what the cluster has."""
        self._counts.setText(counts_text(state) if state is not None else "")
        self._counts.setAccessibleName(f"The cluster has {self._counts.text()}")

    def set_saved(self, milliseconds: float, *, dirty: bool, has_file: bool) -> None:
        """Nothing; shows the time of the last compilation and whether a file holds everything."""
        saved = "unsaved changes" if dirty else "saved" if has_file else "not saved yet"
        self._state.setText(f"{took_text(milliseconds)} · {saved}")

    def texts(self) -> tuple[str, str]:
        """What stands on the left and on the right."""
        return self._counts.text(), self._state.text()
