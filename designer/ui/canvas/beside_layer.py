"""The way beside the one that is played, on the canvas: its line, a second token in lockstep, and a legend of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QElapsedTimer, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.present.event_rows import HOP_MS
from designer.present.words import verdict_text
from designer.ui.bridge.beside import Beside
from designer.ui.bridge.player import TICK_MS, Player
from designer.ui.canvas.layer_item import LayerItem
from designer.ui.canvas.legend import LegendBox
from designer.ui.canvas.overlay_layer import WIDTH, paint_request, pen_of
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import Course, course_of
from designer.ui.canvas.trace.drawing import scale_of
from designer.ui.canvas.trace.token import SIDE, draw_token
from designer.ui.kit import motion
from designer.ui.kit.theme import current_theme, theme_changed
from designer.ui.kit.tokens import Theme

if TYPE_CHECKING:
    from designer.ui.canvas.view import CanvasView

# Over the line of the played way, below its token.
ROUTE_Z: Final = 10.5
TOKEN_Z: Final = 10.9
# The second of the eight styles: purple dashes; no verdict has this colour.
STYLE: Final = 1
# How far from the first line the second runs, in pixels: on the same way both are seen.
APART: Final = 9.0
MARGIN: Final = 40.0


def draw_second(painter: QPainter, centre: QPointF, theme: Theme, reply: bool, side: float = SIDE) -> None:
    """Nothing; draws the second packet: a diamond, full for a request, a frame for a reply."""
    half = side / 2
    points = [QPointF(0, -half), QPointF(half, 0), QPointF(0, half), QPointF(-half, 0)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("canvas"), 4))
    color = theme.tint(STYLE)
    painter.setBrush(theme.color("canvas") if reply else color)
    painter.drawPolygon(QPolygonF([centre + point for point in points]))
    painter.setPen(QPen(color, 2.5 if reply else 1.0))
    painter.drawPolygon(QPolygonF([centre + point * 0.82 for point in points]))


class SecondToken(QGraphicsItem):
    """The token of the way beside, as large on the screen at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._reply = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.hide()

    @property
    def reply(self) -> bool:
        """Whether it is on its way back."""
        return self._reply

    def show_as(self, *, reply: bool) -> None:
        """Nothing; a request or a reply."""
        self._reply = reply
        self.update()

    def boundingRect(self) -> QRectF:
        """The square round it, in pixels."""
        return QRectF(-SIDE / 2 - 3, -SIDE / 2 - 3, SIDE + 6, SIDE + 6)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing; draws it."""
        draw_second(painter, QPointF(0, 0), current_theme(), self._reply)


class BesideLayer(QObject):
    """Keeps the second line and token in line with `Beside`, a player and a scene; `close` takes them away.

    Where the played way ends first, the second token goes on at the pace of the player until its own end.
    """

    def __init__(self, scene: CanvasScene, player: Player, beside: Beside) -> None:
        super().__init__(scene)
        self._scene, self._player, self._beside = scene, player, beside
        self.course: Course | None = None
        self.shown = 0.0
        self.token = SecondToken()
        self._item = LayerItem(self.paint)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self.rebuild)
        self._clock = QElapsedTimer()
        self._after = QTimer(self)
        self._after.setInterval(TICK_MS)
        self._after.timeout.connect(self._go_on)
        scene.add_layer(self._item, ROUTE_Z)
        scene.add_layer(self.token, TOKEN_Z)
        beside.changed.connect(self.rebuild)
        player.moved.connect(self._on_moved)
        scene.shown.connect(self._on_shown)
        theme_changed.connect(self._on_shown)
        self.rebuild()

    def close(self) -> None:
        """Nothing; stops following and takes its items out of the scene."""
        self._late.stop()
        self._after.stop()
        self._beside.changed.disconnect(self.rebuild)
        self._player.moved.disconnect(self._on_moved)
        self._scene.shown.disconnect(self._on_shown)
        theme_changed.disconnect(self._on_shown)
        for item in (self._item, self.token):
            self._scene.removeItem(item)

    @property
    def going_on(self) -> bool:
        """Whether the second token is still under way after the first has come to its end."""
        return self._after.isActive()

    def _on_shown(self, _what: object = None) -> None:
        self.rebuild()

    def rebuild(self) -> None:
        """Nothing; lays the second way over the picture anew."""
        path = self._beside.path
        self._after.stop()
        self.course = course_of(self._scene, path) if path is not None else None
        bounds = self.course.bounds().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) if self.course else QRectF()
        self._item.set_bounds(bounds)
        self.token.setVisible(self.course is not None)
        self._show(self._beside.position(self._player.position))

    def paint(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Nothing; draws the request of the second way: what comes back takes the same line."""
        course = self.course
        if course is None:
            return
        if any(self._scene.rect_of(station) != rect for station, rect in course.stations):
            self._late.start(0)  # a gesture moves a station
        scale = scale_of(zoom)
        painter.save()
        painter.translate(APART * scale, APART * scale)
        paint_request(painter, course, STYLE, self._scene.theme, scale)
        painter.restore()

    # --- the token

    def _on_moved(self, position: float) -> None:
        if self.course is None:
            return
        target = self._beside.position(position)
        last = len(self._player.hops) - 1
        if self._player.playing and position > last - 1 and target - self.shown > 1 and not motion.reduced_motion():
            if not self._after.isActive():
                self._clock.start()
                self._after.start()
            return
        self._after.stop()
        self._show(float(int(target + 1e-9)) if motion.reduced_motion() else target)

    def _go_on(self) -> None:
        course = self.course
        end = float(len(course.lengths) - 1) if course is not None else 0.0
        self._show(min(end, self.shown + self._clock.restart() * self._player.speed / HOP_MS))
        if self.shown >= end:
            self._after.stop()

    def _show(self, position: float) -> None:
        course, self.shown = self.course, position
        if course is None:
            return
        views = self._scene.views()
        scale = scale_of(max(views[0].transform().m11(), 0.01)) if views else 1.0
        self.token.setPos(course.point_at(position) + QPointF(APART, APART) * scale)
        hop = course.path.hops[min(int(position + 1e-9), len(course.path.hops) - 1)]
        self.token.show_as(reply=hop.direction == "reply")


class BesideLegend(LegendBox):
    """Which token is whose, at the foot of the canvas, as long as two ways are shown."""

    title = "Two ways on the canvas"

    def __init__(self, beside: Beside, over: CanvasView) -> None:
        super().__init__(over)
        self._beside = beside
        self.setObjectName("besideLegend")
        beside.changed.connect(self.follow)
        self.follow()

    def lines(self) -> tuple[str, ...]:
        """The words of both."""
        played, path = self._beside.played, self._beside.path
        if path is None or played is None:
            return ()
        return (
            f"Played: {verdict_text(played.verdict)}",
            f"{self._beside.name}: {verdict_text(path.verdict)}",
        )

    def draw_piece(self, painter: QPainter, at: int, box: QRectF) -> None:
        """Nothing; draws a piece of the line with its token."""
        theme, played = current_theme(), self._beside.played
        middle = box.center()
        if at == 0 and played is not None:
            painter.setPen(QPen(theme.verdict_color(played.verdict), WIDTH + 1))
        else:
            painter.setPen(pen_of(STYLE, theme, WIDTH))
        painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
        if at == 0 and played is not None:
            draw_token(painter, middle, theme, played.verdict, reply=False, side=14)
        else:
            draw_second(painter, middle, theme, reply=False, side=14)
