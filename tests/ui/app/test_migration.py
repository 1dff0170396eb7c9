"""The dialog of a migration: manifests, losses, differences, conflicts, and a folder that they are written into."""

from pathlib import Path

import pytest
import yaml
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from designer.ui.app.dialogs.migration import MigrationDialog
from designer.ui.app.window import MainWindow


@pytest.fixture
def dialog(sample: MainWindow, qtbot: QtBot) -> MigrationDialog:
    """The dialog over the sample with two controllers, converted."""
    assert sample.files.open_sample("two-controllers.cnd")
    sample.action_set.actions["ana.migrate"].trigger()
    found = sample.findChild(MigrationDialog)
    assert found is not None
    assert any(found.wait() for _ in range(6))  # a busy machine takes its time
    qtbot.waitUntil(lambda: found.moved is not None)
    return found


def test_manifests_are_shown_and_copied(dialog: MigrationDialog) -> None:
    kinds = [data["kind"] for data in yaml.safe_load_all(dialog.text.toPlainText())]
    assert {"GatewayClass", "Gateway", "HTTPRoute"} <= set(kinds)
    assert kinds.count("GatewayClass") == 2, "one for each of the two controllers"
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == dialog.text.toPlainText()


def test_losses_and_differences_are_counted_on_their_tabs(dialog: MigrationDialog) -> None:
    assert dialog.moved is not None
    losses, differences = len(dialog.moved.migration.losses), len(dialog.moved.comparison.differences)
    assert dialog.losses.rows_model.rowCount() == losses
    assert dialog.differences.rows_model.rowCount() == differences
    assert dialog.tabs.tabText(1) == (f"Not carried over ({losses})" if losses else "Not carried over")


def test_the_manifests_are_written(dialog: MigrationDialog, tmp_path: Path) -> None:
    dialog.save_in(str(tmp_path))
    written = [data for path in tmp_path.glob("*.yaml") for data in yaml.safe_load_all(path.read_text("utf-8"))]
    assert dialog.moved is not None
    assert len(written) == len(dialog.moved.migration.objects)
    assert "files were written into" in dialog.summary.text()


def test_a_loss_leads_to_its_ingress(dialog: MigrationDialog, sample: MainWindow) -> None:
    if dialog.losses.rows_model.rowCount():
        dialog.losses.select_place(0)
        row = dialog.losses.first_selected()
        assert row is not None
        assert sample.shell.selection.single == row[4]
