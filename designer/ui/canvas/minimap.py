"""The minimap: everything in small in the lower left corner, with the part that is seen; drag it to go there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from designer.ui.canvas.pod_layer import draw_rects
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit.tokens import RADIUS

SIZE = QSize(152, 96)
PADDING = 8.0


class Minimap(QWidget):
    """A small picture of the whole scene. `wanted` carries the scene point that a person wants in the middle."""

    wanted = Signal(QPointF)

    def __init__(self, scene: CanvasScene, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene = scene
        self._picture = QPixmap()
        self._seen = QRectF()
        self.setObjectName("minimap")
        self.setAccessibleName("Map of the whole canvas")
        self.setToolTip("Drag to move the part that is seen")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFixedSize(SIZE)
        scene.shown.connect(self.forget)

    def forget(self, _difference: object = None) -> None:
        """Nothing; draws the picture anew when it is next shown."""
        self._picture = QPixmap()
        self.update()

    def set_seen(self, seen: QRectF) -> None:
        """Nothing; says which part of the scene is seen."""
        if seen != self._seen:
            self._seen = QRectF(seen)
            self.update()

    def _whole(self) -> QRectF:
        return self._scene.stock.extent()

    def _scale(self) -> float:
        whole = self._whole()
        if whole.isEmpty():
            return 1.0
        return min(
            (self.width() - 2 * PADDING) / whole.width(),
            (self.height() - 2 * PADDING) / whole.height(),
        )

    def _origin(self) -> QPointF:
        whole, scale = self._whole(), self._scale()
        return QPointF(
            (self.width() - whole.width() * scale) / 2 - whole.x() * scale,
            (self.height() - whole.height() * scale) / 2 - whole.y() * scale,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the picture and the seen part."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._scene.theme
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        if self._picture.isNull():
            self._picture = self._drawn()
        painter.drawPixmap(0, 0, self._picture)
        scale, origin = self._scale(), self._origin()
        seen = QRectF(self._seen.topLeft() * scale + origin, self._seen.size() * scale)
        room = QRectF(self.rect()).adjusted(3.5, 3.5, -3.5, -3.5)
        fill = QColor(theme.color("accent"))
        fill.setAlpha(22)
        painter.setPen(theme.color("accent"))
        painter.setBrush(fill)
        painter.drawRoundedRect(seen.intersected(room), 3, 3)
        painter.end()

    def _drawn(self) -> QPixmap:
        """Boxes and cards as small rectangles."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        theme, scale, origin = self._scene.theme, self._scale(), self._origin()
        stock = self._scene.stock
        for frame in stock.frames.items:
            painter.setPen(theme.color("line"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(frame.rect.topLeft() * scale + origin, frame.rect.size() * scale))
        painter.setPen(Qt.PenStyle.NoPen)
        for edges, token in ((stock.boxes.edges, "line"), (stock.cards.edges, "line_strong")):
            rects = edges * scale
            rects[:, 2:] -= rects[:, :2]
            rects[:, :2] += (origin.x(), origin.y())
            painter.setBrush(theme.color(token))
            draw_rects(painter, rects)
        painter.end()
        return pixmap

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing; goes to the point under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; follows the mouse while its button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing; the view below is not to hear of it."""
        event.accept()

    def _go(self, point: QPointF) -> None:
        self.wanted.emit((point - self._origin()) / self._scale())
