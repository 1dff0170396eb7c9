"""Background jobs: newest wins, exceptions travel as values."""

import threading
import time

from pytestqt.qtbot import QtBot

from designer.ui.bridge.jobs import Jobs


def test_the_result_comes_back_in_the_window_thread(qtbot: QtBot) -> None:
    jobs = Jobs()
    seen: list[tuple[int, bool]] = []
    home = threading.get_ident()
    jobs.finished.connect(lambda value: seen.append((value, threading.get_ident() == home)))
    jobs.start(lambda: 6 * 7)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(42, True)]
    assert not jobs.busy


def test_a_newer_job_makes_the_older_result_stale(qtbot: QtBot) -> None:
    jobs = Jobs()
    seen: list[str] = []
    gate = threading.Event()

    def slow() -> str:
        gate.wait(5)
        return "old"

    jobs.finished.connect(seen.append)
    jobs.start(slow)
    jobs.start(lambda: "new")
    gate.set()
    qtbot.waitUntil(lambda: bool(seen))
    assert jobs.wait()
    qtbot.wait(20)
    assert seen == ["new"]


def test_a_job_begins_when_the_window_has_done_what_it_is_at(qtbot: QtBot) -> None:
    """Two threads of Python share one interpreter: begun in the middle of an edit, it makes the edit slower."""
    jobs = Jobs()
    begun: list[str] = []
    jobs.start(lambda: begun.append("first"))
    assert jobs.busy
    time.sleep(0.05)
    assert begun == []
    # What was superseded before it began is not worked out at all.
    jobs.start(lambda: begun.append("second"))
    qtbot.waitUntil(lambda: not jobs.busy)
    assert begun == ["second"]


def test_who_waits_for_it_does_not_wait_for_the_window(qtbot: QtBot) -> None:
    jobs = Jobs()
    begun: list[int] = []
    jobs.start(lambda: begun.append(1))
    assert jobs.wait()
    assert begun == [1]


def test_an_exception_arrives_as_a_value(qtbot: QtBot) -> None:
    jobs = Jobs()
    seen: list[Exception] = []
    jobs.crashed.connect(seen.append)
    jobs.start(lambda: 1 // 0)
    qtbot.waitUntil(lambda: bool(seen))
    assert isinstance(seen[0], ZeroDivisionError)


def test_a_cancelled_job_says_nothing(qtbot: QtBot) -> None:
    jobs = Jobs()
    seen: list[object] = []
    jobs.finished.connect(seen.append)
    jobs.start(lambda: 1)
    jobs.cancel()
    assert jobs.wait()
    qtbot.wait(20)
    assert seen == []
    assert not jobs.busy
