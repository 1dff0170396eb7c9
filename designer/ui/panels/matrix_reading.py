"""The matrix as a screen reader meets it: a table whose children are the cells in view, row by row, each in a sentence.

Cells out of view are no children: ten thousand workloads have a hundred million. The arrows bring a cell into view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from designer.ui.kit.painted import PaintedPart, announce_focus, drop, on_screen
from designer.ui.panels.matrix_layout import Lines

if TYPE_CHECKING:
    from designer.ui.panels.matrix_grid import MatrixGrid, Place

# The interface of each grid that was asked for, by the grid's identity: Qt owns it, this keeps its Python half alive.
_grids: dict[int, GridInterface] = {}
# More than a large screen shows; those that went out of view are given back then.
_MOST_KEPT = 4000


class CellInterface(PaintedPart):
    """One cell: who to whom and what is open as its name, where in the table as its description."""

    def __init__(self, whole: GridInterface, place: Place) -> None:
        super().__init__(whole)
        self.place = place
        self._grid = whole.grid

    def isValid(self) -> bool:
        """Whether there is such a cell."""
        row, column = self.place
        return row < len(self._grid.rows.nodes) and column < len(self._grid.columns.nodes)

    def text(self, kind: QAccessible.Text) -> str:
        """Its sentence, and its row and column as they are counted on the screen."""
        if not self.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return self._grid.words_of(*self.place)
        if kind == QAccessible.Text.Description:
            rows, columns = len(self._grid.rows.nodes), len(self._grid.columns.nodes)
            return f"row {self.place[0] + 1} of {rows}, column {self.place[1] + 1} of {columns}"
        return ""

    def rect(self) -> QRect:
        """Where it stands on the screen."""
        return on_screen(self._grid.viewport(), self._grid.rect_of(*self.place)) if self.isValid() else QRect()

    def role(self) -> QAccessible.Role:
        """A cell of a table."""
        return QAccessible.Role.Cell

    def state(self) -> QAccessible.State:
        """Whether it can be chosen, is the chosen one, has the keyboard."""
        state, chosen = QAccessible.State(), self._grid.current == self.place
        flags: Any = state
        flags.focusable = flags.selectable = True
        flags.selected = chosen
        flags.focused = chosen and self._grid.hasFocus()
        flags.invalid = not self.isValid()
        return state


class GridInterface(QAccessibleWidget):
    """The grid: after the widgets of its scroll area come the cells in view."""

    def __init__(self, grid: MatrixGrid) -> None:
        super().__init__(grid, QAccessible.Role.Table, grid.accessibleName())
        self.grid = grid
        self._known: dict[Place, CellInterface] = {}
        key = id(grid)
        grid.destroyed.connect(lambda *_: _gone(key))

    def _shown(self) -> tuple[list[int], list[int]]:
        """Rows and columns with cells that are in view."""
        grid, view = self.grid, self.grid.viewport().size()
        across, down = grid.horizontalScrollBar().value(), grid.verticalScrollBar().value()
        return (
            _with_cells(grid.rows, down, down + view.height() - grid.titles),
            _with_cells(grid.columns, across, across + view.width() - grid.names),
        )

    def of(self, place: Place) -> CellInterface:
        """The interface of a cell."""
        found = self._known.get(place)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self.drop_all()
            found = self._known[place] = CellInterface(self, place)
            QAccessible.registerAccessibleInterface(found)
        return found

    def drop_all(self) -> None:
        """Nothing; takes the interfaces of all cells out of Qt's list."""
        for known in self._known.values():
            drop(known)
        self._known.clear()

    def childCount(self) -> int:
        """How many widgets and cells there are."""
        rows, columns = self._shown()
        return super().childCount() + len(rows) * len(columns)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The widget, or the cell at a place among those in view."""
        widgets = super().childCount()
        if index < widgets:
            return super().child(index)
        rows, columns = self._shown()
        down, across = divmod(index - widgets, len(columns)) if columns else (len(rows), 0)
        return self.of((rows[down], columns[across])) if down < len(rows) else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The cell at a point of the screen."""
        place = self.grid.place_at(self.grid.viewport().mapFromGlobal(QPoint(x, y)))
        return self.of(place) if place is not None else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """The place of a widget or of a cell in view, -1 for what is not here."""
        return self.index_of(child.place) if isinstance(child, CellInterface) else super().indexOfChild(child)

    def index_of(self, place: Place) -> int:
        """The place of a cell among the children, -1 where it is out of view."""
        rows, columns = self._shown()
        if place[0] not in rows or place[1] not in columns:
            return -1
        return super().childCount() + rows.index(place[0]) * len(columns) + columns.index(place[1])

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The chosen cell, where the keyboard is."""
        return self.of(self.grid.current) if self.grid.current is not None else None


def _with_cells(lines: Lines, low: int, high: int) -> list[int]:
    return [at for at in range(*lines.between(low, high)) if not lines.nodes[at].is_band]


def interface_for(thing: QObject) -> QAccessibleInterface | None:
    """The interface of a matrix, None for anything else."""
    from designer.ui.panels.matrix_grid import MatrixGrid  # the grid makes itself readable: each knows the other

    if not isinstance(thing, MatrixGrid):
        return None
    made = _grids[id(thing)] = GridInterface(thing)
    return made


def _gone(key: int) -> None:
    made = _grids.pop(key, None)
    if made is not None:
        made.drop_all()


def announce_cell(grid: MatrixGrid) -> None:
    """Nothing; tells screen readers that the keyboard is at the chosen cell now."""
    if not QAccessible.isActive() or grid.current is None:
        return
    made = QAccessible.queryAccessibleInterface(grid)
    if isinstance(made, GridInterface) and (place := made.index_of(grid.current)) >= 0:
        announce_focus(grid, place)
