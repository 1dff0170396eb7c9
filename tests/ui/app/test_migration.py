"""The dialog of a migration: manifests, losses, differences, conflicts, and a folder that they are written into."""

from pathlib import Path

import pytest
import yaml
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from designer.model import Ingress
from designer.ui.app.dialogs.migration import MigrationDialog
from designer.ui.app.dialogs.routing import RoutingDialog
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


def test_the_objects_are_added_as_one_step(dialog: MigrationDialog, sample: MainWindow) -> None:
    before = sample.shell.bridge.project
    assert dialog.moved is not None
    dialog.add.click()
    after = sample.shell.bridge.project
    added = set(after.foreign) - set(before.foreign)
    wanted = [data for data in dialog.moved.migration.objects if data["kind"] != "Namespace"]
    assert len(added) == len(wanted) and after.of(Ingress) == before.of(Ingress)
    assert not dialog.add.isEnabled() and "Undo takes them away again" in dialog.summary.text()
    kinds = {oid.partition(":")[0].rpartition("/")[2] for oid in added}
    assert {"Gateway", "HTTPRoute"} <= kinds
    sample.shell.bridge.undo()
    assert set(sample.shell.bridge.project.foreign) == set(before.foreign)


BACKEND = """\
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: shop, namespace: shop}}
spec:
  ingressClassName: own
  rules:
  - host: shop.example.com
    http: {{paths: [{{path: {path}, pathType: Prefix, backend: {{service: {{name: cart, port: {{number: 80}}}}}}}}]}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: own}}
spec: {{controller: example.com/own}}
---
"""


def manifests(folder: Path, path: str) -> str:
    folder.mkdir()
    (folder / "all.yaml").write_text(INGRESS.format(path=path) + BACKEND.format(name="cart"), "utf-8")
    return str(folder)


def routing(sample: MainWindow, old: str, new: str, qtbot: QtBot) -> RoutingDialog:
    sample.action_set.actions["ana.routing"].trigger()
    found = sample.findChild(RoutingDialog)
    assert found is not None
    found.paths[0].setText(old)
    found.paths[1].setText(new)
    found.compare.click()
    assert any(found.wait() for _ in range(6))
    qtbot.waitUntil(lambda: found.found is not None)
    return found


def test_two_sets_that_answer_alike_are_the_same(sample: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    # Prefix /cart and Prefix /cart/ take the same requests (Ingress, "Path types").
    paths = (manifests(tmp_path / "old", "/cart"), manifests(tmp_path / "new", "/cart/"))
    dialog = routing(sample, *paths, qtbot)
    assert dialog.summary.text().startswith("The same:") and dialog.differences.rows_model.rowCount() == 0
    assert dialog.differences.empty_text == "No request is answered otherwise."


def test_a_difference_comes_with_a_url(sample: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    paths = (manifests(tmp_path / "old", "/"), manifests(tmp_path / "new", "/cart"))
    dialog = routing(sample, *paths, qtbot)
    assert dialog.summary.text().startswith("Not the same:")
    rows = [dialog.differences.rows_model.row(n) for n in range(dialog.differences.rows_model.rowCount())]
    assert ("GET http://shop.example.com/", "404") in [(row[0], row[2]) for row in rows]
    assert dialog.tabs.tabText(0) == f"Differences ({len(rows)})"


def test_what_cannot_be_read_is_said(sample: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = routing(sample, str(tmp_path / "gone"), "", qtbot)
    assert dialog.differences.empty_text == "Nothing is compared yet.", "nothing is claimed that was not asked"
    assert dialog.summary.text() == f"The two could not be compared. {tmp_path / 'gone'} does not exist."
