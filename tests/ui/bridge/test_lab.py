"""Verify on Linux behind the window: one run at a time, cancelled at once, kept as an edit, stale when it must be."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from designer.edits.arrange import place
from designer.edits.fields import set_field
from designer.lab.client import LabError
from designer.model import Placement, Project, Verification
from designer.resources import resource_path
from designer.session import Session
from designer.storage import open_file
from designer.ui.bridge.lab import Machine, Progress, Verifier, Wish
from designer.ui.bridge.session import SessionBridge
from tests.ui.verified import ABLE, FakeLab, result_for

WISH = Wish("services", 50, "iptables")
MakeVerifier = Callable[[FakeLab], Verifier]


@pytest.fixture
def bridge() -> SessionBridge:
    opened = open_file(resource_path("samples", "first-steps.cnd")).project
    assert opened is not None
    return SessionBridge(Session(opened))


@pytest.fixture
def made(bridge: SessionBridge) -> Iterator[MakeVerifier]:
    verifiers: list[Verifier] = []

    def make(lab: FakeLab) -> Verifier:
        verifiers.append(Verifier(bridge, run=lab, look=lambda *_asked: ABLE))
        return verifiers[-1]

    yield make
    for verifier in verifiers:
        verifier.close()


def finish(verifier: Verifier, lab: FakeLab, qtbot: QtBot) -> None:
    verifier.start(WISH)
    lab.go.set()
    qtbot.waitUntil(lambda: not verifier.running)


def test_a_run_ends_as_one_step_that_undo_takes_back(bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot) -> None:
    lab = FakeLab()
    verifier = made(lab)
    before = bridge.project
    finish(verifier, lab, qtbot)
    assert (verifier.state, lab.wishes) == ("done", [WISH])
    assert bridge.project.verification == result_for(before) and not verifier.stale
    assert bridge.session.undo_label == "Verify on Linux" and bridge.session.dirty
    bridge.undo()
    assert (bridge.project, verifier.result) == (before, None)
    bridge.redo()
    assert verifier.result == result_for(before) and not verifier.stale


def test_progress_comes_to_the_windows_thread(made: MakeVerifier, qtbot: QtBot) -> None:
    lab = FakeLab()
    verifier = made(lab)
    heard: list[Progress] = []
    verifier.progressed.connect(heard.append)
    verifier.start(WISH)
    qtbot.waitUntil(lambda: Progress("build", 3, 10) in heard)
    assert verifier.running and heard[0] == Progress("plan", 0, 0)
    verifier.start(WISH)
    assert len(lab.wishes) == 1, "one at a time"
    lab.go.set()
    qtbot.waitUntil(lambda: not verifier.running)


def test_cancel_ends_it_at_once_and_keeps_nothing(bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot) -> None:
    lab = FakeLab()
    verifier = made(lab)
    verifier.start(WISH)
    qtbot.waitUntil(lambda: bool(lab.wishes))
    verifier.cancel()
    assert verifier.state == "cancelled"
    assert verifier.wait(5000) and lab.cancelled
    qtbot.wait(20)
    assert (verifier.state, bridge.project.verification, bridge.session.can_undo) == ("cancelled", None, False)
    finish(verifier, lab, qtbot)
    assert verifier.state == "done", "and can begin again"


def test_a_run_that_only_tells_how_far_it_is_ends_there(bridge: SessionBridge, qtbot: QtBot) -> None:
    told: list[int] = []

    def busy(project: Project, wish: Wish, progress: Callable[[str, int, int], None], _cancel: object) -> Verification:
        for number in range(100_000):
            progress("plan", number, 100_000)
            told.append(number)
            time.sleep(0.001)
        return result_for(project)

    verifier = Verifier(bridge, run=busy, look=lambda *_asked: ABLE)
    verifier.start(WISH)
    qtbot.waitUntil(lambda: bool(told))
    verifier.cancel()
    assert verifier.wait(2000) and len(told) < 2000
    assert bridge.project.verification is None
    verifier.close()


def test_why_it_failed_is_said_with_what_to_do(bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot) -> None:
    lab = FakeLab(error=LabError("No namespaces here.", "Be root."))
    verifier = made(lab)
    finish(verifier, lab, qtbot)
    assert (verifier.state, verifier.words, verifier.remedy) == ("failed", "No namespaces here.", "Be root.")
    lab.error = ValueError("x")
    finish(verifier, lab, qtbot)
    assert verifier.state == "failed" and "ValueError" in verifier.words and verifier.remedy
    assert bridge.project.verification is None


def test_an_edit_makes_it_stale_and_undo_makes_it_hold_again(
    bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot
) -> None:
    lab = FakeLab()
    verifier = made(lab)
    finish(verifier, lab, qtbot)
    told: list[bool] = []
    verifier.resultChanged.connect(lambda: told.append(verifier.stale))
    bridge.apply(place(bridge.project, "nodes", {"Node:node-1": Placement(x=1, y=2)}))
    stale = [verifier.stale]
    bridge.apply(set_field(bridge.project, "Service:default/backend", "spec.ports[0].port", 8081))
    stale.append(verifier.stale)
    bridge.undo()
    stale.append(verifier.stale)
    assert stale == [False, True, False], "moving a shape changes no packet"
    assert told[-2:] == [True, False]


def test_a_cluster_edited_while_it_runs_is_another_than_the_tested_one(
    bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot
) -> None:
    lab = FakeLab()
    verifier = made(lab)
    verifier.start(WISH)
    bridge.apply(set_field(bridge.project, "Service:default/backend", "spec.ports[0].port", 8081))
    lab.go.set()
    qtbot.waitUntil(lambda: not verifier.running)
    assert verifier.result is not None and verifier.stale
    ports = bridge.project.get("Service:default/backend").dump()["spec"]["ports"]  # type: ignore[union-attr]
    assert ports[0]["port"] == 8081, "the edit stays"


def test_it_is_saved_with_the_project_and_shown_again(
    bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot, tmp_path: Path
) -> None:
    lab = FakeLab()
    verifier = made(lab)
    finish(verifier, lab, qtbot)
    found = verifier.result
    assert bridge.save(tmp_path / "kept.cnd")
    other = SessionBridge(Session())
    later = Verifier(other, run=FakeLab(), look=lambda *_asked: ABLE)
    assert later.result is None
    assert other.open(tmp_path / "kept.cnd")
    stale = [later.stale]
    assert later.result == found
    other.apply(set_field(other.project, "Service:default/backend", "spec.ports[0].port", 8081))
    stale.append(later.stale)
    assert other.save(tmp_path / "edited.cnd") and other.open(tmp_path / "edited.cnd")
    assert later.result == found
    assert [*stale, later.stale] == [False, True, True], "another cluster than was tested, also when opened anew"


def test_another_project_ends_the_run(bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot) -> None:
    lab = FakeLab()
    verifier = made(lab)
    verifier.start(WISH)
    bridge.new(Project())
    assert verifier.state == "idle"
    lab.go.set()
    assert verifier.wait(5000)
    qtbot.wait(20)
    assert bridge.project.verification is None


def test_what_the_machine_can_is_asked_in_the_background(made: MakeVerifier, qtbot: QtBot) -> None:
    verifier = made(FakeLab())
    with qtbot.waitSignal(verifier.machineKnown) as heard:
        verifier.ask_machine("iptables")
    assert heard.args == [ABLE]


def test_a_look_that_breaks_down_is_told_as_a_problem(bridge: SessionBridge, qtbot: QtBot) -> None:
    def broken(*_asked: object) -> Machine:
        raise OSError("x")

    verifier = Verifier(bridge, run=FakeLab(), look=broken)
    with qtbot.waitSignal(verifier.machineKnown) as heard:
        verifier.ask_machine("iptables")
    assert heard.args is not None and "OSError" in heard.args[0].problem and heard.args[0].remedy
    verifier.close()


def test_marks_follow_the_result(bridge: SessionBridge, made: MakeVerifier, qtbot: QtBot) -> None:
    lab = FakeLab()
    verifier = made(lab)
    assert verifier.marks.pairs == {}
    finish(verifier, lab, qtbot)
    names = sorted(bridge.project.scenarios)
    assert verifier.marks.scenarios == {names[0]: "confirmed", names[-1]: "not-testable"}
    assert verifier.marks.pairs["Node:node-1", "Service:default/frontend"] == "different"
    bridge.undo()
    assert verifier.marks.scenarios == {}
