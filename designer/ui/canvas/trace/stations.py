"""The things a trace stops at, as the scene draws them: what stands for an object, and the ways between two of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.look import text_width
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.service import ServiceItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.router import MOST_BOXES, Box, Point, route, tidy

# How far round the straight way things are looked at.
AROUND = 120.0
# Tall cards are entered at their head.
HEAD = 28.0
# A trace that ends on a Node ends beside its pill, where it covers no words.
BESIDE_PILL = 16.0


class Stations:
    """Finds stations by object id in what a scene shows now."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene

    def find(self, oid: str) -> str | None:
        """The id of the drawn thing that stands for an object: a Pod's chip, an item, its owner; None for nothing."""
        if not oid:
            return None
        if self._chip(oid) is not None or self._scene.item_of(oid) is not None:
            return oid
        pod = self._scene.pod_state(oid)
        others = (f"Node:{pod.node}", pod.owner or "") if pod is not None else ()
        drawn = next((other for other in others if self._scene.item_of(other) is not None), None)
        return drawn or self._scene.places.card_for(oid) or None

    def rect(self, station: str) -> QRectF:
        """The rectangle of a station."""
        return self._scene.rect_of(station) or QRectF()

    def chip(self, oid: str) -> QRectF | None:
        """The rectangle of a Pod's chip, None where it has none."""
        return self._scene.places.pod_rect(oid)

    def is_node(self, station: str) -> bool:
        """Whether it is a box with a packet path of its own."""
        item = self._scene.item_of(station)
        return isinstance(item, PodBoxItem) and item.facts.role == "node"

    def _chip(self, oid: str) -> tuple[PodBoxItem, int] | None:
        pod = self._scene.pod_state(oid)
        if pod is None:
            return None
        for box_id in (f"Node:{pod.node}" if pod.node else "tray", pod.owner or pod.id):
            box = self._scene.item_of(box_id)
            if isinstance(box, PodBoxItem):
                place = next((at for at, other in enumerate(box.facts.pods) if other.id == oid), None)
                if place is not None:
                    return box, place
        return None

    # --- ways

    def way(self, start: str, end: str) -> list[Point]:
        """The corner points of the way from one station to another."""
        one, two = self._chip(start), self._chip(end)
        if one and one[0].oid == end:
            return _to_pill(*one)
        if two and two[0].oid == start:
            return _to_pill(*two)[::-1]
        if one and two and one[0] is two[0]:
            return _among(one[0], one[1], two[1])
        out, leave = self._gate(start, end)
        into, arrive = self._gate(end, start)
        first, last = out[-1], into[-1]
        middle = route(first, leave, last, arrive, self._boxes(first, last))
        return tidy([*out, *middle, *into[::-1]])

    def rest(self, station: str, entry: Point | None) -> list[Point]:
        """The points from where a packet came in to where it ends."""
        item = self._scene.item_of(station)
        if isinstance(item, PodBoxItem) and item.facts.role == "node":
            pill = pill_of(item)
            level = pill.center().y()
            end = (pill.right() + BESIDE_PILL, level)
            if entry is not None and entry[0] > pill.right() - 1:
                # It came from that side: it ends where it would have left.
                return tidy([entry, (pill.left(), level)])
            return [end] if entry is None else tidy([entry, (entry[0], level), end])
        if entry is not None:
            return [entry]
        chip = self._chip(station)
        if chip is not None:
            return [_to_pill(*chip)[0]]
        rect = self.rect(station)
        return [(rect.right(), rect.center().y())]

    def through(self, station: str, entry: Point, leaving: Point) -> list[Point]:
        """The points from where a packet comes into a station to where it leaves it."""
        item = self._scene.item_of(station)
        if isinstance(item, PodBoxItem) and item.facts.role == "node":
            middle = pill_of(item).center().x()
            if abs(entry[0] - leaving[0]) < 24:
                return tidy([entry, (middle, entry[1]), (middle, leaving[1]), leaving])
            if abs(entry[1] - leaving[1]) < 12:
                return [entry, leaving]
            corner = (entry[0], leaving[1]) if abs(leaving[0] - item.rect.x()) < 40 else (leaving[0], entry[1])
            return tidy([entry, corner, leaving])
        return tidy([entry, leaving])

    def _gate(self, station: str, other: str) -> tuple[list[Point], Point]:
        """The points from a station to the border of what it stands in, and the step away from there."""
        rect, toward = self.rect(station), self.rect(other)
        chip = self._chip(station)
        item = self._scene.item_of(station)
        box = chip[0] if chip is not None else item
        if not isinstance(box, PodBoxItem):
            return _card_gate(rect, toward, isinstance(item, ServiceItem))
        right = toward.left() >= box.rect.right()
        edge, step = (box.rect.right(), 1.0) if right else (box.rect.left(), -1.0)
        if chip is not None and box.facts.role != "node":
            return [*_to_channel(*chip), (edge, _channel(*chip))], (step, 0.0)
        if box.facts.role != "node":
            return [(edge, box.rect.top() + podgrid.HEADER / 2)], (step, 0.0)
        pill = pill_of(box)
        level = pill.center().y()
        gate = [(pill.right() if right else pill.left(), level), (edge, level)]
        return ([*_to_pill(*chip), *gate] if chip is not None else gate), (step, 0.0)

    def _boxes(self, start: Point, end: Point) -> list[Box]:
        """The things that a way must not cross; of too many those that stand nearest to the plain way."""
        stock = self._scene.stock
        area = QRectF(min(start[0], end[0]), min(start[1], end[1]), abs(start[0] - end[0]), abs(start[1] - end[1]))
        area.adjust(-AROUND, -AROUND, AROUND, AROUND)
        tables = [index.edges[index.visible(area, 0.0)] for index in (stock.cards, stock.boxes)]
        titles = [title for frame in stock.frames.items if (title := title_words(frame)).intersects(area)]
        tables.append(np.array([(t.left(), t.top(), t.right(), t.bottom()) for t in titles]).reshape(-1, 4))
        table = np.concatenate(tables)
        if len(table) > MOST_BOXES:
            table = table[np.argsort(_off(table, start, end), kind="stable")[:MOST_BOXES]]
        return [(left, top, right, bottom) for left, top, right, bottom in table.tolist()]


