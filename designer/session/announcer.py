"""Telling the listeners of a session what changed, in order, whatever one of them does."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from designer.session.change import Change, Listener

_LOG = logging.getLogger(__name__)


class Announcer:
    """The listeners, and the changes that wait to be told."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._waiting: deque[Change] = deque()
        self._announcing = False

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every Change from now on; the function that is returned ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def announce(self, change: Change) -> None:
        """Tell every listener; a change that a listener makes is told to all after this one."""
        self._waiting.append(change)
        if self._announcing:
            return
        self._announcing = True
        try:
            while self._waiting:
                current = self._waiting.popleft()
                for listener in tuple(self._listeners):
                    try:
                        listener(current)
                    except Exception:
                        # A broken view must not keep the others from seeing the change, nor break the edit.
                        _LOG.exception("A listener failed on %s", current.label)
        finally:
            self._announcing = False

    def clear(self) -> None:
        """Forget every listener."""
        self._listeners.clear()
