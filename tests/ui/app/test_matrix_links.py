"""From a cell of the matrix to the rule that decides: canvas, Inspector, the very line of its YAML."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from designer.ui.app.dialogs.repair import RepairDialog
from designer.ui.app.window import MainWindow
from designer.ui.panels.link_button import LinkButton
from designer.ui.panels.matrix_panel import MatrixPanel
from tests.ui.app.conftest import MakeWindow


def matrix_of(window: MainWindow, qtbot: QtBot) -> MatrixPanel:
    panel = window.bottom.show_panel("matrix")
    assert isinstance(panel, MatrixPanel)
    qtbot.waitUntil(lambda: panel.table is not None and not panel._jobs.busy, timeout=10_000)
    return panel


def choose(panel: MatrixPanel, src: str, dst: str) -> None:
    rows, columns = [n.text for n in panel.axes.rows], [n.text for n in panel.axes.columns]
    panel.grid.choose(rows.index(src), columns.index(dst))


def test_a_cell_leads_to_what_would_change_it(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    panel = matrix_of(sample, qtbot)
    for src, dst, wanted in (("shop/frontend", "shop/db", "possible"), ("shop/api", "shop/db", "impossible")):
        choose(panel, src, dst)
        with qtbot.waitSignal(panel.changeWanted) as asked:
            panel.detail.extra[0].click()
        assert asked.args == [f"Deployment:{src}", f"StatefulSet:{dst}:5432", wanted]
        dialog = sample.findChildren(RepairDialog)[-1]
        assert dialog.wanted.value() == wanted
        dialog.close()


def test_a_link_shows_the_policy_and_the_line_of_its_rule(sample: MainWindow, qtbot: QtBot) -> None:
    assert sample.files.open_sample("shop.cnd")
    panel = matrix_of(sample, qtbot)
    choose(panel, "shop/api", "shop/db")
    link = next(one for one in panel.detail.findChildren(LinkButton) if one.toolTip().endswith("from[0]"))
    link.click()
    policy = sample.shell.selection.single
    assert policy is not None and policy.startswith("NetworkPolicy:shop/")
    editor = sample.make_inspector().yaml.editor
    assert editor.isVisible()
    line = editor.textCursor().block().text()
    assert line.strip().startswith("- "), line
    below = editor.toPlainText().splitlines()[editor.textCursor().blockNumber() - 1]
    assert below.strip() in ("from:", "- from:"), below


def test_the_matrix_gets_room_once_and_then_what_a_person_gives_it(make_window: MakeWindow) -> None:
    window = make_window()
    window.start(None)
    small = window.sides.rows.sizes()
    window.action_set.actions["ana.matrix"].trigger()
    canvas, panel = window.sides.rows.sizes()
    assert panel > small[1] and panel / (canvas + panel) >= 0.45
    window.sides.rows.setSizes([canvas + 60, panel - 60])
    window.sides.rows.splitterMoved.emit(canvas + 60, 1)
    kept = window.sides.rows.sizes()
    window.action_set.actions["ana.check"].trigger()
    window.action_set.actions["ana.matrix"].trigger()
    assert window.sides.rows.sizes() == kept
