"""What one meets in the first minutes: a typo is told at once, and nothing stands where it says something wrong."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.edits.create import create
from designer.ui.app.ahead import written_out
from designer.ui.app.dialogs.compare import CompareDialog
from designer.ui.app.dialogs.import_report import ImportReportDialog
from designer.ui.app.window import MainWindow
from designer.ui.panels.problems_panel import ProblemsPanel
from tests.ui.app.conftest import MakeWindow


def test_a_kind_with_a_typo_is_a_warning_in_the_message_and_not_a_success(window: MainWindow, tmp_path: Path) -> None:
    typo = "apiVersion: v1\nkind: Serivce\nmetadata: {name: a}\n"
    text = f"{typo}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: b}}\n"
    (tmp_path / "typo.yaml").write_text(text)
    assert window.files.open_paths([tmp_path / "typo.yaml"])
    toast = window.messages.toast
    assert toast.kind() == "warning"
    assert "Serivce" in toast.message()


def test_the_import_report_begins_in_its_list(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n")
    assert window.files.open_paths([tmp_path / "a.yaml"])
    window.files.report()
    (dialog,) = window.findChildren(ImportReportDialog)
    assert dialog.focusWidget() is dialog.tree
    assert dialog.tree.currentItem() is dialog.tree.topLevelItem(0)
    dialog.close()


def test_nothing_is_said_about_differences_before_they_are_known(sample: MainWindow, qtbot: QtBot) -> None:
    sample.commands.analyze.compare()
    (dialog,) = sample.findChildren(CompareDialog)
    assert dialog.focusWidget() is dialog.plugins
    assert dialog.table.empty_text == "Comparing…"
    assert dialog.wait()
    qtbot.waitUntil(lambda: dialog.table.empty_text == "Choose another plugin or mode above.")
    dialog.close()


def test_a_new_project_has_the_keyboard_on_the_canvas_and_no_empty_map(sample: MainWindow) -> None:
    sample.make_all()
    sample.shell.selection.select(("Service:default/backend",))
    sample.request_bar.source.setFocus()
    sample.files.new()
    QApplication.processEvents()
    assert sample.focusWidget() is sample.canvas
    assert not sample.canvas.minimap.isVisible()


def test_an_error_of_the_former_project_does_not_stay_over_a_new_one(sample: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "broken.cnd").write_bytes(b"")
    for begin in (sample.files.new, lambda: sample.files.open_sample("shop.cnd")):
        assert not sample.files.open_paths([tmp_path / "broken.cnd"])
        assert sample.messages.toast.isVisible() and sample.messages.toast.kind() == "error"
        begin()
        assert not sample.messages.toast.isVisible()


def test_the_first_things_of_a_new_project_are_seen_whole(sample: MainWindow, qtbot: QtBot) -> None:
    sample.make_all()
    sample.files.new()
    for kind in ("Node", "Deployment", "Service"):
        sample.commands.edit.insert(kind)
        qtbot.waitUntil(lambda: sample.canvas.seen().contains(sample.canvas.whole()))
    assert sample.canvas.zoom < 1.5


def test_a_drawing_is_opened_as_it_was_saved(make_window: MakeWindow, tmp_path: Path) -> None:
    window, path = make_window(), tmp_path / "drawn.cnd"
    window.start(None)
    window.files.new()
    for kind in ("Node", "Deployment", "Service", "Node", "Service"):
        window.commands.edit.insert(kind)
    drop = create(window.shell.bridge.project, "Service", view="nodes", at=(440.0, 640.0))
    assert window.shell.bridge.apply(drop)
    window.commands.edit.insert("Node")
    placed = {oid: item.rect for oid, item in window.scene.stock.items.items()}
    drawn = written_out(window.shell)
    assert drawn is not None and window.shell.bridge.session.save(path, drawn=drawn).ok
    assert not window.shell.bridge.session.dirty
    other = make_window()
    assert other.files.open_paths([path])
    assert {oid: item.rect for oid, item in other.scene.stock.items.items()} == placed


def test_what_problems_says_beside_its_list_fits_the_list(window: MainWindow, qtbot: QtBot) -> None:
    window.make_all()
    panel = cast("ProblemsPanel", window.bottom.panels["problems"])
    window.bottom.show_panel("problems")
    assert panel.wait()
    qtbot.waitUntil(lambda: panel.table.empty_text == "No problems found.")
    assert panel.detail.text() == ""
    window.files.open_sample("broken.cnd")
    assert panel.wait()
    qtbot.waitUntil(lambda: len(panel.problems) > 0)
    assert "Select a problem" in panel.detail.text()


def test_help_that_has_no_room_floats_below_the_menus(sample: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    dock = sample.help_dock
    monkeypatch.setattr(dock, "has_room", lambda: False)
    dock.open_at("")
    assert dock.isFloating()
    assert dock.geometry().top() > sample.request_bar.mapToGlobal(sample.request_bar.rect().bottomLeft()).y()
    assert dock.geometry().right() <= sample.frameGeometry().right()


def test_enter_presses_a_button_on_the_empty_canvas(window: MainWindow) -> None:
    (node,) = (button for button in window.canvas.empty.buttons if button.text() == "Add a Node")
    QTest.keyClick(node, Qt.Key.Key_Return)
    assert window.shell.bridge.project.get("Node:node-1") is not None


def test_the_empty_list_of_layers_shows_all_its_words(sample: MainWindow) -> None:
    sample.action_set.actions["view.layers"].trigger()
    QApplication.processEvents()
    words = sample.layers.panel.empty
    assert words.isVisible()
    assert words.height() >= words.heightForWidth(words.width())


def test_work_that_was_restored_has_its_request_on_the_canvas(sample: MainWindow, make_window: MakeWindow) -> None:
    sample.commands.edit.insert("Node")
    journal = sample.shell.bridge.session._recovery._journal
    assert journal is not None
    journal.close(discard=False)  # as a kill leaves it
    after = make_window()
    after.start(None)
    after.files.new()
    assert after.shell.player.result is None
    assert after.commands.recovery.recover(after.commands.recovery.found[0])
    assert after.shell.player.result is not None
