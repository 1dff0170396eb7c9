"""All Pods of a view in numpy tables: painted in batches, never as items of their own.

Near: chips with text; further away: chips with their tint; far away the `FarPicture` shows them as a texture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from designer.engine.controlplane.state import PodState
from designer.model import split_id
from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.look import Look, cosmetic, text_width, write
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.tokens import RADIUS, TINT_BAR, Theme
from designer.ui.kit.verdict import draw_shield

READY, TERMINATING, PENDING, SHIELDED, STRUCK = 1, 2, 4, 8, 16

INSET = np.array((1.0, 1.0, -2.0, -2.0))

# Sizes of the words on a chip and how large they may become: its name over its address, its address, its name alone.
NAME_SIZE, LINE_SIZE, NAME_ALONE = (11.5, 13.0), (10.5, 13.0), (11.5, 27.0)

# So many Pods that are drawn no more are remembered, and as many again as are drawn.
MANY_KNOWN = 10_000

# Below this zoom chips are bare rectangles: their round corners are smaller than a pixel.
ROUND_FROM = 0.3


def draw_rects(painter: QPainter, rects: NDArray[np.float64]) -> None:
    """Nothing; draws all rectangles of an (n, 4) table with pen and brush as set, without making an object for each."""
    if len(rects):
        table = np.ascontiguousarray(rects, dtype=np.float64)
        first = cast(QRectF, shiboken6.wrapInstance(table.ctypes.data, QRectF))
        painter.drawRects(first, len(table))


class PodLayer:
    """The Pods of a sequence of boxes, as tables in the order of the boxes.

    `rects` (n, 4): x, y, width, height; `tints` (n,) place in the palette; `flags` (n,) bits; `starts` (boxes + 1,)
    where each box's Pods begin.
    """

    def __init__(self, tint_of: Callable[[str], int], shielded: Callable[[PodState], bool | None]) -> None:
        """`shielded` is None for a Pod that policies select and nobody protects: nothing enforces them."""
        self._tint_of = tint_of
        self._shielded = shielded
        self.boxes: list[PodBoxItem] = []
        # Another value says that tints or shields may be others for the same Pods.
        self.version: object = None
        self._looks: dict[str, tuple[tuple[PodState, ...], object, NDArray[np.uint8]]] = {}
        self.places: dict[str, int] = {}
        self.starts: NDArray[np.intp] = np.zeros(1, dtype=np.intp)
        self.rects: NDArray[np.float64] = np.zeros((0, 4))
        self.tints: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.flags: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        # Tint and flags of every Pod that was looked at, by identity: another box may hold it in the next view.
        self._known: dict[int, tuple[PodState, int, int]] = {}
        self._known_version: object = None
        # The colour of each box's Pods from afar, by theme.
        self._averages: dict[str, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self.rects)

    def fill(self, boxes: Sequence[PodBoxItem]) -> None:
        """Nothing; makes the tables anew; what was worked out for boxes with the same facts is used again."""
        self.boxes = list(boxes)
        self.places = {box.oid: place for place, box in enumerate(self.boxes)}
        counts = [len(box.facts.pods) for box in self.boxes]
        self.starts = np.concatenate(([0], np.cumsum(counts))).astype(np.intp)
        self.rects = podgrid.all_chip_rects(
            np.array([(box.rect.x(), box.rect.y()) for box in self.boxes], dtype=np.float64).reshape(-1, 2),
            np.array([box.columns for box in self.boxes], dtype=np.intp),
            np.array(counts, dtype=np.intp),
            np.array([box.has_pill for box in self.boxes], dtype=bool),
        )
        self._averages = {}
        # A view without Pods is no reason to forget how they look: the next one may show them all again.
        many = bool(counts) and len(self._known) > MANY_KNOWN + 2 * len(self.rects)
        if self._known_version != self.version or many:
            self._known, self._known_version = {}, self.version
        known, self._looks = self._looks, {}
        for box in self.boxes:
            looks = known.get(box.oid)
            if looks is None or looks[0] is not box.facts.pods or looks[1] != self.version:
                looks = (box.facts.pods, self.version, self._look_of(box))
            self._looks[box.oid] = looks
        tables = [self._looks[box.oid][2] for box in self.boxes]
        looks_of_all = np.concatenate(tables, axis=1) if tables else np.zeros((2, 0), dtype=np.uint8)
        self.tints, self.flags = looks_of_all[0], looks_of_all[1]

    def holds(self, box: PodBoxItem) -> bool:
        """Whether the tables have the Pods of a box, where they stand now."""
        place, looks = self.places.get(box.oid, -1), self._looks.get(box.oid)
        if looks is None or looks[0] is not box.facts.pods or self.boxes[place] is not box:
            return False
        first, last = self.starts[place], self.starts[place + 1]
        wanted = podgrid.chip_rects(box.rect.x(), box.rect.y(), box.columns, last - first, box.has_pill)
        return bool(np.array_equal(self.rects[first:last], wanted))

    def _look_of(self, box: PodBoxItem) -> NDArray[np.uint8]:
        """(2, pods) table of tints and flags of a box."""
        return np.array([self._look(pod)[1:] for pod in box.facts.pods], dtype=np.uint8).reshape(-1, 2).T

    def _look(self, pod: PodState) -> tuple[PodState, int, int]:
        found = self._known.get(id(pod))
        if found is None:
            # With the Pod itself: while it is remembered, no other has its place in memory.
            found = self._known[id(pod)] = (pod, self._tint_of(pod.namespace), self._flags_of(pod))
        return found

    def look_at(self, pods: Iterable[PodState], version: object) -> None:
        """Nothing; remembers how these look."""
        self._known, self._known_version = {}, version
        for pod in pods:
            self._look(pod)

    def learn(self, other: PodLayer) -> None:
        """Nothing; takes over what another layer, which is used no more, has looked at."""
        self._known, self._known_version = other._known, other._known_version

    def _flags_of(self, pod: PodState) -> int:
        shielded = self._shielded(pod)
        return (
            (READY if pod.ready else 0)
            | (TERMINATING if pod.terminating else 0)
            | (PENDING if pod.node is None else 0)
            | (SHIELDED if shielded is not False else 0)
            | (STRUCK if shielded is None else 0)
        )

    def moved(self, box: PodBoxItem) -> None:
        """Nothing; takes over where a box stands now."""
        place = self.places[box.oid]
        first, last = self.starts[place], self.starts[place + 1]
        rect = box.rect
        self.rects[first:last] = podgrid.chip_rects(rect.x(), rect.y(), box.columns, last - first, box.has_pill)

    def shift(self, boxes: NDArray[np.intp], by: QPointF) -> None:
        """Nothing; the Pods of these boxes (by place) went with them."""
        if len(boxes) == 0:
            return
        found = np.concatenate([np.arange(self.starts[box], self.starts[box + 1]) for box in boxes])
        self.rects[found, :2] += (by.x(), by.y())

    def inside(self, box: int, area: QRectF) -> list[int]:
        """Which Pods of a box (by place), counted from its first, lie wholly in `area`."""
        rects = self.rects[self.starts[box] : self.starts[box + 1]]
        hit = (rects[:, 0] >= area.left()) & (rects[:, 0] + rects[:, 2] <= area.right())
        hit &= (rects[:, 1] >= area.top()) & (rects[:, 1] + rects[:, 3] <= area.bottom())
        return np.flatnonzero(hit).tolist()

    def select(self, boxes: NDArray[np.intp], area: QRectF) -> NDArray[np.intp]:
        """The places of the Pods of these boxes (by place) that touch `area`."""
        if len(boxes) == 0:
            return np.zeros(0, dtype=np.intp)
        found = np.concatenate([np.arange(self.starts[box], self.starts[box + 1]) for box in boxes])
        rects = self.rects[found]
        hit = (rects[:, 0] < area.right()) & (rects[:, 0] + rects[:, 2] > area.left())
        hit &= (rects[:, 1] < area.bottom()) & (rects[:, 1] + rects[:, 3] > area.top())
        return found[hit]

    def count(self, boxes: NDArray[np.intp]) -> int:
        """How many Pods these boxes hold."""
        return int((self.starts[boxes + 1] - self.starts[boxes]).sum())

    def pod(self, place: int) -> PodState:
        """The Pod at a place of the tables."""
        box = int(np.searchsorted(self.starts, place, side="right")) - 1
        return self.boxes[box].facts.pods[place - int(self.starts[box])]

    def paint(self, painter: QPainter, look: Look, chosen: NDArray[np.intp]) -> None:
        """Nothing; draws the chosen Pods as the zoom asks for."""
        if len(chosen) == 0:
            return
        self._paint_chips(painter, look, chosen)
        if look.size_of(*NAME_ALONE) is not None:
            for place in chosen:
                self._paint_words(painter, look, int(place))

    def _paint_chips(self, painter: QPainter, look: Look, chosen: NDArray[np.intp]) -> None:
        theme, rects, flags = look.theme, self.rects[chosen], self.flags[chosen]
        fine = look.zoom >= ROUND_FROM
        line = cosmetic(theme.color("line"), 1.0, look.zoom)
        painter.setBrush(theme.color("chip"))
        painter.setPen(line if look.zoom >= 0.2 else Qt.PenStyle.NoPen)
        if fine:
            for x, y, w, h in rects.tolist():
                painter.drawRoundedRect(QRectF(x, y, w, h), RADIUS, RADIUS)
        else:
            draw_rects(painter, rects)
        hatched = rects[(flags & READY) == 0]
        if len(hatched):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(theme.color("line_strong", 130), Qt.BrushStyle.BDiagPattern))
            draw_rects(painter, hatched + INSET)
        self._paint_tints(painter, look, chosen)
        faded = rects[(flags & TERMINATING) != 0]
        if len(faded):
            painter.setPen(QPen(theme.color("muted"), max(1.0, 1 / look.zoom), Qt.PenStyle.DashLine))
            painter.setBrush(theme.color("canvas", 110))
            draw_rects(painter, faded)

    def _paint_tints(self, painter: QPainter, look: Look, chosen: NDArray[np.intp]) -> None:
        bars = self.rects[chosen]
        bars[:, 2] = max(TINT_BAR, min(24.0, 1.6 / look.zoom))
        tints = self.tints[chosen]
        painter.setPen(Qt.PenStyle.NoPen)
        for tint in np.unique(tints):
            painter.setBrush(look.theme.tint(int(tint)))
            draw_rects(painter, bars[tints == tint])

    def paint_one(self, painter: QPainter, look: Look, place: int) -> None:
        """Nothing; paints one Pod, by its place in the tables, again over its chip, marked."""
        oid, rect = self.pod(place).id, QRectF(*self.rects[place].tolist())
        painter.setPen(look.edge(oid))
        painter.setBrush(look.theme.color("selection" if look.is_selected(oid) else "chip"))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        bar = QRectF(rect.x(), rect.y() + 1, TINT_BAR, rect.height() - 2)
        painter.fillRect(bar, look.theme.tint(int(self.tints[place])))
        if look.size_of(*NAME_ALONE) is not None:
            self._paint_words(painter, look, place)

    def paint_texture(self, painter: QPainter, look: Look, boxes: NDArray[np.intp]) -> None:
        """Nothing; fills each box's field of Pods with the average of what they would show."""
        boxes = boxes[self.starts[boxes + 1] > self.starts[boxes]]
        if len(boxes) == 0:
            return
        first, last = self.starts[boxes], self.starts[boxes + 1] - 1
        # The chip at the right end of the first row is that of the last column; a box of one row ends with its last.
        columns = np.array([self.boxes[box].columns for box in boxes])
        corner, end = self.rects[first], self.rects[np.minimum(first + columns - 1, last)]
        fields = np.empty((len(boxes), 4))
        fields[:, :2] = corner[:, :2]
        fields[:, 2] = end[:, 0] + end[:, 2] - corner[:, 0]
        fields[:, 3] = self.rects[last, 1] + self.rects[last, 3] - corner[:, 1]
        colors = self._average(look.theme)[boxes]
        painter.setPen(Qt.PenStyle.NoPen)
        for color in np.unique(colors):
            painter.setBrush(QColor.fromRgb(int(color)))
            draw_rects(painter, fields[colors == color])

    def _average(self, theme: Theme) -> NDArray[np.int64]:
        """The colour of each box's field of chips from afar, as 0xAARRGGBB in steps of 4; tints weigh as their bars."""
        known = self._averages.get(theme.name)
        if known is None:
            boxes = np.repeat(np.arange(len(self.boxes)), np.diff(self.starts))
            counts = np.bincount(boxes * 8 + self.tints % 8, minlength=8 * len(self.boxes)).reshape(-1, 8)
            tints = np.array([_rgb(theme.tint(place)) for place in range(8)])
            shares = counts / np.maximum(1, counts.sum(axis=1))[:, None]
            mixed = np.array(_rgb(theme.color("chip"))) * 0.82 + 0.18 * (shares @ tints)
            red, green, blue = (mixed.astype(np.int64) // 4 * 4).T
            known = self._averages[theme.name] = 0xFF000000 | red << 16 | green << 8 | blue
        return known

    def _paint_words(self, painter: QPainter, look: Look, place: int) -> None:
        x, y, w, h = self.rects[place].tolist()
        pod, theme, flags = self.pod(place), look.theme, int(self.flags[place])
        shield = bool(flags & SHIELDED) and look.zoom >= 0.5
        text = theme.color("muted" if flags & (TERMINATING | PENDING) else "text")
        small = look.size_of(*LINE_SIZE)
        size = look.size_of(*(NAME_ALONE if small is None else NAME_SIZE))
        words = QRectF(x + 14, y, w - (40 if shield else 20), h)
        if small is None:
            write(painter, words, short_name(pod, words.width(), size), size, text, weight=SEMIBOLD)
        else:
            upper, lower = QRectF(words.x(), y + 9, words.width(), 18), QRectF(words.x(), y + 28, w - 20, 18)
            write(painter, upper, short_name(pod, upper.width(), size), size, text, weight=SEMIBOLD)
            write(painter, lower, line_of(pod), small, theme.color("muted"), mono=bool(pod.ips))
        if shield:
            draw_shield(painter, QRectF(x + w - 22, y + 8, 16, 16), "", theme, struck=bool(flags & STRUCK))


def short_name(pod: PodState, width: float, size: float | None) -> str:
    """The Pod's name; where it does not fit, its workload's name and its own last letters, the middle left out."""
    if size is None or pod.owner is None or text_width(pod.name, size, SEMIBOLD) <= width:
        return pod.name
    cut = f"{split_id(pod.owner)[2]}…{pod.name.rpartition('-')[2]}"
    return cut if len(cut) < len(pod.name) and text_width(cut, size, SEMIBOLD) <= width else pod.name


def _rgb(color: QColor) -> tuple[float, float, float]:
    return float(color.red()), float(color.green()), float(color.blue())


def line_of(pod: PodState) -> str:
    """The second line of a Pod: its address, or why it has none."""
    if pod.terminating:
        return f"{pod.ips[0]} · ending" if pod.ips else "ending"
    if pod.node is None:
        return pod.pending or "no Node"
    return pod.ips[0] if pod.ips else pod.phase


def pod_words(pod: PodState) -> str:
    """What a Pod is called and how it stands, for tooltips and readers."""
    address = ", ".join(pod.ips) or "no address"
    where = f"on {pod.node}" if pod.node else f"Pending: {pod.pending or 'no Node'}"
    made = f", made by {split_id(pod.owner)[0]} {split_id(pod.owner)[2]}" if pod.owner else ""
    how = ", terminating" if pod.terminating else "" if pod.ready else ", not ready"
    return f"Pod {pod.name} in {pod.namespace}, {address}, {where}{how}{made}"
