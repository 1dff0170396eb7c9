"""Messages say what to do, can be answered and closed, and leave by themselves only when nobody can miss anything."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from designer.ui.kit import motion
from designer.ui.kit.style import apply_theme
from designer.ui.kit.tokens import DARK, LIGHT
from designer.ui.kit.widgets import Card, CopyableLabel, EmptyState, InlineBanner, Pill, SectionHeader, Toast
from tests.ui.kit.pictures import solid_colors


def test_an_empty_place_offers_ways_to_begin(qtbot: QtBot) -> None:
    heard: list[str] = []
    place = EmptyState(
        "route",
        "Nothing is on the canvas yet.",
        [("Open the sample", lambda: heard.append("sample")), ("Open manifests…", lambda: heard.append("open"))],
    )
    qtbot.addWidget(place)
    assert place.accessibleName() == "Nothing is on the canvas yet."
    assert [button.property("primary") for button in place.buttons] == ["true", None]
    for button in place.buttons:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert heard == ["sample", "open"]


def test_an_empty_place_offers_no_more_than_three_ways() -> None:
    with pytest.raises(ValueError, match="three"):
        EmptyState("route", "Empty.", [("a", str)] * 4)


def test_a_banner_can_be_answered_and_closed(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    banner = InlineBanner(parent)
    assert not banner.isVisibleTo(parent)
    banner.show_message("Service cart selects no Pod.", "warning", "Show")
    assert banner.isVisibleTo(parent)
    assert banner.accessibleName() == "Warning: Service cart selects no Pod."
    action = next(button for button in banner.findChildren(QPushButton) if button.text() == "Show")
    with qtbot.waitSignal(banner.action_triggered):
        QTest.mouseClick(action, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(banner.closed):
        QTest.mouseClick(banner.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert not banner.isVisibleTo(parent)
    banner.show_message("Saved.", "success")
    assert not action.isVisibleTo(banner)


@pytest.mark.parametrize("width", [700, 420, 260, 700])
def test_the_words_of_a_banner_are_seen_whole_at_every_width(qtbot: QtBot, width: int) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    column = QVBoxLayout(parent)
    banner = InlineBanner()
    column.addWidget(banner)
    column.addStretch(1)
    parent.resize(900, 400)
    parent.show()
    words_shown = "Unsaved work was found: airgap.cnd: 1 edit, the last one “Add Node”, 3 March."
    banner.show_message(words_shown, "warning", "Restore")
    parent.resize(width, 400)
    QApplication.processEvents()
    words = next(label for label in banner.findChildren(QLabel) if label.text())
    lines = QFontMetrics(words.font()).boundingRect(0, 0, words.width(), 1000, Qt.TextFlag.TextWordWrap, words.text())
    assert words.height() >= lines.height()
    assert banner.height() <= lines.height() + 40  # and no more than it needs


def test_a_banner_wears_its_kind_in_each_theme(qapp: QApplication, qtbot: QtBot) -> None:
    banner = InlineBanner()
    qtbot.addWidget(banner)
    banner.show_message("Wrong.", "error")
    assert LIGHT.error_fill.lower() in solid_colors(banner.grab())
    apply_theme(qapp, "dark")
    assert DARK.error_fill.lower() in solid_colors(banner.grab())
    banner.hide()


def _window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    window.resize(640, 480)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


def test_a_toast_floats_at_the_bottom_and_follows_the_window(qtbot: QtBot) -> None:
    window = _window(qtbot)
    toast = Toast(window)
    toast.show_message("Deleted 3 objects.", "info", "Undo")
    assert toast.geometry().bottom() < window.height()
    assert toast.geometry().top() > window.height() - 100
    assert window.width() - toast.geometry().right() in range(20, 30)
    window.resize(900, 600)
    qtbot.waitUntil(lambda: 900 - toast.geometry().right() in range(20, 30))
    assert toast.geometry().bottom() < 600
    toast.dismiss()


def test_a_long_toast_wraps_within_a_narrow_window(qtbot: QtBot) -> None:
    window = _window(qtbot)
    window.resize(320, 480)
    toast = Toast(window)
    toast.show_message("shop.yaml, line 12: port 70700 is above 65535. Give a port from 1 to 65535. " * 2, "info")
    assert toast.geometry().left() >= 0
    assert toast.geometry().right() < 320
    assert toast.height() > 60
    toast.dismiss()


def test_a_toast_leaves_by_itself_but_waits_for_the_reader_and_errors_stay(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Toast, "SHOWN_MS", 30)
    window = _window(qtbot)
    toast = Toast(window)
    toast.show_message("Saved.")
    qtbot.waitUntil(lambda: not toast.isVisible())
    toast.show_message("Saved again.")
    QApplication.sendEvent(toast, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    qtbot.wait(80)
    assert toast.isVisible()
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: not toast.isVisible())
    toast.show_message("The file could not be written.", "error")
    qtbot.wait(80)
    assert toast.isVisible()
    toast.dismiss()


def test_a_toast_waits_while_the_keyboard_is_in_it(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Toast, "SHOWN_MS", 30)
    window = _window(qtbot)
    toast = Toast(window)
    toast.show_message("Deleted 3 objects.", "info", "Undo")
    button = toast.findChildren(QPushButton)[0]
    QApplication.sendEvent(button, QFocusEvent(QEvent.Type.FocusIn))
    qtbot.wait(80)
    assert toast.isVisible()
    QApplication.sendEvent(button, QFocusEvent(QEvent.Type.FocusOut))
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_a_toast_does_not_fade_when_motion_is_reduced(qtbot: QtBot) -> None:
    window = _window(qtbot)
    toast = Toast(window)
    effect = toast.graphicsEffect()
    assert effect is not None
    toast.show_message("Saved.")
    assert effect.isEnabled()
    qtbot.waitUntil(lambda: not effect.isEnabled())
    motion.set_reduced_motion(True)
    toast.show_message("Saved.")
    assert not effect.isEnabled()
    toast.dismiss()


def test_a_value_can_be_copied_whole(qtbot: QtBot) -> None:
    value = CopyableLabel("10.244.2.8:7070", "endpoint")
    qtbot.addWidget(value)
    button = value.findChildren(QToolButton)[0]
    assert button.accessibleName() == "Copy endpoint"
    with qtbot.waitSignal(value.copied) as copied:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert copied.args == ["10.244.2.8:7070"]
    assert QApplication.clipboard().text() == "10.244.2.8:7070"
    assert button.toolTip() == "Copied"
    value.set_text("")
    assert not button.isVisibleTo(value)


def test_labels_tell_screen_readers_the_words_as_written(qtbot: QtBot) -> None:
    header, pill, card = SectionHeader("Infrastructure"), Pill("kube-proxy"), Card("DNAT")
    for widget in (header, pill, card):
        qtbot.addWidget(widget)
    assert [header.accessibleName(), pill.accessibleName(), card.accessibleName()] == [
        "Infrastructure",
        "kube-proxy",
        "DNAT",
    ]
    header.setText("Workloads")
    assert header.accessibleName() == "Workloads"
    narrow = pill.sizeHint().width()
    pill.set_text("kube-proxy nftables", "accent_text")
    assert pill.sizeHint().width() > narrow
    assert pill.accessibleName() == "kube-proxy nftables"


def test_a_message_that_goes_leaves_the_keyboard_with_what_it_lay_over(qtbot: QtBot) -> None:
    window = QWidget()
    under, field = QWidget(window), QLineEdit(window)
    under.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    under.resize(600, 400)
    qtbot.addWidget(window)
    window.resize(600, 440)
    window.show()
    window.activateWindow()
    toast = Toast(under)
    toast.show_message("Something could not be read.", "error", "Report")
    button = next(b for b in toast.findChildren(QPushButton) if b.text() == "Report")
    under.setFocus()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.focusWidget() is under
    button.setFocus(Qt.FocusReason.TabFocusReason)
    toast.dismiss()
    assert window.focusWidget() is under
    assert not field.hasFocus()
