"""Work that may take long: done outside the window's thread, with a sign of life and a way to stop waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QProgressDialog, QWidget

from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.watch import Watch

T = TypeVar("T")
SHOWN_AFTER_MS = 300


def while_waiting(parent: QWidget, words: str, work: Callable[[], T], *, cancel: bool = True) -> T | None:
    """The result of `work`, None when the person cancelled; its exception is raised here.

    Without `cancel` nobody can: for what would leave a part of the files behind.
    `work` runs in a thread and must not touch the window. Work longer than 0.3 s is shown; the window cannot be used
    meanwhile, but moves, paints and closes its dialog. Cancelled work goes on unseen, and what it finds is dropped.
    """
    return while_watched(parent, words, lambda _watch: work(), cancel=cancel)


def while_watched(parent: QWidget, words: str, work: Callable[[Watch], T], *, cancel: bool = True) -> T | None:
    """`while_waiting` for work that says how far it is: its steps take the place of `words`, cancelling ends it."""
    # It outlives this call where cancelled work still reports to it, and goes with the window.
    watch = Watch(parent)
    jobs = Jobs(parent)
    loop = QEventLoop(parent)
    dialog = QProgressDialog(words, "Cancel", 0, 0, parent)
    if not cancel:
        dialog.setCancelButton(None)
    dialog.setWindowTitle("Please wait")
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    # Its own clock starts with a first step, which work without steps does not have: it would show itself after 4 s.
    dialog.setMinimumDuration(1 << 30)
    shown = QTimer(dialog)
    shown.setSingleShot(True)
    shown.timeout.connect(dialog.show)
    shown.start(SHOWN_AFTER_MS)
    dialog.setAutoClose(False)
    dialog.setAutoReset(False)
    if cancel:
        dialog.canceled.connect(loop.quit)
    watch.told.connect(dialog.setLabelText)
    results: list[T] = []
    errors: list[Exception] = []

    def finished(result: Any) -> None:
        results.append(result)
        loop.quit()

    def crashed(error: Any) -> None:
        errors.append(error)
        loop.quit()

    jobs.finished.connect(finished)
    jobs.crashed.connect(crashed)
    jobs.start(lambda: work(watch))
    loop.exec()
    watch.cancel()
    watch.told.disconnect(dialog.setLabelText)
    jobs.cancel()
    shown.stop()
    dialog.reset()
    dialog.deleteLater()
    loop.deleteLater()
    if results or errors:
        # Cancelled work still reports to them.
        jobs.deleteLater()
        watch.deleteLater()
    if errors:
        raise errors[0]
    return results[0] if results else None
