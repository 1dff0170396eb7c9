"""Where rows and columns of the matrix stand: starts and sizes of one axis, and which of them are in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from designer.present.matrix_axis import AxisNode
from designer.ui.panels.matrix_cells import CELL

# How far a level is set in.
INDENTS = {"group": 0, "peer": 12, "pod": 28}
SMALL_GAP = 4


@dataclass(frozen=True, slots=True)
class Lines:
    """The rows or the columns: nodes, their starts (one more than nodes: the last is the end), their sizes."""

    nodes: tuple[AxisNode, ...]
    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]

    @property
    def length(self) -> int:
        """How long all of them are."""
        return int(self.starts[-1])

    def between(self, low: int, high: int) -> tuple[int, int]:
        """The first that can be seen between two places, and the one behind the last."""
        first = int(np.searchsorted(self.starts[1:], low, side="right"))
        last = int(np.searchsorted(self.starts[:-1], high, side="left"))
        return first, max(first, last)

    def at(self, place: int) -> int | None:
        """The one that stands at a place, None behind the last or in a gap."""
        found = int(np.searchsorted(self.starts, place, side="right")) - 1
        if not 0 <= found < len(self.nodes):
            return None
        return found if place < self.starts[found] + self.sizes[found] else None

    def nearest(self, at: int, step: int) -> int | None:
        """The next that has cells, from `at` on in a direction; None where there is none."""
        while 0 <= at < len(self.nodes):
            if not self.nodes[at].is_band:
                return at
            at += step
        return None


def lines_of(nodes: Sequence[AxisNode], size: int = CELL) -> Lines:
    """The lines of an axis, each of `size`; a band is as small as a cell, and stands a little apart."""
    sizes = np.array([CELL if node.is_band else size for node in nodes], dtype=np.int64)
    gaps = np.array([SMALL_GAP if n and node.is_band else 0 for n, node in enumerate(nodes)], dtype=np.int64)
    ends = np.cumsum(sizes + gaps)
    starts = np.concatenate((ends - sizes, ends[-1:] if len(ends) else np.zeros(1, dtype=np.int64)))
    return Lines(tuple(nodes), starts.astype(np.int64), sizes)
