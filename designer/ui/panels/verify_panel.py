"""The Verify panel: what Linux did with the cluster's requests beside what the program predicted."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from designer.model import VERIFIED_WORDS, Verification
from designer.present.verification_rows import (
    STALE,
    STATUS_ORDER,
    ResultRow,
    counts_text,
    other_mode_text,
    result_rows,
    run_text,
    status_text,
)
from designer.ui.bridge.lab import Verifier
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.combo import name_combo
from designer.ui.kit.finding import finding_token
from designer.ui.kit.messages import InlineBanner
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.live import LivePanel
from designer.ui.panels.table_bar import TableBar
from designer.ui.panels.verify_detail import VerifyDetail
from designer.ui.panels.verify_message import VerifyMessage
from designer.ui.panels.verify_running import VerifyRunning

BEGIN = "Verify on Linux…"
AGAIN = "Verify again…"
EMPTY = (
    "The program can build this cluster out of Linux' own network namespaces on this machine, send real packets, and "
    "lay what the kernel does beside what it predicted."
)
NOTHING_STAYS = "Nothing of the run stays on this machine."
_ORDER = {status_text(status): place for place, status in enumerate(STATUS_ORDER)}


def _color(row: Row) -> str:
    found: ResultRow = row[-1]
    return finding_token(found.status)


def _order(words: str) -> int:
    return _ORDER.get(words, len(_ORDER))


COLUMNS = (
    Column("Result", 144, color=_color, sort_key=_order),
    Column("From", 150),
    Column("Request", 230, stretch=True),
    Column("Predicted", 150),
    Column("Observed", 150),
    Column("Why", 190, stretch=True),
)
LEAST = (128, 60, 96, 64, 64, 36)


class VerifyPanel(LivePanel):
    """Empty, running, or a table of results with both sides of the selected one.

    `setupWanted` asks for the dialog that begins a run, `exportWanted` for the report as a file, `forgetWanted` to
    take the results away; `rowChosen` carries the `VerifiedRow` whose trace is to be shown.
    """

    NAME: ClassVar[str] = "Verify"
    setupWanted = Signal()
    exportWanted = Signal()
    forgetWanted = Signal()
    rowChosen = Signal(object)

    def __init__(
        self,
        session: SessionBridge,
        selection: Selection,
        player: Player,
        verifier: Verifier,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.verifier = verifier
        self.banner = InlineBanner()
        self.table = FittedTable(COLUMNS, LEAST, "Verify", "Nothing of this kind.")
        self.detail = VerifyDetail()
        self.running = VerifyRunning()
        self.choice = QComboBox()
        self.told = ElidedLabel()
        self._shown: Verification | None = None
        self.empty = VerifyMessage()
        self._stack = QStackedWidget()
        for page in (self.empty, self.running, self._results()):
            self._stack.addWidget(page)
        self.column.addWidget(self.banner)
        self.column.addWidget(self._stack, 1)
        self.banner.action_triggered.connect(self.setupWanted)
        self.empty.wanted.connect(self.setupWanted)
        self.running.cancelled.connect(verifier.cancel)
        self.table.row_selected.connect(self._on_row)
        self.choice.activated.connect(lambda _place: self._fill())
        verifier.stateChanged.connect(self._show_state)
        verifier.progressed.connect(self.running.show_progress)
        verifier.resultChanged.connect(self._show_result)
        self._show_empty()
        self._show_result()

    def _results(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        bar = TableBar(self.table, "request")
        name_combo(self.choice, "Which results")
        self.choice.addItem("All results", "")
        for status in STATUS_ORDER:
            self.choice.addItem(VERIFIED_WORDS[status].capitalize(), status)
        export = tool_button("save", "Save the report as text or JSON", size=16)
        export.clicked.connect(lambda _checked=False: self.exportWanted.emit())
        forget = tool_button("delete", "Forget the results", size=16)
        forget.clicked.connect(lambda _checked=False: self.forgetWanted.emit())
        again = push_button(AGAIN, self.setupWanted.emit)
        bar.add(self.told, 1)
        bar.add(self.choice)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([660, 440])
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(bar, 1)
        top.addWidget(export)
        top.addWidget(forget)
        top.addWidget(again)
        column.addLayout(top)
        column.addWidget(split, 1)
        return page

    # --- showing

    def _show_state(self) -> None:
        if self._shown is None:
            self._show_empty()
        self._show_page()
        self._show_banner()

    def _show_result(self) -> None:
        found = self.verifier.result
        if found is not self._shown:
            self._shown = found
            self._show_empty()
            self._fill()
            self._show_banner()
        if found is not None:
            stale = STALE if self.verifier.stale else ""
            told = (stale, counts_text(found), other_mode_text(found, self.session.project), run_text(found))
            self.told.set_text(" · ".join(text for text in told if text))
            self.told.set_token("warning" if stale else "text")
        self._show_page()

    def _show_empty(self) -> None:
        """Nothing; says on the empty page how the last run ended, where there is no result to show."""
        if self.verifier.state == "failed":
            self.empty.say("error", "error", self.verifier.words, self.verifier.remedy, "Try again…")
        elif self.verifier.state == "cancelled":
            self.empty.say("info", "accent_text", "Cancelled", NOTHING_STAYS, "Begin again…")
        else:
            self.empty.say("check", "muted", "Nothing was verified yet", EMPTY, BEGIN)

    def _failure(self) -> str:
        return " ".join(text for text in (self.verifier.words, self.verifier.remedy) if text)

    def _show_page(self) -> None:
        page = 1 if self.verifier.running else 2 if self._shown is not None else 0
        leaving = self._stack.currentIndex() == 1 != page and self.running.cancel.hasFocus()
        self._stack.setCurrentIndex(page)
        if leaving:
            (self.table if page == 2 else self.empty.button).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_banner(self) -> None:
        verifier, found = self.verifier, self._shown
        if found is None:
            self.banner.hide()
        elif verifier.state == "failed":
            self.banner.show_message(self._failure(), "error", "Try again…")
        elif verifier.state == "cancelled":
            self.banner.show_message(
                f"Cancelled. {NOTHING_STAYS} Below is the result of before.", "info", "Begin again…"
            )
        elif not verifier.running and found.leftOut:
            self.banner.show_message(" ".join(found.leftOut), "info")
        else:
            self.banner.hide()

    def _fill(self) -> None:
        found, wanted = self._shown, self.choice.currentData()
        rows = result_rows(found) if found is not None else ()
        self.table.set_rows(
            [
                (status_text(row.status), row.source, row.request, row.predicted, row.observed, row.why, row)
                for row in rows
                if wanted in ("", row.status)
            ]
        )
        chosen = self.table.first_selected()
        self.detail.show_row(chosen[-1] if chosen else None)

    def _on_row(self, row: Row | None) -> None:
        self.detail.show_row(row[-1] if row else None)
        if row is not None:
            self.rowChosen.emit(row[-1].row)
