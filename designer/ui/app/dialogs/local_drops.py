"""The finder of Nodes on which a Service with traffic policy Local answers nobody."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget

from designer.present.local_drop_rows import local_drop_rows, local_drop_summary
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.shell import Shell
from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column

LEAD = (
    "With policy Local a Node sends requests only to endpoints of its own. Where it has none, they go nowhere, "
    "although other Nodes would answer. Select a row to see Service and Node on the canvas."
)
COLUMNS = (
    Column("Service", 190),
    Column("Port", 90, mono=True),
    Column("Requests", 120),
    Column("On Node", 110, mono=True),
    Column("Happens", 90, color=lambda row: "error"),
    Column("What the caller sees", 270),
    Column("Answered by", 140, mono=True, stretch=True),
)


class LocalDropsDialog(FramedDialog):
    """The table of such Nodes; it follows what is changed while it is open."""

    def __init__(self, shell: Shell, parent: QWidget) -> None:
        super().__init__("Nodes where policy Local drops", parent, Buttons.Close, LEAD)
        self.setObjectName("localDrops")
        self._shell = shell
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.table = DataTable(COLUMNS, "Nodes where policy Local drops", "Nothing is dropped.")
        self.body.addWidget(self.summary)
        self.body.addWidget(self.table, 1)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._select())
        shell.bridge.changed.connect(self._on_change)
        self.open_at(1060, 480)
        self.read()

    def read(self) -> None:
        """Nothing; looks for such Nodes in the cluster as it is now."""
        state = self._shell.bridge.state
        rows = local_drop_rows(state)
        self.summary.setText(local_drop_summary(state, rows))
        self.table.set_rows(
            [
                (r.name, r.port, r.traffic, r.node.partition(":")[2], r.happens, r.seen, r.answering, r.service, r.node)
                for r in rows
            ]
        )

    def _on_change(self, _change: object) -> None:
        self.read()

    def _select(self) -> None:
        row = self.table.first_selected()
        if row is not None:
            self._shell.selection.select((row[7], row[8]))
