"""The forms of the cluster's settings: what they show, keep and refuse."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from designer.edits.create import create
from designer.edits.settings import set_cluster
from designer.model import ClusterSettings
from designer.ui.app.dialogs.cluster_fields import CLUSTER_FIELDS, PROXY_FIELDS
from designer.ui.app.dialogs.cluster_settings import ClusterDialog
from designer.ui.app.window import MainWindow
from designer.ui.panels.problems_panel import ProblemsPanel


@pytest.mark.parametrize("fields", [CLUSTER_FIELDS, PROXY_FIELDS], ids=["cluster", "kube-proxy"])
def test_settings_of_the_cluster_have_a_field_each(sample: MainWindow, fields: tuple, qtbot: QtBot) -> None:
    dialog = ClusterDialog("Settings", fields, sample.shell.bridge, sample)
    qtbot.addWidget(dialog)
    assert len(dialog.rows) + len(dialog.findChildren(QCheckBox)) == len(fields)


@pytest.mark.parametrize("fields", [CLUSTER_FIELDS, PROXY_FIELDS], ids=["cluster", "kube-proxy"])
def test_scrolling_over_a_choice_sets_nothing(sample: MainWindow, fields: tuple, qtbot: QtBot) -> None:
    dialog = ClusterDialog("Settings", fields, sample.shell.bridge, sample)
    qtbot.addWidget(dialog)
    dialog.show()
    before = sample.shell.bridge.project
    boxes = dialog.findChildren(QComboBox)
    assert boxes
    for box in boxes:
        box.setFocus()  # even where a choice was made just before
        at = QPointF(box.rect().center())
        turned = QWheelEvent(at, QPointF(box.mapToGlobal(box.rect().center())), QPoint(), QPoint(0, -120),
                             Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                             Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(box, turned)
    assert sample.shell.bridge.project is before


@pytest.mark.parametrize("name", ["mh", "our-own"])
def test_the_scheduler_that_is_set_is_shown_whatever_its_name(sample: MainWindow, name: str, qtbot: QtBot) -> None:
    bridge = sample.shell.bridge
    assert bridge.apply(set_cluster(bridge.project, "kubeProxy.ipvsScheduler", name))
    dialog = ClusterDialog("Settings", PROXY_FIELDS, bridge, sample)
    qtbot.addWidget(dialog)
    box = dialog.rows["kubeProxy.ipvsScheduler"].editor
    assert isinstance(box, QComboBox)
    assert box.currentText() == name
    assert [box.itemText(place) for place in range(box.count())].count(name) == 1


def test_settings_of_a_plugin_show_with_it(sample: MainWindow, qtbot: QtBot) -> None:
    bridge = sample.shell.bridge
    dialog = ClusterDialog("Settings", CLUSTER_FIELDS, bridge, sample)
    qtbot.addWidget(dialog)
    mode, sockets = dialog.rows["cni.loadBalancerMode"], dialog.rows["cni.connectTimeLoadBalancing"]
    plugin = dialog.rows["cni"].editor
    assert isinstance(plugin, QComboBox)
    seen = {}
    for name in ("calico.vxlan", "cilium.vxlan", "calico.ebpf"):
        plugin.setCurrentIndex(plugin.findData(name))
        seen[name] = (mode.isVisibleTo(dialog), sockets.isVisibleTo(dialog))
    assert seen == {"calico.vxlan": (False, False), "cilium.vxlan": (True, False), "calico.ebpf": (False, True)}


def test_the_form_of_kube_proxy_says_when_it_does_not_run(sample: MainWindow, qtbot: QtBot) -> None:
    bridge = sample.shell.bridge
    assert bridge.apply(set_cluster(bridge.project, "cni", {"plugin": "cilium", "backend": "vxlan"}))
    dialog = ClusterDialog("kube-proxy", PROXY_FIELDS, bridge, sample)
    qtbot.addWidget(dialog)
    assert any("Cilium answers for Services" in label.text() for label in dialog.findChildren(QLabel))


def test_a_cluster_cidr_that_is_unset_and_one_that_is_empty_are_told_apart(sample: MainWindow, qtbot: QtBot) -> None:
    bridge = sample.shell.bridge
    dialog = ClusterDialog("kube-proxy", PROXY_FIELDS, bridge, sample)
    qtbot.addWidget(dialog)
    line = dialog.rows["kubeProxy.clusterCIDR"].editor
    assert isinstance(line, QLineEdit)
    for text, expected in (("none", ""), ("10.244.0.0/16", "10.244.0.0/16"), ("", None)):
        line.setText(text)
        line.editingFinished.emit()
        assert bridge.project.cluster.kubeProxy.clusterCIDR == expected
    assert bridge.apply(set_cluster(bridge.project, "kubeProxy.clusterCIDR", ""))
    shown = ClusterDialog("kube-proxy", PROXY_FIELDS, bridge, sample)
    qtbot.addWidget(shown)
    again = shown.rows["kubeProxy.clusterCIDR"].editor
    assert isinstance(again, QLineEdit) and again.text() == "none"


def test_a_wrong_setting_is_told_and_a_right_one_holds(sample: MainWindow, qtbot: QtBot) -> None:
    dialog = ClusterDialog("Settings", CLUSTER_FIELDS, sample.shell.bridge, sample)
    qtbot.addWidget(dialog)
    row = dialog.rows["serviceCIDRs"]
    line = row.editor
    assert isinstance(line, QLineEdit)
    before = sample.shell.bridge.project
    line.setText("10.96.0.0/33")
    line.editingFinished.emit()
    assert row.error()
    assert sample.shell.bridge.project is before
    line.setText("10.100.0.0/16")
    line.editingFinished.emit()
    assert row.error() == ""
    assert sample.shell.bridge.project.cluster.serviceCIDRs == ("10.100.0.0/16",)
    pools = dialog.rows["loadBalancer.pools"].editor
    assert isinstance(pools, QLineEdit)
    pools.setText("203.0.113.10-203.0.113.20, 203.0.113.64/28")
    pools.editingFinished.emit()
    pool = sample.shell.bridge.project.cluster.loadBalancer.pools[0]
    assert pool.addresses == ("203.0.113.10-203.0.113.20", "203.0.113.64/28")
    cni = dialog.rows["cni"].editor
    assert isinstance(cni, QComboBox)
    cni.setCurrentIndex(cni.findData("flannel.vxlan"))
    assert sample.shell.bridge.project.cluster.cni.plugin == "flannel"


def test_direct_routes_of_flannel_are_a_field_of_its_vxlan() -> None:
    (field,) = [field for field in CLUSTER_FIELDS if field.path == "cni.directRouting"]
    shown = {
        (plugin, backend): field.when is not None
        and field.when(ClusterSettings.model_validate({"cni": {"plugin": plugin, "backend": backend}}))
        for plugin, backend in (("flannel", "vxlan"), ("flannel", "host-gw"), ("calico", "vxlan"))
    }
    assert shown == {("flannel", "vxlan"): True, ("flannel", "host-gw"): False, ("calico", "vxlan"): False}


def test_a_gateway_that_waits_for_an_address_gets_one_from_its_problem(window: MainWindow, qtbot: QtBot) -> None:
    bridge = window.shell.bridge
    assert bridge.apply(create(bridge.project, "Node")) and bridge.apply(create(bridge.project, "Gateway"))
    panel = window.bottom.show_panel("problems")
    assert isinstance(panel, ProblemsPanel)
    qtbot.waitUntil(lambda: any(problem.code == "SVC-22" for problem in panel.problems))
    rows = [panel.table.rows_model.row(place) for place in range(panel.table.rows_model.rowCount())]
    panel.table.select_place(next(place for place, row in enumerate(rows) if row[1] == "SVC-22"))
    panel.detail.setting_button.click()
    dialog = window.findChild(ClusterDialog)
    assert dialog is not None
    line = dialog.rows["loadBalancer.pools"].editor
    assert isinstance(line, QLineEdit) and dialog.focusWidget() is line
    QTest.keyClicks(line, "203.0.113.10-203.0.113.20")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert [pool.addresses for pool in bridge.project.cluster.loadBalancer.pools] == [("203.0.113.10-203.0.113.20",)]
    dialog.close()
    qtbot.waitUntil(lambda: all(problem.code != "SVC-22" for problem in panel.problems))
    bridge.undo()
    assert not bridge.project.cluster.loadBalancer.pools
