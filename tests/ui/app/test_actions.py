"""The table of actions: complete, reachable, without clashing keys, and every action runs on any project."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from designer.edits.palette import PALETTE
from designer.model import CNI_BACKENDS
from designer.resources import resource_path
from designer.ui.app import choosing
from designer.ui.app.actions import ACTIONS, DYNAMIC, SAMPLES, action_table
from designer.ui.app.conditions import CONDITIONS
from designer.ui.app.dialogs.finder import action_targets
from designer.ui.app.window import MainWindow
from designer.ui.kit.icons import has_icon


def actions_in(menu: QMenu) -> list[QAction]:
    found: list[QAction] = []
    for action in menu.actions():
        below = action.menu()
        found += actions_in(below) if isinstance(below, QMenu) else [action]
    return found


def test_every_action_is_in_a_menu(window: MainWindow) -> None:
    reachable = {
        action.objectName()
        for top in window.menuBar().actions()
        if isinstance(menu := top.menu(), QMenu)
        for action in actions_in(menu)
    }
    assert {spec.id for spec in ACTIONS} <= reachable


def test_menus_stand_in_their_order(window: MainWindow) -> None:
    names = [action.text().replace("&", "") for action in window.menuBar().actions()]
    assert names == ["File", "Edit", "View", "Insert", "Simulate", "Analyze", "Help"]


def test_no_key_does_two_things() -> None:
    keys = [QKeySequence(key).toString() for spec in ACTIONS for key in (spec.shortcut, spec.other, spec.bare) if key]
    assert "" not in keys
    assert sorted(keys) == sorted(set(keys))


def test_ids_are_unique_and_slots_exist(window: MainWindow) -> None:
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)
    for spec in ACTIONS:
        group, _, method = spec.slot.partition(".")
        assert callable(getattr(getattr(window.commands, group), method)), spec.id


def test_conditions_and_icons_exist() -> None:
    for spec in ACTIONS:
        for name in (spec.when, spec.checked):
            assert not name or name.partition(":")[0] in CONDITIONS, spec.id
        assert not spec.icon or spec.icon.startswith("kind:") or has_icon(spec.icon), spec.id


def test_mnemonics_of_one_menu_do_not_clash() -> None:
    paths = {spec.menu for spec in ACTIONS} | set(DYNAMIC)
    for path in sorted({part[:depth] for part in paths for depth in range(1, len(part) + 1)}):
        texts = [spec.text for spec in ACTIONS if spec.menu == path]
        texts += sorted({other[len(path)] for other in paths if len(other) > len(path) and other[: len(path)] == path})
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert sorted(letters) == sorted(set(letters)), path


def test_every_menu_has_a_letter_and_what_can_be_done_is_in_the_command_palette(
    sample: MainWindow,
) -> None:
    sample.shell.selection.select(("Service:default/backend",))
    sample.action_set.refresh()
    assert all("&" in part for spec in ACTIONS for part in spec.menu)
    offered = {target.action.id for target in action_targets(sample.shell) if target.action is not None}
    enabled = {name for name, action in sample.action_set.actions.items() if action.isEnabled()}
    assert offered == enabled - {"edit.commands"}
    assert len(offered) > 90


def test_the_table_covers_palette_plugins_and_samples() -> None:
    ids = {spec.id for spec in ACTIONS}
    assert {f"insert.{item.kind}" for item in PALETTE} <= ids
    assert {f"ana.cni.{plugin}.{backend}" for plugin, names in CNI_BACKENDS.items() for backend in names} <= ids
    assert all(resource_path("samples", name).is_file() for name, _ in SAMPLES)
    assert {path.name for path in resource_path("samples").glob("*.cnd")} == {name for name, _ in SAMPLES}


def test_the_list_for_help_has_every_action() -> None:
    rows = action_table()
    assert len(rows) == len(ACTIONS)
    assert ("Edit", "Undo", "Ctrl+Z") in rows
    assert ("Simulate", "Play or pause", "F5 or Space") in rows


def close_dialogs() -> None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "sample"])
def test_every_action_runs(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, filled: bool
) -> None:
    monkeypatch.setattr(choosing, "files_to_open", lambda *args: [])
    monkeypatch.setattr(choosing, "folder_to_open", lambda *args: tmp_path / "out")
    monkeypatch.setattr(choosing, "file_to_save", lambda parent, title, name, filters, suffix: tmp_path / name.name)
    monkeypatch.setattr(choosing, "agrees", lambda *args: False)
    (tmp_path / "out").mkdir()
    ran = 0
    for spec in ACTIONS:
        if spec.id == "file.quit":
            continue
        if filled and window.shell.player.result is None:
            window.files.open_sample("first-steps.cnd")
            window.shell.selection.select(("Service:default/backend",))
        elif not filled:
            window.files.new()
        window.action_set.refresh()
        action = window.action_set.actions[spec.id]
        if action.isEnabled():
            action.trigger()
            ran += 1
        close_dialogs()
    qtbot.wait(1)
    assert ran > (85 if filled else 60)


def test_undo_and_redo_say_what(sample: MainWindow) -> None:
    actions = sample.action_set.actions
    assert not actions["edit.undo"].isEnabled()
    actions["insert.Node"].trigger()
    assert actions["edit.undo"].text() == "&Undo Add Node node-3"
    actions["edit.undo"].trigger()
    assert actions["edit.redo"].text() == "&Redo Add Node node-3"
    assert sample.shell.bridge.project.get("Node:node-3") is None
    actions["edit.redo"].trigger()
    assert sample.shell.bridge.project.get("Node:node-3") is not None


def test_swapping_the_plugin_is_one_step(sample: MainWindow) -> None:
    actions = sample.action_set.actions
    assert actions["ana.cni.calico.vxlan"].isChecked()
    actions["ana.cni.flannel.host-gw"].trigger()
    cni = sample.shell.bridge.project.cluster.cni
    assert (cni.plugin, cni.backend) == ("flannel", "host-gw")
    assert actions["ana.cni.flannel.host-gw"].isChecked()
    assert not actions["ana.cni.calico.vxlan"].isChecked()
    actions["edit.undo"].trigger()
    assert sample.shell.bridge.project.cluster.cni.plugin == "calico"


class _TerminalField(QLineEdit):
    """A field as it is on X11, where the keys of a terminal are the field's."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


