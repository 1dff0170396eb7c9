"""A legend at the bottom of the canvas: a piece of each line, or its token, beside words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from designer.ui.canvas.foot import EDGE
from designer.ui.kit.filters import while_alive
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

if TYPE_CHECKING:
    from designer.ui.canvas.view import CanvasView

LINE, PADDING, ROW, APART = 30, 10, 18, 20
WIDEST: Final = 320
# A view lower than this has room for the picture alone; what the lines are stands in the panels, too.
LEAST_HEIGHT: Final = 240


class LegendBox(QWidget):
    """Takes no clicks, stands at the foot of what it lies over, and goes when it has no lines.

    A legend says its `lines`, its `title` for those who hear it, and draws the piece beside each. Entries stand side by
    side as far as the view is wide enough: the picture keeps its height.
    """

    title = ""

    def __init__(self, over: CanvasView) -> None:
        super().__init__(over)
        self._over = over
        self._boxes: tuple[QRectF, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over.installEventFilter(self)
        self.hide()
        over.foot.add(self, right=True)

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
        if lines:
            self._lay_out(lines)
        self.setVisible(bool(lines) and self._over.height() >= LEAST_HEIGHT)
        self._over.foot.arrange()
        self.update()

    def _lay_out(self, lines: tuple[str, ...]) -> None:
        """Nothing; a place for each entry, in rows as wide as the view, and the size that they need."""
        room = max(LINE, self._over.width() - 2 * (EDGE + PADDING))
        boxes: list[QRectF] = []
        x, y = 0.0, 0.0
        for at, words in enumerate(lines):
            advance = QFontMetricsF(ui_font(SMALL, self.font_of(at))).horizontalAdvance(words)
            wide = min(LINE + PADDING + min(advance, WIDEST) + 1, room)
            if x and x + wide > room:
                x, y = 0.0, y + ROW
            boxes.append(QRectF(PADDING + x, PADDING / 2 + y, wide, ROW))
            x += wide + APART
        self._boxes = tuple(boxes)
        self.resize(round(max(box.right() for box in boxes) + PADDING), round(boxes[-1].bottom() + PADDING / 2))

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """False always; follows the view's size."""
        if event.type() == QEvent.Type.Resize and watched is self._over:
            self.follow()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws a piece of each line beside its words."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel", 240))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        for at, (words, box) in enumerate(zip(self.lines(), self._boxes, strict=False)):
            self.draw_piece(painter, at, QRectF(box.left(), box.top(), LINE, ROW))
            painter.setPen(theme.color("text"))
            font = ui_font(SMALL, self.font_of(at))
            painter.setFont(font)
            area = box.adjusted(LINE + PADDING, 0, 1, 0)
            shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideMiddle, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()
