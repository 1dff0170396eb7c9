"""The connectivity grid: a painted square of cells, sources down, destinations across, names that stay in view."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from designer.present.matrix_rows import CellValue, GridPeer
from designer.ui.kit.fonts import SEMIBOLD, TINY, ui_font
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import tint_indexes

CELL = 22
_NAMES = 190
_MOST_TITLES = 96
_LEAST_TITLES = 74
_GAP = 8

Place = tuple[int, int]


class MatrixGrid(QAbstractScrollArea):
    """Cells are asked for as they come into view. `chosen` carries (row, column), the arrows move the choice."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.peers: Sequence[GridPeer] = ()
        self._value: Callable[[int, int], CellValue] = lambda _row, _column: "same"
        self._words: Callable[[int, int], str] = lambda _row, _column: ""
        self._offsets: list[int] = []
        self.titles = _MOST_TITLES
        self._longest = 0
        self._tints: dict[str, int] = {}
        self.current: Place | None = None
        self._hover: Place | None = None
        self.setAccessibleName("Connectivity matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)

    def show_peers(
        self,
        peers: Sequence[GridPeer],
        value: Callable[[int, int], CellValue],
        words: Callable[[int, int], str],
    ) -> None:
        """Nothing; shows other peers. `value` gives a cell's value, `words` its tooltip, both by row and column."""
        self.peers, self._value, self._words = peers, value, words
        self._tints = tint_indexes(tuple(peer.namespace for peer in peers if peer.namespace))
        self._offsets, at = [], 0
        for place, peer in enumerate(peers):
            # A gap between namespaces groups the cells without another line of words.
            if place and peer.namespace != peers[place - 1].namespace:
                at += _GAP
            self._offsets.append(at)
            at += CELL
        self._size = at
        metrics = QFontMetrics(ui_font(12))
        self._longest = max((metrics.horizontalAdvance(peer.name) for peer in peers), default=0)
        self._hover = None
        if self.current and max(self.current) >= len(peers):
            self.current = None
        self._set_ranges()
        self.viewport().update()

    def _set_ranges(self) -> None:
        # On a low panel the names across give way, so that rows are seen.
        most = min(_MOST_TITLES, max(_LEAST_TITLES, self.viewport().height() * 3 // 10))
        self.titles = min(most, self._longest + 18)
        view, size = self.viewport().size(), self._size if self.peers else 0
        for bar, room, header in (
            (self.horizontalScrollBar(), view.width(), _NAMES),
            (self.verticalScrollBar(), view.height(), self.titles),
        ):
            bar.setRange(0, max(0, size + header + 4 - room))
            bar.setPageStep(max(1, room - header))
            bar.setSingleStep(CELL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; fits the scroll bars."""
        super().resizeEvent(event)
        self._set_ranges()

    def _rect(self, row: int, column: int) -> QRect:
        x = _NAMES + self._offsets[column] - self.horizontalScrollBar().value()
        y = self.titles + self._offsets[row] - self.verticalScrollBar().value()
        return QRect(x, y, CELL, CELL)

    def place_at(self, point: QPoint) -> Place | None:
        """Row and column of the cell at a point of the viewport, None where there is none."""
        if point.x() < _NAMES or point.y() < self.titles:
            return None
        column = self._index_at(point.x() - _NAMES + self.horizontalScrollBar().value())
        row = self._index_at(point.y() - self.titles + self.verticalScrollBar().value())
        return None if row is None or column is None else (row, column)

    def _index_at(self, at: int) -> int | None:
        return next((n for n, offset in enumerate(self._offsets) if offset <= at < offset + CELL), None)

    def choose(self, row: int, column: int) -> None:
        """Nothing; makes a cell the current one, brings it into view and announces it."""
        if not (0 <= row < len(self.peers) and 0 <= column < len(self.peers)):
            return
        self.current = (row, column)
        rect = self._rect(row, column)
        view = self.viewport().rect()
        for bar, low, high, first, last in (
            (self.horizontalScrollBar(), _NAMES, view.right(), rect.left(), rect.right()),
            (self.verticalScrollBar(), self.titles, view.bottom(), rect.top(), rect.bottom()),
        ):
            if first < low:
                bar.setValue(bar.value() + first - low)
            elif last > high:
                bar.setValue(bar.value() + last - high)
        self.setAccessibleDescription(self._words(row, column))
        self.viewport().update()
        self.chosen.emit(row, column)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing; chooses the cell under the mouse."""
        place = self.place_at(event.position().toPoint())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.choose(*place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; marks row and column under the mouse."""
        place = self.place_at(event.position().toPoint())
        if place != self._hover:
            self._hover = place
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Whether the event was used: tooltips tell a cell's ports, leaving ends the mark."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(event.pos())
            QToolTip.showText(event.globalPos(), self._words(*place) if place else "", self)
            return True
        if event.type() == QEvent.Type.Leave and self._hover is not None:
            self._hover = None
            self.viewport().update()
        return bool(super().viewportEvent(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; arrows move the choice."""
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self.peers:
            super().keyPressEvent(event)
            return
        row, column = self.current or (-step[0], -step[1])
        last = len(self.peers) - 1
        self.choose(min(max(row + step[0], 0), last), min(max(column + step[1], 0), last))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the cells in view, then the names over them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = self.viewport().rect()
        if self.peers:
            rows = [
                n for n in range(len(self.peers)) if self._visible(self._rect(n, 0).top(), self.titles, view.height())
            ]
            columns = [
                n for n in range(len(self.peers)) if self._visible(self._rect(0, n).left(), _NAMES, view.width())
            ]
            painter.setClipRect(QRect(_NAMES, self.titles, view.width(), view.height()))
            for row in rows:
                for column in columns:
                    self._paint_cell(painter, row, column)
            painter.setClipping(False)
            self._paint_names(painter, rows)
            self._paint_titles(painter, columns)
        painter.end()

    @staticmethod
    def _visible(start: int, least: int, most: int) -> bool:
        return start + CELL > least and start < most

    def _paint_cell(self, painter: QPainter, row: int, column: int) -> None:
        theme, place = current_theme(), (row, column)
        box = QRectF(self._rect(row, column)).adjusted(1.5, 1.5, -1.5, -1.5)
        value = self._value(row, column)
        crossed = self._hover is not None and (row == self._hover[0] or column == self._hover[1])
        token = {"all": "verdict:delivered", "some": "verdict:delivered", "none": "verdict:denied"}.get(value, "muted")
        fill = theme.color(token, {"all": 60, "some": 26, "none": 30}.get(value, 14))
        painter.setPen(QPen(theme.color("line_strong" if crossed else "line"), 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 4, 4)
        self._paint_sign(painter, box.center(), value, token)
        if place == self.current:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 4, 4)

    def _paint_sign(self, painter: QPainter, at: QPointF, value: CellValue, token: str) -> None:
        """A tick for every port, a half-filled ring for some, a cross for none: shapes, not only colours."""
        pen = QPen(current_theme().color(token), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x, y = at.x(), at.y()
        if value == "all":
            painter.drawPolyline([QPointF(x - 4, y + 0.5), QPointF(x - 1, y + 3.5), QPointF(x + 4.5, y - 3)])
        elif value == "none":
            painter.drawLine(QPointF(x - 3, y - 3), QPointF(x + 3, y + 3))
            painter.drawLine(QPointF(x + 3, y - 3), QPointF(x - 3, y + 3))
        elif value == "some":
            painter.drawEllipse(at, 4.5, 4.5)
            painter.setBrush(current_theme().color(token))
            painter.drawPie(QRectF(x - 4.5, y - 4.5, 9, 9), 90 * 16, 180 * 16)

    def _pen_of(self, place: int, axis: int) -> str:
        marked = [spot[axis] for spot in (self._hover, self.current) if spot is not None]
        return "accent_text" if place in marked else "text"

    def _paint_names(self, painter: QPainter, rows: list[int]) -> None:
        theme, font = current_theme(), ui_font(12)
        metrics = QFontMetrics(font)
        painter.setClipRect(QRect(0, self.titles, _NAMES, self.viewport().height()))
        for row in rows:
            box = QRect(0, self._rect(row, 0).top(), _NAMES - 8, CELL)
            self._paint_tint(painter, QRectF(0, box.top() + 3, 4, CELL - 6), self.peers[row])
            painter.setFont(font)
            painter.setPen(theme.color(self._pen_of(row, 0)))
            words = metrics.elidedText(self.peers[row].text, Qt.TextElideMode.ElideMiddle, box.width() - 12)
            painter.drawText(
                box.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
            )
        painter.setClipping(False)

    def _paint_tint(self, painter: QPainter, box: QRectF, peer: GridPeer) -> None:
        if peer.namespace:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current_theme().tint(self._tints[peer.namespace]))
            painter.drawRoundedRect(box, 2, 2)

    def _paint_titles(self, painter: QPainter, columns: list[int]) -> None:
        theme, font = current_theme(), ui_font(12)
        metrics = QFontMetrics(font)
        painter.setPen(theme.color("muted"))
        painter.setFont(ui_font(TINY, SEMIBOLD))
        corner = QRect(12, 0, _NAMES - 20, self.titles - 8)
        painter.drawText(corner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, "FROM ↓   TO →")
        painter.setClipRect(QRect(_NAMES, 0, self.viewport().width(), self.titles))
        for column in columns:
            x = self._rect(0, column).left()
            self._paint_tint(painter, QRectF(x + 3, self.titles - 6, CELL - 6, 4), self.peers[column])
            painter.save()
            painter.translate(x + CELL / 2, self.titles - 10)
            painter.rotate(-90)
            painter.setFont(font)
            painter.setPen(theme.color(self._pen_of(column, 1)))
            words = metrics.elidedText(self.peers[column].name, Qt.TextElideMode.ElideMiddle, self.titles - 14)
            painter.drawText(QRectF(0, -CELL / 2, self.titles - 12, CELL), Qt.AlignmentFlag.AlignVCenter, words)
            painter.restore()
        painter.setClipping(False)
