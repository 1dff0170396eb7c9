"""The map of one range: a field of cells that are used, reserved or free, walked by mouse and keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from designer.engine.capacity import RangeUse
from designer.present.room_rows import span_text, use_text
from designer.ui.kit.fonts import SMALL, mono_font
from designer.ui.kit.theme import current_theme

# Pixels of a cell, its gap included: the largest at which the whole range has room, else the smallest.
SIDES = (48, 36, 26, 18, 14, 11, 9)
# From this side on a cell that is one number says which: the end of its address.
NAMED_SIDE = 36
GAP = 2
LEAST_ROWS = 4
# Columns that fit the usual sizes of ranges, the widest first.
WIDTHS = (64, 32, 16, 8)
STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of the range: first and last number, how many are used and how many reserved."""

    low: int
    high: int
    used: int
    reserved: int

    @property
    def size(self) -> int:
        """How many numbers it stands for."""
        return self.high - self.low + 1


def cells_of(use: RangeUse, most: int) -> tuple[Cell, ...]:
    """The cells of a range, at most so many, all of one size but the last; the size is a power of two."""
    step = 1
    while ceil(use.size / step) > most:
        step *= 2
    found = []
    for low in range(use.first, use.last + 1, step):
        high = min(low + step - 1, use.last)
        found.append(Cell(low, high, *use.cell(low, high)))
    return tuple(found)


class RangeMap(QWidget):
    """Shows one range. Arrows move through its cells, Enter asks for what stands there (`cellActivated`).

    Filled from below is used, hatched is reserved, empty is free. `cellChanged` carries the words of the cell that the
    keyboard is on.
    """

    cellActivated = Signal(int, int)
    cellChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.use: RangeUse | None = None
        self.cells: tuple[Cell, ...] = ()
        self.current = 0
        self.side = SIDES[-1]
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of the range")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_range(None)

    def show_range(self, use: RangeUse | None) -> None:
        """Nothing; shows another range, or none."""
        same = use is not None and self.use is not None and use.range == self.use.range and use.part == self.use.part
        self.use = use
        self.current = self.current if same else 0
        self.setAccessibleDescription(use_text(use) if use is not None else "Choose a range to see its map.")
        self._fit()

    def columns(self) -> int:
        """How many cells stand in a row."""
        fitting = (count for count in WIDTHS if count * self.side <= self.width())
        return next(fitting, WIDTHS[-1])

    def cell_text(self, place: int) -> str:
        """A cell in words: ``10.244.0.2: used``, ``10.244.0.0-10.244.0.255: 3 used, 253 free``."""
        if self.use is None or not 0 <= place < len(self.cells):
            return ""
        cell = self.cells[place]
        where = span_text(self.use, cell.low, cell.high)
        if cell.size == 1:
            return f"{where}: {'used' if cell.used else 'reserved' if cell.reserved else 'free'}"
        parts = [(cell.used, "used"), (cell.reserved, "reserved"), (cell.size - cell.used - cell.reserved, "free")]
        return f"{where}: {', '.join(f'{count} {word}' for count, word in parts if count)}"

    def place_at(self, x: float, y: float) -> int:
        """The cell at a point, -1 beside all of them."""
        column, row, columns = int(x // self.side), int(y // self.side), self.columns()
        place = row * columns + column
        return place if 0 <= column < columns and row >= 0 and place < len(self.cells) else -1

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; a narrow map has fewer cells, each for more of the range."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        use = self.use
        for self.side in SIDES:
            most = self.columns() * max(LEAST_ROWS, self.height() // self.side)
            if use is None or use.size <= most:
                break
        self.cells = cells_of(use, most) if use is not None else ()
        self.current = min(self.current, max(0, len(self.cells) - 1))
        self.update()

    def sizeHint(self) -> QSize:
        """A wide map."""
        return QSize(WIDTHS[0] * SIDES[-1], LEAST_ROWS * SIDES[-1])

    def minimumSizeHint(self) -> QSize:
        """The narrowest map."""
        return QSize(WIDTHS[-1] * SIDES[-1], LEAST_ROWS * SIDES[-1])

    def box_of(self, place: int) -> QRectF:
        """Where a cell is drawn."""
        columns, side = self.columns(), self.side
        return QRectF(place % columns * side + 1, place // columns * side + 1, side - GAP, side - GAP)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the cells, and a frame around the one that the keyboard is on."""
        theme = current_theme()
        painter = QPainter(self)
        used, line, muted = theme.color("accent"), theme.color("line"), theme.color("muted")
        hatch = QBrush(muted, Qt.BrushStyle.BDiagPattern)
        for place, cell in enumerate(self.cells):
            box = self.box_of(place)
            if cell.reserved:
                painter.fillRect(box, hatch)
            if cell.used:
                # What is used at all can be seen: at least two pixels.
                height = max(2.0, box.height() * cell.used / cell.size)
                painter.fillRect(QRectF(box.left(), box.bottom() - height, box.width(), height), used)
            painter.setPen(used if cell.used else muted if cell.reserved else line)
            painter.drawRect(box.adjusted(0, 0, -1, -1))
            self._paint_name(painter, box, place)
        if self.hasFocus() and self.cells:
            painter.setPen(theme.color("text"))
            painter.drawRect(self.box_of(self.current).adjusted(-1, -1, 0, 0))
        painter.end()

    def cell_name(self, place: int) -> str:
        """The end of a cell's address, ``.65`` or ``:2``; "" for a cell that is too small or more than one number."""
        if self.use is None or self.side < NAMED_SIDE or self.cells[place].size > 1:
            return ""
        where = span_text(self.use, self.cells[place].low, self.cells[place].high)
        cut = max(where.rfind("."), where.rfind(":"))
        return where[cut:] if cut >= 0 else where

    def _paint_name(self, painter: QPainter, box: QRectF, place: int) -> None:
        name, theme = self.cell_name(place), current_theme()
        if name:
            painter.setFont(mono_font(SMALL))
            cell = self.cells[place]
            if cell.reserved:
                words = QFontMetricsF(painter.font()).boundingRect(name)
                words.moveCenter(box.center())
                painter.fillRect(words.adjusted(-2, 0, 2, 0), theme.color("panel"))
            painter.setPen(theme.color("on_accent" if cell.used else "text" if cell.reserved else "muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; says what is under the mouse."""
        place = self.place_at(event.position().x(), event.position().y())
        QToolTip.showText(event.globalPosition().toPoint(), self.cell_text(place), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing; goes to the cell under the mouse and asks for what stands there."""
        place = self.place_at(event.position().x(), event.position().y())
        if place >= 0:
            self.go_to(place)
            self.cellActivated.emit(self.cells[place].low, self.cells[place].high)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; arrows, Home and End walk, Enter asks for what stands there; the rest is Qt's."""
        key = Qt.Key(event.key())
        if key in STEPS and self.cells:
            across, down = STEPS[key]
            self.go_to(self.current + across + down * self.columns())
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.cells:
            self.go_to(0 if key == Qt.Key.Key_Home else len(self.cells) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.cells:
            self.cellActivated.emit(self.cells[self.current].low, self.cells[self.current].high)
        else:
            super().keyPressEvent(event)

    def go_to(self, place: int) -> None:
        """Nothing; the keyboard is on another cell, where there is one."""
        if 0 <= place < len(self.cells):
            self.current = place
            words = self.cell_text(place)
            self.setAccessibleDescription(words)
            self.cellChanged.emit(words)
            self.update()
