"""Policies by what they are for, as a person does it: dialogs, the arrow on the canvas, one step for each, undo."""

from unittest.mock import patch

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from designer.edits.staging import stage, staged_ids
from designer.engine.repair import repair_request
from designer.engine.trace.hops import Request
from designer.model import NetworkPolicy
from designer.present.computed_rows import computed
from designer.ui.app.dialogs.isolate import IsolateDialog
from designer.ui.app.dialogs.repair import RepairDialog
from designer.ui.app.dialogs.staged import StagedDialog
from designer.ui.app.dialogs.without import WithoutDialog
from designer.ui.app.window import MainWindow
from designer.ui.panels.trace_panel import TracePanel
from tests.present.matrix_cluster import POLICIES, WORKLOADS, project_of


def opened(window: MainWindow, qtbot: QtBot, sample: str = "shop.cnd") -> RepairDialog:
    assert window.files.open_sample(sample)
    window.action_set.actions["ana.repair"].trigger()
    dialog = window.findChild(RepairDialog)
    assert dialog is not None
    return dialog


def ask(dialog: RepairDialog, qtbot: QtBot, source: str, destination: str) -> None:
    """Types both ends and presses Enter."""
    dialog.source.setText(source)
    dialog.destination.setText(destination)
    QTest.keyClick(dialog.destination, Qt.Key.Key_Return)
    assert dialog.isVisible(), "Enter asks and closes nothing"
    assert any(dialog.wait() for _ in range(6))
    qtbot.waitUntil(lambda: dialog.found is not None)


def policies(window: MainWindow) -> dict[str, NetworkPolicy]:
    return {one.id: one for one in window.shell.bridge.project.of(NetworkPolicy)}


def reaches(window: MainWindow, source: str, destination: str) -> bool:
    return repair_request(window.shell.bridge.state, source, destination, "possible").already


