"""Ways side by side in lockstep: this one beside another of the same trace, beside a saved request, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from designer.engine.trace.ask import ask, scenario_request
from designer.engine.trace.hops import HOP_KINDS, Path
from designer.engine.trace.lockstep import lockstep, side_by_side
from designer.model import scenarios_in_order
from designer.present.lockstep_rows import lockstep_rows, lockstep_text, step_text
from designer.present.words import share_text, verdict_text
from designer.ui.bridge.beside import Beside
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.combo import LongCombo
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_role
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.fitted_table import FittedTable

# All ways at once are laid side by side up to so many: more columns cannot be read.
MOST: Final = 6
ALL_WAYS: Final = "all"


def _mark_color(row: Row) -> str | None:
    words = str(row[-3])
    if "decides" in words:
        return "error"
    return "accent_text" if words.startswith("≠") else "muted"


class SideView(QWidget):
    """A choice of what stands beside the way that is shown, sentences that say where they part, and the rows.

    `sought` carries the index of the hop of the shown way in the row that a person chose. What stands beside it is in
    `second` too, for the canvas. `guests` are ways that something else has found, by name: the same request in a
    cluster that is otherwise.
    """

    sought = Signal(int)

    def __init__(self, session: SessionBridge, second: Beside, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self.second = session, second
        self._wish = ""
        self._paths: tuple[Path, ...] = ()
        self._index = 0
        self._following = False
        self.guests: dict[str, Path] = {}
        self.beside = LongCombo("What stands beside this way")
        self.beside.setMinimumWidth(240)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = self._new_table(("This way", "The other"))
        label = QLabel("Beside")
        label.setBuddy(self.beside)
        set_role(label, "muted")
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 0, 0)
        top.setSpacing(8)
        top.addWidget(label)
        top.addWidget(self.beside, 1)
        told = ScrollArea()
        told.setAccessibleName("Where they part")
        told.setWidget(self.words)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setContentsMargins(12, 6, 8, 6)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(told, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.table)
        self._split.addWidget(right)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([840, 420])
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self._split)
        self.beside.activated.connect(self._on_chosen)

    def _new_table(self, titles: Sequence[str]) -> FittedTable:
        columns = [Column("Layer", 84), *(Column(title, 240, stretch=True) for title in titles)]
        least = [64, *(110 for _title in titles)]
        if len(titles) == 2:
            columns.append(Column("", 170, color=_mark_color, tooltip="What differs"))
            least.append(110)
        table = FittedTable(columns, least, "Side by side", "Choose what to lay beside this way.")
        table.row_selected.connect(self._on_row)
        return table

    def show_ways(self, paths: Sequence[Path], index: int, beside: str = "") -> None:
        """Nothing; shows the way `index` of a trace beside what was chosen before, or beside `beside`.

        `beside` is ``guest:<name>``, ``scenario:<name>``, ``way:<index>`` or ``all``.
        """
        self._wish = wish = beside or self._wish
        self._paths, self._index = tuple(paths), index
        self.beside.clear()
        if len(paths) > 2:
            words = f"All {len(paths)} ways" if len(paths) <= MOST else f"The first {MOST} ways"
            self.beside.addItem(words, ALL_WAYS)
        for at, path in enumerate(paths):
            if at != index:
                told = (f"Way {at + 1}", share_text(path.share), verdict_text(path.verdict), *path.labels)
                self.beside.addItem(" · ".join(told), f"way:{at}")
        for name in self.guests:
            self.beside.addItem(name, f"guest:{name}")
        for scenario in scenarios_in_order(self._session.project.scenarios):
            self.beside.addItem(scenario.name, f"scenario:{scenario.name}")
        place = self.beside.findData(wish)
        self.beside.setCurrentIndex(max(place, 0))
        self._fill()

    def other(self) -> Path | None:
        """The way that stands beside the shown one; None for all ways at once, and where there is none."""
        kind, _, rest = str(self.beside.currentData() or "").partition(":")
        if kind == "guest":
            return self.guests.get(rest)
        if kind == "way" and rest.isdigit() and int(rest) < len(self._paths):
            return self._paths[int(rest)]
        if kind == "scenario":
            return self._way_of(rest)
        return None

    def _way_of(self, name: str) -> Path | None:
        """The likeliest way of a saved request as it ends now; None where it cannot be asked."""
        scenario, state = self._session.project.scenarios.get(name), self._session.state
        result = ask(state, scenario_request(scenario))[0] if scenario is not None else None
        return next(iter(result.trace.paths()), None) if result is not None else None

    def _on_chosen(self, _place: int) -> None:
        self._wish = str(self.beside.currentData() or "")
        self._fill()

    def leave(self) -> None:
        """Nothing; nothing stands beside the way on the canvas any more."""
        self.second.clear()

    @property
    def other_name(self) -> str:
        """What the way that stands beside is called."""
        return self.beside.currentText().partition(" · ")[0]

    def show_hop(self, index: int) -> None:
        """Nothing; marks the row of a hop of the shown way."""
        place = next((at for at, row in enumerate(self.table.rows_model.shown()) if row[-1] == index), -1)
        self._following = True
        self.table.select_place(place)
        self._following = False

    def _on_row(self, row: Row | None) -> None:
        if row is not None and not self._following and row[-1] is not None:
            self.sought.emit(int(row[-1]))

    def _replace(self, table: FittedTable) -> None:
        sizes = self._split.sizes()
        self._split.replaceWidget(0, table)
        self._split.setStretchFactor(0, 3)
        self._split.setSizes(sizes if all(sizes) else [840, 420])
        self.table.deleteLater()
        self.table = table

    def _fill(self) -> None:
        if not self._paths:
            return
        if self.beside.currentData() == ALL_WAYS:
            self.leave()
            self._fill_all()
            return
        other = self.other()
        if other is None:
            self.leave()
        else:
            self.second.lay(self.other_name, self._paths[self._index], other)
        self._fill_two(other)

    def _fill_two(self, other: Path | None) -> None:
        here = f"Way {self._index + 1}" if len(self._paths) > 1 else "This request"
        there = self.other_name
        if len(self.table.rows_model.columns) != 4 or other is None:
            self._replace(self._new_table((here, there or "Nothing beside it")))
        elif self.table.rows_model.columns[2].title != there or self.table.rows_model.columns[1].title != here:
            self._replace(self._new_table((here, there)))
        if other is None:
            self.words.setText("There is no other way, and no saved request that can be laid beside this one.")
            self.table.set_rows([])
            return
        found = lockstep(self._paths[self._index], other)
        self.words.setText(
            "\n\n".join(lockstep_text(found, here, f"“{there}”" if "way" not in there.lower() else there))
        )
        self.table.set_rows(
            [(row.layer, row.left, row.right, row.mark, row.parts, row.left_hop) for row in lockstep_rows(found)]
        )

    def _fill_all(self) -> None:
        paths = self._paths[:MOST]
        titles = [f"Way {at + 1} · {share_text(path.share)}" for at, path in enumerate(paths)]
        self._replace(self._new_table(titles))
        rows: list[Row] = []
        for row in side_by_side(paths):
            hops = [path.hops[at] if at is not None else None for path, at in zip(paths, row.hops, strict=True)]
            kind = next(hop.kind for hop in hops if hop is not None)
            steps = (step_text(hop, at) for hop, at in zip(hops, row.hops, strict=True))
            mine = row.hops[self._index] if self._index < len(paths) else None
            rows.append((HOP_KINDS[kind], *steps, "", False, mine))
        self.table.set_rows(rows)
        ends = [
            f"Way {at + 1}: {share_text(path.share)}, {verdict_text(path.verdict)}" for at, path in enumerate(paths)
        ]
        self.words.setText("\n".join(ends))
