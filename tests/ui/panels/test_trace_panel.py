"""The Trace panel beside a real trace: rows follow the player, the player follows rows."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from designer.edits.settings import use_cni
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.panels.event_table import COMING, LAYER, LEAVING, OUTCOME, PLACE, TIME
from designer.ui.panels.hop_view import LONGEST_NAME, HopView
from designer.ui.panels.trace_panel import SHOWN, TracePanel
from tests.ui.panels.conftest import Desk

CLIENT = "ExternalClient:client"
NODE_PORT = "http://192.168.10.12:30080"


def test_without_a_trace_it_says_how_to_get_one(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    assert panel._stack.currentIndex() == 0
    shop.ask(CLIENT, NODE_PORT)
    assert panel._stack.currentIndex() == SHOWN
    shop.player.load(None)
    assert panel._stack.currentIndex() == 0


def test_rows_are_the_hops_of_the_way_that_is_shown(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    rows = list(panel.table.rows_model.shown())
    assert [row[0] for row in rows] == list(range(1, len(shop.player.hops) + 1))
    assert [row[PLACE] for row in rows] == [hop.place for hop in shop.player.hops]
    assert rows[0][LEAVING] == "198.51.100.7:41822 → 192.168.10.12:30080"
    assert panel.badge.verdict == "delivered"
    assert panel.reason.text() == shop.player.paths[0].reason


@pytest.mark.parametrize("width", [360, 700, 979, 1100])
def test_the_number_of_a_hop_is_never_cut(shop: Desk, width: int) -> None:
    shop.ask(CLIENT, NODE_PORT)
    table = shop.panel(TracePanel).table
    table.resize(width, 300)
    table.set_rows([(number, *row[1:]) for number, row in enumerate(table.rows_model.shown(), 990)])
    # What is painted: the column without its padding of 8 on both sides.
    figures = QFontMetrics(mono_font()).horizontalAdvance("999")
    assert table.columnWidth(0) - 16 >= figures


def test_the_row_follows_the_player_and_the_player_the_row(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    shop.player.step(1)
    shop.player.step(1)
    assert panel.table.first_selected()[0] == 3
    shop.player.step(-1)
    assert panel.table.first_selected()[0] == 2
    panel.table.select_place(5)
    assert shop.player.index == 5
    assert panel.table.first_selected()[0] == 6


def test_a_filter_hides_rows_and_keeps_the_player_where_it_is(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    shop.player.seek(2.0)
    panel.table.set_filter("policy")
    assert 0 < panel.table.rows_model.rowCount() < len(shop.player.hops)
    assert shop.player.index == 2
    panel.table.select_place(0)
    assert "policy" in shop.player.hops[shop.player.index].what.lower()


def test_ways_are_chosen_and_shown_with_their_share(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    assert panel.ways.count() == 2
    assert panel.ways.itemText(0).startswith("1 of 2 · 1/2 (50.0 %) · ✓ delivered")
    panel.ways.setCurrentIndex(1)
    panel.ways.activated.emit(1)
    assert shop.player.path_index == 1
    assert [row[PLACE] for row in panel.table.rows_model.shown()] == [hop.place for hop in shop.player.hops]


def test_the_packet_is_told_before_and_after_with_what_decided(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    translated = next(n for n, hop in enumerate(shop.player.hops) if hop.outcome == "translated")
    shop.player.seek(float(translated))
    hop = shop.player.hops[translated]
    words = panel.hop_view.text()
    assert hop.reason in words
    assert "192.168.10.12" in words
    assert hop.after is not None
    assert f"→ {hop.after.dst}" in words
    assert [link.text() for link in panel.hop_view.links][-len(hop.rules) :] == [
        f"{hit.table} {hit.chain} {hit.index + 1}" for hit in hop.rules
    ]


def test_evidence_leads_to_the_policy_and_rules_to_the_tables(shop: Desk) -> None:
    shop.ask("Deployment:shop/frontend", "db:5432")
    panel = shop.panel(TracePanel)
    denied = next(n for n, hop in enumerate(shop.player.hops) if hop.outcome == "denied")
    shop.player.seek(float(denied))
    links = [link for link in panel.hop_view.links if "NetworkPolicy" in _targets(panel.hop_view, shop, link)]
    assert links
    assert shop.selection.single is not None and shop.selection.single.startswith("NetworkPolicy:shop/")
    shop.ask(CLIENT, NODE_PORT)
    shop.player.seek(2.0)
    with shop.qtbot.waitSignal(panel.tablesWanted):
        QTest.mouseClick(panel.hop_view.links[-1], Qt.MouseButton.LeftButton)


def test_a_service_lookup_leads_to_the_tables(shop: Desk) -> None:
    shop.session.apply(use_cni(shop.project, "cilium", "vxlan"))
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    shop.player.seek(float(next(n for n, hop in enumerate(shop.player.hops) if hop.kind == "lookup")))
    link = next(link for link in panel.hop_view.links if link.text().startswith("Service lookup"))
    with shop.qtbot.waitSignal(panel.tablesWanted):
        QTest.mouseClick(link, Qt.MouseButton.LeftButton)


def _targets(view: HopView, desk: Desk, link: object) -> str:
    link.click()  # type: ignore[attr-defined]
    return desk.selection.single or ""


def test_an_encapsulated_packet_has_two_headers(shop: Desk) -> None:
    shop.ask("Deployment:shop/api", "db-0.db:5432")
    panel = shop.panel(TracePanel)
    wrapped = next(n for n, hop in enumerate(shop.player.hops) if hop.after is not None and hop.after.outer_dst)
    shop.player.seek(float(wrapped))
    hop = shop.player.hops[wrapped]
    assert hop.after is not None
    row = panel.table.first_selected()
    assert f"{hop.after.outer_src} → {hop.after.outer_dst} [" in row[LEAVING]
    assert hop.after.outer_dst in panel.hop_view.text()


def test_rows_are_copied_and_exported(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    panel.resize(2000, 300)
    panel.table.select_place(0)
    panel.table.copy_selection()
    assert QGuiApplication.clipboard().text().startswith("1\t→\t0.0 s\tPod\tclient\tclient sends")
    lines = panel.table.csv_text().splitlines()
    assert lines[0] == "#,,Time,Layer,Place,What happened,Outcome,Packet in,Packet out,Decided by"
    assert len(lines) == len(shop.player.hops) + 1


def test_an_event_list_row_moves_the_token_and_marks_nothing_for_good(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    shop.ask(CLIENT, NODE_PORT)
    marked: list[object] = []
    shop.selection.hint.connect(marked.append)
    panel.table.select_place(3)
    assert shop.player.index == 3
    assert marked == []


def test_a_narrow_packet_inspector_still_shows_every_header(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    shop.ask(CLIENT, NODE_PORT)
    index = next(i for i, hop in enumerate(shop.player.hops) if hop.before and hop.before != hop.after)
    shop.player.seek(float(index))
    panel.hop_view.resize(290, 400)
    inner = panel.hop_view.widget()
    assert inner.minimumSizeHint().width() <= 290 - panel.hop_view.verticalScrollBar().sizeHint().width()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # popups of the offscreen platform
def test_the_ways_can_be_read_whole_in_their_list(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    panel.resize(700, 300)
    shop.ask(CLIENT, NODE_PORT)
    assert panel.ways.count() > 1
    panel.ways.resize(120, 28)
    assert panel.ways.shown_text().endswith("…")
    assert panel.ways.toolTip() == panel.ways.currentText()
    panel.ways.show()
    panel.ways.showPopup()
    longest = panel.ways.fontMetrics().horizontalAdvance(panel.ways.currentText())
    assert panel.ways.view().width() >= longest
    panel.ways.hidePopup()


def test_details_of_a_look_up_fit_a_narrow_packet_inspector(shop: Desk) -> None:
    shop.ask("Deployment:shop/frontend", "http://api.shop:8080")
    panel = shop.panel(TracePanel)
    look_up = next(i for i, hop in enumerate(shop.player.hops) if hop.kind == "resolve" and hop.details)
    shop.player.seek(float(look_up))
    assert any(len(name) > LONGEST_NAME for name, _value in shop.player.hops[look_up].details)
    panel.hop_view.resize(310, 400)
    assert panel.hop_view.widget().minimumSizeHint().width() <= 310 - 16


class Shown(QObject):
    """Notes every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QLabel) and watched.isWindow():
            self.windows.append(watched.text())
        return False


