"""Selecting with a rubber band: everything that lies in it; with Shift or Ctrl added to what is selected."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from designer.ui.canvas.gestures.gesture import Gesture, Keys, adds
from designer.ui.canvas.gestures.marks import GestureMarks
from designer.ui.canvas.gestures.stage import Stage


class RubberBand(Gesture):
    """Marks what is in it while it is drawn, selects it at its end; Esc brings back what was selected before."""

    def __init__(self, stage: Stage, marks: GestureMarks, start: QPointF, keys: Keys) -> None:
        super().__init__(stage, marks, start, keys)
        self._before = stage.selection.ids
        self._kept = self._before if adds(keys) else ()
        self._chosen = self._before

    def move(self, at: QPointF, keys: Keys) -> None:
        """Nothing; grows the band to a point and marks what is in it; panels follow when it is let go."""
        band = QRectF(self.start, at).normalized()
        self.marks.band = band
        self.marks.update()
        self._chosen = (*self._kept, *self.stage.scene.ids_in(band))
        self.stage.scene.set_selected(self._chosen, drafted=True)

    def finish(self, at: QPointF) -> None:
        """Nothing; what is in the band is selected."""
        self.marks.clear()
        self.stage.selection.select(self._chosen)
        # Where that was selected already, nobody says so.
        self.stage.scene.set_selected(self.stage.selection.ids)

    def cancel(self) -> None:
        """Nothing; what was selected before is marked again."""
        self.stage.scene.set_selected(self._before)
        super().cancel()
