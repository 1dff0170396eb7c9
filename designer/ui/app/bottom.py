"""The panels below and beside the canvas: one table, each made when it is first needed."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from designer.ui.app.actions import TABS
from designer.ui.app.shell import Shell
from designer.ui.kit.buttons import set_button_icon, tool_button
from designer.ui.kit.room import scrolled


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """A panel: its name, where its class is."""

    name: str
    module: str
    cls: str


PANELS: Final = {
    spec.name: spec
    for spec in (
        PanelSpec("inspector", "inspector", "InspectorPanel"),
        PanelSpec("trace", "trace_panel", "TracePanel"),
        PanelSpec("tables", "tables_panel", "TablesPanel"),
        PanelSpec("matrix", "matrix_panel", "MatrixPanel"),
        PanelSpec("problems", "problems_panel", "ProblemsPanel"),
        PanelSpec("addresses", "addresses_panel", "AddressesPanel"),
        PanelSpec("dns", "dns_panel", "DnsPanel"),
        PanelSpec("routes", "routes_panel", "RoutesPanel"),
        PanelSpec("verify", "verify_panel", "VerifyPanel"),
        PanelSpec("requests", "requests_panel", "RequestsPanel"),
    )
}


def make_panel(name: str, shell: Shell, parent: QWidget | None = None) -> QWidget:
    """A panel by its name, given those of session, selection and player that it asks for."""
    spec = PANELS[name]
    module = importlib.import_module(f"designer.ui.panels.{spec.module}")
    cls = getattr(module, spec.cls)
    offered = {
        "session": shell.bridge, "selection": shell.selection, "player": shell.player, "verifier": shell.verifier,
        "overlays": shell.overlays, "prediction": shell.prediction,
        "second": shell.second,
    }  # fmt: skip
    wanted = inspect.signature(cls).parameters
    made = cls(**{key: value for key, value in offered.items() if key in wanted}, parent=parent)
    assert isinstance(made, QWidget)
    return made


class BottomPanels(QTabWidget):
    """The tabs below the canvas. `made` carries name and panel when one came into being."""

    made = Signal(str, object)
    orderChanged = Signal(object)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self.setObjectName("bottom")
        self.setAccessibleName("Panels")
        self.setDocumentMode(True)
        self.panels: dict[str, QWidget] = {}
        self._places: dict[str, QVBoxLayout] = {}
        self._names = [name for name, _words in TABS]
        self._pages: dict[str, QWidget] = {}
        # Tabs are dragged to another place; `orderChanged` says so.
        self.setMovable(True)
        for name, words in TABS:
            page = self._pages[name] = QWidget()
            layout = QVBoxLayout(page)
            layout.setContentsMargins(0, 0, 0, 0)
            self._places[name] = layout
            self.addTab(page, words)
        self.currentChanged.connect(self._on_current)
        self.tabBar().tabMoved.connect(lambda _from, _to: self.orderChanged.emit(self.order()))

    def order(self) -> tuple[str, ...]:
        """The names of the panels as their tabs stand."""
        return tuple(sorted(self._names, key=self.index_of))

    @property
    def moved(self) -> bool:
        """Whether the tabs stand otherwise than at the first start."""
        return self.order() != tuple(self._names)

    def index_of(self, name: str) -> int:
        """Where the tab of a panel stands."""
        return self.indexOf(self._pages[name])

    def order_tabs(self, names: Sequence[str]) -> None:
        """Nothing; puts the tabs in this order; those that are not named come behind, as at the first start."""
        known = [name for name in dict.fromkeys(names) if name in self._pages]
        for place, name in enumerate([*known, *(name for name in self._names if name not in known)]):
            self.tabBar().moveTab(self.index_of(name), place)

    def panel(self, name: str) -> QWidget:
        """The panel of that name, made now when it was not there."""
        found = self.panels.get(name)
        if found is None:
            found = make_panel(name, self._shell, self)
            self.panels[name] = found
            self._places[name].addWidget(scrolled(found))
            self.made.emit(name, found)
        return found

    def show_panel(self, name: str) -> QWidget:
        """The panel of that name, in front."""
        self.setCurrentIndex(self.index_of(name))
        return self.panel(name)

    def current_panel(self) -> QWidget | None:
        """The panel in front, None before it was made."""
        return self.panels.get(self._names[self.currentIndex()])

    def is_in_front(self, name: str) -> bool:
        """Whether the panel of that name can be seen."""
        return self.isVisible() and self.currentIndex() == self.index_of(name)

    def make_next(self) -> bool:
        """Whether there is still a panel to be made after this one: called while the program has nothing to do."""
        missing = [name for name in self._names if name not in self.panels]
        if missing:
            self.panel(missing[0])
        return len(missing) > 1

    def set_count(self, name: str, count: int) -> None:
        """Nothing; shows a number behind a tab's words, none for 0."""
        words = dict(TABS)[name]
        self.setTabText(self.index_of(name), f"{words} {count}" if count else words)

    def set_enlarge(self, action: QAction) -> None:
        """Nothing; puts a button for an action that makes the panels large beside the tabs; a double click does it too.

        Its arrow says where the edge goes: up while the panels are small, down while they are large.
        """
        button = tool_button("chevron-up", action.toolTip(), size=16)
        button.clicked.connect(action.trigger)
        action.toggled.connect(
            lambda large: set_button_icon(button, "expand" if large else "chevron-up", action.toolTip())
        )
        self.tabBarDoubleClicked.connect(lambda _index: action.trigger())
        self.setCornerWidget(button)

    def _on_current(self, index: int) -> None:
        if self.isVisible():
            self.panel(next(name for name in self._names if self.index_of(name) == index))
