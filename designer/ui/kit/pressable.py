"""A painted row that leads somewhere when it is clicked, or when Return or Space is pressed on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class PressableRow(QWidget):
    """The base of such rows; `leads` says whether it leads anywhere. Override `press`."""

    def __init__(self, words: str, leads: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.leads = leads
        self.setAccessibleName(f"Show {words}" if leads else words)
        self.setToolTip(words)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if leads:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def press(self) -> None:
        """Nothing; goes where the row leads."""
        raise NotImplementedError

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing; a click goes where the row leads."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._try()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Return and Space go where the row leads."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._try()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Nothing; marks the row under the mouse."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing; ends the mark."""
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Nothing; shows where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def _try(self) -> None:
        if self.leads:
            self.press()
