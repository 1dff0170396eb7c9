"""The event list of a trace: one row a hop, with filters by layer and outcome, and the rows of what is selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from designer.engine.trace.hops import Path
from designer.present.event_rows import coming_text, is_changed, leaving_text, times_of
from designer.present.trace_rows import trace_rows
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.fitted_table import FittedTable

# A hop's outcome, and the verdict in whose colour it is written; other outcomes stay plain.
_OUTCOME_VERDICT: Final = {
    "allowed": "delivered",
    "delivered": "delivered",
    "denied": "denied",
    "dropped": "dropped",
    "rejected": "rejected",
    "refused": "connection-refused",
    "cannot tell": "cannot-tell",
}
NUMBER, WAY, TIME, LAYER, PLACE, WHAT, OUTCOME, COMING, LEAVING, DECIDED, HOP, CHANGED, HERE = range(13)
# Below this width the packet is told once, as it leaves, and the time not at all.
ROOM_FOR_ALL: Final = 1060


def _outcome_color(row: Row) -> str | None:
    verdict = _OUTCOME_VERDICT.get(row[OUTCOME], "")
    return f"verdict:{verdict}" if verdict else "muted"


def _packet_color(row: Row) -> str | None:
    return "accent_text" if row[CHANGED] else None


def _place_color(row: Row) -> str | None:
    return "accent_text" if row[HERE] else None


def _muted(_row: Row) -> str | None:
    return "muted"


COLUMNS = (
    Column("#", 40, align="right", mono=True),
    Column("", 30, align="center", tooltip="→ request, ← reply"),
    Column("Time", 70, align="right", mono=True, color=_muted,
           tooltip="When the animation is there at 1×; how long a real network takes is not worked out"),
    Column("Layer", 84, color=_muted),
    Column("Place", 164, color=_place_color, tooltip="● stands before what is selected on the canvas"),
    Column("What happened", 168),
    Column("Outcome", 82, color=_outcome_color),
    Column("Packet in", 250, mono=True, color=_muted, tooltip="As it comes to the hop"),
    Column("Packet out", 250, mono=True, color=_packet_color,
           tooltip="As it leaves the hop; in colour where it changed"),
    Column("Decided by", 180, stretch=True, mono=True),
)  # fmt: skip
# A number of a hop is never cut: three figures need all 40.
LEAST = (40, 24, 62, 58, 74, 92, 78, 130, 132, 60)


class EventTable(FittedTable):
    """The rows of one way. `narrowed` says that the filters by layer and outcome differ."""

    narrowed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(COLUMNS, LEAST, "Trace", "This way has no hops.", parent)
        self._path: Path | None = None
        self._selected: frozenset[str] = frozenset()
        self.hidden_layers: frozenset[str] = frozenset()
        self.only_outcomes = False
        self.no_match_text = "Nothing matches the search and the filter. Clear them to see every hop."

    def show_path(self, path: Path | None) -> None:
        """Nothing; shows the hops of a way."""
        self._path = path
        self._fill()

    def show_selected(self, ids: Sequence[str]) -> None:
        """Nothing; marks the rows of the hops at these objects."""
        if frozenset(ids) != self._selected:
            self._selected = frozenset(ids)
            self._fill()
            here = next((at for at, row in enumerate(self.rows_model.shown()) if row[HERE]), -1)
            if here >= 0:
                self.scrollTo(self.rows_model.index(here, 0))

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter by layer or outcome is on."""
        return bool(self.hidden_layers) or self.only_outcomes

    def fill_filter(self, menu: QMenu) -> None:
        """Nothing; fills a menu with the layers of this way and the outcomes, each to be ticked."""
        menu.clear()
        path = self._path
        layers = dict.fromkeys(row.layer for row in trace_rows(path)) if path is not None else {}
        for layer in layers:
            self._tick(menu, layer, layer not in self.hidden_layers).toggled.connect(
                lambda on, layer=layer: self._show_layer(layer, on)
            )
        menu.addSeparator()
        self._tick(menu, "Only hops with an outcome", self.only_outcomes).toggled.connect(self._show_outcomes)
        everything = menu.addAction("Show all hops")
        everything.setEnabled(self.is_narrowed)
        everything.triggered.connect(self.show_all)

    @staticmethod
    def _tick(menu: QMenu, words: str, on: bool) -> QAction:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(on)
        return action

    def show_all(self) -> None:
        """Nothing; takes the filters by layer and outcome away."""
        self.hidden_layers, self.only_outcomes = frozenset(), False
        self._narrow()

    def _show_layer(self, layer: str, on: bool) -> None:
        self.hidden_layers = self.hidden_layers - {layer} if on else self.hidden_layers | {layer}
        self._narrow()

    def _show_outcomes(self, on: bool) -> None:
        self.only_outcomes = on
        self._narrow()

    def _narrow(self) -> None:
        self._fill()
        self.narrowed.emit()

    def _fill(self) -> None:
        path = self._path
        rows: list[Row] = []
        times = times_of(path.hops) if path is not None else ()
        for row in trace_rows(path) if path is not None else ():
            hop = row.hop
            if row.layer in self.hidden_layers or (self.only_outcomes and not row.outcome):
                continue
            here = bool({hop.at, hop.toward, *(each.object for each in hop.decided_by)} & self._selected)
            rows.append(
                (
                    row.number, row.direction, f"{times[row.number - 1] / 1000:.1f} s", row.layer,
                    f"● {row.place}" if here else row.place, row.what, row.outcome, coming_text(hop), leaving_text(hop),
                    "" if row.decided_by == "–" else row.decided_by, row.number - 1, is_changed(hop), here,
                )
            )  # fmt: skip
        self.set_rows(rows)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; leaves columns out where there is no room for all."""
        self.hide_columns((TIME, COMING) if event.size().width() < ROOM_FOR_ALL else ())
        super().resizeEvent(event)
