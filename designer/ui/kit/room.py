"""Room for a part of the window that may be smaller than the part needs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolled(part: QWidget) -> QScrollArea:
    """A place for a part, which is scrolled there where it would otherwise make the window larger than the screen."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard, and is brought into sight
    area.setWidgetResizable(True)
    area.setWidget(part)
    return area
