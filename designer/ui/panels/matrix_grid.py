"""The connectivity grid: sources down, destinations across; only what can be seen is asked for and painted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from designer.present.matrix_axis import AxisNode
from designer.present.matrix_table import Line
from designer.ui.kit.fonts import ui_font
from designer.ui.kit.painted import make_readable
from designer.ui.kit.theme import current_theme
from designer.ui.panels.matrix_cells import CELL, WIDE
from designer.ui.panels.matrix_headers import MOST_NAMES, MOST_TITLES, Headers
from designer.ui.panels.matrix_layout import INDENTS, Lines, lines_of
from designer.ui.panels.matrix_reading import announce_cell, interface_for
from designer.ui.panels.matrix_strips import SPAN, Strips

# So much of a name, at its beginning, is where its triangle can be clicked.
TRIANGLE_ROOM = 24
_LEAST_TITLES = 84
_MOST_LINES_KEPT = 600

Place = tuple[int, int]


class MatrixGrid(QAbstractScrollArea):
    """Rows are asked for as they come into view.

    `named` carries a row or a column (True) whose name was clicked: who reaches it.
    `chosen` carries (row, column) of the cell that became the current one, `asked` the same when a person wants to
    read about it, `turned` the key of a row (False) or column (True) to open or close, `menuWanted` a point of the
    screen. The arrows move the choice; + and - open and close its row, with Shift its column.
    """

    chosen = Signal(int, int)
    asked = Signal(int, int)
    turned = Signal(str, bool)
    named = Signal(object, bool)
    menuWanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Lines = lines_of(())
        self.columns: Lines = lines_of(())
        self.current: Place | None = None
        self.hover: Place | None = None
        self.names, self.titles = 120, _LEAST_TITLES
        self._line: Callable[[int], Line] | None = None
        self._words: Callable[[int, int], str] = lambda _row, _column: ""
        self._kept: OrderedDict[int, Line] = OrderedDict()
        self._strips = Strips(self)
        self._headers = Headers(self)
        self._longest = (0, 0)
        make_readable(interface_for)
        self.setAccessibleName("Connectivity matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)

    def show_cells(
        self,
        rows: Sequence[AxisNode],
        columns: Sequence[AxisNode],
        line: Callable[[int], Line],
        words: Callable[[int, int], str],
    ) -> None:
        """Nothing; shows other cells. `line` gives a whole row, `words` a cell in a sentence, by row and column."""
        keys = self._current_keys()
        self._line, self._words = line, words
        self._kept.clear()
        self._strips.forget()
        self._headers.forget()
        counted = any(node.level == "group" and not node.is_band for node in (*rows, *columns))
        self.rows, self.columns = lines_of(rows), lines_of(columns, WIDE if counted else CELL)
        metrics = QFontMetrics(ui_font(12))
        self._longest = (
            max((metrics.horizontalAdvance(n.name) + INDENTS[n.level] for n in rows), default=0),
            max((metrics.horizontalAdvance(n.name) for n in columns), default=0),
        )
        self.hover = None
        self.current = self._place_of(*keys) if keys else None
        self._set_ranges()
        self.viewport().update()

    def _current_keys(self) -> tuple[str, str] | None:
        if self.current is None:
            return None
        return self.rows.nodes[self.current[0]].key, self.columns.nodes[self.current[1]].key

    def _place_of(self, row: str, column: str) -> Place | None:
        found = [
            next((n for n, node in enumerate(lines.nodes) if node.key == key and not node.is_band), -1)
            for lines, key in ((self.rows, row), (self.columns, column))
        ]
        return (found[0], found[1]) if min(found) >= 0 else None

    def line(self, row: int) -> Line | None:
        """One row as it is painted, worked out when it is first seen."""
        found = self._kept.get(row)
        if found is None and self._line is not None:
            found = self._kept[row] = self._line(row)
            if len(self._kept) > _MOST_LINES_KEPT:
                self._kept.popitem(last=False)
        return found

    # --- geometry

    def _set_ranges(self) -> None:
        # On a low panel the names across give way, so that rows are seen.
        view = self.viewport().size()
        most = min(MOST_TITLES, max(_LEAST_TITLES, view.height() * 45 // 100))
        self.titles = min(most, max(52, self._longest[1] + 26))
        self.names = min(MOST_NAMES, max(110, self._longest[0] + 34), max(110, view.width() // 3))
        for bar, room, length, header in (
            (self.horizontalScrollBar(), view.width(), self.columns.length, self.names),
            (self.verticalScrollBar(), view.height(), self.rows.length, self.titles),
        ):
            bar.setRange(0, max(0, length + header + 4 - room))
            bar.setPageStep(max(1, room - header))
            bar.setSingleStep(CELL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; fits the scroll bars."""
        super().resizeEvent(event)
        self._set_ranges()

    def words_of(self, row: int, column: int) -> str:
        """A cell in a sentence."""
        return self._words(row, column)

    def rect_of(self, row: int, column: int) -> QRect:
        """The rectangle of a cell in the viewport."""
        x = self.names + int(self.columns.starts[column]) - self.horizontalScrollBar().value()
        y = self.titles + int(self.rows.starts[row]) - self.verticalScrollBar().value()
        return QRect(x, y, int(self.columns.sizes[column]), CELL)

    def place_at(self, point: QPoint) -> Place | None:
        """Row and column of the cell at a point of the viewport, None where there is none."""
        if point.x() < self.names or point.y() < self.titles:
            return None
        row, column = self.row_at(point.y()), self.column_at(point.x())
        if row is None or column is None or self.rows.nodes[row].is_band or self.columns.nodes[column].is_band:
            return None
        return row, column

    def row_at(self, y: int) -> int | None:
        """The row at a height of the viewport."""
        return self.rows.at(y - self.titles + self.verticalScrollBar().value())

    def column_at(self, x: int) -> int | None:
        """The column at a place across the viewport."""
        return self.columns.at(x - self.names + self.horizontalScrollBar().value())

    # --- choosing

    def choose(self, row: int, column: int) -> None:
        """Nothing; makes a cell the current one, brings it into view and announces it; a band has no cells."""
        if not (0 <= row < len(self.rows.nodes) and 0 <= column < len(self.columns.nodes)):
            return
        if self.rows.nodes[row].is_band or self.columns.nodes[column].is_band:
            return
        self.current = (row, column)
        rect, view = self.rect_of(row, column), self.viewport().rect()
        for bar, low, high, first, last in (
            (self.horizontalScrollBar(), self.names, view.right(), rect.left(), rect.right()),
            (self.verticalScrollBar(), self.titles, view.bottom(), rect.top(), rect.bottom()),
        ):
            if first < low:
                bar.setValue(bar.value() + first - low)
            elif last > high:
                bar.setValue(bar.value() + last - high)
        self.setAccessibleDescription(self._words(row, column))
        self.viewport().update()
        announce_cell(self)
        self.chosen.emit(row, column)

    def _step(self, down: int, right: int) -> None:
        """Move the choice; where there was none, to the first cell."""
        row, column = self.current or (0 if down >= 0 else -1, 0 if right >= 0 else -1)
        if self.current is not None:
            row, column = row + down, column + right
        last_row, last_column = len(self.rows.nodes) - 1, len(self.columns.nodes) - 1
        row, column = min(max(row, 0), last_row), min(max(column, 0), last_column)
        back_row, back_column = -1 if down < 0 else 1, -1 if right < 0 else 1
        to = (
            _or(self.rows.nearest(row, back_row), self.rows.nearest(row, -back_row)),
            _or(self.columns.nearest(column, back_column), self.columns.nearest(column, -back_column)),
        )
        if to[0] is not None and to[1] is not None:
            self.choose(to[0], to[1])

    # --- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing; chooses the cell under the mouse; a name opens or closes what is in it."""
        point = event.position().toPoint()
        place = self.place_at(point)
        if place is not None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self.choose(*place)
        elif event.button() == Qt.MouseButton.LeftButton and (node := self._named_at(point)) is not None:
            found, across = node
            if found.level == "group" or (found.opens and self._on_triangle(point, found, across=across)):
                self.turned.emit(found.key, across)
            else:
                self.named.emit(found, across)

    def _on_triangle(self, point: QPoint, node: AxisNode, *, across: bool) -> bool:
        """Whether a point of a name is where its triangle is."""
        return point.y() > self.titles - TRIANGLE_ROOM if across else point.x() < INDENTS[node.level] + TRIANGLE_ROOM

    def _named_at(self, point: QPoint) -> tuple[AxisNode, bool] | None:
        """The row or column whose name is at a point."""
        if point.x() < self.names and point.y() >= self.titles:
            row = self.row_at(point.y())
            return None if row is None else (self.rows.nodes[row], False)
        if point.y() < self.titles and point.x() >= self.names:
            column = self.column_at(point.x())
            return None if column is None else (self.columns.nodes[column], True)
        return None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Nothing; a double click zooms into the cell of two groups: both are opened."""
        place = self.place_at(event.position().toPoint())
        if place is None:
            return
        row, column = self.rows.nodes[place[0]], self.columns.nodes[place[1]]
        for node, across in ((row, False), (column, True)):
            if node.opens and not node.open:
                self.turned.emit(node.key, across)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; marks row and column under the mouse."""
        point = event.position().toPoint()
        place = self.place_at(point)
        named = self._named_at(point)
        shape = Qt.CursorShape.PointingHandCursor if named else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        if place != self.hover:
            self.hover = place
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Whether the event was used: tooltips tell a cell's ports, leaving ends the mark."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place, named = self.place_at(event.pos()), self._named_at(event.pos())
            words = self._words(*place) if place else _name_tip(*named) if named else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        if event.type() == QEvent.Type.Leave and self.hover is not None:
            self.hover = None
            self.viewport().update()
        return bool(super().viewportEvent(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Nothing; asks for the menu of the current cell, at the mouse or at the cell."""
        if self.current is None:
            return
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self.menuWanted.emit(event.globalPos())
        else:
            self.menuWanted.emit(self.viewport().mapToGlobal(self.rect_of(*self.current).center()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; arrows, Page and Home move the choice, + and - open and close, Enter asks for the evidence."""
        page = max(1, (self.viewport().height() - self.titles) // CELL - 1)
        far = len(self.rows.nodes) + len(self.columns.nodes)
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_PageUp: (-page, 0),
            Qt.Key.Key_PageDown: (page, 0),
            Qt.Key.Key_Home: (0, -far),
            Qt.Key.Key_End: (0, far),
        }
        key = Qt.Key(event.key())
        if key in steps and self.rows.nodes:
            self._step(*steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.asked.emit(*self.current)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Asterisk, Qt.Key.Key_Underscore):
            self._turn_current(
                opening=key in (Qt.Key.Key_Plus, Qt.Key.Key_Asterisk),
                across=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier),
            )
        else:
            super().keyPressEvent(event)

    def _turn_current(self, *, opening: bool, across: bool) -> None:
        """Open what the current row or column stands for; close it, or what it is in."""
        if self.current is None:
            return
        lines, at = (self.columns, self.current[1]) if across else (self.rows, self.current[0])
        node = lines.nodes[at]
        if opening:
            if node.opens and not node.open:
                self.turned.emit(node.key, across)
            return
        inside = [one for one in lines.nodes[: at + 1] if one.open and one.group == node.group]
        if inside:
            self.turned.emit(inside[-1].key, across)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the cells in view, then the names over them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = self.viewport().rect()
        if self.rows.nodes and self.columns.nodes:
            left, top = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
            rows = self.rows.between(top, top + view.height() - self.titles)
            columns = self.columns.between(left, left + view.width() - self.names)
            painter.setClipRect(QRect(self.names, self.titles, view.width(), view.height()))
            self._headers.paint_cross(painter, view)
            self._paint_cells(painter, rows, columns)
            self._headers.paint_current(painter)
            painter.setClipping(False)
            self._headers.paint_names(painter, range(*rows))
            self._headers.paint_titles(painter, range(*columns))
        if self.hasFocus() and self.current is None:
            painter.setPen(QPen(current_theme().color("accent"), 2))
            painter.drawRect(view.adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_cells(self, painter: QPainter, rows: Place, columns: Place) -> None:
        """Draw pieces of rows that are kept: while one scrolls, most of what is seen was seen before."""
        strips, (first, last) = self._strips, columns
        strips.begin(self.devicePixelRatioF())
        left = self.names - self.horizontalScrollBar().value()
        down = self.titles - self.verticalScrollBar().value()
        pieces = range(first // SPAN, (max(first, last - 1)) // SPAN + 1) if last > first else range(0)
        places = [(piece, int(self.columns.starts[piece * SPAN]) + left) for piece in pieces]
        for row in range(*rows):
            if self.rows.nodes[row].is_band:
                continue
            y = int(self.rows.starts[row]) + down
            for piece, x in places:
                painter.drawPixmap(x, y, strips.strip(row, piece))


def _name_tip(node: AxisNode, across: bool) -> str:
    if node.level == "group":
        return f"{node.text}\nClick: {'close' if node.open else 'open'} it"
    return f"{node.text}\nClick: {'who can reach it' if across else 'whom it can reach'}"


def _or(first: int | None, second: int | None) -> int | None:
    return second if first is None else first
