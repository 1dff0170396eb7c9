"""A Service changed field by field in its form, as the API server lets it: domain/services.md section 7."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.edits.fields import set_field
from tests.ui.panels.conftest import Desk
from tests.ui.panels.test_inspector import API, inspector, row_of, type_into, value


def choose(desk: Desk, path: str, chosen: str) -> str:
    """What is said beside a choice after it was made."""
    row = row_of(inspector(desk, API), path)
    row.editor.committed.emit(chosen)
    return str(row.row.error())


def test_a_service_becomes_an_alias_and_a_service_again(shop: Desk) -> None:
    assert choose(shop, "spec.type", "ExternalName") == ""
    assert value(shop, API, "spec.type") == "ExternalName"
    panel = inspector(shop, API)
    name = row_of(panel, "spec.externalName")
    assert not name.isHidden()
    assert [p.field for p in shop.session.state.problems if p.object == API] == ["spec.externalName"]
    type_into(shop, name.editor, "db_1")
    QTest.keyClick(name.editor, Qt.Key.Key_Return)
    assert name.row.error()
    type_into(shop, name.editor, "db.example.com")
    QTest.keyClick(name.editor, Qt.Key.Key_Return)
    assert value(shop, API, "spec.externalName") == "db.example.com"
    assert [p for p in shop.session.state.problems if p.object == API] == []
    assert choose(shop, "spec.type", "ClusterIP") == ""
    assert API in shop.session.state.control.services


def test_a_type_that_a_headless_service_cannot_have_is_refused(shop: Desk) -> None:
    shop.session.apply(set_field(shop.project, API, "spec.clusterIP", "None"))
    row = row_of(inspector(shop, API), "spec.type")
    box = row.editor
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert row.row.error().startswith("spec.clusterIPs[0]: may not be set to 'None' for NodePort services. Remove")
    assert value(shop, API, "spec.type") == "ClusterIP"
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert row.row.error() == "", "taken back, nothing is wrong any more"


@pytest.mark.parametrize("wanted", ["ClusterIP", "NodePort"])
def test_another_type_needs_no_cleaning_up_by_hand(shop: Desk, wanted: str) -> None:
    for path, chosen in (("spec.type", "LoadBalancer"), ("spec.externalTrafficPolicy", "Local"),
                         ("spec.healthCheckNodePort", 30009)):  # fmt: skip
        shop.session.apply(set_field(shop.project, API, path, chosen))
    assert choose(shop, "spec.type", wanted) == ""
    spec = shop.project.get(API).dump()["spec"]  # type: ignore[union-attr]
    assert "healthCheckNodePort" not in spec and ("externalTrafficPolicy" in spec) == (wanted == "NodePort")
    assert API in shop.session.state.control.services
    shop.session.undo()
    assert value(shop, API, "spec.healthCheckNodePort") == 30009


def test_the_keyboard_stays_in_its_cell_when_a_step_is_taken_back(shop: Desk) -> None:
    """Undo makes the cells of a list anew: who typed a port types on in it, and is not sent down the form."""
    panel = inspector(shop, API)
    panel.window().activateWindow()
    ports = row_of(panel, "spec.ports").editor
    cell = next(editor for cell, editor, _note in ports.groups[0].editors if cell.key == "port")
    cell.setFocus()
    before = value(shop, API, "spec.ports[0].port")
    type_into(shop, cell, "8081")
    QTest.keyClick(cell, Qt.Key.Key_Return)
    assert value(shop, API, "spec.ports[0].port") == 8081
    shop.session.undo()
    assert value(shop, API, "spec.ports[0].port") == before
    again = next(editor for one, editor, _note in ports.groups[0].editors if one.key == "port")
    assert again is not cell and again.hasFocus() and again.text() == str(before)
