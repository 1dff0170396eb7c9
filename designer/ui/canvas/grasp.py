"""Moving things for the time of a gesture: they, their rows in the tables, and the frames that follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.table import AnyItem

if TYPE_CHECKING:
    from designer.ui.canvas.index import RectIndex
    from designer.ui.canvas.stock import Stock

Places = NDArray[np.intp]


class Grasp:
    """Moves items of a stock. What is looked up for a move is kept for the next one of the same things."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._ids: tuple[str, ...] = ()
        self._held: list[AnyItem] = []
        # The places of the held things that are seen, in the tables of boxes, cards and frames.
        self._rows: list[Places] = []
        # Of each frame that followed a move, its members' places in the same tables.
        self._inside: dict[str, list[Places]] = {}

    def forget(self) -> None:
        """Nothing; the tables are others now."""
        self._ids, self._held, self._rows, self._inside = (), [], [], {}

    def shift(self, oids: Sequence[str], by: QPointF) -> tuple[Places, dict[str, QRectF]]:
        """The places of the boxes of Pods that were moved by `by`, and where frames were that followed."""
        stock = self._stock
        self._take(tuple(oids))
        if self._held:
            stock.disturbed()
        for item in self._held:
            item.rect.translate(by)
        both = (by.x(), by.y(), by.x(), by.y())
        for table, rows in zip(self._tables(), self._rows, strict=True):
            table.edges[rows] += both
        return self._rows[0], self._refit()

    def resize(self, oid: str, rect: QRectF) -> None:
        """Nothing; gives an item another rectangle; frames stay as they are until the gesture ends."""
        item = self._stock.items[oid]
        item.rect = QRectF(rect)
        for table in self._tables():
            if oid in table.places:
                table.moved(item)
        self._stock.disturbed()

    def _tables(self) -> tuple[RectIndex[Any], RectIndex[Any], RectIndex[Any]]:
        return self._stock.boxes, self._stock.cards, self._stock.frames

    def _take(self, oids: tuple[str, ...]) -> None:
        """Nothing; looks up what is held; what is on a hidden layer moves too, and is in no table."""
        if oids == self._ids and self._rows:
            return
        placed = self._stock.placed
        self._ids, self._held = oids, [placed[oid] for oid in oids if oid in placed]
        self._rows = [
            np.array([table.places[oid] for oid in oids if oid in table.places], dtype=np.intp)
            for table in self._tables()
        ]

    def _refit(self) -> dict[str, QRectF]:
        """Where the frames were that stand round what was moved; they stand round it where it is now."""
        stock, before = self._stock, {}
        whole = len(stock.placed) == len(stock.items)
        for frame in inner_first(stock.frames.items):
            if not frame.facts.members:
                continue
            old = QRectF(frame.rect)
            if whole:
                self._fit(frame)
            else:
                fit_frame(frame, stock.placed)
            if frame.rect != old:
                before[frame.oid] = old
                stock.frames.moved(frame)
        return before

    def _fit(self, frame: FrameItem) -> None:
        """Nothing; `fit_frame` from the tables, where all is seen: a frame of thousands follows each move."""
        tables = self._tables()
        inside = self._inside.get(frame.oid)
        if inside is None:
            places = [[t.places[oid] for oid in frame.facts.members if oid in t.places] for t in tables]
            inside = self._inside[frame.oid] = [np.array(found, dtype=np.intp) for found in places]
        edges = np.concatenate([table.edges[found] for table, found in zip(tables, inside, strict=True)])
        if len(edges):
            (left, top), (right, bottom) = edges[:, :2].min(axis=0), edges[:, 2:].max(axis=0)
            title, margin = frame.margins
            frame.rect = QRectF(left, top, right - left, bottom - top).adjusted(-margin, -title, margin, margin)


def inner_first(frames: Iterable[FrameItem]) -> list[FrameItem]:
    """Frames in the order in which they can be put round their members: the cluster's holds those of zones."""
    return sorted(frames, key=lambda frame: frame.facts.is_cluster)


def fit_frame(frame: FrameItem, items: Mapping[str, AnyItem]) -> None:
    """Nothing; puts a frame round its members."""
    inside = QRectF()
    for member in frame.facts.members:
        if member in items:
            inside = inside.united(items[member].rect)
    if not inside.isNull():
        title, margin = frame.margins
        frame.rect = inside.adjusted(-margin, -title, margin, margin)
