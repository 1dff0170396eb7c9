"""The chain in a Service's inspector: it follows what is typed, and each part leads somewhere."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from designer.ui.panels.inspector import InspectorPanel
from designer.ui.panels.inspector.chain_view import ChainView, LinkView
from tests.ui.panels.conftest import Desk
from tests.ui.panels.test_inspector import API, inspector, row_of, type_into, value


def chain_of(panel: InspectorPanel, place: int = 0) -> ChainView:
    view: ChainView = row_of(panel, "spec.ports").editor.groups[place].chain
    return view


def part(panel: InspectorPanel, step: str, place: int = 0) -> LinkView:
    return [view for view in chain_of(panel).links if view.link.step == step][place]


def cell(panel: InspectorPanel, key: str) -> QLineEdit:
    groups = row_of(panel, "spec.ports").editor.groups
    found = next(editor for cell, editor, _ in groups[0].editors if cell.key == key)
    assert isinstance(found, QLineEdit)
    return found


def test_the_chain_follows_what_is_typed_and_comes_back(shop: Desk) -> None:
    panel = inspector(shop, API)
    assert part(panel, "container").link.main == "containerPort 8080"
    before = shop.project
    type_into(shop, cell(panel, "targetPort"), "web")
    assert part(panel, "container").link.main == "✕ no TCP port named web"
    assert shop.project is before
    QTest.keyClick(cell(panel, "targetPort"), Qt.Key.Key_Escape)
    assert part(panel, "container").link.main == "containerPort 8080"
    assert shop.project is before


def test_parts_lead_to_fields_pods_and_workloads(shop: Desk) -> None:
    panel = inspector(shop, API)
    panel.activateWindow()
    QTest.mouseClick(part(panel, "target"), Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is cell(panel, "targetPort")
    QTest.keyClick(part(panel, "port"), Qt.Key.Key_Return)
    assert QApplication.focusWidget() is cell(panel, "port")
    QTest.keyClick(part(panel, "entry"), Qt.Key.Key_Space)
    assert QApplication.focusWidget() is row_of(panel, "spec.clusterIP").editor
    QTest.mouseClick(part(panel, "endpoint"), Qt.MouseButton.LeftButton)
    assert (shop.selection.single or "").startswith("Pod:shop/api-")
    shop.selection.select((API,))
    QTest.mouseClick(part(panel, "container"), Qt.MouseButton.LeftButton)
    assert shop.selection.single == "Deployment:shop/api"


def test_a_wrong_port_is_told_while_it_is_typed(shop: Desk) -> None:
    panel = inspector(shop, API)
    type_into(shop, cell(panel, "port"), "70000")
    assert row_of(panel, "spec.ports").row.error() == "Must be a port from 1 to 65535."
    assert cell(panel, "port").property("invalid") == "true"
    # The words stand right below the line of the cell, not below all ports with their chains.
    near = row_of(panel, "spec.ports").editor.groups[0]._wrong[0]
    assert near.isVisible() and near.text() == "Must be a port from 1 to 65535."
    type_into(shop, cell(panel, "port"), "7000")
    assert not near.isVisible()
    assert row_of(panel, "spec.ports").row.error() == ""
    assert value(shop, API, "spec.ports[0].port") == 8080
    QTest.keyClick(cell(panel, "port"), Qt.Key.Key_Return)
    assert value(shop, API, "spec.ports[0].port") == 7000
