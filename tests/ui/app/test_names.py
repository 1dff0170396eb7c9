"""Everything that the keyboard can reach has a name for a screen reader, and every action words for a tooltip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QMenuBar, QWidget

from designer.ui.app.actions import ACTIONS
from designer.ui.app.window import MainWindow


def unnamed(window: QWidget) -> list[str]:
    """The widgets that can have the focus and say nothing of themselves."""
    found = []
    for widget in window.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(window):
            continue
        if isinstance(widget, QMenu | QMenuBar) or widget.objectName().startswith("qt_"):
            continue
        parent = widget.parentWidget()
        if isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget:
            continue  # the area itself is what is named
        interface = QAccessible.queryAccessibleInterface(widget)
        said = interface.text(QAccessible.Text.Name)
        if not said.strip():
            found.append(f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}")
    return found


def test_every_widget_that_takes_the_focus_has_a_name(sample: MainWindow) -> None:
    sample.make_all()
    for name, _title in (("trace", ""), ("tables", ""), ("problems", ""), ("addresses", ""), ("dns", "")):
        sample.bottom.show_panel(name)
        assert unnamed(sample) == [], name
    for oid in ("Node:node-1", "Service:default/backend", "Deployment:default/frontend"):
        sample.shell.selection.select((oid,))
        assert unnamed(sample) == [], oid


def test_the_guided_tour_and_the_way_to_the_selection_are_named(sample: MainWindow) -> None:
    sample.shell.selection.select(("Service:default/backend",))
    sample.commands.help.guide()
    assert unnamed(sample) == []


def test_every_action_says_what_it_does(sample: MainWindow) -> None:
    for spec in ACTIONS:
        action = sample.action_set.actions[spec.id]
        assert action.text().replace("&", "").strip()
        assert action.statusTip().strip()
        assert action.objectName() == spec.id


def test_a_widget_without_a_name_is_found(sample: MainWindow) -> None:
    bare = QWidget(sample)
    bare.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    bare.show()
    assert len(unnamed(sample)) == 1
