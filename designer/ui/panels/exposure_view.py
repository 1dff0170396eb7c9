"""The exposure of workloads: what each would accept from, or send to, Pods that are not in the project."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.engine.reach import Reach, exposures
from designer.present.exposure_rows import ExposureRow, exposure_rows
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.style import set_role
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.table_bar import TableBar


def _color(row: Row) -> str | None:
    return "muted" if row[3] == "nothing" else None


COLUMNS = (
    Column("Workload", 240),
    Column("Way", 100),
    Column("Pods that are not in the project", 260),
    Column("Ports", 300, stretch=True, mono=True, color=_color),
    Column("Decided", 130),
)
LEAD = "What each workload would accept from Pods that are not in this project, and send to them."


class ExposureView(QWidget):
    """Worked out when it is first looked at. `objectWanted` carries the object of a row that was selected."""

    objectWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ExposureRow] = []
        self.table = FittedTable(COLUMNS, (120, 70, 120, 120, 80), "Exposure", "No workload yet.")
        self._found: Reach | None = None
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show)
        bar = TableBar(self.table, "line", "lines")
        lead = QLabel(LEAD)
        set_role(lead, "muted")
        bar.add(lead)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(bar)
        column.addWidget(self.table, 1)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._select())

    def show_reach(self, found: Reach) -> None:
        """Nothing; shows another answer, at once where somebody looks."""
        self._found = found
        if self.isVisible():
            self._work_out()

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing; works out what is shown now."""
        super().showEvent(event)
        self._work_out()

    def _work_out(self) -> None:
        found, self._found = self._found, None
        if found is not None:
            ids = {peer.text: peer.id for peer in found.matrix.peers if not peer.is_range}
            self._jobs.start(lambda: exposure_rows(exposures(found), ids))

    def wait(self) -> bool:
        """Whether the work that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    @property
    def busy(self) -> bool:
        """Whether it is still being worked out."""
        return self._jobs.busy

    def _show(self, rows: list[ExposureRow]) -> None:
        self.rows = rows
        self.table.set_rows(rows)

    def _select(self) -> None:
        row = self.table.first_selected()
        if row is not None and row[5]:
            self.objectWanted.emit(row[5])
