"""Several requests over the picture at once, each in a colour and a line pattern of its own, with a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPen

from designer.present.words import verdict_text
from designer.ui.bridge.overlays import Overlay, Overlays
from designer.ui.canvas.layer_item import LayerItem
from designer.ui.canvas.legend import LegendBox
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import Course, course_of
from designer.ui.canvas.trace.drawing import paint_arrow, paint_sign, scale_of
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.theme import current_theme, theme_changed
from designer.ui.kit.tokens import Theme

if TYPE_CHECKING:
    from designer.ui.canvas.view import CanvasView

Z: Final = 9.5
WIDTH: Final = 2.4
# How far from each other lines on the same way run, in pixels.
APART: Final = 4.0
MARGIN: Final = 40.0
# Dashes and gaps in widths of the line, one for each style: they differ where colours do not.
PATTERNS: Final[tuple[tuple[float, ...], ...]] = (
    (), (5, 2.5), (1, 2.5), (6, 2.5, 1, 2.5), (2.5, 2), (6, 2.5, 1, 2.5, 1, 2.5), (10, 3), (3, 2, 1, 2),
)  # fmt: skip


def pen_of(style: int, theme: Theme, width: float) -> QPen:
    """The pen of a style: a colour of the palette of eight, and its pattern."""
    pen = QPen(theme.tint(style), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if PATTERNS[style]:
        pen.setDashPattern(list(PATTERNS[style]))
    return pen


def aside_of(place: int, count: int, scale: float) -> float:
    """How far right and down of the middle the line at a place among `count` runs, in scene units."""
    return (place - (count - 1) / 2) * APART * scale


def paint_request(painter: QPainter, course: Course, style: int, theme: Theme, scale: float) -> None:
    """Nothing; draws the request of a way in a style, with an arrow and the sign of its end."""
    legs = [leg for leg in course.legs if leg.direction == "request"]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for leg in legs:
        painter.setPen(pen_of(style, theme, WIDTH * scale))
        painter.drawPath(leg.path)
    if legs and legs[-1].path.length() > 20:
        paint_arrow(painter, legs[-1].path, theme.tint(style), 9 * scale)
    paint_sign(painter, course.end, course.path.verdict, theme, scale * 0.8)


class OverlayLayer(QObject):
    """Keeps the drawn ways in line with `Overlays` and a scene. Make one for a scene; `close` takes it away."""

    def __init__(self, scene: CanvasScene, overlays: Overlays) -> None:
        super().__init__(scene)
        self._scene, self._overlays = scene, overlays
        self.courses: tuple[tuple[Overlay, Course], ...] = ()
        self._item = LayerItem(self.paint)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self.rebuild)
        scene.add_layer(self._item, Z)
        overlays.changed.connect(self.rebuild)
        scene.shown.connect(self._on_shown)
        theme_changed.connect(self._on_shown)
        self.rebuild()

    def close(self) -> None:
        """Nothing; stops following and takes its item out of the scene."""
        self._late.stop()
        self._overlays.changed.disconnect(self.rebuild)
        self._scene.shown.disconnect(self._on_shown)
        theme_changed.disconnect(self._on_shown)
        self._scene.removeItem(self._item)

    def _on_shown(self, _what: object = None) -> None:
        self.rebuild()

    def rebuild(self) -> None:
        """Nothing; lays the lines over the picture anew."""
        found = ((each, course_of(self._scene, each.path)) for each in self._overlays.shown)
        self.courses = tuple((each, course) for each, course in found if course is not None)
        bounds = QRectF()
        for _overlay, course in self.courses:
            bounds = bounds.united(course.bounds())
        self._item.set_bounds(bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) if self.courses else QRectF())

    def paint(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Nothing; draws the requests of all ways: what comes back takes the same way."""
        theme, scale = self._scene.theme, scale_of(zoom)
        for place, (overlay, course) in enumerate(self.courses):
            if any(self._scene.rect_of(station) != rect for station, rect in course.stations):
                self._late.start(0)  # a gesture moves a station
            side = aside_of(place, len(self.courses), scale)
            painter.save()
            painter.translate(side, side)
            paint_request(painter, course, overlay.style, theme, scale)
            painter.restore()


class Legend(LegendBox):
    """What the lines of `Overlays` are, at the foot of the canvas; it goes when none is drawn."""

    title = "Requests on the canvas"

    def __init__(self, overlays: Overlays, over: CanvasView) -> None:
        super().__init__(over)
        self._overlays = overlays
        self.setObjectName("legend")
        overlays.changed.connect(self.follow)
        self.follow()

    def lines(self) -> tuple[str, ...]:
        """The words of each line, in order."""
        found = [f"{each.name}: {verdict_text(each.path.verdict)}" for each in self._overlays.shown]
        if self._overlays.left_out and found:
            found.append(f"{self._overlays.left_out} more are not drawn")
        return tuple(found)

    def font_of(self, at: int) -> int:
        """What is not drawn stands out."""
        return 400 if at < len(self._overlays.shown) else SEMIBOLD

    def draw_piece(self, painter: QPainter, at: int, box: QRectF) -> None:
        """Nothing; draws a piece of the line."""
        if at < len(self._overlays.shown):
            middle = box.center().y()
            painter.setPen(pen_of(self._overlays.shown[at].style, current_theme(), WIDTH))
            painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
