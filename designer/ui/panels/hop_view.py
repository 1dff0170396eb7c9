"""One hop of a trace in full: why, the packet before and after in layers, what decided, the rules hit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer.engine.trace.hops import RELAYS, Hop
from designer.present.packet_layers import FieldRow, HeaderLayer, header_layers
from designer.present.seen_rows import SeenRow
from designer.present.trace_rows import evidence_text
from designer.present.words import object_text
from designer.ui.kit.fonts import SEMIBOLD, SMALL, mono_font, ui_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_role
from designer.ui.panels.link_button import LinkButton

STEP_IN = 10
"""How many pixels a header inside another stands further right."""
LONGEST_NAME = 16
"""Letters of a detail's name that still leave room for its value on the same line."""


class HopView(ScrollArea):
    """The packet inspector. `objectWanted` carries the id behind a piece of evidence, `rulesWanted` a node's name.

    `helpWanted` carries the key of the topic that explains the hop.
    """

    objectWanted = Signal(str)
    rulesWanted = Signal(str)
    helpWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Packet inspector")
        self.links: list[LinkButton] = []
        self._labels: list[QLabel] = []
        self.show_hop(None)

    def text(self) -> str:
        """All words shown, top to bottom, without the links."""
        return "\n".join(label.text() for label in self._labels if label.text())

    def show_hop(self, hop: Hop | None, seen: Sequence[SeenRow] = (), carried: str = "", sizes: str = "") -> None:
        """Nothing; shows a hop with whom the party there sees, or what to do to see one.

        `carried` is what the connection carries, `sizes` what the headers leave of the MTU.
        """
        self.links, self._labels = [], []
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(12, 2, 8, 6)
        self._column.setSpacing(2)
        if hop is None:
            self._words("Select a row to see the packet before and after it, and what decided.", muted=True)
        else:
            self._fill(hop, seen, carried, sizes)
        self._column.addStretch(1)
        self.setWidget(inner)

    def _fill(self, hop: Hop, seen: Sequence[SeenRow], carried: str, sizes: str) -> None:
        if hop.reason:
            self._words(hop.reason)
        self._link("Why?", "The rule behind this hop (F1)", self._explainer(f"hop:{hop.kind}"), mono=False)
        if (
            hop.kind in RELAYS
        ):  # who routes is asked by which rule and against whom, before it is asked with which packet
            self._decision(hop)
            self._headers(hop, seen, carried, sizes)
        else:
            self._headers(hop, seen, carried, sizes)
            self._decision(hop)

    def _headers(self, hop: Hop, seen: Sequence[SeenRow], carried: str, sizes: str) -> None:
        for row in seen:
            self._seen(row)
        for layer in header_layers(hop, carried):
            self._layer(layer)
        if sizes:
            self._words(sizes, muted=True)

    def _decision(self, hop: Hop) -> None:
        if hop.decided_by:
            self._column.addWidget(SectionHeader("Decided by"))
            for evidence in hop.decided_by:
                target = evidence.object
                if (hop.rules or hop.kind == "lookup") and target == f"Node:{hop.node}":
                    self._link(evidence_text(evidence), evidence.field, lambda: self.rulesWanted.emit(hop.node))
                elif target:
                    self._link(evidence_text(evidence), evidence.field, self._shower(target))
                else:
                    self._words(evidence_text(evidence))
        if hop.rules:
            self._column.addWidget(SectionHeader(f"Rules hit on {hop.node}" if hop.node else "Rules hit"))
            for hit in hop.rules:
                words = f"{hit.table} {hit.chain} {hit.index + 1}"
                self._link(words, hit.text, lambda: self.rulesWanted.emit(hop.node))
        if hop.details:
            self._column.addWidget(SectionHeader("Details"))
            self._pairs(hop.details)

    def _seen(self, row: SeenRow) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(0, 4, 0, 0)
        name = self._label(row.name)
        name.setFont(ui_font(SMALL))
        name.setWordWrap(not row.address)
        set_role(name, "muted")
        line.addWidget(name)
        if row.address:
            line.addWidget(self._label(row.address, mono=True))
        line.addStretch(1)
        self._column.addLayout(line)
        if row.oid:
            self._link(row.main, f"Show {object_text(row.oid)}", self._shower(row.oid), mono=False)
        elif row.main:
            self._words(row.main)
        if row.rest:
            self._words(row.rest)

    def _explainer(self, key: str) -> Callable[[], None]:
        return lambda: self.helpWanted.emit(key)

    def _shower(self, oid: str) -> Callable[[], None]:
        return lambda: self.objectWanted.emit(oid)

    def _label(self, text: str, *, mono: bool = False) -> QLabel:
        label = QLabel(text if mono else plain_words(text))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if mono:
            label.setFont(mono_font(12))
        self._labels.append(label)
        return label

    def _words(self, text: str, *, muted: bool = False) -> None:
        label = self._label(text)
        if muted:
            set_role(label, "muted")
        self._column.addWidget(label)

    def _link(self, text: str, tip: str, clicked: Callable[[], object], *, mono: bool = True) -> None:
        link = LinkButton(text, clicked, mono=mono, tip=tip)
        self.links.append(link)
        self._column.addWidget(link)

    def _layer(self, layer: HeaderLayer) -> None:
        """Nothing; shows one header, further right the deeper it is inside the others."""
        title = SectionHeader(layer.title)
        title.setContentsMargins(layer.depth * STEP_IN, 8, 0, 2)
        self._column.addWidget(title)
        grid = self._grid(layer.depth * STEP_IN)
        for place, row in enumerate(layer.rows):
            name = self._label(row.name)
            name.setFont(ui_font(SMALL))
            set_role(name, "muted")
            grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(self._values(row), place, 1)
            if row.changed:
                name.setAccessibleName(f"{row.name}, changed")

    def _values(self, row: FieldRow) -> QVBoxLayout:
        """What the header held, and under it what it holds now: two long addresses do not fit beside each other."""
        column = QVBoxLayout()
        column.setSpacing(0)
        if row.before or not row.changed:
            before = self._label(row.before or row.after, mono=True)
            set_role(before, "muted" if row.changed else "")
            column.addWidget(before)
        if row.changed:
            # Told by a sign and weight, not by colour alone.
            after = self._label(f"→ {row.after or 'none'}", mono=True)
            after.setFont(mono_font(12, SEMIBOLD))
            column.addWidget(after)
        return column

    def _pairs(self, pairs: tuple[tuple[str, str], ...]) -> None:
        grid = self._grid()
        for name, value in pairs:
            left = self._label(name)
            left.setFont(ui_font(SMALL))
            set_role(left, "muted")
            row = grid.rowCount()
            if len(name) <= LONGEST_NAME:
                grid.addWidget(left, row, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(self._label(value), row, 1)
            else:  # a DNS name would leave its answer no room beside it
                grid.addWidget(left, row, 0, 1, 2)
                grid.addWidget(self._label(value), row + 1, 0, 1, 2)

    def _grid(self, left: int = 0) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(left, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(1)
        grid.setColumnMinimumWidth(0, 96)
        grid.setColumnStretch(1, 1)
        self._column.addLayout(grid)
        return grid
