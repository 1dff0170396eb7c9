"""Comparing with another plugin: read first, taken as one step that undo brings back."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.edits.fields import set_field
from designer.engine.trace import Request
from designer.ui.app.dialogs.changes import ChangesDialog
from designer.ui.app.dialogs.compare import CompareDialog
from designer.ui.app.dialogs.local_drops import LocalDropsDialog
from designer.ui.app.window import MainWindow


def open_dialog(window: MainWindow, qtbot: QtBot) -> CompareDialog:
    assert window.files.open_sample("shop.cnd")
    window.action_set.actions["ana.compare"].trigger()
    dialog = window.findChild(CompareDialog)
    assert dialog is not None
    settle(dialog, qtbot)
    return dialog


def settle(dialog: CompareDialog, qtbot: QtBot) -> None:
    assert any(dialog.wait() for _ in range(6))  # a busy machine takes its time
    qtbot.waitUntil(lambda: dialog.summary.text() != "Comparing…")


def choose(dialog: CompareDialog, qtbot: QtBot, plugin: str, mode: str = "iptables") -> None:
    dialog.plugins.setCurrentText(plugin)
    dialog.plugins.activated.emit(dialog.plugins.currentIndex())
    dialog.modes.setCurrentText(mode)
    dialog.modes.activated.emit(dialog.modes.currentIndex())
    settle(dialog, qtbot)


def test_the_cluster_as_it_is_has_no_differences(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(sample, qtbot)
    assert dialog.summary.text().startswith("Nothing differs")
    assert not dialog.use.isEnabled()
    dialog.close()


def test_flannel_is_read_before_it_is_taken(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(sample, qtbot)
    before = sample.shell.bridge.project
    choose(dialog, qtbot, "Flannel · vxlan")
    rows = [dialog.table.rows_model.row(place) for place in range(dialog.table.rows_model.rowCount())]
    verdicts = {row[1]: (row[3], row[4]) for row in rows if row[2] == "verdict"}
    assert verdicts["shop/frontend → db:5432"] == ("✕ denied by policy", "✓ delivered")
    assert sample.shell.bridge.project is before, "nothing changes by looking"
    dialog.use.click()
    plugins = [sample.shell.bridge.project.cluster.cni.plugin]
    sample.shell.bridge.undo()
    assert [*plugins, sample.shell.bridge.project.cluster.cni.plugin] == ["flannel", "calico"]


def test_the_shown_request_is_laid_beside_itself_under_another_plugin(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(sample, qtbot)
    dialog.close()
    sample.commands.simulate.ask(Request("shop/frontend", "db.shop:5432"))
    before = sample.shell.bridge.project
    sample.action_set.actions["ana.compare"].trigger()
    (dialog,) = [one for one in sample.findChildren(CompareDialog) if one.isVisible()]
    settle(dialog, qtbot)
    assert not dialog.beside.isEnabled(), "nothing else is chosen yet"
    choose(dialog, qtbot, "Flannel · vxlan")
    QTest.mouseClick(dialog.beside, Qt.MouseButton.LeftButton)
    played, second = sample.shell.player.path, sample.shell.second
    assert played is not None and second.path is not None
    assert (played.verdict, second.path.verdict) == ("denied", "delivered")
    assert second.name == "With Flannel vxlan, iptables"
    assert sample.shell.bridge.project is before


def test_plugin_and_mode_are_one_step(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(sample, qtbot)
    choose(dialog, qtbot, "Weave Net · fastdp", "ipvs")
    dialog.use.click()
    cluster = sample.shell.bridge.project.cluster
    assert (cluster.cni.plugin, cluster.kubeProxy.mode) == ("weave", "ipvs")
    sample.shell.bridge.undo()
    cluster = sample.shell.bridge.project.cluster
    assert (cluster.cni.plugin, cluster.kubeProxy.mode) == ("calico", "iptables")


def test_one_topic_alone(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = open_dialog(sample, qtbot)
    choose(dialog, qtbot, "Flannel · host-gw")
    topics = dialog.view.topics
    assert topics is not None
    topics.set_value("Verdict")
    rows = [dialog.table.rows_model.row(place) for place in range(dialog.table.rows_model.rowCount())]
    assert rows and {row[0] for row in rows} == {"Verdict"}
    dialog.close()


def test_after_a_swap_it_is_told_what_has_changed(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    sample.action_set.actions["ana.cni.flannel.host-gw"].trigger()
    assert sample.swaps.wait()
    toast = sample.messages.toast
    qtbot.waitUntil(lambda: "Calico · vxlan → Flannel · host-gw" in toast.message())
    sample.messages._on_toast()
    dialog = sample.findChild(ChangesDialog)
    assert dialog is not None
    rows = [dialog.view.table.rows_model.row(n) for n in range(dialog.view.table.rows_model.rowCount())]
    changed = {(row[1], row[2]): (row[3], row[4]) for row in rows}
    assert changed["Cluster", "MTU of Pods"] == ("1450", "1500")  # VXLAN takes 50 bytes of 1500
    assert changed["shop/frontend → db:5432", "verdict"] == ("✕ denied by policy", "✓ delivered")
    dialog.close()
    sample.shell.bridge.undo()
    assert sample.swaps.wait()
    qtbot.waitUntil(lambda: "Flannel · host-gw → Calico · vxlan" in toast.message())


def test_the_nodes_where_local_drops_are_found_and_selected(sample: MainWindow) -> None:
    assert sample.files.open_sample("shop.cnd")
    sample.action_set.actions["ana.local"].trigger()
    dialog = sample.findChild(LocalDropsDialog)
    assert dialog is not None
    assert "No Service has" in dialog.summary.text()
    oid = "Service:shop/frontend"
    assert sample.shell.bridge.apply(set_field(sample.shell.bridge.project, oid, "spec.externalTrafficPolicy", "Local"))
    control = sample.shell.bridge.state.control
    running = {pod.node for pod in control.pods.values() if pod.owner == "Deployment:shop/frontend"}
    rows = [dialog.table.rows_model.row(place) for place in range(dialog.table.rows_model.rowCount())]
    assert [row[3] for row in rows] == [name for name in control.nodes if name not in running] != []
    dialog.table.selectRow(0)
    assert sample.shell.selection.ids == (oid, f"Node:{rows[0][3]}")
    dialog.close()
