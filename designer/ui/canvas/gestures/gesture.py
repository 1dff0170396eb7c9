"""A gesture: something that a person does with the mouse held down, from a press to a release or Esc."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from designer.ui.canvas.gestures.marks import GestureMarks
from designer.ui.canvas.gestures.stage import Stage

Keys = Qt.KeyboardModifier
ADDING = Keys.ShiftModifier | Keys.ControlModifier


class Gesture:
    """The base of all gestures. Until `finish` nothing changes the project; `cancel` leaves everything as it was."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, stage: Stage, marks: GestureMarks, start: QPointF, keys: Keys) -> None:
        self.stage = stage
        self.marks = marks
        self.start = QPointF(start)
        self.keys = keys

    def move(self, at: QPointF, keys: Keys) -> None:
        """Nothing; the mouse is at a scene point now."""
        raise NotImplementedError

    def finish(self, at: QPointF) -> None:
        """Nothing; the button was let go: what was done becomes one step."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Nothing; everything is as before."""
        self.marks.clear()


def adds(keys: Keys) -> bool:
    """Whether a click adds to what is selected."""
    return bool(keys & ADDING)
