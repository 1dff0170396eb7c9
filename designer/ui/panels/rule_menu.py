"""The menu of a rule: to the Service that it is about, and copying."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from designer.model import Service
from designer.present.rule_rows import service_of
from designer.present.rules_csv import rules_csv
from designer.present.words import object_text
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.icons import icon
from designer.ui.panels.rule_view import RuleView


class RuleMenu(QObject):
    """Opens at the rule under the mouse, or with the menu key at the current one. Owned by the view."""

    def __init__(self, view: RuleView, selection: Selection, session: SessionBridge) -> None:
        super().__init__(view)
        self._view, self._selection, self._session = view, selection, session
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open)

    def menu(self, row: int) -> QMenu:
        """The menu of the line at a place. Owned by the view."""
        lines = self._view.rules.lines
        menu = QMenu(self._view)
        oid = service_of(lines, lines[row], {one.id for one in self._session.project.of(Service)})
        show = menu.addAction(
            icon("search"), f"Show {object_text(oid)}" if oid else "Show the Service", lambda: self._selection.show(oid)
        )
        show.setEnabled(bool(oid))
        copy = menu.addAction(
            icon("copy"), "Copy the selected lines",
            lambda: QGuiApplication.clipboard().setText(self._view.selected_text() or lines[row].text),
        )  # fmt: skip
        as_table = menu.addAction(
            "Copy them as CSV",
            lambda: QGuiApplication.clipboard().setText(rules_csv(self._view.selected_lines() or [lines[row]])),
        )
        for action in (copy, as_table):
            action.setEnabled(bool(lines[row].text))
        return menu

    def _open(self, at: QPoint) -> None:
        index = self._view.indexAt(at)
        if not index.isValid():
            index = self._view.currentIndex()
        if index.isValid():
            menu = self.menu(index.row())
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self._view.viewport().mapToGlobal(at))
