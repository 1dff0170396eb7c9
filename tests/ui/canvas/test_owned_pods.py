"""A workload that the view by Node does not draw is found and marked by its Pods."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from tests.ui.canvas.projects import sample_state

FRONTEND = "Deployment:default/frontend"


def test_a_workload_stands_where_its_pods_are(qtbot: QtBot) -> None:
    state = sample_state("first-steps")
    scene = CanvasScene()
    scene.show(state)
    pods = [pod.id for pod in state.control.pods.values() if pod.owner == FRONTEND]
    assert len(pods) == 2
    rects = [scene.places.pod_rect(pod) for pod in pods]
    assert scene.owned.rects(state, FRONTEND) == rects
    whole = scene.owned.whole(state, FRONTEND)
    assert whole is not None
    assert all(rect is not None and whole.contains(rect) for rect in rects)
    assert scene.owned.rects(state, pods[0]) == []
    assert scene.owned.whole(state, "Deployment:default/nobody") is None


def test_a_workload_that_is_drawn_needs_no_stand_in(qtbot: QtBot) -> None:
    state = sample_state("first-steps")
    scene = CanvasScene()
    scene.set_view("namespaces")
    scene.show(state)
    assert FRONTEND in scene.drawn()
    assert scene.owned.rects(state, FRONTEND) == []


def test_finding_a_workload_brings_its_pods_into_sight(qtbot: QtBot) -> None:
    state = sample_state("first-steps")
    scene = CanvasScene()
    scene.show(state)
    view = CanvasView(scene)
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show()
    view.zoom_to(3.0)
    view.pan(5000.0, 5000.0)
    whole = scene.owned.whole(state, FRONTEND) or QRectF()
    assert not view.seen().intersects(whole)
    view.reveal(FRONTEND)
    qtbot.waitUntil(lambda: view.seen().intersects(whole), timeout=3000)
