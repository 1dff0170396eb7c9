"""What work in a thread reports to: a person reads its steps, and may end it."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal

from designer.engine.reporter import CancelledError


class Watch(QObject):
    """What work in a thread reports to: a `Reporter` whose steps the person reads, and which ends cancelled work."""

    told = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Nothing; the next step ends the work."""
        self._cancelled.set()

    def step(self, name: str, done: int, total: int) -> None:
        """Take note that a step begins. Raises `CancelledError` when nobody waits any more."""
        if self.cancelled:
            raise CancelledError
        self.told.emit(f"{name} ({done + 1} of {total})…" if total > 1 else f"{name}…")
