"""Room for a part of the window that may be smaller than the part needs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class ScrollArea(QScrollArea):
    """A place that gives what it holds all its width and scrolls it where that is not enough.

    What is hidden while its size changes twice keeps the layout of the first (Qt sends one event about it, and that is
    of the first): wrapped words are cut off then. It is laid out anew when it comes into sight.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing; what is held is laid out for the size that it has."""
        super().showEvent(event)
        held = self.widget()
        layout = held.layout() if held is not None else None
        if held is not None and layout is not None and layout.geometry().size() != held.size():
            layout.invalidate()
            layout.activate()


class _Held(QWidget):
    """What is scrolled: the part, at least as large as it must be.

    A scroll area asks a layout with wrapped words for its preferred height; a part with a scroll bar of its own would
    have two then.
    """

    def __init__(self, part: QWidget) -> None:
        super().__init__()
        self._part = part
        part.setParent(self)

    def minimumSizeHint(self) -> QSize:
        """What the part must have."""
        return self._part.minimumSizeHint().expandedTo(self._part.minimumSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; the part takes all of it."""
        self._part.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        """Whether the event was used; a part that needs more room now is asked again."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)


def scrolled(part: QWidget) -> ScrollArea:
    """A place for a part, which is scrolled there where it would otherwise make the window larger than the screen."""
    area = ScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard, and is brought into sight
    area.setWidget(_Held(part))
    return area
