"""The Matrix panel: who can reach whom under the policies, with the evidence for each cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from designer.engine.policy.matrix import Connectivity, connectivity
from designer.engine.policy.ports import PortSet
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.present.connectivity_rows import matrix_csv
from designer.present.matrix_rows import (
    CELL_WORDS,
    CellValue,
    GridPeer,
    cell,
    evidence,
    grid_peers,
    likely_port,
    trace_request,
)
from designer.present.words import count_text, short_name
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, mono_font, ui_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.messages import EmptyState, InlineBanner
from designer.ui.kit.style import set_role
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.link_button import LinkButton
from designer.ui.panels.live import LivePanel
from designer.ui.panels.matrix_grid import MatrixGrid

Cell = tuple[CellValue, PortSet | None]
EMPTY = "No workload yet. Add Pods or Deployments to the canvas to see who can reach whom."


class MatrixPanel(LivePanel):
    """The grid is computed in the background. `traced` says that a cell was traced: the player has it loaded."""

    NAME: ClassVar[str] = "Matrix"
    traced = Signal()

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.result: Connectivity | None = None
        self.peers: tuple[GridPeer, ...] = ()
        self.ports_text = ""
        self._cells: dict[tuple[int, int], Cell] = {}
        self.grid = MatrixGrid()
        self.banner = InlineBanner()
        self.summary = ElidedLabel(token="muted")
        self._stack = QStackedWidget()
        self._empty = EmptyState("matrix", EMPTY)
        self._stack.addWidget(self._empty)
        self._detail = QScrollArea()
        self._detail.setWidgetResizable(True)
        self._detail.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._detail.setAccessibleName("Details of the connection")
        self.trace_button = push_button("Trace it", self.trace_current, primary=True)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.grid)
        split.addWidget(self._detail)
        split.setStretchFactor(0, 1)
        split.setSizes([860, 400])
        self._stack.addWidget(split)
        self.column.addWidget(self._bar())
        self.column.addWidget(self.banner)
        self.column.addWidget(self._stack, 1)
        self.grid.chosen.connect(self._on_chosen)
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self._show_detail(None)

    def _bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        legend = QLabel("✓ every port   ◐ some ports   ✕ none")
        set_role(legend, "small")
        copy = tool_button("copy", "Copy the connections as CSV", size=16)
        save = tool_button("download", "Export the connections as CSV", size=16)
        copy.clicked.connect(lambda: self._copy())
        save.clicked.connect(lambda: self._choose_and_save())
        row.addWidget(self.summary, 1)
        for widget in (legend, copy, save):
            row.addWidget(widget)
        return bar

    def refresh(self) -> None:
        """Nothing; computes the grid in the background."""
        state = self.state
        if state is None:
            return
        self.summary.set_text("Working out who can reach whom…")
        self._jobs.start(lambda: connectivity(state.project, state.control, state.policies))

    def wait(self) -> bool:
        """Whether the computation that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _crashed(self, error: Exception) -> None:
        words = f"The matrix could not be computed ({type(error).__name__}). Change anything to try again."
        self.banner.show_message(words, "error")

    def _show(self, result: Connectivity) -> None:
        chosen = self._chosen_peers()
        self.result = result
        self.peers = grid_peers(result)
        self._cells = {}
        workloads = sum(not peer.peer.is_range for peer in self.peers)
        self._stack.setCurrentIndex(1 if workloads else 0)
        ranges = len(self.peers) - workloads
        words = f"{count_text(workloads, 'workload')} and {count_text(ranges, 'address range')} outside"
        self.summary.set_text(words if workloads else "")
        if result.notes:
            self.banner.show_message(" ".join(result.notes), "warning")
        else:
            self.banner.hide()
        self.grid.show_peers(self.peers, lambda row, column: self.cell(row, column)[0], self.cell_words)
        places = [next((n for n, p in enumerate(self.peers) if p.text == old), -1) for old in chosen]
        self.grid.current = None
        if len(places) == 2 and min(places) >= 0:
            self.grid.choose(places[0], places[1])
        else:
            self._show_detail(None)

    def _chosen_peers(self) -> tuple[str, ...]:
        return tuple(self.peers[n].text for n in self.grid.current) if self.grid.current else ()

    def cell(self, row: int, column: int) -> Cell:
        """Value and ports of a cell; worked out when it is first asked for."""
        if self.result is None:
            return "same", None
        key = (row, column)
        if key not in self._cells:
            self._cells[key] = cell(self.result, self.peers[row], self.peers[column])
        return self._cells[key]

    def cell_words(self, row: int, column: int) -> str:
        """A cell in a sentence: ``shop/web → shop/cart: TCP 7070``."""
        value, ports = self.cell(row, column)
        said = ports.text() if ports else CELL_WORDS[value]
        return f"{self.peers[row].text} → {self.peers[column].text}: {said}"

    def _on_chosen(self, row: int, column: int) -> None:
        self._show_detail((row, column))
        ids = tuple(self.peers[n].peer.id for n in (row, column) if self.peers[n].peer.id)
        self.selection.hint.emit(ids)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing; what the chosen cell is about is marked on the canvas only while the cell can be seen."""
        super().hideEvent(event)
        self.selection.hint.emit(())

    def _show_detail(self, place: tuple[int, int] | None) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 0, 8, 6)
        column.setSpacing(4)
        self.ports_text = ""
        # Out of the way before its old page is deleted.
        self.trace_button.hide()
        self.trace_button.setParent(self)
        if place is None or self.state is None:
            column.addWidget(_words("Choose a cell to see its ports and the policies that decide.", "muted"))
        else:
            self._fill(column, place)
        column.addStretch(1)
        self._detail.setWidget(inner)

    def _fill(self, column: QVBoxLayout, place: tuple[int, int]) -> None:
        state = self.state
        assert state is not None
        src, dst = self.peers[place[0]], self.peers[place[1]]
        value, ports = self.cell(*place)
        title = _words(f"{src.text} → {dst.text}")
        title.setFont(ui_font(BODY, SEMIBOLD))
        column.addWidget(title)
        self.ports_text = ports.text() if ports else CELL_WORDS[value]
        said = _words(self.ports_text)
        said.setFont(mono_font(12))
        column.addWidget(said)
        if value == "same":
            return
        port = likely_port(state, dst, ports)
        if trace_request(src, dst, port) is not None:
            self.trace_button.setText("Trace it" if port is None else f"Trace {port[0]} {port[1]}")
            column.addWidget(self.trace_button, 0, Qt.AlignmentFlag.AlignLeft)
            self.trace_button.show()
        protocol, number = port or ("TCP", 80)
        for part in evidence(state, src, dst, protocol, number):
            column.addWidget(SectionHeader(f"{part.title}, {protocol} {number}"))
            column.addWidget(_words(part.sentence))
            for policy in part.policies:
                column.addWidget(LinkButton(f"NetworkPolicy {short_name(policy)}", self._shower(policy)))

    def _shower(self, oid: str) -> Callable[[], None]:
        return lambda: self.selection.show(oid)

    def trace_current(self) -> None:
        """Nothing; traces a request through the chosen cell and loads it into the player."""
        state, place = self.state, self.grid.current
        if state is None or place is None:
            return
        src, dst = self.peers[place[0]], self.peers[place[1]]
        asked = trace_request(src, dst, likely_port(state, dst, self.cell(*place)[1]))
        if asked is None:
            return
        result, problems = ask(state, Request(*asked))
        if result is None:
            problem = problems[0]
            self.banner.show_message(f"{problem.title}. {problem.fix}", "error")
            return
        self.player.load(result)
        self.traced.emit()

    def csv_text(self) -> str:
        """Every open connection as CSV, "" before the matrix is there."""
        return matrix_csv(self.result) if self.result is not None else ""

    def _copy(self) -> None:
        if text := self.csv_text():
            QGuiApplication.clipboard().setText(text)

    def save_to(self, path: Path) -> str:
        """An empty string when the connections were written, else what went wrong, in words."""
        try:
            path.write_text(self.csv_text(), encoding="utf-8", newline="")
        except OSError as problem:
            return f"The matrix could not be written to {path}: {problem.strerror or problem}. Choose another place."
        return ""

    def _choose_and_save(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(self, "Export the connections", "connections.csv", "CSV (*.csv)")
        problem = self.save_to(Path(chosen)) if chosen else ""
        if problem:
            self.banner.show_message(problem, "error")


def _words(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        set_role(label, role)
    return label
