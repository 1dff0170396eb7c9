"""Work outside the window's thread: a function of plain data, its result back as a signal, stale results dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal


class _Messenger(QObject):
    done = Signal(int, object, object)


class _Job(QRunnable):
    def __init__(self, ticket: int, work: Callable[[], Any], messenger: _Messenger) -> None:
        super().__init__()
        self._ticket = ticket
        self._work = work
        self._messenger = messenger

    def run(self) -> None:
        """Do the work; an exception travels back as a value, so that no traceback is lost in a thread."""
        try:
            result: Any = self._work()
            error: Exception | None = None
        except Exception as caught:
            result, error = None, caught
        self._messenger.done.emit(self._ticket, result, error)


class Jobs(QObject):
    """One lane of background work: a newer job makes the older one's result stale, and stale results are dropped.

    A job begins when the window's thread has done what it is at and has painted: two threads of Python share one
    interpreter, and work that begins in the middle of an edit makes the edit take twice as long. `finished` carries
    the result of the newest job, `crashed` its exception.
    """

    finished = Signal(object)
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticket = 0
        self._waiting = 0
        self._next: _Job | None = None
        # Timers without a delay come after all events that are waiting, painting among them.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._begin)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._messenger = _Messenger(self)
        self._messenger.done.connect(self._arrived)

    @property
    def busy(self) -> bool:
        """Whether the newest job is not finished."""
        return self._waiting != 0

    def start(self, work: Callable[[], Any]) -> None:
        """Run `work` in the background; results of earlier jobs are dropped from now on."""
        self._ticket += 1
        self._waiting = self._ticket
        self._next = _Job(self._ticket, work, self._messenger)
        self._soon.start()

    def _begin(self) -> None:
        job, self._next = self._next, None
        if job is not None:
            self._pool.start(job)

    def cancel(self) -> None:
        """Drop the result of whatever runs, and what has not begun."""
        self._ticket += 1
        self._waiting = 0
        self._next = None

    def wait(self, milliseconds: int = 10_000) -> bool:
        """Block until the pool is idle; whether it was in time. Used when the window closes and in tests."""
        self._begin()
        return self._pool.waitForDone(milliseconds)

    def _arrived(self, ticket: int, result: object, error: Exception | None) -> None:
        if ticket != self._ticket:
            return
        self._waiting = 0
        if error is not None:
            self.crashed.emit(error)
        else:
            self.finished.emit(result)
