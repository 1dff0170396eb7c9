"""A run of Verify on Linux while it goes on: the steps, how far the current one is, and Cancel."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from designer.ui.bridge.lab import Progress
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font
from designer.ui.kit.labels import Pill
from designer.ui.kit.style import set_role

# Step of the lab → its words, and what it counts.
STEPS: Final = {
    "plan": ("Plan", "requests"),
    "build": ("Build", "steps"),
    "probes": ("Send packets", "connections"),
    "rules": ("Compare rules", "connections"),
}
NOTE: Final = (
    "Everything happens in network namespaces of this program; the machine's own network is not touched. "
    "You can go on working: the result is about the cluster as it was at the start."
)


class VerifyRunning(QWidget):
    """The page of a run. `cancelled` says that a person wants it to end."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Verify on Linux is running")
        self.title = QLabel("Trying the cluster on Linux")
        self.title.setFont(ui_font(BODY, SEMIBOLD))
        self._pills = {step: Pill(words) for step, (words, _noun) in STEPS.items()}
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of Verify on Linux")
        self.words = QLabel()
        set_role(self.words, "small")
        note = QLabel(NOTE)
        note.setWordWrap(True)
        set_role(note, "muted")
        self.cancel = push_button("Cancel", self.cancelled.emit)
        steps = QHBoxLayout()
        steps.setSpacing(8)
        for pill in self._pills.values():
            steps.addWidget(pill)
        steps.addStretch(1)
        steps.addWidget(self.cancel)
        inside = QWidget()
        inside.setMaximumWidth(560)
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addLayout(steps)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(note)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(inside, 6)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(1)
        self.show_progress(Progress())

    def show_progress(self, progress: Progress) -> None:
        """Nothing; shows how far the run is."""
        names = list(STEPS)
        here = names.index(progress.step) if progress.step in STEPS else 0
        for place, name in enumerate(names):
            words = STEPS[name][0]
            sign = "✓ " if place < here else "▸ " if place == here else ""
            self._pills[name].set_text(f"{sign}{words}", "text" if place == here else "muted")
        known = progress.of > 1
        self.bar.setRange(0, progress.of if known else 0)
        if known:
            self.bar.setValue(progress.done)
        noun = STEPS[names[here]][1]
        self.words.setText(f"{progress.done} of {progress.of} {noun}" if known else "Working out what to try…")
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft)