@pytest.mark.parametrize(("key", "kept"), [(Qt.Key.Key_E, False), (Qt.Key.Key_K, False), (Qt.Key.Key_A, True)])
def test_keys_of_the_program_work_in_a_field(sample: MainWindow, qtbot: QtBot, key: Qt.Key, kept: bool) -> None:
    field = _TerminalField(sample)
    field.show()
    sample.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.ControlModifier)
    event.ignore()  # as Qt sends it
    QApplication.sendEvent(field, event)
    assert event.isAccepted() == kept


def test_every_choice_of_a_plugin_is_a_step_of_its_own(sample: MainWindow) -> None:
    actions = sample.action_set.actions
    for choice in ("calico.bgp", "flannel.vxlan", "weave.fastdp"):
        actions[f"ana.cni.{choice}"].trigger()
    plugins = []
    for _ in range(3):
        actions["edit.undo"].trigger()
        cni = sample.shell.bridge.project.cluster.cni
        plugins.append(f"{cni.plugin}.{cni.backend}")
    assert plugins == ["flannel.vxlan", "calico.bgp", "calico.vxlan"]


def test_undo_takes_a_committed_field_back_while_the_cursor_is_still_in_it(sample: MainWindow, qtbot: QtBot) -> None:
    sample.make_all()
    sample.activateWindow()
    sample.shell.selection.select(("Service:default/backend",))
    before = sample.shell.bridge.project
    panel = sample.make_inspector()
    qtbot.waitUntil(lambda: any("spec.selector" in form.rows for form in panel.forms))
    row = next(form.rows["spec.selector"] for form in panel.forms if "spec.selector" in form.rows)
    field = row.editor if isinstance(row.editor, QLineEdit) else row.editor.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    QTest.keyClicks(field, "app=backnd")
    assert field.isUndoAvailable()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert sample.shell.bridge.session.undo_label
    sample.bottom.show_panel("problems")
    assert field.hasFocus()
    for _ in range(2):  # once more where the field has a step of its own to take back first
        if sample.shell.bridge.project is not before:
            QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert sample.shell.bridge.project is before
    assert field.text() == "app=backend"


def test_what_is_being_typed_is_the_fields_own_to_take_back(sample: MainWindow, qtbot: QtBot) -> None:
    field = QLineEdit(sample)
    field.show()
    sample.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    for typed, own in (("", False), ("a", True)):
        QTest.keyClicks(field, typed)
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        event.ignore()
        QApplication.sendEvent(field, event)
        assert event.isAccepted() is own
