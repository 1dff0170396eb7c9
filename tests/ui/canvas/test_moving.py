"""What is worked out by difference while things are moved, chosen and snapped is what looking at each thing says."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from designer.edits.layers import add_layer, put_on_layer, show_layers
from designer.model import Project
from designer.session import Session
from designer.ui.canvas.edges import EdgeLayer
from designer.ui.canvas.facts import TRAY
from designer.ui.canvas.gestures.snapping import snapped
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.scene import CanvasScene
from tests.ui.canvas.projects import project_of

VIEWS = ("nodes", "namespaces", "traffic")


def hidden(project: Project) -> Project:
    """The project with a layer that is hidden: what is on it has a place, and is not drawn."""
    made = put_on_layer(add_layer(project, "away").project, ["ExternalClient:client"], "away").project
    return show_layers(made, ["away"], False).project


def shown(view: str, project: Project) -> CanvasScene:
    scene = CanvasScene()
    scene.set_view(view)
    scene.show(Session(project).state)
    return scene


@pytest.mark.parametrize("project", [project_of(), hidden(project_of())], ids=["all seen", "one hidden"])
@pytest.mark.parametrize("view", VIEWS)
def test_after_each_move_the_tables_are_those_of_the_things(qapp: object, view: str, project: Project) -> None:
    scene, chance = shown(view, project), random.Random(7)
    stock, drawn = scene.stock, [oid for oid in scene.stock.placed if oid not in ("cluster", TRAY)]
    for _ in range(25):
        chosen = chance.sample(drawn, min(len(drawn), chance.choice((1, 1, 2, 5))))
        moved = tuple(dict.fromkeys(other for oid in chosen for other in scene.companions(oid)))
        scene.shift(moved, QPointF(chance.randrange(-200, 200), chance.randrange(-200, 200)))
        tables: tuple[Any, ...] = (stock.frames, stock.boxes, stock.cards)
        for table in tables:
            for item, row in zip(table.items, table.edges.tolist(), strict=True):
                assert row == [item.rect.left(), item.rect.top(), item.rect.right(), item.rect.bottom()], item.oid
        for place, box in enumerate(stock.boxes.items):
            assert isinstance(box, PodBoxItem)
            rows = scene.pods.rects[scene.pods.starts[place] : scene.pods.starts[place + 1]].tolist()
            assert [QRectF(*row) for row in rows] == [box.chip_rect(n) for n in range(len(box.facts.pods))]
        fresh = EdgeLayer(scene.places)
        fresh.fill(scene.edges.edges)
        assert np.array_equal(fresh.ends, scene.edges.ends)
        assert [fresh.path_of(n) for n in range(len(fresh.edges))] == [
            scene.edges.path_of(n) for n in range(len(fresh.edges))
        ]


@pytest.mark.parametrize("seed", range(4))
def test_a_rubber_band_takes_the_same_as_looking_at_each_rectangle(qapp: object, seed: int) -> None:
    chance = random.Random(seed)
    scene = shown(VIEWS[seed % 3], project_of())
    scene.shift(("Node:node-1",), QPointF(48, 16))
    whole = scene.stock.extent().adjusted(-300, -300, 300, 300)
    found = set()
    for _ in range(60):
        corners = [
            QPointF(chance.uniform(whole.left(), whole.right()), chance.uniform(whole.top(), whole.bottom()))
            for _ in "ab"
        ]
        area = QRectF(*corners).normalized()
        wanted = set()
        for item in scene.drawn().values():
            if item in scene.stock.frames.items:
                continue
            if area.contains(item.rect):
                wanted |= {item.owner} if item.oid != TRAY else set()
            elif isinstance(item, PodBoxItem):
                wanted |= {pod.id for n, pod in enumerate(item.facts.pods) if area.contains(item.chip_rect(n))}
        assert set(scene.ids_in(area)) == wanted
        found |= wanted
    assert found


def nearest(rect: QRectF, others: list[QRectF], reach: float) -> QPointF:
    """Where the corner goes by looking at each line of each thing: the nearest, else the grid."""

    def lines(one: QRectF, across: bool) -> tuple[float, ...]:
        middle = one.center()
        return (one.left(), middle.x(), one.right()) if across else (one.top(), middle.y(), one.bottom())

    found = []
    for across, own in ((True, rect.x()), (False, rect.y())):
        by = [b - a for other in others for a, b in zip(lines(rect, across), lines(other, across), strict=True)]
        near = [one for one in by if abs(one) <= reach]
        best = min(near, key=abs) if near else None
        found.append(own + best if best is not None else round(own / 8) * 8)
    return QPointF(*found)


def test_snapping_goes_to_the_nearest_line_of_all(qapp: object) -> None:
    chance, drawn = random.Random(11), 0
    for _ in range(400):
        others = [
            QRectF(*(chance.randrange(0, 900, 3) for _ in "xy"), *(chance.randrange(20, 200, 2) for _ in "wh"))
            for _ in range(chance.randrange(0, 12))
        ]
        rect = QRectF(chance.uniform(0, 900), chance.uniform(0, 900), 152, 56)
        zoom = chance.choice((0.3, 1.0, 2.0))
        table = np.array([(r.left(), r.top(), r.right(), r.bottom()) for r in others]).reshape(-1, 4)
        corner, guides = snapped(rect, table, zoom)
        wanted = nearest(rect, others, 6.0 / zoom)
        assert (corner.x(), corner.y()) == pytest.approx((wanted.x(), wanted.y()))
        drawn += len(guides)
    assert drawn > 100


def painted(scene: CanvasScene, zoom: float, area: QRectF) -> QImage:
    image = QImage(900, 600, QImage.Format.Format_RGB32)
    image.fill(scene.ground())
    painter = QPainter(image)
    painter.scale(zoom, zoom)
    painter.translate(-area.topLeft())
    scene.paint_area(painter, area, zoom)
    scene.paint_marked(painter, area, zoom)
    painter.end()
    return image


@pytest.mark.parametrize("zoom", [0.25, 0.5, 1.0])
def test_what_is_copied_while_it_moves_looks_as_painted_anew(qapp: object, zoom: float) -> None:
    scene = shown("nodes", project_of())
    rect = scene.stock.items["Node:node-1"].rect
    area = QRectF(rect.x() - 100 / zoom, rect.y() - 100 / zoom, 900 / zoom, 600 / zoom)
    moved = ("Node:node-1", "Service:shop/cart")
    step = QPointF(round(16 / zoom), round(8 / zoom))
    for _ in range(4):
        scene.shift(moved, step)
        copied = painted(scene, zoom, area)
    assert not scene.carried._picture.isNull()
    scene.carried.forget()
    anew = painted(scene, zoom, area)
    one, other = (np.frombuffer(i.constBits(), dtype=np.uint8).astype(int) for i in (copied, anew))
    # Smooth borders and letters may fall differently on the pixels; nothing may be missing, doubled or elsewhere.
    assert (abs(one - other) > 96).mean() < 0.004
    assert painted(scene, zoom, area.translated(5000, 0)) != anew


def test_of_many_marked_things_each_is_marked(qapp: object) -> None:
    scene = shown("nodes", project_of())
    pods = [pod.id for box in scene.stock.boxes.items for pod in box.facts.pods]
    scene.set_selected((*pods, *scene.drawn()))
    chosen = scene._marking._choose(scene.marks, scene.marks.selected)
    assert {scene.pods.pod(row).id for row in chosen.pods[0].tolist()} == set(pods) and chosen.pods[1].all()
    frames, boxes, cards = (rows.tolist() for rows, _selected in chosen.tables)
    found = {scene.stock.frames.items[row].oid for row in frames}
    found |= {scene.stock.boxes.items[row].oid for row in boxes} | {scene.stock.cards.items[row].oid for row in cards}
    assert found == set(scene.drawn())


@pytest.mark.parametrize("view", VIEWS)
def test_what_a_band_finds_is_marked_as_if_it_had_been_looked_up(qapp: object, view: str) -> None:
    scene, fresh = shown(view, project_of()), shown(view, project_of())
    whole, chance = scene.stock.extent().adjusted(-40, -40, 40, 40), random.Random(5)
    for _ in range(30):
        x, y = chance.uniform(whole.left(), whole.right()), chance.uniform(whole.top(), whole.bottom())
        ids = scene.ids_in(QRectF(whole.topLeft(), QPointF(x, y)))
        hovered = chance.choice((*scene.reading_order(), ""))
        found = []
        for one in (scene, fresh):
            one.set_selected(ids)
            one.set_marks(hovered=hovered)
            fresh._marking.forget()
            chosen = one._marking._choose(one.marks, one.marks.selected | {hovered} - {""})
            parts = (*chosen.tables, chosen.pods)
            found.append(([(rows.tolist(), selected.tolist()) for rows, selected in parts], chosen.cards))
        assert found[0] == found[1]
