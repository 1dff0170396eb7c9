"""Fields say what is wrong beside the field and to screen readers; searching is calm; switches work by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from designer.ui.kit.widgets import FieldRow, SearchField, SegmentedControl, SpinBox, clear_errors


def test_a_field_row_names_its_editor(qtbot: QtBot) -> None:
    edit = QLineEdit()
    row = FieldRow("&Cluster IP", edit)
    qtbot.addWidget(row)
    assert edit.accessibleName() == "Cluster IP"
    assert row.focusProxy() is edit


def test_an_error_is_shown_marked_and_read_out_and_goes_away(qtbot: QtBot) -> None:
    edit = QLineEdit()
    row = FieldRow("Port", edit, hint="1 to 65535")
    qtbot.addWidget(row)
    row.set_error("Port 70700 is above 65535. Give a port from 1 to 65535.")
    assert row.error().startswith("Port 70700")
    assert edit.property("invalid") == "true"
    assert edit.accessibleDescription() == row.error()
    tall = row.sizeHint().height()
    row.set_error("")
    assert edit.property("invalid") == "false"
    assert edit.accessibleDescription() == "1 to 65535"
    bare = FieldRow("Port", QLineEdit())
    qtbot.addWidget(bare)
    assert bare.sizeHint().height() < tall


def test_a_warning_does_not_make_the_value_wrong(qtbot: QtBot) -> None:
    edit = QLineEdit()
    row = FieldRow("Selector", edit)
    qtbot.addWidget(row)
    row.set_error("wrong")
    row.set_warning("Matches no Pod.")
    assert row.error() == ""
    assert edit.property("invalid") == "false"
    assert edit.accessibleDescription() == "Matches no Pod."


def test_errors_of_a_form_can_be_cleared_at_once(qtbot: QtBot) -> None:
    form = QWidget()
    qtbot.addWidget(form)
    column = QVBoxLayout(form)
    rows = [FieldRow(name, QLineEdit()) for name in ("Name", "Port")]
    for row in rows:
        column.addWidget(row)
        row.set_error("wrong")
    clear_errors(form)
    assert [row.error() for row in rows] == ["", ""]


def test_words_in_a_number_field_stand_as_far_in_as_in_others(qtbot: QtBot) -> None:
    box = SpinBox(1, 65535, 7070)
    qtbot.addWidget(box)
    assert (box.minimum(), box.maximum(), box.value()) == (1, 65535, 7070)
    assert box.lineEdit().textMargins().left() == 8


def _wheel() -> QWheelEvent:
    return QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


def test_scrolling_a_form_does_not_change_its_numbers(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    other, box = QLineEdit(), SpinBox(1, 65535, 7070)
    column.addWidget(other)
    column.addWidget(box)
    with qtbot.waitExposed(window):
        window.show()
    other.setFocus()
    QApplication.sendEvent(box, _wheel())
    assert box.value() == 7070
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    QApplication.sendEvent(box, _wheel())
    assert box.value() == 7071


def test_a_search_is_announced_once_after_a_pause(qtbot: QtBot) -> None:
    field = SearchField("Search objects", "Ctrl+F")
    qtbot.addWidget(field)
    heard: list[str] = []
    field.searched.connect(heard.append)
    QTest.keyClicks(field, "cart")
    assert heard == []
    qtbot.waitUntil(lambda: heard == ["cart"])
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert heard == ["cart", "cart"]


def test_escape_clears_a_search_and_an_empty_one_lets_escape_pass(qtbot: QtBot) -> None:
    field = SearchField()
    qtbot.addWidget(field)
    field.setText("cart")
    assert any(action.isVisible() for action in field.actions() if "Clear" in action.text())
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert not any(action.isVisible() for action in field.actions() if "Clear" in action.text())
    passed: list[int] = []

    class Parent(QWidget):
        def keyPressEvent(self, event: object) -> None:
            passed.append(1)

    parent = Parent()
    qtbot.addWidget(parent)
    field.setParent(parent)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert passed == [1]


def test_the_shortcut_brings_the_keyboard_to_the_search(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    other, field = QPushButton("Other"), SearchField("Search", "Ctrl+F")
    column.addWidget(other)
    column.addWidget(field)
    field.next_widget = other
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    other.setFocus()
    field.setText("old")
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(field.hasFocus)
    assert field.selectedText() == "old"
    QTest.keyClick(field, Qt.Key.Key_Down)
    qtbot.waitUntil(other.hasFocus)


def test_a_segmented_control_changes_by_click_key_and_call(qtbot: QtBot) -> None:
    control = SegmentedControl([("form", "Form"), ("yaml", "YAML")], "View")
    qtbot.addWidget(control)
    with qtbot.waitExposed(control):
        control.show()
    heard: list[str] = []
    control.changed.connect(heard.append)
    assert control.value() == "form"
    form, yaml = control.findChildren(QPushButton)
    assert yaml.accessibleName() == "View: YAML"
    QTest.mouseClick(yaml, Qt.MouseButton.LeftButton)
    assert control.value() == "yaml"
    yaml.setFocus()
    QTest.keyClick(yaml, Qt.Key.Key_Left)
    assert control.value() == "form"
    control.set_value("yaml")
    control.set_value("yaml")
    assert heard == ["yaml", "form", "yaml"]
    assert form.isChecked() is False


def test_a_chosen_word_with_the_keys_is_no_default_button_of_its_dialog(qtbot: QtBot) -> None:
    dialog = QDialog()
    control = SegmentedControl([("in", "Ingress"), ("out", "Egress")], "Direction")
    QVBoxLayout(dialog).addWidget(control)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    for button in control.findChildren(QPushButton):
        button.setFocus()
        assert not button.isDefault()


def test_a_message_below_what_is_seen_is_scrolled_to(qtbot: QtBot) -> None:
    edit, tall = QLineEdit(), QWidget()
    group = QWidget()
    inside = QVBoxLayout(group)
    inside.addWidget(edit)
    inside.addWidget(tall)
    tall.setFixedHeight(150)
    row = FieldRow("Ports", group)
    body = QWidget()
    QVBoxLayout(body).addWidget(row)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(body)
    qtbot.addWidget(area)
    area.resize(300, 250)
    area.show()
    edit.setFocus()
    assert area.verticalScrollBar().value() == 0
    row.set_error("Port 99999 is above 65535. Give a port from 1 to 65535, as the API server wants it.")
    qtbot.waitUntil(lambda: area.verticalScrollBar().value() > 0, timeout=2000)
    top = edit.mapTo(area.viewport(), QPoint(0, 0)).y()
    assert top >= 0  # the field being typed in stays in sight
