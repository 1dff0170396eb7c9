"""What is wrong with a field leads to the rule behind it."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.present.help_topics import topic
from designer.ui.panels.inspector import InspectorPanel
from designer.ui.panels.inspector.form_view import FormView
from tests.ui.panels.conftest import Desk


@pytest.fixture
def panel(shop: Desk) -> Any:
    shop.selection.select(("Service:shop/api",))
    return shop.panel(InspectorPanel, 340, 700)


def row_of(panel: InspectorPanel, path: str) -> Any:
    return next(form.rows[path] for form in panel.findChildren(FormView) if path in form.rows)


def test_a_refused_value_offers_why_and_f1_knows_it(panel: Any) -> None:
    wanted: list[str] = []
    panel.helpWanted.connect(wanted.append)
    row = row_of(panel, "spec.clusterIP")
    assert row.row.why.isHidden()
    assert row.help_key() == ""
    # Outside 10.96.0.0/12: the API server refuses it (domain/ipam.md 10).
    row.editor.selectAll()
    QTest.keyClicks(row.editor, "192.0.2.1")
    QTest.keyClick(row.editor, Qt.Key.Key_Return)
    assert row.row.error()
    assert not row.row.why.isHidden()
    assert row.row.why.accessibleName()
    QTest.mouseClick(row.row.why, Qt.MouseButton.LeftButton)
    assert wanted == ["IP-10"] == [row.help_key()]
    assert topic("IP-10") is not None
    row.editor.selectAll()
    QTest.keyClick(row.editor, Qt.Key.Key_Delete)
    QTest.keyClick(row.editor, Qt.Key.Key_Return)
    assert row.row.why.isHidden()
