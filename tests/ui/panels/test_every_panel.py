"""What holds for all panels: names, empty projects, themes, changes while hidden, no clipped minimum."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from designer.edits.arrange import place
from designer.edits.create import create
from designer.model import Placement, ProjectDiff
from designer.session import Change
from designer.ui.kit.style import apply_theme
from designer.ui.panels.addresses_panel import AddressesPanel
from designer.ui.panels.dns_panel import DnsPanel
from designer.ui.panels.inspector import InspectorPanel
from designer.ui.panels.live import LivePanel
from designer.ui.panels.matrix_panel import MatrixPanel
from designer.ui.panels.problems_panel import ProblemsPanel
from designer.ui.panels.tables_panel import TablesPanel
from designer.ui.panels.trace_panel import TracePanel
from tests.ui.panels.conftest import Desk

PANELS: list[type[LivePanel]] = [
    AddressesPanel,
    DnsPanel,
    InspectorPanel,
    MatrixPanel,
    ProblemsPanel,
    TablesPanel,
    TracePanel,
]


def nameless(panel: QWidget) -> Iterator[str]:
    """Editors and buttons of ours that a screen reader could not name."""
    for widget in panel.findChildren(QWidget):
        if not widget.isVisibleTo(panel):
            continue
        if isinstance(widget, QComboBox | QPlainTextEdit):
            ours = True
        elif isinstance(widget, QLineEdit):
            # The line inside a spin box is Qt's.
            ours = widget.objectName() != "qt_spinbox_lineedit"
        elif isinstance(widget, QAbstractButton):
            ours = widget.metaObject().className() not in ("QLineEditIconButton", "QTableCornerButton")
        else:
            continue
        named = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        if ours and not named:
            yield f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"


@pytest.mark.parametrize("kind", PANELS)
def test_a_panel_has_its_names_and_all_that_is_in_it_too(shop: Desk, kind: type[LivePanel]) -> None:
    shop.selection.select(("Service:shop/api",))
    panel = shop.panel(kind, 300 if kind is InspectorPanel else 1280, 400)
    assert panel.objectName() == f"panel-{kind.NAME.lower()}"
    assert panel.accessibleName() == kind.NAME
    assert list(nameless(panel)) == []


@pytest.mark.parametrize("kind", PANELS)
def test_an_empty_project_shows_what_to_do(empty: Desk, kind: type[LivePanel]) -> None:
    panel = empty.panel(kind)
    empty.selection.select(("Pod:default/gone",))
    empty.settle(panel)
    empty.selection.clear()
    assert panel.isVisible()


@pytest.mark.parametrize("kind", PANELS)
def test_a_panel_fits_into_the_place_that_the_window_gives_it(shop: Desk, kind: type[LivePanel]) -> None:
    panel = shop.panel(kind, 300 if kind is InspectorPanel else 900, 230)
    least = panel.minimumSizeHint()
    assert least.width() <= (300 if kind is InspectorPanel else 900)
    assert least.height() <= 230


@pytest.mark.parametrize("kind", PANELS)
def test_a_theme_and_an_edit_change_what_is_shown_without_a_word(shop: Desk, kind: type[LivePanel]) -> None:
    shop.ask("Deployment:shop/frontend", "http://api:8080")
    panel = shop.panel(kind)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    for theme in ("dark", "high-contrast", "light"):
        apply_theme(app, theme)
        assert not panel.grab().isNull()
    assert shop.session.apply(create(shop.project, "Node"))
    shop.settle(panel)
    shop.session.undo()
    shop.settle(panel)
    assert not panel.grab().isNull()


def test_a_hidden_panel_works_only_when_it_is_seen_again(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel)
    before = panel.addresses.rows_model.total()
    panel.hide()
    assert shop.session.apply(create(shop.project, "Node"))
    assert panel.addresses.rows_model.total() == before
    panel.show()
    shop.settle(panel)
    assert panel.addresses.rows_model.total() > before


def test_a_state_that_comes_late_is_shown_and_a_moved_shape_is_not_work(shop: Desk) -> None:
    panel = shop.panel(AddressesPanel)
    refreshed: list[str] = []
    panel.refresh = lambda: refreshed.append("refreshed")
    moved = place(shop.project, "nodes", {"Node:node-1": Placement(x=8, y=8)})
    assert shop.session.apply(moved)
    assert refreshed == []
    # What the session announces when a background compilation is done (`session/pipeline.py`).
    shop.session.changed.emit(Change(shop.project, shop.project, ProjectDiff(), "", shop.session.state))
    assert refreshed == ["refreshed"]
