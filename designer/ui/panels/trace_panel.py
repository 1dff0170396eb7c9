"""The Trace panel: the hops of the way that the player shows, the packet at the current hop, and the verdict."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from designer.engine.trace.hops import Path, TraceResult
from designer.present.carried_text import carried_text
from designer.present.help_topics import reason_key
from designer.present.packet_layers import size_text
from designer.present.run_forms import RUN_FORMS
from designer.present.seen_rows import Owner, owners_on, seen_rows
from designer.present.words import share_text, verdict_text
from designer.ui.bridge.beside import Beside
from designer.ui.bridge.player import Player
from designer.ui.bridge.prediction import Prediction
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import tool_button
from designer.ui.kit.combo import LongCombo
from designer.ui.kit.icons import icon
from designer.ui.kit.messages import EmptyState, InlineBanner
from designer.ui.kit.table_model import Row
from designer.ui.kit.verdict import VerdictBadge
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.event_table import HOP, EventTable
from designer.ui.panels.hop_view import HopView
from designer.ui.panels.live import LivePanel
from designer.ui.panels.predict_view import PredictView
from designer.ui.panels.side_view import SideView
from designer.ui.panels.staged_line import StagedLine
from designer.ui.panels.table_bar import TableBar

NO_TRACE, ASKING, SHOWN = range(3)
WHEN_ENFORCED = "When the staged policies are enforced"


class TracePanel(LivePanel):
    """The event list and the packet inspector. A row moves the player, the player moves the row.

    `tablesWanted` asks for the Tables panel, which shows the rules of the player's hop; `exportWanted` carries the form
    in which the run is to be written.
    """

    NAME: ClassVar[str] = "Trace"
    tablesWanted = Signal()
    exportWanted = Signal(str)

    def __init__(
        self,
        session: SessionBridge,
        selection: Selection,
        player: Player,
        prediction: Prediction | None = None,
        second: Beside | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.prediction = prediction if prediction is not None else Prediction(self)
        self.table = EventTable()
        self.hop_view = HopView()
        self.side = SideView(session, second if second is not None else Beside(self))
        self.predict = PredictView(self.prediction, selection)
        self.judged = InlineBanner()
        self.ways = LongCombo("Way through the cluster")
        self.ways.setMinimumWidth(160)
        self.badge = VerdictBadge()
        self.reason = ElidedLabel()
        self.why = tool_button("help", "Why this verdict? The rule behind it", size=16)
        self.staged = StagedLine()
        self._following = False
        self._owners: dict[str, Owner] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty())
        self._stack.addWidget(self.predict)
        self._stack.addWidget(self._filled())
        self.column.addWidget(self._stack)
        self._connect()
        self._load()

    def _connect(self) -> None:
        player, selection = self.player, self.selection
        self.table.row_selected.connect(self._on_row)
        self.table.row_activated.connect(self._show_place)
        self.table.narrowed.connect(self._on_narrowed)
        self.side.sought.connect(self._seek)
        self.staged.answered.connect(self._on_staged)
        self.staged.besideWanted.connect(lambda: self.show_guest(WHEN_ENFORCED, self.side.guests[WHEN_ENFORCED]))
        self.hop_view.objectWanted.connect(selection.show)
        self.hop_view.helpWanted.connect(self.helpWanted)
        self.why.clicked.connect(lambda _checked=False: self.helpWanted.emit(self._verdict_key()))
        self.table.extras = [
            (
                "help",
                "Why? The rule behind this hop",
                lambda row: self.helpWanted.emit(f"hop:{self.player.hops[row[HOP]].kind}"),
            ),
            ("search", "Show the place on the canvas", self._show_place),
        ]
        self.hop_view.rulesWanted.connect(lambda _node: self.tablesWanted.emit())
        self.ways.activated.connect(player.choose_path)
        self.predict.wanted.connect(self._see)
        self.prediction.changed.connect(self._on_prediction)
        selection.changed.connect(self.table.show_selected)
        player.traceChanged.connect(lambda _result: self._load())
        player.pathChanged.connect(lambda _index: self._show_path())
        player.stepped.connect(self._show_hop)

    # --- building

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
        bar = self.table_bar = TableBar(self.table, "hop", export=False)
        self.beside = tool_button("tables", "Side by side with another way or a saved request", size=16, checkable=True)
        self.beside.toggled.connect(self._on_beside)
        self.filter = self._menu_button("filter", "Show some layers and outcomes only")
        self.filter.menu().aboutToShow.connect(lambda: self.table.fill_filter(self.filter.menu()))
        self.export = self._menu_button("download", "Copy or export this run")
        self._fill_exports(self.export.menu())
        bar.add(self.badge)
        bar.add(self.why)
        bar.add(self.reason, 3)
        bar.add(self.ways, 2)
        for button in (self.filter, self.beside, self.export):
            bar.add_last(button)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.hop_view)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        split.setSizes([900, 360])
        self._views = QStackedWidget()
        self._views.addWidget(split)
        self._views.addWidget(self.side)
        column.addWidget(bar)
        column.addWidget(self.staged)
        column.addWidget(self.judged)
        column.addWidget(self._views, 1)
        return page

    @staticmethod
    def _menu_button(icon_name: str, words: str) -> QToolButton:
        button = tool_button(icon_name, words, size=16)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        return button

    def _fill_exports(self, menu: QMenu) -> None:
        menu.addAction(icon("copy"), "Copy the selected rows").triggered.connect(
            lambda _checked=False: self.table.copy_selection()
        )
        menu.addSeparator()
        for form, words, tip in RUN_FORMS:
            action = menu.addAction(words)
            action.setToolTip(tip)
            action.triggered.connect(lambda _checked=False, form=form: self.exportWanted.emit(form))

    # --- help

    def help_key(self) -> str:
        """The topic of the hop that is shown; at the last one that of the way's end."""
        hops, index = self.player.hops, self.player.index
        if self.prediction.asking or not hops:
            return ""
        return self._verdict_key() if index >= len(hops) - 1 else f"hop:{hops[index].kind}"

    def _verdict_key(self) -> str:
        path = self.player.path
        return reason_key(path.verdict, path.reason) if path is not None else ""

    # --- following

    def refresh(self) -> None:
        """Nothing; what stands beside the way is asked again of the cluster as it is now."""
        self._lay_beside()
        self._show_hop(self.player.index)

    def _load(self) -> None:
        self.ways.clear()
        for number, path in enumerate(self.player.paths, start=1):
            self.ways.addItem(_way_text(number, len(self.player.paths), path))
        self.ways.setVisible(len(self.player.paths) > 1)
        self._show_page()
        self.side.guests.clear()
        self.staged.ask(self.state, self.player.result)
        self._show_path()

    def _show_page(self) -> None:
        asking = self.prediction.asking
        answered = self._stack.currentIndex() == ASKING and not asking
        self._stack.setCurrentIndex(ASKING if asking else SHOWN if self.player.paths else NO_TRACE)
        if answered:  # else the cursor would go to the search field, and take the keys that play
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_path(self) -> None:
        path = self.player.path
        state = self.state
        self._owners = owners_on(state, path) if path is not None and state is not None else {}
        self.ways.setCurrentIndex(self.player.path_index)
        self._following = True
        self.table.show_path(path)
        self._following = False
        self.badge.set_verdict(path.verdict if path else "")
        self.reason.set_text(path.reason if path else "")
        self._lay_beside()
        self._show_hop(self.player.index)

    def _show_hop(self, index: int) -> None:
        """Mark the row of the hop that the token has reached, where the filter shows it."""
        hops = self.player.hops
        path = self.player.path
        seen = seen_rows(path, index, self._owners) if path is not None and index < len(hops) else ()
        self.hop_view.show_hop(hops[index] if index < len(hops) else None, seen, *self._packet_words(index))
        rows = enumerate(self.table.rows_model.shown())
        place = next((shown for shown, row in rows if row[HOP] == index), -1)
        self._following = True
        self.table.select_place(place)
        self._following = False
        if self.beside.isChecked():
            self.side.show_hop(index)

    def _packet_words(self, index: int) -> tuple[str, str]:
        """What the connection carries at a hop, and what its headers leave of the MTU."""
        path, result, state = self.player.path, self.player.result, self.state
        if path is None or result is None or state is None or index >= len(path.hops):
            return "", ""
        mtu = state.cni.mtu, state.project.cluster.cni.linkMTU
        return carried_text(result.request, path, index), size_text(path.hops[index], *mtu)

    def _on_row(self, row: Row | None) -> None:
        if row is not None and not self._following:
            self._seek(row[HOP])

    def _seek(self, hop: int) -> None:
        if hop != self.player.index:
            self.player.pause()
            self.player.seek(float(hop))

    def _show_place(self, row: Row) -> None:
        """Nothing; selects on the canvas the object at which a hop happens."""
        at = self.player.hops[row[HOP]].at
        if at:
            self.selection.show(at)

    def _on_narrowed(self) -> None:
        on = self.table.is_narrowed
        self.filter.setIcon(icon("filter", "accent_text" if on else "text"))
        words = "Some hops are left out: choose layers and outcomes" if on else "Show some layers and outcomes only"
        self.filter.setToolTip(words)
        self.filter.setAccessibleName(words)
        self._show_hop(self.player.index)

    # --- side by side

    def show_beside(self, name: str) -> None:
        """Nothing; lays the way that is shown beside the saved request of this name."""
        self.beside.setChecked(True)
        self.side.show_ways(self.player.paths, self.player.path_index, f"scenario:{name}")
        self.side.show_hop(self.player.index)

    def show_guest(self, name: str, path: Path) -> None:
        """Nothing; lays the way that is shown beside one that was found elsewhere, as in another cluster."""
        self.side.guests[name] = path
        self.beside.setChecked(True)
        self.side.show_ways(self.player.paths, self.player.path_index, f"guest:{name}")
        self.side.show_hop(self.player.index)

    def _on_staged(self, then: TraceResult) -> None:
        """What the request does with the staged policies in force can be laid beside."""
        ways = then.trace.paths()
        if ways:
            at = self.player.path_index
            self.side.guests[WHEN_ENFORCED] = ways[at] if at < len(ways) else ways[0]
            self._lay_beside()

    def _on_beside(self, on: bool) -> None:
        self._views.setCurrentIndex(1 if on else 0)
        self.table_bar.search.setEnabled(not on)
        self.filter.setEnabled(not on)
        self._lay_beside()
        self._show_hop(self.player.index)

    def _lay_beside(self) -> None:
        if self.beside.isChecked() and self.player.paths:
            self.side.show_ways(self.player.paths, self.player.path_index)
        else:
            self.side.leave()

    # --- predict before play

    def _on_prediction(self) -> None:
        asking = self.prediction.held
        if asking is not None and self._stack.currentIndex() != ASKING:
            self._show_page()
            self.predict.ask(asking)
        elif asking is None and self._stack.currentIndex() == ASKING:
            self._show_page()
        judgement = self.prediction.judgement
        if judgement is None:
            self.judged.dismiss()
        else:
            kind = {"right": "success", "partly": "warning", "wrong": "error"}[judgement.mark]
            self.judged.show_message(judgement.text(), kind)

    def _see(self) -> None:
        if self.state is not None:
            self.prediction.see(self.state)


def _way_text(number: int, count: int, path: Path) -> str:
    choices = " · ".join(path.labels)
    return f"{number} of {count} · {share_text(path.share)} · {verdict_text(path.verdict)} · {choices}"
