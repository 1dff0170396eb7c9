"""Several requests over the picture at once, each in a colour and a line pattern of its own, with a legend."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from designer.present.words import verdict_text
from designer.ui.bridge.overlays import Overlay, Overlays
from designer.ui.canvas.layer_item import LayerItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import Course, course_of
from designer.ui.canvas.trace.drawing import paint_arrow, paint_sign, scale_of
from designer.ui.kit.fonts import SEMIBOLD, SMALL, ui_font
from designer.ui.kit.theme import current_theme, theme_changed
from designer.ui.kit.tokens import RADIUS, Theme

Z: Final = 9.5
WIDTH: Final = 2.4
# How far from each other lines on the same way run, in pixels.
APART: Final = 4.0
MARGIN: Final = 40.0
# Dashes and gaps in widths of the line, one for each style: they differ where colours do not.
PATTERNS: Final[tuple[tuple[float, ...], ...]] = (
    (), (5, 2.5), (1, 2.5), (6, 2.5, 1, 2.5), (2.5, 2), (6, 2.5, 1, 2.5, 1, 2.5), (10, 3), (3, 2, 1, 2),
)  # fmt: skip
LINE, SIGN_SIDE, PADDING, ROW, BELOW_TABS, EDGE = 34, 15.0, 10, 22, 44, 8
WIDEST: Final = 360


def pen_of(style: int, theme: Theme, width: float) -> QPen:
    """The pen of a style: a colour of the palette of eight, and its pattern."""
    pen = QPen(theme.tint(style), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if PATTERNS[style]:
        pen.setDashPattern(list(PATTERNS[style]))
    return pen


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
            side = (place - (len(self.courses) - 1) / 2) * APART * scale
            painter.save()
            painter.translate(side, side)
            self._paint_course(painter, overlay, course, theme, scale)
            painter.restore()

    @staticmethod
    def _paint_course(painter: QPainter, overlay: Overlay, course: Course, theme: Theme, scale: float) -> None:
        legs = [leg for leg in course.legs if leg.direction == "request"]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for leg in legs:
            painter.setPen(pen_of(overlay.style, theme, WIDTH * scale))
            painter.drawPath(leg.path)
        if legs and legs[-1].path.length() > 20:
            paint_arrow(painter, legs[-1].path, theme.tint(overlay.style), 9 * scale)
        paint_sign(painter, course.end, overlay.path.verdict, theme, scale * 0.8)


class Legend(QWidget):
    """What the lines of `Overlays` are, in a corner of the canvas; it goes when none is drawn."""

    def __init__(self, overlays: Overlays, over: QWidget) -> None:
        super().__init__(over)
        self._overlays, self._over = overlays, over
        self.setObjectName("legend")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        overlays.changed.connect(self.follow)
        over.installEventFilter(self)
        self.follow()

    def lines(self) -> tuple[str, ...]:
        """The words of each line, in order."""
        found = [f"{each.name}: {verdict_text(each.path.verdict)}" for each in self._overlays.shown]
        if self._overlays.left_out and found:
            found.append(f"{self._overlays.left_out} more are not drawn")
        return tuple(found)

    def follow(self) -> None:
        """Nothing; says what is drawn now."""
        lines = self.lines()
        self.setAccessibleName("Requests on the canvas. " + ". ".join(lines) if lines else "")
        self.setVisible(bool(lines))
        if lines:
            metrics = QFontMetricsF(ui_font(SMALL))
            wide = max(metrics.horizontalAdvance(line) for line in lines)
            self.resize(round(min(wide + LINE + 3 * PADDING, WIDEST)), ROW * len(lines) + PADDING)
            self._place()
        self.update()

    def _place(self) -> None:
        # The minimap stands in the lower left corner, the tabs of the views in the upper one.
        x, y = self._over.width() - self.width() - EDGE, self._over.height() - self.height() - EDGE
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
        font = ui_font(SMALL)
        metrics = QFontMetricsF(font)
        room = self.width() - LINE - 3 * PADDING + 1
        for at, words in enumerate(self.lines()):
            middle = PADDING / 2 + (at + 0.5) * ROW
            if at < len(self._overlays.shown):
                painter.setPen(pen_of(self._overlays.shown[at].style, theme, WIDTH))
                painter.drawLine(QPointF(PADDING, middle), QPointF(PADDING + LINE, middle))
            painter.setPen(theme.color("text"))
            painter.setFont(font if at < len(self._overlays.shown) else ui_font(SMALL, SEMIBOLD))
            area = QRectF(LINE + 2 * PADDING, middle - ROW / 2, room, ROW)
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()
