"""Event filters that outlive their Python half for a moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject

Filter = TypeVar("Filter", bound=QObject)


def while_alive(handle: Callable[[Filter, QObject, QEvent], bool]) -> Callable[[Filter, QObject, QEvent], bool]:
    """`handle` as an `eventFilter` that uses no event any more once Python's collector has cleared its object.

    The collector clears a cycle before Qt destroys the widgets in it, which sends them their last events.
    """

    @wraps(handle)
    def filtered(self: Filter, watched: QObject, event: QEvent) -> bool:
        return bool(self.__dict__) and handle(self, watched, event)

    return filtered
