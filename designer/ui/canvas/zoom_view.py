"""A graphics view that zooms and pans as maps do: wheel and pinch at the cursor, space or middle button to drag."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from designer.ui.canvas.zooming import STEP, ZoomMove, clamp, wheel_factor

FIT_MARGIN = 24.0
# Keys that move the packet of a trace, wherever the keyboard is, unless a thing on the canvas wants them.
FOR_THE_WINDOW = frozenset((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End))


def is_touchpad(event: QWheelEvent) -> bool:
    """Whether fingers moved over a touchpad; a wheel has notches, and no beginning or end."""
    known = event.device().type() == QInputDevice.DeviceType.TouchPad
    return known or event.phase() != Qt.ScrollPhase.NoScrollPhase


class ZoomView(QGraphicsView):
    """Zoom and pan. `zoomed` carries the zoom (1.0 is 100 %) whenever another part of the scene is seen.

    The wheel zooms at the cursor (so does Ctrl + wheel, and a pinch); Shift turns it into a sideways pan, Alt into an
    upright one; space, the middle button or two fingers on a touchpad drag. `top_inset` and `bottom_inset` are screen
    pixels there that something else covers.
    `spaceTapped` comes when space was pressed and let go without dragging.
    """

    zoomed = Signal(float)
    spaceTapped = Signal()
    top_inset = 0.0
    bottom_inset = 0.0
    # What lies over the picture besides, such as the minimap.
    lying_over: tuple[QWidget, ...] = ()

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._move = ZoomMove(self, self._put)
        self._grab: QPoint | None = None
        self._space = self._space_used = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # --- zoom and pan

    @property
    def zoom(self) -> float:
        """Screen pixels a scene unit: 1.0 is 100 %."""
        return self.transform().m11()

    def _put(self, zoom: float, centre: QPointF) -> None:
        self._make_room(zoom)
        if zoom != self.zoom:
            self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn(centre)
        self._seen_changed()

    def _make_room(self, zoom: float) -> None:
        """Nothing; lets the picture be pushed until only a strip of it is seen, but not lost."""
        room = self.viewport().size()
        across, upright = room.width() * 0.85 / zoom, room.height() * 0.85 / zoom
        area = self.whole().adjusted(-across, -upright, across, upright)
        if area != self.sceneRect():
            self.setSceneRect(area)

    def zoom_to(self, zoom: float, at: QPointF | None = None, *, animated: bool = False) -> None:
        """Nothing; sets the zoom within its limits; the scene point `at` (else the middle) stays where it is."""
        zoom = clamp(zoom, self._whole_zoom())
        centre = self.mapToScene(self.viewport().rect().center())
        if at is not None:
            centre = at + (centre - at) * (self.zoom / zoom)
        held = self.viewportTransform().map(at) if at is not None and not animated else None
        self._move.start(zoom, centre, animated=animated)
        if at is not None and held is not None:
            # Qt cuts the middle to whole pixels: over the hundred small steps of a pinch the picture would slip away.
            slipped = held - self.viewportTransform().map(at)
            if round(slipped.x()) or round(slipped.y()):
                self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - round(slipped.x()))
                self.verticalScrollBar().setValue(self.verticalScrollBar().value() - round(slipped.y()))
                self._seen_changed()

    def zoom_in(self) -> None:
        """Nothing; one step nearer."""
        self.zoom_to(self._move.goal_zoom * STEP, animated=True)

    def zoom_out(self) -> None:
        """Nothing; one step further away."""
        self.zoom_to(self._move.goal_zoom / STEP, animated=True)

    def centre_on(self, point: QPointF) -> None:
        """Nothing; brings a scene point to the middle at once."""
        self._move.stop()
        self._put(self.zoom, point)

    def pan(self, dx: float, dy: float) -> None:
        """Nothing; moves the picture by screen pixels."""
        self._move.stop()
        self._make_room(self.zoom)
        across, upright = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - round(dx))
        upright.setValue(upright.value() - round(dy))
        self._seen_changed()

    def show_rect(self, rect: QRectF, *, most: float = 1.0, animated: bool = True) -> None:
        """Nothing; zooms and moves so that a scene rectangle fills the view between what covers its edges."""
        if rect.isEmpty():
            return
        zoom = min(most, self._fit_zoom(rect))
        centre = rect.center() - QPointF(0, (self.top_inset - self.bottom_inset) / 2 / zoom)
        self._move.start(clamp(zoom, zoom), centre, animated=animated)

    def _fit_zoom(self, rect: QRectF) -> float:
        room = self.viewport().size()
        return max(
            0.005,
            min(
                (room.width() - 2 * FIT_MARGIN) / max(1.0, rect.width()),
                (room.height() - 2 * FIT_MARGIN - self.top_inset - self.bottom_inset) / max(1.0, rect.height()),
            ),
        )

    def _whole_zoom(self) -> float:
        extent = self.whole()
        return self._fit_zoom(extent) if not extent.isEmpty() else 1.0

    def whole(self) -> QRectF:
        """The rectangle round everything that is to be seen."""
        return self.scene().itemsBoundingRect()

    def seen(self) -> QRectF:
        """The part of the scene that is seen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def _seen_changed(self) -> None:
        self.zoomed.emit(self.zoom)

    # --- events

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nothing; zooms at the cursor; with Shift or Alt, or sideways, pans, as two fingers on a touchpad do."""
        delta = event.angleDelta()
        keys = event.modifiers()
        if is_touchpad(event) and not keys & Qt.KeyboardModifier.ControlModifier:
            # Pixels where the system knows them; a notch of a wheel is 120 of the other unit.
            moved = event.pixelDelta() if event.hasPixelDelta() else delta / 2
            self.pan(moved.x(), moved.y())
            event.accept()
            return
        if keys & Qt.KeyboardModifier.ShiftModifier:
            self.pan(delta.y() / 2 or delta.x() / 2, 0)
        elif keys & Qt.KeyboardModifier.AltModifier:
            # Qt turns the axis round while Alt is down.
            self.pan(0, delta.x() / 2 or delta.y() / 2)
        elif abs(delta.x()) > abs(delta.y()):
            self.pan(delta.x() / 2, 0)
        elif delta.y():
            self.zoom_to(self.zoom * wheel_factor(delta.y()), self.mapToScene(event.position().toPoint()))
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Whether the event was used; a pinch zooms."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            at = self.mapToScene(event.position().toPoint())
            self.zoom_to(self.zoom * (1 + event.value()), at)
            return True
        return super().viewportEvent(event)

    def wants_pan(self, event: QMouseEvent) -> bool:
        """Whether a press of the mouse begins a pan: the middle button, or the left one with space held."""
        return event.button() == Qt.MouseButton.MiddleButton or (
            self._space and event.button() == Qt.MouseButton.LeftButton
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing; begins a pan, else leaves the press to whoever comes next."""
        if self.wants_pan(event):
            self._grab = event.position().toPoint()
            self._space_used = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; pans while grabbed."""
        if self._grab is not None:
            here = event.position().toPoint()
            moved = here - self._grab
            self._grab = here
            self.pan(moved.x(), moved.y())
            event.accept()
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing; ends a pan."""
        if self._grab is not None:
            self._grab = None
            self._show_hand()
            event.accept()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; space makes the mouse a hand."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space, self._space_used = True, False
            self._show_hand()
            event.accept()
            return
        if event.key() in FOR_THE_WINDOW and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.ignore()  # a scroll area would take them, and the packet would not move
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Nothing; the mouse is itself again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            tapped = self._space and not self._space_used
            self._space = False
            self._show_hand()
            event.accept()
            if tapped:
                self.spaceTapped.emit()
            return
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing; a space that is let go elsewhere is not missed."""
        self._space = False
        self._show_hand()
        super().focusOutEvent(event)

    def _show_hand(self) -> None:
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.viewport().unsetCursor()
