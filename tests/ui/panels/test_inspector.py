"""The inspector: forms for every kind, edits with their messages, YAML both ways, what is computed."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from designer.edits.create import create
from designer.edits.fields import get_field, set_field
from designer.edits.palette import PALETTE
from designer.edits.settings import set_cluster, use_cni
from designer.edits.staging import enforce, stage
from designer.model import KINDS, replaces_kube_proxy, split_id
from designer.ui.panels.inspector import InspectorPanel
from designer.ui.panels.inspector.cluster_form import CLUSTER
from designer.ui.panels.inspector.form_view import FormView
from designer.ui.panels.inspector.forms import FORMS
from designer.ui.panels.inspector.groups import GroupList
from tests.ui.panels.conftest import Desk

API = "Service:shop/api"


def inspector(desk: Desk, oid: str = "") -> InspectorPanel:
    if oid:
        desk.selection.select((oid,))
    panel: InspectorPanel = desk.panel(InspectorPanel, 300, 900)
    return panel


def row_of(panel: InspectorPanel, path: str) -> Any:
    return next(form.rows[path] for form in panel.forms if path in form.rows)


def type_into(desk: Desk, editor: QLineEdit, text: str) -> None:
    editor.setFocus()
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, text)


def value(desk: Desk, oid: str, path: str) -> Any:
    obj = desk.project.get(oid)
    assert obj is not None
    return get_field(obj, path)


def test_every_kind_has_a_form_whose_fields_the_model_knows() -> None:
    assert {kind.KIND for kind in KINDS} == set(FORMS)
    paths = [field.path for sections in (*FORMS.values(), CLUSTER) for section in sections for field in section.fields]
    assert all(path and " " not in path for path in paths)


@pytest.mark.parametrize("item", PALETTE, ids=lambda item: item.kind)
def test_what_is_dropped_can_be_inspected_and_looking_changes_nothing(empty: Desk, item: Any) -> None:
    edit = create(empty.project, item.kind)
    assert empty.session.apply(edit)
    before = empty.project
    panel = inspector(empty, edit.select[0])
    assert panel.header.name.text() == split_id(edit.select[0])[2]
    for form in panel.forms:
        for row in form.rows.values():
            row.editor.setFocus()
    panel.header.name.setFocus()
    assert empty.project is before
    panel.header.views.set_value("yaml")
    assert f"kind: {item.kind}" in panel.yaml.editor.toPlainText()
    assert empty.project is before


def test_typing_is_checked_at_once_and_committed_by_enter(shop: Desk) -> None:
    panel = inspector(shop, API)
    row = row_of(panel, "spec.clusterIP")
    type_into(shop, row.editor, "10.96.0")
    assert "Must be a valid IP address" in row.row.error()
    assert value(shop, API, "spec.clusterIP") is None
    QTest.keyClick(row.editor, Qt.Key.Key_Return)
    assert row.editor.text() == "10.96.0"
    QTest.keyClicks(row.editor, ".77")
    assert row.row.error() == ""
    assert value(shop, API, "spec.clusterIP") is None
    QTest.keyClick(row.editor, Qt.Key.Key_Return)
    assert value(shop, API, "spec.clusterIP") == "10.96.0.77"
    assert shop.session.session.undo_label == "Change spec.clusterIP of Service api"
    shop.session.undo()
    assert row.editor.text() == ""


def test_escape_takes_back_what_is_wrong(shop: Desk) -> None:
    panel = inspector(shop, API)
    row = row_of(panel, "spec.externalIPs")
    type_into(shop, row.editor, "nonsense")
    QTest.keyClick(row.editor, Qt.Key.Key_Return)
    assert row.row.error()
    QTest.keyClick(row.editor, Qt.Key.Key_Escape)
    assert row.editor.text() == ""
    assert row.row.error() == ""
    assert not shop.session.session.can_undo


def test_leaving_a_field_commits_it(shop: Desk) -> None:
    panel = inspector(shop, "Deployment:shop/api")
    row = row_of(panel, "spec.selector")
    type_into(shop, row.editor, "app=api,tier in (logic)")
    assert row.note.text() == "matches 3 Pods"
    row_of(panel, "spec.replicas").editor.setFocus()
    assert value(shop, "Deployment:shop/api", "spec.selector") == {
        "matchLabels": {"app": "api"},
        "matchExpressions": [{"key": "tier", "operator": "In", "values": ["logic"]}],
    }


def test_a_selector_counts_while_it_is_typed(shop: Desk) -> None:
    panel = inspector(shop, API)
    row = row_of(panel, "spec.selector")
    assert row.note.text() == "matches 3 Pods"
    type_into(shop, row.editor, "app=frontend")
    assert row.note.text() == "matches 2 Pods"
    type_into(shop, row.editor, "app=nobody")
    assert row.note.text() == "matches 0 Pods"
    type_into(shop, row.editor, "app in (a)")
    assert "equal labels only" in row.row.error()


def test_ports_show_where_they_lead_and_are_added_and_removed(shop: Desk) -> None:
    panel = inspector(shop, API)
    ports: GroupList = row_of(panel, "spec.ports").editor
    assert ports.groups[0]._note.text() == "✓ 8080 → http (8080) → 3 of 3 Pods"
    target = next(editor for cell, editor, _ in ports.groups[0].editors if cell.key == "targetPort")
    assert isinstance(target, QLineEdit)
    type_into(shop, target, "web")
    QTest.keyClick(target, Qt.Key.Key_Return)
    assert value(shop, API, "spec.ports[0].targetPort") == "web"
    assert ports.groups[0]._note.text() == "✕ 8080 → web: no container has a TCP port of this name"
    kept = ports.groups[0]
    ports.add()
    assert [(port["name"], port["port"]) for port in value(shop, API, "spec.ports")] == [("http", 8080), ("port-2", 80)]
    assert ports.groups[0] is kept
    ports.groups[1].removed.emit(ports.groups[1])
    assert [port["port"] for port in value(shop, API, "spec.ports")] == [8080]
    shop.session.undo()
    assert len(ports.groups) == 2


def test_a_wrong_port_is_marked_beside_it(shop: Desk) -> None:
    panel = inspector(shop, API)
    row = row_of(panel, "spec.ports")
    port = next(editor for cell, editor, _ in row.editor.groups[0].editors if cell.key == "port")
    type_into(shop, port, "70000")
    QTest.keyClick(port, Qt.Key.Key_Return)
    assert row.row.error() == "Must be a port from 1 to 65535."  # without the path: the cell is marked
    assert port.property("invalid") == "true"
    assert value(shop, API, "spec.ports[0].port") == 8080
    type_into(shop, port, "7000")
    QTest.keyClick(port, Qt.Key.Key_Return)
    assert row.row.error() == ""
    assert value(shop, API, "spec.ports[0].port") == 7000


def test_labels_are_added_as_drafts_and_committed_when_they_say_something(shop: Desk) -> None:
    panel = inspector(shop, API)
    labels: GroupList = row_of(panel, "metadata.labels").editor
    before = shop.project
    labels.add()
    assert shop.project is before
    key, text = (editor for _, editor, _ in labels.groups[-1].editors)
    assert isinstance(key, QLineEdit) and isinstance(text, QLineEdit)
    type_into(shop, key, "team")
    QTest.keyClick(key, Qt.Key.Key_Return)
    type_into(shop, text, "blue")
    QTest.keyClick(text, Qt.Key.Key_Return)
    assert value(shop, API, "metadata.labels")["team"] == "blue"
    type_into(shop, key, "bad key!")
    QTest.keyClick(key, Qt.Key.Key_Return)
    assert "is no label key" in row_of(panel, "metadata.labels").row.error()
    assert "team" in value(shop, API, "metadata.labels")


def test_a_policy_rule_is_edited_peer_by_peer(shop: Desk) -> None:
    oid = "NetworkPolicy:shop/db"
    panel = inspector(shop, oid)
    rules: GroupList = row_of(panel, "spec.ingress").editor
    peers = next(editor for cell, editor, _ in rules.groups[0].editors if cell.key == "from")
    assert isinstance(peers, GroupList)
    peers.add()
    assert value(shop, oid, "spec.ingress[0].from")[-1] == {"podSelector": {}}
    cells = {cell.key: editor for cell, editor, _ in peers.groups[-1].editors}
    pods, block = cells["podSelector"], cells["ipBlock.cidr"]
    assert isinstance(pods, QLineEdit) and isinstance(block, QLineEdit)
    assert pods.text() == "*"
    type_into(shop, pods, "")
    QTest.keyClick(pods, Qt.Key.Key_Return)
    type_into(shop, block, "10.0.0.1/8")
    QTest.keyClick(block, Qt.Key.Key_Return)
    assert "host bits" in row_of(panel, "spec.ingress").row.error()
    type_into(shop, block, "10.0.0.0/8")
    QTest.keyClick(block, Qt.Key.Key_Return)
    assert value(shop, oid, "spec.ingress[0].from")[-1] == {"ipBlock": {"cidr": "10.0.0.0/8"}}


def test_a_staged_policy_says_under_its_name_that_it_is_not_enforced(shop: Desk) -> None:
    oid = "NetworkPolicy:shop/db"
    panel = inspector(shop, oid)

    def head() -> list[str]:
        return [label.text() for label in panel.header.findChildren(QLabel)]

    assert "shop" in head()
    assert shop.session.apply(stage(shop.project, oid))
    assert "shop · staged, not enforced" in head()
    assert shop.session.apply(enforce(shop.project, oid))
    assert "shop" in head()


def test_the_cluster_is_shown_when_nothing_is_selected(shop: Desk) -> None:
    panel = inspector(shop)
    assert not panel.header.views.isVisible()
    plugin = row_of(panel, "cni.plugin").editor
    plugin.committed.emit("flannel")
    assert (shop.project.cluster.cni.plugin, shop.project.cluster.cni.backend) == ("flannel", "vxlan")
    backend = row_of(panel, "cni.backend").editor
    assert [backend.itemText(n) for n in range(backend.count())] == ["vxlan", "host-gw"]
    ranges = row_of(panel, "nodePortRange")
    type_into(shop, ranges.editor, "30000-30100")
    QTest.keyClick(ranges.editor, Qt.Key.Key_Return)
    assert shop.project.cluster.nodePortRange == (30000, 30100)
    type_into(shop, ranges.editor, "many")
    assert "two ports with a dash" in ranges.row.error()


def test_renaming_moves_the_selection_and_says_what_is_wrong(shop: Desk) -> None:
    panel = inspector(shop, API)
    type_into(shop, panel.header.name, "Not Good")
    QTest.keyClick(panel.header.name, Qt.Key.Key_Return)
    assert "lower-case letters" in panel.header.message.text()
    type_into(shop, panel.header.name, "backend")
    QTest.keyClick(panel.header.name, Qt.Key.Key_Return)
    assert shop.selection.single == "Service:shop/backend"
    assert shop.project.get("Service:shop/backend") is not None
    assert panel.header.message.text() == ""


def test_what_was_computed_leads_to_other_objects(shop: Desk) -> None:
    panel = inspector(shop, API)
    titles = [section.title for section in panel.computed.sections]
    assert titles == ["Addresses", "Endpoints"]
    endpoint = next(row for row in panel.computed.rows() if row.row.oid.startswith("Pod:shop/api"))
    QTest.keyClick(endpoint, Qt.Key.Key_Return)
    assert shop.selection.single is not None and shop.selection.single.startswith("Pod:shop/api")
    assert panel.computed.sections[0].title == "Belongs to"
    assert panel.forms == []
    QTest.mouseClick(panel.computed.rows()[0], Qt.MouseButton.LeftButton)
    assert shop.selection.single == "Deployment:shop/api"


def test_a_services_rules_are_counted_and_led_to(shop: Desk) -> None:
    panel = inspector(shop, API)
    shop.settle(panel)
    # 1 dispatch rule, 1 that marks, 1 for each of three endpoints and 2 in the chain of each.
    assert panel.rules_link.text() == "Show its 11 rules on node-1 in Tables"
    with shop.qtbot.waitSignal(panel.tablesWanted) as wanted:
        panel.rules_link.click()
    assert wanted.args == [API]


@pytest.mark.parametrize(
    ("plugin", "backend", "offered", "kept"),
    [
        ("cilium", "vxlan", {"cni.loadBalancerMode", "cni.bpfMasquerade"}, {"cni.autoDirectNodeRoutes"}),
        ("cilium", "native", {"cni.loadBalancerMode", "cni.autoDirectNodeRoutes"}, {"cni.externalServiceMode"}),
        ("calico", "ebpf-bgp", {"cni.externalServiceMode", "cni.blockSize"}, {"cni.loadBalancerMode"}),
        ("calico", "bgp", {"kubeProxy.mode", "cni.blockSize"}, {"cni.loadBalancerMode", "cni.externalServiceMode"}),
    ],
)
def test_the_cluster_s_form_offers_what_its_data_plane_heeds(
    shop: Desk, plugin: str, backend: str, offered: set[str], kept: set[str]
) -> None:
    shop.session.apply(use_cni(shop.project, plugin, backend))
    panel = inspector(shop)
    shown = {path for form in panel.forms for path, row in form.rows.items() if not row.isHidden()}
    assert offered <= shown
    assert not kept & shown
    ebpf = bool(replaces_kube_proxy(shop.project.cluster))
    assert ("kubeProxy.mode" in shown) == ("kubeProxy.clusterCIDR" in shown) == (not ebpf)
    said = [label.text() for label in panel.header.findChildren(QLabel)]
    assert any(text.endswith("no kube-proxy" if ebpf else "iptables") for text in said)


def test_cilium_without_replacement_shows_kube_proxy_s_settings_again(shop: Desk) -> None:
    shop.session.apply(use_cni(shop.project, "cilium", "vxlan"))
    shop.session.apply(set_cluster(shop.project, "cni.kubeProxyReplacement", False))
    panel = inspector(shop)
    shown = {path for form in panel.forms for path, row in form.rows.items() if not row.isHidden()}
    assert {"kubeProxy.mode", "cni.kubeProxyReplacement", "cni.enableSCTP"} <= shown
    assert not {"cni.loadBalancerMode", "cni.noBackendResponse"} & shown


def test_where_ebpf_answers_a_service_has_entries_instead_of_rules(shop: Desk) -> None:
    shop.session.apply(use_cni(shop.project, "cilium", "vxlan"))
    panel = inspector(shop, API)
    shop.settle(panel)
    assert panel.rules_link.text() == "Show its 1 entry on node-1 in Tables"


def test_recreating_a_pod_tells_what_is_pinned_to_the_old_address(shop: Desk) -> None:
    pod = next(p for p in shop.session.state.control.pods.values() if p.owner == "Deployment:shop/api")
    old = pod.ips[0]
    assert shop.session.apply(
        set_field(shop.project, "NetworkPolicy:shop/db", "spec.ingress[0].from[+]", {"ipBlock": {"cidr": f"{old}/32"}})
    )
    panel = inspector(shop, pod.id)
    panel.recreate_button.click()
    fresh = next(p for p in shop.session.state.control.pods.values() if p.key == pod.key)
    assert fresh.ips[0] != old
    assert shop.selection.single == fresh.id
    assert "NetworkPolicy shop/db (spec.ingress[0].from[1].ipBlock.cidr)" in panel.banner.message()
    panel.recreate_button.click()
    assert "Nothing is pinned" in panel.banner.message()


def test_several_objects_are_counted_and_deleted_together(shop: Desk) -> None:
    shop.selection.select((API, "Service:shop/db", "NetworkPolicy:shop/db"))
    panel = inspector(shop)
    assert panel.header.name.text() == "3 objects"
    assert [row.main for row in panel.computed.sections[0].rows] == ["1", "2"]
    panel.delete_button.click()
    assert shop.project.get(API) is None
    assert shop.selection.ids == ()
    shop.session.undo()
    assert shop.project.get(API) is not None


def test_the_form_is_kept_while_its_object_changes(shop: Desk) -> None:
    panel = inspector(shop, "Deployment:shop/api")
    forms: list[FormView] = list(panel.forms)
    row = row_of(panel, "spec.replicas")
    row.editor.setValue(5)
    assert value(shop, "Deployment:shop/api", "spec.replicas") == 5
    assert panel.forms == forms
    assert sum(row.row.main.startswith("api-") for row in panel.computed.rows()) == 5
    shop.session.undo()
    assert row.editor.value() == 3


@pytest.mark.parametrize("how", ["escape", "typed"])
def test_a_refused_port_that_is_taken_back_is_right_again(shop: Desk, how: str) -> None:
    panel = inspector(shop, API)
    row = row_of(panel, "spec.ports")
    cells = {cell.key: editor for cell, editor, _ in row.editor.groups[0].editors}
    port, name = cells["port"], cells["name"]
    type_into(shop, port, "70000")
    QTest.keyClick(port, Qt.Key.Key_Return)
    assert port.property("invalid") == "true"
    if how == "typed":
        type_into(shop, port, "8080")
    QTest.keyClick(port, Qt.Key.Key_Return if how == "typed" else Qt.Key.Key_Escape)
    assert port.text() == "8080"
    assert row.row.error() == ""
    assert port.property("invalid") != "true"
    assert not shop.session.session.can_undo
    # What was refused is forgotten: another cell of the same entry can be edited.
    type_into(shop, name, "api")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert row.row.error() == ""
    assert value(shop, API, "spec.ports[0].name") == "api"
    assert value(shop, API, "spec.ports[0].port") == 8080


def test_a_refused_block_of_a_peer_that_is_taken_back_is_right_again(shop: Desk) -> None:
    oid = "NetworkPolicy:shop/db"
    panel = inspector(shop, oid)
    row = row_of(panel, "spec.ingress")
    peers = next(editor for cell, editor, _ in row.editor.groups[0].editors if cell.key == "from")
    before = value(shop, oid, "spec.ingress")
    block = next(editor for cell, editor, _ in peers.groups[0].editors if cell.key == "ipBlock.cidr")
    type_into(shop, block, "10.0.0.1/8")
    QTest.keyClick(block, Qt.Key.Key_Return)
    assert row.row.error()
    QTest.keyClick(block, Qt.Key.Key_Escape)
    assert row.row.error() == ""
    assert value(shop, oid, "spec.ingress") == before


def test_a_selector_that_is_taken_back_counts_its_pods_again(shop: Desk) -> None:
    panel = inspector(shop, API)
    row = row_of(panel, "spec.selector")
    type_into(shop, row.editor, "app=nobody")
    assert row.note.text() == "matches 0 Pods"
    QTest.keyClick(row.editor, Qt.Key.Key_Escape)
    assert row.note.text() == "matches 3 Pods"
