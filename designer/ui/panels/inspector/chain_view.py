"""A Service port drawn as a chain: each step a dot on a line, what hangs below it indented, every part to press."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.present.port_chain import Chain, ChainLink
from designer.ui.kit.fonts import SMALL, mono_font, ui_font
from designer.ui.kit.pressable import PressableRow
from designer.ui.kit.theme import current_theme

_LINE, _BELOW, _GAP = 20, 15, 8
_RAIL, _STEP_LEFT, _HANGING_LEFT = 5.5, 16, 28
_HANGING = ("entry", "endpoint")
_MONO = 11.5


class LinkView(PressableRow):
    """One part of a chain. `pressed` carries its link."""

    pressed = Signal(object)

    def __init__(self, link: ChainLink, *, first: bool, last: bool) -> None:
        super().__init__(f"{link.main}, {link.rest}" if link.rest else link.main, bool(link.oid or link.field))
        self.link, self._first, self._last = link, first, last
        self._main, self._rest = QFontMetrics(mono_font(_MONO)), QFontMetrics(ui_font(SMALL))

    @property
    def _left(self) -> int:
        return _HANGING_LEFT if self.link.step in _HANGING else _STEP_LEFT

    def _two_lines(self, width: int) -> bool:
        if not self.link.rest:
            return False
        words = self._main.horizontalAdvance(self.link.main) + _GAP + self._rest.horizontalAdvance(self.link.rest)
        return self._left + words > width

    def sizeHint(self) -> QSize:
        """One line; the height follows the width."""
        return QSize(160, _LINE)

    def minimumSizeHint(self) -> QSize:
        """Narrow."""
        return QSize(80, _LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; takes two lines where the words do not fit beside each other."""
        self.setFixedHeight(_LINE + _BELOW if self._two_lines(event.size().width()) else _LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the line of the chain, the dot and the words."""
        theme, link = current_theme(), self.link
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.leads and (self.underMouse() or self.hasFocus()):
            painter.fillRect(self.rect(), theme.color("hover"))
        self._draw_rail(painter)
        left, width = self._left, self.width()
        words = theme.color(link.mood if link.mood != "ok" else "accent_text" if link.oid else "text")
        painter.setPen(words)
        painter.setFont(mono_font(_MONO))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        main = self._main.elidedText(link.main, Qt.TextElideMode.ElideMiddle, width - left)
        painter.drawText(QRectF(left, 0, width - left, _LINE), middle, main)
        if link.rest:
            painter.setFont(ui_font(SMALL))
            painter.setPen(theme.color("muted"))
            used = left + self._main.horizontalAdvance(link.main) + _GAP
            two = self._two_lines(width)
            box = QRectF(left, _LINE - 3, width - left, _BELOW) if two else QRectF(used, 0, width - used, _LINE)
            rest = self._rest.elidedText(link.rest, Qt.TextElideMode.ElideRight, max(0, round(box.width())))
            painter.drawText(box, middle, rest)
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()

    def _draw_rail(self, painter: QPainter) -> None:
        theme, link = current_theme(), self.link
        center = _LINE / 2
        painter.setPen(QPen(theme.color("muted", 120), 1))
        top = center if self._first else 0
        bottom = center if self._last else self.height()
        painter.drawLine(QPointF(_RAIL, top), QPointF(_RAIL, bottom))
        if link.step in _HANGING:
            painter.drawLine(QPointF(_RAIL, center), QPointF(_HANGING_LEFT - 6, center))
            return
        color = theme.color(link.mood if link.mood != "ok" else "accent")
        painter.setPen(QPen(color, 1.4))
        painter.setBrush(color if link.mood == "ok" else theme.color("panel"))
        painter.drawEllipse(QPointF(_RAIL, center), 3.5, 3.5)

    def press(self) -> None:
        """Nothing; says that the part was pressed."""
        self.pressed.emit(self.link)


class ChainView(QWidget):
    """A whole chain. `objectWanted` carries the id, `fieldWanted` the field of the part that was pressed."""

    objectWanted = Signal(str)
    fieldWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Where the port leads")
        self.chain: Chain = ()
        self.links: list[LinkView] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 0)
        self._column.setSpacing(0)

    def show_chain(self, chain: Chain) -> None:
        """Nothing; shows another chain; the same one again changes nothing."""
        if chain == self.chain:
            return
        self.chain = chain
        for old in self.links:
            self._column.removeWidget(old)
            # Hidden first: a layout shows new widgets a moment later, and one without a parent is a window.
            old.hide()
            old.deleteLater()
        last = max((place for place, link in enumerate(chain)), default=0)
        self.links = [LinkView(link, first=place == 0, last=place == last) for place, link in enumerate(chain)]
        for view in self.links:
            view.pressed.connect(self._go)
            self._column.addWidget(view)
        self.setVisible(bool(chain))

    def _go(self, link: ChainLink) -> None:
        if link.oid:
            self.objectWanted.emit(link.oid)
        else:
            self.fieldWanted.emit(link.field)
