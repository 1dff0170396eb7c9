"""The trace follows the player and the scene; and it stands still for exports."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from designer.engine.trace import Path
from designer.ui.bridge.player import Player
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import Course, course_of
from designer.ui.canvas.trace.scenery import card_rect, scenery_of
from designer.ui.canvas.trace.words import Card
from designer.ui.canvas.trace_layer import TraceLayer, paint_trace
from designer.ui.canvas.view import CanvasView
from designer.ui.kit import motion
from tests.ui.canvas.projects import sample_state
from tests.ui.canvas.traced import hop, scene_of, trace_of


@pytest.fixture
def shown() -> tuple[CanvasScene, Player, TraceLayer]:
    scene = scene_of(sample_state("first-steps"))
    player = Player()
    motion.set_reduced_motion(False)
    layer = TraceLayer(scene, player)
    player.load(trace_of("first-steps", 0))
    return scene, player, layer


Shown = tuple[CanvasScene, Player, TraceLayer]


def course_in(layer: TraceLayer) -> Course:
    assert layer.course is not None
    return layer.course


def card_in(layer: TraceLayer) -> Card:
    assert layer.card.card is not None
    return layer.card.card


def test_the_token_is_where_the_player_is(shown: Shown) -> None:
    _scene, player, layer = shown
    assert layer.course is not None
    for index in range(len(player.hops)):
        player.seek(float(index))
        assert layer.token_point == layer.course.point_of(index)
    player.seek(3.5)
    middle = layer.course.track.at((layer.course.lengths[3] + layer.course.lengths[4]) / 2)
    assert layer.token_point is not None
    assert (layer.token_point.x(), layer.token_point.y()) == pytest.approx(middle)


def test_another_way_and_no_trace_are_followed(shown: Shown) -> None:
    _scene, player, layer = shown
    player.choose_path(1)
    assert course_in(layer).path is player.paths[1]
    player.load(None)
    assert layer.course is None
    assert layer.token_point is None
    assert layer.card.card is None


def test_the_card_stands_at_the_translation_and_the_verdict_at_the_end(shown: Shown) -> None:
    _scene, player, layer = shown
    at = next(i for i, h in enumerate(player.hops) if h.outcome == "translated")
    player.seek(float(at))
    assert card_in(layer).lines[-1].endswith("share 1/3")
    player.seek(0.0)
    assert layer.card.card is None
    player.seek(float(course_in(layer).end_hop))
    assert "delivered" in card_in(layer).lines[0]


def test_reduced_motion_shows_numbered_steps_at_once() -> None:
    scene = scene_of(sample_state("first-steps"))
    player = Player()
    motion.set_reduced_motion(True)
    layer = TraceLayer(scene, player)
    player.load(trace_of("first-steps", 0))
    texts = [label.text for label in layer.numbers]
    assert texts[0].startswith("1")
    assert texts[-1].endswith(str(len(player.hops)))
    # No number covers another, or the share of a way, and none is cut off.
    rects = layer.label_rects
    assert not any(one.intersects(other) for at, one in enumerate(rects) for other in rects[at + 1 :])
    assert all(layer.route.boundingRect().contains(rect) for rect in rects)
    player.seek(2.7)
    assert layer.course is not None
    assert layer.token_point == layer.course.point_of(2)


def test_the_trace_follows_a_change_of_view_and_a_thing_that_moves(shown: Shown) -> None:
    scene, _player, layer = shown
    before = course_in(layer)
    scene.set_view("namespaces")
    assert course_in(layer) is not before
    scene.set_view("nodes")
    start = course_in(layer).point_of(0)
    scene.shift((before.legs[0].end,), QPointF(64, 0))
    layer.rebuild()
    assert course_in(layer).point_of(0) == start + QPointF(64, 0)


def test_a_trace_of_things_that_are_gone_draws_what_is_left() -> None:
    scene = scene_of(sample_state("exposure"))
    player = Player()
    layer = TraceLayer(scene, player)
    player.load(trace_of("shop", 2))
    image = QImage(200, 200, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    layer.paint_route(painter, 1.0, QRectF(image.rect()))
    painter.end()
    for index in range(len(player.hops)):
        player.seek(float(index))
    lost = Path(Fraction(1), (), (hop("send", "Pod:gone/gone"),), "delivered", "")
    assert course_of(scene, lost) is None
    layer.close()
    assert [item for item in scene.items() if item in (layer.route, layer.token, layer.card)] == []


@pytest.mark.parametrize(("sample", "number"), [("first-steps", 0), ("shop", 5), ("broken", 0), ("exposure", 3)])
def test_the_picture_of_a_trace_has_the_colour_of_its_verdict(sample: str, number: int) -> None:
    scene = scene_of(sample_state(sample))
    result = trace_of(sample, number)
    area = scene.stock.extent()
    image = QImage(round(area.width()), round(area.height()), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.translate(-area.topLeft())
    paint_trace(painter, scene, result)
    painter.end()
    wanted = scene.theme.verdict_color(result.verdict).rgb()
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32)
    assert int((pixels == wanted).sum()) > 300


def test_what_is_outlined_lies_within_what_is_painted_anew() -> None:
    """Outside its bounding rectangle Qt paints an item only by chance (`QGraphicsItem.boundingRect`)."""
    scene = scene_of(sample_state("shop"))
    player = Player()
    layer = TraceLayer(scene, player)
    player.load(trace_of("shop", 3))
    player.seek(float(len(player.hops)))
    decided = [evidence.object for evidence in player.hops[-1].decided_by]
    rects = [scene.rect_of(oid) for oid in decided if oid.startswith("NetworkPolicy:")]
    assert rects
    assert all(rect is not None and layer.route.boundingRect().contains(rect) for rect in rects)


def test_a_pod_that_several_ways_lead_to_has_their_shares_together() -> None:
    """Weights 90 and 10, two Pods behind each, reached by either of two proxies: 9/20 and 1/20 a Pod, by hand."""
    result = trace_of("gateway", 0)
    scenery = scenery_of(scene_of(sample_state("gateway")), result, result.trace.paths(), 0, 1.0)
    assert scenery is not None
    shares = sorted(Fraction(label.text) for label in scenery.labels)
    assert shares == [Fraction(1, 20), Fraction(1, 20), Fraction(9, 20), Fraction(9, 20)]
    assert sum(shares) == 1


@pytest.mark.parametrize("zoom", [1.0, 0.6, 0.45])
def test_the_label_of_a_share_stands_on_its_pod(zoom: float) -> None:
    result = trace_of("gateway", 0)
    scene = scene_of(sample_state("gateway"))
    scenery = scenery_of(scene, result, result.trace.paths(), 0, zoom)
    assert scenery is not None
    ends = [scene.places.pod_rect(next(h.at for h in reversed(p.hops) if h.direction == "request"))
            for p in result.trace.paths()]  # fmt: skip
    assert scenery.labels and all(
        any(chip and chip.intersects(label.rect) for chip in ends) for label in scenery.labels
    )


def test_a_card_does_not_stand_behind_what_lies_over_the_picture(shown: Shown) -> None:
    """The minimap covers a corner: a card that would stand there stands elsewhere, at every hop that has one."""
    scene, _player, layer = shown
    course, result = course_in(layer), trace_of("first-steps", 0)
    scenery, whole = scenery_of(scene, result, result.trace.paths(), 0, 1.0), scene.stock.extent()
    assert scenery is not None
    hops = [(at, card) for at in range(len(course.lengths)) if (card := scenery.card_at(at)) is not None]
    assert hops
    for at, card in hops:
        free = card_rect(scene, scenery, at, card, 1.0, whole)
        away = card_rect(scene, scenery, at, card, 1.0, whole, (free,))
        covered = away.intersected(free)
        assert covered.width() * covered.height() < 0.5 * free.width() * free.height(), at


def test_the_minimap_is_known_to_lie_over_the_picture(shown: Shown, qtbot: QtBot) -> None:
    scene, _player, layer = shown
    view = CanvasView(scene)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show()
    view.zoom_to_fit(animated=False)
    assert layer._lying_over() == []
    view.scale(3, 3)
    view.minimap.show()
    over = view.minimap.geometry()
    assert over.bottom() < 400
    assert layer._lying_over() == [view.mapToScene(over).boundingRect()]
