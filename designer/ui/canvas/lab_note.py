"""What a Linux kernel said of the request whose trace is shown, as words in the upper right corner of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from designer.ui.canvas.lab_layer import LabLayer
from designer.ui.kit.filters import while_alive
from designer.ui.kit.finding import draw_finding, finding_token
from designer.ui.kit.fonts import SEMIBOLD, SMALL, ui_font
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

SIDE, PADDING, HEIGHT, MARGIN = 15.0, 8.0, 28, 8
# Where the tabs of the views end; a narrow canvas has the words below them.
TABS = QSize(276, 44)


class LabNote(QWidget):
    """The words of a `LabLayer`, over a view; it goes when there is nothing to say."""

    def __init__(self, layer: LabLayer, over: QWidget) -> None:
        super().__init__(over)
        self._layer = layer
        self._over = over
        self.setObjectName("labNote")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layer.noted.connect(self.follow)
        over.installEventFilter(self)
        self.follow()

    def follow(self) -> None:
        """Nothing; says what the layer has to say of the trace that is shown."""
        words = self._layer.trace_words
        self.setAccessibleName(f"Verify on Linux: {words}" if words else "")
        self.setVisible(bool(words))
        if words:
            metrics = QFontMetricsF(ui_font(SMALL, SEMIBOLD))
            self.resize(round(metrics.horizontalAdvance(words) + SIDE + 3 * PADDING + 2), HEIGHT)
            self._place()
        self.update()

    def _place(self) -> None:
        x = self._over.width() - self.width() - MARGIN
        self.move(max(MARGIN, x), MARGIN if x > TABS.width() else TABS.height())

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """False always; follows the view's size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws mark and words."""
        theme, layer = current_theme(), self._layer
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(finding_token(layer.trace_status, stale=layer.stale)), 1))
        painter.setBrush(theme.color("canvas", 235))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        mark = QRectF(PADDING, (self.height() - SIDE) / 2, SIDE, SIDE)
        draw_finding(painter, mark, layer.trace_status, theme, stale=layer.stale)
        painter.setFont(ui_font(SMALL, SEMIBOLD))
        painter.setPen(theme.color("text"))
        words = self.rect().adjusted(round(SIDE + 2 * PADDING), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, layer.trace_words)
        painter.end()
