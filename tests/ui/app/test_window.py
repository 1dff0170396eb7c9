"""The window: request bar, re-asked traces, palette, status, theme, finder, settings dialog, crash log."""

import logging
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSpinBox
from pytestqt.qtbot import QtBot

from designer.edits.create import create
from designer.edits.fields import set_field
from designer.engine.trace.hops import Request
from designer.ui.app import desktop
from designer.ui.app.crash import CrashCatcher
from designer.ui.app.dialogs.finder import FinderDialog
from designer.ui.app.dialogs.scenario import ScenarioDialog
from designer.ui.app.status import took_text
from designer.ui.app.window import MainWindow
from designer.ui.kit.style import apply_theme
from designer.ui.kit.theme import current_theme
from designer.ui.panels.palette import MIME_KIND


def verdict_of(window: MainWindow) -> str:
    result = window.shell.player.result
    return result.verdict if result is not None else ""


def is_playing(window: MainWindow) -> bool:
    return window.shell.player.playing


def test_a_typed_request_is_traced(sample: MainWindow, qtbot: QtBot) -> None:
    bar = sample.request_bar
    bar.set_source("Deployment:default/frontend")
    bar.destination.clear()
    QTest.keyClicks(bar.destination, "kube-dns.kube-system:53/udp")
    QTest.keyClick(bar.destination, Qt.Key.Key_Return)
    result = sample.shell.player.result
    assert result is not None
    assert result.request == Request("Deployment:default/frontend", "kube-dns.kube-system:53/udp")
    assert result.verdict == "delivered"
    assert bar.playing.badge.verdict == "delivered"
    assert bar.playing.slider.maximum() == len(sample.shell.player.hops) - 1


def test_what_cannot_be_understood_is_said_at_its_field(sample: MainWindow) -> None:
    bar = sample.request_bar
    bar.set_destination("http://backend:99999")
    bar.ask()
    assert "99999" in bar.error()
    assert bar.destination.property("invalid") == "true"
    assert bar.source.property("invalid") == "false"
    assert sample.shell.player.result is None
    bar.set_destination("http://backend")
    bar.set_source("nobody/knows")
    bar.ask()
    assert bar.source.property("invalid") == "true"
    bar.set_source("")
    bar.ask()
    assert "Choose who sends" in bar.error()


def test_choices_come_from_the_cluster(sample: MainWindow) -> None:
    bar = sample.request_bar
    bar.source.wanted.emit()
    assert bar.source.choices()[:3] == ["client", "backend · default", "frontend · default"]
    assert "node-1" in bar.source.choices()
    assert "http://backend.default" in bar.destination.choices()
    sample.shell.selection.select(("Node:node-2", "Service:default/frontend"))
    bar.source.wanted.emit()
    assert bar.source.choices()[0] == "node-2"
    assert bar.destination.choices()[0] == "http://frontend.default"


def test_a_trace_follows_the_cluster(sample: MainWindow) -> None:
    bridge = sample.shell.bridge
    bridge.apply(set_field(bridge.project, "Service:default/backend", "spec.selector", {"app": "nobody"}))
    assert verdict_of(sample) == "rejected"  # kube-proxy rejects a Service without ready endpoints
    assert sample.request_bar.playing.badge.verdict == "rejected"
    sample.action_set.actions["edit.undo"].trigger()
    assert verdict_of(sample) == "delivered"


def test_moving_a_shape_leaves_the_player_alone(sample: MainWindow) -> None:
    player = sample.shell.player
    player.seek(4.0)
    before = player.result
    sample.action_set.actions["view.layout"].trigger()
    assert player.result is before
    assert player.position == 4.0


