"""Packets that stream along several ways at once: which way each takes, how far each has come, and their clock."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from designer.ui.bridge.player import TICK_MS, Player

# So many packets are under way at once at most; more would be a solid line.
MOST: Final = 200
# So far a packet goes in a second, and so far one leaves behind the other, in pixels.
SPEED: Final = 150.0
GAP: Final = 34.0


def turns(shares: Sequence[Fraction], count: int = MOST) -> NDArray[np.intp]:
    """Which way each of `count` packets takes, (count,): the one that lags most behind its share is next.

    So of any first n packets no way has a whole one more than n × its share. A share is of the sum of all.
    """
    whole = sum(shares, start=Fraction(0))
    if not whole:
        return np.zeros(0, dtype=np.intp)
    parts = [share / whole for share in shares]
    given = [0] * len(parts)
    found = np.zeros(count, dtype=np.intp)
    for number in range(count):
        lags = [part * (number + 1) - had for part, had in zip(parts, given, strict=True)]
        way = max(range(len(lags)), key=lags.__getitem__)
        given[way] += 1
        found[number] = way
    return found


def under_way(
    order: NDArray[np.intp], lengths: NDArray[np.float64], gap: float, front: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The ways and the distances of the packets that are under way, (n,) each, when the first has gone `front`.

    One leaves `gap` behind the other, by turns in `order`, and is gone at the end of its way. Lengths of the scene.
    """
    if not len(order) or gap <= 0:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    first = max(0, int(np.ceil((front - float(lengths.max())) / gap)))
    numbers = np.arange(first, int(front // gap) + 1)
    ways = order[numbers % len(order)]
    gone = np.float64(front) - numbers * np.float64(gap)
    there = gone <= lengths[ways]
    return ways[there], gone[there]


class Stream(QObject):
    """Whether packets stream, and for how long they have: `gone` is how far the first has come, in pixels.

    `changed` says that it began or ended, `moved` that the packets went on. It follows the player's speed.
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gone = 0.0
        self._player = player
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        """Whether packets stream now."""
        return self._timer.isActive()

    def run(self, running: bool) -> None:
        """Nothing; lets them stream from the start, or ends it."""
        if running == self.running:
            return
        self.gone = 0.0
        if running:
            self._clock.start()
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()

    def advance(self, milliseconds: float) -> None:
        """Nothing; the packets go as far as they do in that time at the player's speed."""
        self.gone += milliseconds / 1000 * SPEED * self._player.speed
        self.moved.emit()

    def _tick(self) -> None:
        self.advance(float(self._clock.restart()))
