"""The way that stands beside the one that is played: its name, its hops, and where it is while the other goes on."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QObject, Signal

from designer.engine.trace.hops import Path
from designer.engine.trace.lockstep import Lockstep, lockstep


class Beside(QObject):
    """Holds one way beside the player's. `changed` says that it is another now, or that there is none.

    `hidden` as long as showing it would tell an answer that a person is asked for.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.hidden = False
        self._path: Path | None = None
        self._played: Path | None = None
        self._stops: tuple[float, ...] = ()

    @property
    def path(self) -> Path | None:
        """The way that is drawn beside the other, None while there is none."""
        return None if self.hidden else self._path

    @property
    def played(self) -> Path | None:
        """The way of the player that it was laid beside."""
        return self._played

    def lay(self, name: str, played: Path, path: Path) -> None:
        """Nothing; lays `path`, called `name`, beside the way that is `played`."""
        if (name, played, path) != (self.name, self._played, self._path):
            self.name, self._played, self._path = name, played, path
            self._stops = stops_beside(lockstep(played, path))
            self.changed.emit()

    def clear(self) -> None:
        """Nothing; nothing stands beside the way any more."""
        if self._path is not None:
            self.name, self._played, self._path, self._stops = "", None, None, ()
            self.changed.emit()

    def hide(self, hidden: bool) -> None:
        """Nothing; shows nothing for a while, or what was laid beside again."""
        if hidden != self.hidden:
            self.hidden = hidden
            self.changed.emit()

    def position(self, played: float) -> float:
        """Where this way is, in its hops, while the player is at `played`; between two hops it goes on evenly."""
        if not self._stops:
            return 0.0
        at = min(max(int(played + 1e-9), 0), len(self._stops) - 1)
        if at == len(self._stops) - 1:
            return self._stops[at]
        part = min(max(played - at, 0.0), 1.0)
        return self._stops[at] + (self._stops[at + 1] - self._stops[at]) * part


def stops_beside(found: Lockstep) -> tuple[float, ...]:
    """For each hop of the left way the hop of the right way that stands beside it; both begin and end together.

    A step that only the left way takes leaves the right one where it is.
    """
    last = len(found.right.hops) - 1
    stops: list[float] = []
    reached = 0
    for row in found.rows:
        left, right = row.hops
        if right is not None:
            reached = right
        if left is not None:
            stops.append(float(reached))
    if stops:
        stops[0], stops[-1] = 0.0, float(max(last, 0))
    assert all(one <= other for one, other in pairwise(stops))  # rows keep the order of both ways
    return tuple(stops)
