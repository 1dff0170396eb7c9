"""Streaming packets over the picture: on every drawn way as its share says, no further than the request comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from designer.ui.bridge.overlays import Overlays
from designer.ui.bridge.player import Player
from designer.ui.bridge.stream import GAP, MOST, SPEED, Stream
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.stream_layer import StreamLayer
from designer.ui.canvas.trace.course import course_of
from tests.ui.canvas.projects import sample_state
from tests.ui.canvas.traced import scene_of, trace_of


@dataclass
class Stage:
    scene: CanvasScene
    player: Player
    overlays: Overlays
    stream: Stream
    layer: StreamLayer

    def after(self, units: float) -> None:
        """Lets the first packet go so far, at a zoom of 1."""
        self.stream.gone = units
        self.stream.moved.emit()

    def count(self, color: str) -> int:
        return sum(len(crowd.points) for crowd in self.layer.crowds() if crowd.color.name() == color)


def staged(sample: str) -> Stage:
    scene = scene_of(sample_state(sample))
    player = Player()
    overlays, stream = Overlays(), Stream(player)
    return Stage(scene, player, overlays, stream, StreamLayer(scene, player, overlays, stream))


@pytest.fixture
def shop(qtbot: object) -> Iterator[Stage]:
    stage = staged("shop")
    yield stage
    stage.layer.close()


def verdict_of(sample: str, verdict: str) -> int:
    return next(at for at in range(20) if trace_of(sample, at).verdict == verdict)


def test_nothing_streams_before_it_is_asked_for_nor_without_a_way(shop: Stage) -> None:
    shop.player.load(trace_of("shop", 0))
    assert not list(shop.layer.crowds())
    shop.stream.run(True)
    shop.after(100)
    assert list(shop.layer.crowds())
    shop.player.load(None)
    assert not shop.stream.running and not list(shop.layer.crowds())
    shop.stream.run(True)
    assert not shop.stream.running


def test_what_is_denied_goes_no_further_than_where_it_is_denied(shop: Stage) -> None:
    result = trace_of("shop", verdict_of("shop", "denied"))
    (path,) = result.trace.paths()
    shop.player.load(result)
    shop.stream.run(True)
    course = course_of(shop.scene, path)
    assert course is not None
    end = course.lengths[course.end_hop]
    shop.after(100_000.0)
    crowds = list(shop.layer.crowds())
    assert crowds and not any(crowd.reply for crowd in crowds)
    assert {crowd.color.name() for crowd in crowds} == {shop.scene.theme.verdict_color("denied").name()}
    gap = max(GAP, end / (MOST - 1))
    assert sum(len(crowd.points) for crowd in crowds) == pytest.approx(end / gap, abs=1.5)
    allowed = course.track.many(np.linspace(0, end, 5000))
    for x, y in np.concatenate([crowd.points for crowd in crowds]).tolist():
        assert np.min(np.hypot(allowed[:, 0] - x, allowed[:, 1] - y)) < 1


def test_replies_come_back_as_rings_where_the_request_was_answered(shop: Stage) -> None:
    shop.player.load(trace_of("shop", verdict_of("shop", "delivered")))
    shop.stream.run(True)
    shop.after(1.0)
    assert [crowd.reply for crowd in shop.layer.crowds()] == [False]
    shop.after(100_000.0)
    assert {crowd.reply for crowd in shop.layer.crowds()} == {False, True}


def test_packets_are_split_as_the_shares_say(qtbot: object) -> None:
    """Weights 90 and 10 in the sample: the two Pods of each get 45 and 5 of 100, by whichever proxy."""
    stage = staged("gateway")
    result = trace_of("gateway", 0)
    paths = result.trace.paths()
    stage.player.load(result)
    stage.stream.run(True)
    (row,) = stage.layer.rows
    assert len(row.lanes) == len(paths)
    taken = np.bincount(row.order, minlength=len(paths))
    for count, path in zip(taken.tolist(), paths, strict=True):
        assert abs(count - float(path.share) * MOST) <= 1
    stage.layer.close()


def test_all_drawn_requests_stream_at_once_in_their_colours_and_never_more_than_two_hundred(shop: Stage) -> None:
    shop.overlays.show([(f"n{at}", trace_of("shop", at).trace.paths()[0]) for at in (0, 1, 3)])
    shop.stream.run(True)
    assert shop.stream.running
    tints = [shop.scene.theme.tint(style).name() for style in range(3)]
    for units in (50.0, 500.0, 5_000.0):
        shop.after(units)
        assert all(shop.count(tint) for tint in tints)
        assert sum(len(crowd.points) for crowd in shop.layer.crowds()) <= MOST
    shop.overlays.hide(True)  # while somebody is asked how a request will end
    assert not list(shop.layer.crowds())
    shop.overlays.hide(False)
    assert list(shop.layer.crowds())


def test_packets_follow_what_is_moved_and_are_painted(shop: Stage) -> None:
    shop.player.load(trace_of("shop", verdict_of("shop", "delivered")))
    shop.stream.run(True)
    shop.after(60.0)
    crowd = next(shop.layer.crowds())
    x, y = crowd.points[0].tolist()
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(shop.scene.theme.color("canvas"))
    painter = QPainter(image)
    painter.translate(-QPointF(x - 20, y - 20))
    shop.layer.paint(painter, 1.0, shop.scene.sceneRect())
    painter.end()
    assert image.pixelColor(20, 20).name() == crowd.color.name()
    shop.scene.set_view("namespaces")
    shop.scene.show(sample_state("shop"))
    stations = [each for row in shop.layer.rows for lane in row.lanes for each in lane.course.stations]
    assert stations and all(shop.scene.rect_of(oid) == rect for oid, rect in stations)


def test_it_goes_on_by_itself(shop: Stage, qtbot: object) -> None:
    shop.player.load(trace_of("shop", 0))
    shop.stream.run(True)
    shop.stream.advance(1000)
    assert shop.stream.gone >= SPEED
    assert sum(len(crowd.points) for crowd in shop.layer.crowds()) >= SPEED // GAP
