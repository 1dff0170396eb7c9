"""The one map from ids to items: brought in line with a picture by difference, placed, and looked up by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF

from designer.model import EMPTY_MAP, Canvas, FrozenMap, Note, Placement
from designer.ui.canvas.facts import Facts, GroupFacts
from designer.ui.canvas.grasp import Grasp, fit_frame, inner_first
from designer.ui.canvas.index import RectIndex
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.group import GroupItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.table import AnyItem, item_for
from designer.ui.canvas.layout_boxes import GAP, Box, Spot, on_grid
from designer.ui.canvas.layout_keeping import arrange, rearrange
from designer.ui.canvas.layout_memory import begun
from designer.ui.canvas.views import Picture, Slot


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids of items that were added, removed, given other facts, or moved or resized; `whole`: all of them are new."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    whole: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.moved)


class Stock:
    """All items of the view that is shown. Only `_exchange` adds and removes items."""

    def __init__(self) -> None:
        self.items: dict[str, AnyItem] = {}
        self.slots: dict[str, Slot] = {}
        self.frames: RectIndex[FrameItem] = RectIndex()
        self.boxes: RectIndex[PodBoxItem] = RectIndex()
        self.cards: RectIndex[AnyItem] = RectIndex()
        self.memory: dict[str, dict[str, Spot]] = {}
        self._view = ""
        self._lanes: dict[str, float] = {}
        self._extent: QRectF | None = None
        self.grasp = Grasp(self)
        self._placements: Mapping[str, Placement] = EMPTY_MAP
        self._notes: Mapping[str, Note] = EMPTY_MAP
        self._vias: dict[tuple[str, str], tuple[tuple[float, float, float, float], list[QRectF]]] = {}
        self._boxes: list[Box] = []
        # Corners of frames that were closed to cards just now (the cards stand there), and of cards that were opened.
        self._closed: dict[str, QPointF] = {}
        self._opened: dict[str, tuple[float, float]] = {}
        # Whether a gesture has moved something for the time being, or a card took the place of what it stands for.
        self._touched = False
        # What is on hidden layers: it has its place among the others, and is neither drawn nor found.
        self._unseen: dict[str, AnyItem] = {}

    @property
    def placed(self) -> Mapping[str, AnyItem]:
        """All that has a place in this view, what is on hidden layers too."""
        return {**self.items, **self._unseen} if self._unseen else self.items

    def forget(self) -> None:
        """Nothing; another project begins: no item and no place of the old one stays."""
        self.items, self.slots, self.memory, self._view = {}, {}, {}, ""
        self._vias, self._unseen = {}, {}

    def settle(self, picture: Picture, canvas: Canvas) -> Difference:
        """The difference that bringing the items in line with `picture` and the placements of `canvas` made."""
        if not self._unseen and not picture.hidden:
            return self._settle(picture, canvas)
        seen = dict.fromkeys(self.items)
        self.items = dict(self.placed)
        found = self._settle(picture, canvas)
        self._unseen = {oid: item for oid, item in self.items.items() if oid in picture.hidden}
        self.items = {oid: item for oid, item in self.items.items() if oid not in picture.hidden}
        self._tabulate()
        if found.whole:
            return replace(found, added=tuple(self.items), removed=tuple(seen))
        return Difference(
            tuple(oid for oid in self.items if oid not in seen),
            tuple(oid for oid in seen if oid not in self.items),
            tuple(oid for oid in found.changed if oid in seen and oid in self.items),
            tuple(oid for oid in found.moved if oid in seen and oid in self.items),
        )

    def _settle(self, picture: Picture, canvas: Canvas) -> Difference:
        """The same while everything is seen."""
        whole = picture.view != self._view
        if whole:
            self._view = picture.view
            removed, self.items = tuple(self.items), {}
        else:
            removed = ()
        before = {oid: QRectF(item.rect) for oid, item in self.items.items()}
        self._closed, self._opened = {}, {}
        added, gone, changed = self._exchange(picture)
        difference = Difference(added, (*removed, *gone), changed, (), whole)
        if self._stays(canvas, difference):
            self._find_lanes()
            return difference
        self._place(picture, canvas, before)
        self._placements, self._notes = canvas.placements.get(picture.view, EMPTY_MAP), canvas.notes
        self._touched = False
        self._index()
        moved = tuple(oid for oid, rect in before.items() if oid in self.items and self.items[oid].rect != rect)
        return replace(difference, moved=moved)

    def _exchange(self, picture: Picture) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Ids that were added, removed and changed: the only place where items come and go."""
        wanted: dict[str, Facts] = {facts.oid: facts for facts, _slot in picture.things}
        self.slots = {facts.oid: slot for facts, slot in picture.things}
        removed = tuple(oid for oid in self.items if oid not in wanted)
        for oid in removed:
            del self.items[oid]
        added: list[str] = []
        changed: list[str] = []
        for oid, facts in wanted.items():
            item = self.items.get(oid)
            if item is None or type(item.facts) is not type(facts):
                if isinstance(item, FrameItem) and isinstance(facts, GroupFacts):
                    self._closed[oid] = item.rect.topLeft()
                elif isinstance(item, GroupItem):
                    self._opened[oid] = (item.rect.x(), item.rect.y())
                self.items[oid] = item_for(facts)
                self._touched = self._touched or item is not None
                (added if item is None else changed).append(oid)
            elif item.facts is not facts and item.facts != facts:
                item.take(facts)
                changed.append(oid)
        return tuple(added), removed, tuple(changed)

    def _place(self, picture: Picture, canvas: Canvas, before: Mapping[str, QRectF]) -> None:
        """Nothing; gives every item its rectangle: placed by hand, as remembered, or the layout's."""
        placements = canvas.placements.get(picture.view, EMPTY_MAP)
        memory = begun(self.memory, picture.view, canvas)
        if picture.all_folded:
            # Where everything is a card, what was far apart may stand close: this has a layout of its own.
            memory = begun(self.memory, f"{picture.view} folded", canvas)
            placements = FrozenMap({oid: place for oid, place in placements.items() if place.pinned})
            self._closed = {}
        for oid, corner in self._closed.items():
            size = self.items[oid].natural_size()
            memory[oid] = Spot(corner.x(), corner.y(), size.width(), size.height())
        began = not _has_cluster(self._boxes)
        self._boxes, grown = self._measured(picture, placements), []
        if began and any(box.oid not in memory for box in self._boxes):
            # Another cluster than the one that was taken back: what stood there is no measure for it.
            memory.clear()
        known = {oid: spot for oid, spot in memory.items() if oid in self.items}
        for box in self._boxes:
            where = placements.get(box.oid) or canvas.notes.get(box.oid)
            if where is not None:
                known[box.oid] = Spot(where.x, where.y, box.w, box.h, True)
            base, was = memory.get(box.oid), before.get(box.oid)
            # What a person placed pushes however it came there: by a move, a drop, an undo, another view.
            if where is not None or (
                base is not None and (box.w > base.w or box.h > base.h or _is_elsewhere(was, base))
            ):
                grown.append(box.oid)
        spots = arrange(self._boxes, known, grown, self._opened)
        self._take_vias(spots)
        # Remembered is where a thing stood before others pushed it, or a person placed it: undoing brings it back.
        # While there is no cluster, what is outside it has no side of it to stand on.
        clustered = _has_cluster(self._boxes)
        for oid, spot in spots.items():
            if clustered and oid not in memory:
                memory[oid] = Spot(spot.x, spot.y, spot.w, spot.h)
        for oid, spot in spots.items():
            self.items[oid].rect = QRectF(spot.x, spot.y, spot.w, spot.h)
        self._fit_frames(placements)

    def _measured(self, picture: Picture, placements: Mapping[str, Placement]) -> list[Box]:
        """A box for each thing that has a place of its own, with its size; frames with members follow those."""
        beside = _callers(picture)
        boxes = []
        for facts, slot in picture.things:
            item = self.items[facts.oid]
            if not (isinstance(item, FrameItem) and item.facts.members):
                size = size_of(item, placements.get(facts.oid))
                level = (*slot.beside, *beside.get(facts.oid, ()))
                room = (size.width(), size.height())
                boxes.append(Box(facts.oid, slot.column, *room, slot.frame, level, slot.first, slot.zone, slot.order))
        return boxes

    def remembered(self, oid: str) -> tuple[float, float] | None:
        """The corner at which a thing of this view stood when nobody had placed it; None for what never was drawn."""
        spot = self.memory.get(self._view, {}).get(oid)
        return (spot.x, spot.y) if spot is not None else None

    def laid_out(self, placements: Mapping[str, Placement]) -> dict[str, Placement]:
        """Where everything stands when it is laid out anew; pinned things and notes stay and are left out."""
        placed = self.placed
        pinned = {
            oid: Spot(place.x, place.y, placed[oid].rect.width(), placed[oid].rect.height(), True)
            for oid, place in placements.items()
            if place.pinned and oid in placed
        }
        boxes = [box for box in self._boxes if box.oid not in self._notes]
        spots = rearrange(boxes, pinned)
        return {
            oid: Placement(x=spot.x, y=spot.y, w=known.w, h=known.h)
            for oid, spot in spots.items()
            if oid in placed and oid not in pinned
            for known in (placements.get(oid, Placement(x=0, y=0)),)
        }

    def _take_vias(self, spots: dict[str, Spot]) -> None:
        """Nothing; moves the passages of calls out of `spots`, with where their ends stand."""
        found = {oid: spots.pop(oid) for oid in [oid for oid in spots if oid.startswith("via:")]}
        if not found:
            return
        self._vias = {}
        for oid, spot in found.items():
            source, _, rest = oid.removeprefix("via:").partition(">")
            target = rest.rpartition("@")[0]
            ends = (spots[source].x, spots[source].y, spots[target].x, spots[target].y)
            self._vias.setdefault((source, target), (ends, []))[1].append(QRectF(spot.x, spot.y, spot.w, spot.h))

    def vias_of(self, source: str, target: str) -> list[QRectF]:
        """The passages of a call between the boxes of the layers that it passes, while both its ends stand there."""
        ends, found = self._vias.get((source, target), (None, []))
        if ends is None or source not in self.items or target not in self.items:
            return []
        one, other = self.items[source].rect, self.items[target].rect
        return found if ends == (one.x(), one.y(), other.x(), other.y()) else []

    def _stays(self, canvas: Canvas, difference: Difference) -> bool:
        """Whether nothing has to be placed: the same things with the same sizes, and nothing was put elsewhere."""
        if (
            self._touched
            or difference.whole
            or difference.added
            or difference.removed
            or canvas.notes is not self._notes
        ):
            return False
        placements = canvas.placements.get(self._view, EMPTY_MAP)
        if placements is not self._placements:
            return False
        return all(
            size_of(self.items[oid], placements.get(oid)) == self.items[oid].rect.size()
            for oid in difference.changed
            if not isinstance(self.items[oid], FrameItem)
        )

    def _fit_frames(self, placements: Mapping[str, object]) -> None:
        """Nothing; frames follow their members; a frame that would cover another moves down with all it holds."""
        settled: list[FrameItem] = []
        found = [item for item in self.items.values() if isinstance(item, FrameItem)]
        for frame in inner_first(found):
            fit_frame(frame, self.items)
        # Zones stand in the cluster, and give way to nothing.
        frames = [] if self._view == "nodes" else found
        for frame in sorted(frames, key=lambda found: (found.rect.y(), found.rect.x())):
            free = not any(member in placements for member in frame.facts.members)
            for other in settled:
                if free and frame.rect.intersects(other.rect):
                    down = on_grid(other.rect.bottom() + 2 * GAP - frame.rect.top() + 4)
                    for member in (frame.oid, *frame.facts.members):
                        self.items[member].rect.translate(0, down)
            settled.append(frame)

    def _index(self) -> None:
        self._find_lanes()
        self._tabulate()

    def _tabulate(self) -> None:
        """Nothing; makes the tables of rectangles of what is seen."""
        self._extent = None
        self.grasp.forget()
        # The cluster's frame lies under those that stand in it.
        frames = [item for item in self.items.values() if isinstance(item, FrameItem)]
        self.frames = RectIndex(sorted(frames, key=lambda frame: not frame.facts.is_cluster))
        self.boxes = RectIndex([item for item in self.items.values() if isinstance(item, PodBoxItem)])
        self.cards = RectIndex([item for item in self.items.values() if not isinstance(item, FrameItem | PodBoxItem)])

    def disturbed(self) -> None:
        """Nothing; a gesture has put something elsewhere: the next picture places everything."""
        self._touched, self._extent = True, None

    def at(self, point: QPointF) -> AnyItem | None:
        """The uppermost item at a scene point: cards before boxes before frames."""
        return self.cards.at(point) or self.boxes.at(point) or self.frames.at(point)

    def lane_of(self, oid: str) -> float:
        """The x up to which an edge of a Service runs level: the right end of the columns of Services of its frame."""
        slot = self.slots.get(oid)
        return self._lanes.get(slot.frame, 0.0) if slot is not None and slot.column == "service" else 0.0

    def _find_lanes(self) -> None:
        self._lanes = {}
        for oid, slot in self.slots.items():
            if slot.column == "service" and self._view == "nodes":
                right = self.items[oid].rect.right()
                self._lanes[slot.frame] = max(self._lanes.get(slot.frame, right), right)

    def extent(self) -> QRectF:
        """The rectangle round everything."""
        tables = [index.edges for index in (self.frames, self.boxes, self.cards) if len(index.edges)]
        if not tables:
            return QRectF()
        if self._extent is None:
            low = np.min([table[:, :2].min(axis=0) for table in tables], axis=0)
            high = np.max([table[:, 2:].max(axis=0) for table in tables], axis=0)
            self._extent = QRectF(QPointF(float(low[0]), float(low[1])), QPointF(float(high[0]), float(high[1])))
        return QRectF(self._extent)


