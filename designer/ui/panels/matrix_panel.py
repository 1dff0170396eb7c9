"""The Matrix panel: who can reach whom under the policies, from namespaces down to Pods, with each cell's evidence."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from designer.engine.compile import ClusterState
from designer.engine.policy.ports import PortSet
from designer.engine.reach import reach
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.present.matrix_axes import Axes, Wish
from designer.present.matrix_axis import AxisNode, label_keys
from designer.present.matrix_request import Asked, asked_of
from designer.present.matrix_table import NONE, UNKNOWN, MatrixTable
from designer.present.matrix_words import cell_words
from designer.present.words import count_text
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.bridge.watch import Watch
from designer.ui.kit.buttons import push_button
from designer.ui.kit.messages import EmptyState
from designer.ui.panels.exposure_view import ExposureView
from designer.ui.panels.live import LivePanel
from designer.ui.panels.matrix_bar import MatrixBar
from designer.ui.panels.matrix_detail import MatrixDetail
from designer.ui.panels.matrix_grid import MatrixGrid
from designer.ui.panels.matrix_told import detail_of, detail_of_name
from designer.ui.panels.matrix_writing import MatrixWriting
from designer.ui.panels.notes_banner import NotesBanner
from designer.ui.panels.working import Working

EMPTY = "No workload yet. Add Pods or Deployments to the canvas, or open manifests, to see who can reach whom."
NO_PODS = (
    "There are policies here, and no workload that they could be about. Open the manifests of the workloads with them: "
    "File, Open folder reads every manifest below a folder."
)
NO_POLICIES = "There is no policy yet, so everybody reaches everybody: add a NetworkPolicy to close something."


class MatrixPanel(LivePanel):
    """The cells are counted in the background. `traced` says that a cell was traced: the player has it loaded.

    `policyWanted` carries a policy and the field that a person wants to see, `changeWanted` source, destination and
    "possible" or "impossible", for whoever changes policies.
    """

    NAME: ClassVar[str] = "Matrix"
    traced = Signal()
    policyWanted = Signal(str, str)
    changeWanted = Signal(str, str, str)

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.table: MatrixTable | None = None
        self.start = self  # it keeps the keyboard for the grid, which is being worked out
        self.axes = Axes()
        self.bar = MatrixBar()
        self.grid = MatrixGrid()
        self.detail = MatrixDetail(self.trace_current)
        self.detail.extra = [push_button("Change…", self.change_current)]
        self.exposure = ExposureView()
        self.banner = NotesBanner()
        self.menu: QMenu | None = None
        self.writing = MatrixWriting(self)
        self._stack = QStackedWidget()
        self._build()
        self._connect()
        self._jobs = Jobs(self)
        self.working = Working(self._jobs, self.refresh)
        self.column.insertWidget(1, self.working)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self.detail.show_nothing((), "")

    def _build(self) -> None:
        self._stack.addWidget(EmptyState("matrix", EMPTY))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.grid)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 1)
        split.setSizes([820, 440])
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)
        self._stack.addWidget(page)
        self._stack.addWidget(self.exposure)
        self._stack.addWidget(EmptyState("matrix", NO_PODS))
        self.column.addWidget(self.bar)
        self.column.addWidget(self.banner)
        self.column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.grid.chosen.connect(self._on_chosen)
        self.grid.asked.connect(lambda _row, _column: self.detail.enter())
        self.grid.turned.connect(self.turn)
        self.grid.named.connect(self._on_name)
        self.grid.menuWanted.connect(self._open_menu)
        self.detail.policyWanted.connect(self.policyWanted)
        self.detail.helpWanted.connect(self.helpWanted)
        self.bar.changed.connect(self._arrange)
        self.bar.regrouped.connect(self._regroup)
        self.bar.folded.connect(self._fold)
        self.bar.unfocused.connect(lambda: self.focus_on(""))
        self.bar.viewWanted.connect(self._show_view)
        self.bar.copyWanted.connect(self.writing.copy)
        self.bar.exportWanted.connect(self.writing.choose_and_save)

    # --- working out

    def refresh(self) -> None:
        """Nothing; works everything out anew in the background."""
        state, label, wanted = self.state, self.bar.label, self.bar.wanted
        if state is not None:
            self.working.start(lambda watch: _made(state, label, wanted, watch))

    def _regroup(self) -> None:
        table, label, wanted = self.table, self.bar.label, self.bar.wanted
        if self.bar.wrong:
            self.banner.show_message(self.bar.wrong, "error")
            return
        if table is None or self._stale:
            self.refresh()
            return
        if table.label != label:
            self.axes.touched = False
        self.working.start(lambda watch: table.regrouped(label, wanted).count(watch))

    def wait(self) -> bool:
        """Whether the computation that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _crashed(self, error: Exception) -> None:
        words = f"The matrix could not be computed ({type(error).__name__}). Change anything to try again."
        self.banner.show_message(words, "error")

    def _show(self, table: MatrixTable) -> None:
        self.table = table
        self.start = self.grid if table.workloads else None
        self.bar.set_labels(label_keys(table.entries))
        if self.axes.focus and all(entry.text != self.axes.focus for entry in table.entries):
            self.axes.focus = ""
        self.axes.begin(table)
        self.banner.show_notes(table.found.notes, "see beside the cells.")
        self.exposure.show_reach(table.found)
        self._arrange()
        self._show_view(self.bar.views.value())

    def _arrange(self) -> None:
        """Make rows and columns anew, and show them."""
        table = self.table
        if table is None:
            return
        bar = self.bar
        wish = Wish(bar.sources.text(), bar.targets.text(), bar.orders.currentData(), bar.only_open.isChecked())
        self.axes.arrange(table, wish)
        bar.unfocus.setVisible(bool(self.axes.focus))
        bar.unfocus.setToolTip(f"Only {self.axes.focus}: show all workloads again")
        self.grid.show_cells(
            self.axes.rows, self.axes.columns, lambda row: self.axes.line(table, row), self.cell_words
        )  # fmt: skip
        if self.grid.current is not None:
            self._show_detail(*self.grid.current)
        else:
            self._show_summary()

    def _show_view(self, view: str) -> None:
        self.bar.show_view(view)
        if self.table is not None and self.table.workloads:
            self._stack.setCurrentIndex(2 if view == "exposure" else 1)
            if self.hasFocus() and self.grid.isVisible():
                self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        policies = self.table.found.policies if self.table is not None else None
        self._stack.setCurrentIndex(3 if policies is not None and (policies.policies or policies.tiers) else 0)

    # --- cells

    def node_at(self, row: int, column: int) -> tuple[AxisNode, AxisNode]:
        """The row and the column of a cell."""
        return self.axes.rows[row], self.axes.columns[column]

    def cell_words(self, row: int, column: int) -> str:
        """A cell in a sentence: ``shop/web → shop/cart: TCP 7070``."""
        line = self.grid.line(row)
        if self.table is None or line is None:
            return ""
        return cell_words(self.table, *self.node_at(row, column), int(line.codes[column]))

    def _on_chosen(self, row: int, column: int) -> None:
        self._show_detail(row, column)
        table = self.table
        ends = self.node_at(row, column)
        marked = []
        for node in ends if table is not None else ():
            peer = table.entries[node.entry].peer if table is not None and node.entry >= 0 else None
            marked.append(node.pod.id if node.pod is not None else peer.id if peer is not None else "")
        self.selection.hint.emit(tuple(oid for oid in marked if oid))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing; what the chosen cell is about is marked on the canvas only while the cell can be seen."""
        super().hideEvent(event)
        self.selection.hint.emit(())

    def _show_summary(self) -> None:
        table, self.topic = self.table, ""
        if table is None:
            return
        ranges = sum(entry.peer is not None and entry.peer.is_range for entry in table.entries)
        words = f"{count_text(table.workloads, 'workload')} and {count_text(ranges, 'address range')} outside."
        policies = table.found.policies
        words += "" if policies.policies or policies.tiers else f" {NO_POLICIES}"
        self.detail.show_nothing(table.found.notes, words)

    def _show_detail(self, row: int, column: int) -> None:
        if self.table is None:
            return
        src, dst = self.node_at(row, column)
        detail = detail_of(self.table, src, dst, asked_of(self.table, src, dst), self.go_to)
        self.topic = next((f"policy:{one.value}" for one in detail.evidence), "")
        self.detail.show_detail(detail)

    def go_to(self, src: int, dst: int) -> None:
        """Nothing; opens the groups of two entries and chooses their cell."""
        if self.table is None:
            return
        self.axes.open_pair(self.table, (src, dst))
        self._arrange()
        place = self.axes.place_of((src, dst))
        if place is not None:
            self.grid.choose(*place)
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def asked(self) -> Asked | None:
        """The request that tries the current cell, None where there is none."""
        table, place = self.table, self.grid.current
        return None if table is None or place is None else asked_of(table, *self.node_at(*place))

    def trace_current(self) -> None:
        """Nothing; traces a request through the current cell and loads it into the player."""
        asked, state = self.asked, self.state
        if asked is None or state is None:
            return
        result, problems = ask(state, Request(asked.source, asked.destination))
        if result is None:
            self.banner.show_message(f"{problems[0].title}. {problems[0].fix}", "error")
            return
        self.player.load(result)
        self.traced.emit()

    def change_current(self) -> None:
        """Nothing; asks for what makes the current cell's pair possible where it is closed, impossible where open."""
        asked, place = self.asked, self.grid.current
        line = self.grid.line(place[0]) if place is not None else None
        if asked is not None and place is not None and line is not None:
            wanted = "possible" if line.codes[place[1]] in (NONE, UNKNOWN) else "impossible"
            self.changeWanted.emit(asked.source, asked.destination, wanted)

    # --- opening and closing

    def turn(self, key: str, across: bool) -> None:
        """Nothing; opens or closes a row, or a column (`across`)."""
        self.axes.turn(key, across=across)
        self._arrange()

    def _fold(self, opening: bool) -> None:
        if self.table is not None:
            self.axes.fold(self.table, opening=opening)
            self._arrange()

    def focus_on(self, text: str) -> None:
        """Nothing; shows only who reaches somebody and whom it reaches; "" shows everybody again."""
        self.axes.focus = text
        self._arrange()

    def _on_name(self, node: AxisNode, across: bool) -> None:
        table = self.table
        if table is None or node.entry < 0:
            return
        peer = table.entries[node.entry].peer
        oid = node.pod.id if node.pod is not None else peer.id if peer is not None else ""
        self.detail.show_detail(detail_of_name(table, node, self.go_to, across=across))
        if oid:
            self.selection.show(oid)

    def _open_menu(self, at: QPoint) -> None:
        from designer.ui.panels.matrix_menu import cell_menu

        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = cell_menu(self)
        self.menu.popup(at)


def _made(state: ClusterState, label: str, wanted: PortSet, watch: Watch) -> MatrixTable:
    return MatrixTable(state, reach(state, reporter=watch), label, wanted).count(watch)
