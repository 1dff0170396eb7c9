"""Packets that stream along every way that is drawn: of the trace by the shares of its ways, of saved requests each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QColor, QPainter

from designer.ui.bridge.overlays import Overlays
from designer.ui.bridge.player import Player
from designer.ui.bridge.stream import GAP, MOST, Stream, turns, under_way
from designer.ui.canvas.layer_item import LayerItem
from designer.ui.canvas.overlay_layer import aside_of
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import Course, course_of
from designer.ui.canvas.trace.drawing import scale_of
from designer.ui.canvas.trace.scenery import MOST_OTHERS
from designer.ui.canvas.trace.token import SMALL, Swarm
from designer.ui.kit.theme import theme_changed

# Over the lines, below the tokens of the player.
Z: Final = 10.8
# Lines are measured anew when the zoom has been the same for so long.
SETTLE_MS: Final = 60


@dataclass(frozen=True, slots=True)
class Lane:
    """One way that packets stream along: how far they go, from where on they are replies, and how far aside."""

    course: Course
    length: float
    turn: float
    color: QColor
    aside: float


@dataclass(frozen=True, slots=True)
class Row:
    """The ways of one request with the order in which its packets take them; `gap` in scene units."""

    lanes: tuple[Lane, ...]
    order: NDArray[np.intp]
    lengths: NDArray[np.float64]
    gap: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """Packets that look alike: where they are, (n, 2) in the scene."""

    points: NDArray[np.float64]
    color: QColor
    reply: bool


class StreamLayer(QObject):
    """Keeps streaming packets over a scene while `Stream` runs. Make one for a scene; `close` takes it away."""

    def __init__(self, scene: CanvasScene, player: Player, overlays: Overlays, stream: Stream) -> None:
        super().__init__(scene)
        self._scene, self._player, self._overlays, self._stream = scene, player, overlays, stream
        self.rows: tuple[Row, ...] = ()
        self._zoom = 1.0
        self._swarm = Swarm()
        self._item = LayerItem(self.paint)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self.rebuild)
        scene.add_layer(self._item, Z)
        self._signals = (
            player.traceChanged, overlays.changed, stream.changed, scene.shown, theme_changed,
        )  # fmt: skip
        for signal in self._signals:
            signal.connect(self._on_changed)
        stream.moved.connect(self._on_moved)
        self.rebuild()

    def close(self) -> None:
        """Nothing; stops following and takes its item out of the scene."""
        self._late.stop()
        self._stream.run(False)
        for signal in self._signals:
            signal.disconnect(self._on_changed)
        self._stream.moved.disconnect(self._on_moved)
        self._scene.removeItem(self._item)

    def _on_changed(self, _what: object = None) -> None:
        self.rebuild()

    def _on_moved(self) -> None:
        if self.rows:
            self._item.update()

    # --- the ways

    def rebuild(self) -> None:
        """Nothing; lays the ways of the packets over the picture anew; the stream ends where there is no way."""
        self._late.stop()
        views = self._scene.views()
        self._zoom = max(views[0].transform().m11(), 0.01) if views else 1.0
        self.rows = self._found() if self._stream.running and not self._scene.is_empty else ()
        bounds = QRectF()
        for row in self.rows:
            for lane in row.lanes:
                margin = lane.aside + 2 * SMALL / self._zoom
                bounds = bounds.united(lane.course.bounds().adjusted(-margin, -margin, margin, margin))
        self._item.set_bounds(bounds)
        if self._stream.running and not (self._player.paths or self._overlays.wanted):
            self._stream.run(False)

    def _found(self) -> tuple[Row, ...]:
        theme = self._scene.theme
        requests: list[tuple[list[Lane], list[Fraction]]] = []
        lanes, shares = [], []
        for path in self._player.paths[: MOST_OTHERS + 1]:
            course = course_of(self._scene, path)
            if course is not None and course.track.length > 0:
                color = theme.verdict_color(path.verdict)
                lanes.append(Lane(course, course.lengths[-1], _turn(course), color, 0.0))
                shares.append(path.share)
        if lanes:
            requests.append((lanes, shares))
        drawn = [(each, course_of(self._scene, each.path)) for each in self._overlays.shown]
        seen = [(each, course) for each, course in drawn if course is not None]
        scale = scale_of(self._zoom)
        for place, (each, course) in enumerate(seen):
            if course.track.length > 0:
                turn = _turn(course)
                by = aside_of(place, len(seen), scale)
                requests.append(([Lane(course, turn, turn, theme.tint(each.style), by)], [Fraction(1)]))
        return tuple(self._row(lanes, shares, MOST // len(requests)) for lanes, shares in requests)

    def _row(self, lanes: Sequence[Lane], shares: Sequence[Fraction], most: int) -> Row:
        lengths = np.array([lane.length for lane in lanes])
        gap = max(GAP / self._zoom, float(lengths.max()) / max(1, most - 1))
        return Row(tuple(lanes), turns(shares), lengths, gap)

    # --- the packets

    def crowds(self) -> Iterator[Crowd]:
        """The packets that are under way now."""
        front = self._stream.gone / self._zoom
        for row in self.rows:
            ways, gone = under_way(row.order, row.lengths, row.gap, front)
            for at, lane in enumerate(row.lanes):
                here = gone[ways == at]
                for reply, part in ((False, here[here <= lane.turn]), (True, here[here > lane.turn])):
                    if len(part):
                        yield Crowd(lane.course.track.many(part) + lane.aside, lane.color, reply)

    def paint(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Nothing; draws the packets, and has the ways laid anew when things or the zoom are others now."""
        stations = (each for row in self.rows for lane in row.lanes for each in lane.course.stations)
        if any(self._scene.rect_of(station) != rect for station, rect in stations):
            self._late.start(0)  # a gesture moves a station
        elif abs(zoom / self._zoom - 1) > 0.02:
            self._late.start(SETTLE_MS)
        ground = self._scene.theme.color("canvas")
        for crowd in self.crowds():
            self._swarm.paint(painter, crowd.points, crowd.color, ground, zoom, crowd.reply)


def _turn(course: Course) -> float:
    """How far along a way its request goes; what comes after it is the reply."""
    back = [leg.first for leg in course.legs if leg.direction == "reply"]
    return min(back, default=course.lengths[-1])
