"""The Verify panel: empty, running, a table with both sides, cancelled, failed, stale."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.edits.fields import set_field
from designer.edits.verification import keep_verification
from designer.lab.client import LabError
from designer.model import Project, VerifiedRow
from designer.ui.bridge.lab import Verifier, Wish
from designer.ui.kit.style import apply_theme
from designer.ui.panels.verify_panel import VerifyPanel
from tests.ui.panels.conftest import Desk, sample
from tests.ui.panels.test_every_panel import nameless
from tests.ui.verified import ABLE, FakeLab, result_for

WISH = Wish("services", 50, "iptables")


class Bench:
    """A panel of the sample “First steps” with a made-up lab."""

    def __init__(self, desk: Desk, qtbot: QtBot) -> None:
        self.desk, self.qtbot, self.lab = desk, qtbot, FakeLab()
        self.verifier = Verifier(desk.session, run=self.lab, look=lambda *_asked: ABLE)
        self.panel = VerifyPanel(desk.session, desk.selection, desk.player, self.verifier)
        qtbot.addWidget(self.panel)
        self.panel.resize(1280, 230)
        self.panel.show()

    @property
    def page(self) -> str:
        shown = {"empty": self.panel.empty, "running": self.panel.running, "result": self.panel.table}
        return next(name for name, widget in shown.items() if widget.isVisible())

    def run(self) -> None:
        self.verifier.start(WISH)
        self.lab.go.set()
        self.qtbot.waitUntil(lambda: not self.verifier.running)

    def rows(self) -> list[tuple[str, ...]]:
        return [row[:6] for row in self.panel.table.rows_model.shown()]

    def banner(self) -> str:
        return self.panel.banner.accessibleName() if self.panel.banner.isVisible() else ""


@pytest.fixture
def bench(desk_of: Callable[[Project], Desk], qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(desk_of(sample("first-steps")), qtbot)
    yield made
    made.verifier.close()


def test_an_empty_panel_says_what_it_is_for_and_how_to_begin(bench: Bench) -> None:
    assert bench.page == "empty" and bench.banner() == ""
    with bench.qtbot.waitSignal(bench.panel.setupWanted):
        bench.panel.empty.button.click()


def test_a_run_shows_its_step_and_cancel_ends_it(bench: Bench) -> None:
    bench.verifier.start(WISH)
    assert bench.page == "running"
    running = bench.panel.running
    bench.qtbot.waitUntil(lambda: running.words.text() == "3 of 10 steps")
    assert (running.bar.value(), running.bar.maximum()) == (3, 10)
    QTest.mouseClick(running.cancel, Qt.MouseButton.LeftButton)
    assert bench.page == "empty" and bench.banner() == ""
    assert "Nothing of the run stays" in bench.panel.empty.text()
    with bench.qtbot.waitSignal(bench.panel.setupWanted):
        bench.panel.empty.button.click()


def test_a_first_run_that_fails_says_why_where_the_result_would_be(bench: Bench) -> None:
    bench.lab.error = LabError("No namespaces here.", "Be root.")
    bench.run()
    assert (bench.page, bench.banner()) == ("empty", "")
    assert bench.panel.empty.text() == "No namespaces here. Be root."
    bench.lab.error = None
    bench.run()
    assert bench.page == "result"


def test_a_cancelled_second_run_leaves_the_result_of_before(bench: Bench) -> None:
    bench.run()
    bench.lab.go.clear()
    bench.verifier.start(WISH)
    assert (bench.page, bench.banner()) == ("running", "")
    bench.verifier.cancel()
    assert bench.page == "result" and "the result of before" in bench.banner()
    with bench.qtbot.waitSignal(bench.panel.setupWanted):
        bench.panel.banner.action_triggered.emit()


def test_the_result_is_a_table_with_the_worst_first(bench: Bench) -> None:
    bench.run()
    assert bench.page == "result" and bench.banner() == ""
    rows = bench.rows()
    assert [row[0] for row in rows] == ["✕ different", "– not testable here", "✓ confirmed"]
    assert rows[0][1:] == (
        "node-1", rows[0][2], "no answer", "connection refused",
        "Observed and not predicted: connection refused. At prerouting of node-1 the kernel hit other rules.",
    )  # fmt: skip
    counts, run = "1 confirmed · 1 different · 1 not testable here", "iptables · 2026-11-23 15:02 UTC · 5 connections"
    assert bench.panel.told.text() == f"{counts} · Service ports · {run}"


def test_choosing_a_status_shows_only_its_rows(bench: Bench) -> None:
    bench.run()
    choice = bench.panel.choice
    for place, wanted in ((1, "✕ different"), (2, "– not testable here"), (3, "✓ confirmed")):
        choice.setCurrentIndex(place)
        choice.activated.emit(place)
        assert [row[0] for row in bench.rows()] == [wanted]
    choice.setCurrentIndex(0)
    choice.activated.emit(0)
    assert len(bench.rows()) == 3


def test_the_sides_of_a_row_stand_beside_each_other(bench: Bench) -> None:
    bench.run()
    chosen: list[VerifiedRow] = []
    bench.panel.rowChosen.connect(chosen.append)
    bench.panel.table.select_place(0)
    sides = bench.panel.detail.sides.texts()
    assert ("", "Predicted", "Linux did") in sides
    assert ("≠", "no answer", "1 × connection refused") in sides
    assert ("", "node-1 prerouting · nat PREROUTING 1", "node-1 prerouting · nat PREROUTING 1") in sides
    assert ("≠", "node-1 prerouting · nat KUBE-SERVICES 7", "node-1 prerouting · nat KUBE-SERVICES 8") in sides
    assert [row.status for row in chosen] == ["different"]
    bench.panel.table.select_place(1)
    assert "No packet is sent." in bench.panel.detail.text()
    bench.panel.table.select_place(2)
    assert "Tried 4 times; every answer was predicted." in bench.panel.detail.text()


def test_a_failure_says_why_and_what_to_do_above_the_result_of_before(bench: Bench) -> None:
    bench.run()
    bench.lab.error = LabError("VXLAN tunnels: the kernel has none.", "Load the kernel module vxlan.")
    bench.run()
    assert bench.page == "result" and len(bench.rows()) == 3
    assert bench.banner() == "Error: VXLAN tunnels: the kernel has none. Load the kernel module vxlan."


def test_what_the_lab_leaves_out_is_said(bench: Bench) -> None:
    project = bench.desk.project
    found = result_for(project).model_copy(
        update={"leftOut": ("60 of 192 requests were tried.", "Pod x is not built.")}
    )
    bench.desk.session.apply(keep_verification(project, found))
    assert bench.banner() == "Info: 60 of 192 requests were tried. Pod x is not built."


def test_an_edit_makes_it_stale_and_it_says_so(bench: Bench) -> None:
    bench.run()
    project = bench.desk.project
    assert bench.desk.session.apply(set_field(project, "Service:default/backend", "spec.ports[0].port", 8081))
    assert bench.panel.told.text().startswith("Stale: cluster changed since · ")
    bench.desk.session.undo()
    assert not bench.panel.told.text().startswith("Stale")


def test_another_mode_than_the_clusters_is_said(bench: Bench) -> None:
    project = bench.desk.project
    bench.desk.session.apply(keep_verification(project, result_for(project, "nftables")))
    assert "Tried in nftables mode; the cluster is in iptables mode." in bench.panel.told.text()


def test_a_project_without_result_is_empty_again(bench: Bench) -> None:
    bench.run()
    bench.desk.session.new(replace(bench.desk.project, verification=None))
    assert bench.page == "empty"


def test_names_themes_and_size(bench: Bench, qapp: QApplication) -> None:
    bench.verifier.start(WISH)
    for page in ("running", "result"):
        assert bench.page == page
        assert list(nameless(bench.panel)) == []
        least = bench.panel.minimumSizeHint()
        assert (least.width() <= 900, least.height() <= 230) == (True, True), (page, least)
        for theme in ("dark", "high-contrast", "light"):
            apply_theme(qapp, theme)
            assert not bench.panel.grab().isNull()
        bench.lab.go.set()
        bench.qtbot.waitUntil(lambda: not bench.verifier.running)


def test_the_keyboard_alone_cancels_and_reads(bench: Bench) -> None:
    bench.verifier.start(WISH)
    bench.panel.running.cancel.setFocus()
    QTest.keyClick(bench.panel.running.cancel, Qt.Key.Key_Space)
    assert bench.verifier.state == "cancelled"
    bench.run()
    table = bench.panel.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(table, Qt.Key.Key_Down)
    chosen = table.first_selected()
    assert chosen is not None and chosen[0] == "– not testable here"
    assert "No packet is sent." in bench.panel.detail.text()
