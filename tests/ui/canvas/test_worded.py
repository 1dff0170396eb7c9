"""Where the picture has words: names of Pods, heads of boxes, cards; what is laid over it keeps off them."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from designer.ui.canvas import worded
from designer.ui.canvas.worded import worded_rects
from tests.ui.canvas.projects import sample_state
from tests.ui.canvas.traced import scene_of


def test_every_pod_and_every_card_has_words_and_what_lies_elsewhere_does_not(qtbot: object) -> None:
    scene = scene_of(sample_state("shop"))
    found = worded_rects(scene, scene.stock.extent())
    state = scene.state
    assert state is not None
    chips = [scene.rect_of(pod) for pod in state.control.pods]
    assert chips and all(chip in found for chip in chips)
    service = scene.rect_of("Service:shop/db")
    assert service is not None and service in found
    assert worded_rects(scene, service.adjusted(2, 2, -2, -2)) == (service,)
    assert worded_rects(scene, QRectF(-9000, -9000, 10, 10)) == ()


def test_of_too_many_none_is_kept_off(qtbot: object) -> None:
    scene = scene_of(sample_state("shop"))
    every = len(worded_rects(scene, scene.stock.extent()))
    before, worded.MOST = worded.MOST, every - 1
    try:
        assert worded_rects(scene, scene.stock.extent()) == ()
    finally:
        worded.MOST = before
