"""The cluster's frame follows what is moved in it: from tables as by looking at each member."""

import random

from PySide6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from designer.engine.compile import compile_project
from designer.resources import resource_path
from designer.storage import open_file
from designer.ui.canvas.grasp import fit_frame, inner_first
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.scene import CanvasScene


def test_the_frame_is_round_its_members_after_each_step_of_a_drag(qtbot: QtBot) -> None:
    project = open_file(resource_path("samples", "first-steps.cnd")).project
    assert project is not None
    scene, chance = CanvasScene(), random.Random(3)
    scene.show(compile_project(project))
    stock = scene.stock
    (cluster,) = [item for item in stock.frames.items if item.facts.is_cluster]
    movable = [oid for oid, item in stock.items.items() if not isinstance(item, FrameItem)]
    rects = set()
    for _ in range(40):
        scene.shift((chance.choice(movable),), QPointF(chance.randrange(-400, 400), chance.randrange(-400, 400)))
        found = QRectF(cluster.rect)
        for frame in inner_first(stock.frames.items):
            fit_frame(frame, stock.items)
        assert found == cluster.rect
        rects.add((found.x(), found.y(), found.width(), found.height()))
    assert len(rects) > 5
