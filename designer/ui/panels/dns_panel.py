"""The DNS panel: what a name resolves to for a process in a Pod, query by query, and that Pod's resolv.conf."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.trace.lookup import TYPES, Lookup, look_up_from
from designer.model import split_id
from designer.present.dns_rows import carried_text, outcome_text, resolver_text, shown_queries, source_pods
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button
from designer.ui.kit.combo import name_combo
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.table_model import Column, Row
from designer.ui.kit.verdict import VerdictBadge
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.link_button import LinkButton
from designer.ui.panels.live import LivePanel
from designer.ui.panels.row_link import RowLink
from designer.ui.panels.table_bar import TableBar

_STATUS_VERDICT = {"name-not-found": "name-not-found", "cannot-tell": "cannot-tell"}
OUTSIDE = "A client outside the cluster"
# A list of 150,000 Pods helps nobody: any other Pod is offered once it is selected on the canvas.
MOST_PODS = 2_000


def _code_color(row: Row) -> str | None:
    return {"NOERROR": None, "NODATA": "muted", "UNKNOWN": "verdict:cannot-tell"}.get(row[3], "verdict:name-not-found")


COLUMNS = (
    Column("#", 36, align="right", mono=True),
    Column("Type", 56, mono=True),
    Column("Name", 270, mono=True),
    Column("Code", 90, mono=True, color=_code_color),
    Column("Answer", 150, mono=True),
    Column("Answered by", 220),
    Column("Rule", 220, stretch=True),
)
LEAST = (28, 48, 160, 76, 92, 214, 92)
TYPE_WORDS = {"": "A and AAAA"}


def _resolver_told(found: Lookup) -> str:
    """The Pod's resolv.conf, below it what becomes of its queries, and the note, for which one line has no room."""
    ways = "\n".join(carried_text(carried) for carried in found.carried)
    parts = (("# The queries' own way", ways), ("# Note", found.note))
    return resolver_text(found) + "".join(f"\n{title}\n{text}\n" for title, text in parts if text)


