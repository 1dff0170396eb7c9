"""Background jobs: newest wins, exceptions travel as values."""

import threading

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
