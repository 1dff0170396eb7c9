"""The dock that holds Help: made empty with the window, filled when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

if TYPE_CHECKING:
    from designer.ui.panels.help_panel import HelpPanel

WIDTH = 340
LEAST = 236
# Where it floats: below menus and request bar.
HEIGHT, BELOW = 560, 110


class HelpDock(QDockWidget):
    """Help at a side of the window, or floating. It gives the keyboard back to where it came from."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Help", parent)
        self.setObjectName("helpDock")
        self.setAccessibleName("Help")
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self._from: QWidget | None = None
        self._panel: HelpPanel | None = None
        self.hide()

    @property
    def panel(self) -> HelpPanel:
        """What is in the dock, made now when it was not there."""
        if self._panel is None:
            from designer.ui.app.help_texts import key_table  # late: the first window shows none of it
            from designer.ui.panels.help_panel import HelpPanel

            self._panel = HelpPanel({"page:keys": key_table})
            self._panel.left.connect(self.leave)
            self._panel.setMinimumWidth(LEAST)
            self.setWidget(self._panel)
        return self._panel

    def open_at(self, key: str) -> None:
        """Nothing; shows a topic, or the contents for ""; the keyboard goes there."""
        focus = QApplication.focusWidget()
        if focus is not None and not self.isAncestorOf(focus):
            self._from = focus
        if key:
            self.panel.show_topic(key)
        else:
            self.panel.show_contents()
        if self.isHidden() and not self.isFloating() and not self.has_room():
            self.setFloating(True)
            self._stand_at_the_right()
        self.show()
        if self.isFloating():
            self.raise_()
        self.panel.enter()

    def _stand_at_the_right(self) -> None:
        """Nothing; over the right side of the window, where it would be docked; a desktop may put it over the menus."""
        window = self.parentWidget()
        if window is not None:
            frame = window.frameGeometry()
            height = min(HEIGHT, frame.height() - 2 * BELOW)
            self.setGeometry(frame.right() - WIDTH - 16, frame.top() + BELOW, WIDTH, height)

    def has_room(self) -> bool:
        """Whether the window can hold Help beside the rest, without growing over the edge of the screen."""
        window = self.parentWidget()
        if window is None:
            return True
        room = max(window.width(), window.screen().availableSize().width())
        return window.minimumSizeHint().width() + LEAST + 5 <= room

    def leave(self) -> None:
        """Nothing; closes Help and gives the keyboard back."""
        self.hide()
        if self._from is not None and self._from.isVisible():
            self._from.setFocus(Qt.FocusReason.OtherFocusReason)
        self._from = None

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing; fills the dock where the window was closed with it open."""
        self.panel.setVisible(True)
        super().showEvent(event)
