"""Comparing connectivity: with the last save, an earlier step, another folder; on the canvas; as the command does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from designer.__main__ import main
from designer.edits.fields import set_field
from designer.edits.remove import remove
from designer.present.flow_changes import NOTHING_CHANGED
from designer.ui.app import choosing
from designer.ui.app.dialogs.connectivity_diff import FORMS, ConnectivityDiff
from designer.ui.app.window import MainWindow
from designer.ui.bridge.diffing import Base
from designer.ui.kit.messages import Toast

DB = "NetworkPolicy:shop/allow-api-to-db"


def settle(window: MainWindow, qtbot: QtBot) -> None:
    diffing = window.diff.diffing
    assert any(diffing.wait() for _ in range(6))  # a busy machine takes its time
    qtbot.waitUntil(lambda: not diffing.busy)


def policy_of_db(window: MainWindow) -> str:
    """The policy that lets api call db on TCP 5432."""
    for oid, found in window.shell.bridge.project.objects["NetworkPolicy"].items():
        spec = found.dump()["spec"]
        if any(port.get("port") == 5432 for rule in spec.get("ingress", ()) for port in rule.get("ports", ())):
            return oid
    raise AssertionError("the sample has such a policy")


def edited(window: MainWindow) -> str:
    """The shop in which the policy of db lets in another port: the id of that policy."""
    assert window.files.open_sample("shop.cnd")
    oid = policy_of_db(window)
    assert window.shell.bridge.apply(set_field(window.shell.bridge.project, oid, "spec.ingress[0].ports[0].port", 5433))
    return oid


def dialog_of(window: MainWindow) -> ConnectivityDiff:
    window.action_set.actions["ana.diff"].trigger()
    found = window.findChild(ConnectivityDiff)
    assert found is not None
    return found


def rows(dialog: ConnectivityDiff) -> list[tuple[str, ...]]:
    model = dialog.table.rows_model
    return [tuple(model.row(place)[:5]) for place in range(model.rowCount())]


def said(window: MainWindow) -> tuple[int, bool]:
    """How many flows are drawn, and whether the legend says that nothing changed."""
    layer, note = window.diff.layer, window.diff.note
    assert layer is not None and note is not None
    return len(layer.drawn), NOTHING_CHANGED in note.accessibleName()


def on_canvas(window: MainWindow) -> bool:
    return window.diff.layer is not None or window.diff.note is not None


def choose(dialog: ConnectivityDiff, words: str) -> None:
    place = next(n for n in range(dialog.choice.count()) if words in dialog.choice.itemText(n))
    dialog.choice.setCurrentIndex(place)
    dialog.choice.activated.emit(place)


def test_an_edit_is_told_with_its_evidence(sample: MainWindow, qtbot: QtBot) -> None:
    edited(sample)
    dialog = dialog_of(sample)
    assert dialog.table.rows_model.rowCount() == 0 and not dialog.canvas_button.isEnabled()
    choose(dialog, "the state before “Change spec.ingress[0]")
    settle(sample, qtbot)
    api, db = "shop/api[Deployment]", "shop/db[StatefulSet]"
    assert rows(dialog) == [("− closed", api, db, "TCP 5432", "none")], "egress of api still allows 5432 alone"
    dialog.table.selectRow(0)
    said = dialog.detail.text
    assert said == "− TCP 5432"
    dialog.close()


def test_after_an_edit_it_begins_with_the_state_before_and_reads_the_first_flow(
    sample: MainWindow, qtbot: QtBot
) -> None:
    edited(sample)
    dialog = dialog_of(sample)
    settle(sample, qtbot)
    assert dialog.choice.currentText() == "the project as it was opened"
    assert dialog.detail.text == "− TCP 5432", "the first flow is read without a click"
    dialog.canvas_button.click()
    assert sample.diff.layer is not None and sample.diff.layer.marked is None, "nobody chose one of them"
    sample.action_set.actions["ana.diff_leave"].trigger()


def test_without_an_edit_it_says_what_can_be_compared(sample: MainWindow) -> None:
    dialog = dialog_of(sample)
    assert dialog.diffing.base is None
    assert any("Choose a project" in label.text() for label in dialog.detail.findChildren(QLabel))
    dialog.close()


def test_the_canvas_shows_it_in_place_and_follows_edits(sample: MainWindow, qtbot: QtBot) -> None:
    edited(sample)
    window = sample
    assert not window.action_set.actions["ana.diff_leave"].isEnabled()
    dialog = dialog_of(window)
    choose(dialog, "as it was opened")
    settle(window, qtbot)
    dialog.canvas_button.click()
    display = window.diff
    assert display.layer is not None and display.note is not None and display.note.isVisible()
    assert [(one.flow.what, one.flow.src_id, one.flow.dst_id) for one in display.layer.drawn] == [
        ("closed", "Deployment:shop/api", "StatefulSet:shop/db")
    ]
    assert "1 closed" in display.note.accessibleName()
    window.scene.set_view("nodes")
    assert len(display.layer.drawn) == 1, "by Node the line runs between their Pods"
    window.shell.bridge.undo()
    settle(window, qtbot)
    assert said(window) == (0, True)
    window.action_set.actions["ana.diff_leave"].trigger()
    assert not on_canvas(window) and display.diffing.base is None


def test_what_is_shown_whole_and_messages_keep_clear_of_the_legend(sample: MainWindow, qtbot: QtBot) -> None:
    edited(sample)
    dialog = dialog_of(sample)
    choose(dialog, "as it was opened")
    settle(sample, qtbot)
    dialog.canvas_button.click()
    note, canvas = sample.diff.note, sample.canvas
    assert note is not None and note.isVisible()
    canvas.zoom_to_fit(animated=False)
    assert canvas.mapFromScene(canvas.whole().bottomLeft()).y() <= note.y()
    toast = Toast(canvas)
    toast.show_message("Something was done.")
    assert not toast.geometry().intersects(note.geometry())
    sample.action_set.actions["ana.diff_leave"].trigger()
    canvas.zoom_to_fit(animated=False)
    assert canvas.bottom_inset == 0


def test_the_legend_leads_back_to_the_list_and_leaves(sample: MainWindow, qtbot: QtBot) -> None:
    edited(sample)
    dialog = dialog_of(sample)
    choose(dialog, "as it was opened")
    settle(sample, qtbot)
    first = dialog.table.visualRect(dialog.table.model().index(0, 1)).center()
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=first)
    assert sample.scene.marks.hinted, "both ends are marked while the row is read"
    dialog.canvas_button.click()
    assert not sample.scene.marks.hinted
    layer, note = sample.diff.layer, sample.diff.note
    assert layer is not None and layer.marked == layer.drawn[0].flow
    assert note is not None
    note.list_button.click()
    again = [one for one in sample.findChildren(ConnectivityDiff) if one.isVisible()][-1]
    assert rows(again)
    again.close()
    note.leave_button.click()
    assert sample.diff.note is None


@pytest.mark.parametrize("ending", FORMS)
def test_it_is_written_as_the_command_prints_it(
    sample: MainWindow, qtbot: QtBot, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sample.files.open_sample("shop.cnd")
    bridge = sample.shell.bridge
    assert bridge.save(tmp_path / "old.cnd")
    assert bridge.apply(remove(bridge.project, (policy_of_db(sample),)))
    dialog = dialog_of(sample)
    choose(dialog, "old.cnd, as saved or opened last")
    settle(sample, qtbot)
    assert dialog.write(tmp_path / f"d{ending}", ending)
    assert bridge.save(tmp_path / "new.cnd")
    form = {".txt": "text"}.get(ending, ending[1:])
    assert main(["connectivity", "--diff", str(tmp_path / "old.cnd"), str(tmp_path / "new.cnd"), "--output", form]) == 0
    assert (tmp_path / f"d{ending}").read_text(encoding="utf-8") == capsys.readouterr().out
    assert not dialog.write(tmp_path / "none" / "d", ending)
    assert "Choose another place" in dialog.summary.text()
    dialog.close()


def test_another_folder_and_one_that_holds_nothing(
    sample: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sample.files.open_sample("shop.cnd")
    dialog = dialog_of(sample)
    (tmp_path / "a.txt").write_text("nothing of Kubernetes", encoding="utf-8")
    monkeypatch.setattr(choosing, "folder_to_open", lambda *_: tmp_path)
    choose(dialog, "another folder")
    settle(sample, qtbot)
    assert "Choose another file or folder" in dialog.summary.text() and not rows(dialog)
    monkeypatch.setattr(choosing, "folder_to_open", lambda *_: None)
    choose(dialog, "another folder")
    assert dialog.choice.currentText() == tmp_path.name
    dialog.compare_with(Base("gone.cnd", path=tmp_path / "gone.cnd"))
    settle(sample, qtbot)
    assert dialog.summary.text() and not rows(dialog)
    dialog.close()


def test_a_comparison_can_be_cancelled(sample: MainWindow, qtbot: QtBot) -> None:
    edited(sample)
    dialog = dialog_of(sample)
    dialog.compare_with(sample.diff.diffing.bases()[0])
    assert dialog.cancel_button.isVisible()
    dialog.cancel_button.click()
    assert not dialog.cancel_button.isVisible() and not rows(dialog)
    assert sample.diff.diffing.wait()
    dialog.close()


def test_another_project_ends_the_comparison(sample: MainWindow, qtbot: QtBot) -> None:
    edited(sample)
    diffing = sample.diff.diffing
    diffing.start(diffing.bases()[0])
    settle(sample, qtbot)
    diffing.show_on_canvas(True)
    assert sample.files.open_sample("first-steps.cnd")
    assert diffing.base is None and sample.diff.layer is None
