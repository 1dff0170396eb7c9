"""Things glide to their new places when the view is switched or a group is collapsed: 200 ms, nothing where motion is
reduced.

The old picture fades over the new one, and what stands in both is drawn on its way as a plain shape. The project and
the scene know nothing of it: the new picture is there at once.
"""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGraphicsView, QWidget

from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit import motion
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

# More shapes than this are a flurry: only the pictures fade then.
MOST = 240
Places = dict[str, QRectF]


class Glide(QWidget):
    """Lies over the viewport while it runs, and lets the mouse through."""

    def __init__(self, view: QGraphicsView, scene: CanvasScene) -> None:
        super().__init__(view.viewport())
        self._view, self._scene = view, scene
        self._old = QPixmap()
        self._from: Places = {}
        self._ways: list[tuple[QRectF, QRectF]] = []
        self._part = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._run = QVariantAnimation(self)
        self._run.setStartValue(0.0)
        self._run.setEndValue(1.0)
        self._run.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._run.valueChanged.connect(self._step)
        self._run.finished.connect(self._end)
        scene.leaving.connect(self.leave)
        self.hide()

    @property
    def running(self) -> bool:
        """Whether something is on its way."""
        return self.isVisible()

    def leave(self) -> None:
        """Nothing; the picture is about to become another one: remembers where everything stands."""
        self._end()
        if motion.duration(motion.VIEW_MS) and self._view.isVisible():
            self._old = self._view.viewport().grab()
            self._from = self._places()

    def arrive(self) -> None:
        """Nothing; the new picture is there: everything that stood elsewhere glides to its place."""
        if self._old.isNull():
            return
        to = self._places()
        pairs = [(rect, to[oid]) for oid, rect in self._from.items() if oid in to and to[oid] != rect]
        self._ways = pairs if len(pairs) <= MOST else []
        self.setGeometry(self._view.viewport().rect())
        self._part = 0.0
        self.show()
        self.raise_()
        self._run.setDuration(motion.duration(motion.VIEW_MS))
        self._run.start()

    def _places(self) -> Places:
        """Where cards and Pods in sight stand, in pixels of the viewport."""
        area = self._view.mapToScene(self._view.viewport().rect()).boundingRect()
        stock = self._scene.stock
        found: Places = {}
        items = [stock.cards.items[at] for at in stock.cards.visible(area, 0.0)]
        for item in items:
            if not isinstance(item, FrameItem):
                found[item.oid] = self._seen(item.rect)
        for at in stock.boxes.visible(area, 0.0):
            box: PodBoxItem = stock.boxes.items[at]
            found[box.oid] = self._seen(box.rect)
            if len(found) > 2 * MOST:
                break
            for place, pod in enumerate(box.facts.pods):
                found[pod.id] = self._seen(box.chip_rect(place))
        return found

    def _seen(self, rect: QRectF) -> QRectF:
        return QRectF(self._view.mapFromScene(rect).boundingRect())

    def _step(self, part: float) -> None:
        self._part = part
        self.update()

    def _end(self) -> None:
        self._run.stop()
        self._old, self._from, self._ways = QPixmap(), {}, []
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; the old picture as far as it is still there, and the shapes on their way."""
        painter, theme = QPainter(self), current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 - self._part)
        painter.drawPixmap(0, 0, self._old)
        painter.setOpacity(min(1.0, 4 * (1.0 - self._part)))
        painter.setPen(theme.color("line_strong"))
        painter.setBrush(theme.color("chip", 190))
        for old, new in self._ways:
            painter.drawRoundedRect(_between(old, new, self._part), RADIUS, RADIUS)
        painter.end()


def _between(old: QRectF, new: QRectF, part: float) -> QRectF:
    """The rectangle on the way from one to another."""
    return QRectF(
        old.x() + (new.x() - old.x()) * part,
        old.y() + (new.y() - old.y()) * part,
        old.width() + (new.width() - old.width()) * part,
        old.height() + (new.height() - old.height()) * part,
    )