def test_the_player_s_controls(sample: MainWindow) -> None:
    player, actions = sample.shell.player, sample.action_set.actions
    actions["sim.forward"].trigger()
    actions["sim.forward"].trigger()
    actions["sim.back"].trigger()
    assert player.index == 1
    actions["sim.end"].trigger()
    assert player.index == len(player.hops) - 1
    actions["sim.start"].trigger()
    assert player.index == 0
    actions["sim.play"].trigger()
    assert is_playing(sample)
    actions["sim.play"].trigger()
    assert not is_playing(sample)
    actions["sim.speed.4"].trigger()
    assert player.speed == 4.0
    assert sample.request_bar.playing.speed.text() == "4×"
    assert sample.shell.settings.get("trace/speed") == 4.0
    menu = sample.request_bar.playing.speed.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["4×"]


def test_bare_keys_move_the_packet_when_nothing_else_wants_them(sample: MainWindow, qtbot: QtBot) -> None:
    sample.bottom.tabBar().setFocus()
    QTest.keyClick(sample, Qt.Key.Key_Right)
    assert sample.shell.player.index == 1
    QTest.keyClick(sample, Qt.Key.Key_Space)
    assert is_playing(sample)
    QTest.keyClick(sample, Qt.Key.Key_Space)
    assert not is_playing(sample)


def test_the_palette_adds_and_finds(sample: MainWindow, qtbot: QtBot) -> None:
    palette = sample.palette_panel
    QTest.keyClicks(palette.search, "stateful")
    shown = [button.item.kind for button in palette.buttons if not button.isHidden()]
    assert shown == ["StatefulSet"]
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert any(obj.KIND == "StatefulSet" for obj in sample.shell.bridge.project.all())
    assert sample.shell.selection.single is not None
    assert sample.shell.selection.single.startswith("StatefulSet:default/")
    button = next(button for button in palette.buttons if button.item.kind == "Pod")
    assert bytes(button.mime().data(MIME_KIND).data()) == b"Pod"
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert sample.shell.selection.single.startswith("Pod:default/")


def test_clipboard_and_deletion(sample: MainWindow) -> None:
    sample.canvas.setFocus()
    actions, bridge = sample.action_set.actions, sample.shell.bridge
    sample.shell.selection.select(("Service:default/backend",))
    actions["edit.copy"].trigger()
    actions["edit.paste"].trigger()
    copy = sample.shell.selection.single
    assert copy is not None
    assert copy != "Service:default/backend"
    actions["edit.delete"].trigger()
    assert bridge.project.get(copy) is None
    assert sample.shell.selection.ids == ()
    sample.shell.selection.select(("Service:default/backend",))
    actions["edit.cut"].trigger()
    assert bridge.project.get("Service:default/backend") is None
    actions["edit.undo"].trigger()
    assert bridge.project.get("Service:default/backend") is not None


def test_the_status_line_counts(sample: MainWindow) -> None:
    counts, state = sample.status.texts()
    assert counts == "2 Nodes · 7 Pods · 4 Services · 0 policies"
    assert state.startswith("compiled in ")
    assert state.endswith("not saved yet")
    sample.action_set.actions["insert.NetworkPolicy"].trigger()
    counts, state = sample.status.texts()
    assert counts.endswith("1 policy")
    assert state.endswith("unsaved changes")
    assert (took_text(0.2), took_text(4.4), took_text(2345)) == (
        "compiled in 1 ms",
        "compiled in 4 ms",
        "compiled in 2.3 s",
    )


def test_themes_change_at_once_and_are_remembered(sample: MainWindow) -> None:
    for name in ("dark", "high-contrast", "light"):
        sample.action_set.actions[f"view.theme.{name}"].trigger()
        assert current_theme().name == name
        assert sample.shell.settings.get("view/theme") == name
        assert sample.action_set.actions[f"view.theme.{name}"].isChecked()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "light")


def test_reduced_motion_shows_numbered_steps_at_once(sample: MainWindow) -> None:
    layer = sample.trace_layer
    assert layer is not None
    numbered = []
    for reduced in (False, True, False):
        sample.shell.settings.set("view/reducedMotion", reduced)
        numbered.append(bool(layer.numbers))
    assert numbered == [False, True, False]


