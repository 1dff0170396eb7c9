"""Verify on Linux in the window: from the key to the mark on the canvas, its report as a file, and a real kernel."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import jsonschema
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMenu
from pytestqt.qtbot import QtBot

from designer.edits.fields import set_field
from designer.edits.scenarios import remove_scenario
from designer.edits.settings import set_cluster
from designer.present.verification_rows import differing
from designer.resources import resource_path
from designer.ui.app import choosing
from designer.ui.app.actions import SCENARIOS
from designer.ui.app.dialogs.verify import VerifyDialog
from designer.ui.app.window import MainWindow
from designer.ui.bridge import lab as bridge_lab
from designer.ui.bridge.lab import Machine, Wish
from designer.ui.kit.finding import finding_token
from designer.ui.kit.theme import current_theme
from designer.ui.panels.verify_panel import VerifyPanel
from tests.lab.kernel import skip_unless_possible
from tests.ui.verified import ABLE, FakeLab

Open = Callable[[], MainWindow]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> FakeLab:
    made = FakeLab()
    monkeypatch.setattr(bridge_lab, "verify", made)
    monkeypatch.setattr(bridge_lab, "look_at_machine", lambda *_asked: ABLE)
    return made


@pytest.fixture
def window(lab: FakeLab, make_window: Open) -> MainWindow:
    made = make_window()
    made.start(None)
    made.make_all()
    return made


def dialog_of(window: MainWindow, qtbot: QtBot) -> VerifyDialog:
    """The dialog, opened by its key, when it knows the machine."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F9)
    dialog = window.findChild(VerifyDialog)
    assert dialog is not None and dialog.isVisible()
    assert window.shell.verifier.wait()
    qtbot.waitUntil(lambda: not dialog.verdict.text().startswith("Asking"))
    return dialog


def panel_of(window: MainWindow) -> VerifyPanel:
    return cast(VerifyPanel, window.bottom.panels["verify"])


def run(window: MainWindow, lab: FakeLab, qtbot: QtBot) -> VerifyPanel:
    dialog_of(window, qtbot).begin.click()
    lab.go.set()
    qtbot.waitUntil(lambda: not window.shell.verifier.running)
    return panel_of(window)


def test_the_dialog_says_what_will_happen_and_what_the_machine_can(window: MainWindow, qtbot: QtBot) -> None:
    dialog = dialog_of(window, qtbot)
    from designer.ui.app.dialogs.verify import LEAD

    for promise in ("network namespaces", "touches nothing else", "ends by itself", "leaves nothing behind"):
        assert promise in LEAD
    assert dialog.machine_words().splitlines()[1:] == list(ABLE.lines)
    assert dialog.begin.isEnabled() and dialog.scope == "scenarios"
    dialog.reject()
    assert not window.shell.verifier.running


def test_the_wish_is_what_was_chosen(window: MainWindow, lab: FakeLab, qtbot: QtBot) -> None:
    dialog = dialog_of(window, qtbot)
    dialog.buttons_of["matrix"].setChecked(True)
    dialog.sample.setValue(33)
    dialog.mode.setCurrentText("nftables")
    assert window.shell.verifier.wait()
    qtbot.waitUntil(dialog.begin.isEnabled)
    dialog.begin.click()
    qtbot.waitUntil(lambda: bool(lab.wishes))
    assert lab.wishes == [Wish("matrix", 33, "nftables")]
    window.shell.verifier.cancel()


