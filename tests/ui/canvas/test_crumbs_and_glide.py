"""The way to the selection above the canvas, and what glides when the picture becomes another one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from designer.ui.canvas.crumbs import Crumbs
from designer.ui.kit import motion
from tests.ui.canvas.bench import CART, Bench
from tests.ui.canvas.projects import project_of


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot, project_of())
    yield bench
    bench.gestures.cancel()
    bench.view.close()


def crumbs(bench: Bench) -> Crumbs:
    assert bench.view.crumbs is not None
    return bench.view.crumbs


def texts(bench: Bench) -> list[str]:
    return [step.text() for step in crumbs(bench).steps]


def test_the_way_is_shown_and_its_steps_are_pressed(bench: Bench) -> None:
    assert crumbs(bench).isHidden()
    pod = next(iter(bench.session.state.control.pods.values()))
    bench.selection.select((pod.id,))
    assert crumbs(bench).isVisible()
    assert texts(bench)[:3] == ["cluster", "shop", "cart"]
    workload: QPushButton = crumbs(bench).steps[2]
    assert workload.accessibleName() == "Select Deployment cart"
    QTest.mouseClick(workload, Qt.MouseButton.LeftButton)
    assert list(bench.selection.ids) == ["Deployment:shop/cart"]
    first = crumbs(bench).steps[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Space)
    assert list(bench.selection.ids) == []
    assert crumbs(bench).isHidden()


def test_another_selection_shows_its_own_way_at_once(bench: Bench) -> None:
    bench.selection.select((CART,))
    bench.selection.select(("Deployment:shop/cart",))
    assert crumbs(bench).isVisible()
    assert all(step.isVisible() for step in crumbs(bench).steps)
    assert crumbs(bench).width() >= sum(step.width() for step in crumbs(bench).steps)
    ends = [step.geometry().right() for step in crumbs(bench).steps]
    assert ends == sorted(set(ends))


def test_where_room_is_scarce_the_nearest_steps_stay(bench: Bench) -> None:
    bench.selection.select((CART,))
    assert len(texts(bench)) == 3
    crumbs(bench).set_room(110)
    assert texts(bench) == ["cart"] or texts(bench) == ["shop", "cart"]
    crumbs(bench).set_room(10)
    assert crumbs(bench).isHidden()


def test_things_glide_to_their_new_places_and_the_picture_is_there_at_once(bench: Bench, qtbot: QtBot) -> None:
    motion.set_reduced_motion(False)
    bench.view.show_view("namespaces")
    assert bench.view.glide.running
    assert bench.scene.current_view == "namespaces"
    assert bench.scene.item_of("Namespace:shop") is not None
    qtbot.waitUntil(lambda: not bench.view.glide.running, timeout=2000)
    bench.gestures.board.toggle(("Namespace:shop",))
    assert bench.view.glide.running
    bench.view.show_view("nodes")  # in the middle of it
    qtbot.waitUntil(lambda: not bench.view.glide.running, timeout=2000)


def test_with_reduced_motion_nothing_glides(bench: Bench) -> None:
    bench.view.show_view("namespaces")
    assert not bench.view.glide.running


def test_a_move_of_a_shape_is_no_other_picture(bench: Bench) -> None:
    motion.set_reduced_motion(False)
    bench.selection.select((CART,))
    bench.gestures.board.nudge(8, 0)
    assert not bench.view.glide.running
