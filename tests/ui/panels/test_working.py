"""All pairs can be stopped: the work ends, the matrix says that it is not of the cluster as it is, and can go on."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QPushButton

from designer.edits.create import create
from designer.engine.compile import ClusterState, compile_project
from designer.engine.reach import reach
from designer.engine.reporter import CancelledError
from designer.present.matrix_table import MatrixTable
from designer.ui.bridge.watch import Watch
from designer.ui.panels import matrix_panel
from designer.ui.panels.matrix_panel import MatrixPanel
from designer.ui.panels.working import STOPPED
from tests.present.matrix_cluster import POLICIES, WORKLOADS, project_of
from tests.ui.panels.conftest import Desk


def button(panel: MatrixPanel, words: str) -> QPushButton:
    return next(b for b in panel.working.findChildren(QPushButton) if b.isVisible() and b.text() == words)


def test_all_pairs_are_stopped_in_the_middle_and_begun_again(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = shop.panel(MatrixPanel)
    first, ends, begun = panel.table, list[str](), threading.Event()
    assert first is not None and panel.working.isHidden()
    real = reach

    def slowly(state: ClusterState, reporter: Watch) -> object:
        begun.set()
        reporter.step("Following the rules", 1, 4)
        for _ in range(500):
            if reporter.cancelled:
                break
            threading.Event().wait(0.01)
        try:
            return real(state, reporter=reporter)
        except CancelledError:
            ends.append("ended")
            raise

    with monkeypatch.context() as patch:
        patch.setattr(matrix_panel, "reach", slowly)
        before = shop.project
        shop.session.apply(create(before, "Deployment", namespace="shop"))
        shop.qtbot.waitUntil(lambda: panel.working.isVisible() and begun.is_set())
        shop.qtbot.waitUntil(lambda: panel.working.message() == "Following the rules (2 of 4)…")
        button(panel, "Cancel").click()
        assert panel.wait() and ends == ["ended"]
    assert panel.table is first and panel.working.message() == STOPPED and panel.working.isVisible()
    assert shop.project is not before and not panel._jobs.busy
    button(panel, "Work it out").click()
    shop.settle(panel)
    assert panel.table is not first and panel.working.isHidden()
    assert len(panel.table.entries) > len(first.entries)


def test_a_change_ends_the_work_on_the_cluster_before_it(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    begun, ended = threading.Event(), threading.Event()

    def work(watch: Watch) -> MatrixTable:
        begun.set()
        for _ in range(500):
            if watch.cancelled:
                ended.set()
                break
            threading.Event().wait(0.01)
        raise CancelledError

    panel.working.start(work)
    shop.qtbot.waitUntil(begun.is_set)
    shop.session.apply(create(shop.project, "Deployment", namespace="shop"))
    assert ended.wait(5)
    shop.settle(panel)
    assert panel.table is not None and panel.table.found.matrix is not None and panel.working.isHidden()


def test_the_same_matrix_comes_with_and_without_somebody_who_waits(qapp: object) -> None:
    told: list[tuple[str, int, int]] = []

    class Teller:
        def step(self, name: str, done: int, total: int) -> None:
            told.append((name, done, total))
            assert 0 <= done < total

    state = compile_project(project_of(*WORKLOADS, POLICIES))
    plain, watched = reach(state), reach(state, reporter=Teller())
    assert {name for name, _d, _t in told} >= {"Sorting Pods by what policies see", "Following Ingresses and routes"}
    pairs = range(len(plain.matrix.peers))
    for one in pairs:
        assert (
            plain.matrix.numbers(plain.matrix.peers[one]).tolist()
            == watched.matrix.numbers(watched.matrix.peers[one]).tolist()
        )
