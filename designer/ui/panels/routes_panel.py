"""The URL box: what Gateways and Ingress controllers do with a request, by which rule, and why others lose."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from designer.engine.l7.asked import GRPC_CONTENT, Asked
from designer.engine.trace.hops import Request
from designer.present.condition_rows import BAD, condition_rows, condition_summary
from designer.present.conflict_rows import conflict_rows, conflict_summary, shown_conflicts
from designer.present.serving_rows import NOBODY, serving_rows, serving_summary
from designer.present.url_rows import GRPC, LOSES, METHODS, OPEN, asked_url, url_rows
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import SegmentedControl, push_button
from designer.ui.kit.combo import name_combo
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.fact_table import FactTable
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.live import LivePanel
from designer.ui.panels.row_link import RowLink
from designer.ui.panels.table_bar import TableBar


def _color(row: Row) -> str | None:
    return {LOSES: "muted", OPEN: "verdict:cannot-tell"}.get(row[1])


COLUMNS = (
    Column("Who", 150),
    Column("Does", 110, color=_color),
    Column("Rule", 250, mono=True),
    Column("Object", 140),
    Column("Why", 380, stretch=True),
)
LEAST = (120, 90, 190, 110, 160)


def _status_color(row: Row) -> str | None:
    return "error" if str(row[4]).startswith(BAD) else None if str(row[4]).startswith("✓") else "verdict:cannot-tell"


SERVING = (
    Column("Object", 200),
    Column("Served by", 220, color=lambda row: "error" if row[1] == NOBODY else None),
    Column("By", 180, mono=True),
    Column("Why", 320, stretch=True),
)
CONFLICTS = (
    Column("Object", 190),
    Column("What", 260, mono=True),
    Column("Winner", 220),
    Column("Why", 320, stretch=True),
)
CONDITIONS = (
    Column("Object", 190),
    Column("Listener", 90, mono=True),
    Column("Parent", 160),
    Column("Type", 130),
    Column("Status", 90, color=_status_color),
    Column("Reason", 170),
    Column("Message", 300, stretch=True),
)
PAGES = (("url", "URL"), ("serving", "Who serves"), ("conflicts", "Conflicts"), ("conditions", "Conditions"))
HINT = "Type a URL and press Enter to see which rule takes it. Without a URL, rules in conflict are listed."


class RoutesPanel(LivePanel):
    """Asks every Gateway and Ingress controller for a URL; the answer follows every change of the cluster.

    `traced` carries the `Request` that a person wants to see on its way.
    """

    NAME: ClassVar[str] = "Routes"
    traced = Signal(object)

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.method = QComboBox()
        name_combo(self.method, "HTTP method")
        self.method.addItems(list(METHODS))
        self.start = self.url = QLineEdit()
        self.url.setAccessibleName("URL to ask for")
        self.url.setPlaceholderText("URL, such as http://shop.example.com/cart")
        self.url.setToolTip("http://, https://, grpc://, and tcp://, udp:// or tls:// with a port")
        self.headers = QLineEdit()
        self.headers.setAccessibleName("Headers of the request")
        self.headers.setPlaceholderText("Headers, such as X-Version: 2")
        self.headers.setToolTip("Several with semicolons: X-Version: 2; Cookie: beta=always")
        for line in (self.url, self.headers):
            line.setFont(mono_font(12))
            line.setMinimumWidth(150)
            line.returnPressed.connect(self.ask)
        self.url.setMaximumWidth(520)
        self.headers.setMaximumWidth(280)
        self.method.activated.connect(lambda _place: self.ask())
        self.answer = ElidedLabel()
        self.table = FittedTable(COLUMNS, LEAST, "Rules for the URL", HINT)
        bar = TableBar(self.table, "rule", "rules")
        bar.add(self.method)
        bar.add(self.url, 3)
        bar.add(self.headers, 2)
        bar.add(push_button("Ask", self.ask))
        self.trace = push_button("Trace", self._trace)
        self.trace.setToolTip("Follow this request from the Internet, hop by hop")
        self.trace.setEnabled(False)
        bar.add(self.trace)
        self.pages = SegmentedControl(PAGES, "What to show of routes")
        self.facts = {
            "serving": FactTable(SERVING, (150, 150, 110, 160), ("Who serves what", "row", "rows"), serving_rows,
                                 serving_summary, selection),
            "conflicts": FactTable(CONFLICTS, (140, 160, 140, 160), ("Conflicts", "conflict", "conflicts"),
                                   lambda state: shown_conflicts(conflict_rows(state)), _conflicts_told, selection),
            "conditions": FactTable(CONDITIONS, (140, 70, 110, 100, 80, 120, 160),
                                    ("Status conditions", "condition", "conditions"), condition_rows,
                                    condition_summary, selection),
        }  # fmt: skip
        self._arrange(bar)
        self.pages.changed.connect(self._show_page)
        RowLink(self.table, selection, self._object_of)

    def _arrange(self, bar: TableBar) -> None:
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.pages)
        row.addWidget(self.answer, 1)
        # The bar of a page stands in the row of the choice; that of the URL, with its fields, needs one of its own.
        self._bars = QStackedWidget()
        self._bars.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self._bars.addWidget(QWidget())
        row.addWidget(self._bars)
        asking = QWidget()
        inside = QVBoxLayout(asking)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(bar)
        inside.addWidget(self.table, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(asking)
        for page in self.facts.values():
            self._bars.addWidget(page.bar)
            self._stack.addWidget(page)
        self._bars.hide()
        self.column.addWidget(top)
        self.column.addWidget(self._stack, 1)

    def _show_page(self, key: str) -> None:
        place = [page for page, _words in PAGES].index(key)
        self._stack.setCurrentIndex(place)
        self._bars.setCurrentIndex(place)
        self._bars.setVisible(place > 0)
        self.refresh()

    def show_request(self, asked: Asked) -> None:
        """Nothing; types a request into the box and asks it."""
        self.pages.set_value("url")
        self.method.setCurrentText(GRPC if asked.is_grpc else asked.method)
        self.url.setText(asked.url())
        self.headers.setText("; ".join(f"{name}: {value}" for name, value in asked.headers.items()))
        self.ask()
        self.url.setFocus()

    def refresh(self) -> None:
        """Nothing; asks again, or shows the page that is chosen as it is now."""
        page, state = self.facts.get(self.pages.value()), self.state
        if page is None:
            self.ask()
        elif state is not None:
            words = page.show_state(state)
            self.answer.set_text(words if page.table.rows_model.total() else "")  # without rows the table says it

    def ask(self) -> None:
        """Nothing; shows what becomes of the typed URL, or the conflicts where none is typed."""
        state = self.state
        self.trace.setEnabled(False)
        if state is None:
            return
        if not self.url.text().strip():
            found = conflict_rows(state)
            self.table.empty_text = HINT
            self.table.set_rows(
                [(shown, winner or "not served", what, "", why, oid) for shown, what, winner, why, oid
                 in shown_conflicts(found)]
            )  # fmt: skip
            self.answer.set_text(conflict_summary(found) if found else "")
            return
        asked, wrong = asked_url(self.url.text(), self.method.currentText(), self.headers.text())
        if asked is None:
            self.table.empty_text = wrong  # nothing was asked, so nothing is said about rules
            self.table.set_rows([])
            self.answer.set_text(wrong)
            return
        self.trace.setEnabled(asked.is_http)
        rows, said = url_rows(state, asked)
        self.table.empty_text = "Nothing takes this request."
        self.table.set_rows(list(rows))
        self.answer.set_text(said)

    def _trace(self) -> None:
        asked, _wrong = asked_url(self.url.text(), self.method.currentText(), self.headers.text())
        if asked is None:
            return
        headers = dict(asked.headers)
        if asked.is_grpc:  # by which a Gateway knows the call (gRPC over HTTP/2, "Requests")
            headers.setdefault("content-type", GRPC_CONTENT)
        self.traced.emit(Request("Internet", asked.url(), method=asked.method, headers=tuple(headers.items())))

    def _object_of(self, row: Row) -> str:
        """The id of the object of a rule, "" where the project does not hold it."""
        oid, project = str(row[5]), self.session.project
        return oid if project.get(oid) is not None or oid in project.foreign else ""


def _conflicts_told(rows: list[tuple[str, str, str, str, str]]) -> str:
    return conflict_summary([(oid, what, winner, why) for _shown, what, winner, why, oid in rows])
