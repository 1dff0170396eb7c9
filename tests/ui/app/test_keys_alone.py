"""By keys alone, as a person without a mouse: connecting, taking several objects, keys of what cannot be done now."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.model import NetworkPolicy, Service
from designer.ui.app.actions import ACTIONS
from designer.ui.app.conditions import REASONS, why_not
from designer.ui.app.dialogs.chooser import ChooserDialog
from designer.ui.app.window import MainWindow

Key, Ctrl, Shift = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def chooser(window: MainWindow, key: Qt.Key) -> ChooserDialog:
    """The list that a key opens with Ctrl."""
    known = set(map(id, window.findChildren(ChooserDialog)))
    QTest.keyClick(window.canvas, key, Ctrl)
    (found,) = (each for each in window.findChildren(ChooserDialog) if id(each) not in known)
    return found


def add(window: MainWindow, *kinds: str) -> list[str]:
    """Ids of new objects, made one after the other with nothing selected."""
    made = []
    for kind in kinds:
        window.shell.selection.clear()
        window.action_set.actions[f"insert.{kind}"].trigger()
        made.append(window.shell.selection.ids[0])
        QTest.keyClick(QApplication.focusWidget() or window.canvas, Key.Key_Return)
    window.canvas.setFocus()
    return made


def test_ctrl_j_lets_a_service_select_a_deployment_and_undo_takes_it_back(window: MainWindow, qtbot: QtBot) -> None:
    _node, deployment, service = add(window, "Node", "Deployment", "Service")
    window.commands.edit.apply(_without_pods(window, service))
    window.shell.selection.select((service,))
    before = window.shell.bridge.project
    with qtbot.waitExposed(window):
        pass
    shown = chooser(window, Key.Key_J)
    QTest.keyClicks(shown.line, "deployment")
    assert shown.count.text().startswith(f"Service {service.rpartition('/')[2]} will select what has app=")
    QTest.keyClick(shown.line, Key.Key_Return)
    changed = window.shell.bridge.project.slice(Service)[service]
    assert dict(changed.spec.selector or {}) == {"app": deployment.rpartition("/")[2]}
    assert window.shell.selection.ids == (service,)
    QTest.keyClick(window.canvas, Key.Key_Z, Ctrl)
    assert window.shell.bridge.project.slice(Service)[service] == before.slice(Service)[service]


def _without_pods(window: MainWindow, service: str):  # type: ignore[no-untyped-def]
    from designer.edits.fields import set_field

    return set_field(window.shell.bridge.project, service, "spec.selector", {"app": "nobody"})


def test_what_cannot_be_connected_says_why_and_the_list_stays(sample: MainWindow) -> None:
    sample.canvas.setFocus()
    sample.shell.selection.select(("Service:default/backend",))
    before = sample.shell.bridge.project
    shown = chooser(sample, Key.Key_J)
    QTest.keyClicks(shown.line, "node-1")
    assert shown.count.text().startswith("Connect it to a workload or a Pod")
    QTest.keyClick(shown.line, Key.Key_Return)
    assert shown.isVisible() and sample.shell.bridge.project is before
    QTest.keyClick(shown.line, Key.Key_Escape)
    assert not shown.isVisible()


def test_a_policy_is_connected_though_the_canvas_draws_no_card_of_it(window: MainWindow) -> None:
    _node, deployment, policy = add(window, "Node", "Deployment", "NetworkPolicy")
    window.shell.selection.select((policy,))
    shown = chooser(window, Key.Key_J)
    QTest.keyClicks(shown.line, "deployment")
    QTest.keyClick(shown.line, Key.Key_Return)
    chosen = window.shell.bridge.project.slice(NetworkPolicy)[policy].spec.podSelector
    assert dict(chosen.matchLabels or {}) == {"app": deployment.rpartition("/")[2]}


def test_ctrl_space_takes_several_and_the_arrows_move_all_of_them(sample: MainWindow) -> None:
    canvas, selection = sample.canvas, sample.shell.selection
    canvas.setFocus()
    first, second, third = sample.scene.reading_order()[:3]
    selection.select((first,))
    QTest.keyClick(canvas, Key.Key_Space, Ctrl)
    QTest.keyClick(canvas, Key.Key_Tab)
    assert list(selection.ids) == [first] and canvas.focused_object == second
    QTest.keyClick(canvas, Key.Key_Tab)
    QTest.keyClick(canvas, Key.Key_Space, Ctrl)
    assert list(selection.ids) == [first, third]
    assert "selected, 2 selected in all" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Key.Key_Space, Ctrl)
    assert list(selection.ids) == [first], "given back"
    QTest.keyClick(canvas, Key.Key_Space, Ctrl)
    assert sample.action_set.actions["edit.align.left"].isEnabled()
    QTest.keyClick(canvas, Key.Key_Escape)
    assert list(selection.ids) == []
    QTest.keyClick(canvas, Key.Key_Tab)
    assert len(selection.ids) == 1, "Tab selects again"


@pytest.mark.parametrize(
    ("words", "name", "reason"),
    [
        ("save this request", "Save this request…", "Trace a request first (Ctrl+T)."),
        ("redo", "Redo", "No step was taken back."),
        ("connect to", "Connect to…", "Select a Service, Ingress, NetworkPolicy"),
    ],
)
def test_ctrl_k_shows_what_cannot_be_done_now_with_the_reason(
    window: MainWindow, words: str, name: str, reason: str
) -> None:
    shown = chooser(window, Key.Key_K)
    QTest.keyClicks(shown.line, words)
    target = shown.current()
    assert target is not None and target.words == name and shown.count.text().startswith(reason)
    assert shown.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole).startswith(f"{name}, not possible: {reason}")
    QTest.keyClick(shown.line, Key.Key_Return)
    assert shown.isVisible()
    shown.reject()


def test_every_action_that_can_be_impossible_has_a_reason(window: MainWindow) -> None:
    window.action_set.refresh()
    for spec in ACTIONS:
        word = spec.when.partition(":")[0]
        assert word == "always" or REASONS[word].endswith("."), spec.id
        assert bool(why_not(window.shell, spec.when)) is not window.action_set.actions[spec.id].isEnabled(), spec.id


def test_a_key_of_what_cannot_be_done_now_says_why(window: MainWindow) -> None:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Key.Key_F5)
    assert window.messages.toast.isVisible()
    assert window.messages.toast.message() == "Play or pause: trace a request first (Ctrl+T)."


def test_copy_of_a_range_gives_the_share_as_it_is_shown(sample: MainWindow, qtbot: QtBot) -> None:
    sample.make_all()
    panel = sample.bottom.show_panel("addresses")
    assert panel is not None
    ranges = panel.ranges  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: ranges.rows_model.rowCount() > 0)
    ranges.setFocus()
    ranges.select_place(0)
    QTest.keyClick(ranges, Key.Key_C, Ctrl)
    cells = QGuiApplication.clipboard().text().split("\t")
    use = ranges.rows_model.row(0)[-1]
    share = use.used / use.size
    assert cells[3] == ("< 1 %" if 0 < share < 0.01 else f"{share * 100:.0f} %")
    assert f",{cells[3]}," in ranges.csv_text()
