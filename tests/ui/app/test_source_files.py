"""Manifests that were opened: changed outside, reloaded with a diff, written back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from designer.edits.fields import get_field, set_field
from designer.ui.app.dialogs.file_diff import FileDiffDialog
from designer.ui.app.window import MainWindow
from tests.manifests.test_sources import NODE, WEB

SERVICE = "Service:shop/web"


@pytest.fixture
def opened(window: MainWindow, tmp_path: Path) -> MainWindow:
    folder = tmp_path / "cluster"
    folder.mkdir()
    (folder / "web.yaml").write_text(WEB)
    (folder / "nodes.yaml").write_text(NODE)
    assert window.files.open_paths([folder])
    return window


def dialog_of(window: MainWindow) -> FileDiffDialog:
    found = [dialog for dialog in window.findChildren(FileDiffDialog) if dialog.isVisible()]
    assert len(found) == 1
    return found[0]


def port(window: MainWindow) -> object:
    obj = window.shell.bridge.project.get(SERVICE)
    return get_field(obj, "spec.ports[0].port") if obj is not None else None


def test_a_change_outside_is_offered_with_its_diff_and_taken(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "cluster" / "web.yaml"
    path.write_text(WEB.replace("port: 80  #", "port: 8080  #"))
    qtbot.waitUntil(lambda: "changed outside" in opened.messages.banner.message(), timeout=4000)
    opened.messages.banner.action_triggered.emit()
    dialog = dialog_of(opened)
    assert "-  - port: 80  # plain" in dialog.text.toPlainText()
    assert "+  - port: 8080  # plain" in dialog.text.toPlainText()
    assert "+1 −1" in dialog.files.item(0).text()
    assert port(opened) == 80
    main = [button.text() for button in dialog.findChildren(QPushButton) if button.isDefault()]
    assert main == ["Reload"]  # one button alone is drawn as the main thing to do, and Enter presses it
    dialog.agree.click()
    assert port(opened) == 8080
    assert opened.shell.bridge.session.undo_label == "Reload manifests"
    opened.shell.bridge.undo()
    assert port(opened) == 80


def test_an_edit_here_survives_a_reload(opened: MainWindow, tmp_path: Path) -> None:
    bridge = opened.shell.bridge
    bridge.apply(set_field(bridge.project, SERVICE, "spec.ports[0].port", 99))
    (tmp_path / "cluster" / "nodes.yaml").write_text(NODE.replace("node-1", "node-9"))
    found = opened.files.source.take_over()
    assert found is not None
    assert port(opened) == 99
    assert bridge.project.get("Node:node-9") is not None
    assert bridge.project.get("Node:node-1") is None


def test_saving_shows_the_diff_first_and_keeps_comments(opened: MainWindow, tmp_path: Path) -> None:
    bridge, path = opened.shell.bridge, tmp_path / "cluster" / "web.yaml"
    bridge.apply(set_field(bridge.project, SERVICE, "spec.ports[0].port", 99))
    opened.action_set.refresh()
    action = opened.action_set.actions["file.save_manifests"]
    assert action.isEnabled()
    action.trigger()
    dialog = dialog_of(opened)
    assert path.read_text() == WEB
    dialog.agree.click()
    assert path.read_text() == WEB.replace("port: 80  #", "port: 99  #")
    assert opened.files.source.changes() == ()


def test_what_changed_outside_is_not_written_over(opened: MainWindow, tmp_path: Path) -> None:
    bridge, path = opened.shell.bridge, tmp_path / "cluster" / "web.yaml"
    bridge.apply(set_field(bridge.project, SERVICE, "spec.ports[0].port", 99))
    path.write_text(WEB + "# theirs\n")
    opened.files.source.save()
    assert not [dialog for dialog in opened.findChildren(FileDiffDialog) if dialog.isVisible()]
    assert path.read_text().endswith("# theirs\n")
    assert "Reload them first" in opened.messages.toast.message()


def test_a_project_that_came_from_no_manifests_has_nothing_to_save_back(sample: MainWindow) -> None:
    sample.action_set.refresh()
    assert not sample.action_set.actions["file.save_manifests"].isEnabled()
    assert not sample.action_set.actions["file.reload"].isEnabled()
