"""The dialog of a migration: manifests, losses, differences, conflicts, and a folder that they are written into."""

from pathlib import Path

import pytest
import yaml
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.model import Ingress
from designer.ui.app.dialogs.migration import MigrationDialog
from designer.ui.app.dialogs.routing import RoutingDialog
from designer.ui.app.window import MainWindow
from designer.ui.panels.routes_panel import RoutesPanel


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
    assert dialog.losses.table.rows_model.rowCount() == losses
    assert dialog.differences.table.rows_model.rowCount() == differences
    assert dialog.tabs.tabText(1) == (f"Not carried over ({losses})" if losses else "Not carried over")


def test_the_manifests_are_written(dialog: MigrationDialog, tmp_path: Path) -> None:
    dialog.save_in(str(tmp_path))
    written = [data for path in tmp_path.glob("*.yaml") for data in yaml.safe_load_all(path.read_text("utf-8"))]
    assert dialog.moved is not None
    assert len(written) == len(dialog.moved.migration.objects)
    assert "files were written into" in dialog.summary.text()


def test_a_loss_leads_to_its_ingress(dialog: MigrationDialog, sample: MainWindow) -> None:
    if dialog.losses.table.rows_model.rowCount():
        dialog.losses.table.select_place(0)
        row = dialog.losses.table.first_selected()
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
    assert dialog.summary.text().startswith("The same:") and dialog.differences.table.rows_model.rowCount() == 0
    assert dialog.differences.table.empty_text == "No request is answered otherwise."


def test_a_difference_comes_with_a_url(sample: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    paths = (manifests(tmp_path / "old", "/"), manifests(tmp_path / "new", "/cart"))
    dialog = routing(sample, *paths, qtbot)
    assert dialog.summary.text().startswith("Not the same:")
    rows = [dialog.differences.table.rows_model.row(n) for n in range(dialog.differences.table.rows_model.rowCount())]
    assert ("GET http://shop.example.com/", "404") in [(row[0], row[2]) for row in rows]
    assert dialog.tabs.tabText(0) == f"Differences ({len(rows)})"


def test_what_cannot_be_read_is_said(sample: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = routing(sample, str(tmp_path / "gone"), "", qtbot)
    assert dialog.differences.table.empty_text == "Nothing is compared yet.", "nothing is claimed that was not asked"
    assert dialog.summary.text() == f"The two could not be compared. {tmp_path / 'gone'} does not exist."


LOSING = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: apps
  namespace: shop
  annotations: {nginx.ingress.kubernetes.io/limit-rps: "5"}
spec:
  ingressClassName: nginx
  rules:
  - host: "*.apps.example.com"
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
"""


@pytest.fixture
def losing(sample: MainWindow, tmp_path: Path, qtbot: QtBot) -> MigrationDialog:
    """The dialog over an Ingress that loses an annotation and whose wildcard means more in Gateway API."""
    (tmp_path / "all.yaml").write_text(LOSING + BACKEND.format(name="cart"), "utf-8")
    assert sample.files.open_paths([tmp_path / "all.yaml"])
    sample.action_set.actions["ana.migrate"].trigger()
    found = sample.findChild(MigrationDialog)
    assert found is not None
    assert any(found.wait() for _ in range(6))
    qtbot.waitUntil(lambda: found.moved is not None)
    return found


def test_a_chosen_loss_is_read_in_full(losing: MigrationDialog) -> None:
    table = losing.losses.table
    rows = [table.rows_model.row(place) for place in range(table.rows_model.rowCount())]
    place = next(place for place, row in enumerate(rows) if row[1] == "limit-rps")
    losing.tabs.setCurrentIndex(1)
    table.select_place(place)
    told = losing.losses.detail.toPlainText()
    assert "metadata.annotations[nginx.ingress.kubernetes.io/limit-rps]" in told
    assert f"What to do: {rows[place][3]}" in told
    assert "not carried over: read the list" in losing.summary.text()
    QTest.keyClicks(losing.losses.bar.search, "no such words")
    losing.losses.bar.search.searched.emit("no such words")
    assert losing.losses.detail.toPlainText() == "", "a row that is filtered away is not told any more"


def test_a_counter_example_is_told_for_both_sides_and_asked_in_the_window(
    losing: MigrationDialog, sample: MainWindow
) -> None:
    """ingress-gateway.md 2: an Ingress' wildcard stands for one label; Gateway API's for any number of them."""
    table = losing.differences.table
    rows = [table.rows_model.row(place) for place in range(table.rows_model.rowCount())]
    place = next(place for place, row in enumerate(rows) if row[0] == "GET http://two.one.apps.example.com/")
    assert not losing.ask.isEnabled(), "nothing is chosen yet"
    table.select_place(place)
    lines = losing.differences.detail.toPlainText().splitlines()
    assert lines[1].startswith("Ingress: 404. ") and lines[2].startswith("Gateway: 200 shop/cart")
    losing.add.click()  # now the cluster in the window has both
    losing.ask.click()
    panel = sample.bottom.panel("routes")
    assert isinstance(panel, RoutesPanel) and sample.bottom.is_in_front("routes")
    assert panel.url.text() == "http://two.one.apps.example.com/"
    does = {row[0]: row[1] for row in (panel.table.rows_model.row(n) for n in range(panel.table.rows_model.rowCount()))}
    assert does == {"Gateway shop/nginx": "✓ takes it", "IngressClass nginx": "404"}
    sample.shell.bridge.undo()
    does = {row[0]: row[1] for row in (panel.table.rows_model.row(n) for n in range(panel.table.rows_model.rowCount()))}
    assert does == {"IngressClass nginx": "404"}, "Undo takes the Gateway away, and the box follows"


def test_a_folder_that_takes_no_files_is_said(losing: MigrationDialog, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", "utf-8")
    losing.save_in(str(blocked))
    assert str(blocked) in losing.summary.text() and "files were written" not in losing.summary.text()


def test_a_cluster_without_ingresses_has_nothing_to_save(window: MainWindow, qtbot: QtBot) -> None:
    window.action_set.actions["ana.migrate"].trigger()
    found = window.findChild(MigrationDialog)
    assert found is not None
    assert any(found.wait() for _ in range(6))
    qtbot.waitUntil(lambda: found.moved is not None)
    assert not any(button.isEnabled() for button in (found.copy, found.save, found.add, found.ask))
    assert "There is no Ingress" in found.summary.text()


def test_both_answers_of_two_sets_are_told(sample: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    paths = (manifests(tmp_path / "old", "/"), manifests(tmp_path / "new", "/cart"))
    dialog = routing(sample, *paths, qtbot)
    table = dialog.differences.table
    rows = [table.rows_model.row(n) for n in range(table.rows_model.rowCount())]
    table.select_place(next(n for n, row in enumerate(rows) if row[0] == "GET http://shop.example.com/"))
    told = dialog.differences.detail.toPlainText().splitlines()
    assert told[1].startswith("Old: 200 shop/cart") and told[2].startswith("New: 404. ")