def title_words(frame: FrameItem) -> QRectF:
    """Roughly the rectangle of the words in the title of a frame: lines run off them."""
    title = frame.title_rect()
    words = text_width(frame.facts.title, 11.0)
    middle = title.center().y()
    return QRectF(title.x() + 16, middle - 6, min(words, title.width() - 32), 12)


def pill_of(box: PodBoxItem) -> QRectF:
    """The rectangle of a Node's packet path; where no kube-proxy is drawn, the free strip above its Pods."""
    if box.has_pill:
        return box.pill_rect()
    return QRectF(box.rect.x() + podgrid.PADDING, box.rect.y() + podgrid.HEADER + 4, 112.0, 8.0)


def _to_pill(box: PodBoxItem, place: int) -> list[Point]:
    """The points from a Pod's chip to the pill of its Node, in the gaps between the chips."""
    pill, chip = pill_of(box), box.chip_rect(place)
    row, column = divmod(place, box.columns)
    if row == 0 and column == 0:
        x = pill.center().x()
        return [(x, chip.top()), (x, pill.bottom())]
    if row == 0:
        x = chip.center().x()
        return [(x, chip.top()), (x, pill.center().y()), (pill.right(), pill.center().y())]
    above = chip.top() - podgrid.CHIP_GAP / 2
    x = chip.left() + 24
    if column == 0:
        lane, gap, under = box.rect.x() + podgrid.PADDING / 2, pill.bottom() + podgrid.CHIP_GAP / 2, pill.left() + 16
        return [(x, chip.top()), (x, above), (lane, above), (lane, gap), (under, gap), (under, pill.bottom())]
    lane = chip.left() - podgrid.CHIP_GAP / 2
    level = pill.center().y()
    return [(x, chip.top()), (x, above), (lane, above), (lane, level), (pill.right(), level)]


def _channel(box: PodBoxItem, place: int) -> float:
    """The y of the gap above a Pod's row."""
    return box.chip_rect(place).top() - podgrid.CHIP_GAP / 2


def _to_channel(box: PodBoxItem, place: int) -> list[Point]:
    x = box.chip_rect(place).center().x()
    return [(x, box.chip_rect(place).top()), (x, _channel(box, place))]


def _among(box: PodBoxItem, start: int, end: int) -> list[Point]:
    """The points from one Pod to another in the same box."""
    out, into = _to_channel(box, start), _to_channel(box, end)
    if out[-1][1] == into[-1][1]:
        return tidy([*out, *into[::-1]])
    lane = box.rect.x() + podgrid.PADDING / 2
    return tidy([*out, (lane, out[-1][1]), (lane, into[-1][1]), *into[::-1]])


def _card_gate(rect: QRectF, toward: QRectF, slim: bool) -> tuple[list[Point], Point]:
    """Where a card is left: on the side where the other end stands."""
    level = rect.center().y() if slim else rect.top() + min(rect.height() / 2, HEAD)
    if toward.left() >= rect.right() - 8:
        return [(rect.right(), level)], (1.0, 0.0)
    if toward.right() <= rect.left() + 8:
        return [(rect.left(), level)], (-1.0, 0.0)
    if toward.top() >= rect.bottom():
        return [(rect.center().x(), rect.bottom())], (0.0, 1.0)
    return [(rect.center().x(), rect.top())], (0.0, -1.0)


def _off(boxes: NDArray[np.float64], start: Point, end: Point) -> NDArray[np.float64]:
    """How far the middle of each box is from the straight line between two points."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    found: NDArray[np.float64] = np.abs((x - start[0]) * dy - (y - start[1]) * dx) / length
    return found