def test_a_connection_is_made_possible_and_impossible_again_each_as_one_step(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(sample, qtbot)
    before = policies(sample)
    assert not reaches(sample, "shop/frontend", "db.shop:5432")
    ask(dialog, qtbot, "shop/frontend", "db.shop:5432")
    assert policies(sample) == before, "nothing changes by looking"
    assert "+ " in dialog.change.toPlainText()
    dialog.apply_button.click()
    assert reaches(sample, "shop/frontend", "db.shop:5432")
    assert not dialog.isVisible()

    sample.commands.policies.change("shop/frontend", "db.shop:5432", "impossible")
    cut = sample.findChildren(RepairDialog)[-1]
    assert any(cut.wait() for _ in range(6))
    qtbot.waitUntil(lambda: cut.found is not None)
    cut.apply_button.click()
    assert not reaches(sample, "shop/frontend", "db.shop:5432")

    sample.shell.bridge.undo()
    assert reaches(sample, "shop/frontend", "db.shop:5432")
    sample.shell.bridge.undo()
    assert policies(sample) == before


@pytest.mark.parametrize(
    ("source", "destination", "said"),
    [
        ("shop/frontnd", "db.shop:5432", "frontnd"),
        ("shop/frontend", "db.shop:1", "has no port 1"),
        ("shop/frontend", "%%%", "not a destination"),
        ("node-1", "db.shop:5432", "is a Node"),
    ],
)
def test_what_cannot_be_understood_is_said_and_nothing_can_be_applied(
    sample: MainWindow, qtbot: QtBot, source: str, destination: str, said: str
) -> None:
    dialog = opened(sample, qtbot)
    ask(dialog, qtbot, source, destination)
    assert said in dialog.summary.text()
    assert not dialog.apply_button.isEnabled()
    dialog.close()


def test_where_nothing_isolates_the_offer_is_to_let_in_only_this_one(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(sample, qtbot, "first-steps.cnd")
    ask(dialog, qtbot, "frontend", "backend:80")
    assert "already" in dialog.summary.text() and dialog.chosen() is not None
    dialog.apply_button.click()
    made = list(policies(sample).values())
    assert len(made) == 1 and made[0].spec.policyTypes == ("Ingress",)
    assert reaches(sample, "frontend", "backend:80")


def test_an_arrow_drawn_with_the_mouse_asks_for_the_policy(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    scene, view = sample.scene, sample.gestures.stage.view
    qtbot.waitUntil(lambda: scene.state is not None and scene.rect_of("Service:shop/db") is not None)
    sample.shell.selection.select(())
    sample.action_set.actions["ana.arrow"].trigger()
    pod = next(one.id for one in sample.shell.bridge.state.control.pods.values() if one.name.startswith("frontend"))
    for oid in (pod, "Service:shop/db"):
        rect = scene.rect_of(oid)
        assert rect is not None
        view.centerOn(rect.center())
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.mapFromScene(rect.center()))
    dialog = sample.findChild(RepairDialog)
    assert dialog is not None
    assert (dialog.source.value(), dialog.destination.text().partition("://")[2] or dialog.destination.text()) != (
        "",
        "",
    )
    assert any(dialog.wait() for _ in range(6))
    qtbot.waitUntil(lambda: dialog.found is not None)
    assert dialog.found is not None and dialog.found.source == "shop/frontend[Deployment]"
    assert dialog.found.destination.startswith("shop/db[")
    dialog.close()


def test_a_workload_is_shown_in_words_that_can_be_changed(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    sample.commands.policies.change("shop/frontend", "StatefulSet:shop/db:5432")
    dialog = sample.findChild(RepairDialog)
    assert dialog is not None and dialog.destination.text() == "db (StatefulSet in shop), port 5432"
    ask(dialog, qtbot, "shop/frontend", "db (StatefulSet in shop), port 5433")
    assert dialog.found is not None and dialog.found.destination == "shop/db[StatefulSet] on TCP 5433"
    dialog.close()


def test_no_tooltip_covers_the_drawing_while_an_arrow_is_drawn(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    view = sample.gestures.stage.view
    qtbot.waitUntil(lambda: sample.scene.rect_of("Service:shop/db") is not None)

    def tip() -> str:
        """What a mouse that rests on the Service is told."""
        rect = sample.scene.rect_of("Service:shop/db")
        assert rect is not None
        at = view.mapFromScene(rect.center())
        with patch.object(QToolTip, "showText") as shown:
            event = QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
            QApplication.sendEvent(view.viewport(), event)
        return str(shown.call_args.args[1]) if shown.called else ""

    assert "db" in tip()
    sample.gestures.start_policy("")
    assert tip() == ""
    assert sample.gestures.cancel()
    assert "db" in tip()


def test_an_arrow_takes_no_node_and_escape_ends_it(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    gestures = sample.gestures
    gestures.start_policy("Node:node-1")
    assert [gestures.request, gestures.arrow.source] == [gestures.arrow, ""]
    gestures.arrow.choose_object("Node:node-1", gestures.stage.view.mapToScene(10, 10))
    assert [gestures.arrow.source, "Policies know" in gestures.hint.text()] == ["", True]
    assert gestures.cancel()
    assert [gestures.arrow.active, gestures.tracing.active] == [False, False]
    gestures.start_request()
    assert gestures.request is gestures.tracing


def test_default_deny_lists_what_closes_and_undo_opens_it_again(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("first-steps.cnd")
    sample.action_set.actions["ana.isolate"].trigger()
    dialog = sample.findChild(IsolateDialog)
    assert dialog is not None
    dialog.directions.set_value("both")
    assert any(dialog.wait() for _ in range(6))
    qtbot.waitUntil(lambda: dialog.found is not None)
    assert dialog.table.rows_model.rowCount() > 0
    assert not dialog.apply_button.isDefault()
    dialog.apply_button.click()
    assert [one.spec.policyTypes for one in policies(sample).values()] == [("Ingress", "Egress")]
    assert not reaches(sample, "frontend", "backend:80")
    sample.shell.bridge.undo()
    assert not policies(sample)
    QApplication.processEvents()


def test_a_policy_is_staged_and_enforced_again(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    bridge = sample.shell.bridge
    actions = sample.action_set.actions
    guarding = [one.id for one in bridge.project.of(NetworkPolicy)]
    assert not staged_ids(bridge.project) and guarding
    sample.shell.selection.select(guarding[:1])
    actions["ana.stage"].trigger()
    assert staged_ids(bridge.project) == (guarding[0],)
    assert "staged, not enforced" in {row.main for part in computed(bridge.state, guarding[0]) for row in part.rows}
    actions["ana.staged"].trigger()
    dialog = sample.findChild(StagedDialog)
    assert dialog is not None and guarding[0].partition("/")[2] in dialog.summary.text()
    assert any(dialog.wait() for _ in range(6))
    qtbot.waitUntil(lambda: dialog.table.rows_model.rowCount() > 0)
    dialog.apply_button.click()
    assert not staged_ids(bridge.project)
    bridge.undo()
    assert staged_ids(bridge.project) == (guarding[0],)


def test_the_trace_says_what_becomes_of_the_request_when_staged_policies_are_enforced(
    sample: MainWindow, qtbot: QtBot
) -> None:
    assert sample.files.open_sample("shop.cnd")
    bridge = sample.shell.bridge
    request = Request("shop/frontend", "db.shop:5432")
    sample.commands.simulate.ask(request)
    panel = sample.findChild(TracePanel)
    assert panel is not None
    verdicts = [sample.shell.player.result and sample.shell.player.result.verdict]
    assert not panel.staged.isVisible()
    for oid in [one.id for one in bridge.project.of(NetworkPolicy)]:
        assert bridge.apply(stage(bridge.project, oid))
    sample.commands.simulate.ask(request)
    verdicts.append(sample.shell.player.result and sample.shell.player.result.verdict)
    assert verdicts == ["denied", "delivered"]
    assert any(panel.staged.wait() for _ in range(6))
    qtbot.waitUntil(panel.staged.isVisible)
    assert "denied" in panel.staged.text()
    # Both ways side by side, and both packets on the canvas.
    second = sample.shell.second
    assert [second.path, second.name] == [None, ""]
    QTest.mouseClick(panel.staged.beside_button, Qt.MouseButton.LeftButton)
    assert panel.beside.isChecked() and second.path is not None
    assert (second.path.verdict, second.name) == ("denied", "When the staged policies are enforced")
    assert sample.beside_layer is not None and sample.beside_layer.token.isVisible()
    panel.beside.setChecked(False)
    left = sample.shell.second.path
    assert left is None and not sample.beside_layer.token.isVisible()


def test_what_deleting_a_policy_opens_is_read_before_it_is_deleted(sample: MainWindow, qtbot: QtBot) -> None:
    """Only the policy redis isolates redis: without it everybody reaches it, cart no more on one port alone."""
    bridge = sample.shell.bridge
    bridge.new(project_of(*WORKLOADS, POLICIES), "Open")
    policy = "NetworkPolicy:data/redis"
    sample.shell.selection.select((policy,))
    sample.action_set.refresh()
    sample.action_set.actions["ana.without"].trigger()
    dialog = sample.findChild(WithoutDialog)
    assert dialog is not None
    assert any(dialog.wait() for _ in range(6))
    qtbot.waitUntil(dialog.apply_button.isEnabled)
    redis = "data/redis[Deployment]"
    rows = {(row[0], row[1], row[2]) for row in dialog.table.rows_model.shown()}
    sources = ("shop/web[Deployment]", "watch/prober[Deployment]", "anywhere")
    assert rows == {("+ opened", src, redis) for src in sources} | {("± ports", "shop/cart[Deployment]", redis)}
    assert dialog.summary.text() == (
        "Without NetworkPolicy data/redis: 3 connections opened, 1 connection changed in ports."
    )
    assert bridge.project.get(policy) is not None, "nothing changes by looking"
    dialog.apply_button.setFocus()
    QTest.keyClick(dialog.apply_button, Qt.Key.Key_Return)
    assert bridge.project.get(policy) is None
    bridge.undo()
    assert bridge.project.get(policy) is not None
