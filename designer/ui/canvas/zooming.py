"""How the view gets from one zoom to another: limits, steps, and the short animation between."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation
from PySide6.QtWidgets import QGraphicsView

from designer.ui.kit import motion

LEAST, MOST = 0.1, 4.0
STEP = 1.2
# One notch of a wheel, in eighths of a degree.
NOTCH = 120.0


def clamp(zoom: float, least: float = LEAST) -> float:
    """The zoom within its limits; `least` is lower where the whole of a large cluster asks for it."""
    return min(MOST, max(min(LEAST, least), zoom))


def wheel_factor(delta: float) -> float:
    """By what a turn of the wheel multiplies the zoom."""
    return float(STEP ** (delta / NOTCH))


class ZoomMove(QObject):
    """Moves the view's centre and zoom to a goal in 200 ms, at once when motion is reduced."""

    def __init__(self, view: QGraphicsView, put: Callable[[float, QPointF], None]) -> None:
        super().__init__(view)
        self._view = view
        self._put = put
        self._from = (1.0, QPointF())
        self._to = (1.0, QPointF())
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._animation.valueChanged.connect(self._go)

    @property
    def goal_zoom(self) -> float:
        """The zoom that it is going to, or has when it rests."""
        running = self._animation.state() == QVariantAnimation.State.Running
        return self._to[0] if running else self._view.transform().m11()

    def start(self, zoom: float, centre: QPointF, *, animated: bool = True) -> None:
        """Nothing; goes to a zoom with a scene point in the middle."""
        self._animation.stop()
        here = self._view.mapToScene(self._view.viewport().rect().center())
        self._from, self._to = (self._view.transform().m11(), here), (zoom, centre)
        time = motion.duration(motion.VIEW_MS) if animated and self._view.isVisible() else 0
        if not time:
            self._put(zoom, centre)
            return
        self._animation.setDuration(time)
        self._animation.start()

    def stop(self) -> None:
        """Nothing; stays where it is."""
        self._animation.stop()

    def _go(self, part: float) -> None:
        (zoom0, centre0), (zoom1, centre1) = self._from, self._to
        # Zoom grows by factors, so that half of the time is half of the way to the eye.
        zoom = zoom0 * (zoom1 / zoom0) ** part
        self._put(zoom, centre0 + (centre1 - centre0) * part)