def test_no_part_of_the_packet_inspector_opens_as_a_window(shop: Desk, qapp: QApplication) -> None:
    shop.ask(CLIENT, NODE_PORT)
    shop.panel(TracePanel)
    shown = Shown()
    qapp.installEventFilter(shown)
    for place in range(len(shop.player.hops)):
        shop.player.seek(float(place))
    qapp.removeEventFilter(shown)
    assert shown.windows == []


def test_a_reason_takes_the_room_up_to_the_search_field(shop: Desk) -> None:
    shop.ask("Deployment:shop/frontend", "nosuchname:80")
    panel = shop.panel(TracePanel, width=1000)
    label = panel.reason
    count = panel.table_bar._count
    assert panel.ways.isHidden()
    assert count.mapTo(panel, count.rect().topLeft()).x() - label.mapTo(panel, label.rect().topRight()).x() <= 16


def test_hops_are_filtered_by_layer_and_outcome(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    layers = {row[LAYER] for row in panel.table.rows_model.shown()}
    assert {"Netfilter", "Routing", "Policy", "Link", "Pod"} <= layers
    menu = panel.filter.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Netfilter").trigger()
    assert "Netfilter" not in {row[LAYER] for row in panel.table.rows_model.shown()}
    assert panel.filter.accessibleName().startswith("Some hops are left out")
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Only hops with an outcome").trigger()
    rows = list(panel.table.rows_model.shown())
    assert rows and all(row[OUTCOME] for row in rows)
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Show all hops").trigger()
    assert panel.table.rows_model.rowCount() == len(shop.player.hops)


def test_what_is_selected_on_the_canvas_is_marked_and_a_row_selects_its_place(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    shop.selection.select(("Node:node-2",))
    marked = [row for row in panel.table.rows_model.shown() if row[PLACE].startswith("● ")]
    hops = shop.player.hops
    assert [row[0] for row in marked] == [
        number
        for number, hop in enumerate(hops, 1)
        if "Node:node-2" in (hop.at, hop.toward, *(each.object for each in hop.decided_by))
    ]
    assert shop.player.index == 0  # looking at an object does not move the packet
    shop.selection.clear()
    assert not any(row[PLACE].startswith("●") for row in panel.table.rows_model.shown())
    panel.table.row_activated.emit(panel.table.rows_model.row(len(hops) - 1))
    assert shop.selection.single == "ExternalClient:client"


def test_a_narrow_list_leaves_the_time_and_the_packet_before_out(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    panel.resize(900, 300)
    assert panel.table.isColumnHidden(TIME) and panel.table.isColumnHidden(COMING)
    assert panel.table.horizontalScrollBar().maximum() == 0
    panel.resize(2000, 300)
    assert not panel.table.isColumnHidden(TIME) and not panel.table.isColumnHidden(COMING)
    assert panel.table.horizontalScrollBar().maximum() == 0


def test_every_form_of_an_export_can_be_asked_for(shop: Desk) -> None:
    shop.ask(CLIENT, NODE_PORT)
    panel = shop.panel(TracePanel)
    asked: list[str] = []
    panel.exportWanted.connect(asked.append)
    for action in panel.export.menu().actions()[1:]:
        action.trigger()
    assert asked == ["csv", "html", "mermaid", "pcapng", "gif", "png"]


def test_the_inspector_tells_sizes_and_what_the_connection_carries(shop: Desk) -> None:
    shop.ask("Deployment:shop/frontend", "http://api:8080/stock")
    panel = shop.panel(TracePanel)
    wrapped = next(n for n, hop in enumerate(shop.player.hops) if hop.after is not None and hop.after.outer_dst)
    shop.player.seek(float(wrapped))
    words = panel.hop_view.text()
    titles = [label.text() for label in panel.hop_view.findChildren(SectionHeader)]
    for title in ("Outer IPv4 · 20 bytes", "Outer UDP · 8 bytes", "VXLAN · 8 bytes", "Inner IPv4 · 20 bytes"):
        assert title in titles
    assert "HTTP GET /stock for host api" in words
    assert "has 1500 bytes between the nodes; it fits the link's MTU of 1500" in words
