"""Whatever happened before, the tiles show what painting everything anew would show."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from designer.edits.arrange import place
from designer.edits.create import create
from designer.edits.fields import set_field
from designer.edits.remove import remove
from designer.model import Placement, Project
from designer.session import Session
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from designer.ui.kit.style import apply_theme
from tests.ui.canvas.projects import project_of

CART = "Service:shop/cart"


def shown(qtbot: QtBot, session: Session) -> CanvasView:
    scene = CanvasScene()
    view = CanvasView(scene)
    view.resize(1280, 720)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    scene.show(session.state)
    return view


def picture(view: CanvasView, qtbot: QtBot) -> QImage:
    """What is seen once everything is sharp, without the widgets over it."""
    for widget in (view.minimap, view.tabs):
        widget.hide()
    view.viewport().repaint()
    qtbot.waitUntil(lambda: view.canvas.resting, timeout=5000)
    view.viewport().repaint()
    return view.viewport().grab().toImage()


def fresh(session: Session, view: CanvasView, qtbot: QtBot) -> QImage:
    """The same part of the same drawing in a view that shows it for the first time."""
    other = shown(qtbot, session)
    for oid, item in view.canvas.drawn().items():
        other.canvas.drawn()[oid].rect = item.rect
    other.canvas.stock._index()
    other.canvas.pods.fill(other.canvas.stock.boxes.items)
    other.canvas.edges.fill(view.canvas.edges.edges, frozenset(other.canvas.drawn()))
    other.canvas._reframe()
    other.canvas._picture.tiles.forget()
    other.canvas.set_selected(view.canvas.marks.selected)
    other._put(view.zoom, view.mapToScene(view.viewport().rect().center()))
    other.horizontalScrollBar().setValue(view.horizontalScrollBar().value())
    other.verticalScrollBar().setValue(view.verticalScrollBar().value())
    found = picture(other, qtbot)
    other.hide()
    return found


EDITS: dict[str, Callable[[Project], object]] = {
    "move": lambda p: place(p, "nodes", {CART: Placement(x=640, y=320)}),
    "move a node": lambda p: place(p, "nodes", {"Node:node-1": Placement(x=480, y=720)}),
    "port": lambda p: set_field(p, CART, "spec.ports[0].port", 8443),
    "scale": lambda p: set_field(p, "Deployment:shop/cart", "spec.replicas", 13),
    "unselect": lambda p: set_field(p, CART, "spec.selector", {"app": "nothing"}),
    "create": lambda p: create(p, "Service", namespace="shop"),
    "remove": lambda p: remove(p, (CART,)),
    "open the policy": lambda p: remove(p, ("NetworkPolicy:shop/guard",)),
}


@pytest.mark.parametrize("name", EDITS)
def test_after_an_edit_the_tiles_are_those_of_a_new_picture(qtbot: QtBot, name: str) -> None:
    session = Session(project_of())
    view = shown(qtbot, session)
    session.subscribe(view.canvas.reconcile)
    first = picture(view, qtbot)
    session.apply(EDITS[name](session.project))  # type: ignore[arg-type]
    second = picture(view, qtbot)
    assert second != first
    assert second == fresh(session, view, qtbot)
    session.undo()
    assert picture(view, qtbot) == fresh(session, view, qtbot)
    view.hide()


def test_panning_and_zooming_end_in_the_same_picture(qtbot: QtBot) -> None:
    session = Session(project_of())
    view = shown(qtbot, session)
    before = picture(view, qtbot)
    view.pan(37, -20)
    picture(view, qtbot)
    view.pan(-37, 20)
    assert picture(view, qtbot) == before
    view.zoom_to(1.7)
    assert not view.canvas.resting or view.canvas._picture.tiles.sharp
    assert picture(view, qtbot) == fresh(session, view, qtbot)
    view.hide()


def test_a_gesture_is_seen_at_once_and_leaves_nothing_behind(qtbot: QtBot) -> None:
    session = Session(project_of())
    view = shown(qtbot, session)
    before = picture(view, qtbot)
    view.canvas.shift((CART,), QPointF(24, 160))
    assert picture(view, qtbot) != before
    view.canvas.restore()
    assert picture(view, qtbot) == before
    view.hide()


def test_selection_is_drawn_over_the_tiles(qtbot: QtBot) -> None:
    session = Session(project_of())
    view = shown(qtbot, session)
    before = picture(view, qtbot)
    view.canvas.set_selected((CART,))
    marked = picture(view, qtbot)
    assert marked != before
    assert marked == fresh(session, view, qtbot)
    view.canvas.set_selected(())
    assert picture(view, qtbot) == before
    view.hide()


def test_another_theme_paints_everything_anew(qapp: QApplication, qtbot: QtBot) -> None:
    session = Session(project_of())
    view = shown(qtbot, session)
    picture(view, qtbot)
    theme = apply_theme(qapp, "dark")
    dark = picture(view, qtbot)
    assert dark.pixelColor(1, 1).name().upper() == theme.canvas.upper()
    assert dark == fresh(session, view, qtbot)
    view.hide()


def test_inside_a_window_the_tiles_are_where_the_view_is(qtbot: QtBot) -> None:
    session = Session(project_of())
    alone = shown(qtbot, session)
    expected = picture(alone, qtbot)
    window = QWidget()
    window.resize(1280 + 200, 720 + 96)
    scene = CanvasScene()
    view = CanvasView(scene, parent=window)
    view.setGeometry(200, 96, 1280, 720)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    scene.show(session.state)
    picture(view, qtbot)
    assert window.grab().toImage().copy(200, 96, 1280, 720) == expected
    window.hide()
    alone.hide()
