"""The Addresses panel: each range with what is used of it, and every address with its owner."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSplitter, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from designer.engine.compile import ClusterState
from designer.present.address_rows import AddressRow, RangeRow, address_rows, range_rows
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.table_model import Column, Row
from designer.ui.kit.theme import current_theme
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.live import LivePanel
from designer.ui.panels.row_link import RowLink
from designer.ui.panels.table_bar import TableBar

NEARLY_FULL = 0.9

RANGE_COLUMNS = (
    Column("Range", 196, mono=True),
    Column("For", 104),
    Column("Of", 88),
    Column("Used", 110, sort_key=lambda share: share),
    Column("Free", 72, align="right", mono=True),
)
ADDRESS_COLUMNS = (
    Column("Address", 150, mono=True),
    Column("Role", 110),
    Column("Object", 240, stretch=True),
    Column("Node", 100),
    Column("Remark", 150),
)
USED = 3


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


def share_words(share: float) -> str:
    """A share as a percentage; what is used but less than one in a hundred says so."""
    return "0 %" if share <= 0 else "< 1 %" if share < 0.01 else f"{share * 100:.0f} %"


def _range(row: RangeRow) -> Row:
    owner = "the cluster" if row.owner == "cluster" else row.owner
    return (row.range, row.role, owner, row.share, row.free, row)


def _address(row: AddressRow) -> Row:
    return (row.address, row.role, row.object, row.node, row.remark, row.oid)


def _rows(state: ClusterState) -> tuple[list[Row], list[Row]]:
    """The rows of both tables."""
    return [_range(row) for row in range_rows(state)], [_address(row) for row in address_rows(state)]


class AddressesPanel(LivePanel):
    """Ranges on the left, addresses on the right. Return on a Node's range shows the Node."""

    NAME: ClassVar[str] = "Addresses"

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.ranges = FittedTable(RANGE_COLUMNS, (130, 80, 64, 96, 56), "Ranges", "The cluster has no address ranges.")
        self.ranges.setItemDelegateForColumn(USED, UsageDelegate(self.ranges))
        self.addresses = FittedTable(
            ADDRESS_COLUMNS, (110, 80, 130, 64, 70), "Addresses", "No address yet. Add a Node and a Pod to the canvas."
        )
        bar = TableBar(self.addresses, "address", "addresses")
        bar.add(SectionHeader("Ranges and addresses"))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.ranges)
        split.addWidget(self.addresses)
        split.setStretchFactor(1, 1)
        split.setSizes([580, 700])
        self.column.addWidget(bar)
        self.column.addWidget(split, 1)
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show)
        RowLink(self.addresses, selection, lambda row: str(row[-1]))
        RowLink(self.ranges, selection, self._node_of)

    def refresh(self) -> None:
        """Nothing; works out ranges and addresses in the background."""
        state = self.state
        if state is not None:
            self._jobs.start(lambda: _rows(state))

    def wait(self) -> bool:
        """Whether the work that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, rows: tuple[list[Row], list[Row]]) -> None:
        self.ranges.set_rows(rows[0])
        self.addresses.set_rows(rows[1])

    def _node_of(self, row: Row) -> str:
        node = f"Node:{row[-1].owner}"
        return node if self.session.project.get(node) is not None else ""
