"""The trace over the picture, following a player: lines, token, cards; and the same standing still for exports."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.ui.bridge.player import Player
from designer.ui.canvas.items.service import ServiceItem
from designer.ui.canvas.layer_item import LayerItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import Course
from designer.ui.canvas.trace.drawing import (
    card_size,
    closest,
    nearest,
    paint_card,
    paint_leader,
    paint_outline,
    scale_of,
)
from designer.ui.canvas.trace.scenery import (
    Label,
    Scenery,
    card_rect,
    deciders,
    grown,
    numbers_of,
    paint_scenery,
    paint_trace,
    scenery_of,
)
from designer.ui.canvas.trace.token import SIDE, TokenItem
from designer.ui.canvas.trace.words import Card
from designer.ui.canvas.zoom_view import ZoomView
from designer.ui.kit import motion
from designer.ui.kit.theme import theme_changed
from designer.ui.kit.tokens import Theme

ROUTE_Z, CARD_Z, TOKEN_Z = 10.0, 12.0, 11.0
# Signs and labels reach so far beyond the lines at the smallest zoom, in scene units.
MARGIN = 260.0
# Labels and cards find new places when the zoom has been the same for so long.
SETTLE_MS = 60
# The token is hidden behind the sign of the verdict until it is so far on its way back, as a part of the way.
AT_SIGN = 0.05


class CardItem(QGraphicsItem):
    """The card beside the token, as large on the screen at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._card: Card | None = None
        self._size = QSizeF(0, 0)
        self._verdict = ""
        self._theme: Theme | None = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.hide()

    @property
    def card(self) -> Card | None:
        """What it says, None while it is hidden."""
        return self._card

    def show_card(self, card: Card | None, at: QPointF, verdict: str, theme: Theme) -> None:
        """Nothing; shows a card with its upper left corner at a scene point, or hides it."""
        self.prepareGeometryChange()
        self._card, self._verdict, self._theme = card, verdict, theme
        self._size = card_size(card) if card is not None else QSizeF(0, 0)
        self.setVisible(card is not None)
        self.setPos(at)
        self.update()

    def boundingRect(self) -> QRectF:
        """The card, in pixels."""
        return QRectF(QPointF(0, 0), self._size)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing; draws it."""
        if self._card is not None and self._theme is not None:
            paint_card(painter, self.boundingRect(), self._card, self._verdict, self._theme)


class TraceLayer(QObject):
    """Keeps the drawn trace in line with a player and a scene. Make one for a scene; `close` takes it away."""

    def __init__(self, scene: CanvasScene, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent or scene)
        self._scene = scene
        self._player = player
        self._scenery: Scenery | None = None
        self._numbers: tuple[Label, ...] = ()
        self._zoom = 1.0
        self._done = 0.0
        self._hop = 0
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self.rebuild)
        self.route = LayerItem(self.paint_route)
        self.token = TokenItem(scene.theme)
        self.card = CardItem()
        scene.add_layer(self.route, ROUTE_Z)
        scene.add_layer(self.token, TOKEN_Z)
        scene.add_layer(self.card, CARD_Z)
        player.traceChanged.connect(self._on_trace)
        player.pathChanged.connect(self._on_trace)
        player.moved.connect(self._on_moved)
        player.stepped.connect(self._on_stepped)
        scene.shown.connect(self._on_trace)
        theme_changed.connect(self._on_theme)
        self.rebuild()

    def close(self) -> None:
        """Nothing; stops following and takes its items out of the scene."""
        player, scene = self._player, self._scene
        self._late.stop()
        player.traceChanged.disconnect(self._on_trace)
        player.pathChanged.disconnect(self._on_trace)
        player.moved.disconnect(self._on_moved)
        player.stepped.disconnect(self._on_stepped)
        scene.shown.disconnect(self._on_trace)
        theme_changed.disconnect(self._on_theme)
        for item in (self.route, self.token, self.card):
            scene.removeItem(item)

    @property
    def course(self) -> Course | None:
        """The geometry of the way that is shown, None while nothing is."""
        return self._scenery.course if self._scenery is not None else None

    @property
    def token_point(self) -> QPointF | None:
        """Where the token is in the scene, None while there is none; it is hidden where the sign of the verdict is."""
        return self.token.pos() if self.course is not None else None

    @property
    def zoom(self) -> float:
        """The zoom that labels and cards were placed for."""
        return self._zoom

    @property
    def label_rects(self) -> tuple[QRectF, ...]:
        """Where the labels of shares and steps stand, in scene units."""
        labels = self._scenery.labels if self._scenery is not None else ()
        return tuple(label.rect for label in (*labels, *self._numbers))

    @property
    def numbers(self) -> tuple[Label, ...]:
        """The numbered steps that stand for the animation when motion is reduced."""
        return self._numbers

    def rebuild(self) -> None:
        """Nothing; lays the trace over the picture anew."""
        self._late.stop()
        self._zoom = self._view_zoom()
        for item in (self.token, self.card):
            item.setScale(grown(self._zoom))
        player = self._player
        self._scenery = None
        # An empty canvas says how to begin: a verdict behind those words would stand on nothing.
        if player.paths and not self._scene.is_empty:
            self._scenery = scenery_of(self._scene, player.result, player.paths, player.path_index, self._zoom)
        course = self.course
        labels = self._scenery.labels if self._scenery is not None else ()
        self._numbers = (
            numbers_of(self._scene, course, self._zoom, labels) if course and motion.reduced_motion() else ()
        )
        self.route.set_bounds(self._bounds())
        self.token.setVisible(course is not None)
        self._on_stepped(player.index)
        self._on_moved(player.position)
        self.route.update()

    def paint_route(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Nothing; draws lines, labels and sign, and the outlines of what decides at the current hop."""
        scenery = self._scenery
        if scenery is None:
            return
        if self._stale(scenery.course):
            self._late.start(0)
        elif abs(zoom / self._zoom - 1) > 0.02:
            self._late.start(SETTLE_MS)
        theme = self._scene.theme
        done = None if self._numbers else self._done
        paint_scenery(painter, scenery, theme, zoom, done, self._numbers)
        verdict = scenery.course.path.verdict
        for oid, rect in deciders(self._scene, scenery.course, self._hop):
            slim = isinstance(self._scene.item_of(oid), ServiceItem)
            paint_outline(painter, rect, verdict, theme, scale_of(zoom), hexagonal=slim)
        if self.card.isVisible():
            card = QRectF(self.card.pos(), self.card.boundingRect().size() * grown(zoom) / zoom)
            near = nearest(card, self._targets(card))
            paint_leader(painter, near, card, verdict, theme, scale_of(zoom))

    def _targets(self, card: QRectF) -> list[QPointF]:
        """What the card may be about: the place of the hop, or what decided there."""
        course = self.course
        if course is None:
            return []
        decided = deciders(self._scene, course, self._hop)
        return [course.point_of(self._hop), *(closest(rect, card.center()) for _oid, rect in decided[:1])]

    def _stale(self, course: Course) -> bool:
        """Whether a station has moved since the lines were laid: while a gesture moves it, nothing tells."""
        return any(self._scene.rect_of(station) != rect for station, rect in course.stations)

    # --- following

    def _on_trace(self, _what: object = None) -> None:
        self.rebuild()

    def _on_theme(self, _theme: object) -> None:
        self.rebuild()

    def _on_moved(self, position: float) -> None:
        course = self.course
        if course is None or len(course.lengths) != len(self._player.hops):
            return
        shown = float(int(position + 1e-9)) if motion.reduced_motion() else position
        done = course.length_at(shown)
        before, self._done = self._done, done
        self.token.setPos(course.point_at(shown))
        self.token.setVisible(not 0 <= shown - course.end_hop < AT_SIGN)
        reply = course.path.hops[min(int(shown + 1e-9), len(course.path.hops) - 1)].direction == "reply"
        self.token.show_as(self._scene.theme, course.path.verdict, reply)
        if done != before:
            self._touch(course, min(before, done), max(before, done))

    def _touch(self, course: Course, start: float, end: float) -> None:
        """Nothing; asks for the part of the lines between two lengths to be drawn anew."""
        margin = 2 * SIDE * scale_of(self._zoom)
        area = QRectF()
        for x, y in course.track.between(start, end):
            area = area.united(QRectF(x - margin, y - margin, 2 * margin, 2 * margin))
        self.route.update(area)

    def _on_stepped(self, index: int) -> None:
        course = self.course
        theme = self._scene.theme
        if course is None or self._scenery is None or not 0 <= index < len(course.lengths):
            self._hop = 0
            self.card.show_card(None, QPointF(), "", theme)
            return
        self._hop = index
        card = self._scenery.card_at(index)
        corner = QPointF()
        if card is not None:
            seen, over = self._seen(), self._lying_over()
            corner = card_rect(self._scene, self._scenery, index, card, self._zoom, seen, over).topLeft()
        self.card.show_card(card, corner, course.path.verdict, theme)
        self.route.update()

    # --- the view

    def _view_zoom(self) -> float:
        views = self._scene.views()
        return max(views[0].transform().m11(), 0.01) if views else 1.0

    def _seen(self) -> QRectF:
        views = self._scene.views()
        if not views or not views[0].isVisible():
            return QRectF()
        view = views[0]
        # The tabs lie over the top, legends over the bottom.
        top, bottom = (view.top_inset, view.bottom_inset) if isinstance(view, ZoomView) else (0, 0)
        return view.mapToScene(view.viewport().rect().adjusted(0, round(top), 0, -round(bottom))).boundingRect()

    def _lying_over(self) -> list[QRectF]:
        """What lies over the picture in the view, in scene units."""
        views = self._scene.views()
        view = views[0] if views else None
        if not isinstance(view, ZoomView) or not view.isVisible():
            return []
        return [view.mapToScene(part.geometry()).boundingRect() for part in view.lying_over if not part.isHidden()]

    def _bounds(self) -> QRectF:
        if self._scenery is None:
            return QRectF()
        course = self._scenery.course
        whole = course.bounds()
        for hop in range(len(course.path.hops)):
            for _oid, rect in deciders(self._scene, course, hop):
                whole = whole.united(rect)
        for line in self._scenery.others:
            whole = whole.united(line.path.boundingRect())
        for rect in self.label_rects:  # far away labels are larger than what they stand beside
            whole = whole.united(rect)
        return whole.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)


__all__ = ["TraceLayer", "paint_trace"]
