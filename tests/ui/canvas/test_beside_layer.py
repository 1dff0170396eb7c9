"""The second way on the canvas: its own line, its own token in lockstep with the player's, a legend of both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from designer.ui.bridge.beside import Beside
from designer.ui.bridge.player import Player
from designer.ui.canvas.beside_layer import APART, STYLE, BesideLayer, BesideLegend, draw_second
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from designer.ui.kit import motion
from designer.ui.kit.tokens import LIGHT, THEMES
from tests.ui.canvas.projects import sample_state
from tests.ui.canvas.traced import scene_of, trace_of

DENIED, DELIVERED = trace_of("shop", 3), trace_of("shop", 2)
Stage = tuple[CanvasScene, Player, Beside, BesideLayer]


@pytest.fixture
def stage(qtbot: object) -> Iterator[Stage]:
    scene, player, beside = scene_of(sample_state("shop")), Player(), Beside()
    layer = BesideLayer(scene, player, beside)
    player.load(DENIED)
    beside.lay("3. The logic calls the data", DENIED.trace.paths()[0], DELIVERED.trace.paths()[0])
    yield scene, player, beside, layer
    layer.close()


def test_the_second_token_goes_in_lockstep_from_its_own_sender_to_its_own_end(stage: Stage) -> None:
    _scene, player, beside, layer = stage
    course = layer.course
    assert course is not None and layer.token.isVisible()
    places = []
    for at in range(len(player.hops)):
        player.seek(float(at))
        places.append(layer.token.pos())
        assert layer.shown == beside.position(float(at))
    aside = QPointF(APART, APART)
    assert places[0] == course.point_at(0.0) + aside
    assert places[-1] == course.point_at(len(course.lengths) - 1) + aside
    assert layer.token.reply, "what is delivered comes back to its sender"


def test_played_to_a_denial_the_other_goes_on_to_its_own_end(stage: Stage) -> None:
    _scene, player, _beside, layer = stage
    motion.set_reduced_motion(False)
    player.seek(float(len(player.hops) - 2))
    player.play()
    player.advance(10_000.0)
    assert not player.playing and layer.going_on
    assert layer.shown < len(DELIVERED.trace.paths()[0].hops) - 1
    player.step(-1)  # a person goes back: it follows at once
    assert not layer.going_on


def test_it_goes_with_what_is_laid_beside(stage: Stage) -> None:
    _scene, _player, beside, layer = stage
    beside.clear()
    assert layer.course is None and not layer.token.isVisible()


def test_it_follows_another_picture(stage: Stage) -> None:
    scene, _player, _beside, layer = stage
    scene.set_view("namespaces")
    scene.show(sample_state("shop"))
    assert layer.course is not None
    assert all(scene.rect_of(station) == rect for station, rect in layer.course.stations)


def test_the_legend_names_both_and_how_they_end(stage: Stage) -> None:
    scene, _player, beside, _layer = stage
    view = CanvasView(scene)
    view.resize(900, 600)
    legend = BesideLegend(beside, view)
    assert legend.lines() == ("Played: ✕ denied by policy", "3. The logic calls the data: ✓ delivered")
    assert legend.accessibleName().startswith("Two ways on the canvas. Played: ✕ denied")
    beside.hide(True)
    assert legend.lines() == () and legend.isHidden()
    view.deleteLater()


def test_no_verdict_has_the_colour_of_the_second_token() -> None:
    for theme in THEMES.values():
        verdicts = {theme.verdict_color(name).name() for name in theme.verdicts}
        assert theme.tint(STYLE).name() not in verdicts


def test_request_and_reply_differ_by_shape() -> None:
    pixels = []
    for reply in (False, True):
        image = QImage(24, 24, QImage.Format.Format_RGB32)
        image.fill(QColor("#808080"))
        painter = QPainter(image)
        draw_second(painter, QPointF(12, 12), LIGHT, reply)
        painter.end()
        pixels.append(image.pixelColor(12, 12).name())
    assert pixels == [LIGHT.tint(STYLE).name(), LIGHT.color("canvas").name()]
