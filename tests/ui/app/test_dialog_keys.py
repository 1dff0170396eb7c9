"""Enter in dialogs: the main button where there is one, the button with the keyboard before it, nothing unasked."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.window import MainWindow
from designer.ui.kit.buttons import push_button


def dialog_of(parent: QWidget, pressed: list[str]) -> tuple[FramedDialog, QPushButton, QPushButton]:
    dialog = FramedDialog("Title", parent, Buttons.Cancel)
    main = push_button("Do it", lambda: pressed.append("main"), primary=True)
    other = push_button("Other", lambda: pressed.append("other"))
    dialog.add_button(main)
    dialog.add_button(other)
    dialog.body.addWidget(QLineEdit())
    dialog.show()
    return dialog, main, other


def test_enter_presses_the_main_button_unless_another_has_the_keyboard(window: MainWindow) -> None:
    pressed: list[str] = []
    dialog, main, other = dialog_of(window, pressed)
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert pressed == ["main"]
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_Return)
    assert pressed == ["main", "other"]
    field.setFocus()
    main.setEnabled(False)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert pressed == ["main", "other"]


def test_where_fields_ask_with_enter_it_presses_nothing_of_its_own_accord(window: MainWindow) -> None:
    pressed: list[str] = []
    dialog, main, _other = dialog_of(window, pressed)
    dialog.enter_stays_in_fields()
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert pressed == []
    main.setFocus()
    QTest.keyClick(main, Qt.Key.Key_Return)
    assert pressed == ["main"]


def test_what_was_said_of_a_step_goes_when_it_is_taken_back(window: MainWindow) -> None:
    window.commands.edit.insert("Node")
    window.messages.tell("Took over 3 objects.", "success")
    assert window.messages.toast.isVisible()
    window.action_set.actions["edit.undo"].trigger()
    assert not window.messages.toast.isVisible()
    window.messages.tell("It cannot be saved.", "error")
    window.action_set.actions["edit.redo"].trigger()
    assert window.messages.toast.isVisible(), "an error stays until it is closed"


@pytest.mark.parametrize("primary", [True, False])
def test_the_keyboard_never_begins_at_a_button_that_throws_away(window: MainWindow, primary: bool) -> None:
    dialog = FramedDialog("Title", window, Buttons.Close)
    aside = push_button("Throw away…")
    dialog.add_button(aside, destructive=True)
    main = push_button("Restore", primary=True)
    if primary:
        dialog.add_button(main)
    aside.setFocus()
    dialog.show()
    expected = main if primary else dialog.buttons.button(Buttons.Close)
    assert dialog.focusWidget() is expected