class DnsPanel(LivePanel):
    """Asks for a name as a Pod would; the answer follows every change of the cluster."""

    NAME: ClassVar[str] = "DNS"

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.lookup: Lookup | None = None
        self.pods = QComboBox()
        name_combo(self.pods, "Pod that asks")
        self.pods.setMinimumWidth(120)
        self.pods.setMaximumWidth(320)
        self.start = self.name = QLineEdit()
        self.name.setAccessibleName("Name to look up")
        self.name.setPlaceholderText("Name, such as cart or kubernetes.default.svc")
        self.name.setFont(mono_font(12))
        self.name.setMinimumWidth(140)
        self.name.setMaximumWidth(420)
        self.types = QComboBox()
        name_combo(self.types, "Record type")
        self.types.setToolTip("Programs ask for A and AAAA; an address asked for by PTR gives its name")
        for kind in TYPES:
            self.types.addItem(TYPE_WORDS.get(kind, kind), kind)
        self.badge = VerdictBadge()
        self.answer = ElidedLabel()
        self.table = FittedTable(
            COLUMNS, LEAST, "DNS queries", "Type a name and press Enter to see every query that a Pod sends."
        )
        self.conf = QPlainTextEdit()
        self.conf.setReadOnly(True)
        self.conf.setFont(mono_font(12))
        self.conf.setAccessibleName("resolv.conf of the Pod")
        self.conf.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.owner_link = LinkButton("", self._show_owner)
        self._fill()
        self.owner_link.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.owner_link.hide()
        RowLink(self.table, selection, self._behind)
        self.name.returnPressed.connect(self.look_up)
        self.pods.activated.connect(lambda _place: self.look_up())
        self.types.activated.connect(lambda _place: self.look_up())
        selection.changed.connect(self._on_selection)

    def _fill(self) -> None:
        bar = TableBar(self.table, "query", "queries")
        bar.add(self.pods)
        bar.add(self.name, 2)
        bar.add(self.types)
        bar.add(push_button("Look up", self.look_up))
        outcome = QWidget()
        row = QHBoxLayout(outcome)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.badge)
        row.addWidget(self.answer, 1)
        row.addWidget(self.owner_link)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(SectionHeader("/etc/resolv.conf"))
        column.addWidget(self.conf, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(right)
        split.setStretchFactor(0, 1)
        split.setSizes([970, 290])
        self.column.addWidget(bar)
        self.column.addWidget(outcome)
        self.column.addWidget(split, 1)

    def refresh(self) -> None:
        """Nothing; offers the Pods that there are and asks again."""
        state = self.state
        chosen = self.pods.currentData()
        self.pods.clear()
        for pod in source_pods(state)[:MOST_PODS] if state else ():
            self.pods.addItem(f"{pod.name} · {pod.namespace}", pod.id)
        self._offer(chosen)
        self.pods.addItem(OUTSIDE, "")
        place = self.pods.findData(chosen) if chosen is not None else 0
        self.pods.setCurrentIndex(max(place, 0))
        self._on_selection(self.selection.ids)
        self.look_up()

    def _offer(self, oid: str | None) -> None:
        """Offer a Pod too that the list left out."""
        pod = self.state.control.pods.get(oid) if self.state is not None and oid else None
        if pod is not None and pod.node and self.pods.findData(pod.id) < 0:
            self.pods.insertItem(0, f"{pod.name} · {pod.namespace}", pod.id)

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        """A Pod that is selected elsewhere asks from now on; a Service that is selected is asked for."""
        single = ids[0] if len(ids) == 1 else ""
        self._offer(single)
        place = self.pods.findData(single) if single else -1
        if place >= 0 and place != self.pods.currentIndex():
            self.pods.setCurrentIndex(place)
            self.look_up()
        elif single.startswith("Service:") and self.isVisible():
            _, namespace, name = split_id(single)
            pod = self._pod(self.state)
            here = pod is not None and pod.namespace == namespace
            self.name.setText(name if here else f"{name}.{namespace}")
            self.look_up()

    def _pod(self, state: ClusterState | None) -> PodState | None:
        return state.control.pods.get(str(self.pods.currentData() or "")) if state else None

    def look_up(self) -> None:
        """Nothing; resolves the typed name for the chosen Pod and shows every query, and what becomes of it."""
        state = self.state
        name = self.name.text().strip()
        pod = self._pod(state)
        asked = look_up_from(state, pod.id if pod else "", name or ".", self.types.currentData()) if state else None
        self.conf.setPlainText(resolver_text(asked) if asked else "")
        self._show(asked if name else None)

    def _show(self, found: Lookup | None) -> None:
        self.lookup = found
        self.table.empty_text = (
            "No query is sent." if found else "Type a name and press Enter to see every query that a Pod sends."
        )
        self.table.set_rows(shown_queries(found.resolution) if found else [])
        self.badge.setVisible(found is not None and found.status in _STATUS_VERDICT)
        self.badge.set_verdict(_STATUS_VERDICT.get(found.status, "") if found else "")
        self.answer.set_text(". ".join(text for text in (outcome_text(found), found.note) if text) if found else "")
        if found:
            self.conf.setPlainText(_resolver_told(found))
        owner = found.resolution.object if found else ""
        self.owner_link.setVisible(bool(owner))
        if owner:
            kind, _, name = split_id(owner)
            self.owner_link.set_words(f"Show {kind} {name}")

    def _behind(self, row: Row) -> str:
        """The object behind the answer of a query, "" for a query without answer."""
        found = self.lookup.resolution.object if self.lookup is not None else ""
        return found if found and row[4] else ""

    def _show_owner(self) -> None:
        if self.lookup is not None and self.lookup.resolution.object:
            self.selection.show(self.lookup.resolution.object)
