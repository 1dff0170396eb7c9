"""A legend in a corner of the canvas: a piece of each line, or its token, beside words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

LINE, PADDING, ROW, BELOW_TABS, EDGE = 34, 10, 22, 44, 8
WIDEST: Final = 360


class LegendBox(QWidget):
    """Takes no clicks, follows the size of what it lies over, and goes when it has no lines.

    A legend says its `lines`, its `title` for those who hear it, and draws the piece beside each.
    """

    title = ""

    def __init__(self, over: QWidget, *, upper: bool = False) -> None:
        super().__init__(over)
        self._over, self._upper = over, upper
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over.installEventFilter(self)

    def lines(self) -> tuple[str, ...]:
        """The words of each line, in order."""
        return ()

    def draw_piece(self, painter: QPainter, at: int, box: QRectF) -> None:
        """Nothing; draws into `box` what the line `at` is about."""

    def font_of(self, at: int) -> int:
        """The weight of the words of a line."""
        return 400

    def follow(self) -> None:
        """Nothing; says what is drawn now."""
        lines = self.lines()
        self.setAccessibleName(f"{self.title}. " + ". ".join(lines) if lines else "")
        self.setVisible(bool(lines))
        if lines:
            metrics = QFontMetricsF(ui_font(SMALL))
            wide = max(metrics.horizontalAdvance(line) for line in lines)
            self.resize(round(min(wide + LINE + 3 * PADDING, WIDEST)), ROW * len(lines) + PADDING)
            self._place()
        self.update()

    def _place(self) -> None:
        # The minimap stands in the lower left corner, the tabs of the views in the upper one.
        x = self._over.width() - self.width() - EDGE
        y = BELOW_TABS if self._upper else self._over.height() - self.height() - EDGE
        self.move(max(EDGE, x), max(BELOW_TABS, y))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """False always; follows the view's size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws a piece of each line beside its words."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel", 240))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        metrics = QFontMetricsF(ui_font(SMALL))
        room = self.width() - LINE - 3 * PADDING + 1
        for at, words in enumerate(self.lines()):
            top = PADDING / 2 + at * ROW
            self.draw_piece(painter, at, QRectF(PADDING, top, LINE, ROW))
            painter.setPen(theme.color("text"))
            painter.setFont(ui_font(SMALL, self.font_of(at)))
            area = QRectF(LINE + 2 * PADDING, top, room, ROW)
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()
