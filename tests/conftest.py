"""What holds for every test: no display, a home of its own, nothing left running, random examples that repeat in CI."""

import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports Qt: no window ever appears on the desktop of the person who runs the tests.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Local runs look for new examples, runs in CI repeat the same ones. No deadline: the machine may be busy.
settings.register_profile("local", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

GRACE_SECONDS = 2.0


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new, empty home with its XDG folders: no test sees or changes the settings of the person or of another test."""
    with tempfile.TemporaryDirectory(prefix="cluster-designer-home-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        monkeypatch.setenv("HOME", str(home))
        for variable, folder in (
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "runtime"),
        ):
            (home / folder).mkdir(mode=0o700)
            monkeypatch.setenv(variable, str(home / folder))
        yield home


def left_running(before: set[threading.Thread]) -> list[str]:
    """What a test started and did not end: threads, processes, Qt's jobs and visible windows, one text each."""
    left = [
        f"thread {t.name}"
        for t in threading.enumerate()
        if t not in before and not isinstance(t, threading._DummyThread)
    ]
    left += [f"process {p.name}" for p in multiprocessing.active_children()]
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QThreadPool

        if not QThreadPool.globalInstance().waitForDone(0):
            left.append("a job in Qt's thread pool")
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtWidgets import QApplication

        if isinstance(QApplication.instance(), QApplication):
            left += [f"visible window {type(w).__name__}" for w in QApplication.topLevelWidgets() if w.isVisible()]
    return left


def let_go() -> None:
    """Deletes the widgets that a test is done with.

    Qt does so when an event loop begins, which few tests have; all that stand by then are dressed anew at each theme.
    """
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtCore import QCoreApplication, QEvent

        if QCoreApplication.instance() is not None:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def nothing_left_running(own_home: Path) -> Iterator[None]:
    """Fails a test that leaves a thread, process, job or visible window behind; what is just ending gets a moment."""
    before = set(threading.enumerate())
    yield
    let_go()
    end = time.monotonic() + GRACE_SECONDS
    left = left_running(before)
    while left and time.monotonic() < end:
        time.sleep(0.02)
        left = left_running(before)
    if left:
        pytest.fail("left running: " + ", ".join(left))
