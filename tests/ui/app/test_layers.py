"""Layers in the window: the list by keyboard, the words about what is hidden, and a search that leads to it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from designer.edits.layers import add_layer, show_layers
from designer.model import FrozenMap, Layer
from designer.ui.app.dialogs.finder import FinderDialog
from designer.ui.app.window import MainWindow
from tests.ui.app.test_names import unnamed

SERVICE = "Service:shop/frontend"


def trigger(window: MainWindow, name: str) -> None:
    window.action_set.refresh()
    action = window.action_set.actions[name]
    assert action.isEnabled()
    action.trigger()
    QApplication.processEvents()


def shop(window: MainWindow) -> str:
    """The id of the Service of the sample, in a window that shows it."""
    window.files.open_sample("shop.cnd")
    QApplication.processEvents()
    assert window.shell.bridge.project.get(SERVICE) is not None
    return SERVICE


def test_a_layer_is_made_named_hidden_and_deleted_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    oid = shop(window)
    window.shell.selection.select((oid,))
    trigger(window, "view.layer_new")
    panel = window.layers.panel
    assert panel.isVisible()
    editor = panel.list.findChild(QLineEdit)
    assert editor is not None
    editor.setText("Front")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shell.bridge.project.canvas.layers == FrozenMap({"Front": Layer()}))
    assert window.shell.bridge.project.canvas.layer_of == FrozenMap({oid: "Front"})
    qtbot.waitUntil(lambda: panel.current() == "Front")
    QTest.keyClick(panel.list, Qt.Key.Key_Space)
    assert window.shell.bridge.project.canvas.layers == FrozenMap({"Front": Layer(hidden=True)})
    assert oid not in window.scene.drawn()
    assert window.shell.bridge.session.undo_label == "Hide layer Front"
    qtbot.wait(1)
    item = panel.list.topLevelItem(0)
    assert item is not None
    assert item.data(0, Qt.ItemDataRole.AccessibleTextRole) == "Layer Front, hidden, 1 object"
    assert unnamed(window) == []
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert window.shell.bridge.project.canvas.layers == FrozenMap()
    assert window.shell.bridge.project.get(oid) is not None
    assert oid in window.scene.drawn()
    QTest.keyClick(panel.list, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_the_window_says_how_much_is_hidden_and_a_click_shows_it(qtbot: QtBot, window: MainWindow) -> None:
    oid = shop(window)
    bridge, note = window.shell.bridge, window.layers.note
    state = bridge.state
    bridge.apply(add_layer(bridge.project, "Front", (oid, "Service:shop/api")))
    bridge.apply(show_layers(bridge.project, ("Front",), False))
    qtbot.waitUntil(lambda: note.text == "2 objects hidden by layers")
    assert note.isVisible()
    assert note.button.accessibleName() == "Show: 2 objects hidden by layers"
    assert bridge.state.control is state.control
    note.button.click()
    qtbot.waitUntil(lambda: not note.isVisible())
    assert oid in window.scene.drawn()


def test_what_is_sought_and_hidden_is_named_and_shown_by_the_button(qtbot: QtBot, window: MainWindow) -> None:
    oid = shop(window)
    bridge, note = window.shell.bridge, window.layers.note
    for name in ("Front", "Other"):
        bridge.apply(add_layer(bridge.project, name, (oid if name == "Front" else "Service:shop/api",)))
        bridge.apply(show_layers(bridge.project, (name,), False))
    finder = FinderDialog(window.shell, with_actions=False, parent=window)
    qtbot.addWidget(finder)
    finder.line.setText("frontend service")
    QTest.keyClick(finder.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: note.text == "Service frontend is on the hidden layer Front")
    note.button.click()
    assert oid in window.scene.drawn()
    assert "Service:shop/api" not in window.scene.drawn()
    qtbot.waitUntil(lambda: note.text == "1 object hidden by layers")


def test_stops_of_a_trace_that_are_hidden_are_told(qtbot: QtBot, window: MainWindow) -> None:
    shop(window)
    bridge, note = window.shell.bridge, window.layers.note
    window.begin_with_first_request()
    result = window.shell.player.result
    assert result is not None
    stops = {hop.at for path in result.trace.paths() for hop in path.hops}
    assert "Node:node-2" in stops
    bridge.apply(add_layer(bridge.project, "Machines", ("Node:node-2",)))
    bridge.apply(show_layers(bridge.project, ("Machines",), False))
    qtbot.waitUntil(lambda: "of this trace" in note.text)
    told = [oid for oid in stops if window.scene.hidden_by(oid)]
    assert "Node:node-2" in told
    assert note.text.startswith(f"{len(told)} stop")
    assert note.text.endswith("on the hidden layer Machines")


def test_the_menu_of_an_object_puts_it_on_a_layer(window: MainWindow) -> None:
    from designer.ui.canvas.menu import Target

    oid = shop(window)
    bridge = window.shell.bridge
    bridge.apply(add_layer(bridge.project, "Front & back"))
    window.shell.selection.select((oid,))
    rect = window.scene.rect_of(oid)
    assert rect is not None
    menu = window.gestures.menu.build(Target(oid, rect.center()))
    below = next(
        sub for action in menu.actions() if action.text() == "Layer" and isinstance(sub := action.menu(), QMenu)
    )
    assert [(action.text(), action.isChecked()) for action in below.actions() if action.text()] == [
        ("None", True),
        ("Front && back", False),
        ("New layer…", False),
    ]
    below.actions()[1].trigger()
    assert bridge.project.canvas.layer_of == FrozenMap({oid: "Front & back"})
