"""Python's cycle collector, paused while very many small values come into being and none dies."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Nothing; meanwhile the collector does not walk all new, living values again and again.

    That walking is half to four fifths of the time in which a project is read, compiled or written, or the rules of ten
    thousand Services are made.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
