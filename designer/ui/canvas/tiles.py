"""The picture as tiles that are painted once: panning copies them, zooming stretches the last frame until it settles.

Painting words and round corners takes 50 to 100 µs each in software, a dense frame 50 ms; copying tiles takes 2.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from math import ceil, floor
from time import perf_counter

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QTimer
from PySide6.QtGui import QColor, QPainter, QPixmap, QTransform

SIDE = 256
# Device pixels of tiles that are kept: 96 MB.
MOST_TILES = 384
# A frame paints tiles for so long; the rest shows the stretched last frame, and comes with the next frames.
BUDGET_MS = 5.0
# … and only so long where the view jumps, as under a hand in the minimap: what is sharp now is away in a moment.
JUMPING_MS = 1.5
# All tiles that are missing are painted at once when that is likely to take no longer than this.
AT_ONCE_MS = 12.0
# … and while the zoom still changes, no longer than this.
ZOOMING_MS = 4.0
SETTLE_MS = 40
IDLE_MS = 4
BASE_SIDE = 1600

Place = tuple[int, int]
PaintArea = Callable[[QPainter, QRectF, float], None]


class Tiles(QObject):
    """Tiles of one picture. `paint_area` paints a part of it, in scene coordinates, at a zoom.

    `ground` is the colour behind everything: opaque tiles are copied three times as fast. `refresh` is called when a
    frame could not show everything sharp and another should follow.
    """

    def __init__(
        self, paint_area: PaintArea, ground: Callable[[], QColor], refresh: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._paint_area = paint_area
        self._ground = ground
        self._refresh = refresh
        self._tiles: OrderedDict[Place, QPixmap] = OrderedDict()
        self._scale = 0.0
        self._cost = 2.0
        self._frame = QPixmap()
        self._frame_area = QRectF()
        # Whether the frame shows what was there before the last change.
        self._frame_old = False
        self._base = QPixmap()
        self._base_area = QRectF()
        self._base_stale = QRectF()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._on_settled)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._paint_ahead)
        self._ahead: list[Place] = []
        self._ratio = 1.0
        self._settled = True
        # Whether the last frame lacked tiles, or some were forgotten since.
        self._lacking = True
        self._seen = QRectF()
        # All that is seen in one piece, while nothing but what lies over it is painted anew; and of which view it is.
        self._still = QPixmap()
        self._stands: object = None

    @property
    def sharp(self) -> bool:
        """Whether the last frame showed everything at its own zoom."""
        return self._settled and not self._lacking

    @property
    def resting(self) -> bool:
        """Whether nothing more is going to be painted by itself."""
        return self.sharp and not self._idle.isActive()

    def forget(self, areas: Iterable[QRectF] | None = None, *, stale: bool = False) -> None:
        """Nothing; tiles that touch any of these areas of the scene are painted anew; all tiles without `areas`.

        With `stale`, and for areas, the old picture stands in until the new one is there.
        """
        self._ahead = []
        self._lacking = True
        self._still, self._stands = QPixmap(), None
        if areas is None or self._scale == 0.0:
            if stale:
                self._keep_old()
            self._tiles.clear()
            self._base = QPixmap()
            if not stale:
                self._frame, self._frame_old = QPixmap(), False
            return
        self._keep_old()
        for area in areas:
            for place in self._places(area.adjusted(-4, -4, 4, 4)):
                self._tiles.pop(place, None)
            self._base_stale = self._base_stale.united(area.adjusted(-8, -8, 8, 8))

    def _keep_old(self) -> None:
        """Nothing; what is seen stands in for the tiles that are about to be forgotten; what does so already stays."""
        if self._tiles and not (self._frame_old and self._frame_area.contains(self._seen)):
            self._keep_frame(self._seen)
        self._frame_old = True

    def paint(self, painter: QPainter, exposed: QRectF, whole: QRectF, seen: QRectF) -> None:
        """Nothing; paints the exposed part of the `seen` area with as many sharp tiles as there is time for."""
        # Not deviceTransform: a view inside a window is painted through an offset that the painter adds by itself.
        ratio = painter.device().devicePixelRatioF()
        to_device = painter.worldTransform() * QTransform.fromScale(ratio, ratio)
        scale = to_device.m11()
        if scale != self._scale:
            self._zoomed(scale)
        self._seen = QRectF(seen)
        origin = QPointF(to_device.dx(), to_device.dy())
        stands = (scale, ratio, to_device.dx(), to_device.dy(), seen.width(), seen.height())
        if stands != self._stands:
            self._still = QPixmap()
        elif not self._still.isNull():
            _put(painter, QPointF(0, 0), self._still)
            return
        wanted = [place for place in self._places(exposed) if self._rect(place).intersects(whole)]
        missing = [place for place in wanted if place not in self._tiles]
        if missing and (self._settled or self._cheap(missing)):
            jumps = stands != self._stands and 2 * len(missing) > len(wanted)
            self._render(missing, ratio, JUMPING_MS if jumps else BUDGET_MS)
        missing = [place for place in wanted if place not in self._tiles]
        whole_view = exposed.contains(seen.intersected(whole))
        if whole_view and not missing and stands == self._stands:
            # The second time that the same is seen: whatever is painted over it next finds it in one piece.
            self._still = self._joined(wanted, origin, seen, ratio)
            _put(painter, QPointF(0, 0), self._still)
        else:
            painter.save()
            if missing:
                self._paint_stretched(painter, exposed, whole)
            painter.restore()
            self._copy(painter, wanted, origin, ratio)
        self._stands = stands
        if missing and self._settled:
            QTimer.singleShot(0, self, self._refresh)
        elif not missing:
            if self._frame_old and exposed.contains(seen):
                self._frame, self._frame_old = QPixmap(), False
            self._plan_ahead(exposed if exposed.contains(seen) else seen, whole, ratio)
        self._lacking = bool(missing)
        self._drop_old(len(wanted))

    def _copy(self, painter: QPainter, wanted: Iterable[Place], origin: QPointF, ratio: float) -> None:
        """Nothing; copies those of the wanted tiles that are there."""
        painter.save()
        painter.resetTransform()
        for place in wanted:
            tile = self._tiles.get(place)
            if tile is not None:
                self._tiles.move_to_end(place)
                corner = QPointF(place[0] * SIDE, place[1] * SIDE) + origin
                painter.drawPixmap(QPointF(round(corner.x()) / ratio, round(corner.y()) / ratio), tile)
        painter.restore()

    def _joined(self, wanted: Iterable[Place], origin: QPointF, seen: QRectF, ratio: float) -> QPixmap:
        """The wanted tiles as one picture of the view: copying one takes half the time of copying fifty."""
        found = QPixmap(ceil(seen.width() * self._scale - 0.01), ceil(seen.height() * self._scale - 0.01))
        found.fill(self._ground())
        found.setDevicePixelRatio(ratio)
        painter = QPainter(found)
        self._copy(painter, wanted, origin, ratio)
        painter.end()
        return found

    def _plan_ahead(self, seen: QRectF, whole: QRectF, ratio: float) -> None:
        """Nothing; the tiles round the seen ones are painted while there is time: the next pan finds them."""
        unit = SIDE / self._scale
        ring = seen.adjusted(-unit, -unit, unit, unit)
        self._ahead = [p for p in self._places(ring) if p not in self._tiles and self._rect(p).intersects(whole)]
        self._ratio = ratio
        if self._ahead:
            self._idle.start(IDLE_MS)

    def _paint_ahead(self) -> None:
        if self._ahead and self._settled:
            place = self._ahead.pop()
            if place not in self._tiles:
                self._tiles[place] = self._painted(place, self._ratio)
            self._idle.start(IDLE_MS)

    def _keep_frame(self, area: QRectF) -> None:
        """Nothing; joins the tiles of an area into the picture that is stretched while the zoom changes."""
        places = [place for place in self._places(area) if place in self._tiles]
        if not places:
            return
        left, top = min(p[0] for p in places), min(p[1] for p in places)
        right, bottom = max(p[0] for p in places) + 1, max(p[1] for p in places) + 1
        frame = QPixmap((right - left) * SIDE, (bottom - top) * SIDE)
        frame.fill(self._ground())
        painter = QPainter(frame)
        for place in places:
            tile = self._tiles[place]
            painter.drawPixmap(
                QRect((place[0] - left) * SIDE, (place[1] - top) * SIDE, SIDE, SIDE), tile, QRect(0, 0, SIDE, SIDE)
            )
        painter.end()
        self._frame = frame
        corner = self._rect((left, top)).topLeft()
        self._frame_area = QRectF(corner, self._rect((right - 1, bottom - 1)).bottomRight())

    def _zoomed(self, scale: float) -> None:
        if self._tiles and self._settled:
            self._keep_frame(self._seen)
            self._frame_old = False
        self._tiles.clear()
        self._ahead = []
        first = self._scale == 0.0
        self._scale = scale
        self._settled = first
        if not first:
            self._settle.start(SETTLE_MS)

    def _on_settled(self) -> None:
        self._settled = True
        self._refresh()

    def _cheap(self, missing: list[Place]) -> bool:
        return len(missing) * self._cost <= (AT_ONCE_MS if self._settled else ZOOMING_MS)

    def _render(self, missing: list[Place], ratio: float, budget: float) -> None:
        """Nothing; paints missing tiles: all of them when nothing could stand in for them, else within the budget."""
        start = perf_counter()
        all_now = self._cheap(missing) or (self._frame.isNull() and self._base.isNull())
        for done, place in enumerate(missing, 1):
            self._tiles[place] = self._painted(place, ratio)
            spent = (perf_counter() - start) * 1000
            self._cost += (spent / done - self._cost) * 0.2
            if not all_now and spent > budget:
                return

    def _painted(self, place: Place, ratio: float) -> QPixmap:
        tile = QPixmap(SIDE, SIDE)
        tile.fill(self._ground())
        painter = QPainter(tile)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.setTransform(QTransform(self._scale, 0, 0, self._scale, -place[0] * SIDE, -place[1] * SIDE))
        self._paint_area(painter, self._rect(place), self._scale / ratio)
        painter.end()
        tile.setDevicePixelRatio(ratio)
        return tile

    def _paint_stretched(self, painter: QPainter, exposed: QRectF, whole: QRectF) -> None:
        """Nothing; what is known from before, stretched: the whole in low resolution, on it the last sharp frame."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if self._frame.isNull() or not self._frame_area.contains(exposed):
            if self._base.isNull() or self._base_area != whole:
                self._make_base(whole)
            self._refresh_base()
            _draw_part(painter, self._base, self._base_area, exposed)
        if not self._frame.isNull():
            _draw_part(painter, self._frame, self._frame_area, exposed)

    def _make_base(self, whole: QRectF) -> None:
        scale = min(1.0, BASE_SIDE / max(1.0, whole.width(), whole.height()))
        self._base = QPixmap(max(1, ceil(whole.width() * scale)), max(1, ceil(whole.height() * scale)))
        self._base.fill(self._ground())
        self._base_area, self._base_stale = QRectF(whole), QRectF()
        self._paint_base(whole)

    def _refresh_base(self) -> None:
        """Nothing; paints anew what was forgotten of the whole: once, and only when it is looked at."""
        stale, self._base_stale = self._base_stale, QRectF()
        if not stale.isNull():
            self._paint_base(stale.intersected(self._base_area))

    def _paint_base(self, area: QRectF) -> None:
        if area.isEmpty():
            return
        scale = self._base.width() / self._base_area.width()
        painter = QPainter(self._base)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        painter.translate(-self._base_area.topLeft())
        painter.setClipRect(area)
        painter.fillRect(area, self._ground())
        self._paint_area(painter, area, scale)
        painter.end()

    def _places(self, area: QRectF) -> Iterator[Place]:
        unit = SIDE / self._scale
        for row in range(floor(area.top() / unit), ceil(area.bottom() / unit)):
            for column in range(floor(area.left() / unit), ceil(area.right() / unit)):
                yield column, row

    def _rect(self, place: Place) -> QRectF:
        unit = SIDE / self._scale
        return QRectF(place[0] * unit, place[1] * unit, unit, unit)

    def _drop_old(self, wanted: int) -> None:
        while len(self._tiles) > max(MOST_TILES, 2 * wanted):
            self._tiles.popitem(last=False)


def _put(painter: QPainter, at: QPointF, picture: QPixmap) -> None:
    """Nothing; copies a picture to a place of the view."""
    painter.save()
    painter.resetTransform()
    painter.drawPixmap(at, picture)
    painter.restore()


def _draw_part(painter: QPainter, picture: QPixmap, covers: QRectF, exposed: QRectF) -> None:
    """Nothing; draws the part of a picture of the scene area `covers` that is exposed."""
    part = covers.intersected(exposed)
    if part.isEmpty() or picture.isNull():
        return
    sx, sy = picture.width() / covers.width(), picture.height() / covers.height()
    source = QRectF((part.x() - covers.x()) * sx, (part.y() - covers.y()) * sy, part.width() * sx, part.height() * sy)
    painter.drawPixmap(part, picture, source)
