"""The trace player: which trace, which of its ways, which hop, and the clock that moves the token."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from designer.engine.trace.hops import Hop, Path, TraceResult
from designer.present.event_rows import HOP_MS, PAUSE_MS

TICK_MS = 16
SPEEDS: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0)


class Player(QObject):
    """Position in a trace: `position` is a hop index plus the part of the way to the next, 0.0 … len(hops) - 1.

    `traceChanged` carries the `TraceResult` or None; `pathChanged` the index of the way; `moved` the position;
    `stepped` the index of the hop that is now current; `playingChanged` a bool.
    """

    traceChanged = Signal(object)
    pathChanged = Signal(int)
    moved = Signal(float)
    stepped = Signal(int)
    playingChanged = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.result: TraceResult | None = None
        self.paths: tuple[Path, ...] = ()
        self.path_index = 0
        self.position = 0.0
        self.speed = 1.0
        self.loop = False
        self._pause_left = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._clock = QElapsedTimer()

    @property
    def path(self) -> Path | None:
        """The way that is shown."""
        return self.paths[self.path_index] if self.paths else None

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Its hops; empty without a trace."""
        return self.path.hops if self.path else ()

    @property
    def index(self) -> int:
        """The current hop: the last one that the token has reached."""
        return int(self.position + 1e-9)

    @property
    def playing(self) -> bool:
        """Whether the clock runs."""
        return self._timer.isActive()

    def load(self, result: TraceResult | None, path_index: int = 0) -> None:
        """Show `result` from its first hop, stopped."""
        self.pause()
        self.result = result
        self.paths = result.trace.paths() if result else ()
        self.path_index = path_index if 0 <= path_index < len(self.paths) else 0
        self.position = 0.0
        self.traceChanged.emit(result)
        self.moved.emit(0.0)
        self.stepped.emit(0)

    def choose_path(self, index: int) -> None:
        """Show another way of the same trace from its start."""
        if 0 <= index < len(self.paths) and index != self.path_index:
            self.pause()
            self.path_index = index
            self.position = 0.0
            self.pathChanged.emit(index)
            self.moved.emit(0.0)
            self.stepped.emit(0)

    def play(self) -> None:
        """Run; from the start when the end was reached."""
        if len(self.hops) < 2 or self.playing:
            return
        if self.index >= len(self.hops) - 1:
            self.seek(0.0)
        self._pause_left = 0.0
        self._clock.start()
        self._timer.start()
        self.playingChanged.emit(True)

    def pause(self) -> None:
        """Stop where the token is."""
        if self.playing:
            self._timer.stop()
            self.playingChanged.emit(False)

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def seek(self, position: float) -> None:
        """Put the token at `position`, cut to the trace's length."""
        last = float(max(0, len(self.hops) - 1))
        wanted = min(max(0.0, position), last)
        before = self.index
        self.position = wanted
        self.moved.emit(wanted)
        if self.index != before:
            self.stepped.emit(self.index)

    def step(self, by: int) -> None:
        """Go `by` hops forward (or back when negative), stopped."""
        self.pause()
        target = self.index + by
        if by < 0 and self.position > self.index:
            target = self.index
        self.seek(float(target))

    def advance(self, milliseconds: float) -> None:
        """Move the token as far as `milliseconds` of playing take it at the current speed."""
        left = milliseconds * self.speed
        while left > 0 and self.hops:
            if self._pause_left > 0:
                used = min(left, self._pause_left)
                self._pause_left -= used
                left -= used
                continue
            if self.index >= len(self.hops) - 1:
                self._reach_end()
                return
            to_next = (self.index + 1 - self.position) * HOP_MS
            used = min(left, to_next)
            arrived = used >= to_next - 1e-6
            self.seek(float(self.index + 1) if arrived else self.position + used / HOP_MS)
            left -= used
            if arrived and _changes_packet(self.hops[self.index]):
                self._pause_left = PAUSE_MS
        if self.index >= len(self.hops) - 1 and self._pause_left <= 0:
            self._reach_end()

    def _reach_end(self) -> None:
        if self.loop and self.playing:
            self.seek(0.0)
        else:
            self.pause()

    def _tick(self) -> None:
        self.advance(float(self._clock.restart()))


def _changes_packet(hop: Hop) -> bool:
    return hop.before is not None and hop.after is not None and hop.before != hop.after