def test_sides_hide_and_come_back(sample: MainWindow) -> None:
    for name in ("palette", "inspector", "bottom"):
        action = sample.action_set.actions[f"view.{name}"]
        assert action.isChecked()
        action.trigger()
        assert not sample.sides.is_shown(name)
        action.trigger()
        assert sample.sides.is_shown(name)


def test_the_finder_goes_to_objects_and_does_actions(sample: MainWindow, qtbot: QtBot) -> None:
    finder = FinderDialog(sample.shell, with_actions=True, parent=sample)
    qtbot.addWidget(finder)
    finder.open()
    QTest.keyClicks(finder.line, "service backend")
    assert finder.texts()[0] == "backend"
    QTest.keyClick(finder.line, Qt.Key.Key_Return)
    assert sample.shell.selection.ids == ("Service:default/backend",)
    other = FinderDialog(sample.shell, with_actions=True, parent=sample)
    other.open()
    QTest.keyClicks(other.line, "zoom to fit")
    assert other.texts() == ["Zoom to fit"]
    other.reject()
    by_address = FinderDialog(sample.shell, with_actions=False, parent=sample)
    by_address.open()
    QTest.keyClicks(by_address.line, "10.96.0.10")
    assert by_address.texts() == ["kube-dns"]
    by_address.reject()


def test_a_request_is_kept_with_its_verdict(sample: MainWindow, qtbot: QtBot) -> None:
    result = sample.shell.player.result
    assert result is not None
    dialog = ScenarioDialog(sample.shell.bridge, result, sample)
    dialog.name.setText("1. The frontend calls its backend")
    dialog.accept()
    assert dialog.name_row.error()  # the name is taken
    dialog.name.setText("Mine")
    dialog.accept()
    scenario = sample.shell.bridge.project.scenarios["Mine"]
    assert (scenario.source, scenario.destination, scenario.expect) == (
        "Deployment:default/frontend",
        "http://backend",
        "delivered",
    )
    menu = sample.action_set.menus[("&Simulate", "Saved re&quests")]
    menu.aboutToShow.emit()
    names = [action.text() for action in menu.actions()]
    assert "Mine" in names


def test_every_part_has_an_accessible_name(sample: MainWindow) -> None:
    for widget in (
        sample.canvas, sample.palette_panel, sample.bottom, sample.request_bar, sample.request_bar.source,
        sample.request_bar.destination, sample.request_bar.playing.speed, sample.request_bar.scenarios,
        sample.request_bar.trace_button, sample.request_bar.playing.badge, sample.request_bar.playing.slider,
    ):  # fmt: skip
        assert widget.accessibleName(), widget
    for button in sample.palette_panel.buttons:
        assert button.accessibleName()
        assert button.accessibleDescription()


def test_a_crash_writes_a_log_and_tells_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Path | None] = []
    catcher = CrashCatcher(tmp_path / "crashes", told.append)
    try:
        raise ValueError("broken inside")
    except ValueError as error:
        catcher.caught(type(error), error, error.__traceback__)
    assert len(told) == 1
    assert told[0] is not None
    text = told[0].read_text(encoding="utf-8")
    assert "broken inside" in text
    assert "Traceback" in text


def test_a_crash_without_a_place_for_its_log_is_still_told(tmp_path: Path) -> None:
    (tmp_path / "crashes").write_text("in the way", encoding="utf-8")
    told: list[Path | None] = []
    CrashCatcher(tmp_path / "crashes", told.append).caught(ValueError, ValueError("x"), None)
    assert told == [None]


