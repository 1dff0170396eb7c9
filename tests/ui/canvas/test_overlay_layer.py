"""Several requests over the picture: each in its own colour and pattern, with a legend, off while a guess is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QImage, QPainter

from designer.engine.trace.hops import Path
from designer.model import scenarios_in_order
from designer.ui.bridge.overlays import MOST, Overlays
from designer.ui.canvas.overlay_layer import PATTERNS, Legend, OverlayLayer, pen_of
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from designer.ui.kit.tokens import THEMES
from tests.ui.canvas.projects import sample_state
from tests.ui.canvas.traced import scene_of, trace_of

NAMES = tuple(each.name for each in scenarios_in_order(sample_state("shop").project.scenarios))


def ways(*places: int) -> list[tuple[str, Path]]:
    return [(NAMES[at], trace_of("shop", at).trace.paths()[0]) for at in places]


@pytest.fixture
def stage(qtbot: object) -> Iterator[tuple[CanvasScene, Overlays, OverlayLayer]]:
    scene = scene_of(sample_state("shop"))
    overlays = Overlays()
    layer = OverlayLayer(scene, overlays)
    yield scene, overlays, layer
    layer.close()


Stage = tuple[CanvasScene, Overlays, OverlayLayer]


def test_no_two_styles_look_alike() -> None:
    assert len(PATTERNS) == MOST == len(set(PATTERNS))
    for theme in THEMES.values():
        assert len({pen_of(style, theme, 2.0).color().name() for style in range(MOST)}) == MOST


def test_each_way_has_a_line_and_they_follow_the_picture(stage: Stage) -> None:
    scene, overlays, layer = stage
    overlays.show(ways(0, 1, 3))
    assert [overlay.name for overlay, _course in layer.courses] == [NAMES[0], NAMES[1], NAMES[3]]
    scene.set_view("namespaces")
    scene.show(sample_state("shop"))
    assert layer.courses
    for _overlay, course in layer.courses:
        assert all(scene.rect_of(station) == rect for station, rect in course.stations)


def test_the_lines_are_painted_in_their_colours(stage: Stage) -> None:
    scene, overlays, layer = stage
    overlays.show(ways(1, 3))
    area = scene.stock.extent()
    image = QImage(round(area.width()), round(area.height()), QImage.Format.Format_RGB32)
    image.fill(scene.theme.color("canvas"))
    painter = QPainter(image)
    painter.translate(-area.topLeft())
    layer.paint(painter, 1.0, area)
    painter.end()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 3)}
    assert {scene.theme.tint(style).name() for style in (0, 1)} <= seen


def test_a_name_keeps_its_style_while_others_come_and_go() -> None:
    overlays = Overlays()
    overlays.show(ways(0, 1, 2))
    overlays.show(ways(1, 2))
    assert [overlays.style_of(NAMES[at]) for at in (0, 1, 2)] == [-1, 1, 2]
    overlays.show(ways(1, 2, 4))
    assert overlays.style_of(NAMES[4]) == 0


def test_more_than_can_be_told_apart_are_counted() -> None:
    overlays = Overlays()
    path = ways(0)[0][1]
    overlays.show([(f"request {at}", path) for at in range(MOST + 3)])
    assert len(overlays.shown) == MOST and overlays.left_out == 3
    assert sorted(each.style for each in overlays.shown) == list(range(MOST))


def test_the_legend_says_what_each_line_is(stage: Stage) -> None:
    scene, overlays, _layer = stage
    view = CanvasView(scene)
    view.resize(900, 600)
    legend = Legend(overlays, view)
    assert legend.isHidden() and legend.lines() == ()
    overlays.show(ways(1, 3))
    assert legend.lines() == (f"{NAMES[1]}: ✓ delivered", f"{NAMES[3]}: ✕ denied by policy")
    assert not legend.isHidden()
    assert NAMES[3] in legend.accessibleName()
    assert legend.geometry().right() <= 900 and legend.geometry().bottom() <= 600
    overlays.hide(True)
    assert legend.isHidden()
    overlays.hide(False)
    assert len(legend.lines()) == 2
    view.close()


def test_the_picture_stays_off_the_strip_of_the_legends(stage: Stage) -> None:
    """Two legends stand one above the other, entries side by side; what is shown whole lies above them."""
    scene, overlays, _layer = stage
    view = CanvasView(scene)
    view.resize(900, 500)
    view.zoom_to_fit(animated=False)
    first, second = Legend(overlays, view), Legend(overlays, view)
    overlays.show(ways(1, 3))
    assert not first.geometry().intersects(second.geometry())
    assert first.geometry().bottom() <= 500 and second.geometry().top() >= 44
    assert first.height() < 44  # both entries have room in one row
    view.zoom_to_fit(animated=False)
    drawn = view.mapFromScene(view.whole()).boundingRect()
    assert drawn.bottom() <= second.geometry().top()
    overlays.hide(True)
    assert view.bottom_inset == 0
    view.close()


def test_a_low_view_has_no_legend_over_its_picture(stage: Stage) -> None:
    scene, overlays, _layer = stage
    view = CanvasView(scene)
    view.resize(900, 500)
    legend = Legend(overlays, view)
    overlays.show(ways(1, 3))
    assert not legend.isHidden()
    view.resize(900, 150)
    view.show()
    legend.follow()
    assert legend.isHidden() and view.bottom_inset == 0 and NAMES[1] in legend.accessibleName()
    view.close()


def test_nothing_is_drawn_while_it_would_tell_an_answer(stage: Stage) -> None:
    _scene, overlays, layer = stage
    overlays.show(ways(0, 1))
    overlays.hide(True)
    assert layer.courses == () and overlays.names == (NAMES[0], NAMES[1])
    overlays.hide(False)
    assert len(layer.courses) == 2
