"""Very many edges as tables: where they leave and arrive, all worked out at once, and which of them touch a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from designer.ui.canvas.views.edge import Edge

Points = NDArray[np.float64]
RectOf = Callable[[str], QRectF | None]


class EndIndex:
    """Which edges start or end at a thing, or run by way of it: tables of numbers that ids stand for."""

    def __init__(self, edges: Sequence[Edge] = ()) -> None:
        self._numbers: dict[str, int] = {}
        number = self._numbers
        self._sources = np.array([number.setdefault(e.source, len(number)) for e in edges], dtype=np.intp)
        self._targets = np.array([number.setdefault(e.target, len(number)) for e in edges], dtype=np.intp)
        # The places of the edges that start at a row of a card.
        self.rows = [place for place, edge in enumerate(edges) if edge.row >= 0]
        self._found: dict[str, list[int]] = {}
        # The last things that were asked for together, with what touches them: a selection, asked for at each frame.
        self._together: tuple[frozenset[str], list[int]] = (frozenset(), [])
        none = np.zeros(0, dtype=np.intp)
        self._ends: tuple[frozenset[str], NDArray[np.intp], NDArray[np.intp]] = (frozenset(), none, none)
        self._rows: tuple[frozenset[str], NDArray[np.intp]] = (frozenset(), none)
        self._vias: dict[str, list[int]] = {}
        for place, edge in enumerate(edges):
            if edge.via:
                self._vias.setdefault(edge.via, []).append(place)

    def spliced(self, first: int, last: int, fresh: Sequence[Edge]) -> EndIndex:
        """The index where `fresh` takes the place of the edges from `first` to `last`."""
        made, here = EndIndex(), self._numbers
        made._numbers = numbers = dict(here)
        sources = [numbers.setdefault(edge.source, len(numbers)) for edge in fresh]
        targets = [numbers.setdefault(edge.target, len(numbers)) for edge in fresh]
        made._sources = np.concatenate((self._sources[:first], np.array(sources, dtype=np.intp), self._sources[last:]))
        made._targets = np.concatenate((self._targets[:first], np.array(targets, dtype=np.intp), self._targets[last:]))
        further = len(fresh) - (last - first)

        def kept(places: Sequence[int]) -> list[int]:
            return [place if place < first else place + further for place in places if not first <= place < last]

        made.rows = sorted([*kept(self.rows), *(place for place, e in enumerate(fresh, first) if e.row >= 0)])
        made._vias = {via: left for via, places in self._vias.items() if (left := kept(places))}
        for place, edge in enumerate(fresh, first):
            if edge.via:
                made._vias.setdefault(edge.via, []).append(place)
        return made

    def points(self, source_rect: RectOf, target_rect: RectOf) -> tuple[Points, NDArray[np.bool_]]:
        """Where the edges leave and arrive as a (n, 4) table, and which of them have both ends drawn.

        Rows of cards are not looked at; what stands for an edge without an end means nothing.
        """
        known, entries = ([_row(rect_of(oid)) for oid in self._numbers] for rect_of in (source_rect, target_rect))
        there, entered = (np.array([row is not None for row in rows], dtype=bool) for rows in (known, entries))
        sources, targets = (
            np.array([row or (0.0, 0.0, 0.0, 0.0) for row in rows], dtype=np.float64).reshape(-1, 4)
            for rows in (known, entries)
        )
        found = side_table(sources[self._sources], targets[self._targets])
        return found, there[self._sources] & entered[self._targets]

    def touching(self, oids: Iterable[str]) -> list[int]:
        """The places of the edges that start or end at any of these, or run by way of it, in their order."""
        asked = list(oids)
        if len(asked) != 1:
            known = oids if isinstance(oids, frozenset) else frozenset(asked)
            if known != self._together[0]:
                self._together = (known, self._searched(asked))
            return list(self._together[1])
        # Asked for one thing at each frame: of each Pod of a box that is picked.
        found = self._found.get(asked[0])
        if found is None:
            found = self._found[asked[0]] = self._searched(asked)
        return list(found)

    def rows_of(self, oids: frozenset[str]) -> NDArray[np.intp]:
        """The places of `touching`, (n,); looked up once while the same things are asked for."""
        if oids != self._rows[0]:
            self._rows = (oids, np.array(self.touching(oids), dtype=np.intp))
        return self._rows[1]

    def split(self, oids: frozenset[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The places of the edges with both ends among these, and of all others that touch them, in their order."""
        if oids != self._ends[0]:
            hit = np.zeros(max(1, len(self._numbers)), dtype=bool)
            hit[[self._numbers[oid] for oid in oids if oid in self._numbers]] = True
            within = np.flatnonzero(hit[self._sources] & hit[self._targets])
            self._ends = (oids, within, np.setdiff1d(np.array(self.touching(oids), dtype=np.intp), within))
        return self._ends[1], self._ends[2]

    def _searched(self, asked: Sequence[str]) -> list[int]:
        wanted = np.array([self._numbers[oid] for oid in asked if oid in self._numbers], dtype=np.intp)
        found = {place for oid in asked for place in self._vias.get(oid, ())}
        if len(wanted):
            hit = np.zeros(len(self._numbers), dtype=bool)
            hit[wanted] = True
            found |= set(np.flatnonzero(hit[self._sources] | hit[self._targets]).tolist())
        return sorted(found)


def span(before: Sequence[Edge], now: Sequence[Edge]) -> tuple[int, int, int]:
    """Where two sequences differ: from the first place on, up to the second in `before` and the third in `now`."""
    shorter = min(len(before), len(now))
    first = next((place for place in range(shorter) if before[place] is not now[place]), shorter)
    most = shorter - first
    same = next((step for step in range(most) if before[-1 - step] is not now[-1 - step]), most)
    return first, len(before) - same, len(now) - same


def side_table(sources: Points, targets: Points) -> Points:
    """`edge_ways.side_points` of all pairs of rectangles at once: (n, 4) tables of left, top, right, bottom in, of
    x, y, x, y out."""
    left, top, right, bottom = sources.T
    to_left, to_top, to_right, to_bottom = targets.T
    middle, to_middle = (top + bottom) / 2, (to_top + to_bottom) / 2
    centre, to_centre = (left + right) / 2, (to_left + to_right) / 2
    height = to_bottom - to_top
    # Tall boxes are entered at their kube-proxy, not in the middle of their Pods.
    entry = np.where(height > 104, to_top + np.minimum(52.0, height * 0.5), to_middle)
    ahead, behind, below = to_left >= right - 8, to_right <= left + 8, to_top >= bottom
    level = ahead | behind
    found = np.empty((len(sources), 4))
    found[:, 0] = np.select([ahead, behind], [right, left], centre)
    found[:, 1] = np.select([level, below], [middle, bottom], top)
    found[:, 2] = np.select([ahead, behind], [to_left, to_right], to_centre)
    found[:, 3] = np.select([level, below], [entry, to_top], to_bottom)
    return found


def _row(rect: QRectF | None) -> tuple[float, float, float, float] | None:
    return None if rect is None else (rect.left(), rect.top(), rect.right(), rect.bottom())
