"""Long work that needs the window's thread, done in slices: the window paints meanwhile, and it can be stopped."""

from __future__ import annotations

from collections.abc import Generator
from time import perf_counter
from typing import TypeVar

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import QApplication, QProgressDialog, QWidget

T = TypeVar("T")
SHOWN_AFTER_MS = 300
# So long the work goes on before it lets the window paint and hear.
SLICE_MS = 30


def in_slices(parent: QWidget, words: str, work: Generator[None, None, T]) -> T | None:
    """The result of work that needs the window's thread, None when the person cancelled; its exception is raised here.

    `work` pauses often; the window paints and hears Cancel every `SLICE_MS`. Cancelled work goes no further.
    """
    dialog = QProgressDialog(words, "Cancel", 0, 0, parent)
    dialog.setWindowTitle("Please wait")
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setMinimumDuration(1 << 30)
    dialog.setAutoClose(False)
    dialog.setAutoReset(False)
    begun = looked = perf_counter()
    try:
        while not dialog.wasCanceled():
            try:
                next(work)
            except StopIteration as done:
                found: T = done.value
                return found
            now = perf_counter()
            if (now - looked) * 1000 < SLICE_MS:
                continue
            if not dialog.isVisible() and (now - begun) * 1000 >= SHOWN_AFTER_MS:
                dialog.show()
            # Until the dialog is there the window takes nothing: it could change what is being worked on.
            flags = QEventLoop.ProcessEventsFlag
            QApplication.processEvents(flags.AllEvents if dialog.isVisible() else flags.ExcludeUserInputEvents)
            looked = perf_counter()
        return None
    finally:
        work.close()
        dialog.hide()
        dialog.deleteLater()


def finished(work: Generator[None, None, T]) -> T:
    """The result of `work`, done at once."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: T = done.value
            return found
