"""The Trace panel: the hops of the way that the player shows, the packet at the current hop, and the verdict."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from designer.engine.trace.hops import Path
from designer.present.carried_text import carried_text
from designer.present.event_rows import is_changed, leaving_text
from designer.present.packet_layers import size_text
from designer.present.seen_rows import Owner, owners_on, seen_rows
from designer.present.trace_rows import decided_text, trace_rows
from designer.present.words import share_text, verdict_text
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.combo import LongCombo
from designer.ui.kit.messages import EmptyState
from designer.ui.kit.table_model import Column, Row
from designer.ui.kit.verdict import VerdictBadge
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.hop_view import HopView
from designer.ui.panels.live import LivePanel
from designer.ui.panels.staged_line import StagedLine
from designer.ui.panels.table_bar import TableBar

# A hop's outcome, and the verdict in whose colour it is written; other outcomes stay plain.
_OUTCOME_VERDICT = {
    "allowed": "delivered",
    "delivered": "delivered",
    "denied": "denied",
    "dropped": "dropped",
    "rejected": "rejected",
    "refused": "connection-refused",
    "cannot tell": "cannot-tell",
}


def _outcome_color(row: Row) -> str | None:
    verdict = _OUTCOME_VERDICT.get(row[4], "")
    return f"verdict:{verdict}" if verdict else "muted"


def _packet_color(row: Row) -> str | None:
    return "accent_text" if row[8] else None


COLUMNS = (
    Column("#", 36, align="right", mono=True),
    Column("", 30, align="center", tooltip="→ request, ← reply"),
    Column("Place", 164),
    Column("What happened", 178),
    Column("Outcome", 82, color=_outcome_color),
    Column("Packet", 292, mono=True, color=_packet_color, tooltip="As it leaves the hop; in colour where it changed"),
    Column("Decided by", 200, stretch=True, mono=True),
)
LEAST = (30, 24, 74, 112, 70, 150, 70)
_HOP = 7


class TracePanel(LivePanel):
    """The event list and the packet inspector. A row moves the player, the player moves the row.

    `tablesWanted` asks for the Tables panel, which shows the rules of the player's hop.
    """

    NAME: ClassVar[str] = "Trace"
    tablesWanted = Signal()

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.table = FittedTable(COLUMNS, LEAST, "Trace", "This way has no hops.")
        self.hop_view = HopView()
        self.ways = LongCombo("Way through the cluster")
        self.ways.setMinimumWidth(220)
        self.badge = VerdictBadge()
        self.reason = ElidedLabel()
        self.staged = StagedLine()
        self._following = False
        self._owners: dict[str, Owner] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty())
        self._stack.addWidget(self._filled())
        self.column.addWidget(self._stack)
        self.table.row_selected.connect(self._on_row)
        self.hop_view.objectWanted.connect(selection.show)
        self.hop_view.rulesWanted.connect(lambda _node: self.tablesWanted.emit())
        self.ways.activated.connect(player.choose_path)
        player.traceChanged.connect(lambda _result: self._load())
        player.pathChanged.connect(lambda _index: self._show_path())
        player.stepped.connect(self._show_hop)
        self._load()

    def _empty(self) -> QWidget:
        return EmptyState(
            "route",
            "No trace yet. Type a source and a destination above and press Trace, "
            "or choose “Trace from here” in the menu of an object on the canvas.",
        )

    def _filled(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        bar = self.table_bar = TableBar(self.table, "hop")
        bar.add(self.badge)
        bar.add(self.reason, 3)
        bar.add(self.ways, 2)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.hop_view)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        split.setSizes([900, 360])
        column.addWidget(bar)
        column.addWidget(self.staged)
        column.addWidget(split, 1)
        return page

    def _load(self) -> None:
        self.ways.clear()
        for number, path in enumerate(self.player.paths, start=1):
            self.ways.addItem(_way_text(number, len(self.player.paths), path))
        self.ways.setVisible(len(self.player.paths) > 1)
        self._stack.setCurrentIndex(1 if self.player.paths else 0)
        self.staged.ask(self.state, self.player.result)
        self._show_path()

    def _show_path(self) -> None:
        path = self.player.path
        state = self.state
        self._owners = owners_on(state, path) if path is not None and state is not None else {}
        self.ways.setCurrentIndex(self.player.path_index)
        rows: list[Row] = []
        for row in trace_rows(path) if path else ():
            decided = decided_text(row.hop)
            rows.append(
                (
                    row.number,
                    row.direction,
                    row.place,
                    row.what,
                    row.outcome,
                    leaving_text(row.hop),
                    "" if decided == "–" else decided,
                    row.number - 1,
                    is_changed(row.hop),
                )
            )
        self._following = True
        self.table.set_rows(rows)
        self._following = False
        self.badge.set_verdict(path.verdict if path else "")
        self.reason.set_text(path.reason if path else "")
        self._show_hop(self.player.index)

    def _show_hop(self, index: int) -> None:
        """Mark the row of the hop that the token has reached, where the filter shows it."""
        hops = self.player.hops
        path = self.player.path
        seen = seen_rows(path, index, self._owners) if path is not None and index < len(hops) else ()
        self.hop_view.show_hop(hops[index] if index < len(hops) else None, seen, *self._packet_words(index))
        rows = enumerate(self.table.rows_model.shown())
        place = next((shown for shown, row in rows if row[_HOP] == index), -1)
        self._following = True
        self.table.select_place(place)
        self._following = False

    def _packet_words(self, index: int) -> tuple[str, str]:
        """What the connection carries at a hop, and what its headers leave of the MTU."""
        path, result, state = self.player.path, self.player.result, self.state
        if path is None or result is None or state is None or index >= len(path.hops):
            return "", ""
        mtu = state.cni.mtu, state.project.cluster.cni.linkMTU
        return carried_text(result.request, path, index), size_text(path.hops[index], *mtu)

    def _on_row(self, row: Row | None) -> None:
        if row is None or self._following or row[_HOP] == self.player.index:
            return
        self.player.pause()
        self.player.seek(float(row[_HOP]))


def _way_text(number: int, count: int, path: Path) -> str:
    choices = " · ".join(path.labels)
    return f"{number} of {count} · {share_text(path.share)} · {verdict_text(path.verdict)} · {choices}"
