"""The Addresses panel: ranges with their maps, every address with its owner, and what runs out first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from designer.engine.capacity import RangeUse, forecast, range_uses
from designer.engine.compile import ClusterState
from designer.engine.controlplane.addresses import parse_address
from designer.present.address_rows import AddressRow, address_rows
from designer.present.room_rows import (
    COUNTED,
    LimitRow,
    NodeRow,
    RolloutRow,
    headline,
    limit_rows,
    node_rows,
    part_text,
    rollout_rows,
    surge_text,
    use_text,
)
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import SegmentedControl
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.table_model import Column, Row
from designer.ui.kit.theme import current_theme
from designer.ui.panels.elided_label import ElidedLabel
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.live import LivePanel
from designer.ui.panels.range_map import RangeMap
from designer.ui.panels.row_link import RowLink
from designer.ui.panels.table_bar import TableBar

NEARLY_FULL = 0.9


def share_words(share: float) -> str:
    """A share as a percentage; what is used but less than one in a hundred says so."""
    return "0 %" if share <= 0 else "< 1 %" if share < 0.01 else f"{share * 100:.0f} %"


RANGE_COLUMNS = (
    Column("Range", 170, mono=True),
    Column("For", 140),
    Column("Of", 88),
    Column("Used", 110, sort_key=lambda share: share, words=share_words),
    Column("Reserved", 76, align="right", mono=True),
    Column("Free", 72, align="right", mono=True),
)
ADDRESS_COLUMNS = (
    Column("Address", 150, mono=True),
    Column("Role", 110),
    Column("Object", 240, stretch=True),
    Column("Node", 100),
    Column("Remark", 150),
)
LIMIT_COLUMNS = (
    Column("What", 140),
    Column("Range", 200, mono=True),
    Column("More", 70, align="right", mono=True),
    Column("Of", 70, align="right", mono=True),
    Column("Then", 420, stretch=True),
)
NODE_COLUMNS = (
    Column("Node", 130),
    Column("Pods", 60, align="right", mono=True),
    Column("May run", 70, align="right", mono=True),
    Column("Addresses left", 100, align="right", mono=True),
    Column("More Pods", 80, align="right", mono=True),
    Column("Note", 320, stretch=True),
)
UPDATE_COLUMNS = (
    Column("Workload", 240),
    Column("Pods", 60, align="right", mono=True),
    Column("Surge", 60, align="right", mono=True, tooltip="Pods that maxSurge lets start beside the old ones"),
    Column("Room for", 80, align="right", mono=True),
    Column("So the update", 320, stretch=True),
)
USED = 3
SEARCH_WIDTH = 128
PAGES = (("addresses", "Addresses"), ("map", "Map"), ("room", "Room left"), ("nodes", "Nodes"), ("updates", "Updates"))
MAP_HINT = "Choose a range to see its map."
MAP_KEY = "Filled: used. Hatched: reserved, nobody gets it. Empty: free. Arrows walk, Enter shows who has the address."


class UsageDelegate(QStyledItemDelegate):
    """Draws a share 0..1 as a bar with its percentage; nearly full in the warning colour, full in the error colour."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Nothing; draws one bar."""
        theme = current_theme()
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        share = float(row[USED])
        area = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.color("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, theme.color("hover"))
        token = "error" if share >= 1 else "warning" if share >= NEARLY_FULL else "accent"
        bar = QRectF(area.left() + 8, area.center().y() - 3, area.width() - 62, 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("line"))
        painter.drawRoundedRect(bar, 3, 3)
        if share > 0:
            # A single address of a /12 would be no pixel wide: what is used at all can be seen.
            bar.setWidth(max(6.0, bar.width() * min(share, 1.0)))
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(bar, 3, 3)
        painter.setFont(ui_font(SMALL, tabular=True))
        painter.setPen(theme.color("text" if token == "accent" else token))
        words = QRectF(area.right() - 50, area.top(), 42, area.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, share_words(share))
        painter.restore()


def _range(use: RangeUse) -> Row:
    owner = use.owner or "the cluster"
    return (use.range, part_text(use), owner, use.used / use.size, use.reserved, use.free, use)


def _address(row: AddressRow) -> Row:
    return (row.address, row.role, row.object, row.node, row.remark, row.oid)


@dataclass(frozen=True, slots=True)
class Counted:
    """What the panel shows: the rows of its tables, and the sentences over them."""

    ranges: list[Row]
    addresses: list[Row]
    limits: list[LimitRow]
    nodes: list[NodeRow]
    updates: list[RolloutRow]
    first: str
    surge: str


def _counted(state: ClusterState) -> Counted:
    """Ranges, addresses and forecast of a cluster."""
    found, plugin = forecast(state), state.project.cluster.cni.plugin
    return Counted(
        [_range(use) for use in range_uses(state)],
        [_address(row) for row in address_rows(state)],
        limit_rows(found, plugin),
        node_rows(found),
        rollout_rows(found),
        headline(found, plugin),
        surge_text(found),
    )


def _number(text: str, use: RangeUse) -> int:
    """The number of an address or node port where it can lie in the range, else -1."""
    if text.startswith("*:"):
        return int(text[2:]) if use.role == "Node ports" else -1
    address = parse_address(text) if use.role != "Node ports" else None
    return address[1] if address is not None and address[0] == use.family else -1


def _same_range(left: Row, right: Row) -> bool:
    return left[:3] == right[:3]


COUNTING = "Counting…"


class AddressesPanel(LivePanel):
    """Ranges on the left; addresses, the map of a range, room left, Nodes and rolling updates on the right.

    A range of a Node leads to the Node, a cell of the map to who has its address.
    """

    NAME: ClassVar[str] = "Addresses"

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.first = ElidedLabel()
        self.ranges = FittedTable(
            RANGE_COLUMNS, (138, 54, 58, 58, 70, 56), "Ranges", "The cluster has no address ranges."
        )
        self.ranges.setItemDelegateForColumn(USED, UsageDelegate(self.ranges))
        self.addresses = FittedTable(
            ADDRESS_COLUMNS, (110, 80, 130, 64, 70), "Addresses", "No address yet. Add a Node and a Pod to the canvas."
        )
        self.limits = FittedTable(LIMIT_COLUMNS, (80, 110, 50, 50, 160), "Room left", "Nothing to run out.")
        self.nodes = FittedTable(NODE_COLUMNS, (80, 40, 50, 60, 60, 120), "Room of Nodes", "No Node yet.")
        self.updates = FittedTable(
            UPDATE_COLUMNS, (130, 40, 60, 50, 140), "Rolling updates", "No Deployment or DaemonSet that starts Pods."
        )
        self.map = RangeMap()
        self.map_words = ElidedLabel(MAP_HINT)
        self.pages = SegmentedControl(PAGES, "What to show of addresses")
        self._bars, self._stack = QStackedWidget(), QStackedWidget()
        self._arrange()
        self.pages.changed.connect(self._show_page)
        # What each says when there is nothing; before the first answer nobody knows.
        self._empty = {
            table: table.empty_text for table in (self.ranges, self.addresses, self.limits, self.nodes, self.updates)
        }
        for table in self._empty:
            table.empty_text = COUNTING
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show)
        self.ranges.row_selected.connect(self._show_map)
        self.map.cellChanged.connect(self.map_words.set_text)
        self.map.cellActivated.connect(self._go_to)
        for table in (self.addresses, self.limits, self.nodes, self.updates):
            RowLink(table, selection, lambda row: str(row[-1]))
        RowLink(self.ranges, selection, self._node_of)

    def _arrange(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        bar = TableBar(self.ranges, "range")
        bar.narrow_search(SEARCH_WIDTH)
        column.addWidget(bar)
        column.addWidget(self.ranges, 1)
        pages: tuple[tuple[QWidget, QWidget], ...] = (
            (TableBar(self.addresses, "address", "addresses"), self.addresses),
            (QWidget(), self._map_page()),
            (TableBar(self.limits, "limit"), self.limits),
            (TableBar(self.nodes, "Node"), self.nodes),
            (TableBar(self.updates, "update"), self.updates),
        )
        for over, page in pages:
            if isinstance(over, TableBar):
                over.narrow_search(SEARCH_WIDTH)
            self._bars.addWidget(over)
            self._stack.addWidget(page)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.pages)
        row.addWidget(self._bars, 1)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 4)
        split.setSizes([640, 640])
        self.column.addWidget(self.first)
        self.column.addWidget(split, 1)

    def _map_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.map_words)
        column.addWidget(self.map, 1)
        column.addWidget(ElidedLabel(MAP_KEY, "muted"))
        return page

    def refresh(self) -> None:
        """Nothing; works out ranges, addresses and forecast in the background."""
        state = self.state
        if state is not None:
            self._jobs.start(lambda: _counted(state))

    def wait(self) -> bool:
        """Whether the work that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _show_page(self, name: str) -> None:
        place = [key for key, _ in PAGES].index(name)
        self._bars.setCurrentIndex(place)
        self._stack.setCurrentIndex(place)

    def _show(self, found: Counted) -> None:
        chosen = self.ranges.first_selected()
        for table, words in self._empty.items():
            table.empty_text = words
        self.ranges.set_rows(found.ranges)
        self.addresses.set_rows(found.addresses)
        self.limits.set_rows(found.limits)
        self.nodes.set_rows(found.nodes)
        self.updates.set_rows(found.updates)
        self.first.set_text(f"{found.first} {found.surge} {COUNTED}")
        again = next((row for row in found.ranges if chosen is not None and _same_range(row, chosen)), None)
        self._show_map(again or (found.ranges[0] if found.ranges else None))

    def _show_map(self, row: Row | None) -> None:
        if row is None:
            return
        self.map.show_range(row[-1])
        self.map_words.set_text(use_text(row[-1]))
        if self.ranges.hasFocus() and self.pages.value() == "addresses":
            self.pages.set_value("map")

    def _go_to(self, low: int, high: int) -> None:
        """Nothing; shows the first address between two numbers of the range on the map."""
        use = self.map.use
        if use is None:
            return
        for row in self.addresses.rows_model.shown():
            if low <= _number(str(row[0]), use) <= high:
                self.pages.set_value("addresses")
                self.addresses.select_place(self.addresses.rows_model.place_of(row))
                return

    def _node_of(self, row: Row) -> str:
        node = f"Node:{row[-1].owner}"
        return node if self.session.project.get(node) is not None else ""