def _is_elsewhere(rect: QRectF | None, base: Spot) -> bool:
    """Whether a thing is not drawn where it is remembered to stand."""
    return rect is not None and (rect.x() != base.x or rect.y() != base.y)


def size_of(item: AnyItem, placed: Placement | None) -> QSizeF:
    """The size that an item gets: its natural one, or what a person gave it as far as its content fits."""
    if placed is None or not item.resizable:
        return item.natural_size()
    natural = item.natural_size(placed.w)
    return QSizeF(max(natural.width(), placed.w), max(natural.height(), placed.h))


def _has_cluster(boxes: Sequence[Box]) -> bool:
    """Whether anything of a cluster is drawn, besides what is outside it."""
    return any(box.frame or box.column == "layer" for box in boxes)


def _callers(picture: Picture) -> dict[str, tuple[str, ...]]:
    """What each thing should stand level with: in the traffic view its callers, outside what it leads to."""
    found: dict[str, list[str]] = {}
    for edge in picture.edges:
        if edge.kind == "entry":
            found.setdefault(edge.source, []).append(edge.target)
        if edge.kind == "call" or (edge.kind == "entry" and picture.view == "traffic"):
            found.setdefault(edge.target, []).append(edge.source)
    return {oid: tuple(others) for oid, others in found.items()}