def test_a_logged_defect_is_kept_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    catcher = CrashCatcher(tmp_path / "crashes", lambda log: None)
    catcher.install()
    try:
        raise ValueError("a broken view")
    except ValueError:
        logging.getLogger("designer.session").exception("A listener failed")
    finally:
        catcher.remove()
    logs = list((tmp_path / "crashes").iterdir())
    assert len(logs) == 1
    assert "a broken view" in logs[0].read_text(encoding="utf-8")


def test_the_hooks_are_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    catcher = CrashCatcher(tmp_path, lambda log: None)
    catcher.install()
    assert sys.excepthook == catcher.caught
    catcher.remove()
    assert sys.excepthook is sys.__excepthook__


def test_the_application_is_named_for_the_desktop(qapp: QApplication) -> None:
    assert desktop.DESKTOP_NAME == "org.cluster_network_designer.Designer"
    assert desktop.make_application() is qapp


def test_the_state_of_the_window_is_remembered(sample: MainWindow) -> None:
    sample.close()
    settings = sample.shell.settings
    assert not settings.get("window/geometry").isEmpty()
    assert not settings.get("window/rows").isEmpty()


def test_a_deployment_that_says_no_replicas_is_shown_with_one(sample: MainWindow, qtbot: QtBot) -> None:
    # apps/v1: "Defaults to 1".
    text = (
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: plain}, spec: {selector: {matchLabels: {a: b}}, "
        "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}"
    )
    assert sample.files.import_text(text)
    sample.shell.selection.select(("Deployment:default/plain",))
    inspector = sample.make_inspector()
    qtbot.waitUntil(lambda: any("spec.replicas" in form.rows for form in inspector.forms))
    form = next(form for form in inspector.forms if "spec.replicas" in form.rows)
    editor = form.rows["spec.replicas"].editor
    assert isinstance(editor, QSpinBox)
    assert editor.value() == 1


def test_what_the_view_does_not_draw_is_named_in_the_inspector(window: MainWindow) -> None:
    window.make_all()
    window.activateWindow()
    window.action_set.actions["insert.Deployment"].trigger()
    name = window.make_inspector().header.name
    assert QApplication.focusWidget() is name
    QTest.keyClicks(name, "api")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert window.shell.bridge.project.get("Deployment:default/api") is not None


def test_undo_right_after_a_new_object_takes_it_away_though_its_name_can_be_typed(sample: MainWindow) -> None:
    bridge = sample.shell.bridge
    edit = create(bridge.project, "Node")
    assert bridge.apply(edit)
    (made,) = edit.select
    assert sample.gestures.rename(made)
    field = sample.gestures.name_field
    assert field is not None
    QTest.keyClicks(field, "edge")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert bridge.project.get(made) is not None, "what was typed comes first"
    while field.isUndoAvailable():
        QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert bridge.project.get(made) is None
    assert sample.gestures.name_field is None


def test_a_note_is_written_and_taken_back(sample: MainWindow, qtbot: QtBot) -> None:
    before = sample.shell.bridge.project
    sample.action_set.actions["insert.note"].trigger()
    note = next(iter(sample.shell.bridge.project.canvas.notes.values()))
    assert sample.canvas.seen().contains(note.x, note.y)
    qtbot.waitUntil(lambda: QApplication.focusWidget() not in (None, sample.canvas))
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "read this first")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    sample.canvas.setFocus()
    assert [each.text for each in sample.shell.bridge.project.canvas.notes.values()] == ["read this first"]
    while sample.shell.bridge.session.can_undo:
        sample.shell.bridge.undo()
    assert sample.shell.bridge.project == before


def test_what_begins_with_all_that_was_typed_comes_first(sample: MainWindow, qtbot: QtBot) -> None:
    finder = FinderDialog(sample.shell, with_actions=True, parent=sample)
    qtbot.addWidget(finder)
    QTest.keyClicks(finder.line, "ingress with")
    assert finder.texts()[0] == "Ingress with TLS"
    finder.line.clear()
    QTest.keyClicks(finder.line, "ingress")
    assert finder.texts()[0] == "Ingress"
