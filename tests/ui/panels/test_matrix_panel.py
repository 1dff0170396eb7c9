"""The Matrix panel: cells by the policies of the shop, evidence, tracing a cell."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.edits.remove import remove
from designer.model import NetworkPolicy
from designer.ui.panels.matrix_panel import MatrixPanel
from tests.ui.panels.conftest import Desk

API, DB, FRONTEND, PROBER = "shop/api", "shop/db", "shop/frontend", "monitoring/prober"


def place(panel: MatrixPanel, name: str) -> int:
    return [peer.text for peer in panel.peers].index(name)


def verdict(desk: Desk) -> str:
    assert desk.player.result is not None
    return desk.player.result.verdict


def test_cells_are_what_the_policies_say(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    said = {
        (src, dst): panel.cell(place(panel, src), place(panel, dst))
        for src in (API, DB, FRONTEND, PROBER)
        for dst in (API, DB, FRONTEND, PROBER)
    }
    # The manifests of the sample: frontend may call api, api may call db, the prober may ask api, nobody else.
    assert said[FRONTEND, API][1].text() == "TCP 8080"
    assert said[API, DB][1].text() == "TCP 5432"
    assert said[PROBER, API][1].text() == "TCP 8080"
    assert said[FRONTEND, DB][0] == "none"
    assert said[PROBER, DB][0] == "none"
    assert said[API, API] == ("same", None)


def test_a_cell_shows_ports_and_policies_and_is_traced(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    panel.grid.choose(place(panel, FRONTEND), place(panel, API))
    assert panel.ports_text == "TCP 8080"
    assert panel.trace_button.text() == "Trace TCP 8080"
    with shop.qtbot.waitSignal(panel.traced):
        panel.trace_button.click()
    assert verdict(shop) == "delivered"
    panel.grid.choose(place(panel, FRONTEND), place(panel, DB))
    panel.trace_button.click()
    assert verdict(shop) == "denied"


def test_arrows_move_the_choice(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    panel.grid.setFocus()
    QTest.keyClick(panel.grid, Qt.Key.Key_Right)
    assert panel.grid.current == (0, 0)
    QTest.keyClick(panel.grid, Qt.Key.Key_Down)
    QTest.keyClick(panel.grid, Qt.Key.Key_Right)
    assert panel.grid.current == (1, 1)
    assert panel.grid.accessibleDescription() == panel.cell_words(1, 1)
    for _ in range(20):
        QTest.keyClick(panel.grid, Qt.Key.Key_Right)
    assert panel.grid.current == (1, len(panel.peers) - 1)


def test_a_click_chooses_the_cell_under_the_mouse(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel, height=400)
    row, column = place(panel, API), place(panel, DB)
    spot = panel.grid._rect(row, column).center()
    QTest.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert panel.grid.current == (row, column)
    assert panel.ports_text == "TCP 5432"


def test_an_edit_is_followed_and_the_choice_stays(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel)
    panel.grid.choose(place(panel, FRONTEND), place(panel, DB))
    assert shop.session.apply(remove(shop.project, sorted(shop.project.slice(NetworkPolicy))))
    shop.settle(panel)
    assert panel.ports_text == "all connections"
    assert panel.cell(place(panel, FRONTEND), place(panel, DB))[0] == "all"


def test_what_is_saved_is_what_the_command_line_prints(shop: Desk, tmp_path: Path) -> None:
    panel = shop.panel(MatrixPanel)
    assert panel.save_to(tmp_path / "c.csv") == ""
    lines = (tmp_path / "c.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "source,destination,protocol,from,to"
    assert "shop/frontend[Deployment],shop/api[Deployment],TCP,8080,8080" in lines


def test_on_a_low_panel_rows_come_before_the_names_across(shop: Desk) -> None:
    panel = shop.panel(MatrixPanel, height=210)
    grid = panel.grid
    long = tuple(replace(peer, name=f"{peer.name}-with-a-name-that-is-long") for peer in panel.peers)
    grid.show_peers(long, lambda _row, _column: "all", lambda _row, _column: "")
    assert grid.titles <= grid.viewport().height() / 2
    panel.resize(1280, 500)
    assert grid.titles > 90, "where there is room the names are longer"
