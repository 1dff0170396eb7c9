"""What all dialogs share: padding, a title, a column for their content, and buttons below."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.ui.kit.menu_key import opened_menu
from designer.ui.kit.style import set_role
from designer.ui.kit.tokens import PANEL_PADDING

Buttons = QDialogButtonBox.StandardButton
# What a desktop's frame and bars take around a dialog.
_MARGIN = QSize(24, 64)


class FramedDialog(QDialog):
    """A dialog that goes when it is closed. Put content into `body`; Escape closes it."""

    def __init__(self, title: str, parent: QWidget, buttons: Buttons = Buttons.Close, lead: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(PANEL_PADDING, PANEL_PADDING, PANEL_PADDING, 12)
        column.setSpacing(12)
        heading = QLabel(title)
        set_role(heading, "title")
        column.addWidget(heading)
        if lead:
            words = QLabel(lead)
            words.setWordWrap(True)
            set_role(words, "muted")
            column.addWidget(words)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column.addLayout(self.body, 1)
        self._enter: QPushButton | None = None
        self.buttons = QDialogButtonBox(buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.buttons)

    def open_at(self, width: int, height: int, *, share: float = 0.0) -> None:
        """Nothing; opens in this size, or in what the screen has room for; at least in this `share` of the screen."""
        screen = self.screen().availableSize()
        self.resize(QSize(width, height).expandedTo(screen * share).boundedTo(screen - _MARGIN))

    def setVisible(self, visible: bool) -> None:
        """Nothing; before it is first seen, the keyboard is put where reading begins: at the content."""
        if visible and not self.isVisible() and self.focusWidget() is None:
            first = self._first()
            if first is not None:
                first.setFocus(Qt.FocusReason.OtherFocusReason)
        super().setVisible(visible)

    def _first(self) -> QWidget | None:
        """The first part of the content that Tab goes to, None where there is only something to read."""
        at = self.nextInFocusChain()
        while at is not None and at is not self:
            inside = at is not self.buttons and not self.buttons.isAncestorOf(at)
            takes_tab = bool(at.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if inside and takes_tab and at.isVisibleTo(self) and at.isEnabled():
                return at
            at = at.nextInFocusChain()
        return None

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing; without content to begin at, the keyboard is at the main button, never at one beside it.

        Qt takes the first button of the row, which may be the one that throws something away.
        """
        super().showEvent(event)
        self._close_last()
        focus = self.focusWidget()
        usual = [button for button in self.buttons.buttons() if self.buttons.standardButton(button) != Buttons.NoButton]
        main = self._enter or next(iter(usual), None)
        if main is not None and focus in self.buttons.buttons() and focus not in (*usual, main):
            main.setFocus(Qt.FocusReason.OtherFocusReason)

    def enter_stays_in_fields(self) -> None:
        """Nothing; Enter presses no button of its own accord: in a field it asks, and what changes is pressed."""
        self._enter = None
        for button in self.buttons.findChildren(QPushButton):
            button.setAutoDefault(False)
            button.setDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Enter presses the button with the keyboard, else the main one; F1 explains what is chosen.

        The window behind gets no keys. What a field does with Enter of its own accord does not come here.
        """
        if opened_menu(event):
            return
        parent, focus = self.parentWidget(), self.focusWidget()
        button = focus if isinstance(focus, QPushButton) else self._enter
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and button is not None:
            button.click()
            return
        if event.key() != Qt.Key.Key_F1 or parent is None:
            super().keyPressEvent(event)
            return
        for action in parent.window().actions():
            if action.objectName() == "help.here":
                action.trigger()

    def add_button(self, button: QPushButton, *, destructive: bool = False) -> None:
        """Nothing; adds a button beside the standard ones; Enter stays with those.

        Beside a primary button no other is drawn as the main thing to do, as the default button of a dialog is.
        """
        button.setAutoDefault(False)
        if button.property("primary") == "true":
            self.enter_stays_in_fields()
            self._enter = button
        role = QDialogButtonBox.ButtonRole.DestructiveRole if destructive else QDialogButtonBox.ButtonRole.ActionRole
        self.buttons.addButton(button, role)

    def _close_last(self) -> None:
        """Nothing; the keyboard goes through the buttons as the eye does: what was added, then the standard ones.

        Only now: Qt keeps a ring, in which two buttons alone follow each other in either order.
        """
        row = sorted(self.buttons.buttons(), key=lambda button: button.mapTo(self, QPoint(0, 0)).x())
        for one, other in pairwise(row):
            QWidget.setTabOrder(one, other)
