"""The saved requests: each asked, held against what is expected of it, drawn on the canvas, put in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from designer.edits.scenarios import expect_of_scenario, move_scenario, remove_scenario, rename_scenario
from designer.engine.trace.expectations import Answered, answer_scenarios
from designer.present.scenario_rows import counts_text, scenario_row
from designer.session import Change
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.overlays import Overlays
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.messages import EmptyState
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.live import LivePanel
from designer.ui.panels.request_form import RequestForm
from designer.ui.panels.table_bar import TableBar

# The verdict in whose colour each standing is written; its sign and words stand beside it.
_TOKENS = {
    "as expected": "verdict:delivered",
    "not as expected": "error",
    "nothing expected": "muted",
    "not understood": "warning",
}
_ANSWERED = 6


def _color(row: Row) -> str | None:
    answered: Answered = row[_ANSWERED]
    return _TOKENS[answered.standing]


COLUMNS = (
    Column("Result", 136, color=_color),
    Column("Name", 220, stretch=True),
    Column("Request", 220, stretch=True),
    Column("Expected", 132),
    Column("It ends", 132),
    Column("On canvas", 88, align="center", tooltip="The number of its line on the canvas"),
)
LEAST = (120, 90, 90, 70, 70, 88)


class RequestsPanel(LivePanel):
    """All saved requests with their answers. `traced` carries a scenario whose trace is to be shown.

    `compared` carries two scenarios to be laid side by side, `counted` how many are not as they should be.
    """

    NAME: ClassVar[str] = "Saved requests"
    traced = Signal(object)
    compared = Signal(object, object)
    counted = Signal(int)

    def __init__(
        self,
        session: SessionBridge,
        selection: Selection,
        player: Player,
        overlays: Overlays,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.overlays = overlays
        self.answers: tuple[Answered, ...] = ()
        self.table = FittedTable(COLUMNS, LEAST, "Saved requests", "No saved requests.")
        self.form = RequestForm()
        self.told = ElidedLabel()
        self._jobs = Jobs(self)
        self._wanted = ""
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState(
                "history",
                "No saved requests yet. Trace a request and keep it with Simulate → Save this request… (Ctrl+Alt+S), "
                "with the verdict that you expect of it.",
            )
        )
        self._stack.addWidget(self._filled())
        self.column.addWidget(self._stack)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self.table.row_selected.connect(lambda _row: self._on_selected())
        self.table.row_activated.connect(lambda _row: self._trace())
        self.form.renamed.connect(self._rename)
        self.form.expected.connect(self._expect)
        overlays.changed.connect(self._fill)
        session.changed.connect(self._on_scenarios)

    def _filled(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        bar = TableBar(self.table, "request")
        self.run = push_button("Run all", self.make_stale, icon_name="refresh")
        self.trace_button = push_button("Trace", self._trace, icon_name="route")
        self.trace_button.setAccessibleName("Trace the selected request")
        self.draw = push_button("On canvas", self._draw)
        self.draw.setToolTip("Draw the selected requests on the canvas at once, each in its own colour and pattern")
        self.compare = push_button("Compare", self._compare)
        self.compare.setToolTip("Lay two selected requests side by side, step by step")
        self.up = self._tool("chevron-up", "Move up", "Alt+Up", lambda: self._move(-1))
        self.down = self._tool("expand", "Move down", "Alt+Down", lambda: self._move(1))
        self.remove = self._tool("delete", "Delete the selected requests", "Del", self._remove)
        bar.add(self.run)
        bar.add(self.told, 1)
        for button in (self.trace_button, self.draw, self.compare, self.up, self.down, self.remove):
            bar.add(button)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.form)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        split.setSizes([900, 320])
        column.addWidget(bar)
        column.addWidget(split, 1)
        return page

    def _tool(self, icon: str, words: str, keys: str, slot: Callable[[], None]) -> QWidget:
        button = tool_button(icon, words, size=16)
        button.setToolTip(f"{words} ({QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)})")
        button.clicked.connect(lambda _checked=False: slot())
        # Only in the list: Delete means something else in a field of the form.
        key = QShortcut(QKeySequence(keys), self.table, context=Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(slot)
        return button

    # --- asking

    def refresh(self) -> None:
        """Nothing; asks all of them in the background."""
        state, saved = self.state, self.session.project.scenarios
        if state is None or not saved:
            self._jobs.cancel()
            self._show(())
            return
        # What is saved is there while it is being asked, also before the first answer.
        self._stack.setCurrentIndex(1)
        if not self.answers:
            self.table.empty_text = "Asking…"
        self.told.set_text("Asking…")
        self._jobs.start(lambda: answer_scenarios(state, saved))

    def make_stale(self) -> None:
        """Nothing; asks again: at once also while nobody looks, when the canvas shows answers about another cluster."""
        super().make_stale()
        if self.overlays.wanted:
            self._catch_up()

    def wait(self) -> bool:
        """Whether all were asked in time; for closing and tests."""
        return self._jobs.wait()

    def _on_scenarios(self, change: Change) -> None:
        if change.diff.scenarios and not change.diff.touches_engine:
            self.make_stale()

    def _show(self, answers: tuple[Answered, ...]) -> None:
        self.answers = answers
        self.table.empty_text = "No saved requests."
        self._stack.setCurrentIndex(1 if answers else 0)
        self.told.set_text(counts_text(answers))
        bad = sum(not each.good for each in answers)
        self.told.set_token("error" if bad else "text")
        self.counted.emit(bad)
        self._draw_again()
        self._fill()

    def _crashed(self, error: Exception) -> None:
        self.overlays.clear()
        self.told.set_text(f"The requests could not be asked ({type(error).__name__}). Edit the cluster and run again.")
        self.told.set_token("error")

    def _fill(self) -> None:
        chosen = (self._wanted,) if self._wanted else self.names_selected()
        self._wanted = ""
        rows: list[Row] = []
        for each in self.answers:
            row = scenario_row(each)
            style = self.overlays.style_of(row.name)
            drawn = str(self.overlays.names.index(row.name) + 1) if style >= 0 else ""
            rows.append((row.standing, row.name, row.asked, row.expected, row.got, drawn, each))
        self.table.set_rows(rows)
        self._select_names(chosen)
        self._on_selected()

    def _select_names(self, names: Sequence[str]) -> None:
        model, found = self.table.rows_model, QItemSelection()
        for at, row in enumerate(model.shown()):
            if row[1] in names:
                found.select(model.index(at, 0), model.index(at, model.columnCount() - 1))
        self.table.selectionModel().select(found, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    # --- the selected ones

    def selected(self) -> tuple[Answered, ...]:
        """The requests of the selected rows."""
        return tuple(row[_ANSWERED] for row in self.table.selected_rows())

    def names_selected(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(each.scenario.name for each in self.selected())

    def _on_selected(self) -> None:
        chosen = self.selected()
        self.form.show_request(chosen[0] if len(chosen) == 1 else None)
        for button in (self.trace_button, self.up, self.down):
            button.setEnabled(len(chosen) == 1)
        self.remove.setEnabled(bool(chosen))
        self.compare.setEnabled(len(chosen) == 2 and all(each.result is not None for each in chosen))
        drawn = bool(chosen) and all(name in self.overlays.names for name in self.names_selected())
        self.draw.setText("Off canvas" if drawn else "On canvas")
        self.draw.setAccessibleName(self.draw.text())
        self.draw.setEnabled(bool(chosen))

    def _trace(self) -> None:
        chosen = self.selected()
        if chosen:
            self.traced.emit(chosen[0].scenario)

    def _compare(self) -> None:
        one, other = self.selected()
        self.compared.emit(one.scenario, other.scenario)

    def _draw(self) -> None:
        """Nothing; puts the selected ones on the canvas beside those that are there, or takes them off."""
        names = self.names_selected()
        there = self.overlays.names
        off = all(name in there for name in names)
        wanted = [name for name in there if name not in names] if off else [*there, *names]
        self._draw_names(tuple(dict.fromkeys(wanted)))

    def _draw_again(self) -> None:
        self._draw_names(self.overlays.names)

    def _draw_names(self, names: tuple[str, ...]) -> None:
        by_name = {each.scenario.name: each for each in self.answers}
        ways = []
        for name in names:
            found = by_name.get(name)
            if found is not None and found.result is not None and (paths := found.result.trace.paths()):
                ways.append((name, paths[0]))
        self.overlays.show(ways)

    def _move(self, by: int) -> None:
        for name in self.names_selected()[:1]:
            self.session.apply(move_scenario(self.session.project, name, by))

    def _remove(self) -> None:
        for name in self.names_selected():
            self.session.apply(remove_scenario(self.session.project, name))

    def _rename(self, name: str) -> None:
        for old in self.names_selected()[:1]:
            edit = rename_scenario(self.session.project, old, name)
            if not edit.ok:
                problem = edit.problems[0]
                self.form.refuse_name(f"{problem.title}. {problem.fix}".strip())
            elif self.session.apply(edit):
                self._wanted = name

    def _expect(self, verdict: str | None) -> None:
        for name in self.names_selected()[:1]:
            self.session.apply(expect_of_scenario(self.session.project, name, verdict))
