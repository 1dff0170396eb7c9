"""Tab goes through the inspector in the order of what stands there, also after a part of it was made anew."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from designer.edits.fields import set_field
from designer.ui.kit.focus_order import in_order
from designer.ui.panels.inspector import InspectorPanel
from tests.ui.panels.conftest import Desk


def _with_tab(panel: InspectorPanel, presses: int, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    found = []
    for _ in range(presses):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)
        at = QApplication.focusWidget()
        assert at is not None
        found.append(at)
    return found


def test_tab_goes_from_the_selector_through_a_port_that_was_added_later_and_back(shop: Desk) -> None:
    shop.selection.select(("Service:shop/api",))
    panel = shop.panel(InspectorPanel, 360, 700)
    service = shop.project.get("Service:shop/api")
    assert service is not None
    ports = service.dump()["spec"]["ports"]
    shop.session.apply(set_field(shop.project, "Service:shop/api", "spec.ports", [*ports, {"name": "b", "port": 81}]))
    shop.settle(panel)
    panel.activateWindow()
    shop.qtbot.waitUntil(panel.isActiveWindow)
    order = in_order(panel)
    names = [widget.accessibleName() for widget in order]
    begin = names.index("Selector")
    order[begin].setFocus()
    reached = _with_tab(panel, len(order) - begin - 1)
    assert reached == order[begin + 1 :]
    # As they stand: never up by more than a row of fields side by side.
    tops = [widget.mapTo(panel, QPoint(0, widget.height() // 2)).y() for widget in reached]
    inside = [
        top for widget, top in zip(reached, tops, strict=True) if not widget.accessibleName().endswith("add port")
    ]
    assert all(after >= before - 24 for before, after in pairwise(inside))
    assert _with_tab(panel, 3, Qt.Key.Key_Backtab) == reached[-2:-5:-1]
