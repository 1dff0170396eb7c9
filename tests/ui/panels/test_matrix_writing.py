"""What the Matrix panel writes: every form of the command line, with the panel's focus and ports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu

from designer.__main__ import main
from designer.ui.panels.matrix_panel import MatrixPanel
from designer.ui.panels.matrix_writing import EVIDENCE, FORMS
from tests.ui.panels.conftest import Desk

DB, FRONTEND = "shop/db", "shop/frontend"


def test_what_is_written_holds_only_the_wanted_ports(shop: Desk) -> None:
    """TCP 5432 alone: api reaches db on it and frontend does not; nothing of other ports is left."""
    panel = shop.panel(MatrixPanel)
    QTest.keyClicks(panel.bar.ports, "TCP 5432")
    QTest.keyClick(panel.bar.ports, Qt.Key.Key_Return)
    assert panel.wait()
    shop.qtbot.waitUntil(lambda: panel.table is not None and panel.table.wanted.text() == "TCP 5432")
    header, *lines = panel.writing.text("csv").splitlines()
    assert header == "source,destination,protocol,from,to"
    assert lines and {tuple(line.rsplit(",", 3)[1:]) for line in lines} == {("TCP", "5432", "5432")}
    pair, closed = "shop/api[Deployment],shop/db[StatefulSet],", "shop/frontend[Deployment],shop/db[StatefulSet],"
    assert f"{pair}TCP,5432,5432" in lines and not any(line.startswith(closed) for line in lines)
    table = panel.writing.text("md")
    assert "> Only TCP 5432." in table and "| shop/api[Deployment] | shop/db[StatefulSet] | TCP 5432 |" in table
    panel.bar.ports.clear()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_what_the_command_prints(
    shop: Desk, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = shop.panel(MatrixPanel)
    path = tmp_path / "shop.cnd"
    assert shop.session.save(path)
    output, _, more = form.partition("-")
    options = {"why": ["--explain"], "exposure": ["--exposure"], "": []}[more]
    assert main(["connectivity", str(path), "--output", output, *options]) == 0
    printed = capsys.readouterr().out
    assert panel.writing.save(tmp_path / "c", form) == ""
    assert (tmp_path / "c").read_text(encoding="utf-8") == printed
    panel.writing.copy(form)
    assert QGuiApplication.clipboard().text() == printed
    assert "Choose another place" in panel.writing.save(tmp_path / "none" / "c")


def test_the_menu_writes_in_the_background_and_says_so(
    shop: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = shop.panel(MatrixPanel)
    target = tmp_path / "why.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(target), ""))
    menus = {one.title(): one for one in panel.bar.save.menu().findChildren(QMenu)}
    next(one for one in menus[EVIDENCE].actions() if one.text() == "JSON").trigger()
    shop.qtbot.waitUntil(lambda: "Wrote why.json." in panel.banner.message())
    written = json.loads(target.read_text(encoding="utf-8"))
    told = [
        one
        for one in written["explanations"]
        if (one["src"], one["dst"]) == (f"{FRONTEND}[Deployment]", f"{DB}[StatefulSet]")
    ]
    assert {one["allowed"] for one in told} == {False}, "default-deny: the frontend must not reach the database"


def test_a_form_that_holds_all_ports_says_so_when_some_are_wanted(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    QTest.keyClicks(panel.bar.ports, "TCP 5432")
    QTest.keyClick(panel.bar.ports, Qt.Key.Key_Return)
    shop.qtbot.waitUntil(lambda: panel.table is not None and panel.table.wanted.text() == "TCP 5432")
    panel.bar.exportWanted.emit("svg")
    assert "take the port out" in panel.banner.message()
    panel.bar.ports.clear()
