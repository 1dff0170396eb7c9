"""Opening, importing, saving, recovery and the question about changes, as a person meets them."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.manifests import export_for
from designer.model import EMPTY_PROJECT, Node
from designer.storage import encode
from designer.ui.app import choosing
from designer.ui.app.actions import RECENT
from designer.ui.app.dialogs.print_preview import PrintPreview
from designer.ui.app.settings import Settings
from designer.ui.app.window import MainWindow
from designer.ui.canvas.layout_memory import remembering

from .conftest import MakeWindow

SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: cart
spec:
  selector: {app: cart}
  ports: [{port: 7070}]
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifests" / "cart.yaml"
    path.parent.mkdir()
    path.write_text(SERVICE, encoding="utf-8")
    return path


def test_the_first_start_has_a_trace_ready_to_play(sample: MainWindow) -> None:
    player = sample.shell.player
    assert player.result is not None
    assert player.result.verdict == "delivered"
    assert player.position == 0.0
    assert not player.playing
    assert sample.request_bar.request().destination == "http://backend"
    assert not sample.messages.banner.isHidden()
    assert "▶" in sample.messages.banner.message()
    assert not sample.shell.bridge.session.dirty
    assert sample.shell.bridge.session.path is None


def test_playing_takes_the_banner_away(sample: MainWindow) -> None:
    sample.shell.player.play()
    assert sample.messages.banner.isHidden() or not sample.messages.banner.isVisible()
    sample.shell.player.pause()


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe\x00", b'{"format": "something else"}', b'{"format": "cluster-network-designer", "v'],
    ids=["empty", "cut", "binary", "foreign", "truncated"],
)  # fmt: skip
def test_a_bad_file_leaves_everything_as_it_was(sample: MainWindow, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "bad.cnd"
    path.write_bytes(text)
    before, result = sample.shell.bridge.project, sample.shell.player.result
    assert not sample.files.open_paths([path])
    assert sample.shell.bridge.project is before
    assert sample.shell.player.result is result
    toast = sample.messages.toast
    assert toast.kind() == "error"
    assert "bad.cnd" in toast.message()
    assert path.read_bytes() == text


def test_a_file_that_is_gone_leaves_the_recent_ones(window: MainWindow, tmp_path: Path) -> None:
    gone = tmp_path / "gone.cnd"
    window.shell.settings.remember_file(gone)
    assert not window.files.open_paths([gone])
    assert window.shell.settings.get("files/recent") == ()
    assert window.messages.toast.kind() == "error"


def test_a_folder_of_manifests_becomes_a_project_with_a_report(window: MainWindow, manifest: Path) -> None:
    assert window.files.open_paths([manifest.parent])
    project = window.shell.bridge.project
    assert project.get("Service:default/cart") is not None
    assert len(project.slice(Node)) == 3  # the input has none: a usual cluster is assumed (issue, point 2)
    assert window.files.report_shown is not None
    assert window.windowTitle().startswith("manifests[*]")
    assert window.action_set.actions["file.report"].isEnabled()
    assert "assumed" in window.messages.toast.message()


def test_an_import_adds_to_the_project_as_one_step(sample: MainWindow, manifest: Path) -> None:
    before = sample.shell.bridge.project
    assert sample.files.import_paths([manifest])
    after = sample.shell.bridge.project
    assert after.get("Service:default/cart") is not None
    assert len(after.slice(Node)) == len(before.slice(Node))
    assert all(after.get(obj.id) is not None for obj in before.all())
    sample.action_set.actions["edit.undo"].trigger()
    assert sample.shell.bridge.project is before


def test_manifests_without_objects_change_nothing(sample: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("# nothing\n", encoding="utf-8")
    before = sample.shell.bridge.project
    assert not sample.files.open_paths([path])
    assert sample.shell.bridge.project is before
    assert sample.messages.toast.kind() == "error"


def test_a_project_and_other_files_together_are_refused(sample: MainWindow, manifest: Path, tmp_path: Path) -> None:
    before = sample.shell.bridge.project
    assert not sample.files.open_paths([tmp_path / "a.cnd", manifest])
    assert sample.shell.bridge.project is before
    assert "import" in sample.messages.toast.message()


def test_saved_and_opened_again_it_is_the_same(
    sample: MainWindow, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "mine.cnd"
    monkeypatch.setattr(choosing, "file_to_save", lambda *args: path)
    sample.action_set.actions["insert.Deployment"].trigger()
    assert sample.isWindowModified()
    assert sample.files.save()
    assert not sample.isWindowModified()
    assert sample.windowTitle().startswith("mine.cnd[*]")
    assert sample.shell.settings.get("files/recent")[0] == str(path)
    again = make_window()
    assert again.files.open_paths([path])
    drawn = remembering(sample.shell.bridge.project, sample.scene.stock.memory)
    assert encode(again.shell.bridge.project) == encode(drawn)
    assert replace(drawn, canvas=sample.shell.bridge.project.canvas) == sample.shell.bridge.project
    assert again.shell.player.result is not None  # its first saved request


def test_closing_asks_about_changes(sample: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    sample.action_set.actions["insert.Node"].trigger()
    asked: list[str] = []

    def cancel(parent: object, name: str) -> str:
        asked.append(name)
        return "cancel"

    monkeypatch.setattr(choosing, "what_with_changes", cancel)
    assert not sample.close()
    assert sample.isVisible()
    sample.files.new()
    assert sample.shell.bridge.project.get("Node:node-3") is not None
    assert asked == ["First steps", "First steps"]
    monkeypatch.setattr(choosing, "what_with_changes", lambda parent, name: "discard")


def test_a_cancelled_save_does_not_leave(sample: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    sample.action_set.actions["insert.Node"].trigger()
    monkeypatch.setattr(choosing, "what_with_changes", lambda parent, name: "save")
    monkeypatch.setattr(choosing, "file_to_save", lambda *args: None)
    assert not sample.files.may_leave()
    monkeypatch.setattr(choosing, "what_with_changes", lambda parent, name: "discard")


def test_a_file_changed_outside_is_replaced_only_when_agreed(
    sample: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "mine.cnd"
    monkeypatch.setattr(choosing, "file_to_save", lambda *args: path)
    assert sample.files.save()
    path.write_text("somebody else's", encoding="utf-8")
    sample.action_set.actions["insert.Node"].trigger()
    monkeypatch.setattr(choosing, "agrees", lambda *args: False)
    assert not sample.files.save()
    assert path.read_text(encoding="utf-8") == "somebody else's"
    monkeypatch.setattr(choosing, "agrees", lambda *args: True)
    assert sample.files.save()
    assert path.read_bytes() == encode(remembering(sample.shell.bridge.project, sample.scene.stock.memory))


def test_work_of_a_killed_window_is_offered_and_restored(make_window: MakeWindow) -> None:
    killed = make_window()
    killed.start(None)
    killed.action_set.actions["insert.Node"].trigger()
    lost = encode(killed.shell.bridge.project)
    # What a kill does: the journal's file and its lock go without anything being tidied up.
    journal = killed.shell.bridge.session._recovery._journal
    assert journal is not None
    journal.close(discard=False)
    after = make_window()
    after.start(None)
    assert len(after.commands.recovery.found) == 1
    assert after.action_set.actions["file.recover"].isEnabled()
    assert "Restore" in [
        button.text() for button in after.messages.banner.findChildren(type(after.request_bar.trace_button))
    ]
    after.messages.banner.action_triggered.emit()
    assert encode(after.shell.bridge.project) == lost
    assert after.shell.bridge.session.dirty
    assert after.commands.recovery.found == []


def test_files_dropped_onto_the_window_are_opened(window: MainWindow, manifest: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(manifest))])
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    window.dropEvent(drop)
    qtbot.waitUntil(lambda: window.shell.bridge.project.get("Service:default/cart") is not None)


def test_text_dropped_onto_the_window_is_left_alone(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("hello")
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    enter.ignore()
    window.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_a_new_project_is_empty_and_offers_ways_to_begin(sample: MainWindow, qtbot: QtBot) -> None:
    sample.files.new()
    assert not any(obj.KIND == "Deployment" for obj in sample.shell.bridge.project.all())
    assert sample.shell.player.result is None
    assert sample.request_bar.request().destination == ""
    assert sample.canvas.empty.isVisible()
    sample.canvas.beginNode.emit()
    assert sample.shell.bridge.project.get("Node:node-1") is not None
    assert EMPTY_PROJECT is not sample.shell.bridge.project


def test_recent_files_fill_their_menu(sample: MainWindow, tmp_path: Path) -> None:
    sample.shell.settings.remember_file(tmp_path / "one.cnd")
    sample.shell.settings.remember_file(tmp_path / "two.cnd")
    menu = sample.action_set.menus[RECENT]
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["two.cnd", "one.cnd"]


def test_exported_manifests_describe_the_same_objects(
    sample: MainWindow, make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "exported"
    folder.mkdir()
    monkeypatch.setattr(choosing, "folder_to_open", lambda *args: folder)
    sample.action_set.actions["file.export"].trigger()
    other = make_window()
    assert other.files.open_paths([folder])
    assert {obj.id for obj in other.shell.bridge.project.all()} >= {obj.id for obj in sample.shell.bridge.project.all()}


def test_an_export_that_cannot_be_written_is_told(sample: MainWindow, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder", encoding="utf-8")
    assert not sample.commands.export.write_manifests(blocked, (("a.yaml", "x"),))
    assert sample.messages.toast.kind() == "error"


def test_a_damaged_settings_file_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[view]\ntheme=mauve\nscale=9000\nreducedMotion=perhaps\n[trace]\nspeed=fast\n", encoding="utf-8")
    settings = Settings(path)
    assert settings.get("view/theme") == "system"
    assert settings.get("view/scale") == 100
    assert settings.get("view/reducedMotion") is False
    assert settings.get("trace/speed") == 1.0


def test_settings_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    settings.set("view/theme", "dark")
    settings.set("view/reducedMotion", True)
    settings.set("trace/speed", 0.5)
    settings.remember_file(tmp_path / "a, b.cnd")
    settings.save()
    again = Settings(tmp_path / "settings.ini")
    assert again.get("view/theme") == "dark"
    assert again.get("view/reducedMotion") is True
    assert again.get("trace/speed") == 0.5
    assert again.get("files/recent") == (str(tmp_path / "a, b.cnd"),)


def test_pasted_manifests_become_objects(sample: MainWindow) -> None:
    sample.canvas.setFocus()
    QGuiApplication.clipboard().setText(SERVICE)
    sample.action_set.actions["edit.paste"].trigger()
    assert sample.shell.bridge.project.get("Service:default/cart") is not None
    assert sample.action_set.actions["edit.undo"].text() == "&Undo Paste manifests"


def test_pasting_other_text_is_refused_with_words(sample: MainWindow) -> None:
    sample.canvas.setFocus()
    before = sample.shell.bridge.project
    QGuiApplication.clipboard().setText("just some words")
    sample.action_set.actions["edit.paste"].trigger()
    assert sample.shell.bridge.project is before
    assert sample.messages.toast.kind() == "error"


def test_files_dropped_onto_the_canvas_reach_the_window(sample: MainWindow, manifest: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(manifest))])
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    canvas = sample.canvas.viewport()
    enter = QDragEnterEvent(QPoint(50, 60), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(canvas, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(canvas, QDropEvent(QPointF(50, 60), Qt.DropAction.CopyAction, data, left, none))
    qtbot.waitUntil(lambda: sample.shell.bridge.project.get("Service:default/cart") is not None)


def test_a_kind_dropped_onto_the_canvas_becomes_an_object(sample: MainWindow) -> None:
    button = next(button for button in sample.palette_panel.buttons if button.item.kind == "Namespace")
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    canvas, data = sample.canvas.viewport(), button.mime()
    enter = QDragEnterEvent(QPoint(30, 200), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(canvas, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(canvas, QDragMoveEvent(QPoint(32, 202), Qt.DropAction.CopyAction, data, left, none))
    QApplication.sendEvent(canvas, QDropEvent(QPointF(32, 202), Qt.DropAction.CopyAction, data, left, none))
    made = sample.shell.selection.single
    assert made is not None
    assert made.startswith("Namespace:")
    assert sample.shell.bridge.project.get(made) is not None


def test_a_node_dropped_onto_the_empty_canvas_begins_the_cluster(window: MainWindow) -> None:
    assert window.canvas.empty.isVisible()
    button = next(button for button in window.palette_panel.buttons if button.item.kind == "Node")
    none, left, copy = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    # The empty state lies over the canvas: it is what is under the mouse.
    over, data = window.canvas.empty, button.mime()
    enter = QDragEnterEvent(QPoint(200, 100), copy, data, left, none)
    QApplication.sendEvent(over, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(over, QDragMoveEvent(QPoint(202, 102), copy, data, left, none))
    QApplication.sendEvent(over, QDropEvent(QPointF(202, 102), copy, data, left, none))
    assert window.shell.bridge.project.get("Node:node-1") is not None
    assert not window.canvas.empty.isVisible()


def test_what_could_not_be_read_is_told_until_somebody_has_seen_it(window: MainWindow, tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: c, image: x}]}\n"
    typo = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n  - port: 80\n   targetPort: 3\n"
    (tmp_path / "a.yaml").write_text(f"{typo}---\n{pod}")
    assert window.files.open_paths([tmp_path / "a.yaml"])
    toast = window.messages.toast
    assert toast.kind() == "error"  # an error has no time after which it goes
    assert "cannot be read" in toast.message()


def test_an_export_over_its_source_keeps_the_comments(sample: MainWindow, tmp_path: Path) -> None:
    source = tmp_path / "all.yaml"
    text = "# ours\napiVersion: v1\nkind: Service  # the front\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
    source.write_text(text, encoding="utf-8")
    assert sample.files.open_paths([source])
    files = export_for(sample.shell.bridge.project, tmp_path)
    assert sample.commands.export.write_manifests(tmp_path, files)
    assert source.read_text(encoding="utf-8") == text


def test_a_backup_opens_as_the_project_that_it_is(sample: MainWindow, tmp_path: Path) -> None:
    backup = tmp_path / "mine.cnd.bak"
    backup.write_bytes(encode(sample.shell.bridge.project))
    name = sample.shell.bridge.project.cluster.name
    sample.files.new()
    assert sample.files.open_paths([backup])
    assert sample.shell.bridge.project.cluster.name == name


def test_the_page_is_shown_before_it_is_printed(sample: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """The preview paints one page in print colours, whatever theme the window has; it changes nothing."""
    before = sample.shell.bridge.project
    sample.action_set.actions["file.preview"].trigger()
    dialog = sample.findChild(PrintPreview)
    assert dialog is not None and dialog.isVisible() and dialog.page.pageCount() == 1
    out = tmp_path / "page.pdf"
    dialog.printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    dialog.printer.setOutputFileName(str(out))
    dialog.page.print_()
    assert out.read_bytes().startswith(b"%PDF")
    dialog.close()
    assert sample.shell.bridge.project is before
