"""The menu of a cell of the matrix: trace it, zoom in or out, focus on one of its ends, copy it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu

from designer.present.matrix_axis import AxisNode
from designer.ui.kit.icons import icon

if TYPE_CHECKING:
    from designer.ui.panels.matrix_panel import MatrixPanel


def cell_menu(panel: MatrixPanel) -> QMenu:
    """The menu of the current cell, not shown yet."""
    menu = QMenu(panel)
    menu.setAccessibleName("Menu of the cell")
    place, table = panel.grid.current, panel.table
    if place is None or table is None:
        return menu
    row, column = panel.node_at(*place)
    asked = panel.asked
    if asked is not None:
        _add(menu, f"Trace {asked.protocol} {asked.port}", "route", panel.trace_current)
        _add(menu, "Change who can reach whom…", "shield", panel.change_current)
    _add(menu, "Show the evidence\tEnter", "info", panel.detail.enter)
    menu.addSeparator()
    for node, across, keys in ((row, False, ""), (column, True, "Alt+")):
        if node.opens:
            word, key = ("Close", "-") if node.open else ("Open", "+")
            what = f"{word} {'column' if across else 'row'} {node.name}\t{keys}{key}"
            _add(menu, what, "", partial(panel.turn, node.key, across))
    for node, across in ((column, True), (row, False)):
        if node.entry >= 0:
            name = table.entries[node.entry].shown
            words = f"Who can reach {name}" if across else f"Whom {name} can reach"
            _add(menu, words, "", partial(_tell, panel, node, across))
    for node in dict.fromkeys((row, column)):
        if node.entry >= 0:
            entry = table.entries[node.entry]
            _add(menu, f"Only {entry.shown}", "filter", partial(panel.focus_on, entry.text))
    if panel.axes.focus:
        _add(menu, "Show all workloads again", "", lambda: panel.focus_on(""))
    menu.addSeparator()
    _add(menu, "Copy this cell", "copy", lambda: QGuiApplication.clipboard().setText(panel.cell_words(*place)))
    return menu


def _tell(panel: MatrixPanel, node: AxisNode, across: bool) -> None:
    panel.grid.named.emit(node, across)
    panel.detail.enter()


def _add(menu: QMenu, words: str, icon_name: str, do: Callable[[], object]) -> None:
    action = QAction(icon(icon_name) if icon_name else QIcon(), words, menu)
    action.triggered.connect(lambda _checked=False: do())
    menu.addAction(action)
