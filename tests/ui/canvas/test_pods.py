"""Pods in boxes: the arithmetic of the grid, the tables, and what is written at which zoom."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from designer.engine.controlplane.state import PodState
from designer.model import FrozenMap, PodSpec
from designer.ui.canvas.facts import PodBoxFacts
from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.look import Look
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.pod_layer import (
    LINE_SIZE,
    NAME_ALONE,
    NAME_SIZE,
    PENDING,
    READY,
    TERMINATING,
    PodLayer,
    line_of,
    pod_words,
    short_name,
)
from designer.ui.kit.tokens import LIGHT


def pod(name: str, **more: object) -> PodState:
    values: dict[str, object] = {
        "key": f"Pod:shop/{name}",
        "namespace": "shop",
        "name": name,
        "node": "n",
        "ips": ("10.0.0.1",),
        "labels": FrozenMap({}),
        "spec": PodSpec(),
    }
    return PodState(**(values | more))  # type: ignore[arg-type]


def box(count: int, name: str = "n") -> PodBoxItem:
    pods = tuple(pod(f"{name}-{i}") for i in range(count))
    return PodBoxItem(PodBoxFacts(f"Node:{name}", "node", name, "1.2.3.4", "", "kube-proxy", pods))


@pytest.mark.parametrize("columns", [1, 3, 7])
@pytest.mark.parametrize("count", [0, 1, 8, 20])
@pytest.mark.parametrize("pill", [True, False])
def test_the_pod_under_a_point_is_the_one_whose_rectangle_holds_it(columns: int, count: int, pill: bool) -> None:
    rects = podgrid.chip_rects(0, 0, columns, count, pill)
    for x in np.arange(0.5, podgrid.width_of(columns), 13.0):
        for y in np.arange(0.5, podgrid.height_of(count, columns, pill), 9.0):
            holding = [i for i, (left, top, w, h) in enumerate(rects) if left <= x <= left + w and top <= y <= top + h]
            assert podgrid.place_at(float(x), float(y), columns, count, pill) == (holding[0] if holding else None)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 30, 110, 250])
def test_a_box_of_natural_size_holds_all_its_pods(count: int) -> None:
    node = box(count)
    node.rect = QRectF(QPointF(40, 80), node.natural_size())
    chips = [node.chip_rect(place) for place in range(count)]
    assert all(node.rect.contains(chip) for chip in chips)
    assert len({(chip.x(), chip.y()) for chip in chips}) == count


def test_a_narrower_box_wraps_its_pods() -> None:
    node = box(6)
    narrow = node.natural_size(podgrid.width_of(2))
    assert narrow.width() == podgrid.width_of(2)
    assert narrow.height() - node.natural_size().height() == podgrid.CHIP_H + podgrid.CHIP_GAP


def test_the_chips_of_all_boxes_at_once_are_those_of_each() -> None:
    shapes = [(40.0, 80.0, 3, 7, True), (0.0, 0.0, 1, 1, False), (9.0, 9.0, 4, 0, True), (-8.0, 16.5, 10, 113, False)]
    x, y, columns, pods, pills = (np.array(column) for column in zip(*shapes, strict=True))
    found = podgrid.all_chip_rects(np.stack((x, y), axis=1), columns, pods, pills)
    each = [podgrid.chip_rects(*shape) for shape in shapes]
    assert np.array_equal(found, np.concatenate(each))


def test_the_tables_hold_what_the_boxes_hold() -> None:
    layer = PodLayer(lambda namespace: len(namespace), lambda pod: False)
    first, second = box(3, "a"), box(2, "b")
    second.rect.moveTo(900, 40)
    layer.fill([first, second])
    assert len(layer) == 5
    assert [layer.pod(place).name for place in range(5)] == ["a-0", "a-1", "a-2", "b-0", "b-1"]
    assert [QRectF(*layer.rects[3 + i]) for i in range(2)] == [second.chip_rect(i) for i in range(2)]
    assert set(layer.tints) == {4}
    area = second.chip_rect(1)
    assert layer.select(np.array([0, 1]), area).tolist() == [4]


def test_only_boxes_with_other_pods_are_looked_at_again() -> None:
    asked: list[str] = []

    def shielded(found: PodState) -> bool:
        asked.append(found.name)
        return False

    layer = PodLayer(lambda namespace: 0, shielded)
    first, second = box(2, "a"), box(2, "b")
    layer.fill([first, second])
    asked.clear()
    second.take(box(3, "b").facts)
    layer.fill([first, second])
    assert asked == ["b-0", "b-1", "b-2"]


def test_a_pod_says_how_it_stands() -> None:
    layer = PodLayer(lambda namespace: 0, lambda pod: False)
    pods = (pod("up"), pod("down", ready=False), pod("ends", terminating=True), pod("waits", node=None, ips=()))
    layer.fill([PodBoxItem(PodBoxFacts("Node:n", "node", "n", pods=pods))])
    assert layer.flags.tolist() == [READY, 0, READY | TERMINATING, READY | PENDING]
    assert "not ready" in pod_words(pods[1])
    assert "terminating" in pod_words(pods[2])
    assert line_of(pod("waits", node=None, ips=(), pending="0/3 nodes are available")) == "0/3 nodes are available"


def test_a_long_name_keeps_its_workload_and_its_end(qapp: object) -> None:
    found = pod("cartservice-fd6b7c9xyz-sc2td", owner="Deployment:shop/cartservice")
    assert short_name(found, 1000, 11.5) == found.name
    assert short_name(found, 120, 11.5) == "cartservice…sc2td"
    assert short_name(pod("cartservice-fd6b7c9xyz-sc2td"), 120, 11.5) == "cartservice-fd6b7c9xyz-sc2td"


def test_a_pod_with_an_address_to_read_has_a_name_to_read() -> None:
    for percent in range(5, 400):
        look = Look(LIGHT, percent / 100)
        if look.size_of(*LINE_SIZE) is not None:
            assert look.size_of(*NAME_SIZE) is not None
        if look.size_of(*NAME_SIZE) is not None:
            assert look.size_of(*NAME_ALONE) is not None


@pytest.mark.parametrize("zoom", [0.05, 0.1, 0.3, 0.5, 0.64, 0.72, 0.82, 0.9, 1.0, 2.5])
@pytest.mark.parametrize(("base", "most"), [(10.0, None), (11.0, 12.0), (12.5, 20.0), (11.5, 24.0)])
def test_no_text_is_smaller_than_nine_pixels_on_the_screen(zoom: float, base: float, most: float | None) -> None:
    size = Look(LIGHT, zoom).size_of(base, most)
    if size is None:
        assert (most or base) * zoom < 9.0 or -(-9.0 // zoom) > (most or base)
    else:
        assert size * zoom >= 9.0
        assert base <= size <= (most or base)
