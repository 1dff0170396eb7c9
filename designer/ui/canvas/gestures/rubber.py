"""Selecting with a rubber band: everything that lies in it; with Shift or Ctrl added to what is selected."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from designer.ui.canvas.gestures.gesture import Gesture, Keys, adds
from designer.ui.canvas.gestures.marks import GestureMarks
from designer.ui.canvas.gestures.stage import Stage


class RubberBand(Gesture):
    """Selects while it is drawn; Esc brings back what was selected before."""

    def __init__(self, stage: Stage, marks: GestureMarks, start: QPointF, keys: Keys) -> None:
        super().__init__(stage, marks, start, keys)
        self._before = stage.selection.ids
        self._kept = self._before if adds(keys) else ()

    def move(self, at: QPointF, keys: Keys) -> None:
        """Nothing; grows the band to a point and selects what is in it."""
        band = QRectF(self.start, at).normalized()
        self.marks.band = band
        self.marks.update()
        self.stage.selection.select((*self._kept, *self.stage.scene.ids_in(band)))

    def finish(self, at: QPointF) -> None:
        """Nothing; the selection stays."""
        self.marks.clear()

    def cancel(self) -> None:
        """Nothing; selects what was selected before."""
        self.stage.selection.select(self._before)
        super().cancel()
