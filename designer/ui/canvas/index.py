"""Which items are in a rectangle, and which is at a point: one numpy table of rectangles, searched at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from designer.ui.canvas.items.item import CanvasItem

T = TypeVar("T", bound=CanvasItem[Any])


class RectIndex(Generic[T]):
    """Items in painting order with their rectangles as a (n, 4) table of left, top, right, bottom."""

    def __init__(self, items: Sequence[T] = ()) -> None:
        self.items = list(items)
        self.edges: NDArray[np.float64] = np.array([_row(item.rect) for item in self.items]).reshape(-1, 4)
        self.places = {item.oid: place for place, item in enumerate(self.items)}
        self._owners: NDArray[np.object_] | None = None

    def moved(self, item: T) -> None:
        """Nothing; takes over the rectangle that an item has now."""
        self.edges[self.places[item.oid]] = _row(item.rect)

    def visible(self, area: QRectF, margin: float = 12.0) -> NDArray[np.intp]:
        """The places of the items that touch `area`, in painting order."""
        e = self.edges
        hit = (e[:, 0] < area.right() + margin) & (e[:, 2] > area.left() - margin)
        hit &= (e[:, 1] < area.bottom() + margin) & (e[:, 3] > area.top() - margin)
        return np.flatnonzero(hit)

    def inside(self, area: QRectF) -> NDArray[np.bool_]:
        """Which items lie wholly in `area`, its border included."""
        e = self.edges
        hit = (e[:, 0] >= area.left()) & (e[:, 2] <= area.right())
        hit &= (e[:, 1] >= area.top()) & (e[:, 3] <= area.bottom())
        return np.asarray(hit)

    def owners(self, chosen: NDArray[np.bool_]) -> list[str]:
        """The ids of the objects behind the chosen items, in painting order."""
        if self._owners is None:
            self._owners = np.array([item.owner for item in self.items], dtype=object)
        found: list[str] = self._owners[chosen].tolist()
        return found

    def at(self, point: QPointF) -> T | None:
        """The uppermost item that contains a point."""
        for place in self.visible(QRectF(point, point), 0.5)[::-1]:
            item = self.items[place]
            if item.contains(point):
                return item
        return None


def _row(rect: QRectF) -> tuple[float, float, float, float]:
    return rect.left(), rect.top(), rect.right(), rect.bottom()
