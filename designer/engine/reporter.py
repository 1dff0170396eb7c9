"""Reporter: how a long computation says how far it is and learns that nobody waits for it any more."""

from __future__ import annotations

from typing import Protocol


class CancelledError(Exception):
    """Raised by a reporter when nobody wants the result any more; whoever cancelled catches it."""


class Reporter(Protocol):
    """What a caller may pass to a long computation."""

    def step(self, name: str, done: int, total: int) -> None:
        """Take note that pass `name` starts as number `done` (0-based) of `total`. May raise `CancelledError`."""


class SilentReporter:
    """The default: says nothing, never cancels."""

    def step(self, name: str, done: int, total: int) -> None:
        """Do nothing."""


SILENT: Reporter = SilentReporter()