def test_the_keyboard_alone_begins_and_cancels(window: MainWindow, lab: FakeLab, qtbot: QtBot) -> None:
    dialog = dialog_of(window, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert window.shell.verifier.running
    assert window.bottom.currentWidget().isAncestorOf(panel_of(window))
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert [d for d in window.findChildren(VerifyDialog) if d.isVisible()] == [], "one run at a time"
    panel = panel_of(window)
    panel.running.cancel.setFocus()
    QTest.keyClick(panel.running.cancel, Qt.Key.Key_Space)
    assert window.shell.verifier.state == "cancelled"


def test_a_machine_that_cannot_says_why_once_and_offers_no_start(
    window: MainWindow, lab: FakeLab, qtbot: QtBot
) -> None:
    problem = "The kernel lab needs Linux: it builds the cluster of Linux' own network namespaces."
    window.shell.verifier._look = lambda *_asked: Machine((), problem, "Use a Linux machine.")
    dialog = dialog_of(window, qtbot)
    assert dialog.machine_words() == f"✕ {problem}\nUse a Linux machine."
    assert not dialog.begin.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and not lab.wishes


def test_the_dialog_begins_with_the_clusters_own_mode(window: MainWindow, qtbot: QtBot) -> None:
    window.shell.bridge.apply(set_cluster(window.shell.bridge.project, "kubeProxy.mode", "ipvs"))
    dialog = dialog_of(window, qtbot)
    assert [dialog.mode.itemText(place) for place in range(dialog.mode.count())] == ["iptables", "nftables", "ipvs"]
    assert dialog.mode.currentText() == "ipvs"


def test_without_saved_requests_services_are_offered(window: MainWindow, qtbot: QtBot) -> None:
    bridge = window.shell.bridge
    for name in list(bridge.project.scenarios):
        bridge.apply(remove_scenario(bridge.project, name))
    dialog = dialog_of(window, qtbot)
    assert dialog.scope == "services" and not dialog.buttons_of["scenarios"].isEnabled()


def test_a_row_shows_its_trace_with_the_mark(window: MainWindow, lab: FakeLab, qtbot: QtBot) -> None:
    panel = run(window, lab, qtbot)
    assert window.bottom.tabText(window.bottom.index_of("verify")) == "Verify 1", "how many differ"
    panel.table.select_place(0)
    request = window.tracing.request
    assert request is not None and request.source == "Node:node-1"
    assert window.lab_layer is not None and window.lab_layer.trace_status == "different"
    panel.table.select_place(2)
    assert window.lab_layer.trace_words == "Linux does the same"
    assert window.bottom.is_in_front("verify"), "the table stays in front"


def test_who_looks_at_something_else_is_told_how_it_ended(window: MainWindow, lab: FakeLab, qtbot: QtBot) -> None:
    window.shell.verifier.start(Wish("services", 5, "iptables"))
    window.bottom.show_panel("trace")
    lab.go.set()
    qtbot.waitUntil(lambda: not window.shell.verifier.running)
    toast = window.messages.toast
    assert toast.isVisible()
    assert toast.accessibleName() == "Warning: Verify on Linux: 1 confirmed · 1 different · 1 not testable here."
    toast.action_triggered.emit()
    assert window.bottom.is_in_front("verify")


def test_saved_requests_carry_their_marks_until_the_cluster_is_edited(
    window: MainWindow, lab: FakeLab, qtbot: QtBot
) -> None:
    run(window, lab, qtbot)
    menu = QMenu()

    def texts() -> list[str]:
        window.commands.simulate.fill_scenarios(menu)
        return [action.text().rpartition("\t")[2] for action in menu.actions()]

    assert SCENARIOS[1] and texts()[0] == "✓ confirmed" and texts()[-1] == "– not testable here"
    bridge = window.shell.bridge
    bridge.apply(set_field(bridge.project, "Service:default/backend", "spec.ports[0].port", 8081))
    assert texts()[0] == "✓ confirmed before the last changes"


def test_the_report_is_written_as_text_and_as_json_of_the_commands_schema(
    window: MainWindow, lab: FakeLab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = run(window, lab, qtbot)
    for name in ("report.txt", "report.json"):
        monkeypatch.setattr(choosing, "file_to_save", lambda *_args, name=name: tmp_path / name)
        panel.exportWanted.emit()
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert text.startswith("Verify on Linux\nService ports · iptables · 2026-11-23 15:02 UTC · 5 connections\n\n")
    assert "✕ Node:node-1" in text and text.endswith("Something differs.\n")
    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    schema = json.loads(resource_path("schemas", "lab.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, schema)
    assert (data["date"], data["stale"]) == ("2026-11-23T15:02Z", False)
    assert data["counts"] == {"confirmed": 1, "different": 1, "not-testable": 1}
    assert not window.commands.verify.write(tmp_path / "nowhere" / "report.txt")
    assert "could not be written" in window.messages.toast.accessibleName()


def test_closing_the_window_ends_a_run(lab: FakeLab, make_window: Open, qtbot: QtBot) -> None:
    window = make_window()
    window.start(None)
    window.shell.verifier.start(Wish("services", 5, "iptables"))
    qtbot.waitUntil(lambda: bool(lab.wishes))
    window.close()
    assert lab.cancelled and window.shell.bridge.project.verification is None


@pytest.mark.slow
def test_a_real_kernel_confirms_the_first_sample(make_window: Open, qtbot: QtBot) -> None:
    window = make_window()
    window.start(None)
    skip_unless_possible(window.shell.bridge.state)
    dialog = dialog_of(window, qtbot)
    assert dialog.begin.isEnabled(), dialog.machine_words()
    dialog.begin.click()
    qtbot.waitUntil(lambda: not window.shell.verifier.running, timeout=60_000)
    verifier = window.shell.verifier
    assert verifier.state == "done", f"{verifier.words} {verifier.remedy}"
    assert verifier.result is not None
    assert [verifier.result.count(status) for status in ("confirmed", "different", "not-testable")] == [2, 0, 1]
    assert set(verifier.marks.scenarios.values()) == {"confirmed", "not-testable"}
    assert window.lab_layer is not None and window.lab_layer.edge_marks


@pytest.mark.slow
def test_a_real_run_that_is_cancelled_leaves_no_process(make_window: Open, qtbot: QtBot) -> None:
    window = make_window()
    assert window.files.open_sample("exposure.cnd")
    skip_unless_possible(window.shell.bridge.state)
    verifier = window.shell.verifier
    verifier.start(Wish("services", 200, "iptables"))
    steps: list[str] = []
    verifier.progressed.connect(lambda progress: steps.append(progress.step))
    qtbot.waitUntil(lambda: "probes" in steps, timeout=30_000)
    assert children()
    verifier.cancel()
    assert verifier.state == "cancelled"
    qtbot.waitUntil(lambda: not children(), timeout=3_000)
    assert verifier.result is None


def children() -> list[int]:
    """The processes that this one has started and that still run."""
    return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def test_results_are_forgotten_as_a_step_that_undo_takes_back(
    window: MainWindow, lab: FakeLab, qtbot: QtBot, tmp_path: Path
) -> None:
    actions, bridge = window.action_set.actions, window.shell.bridge
    window.action_set.refresh()
    assert not actions["ana.forget"].isEnabled() and not actions["file.picture.verified"].isEnabled()
    panel = run(window, lab, qtbot)
    kept = bridge.project.verification
    window.action_set.refresh()
    assert kept is not None and actions["ana.forget"].isEnabled() and actions["file.picture.verified"].isEnabled()
    marks = []
    for verified in (False, True):
        assert window.commands.export.write_picture(tmp_path / "a.svg", verified)
        color = current_theme().color(finding_token("confirmed")).name()
        marks.append((tmp_path / "a.svg").read_text().count(f'stroke="{color}"'))
    assert marks[0] < marks[1]
    button = next(one for one in panel.findChildren(QAbstractButton) if one.accessibleName() == "Forget the results")
    button.click()
    assert differing(bridge.project.verification) == 0 and not list(panel.table.rows_model.shown())
    assert panel.empty.isVisible()
    assert "Forget the result of Verify on Linux" in actions["edit.undo"].text()
    actions["edit.undo"].trigger()
    assert bridge.project.verification is kept
    bridge.apply(set_cluster(bridge.project, "kubeProxy.masqueradeAll", True))
    window.action_set.refresh()
    assert not actions["file.picture.verified"].isEnabled(), "the result is about the cluster of before"
    assert actions["ana.forget"].isEnabled()
